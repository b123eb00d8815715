//! Asserts that nothing in a set of files looks like a secret.
//!
//! `evidence` is read with `format = "lines"`, so files of any kind and size are looked at in constant memory. Known are the tokens of the
//! big forges, registries, clouds and services by their shape (a table, `src/model/secret/shapes.rs`), JSON web tokens, private keys,
//! `Authorization` headers with any scheme, cookies, `--token X`, `curl -u user:X`, passwords and signatures in URLs, and values of secret names
//! (`DB_PASSWORD=...`, `"api_key": "..."`). A colour code, an escape of JSON, of a URL or of markup, `_` or a letter before or inside a
//! token hides it from nobody. What stands for another value (`${TOKEN}`, `***`, `example`) is none, and excuses nothing that stands
//! beside it.
//!
//! A policy or `gatekeeper.toml` adds shapes of its own, which are hidden in every output too:
//!
//! ```text
//! [secret.acme]
//! title      = "Acme key"
//! begins     = ["acme_live_", "acme_test_"]
//! characters = "alphanumeric"
//! least      = 24
//! ```
//!
//! ```toml
//! [evidence.artifacts]
//! path = "run:**"
//! pick = "all"
//! format = "lines"
//!
//! [[check]]
//! kind = "no-secrets"
//! evidence = "artifacts"
//! ```
//!
//! A finding tells file, line, class and length, and never the value; every output is redacted besides.
//!
//! Findings: `secret`. Errors: the files were not read as lines, or cannot be read.

use super::tally::Tally;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Context, Fold, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Gap, GapKind, Node, Outcome, SecretShapes, Where};
use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The kind `no-secrets`.
pub static NO_SECRETS: CheckKind = CheckKind {
    id: "no-secrets",
    about: "nothing in a set of files looks like a secret",
    docs: include_str!("no_secrets.rs"),
    parse,
};

struct NoSecrets {
    evidence: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("evidence", Stricter::Unclear)]);
    let evidence = keys.required("evidence", "The files, read with `format = \"lines\"`.");
    Some(Box::new(NoSecrets { evidence: evidence? }))
}

impl NoSecrets {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        for artifact in evidence.artifacts(&self.evidence)? {
            if !matches!(artifact.content, Ok(Content::Records(_))) {
                let at = Where::file(&artifact.path.shown);
                tally.gap(Gap::new(
                    GapKind::Invalid,
                    at,
                    "a file that is read with `format = \"lines\"`",
                    "something else",
                ));
            }
        }
        for (artifact, found) in evidence.folded::<Tally>(&self.evidence)? {
            tally.examined();
            tally.take(found, |at| Where { path: artifact.path.shown.clone(), ..at });
        }
        Ok(tally.finish(|| (format!("files of `{}`", self.evidence), Where::file(self.evidence.to_string()))))
    }
}

impl Check for NoSecrets {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.evidence.clone(), Use::Stream)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }

    fn fold(&self, evidence: &EvidenceId, context: &Context) -> Option<Box<dyn Fold>> {
        let shapes = context.policy.secrets.clone();
        let lines = || Lines { shapes, tally: Tally::default(), line: 0, classes: BTreeSet::new() };
        (*evidence == self.evidence).then(|| Box::new(lines()) as Box<dyn Fold>)
    }
}

/// What was found so far. A long line comes in pieces that overlap, so each class is told once a line.
struct Lines {
    shapes: SecretShapes,
    tally: Tally,
    line: u64,
    classes: BTreeSet<Cow<'static, str>>,
}

impl Fold for Lines {
    fn record(&mut self, line: u64, record: Node<'_>) {
        if line != self.line {
            self.line = line;
            self.classes.clear();
        }
        let Some(text) = record.text() else {
            let gap = Gap::new(GapKind::Invalid, Where::line("", line), "a line of text", record.type_name());
            return self.tally.gap(gap);
        };
        for secret in self.shapes.secrets(text) {
            let actual = format!("something like a {} of {} characters", secret.class, secret.range.len());
            if self.classes.insert(secret.class) {
                let message = format!("line {line} holds {actual}");
                self.tally.find(Finding::new("secret", "no secret", actual).saying(message).at(Where::line("", line)));
            }
        }
    }

    fn wants(&self, line: &[u8]) -> bool {
        self.shapes.may_be_in(line)
    }

    fn finish(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        Box::new(self.tally)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;

    fn told(lines: &[&str]) -> Vec<String> {
        let records: String = lines.iter().map(|line| format!("{}\n", serde_json::Value::from(*line))).collect();
        Bench::new("kind = 'no-secrets'\nevidence = 'f'").jsonl("f", &records).told()
    }

    #[test]
    fn the_place_and_never_the_value_is_told() {
        let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6");
        let lines = told(&["all is well", &format!("pushed with {token}, then {token}"), "test a ... ok"]);
        assert_eq!(lines, ["secret f.jsonl:2: no secret | something like a GitHub token of 40 characters"]);
        assert_eq!(told(&["nothing", "to", "see"]), ["pass 1"]);
        assert_eq!(told(&[]), ["pass 1"]);
    }

    #[test]
    fn files_of_another_format_are_not_passed_over() {
        let document = Bench::new("kind = 'no-secrets'\nevidence = 'f'").json("f", "{}").told();
        assert!(document[0].starts_with("error invalid f.json: "), "{document:?}");
        let records = Bench::new("kind = 'no-secrets'\nevidence = 'f'").jsonl("f", "{\"a\": 1}\n").told();
        assert!(records[0].starts_with("error invalid f.jsonl:1: a line of text"), "{records:?}");
    }
}
