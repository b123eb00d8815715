//! The test files and what they declare.

use super::Tree;

/// One test function.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Why it is not run by default.
    pub ignored: Option<String>,
    /// The line of its first assertion, from 1.
    pub assertion: usize,
}

/// One file of tests.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// Its stem.
    pub stem: String,
    /// `unit`, `vcr` or `e2e`.
    pub suite: &'static str,
    /// Its tests, sorted as libtest runs them.
    pub tests: Vec<Test>,
    /// Types that stand in for real ones.
    pub doubles: Vec<String>,
}

fn suite(stem: &str) -> &'static str {
    match stem {
        "provider_retry" | "provider_streaming" => "vcr",
        _ if stem.starts_with("e2e_") || stem.starts_with("ci_") || stem.starts_with("ext_") => "e2e",
        _ => "unit",
    }
}

/// Every test file, by stem.
pub fn read(primary: &Tree) -> Vec<TestFile> {
    let files = primary.iter().filter_map(|(path, bytes)| Some((path.strip_prefix("tests/")?.strip_suffix(".rs")?, bytes)));
    files.map(|(stem, bytes)| file(stem, std::str::from_utf8(bytes).expect("sources are text"))).collect()
}

fn file(stem: &str, text: &str) -> TestFile {
    let lines: Vec<&str> = text.lines().collect();
    let mut tests = Vec::new();
    let mut doubles = Vec::new();
    let mut pending = None;
    for (at, line) in lines.iter().enumerate() {
        if *line == "#[test]" {
            pending = Some(None);
        } else if let Some(reason) = line.strip_prefix("#[ignore = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            pending = Some(Some(reason.to_owned()));
        } else if let Some(name) = line.strip_prefix("fn ").and_then(|rest| rest.strip_suffix("() {"))
            && let Some(ignored) = pending.take()
        {
            let below = lines[at..].iter().position(|line| line.trim_start().starts_with("assert")).expect("tests assert");
            tests.push(Test { name: name.to_owned(), ignored, assertion: at + below + 1 });
        } else if let Some(name) = line.strip_prefix("struct ").and_then(|rest| rest.strip_suffix(';'))
            && ["Mock", "Stub", "Fake"].iter().any(|word| name.starts_with(word))
        {
            doubles.push(name.to_owned());
        }
    }
    assert!(!tests.is_empty(), "{stem} has no test");
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    TestFile { stem: stem.to_owned(), suite: suite(stem), tests, doubles }
}
