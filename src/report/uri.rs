//! Places of a verdict as places of a repository, for outputs that code hosts show beside its files.

use crate::model::{Base, RelPath, Where};

/// The file where nothing in a repository is known: that of its configuration, whether or not it is there.
const NOWHERE: &str = "gatekeeper.toml";

/// A file of the repository, and a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The path, with forward slashes.
    pub(super) path: String,
    /// The same as a relative URI.
    pub(super) uri: String,
    /// From 1.
    pub(super) line: u64,
}

/// The first of these places that is a file of the repository. A path below the run or the baseline alone would point nowhere.
pub(super) fn place(of: &[Option<&Where>]) -> Place {
    let found = of.iter().flatten().find_map(|at| {
        let elsewhere = Base::ALL.iter().any(|base| at.path.starts_with(&format!("{}:", base.word())));
        // A pattern that nothing matched is no file either.
        let path = RelPath::parse(&at.path).ok().filter(|path| !elsewhere && !path.as_str().contains('*'))?;
        Some(Place { path: path.to_string(), uri: encoded(&path.to_bytes()), line: at.line.unwrap_or(1).max(1) })
    });
    found.unwrap_or_else(|| Place { path: NOWHERE.to_owned(), uri: NOWHERE.to_owned(), line: 1 })
}

fn encoded(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_in_the_repository_counts() {
        let (run, file, line) =
            (Where::file("run:a.json"), Where::file("t/a b%\u{e4}.json"), Where::line("gates/a.toml", 3));
        let told = |places: &[Option<&Where>]| {
            let place = place(places);
            format!("{}:{}", place.uri, place.line)
        };
        assert_eq!(told(&[Some(&run), Some(&line)]), "gates/a.toml:3");
        assert_eq!(told(&[Some(&file), Some(&line)]), "t/a%20b%25%C3%A4.json:1");
        assert_eq!(told(&[Some(&Where::file("reports/**/*.xml")), Some(&line)]), "gates/a.toml:3");
        assert_eq!(told(&[None, Some(&run)]), "gatekeeper.toml:1");
        for outside in ["/etc/passwd", "../x", "http://a/b\n", "", "a\\b", "C:/x"] {
            assert_eq!(told(&[Some(&Where::line(outside, 9)), None]), "gatekeeper.toml:1", "{outside:?}");
        }
        // A name that is no text on disk is its bytes in a URI.
        assert_eq!(told(&[Some(&Where::line("a\\xff\\x5cb", 2))]), "a%FF%5Cb:2");
        // A colon in the first part would make a scheme of it.
        assert_eq!(told(&[Some(&Where::file("a:b/c"))]), "a%3Ab/c:1");
    }
}
