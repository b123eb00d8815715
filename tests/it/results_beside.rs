//! A failing result beside a green report never stays unseen, whatever tool wrote it: it is read, or refused by name. A green one of what is
//! read passes.

use crate::support::gatekeeper;
use gatekeeper::cli::Exit;
use std::fs;

const GREEN: &str = "<testsuite name='beside' tests='1' failures='0'><testcase name='passes'/></testsuite>\n";

/// The name of a file; the file with a failure; the same without one, or nothing if the format is not read.
const SAMPLES: &[(&str, &str, &str)] = &[
    (
        "run.trx",
        "<TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results><UnitTestResult testName='a' outcome='Failed'/></Results><ResultSummary outcome='Failed'/></TestRun>",
        "<TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results><UnitTestResult testName='a' outcome='Passed'/></Results><ResultSummary outcome='Completed'/></TestRun>",
    ),
    (
        "nunit3.xml",
        "<test-run><test-suite type='Assembly' name='s'><test-case name='a' result='Failed'/></test-suite></test-run>",
        "<test-run result='Passed'><test-suite type='Assembly' name='s' result='Passed'><test-case name='a' result='Passed'/></test-suite></test-run>",
    ),
    (
        "nunit2.xml",
        "<test-results><test-suite name='s'><results><test-case name='a' success='False'/></results></test-suite></test-results>",
        "<test-results><test-suite name='s' success='True'><results><test-case name='a' success='True'/></results></test-suite></test-results>",
    ),
    (
        "nunit.xml",
        "<test-suite name='s'><test-case name='a' result='Failure'/></test-suite>",
        "<test-suite name='s' result='Success'><test-case name='a' result='Success'/></test-suite>",
    ),
    (
        "xunit.xml",
        "<assemblies><assembly name='s'><collection><test name='a' result='Fail'/></collection></assembly></assemblies>",
        "<assemblies><assembly name='s'><collection><test name='a' result='Pass'/></collection></assembly></assemblies>",
    ),
    (
        "testng-results.xml",
        "<testng-results><suite name='s'><test name='t'><class name='c'><test-method name='a' status='FAIL'/></class></test></suite></testng-results>",
        "<testng-results><suite name='s'><test name='t'><class name='c'><test-method name='a' status='PASS'/></class></test></suite></testng-results>",
    ),
    (
        "output.xml",
        "<robot><suite name='s'><test name='a'><status status='FAIL'/></test><status status='FAIL'/></suite></robot>",
        "<robot><suite name='s'><test name='a'><status status='PASS'/></test><status status='PASS'/></suite></robot>",
    ),
    (
        "Test.xml",
        "<Site><Testing><Test Status='failed'><Name>a</Name></Test></Testing></Site>",
        "<Site><Testing><Test Status='passed'><Name>a</Name></Test></Testing></Site>",
    ),
    (
        "catch2.xml",
        "<Catch2TestRun name='s'><TestCase name='a'><OverallResult success='false'/></TestCase></Catch2TestRun>",
        "<Catch2TestRun name='s'><TestCase name='a'><OverallResult success='true'/></TestCase></Catch2TestRun>",
    ),
    (
        "doctest.xml",
        "<doctest><TestSuite><TestCase name='a'><OverallResultsAsserts test_case_success='false'/></TestCase></TestSuite></doctest>",
        "<doctest><TestSuite><TestCase name='a'><OverallResultsAsserts test_case_success='true'/></TestCase></TestSuite></doctest>",
    ),
    (
        "boost.xml",
        "<TestResult><TestSuite name='s' result='failed'><TestCase name='a' result='failed'/></TestSuite></TestResult>",
        "<TestResult><TestSuite name='s' result='passed'><TestCase name='a' result='passed'/></TestSuite></TestResult>",
    ),
    (
        "boost-log.xml",
        "<TestLog><TestSuite name='s'><TestCase name='a'><Error>1 != 2</Error></TestCase></TestSuite></TestLog>",
        "<TestLog><TestSuite name='s'><TestCase name='a'/></TestSuite></TestLog>",
    ),
    (
        "qttest.xml",
        "<TestCase name='s'><TestFunction name='a'><Incident type='fail'/></TestFunction></TestCase>",
        "<TestCase name='s'><TestFunction name='a'><Incident type='pass'/></TestFunction></TestCase>",
    ),
    (
        "sonar.xml",
        "<testExecutions><file path='s'><testCase name='a'><failure/></testCase></file></testExecutions>",
        "<testExecutions><file path='s'><testCase name='a'/></file></testExecutions>",
    ),
    (
        "check.xml",
        "<testsuites xmlns=\"http://check.sourceforge.net/ns\"><suite><title>s</title><test result='failure'><id>a</id></test></suite></testsuites>",
        "<testsuites xmlns=\"http://check.sourceforge.net/ns\"><suite><title>s</title><test result='success'><id>a</id></test></suite></testsuites>",
    ),
    (
        "failsafe-summary.xml",
        "<failsafe-summary result='255' timeout='false'><completed>1</completed><errors>0</errors><failures>1</failures></failsafe-summary>",
        "<failsafe-summary timeout='false'><completed>1</completed><errors>0</errors><failures>0</failures></failsafe-summary>",
    ),
    (
        "ctrf.json",
        r#"{"reportFormat": "CTRF", "results": {"tests": [{"name": "a", "status": "failed"}], "summary": {"tests": 1, "passed": 0, "failed": 1, "skipped": 0, "pending": 0, "other": 0}}}"#,
        r#"{"reportFormat": "CTRF", "results": {"tests": [{"name": "a", "status": "passed"}], "summary": {"tests": 1, "passed": 1, "failed": 0, "skipped": 0, "pending": 0, "other": 0}}}"#,
    ),
    ("run.tap", "1..1\nnot ok 1 - a\n", "1..1\nok 1 - a\n"),
    (
        "go.jsonl",
        "{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"fail\",\"Package\":\"p\"}\n",
        "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n",
    ),
    ("pytest.log", "==== 1 failed, 1 passed in 0.29s ====\n", "==== 2 passed in 0.29s ====\n"),
    ("jest.log", "Tests:       1 failed, 1 total\n", "Tests:       1 passed, 1 total\n"),
    (
        "mocha.log",
        "\n  <cart>\n    1) adds\n\n  1 passing (9ms)\n  1 failing\n",
        "\n  <cart>\n    adds\n\n  1 passing (9ms)\n",
    ),
    ("vitest.log", " Test Files  1 failed (1)\n", " Test Files  1 passed (1)\n"),
    ("mvn.log", "[INFO] BUILD FAILURE\n", "[INFO] BUILD SUCCESS\n"),
    ("gradle.log", "BUILD FAILED in 4s\n", "BUILD SUCCESSFUL in 4s\n"),
    ("dotnet.log", "Test Run Failed.\n", "Test Run Successful.\n"),
    ("ctest.log", "50% tests passed, 1 tests failed out of 2\n", "100% tests passed out of 2\n"),
    (
        "gtest.log",
        "[==========] Running 1 test from 1 test suite.\n[  FAILED  ] 1 test, listed below:\n",
        "[==========] Running 1 test from 1 test suite.\n[  PASSED  ] 1 test.\n",
    ),
    ("teamcity.log", "##teamcity[testFailed name='a']\n", "##teamcity[testFinished name='a']\n"),
    (
        "nextest.log",
        "Nextest run ID 1\n     Summary [   0.1s] 1 test run: 0 passed, 1 failed, 0 skipped\n",
        "Nextest run ID 1\n     Summary [   0.1s] 1 test run: 1 passed, 0 skipped\n",
    ),
    (
        "cargo-and-pytest.log",
        "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\n==== 1 failed, 1 passed in 0.29s ====\n",
        "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\n==== 2 passed in 0.29s ====\n",
    ),
    (
        "mvn-and-go.log",
        "[INFO] BUILD FAILURE\n=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n",
        "[INFO] BUILD SUCCESS\n=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n",
    ),
    (
        "go-events-and-jest.log",
        "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\nTests:       1 failed, 1 total\n",
        "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\nTests:       1 passed, 1 total\n",
    ),
    (
        "cppunit.xml",
        "<TestRun><FailedTests><FailedTest/></FailedTests><SuccessfulTests></SuccessfulTests><Statistics/></TestRun>",
        "",
    ),
    ("aunit.xml", "<TestRun elapsed='1'><Statistics><Tests>1</Tests></Statistics></TestRun>", ""),
    ("cunit.xml", "<CUNIT_TEST_RUN_REPORT><CUNIT_RESULT_LISTING/></CUNIT_TEST_RUN_REPORT>", ""),
    ("unittest++.xml", "<unittest-results tests='1' failedtests='1'/>", ""),
    ("jmeter.xml", "<testResults version='1.2'><httpSample s='false'/></testResults>", ""),
    ("test-unit.xml", "<stream><ready-test-suite/><success>false</success></stream>", ""),
    (
        "otr.xml",
        "<e:events xmlns:e='https://schemas.opentest4j.org/reporting/events/0.2.0'><e:finished id='1'><result status='FAILED'/></e:finished></e:events>",
        "",
    ),
    ("case.xml", "<testcase name='a'><failure/></testcase>", ""),
    ("jest.json", r#"{"numFailedTests": 1, "success": false, "testResults": []}"#, ""),
    (
        "mocha.json",
        r#"{"stats": {"tests": 1, "passes": 0, "failures": 1}, "tests": [{"title": "a", "fullTitle": "a", "err": {"message": "no"}}], "pending": [], "failures": [{"title": "a", "fullTitle": "a", "err": {"message": "no"}}], "passes": []}"#,
        "",
    ),
    (
        "playwright.json",
        r#"{"config": {}, "suites": [], "errors": [{"message": "no"}], "stats": {"expected": 0, "unexpected": 1, "flaky": 0, "skipped": 0}}"#,
        "",
    ),
    (
        "rspec.json",
        r#"{"version": "3", "examples": [{"id": "a", "full_description": "a", "status": "failed"}], "summary": {"example_count": 1, "failure_count": 1}, "summary_line": "1 example, 1 failure"}"#,
        "",
    ),
    (
        "cucumber.json",
        r#"[{"uri": "a.feature", "keyword": "Feature", "name": "f", "elements": [{"keyword": "Scenario", "name": "s", "type": "scenario", "steps": [{"keyword": "When ", "name": "a", "result": {"status": "failed"}}]}]}]"#,
        r#"[{"uri": "a.feature", "keyword": "Feature", "name": "f", "elements": [{"keyword": "Scenario", "name": "s", "type": "scenario", "steps": [{"keyword": "When ", "name": "a", "result": {"status": "passed"}}]}]}]"#,
    ),
    ("allure-result.json", r#"{"uuid": "1", "historyId": "2", "name": "a", "status": "failed", "stage": "finished"}"#, ""),
    (
        "googletest.json",
        r#"{"tests": 1, "failures": 1, "disabled": 0, "errors": 0, "testsuites": [{"name": "S", "tests": 1, "failures": 1, "testsuite": [{"name": "a", "status": "RUN", "result": "COMPLETED", "failures": [{"failure": "no"}]}]}]}"#,
        r#"{"tests": 1, "failures": 0, "disabled": 0, "errors": 0, "testsuites": [{"name": "S", "tests": 1, "failures": 0, "testsuite": [{"name": "a", "status": "RUN", "result": "COMPLETED"}]}]}"#,
    ),
    (
        "pytest.json",
        r#"{"exitcode": 1, "environment": {}, "collectors": [], "summary": {"failed": 1, "total": 1}, "tests": [{"nodeid": "a", "outcome": "failed"}]}"#,
        r#"{"exitcode": 0, "environment": {}, "collectors": [], "summary": {"passed": 1, "total": 1}, "tests": [{"nodeid": "a", "outcome": "passed"}]}"#,
    ),
    ("testcafe.json", r#"{"userAgents": ["x"], "passed": 0, "total": 1, "fixtures": []}"#, ""),
    ("newman.json", r#"{"collection": {}, "run": {"failures": [{}], "executions": []}}"#, ""),
    ("mochawesome.json", r#"{"stats": {"failures": 1, "passPercent": 0}, "results": []}"#, ""),
    (
        "messages.ndjson",
        "{\"testCaseStarted\":{\"id\":\"1\",\"testCaseId\":\"c\"}}\n{\"testCaseFinished\":{\"testCaseStartedId\":\"1\"}}\n{\"testRunFinished\":{\"success\":false}}\n",
        "{\"testCaseStarted\":{\"id\":\"1\",\"testCaseId\":\"c\"}}\n{\"testStepFinished\":{\"testCaseStartedId\":\"1\",\"testStepResult\":{\"status\":\"PASSED\"}}}\n{\"testCaseFinished\":{\"testCaseStartedId\":\"1\"}}\n{\"testRunFinished\":{\"success\":true}}\n",
    ),
    (
        "bep.json",
        "{\"id\":{\"testResult\":{\"label\":\"//:a\"}},\"testResult\":{\"status\":\"FAILED\"}}\n",
        "{\"id\":{\"testResult\":{\"label\":\"//:a\"}},\"testResult\":{\"status\":\"PASSED\"}}\n{\"id\":{\"buildFinished\":{}},\"finished\":{\"overallSuccess\":true}}\n",
    ),
    (
        "testlog.json",
        "{\"name\": \"a\", \"result\": \"FAIL\", \"starttime\": 1.5, \"duration\": 0.1, \"returncode\": 1}\n",
        "{\"name\": \"a\", \"result\": \"OK\", \"starttime\": 1.5, \"duration\": 0.1, \"returncode\": 0}\n",
    ),
    ("output.log", "ok 1 - a\n1..1\n# Looks like your test exited with 3 just after 1.\n", "ok 1 - a\n1..1\n"),
    ("ctest.log", "Errors while running CTest\n", "100% tests passed, 0 tests failed out of 2\n"),
    ("go.log", "ok  \tp\t0.1s\n--- FAIL: T (0.00s)\nFAIL\nFAIL\tq\t0.1s\nFAIL\n", "ok  \tp\t0.1s\nok  \tq\t0.1s\n"),
    ("reportlog.jsonl", "{\"nodeid\": \"a\", \"outcome\": \"failed\", \"$report_type\": \"TestReport\"}\n", ""),
    ("dart.jsonl", "{\"testID\":3,\"result\":\"failure\",\"type\":\"testDone\"}\n", ""),
];

fn judge(name: &str, sample: &str) -> (Exit, String) {
    let (run, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    fs::write(run.path().join("beside.xml"), GREEN).expect("written");
    fs::write(run.path().join(name), sample).expect("written");
    let (at, out) = (run.path().display().to_string(), out.path().display().to_string());
    let now = "2027-01-01T00:00:00Z";
    let (exit, printed, said) =
        gatekeeper(&["verify", &at, "--root", &at, "--policy", "test-results", "--now", now, "--out", &out], &[]);
    (exit, printed + &said)
}

#[test]
fn a_failing_result_beside_a_green_report_is_seen() {
    let (mut failing, mut passing) = (0, 0);
    for (name, failed, passed) in SAMPLES {
        let (exit, printed) = judge(name, failed);
        assert!(exit != Exit::Pass && printed.contains(name), "{name}: {exit:?}\n{printed}");
        failing += 1;
        if !passed.is_empty() {
            let (exit, printed) = judge(name, passed);
            assert_eq!(exit, Exit::Pass, "{name}\n{printed}");
            passing += 1;
        }
    }
    assert_eq!((failing, passing), (60, 42));
}

/// F23: each failing test is annotated at its own line, where the report names a file that the repository has.
#[test]
fn failing_tests_are_annotated_at_their_own_lines() {
    let (repository, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let write = |path: &str, content: &str| {
        let path = repository.path().join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, content).expect("written");
    };
    write("test/test_cart.py", "");
    write("src/till.test.ts", "");
    write("cart/cart_test.go", "");
    write(
        "build/junit.xml",
        "<testsuites><testsuite name='pytest'>\
         <testcase classname='test_cart' name='a' file='test/test_cart.py' line='39'><failure/></testcase>\
         <testcase classname='test_cart' name='b' file='/home/ci/shop/test/test_cart.py' line='7'><error/></testcase>\
         <testcase classname='test_cart' name='c' file='test/test_gone.py' line='8'><failure/></testcase>\
         <testcase classname='test_cart' name='d' file='../../etc/passwd' line='8'><failure/></testcase>\
         <testcase classname='test_cart' name='e' file='test/test_cart.py' line='50'/>\
         <testcase classname='test.test_cart.TestCart' name='f'><failure/></testcase></testsuite>\
         <testsuite name='src/till.test.ts'><testcase classname='src/till.test.ts' name='rings'><failure/></testcase></testsuite></testsuites>",
    );
    write(
        "build/go.json",
        "{\"Action\":\"run\",\"Package\":\"example.com/shop/cart\",\"Test\":\"T\"}\n\
         {\"Action\":\"output\",\"Package\":\"example.com/shop/cart\",\"Test\":\"T\",\"Output\":\"    cart_test.go:12: no\\n\"}\n\
         {\"Action\":\"fail\",\"Package\":\"example.com/shop/cart\",\"Test\":\"T\"}\n{\"Action\":\"fail\",\"Package\":\"example.com/shop/cart\"}\n",
    );
    let (root, out) = (repository.path().display().to_string(), out.path().display().to_string());
    let now = "2027-01-01T00:00:00Z";
    let own = ["verify", &root, "--root", &root, "--policy", "test-results", "--now", now, "--out", &out, "-o", "github"];
    let (exit, printed, said) = gatekeeper(&own, &[]);
    assert_eq!(exit, Exit::Failed, "{printed}{said}");
    let places: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.strip_prefix("::error file=")?.split_once(",title="))
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        [
            "cart/cart_test.go,line=12",
            "test/test_cart.py,line=39",
            "test/test_cart.py,line=7",
            "test/test_cart.py",
            "src/till.test.ts"
        ],
        "{printed}"
    );
    let verdict = fs::read_to_string(format!("{out}/full_suite_verdict.json")).expect("a verdict");
    assert!(!verdict.contains("\"path\": \"../"), "a source that is not in the repository");
    assert_eq!(verdict.matches("\"source\":").count(), 5);
}

/// What begins like an output of ours, names itself as one, or was one until somebody changed it, is judged as the report that it is.
#[test]
fn what_only_looks_like_an_output_of_ours_is_judged() {
    let (place, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let path = |name: &str| place.path().join(name).display().to_string();
    let (run, out) = (path(""), out.path().display().to_string());
    let judge = |more: &[&str]| {
        let own = ["verify", &run, "--root", &run, "--policy", "test-results", "--out", &out];
        gatekeeper(&[&own[..], more].concat(), &[]).0
    };
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("written");
    write("a.xml", "<testsuite name='s' tests='1'><testcase name='a'><failure message='no'/></testcase></testsuite>");
    let own = [format!("junit={}", path("own.xml")), format!("ctrf={}", path("own.json"))];
    assert_eq!(judge(&["-o", &own[0], "-o", &own[1]]), Exit::Failed);
    write("a.xml", GREEN);
    let [junit, ctrf] = ["own.xml", "own.json"].map(|name| fs::read_to_string(path(name)).expect("an output"));
    assert_eq!(judge(&[]), Exit::Pass, "they fail, and are ours");
    write("own.xml", &junit.replace('\n', "\r\n"));
    assert_eq!(judge(&[]), Exit::Pass, "a checkout changed the line ends");

    // Whatever a project is called, and whatever its writer says of itself.
    let failing = "<testcase name='b'><failure/></testcase>";
    let head = &junit[..junit.find("<testcase").expect("a case")];
    let property = "<property name=\"output.sha256\" value=\"";
    let zeros = format!("{property}{}\"/>", "0".repeat(64));
    let suite = |inside: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gatekeeper\" tests=\"1\"><testsuite name=\"gatekeeper s\">{inside}</testsuite></testsuites>\n"
        )
    };
    let ctrf_of = |extra: &str| {
        format!(
            "{{\n  \"generatedBy\": \"gatekeeper 0.1.0\",\n  \"reportFormat\": \"CTRF\", \"results\": {{\"tool\": {{\"name\": \"gatekeeper\"}}, \"summary\": {{\"tests\": 1, \"passed\": 0, \"failed\": 1, \"skipped\": 0, \"pending\": 0, \"other\": 0}}, \"tests\": [{{\"name\": \"b\", \"status\": \"failed\", \"duration\": 1}}]{extra}}}}}\n"
        )
    };
    let forged = [
        ("own.xml", suite(failing)),
        ("own.xml", suite(&format!("<properties>{zeros}</properties>{failing}"))),
        ("own.xml", format!("{head}{failing}  </testsuite>\n</testsuites>\n")),
        ("own.xml", junit.replacen("<testcase", &format!("{failing}<testcase"), 1)),
        ("own.xml", junit.replace("  </testsuite>\n", &format!("<testsuite>{failing}</testsuite>  </testsuite>\n"))),
        ("own.xml", format!("{}<!-- {junit} -->", suite(failing))),
        ("own.json", ctrf_of("")),
        ("own.json", ctrf_of(&format!(", \"extra\": {{\n\"output_sha256\": \"{}\"}}", "0".repeat(64)))),
        ("own.json", ctrf.replace("\"failed\"", "\"failed\" ")),
    ];
    for (name, text) in &forged {
        write("own.xml", &junit);
        write("own.json", &ctrf);
        write(name, text);
        assert_eq!(judge(&[]), Exit::Failed, "{name}: {text}");
    }
    assert_eq!(forged.len(), 9);
}

/// A verdict that was written as a test report is none of the tests: the next judgement of the same directory is not its own judge.
#[test]
fn our_own_outputs_are_no_test_reports() {
    let (place, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let path = |name: &str| place.path().join(name).display().to_string();
    let (run, out) = (path(""), out.path().display().to_string());
    let [junit, ctrf] = [format!("junit={}", path("verdict.xml")), format!("ctrf={}", path("verdict.json"))];
    let judge = || {
        let own = ["verify", &run, "--root", &run, "--policy", "test-results", "--out", &out, "-o", &junit, "-o", &ctrf];
        gatekeeper(&own, &[])
    };
    let suite =
        |failure: &str| format!("<testsuite name='s' tests='1'><testcase name='a'>{failure}</testcase></testsuite>");
    fs::write(path("a.xml"), suite("<failure message='no'/>")).expect("written");
    let mut exits = vec![judge().0, judge().0];
    fs::write(path("a.xml"), suite("")).expect("written");
    exits.push(judge().0);
    fs::remove_file(path("a.xml")).expect("removed");
    let (exit, _, said) = judge();
    assert_eq!((exits, exit), (vec![Exit::Failed, Exit::Failed, Exit::Pass], Exit::Gap), "{said}");
    assert!(fs::exists(path("verdict.xml")).expect("known") && fs::exists(path("verdict.json")).expect("known"));
}
