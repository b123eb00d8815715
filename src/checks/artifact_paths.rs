//! Paths of artifacts in instructions for people and agents: `results/tc/{NN}/...`, exact, or grouped by extension.
//!
//! In: any text of a scenario. Out: the paths in it, with their lines, and what is written like such a path and names none. The syntax is on
//! the page of `artifact-contract`; it is that of the runner which reads the same texts.

use crate::model::RelPath;
use regex::Regex;
use std::sync::LazyLock;

/// A path, as a text names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The path below the sandbox, without a slash at its end.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: u64,
    /// Whether `(optional)` stands behind it.
    pub(super) optional: bool,
}

/// What is written like a path of an artifact and names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsound {
    /// As written.
    pub(super) text: String,
    /// The line, from 1.
    pub(super) line: u64,
    /// The finding's kind: `wildcard` or `not-a-path`.
    pub(super) kind: &'static str,
}

/// What a text says about artifacts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Paths {
    /// Its paths, in the order of the text.
    pub(super) named: Vec<Named>,
    /// What is none.
    pub(super) unsound: Vec<Unsound>,
}

/// What begins like the path of an artifact: the number of its case, and a file or directory below.
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"results/tc/[0-9]{2,}/[^\s`'")|]+"#).expect("a sound pattern"));

/// A sibling behind a path: a comma, and an extension with or without ticks.
static SIBLING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^`*\s*,\s*`*(\.[A-Za-z0-9_-]+)`*").expect("a sound pattern"));

/// `(optional)` directly behind a path.
static OPTIONAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)^`*\s*\(optional\)").expect("a sound pattern"));

/// The paths in a text, wherever they stand: lists, paragraphs, fenced code, commands.
pub(super) fn paths(text: &str) -> Paths {
    let mut paths = Paths::default();
    for (number, line) in (1..).zip(text.lines()) {
        in_line(line, number, &mut paths);
    }
    paths
}

fn in_line(line: &str, number: u64, paths: &mut Paths) {
    let mut end = 0;
    for found in PATH.find_iter(line) {
        let before = line[..found.start()].chars().next_back();
        // A path below something else that only ends like ours, and what a sibling took already.
        if found.start() < end || before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            continue;
        }
        let written = trimmed(found.as_str(), before);
        end = found.start() + written.len();
        let optional = |rest: &str| OPTIONAL.find(rest).map(|found| found.end());
        let skip = optional(&line[end..]);
        paths.take(written, number, skip.is_some());
        end += skip.unwrap_or(0);
        let Some(stem) = stem(written) else { continue };
        while let Some(sibling) = SIBLING.captures(&line[end..]) {
            end += sibling[0].len();
            let skip = optional(&line[end..]);
            paths.take(&format!("{stem}{}", &sibling[1]), number, skip.is_some());
            end += skip.unwrap_or(0);
        }
    }
}

/// A path without what closes a sentence or emphasis behind it.
fn trimmed(written: &str, before: Option<char>) -> &str {
    let plain = written.trim_end_matches(['.', ',', ':', ';', '!']);
    if before == Some('*') { plain.trim_end_matches('*').trim_end_matches(['.', ',', ':', ';']) } else { plain }
}

/// The path without its extension; `None` if its last name has none.
fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rfind('.').map(|at| &path[..path.len() - name.len() + at])
}

impl Paths {
    fn take(&mut self, text: &str, line: u64, optional: bool) {
        // What stands for a name names nothing.
        if text.contains(['{', '}', '<', '>', '$', '…']) {
            return;
        }
        let kind = match RelPath::parse(text) {
            _ if text.contains(['*', '?', '[']) => "wildcard",
            Ok(folded) if folded.as_str() == text.trim_end_matches('/') => {
                let path = folded.to_string();
                // The directory of a case is where its artifacts lie, and no artifact.
                if path.matches('/').count() > 2 {
                    self.named.push(Named { path, line, optional });
                }
                return;
            }
            Ok(_) | Err(_) => "not-a-path",
        };
        self.unsound.push(Unsound { text: text.to_owned(), line, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let Paths { named, unsound } = paths(text);
        let short = |path: &str| path.trim_start_matches("results/tc/").to_owned();
        let named =
            named.iter().map(|one| format!("{}:{}{}", one.line, short(&one.path), if one.optional { "?" } else { "" }));
        let unsound = unsound.iter().map(|one| format!("{}:{} {}", one.line, one.kind, short(&one.text)));
        named.chain(unsound).collect()
    }

    #[test]
    fn paths_are_found_in_any_text() {
        let cases: [(&str, &[&str]); 16] = [
            (
                "- `results/tc/02/help.stdout`, `.stderr`, `.exit`",
                &["1:02/help.stdout", "1:02/help.stderr", "1:02/help.exit"],
            ),
            ("- ``results/tc/01/a.stdout`, `.stderr`, `.exit``", &["1:01/a.stdout", "1:01/a.stderr", "1:01/a.exit"]),
            ("Keep results/tc/01/a.out, .err in mind.", &["1:01/a.out", "1:01/a.err"]),
            ("`results/tc/01/a.out`, and `.err` too", &["1:01/a.out"]),
            ("`results/tc/01/a.out` (Optional), `.err` (OPTIONAL)", &["1:01/a.out?", "1:01/a.err?"]),
            ("Write results/tc/01/note.txt.", &["1:01/note.txt"]),
            ("**results/tc/01/note.txt**:", &["1:01/note.txt"]),
            ("```\ntool > results/tc/03/x.out 2> results/tc/03/x.err\n```", &["2:03/x.out", "2:03/x.err"]),
            ("(see \"results/tc/01/b\" and 'results/tc/12/c/d')", &["1:01/b", "1:12/c/d"]),
            ("| results/tc/01/a | results/tc/01/b|", &["1:01/a", "1:01/b"]),
            ("the tree `results/tc/01/reports/`", &["1:01/reports"]),
            ("Save all to `results/tc/01/`, results/tc/02 and `results/tc/{NN}/`.", &[]),
            ("`results/tc/01/{name}.exit`, results/tc/1/a, my-results/tc/01/a", &[]),
            ("`results/tc/01/out.*`, `results/tc/01/o?t`", &["1:wildcard 01/out.*", "1:wildcard 01/o?t"]),
            ("`results/tc/01/../../x`", &["1:not-a-path 01/../../x"]),
            ("./results/tc/001/a", &["1:001/a"]),
        ];
        let mut looked = 0;
        for (text, expected) in cases {
            assert_eq!(told(text), expected, "{text}");
            looked += 1;
        }
        assert_eq!(looked, 16);
    }
}
