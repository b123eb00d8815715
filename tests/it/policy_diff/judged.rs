//! Directions, proven by judging: evidence that fails by the one version and passes by the other makes the edit a weakening, whatever
//! its class is called. And what is called tightening never lets pass what failed.

use crate::support::definitions::{Files, Place, edited, write};
use gatekeeper::cli::Exit;
use std::fs;

const NOW: &str = "2026-03-02T12:00:00Z";
const GATE: &str = "schema = \"gatekeeper.gate/1\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\nreproduce = \"make it\"\n\
                    remediation = [\"Mend it.\"]\n";

fn files(gate: &str, evidence: &[(&str, &str)]) -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let mut files = Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain(
            "policies/mine.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\n[[gate]]\nid = \"one\"\nblocking = true\n\
             [[gate]]\nid = \"steady\"\nblocking = true\n[lane.full]\nrule = \"full\"\n",
        ),
        plain("gates/mine/one.toml", &format!("{GATE}id = \"one\"\ntitle = \"one\"\n{gate}")),
        plain(
            "gates/mine/steady.toml",
            &format!(
                "{GATE}id = \"steady\"\ntitle = \"steady\"\n[evidence.s]\npath = \"repo:steady.json\"\n[[check]]\nkind = \"within\"\nvalue = \"s.a\"\nmin = 1\n"
            ),
        ),
        plain("steady.json", "{\"a\": 1}"),
        plain("gates/mine/shape.json", "{\"type\": \"object\", \"required\": [\"score\"]}"),
    ]);
    files.extend(evidence.iter().map(|(path, text)| plain(path, text)));
    files
}

const SCORE: &str = "[evidence.report]\npath = \"repo:a.json\"\nat = \"/made\"\nmax_age = \"5d\"\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n";
const SKIPPED: &str = "[evidence.report]\npath = \"repo:a.json\"\noptional = true\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n";
const ISSUES: &str = "[evidence.t]\npath = \"repo:t.jsonl\"\n[[check]]\nkind = \"only-residuals-open\"\nevidence = \"t\"\nscope = \"x\"\n\
                      closed = [\"closed\", \"deferred\"]\nopen = [\"open\", \"deferred\"]\nresidual = [\"docs\"]\ncontainers = [\"epic\"]\n";
const ROWS_OF_ISSUES: &str = "{\"id\":\"x\",\"status\":\"open\",\"issue_type\":\"epic\"}\n{\"id\":\"x.1\",\"status\":\"deferred\",\"issue_type\":\"docs\"}\n";
const GOOD: (&str, &str) = ("a.json", "{\"score\": 95, \"made\": \"2026-03-02T11:00:00Z\"}");
const LOW: (&str, &str) = ("a.json", "{\"score\": 50, \"made\": \"2026-03-02T11:00:00Z\"}");
const OLD: (&str, &str) = ("a.json", "{\"score\": 95, \"made\": \"2026-02-02T11:00:00Z\"}");
const NEXT_TO_IT: (&str, &str) = ("b.json", "{\"score\": 95, \"made\": \"2026-03-02T11:00:00Z\"}");

/// What is edited, the gate, its evidence, the edit of the gate, and the command that fails before and passes after.
type Row =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], (&'static str, &'static str), &'static str);

const MANY: &str = "[evidence.report]\npath = \"repo:many/*.json\"\npick = \"all\"\n[[check]]\nkind = \"each-holds\"\nin = \"report\"\nthat = \"item.score >= 90\"\n";

const WEAKER: [Row; 14] = [
    (
        "a file that is left out",
        MANY,
        &[("many/a.json", "{\"score\": 95}"), ("many/b.json", "{\"score\": 5}")],
        ("pick = \"all\"", "pick = \"all\"\nexclude = [\"repo:many/b.json\"]"),
        "verify",
    ),
    (
        "a zone for a stamp that states none",
        SCORE,
        &[("a.json", "{\"score\": 95, \"made\": \"2026-03-02T11:00:00\"}")],
        ("max_age", "timezone = \"UTC\"\nmax_age"),
        "verify",
    ),
    ("a lower bound", SCORE, &[LOW], ("min = 90", "min = 10"), "verify"),
    ("an older age", SCORE, &[OLD], ("\"5d\"", "\"50d\""), "verify"),
    ("no age", SCORE, &[OLD], ("max_age = \"5d\"\n", "\u{0}"), "verify"),
    ("an absence that is allowed", SCORE, &[], ("max_age", "optional = true\nmax_age"), "verify"),
    (
        "another file that may stand in",
        SCORE,
        &[NEXT_TO_IT],
        ("repo:a.json\"", "repo:a.json\"\nfallback = \"repo:b.json\""),
        "verify",
    ),
    ("another file", SCORE, &[NEXT_TO_IT], ("repo:a.json", "repo:b.json"), "verify"),
    (
        "a check that lets a skipped gate pass",
        SKIPPED,
        &[NEXT_TO_IT],
        (
            "[[check]]",
            "[evidence.other]\npath = \"repo:b.json\"\n[[check]]\nkind = \"within\"\nvalue = \"other.score\"\nmin = 1\n[[check]]",
        ),
        "checklist",
    ),
    (
        "a status that is closed no longer",
        ISSUES,
        &[("t.jsonl", ROWS_OF_ISSUES)],
        ("closed = [\"closed\", \"deferred\"]", "closed = [\"closed\"]"),
        "verify",
    ),
    (
        "a status that is closed too",
        ISSUES,
        &[("t.jsonl", "{\"id\":\"x\",\"status\":\"done\",\"issue_type\":\"task\"}\n")],
        ("closed = [\"closed\", ", "closed = [\"closed\", \"done\", "),
        "verify",
    ),
    (
        "a schema that is not asked for",
        "[evidence.report]\npath = \"repo:a.json\"\nschema = \"x/1\"\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n",
        &[GOOD],
        ("schema = \"x/1\"\n", "\u{0}"),
        "verify",
    ),
    (
        "a shape that is not asked for",
        "[evidence.report]\npath = \"repo:a.json\"\nshape = \"shape.json\"\n[[check]]\nkind = \"within\"\nvalue = \"report.other\"\nmin = 90\n",
        &[("a.json", "{\"other\": 95}")],
        ("shape = \"shape.json\"\n", "\u{0}"),
        "verify",
    ),
    (
        "one of two checks",
        "[evidence.report]\npath = \"repo:a.json\"\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmax = 92\n",
        &[GOOD],
        ("[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmax = 92\n", "\u{0}"),
        "verify",
    ),
];

fn judge(place: &Place, command: &str) -> Exit {
    let more: &[&str] = if command == "verify" { &["--dry-run", "--quiet"] } else { &["--quiet"] };
    place.run(&[&[command, "--now", NOW], more].concat()).0
}

#[test]
fn what_lets_pass_what_failed_is_told_as_weaker() {
    let mut seen = 0;
    for (what, gate, evidence, (from, to), command) in WEAKER {
        let base = files(gate, evidence);
        let head = edited(&base, &[("gates/mine/one.toml", from, to)]);
        let (before, after) = (Place::new(&base), Place::new(&head));
        // Whether a file was ever there is asked of git.
        commit(&before);
        commit(&after);
        let exits = (judge(&before, command), judge(&after, command));
        assert!(exits.0 != Exit::Pass && exits.1 == Exit::Pass, "{what}: {exits:?}");
        let (exit, out, said) = after.run(&["policy", "diff", &before.path().display().to_string(), "."]);
        assert_eq!(exit, Exit::Failed, "{what}: {out}{said}");
        seen += 1;
    }
    assert_eq!(seen, 14);
}

#[test]
fn what_is_called_tightening_or_nothing_lets_nothing_pass() {
    // A gate that cannot be skipped, and a stand-in that is taken away where evidence must be there.
    let stand_in = SCORE.replace("repo:a.json\"", "repo:a.json\"\nfallback = \"repo:b.json\"");
    /// What is edited, the gate, its evidence, and the edit of the gate.
    type Stricter<'t> = (&'t str, &'t str, &'t [(&'t str, &'t str)], (&'t str, &'t str));
    let rows: [Stricter<'_>; 4] = [
        (
            "a check more",
            SCORE,
            &[LOW],
            ("[[check]]", "[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 1\n[[check]]"),
        ),
        ("no stand-in", &stand_in, &[NEXT_TO_IT], ("\nfallback = \"repo:b.json\"", "\u{0}")),
        ("a younger age", SCORE, &[OLD], ("\"5d\"", "\"1d\"")),
        ("a higher bound", SCORE, &[LOW], ("min = 90", "min = 99")),
    ];
    for (what, gate, evidence, (from, to)) in rows {
        let base = files(gate, evidence);
        let head = edited(&base, &[("gates/mine/one.toml", from, to)]);
        let (before, after) = (Place::new(&base), Place::new(&head));
        // Whether a file was ever there is asked of git.
        commit(&before);
        commit(&after);
        assert_ne!(judge(&after, "verify"), Exit::Pass, "{what}");
        let (exit, out, said) = after.run(&["policy", "diff", &before.path().display().to_string(), "."]);
        assert_eq!(exit, Exit::Pass, "{what}: {out}{said}");
    }
}

/// Commits everything in a directory on top of what is checked out.
fn commit(place: &Place) -> String {
    let repository =
        git2::Repository::open(place.path()).or_else(|_| git2::Repository::init(place.path())).expect("opened");
    let mut index = repository.index().expect("an index");
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("added");
    index.write().expect("written");
    let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("found");
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(1_767_225_600, 0)).expect("sound");
    let parents: Vec<_> = repository.head().ok().and_then(|head| head.peel_to_commit().ok()).into_iter().collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, "m", &tree, &parents).expect("committed").to_string()
}

#[test]
fn more_that_may_have_changed_since_the_evidence_is_weaker() {
    let gate = "[evidence.report]\npath = \"repo:docs/evidence/a.json\"\nbound = { commit = \"/commit\", apart_from = [\"repo:docs/evidence/**\"] }\n\
                [[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n";
    let wider = ("gates/mine/one.toml", "evidence/**\"]", "evidence/**\", \"repo:src/**\"]");
    let base = files(gate, &[("src/lib.rs", "one")]);
    let judged = |definitions: &Files| {
        let place = Place::new(definitions);
        let of = commit(&place);
        let evidence = format!("{{\"score\": 95, \"commit\": \"{of}\"}}");
        write(&place.path(), &Files::from([("docs/evidence/a.json".to_owned(), evidence)]));
        commit(&place);
        let fresh = judge(&place, "verify");
        fs::write(place.path().join("src/lib.rs"), "two").expect("written");
        commit(&place);
        let later = judge(&place, "verify");
        (place, fresh, later)
    };
    let (before, fresh, later) = judged(&base);
    assert_eq!((fresh, later), (Exit::Pass, Exit::Gap));
    let (after, fresh, later) = judged(&edited(&base, &[wider]));
    assert_eq!((fresh, later), (Exit::Pass, Exit::Pass));
    let diff = |from: &Place, to: &Place| to.run(&["policy", "diff", &from.path().display().to_string(), "."]);
    let (exit, out, said) = diff(&before, &after);
    assert!(exit == Exit::Failed && out.contains("bound apart_from"), "{out}{said}");
    assert_eq!(diff(&after, &before).0, Exit::Pass, "fewer may have changed");
    // With none at all, evidence need not be committed.
    let none =
        Place::new(&edited(&base, &[("gates/mine/one.toml", ", apart_from = [\"repo:docs/evidence/**\"]", "\u{0}")]));
    assert_eq!((diff(&before, &none).0, diff(&none, &before).0), (Exit::Failed, Exit::Failed));
}
