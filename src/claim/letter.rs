//! Which characters are the same to a reader: case, width, ornament, accents, and letters of other scripts that look alike.
//!
//! In: one character. Out: what it counts as in a comparison, or that it does not count. Phrases and texts are both folded, so a
//! phrase in any script is still found. What looks alike comes from Unicode's table of confusables (UTS 39), in which `rn` is `m`, `1` is `l`
//! and `0` is `o` too; what is a form of another letter from its compatibility decompositions. The tables here hold only what those lack.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

/// What a character counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letter {
    /// These signs, folded.
    Signs(Vec<char>),
    /// A dot in the middle of a line: a stop between two letters, and a blank anywhere else.
    Dot,
    /// Nothing, and it does not end a word: accents and other marks on the letter before it.
    Mark,
    /// Nothing, and a word may end at it: white space, dashes, emphasis, quotes, characters without width.
    Gap,
}

/// Letters that are drawn like a Latin one and stand in no table of Unicode as such: small capitals, and a few of other scripts.
const ALIKE: &[(char, &str)] = &[
    ('a', "ᴀɑα"),
    ('b', "ʙь"),
    ('c', "ᴄϲ"),
    ('d', "ᴅ"),
    ('e', "ᴇҽє"),
    ('f', "ꜰ"),
    ('g', "ɢ"),
    ('h', "ʜ"),
    ('i', "ɪ"),
    ('j', "ᴊȷ"),
    ('k', "ᴋкκ"),
    ('l', "ʟł"),
    ('m', "ᴍм"),
    ('n', "ɴпη"),
    ('o', "ᴏøɵ"),
    ('p', "ᴘ"),
    ('q', "ꞯ"),
    ('r', "ʀ"),
    ('s', "ꜱ"),
    ('t', "ᴛŧтτ"),
    ('u', "ᴜυ"),
    ('v', "ᴠν"),
    ('w', "ᴡω"),
    ('x', "χ"),
    ('y', "ʏу"),
    ('z', "ᴢ"),
    ('d', "đ"),
    ('h', "ħ"),
];

/// Folds characters, and remembers what they came to: most texts have few different ones.
#[derive(Default)]
pub(super) struct Folder(HashMap<char, Letter>);

impl Folder {
    /// What a character counts as.
    pub(super) fn letter(&mut self, c: char) -> &Letter {
        self.0.entry(c).or_insert_with(|| letter(c))
    }
}

fn letter(c: char) -> Letter {
    match c {
        // Letters by their category, blanks to a reader.
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => return Letter::Gap,
        '.' | '!' | '?' | '%' | '+' => return Letter::Signs(vec![c]),
        '\u{66A}' => return Letter::Signs(vec!['%']),
        '·' | '•' | '∙' | '⋅' | '‧' | 'ꞏ' | '・' | '･' | '᛫' | '⸱' | '🞄' => {
            return Letter::Dot;
        }
        _ => {}
    }
    if is_combining_mark(c) {
        return Letter::Mark;
    }
    let mut signs = Vec::new();
    for part in std::iter::once(latin(ornamental(c))).nfkd().filter(|part| !is_combining_mark(*part)) {
        if matches!(part, '.' | '!' | '?' | '%' | '+') {
            signs.push(part);
        } else if part.is_alphanumeric() {
            // Up and down again: `ß` and ligatures come apart, both sigmas and the long s meet.
            part.to_uppercase().flat_map(char::to_lowercase).for_each(|low| alike(low, &mut signs));
        }
    }
    if signs.is_empty() { Letter::Gap } else { Letter::Signs(signs) }
}

/// Adds what a small letter looks like.
fn alike(low: char, signs: &mut Vec<char>) {
    let low = latin(low);
    let mut bytes = [0; 4];
    let prototype = skeleton(low.encode_utf8(&mut bytes)).nfkd().flat_map(char::to_lowercase);
    let shown: Vec<char> = prototype.filter(|part| part.is_alphanumeric() && !is_combining_mark(*part)).collect();
    match shown.is_empty() {
        true => signs.push(low),
        // The prototype of a letter that is drawn like a small `L` is a capital `I` in some rows, and a small `L` in others.
        false => signs.extend(shown.into_iter().map(latin)),
    }
}

fn latin(c: char) -> char {
    ALIKE.iter().find(|(_, others)| others.contains(c)).map_or(c, |(own, _)| *own)
}

/// Without ornaments that Unicode calls symbols: white letters on black, and the letters of flags.
fn ornamental(c: char) -> char {
    let code = u32::from(c);
    let first = match code {
        0x1F150..=0x1F169 => 0x1F150,
        0x1F170..=0x1F189 => 0x1F170,
        0x1F1E6..=0x1F1FF => 0x1F1E6,
        _ => return c,
    };
    char::from_u32(u32::from('a') + code - first).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut folder = Folder::default();
        let mut signs = |c| match folder.letter(c) {
            Letter::Signs(signs) => signs.clone(),
            Letter::Mark => Vec::new(),
            Letter::Gap => vec!['|'],
            Letter::Dot => vec!['·'],
        };
        text.chars().flat_map(&mut signs).collect()
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
            ("lOO%", "100%"),
            ("ᴅʀᴏᴘ", "drop"),
            ("🄳🅁🄾🄿", "drop"),
            ("🅳🅡🅞🅟", "drop"),
            ("🇩🇷🇴🇵", "drop"),
            ("⒟⒭⒪⒫", "drop"),
            ("drꓳp", "drop"),
            ("drɵp", "drop"),
            ("nȷs", "njs"),
            ("replacernent", "replacement"),
            ("Łódź đħŧ", "lodz|dht"),
            ("нode", "нode"),
            ("nоdе", "node"),
            ("ｎ．", "n."),
            ("５０％", "50%"),
        ];
        let mut looked = 0;
        for (text, expected) in same {
            assert_eq!(folded(text), folded(expected), "{text}");
            looked += 1;
        }
        assert_eq!(looked, 25);
        assert_eq!(folded("a\u{200B}b\u{AD}c\u{3164}d\u{2060}-_*`"), "a|b|c|d|||||");
        assert_eq!(folded("a·b"), "a·b");
    }

    #[test]
    fn every_accent_and_every_look_alike_of_before_is_still_one() {
        const BEFORE: &[(char, &str)] = &[
            ('a', "àáâãäåāăąаα"),
            ('b', "ь"),
            ('c', "çćĉċčсϲ"),
            ('d', "ďđԁ"),
            ('e', "èéêëēĕėęěеєҽ"),
            ('g', "ĝğġģ"),
            ('h', "ĥħһ"),
            ('i', "ìíîïĩīĭįіι"),
            ('j', "ĵј"),
            ('k', "ķкκ"),
            ('l', "ĺļľŀłӏ"),
            ('m', "м"),
            ('n', "ñńņňŉпη"),
            ('o', "òóôõöøōŏőоοօ"),
            ('p', "рρ"),
            ('q', "ԛ"),
            ('r', "ŕŗř"),
            ('s', "śŝşšѕ"),
            ('t', "ţťŧтτ"),
            ('u', "ùúûüũūŭůűųυս"),
            ('v', "ѵν"),
            ('w', "ŵԝω"),
            ('x', "хχ"),
            ('y', "ýÿŷуγ"),
            ('z', "źżž"),
        ];
        let mut looked = 0;
        for (own, others) in BEFORE {
            for other in others.chars() {
                assert!(folded(&other.to_string()).contains(&folded(&own.to_string())), "{own} {other}");
                looked += 1;
            }
        }
        assert!(looked > 120, "{looked}");
    }
}
