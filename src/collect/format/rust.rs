//! `rust`: a Rust source file: its modules, what they declare and import, and every path that they name, each with its line.
//!
//! The file is parsed and not compiled. Everything is taken, under whichever `cfg` it stands; what only tests compile (`#[cfg(test)]`,
//! `#[test]`) is marked. Paths are those of imports, types, expressions, patterns and attributes. In the arguments of macros and in the
//! bodies of `macro_rules!` every run of words with `::` between them is taken for a path, and so is each word alone; a text in an attribute
//! that begins with `crate::`, `self::` or `super::` is one too. What a macro makes, what `include!` brings and what a build script
//! generates is not seen; neither are method calls and inferred types, which name no path, nor links in comments.
//!
//! A file that does not parse is malformed, with its line; one without a letter is empty; one whose brackets nest deeper than 256 or with an
//! expression or type of more than 10 000 tokens is over the limit.
//!
//! Encoding: UTF-8; a byte order mark at the beginning is dropped, as the compiler does.

use super::rust_items::read_items;
use super::rust_tokens::{Bound, bounded};
use super::{decode, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, Gap, GapKind, RustSource, Where};
use proc_macro2::{Span, TokenStream};
use std::borrow::Cow;

/// The format.
pub(super) static RUST: Format = Format {
    id: "rust",
    extensions: &[],
    about: "a Rust source file: modules, imports, paths",
    docs: include_str!("rust.rs"),
    reading: Reading::Whole(read),
};

/// Bytes of stack for one file: the parser and whatever walks its tree recurse once for each token of an expression at most.
const STACK: usize = 256 << 20;

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = decode::marked_utf8(bytes, at)?;
    if text.trim().is_empty() {
        return Err(Gap::new(GapKind::Empty, at.clone(), "Rust source", "nothing"));
    }
    let refused = |actual: String| Gap::new(GapKind::Unreadable, at.clone(), "room to parse it in", actual);
    // Short files cannot nest deep enough to need a stack of their own.
    let parsed = if text.len() < 2_000 {
        parse(text, at)
    } else {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let thread = thread.spawn_scoped(scope, || parse(text, at)).map_err(|error| refused(error.to_string()))?;
            thread.join().unwrap_or_else(|_| Err(refused("the parser gave up".to_owned())))
        })
    };
    parsed.map(Content::Rust)
}

fn parse(text: &str, at: &Where) -> Result<RustSource, Gap> {
    let source = tokens(text, at).and_then(|tokens| {
        bounded(&tokens).map_err(|bound| {
            let (expected, line) = match bound {
                Bound::Deep(line) => ("brackets at most 256 deep", line),
                Bound::Long(line) => ("expressions and types of at most 10000 tokens", line),
            };
            Gap::new(GapKind::OverLimit, Where::line(&at.path, line), expected, "more")
        })?;
        let file: syn::File = syn::parse2(tokens).map_err(|error| refusal(at, error.span(), &error.to_string()))?;
        Ok(RustSource::new(read_items(&file)))
    });
    // The lexer keeps the text of each file for its spans as long as the thread lives.
    proc_macro2::extra::invalidate_current_thread_spans();
    source
}

fn tokens(text: &str, at: &Where) -> Result<TokenStream, Gap> {
    // The line of an interpreter is no Rust; as a comment it leaves the lines where they are.
    let first = text.lines().next().unwrap_or_default();
    let interpreter = first.strip_prefix("#!").is_some_and(|rest| !rest.trim_start().starts_with('['));
    let text = if interpreter { Cow::Owned(text.replacen("#!", "//", 1)) } else { Cow::Borrowed(text) };
    let message = "a bracket without its other half, a text without an end, or a character that Rust does not know";
    text.parse().map_err(|error: proc_macro2::LexError| refusal(at, error.span(), message))
}

fn refusal(at: &Where, span: Span, message: &str) -> Gap {
    // Lines count from 1; where the lexer was built without them, as it is for fuzzing, there is none to tell.
    match span.start().line {
        0 => malformed(at, None, "Rust source", message.to_owned()),
        line => malformed(at, Some(line), "Rust source", format!("line {line}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spelled;

    fn source(text: &str) -> Result<RustSource, Gap> {
        match read(text.as_bytes(), &Where::file("a.rs"))? {
            Content::Rust(source) => Ok(source),
            other => panic!("{}", other.what()),
        }
    }

    /// The paths of a sound text, `!` behind those that are called, `?` behind those of tests; imports as `path as name`.
    fn paths(text: &str) -> Vec<String> {
        let source = source(text).unwrap_or_else(|gap| panic!("{gap:?}"));
        let mut told = Vec::new();
        for (at, scope) in source.scopes.iter().enumerate() {
            let mut tell = |line: u64, path: String, test: bool| {
                told.push(format!("{}{line} {path}{}", source.name(at), if test { "?" } else { "" }));
            };
            for own in &scope.imports {
                let name = own.name.as_deref().unwrap_or("*");
                let word = if own.public { "pub as" } else { "as" };
                tell(own.line, format!("{} {word} {name}", spelled(&own.words, own.global)), own.test);
            }
            for own in scope.paths.iter().filter(|own| own.words.len() > 1 || own.called) {
                tell(
                    own.line,
                    format!("{}{}", spelled(&own.words, own.global), if own.called { "!" } else { "" }),
                    own.test,
                );
            }
        }
        told
    }

    #[test]
    fn imports_are_taken_apart() {
        assert_eq!(
            paths("use crate::{a::{self, B as C}, d::*};\npub(crate) use ::std::fmt;\nextern crate self as own;"),
            ["1 crate::a as a", "1 crate::a::B as C", "1 crate::d as *", "2 ::std::fmt pub as fmt", "3 crate as own"]
        );
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        let text = "fn f(x: &dyn crate::a::T) -> Vec<super::b::U> {\n    self::c::d::<crate::e::V>();\n    \
                    match x { crate::g::H { .. } => <crate::i::J as k::L>::m(), _ => loop {} }\n}\n\
                    #[derive(n::O)]\n#[serde(with = \"crate::p\", other = \"not a::path\")]\nstruct S;\n\
                    mod inner {\n    impl crate::q::R for S {}\n}\n";
        assert_eq!(
            paths(text),
            [
                "1 crate::a::T",
                "2 crate::e::V",
                "3 crate::g::H",
                "3 crate::i::J",
                "6 crate::p",
                "3 k::L::m",
                "5 n::O",
                "2 self::c::d",
                "1 super::b::U",
                "inner9 crate::q::R"
            ]
        );
    }

    #[test]
    fn macros_are_searched_for_paths() {
        let text = "fn f() {\n    log::info!(\"{}\", crate::a::b(x.y, 'c', self::d::<u8>()));\n}\n\
                    macro_rules! m { ($t:ty) => { $crate::e::f::<$t>(); $t::g() } }\n\
                    cfg_if! { if #[cfg(unix)] { use crate::h::{i, j::K}; } }\n";
        let told = paths(text);
        for path in ["2 log::info!", "2 crate::a::b", "2 self::d", "4 crate::e::f", "5 crate::h::i", "5 crate::h::j::K"] {
            assert!(told.iter().any(|own| own == path), "{path} is not among {told:?}");
        }
        assert!(!told.iter().any(|own| own.contains("t::g")), "{told:?}");
    }

    #[test]
    fn what_only_tests_compile_is_marked() {
        let text = "#[cfg(test)]\nmod tests { use crate::a; }\n#[cfg(all(unix, test))]\nfn f() { crate::b::c() }\n\
                    #[cfg(any(unix, test))]\nfn g() { crate::d::e() }\n#[test]\nfn h() { crate::d::e(); crate::i::j() }\n";
        assert_eq!(paths(text), ["4 crate::b::c?", "6 crate::d::e", "8 crate::i::j?", "tests2 crate::a as a?"]);
    }

    #[test]
    fn modules_in_other_files_say_where() {
        let text = "mod a;\n#[path = \"x/b.rs\"]\nmod b;\n#[cfg_attr(unix, path = \"u.rs\")]\nmod r#type;\n\
                    #[path = \"y\"]\nmod inner { mod c; }\n";
        let source = source(text).expect("sound");
        let files: Vec<(&str, Vec<&str>, bool, u64)> = source
            .scopes
            .iter()
            .flat_map(|scope| &scope.files)
            .map(|file| (&*file.name, file.paths.iter().map(|path| &**path).collect(), file.usual, file.line))
            .collect();
        assert_eq!(
            files,
            [
                ("a", vec![], true, 1),
                ("b", vec!["x/b.rs"], false, 3),
                ("type", vec!["u.rs"], true, 5),
                ("c", vec![], true, 7)
            ]
        );
        assert_eq!(source.scopes[1].directory.as_deref(), Some("y"));
        assert!(!source.scopes.iter().any(|scope| scope.code));
        assert!(self::source("fn f() {}").expect("sound").scopes[0].code);
    }

    #[test]
    fn damage_has_its_line() {
        let refused = |text: &str| source(text).map(|_| ()).expect_err("refused");
        let told = |text: &str| {
            let gap = refused(text);
            format!("{} {}", gap.kind.word(), gap.at)
        };
        assert_eq!(told("fn f() {}\nfn g( {}\n"), "malformed a.rs:2");
        assert_eq!(told("fn f() {}\n\"open\n"), "malformed a.rs:2");
        assert_eq!(told("mod a;\nfn 5() {}"), "malformed a.rs:2");
        assert_eq!(told("{{"), "malformed a.rs:1");
        assert_eq!(told(" \n"), "empty a.rs");
        assert_eq!(told("\u{feff}\u{feff}mod a;"), "malformed a.rs:1");
        assert!(source("\u{feff}mod a;").is_ok());
        assert!(source("#!/usr/bin/env run\nmod a;").is_ok());
        assert!(source("#![deny(warnings)]\nmod a;").is_ok());
    }

    #[test]
    fn what_nests_too_deep_is_refused_and_the_rest_is_read() {
        let long = |left: &str, right: &str, times: usize| {
            format!("fn f() {{\nlet x = {}1{};\n}}", left.repeat(times), right.repeat(times))
        };
        let kinds = [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("-", ""),
            ("&", ""),
            ("", "+1"),
            ("", ".a()"),
            ("", "?"),
            ("a=", ""),
            ("|a, b| ", ""),
            ("if a {} else ", ""),
            ("return ", ""),
            ("", " as A"),
            ("a||", ""),
            ("A::<u8, ", ">"),
            ("move||", ""),
        ];
        for (left, right) in kinds {
            let gap = source(&long(left, right, 60_000)).map(|_| ()).expect_err("refused");
            assert!([GapKind::OverLimit, GapKind::Malformed].contains(&gap.kind), "{left}: {gap:?}");
            assert_eq!(gap.at.line, Some(2), "{left}: {gap:?}");
            // As much as is allowed either parses or is told; it never ends the process.
            let most = 9_900 / (left.len() + right.len()).min(3);
            drop(source(&long(left, right, if "([{".contains(left) && !left.is_empty() { 250 } else { most })));
        }
        let table = format!("const X: [(u8, u8); 40000] = [{}];", "(1, 2), ".repeat(40_000));
        assert!(source(&table).is_ok());
        let items = "fn f() { g(); }\n#[a]\nstruct S { x: u8 }\n".repeat(4_000);
        assert!(source(&items).is_ok());
    }
}
