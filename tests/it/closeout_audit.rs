//! `gatekeeper audit` as users type it: the golden audits, real git, what it exits with, and that it changes nothing.
//!
//! `GATEKEEPER_BLESS=1 cargo test --test it closeout_audit` writes the expected documents of `fixtures/audit` anew; on a build server that is
//! refused. Read what changed before committing it.

use crate::support::{gatekeeper, text};
use gatekeeper::audit::{Kind, self_test};
use gatekeeper::cli::Exit;
use gatekeeper::collect;
use gatekeeper::model::{Base, Content, Limits, RelPath, parse_instant};
use gatekeeper::report::sanitise::runner_command;
use gatekeeper::workspace::Memory;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-01-02T03:04:05Z";

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/audit")
}

#[test]
fn golden_audits_come_out_as_committed() {
    let test = self_test(None);
    if std::env::var_os("GATEKEEPER_BLESS").is_some() {
        assert!(std::env::var_os("CI").is_none(), "fixtures are blessed by people, not by build servers");
        for case in &test.cases {
            fs::write(scenarios().join(&case.name).join("expected.json"), &case.found).expect("written");
        }
        return;
    }
    let folders = fs::read_dir(scenarios()).expect("the scenarios").map(|entry| entry.expect("a scenario"));
    let folders = folders.filter(|entry| entry.path().is_dir());
    let names: BTreeSet<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, test.cases.iter().map(|case| case.name.clone()).collect(), "left: on disk; right: in the binary");
    assert!(names.len() >= 30, "{}", names.len());
    for case in &test.cases {
        assert_eq!(case.differs, None, "{}", case.name);
        let committed = fs::read_to_string(scenarios().join(&case.name).join("expected.json")).expect("committed");
        assert_eq!(committed, case.found, "{}", case.name);
    }
    assert!(test.passed(), "{:?}", test.lacks);
}

/// Each scenario and the kinds that it must block with; nothing stands for an audit that holds, a gap's kind for one that is damaged.
const EXPECTED: [(&str, &[&str]); 34] = [
    ("a-list", &["invalid"]),
    ("artifact-altered", &["contradictory_evidence"]),
    ("artifact-damaged", &["contradictory_evidence"]),
    ("artifact-empty", &["contradictory_evidence"]),
    ("artifact-is-the-audit", &["proxy_only_evidence"]),
    ("artifact-missing", &["missing_artifact"]),
    ("artifact-outside", &["missing_artifact"]),
    ("author-does-not-admit", &["contradictory_evidence"]),
    ("covered-by-failed-command", &["contradictory_evidence", "failed_command"]),
    ("cut-off", &["malformed"]),
    ("empty-file", &["malformed"]),
    ("evidence-of-nothing", &["missing_evidence"]),
    ("failed-command", &["failed_command"]),
    ("gap-owner-not-active", &["unresolved_gap"]),
    ("gap-without-owner", &["unresolved_gap"]),
    ("gaps-not-told", &["unresolved_gap"]),
    ("head-not-pushed", &["missing_push"]),
    ("holds", &[]),
    ("key-twice", &["malformed"]),
    ("no-evidence", &["missing_evidence"]),
    ("no-requirements", &["missing_evidence"]),
    ("not-committed", &["missing_push"]),
    ("not-pushed", &["missing_push"]),
    ("open-tracker-item", &["contradictory_evidence"]),
    ("push-not-told", &["missing_push"]),
    ("push-of-unknown-commit", &["missing_push"]),
    ("pushed-nowhere", &["missing_push"]),
    ("requirement-states", &["contradictory_evidence", "failed_command", "missing_evidence", "proxy_only_evidence"]),
    ("requirement-twice", &["contradictory_evidence"]),
    ("secrets-and-escapes", &["failed_command", "missing_evidence"]),
    ("without-git", &["missing_evidence", "missing_push"]),
    ("without-tracker", &[]),
    ("words-alone", &["proxy_only_evidence"]),
    ("wrong-types", &["invalid"]),
];

#[test]
fn each_golden_audit_blocks_for_its_own_reason() {
    let test = self_test(None);
    let found: BTreeMap<&str, Value> = test
        .cases
        .iter()
        .map(|case| (case.name.as_str(), serde_json::from_str(&case.found).expect("each is a document")))
        .collect();
    assert_eq!(found.len(), EXPECTED.len());
    for (name, kinds) in EXPECTED {
        let document = &found[name];
        let of = |list: &str| document[list].as_array().expect("a list").clone();
        let all = [of("blockers"), of("gaps")].concat();
        let own: BTreeSet<&str> = all.iter().filter_map(|row| row["kind"].as_str()).collect();
        assert_eq!(own, kinds.iter().copied().collect(), "{name}");
        assert_eq!(document["status"], if kinds.is_empty() { "pass" } else { "block" }, "{name}");
        assert_eq!(document["read_only"], true, "{name}");
        assert_eq!(of("operator_next_actions").is_empty(), kinds.is_empty(), "{name}");
    }
    let wrong: Vec<&str> =
        found["wrong-types"]["gaps"].as_array().into_iter().flatten().filter_map(|gap| gap["at"].as_str()).collect();
    assert_eq!(wrong.len(), 9, "every wrong value is named at once: {wrong:?}");
    let shown = found["secrets-and-escapes"].to_string();
    assert!(!shown.contains("hunter2hunter2") && !shown.contains('\u{202e}') && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn each_document_has_the_published_shape() {
    let (exit, schema, _) = gatekeeper(&["schema", "closeout-audit"], &[]);
    assert_eq!(exit, Exit::Pass);
    let shape = collect::parse_shape(&schema).expect("our own schema is sound");
    let path = RelPath::parse("a.json").expect("sound");
    let violations = |text: &str| {
        let workspace = Memory::at(parse_instant(NOW).expect("sound")).file("repo:a.json", text);
        let artifact = collect::look(&workspace, Base::Repo, &path, &Limits::default());
        let Ok(Content::Document(document)) = &artifact.content else { panic!("{text}") };
        shape.violations(document).len()
    };
    let mut looked = 0;
    for case in self_test(None).cases {
        assert_eq!(violations(&case.found), 0, "{}", case.name);
        looked += 1;
    }
    assert_eq!(looked, EXPECTED.len());
    assert_ne!(violations("{\"status\": \"perhaps\"}"), 0);
}

#[test]
fn the_self_test_runs_from_the_command_line_at_any_time() {
    for more in [&[][..], &["--generated-at", "2027-05-06T07:08:09+02:00"]] {
        let (exit, out, said) = gatekeeper(&[&["audit", "--self-test"], more].concat(), &[]);
        assert_eq!(exit, Exit::Pass, "{out}{said}");
        assert!(out.ends_with("34 of 34 scenarios came out as expected\n"), "{out}");
        assert_eq!(out.matches("ok   ").count(), 34);
    }
    let (exit, json, said) = gatekeeper(&["audit", "--self-test", "--json"], &[]);
    let value: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}{said}"));
    let cases = value["cases"].as_array().expect("cases");
    assert_eq!((exit, value["passed"].as_bool(), cases.len()), (Exit::Pass, Some(true), 34));
    assert!(cases.iter().all(|case| case["passed"] == true && case.get("differs").is_none()), "{json}");
    let (exit, _, said) = gatekeeper(&["audit", "--self-test", "--root", "."], &[]);
    assert!(exit == Exit::Usage && said.contains("--root"), "{said}");
}

/// A repository with two commits, of which a remote has the first, and an audit that names a file and a command.
struct Repository(tempfile::TempDir, [String; 2]);

impl Repository {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let git = git2::Repository::init(place.path()).expect("a repository");
        let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(0, 0)).expect("an author");
        let mut commits: Vec<git2::Oid> = Vec::new();
        for text in ["one", "two"] {
            fs::write(place.path().join("report.txt"), text).expect("written");
            let mut index = git.index().expect("an index");
            index.add_path(Path::new("report.txt")).expect("added");
            let tree = git.find_tree(index.write_tree().expect("a tree")).expect("the tree");
            let parents: Vec<_> = commits.iter().map(|id| git.find_commit(*id).expect("a parent")).collect();
            let parents: Vec<_> = parents.iter().collect();
            commits.push(git.commit(Some("HEAD"), &author, &author, text, &tree, &parents).expect("a commit"));
        }
        // What is published lies on the first commit, and so does HEAD: the second one is a branch of its own.
        git.reference("refs/heads/later", commits[1], true, "later").expect("a branch");
        git.reference("refs/remotes/origin/main", commits[0], true, "pushed").expect("a branch");
        let first = git.find_object(commits[0], None).expect("the first");
        git.reset(&first, git2::ResetType::Hard, None).expect("back to the first");
        git.reference_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/main", true, "default").expect("a link");
        Self(place, [commits[0].to_string(), commits[1].to_string()])
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn audit(&self, change: impl FnOnce(&mut Value)) -> (Exit, Value, String) {
        let mut audit = json!({
            "admit": true,
            "requirements": [{ "id": "R1", "kind": "k", "status": "covered", "evidence": ["touch ran", "report.txt", self.1[0]] }],
            "commands": [{ "command": "touch ran", "exit_code": 0 }],
            "artifacts": [{ "path": "report.txt" }],
            "push": { "commit": self.1[0], "pushed": true },
            "gaps": [],
        });
        change(&mut audit);
        fs::create_dir_all(self.path().join("docs")).expect("made");
        let file = self.path().join("docs/audit.json");
        fs::write(&file, audit.to_string()).expect("written");
        let before = files(self.path());
        let (exit, out, said) =
            gatekeeper(&["audit", text(&file), "--root", text(self.path()), "--json", "--now", NOW], &[]);
        assert!(before.len() > 10);
        assert_eq!(files(self.path()), before, "it is read-only");
        assert!(said.contains("read only: Read the audit"), "{said}");
        (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{said}")), said)
    }
}

/// Every file below a directory, with its bytes.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut left) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                found.insert(path, bytes);
            }
        }
    }
    found
}

fn kinds(document: &Value) -> Vec<&str> {
    document["blockers"].as_array().into_iter().flatten().filter_map(|blocker| blocker["kind"].as_str()).collect()
}

#[test]
fn a_push_is_what_a_remote_tracking_branch_has() {
    let repository = Repository::new();
    let (exit, document, said) = repository.audit(|_| ());
    assert_eq!((exit, &document["status"]), (Exit::Pass, &json!("pass")), "{said}");
    assert_eq!((&document["audit"]["path"], &document["generated_at"]), (&json!("docs/audit.json"), &json!(NOW)));
    assert_eq!((&document["clock"], &document["admit"]["agrees"]), (&json!("given"), &json!(true)));
    // An abbreviation is a name too, and so are capitals.
    let short = repository.1[0][..10].to_uppercase();
    assert_eq!(repository.audit(|audit| audit["push"]["commit"] = short.into()).0, Exit::Pass);

    let newer = repository.1[1].clone();
    let (exit, document, said) = repository.audit(|audit| audit["push"]["commit"] = newer.clone().into());
    assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_push"]), "{said}");
    assert!(said.contains("no remote-tracking branch has it"), "{said}");
    assert_eq!(document["admit"], json!({ "claimed": true, "agrees": false }));
    for wrong in ["ffffffffffffffffffffffffffffffffffffffff", "HEAD", "main", "--all", "abc"] {
        let (exit, document, said) = repository.audit(|audit| audit["push"]["commit"] = wrong.into());
        assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_push"]), "{wrong}: {said}");
    }
    // Once the branch contains it, an ancestor is pushed as well.
    let git = git2::Repository::open(repository.path()).expect("a repository");
    let tip = git2::Oid::from_str(&newer).expect("an id");
    git.reference("refs/remotes/origin/main", tip, true, "pushed").expect("a branch");
    for commit in repository.1.clone() {
        assert_eq!(repository.audit(|audit| audit["push"]["commit"] = commit.into()).0, Exit::Pass);
    }
    // An older commit is pushed, and the work that lies behind it is not; nor is what was never committed.
    git.reference("refs/remotes/origin/main", git2::Oid::from_str(&repository.1[0]).expect("an id"), true, "back")
        .expect("a branch");
    git.reset(&git.find_object(tip, None).expect("the tip"), git2::ResetType::Hard, None).expect("at the tip");
    let (exit, document, said) = repository.audit(|_| ());
    assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_push"]), "{said}");
    assert!(said.contains("HEAD") && said.contains("no remote-tracking branch"), "{said}");
    git.reference("refs/remotes/origin/main", tip, true, "pushed").expect("a branch");
    assert_eq!(repository.audit(|_| ()).0, Exit::Pass);
    for (file, bytes) in [("report.txt", "three"), ("new.rs", "fn late() {}")] {
        let before = fs::read(repository.path().join(file)).ok();
        fs::write(repository.path().join(file), bytes).expect("written");
        let (exit, document, said) = repository.audit(|_| ());
        assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_push"]), "{file}: {said}");
        assert!(said.contains("this is not committed") && said.contains(file), "{said}");
        match before {
            Some(before) => fs::write(repository.path().join(file), before).expect("written"),
            None => fs::remove_file(repository.path().join(file)).expect("removed"),
        }
    }
    assert_eq!(repository.audit(|_| ()).0, Exit::Pass);
}

#[test]
fn a_copy_of_the_audit_and_files_of_git_show_nothing() {
    let repository = Repository::new();
    let mut looked = 0;
    for path in [".git/HEAD", ".git/refs/remotes/origin/main", "docs/audit.json", "copy.txt"] {
        let mut own = Value::Null;
        let named = |audit: &mut Value| {
            audit["artifacts"] = json!([{ "path": path }]);
            audit["requirements"][0]["evidence"] = json!([path]);
            own = audit.clone();
        };
        repository.audit(named);
        let copy = serde_json::to_string_pretty(&own).expect("JSON") + " \n";
        fs::write(repository.path().join("copy.txt"), copy).expect("written");
        let (exit, document, said) = repository.audit(|audit| *audit = own.clone());
        assert_eq!(exit, Exit::Failed, "{path}");
        assert!(kinds(&document).contains(&"proxy_only_evidence"), "{path}: {said}");
        fs::remove_file(repository.path().join("copy.txt")).expect("removed");
        looked += 1;
    }
    assert_eq!(looked, 4);
}

/// What an audit's copy is made of: the audit as a text, and what becomes of it.
type Made = (&'static str, fn(&Value) -> String);

#[test]
fn the_audit_shows_nothing_in_any_dress() {
    let dresses: [Made; 8] = [
        ("one key more", |own| {
            let mut own = own.clone();
            own["note"] = json!("seen");
            own.to_string()
        }),
        ("another push", |own| {
            let mut own = own.clone();
            own["push"] = json!({});
            own.to_string()
        }),
        ("wrapped", |own| json!({ "audit": own }).to_string()),
        ("in a list", |own| json!([1, [own]]).to_string()),
        ("behind a line", |own| format!("{}\n{own}\n", json!({"a": 1}))),
        ("in a page", |own| format!("# Done\n\n```json\n{own:#}\n```\n")),
        ("blanks", |_| " \n\n".to_owned()),
        ("zeros", |_| "\0".repeat(64)),
    ];
    let repository = Repository::new();
    for (dress, make) in dresses {
        let mut own = Value::Null;
        let (path, kind) = (
            "copy.txt",
            if dress == "blanks" || dress == "zeros" { "contradictory_evidence" } else { "proxy_only_evidence" },
        );
        repository.audit(|audit| {
            audit["artifacts"] = json!([{ "path": path }]);
            audit["requirements"][0]["evidence"] = json!([path]);
            own = audit.clone();
        });
        fs::write(repository.path().join(path), make(&own)).expect("written");
        let (exit, document, said) = repository.audit(|audit| *audit = own.clone());
        assert_eq!(exit, Exit::Failed, "{dress}");
        assert!(kinds(&document).contains(&kind), "{dress}: {said}");
    }
}

#[test]
fn what_git_was_told_not_to_look_at_is_looked_at() {
    let repository = Repository::new();
    let git = |arguments: &[&str]| {
        let out = std::process::Command::new("git").args(arguments).current_dir(repository.path()).output().expect("git");
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    let files = std::process::Command::new("git").args(["ls-files"]).current_dir(repository.path()).output().expect("git");
    let files = String::from_utf8_lossy(&files.stdout).into_owned();
    let file = files.lines().next().expect("a file that is committed").to_owned();
    let before = fs::read(repository.path().join(&file)).expect("its bytes");
    let mut looked = 0;
    for (mark, unmark) in [("--assume-unchanged", "--no-assume-unchanged"), ("--skip-worktree", "--no-skip-worktree")] {
        git(&["update-index", mark, &file]);
        assert_eq!(repository.audit(|_| ()).0, Exit::Pass, "{mark}: the file is as it was");
        fs::write(repository.path().join(&file), "changed\n").expect("written");
        let (exit, document, said) = repository.audit(|_| ());
        assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_push"]), "{mark}: {said}");
        fs::remove_file(repository.path().join(&file)).expect("removed");
        // A sparse checkout leaves files out; one that is only to be taken for unchanged is there.
        let gone = repository.audit(|_| ()).1;
        assert_eq!(kinds(&gone).contains(&"missing_push"), mark == "--assume-unchanged", "{mark}: gone");
        fs::write(repository.path().join(&file), &before).expect("written");
        git(&["update-index", unmark, &file]);
        looked += 1;
    }
    assert_eq!(looked, 2);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_not_opened() {
    let repository = Repository::new();
    let outside = tempfile::NamedTempFile::new().expect("a file");
    fs::write(outside.path(), "secret").expect("written");
    std::os::unix::fs::symlink(outside.path(), repository.path().join("link.txt")).expect("a link");
    let (exit, document, said) =
        repository.audit(|audit| audit["artifacts"] = json!([{ "path": "report.txt" }, { "path": "link.txt" }]));
    assert_eq!((exit, kinds(&document)), (Exit::Failed, vec!["missing_artifact", "missing_push"]), "{said}");
}

#[test]
fn exit_codes_tell_what_kept_it_from_passing() {
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("audit.json");
    let root = text(place.path());
    let audit = |more: &[&str]| gatekeeper(&[&["audit"], more].concat(), &[]);
    for usage in
        [&[][..], &[text(&file), "--self-test"], &[text(&file), "--generated-at", "today"], &[text(&file), "--rooot", "."]]
    {
        assert_eq!(audit(usage).0, Exit::Usage, "{usage:?}");
    }
    assert_eq!(audit(&[text(&file), "--root", "no/such/place"]).0, Exit::Usage);
    let (exit, out, said) = audit(&[text(&file), "--root", root, "--json"]);
    assert_eq!(exit, Exit::Gap, "{said}");
    let document: Value = serde_json::from_str(&out).expect("a document all the same");
    assert_eq!((&document["status"], &document["gaps"][0]["kind"]), (&json!("block"), &json!("missing")));
    assert_eq!(audit(&[root, "--root", root]).0, Exit::Gap, "a directory is no audit");
    // An audit may lie outside the repository that it speaks of, and need not be called `.json`.
    let other = tempfile::tempdir().expect("a directory");
    let elsewhere = other.path().join("audit.txt");
    fs::write(&elsewhere, "{\"requirements\": []}").expect("written");
    let (exit, _, said) = audit(&[text(&elsewhere), "--root", root]);
    assert_eq!(exit, Exit::Failed, "{said}");
    assert!(said.starts_with("block: audit.txt (0 requirements"), "{said}");
    for kind in [Kind::MissingEvidence, Kind::UnresolvedGap, Kind::MissingPush] {
        assert!(said.contains(&format!("\n{}:", kind.word())) && said.contains(kind.next_action()), "{said}");
    }
}

#[test]
fn hostile_text_comes_out_harmless() {
    let repository = Repository::new();
    let hostile = "x\u{1b}[2J\n::error::y ##[error]z\u{202e}";
    let (exit, document, said) = repository.audit(|audit| {
        audit["requirements"][0]["id"] = hostile.into();
        audit["requirements"][0]["evidence"] = json!([hostile, hostile.replace(' ', "")]);
        audit["commands"][0] = json!({ "command": hostile, "exit_code": 1 });
        audit["artifacts"][0]["path"] = hostile.into();
        audit["gaps"] = json!([{ "id": hostile, "status": hostile }]);
        audit["push"]["commit"] = hostile.into();
    });
    assert_eq!(exit, Exit::Failed);
    assert!(kinds(&document).len() >= 5, "{document}");
    for shown in [&said, &document.to_string()] {
        assert_eq!(runner_command(shown), None, "{shown}");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    }
}

/// The room is handed a whole workspace, which can also publish; it never does.
#[test]
fn nothing_behind_the_command_can_write() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut looked = 0;
    let room = fs::read_dir(home.join("audit")).expect("the room").map(|entry| entry.expect("a file").path());
    for path in room.chain([home.join("cli/audit.rs")]) {
        let source = fs::read_to_string(&path).expect("a source");
        for word in [".publish(", "attach_git", "attach_baseline", "std::fs", "Command::new"] {
            assert!(!source.contains(word), "{}: `{word}`", path.display());
        }
        looked += 1;
    }
    assert!(looked >= 8, "{looked}");
}
