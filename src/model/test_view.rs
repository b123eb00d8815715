//! A test report as a document: what expressions and places see of it.
//!
//! ```text
//! totals       {total, passed, failed, errored, skipped, flaky, suites}
//! cases[]      {id, suite, class, name, status, attempts, seconds?, message?, source?, host?, file?, line?}; the id is unique in the report
//! suites[]     {name, host?, file?, total, passed, failed, errored, skipped, flaky, errors[], cached, stops[], waits[]}
//! stops[]      {why, message, test, phase, phase_from, place}; texts, empty where nothing tells
//! waits[]      the same of each test that failed because it waited in vain, and of its own time limit
//! cut_short[]  why the run did not come to its end; empty if it did
//! contradictions[]  {items, stated}: more failures stated than shown
//! differences[]     {items, stated}: other totals that differ from the items
//! timestamp    when the run began, if the report says so
//! undated      the part that ran and states no time, where others do; there is no `timestamp` then
//! ```

use super::document::{Builder, Built, Document, Map, Number, Overflow, Value};
use super::test_case::TestCase;
use super::test_report::{Contradiction, Remark, TestReport, TestSuite, TestTotals};
use super::test_stop::Stop;

/// How much of a report a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything.
    Whole,
    /// Everything but the cases, which are `null`: whoever looks at them there has an error and not an absence.
    WithoutCases,
}

/// The report as a document.
pub(super) fn document(report: &TestReport, extent: Extent) -> Document {
    let messages = |remarks: &[Remark]| Value::List(remarks.iter().map(|remark| Value::from(&*remark.message)).collect());
    let suite = |suite: &TestSuite| {
        let mut totals = TestTotals::of([suite]);
        totals.errored += suite.errors.len();
        let mut entries = vec![("name", Value::from(&*suite.name)), ("errors", messages(&suite.errors))];
        entries.extend(suite.host.as_deref().map(|host| ("host", Value::from(host))));
        entries.extend(suite.file.as_deref().map(|file| ("file", Value::from(file))));
        entries.push(("cached", Value::Bool(suite.cached)));
        entries.push(("stops", Value::List(suite.stops.iter().map(stop).collect())));
        entries.push(("waits", Value::List(suite.waits.iter().map(stop).collect())));
        entries.extend(totals.entries().into_iter().filter(|(word, _)| *word != "suites").map(counted));
        map(entries)
    };
    let mut entries = vec![
        ("totals", map(report.counted().entries().into_iter().map(counted).collect())),
        ("suites", Value::List(report.suites.iter().map(suite).collect())),
        ("cut_short", messages(&report.cut_short)),
        ("contradictions", contradictions(&report.contradictions)),
        ("differences", contradictions(&report.differences)),
    ];
    entries.extend(report.timestamp.as_deref().map(|stamp| ("timestamp", Value::from(stamp))));
    entries.extend(report.undated.as_ref().map(|part| ("undated", Value::from(&*part.message))));
    let mut builder = Builder::default();
    let built = write(&mut builder, report, &entries, extent).expect("less text than a report may have");
    Document::of(builder, built)
}

/// Writes the cases straight down: there are up to millions, and a tree of each would take longer than reading the report.
fn write(
    builder: &mut Builder,
    report: &TestReport,
    entries: &[(&'static str, Value)],
    extent: Extent,
) -> Result<Built, Overflow> {
    let top = builder.begin();
    for (key, value) in entries {
        let key = builder.key(key)?;
        builder.push(key);
        let value = builder.value(value)?;
        builder.push(value);
    }
    let key = builder.key("cases")?;
    builder.push(key);
    let cases = match extent {
        Extent::Whole => {
            let list = builder.begin();
            for (at, (suite, own)) in report.cases().enumerate() {
                let built = case(builder, &report.ids().id(0, at, suite, own), suite, own)?;
                builder.push(built);
            }
            builder.list(list)
        }
        Extent::WithoutCases => builder.null(),
    };
    builder.push(cases);
    Ok(builder.map(top).expect("the keys of a view differ"))
}

fn stop(stop: &Stop) -> Value {
    let (phase, source) = stop.phase.as_ref().map_or(("", ""), |phase| (&*phase.name, phase.source.word()));
    let place = stop.place.as_ref().map(|place| format!("{}:{}", place.file, place.line)).unwrap_or_default();
    map(vec![
        ("why", Value::from(stop.halt.word())),
        ("message", Value::from(&*stop.message)),
        ("test", Value::from(stop.test.as_deref().unwrap_or_default())),
        ("phase", Value::from(phase)),
        ("phase_from", Value::from(source)),
        ("place", Value::from(place.as_str())),
    ])
}

fn case(builder: &mut Builder, id: &str, suite: &TestSuite, case: &TestCase) -> Result<Built, Overflow> {
    let mark = builder.begin();
    let text = |builder: &mut Builder, key: &str, text: &str| {
        let key = builder.key(key)?;
        builder.push(key);
        let text = builder.text(text)?;
        builder.push(text);
        Ok(())
    };
    text(builder, "id", id)?;
    text(builder, "suite", &suite.name)?;
    text(builder, "class", &case.class)?;
    text(builder, "name", &case.name)?;
    text(builder, "status", case.status().word())?;
    let source = case.source();
    let optional = [
        ("message", case.message()),
        ("source", source.as_deref()),
        ("host", suite.host.as_deref()),
        ("file", case.file.as_deref()),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            text(builder, key, value)?;
        }
    }
    let seconds = case.seconds().filter(|seconds| seconds.is_finite());
    // A count of things in memory is far below 2^127.
    let numbers = [
        ("attempts", Some(Number::Int(case.attempts.len() as i128))),
        ("seconds", seconds.map(Number::Float)),
        ("line", case.line.map(|line| Number::Int(line.into()))),
    ];
    for (key, value) in numbers {
        if let Some(value) = value {
            let key = builder.key(key)?;
            builder.push(key);
            let value = builder.number(value);
            builder.push(value);
        }
    }
    Ok(builder.map(mark).expect("the keys of a view differ"))
}

/// Contradictions as every view of a report shows them.
pub(super) fn contradictions(all: &[Contradiction]) -> Value {
    let one = |one: &Contradiction| {
        map(vec![("items", Value::from(one.items.as_str())), ("stated", Value::from(one.stated.as_str()))])
    };
    Value::List(all.iter().map(one).collect())
}

/// A count as views show it.
pub(super) fn counted((word, count): (&'static str, usize)) -> (&'static str, Value) {
    // A count of things in memory is far below 2^127.
    (word, Value::Number(Number::Int(count as i128)))
}

/// An object of a view.
pub(super) fn map(entries: Vec<(&'static str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
    Value::Map(Map::from_entries(entries).expect("the keys of a view differ"))
}

#[cfg(test)]
mod tests {
    use super::super::test_case::{Attempt, AttemptStatus};
    use super::super::test_report::Spot;
    use super::*;

    #[test]
    fn everything_that_is_told_is_in_the_view() {
        let attempt = |status| Attempt::new(status, Some(0.25), "why");
        let case = TestCase {
            class: "c".into(),
            name: "n".into(),
            file: Some("a.rs".into()),
            line: Some(7),
            at: Spot::Line(3),
            attempts: vec![attempt(AttemptStatus::Failed), attempt(AttemptStatus::Passed)].into(),
        };
        let suite = TestSuite { cases: vec![case].into(), ..TestSuite::new("s", Spot::Line(2)) };
        let mut report = TestReport::of(vec![suite]);
        report.cut_short.push(Remark::new("no result", Spot::Line(9)));
        report.timestamp = Some("2026-06-15T12:00:00Z".into());
        let root = report.document().root();
        let shown = |key: &str| root.get(key).map(|node| node.excerpt(400)).unwrap_or_default();
        assert_eq!(
            shown("cases"),
            r#"[{"attempts": 2, "class": "c", "file": "a.rs", "id": "s::c::n", "line": 7, "message": "why", "name": "n", "seconds": 0.5, "source": "a.rs:7", "status": "flaky", "suite": "s"}]"#
        );
        assert_eq!(
            shown("totals"),
            r#"{"errored": 0, "failed": 0, "flaky": 1, "passed": 0, "skipped": 0, "suites": 1, "total": 1}"#
        );
        assert_eq!(
            shown("suites"),
            r#"[{"cached": false, "errored": 0, "errors": [], "failed": 0, "flaky": 1, "name": "s", "passed": 0, "skipped": 0, "stops": [], "total": 1, "waits": []}]"#
        );
        assert_eq!((shown("cut_short"), shown("contradictions")), (r#"["no result"]"#.to_owned(), "[]".to_owned()));
        assert_eq!(shown("timestamp"), r#""2026-06-15T12:00:00Z""#);
    }
}
