//! TAP as its writers spell it, and as damage leaves it.

use super::super::report::testing::{read, told};
use super::TAP;

fn tap(text: &str) -> Vec<String> {
    told(&TAP, text)
}

#[test]
fn tests_and_directives_are_read() {
    let text = "TAP version 14\n1..8\nok 1 - a\nnot ok 2 - b \\# c\n  ---\n  error: |-\n    no\n    more\n  duration_ms: 500\n  location: '/x/a.js:6:1'\n  ...\nok 3 d # SKIP no printer\nnot ok 4 - e # TODO later\nok 5 - f # todo\nnot ok 6 - g # SKIP\nok\nok 8 # skipped: h\n# done\n";
    assert_eq!(
        tap(text),
        [
            "a passed 1",
            "b \\# c failed 1: no\nmore",
            "d skipped 1: no printer",
            "e skipped 1: to do: later",
            "f passed 1",
            "g failed 1",
            "test 7 passed 1",
            "test 8 skipped 1: h"
        ]
    );
    let report = read(&TAP, text).expect("sound");
    let (_, case) = report.cases().nth(1).expect("a case");
    assert_eq!((case.seconds(), case.source().as_deref()), (Some(0.5), Some("/x/a.js:6")));
}

#[test]
fn a_brace_behind_diagnostics_opens_the_subtests_of_the_line_before_them() {
    let block = |inner: &str| {
        format!("ok 1 - a # time=12ms\n  ---\n  some: thing\n  ...\n{{\n    {inner} 1 - b\n    1..1\n}}\n1..1\n")
    };
    assert_eq!(tap(&block("ok")), ["a passed 1", "a::b passed 1"]);
    assert!(tap(&block("not ok")).contains(&"a::b failed 1".to_owned()));
    // One that does not stand behind a test line opens nothing, and one that is never closed cuts the stream short.
    let apart = tap("1..1\nok 1 - a\n# x\n1..1\n{\n    ok 1 - b\n    1..1\n}\n");
    assert!(apart.iter().any(|line| line.starts_with("contradiction") || line.starts_with("cut short")), "{apart:?}");
    let open = tap("1..1\nok 1 - a\n{\n    ok 1 - b\n    1..1\n");
    assert!(open.iter().any(|line| line.starts_with("cut short")), "{open:?}");
}

#[test]
fn a_word_that_begins_like_a_directive_belongs_to_the_name() {
    let mut failed = 0;
    for name in ["renders #todolist", "renders #todo-list", "b # TODOIST", "c # todos of today", "d # TODO/e", "f #todo_"] {
        assert_eq!(tap(&format!("1..1\nnot ok 1 - {name}\n")), [format!("{name} failed 1")]);
        failed += 1;
    }
    assert_eq!(failed, 6);
    for directive in ["# TODO", "# todo later", "#TODO: later", "# TODO\tlater"] {
        assert!(tap(&format!("1..1\nnot ok 1 - a {directive}\n"))[0].starts_with("a skipped 1: to do:"), "{directive}");
    }
    assert_eq!(tap("1..2\nok 1 - a # skipping stones\nok 2 - b # SKIP\n"), ["a # skipping stones passed 1", "b skipped 1"]);
}

#[test]
fn the_failures_that_a_writer_states_are_held_against_it() {
    assert_eq!(tap("1..1\nok 1 - a\n# pass 1\n# fail 0\n"), ["a passed 1"]);
    assert_eq!(tap("1..1\nnot ok 1 - a\n# fail  1\n"), ["a failed 1"]);
    // AVA counts what is still to be done; QtTest counts a pass that nobody expected.
    assert_eq!(tap("1..1\nnot ok 1 - a # TODO\n# fail 1\n"), ["a skipped 1: to do:"]);
    assert_eq!(tap("1..1\nok 1 - a # TODO\n# fail 1\n")[1..], ["contradiction: 0 lines `not ok` | # fail 1"]);
    assert_eq!(tap("1..1\nok 1 - a\n# fail to open\n"), ["a passed 1"]);
    let perl = |words: &str| tap(&format!("ok 1 - a\n1..1\n# Looks like {words}\n"))[1..].to_vec();
    assert_eq!(perl("you failed 1 test of 2."), ["contradiction: 0 lines `not ok` | # fail 1"]);
    assert_eq!(
        perl("your test exited with 3 just after 1."),
        ["cut short: Looks like your test exited with 3 just after 1."]
    );
    assert_eq!(perl("you have a good day."), [""; 0]);
}

#[test]
fn subtests_may_stand_in_braces() {
    let block = |inner: &str, own: &str| {
        tap(&format!(
            "1..1\n{own} 1 - f.js # time=3.85ms {{\n    1..1\n    {inner} 1 - s # time=1s {{\n        1..2\n        {inner} 1 - a # time=1.81ms\n        ok 2 - b # SKIP\n    }}\n}}\n"
        ))
    };
    assert_eq!(block("ok", "ok"), ["f.js passed 1", "f.js::s passed 1", "f.js > s::a passed 1", "f.js > s::b skipped 1"]);
    assert_eq!(block("not ok", "not ok").iter().filter(|line| line.contains(" failed ")).count(), 3);
    let open = tap("1..1\nok 1 - f.js {\n    1..1\n    ok 1 - a\n");
    assert!(open.contains(&"cut short: the subtests of `f.js` have no end".to_owned()), "{open:?}");
    // A brace is no block where nothing follows it, and a time that is none belongs to the name.
    assert_eq!(tap("1..1\nok 1 - a # time=soon\n"), ["a # time=soon passed 1"]);
}

#[test]
fn warnings_take_numbers_and_are_no_tests() {
    assert_eq!(tap("# a\nwarning 1 - 'nearly empty'\nok 2 - true\n1..1\n"), ["true passed 1"]);
    assert_eq!(tap("ok 2 - true\n1..1\n").len(), 2);
}

#[test]
fn subtests_are_suites() {
    let text = "# Subtest: s\n    # Subtest: t\n        ok 1 - u\n        1..1\n    ok 1 - t\n      ---\n      type: 'suite'\n      ...\n    1..1\nok 1 - s\n    ok 1 - w\n    1..1\nnot ok 2 - v\n1..2\n";
    assert_eq!(tap(text), ["s passed 1", "v failed 1", "s > t::u passed 1", "v::w passed 1"]);
    // A suite that fails by itself is an error of the suite; one that fails with its tests is told by them.
    let suite = |inner: &str| {
        tap(&format!("    {inner} 1 - a\n    1..1\nnot ok 1 - s\n  ---\n  type: 'suite'\n  error: 'hook'\n  ...\n1..1\n"))
    };
    assert_eq!(suite("ok"), ["s::a passed 1", "error s: hook"]);
    assert_eq!(suite("not ok"), ["s::a failed 1"]);
}

#[test]
fn plain_text_below_a_test_is_its_message() {
    assert_eq!(tap("not ok 1 - a\n  no\n    at b\nok 2 c\n1..2\n"), ["a failed 1: no\nat b", "c passed 1"]);
}

#[test]
fn a_stream_that_stops_early_is_cut_short() {
    assert_eq!(tap("ok 1 - a\n"), ["a passed 1", "cut short: no plan"]);
    assert_eq!(tap("1..3\nok 1 - a\nok 2 - b\n")[2..], ["cut short: 2 of 3 planned tests"]);
    assert_eq!(tap("1..1\nok 1 - a\nok 2 - b\n")[2..], ["contradiction: 2 tests | the plan 1..1"]);
    assert_eq!(tap("1..2\nok 1 - a\nok 1 - b\n")[2..], ["contradiction: test number 2 | the number 1"]);
    let bail = "1..2\nok 1 - a\nBail out! no disk\nok 2 - b\n";
    assert_eq!(tap(bail)[1..], ["cut short: Bail out! no disk", "cut short: 1 of 2 planned tests"]);
    assert_eq!(tap("Bail out!\n"), ["cut short: Bail out!"]);
    let old = "1..3 todo 2 3\nok 1 - a\nnot ok 2 - b\nnot ok - c\n";
    assert_eq!(tap(old), ["a passed 1", "b skipped 1: to do:", "c skipped 1: to do:"]);
    assert_eq!(
        tap("    ok 1 - a\n"),
        [
            "a subtest::a passed 1",
            "cut short: no plan in `a subtest`",
            "cut short: `a subtest` has no test line behind it",
            "cut short: no plan"
        ]
    );
}

/// As Perl's `prove` has it.
#[test]
fn plans_stand_once_at_an_end_and_pragmas_are_heeded() {
    assert_eq!(tap("1..1\n1..1\nok 1 - a\n")[1..], ["contradiction: one plan | a second plan `1..1`"]);
    let between = ["contradiction: a plan before or behind the tests | one behind 1 of 2"];
    assert_eq!(tap("ok 1 - a\n1..2\nok 2 - b\n")[2..], between);
    assert_eq!(tap("ok 1 - a\nok 2 - b\n1..2\n").len(), 2);
    let strict =
        |pragma: &str, text: &str| tap(&format!("TAP version 13\n{pragma}\n1..1\nok 1 - a\n{text}\n"))[1..].to_vec();
    let found = ["contradiction: lines of TAP (`pragma +strict`) | the line `foo`"];
    assert_eq!(
        (strict("pragma +strict", "foo"), strict("pragma +x, +strict", "  foo")),
        (found.map(str::to_owned).to_vec(), found.map(str::to_owned).to_vec())
    );
    for pragma in ["pragma -strict", "pragma +strict,-strict", "# pragma +strict", "pragma +stricter"] {
        assert_eq!(strict(pragma, "foo"), [""; 0], "{pragma}");
    }
    assert_eq!(tap("pragma +strict\n1..1\nok 1 - a\nfoo\n"), ["a passed 1"], "TAP 12 has no pragmas");
    assert_eq!(strict("pragma +strict", "  ---\n  foo\n  ...\n# foo\n\n"), [""; 0]);
}

#[test]
fn endless_small_tests_are_over_the_limit() {
    assert_eq!(tap(&"ok\n".repeat(500_001)), ["over-limit a: more"]);
}

#[test]
fn nothing_is_empty_and_other_text_is_malformed() {
    assert_eq!(tap("TAP version 13\n1..0 # SKIP no database\n"), ["empty a: none"]);
    assert_eq!(tap("hello\n"), ["malformed a: no plan and no test line in it"]);
    let deep = format!("{}ok 1\n", "    ".repeat(64));
    assert_eq!(tap(&deep), ["malformed a:1: subtests nested more than 64 deep (line 1)"]);
}
