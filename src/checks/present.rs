//! Asserts that each file of the evidence is there, is a regular file and is not too small.
//!
//! An empty log proves nothing, so a file of no bytes does not count unless `min_bytes = 0`. Files that another document names
//! (`from = ...`) are judged one by one: each missing one is a finding.
//!
//! ```toml
//! [evidence.logs]
//! from = "summary.suites[*].log_file"
//! base = "run"
//! format = "bytes"
//!
//! [[check]]
//! kind = "present"
//! evidence = "logs"
//! min_bytes = 1
//! ```
//!
//! With `missing = "error"` a file that is not there is missing evidence (exit code 3) and no finding: it was to be written, and was not.
//!
//! Findings: `missing-file`, `unreadable-file` (it is there and cannot be read, or is no regular file), `too-small`; a file that is
//! there and damaged is named for its damage (`malformed`, `over-limit`). Errors: no file is named at all, or the evidence is a
//! listing, whose files are not opened.

use super::tally::Tally;
use crate::definition::{Keys, Kind, Raw, Stricter, choice};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Gap, GapKind, Outcome, Where};

/// The kind `present`.
pub static PRESENT: CheckKind = CheckKind {
    id: "present",
    about: "each file is there, regular and not too small",
    docs: include_str!("present.rs"),
    parse,
};

struct Present {
    evidence: EvidenceId,
    min_bytes: u64,
    /// Whether a file that is not there is missing evidence.
    missing_is_error: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("evidence", Stricter::Unclear), ("min_bytes", Stricter::Higher), ("missing", Stricter::Unclear)]);
    let evidence = keys.required("evidence", "The evidence whose files must be there.");
    let min_bytes = keys.or("min_bytes", 1, "The size that each file must have at least, in bytes.");
    let words = Kind::Choice(vec!["find", "error"]);
    let doc = "What a file that is not there is: a finding (`find`, the default), or missing evidence (`error`).";
    let read = |raw: Raw<'_>| choice(raw, &[("find", false), ("error", true)]);
    let missing = keys.custom("missing", false, words, doc, read);
    let refused = missing.is_none() && keys.span("missing") != keys.here();
    let check = Present { evidence: evidence?, min_bytes, missing_is_error: missing.unwrap_or(false) };
    (!refused).then_some(Box::new(check))
}

/// The finding for a file that cannot be looked at.
pub(super) fn absent_file(gap: &Gap) -> Finding {
    let kind = match gap.kind {
        GapKind::Missing => "missing-file",
        GapKind::Unreadable => "unreadable-file",
        GapKind::Malformed
        | GapKind::Invalid
        | GapKind::Stale
        | GapKind::Unbound
        | GapKind::OverLimit
        | GapKind::Empty
        | GapKind::Undecided => gap.kind.word(),
    };
    gap.finding_of(kind)
}

impl Present {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        for artifact in evidence.artifacts(&self.evidence)? {
            let at = Where::file(&artifact.path.shown);
            match &artifact.content {
                Err(gap) if self.missing_is_error && gap.kind == GapKind::Missing => tally.gap(gap.clone()),
                Err(gap) => tally.find(absent_file(gap)),
                Ok(Content::Listing(_)) => {
                    tally.gap(Gap::new(GapKind::Invalid, at, "files that are opened", "a listing of names"));
                }
                Ok(_) if artifact.size < self.min_bytes => {
                    let expected = format!("at least {} bytes", self.min_bytes);
                    let message = format!(
                        "`{}` has {} bytes, at least {} are asked for",
                        artifact.path.rel, artifact.size, self.min_bytes
                    );
                    let finding = Finding::new("too-small", expected, format!("{} bytes", artifact.size));
                    tally.find(finding.saying(message).at(at));
                }
                Ok(_) => {}
            }
            tally.examined();
        }
        Ok(tally.finish(|| ("at least one file".to_owned(), Where::file(self.evidence.to_string()))))
    }
}

impl Check for Present {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.evidence.clone(), Use::Whole)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'present'\nevidence = 'logs'\n";

    #[test]
    fn a_file_that_is_not_there_may_be_missing_evidence() {
        let bench = |missing: &str| {
            let check = format!("{CHECK}missing = '{missing}'\n");
            Bench::new(&check).damaged("logs", "a.log", GapKind::Missing).told()
        };
        assert_eq!(bench("find"), ["missing-file a.log: a sound file | damaged"]);
        assert_eq!(bench("error"), ["error missing a.log: a sound file | damaged"]);
        let cut = Bench::new(&format!("{CHECK}missing = 'error'\n")).damaged("logs", "a.log", GapKind::Malformed).told();
        assert_eq!(cut, ["malformed a.log: a sound file | damaged"]);
    }

    #[test]
    fn files_that_are_there_pass() {
        assert_eq!(Bench::new(CHECK).bytes("logs", "a.log", 1).bytes("logs", "b.log", 9).told(), ["pass 2"]);
    }

    #[test]
    fn an_empty_or_missing_file_is_found() {
        let told = Bench::new(CHECK)
            .bytes("logs", "a.log", 0)
            .damaged("logs", "b.log", GapKind::Missing)
            .damaged("logs", "c", GapKind::Unreadable)
            .told();
        assert_eq!(
            told,
            [
                "too-small a.log: at least 1 bytes | 0 bytes",
                "missing-file b.log: a sound file | damaged",
                "unreadable-file c: a sound file | damaged"
            ]
        );
        let allowed = format!("{CHECK}min_bytes = 0");
        assert_eq!(Bench::new(&allowed).bytes("logs", "a.log", 0).told(), ["pass 1"]);
    }

    #[test]
    fn no_file_at_all_is_an_error() {
        assert_eq!(Bench::new(CHECK).nothing("logs").told(), ["error empty logs: at least one file | none"]);
        assert_eq!(Bench::new(CHECK).absent("logs").told(), ["skip logs is absent"]);
        assert_eq!(Bench::new(CHECK).gap("logs", GapKind::Missing).told(), ["error missing logs: a file | nothing"]);
        let listed = Bench::new(CHECK).listing("logs", &["a.log"]).told();
        assert_eq!(listed, ["error invalid logs: files that are opened | a listing of names"]);
    }
}
