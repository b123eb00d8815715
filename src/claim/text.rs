//! Finds phrases in Markdown as a reader would, however they are set.
//!
//! In: a text and phrases. Out: the places of the phrases. Case, width and accents do not count, and neither do white space, line breaks,
//! dashes, emphasis, quotes, brackets, headings, block quotes and table rules, nor a dot between two letters. A text is read in several ways, and a
//! phrase that is found in any of them is found (see [`Way`]). So nothing that one way drops can hide what another one shows.

use super::letter::{Folder, Letter};
use super::markup::{Marks, Piece, marker};
use std::ops::Range;

/// What may follow the last word of a phrase without making it another word.
const ENDINGS: [&str; 8] = ["s", "es", "d", "ed", "ing", "ly", "ness", "able"];

/// A phrase that is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// As the contract writes it.
    pub written: String,
    folded: Vec<char>,
}

impl Phrase {
    /// Folds a phrase; `None` if fewer than two signs of it count, as such a phrase is in any text.
    pub fn new(written: &str) -> Option<Self> {
        let signs: Vec<char> = Way::Shown.signs(written, &Marks::of(written)).iter().map(|sign| sign.sign).collect();
        let stop = |sign: &char| matches!(sign, '.' | '!' | '?');
        let first = signs.iter().position(|sign| !stop(sign))?;
        let last = signs.iter().rposition(|sign| !stop(sign))?;
        let folded = signs[first..=last].to_vec();
        (folded.len() >= 2).then(|| Self { written: written.to_owned(), folded })
    }

    /// Whether two phrases are the same to a reader.
    pub fn same(&self, other: &Phrase) -> bool {
        self.folded == other.folded
    }
}

/// A way to read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As it is shown, without tags, comments, targets of links, and with entities decoded.
    Shown,
    /// So again, without the markers of lists.
    Unlisted,
    /// So again, without what stands between words and is read as no word of the sentence: raised and lowered numbers, the words for an image,
    /// scripts, styles, and what is hidden.
    Bare,
    /// So again, with what is set from right to left turned round.
    Turned,
    /// As it is written.
    Written,
}

impl Way {
    /// The ways in which a text is read: as readers see it first, as it is written last.
    pub(super) const ALL: [Way; 5] = [Way::Shown, Way::Unlisted, Way::Bare, Way::Turned, Way::Written];

    /// Whether the text is another one if it is read so.
    fn differs(self, text: &str) -> bool {
        match self {
            Way::Shown | Way::Unlisted | Way::Written => true,
            Way::Bare => text.contains('<') || text.contains("!["),
            Way::Turned => text.contains('\u{202e}') || text.contains("<bdo") || text.contains("<BDO"),
        }
    }

    fn signs(self, text: &str, marks: &Marks) -> Vec<Sign> {
        let mut signs = Signs::default();
        match self {
            Way::Written => text.char_indices().for_each(|(at, c)| signs.push(c, at..at + c.len_utf8())),
            Way::Shown | Way::Unlisted | Way::Bare => self.walk(text, marks, &mut |piece| signs.take(piece)),
            Way::Turned => {
                let mut pieces = Vec::new();
                self.walk(text, marks, &mut |piece| pieces.push(piece));
                turned(pieces).into_iter().for_each(|piece| signs.take(piece));
            }
        }
        signs.finish()
    }

    /// Hands over the pieces of a text.
    fn walk(self, text: &str, marks: &Marks, take: &mut dyn FnMut(Piece)) {
        let (mut at, mut fresh) = (0, true);
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            if fresh && self != Way::Shown {
                let length = marker(rest);
                if length > 0 {
                    take(Piece::Nothing);
                    (at, fresh) = (at + length, false);
                    continue;
                }
            }
            let bare = matches!(self, Way::Bare | Way::Turned);
            let (length, piece) = marks.piece(text, at, c, bare);
            fresh = text[..at + length].ends_with('\n');
            match piece {
                Piece::Decoded(several, bytes) => {
                    several.chars().for_each(|c| take(Piece::Shown(c, bytes.clone())));
                }
                piece => take(piece),
            }
            at += length;
        }
    }
}

/// The pieces with those between the marks of another direction turned round. Such a mark holds to the end of its line at most.
fn turned(pieces: Vec<Piece>) -> Vec<Piece> {
    let (mut out, mut open): (Vec<Piece>, Option<usize>) = (Vec::with_capacity(pieces.len()), None);
    for piece in pieces {
        let ends = matches!(piece, Piece::Turn(false) | Piece::Shown('\n' | '\u{202c}', _));
        if let Some(from) = open.filter(|_| ends) {
            out[from..].reverse();
            open = None;
        }
        if matches!(piece, Piece::Turn(true) | Piece::Shown('\u{202e}', _)) {
            open.get_or_insert(out.len());
        } else {
            out.push(piece);
        }
    }
    if let Some(from) = open {
        out[from..].reverse();
    }
    out
}

/// One sign of a text that counts.
#[derive(Debug, Clone, Copy)]
struct Sign {
    sign: char,
    /// Its bytes in the text.
    start: u32,
    length: u16,
    /// Whether a word may begin here.
    begins: bool,
    /// Whether a blank stands before it.
    apart: bool,
    /// Whether it was a digit, which may fold to a letter.
    digit: bool,
}

impl Sign {
    fn start(&self) -> usize {
        self.start as usize
    }

    fn end(&self) -> usize {
        self.start as usize + usize::from(self.length)
    }
}

/// A text to look into.
pub(super) struct Text<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    /// Makes a text ready.
    pub(super) fn new(text: &'t str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, lines }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> u64 {
        self.lines.partition_point(|start| *start <= at) as u64
    }

    /// The bytes of every place of each phrase, for each of [`Way::ALL`]. One way is in memory at a time.
    pub(super) fn find(&self, phrases: &[&Phrase]) -> Vec<Vec<Vec<Range<usize>>>> {
        let marks = Marks::of(self.text);
        let of = |way: &Way| {
            let signs = if way.differs(self.text) { way.signs(self.text, &marks) } else { Vec::new() };
            phrases.iter().map(|phrase| places(&signs, &phrase.folded)).collect()
        };
        Way::ALL.iter().map(of).collect()
    }
}

fn places(signs: &[Sign], phrase: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, window) in signs.windows(phrase.len()).enumerate() {
        let same = window[0].begins && window.iter().zip(phrase).all(|(sign, wanted)| sign.sign == *wanted);
        if same && ends(&signs[at + phrase.len()..]) {
            // What is turned round ends before it begins.
            let bounds = window.iter().flat_map(|sign| [sign.start(), sign.end()]);
            let (start, end) = bounds.fold((usize::MAX, 0), |(least, most), bound| (least.min(bound), most.max(bound)));
            found.push(start..end);
        }
    }
    found
}

/// Whether a word ends here, but for an ending that changes only its form.
fn ends(rest: &[Sign]) -> bool {
    let more = rest.iter().take_while(|sign| !sign.begins && sign.sign.is_alphanumeric()).take(8);
    let more: String = more.map(|sign| sign.sign).collect();
    more.is_empty() || ENDINGS.contains(&more.as_str())
}

/// Signs as they are gathered.
#[derive(Default)]
struct Signs {
    signs: Vec<Sign>,
    folder: Folder,
    inside: bool,
    apart: bool,
}

impl Signs {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Shown(c, bytes) => self.push(c, bytes),
            Piece::Nothing | Piece::Turn(_) | Piece::Decoded(..) => self.inside = false,
        }
    }

    fn push(&mut self, c: char, bytes: Range<usize>) {
        let signs: &[char] = match self.folder.letter(c) {
            Letter::Mark => return,
            Letter::Gap => {
                self.inside = false;
                self.apart |= c.is_whitespace();
                return;
            }
            Letter::Dot => &['·'],
            Letter::Signs(folded) => folded,
        };
        for sign in signs {
            let (Ok(start), Ok(length)) = (u32::try_from(bytes.start), u16::try_from(bytes.len())) else { continue };
            self.signs.push(Sign {
                sign: *sign,
                start,
                length,
                begins: !self.inside,
                apart: self.apart,
                digit: c.is_numeric(),
            });
            // Behind a stop or a percent sign a word may begin.
            self.inside = sign.is_alphanumeric();
            self.apart = false;
        }
    }

    /// The signs without dots between two letters (`Node.js`, `Node·js`), and without those that are no stops. Between two digits a dot tells numbers apart.
    fn finish(self) -> Vec<Sign> {
        let signs = self.signs;
        let dot = |at: usize| {
            let inner = |at: Option<&Sign>| at.is_some_and(|sign| sign.sign.is_alphanumeric());
            let (before, behind) = (at.checked_sub(1).and_then(|at| signs.get(at)), signs.get(at + 1));
            let digit = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.digit);
            let joined = !signs[at].apart && behind.is_some_and(|sign| !sign.apart);
            match signs[at].sign {
                '·' => true,
                '.' => joined && inner(before) && inner(behind) && !(digit(before) && digit(behind)),
                _ => false,
            }
        };
        let dots: Vec<bool> = (0..signs.len()).map(dot).collect();
        let mut dots = dots.into_iter();
        let mut signs = signs;
        signs.retain(|_| !dots.next().unwrap_or_default());
        signs
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
