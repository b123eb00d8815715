//! `ctrf`: the verdict as one CTRF document (Common Test Report Format), for whatever reads that.
//!
//! The same tests as in `junit`: each gate is one. A gate that fails is `failed`, whether on a finding or for want of evidence, and
//! `rawStatus` says which; `message` is why in a line, `trace` the findings with their places, the command that shows it again, and what
//! to do. Waived, advisory, blocked, skipped and not evaluated gates are `skipped`. Something is `failed` exactly when the verdict fails.
//!
//! `results.extra.output_sha256` is the digest of the document with zeros in its place. By it `test-report` knows a verdict of ours and passes
//! over it, where it lies beside reports of tests.
//!
//! Gates have no duration of their own: `duration` is 0, and `start` and `stop` are the clock of the judgement.

use super::Format;
use super::plain::{shown, story};
use super::wire::{v1::Tool, write_document};
use crate::model::{AsTest, OUTPUT_DIGEST, TestWord, TestWords, UNBOUND, Verdict, bound, show_instant};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "ctrf",
    file: None,
    lane: None,
    about: "The gates as tests of one CTRF document.",
    docs: include_str!("ctrf.rs"),
    schema: None,
    write,
};

/// Findings of one gate that its test tells.
const FINDINGS_MAX: usize = 200;

fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    write_document(&compose(verdict), &mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    out.write_all(bound(text).as_bytes())
}

fn compose(verdict: &Verdict) -> Value {
    let tests = verdict.as_tests();
    let TestWords { tests: count, errored, failed, skipped, passed } = TestWords::of(&tests);
    let at = verdict.generated_at.timestamp_millis();
    json!({
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "timestamp": show_instant(verdict.generated_at),
        "generatedBy": format!("{} {}", Tool::US.name, Tool::US.version),
        "results": {
            "tool": { "name": Tool::US.name, "version": Tool::US.version },
            "summary": {
                "tests": count, "passed": passed, "failed": failed + errored, "skipped": skipped, "pending": 0, "other": 0,
                "start": at, "stop": at,
            },
            "tests": tests.iter().map(|test| self::test(test, verdict)).collect::<Vec<_>>(),
            "extra": {
                "verdict": verdict.ruling().word(),
                "reason": shown(&verdict.reason()),
                "policy": verdict.policy.as_str(),
                "lane": verdict.lane.as_str(),
                OUTPUT_DIGEST[1]: UNBOUND,
            },
        },
    })
}

fn test(test: &AsTest<'_>, verdict: &Verdict) -> Value {
    let status = match test.word {
        TestWord::Errored | TestWord::Failed => "failed",
        TestWord::Skipped => "skipped",
        TestWord::Passed => "passed",
    };
    let suite = format!("gatekeeper {}", verdict.policy);
    let mut told = json!({ "name": test.name(), "status": status, "duration": 0, "suite": [suite] });
    if test.word != TestWord::Passed {
        told["message"] = json!(shown(&test.why));
    }
    if let Some(gate) = test.gate {
        let reason = gate.reason.map(|reason| format!(" ({})", reason.word())).unwrap_or_default();
        told["rawStatus"] = json!(format!("{}{reason}", gate.standing.word()));
        told["tags"] = json!([if gate.terms.blocking { "blocking" } else { "advisory" }]);
        if test.word != TestWord::Passed {
            told["trace"] = json!(story(gate, FINDINGS_MAX).join("\n"));
        }
        if let Some(defined) = &gate.defined {
            told["filePath"] = json!(shown(&defined.path));
            told["line"] = json!(defined.line.unwrap_or(1));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect;
    use crate::model::{Base, Limits, RelPath, Ruling};
    use crate::report::canonical::{self, named};
    use crate::workspace::{Disk, Outlet};

    #[test]
    fn our_reader_finds_what_was_written_and_fails_exactly_when_the_verdict_does() {
        let format = collect::FORMATS.iter().copied().find(|format| format.id == "ctrf").expect("a format");
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let place = tempfile::tempdir().expect("a directory");
            let outlet = Outlet::open(place.path()).expect("a directory");
            outlet.put("report.json".as_ref(), canonical::text(&FORMAT, &verdict).as_bytes()).expect("written");
            let workspace = Disk::new(place.path(), Some(place.path()), None, None).expect("a directory");
            let path = RelPath::parse("report.json").expect("a path");
            let seen = collect::inspect(&workspace, Base::Run, &path, Some(format), &Limits::default());
            assert_eq!((&seen.gap, &seen.contradictions[..]), (&None, &[][..]), "{name}");
            let read = seen.tests.expect("a test report");
            let counts = TestWords::of(&verdict.as_tests());
            let words = [counts.tests, counts.passed, counts.failed + counts.errored, counts.skipped];
            assert_eq!([read.total, read.passed, read.failed + read.errored, read.skipped], words, "{name}");
            assert_eq!(read.failed + read.errored > 0, verdict.ruling() == Ruling::Fail, "{name}");
            looked += 1;
        }
        assert_eq!(looked, 10);
    }

    #[test]
    fn a_failure_says_why_where_it_is_defined_and_what_to_do() {
        let report = canonical::json(&FORMAT, &named("gap"));
        let test = &report["results"]["tests"][1];
        assert_eq!((&test["status"], &test["rawStatus"]), (&json!("failed"), &json!("fail (missing)")));
        assert_eq!((&test["filePath"], &test["line"]), (&json!("gates/conformance.toml"), &json!(3)));
        let trace = test["trace"].as_str().expect("a text");
        assert!(trace.contains("\n- missing: no such file; needed: the file\n  at tests/conformance.json\n"), "{trace}");
        assert_eq!(report["results"]["summary"]["start"], json!(1_772_366_400_000_u64));
    }
}
