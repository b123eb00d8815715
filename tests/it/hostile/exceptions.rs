//! Waivers and quarantine that claim more than they may.

use super::Says::{Finding, Nothing};
use super::bench::Bench;
use super::{Row, row};

const G: &str = "exceptions";

/// A waiver, as it should be.
fn waiver(gate: &str) -> String {
    format!(
        "\n[waiver.{gate}]\nowner = \"ada\"\nbead = \"bd-17\"\nreason = \"The fix is in review.\"\ncreated = 2026-02-25\nexpires = 2026-03-20\n\
         scope = [\"full\"]\nexit_criterion = \"The fix is merged.\"\n"
    )
}

/// Coverage below its floor, and this in the ledger.
fn low(bench: &Bench, ledger: &str) {
    bench.edit("docs/coverage.json", "91.5", "41.5");
    bench.append("ledger.toml", ledger);
}

const LOW: super::Says = Finding("below-floor", "coverage.json", "");

pub fn rows() -> Vec<Row> {
    vec![
        row(
            G,
            "a waiver as it should be, for comparison: the verdict passes and lists it",
            |b| low(b, &waiver("coverage_floor")),
            LOW,
            0,
        )
        .besides(|_, seen| assert!(seen.verdict().expect("a verdict").to_string().contains("is waived"))),
        row(
            G,
            "two live waivers for one gate, in two ledgers: none counts",
            |b| {
                low(b, &waiver("coverage_floor"));
                b.edit("policies/lantern.toml", "\"repo:ledger.toml\"", "\"repo:ledger.toml\", \"repo:more.toml\"");
                b.edit(
                    "gates/lantern/waiver_lifecycle.toml",
                    "path = \"repo:ledger.toml\"",
                    "path = \"repo:{ledger,more}.toml\"\npick = \"all\"",
                );
                b.write("more.toml", waiver("coverage_floor"));
            },
            LOW,
            1,
        ),
        row(
            G,
            "a waiver twice in one ledger",
            |b| low(b, &waiver("coverage_floor").repeat(2)),
            Finding("malformed", "ledger.toml", "duplicate key"),
            1,
        ),
        row(
            G,
            "a waiver over a gap",
            |b| {
                b.append("ledger.toml", &waiver("coverage_floor"));
                b.write("docs/coverage.json", "{");
            },
            Finding("malformed", "coverage.json", ""),
            3,
        ),
        row(
            G,
            "a waiver for a gate that may not be waived",
            |b| {
                b.append("ledger.toml", &waiver("artifacts_match"));
                b.twist("manifest.json", "2cd8d19d", "00000000");
            },
            Finding("waiver-unsound", "ledger.toml", "never waivable"),
            1,
        ),
        row(
            G,
            "a waiver for the judge of waivers",
            |b| low(b, &waiver("waiver_lifecycle")),
            Finding("waiver-unsound", "ledger.toml", "cannot be waived"),
            1,
        ),
        row(
            G,
            "a waiver that is over",
            |b| low(b, &waiver("coverage_floor").replace("2026-03-20", "2026-03-01")),
            Finding("waiver-expired", "ledger.toml", ""),
            1,
        ),
        row(
            G,
            "a waiver that begins tomorrow",
            |b| low(b, &waiver("coverage_floor").replace("2026-02-25", "2026-03-03")),
            Finding("waiver-unsound", "ledger.toml", "future"),
            1,
        ),
        row(
            G,
            "a waiver for ninety days",
            |b| low(b, &waiver("coverage_floor").replace("2026-03-20", "2026-05-26")),
            Finding("waiver-unsound", "ledger.toml", "90 days"),
            1,
        ),
        row(
            G,
            "a waiver without an end",
            |b| low(b, &waiver("coverage_floor").replace("expires = 2026-03-20\n", "")),
            Finding("waiver-invalid", "ledger.toml", ""),
            1,
        ),
        row(
            G,
            "a waiver whose owner is a blank that is not seen",
            |b| low(b, &waiver("coverage_floor").replace("\"ada\"", "\"\u{200b}\u{a0}\"")),
            Finding("waiver-invalid", "ledger.toml", ""),
            1,
        ),
        row(
            G,
            "a waiver of a field more",
            |b| low(b, &waiver("coverage_floor").replace("owner", "gates = [\"*\"]\nowner")),
            Finding("waiver-invalid", "ledger.toml", "gates"),
            1,
        ),
        row(
            G,
            "a waiver for a gate that does not exist",
            |b| low(b, &waiver("coverage_flor")),
            Finding("waiver-unsound", "ledger.toml", "does not have"),
            1,
        ),
        row(G, "a waiver for every gate", |b| low(b, &waiver("\"*\"")), Finding("waiver-invalid", "ledger.toml", ""), 1),
        row(
            G,
            "a waiver for another lane",
            |b| low(b, &waiver("coverage_floor").replace("[\"full\"]", "[\"preflight\"]")),
            LOW,
            1,
        ),
        row(
            G,
            "a waiver in evidence",
            |b| {
                low(b, "");
                b.evidence("ledger.toml", waiver("coverage_floor"));
            },
            LOW,
            1,
        ),
        row(
            G,
            "a ledger that is gone",
            |b| std::fs::remove_file(b.root().join("ledger.toml")).expect("removed"),
            Finding("missing", "ledger.toml", ""),
            3,
        ),
        row(
            G,
            "a ledger that is cut off in the middle of a waiver",
            |b| low(b, &waiver("coverage_floor")[..90]),
            Finding("malformed", "ledger.toml", ""),
            1,
        ),
        row(
            G,
            "a waiver that nothing needs: it is listed, and does no harm",
            |b| b.append("ledger.toml", &waiver("coverage_floor")),
            Nothing,
            0,
        ),
    ]
}
