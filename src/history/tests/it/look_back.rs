//! Gates that look back: judged with answers from a store, and without.

use crate::made::{Made, Place, made, stored};
use crate::real_runs::gatekeeper;
use crate::what_if::put;
use gatekeeper::cli::Exit;
use gatekeeper::report::history::{Measure, Row};
use gatekeeper_history::look_back::Own;
use gatekeeper_history::store::Store;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// When the runs of these tests are judged: behind all that are recorded.
const NOW: &str = "2026-01-30T12:00:00Z";

fn gate(name: &str, evidence: &str, checks: &str) -> String {
    format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"{name}\"\ntitle = \"Looks back\"\nowner = \"ada\"\nbead = \"S-1\"\nwhy = \"So.\"\n\
         reproduce = \"make it\"\nremediation = [\"Mend it.\"]\n\n{evidence}\n{checks}\n"
    )
}

/// Three green runs in a row on this commit.
fn green() -> String {
    gate(
        "green",
        "[evidence.latest]\nquery = \"latest-runs\"\nparameters = { most = 3 }\nrows_min = 3\n",
        "[[check]]\nkind = \"each-holds\"\nin = \"latest.rows\"\nas = \"before\"\nthat = \"before.ruling == 'pass'\"\nexpect = \"three green runs in a row\"\n",
    )
}

/// Coverage is not below the median of the last 20 runs.
fn ratchet() -> String {
    gate(
        "ratchet",
        "[evidence.cov]\npath = \"repo:cov.json\"\n\n[evidence.base]\nquery = \"baseline\"\n\
         parameters = { gate = \"coverage\", what = \"lines covered\", most = 20, fewest = 20 }\n",
        "[[check]]\nkind = \"holds\"\nthat = \"cov.total >= base.rows[0].median\"\nexpect = \"coverage is not below the median of 20 runs\"\n",
    )
}

/// p95 within 10 % of the last month.
fn within() -> String {
    gate(
        "within",
        "[evidence.load]\npath = \"repo:load.json\"\n\n[evidence.month]\nquery = \"month.sql\"\nmax_age = \"10m\"\n",
        "[[check]]\nkind = \"holds\"\nthat = \"load.p95 <= month.rows[0].p95 * 1.1\"\nexpect = \"p95 within 10 % of last month\"\n",
    )
}

const MONTH: &str = "-- title: p95\n-- answers: The median of p95 over 30 days.\n-- param: now = '': the end\n\
    SELECT median(value) AS p95 FROM measures WHERE what = 'p95'\n\
    AND date_part('epoch', judged_at) >= date_part('epoch', to_timestamp($now)) - 30 * 86400 HAVING count(*) >= 5\n";

fn repository(place: &Place, names: &[(&str, String)]) {
    let terms = names.iter().map(|(name, text)| {
        put(place, &format!("repo/gates/shop/{name}.toml"), text);
        format!("[[gate]]\nid = \"{name}\"\nblocking = true\nwaivable = false\n\n")
    });
    let terms: String = terms.collect();
    put(
        place,
        "repo/policies/p.toml",
        &format!(
            "schema = \"gatekeeper.policy/1\"\nid = \"p\"\ntitle = \"Shop\"\npacks = [\"shop\"]\n\n[lane.full]\nrule = \"full\"\n\n{terms}"
        ),
    );
    put(place, "repo/gates/shop/month.sql", MONTH);
    put(place, "repo/cov.json", "{\"total\": 91.5}");
    put(place, "repo/load.json", "{\"p95\": 109}");
    git(place, &["init", "-q", "-b", "main"]);
    git(place, &["add", "-A"]);
    git(place, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"]);
}

fn git(place: &Place, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(place.join("repo")).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().to_str().expect("UTF-8").to_owned()
}

fn judge(place: &Place, more: &[&str]) -> (i32, String) {
    let (root, policy) = (text(place.join("repo")), text(place.join("repo/policies/p.toml")));
    let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper-history"))
        .args(["verify", "--root", &root, "--policy", &policy, "--now", NOW, "--dry-run"])
        .args(more)
        .env_remove("GATEKEEPER_HISTORY_STORE")
        .output()
        .expect("it runs");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The made runs, with this commit, these rulings in turn, and a p95 of 100 each.
fn runs(count: i64, commit: &str, ruling: &dyn Fn(usize) -> &'static str) -> Vec<Made> {
    let mut all = made(count, 7);
    for (at, one) in all.iter_mut().enumerate() {
        let mut p95 = None;
        for row in &mut one.rows {
            match row {
                Row::Runs(own) => {
                    own.key.commit = Some(commit.to_owned());
                    ruling(at).clone_into(&mut own.ruling);
                }
                Row::Measures(own) => p95 = Some(Measure { what: "p95".to_owned(), value: 100.0, ..own.clone() }),
                _ => {}
            }
        }
        one.rows.extend(p95.map(Row::Measures));
    }
    all
}

#[test]
fn three_green_runs_in_a_row_on_this_commit() {
    let place = Place::new("green");
    repository(&place, &[("green", green())]);
    let head = git(&place, &["rev-parse", "HEAD"]);
    let store = |name: &str, all: &[Made]| {
        let inner = Place::new(name);
        (text(stored(&inner, all).root()), inner)
    };
    let (passing, _one) = store("passing", &runs(10, &head, &|at| if at < 7 { "fail" } else { "pass" }));
    let (exit, said) = judge(&place, &["--store", &passing]);
    assert_eq!(exit, 0, "{said}");
    let (failing, _two) = store("failing", &runs(10, &head, &|at| if at == 8 { "fail" } else { "pass" }));
    let (exit, said) = judge(&place, &["--store", &failing]);
    assert!(exit == 1 && said.contains("verdict: FAIL"), "{exit} {said}");
    // Two runs of this commit are too short a history, whatever others came to.
    let mut all = runs(10, &"1".repeat(40), &|_| "pass");
    all.truncate(8);
    all.extend(runs(10, &head, &|_| "pass").split_off(8));
    let (short, _three) = store("short", &all);
    let (exit, said) = judge(&place, &["--store", &short]);
    assert_eq!(exit, 3, "{said}");
    // One run that was judged three times is one run: by its id, and where it states none by what was read of it.
    for named in [true, false] {
        let mut again = runs(10, &head, &|_| "pass").split_off(7);
        for row in again.iter_mut().flat_map(|one| &mut one.rows) {
            match row {
                Row::Runs(own) => own.run_id = named.then(|| "run-1".to_owned()),
                Row::Evidence(own) if !named => own.sha256 = Some("a".repeat(64)),
                _ => {}
            }
        }
        let (again, _four) = store(&format!("again-{named}"), &again);
        let (exit, said) = judge(&place, &["--store", &again]);
        assert_eq!(exit, 3, "{said}");
    }
    // Runs of another branch or project do not count, and an empty store has none.
    let (exit, said) = judge(&place, &["--store", &passing, "--project", "nobody"]);
    assert_eq!(exit, 3, "{said}");
    let empty = Place::new("empty");
    Store::make(&empty.join("store")).expect("a store");
    assert_eq!(judge(&place, &["--store", &text(empty.join("store"))]).0, 3);
    // A store that is damaged, or none at all, is no pass.
    let parquet = Store::open(Path::new(&passing)).expect("a store").snapshot().expect("sound");
    let file = Path::new(&passing).join(&parquet.files().find(|file| file.table == "runs").expect("a file").path);
    fs::write(&file, "damaged").expect("written");
    let (exit, said) = judge(&place, &["--store", &passing]);
    assert!(exit == 3 && said.contains("is damaged") && said.contains("the question `latest-runs`"), "{exit} {said}");
    let (exit, said) = judge(&place, &["--store", &text(place.join("gone"))]);
    assert!(exit == 3 && said.contains("is no store"), "{exit} {said}");
    let (exit, said) = judge(&place, &[]);
    assert!(exit == 3 && said.contains("there is no `--store DIR`"), "{exit} {said}");
}

#[test]
fn gatekeeper_alone_is_undecided_and_says_what_to_do() {
    let place = Place::new("alone");
    repository(&place, &[("green", green())]);
    let (root, policy) = (text(place.join("repo")), text(place.join("repo/policies/p.toml")));
    let (exit, said) = gatekeeper(&["verify", "--root", &root, "--policy", &policy, "--now", NOW, "--dry-run"]);
    assert_eq!(exit, Exit::Gap, "{said}");
    assert!(said.contains("gatekeeper-history verify --store DIR"), "{said}");
}

#[test]
fn an_answer_of_another_question_commit_or_time_is_none() {
    let place = Place::new("answers");
    repository(&place, &[("green", green())]);
    let head = git(&place, &["rev-parse", "HEAD"]);
    let inner = Place::new("sound");
    let store = text(stored(&inner, &runs(10, &head, &|_| "pass")).root());
    let kept = text(place.join("answers"));
    assert_eq!(judge(&place, &["--store", &store, "--answers", &kept]).0, 0);
    let directory = place.join("answers/history-answers");
    let path = fs::read_dir(&directory).expect("answers").next().expect("one").expect("a file").path();
    let sound = fs::read_to_string(&path).expect("an answer");
    let (root, policy) = (text(place.join("repo")), text(place.join("repo/policies/p.toml")));
    let judged = |now: &str| {
        gatekeeper(&[
            "verify",
            "--root",
            &root,
            "--policy",
            &policy,
            "--now",
            now,
            "--dry-run",
            "--history",
            &text(&directory),
        ])
    };
    assert_eq!(judged(NOW).0, Exit::Pass, "an answer that was kept can be judged again");
    let mut looked = 0;
    let sha = sound.split("\"sha256\":\"").nth(1).expect("a digest").split('"').next().expect("a digest").to_owned();
    for (what, with) in [
        ("\"ruling\":\"pass\"", "\"ruling\":null"),
        (head.as_str(), &"2".repeat(40)),
        (sha.as_str(), &"3".repeat(64)),
        ("gatekeeper.history-answer/1", "gatekeeper.history-answer/2"),
        ("\"asked_at\":\"2026-01-30T12:00:00Z\"", "\"asked_at\":\"2026-01-30T10:00:00Z\""),
        ("\"asked_at\"", "\"asked\""),
        ("\"rows\":[", "\"rows\":[],\"others\":["),
        ("{", ""),
    ] {
        let other = sound.replace(what, with);
        assert_ne!(other, sound, "{what}");
        fs::write(&path, other).expect("written");
        let (exit, said) = judged(NOW);
        assert_eq!(exit, Exit::Gap, "{what}: {said}");
        looked += 1;
    }
    assert_eq!(looked, 8);
    fs::write(&path, &sound).expect("written");
    assert_eq!(judged("2026-01-30T14:00:00Z").0, Exit::Gap, "an answer of two hours ago");
    fs::remove_file(&path).expect("gone");
    let (exit, said) = judged(NOW);
    assert!(exit == Exit::Gap && said.contains("gatekeeper-history verify"), "{said}");
}

#[test]
fn a_value_is_held_against_earlier_ones() {
    let place = Place::new("ratchet");
    repository(&place, &[("ratchet", ratchet()), ("within", within())]);
    let head = git(&place, &["rev-parse", "HEAD"]);
    let inner = Place::new("values");
    let all = runs(60, &head, &|_| "pass");
    let store = text(stored(&inner, &all).root());
    // The same computed another way.
    let mut values: Vec<f64> = all
        .iter()
        .rev()
        .take(20)
        .flat_map(|one| &one.rows)
        .filter_map(
            |row| if let Row::Measures(own) = row { (own.what == "lines covered").then_some(own.value) } else { None },
        )
        .collect();
    values.sort_by(f64::total_cmp);
    let median = (values[9] + values[10]) / 2.0;
    for (total, exit) in [(median, 0), (median - 0.001, 1)] {
        put(&place, "repo/cov.json", &format!("{{\"total\": {total}}}"));
        let (code, said) = judge(&place, &["--store", &store]);
        assert_eq!(code, exit, "{total}: {said}");
    }
    put(&place, "repo/cov.json", "{\"total\": 99}");
    for (p95, exit) in [(109, 0), (111, 1)] {
        put(&place, "repo/load.json", &format!("{{\"p95\": {p95}}}"));
        let (code, said) = judge(&place, &["--store", &store]);
        assert_eq!(code, exit, "{p95}: {said}");
    }
    put(&place, "repo/load.json", "{\"p95\": 100}");
    // Nineteen runs are too few for one of the gates.
    let short = Place::new("nineteen");
    let store = text(stored(&short, &runs(19, &head, &|_| "pass")).root());
    let (code, said) = judge(&place, &["--store", &store]);
    assert_eq!(code, 3, "{said}");
    // A statement of the repository that is not sound leaves its gate without an answer.
    put(&place, "repo/gates/shop/month.sql", &MONTH.replace("measures", "nothing"));
    let (code, said) = judge(&place, &["--store", &text(inner.join("store"))]);
    assert!(code == 3 && said.contains("the question `month.sql`"), "{said}");
}

#[test]
fn our_own_arguments_are_taken_out_of_the_others() {
    let given = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
    let own = Own::of(&given("RUN --store s --policy p --branch=main -o plain --project shop")).expect("sound");
    assert_eq!((own.store, own.branch.as_deref(), own.project.as_deref()), (Some("s".into()), Some("main"), Some("shop")));
    assert_eq!(own.rest, given("RUN --policy p -o plain"));
    assert!(Own::of(&given("RUN --store")).is_err());
}
