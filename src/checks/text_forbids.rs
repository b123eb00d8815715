//! Asserts that no text matches a forbidden pattern: claims that are not certified, secrets in logs.
//!
//! Patterns are regular expressions, as a list or a parameter of the policy; `(?i)` ignores case. What matched is shown, but long words with digits in them only by their
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
//! `allowed`, patterns too, takes the findings from the lines that it matches: `retrying` behind a failure that is no last word.
//!
//! Findings: `forbidden-text`, each with its line, in the order of the text. Errors: a text is blank, unless `blank = true`, or the evidence is no text.

use super::tally::Tally;
use super::text::{self, Pattern, Patterns};
use crate::definition::{Keys, Stricter};
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
    patterns: Patterns,
    allowed: Option<Patterns>,
    blank: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let (evidence, patterns) = text::keys(keys, "The regular expressions that must not match anywhere.")?;
    keys.stricter(&[("allowed", Stricter::Unclear), ("blank", Stricter::False)]);
    let given = keys.span("allowed") != keys.here();
    let allowed = keys.optional("allowed", "The regular expressions of lines in which a match is no finding.");
    let blank =
        keys.or("blank", false, "Whether a text without anything in it is sound: it says nothing that is forbidden.");
    let refused = given && allowed.is_none();
    (!refused).then_some(Box::new(TextForbids { evidence, patterns, allowed, blank }))
}

impl TextForbids {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let patterns = self.patterns.of(evidence.context)?;
        let allowed = self.allowed.as_ref().map(|allowed| allowed.of(evidence.context)).transpose()?.unwrap_or_default();
        let mut tally = Tally::default();
        for (artifact, text) in text::texts(evidence, &self.evidence, self.blank, &mut tally)? {
            tally.examined();
            let mut matches: Vec<(usize, usize, &Pattern)> = Vec::new();
            for pattern in &patterns {
                matches.extend(pattern.0.find_iter(text).map(|found| (found.start(), found.end(), pattern)));
            }
            matches.retain(|(start, end, _)| {
                !allowed.iter().any(|Pattern(allowed)| allowed.is_match(lines_of(text, *start, *end)))
            });
            matches.sort_by_key(|(start, end, _)| (*start, *end));
            let (mut line, mut counted) = (1, 0);
            for (start, end, Pattern(pattern)) in matches {
                line += text[counted..start].matches('\n').count() as u64;
                counted = start;
                let expected = format!("no text that matches `{pattern}`");
                let finding = Finding::new("forbidden-text", expected, format!("`{}`", masked(&text[start..end])));
                let message = format!("`{}` must not stand in `{}`", masked(&text[start..end]), artifact.path.rel.name());
                tally.find(finding.saying(message).at(Where::line(&artifact.path.shown, line)));
            }
        }
        Ok(tally.finish(|| ("text".to_owned(), Where::file(self.evidence.to_string()))))
    }
}

/// The whole lines that a match lies in.
fn lines_of(text: &str, start: usize, end: usize) -> &str {
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
    &text[from..to]
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

    fn parameters(&self) -> Vec<String> {
        self.patterns.parameter().into_iter().chain(self.allowed.as_ref().and_then(Patterns::parameter)).collect()
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
    fn a_parameter_may_hold_the_patterns() {
        let told = |patterns: &str| {
            let check = "kind = 'text-forbids'\nevidence = 't'\npatterns = 'policy.banned'";
            Bench::new(check).parameter("banned", patterns).text("t", "a lost\n").told()
        };
        assert_eq!(told(r#"["lo.t"]"#), ["forbidden-text t.txt:1: no text that matches `lo.t` | `lost`"]);
        assert_eq!(told(r#"["found"]"#), ["pass 1"]);
        let mut refused = 0;
        for bad in ["[]", r#"["("]"#, r#"["a*"]"#, "[1]", "\"lost\""] {
            assert!(told(bad)[0].starts_with("error invalid policy bench#/banned"), "{bad}");
            refused += 1;
        }
        assert_eq!(refused, 5);
    }

    #[test]
    fn lines_may_be_allowed_and_texts_blank() {
        let told = |keys: &str, text: &str| {
            Bench::new(&format!("kind = 'text-forbids'\nevidence = 't'\npatterns = ['lost']\n{keys}"))
                .text("t", text)
                .told()
        };
        let allowed = "allowed = ['retrying']";
        assert_eq!(told(allowed, "a lost, retrying\n"), ["pass 1"]);
        let found = ["forbidden-text t.txt:2: no text that matches `lost` | `lost`"];
        assert_eq!(told(allowed, "a lost, retrying\nb lost\nretrying\n"), found);
        assert_eq!(told("blank = true", " \n"), ["pass 1"]);
        assert_eq!(told("blank = true", "\na lost"), found);
    }

    #[test]
    fn secrets_are_not_repeated() {
        assert_eq!(masked("token: ghp_0123456789abcdef"), "token: ghp_… (20 characters)");
        assert_eq!(masked("fully compatible replacement"), "fully compatible replacement");
    }
}
