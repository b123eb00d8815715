//! `qttest`: test results of Qt Test as XML (`-o result.xml,xml`, root `TestCase`). Its JUnit XML and TAP are formats of their own.
//!
//! The suite is the test object; a test is a function, with the tag of its row of data: `adds(two prices)`. Two
//! rows may have one tag. An expected failure and a message are taken together with the incident behind them, of the same row; the worst word counts:
//!
//! | `Incident` | is |
//! |---|---|
//! | `pass`, `xfail` (it fails as expected), `bpass`, `bxfail` | passed |
//! | `skip`, `bskip`, and a `Message` of the type `skip` | skipped |
//! | `bfail`, `bxpass`: it failed and is on the list of known failures | skipped |
//! | `fail`, `xpass` (it passed against expectation), any other word | failed |
//!
//! A `Message` of the type `qfatal` or `system` fails the function too. A function without an incident began and never ended.

use super::suites::{Suites, case};
use super::xml_record::{Element, Reader, Want, read};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{Attempt, AttemptStatus, Gap, TestCase, TestReport, Where};

/// The format.
pub(super) static QTTEST: Format = Format {
    id: "qttest",
    extensions: &[],
    about: "test results of Qt Test",
    docs: include_str!("qttest.rs"),
    reading: Reading::Tests(TestReader { marks: Marks::Root(&["TestCase"]), report }),
};

fn report(bytes: &[u8], at: &Where) -> Result<TestReport, Gap> {
    let mut qttest = QtTest::default();
    let walked = read(bytes, at, "a sound report of Qt Test", &["TestCase"], &mut qttest);
    qttest.suites.finish(walked, false, at)
}

/// How much a word says; the greatest of a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Skipped,
    Passed,
    Excused,
    Failed,
}

struct Row {
    tag: String,
    /// The word that ends the row is still to come.
    goes_on: bool,
    said: Said,
    message: String,
    file: Option<Box<str>>,
    line: Option<u64>,
}

#[derive(Default)]
struct QtTest {
    suites: Suites,
    function: Option<Element>,
    rows: Vec<Row>,
}

impl Reader for QtTest {
    fn want(&self, name: &str, within: &[Box<str>]) -> Want {
        match (within.last().map_or("", |name| &**name), name) {
            ("", _) | ("TestCase", "TestFunction") => Want::Ends,
            ("TestFunction", "Incident" | "Message") => Want::Whole,
            _ => Want::Nothing,
        }
    }

    fn enter(&mut self, element: &Element, within: &[Box<str>]) -> Result<(), String> {
        let name = element.must("name")?;
        if within.is_empty() {
            self.suites.enter(name, element.line);
        } else {
            self.function = Some(element.own());
        }
        Ok(())
    }

    fn whole(&mut self, element: Element, _: &[Box<str>]) -> Result<(), String> {
        let word = element.get("type").unwrap_or("none");
        let said = match (&*element.name, word) {
            ("Incident", "pass" | "xfail" | "bpass" | "bxfail") => Said::Passed,
            ("Incident", "bfail" | "bxpass") => Said::Excused,
            (_, "skip" | "bskip") => Said::Skipped,
            ("Incident", _) | ("Message", "qfatal" | "system") => Said::Failed,
            _ => return Ok(()),
        };
        let tag = element.child("DataTag").map_or(Ok(""), Element::named)?;
        let message = format!("{word}: {}", element.text_at(&["Description"]));
        let file = element.get("file").map(Into::into);
        let line = element.get("line").and_then(|line| line.parse().ok());
        let goes_on = &*element.name == "Message" || matches!(word, "xfail" | "bxfail");
        let tag = tag.to_owned();
        // Rows follow one another, so only the last one can go on.
        match self.rows.last_mut().filter(|row| row.tag == tag && row.goes_on) {
            Some(row) if row.said >= said => row.goes_on = goes_on,
            Some(row) => *row = Row { tag, goes_on, said, message, file, line },
            None => self.rows.push(Row { tag, goes_on, said, message, file, line }),
        }
        Ok(())
    }

    fn leave(&mut self, _: &str, _: &[Box<str>]) -> Result<(), String> {
        let Some(function) = self.function.take() else { return Ok(()) };
        let name = function.must("name")?;
        if self.rows.is_empty() {
            let attempt = Attempt::new(AttemptStatus::Errored, None, "it began and never ended");
            return self.suites.case(case("", name, function.spot(), attempt));
        }
        for row in std::mem::take(&mut self.rows) {
            let name = if row.tag.is_empty() { name.to_owned() } else { format!("{name}({})", row.tag) };
            let attempt = match row.said {
                Said::Passed => Attempt::new(AttemptStatus::Passed, None, ""),
                Said::Skipped | Said::Excused => Attempt::new(AttemptStatus::Skipped, None, &row.message),
                Said::Failed => Attempt::new(AttemptStatus::Failed, None, &row.message),
            };
            let own = case("", &name, function.spot(), attempt);
            self.suites.case(TestCase { file: row.file.map(Into::into), line: row.line, ..own })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::told;
    use super::QTTEST;

    fn function(inner: &str) -> Vec<String> {
        told(
            &QTTEST,
            &format!(
                "<TestCase name='tst_Cart'><Environment/><TestFunction name='adds'>{inner}<Duration msecs='1'/></TestFunction><Duration msecs='2'/></TestCase>"
            ),
        )
    }

    fn incident(word: &str, tag: &str) -> String {
        format!(
            "<Incident type='{word}' file='' line='0'><DataTag><![CDATA[{tag}]]></DataTag><Description><![CDATA[why]]></Description></Incident>"
        )
    }

    #[test]
    fn words_are_read() {
        let words = [
            ("pass", "passed 1"),
            ("xfail", "passed 1"),
            ("bpass", "passed 1"),
            ("fail", "failed 1: fail: why"),
            ("xpass", "failed 1: xpass: why"),
            ("skip", "skipped 1: skip: why"),
            ("bfail", "skipped 1: bfail: why"),
            ("odd", "failed 1: odd: why"),
        ];
        let mut looked_at = 0;
        for (word, status) in words {
            assert_eq!(function(&incident(word, "")), [format!("tst_Cart::adds {status}")]);
            looked_at += 1;
        }
        assert_eq!(looked_at, 8);
        assert_eq!(
            function("<Message type='skip'><Description>later</Description></Message>"),
            ["tst_Cart::adds skipped 1: skip: later"]
        );
    }

    #[test]
    fn rows_are_tests_and_what_comes_before_the_last_word_belongs_to_it() {
        let rows = [
            incident("xfail", "one"),
            incident("pass", "one"),
            incident("fail", "two"),
            incident("pass", "two"),
            incident("xfail", "three"),
            incident("fail", "three"),
        ];
        assert_eq!(
            function(&rows.concat()),
            [
                "tst_Cart::adds(one) passed 1",
                "tst_Cart::adds(two) #1 failed 1: fail: why",
                "tst_Cart::adds(two) #2 passed 1",
                "tst_Cart::adds(three) failed 1: fail: why"
            ]
        );
        let message = |word: &str| format!("<Message type='{word}'><Description>gone</Description></Message>");
        let fatal = format!("{}{}{}", message("qdebug"), message("qfatal"), incident("pass", ""));
        assert_eq!(function(&fatal), ["tst_Cart::adds failed 1: qfatal: gone"]);
        assert_eq!(function(""), ["tst_Cart::adds errored 1: it began and never ended"]);
    }

    #[test]
    fn damage_is_malformed() {
        assert!(told(&QTTEST, "<TestCase name='t'><TestFunction name='a'>")[0].starts_with("malformed a:1"));
        assert!(told(&QTTEST, "<TestCase><TestFunction name='a'/></TestCase>")[0].contains("without `name`"));
        assert_eq!(told(&QTTEST, "<TestCase name='t'/>"), ["empty a: none"]);
    }
}
