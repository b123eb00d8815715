//! Which characters are the same to a reader: case, width, ornament, accents, and letters of other scripts that look alike.
//!
//! In: one character. Out: what it counts as in a comparison, or that it does not count. Phrases and texts are both folded, so a
//! phrase in any script is still found.

/// What a character counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letter {
    /// These signs, folded.
    Signs(Vec<char>),
    /// Nothing, and it does not end a word: accents and other marks on the letter before it.
    Mark,
    /// Nothing, and a word may end at it: white space, dashes, emphasis, quotes, characters without width.
    Gap,
}

/// Accented letters with a character of their own, behind the letter that they fold to.
const ACCENTED: &[(char, &str)] = &[
    ('a', "àáâãäåāăą"),
    ('c', "çćĉċč"),
    ('d', "ďđ"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģ"),
    ('h', "ĥħ"),
    ('i', "ìíîïĩīĭį"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľŀł"),
    ('n', "ñńņňŉ"),
    ('o', "òóôõöøōŏő"),
    ('r', "ŕŗř"),
    ('s', "śŝşš"),
    ('t', "ţťŧ"),
    ('u', "ùúûüũūŭůűų"),
    ('w', "ŵ"),
    ('y', "ýÿŷ"),
    ('z', "źżž"),
];

/// Small letters of other scripts that most fonts draw like a Latin one, behind that letter.
const ALIKE: &[(char, &str)] = &[
    ('a', "аα"),
    ('b', "ь"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еєҽ"),
    ('h', "һ"),
    ('i', "іι"),
    ('j', "ј"),
    ('k', "кκ"),
    ('l', "ӏ"),
    ('m', "м"),
    ('n', "пη"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('s', "ѕ"),
    ('t', "тτ"),
    ('u', "υս"),
    ('v', "ѵν"),
    ('w', "ԝω"),
    ('x', "хχ"),
    ('y', "уγ"),
];

/// Folds a character.
pub(super) fn letter(c: char) -> Letter {
    match c {
        '\u{300}'..='\u{36F}'
        | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}' => Letter::Mark,
        // Letters by their category, blanks to a reader.
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => Letter::Gap,
        '.' | '!' | '?' | '%' | '+' => Letter::Signs(vec![c]),
        '\u{FF0E}' | '\u{FE52}' | '\u{2024}' => Letter::Signs(vec!['.']),
        '\u{FF05}' | '\u{FE6A}' | '\u{66A}' => Letter::Signs(vec!['%']),
        '\u{FF0B}' | '\u{FE62}' => Letter::Signs(vec!['+']),
        _ => {
            let plain = plain(c);
            if !plain.is_alphanumeric() {
                return Letter::Gap;
            }
            // Up and down again: `ß` and ligatures come apart, both sigmas and the long s meet.
            let folded = plain.to_uppercase().flat_map(char::to_lowercase);
            let signs: Vec<char> = folded.filter(|sign| !matches!(sign, '\u{300}'..='\u{36F}')).map(latin).collect();
            if signs.is_empty() { Letter::Mark } else { Letter::Signs(signs) }
        }
    }
}

/// Without width and ornament: full-width, circled and mathematical letters and digits.
fn plain(c: char) -> char {
    let code = u32::from(c);
    let ascii = |first: char, offset: u32| char::from_u32(u32::from(first) + offset).unwrap_or(c);
    match code {
        0xFF10..=0xFF5A => char::from_u32(code - 0xFEE0).unwrap_or(c),
        0x24B6..=0x24CF => ascii('a', code - 0x24B6),
        0x24D0..=0x24E9 => ascii('a', code - 0x24D0),
        // Thirteen alphabets of 26 capitals and 26 small letters.
        0x1D400..=0x1D6A3 => ascii('a', (code - 0x1D400) % 26),
        0x1D7CE..=0x1D7FF => ascii('0', (code - 0x1D7CE) % 10),
        0xB9 => '1',
        0xB2 => '2',
        0xB3 => '3',
        0x2070..=0x2079 => ascii('0', code - 0x2070),
        0x2080..=0x2089 => ascii('0', code - 0x2080),
        _ => c,
    }
}

fn latin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    ACCENTED.iter().chain(ALIKE).find(|(_, others)| others.contains(c)).map_or(c, |(own, _)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let signs = |c| match letter(c) {
            Letter::Signs(signs) => signs,
            Letter::Mark => Vec::new(),
            Letter::Gap => vec!['|'],
        };
        text.chars().flat_map(signs).collect()
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        let same = [
            ("Straße", "strasse"),
            ("ﬁt", "fit"),
            ("ΣΟΣ", "σος"),
            ("ｄｒｏｐ", "drop"),
            ("𝐝𝒓𝖔𝚙", "drop"),
            ("ⓓⓇop", "drop"),
            ("drоp", "drop"),
            ("cafe\u{301} café", "cafe|cafe"),
            ("İı", "ii"),
            ("100%", "100%"),
        ];
        let mut looked = 0;
        for (text, expected) in same {
            assert_eq!(folded(text), folded(expected), "{text}");
            looked += 1;
        }
        assert_eq!(looked, 10);
        assert_eq!(folded("a\u{200B}b\u{AD}c\u{3164}d\u{2060}-_*`"), "a|b|c|d|||||");
    }
}
