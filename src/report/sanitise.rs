//! Makes untrusted text safe for the place it is shown in: one function per destination.
//!
//! Comes in: any text of definitions, artifacts or paths. Goes out: text that cannot move the cursor, reorder what stands
//! beside it, hide itself, leave its cell or its quotes, mention people, or be taken for a command by a CI runner. Nothing is
//! dropped but what looks like a secret, which its class replaces: a character that may not be shown as itself is shown as `\u{..}`,
//! and a cut is announced with its length.

use crate::model::{RUNNER_COMMANDS, SecretShapes, redact};
pub use crate::model::{deceives, shell_word};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with its commands broken: `hash` stands for the second character of each.
fn broken(text: String, hash: &str) -> String {
    if !text.contains("##") {
        return text;
    }
    RUNNER_COMMANDS.iter().fold(text, |text, command| text.replace(command, &format!("#{hash}{}", &command[2..])))
}

/// For a terminal, and the base of every other destination: one line, nothing that deceives, nothing that a CI runner takes for
/// a command in the middle of a line (`##[`, `##vso[`, `##teamcity[`). Line breaks become a space.
pub fn terminal(text: &str) -> String {
    let text = redact(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => shown.push(' '),
            '\r' if rest.peek() == Some(&'\n') => {}
            c if deceives(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    broken(shown, "\\u{23}")
}

/// For a terminal or the log of a CI runner, many lines: everything that the command line prints goes through here. Line breaks and tabs
/// stand, and with `colour` plain colours do; no line is a command for a runner, and no secret of these shapes is left.
pub fn lines(text: &str, colour: bool, shapes: &SecretShapes) -> String {
    let text = shapes.redact(text);
    let mut shown = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            shown.push('\n');
        }
        one_line(line.strip_suffix('\r').unwrap_or(line), colour, &mut shown);
    }
    shown
}

fn one_line(line: &str, colour: bool, shown: &mut String) {
    let begin = shown.len();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let length = if colour { plain_colour(rest) } else { 0 };
        if length > 0 {
            shown.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        if c != '\t' && deceives(c) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    if runner_command(&shown[begin..]).is_some() {
        let broken = broken(shown.split_off(begin), "\\u{23}");
        let command = broken.trim_start().starts_with("::");
        shown.push_str(&if command { broken.replacen("::", "\\u{3a}:", 1) } else { broken });
    }
}

/// The length of a sequence that sets a colour or a weight that can be read; 0 for every other text.
fn plain_colour(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else { return 0 };
    let Some(end) = inside.find(|c: char| !c.is_ascii_digit() && c != ';').filter(|end| *end < 16) else { return 0 };
    let mut codes = inside[..end].split(';');
    let first = codes.next().unwrap_or_default();
    let readable = |code: &str| {
        matches!(code, "" | "0" | "1" | "2" | "3" | "4" | "22" | "23" | "24" | "39")
            || code.len() == 2 && code.starts_with(['3', '9']) && code.ends_with(|c: char| matches!(c, '0'..='7'))
    };
    let sound = first == "38" || readable(first) && codes.all(readable);
    if sound && inside[end..].starts_with('m') { 3 + end } else { 0 }
}

/// JSON that is safe to look at, still JSON, and the same but for secrets: characters that deceive and text that a CI runner takes for a
/// command are escaped. They occur inside strings only, where an escape stands for the very same character.
pub fn json(json: &str) -> Cow<'_, str> {
    let json = without_secrets(json);
    // Almost every document is plain, and is looked at once.
    let plain = json.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte));
    if plain && !json.contains("##") {
        return json;
    }
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && deceives(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    broken(shown, "\\u0023").into()
}

/// Each string of a JSON text without what looks like a secret. A string stays one: no escape is cut in two.
fn without_secrets(json: &str) -> Cow<'_, str> {
    if let Cow::Borrowed(_) = redact(json) {
        return Cow::Borrowed(json);
    }
    let (mut shown, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(open) = rest.find('"') {
        let inside = &rest[open + 1..];
        let mut escaped = false;
        let end = inside.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(inside.len());
        shown.push_str(&rest[..=open]);
        shown.push_str(&redact(&inside[..end]));
        rest = &inside[end..];
        if let Some(behind) = rest.strip_prefix('"') {
            shown.push('"');
            rest = behind;
        }
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// The first `limit` characters, and how many were left out.
pub fn excerpt(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}… ({} more characters)", &text[..at], text[at..].chars().count()),
    }
}

/// For Markdown prose and table cells: no markup, no HTML, no mention, no reference, no link survives.
///
/// A zero-width space, written as an entity, keeps `@name`, `#12` and addresses from being linked: a backslash does not.
pub fn markdown(text: &str) -> String {
    let plain = terminal(text);
    let mut shown = String::with_capacity(plain.len() + plain.len() / 8);
    let mut rest = plain.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '@' => shown.push_str("@&#8203;"),
            '#' if rest.peek().is_some_and(char::is_ascii_digit) => shown.push_str("\\#&#8203;"),
            ':' if rest.peek() == Some(&'/') => shown.push_str(":&#8203;"),
            '.' => shown.push_str(if ends_with_www(&shown) { "&#8203;." } else { "." }),
            '-' if shown.ends_with("GH") || shown.ends_with("gh") => shown.push_str("&#8203;-"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' | '#' => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    shown
}

fn ends_with_www(text: &str) -> bool {
    text.as_bytes().last_chunk().is_some_and(|end: &[u8; 3]| end.eq_ignore_ascii_case(b"www"))
}

/// For a Markdown code span outside tables: delimiters longer than every run of backticks inside.
pub fn markdown_code(text: &str) -> String {
    let plain = terminal(text);
    if plain.trim().is_empty() {
        return "(blank)".to_owned();
    }
    let fence = "`".repeat(longest_run(&plain, '`') + 1);
    let pad = if plain.starts_with(['`', ' ']) || plain.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{plain}{pad}{fence}")
}

/// A command for a fenced block of Markdown, or `None` if it may not stand there on a line of its own.
pub fn markdown_fence(command: &str) -> Option<String> {
    let command = self::command(command)?;
    let alone = !command.trim_start().starts_with("::");
    let fence = "`".repeat(longest_run(command, '`').max(2) + 1);
    alone.then(|| format!("{fence}sh\n{command}\n{fence}"))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// For the text and the attributes of XML and HTML, one line: no markup, no entity and no end of an attribute survives, and no
/// character that XML 1.0 forbids.
pub fn xml(text: &str) -> String {
    let plain = terminal(text);
    let mut shown = String::with_capacity(plain.len() + plain.len() / 8);
    for c in plain.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// The message of a workflow command. Line breaks in it are ours: join pieces that went through [`terminal`] with `\n`.
pub fn workflow_data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(terminal).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property (`file`, `title`) of a workflow command.
pub fn workflow_property(text: &str) -> String {
    workflow_data(&terminal(text)).replace(':', "%3A").replace(',', "%2C")
}

/// A command to be copied into a shell: verbatim, or `None` when it holds a character that deceives, a line break among them,
/// a command for a CI runner, more than 8 KiB, or nothing at all.
pub fn command(text: &str) -> Option<&str> {
    (!text.trim().is_empty() && text.len() <= 8 << 10 && terminal(text) == text).then_some(text)
}

/// The message of a logging command of Azure Pipelines, as [`workflow_data`] is one of GitHub's. A per cent sign is escaped only where
/// it would be read as an escape: agents differ in whether they undo that.
pub fn azure_data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(terminal).collect();
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            shown.push_str("%0A");
        }
        let mut rest = line.as_str();
        while let Some(found) = rest.find('%') {
            let code = &rest[found + 1..];
            let read = ["0D", "0A", "3B", "5D", "AZP25"].iter().any(|escape| code.starts_with(escape));
            shown.push_str(&rest[..found]);
            shown.push_str(if read { "%AZP25" } else { "%" });
            rest = code;
        }
        shown.push_str(rest);
    }
    shown
}

/// A property of a logging command of Azure Pipelines.
pub fn azure_property(text: &str) -> String {
    azure_data(&terminal(text)).replace(';', "%3B").replace(']', "%5D")
}

/// A value of a service message of TeamCity. Line breaks in it are ours, as for [`workflow_data`].
pub fn teamcity(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(terminal).collect();
    let mut shown = String::with_capacity(text.len() + 16);
    for c in lines.join("\n").chars() {
        match c {
            '|' | '\'' | '[' | ']' => shown.extend(['|', c]),
            '\n' => shown.push_str("|n"),
            c => shown.push(c),
        }
    }
    shown
}

/// The first line that a CI runner would take for a command: one that begins with `::` behind white space, or holds `##[`, `##vso[` or
/// `##teamcity[` anywhere.
pub fn runner_command(output: &str) -> Option<&str> {
    let inside = |line: &str| RUNNER_COMMANDS.iter().any(|command| line.contains(command));
    output.lines().find(|line| line.trim_start().starts_with("::") || inside(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_deceives_reaches_a_terminal() {
        let hostile = "a\u{1b}[2J\u{9b}31m\r\u{202e}gnp\u{200b}\u{feff}\u{7f}\u{e0041}\tz\0";
        let shown = terminal(hostile);
        assert!(!shown.chars().any(deceives), "{shown}");
        assert_eq!(shown, "a\\u{1b}[2J\\u{9b}31m\\u{d}\\u{202e}gnp\\u{200b}\\u{feff}\\u{7f}\\u{e0041}\\u{9}z\\u{0}");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(terminal("a\r\n::error::b\n\nc"), "a ::error::b  c");
    }

    #[test]
    fn commands_in_the_middle_of_a_line_are_broken() {
        for text in ["x ##[error]y", "##vso[task.complete]", "###[group]", "a ##teamcity[buildStop comment='x']"] {
            let shown = terminal(text);
            assert_eq!(runner_command(&shown), None, "{shown}");
        }
    }

    #[test]
    fn lines_stay_lines_and_none_is_a_command() {
        let shapes = SecretShapes::default();
        let shown = lines("a\tb\r\n  ::error::x\n::add-mask::y\n##[group]\u{1b}[31mz\n", false, &shapes);
        assert_eq!(shown, "a\tb\n  \\u{3a}:error::x\n\\u{3a}:add-mask::y\n#\\u{23}[group]\\u{1b}[31mz\n");
        assert_eq!(runner_command(&shown), None);
        let hidden =
            lines(&format!("tok \u{1b}[31mghp_{}\u{1b}[0m", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6"), true, &shapes);
        assert_eq!(hidden, "tok \u{1b}[31m[redacted: GitHub token]\u{1b}[0m");
    }

    #[test]
    fn only_colours_that_can_be_read_pass() {
        let shapes = SecretShapes::default();
        let mut seen = 0;
        for code in ["\u{1b}[1m", "\u{1b}[0m", "\u{1b}[m", "\u{1b}[91m", "\u{1b}[38;5;12m", "\u{1b}[1;31m"] {
            assert_eq!(lines(code, true, &shapes), code);
            assert!(!lines(code, false, &shapes).contains('\u{1b}'));
            seen += 1;
        }
        for code in
            ["\u{1b}[8m", "\u{1b}[1;8m", "\u{1b}[2J", "\u{1b}[1A", "\u{1b}]0;x\u{7}", "\u{1b}[5m", "\u{9b}1m", "\u{1b}c"]
        {
            assert!(!lines(code, true, &shapes).chars().any(deceives), "{code:?}");
            seen += 1;
        }
        assert_eq!(seen, 14);
    }

    #[test]
    fn json_stays_json_without_its_secrets() {
        let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6");
        let value = serde_json::json!({ "a": format!("x\n{token}\"\u{1b}[31m{token}\\"), "b": [token, "-----BEGIN RSA PRIVATE KEY-----"], "c": "\u{202e}##[x]" });
        let shown = json(&value.to_string()).into_owned();
        assert!(!shown.contains(&token[4..]) && !shown.contains("BEGIN RSA"), "{shown}");
        let back: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(back["c"], "\u{202e}##[x]");
        assert_eq!(back["b"], serde_json::json!(["[redacted: GitHub token]", "[redacted: private key]"]));
    }

    #[test]
    fn xml_keeps_no_markup_and_no_forbidden_character() {
        let shown = xml("a\n<b c='d' e=\"f\">&amp;]]>\u{0}\u{ffff}\u{fffe}\u{fffd}");
        assert_eq!(shown, "a &lt;b c=&#39;d&#39; e=&quot;f&quot;&gt;&amp;amp;]]&gt;\\u{0}\\u{ffff}\\u{fffe}\u{fffd}");
    }

    #[test]
    fn markdown_keeps_no_markup() {
        let shown = markdown("|`*_[a](http://x)<b>&@team #12 www.evil.org GH-7 o/r#9 $x$ </details>");
        assert_eq!(
            shown,
            "\\|\\`\\*\\_\\[a\\](http:&#8203;//x)&lt;b&gt;&amp;@&#8203;team \\#&#8203;12 www&#8203;.evil.org GH&#8203;-7 \
             o/r\\#&#8203;9 \\$x\\$ &lt;/details&gt;"
        );
    }

    #[test]
    fn code_spans_outlast_their_backticks() {
        assert_eq!(markdown_code("a``b"), "```a``b```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(markdown_code("x\n```\ny"), "````x ``` y````");
        assert_eq!(markdown_code(" \n"), "(blank)");
    }

    #[test]
    fn fences_outlast_their_backticks_and_refuse_commands_for_the_runner() {
        assert_eq!(markdown_fence("echo ````"), Some("`````sh\necho ````\n`````".to_owned()));
        assert_eq!(markdown_fence("  ::error::x"), None);
        assert_eq!(markdown_fence("a\nb"), None);
    }

    #[test]
    fn percent_is_escaped_before_what_escapes_to_percent() {
        assert_eq!(workflow_data("100%\n::error::\r"), "100%25%0A::error::\\u{d}");
        assert_eq!(workflow_property("a:b,c%\n::x"), "a%3Ab%2Cc%25 %3A%3Ax");
    }

    #[test]
    fn what_ends_a_command_of_azure_or_teamcity_is_escaped() {
        assert_eq!(azure_data("100% 50%0A\n%AZP25;]"), "100% 50%AZP250A%0A%AZP25AZP25;]");
        assert_eq!(azure_property("a;b]c\n%3B"), "a%3Bb%5Dc %AZP253B");
        assert_eq!(teamcity("it's |n [x]\n##teamcity[a]"), "it|'s ||n |[x|]|n#\\u{23}teamcity|[a|]");
    }

    #[test]
    fn commands_are_verbatim_or_refused() {
        assert_eq!(command("cargo test -- 'a b'"), Some("cargo test -- 'a b'"));
        assert_eq!(command(&"x".repeat(8_193)), None);
        for refused in ["a\nrm -rf /", "a ##[error]b", "a\0", "a\u{1b}[A", "a\u{202e}b", "  ", ""] {
            assert_eq!(command(refused), None, "{refused:?}");
        }
        assert_eq!(shell_word("tests/run 1's").as_deref(), Some(r"'tests/run 1'\''s'"));
        assert_eq!(shell_word("").as_deref(), Some("''"));
        assert_eq!(shell_word("a\nb"), None);
    }

    #[test]
    fn a_cut_says_how_much_it_left_out() {
        assert_eq!(excerpt("äöü", 2), "äö… (1 more characters)");
        assert_eq!(excerpt("äöü", 3), "äöü");
    }
}
