//! Characters that are not seen, or make others be seen otherwise.

use std::fmt::Write as _;
use std::path::Path;

/// Whether a character hides, moves or reorders text: C0, DEL, C1, bidirectional and zero-width characters, line separators,
/// fillers, variation selectors, controls of notation and tags.
pub fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether nothing of a text is seen. An owner of zero-width characters is no owner.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || deceives(c))
}

/// A path in a message: one line, and what deceives as its escape. A line break in a name is no line break of ours.
pub fn shown_path(path: impl AsRef<Path>) -> String {
    let mut shown = String::new();
    for c in path.as_ref().to_string_lossy().chars() {
        if deceives(c) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_what_nobody_sees() {
        for text in [
            "",
            " \t\n",
            "\u{200b}\u{a0}",
            "\u{feff}",
            "\u{3164}",
            "\u{2800}",
            "\u{fe0f}",
            "\u{fff0}",
            "\u{1bca1}",
            "\u{1d173}",
            "\u{e0041}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", " a ", "\u{200b}a", ".", "\u{e9}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn a_path_is_one_line_whatever_its_name_is() {
        assert_eq!(shown_path("dl/s1\n::error::x\u{1b}[31m"), "dl/s1\\u{a}::error::x\\u{1b}[31m");
        assert_eq!(shown_path("dl/é 1"), "dl/é 1");
    }
}
