//! Garbage, mutations and depth: an answer or a problem, never a panic and never an overflow of the stack.

use super::{SAMPLE, document};
use crate::expr::{Expression, Scope, Truth};
use proptest::prelude::*;

pub(super) const SEEDS: [&str; 12] = [
    "s.status == 'ready' ? s.ready && s.tags.size() == 0 : true",
    "s.suites.all(x, x.passed + x.failed == x.total && has(x.note))",
    "now - timestamp(s.at) <= duration('36h')",
    "s.tags.exists(t, t.matches('^[a-z]+$')) || !('z' in s.tags)",
    "sum(s.suites.map(x, x.failed > 0, x.total)) >= -5 % 3",
    "{'a': [1, 2.5, null]}.a[1] != s.limits['cpu']",
    "s.numbers.filter(n, n > 1).unique() && min(s.numbers) < 2",
    "\"\"\"tripl\"e\"\"\" + r'\\raw' == string(5u) // comment",
    "s.suites.map(x, x.cases.filter(c, c != '')).size() > 0",
    "int('12') * abs(-3) / 2 == 18 || double('1.5') > 1e3",
    "'a,b'.split(',').exists_one(p, p.trim().upperAscii() == 'A')",
    "s.`dash-key`.`x-y` == 1 && 'ä' < 'ö'",
];

pub(super) const PARTS: [&str; 28] = [
    "(", ")", "[", "]", "{", "}", "'", "\"", "`", "\\", ".", ",", "?", ":", "!", "-", "&&", "||", "==", " in ", "//", "\n",
    "\0", "ä", "🦀", "0x", "1e", "has(",
];

/// Compiles and, if that works, evaluates every way there is.
fn survives(text: &str) -> bool {
    let document = document(SAMPLE);
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    scope.bind_instant("now", crate::model::parse_instant("2026-02-01T12:00:00Z").expect("sound"));
    match Expression::compile(text, &["s", "now"]) {
        Ok(expression) => {
            if let Truth::Trouble(trouble) = expression.holds(&scope) {
                assert!(text.get(trouble.range.clone()).is_some_and(|part| !part.is_empty()), "{text:?}: {trouble:?}");
            }
            let _ = expression.list(&scope);
            true
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "{text:?}");
            for problem in problems {
                assert!(text.get(problem.range.clone()).is_some(), "{text:?}: {problem:?}");
            }
            false
        }
    }
}

#[test]
fn mutations_are_survived() {
    let mut tried = 0;
    for seed in SEEDS {
        assert!(survives(seed), "{seed}");
        let places: Vec<usize> = seed.char_indices().map(|(at, _)| at).collect();
        for (turn, &at) in places.iter().enumerate().step_by(3) {
            let next = seed[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            survives(&format!("{}{}", &seed[..at], &seed[next..]));
            survives(&seed[..at]);
            survives(&format!("{}{}{}", &seed[..at], PARTS[turn % PARTS.len()], &seed[at..]));
            tried += 3;
        }
    }
    assert!(tried > 600, "{tried}");
}

#[test]
fn depth_and_length_are_survived() {
    let units = [
        "(", "[", "{", "!", "-", "!-", "1+", "a.", "s.a.", "1?", "1?1:", "s[", "size(", "{'a':", "[1,", "has(", "1 in ",
        "s.all(x,", "1==", "true&&", "true||", "'", "\\", "`", "//", "\n", "((", "1*(", "-(", "!(", ".", ",", "?", ":",
        "ä", "\u{0}",
    ];
    let mut tried = 0;
    for unit in units {
        for count in [5, 20, 60, 300, 1_000, 4_000, 100_000] {
            let deep = unit.repeat(count);
            survives(&deep);
            survives(&format!("{deep}1"));
            let closers: String = unit
                .chars()
                .rev()
                .filter_map(|c| {
                    Some(match c {
                        '(' => ')',
                        '[' => ']',
                        '{' => '}',
                        _ => return None,
                    })
                })
                .collect();
            survives(&format!("{deep}1{}", closers.repeat(count)));
            tried += 3;
        }
    }
    assert_eq!(tried, 36 * 7 * 3);
}

#[test]
fn the_longest_chains_are_refused_and_dropped() {
    for text in [
        "1+".repeat(511) + "1",
        "s".to_owned() + &".a".repeat(511),
        "1==".repeat(511) + "1",
        "s".to_owned() + &"[0]".repeat(340),
    ] {
        let problems = Expression::compile(&text, &["s"]).expect_err("deeper than a tree may be");
        assert!(problems[0].message.contains("more than 64 deep"), "{problems:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}") {
        survives(&text);
    }

    #[test]
    fn any_string_of_parts_is_survived(picks in prop::collection::vec(0_usize..40, 0..40)) {
        let seeds = ["s", "x", "1", "2.5", "true", "null", "size", "all", "map", "s.tags", "'a'", "now"];
        let text: String = picks.iter().map(|&at| PARTS.get(at).copied().unwrap_or_else(|| seeds[at - PARTS.len()])).collect();
        survives(&text);
    }
}
