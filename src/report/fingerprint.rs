//! What stays the same of a finding from one run to the next, so that a code host knows an old one again.

use crate::model::{Digest, Finding, GateId};
use std::collections::BTreeMap;

/// Gives each finding of a verdict its fingerprint, in the order of the verdict.
#[derive(Default)]
pub(super) struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    /// 32 hex digits, and behind a colon how many before it had the same: of the gate, the kind, the file, the value's place without
    /// positions in lists, and what was expected without digits. Lines, dates and what was measured move from run to run.
    pub(super) fn next(&mut self, gate: &GateId, finding: Option<&Finding>) -> String {
        let plain = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        let parts = finding.map(|finding| {
            let at = finding.at.as_ref();
            let steps: Vec<String> =
                at.and_then(|at| at.pointer.as_ref()).into_iter().flat_map(|pointer| pointer.steps()).collect();
            let keys: Vec<&str> = steps.iter().map(|step| if plain(step).is_empty() { "*" } else { step }).collect();
            let path = at.map(|at| at.path.clone()).unwrap_or_default();
            [finding.kind.to_string(), path, keys.join("/"), plain(&finding.expected)]
        });
        let text = format!("{gate}\n{}", parts.map(|parts| parts.join("\n")).unwrap_or_default());
        let mut digest = Digest::of(text.as_bytes()).to_string();
        digest.truncate(32);
        let before = self.0.entry(digest.clone()).or_default();
        *before += 1;
        format!("{digest}:{before}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Pointer, Where};

    #[test]
    fn what_moves_changes_no_fingerprint_and_what_differs_does() {
        let gate = GateId::try_from("a").expect("an id");
        let finding = |expected: &str, actual: &str, place| Finding::new("k", expected, actual).at(place);
        let at = |index: usize| Where::pointer("f.json", Pointer::root().key("cases").index(index).key("status"));
        let one = |finding: &Finding| Fingerprints::default().next(&gate, Some(finding));
        let base = one(&finding("before 2026-01-02", "7 ms", at(3)));
        assert_eq!(base, one(&finding("before 2026-11-30", "9 ms", at(12))));
        assert_eq!(one(&finding("x", "", Where::line("f", 3))), one(&finding("x", "", Where::line("f", 40))));
        let others = [
            finding("after 2026-01-02", "7 ms", at(3)),
            finding("before 2026-01-02", "7 ms", Where::pointer("g.json", Pointer::root())),
            Finding::new("other", "before 2026-01-02", "7 ms").at(at(3)),
        ];
        assert!(others.iter().all(|other| one(other) != base));
        let mut many = Fingerprints::default();
        let two = [0, 1].map(|n| many.next(&gate, Some(&finding("t1 passes", "no", at(n)))));
        assert!(two[0] != two[1] && two[1].ends_with(":2") && two[0].len() == 34, "{two:?}");
    }
}
