//! `history`: the rows of the verdict, one JSON object a line.
//!
//! What a table of many verdicts is made of, on standard output or in a file of your choice: `-o history`. The first line is the verdict as a
//! whole (`"table":"runs"`), then come its gates, each with its findings and measures, its exceptions and its evidence. Every line begins with
//! the SHA-256 of `full_suite_verdict.json`, the clock of the judgement, the commit, the policy and the lane, so that lines of many verdicts can
//! be put into one file. Texts are cut to 2,000 bytes, and a gate has at most 1,000 rows of findings; `gates` tells how many there were.
//!
//! A store of many verdicts, with the tests of each run, is what `gatekeeper-history` keeps: it makes the same rows of the same document, and
//! adds those of `tests` from the reports.

use super::Format;
use super::wire::{self, v1};

pub use v1::history::{Evidence, Exception, Finding, Gate, HISTORY_SCHEMA, Key, Measure, Row, Run, Test, cut, rows};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "history",
    file: None,
    lane: None,
    about: "The rows of the verdict, one JSON object a line, for a table of many verdicts.",
    docs: include_str!("history.rs"),
    schema: Some(|| wire::schema_of::<Row>(HISTORY_SCHEMA)),
    write: |verdict, out| {
        // The rows are those of the document, so that what is written here and what is read from it a year later cannot differ.
        let document = super::verdict::FORMAT.bytes(verdict)?;
        let rows = rows(&document).expect("our own document has its own shape");
        rows.iter().try_for_each(|row| wire::write_line(row, out))
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, MESSAGE_MOST};
    use crate::report::canonical::{self, named};
    use serde_json::{Value, json};

    fn lines(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn every_part_of_the_verdict_is_a_row() {
        let mut looked = 0;
        for (name, verdict) in canonical::all() {
            let rows = lines(&canonical::text(&FORMAT, &verdict));
            let of = |table: &str| rows.iter().filter(|row| row["table"] == table).count();
            assert_eq!((of("runs"), of("gates"), of("tests")), (1, verdict.gates.len(), 0), "{name}");
            assert_eq!(of("findings"), verdict.gates.iter().map(|gate| gate.findings.len()).sum::<usize>(), "{name}");
            assert_eq!(of("measures"), verdict.gates.iter().map(|gate| gate.measured.len()).sum::<usize>(), "{name}");
            let exceptions = verdict.exceptions.waivers.len() + verdict.exceptions.quarantine.len();
            assert_eq!((of("exceptions"), of("evidence")), (exceptions, verdict.evidence.len()), "{name}");
            let document = crate::report::verdict::FORMAT.bytes(&verdict).expect("bytes");
            assert!(rows.iter().all(|row| row["verdict"] == json!(Digest::of(&document).to_string())), "{name}");
            assert_eq!(
                (&rows[0]["table"], &rows[0]["ruling"]),
                (&json!("runs"), &json!(verdict.ruling().word())),
                "{name}"
            );
            looked += rows.len();
        }
        assert!(looked > 60, "{looked}");
    }

    #[test]
    fn exceptions_say_whether_they_were_needed() {
        let mut verdict = named("waived and skipped");
        verdict.exceptions.unused = vec!["waiver `conformance`".into(), "quarantine `net::race`".into()];
        let rows = lines(&canonical::text(&FORMAT, &verdict));
        let rows: Vec<&Value> = rows.iter().filter(|row| row["table"] == "exceptions").collect();
        let told = |at: usize| (rows[at]["name"].clone(), rows[at]["used"].clone(), rows[at]["validity"].clone());
        assert_eq!(told(0), (json!("parameter_sweeps"), json!(true), json!("expiring")));
        assert_eq!((rows[0]["unused"].clone(), rows[1]["unused"].clone()), (json!(false), json!(true)));
        assert_eq!((&rows[0]["renewals"], &rows[0]["first_day"]), (&json!(1), &json!("2026-02-20")));
        let quarantine = rows.iter().find(|row| row["class"] == "quarantine").expect("one");
        assert_eq!((&quarantine["name"], &quarantine["used"]), (&json!("net::race"), &Value::Null));
        assert_eq!(quarantine["unused"], json!(true));
        assert_eq!((&quarantine["first_day"], &quarantine["category"]), (&json!("2026-02-25"), &json!("FLAKE-TIMING")));
    }

    #[test]
    fn sizes_are_bounded_and_the_count_is_told() {
        let mut verdict = named("cause and consequences");
        let own = verdict.gates.iter_mut().find(|gate| !gate.findings.is_empty()).expect("a gate with findings");
        own.findings = vec![own.findings[0].clone(); 1_700];
        own.findings[0].actual = "ä".repeat(5_000);
        let id = own.id.to_string();
        let rows = lines(&canonical::text(&FORMAT, &verdict));
        let of_gate =
            |table: &str| rows.iter().filter(|row| row["table"] == table && row["gate"] == json!(id)).collect::<Vec<_>>();
        assert_eq!((of_gate("findings").len(), &of_gate("gates")[0]["findings"]), (1_000, &json!(1_700)));
        let cell = of_gate("findings")[0]["actual"].as_str().expect("a text");
        assert!(cell.len() <= MESSAGE_MOST + 3 && cell.ends_with('…'), "{}", cell.len());
    }

    #[test]
    fn what_is_no_verdict_has_no_rows() {
        let whole = crate::report::verdict::FORMAT.bytes(&named("cause and consequences")).expect("bytes");
        assert!(rows(&whole).is_ok());
        let text = String::from_utf8(whole).expect("UTF-8");
        let mut looked = 0;
        for damaged in [
            "{}".to_owned(),
            String::new(),
            text[..text.len() / 2].to_owned(),
            text.replacen("\"gates\": [", "\"gates\": 3, \"x\": [", 1),
            text.replacen("\"size\": 1234", "\"size\": -1", 1),
        ] {
            assert!(rows(damaged.as_bytes()).is_err(), "{damaged}");
            looked += 1;
        }
        assert_eq!(looked, 5);
    }
}
