//! Evidence of an earlier commit, in real repositories: the gate `dropin_certification` as it is shipped, over a verdict that is
//! committed after the sources it certifies.

use git2::{IndexAddOption, Oid, Repository, Signature, Time};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERDICT: &str = "docs/evidence/dropin-certification-verdict.json";
const SOURCE: &str = "src/lib.rs";
const POLICY: &str = r#"schema = "gatekeeper.policy/1"
id     = "demo"
title  = "Certification alone"

[lane.full]
rule = "full"

[[gate]]
id       = "dropin_certification"
blocking = true
"#;

struct Place {
    keep: tempfile::TempDir,
    repository: Repository,
    /// Seconds of the next commit.
    clock: Cell<i64>,
    /// The commit that is certified.
    certified: Oid,
}

impl Place {
    /// A repository with one commit that holds definitions, a source and the contract.
    fn new() -> Self {
        let keep = tempfile::tempdir().expect("a directory");
        let repository = Repository::init(keep.path()).expect("a repository");
        let mut place = Self { keep, repository, clock: Cell::new(1_772_000_000), certified: Oid::ZERO_SHA1 };
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("gates/full-suite");
        let gate = "dropin_certification.toml";
        let schemas = ["schemas/dropin_certification_contract.json", "schemas/dropin_certification_verdict.json"];
        for file in [gate, schemas[0], schemas[1]] {
            let text = std::fs::read_to_string(home.join(file)).expect("a definition of the pack");
            place.put(&format!("gates/demo/{file}"), &text);
        }
        place.put("policies/demo.toml", POLICY);
        place.put("gatekeeper.toml", "schema  = \"gatekeeper.config/1\"\nextends = \"policies/demo.toml\"\n");
        place.put(SOURCE, "pub fn one() {}\n");
        place.put("docs/report.json", "{\"modules\": 4}\n");
        let contract = r#"{"required_gates": [{"id": "coverage", "artifacts": ["docs/report.json"]}]}"#;
        place.put("docs/contracts/dropin-certification-contract.json", contract);
        place.certified = place.commit();
        place
    }

    /// The same with a verdict over that commit, committed after it.
    fn certified() -> Self {
        let place = Self::new();
        place.certify(&place.certified.to_string());
        place.commit();
        place
    }

    fn path(&self, file: &str) -> PathBuf {
        self.keep.path().join(file)
    }

    fn put(&self, file: &str, text: &str) {
        std::fs::create_dir_all(self.path(file).parent().expect("below the repository")).expect("a directory");
        std::fs::write(self.path(file), text).expect("a file");
    }

    fn certify(&self, commit: &str) {
        let digest = Sha256::digest(std::fs::read(self.path("docs/report.json")).expect("the artifact"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let verdict = format!(
            r#"{{"git_commit": "{commit}", "generated_at": "2026-03-01T10:00:00Z", "overall_verdict": "CERTIFIED", "blocking_reasons": [],
"gates": [{{"id": "coverage", "status": "pass"}}], "evidence": [{{"path": "docs/report.json", "sha256": "{digest}"}}]}}"#
        );
        self.put(VERDICT, &verdict);
    }

    /// Commits the whole work tree.
    fn commit(&self) -> Oid {
        let head = self.repository.head().ok().and_then(|head| head.target());
        self.commit_onto(&head.into_iter().collect::<Vec<_>>())
    }

    /// The same with these parents.
    fn commit_onto(&self, parents: &[Oid]) -> Oid {
        let mut index = self.repository.index().expect("an index");
        index.add_all(["*"], IndexAddOption::DEFAULT, None).expect("added");
        index.update_all(["*"], None).expect("updated");
        index.write().expect("written");
        let tree = self.repository.find_tree(index.write_tree().expect("a tree")).expect("found");
        let who = Signature::new("a", "a@example.org", &Time::new(self.clock.get(), 0)).expect("sound");
        self.clock.set(self.clock.get() + 60);
        let parents: Vec<_> = parents.iter().map(|id| self.repository.find_commit(*id).expect("a commit")).collect();
        let commit = self.repository.commit(None, &who, &who, "m", &tree, &parents.iter().collect::<Vec<_>>());
        let commit = commit.expect("committed");
        self.repository.reference("refs/heads/main", commit, true, "m").expect("a branch");
        self.repository.set_head("refs/heads/main").expect("on it");
        commit
    }

    /// Judges the repository: the exit code, and what people see and the verdict says, on one line.
    fn judge(&self) -> (Option<i32>, String) {
        let out = tempfile::tempdir().expect("a directory");
        let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper"))
            .args(["verify", "--now", "2026-03-02T12:00:00Z", "--out"])
            .arg(out.path())
            .current_dir(self.keep.path())
            .env_remove("CI_GATE_PROMOTION_MODE")
            .env("COLUMNS", "400")
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        let verdict = std::fs::read_to_string(out.path().join("full_suite_verdict.json")).unwrap_or_default();
        let shown = String::from_utf8(output.stderr).expect("text") + &verdict;
        (output.status.code(), shown.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn passes(&self) {
        let (code, shown) = self.judge();
        assert_eq!(code, Some(0), "{shown}");
    }

    /// It is a gap that says so.
    fn is_unbound(&self, reason: &str) {
        let (code, shown) = self.judge();
        assert_eq!(code, Some(3), "{shown}");
        assert!(shown.contains("\"kind\": \"unbound\""), "{shown}");
        assert!(shown.contains(reason), "no {reason:?} in {shown}");
    }
}

fn short(id: Oid) -> String {
    id.to_string().chars().take(12).collect()
}

#[test]
fn a_fresh_verdict_and_a_committed_one_pass() {
    let place = Place::new();
    place.certify(&place.certified.to_string());
    place.passes();
    place.commit();
    place.passes();
    place.put("tests/full_suite_gate/report.md", "# Report\n");
    place.put("docs/evidence/deep/more.json", "{}\n");
    place.commit();
    place.passes();
}

#[test]
fn a_change_and_its_revert_unbind() {
    let place = Place::certified();
    place.put(SOURCE, "pub fn two() {}\n");
    let changed = place.commit();
    place.is_unbound(&format!("since which commit {} changed `src/lib.rs`", short(changed)));
    place.put(SOURCE, "pub fn one() {}\n");
    place.commit();
    place.is_unbound(&format!("since which commit {} changed `src/lib.rs`", short(changed)));
}

#[test]
fn a_merge_that_throws_a_change_away_unbinds() {
    let place = Place::certified();
    let main = place.repository.head().expect("a head").target().expect("a commit");
    place.put(SOURCE, "pub fn two() {}\n");
    let side = place.commit();
    place.put(SOURCE, "pub fn one() {}\n");
    place.commit_onto(&[main, side]);
    place.is_unbound(&format!("commit {} changed `src/lib.rs`", short(side)));
}

#[test]
fn no_flag_of_the_index_hides_a_difference() {
    const ASSUME_UNCHANGED: (u16, u16) = (0x8000, 0);
    // The second word of flags holds the bit for a work tree that lacks the file, and counts only with the first word's.
    const SKIP_WORKTREE: (u16, u16) = (0x4000, 0x4000);
    for (flags, extended) in [ASSUME_UNCHANGED, SKIP_WORKTREE] {
        let place = Place::certified();
        let mut index = place.repository.index().expect("an index");
        let mut entry = index.get_path(Path::new(VERDICT), 0).expect("the verdict is committed");
        (entry.flags, entry.flags_extended) = (entry.flags | flags, entry.flags_extended | extended);
        index.add(&entry).expect("flagged");
        index.write().expect("written");
        place.passes();
        let text = std::fs::read_to_string(place.path(VERDICT)).expect("the verdict");
        place.put(VERDICT, &text.replace("10:00:00Z", "10:00:01Z"));
        place.is_unbound("the work tree differs from commit");
    }
    let place = Place::certified();
    let text = std::fs::read_to_string(place.path(VERDICT)).expect("the verdict");
    place.put(VERDICT, &text.replace("10:00:00Z", "10:00:01Z"));
    let mut index = place.repository.index().expect("an index");
    index.add_path(Path::new(VERDICT)).expect("staged");
    index.write().expect("written");
    place.put(VERDICT, &text);
    place.is_unbound("the index differs from commit");
}

#[test]
fn what_git_cannot_tell_is_a_reason_of_its_own() {
    let place = Place::certified();
    let hex = place.certified.to_string();
    let of = |commit: &str, reason: &str| {
        place.certify(commit);
        place.commit();
        place.is_unbound(reason);
    };
    of(&hex[..12], "which is cut short: 40 hex digits name a commit");
    of(&hex.to_uppercase(), "which is not in lower case, as git writes it");
    of(&"7".repeat(40), "which the repository does not have");
    // A branch of its own, which main never took in.
    let main = place.repository.head().expect("a head").target().expect("a commit");
    place.put(SOURCE, "pub fn aside() {}\n");
    let aside = place.commit();
    place.put(SOURCE, "pub fn one() {}\n");
    place.certify(&aside.to_string());
    place.commit_onto(&[main]);
    place.is_unbound("which does not come before it");

    let shallow = Place::certified();
    shallow.put("docs/evidence/note.md", "later\n");
    let head = shallow.commit();
    shallow.passes();
    let cut = shallow.repository.find_commit(head).expect("a commit").parent_id(0).expect("a parent").to_string();
    std::fs::remove_file(shallow.path(".git/objects").join(&cut[..2]).join(&cut[2..])).expect("cut off");
    std::fs::write(shallow.path(".git/shallow"), format!("{head}\n")).expect("written");
    shallow.is_unbound(&format!("the history is cut off at commit {} before it is found", short(head)));

    let bare = Place::certified();
    std::fs::remove_dir_all(bare.path(".git")).expect("removed");
    bare.is_unbound("the root is not the top of a git work tree");
}
