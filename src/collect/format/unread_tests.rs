//! Tests of [`super`]: documents of tools that are known, and of tools that nobody knows.

use super::*;

/// Documents of tools that no table names, and what of them says that tests failed.
const TROUBLE: [(&str, usize, &str); 17] = [
    ("<testmodule>\n<testcase>\n<verdict result='fail'/></testcase></testmodule>", 3, "result='fail'"),
    ("<r><unit_test name='a' Outcome=\"Failed\"/></r>", 1, "Outcome=\"Failed\""),
    ("<r><x:Test-Case status = 'ERROR'/></r>", 1, "status = 'ERROR'"),
    ("<r failures='0' failed='03'><tests/></r>", 1, "failed='03'"),
    ("<r testsFailed='12'><test/></r>", 1, "testsFailed='12'"),
    ("<r><spec><failure>no</failure></spec></r>", 1, "<failure>"),
    ("<r>\r\n<scenario><q:error/></scenario></r>", 2, "<q:error/"),
    ("<r fail_count='1'><point/><testpoint/></r>", 1, "fail_count='1'"),
    ("{\"suites\": [{\"name\": \"a\",\n\"state\": \"failed\"}]}", 2, "\"state\": \"failed\""),
    ("[{\"tests\":{},\"failed\":2}]", 1, "\"failed\":2"),
    ("{\"test_results\": [], \"num_failed_tests\": 1}", 1, "\"num_failed_tests\": 1"),
    ("{\"scenarios\": [{\"outcome\": \"timedOut\"}]}", 1, "\"outcome\": \"timedOut\""),
    ("{\"Specs\": [], \"FailedCount\": 10}", 1, "\"FailedCount\": 10"),
    ("<r><test success='False'/></r>", 1, "success='False'"),
    ("{\"tests\": [{\"passed\": false}]}", 1, "\"passed\": false"),
    ("{\"tests\": [{\"status\": \"error\"}]}", 1, "\"status\": \"error\""),
    ("{\"tests\": [{\"result\": \"broken\"}]}", 1, "\"result\": \"broken\""),
];

/// Documents that are configuration, coverage, findings of linters, or results in which all is well.
const QUIET: [&str; 14] = [
    "<testmodule><testcase><verdict result='pass'/></testcase></testmodule>",
    "<r failures='0' errors='00' failed=''><test status='passed'/></r>",
    "<phpunit><testsuites><testsuite name='unit'><directory>tests</directory></testsuite></testsuites></phpunit>",
    "<suite name='Failed suite'><test name='a'><classes><class name='X'/></classes></test></suite>",
    "<checkstyle><file name='TestA.java'><error line='3' severity='error'/></file></checkstyle>",
    "<coverage failed='1'><package name='tests'/></coverage>",
    "<r unfailed='1'><test/></r>",
    "{\"scripts\": {\"test\": \"jest\"}, \"failed\": 2}",
    "{\"suites\": [{\"state\": \"passed\", \"failures\": 0}], \"failed\": false}",
    "{\"level\": \"error\", \"status\": \"failed\"}",
    "[{\"filePath\": \"a.test.js\", \"errorCount\": 3, \"messages\": []}]",
    "{\"tests\": [], \"status\": \"failover\"}",
    "tests: [] failed: 3",
    "",
];

#[test]
fn what_says_that_tests_failed_is_known_without_its_tool() {
    for (text, line, words) in TROUBLE {
        assert_eq!(in_trouble(text), Some((line, words)), "{text}");
    }
    for text in QUIET {
        assert_eq!(in_trouble(text), None, "{text}");
    }
    assert_eq!((TROUBLE.len(), QUIET.len()), (17, 14));
}

#[test]
fn tools_are_known_by_roots_keys_and_lines() {
    let tools = [
        (of_root("TestResults", "<TestResults><TestListing/></TestResults>"), Some("FPCUnit")),
        (of_root("TestResults", "<TestResults/>"), None),
        (of_root("report", "<report><testPackageRun/></report>"), Some("Gallio")),
        (of_root("report", "<report><package/></report>"), None),
        (of_root("testrun", "<testrun/>"), Some("an IDE")),
        (of_keys("[{\"SuiteSucceeded\": true, \"SpecReports\": []}]"), Some("Ginkgo")),
        (of_keys("{\"SpecReports\": []}"), None),
        (of_line("{\"kind\":\"event\",\"payload\":{},\"version\":0}"), Some("Swift Testing")),
        (of_line("{\"kind\":\"event\",\"payload\":{}}"), None),
    ];
    for (at, (found, wanted)) in tools.into_iter().enumerate() {
        assert_eq!(found, wanted, "row {at}");
    }
}
