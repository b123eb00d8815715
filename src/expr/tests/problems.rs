//! What is refused when an expression is compiled, and how the problem is told.

use super::{compiled, truth};
use crate::expr::{Expression, Problem, Truth};

fn problems(text: &str) -> Vec<Problem> {
    Expression::compile(text, &["sweeps", "s", "now"]).expect_err(text)
}

/// The text that the only problem points at, its message and its help.
fn only(text: &str) -> (String, String, String) {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{text}: {problems:?}");
    let problem = &problems[0];
    (text[problem.range.clone()].to_owned(), problem.message.clone(), problem.help.clone().unwrap_or_default())
}

#[test]
fn unknown_names_and_functions_suggest_known_ones() {
    let tuple = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(only("sweep.x == 1"), tuple("sweep", "nothing is named `sweep` here", "did you mean `sweeps`?"));
    assert_eq!(only("s.x == nowhere"), tuple("nowhere", "nothing is named `nowhere` here", ""));
    assert_eq!(only("s.all(item, itm == 1)").2, "did you mean `item`?");
    assert_eq!(only("s.x.startswith('a')").2, "did you mean `startsWith`?");
    assert_eq!(only("s.x.sise() == 1"), tuple("sise", "there is no function `sise`", "did you mean `size`?"));
    assert_eq!(only("frobnicate(s)").1, "there is no function `frobnicate`");
    assert_eq!(only("true || frobnicate(s)").0, "frobnicate", "also where evaluation would never come");
}

#[test]
fn calls_must_fit() {
    let cases = [
        ("size(s, s) == 1", "size", "takes 1 argument, not 2", "x.size()"),
        ("s.size(1) == 1", "size", "takes 1 argument, not 2", "x.size()"),
        ("contains(s.a, 'b')", "contains", "is not called like this", "text.contains('part')"),
        ("s.x.contains()", "contains", "takes 2 arguments", "text.contains('part')"),
        ("s.x.timestamp() == now", "timestamp", "is not called like this", "timestamp("),
        ("all(s.x, 1)", "all", "needs a list before it", "list.all(item, ..)"),
        ("s.x.all(1)", "all", "takes a name", "list.all(item, ..)"),
        ("s.x.all(y.z, true)", ".", "plain name", ""),
        ("s.x.map(a, b, c, d)", "map", "takes a name", "list.map"),
        ("has(s)", "has(s)", "asks for a field", "has(a.b)"),
        ("has(s['x'])", "has(s['x'])", "asks for a field", "has(a.b)"),
        ("has(s.x, s.y)", "has(s.x, s.y)", "asks for a field", "has(a.b)"),
        ("s.has(s.x)", "has", "is not called like this", "has(a.b)"),
        ("s.x.all(s, s == 1)", "s", "already has a meaning", "another name"),
        ("s.x.all(y, y.all(y, y == 1))", "y", "already has a meaning", "another name"),
    ];
    let mut seen = 0;
    for (text, part, message, help) in cases {
        let (at, told, helped) = only(text);
        assert!(at == part && told.contains(message) && helped.contains(help), "{text}: {at} / {told} / {helped}");
        seen += 1;
    }
    assert_eq!(seen, 15);
}

#[test]
fn literals_and_patterns_are_checked_at_once() {
    let cases = [
        ("s.x.matches('(')", "'('", "the pattern is unsound"),
        ("s.x.matches('a{1000}{1000}')", "'a{1000}{1000}'", "the pattern is unsound"),
        ("s.x.matches(s.y)", "s.y", "must be a string written out"),
        ("s.x.matches('a' + 'b')", "'a' + 'b'", "must be a string written out"),
        ("timestamp('2026-01-31') < now", "'2026-01-31'", "is not an RFC 3339 timestamp"),
        ("timestamp('2026-01-31T00:00:00') < now", "'2026-01-31T00:00:00'", "has no UTC offset"),
        ("duration('7') == s.x", "'7'", "is not a length of time"),
        ("b'bytes' == s.x", "b'bytes'", "no bytes"),
        ("{1: 2} == s.x", "1", "must be a string"),
        ("{a: 2} == s.x", "a", "must be a string"),
        ("{'a': 1, 'a': 2} == s.x", "'a'", "there twice"),
        ("99999999999999999999 == s.x", "99999999999999999999", "is no integer from -2^63"),
        ("s.x == Foo{a: 1}", "{", "builds a message"),
        (".s.x == 1", ".", "is not expected here"),
        ("s.?x == 1", "?", "is not expected here"),
        ("s.x = 1", "=", "no meaning"),
        ("s.x == 1 and s.y == 2", "and", ""),
    ];
    let mut seen = 0;
    for (text, part, message) in cases {
        let problems = problems(text);
        let found = problems.iter().any(|p| p.message.contains(message) && text[p.range.clone()] == *part);
        assert!(found, "{text}: {problems:?}");
        seen += 1;
    }
    assert_eq!(seen, 17);
    assert_eq!(problems("s.x == 1 and s.y == 2")[0].help.as_deref(), Some("write `&&`"));
    assert_eq!(problems("s.x == 'ä' and true")[0].help.as_deref(), Some("write `&&`"), "columns count characters");
    assert_eq!(problems("s.x == 'ä'\n  and true")[0].help.as_deref(), Some("write `&&`"), "and lines count");
}

#[test]
fn every_problem_is_told_in_the_order_of_the_text() {
    let text = "swweps.a == 1 && s.b.sise() == 2 || s.c.matches('(') || s.d.all(s, true) || nope(1, missing)";
    let parts: Vec<&str> = problems(text).into_iter().map(|problem| &text[problem.range]).collect();
    assert_eq!(parts, ["swweps", "sise", "'('", "s", "nope", "missing"]);
}

#[test]
fn bounds_hold_at_their_edges() {
    let nested = |levels: usize| {
        let mut text = "s".to_owned();
        for level in 0..levels {
            text.push_str(&format!(".all(v{level}, v{level}"));
        }
        text + " == 1" + &")".repeat(levels)
    };
    compiled(&nested(3));
    assert!(only(&nested(4)).1.contains("nested more than 3 deep"));
    let chain = |fields: usize| "s".to_owned() + &".a".repeat(fields);
    compiled(&chain(64));
    assert!(only(&chain(65)).1.contains("more than 64 deep"));
    let sum = |terms: usize| vec!["1"; terms].join("+");
    assert_eq!(super::shown(&sum(65)).expect("within the bounds"), "65");
    assert!(only(&sum(66)).1.contains("more than 64 deep"));
    compiled(&vec!["true"; 500].join("&&"));
    compiled(&vec!["(s.a == 1)"; 90].join(" || "));
    assert!(only(&vec!["true"; 600].join("&&")).1.contains("tokens"));
    assert!(only(&"s.x".repeat(1_400)).1.contains("bytes"));
}

#[test]
fn loops_over_much_data_run_out_of_steps() {
    let list = "[1,1,1,1,1,1,1,1,1,1]";
    let long = format!("({list} + {list} + {list} + {list} + {list} + {list} + {list} + {list})");
    let text = format!("{long}.all(a, {long}.all(b, {long}.all(c, a + b + c == 3)))");
    let Truth::Trouble(trouble) = truth(&text) else { panic!("80 * 80 * 80 items, a dozen steps and more each") };
    assert_eq!(trouble.kind.word(), "too-expensive");
    assert!(matches!(truth(&format!("{long}.all(a, {long}.all(b, a + b == 2))")), Truth::Holds { .. }));
}

#[test]
fn guards_are_told_with_their_path() {
    let expression = compiled("has(s.limits.cpu) && s.suites.all(x, has(x.note) || x.failed == 0) && !has( s.`a-b` )");
    let guards: Vec<_> =
        expression.guards().iter().map(|guard| (&expression.text()[guard.range.clone()], guard.path.as_str())).collect();
    assert_eq!(guards, [("has(s.limits.cpu)", "s.limits.cpu"), ("has(x.note)", "x.note"), ("has( s.`a-b` )", "s.`a-b`")]);
    assert!(compiled("s.has == 1").guards().is_empty());
}

#[test]
fn names_and_their_fields_are_told() {
    let expression = compiled("s.limits.cpu > 1 && has(s.`a-b`) && s['ram'] == s[s.key] && [now].all(x, x == now)");
    assert_eq!(expression.names().iter().map(String::as_str).collect::<Vec<_>>(), ["now", "s"]);
    assert_eq!(expression.fields("s").into_iter().collect::<Vec<_>>(), ["a-b", "key", "limits", "ram"]);
    assert!(expression.fields("now").is_empty() && expression.fields("nobody").is_empty());
}
