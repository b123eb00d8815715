//! Characters that are not seen, or make others be seen otherwise.

/// Whether a character hides, moves or reorders text: C0, DEL, C1, bidirectional and zero-width characters, line separators,
/// fillers and tags.
pub fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether nothing of a text is seen. An owner of zero-width characters is no owner.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || deceives(c) || c == '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_what_nobody_sees() {
        for text in ["", " \t\n", "\u{200b}\u{a0}", "\u{feff}", "\u{3164}", "\u{2800}", "\u{e0041}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", " a ", "\u{200b}a", ".", "\u{e9}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
