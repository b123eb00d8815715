//! Renewals follow an exception from file to file: whatever its file is called, and whoever moves it where.

use crate::support::definitions::{Files, Place, write};
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;

const NOW: &str = "2026-03-02T12:00:00Z";

/// Definitions whose exceptions file has this path; the rest of them is always the same.
fn definitions(exceptions: &str) -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let gate = |id: &str, rest: &str| {
        let text = format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"{id}\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\n\
             reproduce = \"make {id}\"\nremediation = [\"Mend it.\"]\n{rest}"
        );
        (format!("gates/mine/{id}.toml"), text)
    };
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain(
            "policies/mine.toml",
            &format!(
                "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\nledger = [\"repo:{exceptions}\"]\n\
                 [[gate]]\nid = \"score\"\nblocking = true\n[[gate]]\nid = \"waivers\"\nblocking = true\nwaivable = false\n\
                 [lane.full]\nrule = \"full\"\n"
            ),
        ),
        gate("score", "[evidence.s]\npath = \"repo:s.json\"\n[[check]]\nkind = \"holds\"\nthat = \"s.failed == 0\"\n"),
        gate(
            "waivers",
            &format!(
                "[evidence.l]\npath = \"repo:{exceptions}\"\n[[check]]\nkind = \"waiver-lifecycle\"\nledger = \"l\"\n\
                 [[check]]\nkind = \"quarantine-lifecycle\"\nledger = \"l\"\n"
            ),
        ),
        plain("s.json", "{\"failed\": 1}"),
    ])
}

fn waiver(first: &str, last: &str) -> String {
    format!(
        "schema = \"gatekeeper.ledger/1\"\n[waiver.score]\nowner = \"me\"\nbead = \"b-2\"\nreason = \"Later.\"\ncreated = \"{first}\"\n\
         expires = \"{last}\"\nscope = [\"full\"]\nexit_criterion = \"Done.\"\n"
    )
}

const NONE: &str = "schema = \"gatekeeper.ledger/1\"\n";

/// Makes the work tree these files, and a commit of them at noon of a day.
fn commit(place: &Place, day: &str, files: &Files) {
    for entry in
        fs::read_dir(place.path()).expect("listed").filter_map(Result::ok).filter(|entry| entry.file_name() != ".git")
    {
        let path = entry.path();
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
    }
    write(&place.path(), files);
    let repository =
        git2::Repository::open(place.path()).or_else(|_| git2::Repository::init(place.path())).expect("opened");
    let mut index = repository.index().expect("an index");
    index.clear().expect("cleared");
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("added");
    index.write().expect("written");
    let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("found");
    let noon = chrono::DateTime::parse_from_rfc3339(&format!("{day}T12:00:00Z")).expect("a day").timestamp();
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(noon, 0)).expect("sound");
    let parents: Vec<_> = repository.head().ok().and_then(|head| head.peel_to_commit().ok()).into_iter().collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, day, &tree, &parents).expect("committed");
}

/// One commit: its day, the exceptions file that the policy names, and every file of entries.
type Step<'t> = (&'t str, &'t str, &'t [(&'t str, &'t str)]);

#[test]
fn an_entry_that_moves_to_another_file_is_the_same_entry() {
    let (first, second) = (waiver("2026-01-05", "2026-01-25"), waiver("2026-01-05", "2026-02-12"));
    let (third, anew) = (waiver("2026-01-05", "2026-03-10"), waiver("2026-02-11", "2026-03-10"));
    let renewed: [Step<'_>; 2] =
        [("2026-01-05", "a.toml", &[("a.toml", &first)]), ("2026-01-24", "a.toml", &[("a.toml", &second)])];
    let spelled = second.replace("expires", "until");
    let spelled_third = third.replace("expires", "until");
    let fields =
        "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n[ledger.fields]\nexpires = \"until\"\n";
    // What becomes of the entry after two versions of it in `a.toml`, and how often it was renewed.
    let rows: [(&str, &[Step<'_>], u64); 10] = [
        ("it stays", &[("2026-02-11", "a.toml", &[("a.toml", &third)])], 2),
        ("its file is renamed", &[("2026-02-11", "b.toml", &[("b.toml", &third)])], 2),
        ("its file is renamed, and its first day moved", &[("2026-02-11", "b.toml", &[("b.toml", &anew)])], 2),
        (
            "its file goes in one commit, and another comes in the next",
            &[("2026-02-11", "a.toml", &[]), ("2026-02-11", "conf/b.toml", &[("conf/b.toml", &anew)])],
            2,
        ),
        (
            "its file is emptied, and another one named",
            &[("2026-02-11", "b.toml", &[("a.toml", NONE), ("b.toml", &anew)])],
            2,
        ),
        (
            "another file was prepared long before",
            &[
                ("2026-01-26", "a.toml", &[("a.toml", &second), ("b.toml", NONE)]),
                ("2026-02-11", "b.toml", &[("a.toml", NONE), ("b.toml", &anew)]),
            ],
            2,
        ),
        (
            "it moves on twice",
            &[("2026-01-26", "b.toml", &[("b.toml", &second)]), ("2026-02-11", "c.toml", &[("c.toml", &anew)])],
            2,
        ),
        (
            "fields are spelled otherwise",
            &[
                ("2026-01-26", "a.toml", &[("a.toml", &spelled), ("gatekeeper.toml", fields)]),
                ("2026-02-11", "a.toml", &[("a.toml", &spelled_third), ("gatekeeper.toml", fields)]),
            ],
            2,
        ),
        // The other side: what is not the same entry.
        (
            "it was gone for whole days",
            &[("2026-02-01", "a.toml", &[("a.toml", NONE)]), ("2026-02-11", "b.toml", &[("b.toml", &anew)])],
            0,
        ),
        (
            "another file still has its own of this name",
            &[("2026-02-11", "b.toml", &[("a.toml", &second), ("b.toml", &anew)])],
            0,
        ),
    ];
    let mut seen = 0;
    for (what, steps, renewals) in rows {
        let place = Place::new(&Files::new());
        commit(&place, "2026-01-01", &definitions("a.toml"));
        for (day, exceptions, entries) in renewed.iter().chain(steps) {
            let mut files = definitions(exceptions);
            files.extend(entries.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
            commit(&place, day, &files);
        }
        let (_, out, said) = place.run(&["waivers", "audit", "--json", "--now", NOW]);
        let audit: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{what}: {error}: {out}{said}"));
        assert_eq!(audit.pointer("/entries/0/renewals"), Some(&renewals.into()), "{what}: {audit}");
        let exit = place.run(&["verify", "--now", NOW, "--dry-run", "--quiet"]).0;
        assert_eq!(exit, if renewals == 2 { Exit::Failed } else { Exit::Pass }, "{what}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn an_entry_that_no_gate_takes_is_told_to_have_no_effect() {
    let mut seen = 0;
    for (check, warned) in [
        ("kind = \"holds\"\nthat = \"r.totals.failed == 0\"", true),
        ("kind = \"tests-pass\"\nevidence = \"r\"", true),
        ("kind = \"tests-pass\"\nevidence = \"r\"\nledger = \"l\"", false),
    ] {
        let mut files = definitions("a.toml");
        let head = files["gates/mine/score.toml"].split("[evidence.s]").next().expect("a head").to_owned();
        let ledger = if warned { "" } else { "[evidence.l]\npath = \"repo:a.toml\"\n" };
        let gate = format!("{head}[evidence.r]\npath = \"repo:r.xml\"\n{ledger}[[check]]\n{check}\n");
        files.insert("gates/mine/score.toml".to_owned(), gate);
        files.insert("a.toml".to_owned(), NONE.to_owned());
        let place = Place::new(&Files::new());
        commit(&place, "2026-01-01", &files);
        let add = [
            "quarantine",
            "add",
            "s::t",
            "--category",
            "FLAKE-NET",
            "--owner",
            "o",
            "--bead",
            "b",
            "--reason",
            "r",
            "--expires",
            "2026-03-09",
            "--evidence",
            "e",
            "--reproduce",
            "c",
            "--exit-criterion",
            "x",
            "--now",
            NOW,
        ];
        let (exit, _, said) = place.run(&add);
        assert_eq!((exit, said.contains("so this one has no effect")), (Exit::Pass, warned), "{check}: {said}");
        seen += 1;
    }
    assert_eq!(seen, 3);
}
