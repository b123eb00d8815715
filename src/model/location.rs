//! Where things are: a path beneath root or run, a JSON Pointer or line inside it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The directory that a relative path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// The repository (`repo:`).
    Repo,
    /// The run directory (`run:`).
    Run,
    /// The run that this run is compared with (`baseline:`).
    Baseline,
    /// Earlier runs (`history:`). The first component of a path is the name of a run's directory.
    History,
    /// One shard of the run, by its position among those that are judged together. Definitions never name it: they say `run:`.
    Shard(u16),
}

impl Base {
    /// Every base that definitions name, in the order of their words in messages.
    pub const ALL: [Base; 4] = [Base::Repo, Base::Run, Base::Baseline, Base::History];

    /// The word before the colon.
    pub const fn word(self) -> &'static str {
        match self {
            Base::Repo => "repo",
            Base::Run | Base::Shard(_) => "run",
            Base::Baseline => "baseline",
            Base::History => "history",
        }
    }
}

/// Why a path may not be joined to root or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsafePath {
    /// What was given.
    pub given: String,
    /// A phrase that follows the path: `climbs out with ".."`.
    pub because: &'static str,
}

impl fmt::Display for UnsafePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.given, self.because)
    }
}

/// A relative path with forward slashes that cannot leave the directory it is joined to: no `..`, no root, no drive, no
/// backslash, no control character. `.` and doubled slashes are folded away.
///
/// A name on disk may hold what a path may not: it is written with [`escape_path`], `a\x5cb`, and only so. As a backslash stands nowhere else, each
/// file has one spelling and each spelling one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// Reads and folds a path.
    ///
    /// # Errors
    /// [`UnsafePath`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, UnsafePath> {
        let refuse = |because| Err(UnsafePath { given: text.to_owned(), because });
        if text.is_empty() {
            return refuse("is empty");
        }
        if text.starts_with('/') {
            return refuse("is absolute");
        }
        if text.len() > 4_096 {
            return refuse("is longer than 4096 bytes");
        }
        if text.chars().any(char::is_control) || (text.contains('\\') && !is_escaped(text)) {
            return refuse("holds a backslash or a control character");
        }
        let empty = |part: &str| part.is_empty() || part == ".";
        let mut parts = text.split('/').filter(|part| !empty(part));
        if parts.clone().any(|part| part == "..") {
            return refuse("climbs out with `..`");
        }
        match parts.next() {
            None => refuse("names no file"),
            Some(first) if first.len() == 2 && first.ends_with(':') => refuse("begins with a drive letter"),
            Some(_) if !text.split('/').any(empty) => Ok(Self(text.into())),
            Some(first) => Ok(Self([first].into_iter().chain(parts).collect::<Vec<_>>().join("/").into())),
        }
    }

    /// The path with forward slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes of the path on disk: what [`escape_path`] wrote otherwise is as it was.
    pub fn to_bytes(&self) -> Cow<'_, [u8]> {
        unescape_path(&self.0).unwrap_or(Cow::Borrowed(self.0.as_bytes()))
    }

    /// The last component without its extension: `tests/a/b.rs` is `b`.
    pub fn stem(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
    }

    /// The last component.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// What follows the last dot of the last component.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// This path below another.
    pub fn join(&self, below: &RelPath) -> RelPath {
        RelPath(format!("{}/{}", self.0, below.0).into())
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of a path or a name as text: a backslash, a control character and what is no UTF-8 become `\xNN`, byte by byte.
pub fn escape_path(bytes: &[u8]) -> Cow<'_, str> {
    let plain = |c: char| !c.is_control() && c != '\\';
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.chars().all(plain)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if plain(c) {
                out.push(c);
            } else {
                hex(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut out);
            }
        }
        hex(chunk.invalid(), &mut out);
    }
    Cow::Owned(out)
}

fn hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push_str("\\x");
        out.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
}

/// The bytes that [`escape_path`] made into this; `None` where a backslash begins no escape.
pub fn unescape_path(text: &str) -> Option<Cow<'_, [u8]>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.strip_prefix('x')?.split_at_checked(2)?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend_from_slice(rest.as_bytes());
    }
    Some(Cow::Owned(out))
}

/// Whether the escapes are those that a name on disk needs, in the one way that they are written.
fn is_escaped(text: &str) -> bool {
    unescape_path(text).is_some_and(|bytes| !bytes.contains(&0) && escape_path(&bytes) == text)
}

/// Where an artifact lies: its base, the path below it, and how people find it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactPath {
    /// What `rel` is joined to.
    pub base: Base,
    /// The path below the base.
    pub rel: RelPath,
    /// The path as outputs show it: relative to the repository where the base lies in it, else `run:<path>`.
    pub shown: String,
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// An RFC 6901 JSON Pointer; the empty one is the whole document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads `/a/b`; `None` unless it is empty or begins with a slash and its `~` escapes are sound.
    pub fn parse(text: &str) -> Option<Self> {
        let escapes = text.match_indices('~').all(|(at, _)| matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1')));
        (escapes && (text.is_empty() || text.starts_with('/'))).then(|| Self(text.to_owned()))
    }

    /// This pointer with one more key behind it.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// This pointer with one more list position (from 0) behind it.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The unescaped steps from the root.
    pub fn steps(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
    }

    /// The pointer as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place inside an artifact, for people and for `at` in the verdict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Where {
    /// The artifact as shown (see [`ArtifactPath::shown`]); it need not exist.
    pub path: String,
    /// The value in a document.
    pub pointer: Option<Pointer>,
    /// The line, from 1, in line-based artifacts.
    pub line: Option<u64>,
}

impl Where {
    /// The place as the subject of a sentence: the field, else the file.
    pub fn subject(&self) -> String {
        let fields = self.pointer.as_ref().map(|pointer| pointer.steps().collect::<Vec<_>>()).unwrap_or_default();
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        if fields.is_empty() { format!("`{name}`") } else { format!("`{}` in `{name}`", fields.join(".")) }
    }

    /// A whole artifact.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), pointer: None, line: None }
    }

    /// A value in a document.
    pub fn pointer(path: impl Into<String>, pointer: Pointer) -> Self {
        Self { path: path.into(), pointer: Some(pointer), line: None }
    }

    /// A line, from 1.
    pub fn line(path: impl Into<String>, line: u64) -> Self {
        Self { path: path.into(), pointer: None, line: Some(line) }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.pointer {
            Some(pointer) if !pointer.as_str().is_empty() => write!(f, "#{pointer}"),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_their_base() {
        assert_eq!(RelPath::parse("./a//b.rs").map(|p| p.to_string()), Ok("a/b.rs".to_owned()));
        for bad in ["", ".", "/etc/passwd", "..", "a/../b", "a\\b", "C:/x", "a\0b", "a\nb"] {
            assert!(RelPath::parse(bad).is_err(), "{bad:?}");
        }
        let path = RelPath::parse("tests/.hidden").expect("sound");
        assert_eq!((path.stem(), path.extension()), (".hidden", None));
    }

    #[test]
    fn each_name_on_disk_has_one_spelling() {
        let names: [(&[u8], &str); 11] = [
            (b"a b.png", "a b.png"),
            ("\u{e4}\u{202e}".as_bytes(), "\u{e4}\u{202e}"),
            (b"a\\b", "a\\x5cb"),
            (b"a\\x5cb", "a\\x5cx5cb"),
            (b"\xff", "\\xff"),
            (b"\\xff", "\\x5cxff"),
            (b"\xc3\xa4\xc3", "\u{e4}\\xc3"),
            (b"t\tn\n\x1b[2J\x7f", "t\\x09n\\x0a\\x1b[2J\\x7f"),
            ("\u{85}".as_bytes(), "\\xc2\\x85"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            (b"..\\..\\etc", "..\\x5c..\\x5cetc"),
        ];
        let mut spelled = std::collections::BTreeSet::new();
        for (bytes, text) in names {
            assert_eq!(escape_path(bytes), text);
            let path = RelPath::parse(text).expect("a path");
            assert_eq!((path.as_str(), &*path.to_bytes()), (text, bytes));
            spelled.insert(text);
        }
        assert_eq!(spelled.len(), 11);
        // Another spelling of a name, or of what a name cannot be, is no path.
        let others = [
            "\\xC3",
            "\\x5C",
            "\\x2f",
            "\\x61",
            "\\x00",
            "\\x2e\\x2e",
            "\\xc3\\xa4",
            "\\x5",
            "\\x",
            "\\",
            "\\xg0",
            "\\x+5",
            "..\\x2fa",
            "a\\x5cb\\c",
        ];
        for text in others {
            assert!(RelPath::parse(text).is_err(), "{text}");
        }
        assert_eq!(others.len(), 14);
    }

    #[test]
    fn pointers_escape_and_come_back() {
        let pointer = Pointer::root().key("a/b").key("m~n").index(3);
        assert_eq!(pointer.as_str(), "/a~1b/m~0n/3");
        assert_eq!(pointer.steps().collect::<Vec<_>>(), ["a/b", "m~n", "3"]);
        assert!(Pointer::parse("a").is_none() && Pointer::parse("/a~2").is_none());
    }
}
