//! JUnit XML as its writers spell it, and as damage leaves it.

use super::super::report::testing::{read, told};
use super::{Ahead, JUNIT};
use crate::model::Where;

fn junit(text: &str) -> Vec<String> {
    told(&JUNIT, text)
}

#[test]
fn stated_flakes_are_no_plain_pass() {
    let suite = |flakes: &str, inner: &str| {
        told(
            &JUNIT,
            &format!("<testsuite name='s' tests='1' flakes='{flakes}'><testcase name='a'>{inner}</testcase></testsuite>"),
        )
    };
    assert_eq!(suite("0", ""), ["s::a passed 1"]);
    assert_eq!(suite("1", "<flakyFailure message='no'/>"), ["s::a flaky 2: no"]);
    assert_eq!(suite("1", "")[1..], ["flaky: 0 flaky tests of suite `s` | 1 flaky tests"]);
    assert_eq!(suite("x", "")[1..], ["contradiction: a count of suite `s` | flakes=\"x\""]);
}

#[test]
fn it_is_as_old_as_its_oldest_suite() {
    let times = |stamps: &[&str]| {
        let suites =
            stamps.iter().map(|stamp| format!("<testsuite name='s' timestamp='{stamp}'><testcase name='a'/></testsuite>"));
        let text = format!("<testsuites>{}</testsuites>", suites.collect::<String>());
        read(&JUNIT, &text).expect("sound").timestamp.map(String::from)
    };
    let cases: [(&[&str], Option<&str>); 9] = [
        (&["2026-03-02T10:00:00", "2026-03-01T10:00:00"], Some("2026-03-01T10:00:00")),
        (&["2026-03-01T10:00:00", "2026-03-02T10:00:00"], Some("2026-03-01T10:00:00")),
        (&["2026-03-02T10:00:00+02:00", "2026-03-02T09:00:00Z"], Some("2026-03-02T10:00:00+02:00")),
        (&["2026-03-02T10:00:00Z", "1970-01-01T00:00:00Z"], None),
        (&["1970-01-01T00:00:00Z"], None),
        (&["2026-03-02T10:00:00Z", "no time"], Some("no time")),
        (&["2026-03-02T10:00:00", "2026-03-02T09:59:59.5"], Some("2026-03-02T09:59:59.5")),
        (&["2026-03-02T10:00:00Z", "2026-03-02T11:00:00"], Some("2026-03-02T11:00:00")),
        (&["2026-03-02T10:00:00Z", "2026-03-03T11:00:00"], Some("2026-03-02T10:00:00Z")),
    ];
    for (stamps, oldest) in cases {
        assert_eq!(times(stamps).as_deref(), oldest, "{stamps:?}");
    }
}

#[test]
fn a_suite_that_ran_and_states_no_time_is_named_where_others_do() {
    let dated = "<testsuite name='s' timestamp='2026-03-02T10:00:00Z'><testcase name='a'/></testsuite>";
    let undated = |text: &str| {
        let report = read(&JUNIT, text).expect("sound");
        assert_ne!(report.timestamp.is_some(), report.undated.is_some());
        report.undated.map(|part| part.message.to_string())
    };
    let beside = |other: &str| undated(&format!("<testsuites>{dated}\n{other}</testsuites>"));
    let says = Some("`t` (line 2) states no time, and other parts do".to_owned());
    assert_eq!(beside("<testsuite name='t'><testcase name='a'/></testsuite>"), says);
    assert_eq!(beside("<testsuite name='t' timestamp='1970-01-01'><testcase name='a'/></testsuite>"), says);
    assert_eq!(beside("<testsuite name='t'><testcase name='a'><failure/></testcase></testsuite>"), says);
    // Nothing ran in these, and the last one is part of a run that does say.
    assert_eq!(beside("<testsuite name='t'><testcase name='a'><skipped/></testcase></testsuite>"), None);
    assert_eq!(beside("<testsuite name='t'/>"), None);
    let within =
        "<testsuites timestamp='2026-03-02T10:00:00Z'><testsuite name='t'><testcase name='a'/></testsuite></testsuites>";
    assert_eq!(undated(within), None);
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

/// A suite with these totals, in which `t` is told twice.
fn twice(totals: &str, first: &str, second: &str) -> Vec<String> {
    junit(&format!(
        "<testsuite name='s' {totals}><testcase name='t'>{first}</testcase><testcase name='t'>{second}</testcase></testsuite>"
    ))
}

const BAD: &str = "<failure message='no'/>";

#[test]
fn what_is_told_twice_happened_twice() {
    // A writer that keeps no count of failures states none.
    let uncounted = "tests='2' failures='0' errors='0'";
    for totals in ["", "tests='2' failures='1'", "tests='2'", "failures='1'", uncounted, "failures='0'"] {
        let told = twice(totals, BAD, "");
        assert_eq!(told[..2], ["s::t #1 failed 1: no", "s::t #2 passed 1"], "{totals}");
        assert_eq!(twice(totals, "", BAD)[..2], ["s::t #1 passed 1", "s::t #2 failed 1: no"], "{totals}");
    }
    assert_eq!(twice("tests='2' failures='0'", "", ""), ["s::t #1 passed 1", "s::t #2 passed 1"]);
    let files =
        "<testsuite name='s'><testcase name='t' file='a'/><testcase name='t' file='b'><failure/></testcase></testsuite>";
    assert_eq!(junit(files), ["s::t (a) passed 1", "s::t (b) failed 1"]);
    // Two suites are two, whatever they are called, in any order.
    let host = |host: &str, inner: &str| {
        format!("<testsuite name='s' hostname='{host}'><testcase name='t'>{inner}</testcase></testsuite>")
    };
    let (bad, good) = (host("firefox", BAD), host("webkit", ""));
    let told = junit(&format!("<testsuites failures='1'>{bad}{good}</testsuites>"));
    assert_eq!(told, ["s::t [firefox] failed 1: no", "s::t [webkit] passed 1"]);
    let told = junit(&format!("<testsuites failures='1'>{good}{bad}</testsuites>"));
    assert_eq!(told, ["s::t [webkit] passed 1", "s::t [firefox] failed 1: no"]);
}

#[test]
fn reruns_are_what_the_totals_leave_out() {
    // pytest-rerunfailures: the attempt that was mended is in no total.
    assert_eq!(twice("tests='1' failures='0'", BAD, ""), ["s::t flaky 2: no"]);
    assert_eq!(twice("tests='1' failures='1'", BAD, BAD), ["s::t failed 2: no"]);
    // pytest gives a rerun an element without children.
    assert_eq!(twice("tests='1' failures='0'", "", ""), ["s::t flaky 2: it was run again"]);
    assert_eq!(twice("tests='1' failures='1'", "", BAD), ["s::t failed 2: no"]);
    // A failure that is stated stays one. Only Go's writer counts a failure that its rerun mended.
    assert_eq!(twice("tests='1' failures='1'", BAD, "")[0], "s::t #1 failed 1: no");
    let go = "<properties><property name='go.version' value='go1.22'/></properties>";
    let go = format!(
        "<testsuite name='s' tests='1' failures='1'>{go}<testcase name='t'>{BAD}</testcase><testcase name='t'/></testsuite>"
    );
    assert_eq!(junit(&go), ["s::t flaky 2: no"]);
    assert_eq!(junit(&go.replace("tests='1'", "tests='2'"))[0], "s::t #1 failed 1: no");
    // pytest: a rerun beside a test that failed and could not be torn down, which is told twice and counted twice.
    let pytest = "<testsuite name='pytest' tests='4' failures='2' errors='1'><testcase name='f'><failure/></testcase><testcase name='f'><error/></testcase><testcase name='r'/><testcase name='r'><failure/></testcase><testcase name='p'/></testsuite>";
    assert_eq!(junit(pytest), ["pytest::f errored 2", "pytest::r failed 2: it was run again", "pytest::p passed 1"]);
    assert_eq!(junit(&pytest.replace("'pytest'", "'other'"))[..2], ["other::f #1 failed 1", "other::f #2 errored 1"]);
    // A rerun and two tests of one title in one suite: the totals fit neither reading, and nothing is excused.
    let mixed = "<testcase name='a'><failure/></testcase><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='b'/>";
    let told = junit(&format!("<testsuite name='s' tests='3' failures='1'>{mixed}</testsuite>"));
    assert_eq!(told.iter().filter(|line| line.contains(" failed ")).count(), 2, "{told:?}");
}

#[test]
fn unknown_statuses_fail() {
    let with = |attribute: &str| junit(&format!("<testsuite name='s'><testcase name='t' {attribute}/></testsuite>"));
    assert_eq!(with("status='run' result='completed'"), ["s::t passed 1"]);
    assert_eq!(with("status='notrun' result='suppressed'"), ["s::t skipped 1"]);
    assert_eq!(with("status='wobbly'"), ["s::t failed 1: unknown status `wobbly`"]);
    assert_eq!(with("status='run' result='FAILED'"), ["s::t failed 1: status `FAILED`"]);
    assert_eq!(with("status='inconclusive'"), ["s::t failed 1: unknown status `inconclusive`"]);
    let child = |child: &str| junit(&format!("<testsuite name='s'><testcase name='t'>{child}</testcase></testsuite>"));
    assert_eq!(child("<warning message='w'/>"), ["s::t failed 1: unknown element `warning`"]);
    assert_eq!(child("<warning/><failure message='no'/>"), ["s::t failed 1: no"]);
    assert_eq!(child("<properties/><system-out>x</system-out><system-err/>"), ["s::t passed 1"]);
    // ctest: what did not run failed, unless that was meant.
    let ctest = |status: &str, why: &str| {
        junit(&format!(
            "<testsuite name='s'><testcase name='t' status='{status}'><skipped message='{why}'/></testcase></testsuite>"
        ))
    };
    for why in ["Unable to find executable", "Required Files Missing", "Fixture dependency failed", ""] {
        assert_eq!(ctest("notrun", why), [format!("s::t errored 1: not run: {why}").trim_end()], "{why}");
    }
    for why in ["SKIP_RETURN_CODE=77", "SKIP_REGULAR_EXPRESSION_MATCHED", "Disabled"] {
        assert_eq!(ctest("notrun", why), [format!("s::t skipped 1: {why}")]);
    }
    assert_eq!(ctest("disabled", ""), ["s::t skipped 1"]);
    assert_eq!(with("status='notrun'"), ["s::t errored 1: not run, and nothing says that it was meant so"]);
    let disabled = "<testsuite name='s'><testcase name='DISABLED_t' status='notrun'/></testsuite>";
    assert_eq!(junit(disabled), ["s::DISABLED_t skipped 1"]);
    let todo = r#"<testsuite name="s"><testcase name="t"><skipped type="todo" message="later"/><failure/></testcase>
        <testcase name="u"><skipped/><failure message="m"/></testcase></testsuite>"#;
    assert_eq!(junit(todo), ["s::t skipped 1: later", "s::u failed 1: m"]);
}

#[test]
fn suites_nest_and_can_fail_themselves() {
    let text = r#"<testsuites><testcase name="top"/><testsuite name="a" tests="2"><testsuite name="b" tests="1"><testcase name="t"/></testsuite>
        <testsuite name="c" tests="1"><testcase name="t"/></testsuite></testsuite>
        <testsuite name="d"><error message="does not load"/></testsuite><testsuite name="e" tests="0"/></testsuites>"#;
    let expected =
        ["top passed 1", "a > b::t passed 1", "a > c::t passed 1", "error d: does not load", "empty e as it says"];
    assert_eq!(junit(text), expected);
    // Beside the suites it is an error of all of them.
    let root = "<testsuites><error message='no setup'/><testsuite name='a'><testcase name='t'/></testsuite></testsuites>";
    assert_eq!(junit(root), ["a::t passed 1", "error : no setup"]);
}

#[test]
fn stated_totals_can_only_make_it_worse() {
    let suite = |counts: &str| {
        junit(&format!(
            "<testsuites><testsuite name='s' {counts}><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='c'><skipped/></testcase></testsuite></testsuites>"
        ))
        .split_off(3)
    };
    assert_eq!(suite("tests='3' failures='1' errors='0' skipped='1'"), [""; 0]);
    // Some tools count failures as errors.
    assert_eq!(suite("tests='3' failures='0' errors='1'"), [""; 0]);
    // More trouble stated than shown is held against the report.
    assert_eq!(suite("failures='2'"), ["contradiction: 1 failure or error of suite `s` | 2 failures and errors"]);
    assert_eq!(suite("failures='1' errors='1'").len(), 1);
    // Everything else is how a tool counts.
    assert_eq!(suite("tests='4'"), ["difference: 3 tests of suite `s` | 4 tests"]);
    assert_eq!(suite("tests='2'"), ["difference: 3 tests of suite `s` | 2 tests"]);
    assert_eq!(
        suite("tests='3' failures='0' errors='0'"),
        ["difference: 1 failure or error of suite `s` | 0 failures and errors"]
    );
    assert_eq!(suite("skipped='0'"), ["difference: 1 skipped tests of suite `s` | 0 skipped tests"]);
    assert_eq!(suite("tests='-3'"), ["contradiction: a count of suite `s` | tests=\"-3\""]);
    assert_eq!(suite("skipped='-1'"), ["difference: a count of suite `s` | skipped=\"-1\""]);
    let root = "<testsuites tests='2'><testsuite name='s' tests='1'><testcase name='a'/></testsuite></testsuites>";
    assert_eq!(junit(root), ["s::a passed 1", "difference: 1 tests | 2 tests"]);
    let root = "<testsuites failures='1'><testsuite name='s' tests='1'><testcase name='a'/></testsuite></testsuites>";
    assert_eq!(junit(root), ["s::a passed 1", "contradiction: 0 failures and errors | 1 failure or error"]);
}

#[test]
fn the_comments_of_nodes_runner_are_its_totals() {
    let node = |fail: u64, cancelled: u64, inner: &str| {
        junit(&format!(
            "<testsuites><testsuite name='s'><testcase name='t'>{inner}</testcase></testsuite><!-- tests 2 --><!-- fail {fail} --><!-- cancelled {cancelled} --></testsuites>"
        ))
    };
    assert_eq!(node(0, 0, ""), ["s::t passed 1"]);
    assert_eq!(node(1, 0, BAD), ["s::t failed 1: no"]);
    // A test around others failed, and only they are told.
    assert_eq!(node(1, 0, "")[1..], ["contradiction: 0 failures and errors | 1 failed or cancelled"]);
    assert_eq!(node(0, 1, "").len(), 2);
    assert_eq!(junit("<testsuite name='s'><testcase name='t'><!-- fail 3 --></testcase></testsuite>").len(), 1);
}

#[test]
fn testng_writes_skips_as_errors() {
    let error = |kind: &str| {
        junit(&format!(
            "<testsuite name='s' errors='1'><testcase name='t'><error type='{kind}' message='m'/></testcase></testsuite>"
        ))
    };
    assert_eq!(error("org.testng.SkipException"), ["s::t skipped 1: m"]);
    assert_eq!(error("java.lang.Error"), ["s::t errored 1: m"]);
}

#[test]
fn a_test_that_may_fail_is_no_failure() {
    let tagged = |tag: &str, ending: &str| {
        junit(&format!(
            "<testsuite name='s' failures='0'><testcase name='t'><skipped message='{tag}'/>{ending}</testcase></testsuite>"
        ))
    };
    for ending in ["<failure message='1 == 2'/>", "<error message='threw'/>"] {
        assert_eq!(tagged("TEST_CASE tagged with !mayfail", ending), ["s::t skipped 1: TEST_CASE tagged with !mayfail"]);
        assert!(tagged("no printer", ending)[0].contains("ed 1: "), "a skip excuses nothing else");
        assert!(!tagged("no printer", ending)[0].contains("skipped"));
    }
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
    assert_eq!(refused, 8);
    assert_eq!(junit("<testsuite name='s'><testcase name='' classname=''/></testsuite>"), ["s::(no name) passed 1"]);
    let bare = "<!DOCTYPE testsuite SYSTEM 'http://localhost/x.dtd'><testsuite name='s'><testcase name='a'/></testsuite>";
    assert_eq!(junit(bare), ["s::a passed 1"]);
}

#[test]
fn what_is_read_ahead_is_what_the_walk_reads() {
    let seed = "<testsuites><!-- <testcase name='no'/> --><testsuite name='s' tests='9'>\n<testcase name='a' time='1'/>\n\
        <testcase classname='k' name='b &lt;' file='f'></testcase> <testcase name='c'>\n</testcase><testcase name='d'><failure message='m'/>\
        </testcase>\n<testcase name='e' status='notrun'/><testcase/><testsuite name='i'><testcase name='a'/>\n\n<testcase name='a'/></testsuite>\
        <system-out><![CDATA[<testcase name='no'/>]]></system-out><testcase name='f' result='odd'/></testsuite></testsuites>\n";
    let sound = seed.replace("<testcase/>", "");
    let pieces = [
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<testcase name='n'/>",
        "</testsuite>",
        "<testsuite name='t'>",
        "<skipped/>",
        "x",
        "\n",
        "'",
        "&",
    ];
    let read = |text: &str, ahead: Ahead<'_>| format!("{:?}", super::read(text, ahead, &Where::file("a.xml")));
    let (mut same, mut adopted) = (0, 0);
    for text in [seed, &sound] {
        for (at, _) in text.char_indices().step_by(5) {
            for piece in pieces {
                let text = format!("{}{piece}{}", &text[..at], &text[at..]);
                let expected = read(&text, Ahead::default());
                for (window, piece) in [(1, 1), (90, 30), (10_000, 50)] {
                    assert_eq!(read(&text, Ahead::in_pieces(&text, window, piece)), expected, "{text}");
                    same += 1;
                }
            }
        }
        let mut ahead = Ahead::in_pieces(text, 10_000, 50);
        adopted += (0..text.len()).filter_map(|at| ahead.at(at)).map(|run| run.cases.len()).sum::<usize>();
    }
    assert!(same > 5_000, "{same}");
    // Those in comments and texts too, to which the walk never comes; not the one that failed, and none without a name.
    assert!(adopted >= 2 * 7, "{adopted}");
}
