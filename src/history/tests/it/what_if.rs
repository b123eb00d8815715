//! Recorded runs under another policy: what would change, what stays, and what nobody knows.

use crate::made::Place;
use crate::real_runs::gatekeeper;
use gatekeeper::cli::Exit;
use gatekeeper_history::batch::Stamp;
use gatekeeper_history::file::digest;
use gatekeeper_history::keep::{self, Keeping};
use gatekeeper_history::kept_look;
use gatekeeper_history::record::{Given, keep_evidence, record};
use gatekeeper_history::store::Store;
use gatekeeper_history::verify::verify;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A repository with one gate and two policies, which differ in a number.
pub fn repository(place: &Place) {
    let gate = "schema = \"gatekeeper.gate/1\"\nid = \"load\"\ntitle = \"Load\"\nowner = \"ada\"\nbead = \"S-1\"\nwhy = \"So.\"\n\
                reproduce = \"make load\"\nremediation = [\"Mend it.\"]\n\n[evidence.load]\npath = \"run:load.json\"\n\n[evidence.note]\n\
                path = \"repo:note.json\"\n\n[[check]]\nkind = \"holds\"\nthat = \"load.p95_ms <= policy.most && note.ok == 1\"\nexpect = \"requests are answered in time\"\n";
    put(place, "gates/shop/load.toml", gate);
    for (name, most) in [("now", 300), ("tight", 150), ("loose", 500)] {
        put(place, &format!("policies/{name}.toml"), &policy(name, most, "load"));
    }
    put(place, "note.json", "{\"ok\": 1}");
}

fn policy(name: &str, most: u32, gate: &str) -> String {
    format!(
        "schema = \"gatekeeper.policy/1\"\nid = \"{name}\"\ntitle = \"Shop\"\npacks = [\"shop\"]\n\n[lane.full]\nrule = \"full\"\n\n[[gate]]\nid = \"{gate}\"\n\
         blocking = true\nwaivable = false\n\n[parameter.most]\nvalue = {most}\ntighter = \"lower\"\ndoc = \"Milliseconds.\"\n"
    )
}

pub fn put(place: &Place, path: &str, text: &str) {
    let path = place.join(path);
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    fs::write(path, text).expect("a file");
}

fn text(path: PathBuf) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Judges a run in which requests take so long, and says where its verdict lies.
fn judged(place: &Place, name: &str, p95: u32, day: u32) -> Given {
    put(place, &format!("runs/{name}/load.json"), &format!("{{\"p95_ms\": {p95}}}"));
    put(place, &format!("runs/{name}/log.txt"), "the same in every run");
    let (run, out, root) =
        (text(place.join(&format!("runs/{name}"))), text(place.join(&format!("out/{name}"))), text(place.join(".")));
    let (policy, now) = (text(place.join("policies/now.toml")), format!("2026-03-{day:02}T12:00:00Z"));
    let (exit, said) = gatekeeper(&["verify", &run, "--root", &root, "--policy", &policy, "--out", &out, "--now", &now]);
    assert!(matches!(exit, Exit::Pass | Exit::Failed), "{said}");
    assert_eq!(exit == Exit::Pass, p95 <= 300, "{said}");
    let stamp = Stamp { project: "shop".to_owned(), branch: Some("main".to_owned()) };
    Given {
        path: place.join(&format!("out/{name}/full_suite_verdict.json")),
        run: Some(place.join(&format!("runs/{name}"))),
        root: place.path().to_owned(),
        stamp,
    }
}

fn kept(store: &Store, given: &Given) -> Keeping {
    record(store, given).expect("recorded");
    keep_evidence(store, given).expect("kept")
}

/// A store with a run at 200 ms, which passes, and one at 400, which fails.
fn two(place: &Place) -> Store {
    repository(place);
    let store = Store::make(&place.join("store")).expect("a store");
    for (name, p95, day) in [("a", 200, 2), ("b", 400, 3)] {
        let keeping = kept(&store, &judged(place, name, p95, day));
        assert_eq!((keeping.files, keeping.left_out.len()), (3, 0), "two of the run, one of the repository");
    }
    store
}

fn replay(place: &Place, policy: &str, more: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper-history"))
        .args([
            "replay",
            "--policy",
            &text(place.join(&format!("policies/{policy}.toml"))),
            "--root",
            &text(place.join(".")),
        ])
        .args(more)
        .env("GATEKEEPER_HISTORY_STORE", place.join("store"))
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn document(place: &Place, policy: &str) -> (i32, Value) {
    let (exit, out, err) = replay(place, policy, &["-o", "json"]);
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}")))
}

fn counts(document: &Value) -> [&Value; 4] {
    ["runs", "change", "stay", "unknown"].map(|key| &document[key])
}

#[test]
fn a_tighter_limit_fails_what_passed_and_a_looser_one_passes_what_failed() {
    let place = Place::new("whatif");
    two(&place);
    // What lies there today does not matter: the run and the note are those of then.
    fs::remove_dir_all(place.join("runs")).expect("gone");
    put(&place, "note.json", "{\"ok\": 0}");
    let (exit, same) = document(&place, "now");
    assert_eq!((exit, counts(&same)), (0, [&json!(2), &json!(0), &json!(2), &json!(0)]), "{same}");
    let (exit, tight) = document(&place, "tight");
    assert_eq!((exit, counts(&tight)), (0, [&json!(2), &json!(1), &json!(1), &json!(0)]), "{tight}");
    let own = &tight["outcomes"][0];
    assert_eq!((&own["ruling"], &own["after"], &own["would"]), (&json!("pass"), &json!("fail"), &json!("change")));
    assert_eq!((&own["gates"][0]["gate"], &own["gates"][0]["after"]), (&json!("load"), &json!("fail")));
    assert!(own["gates"][0]["findings"][0].as_str().is_some_and(|why| why.contains("200")), "{own}");
    let (exit, loose) = document(&place, "loose");
    assert_eq!((exit, counts(&loose)), (0, [&json!(2), &json!(1), &json!(1), &json!(0)]), "{loose}");
    let own = &loose["outcomes"][1];
    assert_eq!(
        (&own["ruling"], &own["after"], &own["gates"][0]["before"]),
        (&json!("fail"), &json!("pass"), &json!("fail"))
    );
    assert_eq!((tight["schema"].clone(), tight["policy"].clone()), (json!("gatekeeper.history-replay/1"), json!("tight")));
    let (exit, out, _) = replay(&place, "tight", &[]);
    assert!(
        exit == 0 && out.starts_with("2 runs under policy `tight`: 1 would change, 1 would stay\n\npass -> fail  "),
        "{out}"
    );
    assert!(out.contains("shop/main") && out.contains("    load: pass -> fail\n"), "{out}");
    let (exit, out, _) = replay(&place, "tight", &["-o", "html", "--since", "2026-03-03"]);
    assert!(
        exit == 0 && out.contains("1 run under policy `tight`: 0 would change") && out.contains("<h2>Would change</h2>"),
        "{out}"
    );
}

#[test]
fn what_was_not_kept_is_unknown_and_never_unchanged() {
    let place = Place::new("notkept");
    let store = two(&place);
    let given = judged(&place, "c", 250, 4);
    record(&store, &given).expect("recorded");
    let (exit, told) = document(&place, "now");
    assert_eq!((exit, counts(&told)), (1, [&json!(3), &json!(0), &json!(2), &json!(1)]), "{told}");
    assert!(told["outcomes"][2]["because"][0].as_str().is_some_and(|why| why.contains("was not kept")), "{told}");
    let (_, out, _) = replay(&place, "now", &[]);
    assert!(out.contains("2 would stay, 1 unknown") && out.contains("pass -> unknown"), "{out}");
    // Keeping it later is no other thing than keeping it at once.
    keep_evidence(&store, &given).expect("kept");
    assert_eq!(document(&place, "now").0, 0);
    // A policy that reads what the recorded verdict did not read.
    let gate = fs::read_to_string(place.join("gates/shop/load.toml")).expect("a gate");
    let other = gate.replace("id = \"load\"", "id = \"other\"").replace("repo:note.json", "repo:other.json");
    put(&place, "gates/other/other.toml", &other);
    put(&place, "other.json", "{\"ok\": 1}");
    put(&place, "policies/other.toml", &policy("other", 300, "other").replace("\"shop\"", "\"other\""));
    let (exit, told) = document(&place, "other");
    assert_eq!((exit, counts(&told)), (1, [&json!(3), &json!(0), &json!(0), &json!(3)]), "{told}");
    assert!(told["outcomes"][0]["because"][0].as_str().is_some_and(|why| why.contains("`other.json`")), "{told}");
}

#[test]
fn damaged_and_missing_evidence_is_told_by_name() {
    let place = Place::new("damaged-evidence");
    let store = two(&place);
    let object = keep::object_at(&store, &digest(b"{\"p95_ms\": 200}"));
    let whole = fs::read(&object).expect("an object");
    let mut flipped = whole.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let other = zstd::encode_all(&b"{\"p95_ms\": 900}"[..], 1).expect("compressed");
    let mut looked = 0;
    for damage in [Some(&whole[..whole.len() / 2]), Some(&flipped), Some(&other), None] {
        match damage {
            Some(bytes) => fs::write(&object, bytes).expect("damaged"),
            None => fs::remove_file(&object).expect("gone"),
        }
        let (exit, out, err) = replay(&place, "tight", &["-o", "json"]);
        let told: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((exit, counts(&told)), (3, [&json!(2), &json!(0), &json!(1), &json!(1)]), "{out}");
        let why = told["outcomes"][0]["because"][0].as_str().expect("a phrase");
        assert!(why.starts_with("`load.json`: ") && err.contains("what is kept of 1 of 2 runs is damaged"), "{why} {err}");
        let faults = verify(&store).expect("a store").faults;
        assert!(faults.len() == 1 && faults[0].contains(&digest(b"{\"p95_ms\": 200}")), "{faults:?}");
        looked += 1;
    }
    assert_eq!(looked, 4);
    fs::write(&object, whole).expect("mended");
    assert_eq!(document(&place, "tight").0, 0);
    let path = keep::list_at(&store, store.snapshot().expect("a store").alone.keys().next().expect("a run"));
    fs::write(&path, "{").expect("damaged");
    assert_eq!(document(&place, "tight").0, 3);
    assert!(verify(&store).expect("a store").faults.iter().any(|fault| fault.contains("is damaged")));
}

#[test]
fn what_several_runs_have_is_kept_once_and_twice_is_once() {
    let place = Place::new("once");
    let store = two(&place);
    let looked = kept_look::look(&store, true).expect("a store");
    // Two documents, two measurements, one log, one note.
    assert_eq!((looked.runs, looked.objects, looked.faults.len(), looked.left_over.len()), (2, 6, 0, 0), "{looked:?}");
    let given = judged(&place, "a", 200, 2);
    assert_eq!(keep_evidence(&store, &given).expect("known").added, 0);
    // Several at a time, of one run and of others.
    let more: Vec<Given> = (0..6).map(|at| judged(&place, &format!("m{}", at % 3), 100 + at % 3, 5 + at % 3)).collect();
    std::thread::scope(|scope| {
        for given in &more {
            scope.spawn(|| kept(&store, given));
        }
    });
    let looked = kept_look::look(&store, true).expect("a store");
    assert_eq!((looked.runs, looked.objects, looked.faults.len(), looked.left_over.len()), (5, 12, 0, 0), "{looked:?}");
    assert_eq!(counts(&document(&place, "now").1), [&json!(5), &json!(0), &json!(5), &json!(0)]);
    // What a killed writer left is swept, and nothing else.
    fs::remove_file(keep::list_at(&store, store.snapshot().expect("a store").alone.keys().next().expect("a run")))
        .expect("never written");
    let orphans = kept_look::look(&store, true).expect("a store");
    assert!(orphans.faults.is_empty() && !orphans.left_over.is_empty(), "{orphans:?}");
    assert_eq!(kept_look::sweep(&store, std::time::Duration::from_secs(3_600)).expect("young"), 0);
    assert_eq!(kept_look::sweep(&store, std::time::Duration::ZERO).expect("swept"), orphans.left_over.len());
    let (exit, told) = document(&place, "now");
    assert_eq!((exit, counts(&told)), (1, [&json!(5), &json!(0), &json!(4), &json!(1)]), "{told}");
}

#[test]
fn a_secret_is_never_kept_and_another_file_than_the_judged_one_neither() {
    let place = Place::new("secrets");
    repository(&place);
    let store = Store::make(&place.join("store")).expect("a store");
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    put(&place, "runs/a/load.json", "");
    put(&place, "runs/a/env.txt", &format!("TOKEN={token}\n"));
    let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(place.join("runs/a/wide.bin"), wide).expect("a file");
    let given = judged(&place, "a", 200, 2);
    let keeping = kept(&store, &given);
    let names: Vec<&str> = keeping.left_out.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!((keeping.files, names), (3, vec!["env.txt", "wide.bin"]), "{keeping:?}");
    assert!(
        keeping.left_out.iter().all(|(_, why)| why.contains("looks like a secret") && !why.contains("ghp_")),
        "{keeping:?}"
    );
    // What no gate reads does not matter.
    assert_eq!(document(&place, "tight").0, 0);
    let given = judged(&place, "b", 210, 3);
    record(&store, &given).expect("recorded");
    put(&place, "runs/b/load.json", "{\"p95_ms\": 1}");
    let fault = keep_evidence(&store, &given).expect_err("changed");
    assert!(fault.exit() == 3 && fault.to_string().contains("it was changed since"), "{fault}");
    fs::remove_file(place.join("runs/b/load.json")).expect("gone");
    assert!(keep_evidence(&store, &given).expect_err("gone").to_string().contains("it is gone"));
    assert_eq!(document(&place, "now").1["unknown"], json!(1));
}

#[test]
fn an_unsound_policy_judges_nothing() {
    let place = Place::new("unsound");
    two(&place);
    put(&place, "policies/odd.toml", &policy("odd", 1, "load").replace("blocking", "blokcing"));
    let (exit, out, err) = replay(&place, "odd", &[]);
    assert!(exit == 2 && out.is_empty() && err.contains("blokcing") && err.contains("not sound"), "{exit} {out} {err}");
}

#[test]
fn what_the_verdict_did_not_read_is_that_of_its_commit() {
    let place = Place::new("commit");
    repository(&place);
    let git = |arguments: &[&str]| {
        let name = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let done = Command::new("git").arg("-C").arg(place.path()).args(name).args(arguments).output().expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    put(&place, ".gitignore", "/runs\n/out\n/store\n");
    put(&place, "other.json", "{\"ok\": 1}");
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    let store = Store::make(&place.join("store")).expect("a store");
    kept(&store, &judged(&place, "a", 200, 2));
    let gate = fs::read_to_string(place.join("gates/shop/load.toml")).expect("a gate");
    let other = gate.replace("id = \"load\"", "id = \"other\"").replace("repo:note.json", "repo:other.json");
    put(&place, "gates/other/other.toml", &other);
    put(&place, "policies/other.toml", &policy("other", 300, "other").replace("\"shop\"", "\"other\""));
    put(&place, "other.json", "{\"ok\": 0}");
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "two"]);
    let (exit, told) = document(&place, "other");
    assert_eq!((exit, counts(&told)), (0, [&json!(1), &json!(0), &json!(1), &json!(0)]), "{told}");
    let turned = told["outcomes"][0]["gates"].as_array().expect("gates");
    let ways: Vec<[&Value; 3]> = turned.iter().map(|gate| ["gate", "before", "after"].map(|key| &gate[key])).collect();
    assert_eq!(ways, [[&json!("load"), &json!("pass"), &json!(null)], [&json!("other"), &json!(null), &json!("pass")]]);
    // Where the repository is not here, nobody knows what stood in it.
    fs::rename(place.join(".git"), place.join("git.away")).expect("away");
    let (exit, told) = document(&place, "other");
    assert_eq!((exit, &told["unknown"]), (1, &json!(1)), "{told}");
}
