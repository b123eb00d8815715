//! A run in shards: what each check gets to see, how often a file is read, and what the shards have in common.

use super::*;
use crate::gate::Shards;

fn environment(run: &str, commit: &str) -> String {
    format!(r#"{{"run_id":"{run}","git_sha":"{commit}","artifact_dir":"/ci/proj/results/here"}}"#)
}

/// Two shards; the first names a file by its path on another machine.
fn two(second: &str) -> Memory {
    memory()
        .shard(
            "results/a",
            &[
                ("environment.json", &environment("r1", HEAD)),
                ("summary.json", r#"{"baseline":"zero"}"#),
                ("x/n.json", r#"{"files":["/ci/proj/results/here/log.txt"]}"#),
                ("log.txt", "a"),
                ("only.json", "1"),
            ],
        )
        .shard(
            "results/b",
            &[
                ("environment.json", second),
                ("summary.json", r#"{"baseline":"zero"}"#),
                ("x/n.json", r#"{"files":["log.txt"]}"#),
                ("log.txt", "b"),
            ],
        )
        .beside("zero", "x/n.json", "{}")
}

/// A gate whose first check takes the shards one by one and whose second takes them together; both read everything.
fn both(evidence: Vec<EvidenceNeed>) -> Suite {
    let reads: Vec<(&'static str, Use)> =
        evidence.iter().map(|need| (&*need.id.as_str().to_owned().leak(), Use::Whole)).collect();
    let mut gate = gate("g", evidence, vec![reads.clone(), reads]);
    gate.checks[1].shards = Shards::Together;
    suite(vec![gate])
}

fn shown(evidence: &BTreeMap<GateId, BTreeMap<EvidenceId, Evidence>>, name: &str) -> Vec<String> {
    evidence[&gate_id("g")][&id(name)].artifacts.iter().map(|artifact| artifact.path.shown.clone()).collect()
}

#[test]
fn each_check_sees_its_shard_or_all_of_them_and_files_are_read_once() {
    let needs = vec![
        need("n", "run:x/*.json", Pick::All),
        referenced("logs", "n", &[Step::Key("files".into()), Step::Each], Base::Run),
        EvidenceNeed { optional: true, ..need("some", "run:only.json", Pick::All) },
        need("old", "baseline:x/*.json", Pick::All),
    ];
    let workspace = two(&environment("r1", HEAD));
    let collected = all(&both(needs), &workspace);
    assert_eq!(shown(&collected.evidence, "n"), ["results/a/x/n.json", "results/b/x/n.json"]);
    assert_eq!(shown(&collected.evidence, "logs"), ["results/a/log.txt", "results/b/log.txt"]);
    assert_eq!(shown(&collected.evidence, "some"), ["results/a/only.json"]);
    assert_eq!(collected.evidence[&gate_id("g")][&id("some")].absent, None);
    let mut seen = 0;
    for (shard, directory) in collected.shards.iter().zip(["results/a", "results/b"]) {
        assert_eq!(shown(&shard.evidence, "n"), [format!("{directory}/x/n.json")]);
        assert_eq!(shown(&shard.evidence, "logs"), [format!("{directory}/log.txt")]);
        assert_eq!(shown(&shard.evidence, "old"), ["results/zero/x/n.json"]);
        // A path in a check means the same as in a run in one piece.
        assert_eq!(shard.evidence[&gate_id("g")][&id("n")].artifacts[0].path.rel, rel("x/n.json"));
        let run = shard.context.run.as_ref().expect("a run");
        assert_eq!((run.path.as_str(), run.name.as_deref()), (directory, directory.rsplit('/').next()));
        assert!(shard.context.part && !collected.context.part);
        seen += 1;
    }
    assert_eq!((seen, collected.shards.len()), (2, 2));
    assert!(collected.shards[1].evidence[&gate_id("g")][&id("some")].absent.is_some());
    for path in ["results/a/x/n.json", "results/b/log.txt", "results/zero/x/n.json", "results/a/environment.json"] {
        assert_eq!(workspace.times_opened(path), 1, "{path}");
        assert_eq!(collected.manifest.iter().filter(|row| row.path.shown == path).count(), 1, "{path}");
    }
    let run = collected.context.run.expect("a run");
    assert_eq!((run.id.as_deref(), run.name, run.shards.len()), (Some("r1"), None, 2));
    assert_eq!(collected.context.commit, Ok(HEAD.to_owned()));
}

#[test]
fn what_shards_do_not_share_is_not_told() {
    let needs = || {
        vec![EvidenceNeed { bound: Bound { run_id: Some(pointer("/id")), ..Bound::default() }, ..only("e", "repo:e.json") }]
    };
    let workspace = two(&environment("r2", OTHER)).file("repo:e.json", r#"{"id":"r1"}"#);
    let collected = all(&both(needs()), &workspace);
    assert!(collected.context.commit.is_err_and(|phrase| phrase.contains(HEAD) && phrase.contains(OTHER)));
    assert_eq!(collected.context.run.and_then(|run| run.id), None);
    // What is bound to the run cannot be bound to one of two.
    let kinds = |evidence: &Evidence| evidence.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&collected.evidence[&gate_id("g")][&id("e")]), [GapKind::Unbound]);
    let workspace = two(&environment("r1", HEAD)).file("repo:e.json", r#"{"id":"r1"}"#);
    assert!(kinds(&all(&both(needs()), &workspace).evidence[&gate_id("g")][&id("e")]).is_empty());
}

#[test]
fn every_shard_must_have_what_the_run_must_have() {
    let mut missing = 0;
    for need in [need("e", "run:only.json", Pick::All), need("e", "run:o*.json", Pick::All)] {
        let collected = all(&both(vec![need]), &two(&environment("r1", HEAD)));
        let gaps = &collected.evidence[&gate_id("g")][&id("e")].gaps;
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert!(gaps[0].kind == GapKind::Missing && gaps[0].at.path.starts_with("results/b/"), "{gaps:?}");
        missing += 1;
    }
    assert_eq!(missing, 2);
    // A file that the repository's document says to be in the run could lie in any shard.
    let needs = vec![only("i", "repo:i.json"), referenced("f", "i", &[Step::Key("file".into())], Base::Run)];
    let workspace = two(&environment("r1", HEAD)).file("repo:i.json", r#"{"file":"log.txt"}"#);
    let collected = all(&both(needs), &workspace);
    let gaps = &collected.evidence[&gate_id("g")][&id("f")].gaps;
    assert!(gaps.len() == 1 && gaps[0].actual.contains("in which of them"), "{gaps:?}");
    assert_eq!(shown(&collected.shards[1].evidence, "f"), ["results/b/log.txt"]);
}

#[test]
fn shards_name_one_baseline() {
    let needs = vec![need("old", "baseline:x/*.json", Pick::All)];
    let odd = memory()
        .shard("results/a", &[("environment.json", &environment("r1", HEAD)), ("summary.json", r#"{"baseline":"zero"}"#)])
        .shard("results/b", &[("environment.json", &environment("r1", HEAD)), ("summary.json", r#"{"baseline":null}"#)])
        .beside("zero", "x/n.json", "{}");
    let collected = all(&both(needs), &odd);
    let gaps = &collected.evidence[&gate_id("g")][&id("old")].gaps;
    assert_eq!((gaps.len(), gaps[0].kind), (1, GapKind::Invalid));
    assert!(gaps[0].actual.contains("`zero` at results/a/summary.json#/baseline and none"), "{gaps:?}");
}
