//! Paths of artifacts in instructions for people and agents: `results/tc/{NN}/...`, exact, or grouped by extension.
//!
//! In: the Markdown of a runner or verifier. Out: the paths it declares or mentions, with their lines, and what is written like such a
//! path and is none. The syntax is on the page of `artifact-contract`.

use super::markdown::{Block, Code, blocks, codes, without_comments};
use crate::model::RelPath;

/// What every path of an artifact begins with.
pub(super) const HOME: &str = "results/tc/";

/// A path, as a text names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The path below the sandbox.
    pub(super) path: String,
    /// The number of the test case in it.
    pub(super) case: u32,
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

/// The paths that a runner declares: code spans in the items of its lists.
pub(super) fn declared(text: &str) -> Paths {
    let text = without_comments(text);
    let mut paths = Paths::default();
    blocks(&text).iter().filter(|block| block.item).for_each(|block| groups(block, &mut paths));
    paths
}

/// The paths that a verifier mentions, wherever they stand: in text, code spans with their groups, fenced code, comments.
pub(super) fn mentioned(text: &str) -> Paths {
    let mut paths = Paths::default();
    for (line, content) in (1..).zip(text.lines()) {
        tokens(content).for_each(|token| paths.take(token, line, false));
    }
    let mut grouped = Paths::default();
    blocks(text).iter().for_each(|block| groups(block, &mut grouped));
    let Paths { mut named, mut unsound } = paths;
    named.extend(grouped.named.into_iter().filter(|one| !named.iter().any(|own| own.path == one.path)).collect::<Vec<_>>());
    unsound.extend(grouped.unsound.into_iter().filter(|one| !unsound.contains(one)).collect::<Vec<_>>());
    named.sort_by_key(|one| one.line);
    Paths { named, unsound }
}

/// A text that is a path of an artifact and nothing else, but perhaps `(optional)`; for the setup of a scenario.
pub(super) fn alone(text: &str) -> Paths {
    let mut paths = Paths::default();
    let trimmed = text.trim();
    let (path, optional) = match trimmed.strip_suffix("(optional)") {
        Some(path) => (path.trim_end(), true),
        None => (trimmed, false),
    };
    if path.starts_with(HOME) && !path.contains(char::is_whitespace) {
        paths.take(path, 1, optional);
    }
    paths
}

impl Paths {
    fn take(&mut self, text: &str, line: u64, optional: bool) {
        match sound(text) {
            Ok(Some((path, case))) => self.named.push(Named { path, case, line, optional }),
            // A directory names no artifact.
            Ok(None) => {}
            Err(kind) => self.unsound.push(Unsound { text: text.to_owned(), line, kind }),
        }
    }
}

/// The path and its test case; `None` for a directory.
fn sound(text: &str) -> Result<Option<(String, u32)>, &'static str> {
    if text.contains(['*', '?', '[', ']', '{', '}', '<', '>', '$', '%', '…']) || text.contains("...") {
        return Err("wildcard");
    }
    let folded = RelPath::parse(text).map_err(|_| "not-a-path")?;
    let below = folded.as_str().strip_prefix(HOME).unwrap_or_default();
    let (number, file) = below.split_once('/').unwrap_or((below, ""));
    let case = (2..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let case = number.parse().ok().filter(|_| case);
    match (text.strip_suffix('/'), case) {
        (None, Some(case)) if folded.as_str() == text && !file.is_empty() => Ok(Some((text.to_owned(), case))),
        (None, Some(_)) if file.is_empty() && folded.as_str() == text => Ok(None),
        (Some(directory), _) if directory == folded.as_str() || text == HOME => Ok(None),
        (None | Some(_), _) => Err("not-a-path"),
    }
}

/// The paths in the code spans of a block: a span that is a path, and behind it `.ext` spans that stand for its siblings.
fn groups(block: &Block, paths: &mut Paths) {
    // The path that the next sibling replaces the extension of, and where its span ends.
    let mut open: Option<(String, usize)> = None;
    for code in codes(&block.text) {
        let line = block.line + block.text[..code.start].matches('\n').count() as u64;
        let optional = marked_optional(&block.text, code);
        let between = |end: usize| block.text[end..code.start].replace("(optional)", "");
        let joined = open.as_ref().is_some_and(|(_, end)| joins(&between(*end)));
        if code.text.starts_with(HOME) && !code.text.contains(char::is_whitespace) {
            paths.take(code.text, line, optional);
            let name = code.text.rsplit_once('/').map_or("", |(_, name)| name);
            let stem = name.rfind('.').filter(|at| *at > 0).map(|at| &code.text[..code.text.len() - name.len() + at]);
            open = stem.map(|stem| (stem.to_owned(), code.end));
        } else if joined && code.text.starts_with('.') && !code.text.contains(['/', ' ']) {
            if let Some((stem, end)) = &mut open {
                paths.take(&format!("{stem}{}", code.text), line, optional);
                *end = code.end;
            }
        } else {
            open = None;
        }
    }
}

/// Whether nothing but commas, blanks and the word `and` stands between two spans.
fn joins(between: &str) -> bool {
    between.split(|c: char| c == ',' || c.is_whitespace()).all(|word| word.is_empty() || word == "and")
}

fn marked_optional(text: &str, code: Code<'_>) -> bool {
    text[code.end..].trim_start().starts_with("(optional)")
}

/// The words of a line that begin like a path of an artifact.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices(HOME).filter_map(move |(at, _)| {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            return None;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '(' | ')' | ';' | '|' | '&' | '=');
        let token = &line[at..];
        let token = &token[..token.find(ends).unwrap_or(token.len())];
        // What closes a sentence or emphasis is no part of the path.
        let token = if before == Some('*') { token.trim_end_matches('*') } else { token };
        let plain = token.trim_end_matches(['.', ',', ':', '!']);
        Some(if token.ends_with("...") { token } else { plain })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(paths: &Paths) -> Vec<String> {
        let named = paths.named.iter().map(|one| {
            format!(
                "{}:{}#{}{}",
                one.line,
                one.path.trim_start_matches(HOME),
                one.case,
                if one.optional { "?" } else { "" }
            )
        });
        let unsound = paths.unsound.iter().map(|one| format!("{}:{} {}", one.line, one.kind, one.text));
        named.chain(unsound).collect()
    }

    #[test]
    fn groups_are_exact_siblings() {
        let text = "- `results/tc/02/help.stdout`, `.stderr`, `.exit`\n";
        assert_eq!(told(&declared(text)), ["1:02/help.stdout#2", "1:02/help.stderr#2", "1:02/help.exit#2"]);
        let text =
            "* `results/tc/12/a.b.log`, `.txt`\n  and `.json` (optional)\n1. `results/tc/03/x` (optional), not `.env`\n";
        assert_eq!(told(&declared(text)), ["1:12/a.b.log#12", "1:12/a.b.txt#12", "2:12/a.b.json#12?", "3:03/x#3?"]);
        let text = "- `results/tc/02/a.log` (optional), `.txt`\n- `results/tc/02/b.log` holds what `.env` says\n";
        assert_eq!(told(&declared(text)), ["1:02/a.log#2?", "1:02/a.txt#2", "2:02/b.log#2"]);
    }

    #[test]
    fn only_items_declare() {
        let text = "Write `results/tc/01/a`.\n\n```sh\nx > results/tc/01/b\n```\n<!-- - `results/tc/01/c` -->\n- run `cat results/tc/01/d`\n- results/tc/01/e\n- `results/tc/01/f`\n- below `results/tc/01/`\n";
        assert_eq!(told(&declared(text)), ["9:01/f#1"]);
    }

    #[test]
    fn a_verifier_mentions_wherever_it_writes() {
        let text = "See results/tc/01/a. And (`results/tc/01/b.out`, `.err`), **results/tc/01/c**\n```\ntest -s \"results/tc/01/d\" && cat $S/results/tc/01/e|wc\n```\nold-results/tc/01/f\n";
        assert_eq!(
            told(&mentioned(text)),
            ["1:01/a#1", "1:01/b.out#1", "1:01/c#1", "1:01/b.err#1", "3:01/d#1", "3:01/e#1"]
        );
    }

    #[test]
    fn what_is_not_exact_is_unsound() {
        let cases = [
            ("results/tc/02/*.log", "wildcard"),
            ("results/tc/02/help.{out,err}", "wildcard"),
            ("results/tc/{NN}/a", "wildcard"),
            ("results/tc/02/...", "wildcard"),
            ("results/tc/02/a?", "wildcard"),
            ("results/tc/$N/a", "wildcard"),
            ("results/tc/02/../03/a", "not-a-path"),
            ("results/tc/02//a", "not-a-path"),
            ("results/tc/two/a", "not-a-path"),
            ("results/tc/2/a", "not-a-path"),
        ];
        let mut looked_at = 0;
        for (text, kind) in cases {
            let expected = [format!("1:{kind} {text}")];
            assert_eq!(told(&declared(&format!("- `{text}`\n"))), expected, "{text}");
            assert_eq!(told(&mentioned(&format!("ls {text}\n"))), expected, "{text}");
            assert_eq!(told(&alone(text)), expected, "{text}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 10);
        assert_eq!(told(&declared("- `results/tc/02/a.log`, `.*`\n")), ["1:02/a.log#2", "1:wildcard results/tc/02/a.*"]);
        assert_eq!(told(&alone(" results/tc/01/seed.txt (optional)")), ["1:01/seed.txt#1?"]);
        assert_eq!(told(&alone("cp a results/tc/01/seed.txt")), [""; 0]);
    }
}
