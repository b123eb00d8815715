//! Evidence of an earlier commit: each reason why it is not of the commit under judgement is a gap of its own.

use super::*;
use crate::workspace::{Change, Since};

const FILE: &str = "docs/evidence/v.json";

fn bound() -> EvidenceNeed {
    let apart_from = vec![rel("docs/evidence/**"), rel("tests/gate/*.json")];
    let bound = Bound { commit: Some(pointer("/c")), apart_from, ancestor: None, run_id: None };
    EvidenceNeed { bound, ..only("e", &format!("repo:{FILE}")) }
}

/// A repository whose evidence states a commit, and is committed.
fn stating(commit: &str) -> Memory {
    let text = format!(r#"{{"c":"{commit}"}}"#);
    memory().head(HEAD).file(&format!("repo:{FILE}"), &text).tracked(FILE, Some(&text), Some(&text))
}

fn change(path: &str) -> Change {
    Change { path: path.to_owned(), commit: OTHER.to_owned() }
}

fn told(since: Since) -> Vec<String> {
    gaps(bound(), &stating(OTHER).since(OTHER, since))
}

#[test]
fn only_what_may_change_has_changed() {
    let none = Vec::<String>::new();
    assert_eq!(told(Since::Changes(Vec::new())), none);
    assert_eq!(told(Since::Changes(vec![change(FILE), change("tests/gate/a.json")])), none);
    let other = ["docs/evidence.json", "tests/gate/deep/a.json", "src/a", "src/b"].map(change).to_vec();
    let short = &OTHER[..12];
    assert_eq!(
        told(Since::Changes(other)),
        [format!(
            "unbound {FILE}#/c: commit {short}, since which commit {short} changed `docs/evidence.json`, commit {short} changed \
             `tests/gate/deep/a.json`, commit {short} changed `src/a`, and 1 more files changed"
        )]
    );
}

#[test]
fn every_other_way_is_a_reason_of_its_own() {
    let short = &OTHER[..12];
    let reasons = [
        (Since::Unknown, format!("commit {short}, which the repository does not have")),
        (
            Since::CutOff(Some(HEAD.to_owned())),
            format!(
                "commit {short}, and the history is cut off at commit {} before it is found (a shallow clone?)",
                &HEAD[..12]
            ),
        ),
        (Since::NotBefore, format!("commit {short}, which does not come before it")),
    ];
    for (since, reason) in reasons {
        assert_eq!(told(since), [format!("unbound {FILE}#/c: {reason}")]);
    }
    let spelled = |commit: &str| gaps(bound(), &stating(commit).since(commit, Since::Changes(Vec::new())));
    let cut = format!("unbound {FILE}#/c: \"{short}\", which is cut short: 40 hex digits name a commit");
    assert_eq!(spelled(short), [cut]);
    for commit in [OTHER.to_uppercase(), HEAD.to_uppercase()] {
        let upper = format!("unbound {FILE}#/c: \"{commit}\", which is not in lower case, as git writes it");
        assert_eq!(spelled(&commit), [upper]);
    }
    assert_eq!(spelled("main"), [format!("unbound {FILE}#/c: \"main\"")]);
    // Without git, the run says which commit is judged, and nothing says what came before it.
    let lone = run().file(&format!("repo:{FILE}"), format!(r#"{{"c":"{OTHER}"}}"#));
    let told = gaps(bound(), &lone);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("cannot be told: the root is not the top of a git work tree"), "{told:?}");
}

#[test]
fn an_earlier_commit_needs_committed_bytes_and_head_does_not() {
    let text = format!(r#"{{"c":"{OTHER}"}}"#);
    let same = Some(text.as_str());
    let with = |head: Option<&str>, index: Option<&str>| {
        let workspace = memory().head(HEAD).file(&format!("repo:{FILE}"), &text).tracked(FILE, head, index);
        gaps(bound(), &workspace.since(OTHER, Since::Changes(Vec::new())))
    };
    assert_eq!(with(same, same), Vec::<String>::new());
    let commit = &HEAD[..12];
    assert_eq!(with(Some("{}"), same), [format!("unbound {FILE}: the index differs from commit {commit}")]);
    assert_eq!(with(Some("{}"), Some("{}")), [format!("unbound {FILE}: the work tree differs from commit {commit}")]);
    assert_eq!(with(None, None), [format!("unbound {FILE}: neither commit {commit} nor the index has it")]);
    // No file can name the commit that holds it, so what names it is not committed.
    let fresh = memory().head(HEAD).file(&format!("repo:{FILE}"), format!(r#"{{"c":"{HEAD}"}}"#));
    assert_eq!(gaps(bound(), &fresh), Vec::<String>::new());
    // A binding without exceptions is to the commit itself.
    let strict = EvidenceNeed { bound: Bound { apart_from: Vec::new(), ..bound().bound }, ..bound() };
    let told = gaps(strict, &stating(OTHER).since(OTHER, Since::Changes(Vec::new())));
    assert_eq!(told, [format!("unbound {FILE}#/c: \"{OTHER}\"")]);
}

#[test]
fn every_commit_of_a_stream_is_asked_for() {
    let need = EvidenceNeed { bound: bound().bound, ..only("e", "repo:docs/evidence/v.jsonl") };
    let file = "docs/evidence/v.jsonl";
    let third = "7".repeat(40);
    let text = format!("{{\"c\":\"{HEAD}\"}}\n{{\"c\":\"{OTHER}\"}}\n{{\"c\":\"{OTHER}\"}}\n{{\"c\":\"{third}\"}}\n");
    let workspace = memory().head(HEAD).file(&format!("repo:{file}"), &text).tracked(file, Some(&text), Some(&text));
    let workspace = workspace.since(OTHER, Since::Changes(Vec::new()));
    let expected = format!("unbound {file}:4#/c: commit {}, which the repository does not have", &third[..12]);
    assert_eq!(gaps(need.clone(), &workspace), [expected]);
    let many: String = (0..40).map(|at| format!("{{\"c\":\"{at:040}\"}}\n")).collect();
    let workspace = memory().head(HEAD).file(&format!("repo:{file}"), &many);
    assert!(gaps(need, &workspace).iter().any(|gap| gap.ends_with(": more")));
}

#[test]
fn a_fallback_is_read_only_where_its_file_is_nowhere() {
    let need = || {
        let mut need = only("e", "repo:a.json");
        if let Paths::Declared { fallback, .. } = &mut need.paths {
            *fallback = Some(rel("b.json"));
        }
        need
    };
    let git = || memory().head(HEAD);
    let read = |workspace: &Memory| {
        let (kinds, files, absent) = one(need(), workspace);
        assert_eq!(absent, None);
        (kinds, files)
    };
    let none = Vec::<GapKind>::new;
    assert_eq!(read(&git().file("repo:b.json", "{}")), (none(), vec!["b.json".to_owned()]));
    let both = git().file("repo:a.json", "{}").file("repo:b.json", "{}");
    assert_eq!(read(&both), (none(), vec!["a.json".to_owned()]));
    let collected = all(&suite(vec![gate("g", vec![need()], Vec::new())]), &both);
    let rows: Vec<_> = collected.manifest.iter().map(|row| (row.path.shown.as_str(), row.instead.as_deref())).collect();
    assert_eq!(rows, [("a.json", None), ("b.json", Some("a.json"))]);
    // Deleted from the work tree, or no git to tell: nothing stands in for it.
    for (head, index) in [(Some("{}"), Some("{}")), (Some("{}"), None), (None, Some("{}"))] {
        let deleted = git().tracked("a.json", head, index).file("repo:b.json", "{}");
        assert_eq!(read(&deleted).0, [GapKind::Missing]);
    }
    assert_eq!(read(&memory().file("repo:b.json", "{}")).0, [GapKind::Missing]);
    assert_eq!(read(&git()).0, [GapKind::Missing]);
    let damaged = git().irregular("repo:a.json", "a pipe").file("repo:b.json", "{}");
    assert_eq!(read(&damaged).0, [GapKind::Unreadable]);
}
