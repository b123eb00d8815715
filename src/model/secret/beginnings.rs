//! Whether a text has anything to look at, in a fraction of the time that looking takes.
//!
//! In: the words that the automaton looks for. Out: a yes for every text in which one of them stands, whatever its case, or in which something
//! is to be decoded; a no only where nothing can be found. Three bytes at a time are looked up in a table of bits; what the table knows is compared
//! with the words themselves.

use super::decode::is_odd;
use super::shapes::Alphabet;

/// How many bytes are looked up together, and how many bits the class of one has.
const WINDOW: usize = 3;
const BITS: usize = 5;

/// How many bytes are looked at before anything is decided.
const BLOCK: usize = 16;

/// All windows: the classes of three bytes behind each other.
const WINDOWS: usize = 1 << (WINDOW * BITS);

/// The class of bytes that no word has at its beginning.
const OTHER: u8 = 0;
/// The classes of `-`, of `_`, of digits and of all other bytes of words that are no letters.
const HYPHEN: u8 = 27;
const UNDERSCORE: u8 = 28;
const DIGIT: u8 = 29;
const SIGN: u8 = 30;
/// The class of bytes that are to be decoded.
const ODD: u8 = 31;

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    /// A word, whatever its case; not empty.
    pub(super) word: Box<[u8]>,
    /// Of a token: what must stand behind the word at least, and then its case counts.
    pub(super) body: Option<(Alphabet, usize)>,
}

impl Beginning {
    /// Whether it stands at the beginning of this text.
    fn begins(&self, text: &[u8]) -> bool {
        let Some((word, rest)) = text.split_at_checked(self.word.len()) else { return false };
        match self.body {
            None => word.eq_ignore_ascii_case(&self.word),
            Some((of, least)) => {
                *word == *self.word && rest.get(..least).is_some_and(|body| body.iter().all(|byte| of.has(*byte)))
            }
        }
    }
}

/// How the words of a finder begin.
pub(super) struct Beginnings {
    class: [u8; 256],
    /// For each window, whether it calls for a closer look.
    known: Box<[u8; WINDOWS]>,
    /// For each window, the first of its words.
    first: Box<[u32; WINDOWS]>,
    /// The words by their windows, sorted; a word that is shorter than a window stands behind each window that it may begin.
    words: Vec<(usize, Beginning)>,
}

impl Beginnings {
    /// Of these.
    pub(super) fn of(words: &[Beginning]) -> Self {
        let mut class = [OTHER; 256];
        for byte in words.iter().flat_map(|own| own.word.iter().take(WINDOW)) {
            let of = match byte.to_ascii_lowercase() {
                letter @ b'a'..=b'z' => letter - b'a' + 1,
                b'-' => HYPHEN,
                b'_' => UNDERSCORE,
                b'0'..=b'9' => DIGIT,
                _ => SIGN,
            };
            class[usize::from(byte.to_ascii_lowercase())] = of;
            class[usize::from(byte.to_ascii_uppercase())] = of;
        }
        for byte in (0..=u8::MAX).filter(|byte| is_odd(*byte)) {
            class[usize::from(byte)] = ODD;
        }
        let mut own: Vec<(usize, Beginning)> = Vec::new();
        for one in words {
            let classes = one.word.iter().take(WINDOW).map(|byte| usize::from(class[usize::from(*byte)]));
            let head = classes.fold(0, |window, class| window << BITS | class);
            let open = BITS * WINDOW.saturating_sub(one.word.len());
            own.extend((0..1 << open).map(|rest| (head << open | rest, one.clone())));
        }
        own.sort_by_key(|(window, _)| *window);
        let mut known = Box::new([0; WINDOWS]);
        let mut first = Box::new([0; WINDOWS]);
        for (at, (window, _)) in (0..).zip(&own) {
            if known[*window] == 0 {
                (known[*window], first[*window]) = (1, at);
            }
        }
        // A byte that is to be decoded is seen when it is the last of its window.
        (0..WINDOWS).filter(|window| is_last(*window, ODD)).for_each(|window| known[window] = 1);
        Self { class, known, first, words: own }
    }

    /// Whether one of them stands in the text, or something that is to be decoded. What follows the text is no part of it.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let mut classes = [usize::from(OTHER); BLOCK + WINDOW - 1];
        for (at, block) in blocks.iter().enumerate() {
            // The windows of a block do not wait for each other, and one question is asked of all of them.
            let own: [usize; BLOCK] = std::array::from_fn(|at| usize::from(self.class[usize::from(block[at])]));
            classes.copy_within(BLOCK.., 0);
            classes[WINDOW - 1..].copy_from_slice(&own);
            let known = (0..BLOCK).fold(0, |known, at| known | self.known[window(&classes, at)]);
            if known != 0 && self.are_among(&classes, BLOCK, text, at * BLOCK) {
                return true;
            }
        }
        classes.copy_within(BLOCK.., 0);
        classes[WINDOW - 1..].fill(usize::from(OTHER));
        for (class, byte) in classes[WINDOW - 1..].iter_mut().zip(rest) {
            *class = usize::from(self.class[usize::from(*byte)]);
        }
        // Behind the text stands nothing, so that a word that is shorter than a window is seen at its end.
        let (from, ends) = (text.len() - rest.len(), rest.len() + WINDOW - 1);
        if self.are_among(&classes, ends.min(BLOCK), text, from) {
            return true;
        }
        classes.copy_within(BLOCK.., 0);
        classes[WINDOW - 1..].fill(usize::from(OTHER));
        self.are_among(&classes, ends.saturating_sub(BLOCK), text, from + BLOCK)
    }

    /// The same of the first windows of one block, the classes of whose bytes stand behind those of the bytes before it.
    fn are_among(&self, classes: &[usize; BLOCK + WINDOW - 1], windows: usize, text: &[u8], from: usize) -> bool {
        (0..windows).any(|at| {
            let window = window(classes, at);
            self.known[window] != 0 && self.is_one(text, from + at, window)
        })
    }

    /// Whether what stands in the window that ends with this byte is more than looks like it.
    fn is_one(&self, text: &[u8], at: usize, window: usize) -> bool {
        if is_last(window, ODD) {
            return true;
        }
        let Some(begin) = (at + 1).checked_sub(WINDOW).and_then(|from| text.get(from..)) else { return false };
        let mut same = self.words[self.first[window] as usize..].iter().take_while(|(own, _)| *own == window);
        same.any(|(_, own)| own.begins(begin))
    }
}

/// The window of classes that begins here.
fn window(classes: &[usize; BLOCK + WINDOW - 1], at: usize) -> usize {
    (classes[at] << (2 * BITS) | classes[at + 1] << BITS | classes[at + 2]) % WINDOWS
}

/// Whether a window ends with a byte of this class.
fn is_last(window: usize, class: u8) -> bool {
    window % (1 << BITS) == usize::from(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str], tokens: &[(&str, usize)]) -> Beginnings {
        let word = |word: &&str| Beginning { word: word.as_bytes().into(), body: None };
        let token = |(word, least): &(&str, usize)| {
            let body = Some((Alphabet::Alphanumeric, *least));
            Beginning { word: word.as_bytes().into(), body }
        };
        Beginnings::of(&words.iter().map(word).chain(tokens.iter().map(token)).collect::<Vec<_>>())
    }

    #[test]
    fn every_word_is_seen_wherever_it_stands() {
        let words = ["-u", "ghp_", "eyj", "_auth", "://", "?sig=", "token", "9x!"];
        let beginnings = of(&words, &[]);
        let mut seen = 0;
        for word in words {
            for own in [word.to_owned(), word.to_uppercase()] {
                for text in
                    [own.clone(), format!("a {own}"), format!("{own} z"), format!("{own}{own}"), format!("-{own}\n")]
                {
                    assert!(beginnings.are_in(text.as_bytes()), "{text}");
                    seen += 1;
                }
                assert!(!beginnings.are_in(&own.as_bytes()[1..]), "{own}");
            }
        }
        assert_eq!(seen, 80);
        for text in ["", "-", "u", "ghp-", "toke", "gh p_", "a:/", "usig=", "?si"] {
            assert!(!beginnings.are_in(text.as_bytes()), "{text}");
        }
        assert!(["\\", "%", "a&", "ä", "\u{1b}[0m", "x\0"].iter().all(|odd| beginnings.are_in(odd.as_bytes())));
    }

    #[test]
    fn a_token_needs_its_case_and_its_length() {
        let beginnings = of(&[], &[("s.", 4), ("SK", 2)]);
        let seen = ["s.abc1", "tests.unit", "SKa1", "aSKxx"];
        assert!(seen.iter().all(|text| beginnings.are_in(text.as_bytes())));
        let unseen = ["s.abc", "S.abcd", "s.ab-d", "skab", "SK", "SKa", "s. abcd"];
        assert!(!unseen.iter().any(|text| beginnings.are_in(text.as_bytes())));
    }
}
