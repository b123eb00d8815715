//! Words of shell commands: what comes out of evidence and paths is one word, or stands in no command.

use super::secret::redact;
use super::unseen::deceives;

/// What a CI runner takes for a command anywhere in a line: those of GitHub and Azure, of Azure, of TeamCity.
pub const RUNNER_COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// One word of a shell command, quoted unless it needs no quotes; `None` when no quoting makes it safe to copy: it holds a character that
/// deceives, a line break among them, a command for a CI runner, or what looks like a secret.
pub fn shell_word(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@,".contains(c);
    let for_runners = RUNNER_COMMANDS.iter().any(|sign| text.contains(sign));
    if for_runners || text.chars().any(deceives) || redact(text) != text {
        None
    } else if !text.is_empty() && text.chars().all(plain) {
        Some(text.to_owned())
    } else {
        Some(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// A path as one word of a shell command, which no program takes for an option.
pub fn shell_path(path: &str) -> Option<String> {
    let here = if path.starts_with('-') { "./" } else { "" };
    shell_word(path).map(|word| format!("{here}{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_or_none() {
        let table = [
            ("tests/e2e_results/r", Some("tests/e2e_results/r")),
            ("a b", Some("'a b'")),
            ("it's", Some(r"'it'\''s'")),
            ("", Some("''")),
            ("$(reboot)", Some("'$(reboot)'")),
            ("a\nb", None),
            ("a\u{202e}b", None),
            ("##[add-path]x", None),
        ];
        for (text, word) in table {
            assert_eq!(shell_word(text).as_deref(), word, "{text:?}");
        }
        assert_eq!((table.len(), shell_path("-o x").as_deref()), (8, Some("./'-o x'")));
    }
}
