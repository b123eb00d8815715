//! Targets, attempts, builds that fail, and streams that are cut.

use super::super::report::testing::{read, told};
use super::BAZEL_EVENTS;

const HEAD: &str = r#"{"id":{"started":{}},"started":{}}
{"id":{"targetCompleted":{"label":"//:a"}},"children":[{"testSummary":{"label":"//:a"}}],"completed":{"success":true}}
"#;

const GOOD: &str = r#"{"id":{"buildFinished":{}},"finished":{"overallSuccess":true,"exitCode":{"name":"SUCCESS"}}}"#;
const BAD: &str = r#"{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"TESTS_FAILED","code":3}}}"#;

/// A result of the run, the shard and the attempt.
fn result([run, shard, attempt]: [u8; 3], status: &str) -> String {
    format!(
        "{{\"id\":{{\"testResult\":{{\"label\":\"//:a\",\"run\":{run},\"shard\":{shard},\"attempt\":{attempt}}}}},\"testResult\":{{\"status\":\"{status}\",\"testAttemptDurationMillis\":\"500\"}}}}\n"
    )
}

fn summary(status: &str) -> String {
    format!("{{\"id\":{{\"testSummary\":{{\"label\":\"//:a\"}}}},\"testSummary\":{{\"overallStatus\":\"{status}\"}}}}\n")
}

fn run(events: &[String], end: &str) -> String {
    told(&BAZEL_EVENTS, &format!("{HEAD}{}{end}\n", events.concat())).join("; ").replace("//:a ", "")
}

#[test]
fn attempts_runs_and_shards_are_judged_with_what_bazel_says_of_the_target() {
    let passed = result([1, 1, 1], "PASSED");
    let failed = result([1, 1, 1], "FAILED");
    let table = [
        (run(&[passed.clone(), summary("PASSED")], GOOD), "passed 1"),
        (run(&[failed.clone(), summary("FAILED")], BAD), "failed 1: it failed"),
        (run(&[failed.clone(), result([1, 1, 2], "PASSED"), summary("FLAKY")], GOOD), "flaky 2: it failed"),
        (run(&[failed.clone(), result([1, 1, 2], "FAILED"), summary("FAILED")], BAD), "failed 2: it failed"),
        (run(&[failed.clone(), result([1, 2, 1], "PASSED"), summary("FAILED")], BAD), "failed 2: it failed"),
        (run(&[failed.clone(), result([1, 2, 1], "PASSED")], GOOD), "failed 2: it failed"),
        (run(&[failed.clone(), result([2, 1, 1], "PASSED"), summary("FLAKY")], GOOD), "flaky 2: it failed"),
        (run(&[failed.clone(), summary("PASSED")], GOOD), "failed 1: it failed"),
        (run(&[failed, summary("FLAKY")], GOOD), "failed 2: it failed"),
        (run(&[passed.clone(), summary("FLAKY")], GOOD), "flaky 2: Bazel calls it flaky"),
        (run(&[summary("FLAKY")], GOOD), "flaky 2: Bazel calls it flaky"),
        (run(&[passed.clone(), summary("TIMEOUT")], GOOD), "failed 2: it timed out"),
        (run(&[passed.clone(), summary("")], GOOD), "errored 2: its status is NO_STATUS"),
        (run(&[passed.clone(), summary("ODD")], GOOD), "failed 2: unknown status `ODD`"),
        (run(&[result([1, 1, 1], "ODD")], GOOD), "failed 1: unknown status `ODD`"),
        (run(&[result([1, 1, 1], "")], GOOD), "errored 1: its status is NO_STATUS"),
        (run(&[passed], GOOD), "passed 1"),
        (run(&[], GOOD), "errored 1: it was to be tested, and has no result"),
    ];
    for (told, expected) in &table {
        assert_eq!(told, expected);
    }
    assert_eq!(table.len(), 18);
}

#[test]
fn the_build_can_only_be_worse_than_its_tests() {
    let tested = [result([1, 1, 1], "PASSED"), summary("PASSED")];
    let ends = [
        (BAD, "TESTS_FAILED (3)"),
        (r#"{"id":{"buildFinished":{}},"finished":{"overallSuccess":true,"exitCode":{"name":"X","code":8}}}"#, "X (8)"),
        (r#"{"id":{"buildFinished":{}},"finished":{"overallSuccess":false,"exitCode":{"name":"SUCCESS"}}}"#, "SUCCESS"),
        (r#"{"id":{"buildFinished":{}},"finished":{}}"#, "no success"),
        (r#"{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"ODD"}}}"#, "ODD"),
    ];
    for (end, phrase) in ends {
        assert_eq!(run(&tested, end), format!("passed 1; error : the build ended with {phrase}, and no test says why"));
    }
    assert_eq!(ends.len(), 5);
    let old = r#"{"id":{"buildFinished":{}},"finished":{"overallSuccess":true}}"#;
    assert_eq!(run(&tested, old), "passed 1");
}

#[test]
fn what_does_not_build_or_is_aborted_is_an_error() {
    let unbuilt = r#"{"id":{"targetCompleted":{"label":"//:b"}},"completed":{"failureDetail":{"message":"no stock"}}}"#;
    let tested = [result([1, 1, 1], "PASSED"), summary("PASSED")];
    let with = |line: &str| run(&[tested.concat(), format!("{line}\n")], GOOD);
    assert_eq!(with(unbuilt), "passed 1; error //:b: no stock");
    assert_eq!(
        with(r#"{"id":{"unconfiguredLabel":{"label":"//:c"}},"aborted":{}}"#),
        "passed 1; error : it was aborted: UNKNOWN"
    );
    let target = r#"{"id":{"targetCompleted":{"label":"//:c"}},"aborted":{"reason":"SKIPPED"}}"#;
    assert_eq!(with(target), "passed 1; //:c skipped 1: it does not fit the platform");
    assert_eq!(with(&target.replace("SKIPPED", "TIME_OUT")), "passed 1; error //:c: it was aborted: TIME_OUT");
}

#[test]
fn configurations_are_hosts_and_cached_results_are_told() {
    let other = |text: &str| text.replace(r#""label":"//:a""#, r#""label":"//:a","configuration":{"id":"arm"}"#);
    let failed = result([1, 1, 1], "FAILED") + &summary("FAILED");
    let passed = other(&(result([1, 1, 1], "PASSED") + &summary("PASSED")));
    let cached = passed.replace(r#""status""#, r#""cachedLocally":true,"status""#);
    let report = read(&BAZEL_EVENTS, &format!("{failed}{cached}{BAD}")).unwrap_or_else(|gap| panic!("{gap:?}"));
    let seen: Vec<_> = report.suites.iter().map(|suite| (suite.host.as_deref(), suite.cached)).collect();
    assert_eq!(seen, [(Some(""), false), (Some("arm"), true)]);
    assert_eq!(report.totals().failed, 1);
}

#[test]
fn a_cut_stream_is_never_whole() {
    let whole = format!("{HEAD}{}{}{GOOD}", result([1, 1, 1], "PASSED"), summary("PASSED"));
    assert_eq!(told(&BAZEL_EVENTS, &whole), ["//:a passed 1"]);
    let mut cuts = 0;
    for cut in 1..whole.len() {
        let lines = told(&BAZEL_EVENTS, &whole[..cut]);
        let seen = lines.iter().any(|line| line.starts_with("malformed a") || line.starts_with("cut short: "));
        assert!(seen, "{lines:?}\n{}", &whole[..cut]);
        cuts += 1;
    }
    assert!(cuts > 400);
}

#[test]
fn damage_is_malformed_and_nothing_is_empty() {
    assert_eq!(told(&BAZEL_EVENTS, GOOD), ["empty a: none"]);
    let cases = [
        ("", "malformed a: no event in it"),
        ("{}", "malformed a:1: an event without `id` (line 1)"),
        (r#"{"id":{"testResult":{"label":"//:a"}}}"#, "malformed a:1: an event without `testResult` (line 1)"),
        (r#"{"id":{"testResult":{}},"testResult":{}}"#, "malformed a:1: an event of a target without `label` (line 1)"),
        (r#"{"id":{"buildFinished":{}}}"#, "malformed a:1: an event without `finished` (line 1)"),
    ];
    for (text, phrase) in cases {
        assert_eq!(told(&BAZEL_EVENTS, text), [phrase]);
    }
    assert_eq!(cases.len(), 5);
}
