//! The scenarios inside this binary, so that an installed gatekeeper can prove its promises anywhere.

use include_dir::{Dir, include_dir};

/// The golden scenarios, with the trees they start from.
pub static FIXTURES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/scenarios");

#[cfg(test)]
mod tests {
    use super::super::Tree;
    use super::*;

    #[test]
    fn what_is_embedded_is_what_is_on_the_disk() {
        let disk = Tree::from_disk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios"));
        // The macro does not see files that are added: touch this file after adding one.
        assert_eq!(Tree::from_embedded(&FIXTURES), disk);
    }
}
