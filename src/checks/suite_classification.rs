//! Asserts that every test file is in exactly one suite of the ledger, and that every file the ledger lists is there.
//!
//! The ledger lists stems (`[suite.unit] files = ["parser"]` for `tests/parser.rs`). `suites` names the suites that may be in it. With
//! `targets = true` the files are test targets of Cargo: `tests/parser/main.rs` is the target `parser`, as `tests/parser.rs` is, and
//! where both are there they share the name (`ambiguous-stem`).
//!
//! ```toml
//! [evidence.ledger]
//! path = "repo:tests/suite_classification.toml"
//! [evidence.files]
//! path = "repo:tests/{*,*/main}.rs"
//! format = "listing"
//!
//! [[check]]
//! kind = "suite-classification"
//! ledger = "ledger"
//! files = "files"
//! suites = ["unit", "vcr", "e2e"]
//! targets = true
//! ```
//!
//! Findings: `unclassified-file`, `classified-twice` (with both places), `no-such-file` (a listed stem without a file), `unknown-suite`,
//! `ambiguous-stem` (two files share it), `invalid-suite` (the ledger's `[suite.*]` cannot be read there). Errors: there are no
//! test files, or no ledger.

use super::tally::Tally;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::diagnostic::did_you_mean;
use crate::gate::{Admitted, Check, CheckKind, Declared, Doc, Place, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Outcome, Pointer, RelPath, Where};
use std::collections::BTreeMap;

/// The kind `suite-classification`.
pub static SUITE_CLASSIFICATION: CheckKind = CheckKind {
    id: "suite-classification",
    about: "every test file is in exactly one suite, and every listed file is there",
    docs: include_str!("suite_classification.rs"),
    parse,
};

struct SuiteClassification {
    ledger: EvidenceId,
    files: EvidenceId,
    suites: Vec<String>,
    targets: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("ledger", Stricter::Unclear),
        ("files", Stricter::Unclear),
        ("suites", Stricter::Fewer),
        ("targets", Stricter::Unclear),
    ]);
    let ledger = keys.required("ledger", "The ledger with `[suite.<name>]` tables.");
    let files = keys.required("files", "The test files, as a listing.");
    let suites: Option<Vec<String>> = keys.required("suites", "The suites that the ledger may have.");
    let targets = keys.optional("targets", "Whether `tests/<name>/main.rs` is called `<name>`, as Cargo calls it.");
    let suites = suites?;
    super::set_covers::once_each(keys, "suites", &suites)?;
    Some(Box::new(SuiteClassification { ledger: ledger?, files: files?, suites, targets: targets.unwrap_or(false) }))
}

/// A stem in the ledger: its suite and where it is listed.
type Listed<'l> = BTreeMap<String, Vec<(String, Where)>>;

impl SuiteClassification {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.ledger, &self.files])?;
        let mut tally = Tally::default();
        let ledgers = evidence.documents(&self.ledger)?;
        let mut listed = Listed::new();
        for doc in &ledgers {
            self.read(*doc, evidence, &mut listed, &mut tally);
        }
        let files = self.stems(evidence, &mut tally)?;
        let stem_places = ledgers[0].at(Pointer::root().key("suite"));
        for (stem, path) in &files {
            tally.examined();
            match listed.get(stem).map(Vec::as_slice) {
                None | Some([]) => {
                    let expected = format!("`{stem}` in one of the suites {}", self.known());
                    let finding = Finding::new("unclassified-file", expected, format!("`{path}` is in no suite"));
                    let finding = finding.saying(format!("`{path}` is in none of the suites {}", self.known()));
                    tally.find(finding.at(stem_places.clone()));
                }
                Some([_]) => {}
                Some([(suite, first), more @ ..]) => {
                    for (other, at) in more {
                        let actual = format!("`{stem}` in `{other}`, and in `{suite}` at {first}");
                        let message = format!("`{stem}` stands in `{other}`, and in `{suite}` at {first}");
                        let finding = Finding::new("classified-twice", "each file in one suite", actual).saying(message);
                        tally.find(finding.at(at.clone()));
                    }
                }
            }
        }
        for (stem, places) in listed.iter().filter(|(stem, _)| !files.contains_key(*stem)) {
            for (suite, at) in places {
                let actual = format!("`{stem}` in `{suite}`, and no such file");
                let message = format!("`{stem}` stands in the suite `{suite}`, and there is no such file");
                let finding = Finding::new("no-such-file", "stems of files that are there", actual).saying(message);
                tally.find(finding.at(at.clone()));
            }
        }
        // The listed stems are no test files: without any file there is nothing to classify, whatever the ledger says.
        Ok(tally.finish(|| ("at least one test file".to_owned(), Where::file(self.files.to_string()))))
    }

    fn known(&self) -> String {
        self.suites.iter().map(|suite| format!("`{suite}`")).collect::<Vec<_>>().join(", ")
    }

    fn read(&self, doc: Doc<'_>, evidence: &Admitted<'_>, listed: &mut Listed<'_>, tally: &mut Tally) {
        let ledger = evidence.context.ledger(doc.root);
        for problem in ledger.problems.iter().filter(|problem| problem.at.steps().next().as_deref() == Some("suite")) {
            let finding = Finding::new("invalid-suite", &*problem.expected, &*problem.actual);
            tally.find(finding.at(doc.at(problem.at.clone())));
        }
        for (suite, stems) in ledger.suites.0 {
            if !self.suites.contains(&suite) {
                let at = doc.at(Pointer::root().key("suite").key(&suite));
                let help = did_you_mean(&suite, self.suites.iter().map(String::as_str));
                let finding =
                    Finding::new("unknown-suite", format!("one of {}", self.known()), format!("`{suite}` ({help})"));
                let finding = finding.saying(format!("`{suite}` is no suite: {help}"));
                tally.find(finding.at(at));
            }
            for (stem, pointer) in stems {
                listed.entry(stem).or_default().push((suite.clone(), doc.at(pointer)));
            }
        }
    }

    /// The stems of the test files, each with its path.
    fn stems(&self, evidence: &Admitted<'_>, tally: &mut Tally) -> Result<BTreeMap<String, String>, Refused> {
        let mut stems: BTreeMap<String, String> = BTreeMap::new();
        for artifact in evidence.artifacts(&self.files)? {
            let names = match &artifact.content {
                Ok(Content::Listing(names)) => names.as_slice(),
                Ok(_) => std::slice::from_ref(&artifact.path.rel),
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            };
            for name in names {
                let stem = self.stem(name);
                match stems.get(stem) {
                    Some(other) if other != name.as_str() => {
                        let actual = format!("`{other}` and `{name}` share it");
                        let finding = Finding::new("ambiguous-stem", format!("one file for `{stem}`"), actual);
                        tally.find(finding.at(Where::file(name.as_str())));
                    }
                    Some(_) => {}
                    None => drop(stems.insert(stem.to_owned(), name.to_string())),
                }
            }
        }
        Ok(stems)
    }

    /// What the ledger calls a file.
    fn stem<'n>(&self, name: &'n RelPath) -> &'n str {
        let mut parts = name.as_str().rsplit('/');
        match (parts.next(), parts.next(), parts.next()) {
            // `tests/main.rs` itself is the target `main`; below a directory of the tests, the directory has the name.
            (Some("main.rs"), Some(directory), Some(_)) if self.targets => directory,
            _ => name.stem(),
        }
    }
}

impl Check for SuiteClassification {
    fn declares(&self) -> Vec<Declared> {
        vec![Declared::Value(Place::of(&self.ledger, "suite.*.files.*"))]
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.ledger.clone(), Use::Whole), (self.files.clone(), Use::Whole)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    fn told(ledger: &str, files: &[&str]) -> Vec<String> {
        let check = "kind = 'suite-classification'\nledger = 'l'\nfiles = 'f'\nsuites = ['unit', 'e2e']";
        Bench::new(check).json("l", ledger).listing("f", files).told()
    }

    const LEDGER: &str = r#"{"suite": {"unit": {"files": ["a", "b"]}, "e2e": {"files": ["c"]}}}"#;

    #[test]
    fn one_suite_each_passes() {
        assert_eq!(told(LEDGER, &["tests/a.rs", "tests/b.rs", "tests/c.rs"]), ["pass 3"]);
    }

    #[test]
    fn unclassified_twice_and_missing_files_are_found() {
        assert_eq!(
            told(LEDGER, &["tests/a.rs", "tests/c.rs", "tests/d.rs"]),
            [
                "unclassified-file l.json#/suite: `d` in one of the suites `unit`, `e2e` | `tests/d.rs` is in no suite",
                "no-such-file l.json#/suite/unit/files/1: stems of files that are there | `b` in `unit`, and no such file"
            ]
        );
        let twice = r#"{"suite": {"unit": {"files": ["a", "a"]}, "e2e": {"files": ["a"]}}}"#;
        assert_eq!(
            told(twice, &["tests/a.rs"]),
            [
                "classified-twice l.json#/suite/unit/files/0: each file in one suite | `a` in `unit`, and in `e2e` at l.json#/suite/e2e/files/0",
                "classified-twice l.json#/suite/unit/files/1: each file in one suite | `a` in `unit`, and in `e2e` at l.json#/suite/e2e/files/0"
            ]
        );
        let unclassified = told("{}", &["tests/a.rs"]);
        assert_eq!(
            unclassified,
            ["unclassified-file l.json#/suite: `a` in one of the suites `unit`, `e2e` | `tests/a.rs` is in no suite"]
        );
    }

    #[test]
    fn unsound_suites_are_found() {
        let ledger = r#"{"suite": {"units": {"files": ["a"]}, "e2e": {"files": "b"}}, "other": 1}"#;
        assert_eq!(
            told(ledger, &["tests/a.rs", "x/a.rs"]),
            [
                "invalid-suite l.json#/suite/e2e/files: a list of file stems | a string",
                "unknown-suite l.json#/suite/units: one of `unit`, `e2e` | `units` (did you mean `unit`?)",
                "ambiguous-stem x/a.rs: one file for `a` | `tests/a.rs` and `x/a.rs` share it"
            ]
        );
    }

    #[test]
    fn a_target_of_cargo_may_be_a_directory() {
        let told = |targets: bool, files: &[&str]| {
            let check = format!(
                "kind = 'suite-classification'\nledger = 'l'\nfiles = 'f'\nsuites = ['unit', 'e2e']\ntargets = {targets}"
            );
            Bench::new(&check).json("l", LEDGER).listing("f", files).told()
        };
        assert_eq!(told(true, &["tests/a.rs", "tests/b/main.rs", "tests/c/main.rs"]), ["pass 3"]);
        let unlisted = told(true, &["tests/a.rs", "tests/b.rs", "tests/c.rs", "tests/new/main.rs", "tests/main.rs"]);
        assert_eq!(
            unlisted,
            [
                "unclassified-file l.json#/suite: `main` in one of the suites `unit`, `e2e` | `tests/main.rs` is in no suite",
                "unclassified-file l.json#/suite: `new` in one of the suites `unit`, `e2e` | `tests/new/main.rs` is in no suite"
            ]
        );
        assert_eq!(
            told(true, &["tests/a.rs", "tests/a/main.rs", "tests/b.rs", "tests/c.rs"]),
            ["ambiguous-stem tests/a/main.rs: one file for `a` | `tests/a.rs` and `tests/a/main.rs` share it"]
        );
        assert_eq!(told(false, &["tests/a.rs", "tests/b.rs", "tests/c/main.rs"]).len(), 2);
    }

    #[test]
    fn no_test_files_is_an_error() {
        let empty = r#"{"suite": {"unit": {"files": []}}}"#;
        assert_eq!(told(empty, &[]), ["error empty f: at least one test file | nothing to examine"]);
    }
}
