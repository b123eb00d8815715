//! Finds the parts of a text that only quote claims: `<!-- gatekeeper: claims off: REASON -->` to `<!-- gatekeeper: claims on -->`.
//!
//! In: a text. Out: what lies between, and every fence that is unsound. An unsound fence excuses nothing.

use std::ops::Range;

/// What is wrong with a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FenceFault {
    /// The line, from 1.
    pub line: u64,
    /// What a sound one is.
    pub expected: &'static str,
    /// What is there.
    pub actual: String,
}

/// A sound fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    /// Its bytes, both comments with them.
    pub(super) bytes: Range<usize>,
    /// Why what is in it is no claim, in the author's words.
    pub(super) reason: String,
}

/// The word of a comment.
enum Word<'t> {
    Off(&'t str),
    On,
    Other(&'t str),
}

fn word(comment: &str) -> Option<Word<'_>> {
    let rest = comment.trim().strip_prefix("gatekeeper:")?.trim();
    let Some(rest) = rest.strip_prefix("claims") else { return Some(Word::Other(rest)) };
    Some(match rest.trim() {
        "on" => Word::On,
        "off" => Word::Off(""),
        other => match other.strip_prefix("off").map(str::trim_start).and_then(|rest| rest.strip_prefix(':')) {
            Some(reason) => Word::Off(reason.trim()),
            None => Word::Other(other),
        },
    })
}

/// The sound fences, and the faults of the others. `line` tells the line of a byte.
pub(super) fn fences(text: &str, line: impl Fn(usize) -> u64) -> (Vec<Fence>, Vec<FenceFault>) {
    const ON: &str = "`<!-- gatekeeper: claims on -->` behind it";
    let (mut quoted, mut faults) = (Vec::new(), Vec::new());
    let mut open: Option<(usize, Option<&str>)> = None;
    let mut from = 0;
    while let Some(start) = text[from..].find("<!--").map(|at| from + at) {
        let Some(length) = text[start + 4..].find("-->") else { break };
        let (inner, end) = (&text[start + 4..start + 4 + length], start + 4 + length + 3);
        from = end;
        let mut fault = |at, expected, actual: &str| {
            faults.push(FenceFault { line: line(at), expected, actual: actual.to_owned() });
        };
        match (word(inner), open) {
            (None, _) => {}
            (Some(Word::Other(other)), _) => {
                let expected = "`gatekeeper: claims off: REASON` or `gatekeeper: claims on`";
                fault(start, expected, &format!("`gatekeeper: {other}`"));
            }
            (Some(Word::Off(reason)), None) => {
                // A reason is words; signs alone are none.
                let sound = reason.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
                if !sound {
                    fault(start, "a reason behind `claims off:`", "none");
                }
                open = Some((start, sound.then_some(reason)));
            }
            (Some(Word::Off(_)), Some((before, _))) => {
                fault(before, ON, "another `claims off`");
                // Neither is closed on its own, so the outer one excuses nothing.
                open = Some((start, None));
            }
            (Some(Word::On), Some((before, reason))) => {
                quoted.extend(reason.map(|reason| Fence { bytes: before..end, reason: reason.to_owned() }));
                open = None;
            }
            (Some(Word::On), None) => fault(start, "`<!-- gatekeeper: claims off: REASON -->` before it", "none"),
        }
    }
    if let Some((start, _)) = open {
        faults.push(FenceFault { line: line(start), expected: ON, actual: "the end of the text".to_owned() });
    }
    (quoted, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Vec<&str>, Vec<String>) {
        let line = |at: usize| text[..at].matches('\n').count() as u64 + 1;
        let (quoted, faults) = fences(text, line);
        let faults = faults.into_iter().map(|fault| format!("{}: {}", fault.line, fault.actual)).collect();
        (quoted.into_iter().map(|fence| &text[fence.bytes]).collect(), faults)
    }

    #[test]
    fn what_is_fenced_is_quoted() {
        let text = "a <!-- gatekeeper: claims off: quotes the policy -->b<!-- gatekeeper: claims on --> c <!-- else -->";
        let fenced = "<!-- gatekeeper: claims off: quotes the policy -->b<!-- gatekeeper: claims on -->";
        assert_eq!(told(text), (vec![fenced], vec![]));
    }

    #[test]
    fn unsound_fences_excuse_nothing() {
        let cases = [
            ("<!-- gatekeeper: claims off: the policy -->b", "1: the end of the text"),
            ("\n<!-- gatekeeper: claims off -->b<!-- gatekeeper: claims on -->", "2: none"),
            ("<!-- gatekeeper: claims off: - -->b<!-- gatekeeper: claims on -->", "1: none"),
            ("b\n<!-- gatekeeper: claims on -->", "2: none"),
            ("<!-- gatekeeper: claims of: x -->", "1: `gatekeeper: of: x`"),
            ("<!-- gatekeeper: claim off: x -->", "1: `gatekeeper: claim off: x`"),
            (
                "<!-- gatekeeper: claims off: one -->\n<!-- gatekeeper: claims off: two -->b<!-- gatekeeper: claims on -->",
                "1: another `claims off`",
            ),
        ];
        let mut looked = 0;
        for (text, fault) in cases {
            assert_eq!(told(text), (vec![], vec![fault.to_owned()]), "{text}");
            looked += 1;
        }
        assert_eq!(looked, 7);
    }
}
