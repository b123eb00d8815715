//! Asserts that the narrative of a report says nothing else than its counts.
//!
//! A report is Markdown with front matter (`format = "front-matter"`). Its fields are canonical: `tcs-passed`, `tcs-failed`, `tcs-total` and
//! `failed[].tc`. Its body is never believed; where it plainly says otherwise, that is a finding with the line, since people read
//! the body.
//!
//! ```toml
//! [evidence.reports]
//! path = "run:**/report.md"
//! format = "front-matter"
//! pick = "all"
//!
//! [[check]]
//! kind = "narrative-agrees"
//! reports = "reports"
//! ```
//!
//! What counts as said, in any case, with emphasis taken away:
//!
//! | the body says | contradicts |
//! |---|---|
//! | `all test cases passed`, `everything passed`, `every test passes`, `all tests are green` | any failed case |
//! | `no test cases failed`, `no failures`, `without failures` | any failed case |
//! | a line that is `Verdict: PASS`, or so with `Status`, `Result`, `Outcome` | any failed case |
//! | a line that is `Verdict: FAIL` and so on | no failed case |
//! | `all test cases failed` | any passed case |
//! | `2 of 3 test cases passed`, `2/3 tests passed`, `3 TCs failed`, `TCs passed: 2` | other counts |
//! | `TC-002: PASS`, `TC-002 - failed`, a row of a table with it | a case that is, or is not, among `failed` |
//!
//! The nouns are test cases, cases, tests and TCs; `41 examples passed` speaks of something else. Lines in fenced code,
//! block quotes and code spans of several words are somebody else's and say nothing. Neither does a sentence with `not`, `n't`, `never`, `if`,
//! `unless`, `until`, `when`, `whether`, `should`, `must`, `expected` or `previous` before the claim. Lines about single cases count only where the front
//! matter names one `scenario`.
//!
//! Findings: `narrative-contradiction`, `missing-field`, `wrong-type`. Errors: there are no reports.

use super::markdown::{codes, lines};
use super::tally::Tally;
use super::values::{Value, admit};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Doc, Refused, Use};
use crate::model::{EvidenceId, Finding, Node, Outcome, Pointer, Where};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The kind `narrative-agrees`.
pub static NARRATIVE_AGREES: CheckKind = CheckKind {
    id: "narrative-agrees",
    about: "the narrative of a report says nothing else than its counts",
    docs: include_str!("narrative_agrees.rs"),
    parse,
};

struct NarrativeAgrees {
    reports: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("reports", Stricter::Unclear)]);
    let reports = keys.required("reports", "The reports, as front matter.")?;
    Some(Box::new(NarrativeAgrees { reports }))
}

/// What the fields of a report say.
struct Canonical {
    passed: i128,
    failed: i128,
    total: i128,
    /// The failed cases, where the report is of one scenario.
    cases: Option<BTreeSet<String>>,
}

/// What a claim says.
#[derive(Clone, Copy)]
enum Claim {
    NoneFailed,
    SomeFailed,
    NonePassed,
    /// So many passed, perhaps of so many.
    Passed,
    /// So many failed, perhaps of so many.
    Failed,
}

static CLAIMS: LazyLock<Vec<(Regex, Claim)>> = LazyLock::new(|| {
    let noun = r"(?:test[ -]?cases?|cases|tests?|tcs?)";
    let passed = r"(?:pass(?:ed|es|ing)?|succeed(?:ed|s)?|(?:were |are )?(?:successful|green))";
    let failed = r"(?:fail(?:ed|s|ing|ures?)?)";
    let verdict = r"^[\s|#\->+]*(?:\d+[.)]\s+)?(?:overall |final )?(?:verdict|status|result|outcome)\s*[:=|]\s*";
    let bare = [
        (format!(r"\b(?:all|every)(?: of)?(?: the)?(?: \d+)? {noun} (?:have |has )?{passed}\b"), Claim::NoneFailed),
        (format!(r"\b(?:everything|all) (?:has )?{passed}\b"), Claim::NoneFailed),
        (format!(r"\b(?:no|zero|without)(?: any)? (?:{noun} )?{failed}\b"), Claim::NoneFailed),
        (format!(r"{verdict}(?:✅\s*)?(?:pass|passed|success|successful|green|ok)[\s|.!✅]*$"), Claim::NoneFailed),
        (format!(r"{verdict}(?:❌\s*)?(?:fail|failed|failure|red)[\s|.!❌]*$"), Claim::SomeFailed),
        (format!(r"\ball(?: of)?(?: the)?(?: \d+)? {noun} (?:have )?failed\b"), Claim::NonePassed),
        (format!(r"(?:\b(\d+) ?(?:of|/|out of) ?(?:the )?)?\b(\d+) {noun} (?:have )?{passed}\b"), Claim::Passed),
        (format!(r"(?:\b(\d+) ?(?:of|/|out of) ?(?:the )?)?\b(\d+) {noun} (?:have )?{failed}\b"), Claim::Failed),
        (format!(r"\b{noun}[ -]passed\s*[:=|]\s*(\d+)\b"), Claim::Passed),
        (format!(r"\b{noun}[ -]failed\s*[:=|]\s*(\d+)\b"), Claim::Failed),
    ];
    bare.map(|(pattern, claim)| (Regex::new(&pattern).expect("a sound pattern"), claim)).to_vec()
});

/// A line about one case, with its verdict.
static CASE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\btc-(\d{3,})\b[^:|\n]{0,60}?\s*(?:[:|]|\s[-–—]\s|\bhas\b|\bis\b)[\s|]*(?:✅|❌)?\s*(passed|passes|pass|ok|failed|fails|fail)\b";
    Regex::new(pattern).expect("a sound pattern")
});

/// What takes the meaning out of a claim behind it in the same sentence.
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\b(?:not|never|if|unless|until|when|whether|should|must|expected|previous|previously)\b|n't\b|n’t\b";
    Regex::new(pattern).expect("a sound pattern")
});

impl NarrativeAgrees {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.reports])?;
        let mut tally = Tally::default();
        for doc in evidence.documents(&self.reports)? {
            if let Some((canonical, body, line)) = canonical(doc, &mut tally) {
                tally.examined();
                read(&canonical, body, line, &doc.artifact.path.shown, &mut tally);
            }
        }
        Ok(tally.finish(|| ("at least one report".to_owned(), Where::file(self.reports.to_string()))))
    }
}

fn canonical<'a>(doc: Doc<'a>, tally: &mut Tally) -> Option<(Canonical, &'a str, u64)> {
    let root = Value { node: doc.root, at: doc.at(Pointer::root()) };
    let mut field = |value: &Value<'a>, key: &str| {
        let found = value.get(key);
        if found.is_none() {
            let finding = Finding::new("missing-field", format!("a value at `{key}`"), "nothing");
            tally.find(finding.at(value.at_key(key)));
        }
        found
    };
    let (fields, body, line) = (field(&root, "fields")?, field(&root, "body")?, field(&root, "body_line")?);
    let counts = ["tcs-passed", "tcs-failed", "tcs-total"].map(|key| field(&fields, key));
    let failed = field(&fields, "failed")?;
    let mut integer = |value: Option<Value<'a>>| {
        let value = value?;
        let number = value.node.number().and_then(|number| number.as_integer());
        if number.is_none() {
            tally.find(value.wrong_type("a number of cases"));
        }
        number
    };
    let [passed, failing, total] = counts.map(&mut integer);
    let line = integer(Some(line)).and_then(|line| u64::try_from(line).ok())?;
    let of_one = fields.get("scenario").is_some();
    let cases = failed.node.items().filter_map(|entry| entry.get("tc").and_then(Node::text)).map(str::to_lowercase);
    let canonical = Canonical { passed: passed?, failed: failing?, total: total?, cases: of_one.then(|| cases.collect()) };
    Some((canonical, body.node.text()?, line))
}

/// Reads a body that begins on a line of its file.
fn read(canonical: &Canonical, body: &str, first: u64, shown: &str, tally: &mut Tally) {
    for line in lines(body).into_iter().filter(|line| !line.fenced && !line.text.trim_start().starts_with('>')) {
        let text = plain(line.text);
        let negations = Negations::of(&text);
        let at = || Where::line(shown, first + line.number - 1);
        let mut said = Vec::new();
        for (pattern, claim) in CLAIMS.iter() {
            for found in pattern.captures_iter(&text) {
                let whole = found.get(0).expect("the whole match");
                let numbers: Vec<i128> =
                    found.iter().skip(1).flatten().filter_map(|number| number.as_str().parse().ok()).collect();
                if !negations.hold_at(whole.start()) && contradicts(canonical, *claim, &numbers) {
                    said.push(whole.as_str().trim().to_owned());
                }
            }
        }
        for found in CASE.captures_iter(&text) {
            let Some(cases) = &canonical.cases else { continue };
            let (case, verdict) = (format!("tc-{}", &found[1]), &found[2]);
            let whole = found.get(0).expect("the whole match");
            if !negations.hold_at(whole.start()) && verdict.starts_with("fail") != cases.contains(&case) {
                said.push(whole.as_str().trim().to_owned());
            }
        }
        said.dedup();
        for words in said {
            let Canonical { passed, failed, total, .. } = canonical;
            let expected = format!("what the front matter says: {passed} passed, {failed} failed, {total} in all");
            let shown = words.chars().take(100).collect::<String>();
            tally.find(Finding::new("narrative-contradiction", expected, format!("`{shown}`")).at(at()));
        }
    }
}

/// The line in small letters, without emphasis, with code spans blanked.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    for code in codes(line) {
        out.push_str(&line[from..code.start]);
        // An id or a single word between backticks is the author's own; longer code is quoted.
        out.push_str(if code.text.contains(char::is_whitespace) { "…" } else { code.text });
        from = code.end;
    }
    out.push_str(&line[from..]);
    out.replace(['*', '`'], "").replace("__", "").to_lowercase()
}

/// Where the sentences of a line end, and where words take the meaning out of what follows. A line can be as long as its file.
struct Negations {
    sentences: Vec<usize>,
    words: Vec<(usize, usize)>,
}

impl Negations {
    fn of(text: &str) -> Self {
        let sentences = text.match_indices(['.', ';', '!', '?']).map(|(at, _)| at + 1).collect();
        let words = NEGATION.find_iter(text).map(|word| (word.start(), word.end())).collect();
        Self { sentences, words }
    }

    /// Whether the sentence says before this place that it means something else.
    fn hold_at(&self, at: usize) -> bool {
        let ended = self.sentences.partition_point(|end| *end <= at);
        let begins = ended.checked_sub(1).map_or(0, |last| self.sentences[last]);
        let before = self.words.partition_point(|(_, end)| *end <= at);
        before > 0 && self.words[before - 1].0 >= begins
    }
}

fn contradicts(canonical: &Canonical, claim: Claim, numbers: &[i128]) -> bool {
    let Canonical { passed, failed, total, .. } = *canonical;
    match claim {
        Claim::NoneFailed => failed > 0,
        Claim::SomeFailed => failed == 0,
        Claim::NonePassed => passed > 0,
        Claim::Passed => differs(passed, total, numbers),
        Claim::Failed => differs(failed, total, numbers),
    }
}

/// Whether one number is not the count, or two are not count and total.
fn differs(count: i128, total: i128, numbers: &[i128]) -> bool {
    match numbers {
        [said] => *said != count,
        [said, of] => (*said, *of) != (count, total),
        // A number too long to be one.
        _ => true,
    }
}

impl Check for NarrativeAgrees {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.reports.clone(), Use::Whole)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'narrative-agrees'\nreports = 'r'";

    /// The words found in a body of a report with two passed cases and, if told so, TC-002 failed.
    fn found(failing: bool, body: &str) -> Vec<String> {
        let fields = if failing {
            r#"{"scenario": "TS-A-001-x", "tcs-passed": 1, "tcs-failed": 1, "tcs-total": 2, "failed": [{"tc": "TC-002"}]}"#
        } else {
            r#"{"scenario": "TS-A-001-x", "tcs-passed": 2, "tcs-failed": 0, "tcs-total": 2, "failed": []}"#
        };
        let body = serde_json::to_string(body).expect("text");
        let document = format!(r#"{{"fields": {fields}, "body": {body}, "body_line": 10}}"#);
        Bench::new(CHECK).json("r", &document).told()
    }

    #[test]
    fn what_contradicts_is_found_with_its_line() {
        let expected = "what the front matter says: 1 passed, 1 failed, 2 in all";
        assert_eq!(
            found(true, "# Report\n\nGood news: **all tests passed**.\n"),
            [format!("narrative-contradiction r.json:12: {expected} | `all tests passed`")]
        );
        let lies = [
            "Everything passed.",
            "All 2 test cases passed",
            "all of the tests are green",
            "Every test case has passed",
            "There were no failures.",
            "no test cases failed",
            "Finished without any failures.",
            "Verdict: PASS",
            "| Status | passed |",
            "- **Result:** ✅ PASS",
            "2 of 2 test cases passed",
            "2/2 tests passed",
            "1/3 TCs passed",
            "2 TCs passed, 0 TCs failed",
            "| TCs passed | 2 |",
            "tcs-failed: 0",
            "TC-002: PASS",
            "| TC-002 | `pass` |",
            "### TC-002-verbose — passed",
            "TC-001 - failed",
            "All tests failed.",
            "0 of 2 tests failed",
            "Not bad. All tests passed.",
            "10) Outcome = ok",
        ];
        let mut caught = 0;
        for lie in lies {
            let lines = found(true, lie);
            assert!(lines.iter().all(|line| line.starts_with("narrative-contradiction r.json:10:")), "{lie}: {lines:?}");
            caught += 1;
        }
        assert_eq!(caught, 24);
        let mut grim = 0;
        for lie in [
            "Verdict: FAIL",
            "1 test failed",
            "TC-002: FAILED",
            "| TC-001 | failed |",
            "1/2 tests passed",
            "Overall status: failure.",
        ] {
            assert!(found(false, lie)[0].starts_with("narrative-contradiction"), "{lie}");
            grim += 1;
        }
        assert_eq!(grim, 6);
    }

    #[test]
    fn what_does_not_contradict_is_left_alone() {
        let honest = [
            "Not all tests passed.",
            "It isn't true that all tests passed.",
            "If all tests passed we would ship.",
            "Verdict: FAIL",
            "1 of 2 test cases passed; 1 test failed.",
            "TC-001: PASS",
            "TC-002 — FAIL: the exit code was 0",
            "| TC-002 | fail |",
            "```\nall tests passed\nVerdict: PASS\n```",
            "> everything passed",
            "It printed `all tests passed` and 41 examples passed.",
            "The runner should report that no tests failed.",
            "Result: the help text was cut off",
            "",
            "TC-002 needs `--pass`",
            "The status of TC-002 is passing through the proxy.",
            "In the previous run all tests passed.",
            "Statuses: pass, fail",
        ];
        let mut left = 0;
        for text in honest {
            assert_eq!(found(true, text), ["pass 1"], "{text}");
            left += 1;
        }
        assert_eq!(left, 18);
        assert_eq!(found(false, "Verdict: PASS. All 2 test cases passed, no failures. TC-002: pass"), ["pass 1"]);
    }

    #[test]
    fn what_cannot_be_compared_is_no_pass() {
        let lines = Bench::new(CHECK).json("r", r#"{"fields": {"tcs-passed": "2"}, "body": "", "body_line": 3}"#).told();
        assert!(lines[0].starts_with("missing-field r.json#/fields/tcs-failed"), "{lines:?}");
        assert_eq!(Bench::new(CHECK).gap("r", GapKind::Malformed).told(), ["error malformed r: a file | nothing"]);
        let aggregate = r#"{"fields": {"tcs-passed": 1, "tcs-failed": 1, "tcs-total": 2, "failed": [{"tc": "TC-001"}]}, "body": "TC-002: FAIL\n2 tests passed", "body_line": 7}"#;
        let lines = Bench::new(CHECK).json("r", aggregate).told();
        assert!(lines.len() == 1 && lines[0].starts_with("narrative-contradiction r.json:8:"), "{lines:?}");
    }
}
