//! What must hold of any text that people, terminals and CI runners see.

use gatekeeper::report::sanitise::{deceives, runner_command};

/// Nothing in it moves the cursor, hides or reorders; line breaks and tabulators are ours.
pub fn is_plain(what: &str, shown: &str) {
    let strange: Vec<char> = shown.chars().filter(|c| !matches!(c, '\n' | '\t') && deceives(*c)).collect();
    assert!(strange.is_empty(), "{what}: {strange:?} in {shown:?}");
}

/// Moreover, no CI runner takes a line of it for a command.
pub fn is_no_command(what: &str, shown: &str) {
    is_plain(what, shown);
    assert_eq!(runner_command(shown), None, "{what}: {shown:?}");
}

/// An output of this format: what speaks to a CI runner does so in lines of its own, and no other output does.
pub fn is_output(format: &str, written: &str) {
    let heads: &[&str] = match format {
        "github" => &["::error ", "::warning ", "::notice "],
        "azure" => &["##vso[task.logissue ", "##[section]"],
        "teamcity" => &["##teamcity["],
        _ => return is_no_command(format, written),
    };
    is_plain(format, written);
    for line in written.lines() {
        let head = heads.iter().find(|head| line.starts_with(**head)).unwrap_or_else(|| panic!("{format}: {line:?}"));
        let rest = &line[head.len()..];
        let inside = ["##[", "##vso[", "##teamcity["].iter().any(|command| rest.contains(command));
        assert!(!inside, "{format}: {line:?}");
    }
}

/// Moreover, it is one line.
pub fn is_one_line(what: &str, shown: &str) {
    is_plain(what, shown);
    assert!(!shown.contains(['\n', '\t']), "{what}: {shown:?}");
    let inside = shown.contains("##[") || shown.contains("##vso[") || shown.contains("##teamcity[");
    assert!(!inside, "{what}: a runner may take {shown:?} for a command");
}

/// The words of a shell command, as a POSIX shell splits it; `None` where it would do anything but split.
pub fn shell_words(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => {
                let inside = rest.as_str().split_once('\'')?.0;
                word.get_or_insert_default().push_str(inside);
                rest = rest.as_str()[inside.len() + 1..].chars();
            }
            '\\' => word.get_or_insert_default().push(rest.next().filter(|c| *c != '\n')?),
            '$' | '`' | '"' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '#' | '!' | '{' | '\n' | '\t' => {
                return None;
            }
            '~' if word.is_none() => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}
