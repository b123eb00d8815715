//! Writers that are killed at any moment, beside others and beside one who merges: no run is lost, none is there twice.

use crate::made::{Dice, Place, sql};
use crate::real_runs::gatekeeper;
use gatekeeper_history::compact::compact;
use gatekeeper_history::engine::Scope;
use gatekeeper_history::file::digest;
use gatekeeper_history::kept_look;
use gatekeeper_history::store::Store;
use gatekeeper_history::verify::verify;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How many processes are killed.
const KILLS: usize = 300;

/// How many verdicts there are.
const VERDICTS: usize = 16;

fn started(arguments: &[&std::ffi::OsStr]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gatekeeper-history"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// A verdict of a run of one test, judged at the n-th time, as gatekeeper writes it today; its digest.
fn verdict(place: &Place, n: usize) -> (PathBuf, String) {
    let (run, out) = (place.join("run"), place.join(&format!("out{n}")));
    let at = format!("2026-0{}-{:02}T12:00:00Z", 1 + n % 2, 10 + n / 2);
    let stamp = "timestamp=\"2026-01-01T10:00:00Z\"";
    let report = format!("<testsuite name=\"s\" tests=\"1\" {stamp}><testcase name=\"a\" classname=\"c\"/></testsuite>");
    fs::create_dir_all(&run).expect("a directory");
    fs::write(run.join("junit.xml"), report).expect("a report");
    let root = place.path().to_str().expect("UTF-8");
    let (run, directory) = (run.to_str().expect("UTF-8"), out.to_str().expect("UTF-8"));
    let out = out.join("full_suite_verdict.json");
    let arguments = ["verify", run, "--root", root, "--policy", "test-results", "--out", directory, "--now", &at];
    let (exit, said) = gatekeeper(&arguments);
    let bytes = fs::read(&out).unwrap_or_else(|error| panic!("{exit:?} {said} {error}"));
    (out, digest(&bytes))
}

fn records(store: &Path, verdicts: &[PathBuf]) -> Child {
    let mut arguments = vec!["record".as_ref(), "--store".as_ref(), store.as_os_str()];
    arguments.extend(verdicts.iter().map(|path| path.as_os_str()));
    started(&arguments)
}

#[test]
fn three_hundred_kills_lose_nothing_and_double_nothing() {
    let place = Place::new("kills");
    let store = Store::make(&place.join("store")).expect("a store");
    let mut digests = BTreeSet::new();
    let verdicts: Vec<PathBuf> = (0..VERDICTS)
        .map(|n| {
            let (path, digest) = verdict(&place, n);
            digests.insert(digest);
            path
        })
        .collect();
    assert_eq!(digests.len(), VERDICTS);
    // How long it takes undisturbed: most are killed within that time, at any place of their work.
    let began = std::time::Instant::now();
    assert!(records(&place.join("alone"), &verdicts).wait().expect("a child").success());
    let whole = u64::try_from(began.elapsed().as_millis()).expect("short").clamp(10, 120);
    let mut dice = Dice(11);
    let (mut killed, mut rounds) = (0, 0_usize);
    while killed < KILLS {
        // Two who record the same verdicts in another order, and one who merges.
        let from = usize::try_from(dice.below(VERDICTS as u64)).expect("small");
        let turned: Vec<PathBuf> = verdicts[from..].iter().chain(&verdicts[..from]).cloned().collect();
        let mut children = vec![records(store.root(), &turned), records(store.root(), &verdicts)];
        if rounds.is_multiple_of(2) {
            let merge: [&std::ffi::OsStr; 5] =
                ["compact".as_ref(), "--store".as_ref(), store.root().as_os_str(), "--sweep-after".as_ref(), "24".as_ref()];
            children.push(started(&merge));
        }
        std::thread::sleep(Duration::from_millis(1 + dice.below(whole)));
        for mut child in children {
            if child.try_wait().expect("a child").is_none() {
                child.kill().expect("killed");
                killed += 1;
            }
            child.wait().expect("gone");
        }
        rounds += 1;
        assert!(rounds < 10 * KILLS, "{killed} of {rounds} rounds were killed");
        if rounds.is_multiple_of(40) {
            let checked = verify(&store).expect("a store");
            assert!(checked.faults.is_empty(), "{:?}", checked.faults);
        }
    }
    let before = store.snapshot().expect("a store");
    assert!(before.runs() > 0, "the killed ones did some of the work");
    let mut last = records(store.root(), &verdicts);
    assert!(last.wait().expect("a child").success());
    let merged = compact(&store, Duration::ZERO).expect("merged");
    let checked = verify(&store).expect("a store");
    assert!(checked.faults.is_empty() && checked.left_over.is_empty(), "{checked:?} {merged:?}");
    assert_eq!(checked.runs, VERDICTS);
    let rows = sql(&store, &Scope::default(), "SELECT verdict FROM runs ORDER BY verdict");
    let found: Vec<&str> = rows.iter().filter_map(|row| row["verdict"].as_str()).collect();
    assert_eq!(found, digests.iter().map(String::as_str).collect::<Vec<_>>(), "after {rounds} rounds");
    let gates = sql(&store, &Scope::default(), "SELECT count(*) AS n, count(DISTINCT verdict) AS verdicts FROM gates");
    let each = gates[0]["n"].as_u64().expect("a number") / VERDICTS as u64;
    assert!(
        each > 1 && gates[0]["n"] == json!(each * VERDICTS as u64) && gates[0]["verdicts"] == json!(VERDICTS),
        "{gates:?}"
    );
}

/// How many who keep evidence are killed.
const KEEPERS_KILLED: usize = 60;

#[test]
fn killed_keepers_leave_whole_evidence_or_none() {
    let place = Place::new("keepers");
    let store = Store::make(&place.join("store")).expect("a store");
    let verdicts: Vec<PathBuf> = (0..4).map(|n| verdict(&place, n).0).collect();
    let mut dice = Dice(5);
    for n in 0..40 {
        let bytes: Vec<u8> = (0..30_000).map(|_| dice.below(256) as u8).collect();
        fs::write(place.join(&format!("run/data{n}.bin")), bytes).expect("a file");
    }
    let (run, root) = (place.join("run"), place.path().to_owned());
    let keeps = |verdict: &Path| {
        let [given, store, run, root] = [verdict, store.root(), &run, &root].map(Path::as_os_str);
        let [record, keep, at, of, below] = ["record", "--keep-evidence", "--store", "--run", "--root"].map(AsRef::as_ref);
        started(&[record, given, keep, at, store, of, run, below, root])
    };
    let began = std::time::Instant::now();
    assert!(keeps(&verdicts[0]).wait().expect("a child").success());
    let whole = u64::try_from(began.elapsed().as_millis()).expect("short").clamp(20, 2_000);
    let mut killed = 0;
    while killed < KEEPERS_KILLED {
        if killed % 20 == 0 {
            drop(fs::remove_dir_all(store.root().join("evidence")));
        }
        let children: Vec<Child> = verdicts.iter().map(|verdict| keeps(verdict)).collect();
        std::thread::sleep(Duration::from_millis(1 + dice.below(whole)));
        for mut child in children {
            if child.try_wait().expect("a child").is_none() {
                child.kill().expect("killed");
            }
            killed += 1;
            child.wait().expect("gone");
        }
        // Whatever a list names is there, whole.
        let looked = kept_look::look(&store, true).expect("a store");
        assert!(looked.faults.is_empty(), "{:?}", looked.faults);
    }
    for verdict in &verdicts {
        assert!(keeps(verdict).wait().expect("a child").success());
    }
    compact(&store, Duration::ZERO).expect("swept");
    let looked = kept_look::look(&store, true).expect("a store");
    // Four documents, one report, forty files.
    assert!(looked.faults.is_empty() && looked.left_over.is_empty(), "{looked:?}");
    assert_eq!((looked.runs, looked.objects), (4, 45));
}
