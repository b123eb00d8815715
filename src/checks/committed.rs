//! Asserts that files are committed: their bytes are the same in the commit under judgement, in the index and in the work tree.
//!
//! A ledger or baseline that differs from the commit could have been edited for this one verdict.
//!
//! ```toml
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//!
//! [[check]]
//! kind = "committed"
//! evidence = "ledger"
//! ```
//!
//! Findings: `not-committed` (with where it differs), `missing-file`, `unreadable-file`. Errors: git cannot tell (no repository, or it cannot be
//! read), or there is no file at all.

use super::present::absent_file;
use super::tally::Tally;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{Committed, EvidenceId, Finding, Gap, GapKind, Outcome, Where};

/// The kind `committed`.
pub static COMMITTED: CheckKind = CheckKind {
    id: "committed",
    about: "files have the same bytes in the commit, the index and the work tree",
    docs: include_str!("committed.rs"),
    parse,
};

struct IsCommitted {
    evidence: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("evidence", Stricter::Unclear)]);
    let evidence = keys.required("evidence", "The evidence whose files must be committed.")?;
    Some(Box::new(IsCommitted { evidence }))
}

impl IsCommitted {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        for artifact in evidence.artifacts(&self.evidence)? {
            tally.examined();
            let at = Where::file(&artifact.path.shown);
            let expected = "the same bytes in the commit, the index and the work tree";
            match (&artifact.content, &artifact.committed) {
                (Err(gap), _) => tally.find(absent_file(gap)),
                (Ok(_), Some(Committed::Same)) => {}
                (Ok(_), Some(Committed::Differs(phrase))) => {
                    let message = format!("`{}` is not as it was committed: {phrase}", artifact.path.rel);
                    let finding = Finding::new("not-committed", expected, phrase.as_str()).saying(message).at(at);
                    tally.find(finding.next(format!("Commit `{}`, or restore it.", artifact.path.rel)));
                }
                (Ok(_), Some(Committed::Unknown(phrase))) => {
                    tally.gap(Gap::new(GapKind::Unreadable, at, expected, phrase.as_str()));
                }
                (Ok(_), None) => tally.gap(Gap::new(GapKind::Unreadable, at, expected, "git was not asked")),
            }
        }
        Ok(tally.finish(|| ("at least one file".to_owned(), Where::file(self.evidence.to_string()))))
    }
}

impl Check for IsCommitted {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.evidence.clone(), Use::Committed)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::{Committed, GapKind};

    fn told(committed: Option<Committed>) -> Vec<String> {
        Bench::new("kind = 'committed'\nevidence = 'l'").bytes("l", "l.toml", 5).in_git("l", committed).told()
    }

    #[test]
    fn only_the_same_bytes_pass() {
        const WANT: &str = "the same bytes in the commit, the index and the work tree";
        assert_eq!(told(Some(Committed::Same)), ["pass 1"]);
        let differs = told(Some(Committed::Differs("the index differs".to_owned())));
        assert_eq!(differs, [format!("not-committed l.toml: {WANT} | the index differs")]);
        let unknown = told(Some(Committed::Unknown("no repository".to_owned())));
        assert_eq!(unknown, [format!("error unreadable l.toml: {WANT} | no repository")]);
        assert_eq!(told(None), [format!("error unreadable l.toml: {WANT} | git was not asked")]);
    }

    #[test]
    fn no_file_never_passes() {
        let check = "kind = 'committed'\nevidence = 'l'";
        let missing = Bench::new(check).damaged("l", "l.toml", GapKind::Missing).told();
        assert_eq!(missing, ["missing-file l.toml: a sound file | damaged"]);
        assert_eq!(Bench::new(check).nothing("l").told(), ["error empty l: at least one file | none"]);
    }
}
