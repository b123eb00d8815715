//! What we write as JUnit is what we read as JUnit.

use super::*;
use crate::collect::{self, Inspection};
use crate::model::{Base, Limits, RelPath, Ruling};
use crate::report::canonical::{self, failing, named, passing, text, verdict};
use crate::workspace::{Disk, Outlet};

/// Our own reader's account of the report.
fn read(report: &str) -> Inspection {
    let place = tempfile::tempdir().expect("a directory");
    let outlet = Outlet::open(place.path()).expect("a directory");
    outlet.put("report.xml".as_ref(), report.as_bytes()).expect("written");
    let workspace = Disk::new(place.path(), Some(place.path()), None, None).expect("a directory");
    let format = collect::FORMATS.iter().copied().find(|format| format.id == "junit").expect("a format");
    collect::inspect(
        &workspace,
        Base::Run,
        &RelPath::parse("report.xml").expect("a path"),
        Some(format),
        &Limits::default(),
    )
}

#[test]
fn our_reader_finds_what_was_written_and_fails_exactly_when_the_verdict_does() {
    let mut looked = 0;
    for (name, verdict) in canonical::all() {
        let seen = read(&text(&FORMAT, &verdict));
        assert_eq!(seen.gap, None, "{name}");
        assert_eq!((&seen.contradictions[..], &seen.cut_short[..]), (&[][..], &[][..]), "{name}");
        let read = seen.tests.expect("a test report");
        let counts = TestWords::of(&verdict.as_tests());
        let words = |counts: TestWords| [counts.tests, counts.passed, counts.failed, counts.errored, counts.skipped];
        assert_eq!([read.total, read.passed, read.failed, read.errored, read.skipped], words(counts), "{name}");
        assert_eq!(read.failed + read.errored > 0, verdict.ruling() == Ruling::Fail, "{name}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn a_failure_tells_what_its_reader_needs() {
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"gatekeeper\" tests=\"4\" failures=\"1\" errors=\"0\">
  <testsuite name=\"gatekeeper full-suite\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\" timestamp=\"2026-03-01T12:00:00Z\">
    <properties>
";
    let shown = text(&FORMAT, &named("cause and consequences"));
    assert!(shown.starts_with(expected), "{shown}");
    let expected = "\
    <testcase classname=\"gatekeeper.full-suite\" name=\"suite_classification\"/>
    <testcase classname=\"gatekeeper.full-suite\" name=\"phase1_matrix\">
      <failure type=\"finding\" message=\"the sweep is not ready\">
gate phase1_matrix: The phase1_matrix gate
- contradiction: `blocking_reasons.size()` = 1; needed: a ready sweep names no blocking reason
  at tests/phase1_matrix.json#/readiness/status
  next: Rebuild the sweep from the latest matrix.
- empty-dimension: missing: at least one value
  at tests/events.jsonl:7
reproduce: cargo test --test phase1_matrix -- --exact
fix 1: Rebuild phase1_matrix.
owner: release
</failure>
    </testcase>
";
    assert!(shown.contains(expected), "{shown}");
    let blocked = "<skipped type=\"blocked\" message=\"blocked, waits for `phase1_matrix`\">";
    assert!(shown.contains(blocked), "{shown}");
}

#[test]
fn a_gate_with_very_many_findings_says_how_many_are_left_out() {
    let mut gate = failing("a");
    gate.findings = vec![gate.findings[0].clone(); 10_000];
    let shown = text(&FORMAT, &verdict(vec![gate, passing("b")]));
    assert!(shown.contains("\n9800 more findings in full_suite_verdict.json\n"));
    assert!(shown.len() < 64 << 10, "{}", shown.len());
}
