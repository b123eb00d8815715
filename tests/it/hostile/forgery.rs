//! Evidence that is not there, is old, is another's, contradicts itself or says how it wants to be judged.

use super::Says::{Finding, Message, Nothing};
use super::bench::{Bench, RUN};
use super::{Row, row};
use std::fs;

const G: &str = "forgery";

const FAILING: &str = r#"<testsuites><testsuite name="lantern" tests="2" failures="1">
<testcase classname="wick" name="burns"/><testcase classname="wick" name="smokes"><failure message="it smokes"/></testcase>
</testsuite></testsuites>
"#;

const QUARANTINE: &str = r#"
[quarantine."wick::smokes"]
category = "FLAKE-TIMING"
owner = "ada"
bead = "bd-9"
reason = "It depends on the wind."
since = 2026-03-01
expires = 2026-03-05
evidence = "runs"
reproduce = "make test"
exit_criterion = "It no longer does."
"#;

/// A report with these attributes on its suite and this inside of it.
fn report(bench: &Bench, attributes: &str, inside: &str) {
    let text = format!("<testsuites><testsuite name=\"lantern\"{attributes}>{inside}</testsuite></testsuites>\n");
    bench.evidence("junit/lantern.xml", text);
}

pub fn rows() -> Vec<Row> {
    vec![
        row(
            G,
            "an evidence directory with nothing in it",
            |b| {
                fs::remove_dir_all(b.run()).expect("removed");
                fs::create_dir_all(b.run()).expect("made");
            },
            Finding("missing", "summary.json", "nothing"),
            3,
        ),
        row(
            G,
            "no evidence directory at all",
            |b| fs::remove_dir_all(b.run()).expect("removed"),
            Message("there is no run"),
            2,
        ),
        row(
            G,
            "a report of another kind where test reports should be",
            |b| {
                fs::rename(b.run().join("junit/lantern.xml"), b.run().join("junit/lantern.txt")).expect("renamed");
            },
            Finding("missing", "junit/*.xml", "at least one matching file"),
            3,
        ),
        row(
            G,
            "a report with no test in it",
            |b| b.evidence("junit/lantern.xml", "<testsuites/>"),
            Finding("empty", "", ""),
            3,
        ),
        row(
            G,
            "a suite whose every test is skipped",
            |b| {
                report(b, "", "<testcase name=\"burns\"><skipped/></testcase>");
            },
            Finding("all-skipped", "lantern.xml", ""),
            1,
        ),
        row(
            G,
            "a declared suite that is not there, beside another that passes",
            |b| {
                b.twist("junit/lantern.xml", "name=\"lantern\"", "name=\"lanterns\"");
            },
            Finding("suite-missing", "", "lantern"),
            1,
        ),
        row(
            G,
            "an unreadable report beside one whose failing tests are all quarantined",
            |b| {
                b.append("ledger.toml", QUARANTINE);
                b.evidence("junit/lantern.xml", FAILING);
                b.evidence("junit/other.xml", "<testsuites><testsuite name=\"other\">");
            },
            Finding("malformed", "junit/other.xml", "ends inside an element"),
            3,
        ),
        row(
            G,
            "a crashed suite behind quarantined tests",
            |b| {
                b.append("ledger.toml", QUARANTINE);
                report(
                    b,
                    "",
                    "<error message=\"killed\"/><testcase classname=\"wick\" name=\"burns\"/><testcase classname=\"wick\" name=\"smokes\"><failure/></testcase>",
                );
            },
            Finding("suite-error", "lantern.xml", ""),
            1,
        ),
        row(
            G,
            "a quarantine for a test that the report does not have",
            |b| b.append("ledger.toml", QUARANTINE.replace("smokes", "glows").as_str()),
            Finding("quarantine-unused", "ledger.toml", "glows"),
            1,
        ),
        row(
            G,
            "counts that say less than the items",
            |b| {
                report(
                    b,
                    " tests=\"1\" failures=\"0\"",
                    "<testcase name=\"a\"/><testcase name=\"b\"><failure/></testcase>",
                );
            },
            Finding("test-failed", "lantern.xml", ""),
            1,
        ),
        row(
            G,
            "a status that nobody knows",
            |b| report(b, "", "<testcase name=\"a\" status=\"perfect\"/>"),
            Finding("test-failed", "lantern.xml", "perfect"),
            1,
        ),
        row(
            G,
            "a failing test, told once more without a result",
            |b| {
                report(b, "", "<testcase name=\"a\"><failure message=\"no\"/></testcase><testcase name=\"a\"/>");
            },
            Finding("test-failed", "lantern.xml", "lantern::a"),
            1,
        ),
        row(
            G,
            "evidence of another run",
            |b| b.twist("summary.json", "r-0042", "r-0041"),
            Finding("unbound", "summary.json", "r-0041"),
            1,
        ),
        row(
            G,
            "evidence of another commit",
            |b| b.twist("summary.json", "9454201986", "0000000000"),
            Finding("unbound", "summary.json", "0000000000"),
            3,
        ),
        row(
            G,
            "a run that says it is of another commit than the repository",
            |b| b.twist("environment.json", "9454201986", "0000000000"),
            Finding("unbound", "summary.json", ""),
            3,
        ),
        row(
            G,
            "a time stamp in the future",
            |b| b.twist("summary.json", "2026-03-02T11", "2026-03-02T13"),
            Finding("stale", "summary.json", "2026-03-02T13:00:00Z"),
            3,
        ),
        row(
            G,
            "a time stamp without an offset",
            |b| b.twist("summary.json", "11:00:00Z", "11:00:00"),
            Finding("invalid", "summary.json", "no UTC offset"),
            3,
        ),
        row(
            G,
            "a time stamp of last week",
            |b| b.twist("summary.json", "2026-03-02T11", "2026-02-23T11"),
            Finding("stale", "summary.json", "2026-02-23T11:00:00Z"),
            3,
        ),
        row(
            G,
            "a clock set back so that old evidence is young: it counts, and the verdict names the switch",
            |b| {
                b.twist("summary.json", "2026-03-02T11", "2026-02-23T11");
            },
            Nothing,
            0,
        )
        .with(&["verify", RUN, "--now", "2026-02-23T12:00:00Z", "--out", "out"])
        .besides(|_, seen| {
            let verdict = seen.verdict().expect("a verdict");
            assert_eq!(verdict["weakened_by"][0]["switch"], "clock");
        }),
        row(
            G,
            "evidence of a newer schema",
            |b| {
                b.edit(
                    "gates/lantern/tests_pass.toml",
                    "path    = \"run:summary.json\"",
                    "path    = \"run:summary.json\"\nschema  = \"lantern.summary.v1\"",
                );
                b.twist("summary.json", "{", "{\n  \"schema\": \"lantern.summary.v2\",");
            },
            Finding("invalid", "summary.json", "lantern.summary.v2"),
            3,
        ),
        row(
            G,
            "evidence that names a policy, a lane, a waiver and its verdict",
            |b| {
                let wishes = "{\n \"policy\": \"none\", \"lane\": \"preflight\", \"required\": false, \"optional\": true, \"verdict\": \"pass\", \"waivers\": [{\"gate\": \"tests_pass\"}],";
                b.twist("summary.json", "{", wishes);
                b.twist("summary.json", "\"failed\": 0", "\"failed\": 1");
            },
            Finding("failed-tests", "summary.json", "summary.failed"),
            1,
        ),
        row(
            G,
            "a run with a gatekeeper.toml of its own",
            |b| {
                b.evidence("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n");
            },
            Message("evidence does not say how it is judged"),
            2,
        ),
        row(
            G,
            "a shard with a gatekeeper.toml of its own",
            |b| {
                b.evidence("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n");
            },
            Message("evidence does not say how it is judged"),
            2,
        )
        .with(&["verify", "--shards", RUN, "--out", "out"]),
        row(
            G,
            "the same, where the operator names the repository: then it is a file like any other",
            |b| {
                b.evidence("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n");
            },
            Nothing,
            0,
        )
        .with(&["--root", "."]),
        row(
            G,
            "a run with gates, policies and a ledger of its own",
            |b| {
                b.evidence("ledger.toml", "[waiver.tests_pass]\n");
                b.evidence("gates/lantern/tests_pass.toml", "schema = \"gatekeeper.gate/1\"\n");
                b.evidence("policies/lantern.toml", "schema = \"gatekeeper.policy/1\"\n");
                b.twist("summary.json", "\"failed\": 0", "\"failed\": 1");
            },
            Finding("failed-tests", "summary.json", "summary.failed"),
            1,
        ),
        row(
            G,
            "a list that needs something in it, empty",
            |b| b.write("docs/coverage.json", "{\"modules\": []}"),
            Finding("empty", "coverage.json", ""),
            3,
        ),
        row(
            G,
            "a field that is gone",
            |b| b.twist("summary.json", "\"failed\": 0", "\"passed\": 3"),
            Finding("missing-field", "summary.json", "failed"),
            1,
        ),
        row(
            G,
            "false as text",
            |b| b.twist("summary.json", "\"failed\": 0", "\"failed\": \"0\""),
            Finding("wrong-type", "summary.json", "failed"),
            1,
        ),
        row(
            G,
            "a negative count",
            |b| b.twist("manifest.json", "\"size\": 24", "\"size\": -24"),
            Finding("size-mismatch", "lantern.bin", "-24 bytes"),
            1,
        ),
        row(
            G,
            "a number of tests that is not finite",
            |b| b.twist("summary.json", "\"total\": 3", "\"total\": 1e400"),
            Finding("malformed", "summary.json", "number"),
            3,
        ),
        row(
            G,
            "a percentage beyond a hundred",
            |b| b.edit("docs/coverage.json", "91.5", "1e17"),
            Finding("below-floor", "coverage.json", ""),
            1,
        ),
        row(
            G,
            "a junit count below zero",
            |b| report(b, " tests=\"-1\"", "<testcase name=\"a\"/>"),
            Finding("contradiction", "lantern.xml", "-1"),
            1,
        ),
        row(
            G,
            "a junit time that is not a number",
            |b| report(b, " time=\"NaN\"", "<testcase name=\"a\" time=\"1e999\"/>"),
            Nothing,
            0,
        ),
    ]
}
