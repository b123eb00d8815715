//! `gatekeeper new gate KIND`: what it writes is sound and its scenarios come out as they say, without a change by hand.

use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Kinds that judge one system's own documents, exceptions, git or the runs of one commit, and secrets, which no file may hold: no sample.
const WITHOUT: [&str; 22] = [
    "artifact-contract",
    "artifacts-recorded",
    "boundaries-hold",
    "claims-allowed",
    "committed",
    "flake-rate",
    "narrative-agrees",
    "newest-run-qualifies",
    "no-secrets",
    "no-test-regression",
    "only-residuals-open",
    "preflight-passed",
    "quarantine-lifecycle",
    "runner-role",
    "scenario-logs",
    "scenario-reports",
    "scenarios-ran",
    "shards-complete",
    "stage-logs",
    "suite-agrees",
    "suite-classification",
    "waiver-lifecycle",
];

fn new(root: &Path, words: &[&str]) -> (Exit, String, String) {
    gatekeeper(&[&["new", "gate"], words, &["--root", text(root)]].concat(), &[])
}

#[test]
fn every_sample_is_sound_and_its_scenarios_come_out_as_they_say() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/samples");
    let names = fs::read_dir(&samples).expect("samples").map(|entry| entry.expect("a sample").file_name());
    let names: BTreeSet<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let kinds: BTreeSet<String> = gatekeeper::checks::CHECKS.iter().map(|kind| kind.id.to_owned()).collect();
    let without: BTreeSet<String> = WITHOUT.iter().map(|&kind| kind.to_owned()).collect();
    assert_eq!(names.union(&without).cloned().collect::<BTreeSet<_>>(), kinds, "a kind has a sample or stands in WITHOUT");
    assert!(names.is_disjoint(&without));
    // One project takes them all, one behind the other.
    let root = tempfile::tempdir().expect("a directory");
    for kind in &names {
        let more: &[&str] = if kind == names.first().expect("some") { &["--owner", "o", "--bead", "B-1"] } else { &[] };
        let (exit, _, said) = new(root.path(), &[&[kind.as_str()], more].concat());
        assert_eq!(exit, Exit::Pass, "{kind}: {said}");
    }
    assert_eq!(names.len(), 26);
    let (exit, out, said) = gatekeeper(&["lint", "--root", text(root.path())], &[]);
    assert!(exit == Exit::Pass && said.contains("26 gates"), "{out}{said}");
    let (exit, out, said) = gatekeeper(&["self-test", text(&root.path().join("fixtures"))], &[]);
    assert!(exit == Exit::Pass && out.matches("ok").count() >= 52, "{out}{said}");
    // A scenario looks at the gate as it is: one that fails whatever it reads is caught.
    let gate = root.path().join("gates/own/within.toml");
    let changed = fs::read_to_string(&gate).expect("a gate").replace("min   = 80", "min   = 99");
    fs::write(&gate, changed).expect("a gate");
    let (exit, out, _) = gatekeeper(&["self-test", text(&root.path().join("fixtures/gates/within"))], &[]);
    assert!(exit == Exit::Failed && out.contains("pass"), "{out}");
}

/// Where a policy file stands, the gate goes into its pack; where a builtin one is extended, beside it.
#[test]
fn the_gate_goes_where_the_policy_looks() {
    let project = |config: &str| {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("gatekeeper.toml"), config).expect("a configuration");
        root
    };
    let builtin = "# ours\nschema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"";
    let root = project(builtin);
    let (exit, _, said) = new(root.path(), &["holds", "--id", "ready", "--owner", "o", "--bead", "B-1", "--advisory"]);
    assert_eq!(exit, Exit::Pass, "{said}");
    let config = fs::read_to_string(root.path().join("gatekeeper.toml")).expect("a configuration");
    assert!(
        config.starts_with("# ours\nschema = \"gatekeeper.config/1\"\ngates = [\"gates/own/*.toml\"]\nextends"),
        "{config}"
    );
    assert!(config.ends_with("id       = \"ready\"\nblocking = false\n"), "{config}");
    let (exit, _, said) = new(root.path(), &["holds", "--id", "ready"]);
    assert!(exit == Exit::Usage && said.contains("the policy has the gate `ready` already"), "{said}");

    // A gate that does not block may be the only one.
    let root = tempfile::tempdir().expect("a directory");
    assert_eq!(new(root.path(), &["sorted", "--owner", "o", "--bead", "B-1", "--advisory"]).0, Exit::Pass);
    let (exit, _, said) = gatekeeper(&["lint", "--root", text(root.path())], &[]);
    assert_eq!(exit, Exit::Pass, "{said}");

    let root = tempfile::tempdir().expect("a directory");
    fs::create_dir(root.path().join("r")).expect("a directory");
    let report = "<testsuite name=\"s\" tests=\"1\"><testcase classname=\"c\" name=\"a\"/></testsuite>";
    fs::write(root.path().join("r/j.xml"), report).expect("a report");
    let (exit, _, said) =
        gatekeeper(&["init", text(root.path()), "--owner", "team-x", "--bead", "B-9", "--name", "mine"], &[]);
    assert_eq!(exit, Exit::Pass, "{said}");
    let (exit, out, _) = new(root.path(), &["coverage-floors", "--dry-run"]);
    assert!(exit == Exit::Pass && out.contains("# --- gates/mine/coverage_floors.toml ---"), "{out}");
    assert!(!root.path().join("gates/mine/coverage_floors.toml").exists());
    assert_eq!(new(root.path(), &["coverage-floors"]).0, Exit::Pass);
    // `init` has a gate that finds every report, those of scenarios too.
    let (_, _, said) = new(root.path(), &["tests-pass", "--id", "more_tests"]);
    assert!(said.contains("the gate `reports_declared` looks for test reports everywhere"), "{said}");
    let gate = fs::read_to_string(root.path().join("gates/mine/coverage_floors.toml")).expect("a gate");
    assert!(gate.contains("owner  = \"team-x\"") && gate.contains("bead   = \"B-9\""), "{gate}");
    let (exit, _, said) = gatekeeper(&["lint", "--root", text(root.path())], &[]);
    assert_eq!(exit, Exit::Pass, "{said}");
}

#[test]
fn what_cannot_be_written_changes_nothing() {
    type Row = (&'static str, &'static [&'static str], &'static str);
    let whole = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n";
    let rows: [Row; 7] = [
        (whole, &["hold"], "did you mean `holds`?"),
        (whole, &["no-secrets"], "has no sample"),
        (whole, &["holds", "--id", "Not An Id"], "Not An Id"),
        (whole, &["holds"], "say it with `--owner`"),
        ("schema = \"gatekeeper.config/1\"\nextnds = \"x\"\n", &["holds"], "did you mean `extends`?"),
        (
            "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\ngates = [\"g/*.toml\"]\n",
            &["holds", "--owner", "o", "--bead", "b"],
            "g/*.toml",
        ),
        (
            "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\ngate = []\n",
            &["holds", "--owner", "o", "--bead", "b"],
            "everything is as it was",
        ),
    ];
    let mut looked = 0;
    for (config, words, expected) in rows {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("gatekeeper.toml"), config).expect("a configuration");
        let (exit, out, said) = new(root.path(), words);
        assert!(exit == Exit::Usage && out.is_empty() && said.contains(expected), "{words:?}: {said}");
        assert_eq!(fs::read_to_string(root.path().join("gatekeeper.toml")).expect("a configuration"), config, "{words:?}");
        let there = |path: &str| root.path().join(path).exists();
        assert!(!there("gates/own/holds.toml") && !there("fixtures/gates/holds/pass/case.toml"), "{words:?}");
        looked += 1;
    }
    assert_eq!(looked, 7);
    let root = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(root.path().join("gates/own")).expect("a directory");
    fs::write(root.path().join("gates/own/holds.toml"), "mine").expect("a file");
    let (exit, _, said) = new(root.path(), &["holds", "--owner", "o", "--bead", "b"]);
    assert!(exit == Exit::Usage && said.contains("`gates/own/holds.toml` exists; nothing was written"), "{said}");
    assert!(!root.path().join("gatekeeper.toml").exists());
}

/// Names of files, bytes and plain text have no values: an expression over them could only ever fail, and `lint` says so.
#[test]
fn an_expression_over_evidence_without_values_is_not_sound() {
    let root = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    };
    write(
        "policies/p.toml",
        "schema = \"gatekeeper.policy/1\"\nid = \"p\"\ntitle = \"P\"\n[lane.preflight]\nrule = \"preflight\"\n[lane.full]\nrule = \"full\"\n[[gate]]\nid = \"g\"\nblocking = true\n",
    );
    let mut looked = 0;
    for (format, sound) in [("listing", false), ("bytes", false), ("text", false), ("json", true)] {
        for check in [
            "kind = \"holds\"\nthat = \"f.size() == 1\"",
            "kind = \"each-holds\"\nin = \"j.rows\"\nthat = \"item.size == f.size()\"",
        ] {
            write(
                "gates/p/g.toml",
                &format!(
                    "schema = \"gatekeeper.gate/1\"\nid = \"g\"\ntitle = \"G\"\nowner = \"o\"\nbead = \"B-1\"\nwhy = \"w\"\nreproduce = \"make\"\nremediation = [\"r\"]\n[evidence.f]\npath = \"repo:a.txt\"\nformat = \"{format}\"\n[evidence.j]\npath = \"repo:j.json\"\n[[check]]\n{check}\n[[check]]\nkind = \"present\"\nevidence = \"j\"\n"
                ),
            );
            let (exit, out, said) = gatekeeper(&["lint", "--policy", "policies/p.toml", "--root", text(root.path())], &[]);
            let told = format!("`f` is read as `{format}`, which has no values for an expression");
            assert_eq!(exit == Exit::Pass, sound, "{format}: {out}{said}");
            assert_eq!((out + &said).contains(&told), !sound, "{format}");
            looked += 1;
        }
    }
    assert_eq!(looked, 8);
}
