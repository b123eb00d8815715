//! Which files a need finds, and what it says where there are none.

#![expect(clippy::disallowed_methods, reason = "links and pipes need a real disk")]

use super::*;

#[test]
fn absence_is_allowed_only_where_it_is_said() {
    let workspace =
        memory().file("repo:bad.json", "{").file("repo:d/a.json", "1").irregular("repo:pipe.json", "it is a pipe");
    let optional = |path| EvidenceNeed { optional: true, ..only("e", path) };
    assert_eq!(one(only("e", "repo:none.json"), &workspace).0, [GapKind::Missing]);
    assert_eq!(one(only("e", "repo:none/*.json"), &workspace).0, [GapKind::Missing]);
    let mut absent = 0;
    for path in ["repo:none.json", "repo:none/*.json", "repo:d/*.toml", "run:a.json", "baseline:a.json", "history:*/a.json"]
    {
        let (gaps, artifacts, phrase) = one(optional(path), &workspace);
        assert!(gaps.is_empty() && artifacts.is_empty() && phrase.is_some(), "{path}");
        absent += 1;
    }
    assert_eq!(absent, 6);
    assert_eq!(one(optional("repo:bad.json"), &workspace).0, [GapKind::Malformed]);
    assert_eq!(one(optional("repo:pipe.json"), &workspace).0, [GapKind::Unreadable]);
    assert_eq!(one(optional("repo:d"), &workspace).0, [GapKind::Unreadable]);
    assert_eq!(one(only("e", "run:a.json"), &workspace).0, [GapKind::Missing]);
    assert_eq!(one(only("e", "baseline:a.json"), &workspace).0, [GapKind::Missing]);
}

#[test]
fn earlier_runs_are_there_or_not_at_all() {
    let every = |optional| EvidenceNeed { optional, ..need("e", "history:*/a.json", Pick::All) };
    let missing = gaps(every(false), &run());
    assert_eq!(missing, ["missing history:*/a.json: no earlier run was given"]);
    let workspace = run().file("history:one/a.json", "1").file("history:two/a.json", "2").file("history:two/b.json", "3");
    let shown = ["history:one/a.json", "history:two/a.json"].map(str::to_owned).to_vec();
    assert_eq!(one(every(false), &workspace), (Vec::new(), shown.clone(), None));
    assert_eq!(one(every(true), &workspace), (Vec::new(), shown, None));
    // Optional means that no history was given; what is looked for in a history that is there must be there.
    let none = EvidenceNeed { optional: true, ..need("e", "history:*/none.json", Pick::All) };
    assert_eq!(one(none, &workspace).0, [GapKind::Missing]);
    assert_eq!(one(only("e", "history:three/a.json"), &workspace).0, [GapKind::Missing]);
    // Earlier runs are read, and are not the run: `run:` finds none of their files.
    assert_eq!(one(only("e", "run:two/a.json"), &workspace).0, [GapKind::Missing]);
}

#[test]
fn only_and_all_take_what_they_say() {
    let workspace = memory().file("repo:d/b.json", "2").file("repo:d/a.json", "1").file("repo:e/bad.json", "x");
    assert_eq!(one(only("e", "repo:d/*.json"), &workspace).0, [GapKind::Invalid]);
    assert_eq!(one(only("e", "repo:d/a*.json"), &workspace).1, ["d/a.json"]);
    assert_eq!(one(need("e", "repo:d/*.json", Pick::All), &workspace).1, ["d/a.json", "d/b.json"]);
    let (gaps, artifacts, _) = one(need("e", "repo:?/*.json", Pick::All), &workspace);
    assert_eq!((gaps, artifacts.len()), (vec![GapKind::Malformed], 3));
}

#[test]
fn the_newest_is_chosen_by_what_documents_say() {
    let at = |day: u32| format!(r#"{{"at":"2026-02-{day:02}T00:00:00Z"}}"#);
    let newest = || EvidenceNeed { at: Some(pointer("/at")), ..need("e", "repo:d/*.json", Pick::Newest) };
    let two = || memory().file("repo:d/a.json", at(3)).file("repo:d/b.json", at(2));
    assert_eq!(one(newest(), &two()), (vec![], vec!["d/a.json".to_owned()], None));
    assert_eq!(one(EvidenceNeed { max_age: Some(Age::days(1)), ..newest() }, &two()).0, [GapKind::Stale]);
    let tie = two().file("repo:d/c.json", at(3));
    assert_eq!(gaps(newest(), &tie), ["invalid repo:d/*.json: ambiguous: 2 are equally new (d/a.json, d/c.json)"]);
    let mut refused = 0;
    for damaged in ["{}", "{", r#"{"at":1}"#, r#"{"at":"2026-02-01T00:00:00"}"#, r#"{"at":"2027-02-01T00:00:00Z"}"#] {
        let found = one(newest(), &two().file("repo:d/c.json", damaged));
        assert_eq!(found.0.len(), 1, "{damaged}");
        refused += 1;
    }
    assert_eq!(refused, 5);
    assert_eq!(one(need("e", "repo:d/*.json", Pick::Newest), &two()).0, [GapKind::Invalid, GapKind::Invalid]);
    let stream = EvidenceNeed { at: Some(pointer("/at")), ..need("e", "repo:d/*.jsonl", Pick::Newest) };
    let streams = memory().file("repo:d/a.jsonl", at(3) + "\n" + &at(1)).file("repo:d/b.jsonl", at(2) + "\n" + &at(2));
    assert_eq!(one(stream, &streams), (vec![], vec!["d/a.jsonl".to_owned()], None));
    let collected = all(&suite(vec![gate("g", vec![newest()], Vec::new())]), &two());
    assert_eq!(collected.manifest.len(), 2);
}

#[test]
fn the_newest_run_is_taken_whole() {
    let at = |day: u32| format!(r#"{{"at":"2026-02-{day:02}T00:00:00Z"}}"#);
    let newest = || EvidenceNeed { at: Some(pointer("/at")), ..need("e", "repo:n/*/*.json", Pick::NewestRun) };
    let two = || {
        let first = memory().file("repo:n/r1/a.json", at(1)).file("repo:n/r1/b.json", at(2));
        first.file("repo:n/r2/a.json", at(1)).file("repo:n/r2/b.json", at(3)).file("repo:n/top.json", at(9))
    };
    assert_eq!(one(newest(), &two()), (vec![], vec!["n/r2/a.json".to_owned(), "n/r2/b.json".to_owned()], None));
    // Each of its files is as old as it says; the others count for nothing.
    let aged = EvidenceNeed { max_age: Some(Age::days(1)), ..newest() };
    assert_eq!(one(aged, &two()).0, [GapKind::Stale, GapKind::Stale]);
    let tie = two().file("repo:n/r1/c.json", at(3));
    assert_eq!(gaps(newest(), &tie), ["invalid repo:n/*/*.json: ambiguous: 2 are equally new (n/r1, n/r2)"]);
    for damaged in ["{}", "{", r#"{"at":"2027-02-01T00:00:00Z"}"#] {
        assert_eq!(one(newest(), &two().file("repo:n/r1/c.json", damaged)).0.len(), 1, "{damaged}");
    }
}

#[test]
fn what_is_excluded_is_not_looked_for() {
    let workspace = || memory().file("repo:d/a.json", "1").file("repo:d/fixtures/b.json", "x");
    let without = |patterns: &[&str]| EvidenceNeed {
        exclude: patterns.iter().map(|pattern| rel(pattern)).collect(),
        ..need("e", "repo:d/**/*.json", Pick::All)
    };
    assert_eq!(one(without(&[]), &workspace()).0, [GapKind::Malformed]);
    assert_eq!(one(without(&["d/fixtures/**"]), &workspace()), (vec![], vec!["d/a.json".to_owned()], None));
    assert_eq!(one(without(&["d/**"]), &workspace()).0, [GapKind::Missing]);
}

#[test]
fn a_baseline_may_be_demanded() {
    let suite = |required| {
        let optional = EvidenceNeed { optional: true, ..only("e", "baseline:a.json") };
        let mut suite = suite(vec![gate("g", vec![optional], Vec::new())]);
        suite.policy.run.as_mut().expect("a run").baseline_required = required;
        suite
    };
    let gaps = |required, workspace: &Memory| {
        let collected = all(&suite(required), workspace);
        let own = &collected.evidence[&gate_id("g")][&id("e")];
        (own.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), own.absent.is_some())
    };
    let none = run().file("run:summary.json", r#"{"baseline":null}"#);
    assert_eq!(gaps(false, &none), (vec![], true));
    assert_eq!(gaps(true, &none), (vec![GapKind::Missing], false));
    let named = run().file("run:summary.json", r#"{"baseline":"zero"}"#).beside("zero", "a.json", "1");
    let named = named.beside("zero", "summary.json", "1");
    assert_eq!(gaps(true, &named), (vec![], false));
}

#[test]
fn baselines_are_named_by_the_run_or_not_at_all() {
    let need = |optional| EvidenceNeed { optional, ..only("e", "baseline:a.json") };
    let named = |baseline: &str| {
        run().file("run:summary.json", format!(r#"{{"baseline":{baseline}}}"#)).beside("zero", "a.json", "1").beside(
            "zero",
            "summary.json",
            "1",
        )
    };
    let mut there = 0;
    for baseline in ["\"zero\"", "\"/ci/proj/results/zero\"", "\"/ci/proj/results/zero/\"", "\"../zero/summary.json\""] {
        assert_eq!(
            one(need(false), &named(baseline)),
            (vec![], vec!["results/zero/a.json".to_owned()], None),
            "{baseline}"
        );
        there += 1;
    }
    assert_eq!(there, 4);
    assert!(one(need(true), &named("null")).2.is_some_and(|phrase| phrase.contains("names no baseline")));
    assert_eq!(one(need(false), &named("null")).0, [GapKind::Missing]);
    // A baseline that is named must be there, and so must its files.
    let mut refused = 0;
    for baseline in ["\"gone\"", "\"/ci/proj/results/one\"", "\"..\"", "\"\"", "7", "\"summary.json\""] {
        let (gaps, _, absent) = one(need(true), &named(baseline));
        assert!(gaps.len() == 1 && absent.is_none(), "{baseline}");
        refused += 1;
    }
    assert_eq!(refused, 6);
    let other = EvidenceNeed { optional: true, ..only("e", "baseline:b.json") };
    assert_eq!(one(other, &named("\"zero\"")).0, [GapKind::Missing]);
    assert_eq!(one(need(true), &run().file("run:summary.json", "{")).0, [GapKind::Malformed]);
    // The operator's word stands.
    let suite = suite(vec![gate("g", vec![need(false)], Vec::new())]);
    let workspace = run().file("run:summary.json", r#"{"baseline":"gone"}"#).file("baseline:a.json", "1");
    let options = Options { baseline_named_by_operator: true };
    let collected = collect(&suite, &[gate_id("g")], &workspace, &options);
    assert!(collected.evidence[&gate_id("g")][&id("e")].gaps.is_empty());
}

#[test]
fn named_files_stand_in_the_order_of_their_names() {
    let steps = [Step::Key("files".to_owned()), Step::Each];
    let needs = || vec![referenced("files", "index", &steps, Base::Run), only("index", "run:index.json")];
    let collect_with = |index: &str| {
        let workspace = run().file("run:index.json", index).file("run:b", "bb").file("repo:docs/c", "c");
        all(&suite(vec![gate("g", needs(), Vec::new())]), &workspace)
    };
    let collected = collect_with(r#"{"files":["/ci/proj/results/one/b","gone","/ci/proj/docs/c","b"]}"#);
    let found = &collected.evidence[&gate_id("g")][&id("files")];
    assert!(found.gaps.is_empty() && found.many);
    let shown: Vec<(&str, Option<GapKind>)> = found
        .artifacts
        .iter()
        .map(|artifact| (artifact.path.shown.as_str(), artifact.content.as_ref().err().map(|gap| gap.kind)))
        .collect();
    let missing = Some(GapKind::Missing);
    let b = "results/one/b";
    assert_eq!(shown, [(b, None), ("results/one/gone", missing), ("docs/c", None), (b, None)]);
    let kinds = |index: &str| -> Vec<GapKind> {
        collect_with(index).evidence[&gate_id("g")][&id("files")].gaps.iter().map(|gap| gap.kind).collect()
    };
    assert_eq!(kinds(r#"{"files":["b",7,null]}"#), [GapKind::Invalid, GapKind::Invalid]);
    assert_eq!(kinds(r#"{"files":["../../etc/passwd","/etc/passwd"]}"#), [GapKind::Unreadable, GapKind::Unreadable]);
    assert_eq!(kinds("{}"), [GapKind::Invalid]);
    assert_eq!(kinds("{"), [GapKind::Malformed]);
    assert_eq!(kinds(r#"{"files":["unit"]}"#), Vec::new());
    let circle = vec![referenced("a", "b", &steps, Base::Run), referenced("b", "a", &steps, Base::Run)];
    let collected = all(&suite(vec![gate("g", circle, Vec::new())]), &run());
    assert_eq!(collected.evidence[&gate_id("g")][&id("a")].gaps[0].kind, GapKind::Unreadable);
}

#[test]
fn listings_name_files_and_open_none() {
    let workspace = memory().file("repo:t/b.rs", "").file("repo:t/a.rs", "").file("repo:t/d/c.rs", "");
    let collected = all(&suite(vec![gate("g", vec![listing("files", "repo:t/*.rs")], Vec::new())]), &workspace);
    let found = &collected.evidence[&gate_id("g")][&id("files")];
    let Ok(Content::Listing(names)) = &found.artifacts[0].content else { panic!("a listing") };
    assert_eq!(names.iter().map(RelPath::as_str).collect::<Vec<_>>(), ["t/a.rs", "t/b.rs"]);
    assert_eq!(found.artifacts[0].digest, Some(Digest::of(b"t/a.rs\nt/b.rs\n")));
    assert_eq!((collected.manifest[0].path.shown.as_str(), workspace.times_opened("t/a.rs")), ("t/*.rs", 0));
    assert_eq!(one(listing("files", "repo:t/*.zig"), &workspace).0, [GapKind::Missing]);
}

#[test]
fn limits_hold() {
    let workspace = memory().changing("repo:huge.json", "1", 1 << 40).changing("repo:grows.json", "[1]", 2);
    assert_eq!(one(only("e", "repo:huge.json"), &workspace).0, [GapKind::OverLimit]);
    assert_eq!(one(only("e", "repo:grows.json"), &workspace).0, [GapKind::Unreadable]);
    let mut suite = suite(vec![gate("g", vec![only("a", "repo:a"), only("b", "repo:b")], Vec::new())]);
    suite.policy.limits.files_max = 1;
    let collected = all(&suite, &memory().file("repo:a", "").file("repo:b", ""));
    let kinds = |name| collected.evidence[&gate_id("g")][&id(name)].gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>();
    assert_eq!((kinds("a"), kinds("b")), (vec![], vec![GapKind::OverLimit]));
    assert_eq!(collected.manifest[1].gap, Some(GapKind::OverLimit));
}

#[cfg(unix)]
#[test]
fn a_hostile_run_on_disk_is_all_gaps() {
    let keep = tempfile::tempdir().expect("a directory");
    let (root, run) = (keep.path().join("repo"), keep.path().join("run"));
    std::fs::create_dir_all(&root).expect("made");
    std::fs::create_dir_all(run.join("directory.json")).expect("made");
    std::fs::write(keep.path().join("secret.json"), "{}").expect("written");
    std::fs::write(run.join("good.json"), "{}").expect("written");
    std::fs::write(run.join("empty.json"), "").expect("written");
    std::os::unix::fs::symlink("../secret.json", run.join("out.json")).expect("linked");
    std::os::unix::fs::symlink("nowhere", run.join("broken.json")).expect("linked");
    let made = std::process::Command::new("mkfifo").arg(run.join("pipe.json")).status().expect("mkfifo runs");
    assert!(made.success());
    // A file with a hole takes no room on disk.
    std::fs::File::create(run.join("huge.json")).and_then(|file| file.set_len(1 << 40)).expect("made");
    let disk = crate::workspace::Disk::new(&root, Some(&run), None, Some(now())).expect("opened");
    let names = ["good", "empty", "directory", "out", "broken", "pipe", "huge", "none"];
    let paths: Vec<String> = names.iter().map(|name| format!("run:{name}.json")).collect();
    let needs = names.iter().zip(&paths).map(|(name, path)| only(name, path)).collect();
    let gates = vec![gate("g", needs, Vec::new()), gate("h", vec![need("all", "run:*.json", Pick::All)], Vec::new())];
    let suite = fitting(suite(gates), &disk);
    let started = std::time::Instant::now();
    let collected = collect(&suite, &[gate_id("g"), gate_id("h")], &disk, &Options::default());
    assert!(started.elapsed().as_secs() < 20);
    let kind = |name: &str| collected.evidence[&gate_id("g")][&id(name)].gaps.first().map(|gap| gap.kind);
    let kinds: Vec<Option<GapKind>> = names.iter().map(|name| kind(name)).collect();
    let unreadable = Some(GapKind::Unreadable);
    let (malformed, over, missing) = (Some(GapKind::Malformed), Some(GapKind::OverLimit), Some(GapKind::Missing));
    assert_eq!(kinds, [None, malformed, unreadable, unreadable, unreadable, unreadable, over, missing]);
    // A pattern skips directories, and nothing else.
    let all = &collected.evidence[&gate_id("h")][&id("all")];
    assert_eq!((all.artifacts.len(), all.gaps.len()), (6, 5));
    assert!(collected.manifest.iter().all(|row| row.path.shown.starts_with("run:")));
}

#[test]
fn reports_are_found_among_other_files_and_nothing_damaged_is_passed_over() {
    let junit = "<testsuite name='s'><testcase name='a'/></testsuite>";
    let reports = |path, pick| EvidenceNeed { format: &format::TEST_REPORT, ..need("e", path, pick) };
    let all_of = || reports("run:**/*", Pick::All);
    let workspace = || {
        memory().with_run("r").file("run:a.xml", junit).file("run:b/coverage.xml", "<coverage/>").file("run:c.bin", "\0")
    };
    assert_eq!(one(all_of(), &workspace()), (vec![], vec!["r/a.xml".to_owned()], None));
    // What was passed over was looked at, so it is in the manifest.
    let collected = all(&suite(vec![gate("g", vec![all_of()], Vec::new())]), &workspace());
    assert_eq!(collected.manifest.iter().filter(|row| row.id == id("e")).count(), 3);
    let (gaps_found, artifacts, _) = one(all_of(), &workspace().file("run:cut.xml", &junit[..30]));
    assert_eq!((gaps_found, artifacts.len()), (vec![GapKind::Malformed], 2));
    let others = memory().with_run("r").file("run:b.xml", "<coverage/>").file("run:c", "");
    let phrase = "none of 2 files is one (`gatekeeper explain test-report` tells how they are recognised)";
    assert_eq!(gaps(all_of(), &others), [format!("missing run:**/*: {phrase}")]);
    let optional = one(EvidenceNeed { optional: true, ..all_of() }, &others);
    assert!(optional.0.is_empty() && optional.1.is_empty() && optional.2.is_some());
    // A file that is named must be a report.
    assert_eq!(one(reports("run:b.xml", Pick::Only), &others).0, [GapKind::Invalid]);
    assert_eq!(one(reports("run:none.xml", Pick::All), &others).0, [GapKind::Missing]);
}

#[test]
fn large_files_are_passed_over_only_if_they_are_no_text() {
    let reports = || EvidenceNeed { format: &format::TEST_REPORT, ..need("e", "run:*", Pick::All) };
    let judge = |workspace: &Memory| {
        let mut suite = fitting(suite(vec![gate("g", vec![reports()], Vec::new())]), workspace);
        suite.policy.limits.file_max = 60;
        let evidence = &all(&suite, workspace).evidence[&gate_id("g")][&id("e")];
        evidence.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>()
    };
    let junit = "<testsuite name='s'><testcase name='a'/></testsuite>";
    let small = || memory().with_run("r").file("run:a.xml", junit);
    assert_eq!(judge(&small().file("run:video", "\0".repeat(100))), []);
    assert_eq!(judge(&small().file("run:big.log", "x".repeat(100))), [GapKind::OverLimit]);
}
