//! `robot`: test results of Robot Framework, its `output.xml`.
//!
//! Suites nest as in the file, `outer > inner`; a test is called by its `name`. Only the `status` of a test and of a suite counts, never that of a keyword:
//! a test may expect that a keyword fails. The exception are set-up and tear-down of a suite, whose failure is an error of the suite: the file shows tests that
//! passed before the tear-down of their suite failed as passed, and Robot Framework counts them as failed.
//!
//! `PASS` passed, `FAIL` failed, `SKIP` is skipped, every other word failed. A test that is not `critical` (before version 4) and failed is skipped, because
//! Robot Framework ends with 0 on it. A suite that failed without a failure inside is an error of the suite. What is told twice are two tests;
//! only where `rebot --merge` notes in the message of a test `Old status: FAIL` is there an earlier attempt, which failed.
//!
//! More failures in `statistics` than shown is a `contradiction`; other differences are noted.

use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, CaseStatus, Gap, TestCase, TestReport, Where};
use chrono::NaiveDateTime;

/// The format.
pub(super) static ROBOT: Format = Format {
    id: "robot",
    extensions: &[],
    about: "test results of Robot Framework",
    docs: include_str!("robot.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&["robot"]), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut robot = Robot::default();
    let walked = read(bytes, at, "a sound output of Robot Framework", &["robot"], &mut robot);
    robot.suites.finish(walked, robot.nothing, at)
}

#[derive(Default)]
struct Robot {
    suites: Suites,
    /// The open test with its status.
    test: Option<(Element, Option<Element>)>,
    /// The status of each open suite.
    statuses: Vec<Option<Element>>,
    /// Which part of the suite the open keyword is.
    fixture: String,
    /// Whether the totals of the critical tests came before those of all.
    critical: bool,
    nothing: bool,
}

impl Reader for Robot {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("robot" | "suite", "suite") | ("suite", "test" | "kw" | "setup" | "teardown") => Want::Ends,
            ("robot", "statistics") | ("statistics", "total") => Want::Ends,
            ("suite" | "test" | "kw" | "setup" | "teardown", "status") | ("total", "stat") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, _: &[Box<str>]) -> Result<(), String> {
        match &*element.name {
            "robot" => self.began(element.get("generated")),
            "suite" => {
                let suite = self.suites.enter(element.must("name")?, element.line);
                suite.file = element.get("source").map(Into::into);
                self.statuses.push(None);
            }
            "test" => self.test = Some((element.own(), None)),
            "kw" => self.fixture = element.get("type").unwrap_or_default().to_ascii_lowercase(),
            other => self.fixture = other.to_owned(),
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, within: &[Box<str>]) -> Result<(), String> {
        match within.last().map_or("", |name| &**name) {
            "suite" => {
                // `rebot` dates its output anew; the suites keep the times at which they ran.
                self.began(element.get("start").or_else(|| element.get("starttime")));
                if let Some(status) = self.statuses.last_mut() {
                    *status = Some(element);
                }
            }
            "test" => {
                if let Some((_, status)) = &mut self.test {
                    *status = Some(element);
                }
            }
            "total" => self.totals(&element),
            _ => {
                let well = matches!(element.get("status"), Some("PASS" | "SKIP" | "NOT RUN" | "NOT_RUN"));
                if !well && matches!(&*self.fixture, "setup" | "teardown") {
                    self.suites
                        .error(&format!("the {} of the suite failed {}", self.fixture, element.said()), element.line)?;
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self, name: &str, _: &[Box<str>]) -> Result<(), String> {
        if name == "test"
            && let Some((test, status)) = self.test.take()
        {
            self.suites.case(told(&test, status.as_ref())?)?;
        } else if name == "suite" {
            let status = self.statuses.pop().flatten();
            let word = status.as_ref().and_then(|status| status.get("status")).unwrap_or("none");
            if !matches!(word, "PASS" | "SKIP") && self.suites.bad() == 0 && !self.excused() {
                let (said, line) = status.as_ref().map_or(("", 1), |status| (status.said(), status.line));
                self.suites.error(&format!("the status of the suite is `{word}` {said}"), line)?;
            }
            self.suites.leave();
        }
        Ok(())
    }
}

/// Why a failure of a test that is not critical is no failure of the run.
const NOT_CRITICAL: &str = "it failed and is not critical";

fn told(test: &Element, status: Option<&Element>) -> Result<TestCase, String> {
    let said = status.map_or("", Element::said);
    let seconds = status.and_then(|status| status.get("elapsed")).and_then(super::report::seconds);
    let mut attempts = earlier(said);
    attempts.push(match status.and_then(|status| status.get("status")) {
        Some("PASS") => Attempt::new(AttemptStatus::Passed, seconds, ""),
        Some("SKIP") => Attempt::new(AttemptStatus::Skipped, seconds, said),
        Some("FAIL") if status.and_then(|status| status.get("critical")) == Some("no") => {
            Attempt::new(AttemptStatus::Skipped, seconds, &format!("{NOT_CRITICAL}: {said}"))
        }
        Some("FAIL") => Attempt::new(AttemptStatus::Failed, seconds, said),
        Some(word) => Attempt::new(AttemptStatus::Failed, seconds, &format!("status `{word}`: {said}")),
        None => Attempt::new(AttemptStatus::Failed, seconds, "no status"),
    });
    let last = attempts.pop().expect("it was added");
    let own = case("", test.must("name")?, test.spot(), last);
    attempts.extend(own.attempts);
    let line = test.get("line").and_then(|line| line.parse().ok());
    Ok(TestCase { line, attempts: attempts.into(), ..own })
}

/// The attempts that `rebot --merge` replaced, as it notes them: `Old status: FAIL`, with markup between the words.
fn earlier(message: &str) -> Vec<Attempt> {
    let merged = message.starts_with("*HTML*") && message.contains("merged");
    let notes = message.split("Old status:").skip(1).filter(|_| merged);
    let failed = |note: &&str| {
        let mut words = note.split(['<', '>']).step_by(2).map(str::trim).filter(|word| !word.is_empty());
        words.next().is_some_and(|word| word.starts_with("FAIL"))
    };
    notes.filter(failed).map(|_| Attempt::new(AttemptStatus::Failed, None, "it was run again")).collect()
}

impl Robot {
    /// A time as it stands, or as before Robot 7: `20260302 10:15:00.000`. What is not known there is `N/A`.
    fn began(&mut self, stated: Option<&str>) {
        let Some(stated) = stated.filter(|stated| stated.starts_with("20")) else { return };
        let plain = NaiveDateTime::parse_from_str(stated, "%Y%m%d %H:%M:%S%.f");
        let stated = plain.map_or_else(|_| stated.to_owned(), |at| at.format("%Y-%m-%dT%H:%M:%S%.f").to_string());
        self.suites.began(Some(&stated));
    }

    /// Whether a test that is not critical failed: it makes its suites fail too, in their own words only.
    fn excused(&self) -> bool {
        let excused = |case: &TestCase| {
            case.status() == CaseStatus::Skipped && case.message().is_some_and(|told| told.starts_with(NOT_CRITICAL))
        };
        self.suites.cases().any(excused)
    }

    fn totals(&mut self, stat: &Element) {
        let shown = |status: CaseStatus| self.suites.cases().filter(|case| case.status() == status).count() as u64;
        let skipped = shown(CaseStatus::Skipped);
        self.critical |= stat.said() == "Critical Tests";
        let all = stat.said() == "All Tests";
        if !all || !self.critical {
            self.suites.hold_bad(stat.count(&["fail"]), stat);
        }
        if all {
            self.nothing = stat.count(&["pass", "fail", "skip"]) == Some(0);
            self.suites.hold(stat.count(&["skip"]), skipped, "skipped tests", stat);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::ROBOT;

    fn robot(suite: &str, status: &str, totals: &str) -> Vec<String> {
        let text = format!(
            "<robot generator='Robot 7.0'><suite id='s1' name='Shop' source='/t'><suite name='Cart'>{suite}<status status='{status}'/></suite><status status='{status}'/></suite><statistics><total><stat {totals}>All Tests</stat></total><tag><stat fail='9'>t</stat></tag></statistics></robot>"
        );
        told(&ROBOT, &text)
    }

    fn test(name: &str, status: &str, said: &str) -> String {
        format!(
            "<test name='{name}' line='3'><kw name='k'><status status='FAIL'/></kw><doc>d</doc><status status='{status}' elapsed='0.5'>{said}</status></test>"
        )
    }

    #[test]
    fn tests_are_read() {
        let tests = [
            test("Adds", "PASS", ""),
            test("Adds", "FAIL", "1 != 2"),
            test("Waits", "SKIP", "later"),
            test("Odd", "LATER", ""),
        ];
        assert_eq!(
            robot(&tests.concat(), "FAIL", "pass='1' fail='2' skip='1'"),
            [
                "Shop > Cart::Adds #1 passed 1",
                "Shop > Cart::Adds #2 failed 1: 1 != 2",
                "Shop > Cart::Waits skipped 1: later",
                "Shop > Cart::Odd failed 1: status `LATER`:"
            ]
        );
    }

    #[test]
    fn merged_results_are_attempts() {
        let note = |new: &str, old: &str| {
            format!(
                "*HTML* &lt;span class=\"merge\"&gt;Test has been re-executed and results merged.&lt;/span&gt;&lt;hr&gt;&lt;span class=\"new-status\"&gt;New status:&lt;/span&gt; &lt;span class=\"pass\"&gt;{new}&lt;/span&gt;&lt;br&gt;&lt;span class=\"old-status\"&gt;Old status:&lt;/span&gt; &lt;span class=\"fail\"&gt;{old}&lt;/span&gt;&lt;br&gt;"
            )
        };
        let merged = test("A", "PASS", &note("PASS", "FAIL"));
        assert_eq!(robot(&merged, "PASS", "pass='1' fail='0'"), ["Shop > Cart::A flaky 2: it was run again"]);
        let twice = test("A", "PASS", &note("PASS", "PASS"));
        assert_eq!(robot(&twice, "PASS", "pass='1' fail='0'"), ["Shop > Cart::A passed 1"]);
        let printed = test("A", "PASS", "Old status: FAIL");
        assert_eq!(robot(&printed, "PASS", "pass='1' fail='0'"), ["Shop > Cart::A passed 1"]);
    }

    #[test]
    fn suites_and_totals_can_only_make_it_worse() {
        let passed = "Shop > Cart::A passed 1";
        let pass = test("A", "PASS", "");
        let torn = format!(
            "{pass}<kw name='k' type='TEARDOWN'><kw name='i'><status status='FAIL'/></kw><status status='FAIL'>torn</status></kw>"
        );
        assert_eq!(
            robot(&torn, "FAIL", "pass='0' fail='1'"),
            [passed, "error Shop > Cart: the teardown of the suite failed torn"]
        );
        let calm = format!(
            "<kw name='k' type='setup'><kw name='i'><status status='FAIL'/></kw><status status='PASS'/></kw>{pass}"
        );
        assert_eq!(robot(&calm, "PASS", "pass='1' fail='0'"), [passed]);
        assert_eq!(robot(&pass, "FAIL", "pass='1'"), [passed, "error Shop > Cart: the status of the suite is `FAIL`"]);
        let stated = "contradiction: 0 failures and errors | 1 failure or error";
        assert_eq!(robot(&pass, "PASS", "pass='0' fail='1'"), [passed, stated]);
        assert_eq!(robot("", "PASS", "pass='0' fail='0' skip='0'"), ["empty a: none"]);
        let old = "<robot><suite name='S'><test name='A'><status status='FAIL' critical='no'>x</status></test><status status='PASS'/></suite><statistics><total><stat pass='0' fail='0'>Critical Tests</stat><stat pass='0' fail='1'>All Tests</stat></total></statistics></robot>";
        assert_eq!(told(&ROBOT, old), ["S::A skipped 1: it failed and is not critical: x"]);
    }

    #[test]
    fn it_is_as_old_as_what_ran_and_not_as_its_writing() {
        let times = |generated: &str, start: &str| {
            let text = format!(
                "<robot generated='{generated}'><suite name='S'><test name='A'><status status='PASS'/></test><status status='PASS' {start}/></suite></robot>"
            );
            super::super::report::testing::read(&ROBOT, &text).expect("sound").timestamp.map(String::from)
        };
        let now = "2026-03-02T10:00:00.5";
        assert_eq!(times(now, "").as_deref(), Some(now));
        assert_eq!(times(now, "start='2026-03-01T10:00:00'").as_deref(), Some("2026-03-01T10:00:00"));
        assert_eq!(
            times("20260302 10:00:00.500", "starttime='20260301 10:00:00.250'").as_deref(),
            Some("2026-03-01T10:00:00.250")
        );
        assert_eq!(times("20260302 10:00:00.500", "starttime='N/A'").as_deref(), Some("2026-03-02T10:00:00.500"));
    }

    #[test]
    fn damage_is_malformed() {
        assert!(told(&ROBOT, "<robot><suite name='s'><test name='a'>")[0].starts_with("malformed a:1"));
        assert!(told(&ROBOT, "<robot><suite><test name='a'/></suite></robot>")[0].contains("without `name`"));
        assert_eq!(robot("<test name='A'/>", "FAIL", "")[0], "Shop > Cart::A failed 1: no status");
    }
}
