//! `trx`: test results of Visual Studio, `dotnet test --logger trx`, vstest and MSTest, and of what writes the same for Azure Pipelines.
//!
//! A test is every result below `Results`, also one of several inner results (rows of data, ordered tests). Its class and its file (`storage`)
//! are those of its definition; a suite is a file on a machine. The format marks no retries: what is told twice are two tests.
//!
//! | `outcome` | is |
//! |---|---|
//! | `Passed` | passed |
//! | `Failed` | failed |
//! | `NotExecuted` | skipped: so ignored tests are written |
//! | `Error`, `Timeout`, `Aborted`, `NotRunnable`, `Inconclusive`, none at all | errored |
//! | any other word, as `PassedButRunAborted`, `Warning`, `InProgress`, `Pending`, `Disconnected` | failed |
//!
//! The `outcome` of `ResultSummary` is `Completed` or `Passed` where all is well; anything else without a test that failed is an error of the run,
//! with the texts of `RunInfos`. A `RunInfo` of the outcome `Error` is one too, unless it names a test that failed: xUnit.net repeats its failures there.
//! More trouble in `Counters` than shown is a `contradiction`; other differences are noted.

use super::suites::{Suites, case, file_name};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, CaseStatus, Gap, Spot, TestCase, TestReport, TestSuite, Where};
use std::collections::BTreeMap;

/// The format.
pub(super) static TRX: Format = Format {
    id: "trx",
    extensions: &["trx"],
    about: "test results of Visual Studio and `dotnet test`",
    docs: include_str!("trx.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::RootWith("TestRun", "schemas/VisualStudio/TeamTest"), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut trx = Trx::default();
    let walked = read(bytes, at, "a sound TRX report", &["TestRun"], &mut trx);
    let mut suites = Suites::default();
    let fault = |phrase| super::malformed(at, None, "a sound TRX report", phrase);
    let walked = walked.and_then(|()| trx.tell(&mut suites).map_err(fault));
    let nothing = trx.counters.as_ref().is_some_and(|counters| counters.count(&["total"]) == Some(0));
    let mut report = suites.finish(walked, nothing, at)?;
    // Others write this form too; only .NET tests assemblies.
    let assembly = |suite: &TestSuite| suite.file.as_deref().is_some_and(|file| file.ends_with(".dll"));
    report.runner = report.suites.iter().any(assembly).then_some("dotnet");
    Ok(report)
}

/// A result, until its definition is known.
struct Told {
    definition: Box<str>,
    /// The file of the definition.
    storage: Box<str>,
    host: Option<Box<str>>,
    case: TestCase,
}

#[derive(Default)]
struct Trx {
    /// The results that are open, with what was said of them so far.
    open: Vec<(Element, String)>,
    told: Vec<Told>,
    /// Class and file of each definition.
    definitions: BTreeMap<Box<str>, (Box<str>, Box<str>)>,
    summary: Option<Element>,
    counters: Option<Element>,
    infos: Vec<Element>,
    began: Option<Box<str>>,
}

/// Whether what is directly within these elements is a result.
fn is_results(within: &[Box<str>]) -> bool {
    within.last().is_some_and(|name| matches!(&**name, "Results" | "InnerResults"))
}

impl Reader for Trx {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        let around = within.last().map_or("", |name| &**name);
        match (around, name) {
            ("", _) | ("TestRun", "Results" | "ResultSummary" | "TestDefinitions") => Want::Ends,
            ("Results" | "InnerResults", _) | ("ResultSummary", "RunInfos") => Want::Ends,
            (_, "InnerResults" | "Output" | "ErrorInfo") if !self.open.is_empty() => Want::Ends,
            ("ErrorInfo", "Message") | ("TestRun", "Times") | ("ResultSummary", "Counters") => Want::Whole,
            ("TestDefinitions", _) | ("RunInfos", "RunInfo") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        let own = || element.own();
        if is_results(within) {
            element.must("testName")?;
            self.open.push((own(), String::new()));
        } else if &*element.name == "ResultSummary" {
            self.summary = Some(own());
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "Message" => {
                if let Some((_, message)) = self.open.last_mut() {
                    message.push_str(element.said());
                }
            }
            "Counters" => self.counters = Some(element),
            "RunInfo" => self.infos.push(element),
            "Times" => self.began = element.get("start").map(Into::into),
            _ => {
                let method = element.child("TestMethod");
                let class = method.and_then(|method| method.get("className")).unwrap_or_default();
                let class = class.split(',').next().unwrap_or_default().trim();
                let storage = element.get("storage").or_else(|| method.and_then(|method| method.get("codeBase")));
                let id = element.get("id").unwrap_or_default().to_ascii_lowercase();
                self.definitions.insert(id.into(), (class.into(), storage.unwrap_or_default().into()));
            }
        }
        Ok(())
    }

    fn leave(&mut self, _: &str, within: &[Box<str>]) -> Result<(), String> {
        if !is_results(within) {
            return Ok(());
        }
        let Some((result, message)) = self.open.pop() else { return Ok(()) };
        if self.told.len() > super::report::TESTS_MOST {
            return Ok(());
        }
        let seconds = result.get("duration").and_then(clock);
        let attempt = match result.get("outcome") {
            Some("Passed") => Attempt::new(AttemptStatus::Passed, seconds, ""),
            Some("Failed") => Attempt::new(AttemptStatus::Failed, seconds, &message),
            Some("NotExecuted") => Attempt::new(AttemptStatus::Skipped, seconds, &message),
            Some(word @ ("Error" | "Timeout" | "Aborted" | "NotRunnable" | "Inconclusive")) => {
                Attempt::new(AttemptStatus::Errored, seconds, &format!("{word}: {message}"))
            }
            Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("outcome `{word}`: {message}")),
            None => Attempt::new(AttemptStatus::Errored, seconds, &format!("no outcome: {message}")),
        };
        self.told.push(Told {
            definition: result.get("testId").unwrap_or_default().to_ascii_lowercase().into(),
            storage: "".into(),
            host: result.get("computerName").map(Into::into),
            case: case("", result.must("testName")?, result.spot(), attempt),
        });
        Ok(())
    }
}

impl Trx {
    /// Tells the results, suite by suite, and what the run says of itself.
    fn tell(&mut self, suites: &mut Suites) -> Result<(), String> {
        suites.began(self.began.as_deref());
        let mut told: Vec<Told> = std::mem::take(&mut self.told);
        for one in &mut told {
            let (class, storage) = self.definitions.get(&one.definition).cloned().unwrap_or_default();
            one.case.class = class.into();
            one.storage = storage;
        }
        told.sort_by(|a, b| (&a.storage, &a.host).cmp(&(&b.storage, &b.host)));
        let mut told = told.into_iter().peekable();
        while let Some(first) = told.next() {
            let Spot::Line(line) = first.case.at else { continue };
            let suite = suites.enter(file_name(&first.storage), line);
            suite.file = Some(first.storage.clone()).filter(|storage| !storage.is_empty());
            suite.host.clone_from(&first.host);
            suites.case(first.case)?;
            while let Some(next) = told.next_if(|next| next.storage == first.storage && next.host == first.host) {
                suites.case(next.case)?;
            }
            suites.leave();
        }
        let Some(summary) = self.summary.take() else { return Err("no `ResultSummary`".to_owned()) };
        if let Some(counters) = &self.counters {
            let bad = [
                "failed",
                "error",
                "timeout",
                "aborted",
                "inconclusive",
                "passedButRunAborted",
                "notRunnable",
                "disconnected",
                "warning",
                "inProgress",
                "pending",
            ];
            suites.hold_bad(counters.count(&bad), counters);
            suites.hold(counters.count(&["total"]), suites.cases().count() as u64, "tests", counters);
        }
        self.last_words(&summary, suites)
    }

    fn last_words(&self, summary: &Element, suites: &mut Suites) -> Result<(), String> {
        let shown = suites.bad();
        let failed = |case: &&TestCase| matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored);
        let failed: Vec<Box<str>> = suites.cases().filter(failed).map(|case| case.name.clone()).collect();
        for info in
            self.infos.iter().filter(|info| !matches!(info.get("outcome"), Some("Warning" | "Passed" | "Completed")))
        {
            let text = info.text_at(&["Text"]);
            if !failed.iter().any(|name| !name.trim().is_empty() && text.contains(&**name)) {
                suites.error(text, info.line)?;
            }
        }
        let outcome = summary.get("outcome").unwrap_or("none");
        if !matches!(outcome, "Passed" | "Completed") && shown == 0 && suites.bad() == 0 {
            suites.error(&format!("the outcome of the run is `{outcome}`"), summary.line)?;
        }
        Ok(())
    }
}

/// A length of time in seconds, written `hh:mm:ss.fff`.
fn clock(text: &str) -> Option<f64> {
    let mut sum = 0.0;
    for part in text.split(':') {
        sum = sum * 60.0 + super::report::seconds(part)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::{TRX, clock};

    const NS: &str = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    fn trx(outcome: &str, counters: &str, results: &str, infos: &str) -> Vec<String> {
        told(
            &TRX,
            &format!(
                "\u{feff}<TestRun xmlns=\"{NS}\"><Results>{results}</Results><TestDefinitions><UnitTest id='A1' storage='/b/bin/Shop.dll'><TestMethod className='Shop.Cart, Shop' name='x'/></UnitTest></TestDefinitions><ResultSummary outcome='{outcome}'><Counters {counters}/><RunInfos>{infos}</RunInfos></ResultSummary></TestRun>"
            ),
        )
    }

    fn result(name: &str, outcome: &str, inner: &str) -> String {
        format!(
            "<UnitTestResult testId='a1' testName='{name}' outcome='{outcome}' duration='00:00:01.5'>{inner}</UnitTestResult>"
        )
    }

    #[test]
    fn results_are_read_with_their_definitions() {
        let why = "<Output><StdOut>x</StdOut><ErrorInfo><Message>5 is not 6</Message><StackTrace>s</StackTrace></ErrorInfo></Output>";
        let rows =
            format!("<InnerResults>{}{}</InnerResults>", result("row 0", "Passed", ""), result("row 1", "Failed", why));
        let results = [
            result("Adds", "Passed", ""),
            result("Adds", "Failed", why),
            result("Waits", "NotExecuted", ""),
            result("Rows", "Failed", &rows),
            result("Odd", "Warning", ""),
            result("Slow", "Timeout", ""),
        ];
        assert_eq!(
            trx("Failed", "total='8' failed='5'", &results.concat(), ""),
            [
                "Shop.dll::Shop.Cart::Adds #1 passed 1",
                "Shop.dll::Shop.Cart::Adds #2 failed 1: 5 is not 6",
                "Shop.dll::Shop.Cart::Waits skipped 1",
                "Shop.dll::Shop.Cart::row 0 passed 1",
                "Shop.dll::Shop.Cart::row 1 failed 1: 5 is not 6",
                "Shop.dll::Shop.Cart::Rows failed 1",
                "Shop.dll::Shop.Cart::Odd failed 1: outcome `Warning`:",
                "Shop.dll::Shop.Cart::Slow errored 1: Timeout:",
            ]
        );
        assert_eq!(clock("01:00:01.5"), Some(3601.5));
        assert_eq!(clock("1 h"), None);
    }

    #[test]
    fn the_last_word_of_the_run_can_only_make_it_worse() {
        let pass = result("Adds", "Passed", "");
        let passed = "Shop.dll::Shop.Cart::Adds passed 1";
        let warned = "<RunInfo outcome='Warning'><Text>slow</Text></RunInfo>";
        assert_eq!(trx("Completed", "total='1' passed='1'", &pass, warned), [passed]);
        assert_eq!(trx("Failed", "total='1'", &pass, ""), [passed, "error : the outcome of the run is `Failed`"]);
        let crash = "<RunInfo outcome='Error'><Text>the host crashed</Text></RunInfo>";
        assert_eq!(trx("Failed", "total='1'", &pass, crash), [passed, "error : the host crashed"]);
        let fail = result("Adds", "Failed", "");
        let repeated = "<RunInfo outcome='Error'><Text>[xUnit.net] Adds [FAIL]</Text></RunInfo>";
        let failed = "Shop.dll::Shop.Cart::Adds failed 1";
        assert_eq!(trx("Failed", "total='1' failed='1'", &fail, repeated), [failed]);
        assert_eq!(trx("Failed", "total='1' failed='1'", &fail, crash), [failed, "error : the host crashed"]);
        let stated = "contradiction: 0 failures and errors | 2 failures and errors";
        assert_eq!(trx("Completed", "total='1' error='2'", &pass, ""), [passed, stated]);
        assert_eq!(trx("Completed", "total='2'", &pass, ""), [passed, "difference: 1 tests | 2 tests"]);
    }

    #[test]
    fn damage_is_malformed_and_nothing_says_so() {
        let named = format!("<TestRun xmlns='{NS}'><Results><UnitTestResult outcome='Passed'/></Results></TestRun>");
        assert!(told(&TRX, &named)[0].contains("without `testName`"));
        assert!(told(&TRX, "<TestRun/>")[0].starts_with("malformed a: no `ResultSummary`"));
        assert!(told(&TRX, "<TestRun><Results>")[0].starts_with("malformed a:1"));
        assert_eq!(trx("Completed", "total='0'", "", ""), ["empty a: none"]);
    }
}
