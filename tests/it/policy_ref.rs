//! `verify --policy-ref`: whoever writes the work tree does not write what it is judged by.

use crate::support::definitions::{Files, Place, edited, write};
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;

const NOW: &str = "2026-03-02T12:00:00Z";

const POLICY: &str = r#"schema = "gatekeeper.policy/1"
id = "mine"
title = "Mine"
ledger = ["repo:tests/ledger.toml"]
output = "repo:verdict"

[[gate]]
id = "score"
blocking = true

[[gate]]
id = "suites"
blocking = true

[[gate]]
id = "waivers"
blocking = true
waivable = false

[lane.full]
rule = "full"
"#;

const LEDGER: &str = r#"schema = "gatekeeper.ledger/1"

[suite.unit]
files = ["alpha"]
"#;

const WAIVER: &str = r#"
[waiver.score]
owner = "me"
bead = "b-2"
reason = "Later."
created = "2026-03-01"
expires = "2026-03-10"
scope = ["full"]
exit_criterion = "Done."
"#;

fn gate(id: &str, rest: &str) -> (String, String) {
    let text = format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"{id}\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\n\
         reproduce = \"make {id}\"\nremediation = [\"Mend it.\"]\n{rest}"
    );
    (format!("gates/mine/{id}.toml"), text)
}

/// Definitions that want a score of 90, evidence with this one, and the ledger with this behind it.
fn files(score: u32, ledger: &str) -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain("policies/mine.toml", POLICY),
        gate(
            "score",
            "[evidence.report]\npath = \"repo:report.json\"\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n",
        ),
        gate(
            "suites",
            "[evidence.ledger]\npath = \"repo:tests/ledger.toml\"\n[evidence.files]\npath = \"repo:tests/*.rs\"\npick = \"all\"\nformat = \"listing\"\n\
             [[check]]\nkind = \"suite-classification\"\nledger = \"ledger\"\nfiles = \"files\"\nsuites = [\"unit\"]\n",
        ),
        gate(
            "waivers",
            "[evidence.ledger]\npath = \"repo:tests/ledger.toml\"\n[[check]]\nkind = \"waiver-lifecycle\"\nledger = \"ledger\"\n",
        ),
        plain("tests/ledger.toml", &format!("{LEDGER}{ledger}")),
        plain("tests/alpha.rs", ""),
        plain("report.json", &format!("{{\"score\": {score}}}")),
    ])
}

/// A repository whose branch `main` has these files, and its work tree the same with edits; the branch `pr` has them too.
fn place(base: &Files, edits: &[(&str, &str, &str)]) -> Place {
    let head = edited(base, edits);
    let place = Place::new(&head);
    place.commit("main", base);
    place.commit("pr", &head);
    git2::Repository::open(place.path()).expect("a repository").set_head("refs/heads/pr").expect("checked out");
    place
}

/// Judges by a ref, or by the work tree: exit, verdict, what was said.
fn verify(place: &Place, reference: Option<&str>) -> (Exit, Value, String) {
    let reference = reference.map_or(vec![], |name| vec!["--policy-ref", name]);
    let (exit, out, said) = place.run(&[&["verify", "--now", NOW, "-o", "verdict"], &*reference].concat());
    (exit, serde_json::from_str(&out).unwrap_or(Value::Null), said)
}

fn standing(verdict: &Value, gate: &str) -> String {
    let gates = verdict["gates"].as_array().expect("gates").iter();
    let own = gates.filter(|own| own["id"] == gate).map(|own| own["standing"].as_str().expect("a word").to_owned());
    own.collect::<Vec<_>>().join(",")
}

#[test]
fn a_pull_request_that_loosens_is_judged_by_the_base() {
    const SCORE: &str = "gates/mine/score.toml";
    let policy_gate = "[[gate]]\nid = \"score\"\nblocking = true\n\n";
    let loosened: [&[(&str, &str, &str)]; 7] = [
        &[("tests/ledger.toml", "files = [\"alpha\"]\n", &format!("files = [\"alpha\"]\n{WAIVER}"))],
        &[(SCORE, "min = 90", "min = 10")],
        &[("policies/mine.toml", policy_gate, "\u{0}"), (SCORE, "", "")],
        &[("policies/mine.toml", "id = \"score\"\nblocking = true", "id = \"score\"\nblocking = false")],
        &[
            ("gatekeeper.toml", "policies/mine.toml", "policies/other.toml"),
            (
                "policies/other.toml",
                "",
                &POLICY.replace("\"mine\"", "\"other\"\npacks = [\"mine\"]").replace(policy_gate, ""),
            ),
            (SCORE, "", ""),
        ],
        &[(
            "gatekeeper.toml",
            "extends = \"policies/mine.toml\"\n",
            "extends = \"policies/mine.toml\"\n[[gate]]\nid = \"score\"\nblocking = false\n[[weaken]]\ngate = \"score\"\nreason = \"We are in a hurry.\"\n",
        )],
        &[("gates/mine/score.toml", "report.json", "better.json"), ("better.json", "", "{\"score\": 99}")],
    ];
    let mut looked = 0;
    for edits in loosened {
        let place = place(&files(50, ""), edits);
        let (own, _, said) = verify(&place, None);
        assert_eq!(own, Exit::Pass, "by its own definitions it passes: {edits:?}: {said}");
        let (exit, verdict, said) = verify(&place, Some("main"));
        assert_eq!((exit, standing(&verdict, "score").as_str()), (Exit::Failed, "fail"), "{edits:?}: {said}");
        assert!(said.contains("note: ") && said.contains("differ in the work tree"), "{said}");
        let (diff, ..) = place.run(&["policy", "diff", "main", "."]);
        assert_eq!(diff, Exit::Failed, "{edits:?}");
        looked += 1;
    }
    assert_eq!(looked, 7);
}

#[test]
fn the_verdict_says_where_the_definitions_come_from() {
    let place =
        place(&files(95, ""), &[("tests/ledger.toml", "files = [\"alpha\"]\n", &format!("files = [\"alpha\"]\n{WAIVER}"))]);
    let commit = place.commit("main", &files(95, ""));
    let (exit, verdict, said) = verify(&place, Some("main"));
    assert_eq!(exit, Exit::Pass, "{said}");
    let from = &verdict["policy"]["from"];
    assert_eq!(
        (&from["ref"], &from["commit"], &from["ledger"]),
        (&"main".into(), &commit.clone().into(), &"commit".into())
    );
    assert!(said.contains(&format!("definitions from main ({commit}), the ledger too")), "{said}");
    let (_, plain, _) = verify(&place, None);
    assert_eq!(plain["policy"].get("from"), None);
    let report = fs::read_to_string(place.path().join("verdict/full_suite_verdict.json")).expect("published");
    assert!(!report.contains("\"from\""), "the last judgement was by the work tree");
}

#[test]
fn a_release_list_is_judged_by_the_base_too() {
    let place = place(&files(50, ""), &[("gates/mine/score.toml", "min = 90", "min = 10")]);
    let out = place.path().join("lists");
    let out = out.to_str().expect("UTF-8");
    let list = |more: &[&str]| place.run(&[&["checklist", "--now", NOW, "--out", out], more].concat());
    let told = || fs::read_to_string(place.path().join("lists/release_checklist.md")).expect("a list");
    let (own, ..) = list(&[]);
    assert!(own == Exit::Pass && told().contains("checklist: GO"), "by its own definitions it passes: {}", told());
    let (exit, ..) = list(&["--policy-ref", "main"]);
    assert!(exit == Exit::Failed && told().contains("checklist: NO-GO"), "{}", told());
    assert!(told().contains("| Definitions from | main, commit `"), "{}", told());
    list(&[]);
    let (exit, _, said) = list(&["--policy-ref", "nowhere"]);
    assert!(exit == Exit::Usage && said.contains("--policy-ref nowhere"), "{said}");
    assert!(told().contains("checklist: NO-GO"), "the older list said GO: {}", told());
}

#[test]
fn tests_are_classified_by_the_change_that_brings_them() {
    let brought = [("tests/beta.rs", "", "x"), ("tests/ledger.toml", "[\"alpha\"]", "[\"alpha\", \"beta\"]")];
    let place_of = |edits: &[(&str, &str, &str)], base: &Files| place(base, edits);
    let (exit, verdict, said) = verify(&place_of(&brought, &files(95, "")), Some("main"));
    assert_eq!(exit, Exit::Pass, "{said}");
    assert_eq!(verdict["policy"]["from"]["ledger"], "work-tree");
    // One that is not classified fails, and so does one that comes with an exception.
    let (exit, verdict, _) = verify(&place_of(&brought[..1], &files(95, "")), Some("main"));
    assert_eq!((exit, standing(&verdict, "suites").as_str()), (Exit::Failed, "fail"));
    let excused = [brought[0], ("tests/ledger.toml", "[\"alpha\"]\n", &format!("[\"alpha\", \"beta\"]\n{WAIVER}"))];
    let (exit, verdict, said) = verify(&place_of(&excused, &files(50, "")), Some("main"));
    assert_eq!((exit, standing(&verdict, "score").as_str()), (Exit::Failed, "fail"));
    assert!(said.contains("the ledger of the work tree excuses more"), "{said}");
}

#[test]
fn exceptions_can_be_given_up_and_not_taken() {
    // The base has an exception that has ended; taking it out mends the gate that judges exceptions.
    let ended = WAIVER.replace("2026-03-10", "2026-03-01");
    let base = files(95, &ended);
    let (exit, verdict, _) = verify(&place(&base, &[]), Some("main"));
    assert_eq!((exit, standing(&verdict, "waivers").as_str()), (Exit::Failed, "fail"));
    let (exit, _, said) = verify(&place(&base, &[("tests/ledger.toml", &ended, "\u{0}")]), Some("main"));
    assert_eq!(exit, Exit::Pass, "{said}");
    let longer = [("tests/ledger.toml", "expires = \"2026-03-01\"", "expires = \"2026-03-20\"")];
    let (exit, verdict, _) = verify(&place(&base, &longer), Some("main"));
    assert_eq!((exit, standing(&verdict, "waivers").as_str()), (Exit::Failed, "fail"));
    // One that the base grants is in force.
    let (exit, verdict, _) = verify(&place(&files(50, WAIVER), &[]), Some("main"));
    assert_eq!((exit, standing(&verdict, "score").as_str()), (Exit::Pass, "waived"));
}

#[test]
fn a_ledger_that_is_gone_or_damaged_is_a_gap() {
    for edit in [("tests/ledger.toml", "", ""), ("tests/ledger.toml", "[suite.unit]", "[suite.unit")] {
        let (exit, verdict, said) = verify(&place(&files(95, WAIVER), &[edit]), Some("main"));
        assert_eq!(exit, Exit::Gap, "{said}");
        assert_eq!(standing(&verdict, "suites"), "fail");
    }
}

#[test]
fn damaged_definitions_of_the_work_tree_do_not_matter() {
    for edit in [
        ("gatekeeper.toml", "", ""),
        ("policies/mine.toml", "[lane.full]", "[lane.full"),
        ("gates/mine/score.toml", "kind = \"within\"", "kind = \"without\""),
    ] {
        let (exit, verdict, said) = verify(&place(&files(50, ""), &[edit]), Some("main"));
        assert_eq!((exit, standing(&verdict, "score").as_str()), (Exit::Failed, "fail"), "{said}");
        assert!(said.contains("the definitions of the work tree cannot be compared"), "{said}");
    }
}

#[test]
fn what_is_not_in_the_commit_is_not_there() {
    let place = place(&files(95, ""), &[]);
    let (exit, _, said) = verify(&place, Some("none"));
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("`--policy-ref none`: git knows no such commit"), "{said}");
    // A verdict where the operator asked for one fails; it is no older one.
    let out = place.path().join("asked");
    let out = out.display().to_string();
    let (exit, ..) = place.run(&["verify", "--policy-ref", "none", "--out", &out]);
    assert_eq!(exit, Exit::Usage);
    let sealed = fs::read_to_string(place.path().join("asked/full_suite_verdict.json")).expect("sealed");
    assert_eq!(serde_json::from_str::<Value>(&sealed).expect("JSON")["verdict"], "fail");
    // A policy of the work tree alone cannot be named, not even by its whole path.
    let loose = edited(&files(95, ""), &[("policies/loose.toml", "", POLICY)]);
    write(&place.path(), &loose);
    let whole = place.path().join("policies/loose.toml").display().to_string();
    for policy in ["policies/loose.toml", &*whole] {
        let (exit, _, said) = place.run(&["verify", "--policy-ref", "main", "--policy", policy]);
        assert_eq!(exit, Exit::Usage, "{said}");
    }
    // A commit without definitions chooses none by the marks of the work tree.
    place.commit("empty", &Files::from([("README.md".to_owned(), "x".to_owned())]));
    assert_eq!(verify(&place, Some("empty")).0, Exit::Usage);
}

#[test]
fn definitions_of_a_commit_can_be_looked_at() {
    let place = place(
        &files(95, ""),
        &[
            ("gates/mine/score.toml", "", ""),
            ("policies/mine.toml", "[[gate]]\nid = \"score\"\nblocking = true\n\n", "\u{0}"),
        ],
    );
    let (exit, out, _) = place.run(&["gates", "--json", "--policy-ref", "main"]);
    assert!(exit == Exit::Pass && out.contains("\"score\""), "{out}");
    let (_, out, _) = place.run(&["gates", "--json"]);
    assert!(!out.contains("\"score\""), "{out}");
    assert_eq!(place.run(&["explain", "score", "--policy-ref", "main"]).0, Exit::Pass);
    assert_eq!(place.run(&["graph", "--policy-ref", "main"]).0, Exit::Pass);
    let (exit, _, said) = place.run(&["lint", "--now", NOW, "--policy-ref", "main"]);
    assert!(exit == Exit::Pass && said.contains("3 gates"), "{said}");
}

#[test]
fn a_name_that_more_than_one_reference_answers_to_is_refused() {
    let place = place(&files(50, ""), &[("gates/mine/score.toml", "min = 90", "min = 10")]);
    let repository = git2::Repository::open(place.path()).expect("a repository");
    let commit = |branch: &str| repository.refname_to_id(&format!("refs/heads/{branch}")).expect("a branch");
    let (main, pr) = (commit("main"), commit("pr"));
    let short = main.to_string()[..7].to_owned();
    repository.reference("refs/tags/main", pr, false, "").expect("a tag");
    repository.reference(&format!("refs/heads/{short}"), pr, false, "").expect("a branch");
    let mut seen = 0;
    for name in ["main", &short] {
        let asked: [&[&str]; 4] = [
            &["verify", "--now", NOW, "--policy-ref", name],
            &["checklist", "--now", NOW, "--policy-ref", name],
            &["policy", "diff", name, "."],
            &["policy", "diff", ".", name],
        ];
        for arguments in asked {
            let (exit, _, said) = place.run(arguments);
            assert!(exit == Exit::Usage && said.contains("answers to"), "{arguments:?}: {said}");
            seen += 1;
        }
    }
    for name in ["refs/heads/main", &main.to_string(), &main.to_string()[..8]] {
        assert_eq!(verify(&place, Some(name)).0, Exit::Failed, "{name}");
        assert_eq!(place.run(&["policy", "diff", name, "."]).0, Exit::Failed, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 11);
}

/// What else stands in the file of a pull request, so that its own exceptions are in force.
#[test]
fn a_damaged_file_grants_nothing_whatever_is_damaged() {
    let padding = format!("#{}\n", "a".repeat(99)).repeat(43_000);
    let damages = [
        ("a suite", "[suite.x]\nfiles = 7\n", ""),
        ("an entry of the other section", "[quarantine.x]\nowner = \"\"\n", ""),
        ("a time", "[quarantine.z]\nt = 07:32:00\n", ""),
        ("a waiver", "[waiver.suites]\nowner = \"me\"\n", ""),
        ("an unknown section", "[waivers.x]\nowner = \"me\"\n", ""),
        ("a number that is none", "[suite.n]\nfiles = nan\n", ""),
        ("a section of the wrong type", "quarantine = 7\n", "front"),
        ("a file beyond the limit", padding.as_str(), "front"),
    ];
    let mut looked = 0;
    for (what, damage, place_of_it) in damages {
        let (front, back) = if place_of_it == "front" { (damage, "") } else { ("", damage) };
        let ledger =
            format!("schema = \"gatekeeper.ledger/1\"\n{front}\n[suite.unit]\nfiles = [\"alpha\"]\n{WAIVER}\n{back}");
        let place = place(&files(50, ""), &[]);
        fs::write(place.path().join("tests/ledger.toml"), &ledger).expect("written");
        for reference in [None, Some("main")] {
            let (exit, verdict, said) = verify(&place, reference);
            assert!(matches!(exit, Exit::Failed | Exit::Gap), "{what} {reference:?}: {exit:?} {said}");
            assert_eq!(standing(&verdict, "score"), "fail", "{what} {reference:?}");
            let told = [standing(&verdict, "waivers"), standing(&verdict, "suites")];
            assert!(told.contains(&"fail".to_owned()), "{what} {reference:?}: {told:?}");
        }
        assert_ne!(place.run(&["policy", "diff", "main", "."]).0, Exit::Pass, "{what}");
        assert_ne!(place.run(&["lint", "--now", NOW]).0, Exit::Pass, "{what}");
        looked += 1;
    }
    assert_eq!(looked, 8);
}

/// The other side: the same file without the damage is compared and used as far as the commit grants it.
#[test]
fn a_sound_file_beside_it_is_compared() {
    let place = place(&files(50, WAIVER), &[]);
    let (exit, verdict, said) = verify(&place, Some("main"));
    assert_eq!((exit, standing(&verdict, "score").as_str()), (Exit::Pass, "waived"), "{said}");
}
