//! A run in shards comes to what the run comes to, however it was shared out; and shards that are not one whole run are named.

use crate::support::agent_cli::{NOW, SHARDS, Tree, in_shards, is_primary};
use gatekeeper::load::Selection;
use gatekeeper::model::{GateResult, Mode, Ruling, Verdict, parse_instant};
use gatekeeper::pipeline::{self, Request};
use gatekeeper::report;
use gatekeeper::workspace::{Disk, Workspace};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq};
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const WHOLE: &str = "20260302T101500Z";
const BASELINE: &str = "20260301T091500Z";
/// As a download leaves them: each in a directory of its own, under the name of the run.
const DOWNLOADED: [&str; 3] = ["2/20260302T101500Z", "0/20260302T101500Z", "1/20260302T101500Z"];
const MANY: [&str; 5] =
    ["20260302T101501Z", "20260302T101502Z", "20260302T101503Z", "20260302T101504Z", "20260302T101505Z"];

fn primary() -> Tree {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli");
    let mut tree = Tree::new();
    for (directory, below) in [("tests", "tests/"), ("src", "src/")] {
        for entry in fs::read_dir(home.join(directory)).expect("a directory of the fixture") {
            let path = entry.expect("an entry").path();
            let name = format!("{below}{}", path.file_name().and_then(|name| name.to_str()).expect("a plain name"));
            if path.is_file() && is_primary(&name) {
                tree.insert(name, fs::read(&path).expect("a file of the fixture"));
            }
        }
    }
    assert!(tree.len() > 14, "{} files", tree.len());
    tree
}

fn stems() -> Vec<String> {
    let tests = primary();
    let stems = tests.keys().filter_map(|path| Some(path.strip_prefix("tests/")?.strip_suffix(".rs")?.to_owned()));
    stems.collect()
}

/// Runs on disk.
struct Runs {
    root: tempfile::TempDir,
}

impl Runs {
    fn new(homes: &[&'static str], ran: &dyn Fn(&str, usize) -> bool, red: bool) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        for (path, bytes) in in_shards(&primary(), homes, ran, red) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("above")).expect("made");
            fs::write(path, bytes).expect("written");
        }
        Self { root }
    }

    /// Test files shared out by their position.
    fn three(red: bool) -> Self {
        let stems = stems();
        Self::new(&SHARDS, &|stem, shard| stems.iter().position(|own| own == stem).expect("one of them") % 3 == shard, red)
    }

    fn at(&self, run: &str) -> PathBuf {
        self.root.path().join("tests/e2e_results").join(run)
    }

    /// Changes a file of a run as text; it must change.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.at(file)).expect("a file of the run");
        let edited = text.replace(from, to);
        assert_ne!(text, edited, "{file}: {from}");
        fs::write(self.at(file), edited).expect("written");
    }

    /// Says something else of a shard in all three documents that do.
    fn relabel(&self, shard: &str, key: &str, value: impl Into<serde_json::Value>) {
        let value = value.into();
        for (file, at) in [
            ("environment.json", format!("/shard/{key}")),
            ("summary.json", format!("/shard/{key}")),
            ("replay_bundle.json", format!("/environment/shard_{key}")),
        ] {
            let path = self.at(shard).join(file);
            let mut document: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).expect("a document")).expect("own JSON");
            *document.pointer_mut(&at).expect("the shard") = value.clone();
            fs::write(path, document.to_string()).expect("written");
        }
    }

    fn judge(&self, shards: &[&str], baseline: Option<&str>) -> Verdict {
        let now = parse_instant(NOW).expect("the fixture's clock");
        let baseline = baseline.map(|run| self.at(run));
        let shards: Vec<PathBuf> = shards.iter().map(|shard| self.at(shard)).collect();
        let disk = |run: Option<&Path>| Disk::new(self.root.path(), run, baseline.as_deref(), Some(now)).expect("opened");
        let workspace = match &*shards {
            [whole] if whole.ends_with(WHOLE) => disk(Some(whole)),
            shards => disk(None).with_shards(shards).expect("opened"),
        };
        let suite = pipeline::load(&workspace, &Selection { policy: Some("e2e-run".to_owned()) }).suite.expect("sound");
        let request = Request { lane: "full".to_owned(), mode: Mode::Strict, clock: None, policy_ref: None };
        let terms = pipeline::terms(&suite, &request, workspace.now()).expect("the policy has the lane");
        pipeline::judge(&suite, &workspace, &terms, baseline.is_some())
    }
}

/// Standing, raw status, reason and kinds of findings of each gate.
fn standings(verdict: &Verdict) -> BTreeMap<String, String> {
    let told = |gate: &GateResult| {
        let kinds: BTreeSet<&str> = gate.findings.iter().map(|finding| &*finding.kind).collect();
        let reason = gate.reason.map_or("", |reason| reason.word());
        (gate.id.to_string(), format!("{} {} {reason} {kinds:?}", gate.standing.word(), gate.status.word()))
    };
    verdict.gates.iter().map(told).collect()
}

/// What does not stand for a reason of its own, with the kinds of its findings.
fn failed(verdict: &Verdict) -> Vec<String> {
    let own = verdict.gates.iter().filter(|gate| gate.standing.word() == "fail");
    let told = own.map(|gate| {
        let kinds: BTreeSet<&str> = gate.findings.iter().map(|finding| &*finding.kind).collect();
        format!("{}: {}", gate.id, kinds.into_iter().collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

fn bytes(verdict: &Verdict) -> Vec<Vec<u8>> {
    report::FORMATS.iter().map(|format| format.bytes(verdict).expect("written down")).collect()
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn shards_come_to_what_the_run_comes_to_in_any_order() {
    let mut judged = 0;
    for red in [false, true] {
        let runs = Runs::three(red);
        let whole = runs.judge(&[WHOLE], None);
        assert_eq!(whole.ruling(), if red { Ruling::Fail } else { Ruling::Pass }, "{}", whole.reason());
        let mut written = BTreeSet::new();
        for order in ORDERS {
            let merged = runs.judge(&order.map(|index| SHARDS[index]), None);
            assert_eq!(standings(&merged), standings(&whole), "{order:?}, red: {red}");
            assert_eq!(merged.reason(), whole.reason());
            let run = merged.run.as_ref().expect("a run");
            assert_eq!(run.shards, SHARDS.map(|shard| format!("tests/e2e_results/{shard}")));
            assert_eq!((run.path.as_str(), &run.id), ("tests/e2e_results", &whole.run.as_ref().expect("a run").id));
            written.insert(bytes(&merged));
            judged += 1;
        }
        assert_eq!(written.len(), 1, "the order of the shards shows in no byte");
    }
    assert_eq!(judged, 12);
}

#[test]
fn downloads_of_one_name_are_different_shards() {
    let stems = stems();
    let of = |stem: &str| stems.iter().position(|own| own == stem).expect("one of them") % 3;
    let runs = Runs::new(&DOWNLOADED, &|stem, shard| of(stem) == shard, true);
    let merged = runs.judge(&DOWNLOADED, Some(BASELINE));
    assert_eq!(standings(&merged), standings(&runs.judge(&[WHOLE], Some(BASELINE))));
    // Files that shards have under one path are different files.
    let environments = merged.evidence.iter().filter(|row| row.path.rel.name() == "environment.json").count();
    assert_eq!(environments, 3);
    // No directory beside the shards has the baseline that they name.
    assert_eq!(failed(&runs.judge(&DOWNLOADED, None))[1..], ["parity_regression: missing", "test_regression: missing"]);
}

#[test]
fn any_partition_stands_as_the_run_does() {
    let stems = stems();
    let partition = (1..=MANY.len(), any::<bool>())
        .prop_flat_map(move |(count, red)| (Just(count), Just(red), proptest::collection::vec(0..count, stems.len())));
    let mut runner = TestRunner::new(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() });
    let names = self::stems();
    let outcome = runner.run(&partition, |(count, red, mut of)| {
        // A shard that selects nothing is refused by a gate of its own, so each gets something.
        (0..count).for_each(|shard| of[shard] = shard);
        let of = |stem: &str| of[names.iter().position(|own| own == stem).expect("one of them")];
        let runs = Runs::new(&MANY[..count], &|stem, shard| of(stem) == shard, red);
        prop_assert_eq!(standings(&runs.judge(&MANY[..count], None)), standings(&runs.judge(&[WHOLE], None)));
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}

#[test]
fn a_target_that_no_shard_has_is_gone() {
    let stems = stems();
    let of = |stem: &str| stems.iter().position(|own| own == stem).expect("one of them") % 3;
    let runs = Runs::new(&SHARDS, &|stem, shard| stem != "session_store" && of(stem) == shard, false);
    let verdict = runs.judge(&SHARDS, None);
    assert_eq!(failed(&verdict), ["parity_regression: regression", "test_regression: regression"]);
    let told: Vec<&str> = verdict.gates.iter().flat_map(|gate| &gate.findings).map(|finding| &*finding.actual).collect();
    assert!(told.iter().any(|text| text.contains("`session_store` is gone")), "{told:?}");
}

/// The kinds of finding that are told, what was done to the runs, and the shards that are given.
type Damaged<'a> = (&'a str, &'a dyn Fn(&Runs), &'a [&'a str]);

#[test]
fn shards_that_are_not_one_whole_run_are_named() {
    let [zero, one, two] = SHARDS;
    let all = [zero, one, two];
    let damages: [Damaged<'_>; 9] = [
        ("mixed-total", &|runs| runs.relabel(two, "total", 4), &all),
        ("mixed-kind", &|runs| runs.relabel(two, "kind", "unit"), &all),
        ("missing-shard shard-out-of-range", &|runs| runs.relabel(one, "index", 3), &all),
        ("duplicate-shard missing-shard", &|runs| runs.relabel(one, "index", 2), &all),
        (
            "mixed-git-sha",
            &|runs| {
                for file in ["environment.json", "replay_bundle.json"] {
                    runs.edit(&format!("{one}/{file}"), &"c".repeat(40), &"d".repeat(40));
                }
            },
            &all,
        ),
        (
            "mixed-profile",
            &|runs| {
                for file in ["environment.json", "summary.json", "replay_bundle.json"] {
                    runs.edit(&format!("{one}/{file}"), "\"profile\": \"full\"", "\"profile\": \"quick\"");
                }
            },
            &all,
        ),
        ("missing-shard", &|_| {}, &[zero, two]),
        ("missing-shard", &|_| {}, &[one]),
        ("not-a-shard", &|_| {}, &[zero, one, two, WHOLE]),
    ];
    let mut named = 0;
    for (kinds, damage, given) in damages {
        let runs = Runs::three(false);
        damage(&runs);
        assert_eq!(failed(&runs.judge(given, Some(BASELINE))), [format!("shards_complete: {kinds}")]);
        named += 1;
    }
    assert_eq!(named, 9);
}

/// The unit targets of the example's runs.
const UNITS: [&str; 8] = [
    "franken_node_claim_contract",
    "non_mock_compliance_gate",
    "provider_retry",
    "provider_streaming",
    "qa_certification_dossier",
    "release_evidence_gate",
    "session_store",
    "tool_schema",
];

#[test]
fn suite_shards_and_unit_shards_are_one_run_and_neither_is_one_alone() {
    let [zero, one, units] = SHARDS;
    let stems = stems();
    // Two shards of suites, and one of all unit targets.
    let of = |stem: &str| match UNITS.contains(&stem) {
        true => 2,
        false => stems.iter().position(|own| own == stem).expect("one of them") % 2,
    };
    let runs = Runs::new(&SHARDS, &|stem, shard| of(stem) == shard, false);
    for (shard, kind, index, total) in [(zero, "suite", 0, 2), (one, "suite", 1, 2), (units, "unit", 0, 1)] {
        runs.relabel(shard, "kind", kind);
        runs.relabel(shard, "index", index);
        runs.relabel(shard, "total", total);
    }
    let baseline = Some(BASELINE);
    assert_eq!(failed(&runs.judge(&[zero, one, units], baseline)), Vec::<String>::new());
    assert_eq!(failed(&runs.judge(&[units, one, zero], baseline)), Vec::<String>::new());
    let mut named = 0;
    for (given, kind) in [
        (&[zero, one][..], "missing-partition"),
        (&[units][..], "missing-partition"),
        (&[zero, units][..], "missing-shard"),
        (&[one, units][..], "missing-shard"),
        (&[zero][..], "missing-partition missing-shard"),
    ] {
        let told = failed(&runs.judge(given, baseline));
        assert!(told.contains(&format!("shards_complete: {kind}")), "{given:?}: {told:?}");
        named += 1;
    }
    assert_eq!(named, 5);
}

#[test]
fn a_shard_that_is_copied_foreign_overlapping_damaged_or_not_there_is_named() {
    let [zero, one, two] = SHARDS;
    let stems = stems();
    let of = |stem: &str| stems.iter().position(|own| own == stem).expect("one of them") % 3;

    let overlapping = Runs::new(
        &SHARDS,
        &|stem, shard| of(stem) == shard || (stem == "session_store" && shard == (of(stem) + 1) % 3),
        false,
    );
    let verdict = overlapping.judge(&SHARDS, None);
    assert_eq!(failed(&verdict), ["shards_complete: overlapping-selection"]);
    let findings = &verdict.gates.iter().find(|gate| gate.id.as_str() == "shards_complete").expect("the gate").findings;
    assert!(findings.len() == 1 && findings[0].actual.contains("session_store"), "{findings:?}");

    let runs = Runs::three(false);
    copy(&runs.at(one), &runs.at(&format!("again/{one}")));
    let again = format!("again/{one}");
    let verdict = runs.judge(&[zero, one, two, &again], Some(BASELINE));
    assert_eq!(failed(&verdict), ["shards_complete: duplicate-shard overlapping-selection"]);

    let foreign = Runs::three(false);
    let mut edited = 0;
    for path in files(&foreign.at(two)).into_iter().filter(|path| path.extension().is_some_and(|own| own == "json")) {
        let text = fs::read_to_string(&path).expect("a document");
        if text.contains("\"run_id\"") {
            fs::write(&path, text.replace("run-20260302-101500-7c1e", "run-20260302-101500-ffff")).expect("written");
            edited += 1;
        }
    }
    assert!(edited >= 7, "{edited} documents name their run");
    let verdict = foreign.judge(&SHARDS, None);
    assert_eq!(failed(&verdict), ["shards_complete: missing-shard mixed-run-id"]);
    assert_eq!(verdict.run.as_ref().and_then(|run| run.id.as_ref()), None, "two ids are none");

    let damaged = Runs::three(false);
    fs::write(damaged.at(two).join("environment.json"), "{").expect("written");
    let told = failed(&damaged.judge(&SHARDS, None));
    assert_eq!(told, ["run_documents: malformed", "shards_complete: malformed", "run_secrets: malformed"]);

    let gone = Runs::three(false);
    fs::remove_dir_all(gone.at(one)).expect("removed");
    let verdict = gone.judge(&SHARDS, None);
    assert_eq!(failed(&verdict), ["run_documents: missing", "shards_complete: missing", "run_secrets: missing"]);
    let shards = verdict.gates.iter().find(|gate| gate.id.as_str() == "shards_complete").expect("the gate");
    assert!(shards.detail.contains(one), "{}", shards.detail);
}

#[test]
fn what_breaks_in_one_shard_breaks_the_run_and_nothing_else() {
    let mut broken = 0;
    for shard in SHARDS {
        let runs = Runs::three(false);
        runs.edit(&format!("{shard}/summary.json"), "\"failed_units\": 0", "\"failed_units\": 1");
        let verdict = runs.judge(&SHARDS, None);
        assert_eq!(failed(&verdict), ["run_summary: contradiction"]);
        let gate = verdict.gates.iter().find(|gate| gate.id.as_str() == "run_summary").expect("the gate");
        assert!(
            gate.findings.iter().any(|finding| finding.at.as_ref().is_some_and(|at| at.path.contains(shard))),
            "{gate:?}"
        );
        broken += 1;
    }
    assert_eq!(broken, 3);
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).expect("below"));
        fs::create_dir_all(target.parent().expect("above")).expect("made");
        fs::copy(&path, &target).expect("copied");
    }
}
