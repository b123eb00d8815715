//! Asserts that the narrative of a report says nothing else than its counts.
//!
//! A report is Markdown with front matter (`format = "front-matter"`). Its fields are canonical: `tcs-passed`, `tcs-failed`, `tcs-total` and
//! `failed[].tc`; of the report of a suite, which has no such fields, the sums of its table with the columns `Passed`, `Failed`, `Total`. Its body is never believed;
//! where it plainly says otherwise, that is a finding with the line, since people read the body.
//!
//! ```toml
//! [evidence.reports]
//! path = "run:*-reports/{report,summary.r}.md"
//! format = "front-matter"
//! pick = "all"
//!
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//!
//! [[check]]
//! kind = "narrative-agrees"
//! reports = "reports"
//! newest = "metadata"
//! ```
//!
//! With `newest`, the metadata of report directories, only the reports in directories of the newest run of each scenario are read, and the newest of the reports
//! that lie beside these directories.
//!
//! What counts as said, in any case, with emphasis taken away:
//!
//! | the body says | contradicts |
//! |---|---|
//! | `all test cases passed`, `everything passed`, `every test passes`, `all tests are green` | any failed case |
//! | `no test cases failed`, `no failures`, `without failures` | any failed case |
//! | a line that is `Verdict: PASS`, or so with `Status`, `Result`, `Outcome`; a heading of that name with a line `PASS` below it | any failed case |
//! | a line that is `Verdict: FAIL` and so on | no failed case |
//! | `all test cases failed` | any passed case |
//! | `2 of 3 test cases passed`, `2/3 tests passed`, `3 TCs failed`, `TCs passed: 2`; `Results: 1/2 passed` or `1/2 passed` as a line | other counts |
//! | `1/1 scenarios passed` | any failed case, where the report is of one scenario |
//! | `TC-002: PASS`, `TC-002 - failed`, `TC-002 ❌`, `✗ TC-002`, `Goal 2 - FAIL` | a case that is, or is not, among `failed` |
//! | a row of a table that begins with such a case, and has a cell `PASS` or `FAIL` | the same; its other cells tell what was seen, and say nothing |
//!
//! Below a heading of a case, an item of a list is about that case: its `Verdict: FAIL` is the case's, and all else was seen; so with a line that begins with one.
//! The nouns are test cases, cases, tests and TCs; `41 examples passed` speaks of something else. Lines in fenced code,
//! block quotes and code spans of several words are somebody else's and say nothing. Neither does a sentence with `not`, `n't`, `never`, `if`,
//! `unless`, `until`, `when`, `whether`, `should`, `must`, `expected` or `previous` before the claim. Lines about single cases count only where the front
//! matter counts cases; a row that begins with a scenario, `TS-`, or with the path of an artifact tells of that alone.
//!
//! Findings: `narrative-contradiction`, `missing-field`, `wrong-type`. Errors: there are no reports.

use super::markdown::{codes, lines};
use super::scenario_runs::{directories, directory, runs};
use super::suite_agrees::sums;
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
    newest: Option<EvidenceId>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("reports", Stricter::Unclear), ("newest", Stricter::Unclear)]);
    let reports = keys.required("reports", "The reports, as front matter.");
    let newest =
        keys.optional("newest", "The metadata of report directories, where only reports of the newest runs count.");
    Some(Box::new(NarrativeAgrees { reports: reports?, newest }))
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
    /// So many passed, or failed, perhaps of so many.
    Passed,
    Failed,
    /// So many scenarios of so many passed.
    Scenarios,
}

static CLAIMS: LazyLock<Vec<(Regex, Claim)>> = LazyLock::new(|| {
    let noun = r"(?:test[ -]?cases?|cases|tests?|tcs?)";
    let passed = r"(?:pass(?:ed|es|ing)?|succeed(?:ed|s)?|(?:were |are )?(?:successful|green))";
    let failed = r"(?:fail(?:ed|s|ing|ures?)?)";
    let verdict = r"^[\s|#\->+]*(?:\d+[.)]\s+)?(?:overall |final )?(?:verdict|status|result|outcome)\s*[:=|]\s*";
    let bare: [(String, Claim); 12] = [
        (format!(r"\b(?:all|every)(?: of)?(?: the)?(?: \d+)? {noun} (?:have |has )?{passed}\b"), Claim::NoneFailed),
        (format!(r"\b(?:everything|all) (?:has )?{passed}\b"), Claim::NoneFailed),
        (format!(r"\b(?:no|zero|without)(?: any)? (?:{noun} )?{failed}\b"), Claim::NoneFailed),
        (format!(r"{verdict}(?:✅\s*)?(?:pass|passed|success|successful|green|ok)[\s|.!✅]*$"), Claim::NoneFailed),
        (format!(r"{verdict}(?:❌\s*)?(?:fail|failed|failure|red)[\s|.!❌]*$"), Claim::SomeFailed),
        (format!(r"\ball(?: of)?(?: the)?(?: \d+)? {noun} (?:have )?failed\b"), Claim::NonePassed),
        (format!(r"(?:\b(\d+) ?(?:of|/|out of) ?(?:the )?)?\b(\d+) {noun} (?:have )?{passed}\b"), Claim::Passed),
        (format!(r"(?:\b(\d+) ?(?:of|/|out of) ?(?:the )?)?\b(\d+) {noun} (?:have )?{failed}\b"), Claim::Failed),
        (format!(r"\b{noun}[ -]passed\s*[:=|]\s*(\d+)\b"), Claim::Passed),
        (r"^[\s#\->+]*(?:results?\s*:\s*)?(\d+) ?/ ?(\d+) passed[\s.!]*$".to_owned(), Claim::Passed),
        (r"\b(\d+) ?(?:/|of|out of) ?(?:the )?(\d+) scenarios? (?:have )?passed\b".to_owned(), Claim::Scenarios),
        (format!(r"\b{noun}[ -]failed\s*[:=|]\s*(\d+)\b"), Claim::Failed),
    ];
    bare.map(|(pattern, claim)| (Regex::new(&pattern).expect("a sound pattern"), claim)).to_vec()
});

/// A line about one case, with its verdict: in words behind it, or as a sign behind or before it.
static CASE: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let case = r"\b(?:tc-|goal )(\d+[a-z]?)\b";
    [
        format!(r"{case}[^:|\n]{{0,60}}?\s*(?:[:|]|\s[-–—]\s|\bhas\b|\bis\b)[\s|]*(?:[✅❌✓✔✗✘×])?\s*(passed|passes|pass|ok|failed|fails|fail)\b"),
        format!(r"{case}\s*(?:[:|]|[-–—])?\s*([✅❌✓✔✗✘×])"),
        format!(r"^[\s#\-*+]*([✅❌✓✔✗✘×])\s*{case}"),
    ]
    .map(|pattern| Regex::new(&pattern).expect("a sound pattern"))
});

/// A heading of a case.
static SECTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^#+\s.*?\b(?:tc-|goal )(\d+[a-z]?)\b").expect("a sound pattern"));

/// The beginning of a line about one case or scenario.
static ABOUT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\s\-+]*(?:tc-\d|ts-[a-z0-9])").expect("a sound pattern"));

/// A heading that a verdict stands below.
static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^#+\s*(?:overall |final )?(?:verdict|status|result|outcome)\s*$").expect("a sound pattern")
});

/// What takes the meaning out of a claim behind it in the same sentence.
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\b(?:not|never|if|unless|until|when|whether|should|must|expected|previous|previously)\b|n't\b|n’t\b";
    Regex::new(pattern).expect("a sound pattern")
});

impl NarrativeAgrees {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.reports].into_iter().chain(&self.newest))?;
        let mut tally = Tally::default();
        let runs = match &self.newest {
            Some(newest) => Some(runs(evidence, newest, &mut tally)?),
            None => None,
        };
        let counting = runs.as_deref().map(directories);
        let docs = evidence.documents(&self.reports)?;
        // What sums up attempts counts no cases; the reports of the attempts do.
        let sums_up = |doc: &Doc<'_>| doc.root.get("fields").is_some_and(|fields| fields.get("retry-attempted").is_some());
        let beside = docs.iter().filter(|doc| directory(doc).is_empty() && !sums_up(doc));
        let last = beside.map(|doc| doc.artifact.path.rel.as_str()).max();
        let counts = |doc: &Doc<'_>| match (&counting, directory(doc)) {
            (None, _) => true,
            (Some(_), "") => last == Some(doc.artifact.path.rel.as_str()),
            (Some(counting), directory) => counting.contains(directory),
        };
        for doc in docs.into_iter().filter(counts) {
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
    if let (None, Some([passed, failed, total])) = (fields.get("tcs-total"), sums(doc.root)) {
        let line = line.node.number().and_then(|line| line.as_integer()).and_then(|line| u64::try_from(line).ok())?;
        return Some((Canonical { passed, failed, total, cases: None }, body.node.text()?, line));
    }
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
    let of_one = fields.get("test-id").is_some();
    let cases = failed.node.items().filter_map(|entry| entry.get("tc").and_then(Node::text)).map(number_of);
    let canonical = Canonical { passed: passed?, failed: failing?, total: total?, cases: of_one.then(|| cases.collect()) };
    Some((canonical, body.node.text()?, line))
}

/// The number of a case, without what other spellings of it differ in.
fn number_of(case: &str) -> String {
    case.to_lowercase().trim_start_matches("tc-").trim_start_matches('0').to_owned()
}

/// Whether a word or sign of a verdict is that of a failure; `None` if it is none.
fn is_failure(word: &str) -> Option<bool> {
    match word.trim_matches(['*', '`', ' ', '.', '!']) {
        "pass" | "passed" | "passes" | "ok" | "success" | "✅" | "✓" | "✔" | "✅ pass" | "✓ pass" => Some(false),
        "fail" | "failed" | "fails" | "failure" | "❌" | "✗" | "✘" | "×" | "❌ fail" | "✗ fail" => Some(true),
        _ => None,
    }
}

/// Reads a body that begins on a line of its file.
fn read(canonical: &Canonical, body: &str, first: u64, shown: &str, tally: &mut Tally) {
    let (mut below, mut section) = (false, None);
    for line in lines(body).into_iter().filter(|line| !line.fenced && !line.text.trim_start().starts_with('>')) {
        let text = plain(line.text);
        let at = || Where::line(shown, first + line.number - 1);
        if text.starts_with('#') {
            let case = SECTION.captures(&text).map(|found| number_of(&found[1]));
            section = case.filter(|_| canonical.cases.is_some());
        }
        let mut said = match (row(canonical, &text), &section) {
            (Some(said), _) => said,
            (None, Some(case)) if is_item(&text) => of_section(canonical, case, &text),
            (None, _) => claims(canonical, &text),
        };
        let wanted = match (&section, &canonical.cases) {
            (Some(case), Some(cases)) => cases.contains(case),
            _ => canonical.failed > 0,
        };
        if let (true, Some(failure)) = (below, is_failure(text.trim()))
            && failure != wanted
        {
            said.push(text.trim().to_owned());
        }
        below = HEADING.is_match(&text) || (below && text.trim().is_empty());
        // One sentence is one claim, whatever parts of it say so again.
        let parts = said.clone();
        said.retain(|one| !parts.iter().any(|other| other.len() > one.len() && other.contains(one.as_str())));
        said.dedup();
        for words in said {
            let Canonical { passed, failed, total, .. } = canonical;
            let expected = format!("what the report counts: {passed} passed, {failed} failed, {total} in all");
            let shown = words.chars().take(100).collect::<String>();
            let message = format!("`{shown}` contradicts the counts: {passed} passed, {failed} failed, {total} in all");
            let finding = Finding::new("narrative-contradiction", expected, format!("`{shown}`")).saying(message);
            tally.find(finding.at(at()));
        }
    }
}

/// What a row of a table contradicts that tells of one case, scenario or artifact; `None` for any other line. Only its verdict is its own.
fn row(canonical: &Canonical, text: &str) -> Option<Vec<String>> {
    let cells: Vec<&str> = text.trim().strip_prefix('|')?.trim_end_matches('|').split('|').map(str::trim).collect();
    let first = cells.first().copied().unwrap_or_default();
    let case = ["tc-", "goal "].iter().find_map(|start| first.strip_prefix(start));
    if case.is_none() && !first.starts_with("ts-") && !first.starts_with("results/") {
        return None;
    }
    let number = case.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default());
    let (Some(number), Some(cases)) = (number, &canonical.cases) else { return Some(Vec::new()) };
    let verdict = cells.iter().skip(1).find_map(|cell| is_failure(cell));
    let wrong = verdict.is_some_and(|failure| failure != cases.contains(&number_of(number)));
    Some(if wrong { vec![text.trim().to_owned()] } else { Vec::new() })
}

/// Whether a line is an item of a list.
fn is_item(text: &str) -> bool {
    text.trim_start().starts_with(['-', '+', '•'])
}

/// What an item below the heading of a case contradicts: only its verdict is about the case, the rest is what was seen.
fn of_section(canonical: &Canonical, case: &str, text: &str) -> Vec<String> {
    let verdict = ["verdict:", "status:", "result:"].iter().find_map(|word| text.split_once(word));
    let failure =
        verdict.and_then(|(_, behind)| is_failure(behind.split([',', ';', '(']).next().unwrap_or_default().trim()));
    let failed = canonical.cases.as_ref().is_some_and(|cases| cases.contains(case));
    if failure.is_some_and(|failure| failure != failed) { vec![text.trim().to_owned()] } else { Vec::new() }
}

/// What a line of text contradicts.
fn claims(canonical: &Canonical, text: &str) -> Vec<String> {
    let negations = Negations::of(text);
    let mut said = Vec::new();
    // What a line says that begins with a case or a scenario is about that, and quotes what was seen of it.
    let own = ABOUT.is_match(text);
    for (pattern, claim) in CLAIMS.iter().filter(|_| !own) {
        for found in pattern.captures_iter(text) {
            let whole = found.get(0).expect("the whole match");
            let numbers: Vec<i128> =
                found.iter().skip(1).flatten().filter_map(|number| number.as_str().parse().ok()).collect();
            if !negations.hold_at(whole.start()) && contradicts(canonical, *claim, &numbers) {
                said.push(whole.as_str().trim().to_owned());
            }
        }
    }
    let Some(cases) = &canonical.cases else { return said };
    for (pattern, sign_first) in CASE.iter().zip([false, false, true]) {
        for found in pattern.captures_iter(text) {
            let (case, verdict) = if sign_first { (&found[2], &found[1]) } else { (&found[1], &found[2]) };
            let whole = found.get(0).expect("the whole match");
            let failure = is_failure(verdict);
            if !negations.hold_at(whole.start())
                && failure.is_some_and(|failure| failure != cases.contains(&number_of(case)))
            {
                said.push(whole.as_str().trim().to_owned());
            }
        }
    }
    said
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
    let &Canonical { passed, failed, total, .. } = canonical;
    match claim {
        Claim::NoneFailed => failed > 0,
        Claim::SomeFailed => failed == 0,
        Claim::NonePassed => passed > 0,
        Claim::Passed => differs(passed, total, numbers),
        Claim::Failed => differs(failed, total, numbers),
        Claim::Scenarios => canonical.cases.is_some() && numbers != [i128::from(failed == 0), 1],
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
        [&self.reports].into_iter().chain(&self.newest).map(|id| (id.clone(), Use::Whole)).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "narrative_agrees_tests.rs"]
mod tests;
