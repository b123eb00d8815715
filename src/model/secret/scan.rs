//! Looks for shapes, names and headers in one pass.
//!
//! One automaton finds every place where something may begin; what stands there is judged on the spot, each run of characters once.

use super::Secret;
use super::beginnings::{Beginning, Beginnings};
use super::decode::decode;
use super::shapes::{Alphabet, NAMES, PASSWORDS, SHAPES, Shape, Sure};
use super::value::{distinct, harmless, mixed, stretch, uniform};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::borrow::Cow;
use std::ops::Range;

mod carriers;
mod keys;
mod names;

/// Fewest characters behind a beginning for which a text is hidden: excerpts cut tokens off, and half a token helps to guess it.
const HIDDEN_FROM: usize = 8;

/// Longest name and longest value that are looked at.
const NAME_MOST: usize = 80;
const VALUE_MOST: usize = 512;

/// What may begin where the automaton stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Shape(usize),
    /// A name that holds secrets, and whether those are passwords.
    Name(bool),
    Url,
    PrivateKey,
    WebToken,
    Bearer,
    Basic,
    Authorization,
    Cookie,
    User,
    Password,
    Signed,
    /// `user:password` in base64, as the configuration of Docker has it.
    Registry,
    /// The beginning of a PEM block in base64; how many characters of it stand before the next whole group of four.
    Encoded(&'static str, usize),
    Putty,
}

/// What is found by a word, whatever its case.
const WORDS: &[(&str, Anchor)] = &[
    ("://", Anchor::Url),
    ("-----begin ", Anchor::PrivateKey),
    ("eyj", Anchor::WebToken),
    ("bearer ", Anchor::Bearer),
    ("basic ", Anchor::Basic),
    ("authorization", Anchor::Authorization),
    ("cookie", Anchor::Cookie),
    ("-u", Anchor::User),
    ("-su", Anchor::User),
    ("-ku", Anchor::User),
    ("-lu", Anchor::User),
    ("-fu", Anchor::User),
    ("-ssu", Anchor::User),
    ("-fssu", Anchor::User),
    ("-fsslu", Anchor::User),
    ("--user", Anchor::User),
    ("--proxy-user", Anchor::User),
    (" -p", Anchor::Password),
    ("auth\"", Anchor::Registry),
    ("auth:", Anchor::Registry),
    ("LS0tLS1CRUdJTi", Anchor::Encoded("LS0tLS1CRUdJTi", 0)),
    ("0tLS0tQkVHSU4g", Anchor::Encoded("0tLS0tQkVHSU4g", 2)),
    ("tLS0tLUJFR0lOI", Anchor::Encoded("tLS0tLUJFR0lOI", 1)),
    ("private-lines: ", Anchor::Putty),
    ("?sig=", Anchor::Signed),
    ("&sig=", Anchor::Signed),
];

/// Finds secrets of a set of shapes.
pub(super) struct Finder {
    shapes: Vec<Shape>,
    anchors: Vec<Anchor>,
    automaton: AhoCorasick,
    beginnings: Beginnings,
}

/// A secret before its neighbours are known; of two that overlap the surer class counts.
struct Found {
    rank: u8,
    /// How much of it is known: the length of its beginning.
    known: usize,
    secret: Secret,
}

impl Finder {
    /// A finder of the built-in shapes and these.
    pub(super) fn new(own: &[Shape]) -> Self {
        let shapes: Vec<Shape> = own.iter().chain(SHAPES).cloned().collect();
        let mut patterns: Vec<&str> = Vec::new();
        let mut anchors = Vec::new();
        for (at, shape) in shapes.iter().enumerate() {
            patterns.push(&shape.begins);
            anchors.push(Anchor::Shape(at));
        }
        for name in NAMES {
            patterns.push(name);
            anchors.push(Anchor::Name(PASSWORDS.contains(name)));
        }
        for (word, anchor) in WORDS {
            patterns.push(word);
            anchors.push(*anchor);
        }
        let beginning = |(word, anchor): (&&str, &Anchor)| {
            let body = if let Anchor::Shape(shape) = anchor { Some(shapes[*shape].body()) } else { None };
            Beginning { word: word.as_bytes().into(), body }
        };
        let beginnings = Beginnings::of(&patterns.iter().zip(&anchors).map(beginning).collect::<Vec<_>>());
        let kind = Some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(patterns);
        Finder { automaton: automaton.expect("a table of short words has an automaton"), shapes, anchors, beginnings }
    }

    /// Whether there is anything to look at.
    pub(super) fn may_be_in(&self, text: &[u8]) -> bool {
        self.beginnings.are_in(text)
    }

    /// Everything that looks like a secret; with `lenient` what is cut off too.
    pub(super) fn secrets(&self, text: &str, lenient: bool) -> Vec<Secret> {
        if !self.may_be_in(text.as_bytes()) {
            return Vec::new();
        }
        let mut found = self.scan(text, lenient);
        if let Some(decoded) = decode(text) {
            for Found { secret, .. } in &mut found {
                secret.range = decoded.whole(secret.range.clone());
            }
            let below = self.scan(decoded.text(), lenient).into_iter();
            found.extend(below.map(|found| {
                let secret = found.secret;
                let range = decoded.whole(decoded.origin(secret.range));
                Found { rank: found.rank, known: found.known, secret: Secret { range, ..secret } }
            }));
        }
        merged(found)
    }

    fn scan(&self, text: &str, lenient: bool) -> Vec<Found> {
        let mut scan = Scan {
            text,
            bytes: text.as_bytes(),
            lenient,
            runs: [(0, 0); 6],
            values: (0, 0),
            named: 0,
            covered: 0,
            token: None,
            found: Vec::new(),
        };
        for place in self.automaton.find_overlapping_iter(text) {
            let anchor = self.anchors[place.pattern().as_usize()];
            // Of two beginnings at one place the longer one says more.
            let again = matches!(anchor, Anchor::Shape(_)) && scan.token == Some(place.start());
            if place.start() < scan.covered && !again {
                continue;
            }
            match anchor {
                Anchor::Shape(shape) => scan.token(&self.shapes[shape], place.start()),
                Anchor::Name(password) => scan.named(place.start(), place.end(), password),
                Anchor::Url => scan.address(place.start()),
                Anchor::PrivateKey => scan.private_key(place.start()),
                Anchor::WebToken => scan.web_token(place.start()),
                Anchor::Bearer => scan.bearer(place.end()),
                Anchor::Basic => scan.basic(place.end()),
                Anchor::Authorization => scan.authorization(place.end()),
                Anchor::Cookie => scan.cookies(place.start(), place.end()),
                Anchor::User => scan.user(place.start(), place.end()),
                Anchor::Password => scan.option(place.start(), place.end()),
                Anchor::Signed => scan.signed(place.end()),
                Anchor::Registry => scan.registry(place.end()),
                Anchor::Encoded(begins, apart) => scan.encoded_key(place.start(), begins, apart),
                Anchor::Putty => scan.putty_key(place.start()),
            }
        }
        scan.found
    }
}

impl Shape {
    /// What must stand behind its beginning at least, for [`Scan::token`] to take it for a token that is whole or cut off.
    fn body(&self) -> (Alphabet, usize) {
        match self.sure {
            Sure::Plain | Sure::Mixed => (self.of, self.least.min(HIDDEN_FROM)),
            Sure::Alone | Sure::Inside | Sure::Numbered => (self.of, self.least),
        }
    }
}

/// In the order of the text; what overlaps is one.
fn merged(mut found: Vec<Found>) -> Vec<Secret> {
    found.sort_by_key(|found| (found.secret.range.start, found.rank, std::cmp::Reverse(found.known)));
    let mut merged: Vec<Found> = Vec::with_capacity(found.len());
    for next in found {
        match merged.last_mut() {
            Some(last) if next.secret.range.start < last.secret.range.end => {
                last.secret.range.end = last.secret.range.end.max(next.secret.range.end);
                let surer = next.rank < last.rank || next.rank == last.rank && next.known > last.known;
                if surer {
                    (last.rank, last.known, last.secret.class) = (next.rank, next.known, next.secret.class);
                }
            }
            Some(_) | None => merged.push(next),
        }
    }
    merged.into_iter().map(|found| found.secret).collect()
}

/// One pass over one text.
struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    lenient: bool,
    /// The last run of characters of each alphabet, so that no run is measured twice.
    runs: [(usize, usize); 6],
    /// The last run of characters of which values of names are made.
    values: (usize, usize),
    /// Where the last value of a name ends that is a secret.
    named: usize,
    /// Where the last token or key ends.
    covered: usize,
    /// Where the last token begins.
    token: Option<usize>,
    found: Vec<Found>,
}

impl Scan<'_> {
    fn add(&mut self, rank: u8, class: impl Into<Cow<'static, str>>, range: Range<usize>) {
        if rank == 0 {
            self.covered = range.end;
        }
        self.found.push(Found { rank, known: 0, secret: Secret { class: class.into(), range } });
    }

    /// Where the run of characters ends that stands at `from`.
    fn run(&mut self, from: usize, of: Alphabet) -> usize {
        let known = &mut self.runs[of as usize];
        if !(known.0..known.1).contains(&from) {
            let length = self.bytes[from..].iter().position(|byte| !of.has(*byte));
            *known = (from, length.map_or(self.bytes.len(), |length| from + length));
        }
        known.1
    }

    fn token(&mut self, shape: &Shape, at: usize) {
        let from = at + shape.begins.len();
        // The automaton makes no difference between small letters and capitals.
        if self.bytes[at..from] != *shape.begins.as_bytes() {
            return;
        }
        let end = self.run(from, shape.of);
        let body = &self.bytes[from..end];
        // What is looked at of a body; the rest of a longer one belongs to it all the same.
        let head = &body[..body.len().min(VALUE_MOST)];
        let cut = self.lenient && body.len() < shape.least;
        let least = if cut { shape.least.min(HIDDEN_FROM) } else { shape.least };
        if body.len() < least || distinct(head) < if cut { 2 } else { least.min(7) } {
            return;
        }
        // The provider's own manuals print keys that end so.
        if shape.of == Alphabet::Capitals && body.ends_with(b"EXAMPLE") {
            return;
        }
        let before = at.checked_sub(1).map(|before| self.bytes[before]);
        let glued = before.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let short = shape.begins.len() <= 3;
        let sound = match shape.sure {
            Sure::Plain if cut => short_word(head),
            Sure::Plain => !glued || body.len() <= shape.most,
            Sure::Mixed if short => stretch(head, if cut { HIDDEN_FROM } else { 16 }, glued),
            Sure::Mixed => mixed(head) && (!glued || body.len() <= shape.most),
            Sure::Alone => {
                let apart = matches!(before, None | Some(b'_'))
                    || before.is_some_and(|byte| !Alphabet::Token.has(byte))
                    || self.colour_before(at);
                let said = matches!(before, Some(b'=' | b'/'));
                let word = glued && shape.of != Alphabet::Hex && !shape.begins.ends_with('.') && self.word_before(at);
                !cut && body.len() <= shape.most && mixed(head) && (apart || said || word)
            }
            Sure::Inside => !cut && mixed(head),
            Sure::Numbered => !cut && body.len() <= shape.most && mixed(head) && self.account_before(at).is_some(),
        };
        if sound {
            let start = match shape.sure {
                Sure::Inside => self.back(at, shape.of),
                Sure::Numbered => self.account_before(at).unwrap_or(at),
                Sure::Plain | Sure::Mixed | Sure::Alone => at,
            };
            self.add(0, shape.class.clone(), start..end);
            self.token = Some(at);
            self.found.last_mut().expect("it was added").known = shape.begins.len();
        }
    }

    /// Whether what stands before is a short word without digits.
    fn word_before(&self, at: usize) -> bool {
        let before = &self.bytes[at.saturating_sub(NAME_MOST)..at];
        let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        length <= 12 && before[before.len() - length..].iter().all(u8::is_ascii_alphabetic)
    }

    /// Whether what is left of a colour stands before, whose first character somebody took out: `[31m`.
    fn colour_before(&self, at: usize) -> bool {
        let before = &self.bytes[at.saturating_sub(16)..at];
        let Some(codes) = before.strip_suffix(b"m") else { return false };
        let length = codes.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        codes[..codes.len() - length].ends_with(b"[")
    }

    /// Where the number of an account begins that ends here: eight to ten digits, whatever stands before them (`/bot123456789:`).
    fn account_before(&self, at: usize) -> Option<usize> {
        let before = &self.bytes[at.saturating_sub(NAME_MOST)..at];
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        (8..=10).contains(&digits).then(|| at - digits)
    }

    fn back(&self, at: usize, of: Alphabet) -> usize {
        let before = &self.bytes[at.saturating_sub(NAME_MOST)..at];
        at - before.iter().rev().take_while(|byte| of.has(**byte)).count()
    }

    /// `header.payload.signature` in base64 of JSON objects.
    fn web_token(&mut self, at: usize) {
        if !self.bytes[at..].starts_with(b"eyJ") {
            return;
        }
        let glued = at > 0 && self.bytes[at - 1].is_ascii_alphanumeric();
        let mut end = self.run(at, Alphabet::Word);
        if end - at < 12 {
            return;
        }
        let mut parts = 1;
        while parts < 3 && self.bytes.get(end) == Some(&b'.') {
            let next = end + 1;
            let foreign = glued && parts == 1 && !self.bytes[next..].starts_with(b"eyJ");
            if foreign || !self.bytes.get(next).is_some_and(|byte| Alphabet::Word.has(*byte)) {
                break;
            }
            end = self.run(next, Alphabet::Word);
            parts += 1;
        }
        if parts == 3 || (self.lenient && !glued && end - at >= 16) {
            self.add(0, "JSON web token", at..end);
            // What the object says may name the kind of token.
            self.token = Some(at);
        }
    }

    /// `scheme://user:password@host`; `at` is the colon before the slashes. What ends in a bare number is no address but the key of something
    /// stored, `redis://res:6e20efac:step@1`.
    fn address(&mut self, at: usize) {
        if at == 0 || !self.bytes[at - 1].is_ascii_alphanumeric() {
            return;
        }
        let from = at + 3;
        let most = self.bytes.len().min(from + VALUE_MOST);
        let ends =
            |byte: &u8| matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>') || byte.is_ascii_whitespace();
        let end = self.bytes[from..most].iter().position(ends).map_or(most, |length| from + length);
        let named = &self.bytes[from..end];
        let Some(host) = named.iter().rposition(|byte| *byte == b'@') else { return };
        let Some(colon) = named[..host].iter().position(|byte| *byte == b':') else { return };
        let range = from + colon + 1..from + host;
        let value = self.text.get(range.clone()).unwrap_or_default();
        let digits = named[host + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        let numbered = (1..=4).contains(&digits) && !named.get(host + 1 + digits).is_some_and(goes_on);
        if value.len() >= 3 && !harmless(value) && !numbered {
            self.add(1, "password in a URL", range);
        }
    }
}

/// Whether a piece of a token is more than a word.
fn short_word(piece: &[u8]) -> bool {
    let cases = piece.iter().any(u8::is_ascii_uppercase) && piece.iter().any(u8::is_ascii_lowercase);
    !uniform(piece) && (cases || piece.iter().any(u8::is_ascii_digit))
}
