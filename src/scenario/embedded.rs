//! The scenarios inside this binary, so that an installed gatekeeper can prove its promises anywhere.

use include_dir::{Dir, include_dir};

/// The golden scenarios, with the trees they start from.
pub static FIXTURES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/scenarios");

#[cfg(test)]
mod tests {
    use super::super::{Library, Tree};
    use super::*;

    #[test]
    fn what_is_embedded_is_what_is_on_the_disk() {
        let disk = Tree::from_disk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios"));
        // The macro does not see files that are added: touch this file after adding one.
        assert_eq!(Tree::from_embedded(&FIXTURES), disk);
    }

    #[test]
    fn every_embedded_case_can_be_read_and_applied() {
        let cases = Library::embedded().find(None).expect("embedded folders can be read");
        let mut seen = 0;
        for scenario in &cases.scenarios {
            let case = scenario.case.as_ref().unwrap_or_else(|problems| panic!("{problems}"));
            let base = case.base.as_ref().map(|base| cases.bases[base].clone().expect("the base is embedded too"));
            let mut tree = base.unwrap_or_default();
            tree.overlay(&scenario.own);
            for edit in &case.edits {
                edit.apply(&mut tree).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
            }
            seen += 1;
        }
        assert!(seen >= 20, "only {seen} scenarios");
    }
}
