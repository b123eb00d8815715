//! Which category of flake a line suggests.
//!
//! In: a line of a failure: a message, or a line of a log. Out: the category and the words that suggest it. A hint is a proposal
//! for a person, never a judgement: where no words point anywhere there is none.

/// A category with the words that suggest it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// One of `Quarantine::CATEGORIES`.
    pub category: &'static str,
    /// The words, in small letters.
    pub words: &'static str,
}

/// Words by category, tried in this order: what names a cause comes before what names a consequence, so that a time-out for want
/// of a connection is about the network.
const WORDS: &[(&str, &[&str])] = &[
    (
        "FLAKE-RES",
        &[
            "out of memory",
            "cannot allocate memory",
            "enomem",
            "no space left on device",
            "enospc",
            "too many open files",
            "emfile",
            "resource temporarily unavailable",
            "address already in use",
            "eaddrinuse",
            "disk quota exceeded",
            "oom-killed",
            "oomkilled",
        ],
    ),
    (
        "FLAKE-EXT",
        &[
            "429 too many requests",
            "http 429",
            "status 429",
            "status code 429",
            "rate limit",
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway timeout",
            "status 502",
            "status 503",
            "status 504",
            "status code 502",
            "status code 503",
            "status code 504",
            "http 502",
            "http 503",
            "http 504",
        ],
    ),
    (
        "FLAKE-NET",
        &[
            "connection refused",
            "econnrefused",
            "connection reset",
            "econnreset",
            "connection aborted",
            "connection closed before",
            "broken pipe",
            "epipe",
            "network is unreachable",
            "host is unreachable",
            "no route to host",
            "could not resolve host",
            "temporary failure in name resolution",
            "name or service not known",
            "no such host",
            "getaddrinfo",
            "dns error",
            "dns lookup",
            "tls handshake",
            "ssl handshake",
            "socket hang up",
        ],
    ),
    (
        "FLAKE-ENV",
        &[
            "command not found",
            "no such file or directory",
            "enoent",
            "permission denied",
            "eacces",
            "read-only file system",
            "environment variable not",
            "cannot connect to the docker daemon",
            "cannot open display",
            "unsupported locale",
        ],
    ),
    (
        "FLAKE-TIMING",
        &[
            "timed out",
            "timeout",
            "timeouterror",
            "deadline exceeded",
            "deadline has elapsed",
            "took too long",
            "data race",
            "race condition",
            "within the allotted time",
            "not ready after",
        ],
    ),
    ("FLAKE-LOGIC", &["iteration order", "random seed", "unexpected order", "order of elements", "depends on the order"]),
];

/// The words that suggest a category.
pub fn words(category: &str) -> &'static [&'static str] {
    WORDS.iter().find(|(own, _)| *own == category).map_or(&[], |(_, words)| words)
}

/// What a line suggests.
pub fn hint(line: &str) -> Option<Hint> {
    let small = line.to_lowercase();
    WORDS
        .iter()
        .find_map(|(category, words)| words.iter().find(|words| whole(&small, words)).map(|words| Hint { category, words }))
}

/// Whether the words stand in the line as words: `epipe` is not in `recipepie`.
fn whole(line: &str, words: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(words).any(|(start, found)| {
        !letter(line[..start].chars().next_back()) && !letter(line[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Quarantine;

    #[test]
    fn words_suggest_a_category() {
        let mut looked = 0;
        for (line, category) in [
            ("dial tcp 127.0.0.1:5432: connect: Connection refused", Some("FLAKE-NET")),
            ("timed out: ECONNREFUSED", Some("FLAKE-NET")),
            ("assertion failed: deadline has elapsed", Some("FLAKE-TIMING")),
            ("TimeoutError: page.click", Some("FLAKE-TIMING")),
            ("OSError: [Errno 98] Address already in use", Some("FLAKE-RES")),
            ("HTTP 503 from https://api", Some("FLAKE-EXT")),
            ("sh: tmux: command not found", Some("FLAKE-ENV")),
            ("lists differ: unexpected order", Some("FLAKE-LOGIC")),
            ("assertion `left == right` failed", None),
            ("recipepie", None),
            ("", None),
        ] {
            assert_eq!(hint(line).map(|hint| hint.category), category, "{line}");
            looked += 1;
        }
        assert_eq!(looked, 11);
    }

    #[test]
    fn categories_are_those_of_the_ledger_and_words_are_small() {
        let categories: Vec<&str> = WORDS.iter().map(|(category, _)| *category).collect();
        assert!(Quarantine::CATEGORIES.iter().all(|category| categories.contains(category)));
        assert_eq!(categories.len(), Quarantine::CATEGORIES.len());
        let words = WORDS.iter().flat_map(|(_, words)| *words);
        assert!(words.clone().count() > 50 && words.into_iter().all(|words| *words == words.to_lowercase()));
    }
}
