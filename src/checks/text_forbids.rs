//! Asserts that no text matches a forbidden pattern: claims that are not certified, secrets in logs.
//!
//! Patterns are regular expressions; `(?i)` ignores case. What matched is shown, but long words with digits in them only by their
//! first letters, so that a secret in a log does not get into the verdict too.
//!
//! ```toml
//! [evidence.readme]
//! path = "repo:README.md"
//! format = "text"
//!
//! [[check]]
//! kind = "text-forbids"
//! evidence = "readme"
//! patterns = ["(?i)drop-in replacement", "(?i)fully compatible"]
//! ```
//!
//! Findings: `forbidden-text`, each with its line, in the order of the text. Errors: a text is blank, or the evidence is no text.

use super::tally::Tally;
use super::text::{self, Pattern};
use crate::definition::Keys;
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};

/// The kind `text-forbids`.
pub static TEXT_FORBIDS: CheckKind = CheckKind {
    id: "text-forbids",
    about: "no text matches a forbidden pattern",
    docs: include_str!("text_forbids.rs"),
    parse,
};

struct TextForbids {
    evidence: EvidenceId,
    patterns: Vec<Pattern>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let (evidence, patterns) = text::keys(keys, "The regular expressions that must not match anywhere.")?;
    Some(Box::new(TextForbids { evidence, patterns }))
}

impl TextForbids {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        for (artifact, text) in text::texts(evidence, &self.evidence, &mut tally)? {
            tally.examined();
            let mut matches: Vec<(usize, usize, &Pattern)> = Vec::new();
            for pattern in &self.patterns {
                matches.extend(pattern.0.find_iter(text).map(|found| (found.start(), found.end(), pattern)));
            }
            matches.sort_by_key(|(start, end, _)| (*start, *end));
            let (mut line, mut counted) = (1, 0);
            for (start, end, Pattern(pattern)) in matches {
                line += text[counted..start].matches('\n').count() as u64;
                counted = start;
                let expected = format!("no text that matches `{pattern}`");
                let finding = Finding::new("forbidden-text", expected, format!("`{}`", masked(&text[start..end])));
                tally.find(finding.at(Where::line(&artifact.path.shown, line)));
            }
        }
        Ok(tally.finish(|| ("text".to_owned(), Where::file(self.evidence.to_string()))))
    }
}

/// The match, at most 120 characters, with words that may be secrets cut to their first four letters.
fn masked(found: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-' | '.' | '=');
    let mut out = String::new();
    let mut rest = found;
    while let Some(first) = rest.chars().next() {
        let same = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(same);
        if is_word(first) && word.len() >= 12 && word.contains(|c: char| c.is_ascii_digit()) {
            out.push_str(&format!("{}… ({} characters)", &word[..4], word.len()));
        } else {
            out.push_str(word);
        }
        rest = tail;
    }
    if out.chars().count() > 120 { out.chars().take(119).chain(['…']).collect() } else { out }
}

impl Check for TextForbids {
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
    use super::masked;

    fn told(text: &str) -> Vec<String> {
        Bench::new("kind = 'text-forbids'\nevidence = 't'\npatterns = ['(?i)drop-in', 'key=\\S+']").text("t", text).told()
    }

    #[test]
    fn matches_come_with_their_lines() {
        assert_eq!(told("all is well\n"), ["pass 1"]);
        assert_eq!(
            told("a key=1\n\nDrop-in, drop-in\n"),
            [
                r"forbidden-text t.txt:1: no text that matches `key=\S+` | `key=1`",
                "forbidden-text t.txt:3: no text that matches `(?i)drop-in` | `Drop-in`",
                "forbidden-text t.txt:3: no text that matches `(?i)drop-in` | `drop-in`"
            ]
        );
        assert_eq!(told(""), ["error empty t.txt: text | nothing to examine"]);
    }

    #[test]
    fn secrets_are_not_repeated() {
        assert_eq!(masked("token: ghp_0123456789abcdef"), "token: ghp_… (20 characters)");
        assert_eq!(masked("fully compatible replacement"), "fully compatible replacement");
    }
}
