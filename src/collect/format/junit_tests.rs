//! JUnit XML as its writers spell it, and as damage leaves it.

use super::super::report::testing::{read, told};
use super::JUNIT;

fn junit(text: &str) -> Vec<String> {
    told(&JUNIT, text)
}

#[test]
fn passing_failing_and_skipped_cases_are_read() {
    let text = r#"<testsuites name="all"><testsuite name="s" tests="4" failures="1" errors="1" skipped="1">
        <properties><property name="a" value="b"/></properties>
        <testcase classname="s" name="a" time="1,000.5"/>
        <testcase classname="c" name="b" file="x.py" line="7"><failure message="m &amp; n">trace</failure></testcase>
        <testcase classname="c" name="d"><error type="E"> first line
second</error><system-out>x</system-out></testcase>
        <testcase classname="c" name="e"><skipped/></testcase></testsuite></testsuites>"#;
    assert_eq!(
        junit(text),
        ["s::a passed 1", "s::c::b failed 1: m & n", "s::c::d errored 1: first line\nsecond", "s::c::e skipped 1"]
    );
    let report = read(&JUNIT, text).expect("sound");
    let (_, case) = report.cases().nth(1).expect("a case");
    assert_eq!((case.file.as_deref(), case.line), (Some("x.py"), Some(7)));
    assert_eq!(report.cases().next().and_then(|(_, case)| case.seconds()), Some(1000.5));
}

#[test]
fn reruns_and_flaky_elements_are_attempts() {
    let text = r#"<testsuite name="s" tests="3" failures="1" errors="0" flakes="1">
        <testcase name="f"><failure message="1"/><rerunFailure message="2"><stackTrace>t</stackTrace></rerunFailure></testcase>
        <testcase name="g"><flakyFailure><stackTrace>why</stackTrace></flakyFailure><flakyError message="x"/></testcase>
        <testcase name="h"/></testsuite>"#;
    assert_eq!(junit(text), ["s::f failed 2: 2", "s::g flaky 3: x", "s::h passed 1"]);
    let only = r#"<testsuite name="s"><testcase name="f"><rerunError message="2"/></testcase></testsuite>"#;
    assert_eq!(junit(only), ["s::f errored 2: 2"]);
    let flaky_fail = r#"<testsuite name="s"><testcase name="f"><failure message="flaky"/><flakyFailure message="1"/></testcase></testsuite>"#;
    assert_eq!(junit(flaky_fail), ["s::f failed 2: flaky"]);
}

#[test]
fn a_case_told_twice_was_tried_twice() {
    let twice = |first: &str, second: &str, root: &str| {
        junit(&format!(
            "<testsuites name='{root}'><testsuite name='s'><testcase name='t'>{first}</testcase><testcase name='t'>{second}</testcase></testsuite></testsuites>"
        ))
    };
    let bad = "<failure message='no'/>";
    assert_eq!(twice(bad, "", ""), ["s::t flaky 2: no"]);
    assert_eq!(twice("", bad, ""), ["s::t failed 2: no"]);
    assert_eq!(twice("", "", ""), ["s::t passed 2"]);
    assert_eq!(twice("<skipped/>", bad, ""), ["s::t failed 2: no"]);
    // pytest gives each rerun an element without children.
    assert_eq!(twice("", "", "pytest tests"), ["s::t flaky 2: it was run again"]);
    assert_eq!(twice("", bad, "pytest tests"), ["s::t failed 2: no"]);
    let files =
        "<testsuite name='s'><testcase name='t' file='a'/><testcase name='t' file='b'><failure/></testcase></testsuite>";
    assert_eq!(junit(files), ["s::t passed 1", "s::t failed 1"]);
}

#[test]
fn unknown_statuses_fail() {
    let with = |attribute: &str| junit(&format!("<testsuite name='s'><testcase name='t' {attribute}/></testsuite>"));
    assert_eq!(with("status='run' result='completed'"), ["s::t passed 1"]);
    assert_eq!(with("status='notrun' result='suppressed'"), ["s::t skipped 1"]);
    assert_eq!(with("status='wobbly'"), ["s::t failed 1: unknown status `wobbly`"]);
    assert_eq!(with("status='run' result='FAILED'"), ["s::t failed 1: status `FAILED`"]);
    let todo = r#"<testsuite name="s"><testcase name="t"><skipped type="todo" message="later"/><failure/></testcase>
        <testcase name="u"><skipped/><failure message="m"/></testcase></testsuite>"#;
    assert_eq!(junit(todo), ["s::t skipped 1: later", "s::u failed 1: m"]);
}

#[test]
fn suites_nest_and_can_fail_themselves() {
    let text = r#"<testsuites><testcase name="top"/><testsuite name="a" tests="2"><testsuite name="b" tests="1"><testcase name="t"/></testsuite>
        <testsuite name="c" tests="1"><testcase name="t"/></testsuite></testsuite>
        <testsuite name="d"><error message="does not load"/></testsuite><testsuite name="e" tests="0"/></testsuites>"#;
    let expected = ["top passed 1", "a > b::t passed 1", "a > c::t passed 1", "error d: does not load", "empty e"];
    assert_eq!(junit(text), expected);
}

#[test]
fn counts_must_agree_with_the_items() {
    let suite = |counts: &str| {
        junit(&format!(
            "<testsuites><testsuite name='s' {counts}><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='c'><skipped/></testcase></testsuite></testsuites>"
        ))
        .split_off(3)
    };
    assert_eq!(suite("tests='3' failures='1' errors='0' skipped='1'"), [""; 0]);
    // Some tools count failures as errors.
    assert_eq!(suite("tests='3' failures='0' errors='1'"), [""; 0]);
    assert_eq!(suite("tests='4'"), ["contradiction: 3 tests of suite `s` | tests=\"4\""]);
    assert_eq!(suite("tests='2'"), ["contradiction: 3 tests of suite `s` | tests=\"2\""]);
    assert_eq!(
        suite("tests='3' failures='0' errors='0'"),
        ["contradiction: 1 failures and errors of suite `s` | failures=\"0\" errors=\"0\""]
    );
    assert_eq!(suite("failures='2'"), ["contradiction: 1 failures and errors of suite `s` | failures=\"2\""]);
    assert_eq!(suite("skipped='0'"), ["contradiction: 1 skipped tests of suite `s` | skipped=\"0\""]);
    assert_eq!(suite("tests='-3'"), ["contradiction: a count of suite `s` | tests=\"-3\""]);
    let root = "<testsuites tests='2'><testsuite name='s' tests='1'><testcase name='a'/></testsuite></testsuites>";
    assert_eq!(junit(root), ["s::a passed 1", "contradiction: 1 tests | tests=\"2\""]);
}

#[test]
fn endless_small_tests_are_over_the_limit() {
    let text = format!("<testsuite>{}</testsuite>", "<testcase name='a'/>".repeat(500_001));
    assert_eq!(junit(&text), ["over-limit a: more"]);
}

#[test]
fn nothing_to_read_is_empty_and_damage_is_malformed() {
    for text in ["<testsuites/>", "<testsuite name='s' tests='0'/>", "<testsuites><testsuite name='s'/></testsuites>"] {
        assert_eq!(junit(text), ["empty a: none"], "{text}");
    }
    let cases = [
        ("", "no element"),
        ("<testsuite name='s'><testcase name='a'>", "ends inside"),
        ("<testsuite name='s'><testcase classname='a'/></testsuite>", "without a name"),
        ("<testsuite name='s'><testcase name=' '/></testsuite>", "without a name"),
        ("<coverage/>", "the root element `coverage`"),
        ("<testsuite><testcase name='a'><testcase name='b'/></testcase></testsuite>", "where none belongs"),
        ("<testsuite><x><testsuite name='b'/></x></testsuite>", "where none belongs"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite><testcase name='&a;'/></testsuite>", "declarations"),
        ("<testsuite><testcase name='&a;'/></testsuite>", "`a`"),
    ];
    let mut refused = 0;
    for (text, phrase) in cases {
        let told = junit(text);
        assert!(told.len() == 1 && told[0].starts_with("malformed a:1: ") && told[0].contains(phrase), "{told:?}");
        refused += 1;
    }
    assert_eq!(refused, 9);
    let bare = "<!DOCTYPE testsuite SYSTEM 'http://localhost/x.dtd'><testsuite name='s'><testcase name='a'/></testsuite>";
    assert_eq!(junit(bare), ["s::a passed 1"]);
}
