//! Test results that no reader here takes: known by their tool, or by what they say.
//!
//! A file of a tool that is known is refused by that tool's name. A file of any other tool is refused where it speaks of tests and, in its own
//! words, of trouble: what says that tests failed is never passed over for a nicer report beside it. One that speaks of no trouble is passed
//! over, as configuration, coverage and findings of linters are.

use regex::Regex;
use std::sync::LazyLock;

/// Roots of XML, each with a text that its files have, and the tool.
const ROOTS: [(&str, &str, &str); 16] = [
    ("TestRun", "<SuccessfulTests", "CppUnit"),
    ("TestRun", "<Statistics", "CppUnit or AUnit"),
    ("CUNIT_TEST_RUN_REPORT", "", "CUnit"),
    ("unittest-results", "", "UnitTest++"),
    ("testResults", "", "JMeter"),
    ("stream", "<ready-test-suite", "test-unit"),
    ("events", "opentest4j.org/reporting", "Open Test Reporting"),
    ("testcase", "", "a test tool"),
    ("testrun", "", "an IDE"),
    ("ResultsSession", "", "Parasoft"),
    ("TestResults", "<TestListing", "FPCUnit"),
    ("gtester", "", "GLib's gtester"),
    ("report-result", "", "MbUnit"),
    ("report", "<testPackageRun", "Gallio"),
    ("SquishReport", "", "Squish"),
    ("tusar", "<tests", "TUSAR"),
];

/// Keys of JSON, with the tool. All keys of a row stand in its files.
const KEYS: [(&[&str], &str); 8] = [
    (&["historyId", "status", "stage", "uuid"], "Allure"),
    (&["testsRun", "wasSuccessful"], "a test tool"),
    (&["userAgents", "fixtures", "passed", "total"], "TestCafe"),
    (&["collection", "run", "executions", "failures"], "Newman"),
    (&["stats", "results", "passPercent"], "mochawesome"),
    (&["robot_version", "suites", "status"], "Robot Framework"),
    (&["SuiteSucceeded", "SpecReports"], "Ginkgo"),
    (&["featuresPassed", "featuresFailed"], "Karate"),
];

/// Marks of a line, with the tool.
const LINES: [(&[&str], &str); 3] = [
    (&["\"$report_type\":", "\"outcome\":", "\"nodeid\":"], "pytest-reportlog"),
    (&["\"testID\":", "\"type\":\"testDone\""], "Dart"),
    (&["\"kind\":\"event\"", "\"payload\":", "\"version\":"], "Swift Testing"),
];

/// The tool that wrote XML with this root.
pub(super) fn of_root(root: &str, text: &str) -> Option<&'static str> {
    ROOTS.iter().find(|(name, part, _)| *name == root && text.contains(part)).map(|(_, _, tool)| *tool)
}

/// The tool that wrote a JSON document.
pub(super) fn of_keys(text: &str) -> Option<&'static str> {
    KEYS.iter().find(|(keys, _)| super::report::has_keys(text, keys)).map(|(_, tool)| *tool)
}

/// The tool that wrote a line.
pub(super) fn of_line(line: &str) -> Option<&'static str> {
    LINES.iter().find(|(marks, _)| marks.iter().all(|mark| line.contains(mark))).map(|(_, tool)| *tool)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this file")
}

/// A part of XML that is a test or a group of them.
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)<(?:[\w.-]+:)?(?:unit[-_]?)?(?:test(?:[-_]?(?:case|suite|run|result|module|point|method)s?|s)?|spec|scenario)[\s/>]",
    )
});
/// What such XML says of trouble: an outcome, a count above zero, an element.
static TROUBLE_IN_XML: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:status|result|outcome|verdict|state|type)\s*=\s*["'](?:fail|failed|failure|error|errored|broken|aborted|crash|crashed|timeout|timedout)["']|\b(?:fails?|failed|failures?|(?:tests?|cases?)[-_]?failed|fail(?:ed|ure)?s?[-_]?(?:count|tests?|cases?))\s*=\s*["']0*[1-9][0-9]*["']|\b(?:success|passed)\s*=\s*["']false["']|<(?:[\w.-]+:)?(?:failed|failure|error)[\s/>]"#,
    )
});
/// A key of JSON that holds tests or groups of them.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)"(?:tests?|suites?|specs?|scenarios?|features?|test[-_]?(?:case|suite|result|run)s?)"\s*:\s*[\[{]"#)
});
/// What such JSON says of trouble: an outcome, or a count above zero.
static TROUBLE_IN_JSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)"(?:status|state|result|outcome|verdict)"\s*:\s*"(?:fail|failed|failure|error|errored|broken|aborted|crashed|timed[-_]?out)"|"(?:fails|failed|failures|num[-_]?failed(?:[-_]?tests)?|(?:tests?|specs?|scenarios?)[-_]?failed|fail(?:ed|ure)?s?[-_]?(?:count|tests?|specs?|scenarios?))"\s*:\s*[1-9][0-9]*|"(?:success|passed|succeeded)"\s*:\s*false"#,
    )
});

/// Where a text of no known tool speaks of tests and says that some failed: its line, and its words.
pub(super) fn in_trouble(text: &str) -> Option<(usize, &str)> {
    let begins = text.trim_start();
    let (part, trouble) = match begins.as_bytes().first() {
        Some(b'<') => (&ELEMENT, &TROUBLE_IN_XML),
        Some(b'{' | b'[') => (&KEY, &TROUBLE_IN_JSON),
        Some(_) | None => return None,
    };
    let found = trouble.find(text).filter(|_| part.is_match(text))?;
    let line = 1 + text[..found.start()].matches('\n').count();
    Some((line, found.as_str()))
}

#[cfg(test)]
#[path = "unread_tests.rs"]
mod tests;
