//! Verdicts that gatekeeper made: judged in this process, recorded, and asked about.

use crate::made::{Place, sql};
use gatekeeper::cli::{self, Console, Exit};
use gatekeeper_history::batch::Stamp;
use gatekeeper_history::engine::Scope;
use gatekeeper_history::fault::{Fault, Told};
use gatekeeper_history::record::{Given, Outcome, record};
use gatekeeper_history::store::Store;
use gatekeeper_history::verify::verify;
use serde_json::{Value, json};
use std::fs;

/// Runs a command line of gatekeeper in this process: its exit, and what it said.
pub fn gatekeeper(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console::apart(&mut out, &mut err);
    let exit = cli::run(std::iter::once("gatekeeper").chain(arguments.iter().copied()).map(Into::into), &mut console);
    (exit, String::from_utf8_lossy(&err).into_owned())
}

/// A run with three tests in two reports, and its verdict.
fn judged(place: &Place) {
    // What has the shape of a secret is put together here, so that this file is no leak.
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let failing =
        format!("<testcase name=\"b\" classname=\"c\" time=\"0.5\"><failure message=\"no: {token}\"/></testcase>");
    let stamp = "timestamp=\"2026-03-02T10:00:00Z\"";
    let first = format!(
        "<testsuite name=\"s\" tests=\"2\" failures=\"1\" {stamp}><testcase name=\"a\" classname=\"c\" time=\"0.25\"/>{failing}</testsuite>"
    );
    let second = format!(
        "<testsuite name=\"t\" tests=\"1\" skipped=\"1\" {stamp}><testcase name=\"x\"><skipped/></testcase></testsuite>"
    );
    for (directory, text) in [("run/unit", first), ("run/e2e", second)] {
        fs::create_dir_all(place.join(directory)).expect("a directory");
        fs::write(place.join(directory).join("junit.xml"), text).expect("a report");
    }
    let (run, out) = (place.join("run"), place.join("out"));
    let (run, out) = (run.to_str().expect("UTF-8"), out.to_str().expect("UTF-8"));
    let root = place.path().to_str().expect("UTF-8");
    let arguments =
        ["verify", run, "--root", root, "--policy", "test-results", "--out", out, "--now", "2026-03-02T12:00:00Z"];
    let (exit, said) = gatekeeper(&arguments);
    assert_eq!(exit, Exit::Failed, "{said}");
}

fn given(place: &Place, project: &str) -> Given {
    let stamp = Stamp { project: project.to_owned(), branch: Some("main".to_owned()) };
    Given {
        path: place.join("out/full_suite_verdict.json"),
        run: Some(place.join("run")),
        root: place.path().to_owned(),
        stamp,
    }
}

fn damaged<T: std::fmt::Debug>(told: Told<T>) -> String {
    match told {
        Err(Fault::Damaged(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_verdict_and_its_tests_become_rows() {
    let place = Place::new("real");
    judged(&place);
    let store = Store::make(&place.join("store")).expect("a store");
    let outcome = record(&store, &given(&place, "shop")).expect("recorded");
    assert!(matches!(outcome, Outcome::Added { tests: 3, .. }), "{outcome:?}");
    let rows =
        sql(&store, &Scope::default(), "SELECT place, test, status, seconds, message FROM tests ORDER BY place, test");
    let told: Vec<(&Value, &Value, &Value)> =
        rows.iter().map(|row| (&row["place"], &row["test"], &row["status"])).collect();
    let expected = [
        (json!("e2e"), json!("t::x"), json!("skipped")),
        (json!("unit"), json!("s::c::a"), json!("passed")),
        (json!("unit"), json!("s::c::b"), json!("failed")),
    ];
    assert_eq!(told, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    assert_eq!((&rows[1]["seconds"], &rows[2]["seconds"]), (&json!(0.25), &json!(0.5)));
    let message = rows[2]["message"].as_str().expect("a message");
    assert!(message.starts_with("no: ") && !message.contains("ghp_"), "{message}");
    let runs = sql(&store, &Scope::default(), "SELECT project, branch, ruling, judged_at, gates FROM runs");
    assert_eq!(
        (&runs[0]["project"], &runs[0]["branch"], &runs[0]["ruling"]),
        (&json!("shop"), &json!("main"), &json!("fail"))
    );
    assert_eq!(runs[0]["judged_at"], json!("2026-03-02T12:00:00Z"));
    let gates = sql(&store, &Scope::default(), "SELECT count(*) AS gates FROM gates");
    assert_eq!(gates[0]["gates"], runs[0]["gates"]);

    // No file of the store holds the secret, however it is compressed: every text column is read above; the bytes are looked at too.
    let checked = verify(&store).expect("a store");
    assert!(checked.faults.is_empty() && checked.runs == 1 && checked.left_over.is_empty(), "{checked:?}");
}

#[test]
fn recording_twice_is_recording_once() {
    let place = Place::new("twice");
    judged(&place);
    let store = Store::make(&place.join("store")).expect("a store");
    record(&store, &given(&place, "shop")).expect("recorded");
    let again = record(&store, &given(&place, "shop")).expect("known");
    assert!(matches!(again, Outcome::Known { .. }), "{again:?}");
    let other = record(&store, &given(&place, "pay")).expect_err("another project");
    assert!(matches!(&other, Fault::Usage(text) if text.contains("`shop`")), "{other:?}");
    assert_eq!(sql(&store, &Scope::default(), "SELECT count(*) AS n FROM runs")[0]["n"], json!(1));
}

#[test]
fn a_directory_with_its_verdict_is_a_run() {
    let place = Place::new("directory");
    judged(&place);
    let store = Store::make(&place.join("store")).expect("a store");
    let without =
        record(&store, &Given { path: place.join("run"), run: None, ..given(&place, "shop") }).expect_err("no verdict");
    assert!(matches!(&without, Fault::Usage(text) if text.contains("gatekeeper verify")), "{without:?}");
    fs::copy(place.join("out/full_suite_verdict.json"), place.join("run/full_suite_verdict.json")).expect("a copy");
    let outcome = record(&store, &Given { path: place.join("run"), run: None, ..given(&place, "shop") }).expect("recorded");
    assert!(matches!(outcome, Outcome::Added { tests: 3, .. }), "{outcome:?}");
}

#[test]
fn what_was_changed_is_refused() {
    let place = Place::new("changed");
    judged(&place);
    let store = Store::make(&place.join("store")).expect("a store");
    let report = place.join("run/unit/junit.xml");
    let own = fs::read_to_string(&report).expect("a report");
    fs::write(&report, own.replace("failures=\"1\"", "failures=\"1\" x=\"y\"")).expect("changed");
    let told = damaged(record(&store, &given(&place, "shop")));
    assert!(told.contains("unit/junit.xml") && told.contains("changed since"), "{told}");
    fs::write(&report, &own[..own.len() / 2]).expect("cut");
    let told = damaged(record(&store, &given(&place, "shop")));
    assert!(told.contains("unit/junit.xml"), "{told}");
    fs::write(&report, &own).expect("as it was");

    let verdict = place.join("out/full_suite_verdict.json");
    let text = fs::read_to_string(&verdict).expect("a verdict");
    let mut looked = 0;
    for (what, damaged_text) in [
        ("another ruling", text.replacen("\"verdict\": \"fail\"", "\"verdict\": \"pass\"", 1)),
        ("cut", text[..text.len() / 2].to_owned()),
        ("nothing", String::new()),
        ("another document", "{\"schema\": \"gatekeeper.verdict/1\"}".to_owned()),
        ("no time", text.replacen("2026-03-02T12:00:00Z", "yesterday", 1)),
    ] {
        assert_ne!(damaged_text, text, "{what}");
        fs::write(&verdict, damaged_text).expect("damaged");
        let told = damaged(record(&store, &given(&place, "shop")));
        assert!(told.contains("full_suite_verdict.json"), "{what}: {told}");
        looked += 1;
    }
    assert_eq!(looked, 5);
    assert_eq!(store.snapshot().expect("a store").runs(), 0);
    let odd = record(&store, &given(&place, "../up")).expect_err("no name of a project");
    assert!(matches!(odd, Fault::Usage(_)), "{odd:?}");
}
