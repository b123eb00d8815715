//! `testng`: test results of TestNG, its `testng-results.xml`.
//!
//! A suite is a `test` of a suite, `suite > test`; the class is that of the file, and the name has the parameters and the name of the instance in it. What is told
//! twice (invocations, rows of data, instances of a factory) are several tests. Only with `retried="true"`, which TestNG writes since version 7, is a
//! test an earlier attempt at the test of the same name that is told without it; older versions write a retried test as a plain skip.
//!
//! `PASS` passed, `FAIL` failed, `SKIP` is skipped, every other word failed, such as `SUCCESS_PERCENTAGE_FAILURE`, on which TestNG ends with 4. A
//! configuration method (`is-config="true"`) is no test; if it failed, that is an error of the suite, also where TestNG itself ends with 0. If it was
//! skipped, so were the tests behind it. More failures stated than shown is a `contradiction`; other differences are noted.

use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static TESTNG: Format = Format {
    id: "testng",
    extensions: &[],
    about: "test results of TestNG",
    docs: include_str!("testng.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&["testng-results"]), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut testng = TestNg::default();
    let walked = read(bytes, at, "a sound TestNG report", &["testng-results"], &mut testng);
    testng.suites.finish(walked, testng.nothing, at)
}

#[derive(Default)]
struct TestNg {
    suites: Suites,
    root: Element,
    class: String,
    method: Option<Element>,
    parameters: Vec<String>,
    message: String,
    /// The tests of the open class, with whether they were tried again.
    cases: Vec<(TestCase, bool)>,
    told: u64,
    nothing: bool,
}

impl Reader for TestNg {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("testng-results", "suite") | ("suite", "test") | ("test", "class") | ("class", "test-method") => {
                Want::Ends
            }
            ("test-method", "params" | "exception") => Want::Ends,
            ("params", "param") | ("exception", "message") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "testng-results" => self.root = element.own(),
            "suite" | "test" => {
                self.suites.enter(element.get("name").unwrap_or_default(), element.line);
                self.suites.run_began(element.get("started-at"), element.get("name").unwrap_or_default(), element.line);
            }
            "class" => self.class = element.must("name")?.to_owned(),
            "test-method" => {
                element.must("name")?;
                self.method = Some(element.own());
                self.parameters.clear();
                self.message.clear();
            }
            "exception" => self.message = element.get("class").unwrap_or_default().to_owned(),
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        if &*element.name == "message" {
            self.message = format!("{}: {}", self.message, element.said());
        } else {
            let value = element.child("value").map_or(Ok(""), Element::named)?;
            let null = element.child("value").is_some_and(|value| value.get("is-null") == Some("true"));
            self.parameters.push(if null { "null".to_owned() } else { value.to_owned() });
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        match name {
            "test-method" => {
                if let Some(method) = self.method.take() {
                    self.method_ended(&method)?;
                }
            }
            "class" => self.class_ended()?,
            "suite" | "test" => self.suites.leave(),
            "testng-results" => {
                let root = std::mem::take(&mut self.root);
                self.nothing = root.count(&["total"]) == Some(0);
                self.suites.hold_bad(root.count(&["failed"]), &root);
                self.suites.hold(root.count(&["total"]), self.told, "tests", &root);
            }
            _ => {}
        }
        Ok(())
    }
}

impl TestNg {
    fn method_ended(&mut self, method: &Element) -> Result<(), String> {
        let name = method.must("name")?;
        let word = method.get("status").unwrap_or("none");
        let seconds = method.get("duration-ms").and_then(super::report::seconds).map(|milliseconds| milliseconds / 1_000.0);
        if method.get("is-config") == Some("true") {
            return match word {
                "PASS" | "SKIP" => Ok(()),
                _ => self.suites.error(&format!("{}.{name}: {word} {}", self.class, self.message), method.line),
            };
        }
        let retried = method.get("retried") == Some("true");
        let message = self.message.as_str();
        let attempt = match word {
            "PASS" if !retried => Attempt::new(AttemptStatus::Passed, seconds, ""),
            "FAIL" => Attempt::new(AttemptStatus::Failed, seconds, message),
            "SKIP" if !retried => Attempt::new(AttemptStatus::Skipped, seconds, message),
            "PASS" | "SKIP" => Attempt::new(AttemptStatus::Failed, seconds, &format!("it was run again: {message}")),
            _ => Attempt::new(AttemptStatus::Failed, seconds, &format!("status `{word}`: {message}")),
        };
        let mut name = name.to_owned();
        if !self.parameters.is_empty() {
            name += &format!("({})", self.parameters.join(", "));
        }
        if let Some(instance) = method.get("test-instance-name") {
            name += &format!(" [{instance}]");
        }
        self.told += 1;
        self.cases.push((case(&self.class, &name, method.spot(), attempt), retried));
        Ok(())
    }

    /// Retried tests become attempts at the first test of their name that was not; without one they failed.
    fn class_ended(&mut self) -> Result<(), String> {
        let (retried, mut cases): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.cases).into_iter().partition(|(_, retried)| *retried);
        let mut earlier: std::collections::BTreeMap<Box<str>, TestCase> = std::collections::BTreeMap::new();
        for (case, _) in retried {
            match earlier.get_mut(&case.name) {
                Some(first) => first.attempts.extend(case.attempts),
                None => drop(earlier.insert(case.name.clone(), case)),
            }
        }
        for (case, _) in &mut cases {
            if let Some(before) = earlier.remove(&case.name) {
                let last = std::mem::replace(&mut case.attempts, before.attempts);
                case.attempts.extend(last);
            }
        }
        for case in cases.into_iter().map(|(case, _)| case).chain(earlier.into_values()) {
            self.suites.case(case)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::TESTNG;

    fn testng(totals: &str, methods: &str) -> Vec<String> {
        let text = format!(
            "<testng-results {totals}><reporter-output/><suite name='shop'><groups/><test name='all'><class name='n.Cart'>{methods}</class></test></suite></testng-results>"
        );
        told(&TESTNG, &text)
    }

    fn method(name: &str, status: &str, inner: &str) -> String {
        format!(
            "<test-method name='{name}' signature='{name}()[pri:0, instance:n.Cart@1]' status='{status}' duration-ms='5'>{inner}<reporter-output><line>x</line></reporter-output></test-method>"
        )
    }

    const WHY: &str =
        "<exception class='E'><message><![CDATA[ no ]]></message><full-stacktrace>E: no</full-stacktrace></exception>";

    #[test]
    fn methods_are_read_with_parameters() {
        let row = "<params><param index='0'><value><![CDATA[19]]></value></param><param index='1'><value is-null='true'/></param></params>";
        let methods = [
            method("adds", "PASS", ""),
            method("adds", "FAIL", WHY),
            method("taxes", "PASS", row),
            method("waits", "SKIP", ""),
            method("often", "SUCCESS_PERCENTAGE_FAILURE", WHY),
        ];
        assert_eq!(
            testng("total='5' failed='2'", &methods.concat()),
            [
                "shop > all::n.Cart::adds #1 passed 1",
                "shop > all::n.Cart::adds #2 failed 1: E: no",
                "shop > all::n.Cart::taxes(19, null) passed 1",
                "shop > all::n.Cart::waits skipped 1",
                "shop > all::n.Cart::often failed 1: status `SUCCESS_PERCENTAGE_FAILURE`: E: no"
            ]
        );
    }

    #[test]
    fn only_what_is_marked_as_retried_is_an_attempt() {
        let again = |status: &str| method("a", status, WHY).replace("status=", "retried='true' status=");
        let flaky = [again("SKIP"), method("a", "PASS", ""), again("SKIP")].concat();
        assert_eq!(
            testng("failed='0'", &flaky),
            ["shop > all::n.Cart::a flaky 3: it was run again: E: no", "difference: 1 tests | 2 tests"][..1]
        );
        assert_eq!(testng("failed='1'", &again("SKIP")), ["shop > all::n.Cart::a failed 1: it was run again: E: no"]);
        let old = [method("a", "SKIP", WHY), method("a", "PASS", "")].concat();
        assert_eq!(testng("", &old), ["shop > all::n.Cart::a #1 skipped 1: E: no", "shop > all::n.Cart::a #2 passed 1"]);
    }

    #[test]
    fn configuration_that_failed_is_an_error_of_the_suite() {
        let open = |status: &str| method("open", status, WHY).replace("name='open'", "is-config='true' name='open'");
        let passed = "shop > all::n.Cart::a passed 1";
        let pass = method("a", "PASS", "");
        assert_eq!(
            testng("", &[open("FAIL"), pass.clone()].concat()),
            [passed, "error shop > all: n.Cart.open: FAIL E: no"]
        );
        assert_eq!(testng("", &[open("PASS"), open("SKIP"), pass.clone()].concat()), [passed]);
        let stated = "contradiction: 0 failures and errors | 1 failure or error";
        assert_eq!(testng("failed='1' total='2'", &pass), [passed, stated, "difference: 1 tests | 2 tests"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_says_so() {
        assert!(testng("", "<test-method status='PASS'/>")[0].contains("without `name`"));
        assert!(told(&TESTNG, "<testng-results><suite>")[0].starts_with("malformed a:1"));
        assert_eq!(testng("total='0'", ""), ["empty a: none"]);
    }
}
