//! Asserts that texts hold every required pattern: each text each of them.
//!
//! Patterns are regular expressions; `(?i)` ignores case, `(?m)` lets `^` and `$` match at lines.
//!
//! ```toml
//! [evidence.notes]
//! path = "repo:docs/release-notes.md"
//! format = "text"
//!
//! [[check]]
//! kind = "text-requires"
//! evidence = "notes"
//! patterns = ["(?m)^## Known limits$", "(?i)not certified"]
//! ```
//!
//! Findings: `missing-text`. Errors: a text is blank, or the evidence is no text.

use super::tally::Tally;
use super::text::{self, Pattern, Patterns};
use crate::definition::Keys;
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};

/// The kind `text-requires`.
pub static TEXT_REQUIRES: CheckKind = CheckKind {
    id: "text-requires",
    about: "texts hold every required pattern",
    docs: include_str!("text_requires.rs"),
    parse,
};

struct TextRequires {
    evidence: EvidenceId,
    patterns: Patterns,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let (evidence, patterns) = text::keys(keys, "The regular expressions that must each match.")?;
    Some(Box::new(TextRequires { evidence, patterns }))
}

impl TextRequires {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let patterns = self.patterns.of(evidence.context)?;
        let mut tally = Tally::default();
        for (artifact, text) in text::texts(evidence, &self.evidence, false, &mut tally)? {
            for Pattern(pattern) in &patterns {
                tally.examined();
                if !pattern.is_match(text) {
                    let finding = Finding::new("missing-text", format!("text that matches `{pattern}`"), "no match");
                    let message =
                        format!("`{}` does not say what it must (`-v` shows the pattern)", artifact.path.rel.name());
                    tally.find(finding.saying(message).at(Where::file(&artifact.path.shown)));
                }
            }
        }
        Ok(tally.finish(|| ("text".to_owned(), Where::file(self.evidence.to_string()))))
    }
}

impl Check for TextRequires {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.evidence.clone(), Use::Whole)]
    }

    fn parameters(&self) -> Vec<String> {
        self.patterns.parameter().into_iter().collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};

    fn told(text: &str) -> Vec<String> {
        Bench::new("kind = 'text-requires'\nevidence = 't'\npatterns = ['(?m)^## Limits$', '(?i)beta']")
            .text("t", text)
            .told()
    }

    #[test]
    fn every_pattern_must_match() {
        assert_eq!(told("Beta\n## Limits\nfew\n"), ["pass 2"]);
        assert_eq!(told("beta ## Limits"), ["missing-text t.txt: text that matches `(?m)^## Limits$` | no match"]);
    }

    #[test]
    fn blank_text_is_an_error() {
        assert_eq!(told(" \n"), ["error empty t.txt: text | nothing to examine"]);
        let bytes = Bench::new("kind = 'text-requires'\nevidence = 't'\npatterns = ['a']").bytes("t", "t.bin", 3).told();
        assert_eq!(bytes, [r#"error invalid t.bin: text | bytes (as text: `format = "text"`)"#]);
    }

    #[test]
    fn bad_patterns_are_refused() {
        let check =
            |patterns: &str| refused(&format!("kind = 'text-requires'\nevidence = 't'\npatterns = {patterns}"), &["t"]);
        assert_eq!(check("['(']"), ["expression: `patterns`: not a regular expression: unclosed group"]);
        assert_eq!(check("['a*']"), ["vacuous: `patterns`: the pattern matches the empty text, so it is in any text"]);
        assert_eq!(check("[]"), ["wrong-type: `patterns`: must not be empty"]);
    }
}
