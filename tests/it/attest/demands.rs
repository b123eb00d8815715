//! What a release asks of a verdict: a pass by its own policy, of the whole lane, weakened by nothing that it did not allow.

use super::key;
use crate::support::definitions::{Files, Place, edited, write};
use crate::support::text;
use gatekeeper::cli::Exit;
use serde_json::{Value, json};
use std::fs;

const GATE: &str = "schema = \"gatekeeper.gate/1\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\nreproduce = \"make it\"\n\
                    remediation = [\"Mend it.\"]\n";

/// A repository of one blocking and one advisory gate, in which all is well.
fn files() -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let gate = |id: &str, evidence: &str, rest: &str| {
        let text = format!(
            "{GATE}id = \"{id}\"\ntitle = \"{id}\"\n[evidence.report]\npath = \"repo:{id}.json\"\n{evidence}[[check]]\n{rest}"
        );
        (format!("gates/mine/{id}.toml"), text)
    };
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain(
            "policies/mine.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\nledger = [\"repo:ledger.toml\"]\n\
             [[gate]]\nid = \"score\"\nblocking = true\n[[gate]]\nid = \"style\"\nblocking = false\n\
             [[gate]]\nid = \"waivers\"\nblocking = true\nwaivable = false\n\
             [lane.full]\nrule = \"full\"\n[lane.preflight]\nrule = \"preflight\"\n",
        ),
        gate("score", "at = \"/made\"\nmax_age = \"365d\"\n", "kind = \"within\"\nvalue = \"report.score\"\nmin = 90\n"),
        gate("style", "", "kind = \"within\"\nvalue = \"report.faults\"\nmax = 0\n"),
        (
            "gates/mine/waivers.toml".to_owned(),
            format!(
                "{GATE}id = \"waivers\"\ntitle = \"waivers\"\n[evidence.ledger]\npath = \"repo:ledger.toml\"\n\
                 [[check]]\nkind = \"waiver-lifecycle\"\nledger = \"ledger\"\n"
            ),
        ),
        plain("score.json", "{\"score\": 95, \"made\": \"MADE\"}"),
        plain("style.json", "{\"faults\": 0}"),
        plain("ledger.toml", "schema = \"gatekeeper.ledger/1\"\n"),
        plain("run/junit.xml", "<testsuite name=\"s\" tests=\"1\"><testcase classname=\"c\" name=\"t\"/></testsuite>"),
    ])
}

/// Today, so that nothing is of another day.
fn today(more: i64) -> String {
    (chrono::Utc::now() + chrono::Duration::days(more)).format("%Y-%m-%d").to_string()
}

struct Bench {
    place: Place,
    out: tempfile::TempDir,
}

impl Bench {
    fn new(edits: &[(&str, &str, &str)]) -> Self {
        let made = format!("{}T00:00:00Z", today(0));
        let whole = edited(&files(), &[&[("score.json", "MADE", &*made)], edits].concat());
        let place = Place::new(&whole);
        place.commit("main", &whole);
        git2::Repository::open(place.path()).expect("a repository").set_head("refs/heads/main").expect("checked out");
        Self { place, out: tempfile::tempdir().expect("a directory") }
    }

    fn verdict(&self) -> String {
        self.out.path().join("full_suite_verdict.json").display().to_string()
    }

    fn verify(&self, more: &[&str]) -> Exit {
        let out = self.out.path().display().to_string();
        let (exit, _, said) = self.place.run(&[&["verify", "--out", &out], more].concat());
        assert!(!matches!(exit, Exit::Usage | Exit::Internal), "{said}");
        exit
    }

    fn attest(&self) -> String {
        let envelope = self.out.path().join("envelope.json").display().to_string();
        let key = key("ed25519.pem");
        let words = ["attest", &self.verdict(), "--key", text(&key), "--out", &envelope];
        let (exit, _, said) = crate::support::gatekeeper(&words, &[]);
        assert_eq!(exit, Exit::Pass, "{said}");
        envelope
    }

    /// Looks at the signed verdict, and at the one that nobody signed.
    fn both(&self, more: &[&str]) -> [(Exit, String); 2] {
        let (envelope, key) = (self.attest(), key("ed25519.pub"));
        let look = |words: &[&str]| {
            let (exit, _, said) = self.place.run(&[&["reverify"], words, more].concat());
            (exit, said)
        };
        [look(&[&envelope, "--key", text(&key)]), look(&[&self.verdict()])]
    }

    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut value: Value = serde_json::from_slice(&fs::read(self.verdict()).expect("a verdict")).expect("JSON");
        change(&mut value);
        fs::write(self.verdict(), value.to_string()).expect("written");
    }
}

fn waiver() -> String {
    format!(
        "schema = \"gatekeeper.ledger/1\"\n[waiver.score]\nowner = \"me\"\nbead = \"b-2\"\nreason = \"Later.\"\ncreated = \"{}\"\nexpires = \"{}\"\nscope = [\"full\"]\nexit_criterion = \"Done.\"\n",
        today(0),
        today(5)
    )
}

/// What is edited in the repository, how it is judged, what is asked, and what comes out.
type Row<'t> = (&'t str, &'t [(&'t str, &'t str, &'t str)], &'t [&'t str], &'t [&'t str], Exit);

#[test]
fn a_release_says_what_counts_and_the_verdict_does_not() {
    use Exit::{Failed, Pass, Usage};
    let waived = waiver();
    let low = ("score.json", "95", "5");
    let faults = ("style.json", "0", "3");
    let excused = ("ledger.toml", "schema = \"gatekeeper.ledger/1\"\n", &*waived);
    let skipped = [("gates/mine/score.toml", "max_age", "optional = true\nmax_age"), ("score.json", "", "")];
    let weaker = (
        "gatekeeper.toml",
        "extends = \"policies/mine.toml\"\n",
        "extends = \"policies/mine.toml\"\n[[gate]]\nid = \"score\"\nblocking = false\n[[weaken]]\ngate = \"score\"\nreason = \"We are in a hurry.\"\n",
    );
    let old = ("gates/mine/score.toml", "365d", "30d");
    let pass: &[&str] = &["--require", "pass"];
    let foreign: &[&str] = &["run", "--policy", "test-results"];
    let rows: &[Row<'_>] = &[
        ("an honest pass", &[], &[], pass, Pass),
        ("an honest pass, for a warning", &[], &[], &["--require", "warn"], Pass),
        ("an honest warning", &[faults], &[], pass, Failed),
        ("an honest warning that is enough", &[faults], &[], &["--require", "warn"], Pass),
        ("an honest failure", &[low], &[], &["--require", "warn"], Failed),
        ("another lane, in which advisory gates have no say", &[faults], &["--lane", "preflight"], pass, Failed),
        (
            "another lane that is asked for",
            &[],
            &["--lane", "preflight"],
            &["--require", "pass", "--lane", "preflight"],
            Pass,
        ),
        ("lane full, where another is asked for", &[], &[], &["--require", "pass", "--lane", "preflight"], Failed),
        ("a policy that the verdict chose", &[low], foreign, pass, Failed),
        (
            "a policy that the verdict chose, allowed its weakening",
            &[low],
            foreign,
            &["--require", "pass", "--allow", "configuration"],
            Failed,
        ),
        (
            "a policy that is asked for, beside the repository's",
            &[low],
            foreign,
            &["--require", "pass", "--policy", "test-results"],
            Failed,
        ),
        (
            "a policy that is asked for, and may stand beside the repository's",
            &[low],
            foreign,
            &["--require", "pass", "--policy", "test-results", "--allow", "configuration"],
            Pass,
        ),
        ("a clock that was set", &[], &["--now", "TODAY"], pass, Failed),
        ("a clock that was set and may be", &[], &["--now", "TODAY"], &["--require", "pass", "--allow", "clock"], Pass),
        ("a waiver", &[low, excused], &[], pass, Failed),
        ("a waiver, for a warning", &[low, excused], &[], &["--require", "warn"], Failed),
        ("a waiver that is allowed", &[low, excused], &[], &["--require", "pass", "--allow", "waiver"], Pass),
        (
            "a waiver where another weakening is allowed",
            &[low, excused],
            &[],
            &["--require", "pass", "--allow", "clock"],
            Failed,
        ),
        ("a gate that was skipped", &skipped, &[], pass, Failed),
        ("a gate that was skipped and may be", &skipped, &[], &["--require", "pass", "--allow", "skipped-gate"], Pass),
        ("an override", &[weaker], &[], pass, Failed),
        ("an override that is allowed", &[weaker], &[], &["--require", "pass", "--allow", "override"], Pass),
        ("evidence that is young enough", &[old], &[], pass, Pass),
        ("a property", &[], &[], &["--property", "GATEKEEPER_MINE"], Pass),
        ("the whole property", &[], &[], &["--property", "GATEKEEPER_MINE_WITHOUT_EXCEPTIONS"], Pass),
        ("a property of another policy", &[], &[], &["--property", "GATEKEEPER_YOURS"], Failed),
        ("the property of a warning", &[faults], &[], &["--property", "GATEKEEPER_MINE"], Pass),
        ("the whole property of a warning", &[faults], &[], &["--property", "GATEKEEPER_MINE_WITHOUT_EXCEPTIONS"], Failed),
        ("a property of a failure", &[low], &[], &["--property", "GATEKEEPER_MINE"], Failed),
        ("a property with a waiver", &[low, excused], &[], &["--property", "GATEKEEPER_MINE"], Failed),
        (
            "a property of a policy that the verdict chose",
            &[low],
            foreign,
            &["--property", "GATEKEEPER_TEST_RESULTS"],
            Failed,
        ),
        ("a weakening that there is not", &[], &[], &["--require", "pass", "--allow", "wavier"], Usage),
        ("a rollback cannot be allowed", &[], &[], &["--require", "pass", "--allow", "rollback-mode"], Usage),
        ("a weakening allowed where nothing is asked", &[], &[], &["--allow", "waiver"], Usage),
        (
            "a commit where the definitions came from the work tree",
            &[],
            &[],
            &["--require", "pass", "--policy-ref", "main"],
            Failed,
        ),
    ];
    assert_eq!(rows.len(), 35);
    let now = format!("{}T00:00:01Z", today(0));
    for (what, edits, judged, asked, exit) in rows {
        let bench = Bench::new(edits);
        let run = bench.place.path().join("run").display().to_string();
        let judged: Vec<&str> = judged
            .iter()
            .map(|word| {
                if *word == "TODAY" {
                    &*now
                } else if *word == "run" {
                    &*run
                } else {
                    word
                }
            })
            .collect();
        bench.verify(&judged);
        for (got, said) in bench.both(asked) {
            assert_eq!(got, *exit, "{what}: {said}");
        }
        for (got, said) in bench.both(&[]) {
            assert_eq!(got, Exit::Pass, "{what}: it holds: {said}");
        }
    }
}

#[test]
fn a_clock_that_nobody_signed_is_not_believed() {
    // The evidence is of an earlier day, on which it passed.
    let bench = Bench::new(&[("gates/mine/score.toml", "365d", "1d")]);
    let old = format!("{{\"score\": 95, \"made\": \"{}T00:00:00Z\"}}", today(-20));
    fs::write(bench.place.path().join("score.json"), old).expect("written");
    assert_eq!(bench.verify(&["--now", &format!("{}T01:00:00Z", today(-20))]), Exit::Pass);
    let [signed, plain] = bench.both(&["--require", "pass"]);
    assert_eq!((signed.0, plain.0), (Exit::Failed, Exit::Failed));
    // Whoever leaves out that the clock was set.
    bench.change(|verdict| verdict["weakened_by"] = json!([]));
    let look = |more: &[&str]| bench.place.run(&[&["reverify", &bench.verdict()], more].concat());
    assert_eq!(look(&[]).0, Exit::Pass, "it holds as of its own time");
    let (exit, _, said) = look(&["--require", "pass"]);
    assert!(exit == Exit::Failed && said.contains("judged as of now"), "{said}");
    assert_eq!(look(&["--require", "pass", "--allow", "clock"]).0, Exit::Pass, "{said}");
    assert_eq!(look(&["--property", "GATEKEEPER_MINE"]).0, Exit::Failed);
}

#[test]
fn a_verdict_by_the_definitions_of_a_commit_is_judged_again_by_them() {
    let bench = Bench::new(&[]);
    let made = format!("{}T00:00:00Z", today(0));
    let strict = edited(&files(), &[("score.json", "MADE", &made)]);
    // The work tree asks for less, and a commit of the same author too.
    let lax = edited(&strict, &[("gates/mine/score.toml", "min = 90", "min = 1")]);
    let own = bench.place.commit("own", &lax);
    let pass: &[&str] = &["--require", "pass"];
    let by = |reference: &'static str| ["--require", "pass", "--policy-ref", reference];
    let look = |more: &[&str]| bench.both(more).map(|(exit, _)| exit);
    assert_eq!(bench.verify(&["--policy-ref", "main"]), Exit::Pass);
    assert_eq!(look(&[]), [Exit::Pass; 2]);
    assert_eq!(look(pass), [Exit::Pass; 2], "the work tree has the same definitions");
    assert_eq!(look(&by("main")), [Exit::Pass; 2]);
    assert_eq!(look(&by("refs/heads/main")), [Exit::Pass; 2]);
    assert_eq!(look(&by("own")), [Exit::Failed; 2]);
    assert_eq!(look(&by("none")), [Exit::Usage; 2]);
    write(&bench.place.path(), &lax);
    assert_eq!(look(&[]), [Exit::Pass; 2], "the definitions of the work tree take no part");
    assert_eq!(look(pass), [Exit::Failed; 2], "the work tree has others, and nobody said which count");
    assert_eq!(look(&by("main")), [Exit::Pass; 2]);
    // The other way round: strict in the work tree, judged by a commit of the author's own.
    write(&bench.place.path(), &strict);
    fs::write(bench.place.path().join("score.json"), format!("{{\"score\": 50, \"made\": \"{made}\"}}")).expect("written");
    assert_eq!(bench.verify(&["--policy-ref", &own]), Exit::Pass);
    assert_eq!(look(&[]), [Exit::Pass; 2], "it holds, by what it says it was judged by");
    assert_eq!(look(pass), [Exit::Failed; 2]);
    assert_eq!(look(&by("main")), [Exit::Failed; 2]);
    assert_eq!(look(&by("own")), [Exit::Pass; 2]);
    // A commit that is not there.
    bench.change(|verdict| verdict["policy"]["from"]["commit"] = "1".repeat(40).into());
    assert_eq!(bench.place.run(&["reverify", &bench.verdict()]).0, Exit::Gap);
    bench.change(|verdict| verdict["policy"]["from"]["commit"] = "main".into());
    assert_ne!(bench.place.run(&["reverify", &bench.verdict()]).0, Exit::Pass);
}

#[test]
fn exceptions_of_a_commit_count_where_the_commit_is_trusted() {
    let waived = waiver();
    let bench = Bench::new(&[("score.json", "95", "5")]);
    let made = format!("{}T00:00:00Z", today(0));
    let granted = edited(
        &files(),
        &[
            ("score.json", "MADE", &made),
            ("score.json", "95", "5"),
            ("ledger.toml", "schema = \"gatekeeper.ledger/1\"\n", &waived),
        ],
    );
    bench.place.commit("granted", &granted);
    // The work tree grants more than the commit: the commit's is in force.
    fs::write(bench.place.path().join("ledger.toml"), waived.replace(&today(5), &today(9))).expect("written");
    assert_eq!(bench.verify(&["--policy-ref", "granted"]), Exit::Pass);
    let look = |more: &[&str]| bench.both(more).map(|(exit, _)| exit);
    assert_eq!(look(&[]), [Exit::Pass; 2]);
    assert_eq!(look(&["--require", "pass", "--allow", "waiver"]), [Exit::Failed; 2]);
    assert_eq!(look(&["--require", "pass", "--policy-ref", "granted"]), [Exit::Failed; 2]);
    assert_eq!(look(&["--require", "pass", "--policy-ref", "granted", "--allow", "waiver"]), [Exit::Pass; 2]);
}
