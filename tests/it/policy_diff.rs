//! `gatekeeper policy diff`: each way to weaken definitions is one row, and its inverse tightens them.

mod base;
mod judged;
mod rows;

use crate::support::definitions::{Files, Place, edited, write};
use crate::support::gatekeeper;
use gatekeeper::cli::Exit;
use gatekeeper::compare::{self, Change, Definitions};
use gatekeeper::definition::Keys;
use gatekeeper::gate::{CheckKind, Registry};
use gatekeeper::load::{self, Selection};
use gatekeeper::pipeline;
use gatekeeper::workspace::Memory;
use rows::Row;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The changes between two versions, through directories.
fn diff(base: &Files, head: &Files) -> (Exit, Value) {
    let (from, to) = (Place::new(base), Place::new(head));
    let (from, to) = (text(&from.path()), text(&to.path()));
    let (exit, out, said) = gatekeeper(&["policy", "diff", &from, &to, "--root", &from, "-o", "json"], &[]);
    assert!(exit != Exit::Usage, "{said}");
    (exit, serde_json::from_str(&out).expect("JSON"))
}

/// Class, gate and subject of each change.
fn changes(diff: &Value) -> Vec<(String, String)> {
    let word = |change: &Value, key: &str| change[key].as_str().unwrap_or_default().to_owned();
    let rows = diff["changes"].as_array().expect("changes").iter();
    rows.map(|change| {
        let (gate, what) = (word(change, "gate"), word(change, "what"));
        (word(change, "class"), if gate.is_empty() { what } else { format!("{gate}: {what}") })
    })
    .collect()
}

/// Everything of a diff but how its ends were named.
fn bare(mut diff: Value) -> Value {
    for end in ["base", "head"] {
        for key in ["given", "commit"] {
            diff[end][key] = Value::Null;
        }
    }
    diff
}

/// Definitions without a disk.
fn loaded(files: &Files) -> Result<Definitions, String> {
    let now = "2026-03-01T12:00:00Z".parse().expect("an instant");
    let workspace = files.iter().fold(Memory::at(now), |place, (path, text)| place.file(&format!("repo:{path}"), text));
    let loaded = pipeline::load(&workspace, &Selection::default());
    Definitions::new(&workspace, loaded).map_err(|(problems, _)| format!("{problems:?}"))
}

/// Class and subject of each change.
fn told(changes: &[Change]) -> Vec<(String, String)> {
    let what = |change: &Change| match &change.gate {
        Some(gate) => format!("{gate}: {}", change.what),
        None => change.what.clone(),
    };
    changes.iter().map(|change| (change.class.word().to_owned(), what(change))).collect()
}

/// What is wrong with a row, in both directions.
fn faults(row: &Row, forth: &[Change], back: &[Change]) -> Vec<String> {
    let mut faults = Vec::new();
    let find = |changes: &[Change]| -> Vec<(String, String)> {
        let all = changes.iter().zip(told(changes));
        all.filter(|(_, (_, what))| what == row.what).map(|(change, (class, _))| (class, change.reason.clone())).collect()
    };
    let class = row.class.to_owned();
    if !find(forth).iter().any(|(own, reason)| *own == class && reason.contains(row.reason)) {
        faults.push(format!("{}: not {class} because `{}`: {forth:?}", row.what, row.reason));
    }
    let opposite: &[&str] = match (row.class, row.pure) {
        ("weakening", true) => &["tightening"],
        ("weakening", false) => &["tightening", "neutral"],
        ("tightening", _) => &["weakening"],
        ("neutral", _) => &["neutral"],
        (_, _) => &["unclear"],
    };
    if !find(back).iter().any(|(own, _)| opposite.contains(&own.as_str())) {
        faults.push(format!("{} back: not {opposite:?}: {:?}", row.what, told(back)));
    }
    if row.class == "weakening" && row.pure && back.iter().any(|change| change.class.weakens()) {
        faults.push(format!("{} back weakens: {:?}", row.what, told(back)));
    }
    if forth.iter().any(|change| change.base.is_none() && change.head.is_none()) {
        faults.push(format!("{}: a change without a place: {forth:?}", row.what));
    }
    faults
}

#[test]
fn each_way_to_weaken_is_told_and_its_inverse_tightens() {
    let base = base::files();
    let from = loaded(&base).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(compare::compare(&from, &from), []);
    let (mut looked, mut wrong) = (0, Vec::new());
    for row in rows::ROWS {
        match loaded(&edited(&base, row.edits)) {
            Ok(to) => wrong.extend(faults(row, &compare::compare(&from, &to), &compare::compare(&to, &from))),
            Err(said) => wrong.push(format!("{}: {said}", row.what)),
        }
        looked += 1;
    }
    assert!(looked > 100, "only {looked} rows");
    assert!(wrong.is_empty(), "{} faults:\n{}\n", wrong.len(), wrong.join("\n"));
}

#[test]
fn directories_and_commits_compare_alike() {
    let base = base::files();
    let from = loaded(&base).unwrap_or_else(|said| panic!("{said}"));
    let place = Place::new(&base);
    let first = place.commit("base", &base);
    let mut looked = 0;
    // Some of every part of the table; a number that is no divisor of anything in it.
    for row in rows::ROWS.iter().step_by(7) {
        let head = edited(&base, row.edits);
        let expected = compare::compare(&from, &loaded(&head).unwrap_or_else(|said| panic!("{said}")));
        let (exit, there) = diff(&base, &head);
        let weakens = expected.iter().any(|change| change.class.weakens());
        assert_eq!(exit, if weakens { Exit::Failed } else { Exit::Pass }, "{}", row.what);
        assert_eq!(changes(&there), told(&expected), "{}", row.what);
        let second = place.commit("head", &head);
        let (again, out, said) = place.run(&["policy", "diff", &first, "head", "-o", "json"]);
        let commits: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{}: {said}", row.what));
        assert_eq!(commits["base"]["commit"], *first, "{}", row.what);
        assert_eq!(commits["head"]["commit"], *second, "{}", row.what);
        assert_eq!((again, bare(commits)), (exit, bare(there)), "{}", row.what);
        looked += 1;
    }
    assert!(looked > 15, "only {looked} rows");
}

#[test]
fn layout_is_no_change() {
    let base = base::files();
    let head = edited(
        &base,
        &[
            (
                "gates/mine/numbers.toml",
                "max = 99.5\ninteger = true\n",
                "# as agreed\ninteger   = true\nshards = \"each\"\nmax = 99.50\n",
            ),
            ("gates/mine/budget.toml", "max = \"250 ms\"", "max = \"0.25 s\""),
            ("gates/mine/numbers.toml", "max_age = \"5d\"", "max_age = \"120h\""),
            ("gates/mine/shape.json", "{\"type\": \"object\", ", "{\n  \"type\": \"object\",\n  "),
            (
                "policies/mine.toml",
                "[run]\nfile = \"environment.json\"\nid = \"/id\"\n",
                "[run]\nid = \"/id\"\nfile = \"environment.json\"\n",
            ),
            ("gates/mine/texts.toml", "format = \"text\"\n", "format = \"text\"\noptional = false\n"),
        ],
    );
    let (exit, diff) = diff(&base, &head);
    assert_eq!((exit, diff["status"].as_str(), changes(&diff)), (Exit::Pass, Some("same"), vec![]));
}

#[test]
fn every_pack_is_the_same_as_itself() {
    let mut looked = 0;
    for pack in load::builtin_policies() {
        let files = Files::from([(
            "gatekeeper.toml".to_owned(),
            format!("schema = \"gatekeeper.config/1\"\nextends = \"builtin:{pack}\"\n"),
        )]);
        let (exit, diff) = diff(&files, &files);
        assert_eq!((exit, diff["status"].as_str(), changes(&diff)), (Exit::Pass, Some("same"), vec![]), "{pack}");
        looked += 1;
    }
    assert!(looked >= 10, "only {looked} packs");
}

#[test]
fn another_pack_is_never_the_same() {
    let of = |pack: &str| {
        let config = format!("schema = \"gatekeeper.config/1\"\nextends = \"builtin:{pack}\"\n");
        Files::from([("gatekeeper.toml".to_owned(), config)])
    };
    let (exit, diff) = diff(&of("full-suite"), &of("test-results"));
    let found = changes(&diff);
    assert_eq!(exit, Exit::Failed);
    assert!(found.contains(&("unclear".to_owned(), "policy".to_owned())));
    assert!(found.contains(&("weakening".to_owned(), "waiver_lifecycle: gate".to_owned())), "{found:?}");
}

#[test]
fn what_does_not_load_is_never_without_weakening() {
    let base = base::files();
    let broken = [
        ("policies/mine.toml", "[lane.full]", "[lane.full"),
        ("gates/mine/numbers.toml", "min = 90", "min = \"ninety\""),
        ("gates/mine/numbers.toml", "kind = \"unique\"", "kind = \"uniqe\""),
        ("gatekeeper.toml", "extends = \"policies/mine.toml\"", "extends = \"policies/none.toml\""),
        ("gates/mine/shape.json", "\"object\"", "\"objekt\""),
        ("gates/mine/texts.toml", "schema = \"gatekeeper.gate/1\"", "schema = \"gatekeeper.gate/2\""),
        ("ledger.toml", "[suite.e2e]", "[suite.e2e"),
        ("ledger.toml", "owner = \"team\"\nbead = \"b-2\"", "bead = \"b-2\""),
        ("ledger.toml", "[suite.unit]", "[unknown.unit]"),
    ];
    let place = Place::new(&base);
    place.commit("base", &base);
    let mut looked = 0;
    for edit in broken {
        let head = edited(&base, &[edit]);
        let other = Place::new(&head);
        place.commit("head", &head);
        let directory = text(&other.path());
        for (from, to) in [("base", "head"), ("head", "base"), ("base", &*directory), (&*directory, "base")] {
            let (exit, out, said) = place.run(&["policy", "diff", from, to, "-o", "json"]);
            assert_eq!((exit, out.as_str()), (Exit::Usage, ""), "{edit:?}: {said}");
            assert!(said.contains("do not load") && said.contains("error["), "{edit:?}: {said}");
            looked += 1;
        }
    }
    assert_eq!(looked, 36);
}

#[test]
fn a_directory_is_never_taken_for_a_commit() {
    let base = base::files();
    let place = Place::new(&base);
    place.commit("base", &base);
    let weak = edited(&base, &[("gates/mine/numbers.toml", "min = 90", "min = 1")]);
    // A pull request has a directory with the name of the branch that it is compared with.
    write(&place.path().join("base"), &weak);
    write(&place.path().join("gone"), &weak);
    place.commit("head", &weak);
    assert_eq!(place.run(&["policy", "diff", "base", "head"]).0, Exit::Failed);
    let (exit, _, said) = place.run(&["policy", "diff", "base", "head", "--policy", "policies/none.toml"]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("the base `base` has no policy `policies/none.toml`"), "{said}");
    let (exit, _, said) = place.run(&["policy", "diff", "gone", "head"]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("git knows no such commit"), "{said}");
    for unknown in ["", "base..head", "HEAD", "refs/heads/none", "0000000000000000000000000000000000000000"] {
        assert_eq!(place.run(&["policy", "diff", unknown, "head"]).0, Exit::Usage, "{unknown}");
    }
}

#[test]
fn texts_of_a_pull_request_are_harmless() {
    let base = base::files();
    let hostile = "make \\u001b[2J ##[error]x <script> @team | `x`";
    let head = edited(&base, &[("gates/mine/numbers.toml", "make numbers", hostile)]);
    let (from, to) = (Place::new(&base), Place::new(&head));
    for (format, forbidden) in [("table", "\u{1b}"), ("json", "##["), ("markdown", "<script>"), ("markdown", " @team")] {
        let (from, to) = (text(&from.path()), text(&to.path()));
        let (exit, out, _) = gatekeeper(&["policy", "diff", &from, &to, "--root", &from, "-o", format], &[]);
        assert_eq!(exit, Exit::Failed);
        assert!(out.contains("reproduce") && !out.contains(forbidden) && !out.contains("##["), "{format}: {out}");
    }
}

#[test]
fn outputs_are_written_where_they_are_asked_for() {
    let base = base::files();
    let place = Place::new(&base);
    let (json, page) = (place.path().join("out/diff.json"), place.path().join("diff.md"));
    let outputs = [format!("json={}", json.display()), format!("markdown={}", page.display())];
    let path = text(&place.path());
    let (exit, out, _) = place.run(&["policy", "diff", &path, "-o", &outputs[0], "-o", &outputs[1], "-o", "table"]);
    assert_eq!(exit, Exit::Pass);
    assert!(out.starts_with("the definitions are the same"), "{out}");
    let written = std::fs::read_to_string(json).expect("written");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("JSON")["schema"], "gatekeeper.policy-diff/1");
    assert!(std::fs::read_to_string(page).expect("written").starts_with("### Release gates"));
    assert_eq!(place.run(&["policy", "diff", &path, "-o", "jsn"]).0, Exit::Usage);
    assert_eq!(place.run(&["policy", "diff", &path, "-o", "json="]).0, Exit::Usage);
}

#[test]
fn every_key_of_every_check_kind_says_which_way_is_stricter() {
    let (mut keys, mut kinds, mut silent) = (0, 0, Vec::new());
    for kind in gatekeeper::checks::CHECKS {
        for key in load::check_kind_keys(kind).iter().filter(|key| key.name != "kind") {
            if key.stricter.is_none() {
                silent.push(format!("{} {}", kind.id, key.name));
            }
            keys += 1;
        }
        kinds += 1;
    }
    assert!(kinds > 30 && keys > 200, "only {keys} keys of {kinds} kinds");
    assert!(silent.is_empty(), "say it with `keys.stricter(&[...])` in `parse`, `Unclear` if nobody can: {silent:?}");
}

/// A kind of somebody who did not think of `policy diff`.
static NEW: CheckKind = CheckKind {
    id: "within",
    about: "",
    docs: "",
    parse: |keys: &mut Keys<'_>| {
        keys.optional::<u64>("tolerance", "");
        (gatekeeper::checks::CHECKS.iter().find(|kind| kind.id == "within").expect("a kind").parse)(keys)
    },
};

#[test]
fn a_key_without_a_direction_weakens_with_every_change() {
    static CHECKS: &[&CheckKind] = &[&NEW];
    let registry = Registry { checks: CHECKS, ..pipeline::registry() };
    let of = |rest: &str| {
        let now = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let policy = "schema = \"gatekeeper.policy/1\"\nid = \"p\"\ntitle = \"P\"\n[[gate]]\nid = \"g\"\nblocking = true\n[lane.full]\nrule = \"full\"\n";
        let gate = format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"g\"\ntitle = \"G\"\nowner = \"o\"\nbead = \"b\"\nwhy = \"w\"\nreproduce = \"true\"\n\
             remediation = [\"r\"]\n[evidence.e]\npath = \"repo:e.json\"\n[[check]]\nkind = \"within\"\nvalue = \"e.n\"\nmin = 1\n{rest}"
        );
        let workspace = Memory::at(now).file("repo:policies/p.toml", policy).file("repo:gates/p/g.toml", gate);
        let loaded = load::load(&workspace, &registry, &Selection { policy: Some("policies/p.toml".to_owned()) });
        Definitions::new(&workspace, loaded).unwrap_or_else(|(problems, _)| panic!("{problems:?}"))
    };
    let versions = ["", "tolerance = 1\n", "tolerance = 2\n"].map(of);
    let mut seen = BTreeSet::new();
    for (from, to) in [(0, 1), (1, 0), (1, 2), (2, 1)] {
        let found = compare::compare(&versions[from], &versions[to]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].class.weakens() && found[0].what == "check 1 (within) tolerance", "{found:?}");
        seen.insert(found[0].reason.clone());
    }
    assert_eq!(seen.len(), 1);
    assert_eq!(compare::compare(&versions[1], &versions[1]), []);
}
