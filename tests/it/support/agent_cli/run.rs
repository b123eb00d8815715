//! The two runs below `tests/e2e_results`: the older one with a flaky failure, the newer one green and compared with it. And the
//! newer one once more, shared out over shards in any way.

use super::history::Commits;
use super::sources::{Test, TestFile};
use super::{BASELINE, RUN, Tree, document, read_back, sha256, text};
use serde_json::{Value, json};

/// What a run is called.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Its directory: when it began.
    pub name: &'static str,
    /// Its id.
    pub id: &'static str,
}

/// Where the build server had the repository; verdicts must not depend on it.
const ELSEWHERE: &str = "/builds/agent-cli";
/// The test that failed in the older run.
const FLAKY: (&str, &str) = ("e2e_provider_streaming", "retries_after_disconnect");

/// Writes both runs.
pub fn write(tree: &mut Tree, tests: &[TestFile], commits: &Commits) {
    older(tests, &commits.parent).write(tree);
    newer(tests, &commits.head, false).write(tree);
}

fn older<'t>(tests: &'t [TestFile], commit: &'t str) -> Run<'t> {
    Run { stamp: BASELINE, home: BASELINE.name, commit, baseline: None, fails: Some(FLAKY), tests, shard: None }
}

fn newer<'t>(tests: &'t [TestFile], commit: &'t str, red: bool) -> Run<'t> {
    let fails = red.then_some(FLAKY);
    Run { stamp: RUN, home: RUN.name, commit, baseline: Some(BASELINE), fails, tests, shard: None }
}

/// The newer run as one run and in shards, beside the older one that it is compared with. `ran` says of a test file whether it
/// ran in a shard; `homes` are the directories of the shards, whose names say when they began. `red`: the flaky test fails again.
pub fn shards(tests: &[TestFile], homes: &[&'static str], ran: &dyn Fn(&str, usize) -> bool, red: bool) -> Tree {
    let mut tree = Tree::new();
    older(tests, &"b".repeat(40)).write(&mut tree);
    let commit = "c".repeat(40);
    newer(tests, &commit, red).write(&mut tree);
    for (index, home) in homes.iter().enumerate() {
        let own: Vec<TestFile> = tests.iter().filter(|file| ran(&file.stem, index)).cloned().collect();
        let name = home.rsplit('/').next().unwrap_or(home);
        let run = Run { stamp: Stamp { name, ..RUN }, home, ..newer(&own, &commit, red) };
        Run { shard: Some((index, homes.len())), ..run }.write(&mut tree);
    }
    tree
}

struct Run<'t> {
    stamp: Stamp,
    /// Its directory below `tests/e2e_results`.
    home: &'static str,
    commit: &'t str,
    baseline: Option<Stamp>,
    fails: Option<(&'static str, &'static str)>,
    tests: &'t [TestFile],
    /// Index and total.
    shard: Option<(usize, usize)>,
}

fn is_suite(file: &TestFile) -> bool {
    file.suite == "e2e"
}

fn directory(file: &TestFile) -> String {
    if is_suite(file) { file.stem.clone() } else { format!("unit/{}", file.stem) }
}

fn cargo(target: &str) -> String {
    format!("cargo test --test {target} -- --nocapture")
}

impl Run<'_> {
    fn elsewhere(&self) -> String {
        format!("{ELSEWHERE}/tests/e2e_results/{}", self.home)
    }

    fn below(&self, path: &str) -> String {
        format!("tests/e2e_results/{}/{path}", self.home)
    }

    fn failing(&self, file: &TestFile, test: &Test) -> bool {
        self.fails == Some((file.stem.as_str(), test.name.as_str()))
    }

    fn write(&self, tree: &mut Tree) {
        let results: Vec<Value> = self.tests.iter().map(|file| self.result(tree, file)).collect();
        let of = |suites: bool| -> Vec<Value> {
            let own = self.tests.iter().zip(&results).filter(|(file, _)| is_suite(file) == suites);
            own.map(|(_, result)| result.clone()).collect()
        };
        let (suites, units) = (of(true), of(false));
        let names = |results: &[Value], key: &str, failed: bool| -> Vec<String> {
            let wanted = results.iter().filter(|result| !failed || result["exit_code"] != 0);
            wanted.map(|result| result[key].as_str().expect("a name").to_owned()).collect()
        };
        let (kind, index, total) =
            self.shard.map_or(("none", None, None), |(index, total)| ("both", Some(index), Some(total)));
        let shard = json!({ "kind": kind, "index": index, "total": total });
        let environment = json!({
            "timestamp": self.stamp.name, "profile": "full", "artifact_dir": self.elsewhere(), "run_id": self.stamp.id,
            "git_sha": self.commit, "vcr_mode": "playback", "shard": shard,
            "units": names(&units, "target", false), "suites": names(&suites, "suite", false),
        });
        document(tree, &self.below("environment.json"), &environment);

        let (failed_suites, failed_units) = (names(&suites, "suite", true), names(&units, "target", true));
        let replay = format!("./scripts/e2e/run_all.sh --rerun-from tests/e2e_results/{}/summary.json", self.stamp.name);
        let (replays, digests): (Vec<Value>, Vec<Value>) =
            self.tests.iter().filter(|file| failed_suites.contains(&file.stem)).map(|file| self.digest(tree, file)).unzip();
        let bundle = json!({
            "run_id": self.stamp.id,
            "one_command_replay": replay,
            "environment": {
                "profile": "full", "vcr_mode": "playback", "git_sha": self.commit,
                "shard_kind": kind, "shard_index": index, "shard_total": total,
            },
            "failed_suites": replays,
            "failed_units": failed_units
                .iter()
                .map(|target| json!({ "target": target, "exit_code": 101, "cargo_replay": cargo(target) }))
                .collect::<Vec<_>>(),
        });
        document(tree, &self.below("replay_bundle.json"), &bundle);
        let diagnostics = json!({ "run_id": self.stamp.id, "suites": digests });
        document(tree, &self.below("failure_diagnostics_index.json"), &diagnostics);

        let mut summary = json!({
            "timestamp": self.stamp.name, "profile": "full", "artifact_dir": self.elsewhere(), "run_id": self.stamp.id,
            "shard": shard, "baseline": self.baseline.map(|baseline| baseline.name),
            "total_suites": suites.len(), "passed_suites": suites.len() - failed_suites.len(),
            "failed_suites": failed_suites.len(), "failed_names": failed_suites,
            "total_units": units.len(), "passed_units": units.len() - failed_units.len(),
            "failed_units": failed_units.len(), "failed_unit_names": failed_units,
            "suites": suites, "units": units,
            "replay_bundle": { "one_command_replay": replay }, "triage_diff": null,
        });
        if let Some(baseline) = self.baseline {
            let before = read_back(tree, &format!("tests/e2e_results/{}/summary.json", baseline.name));
            let triage = triage(&before, &summary, baseline, &replay, self.shard.is_some());
            summary["triage_diff"] =
                json!({ "status": triage["status"], "regression_count": triage["summary"]["regression_count"] });
            document(tree, &self.below("triage_diff.json"), &triage);
        }
        document(tree, &self.below("summary.json"), &summary);
    }

    /// Writes log and result of one target; gives the result.
    fn result(&self, tree: &mut Tree, file: &TestFile) -> Value {
        let log = self.log(file);
        let (failed, ignored) = (
            file.tests.iter().filter(|test| self.failing(file, test)).count(),
            file.tests.iter().filter(|test| test.ignored.is_some()).count(),
        );
        let key = if is_suite(file) { "suite" } else { "target" };
        let path = format!("{}/output.log", directory(file));
        let result = json!({
            key: file.stem,
            "exit_code": if failed > 0 { 101 } else { 0 },
            "duration_ms": duration_ms(file, failed > 0),
            "passed": file.tests.len() - failed - ignored, "failed": failed, "ignored": ignored, "total": file.tests.len(),
            "log_file": format!("{}/{path}", self.elsewhere()),
            "log_sha256": sha256(log.as_bytes()),
            "run_id": self.stamp.id,
            "timestamp": self.stamp.name,
        });
        text(tree, &self.below(&path), &log);
        document(tree, &self.below(&format!("{}/result.json", directory(file))), &result);
        result
    }

    /// The log as cargo and libtest write it.
    fn log(&self, file: &TestFile) -> String {
        let (stem, count) = (&file.stem, file.tests.len());
        let hash = &sha256(stem.as_bytes())[..16];
        let mut log = format!(
            "    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.14s\n     \
             Running tests/{stem}.rs (target/debug/deps/{stem}-{hash})\n\nrunning {count} test{}\n",
            if count == 1 { "" } else { "s" }
        );
        for test in &file.tests {
            let word = match (&test.ignored, self.failing(file, test)) {
                (Some(reason), _) => format!("ignored, {reason}"),
                (None, true) => "FAILED".to_owned(),
                (None, false) => "ok".to_owned(),
            };
            log.push_str(&format!("test {} ... {word}\n", test.name));
        }
        let failed: Vec<&Test> = file.tests.iter().filter(|test| self.failing(file, test)).collect();
        if !failed.is_empty() {
            log.push_str("\nfailures:\n");
            for test in &failed {
                log.push_str(&format!(
                    "\n---- {name} stdout ----\n\nthread '{name}' (48211) panicked at tests/{stem}.rs:{line}:5:\n{MESSAGE}\n\
                     note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
                    name = test.name,
                    line = test.assertion,
                ));
            }
            log.push_str("\n\nfailures:\n");
            failed.iter().for_each(|test| log.push_str(&format!("    {}\n", test.name)));
        }
        let ignored = file.tests.iter().filter(|test| test.ignored.is_some()).count();
        let word = if failed.is_empty() { "ok" } else { "FAILED" };
        let milliseconds = duration_ms(file, !failed.is_empty());
        log.push_str(&format!(
            "\ntest result: {word}. {} passed; {} failed; {ignored} ignored; 0 measured; 0 filtered out; finished in {}.{:02}s\n\n",
            count - failed.len() - ignored,
            failed.len(),
            milliseconds / 1_000,
            milliseconds % 1_000 / 10,
        ));
        if !failed.is_empty() {
            log.push_str(&format!("error: test failed, to rerun pass `--test {stem}`\n"));
        }
        log
    }

    /// Writes the digest of a failed suite; gives its rows in the replay bundle and in the diagnostics index.
    fn digest(&self, tree: &mut Tree, file: &TestFile) -> (Value, Value) {
        let stem = &file.stem;
        let first = file.tests.iter().find(|test| self.failing(file, test)).expect("a failed suite has a failed test");
        let path = format!("{}/{stem}/failure_digest.json", self.elsewhere());
        let targeted = format!("cargo test --test {stem} {} -- --nocapture", first.name);
        let replay = format!("./scripts/e2e/run_all.sh --profile full --suite {stem}");
        let digest = json!({
            "run_id": self.stamp.id, "suite": stem, "exit_code": 101, "root_cause_class": "assertion_failure",
            "impacted_scenario_ids": [format!("{stem}::{}", first.name)],
            "first_failing_assertion": {
                "test": first.name,
                "location": { "file": format!("tests/{stem}.rs"), "line": first.assertion },
                "message": MESSAGE.lines().next(),
            },
            "remediation_pointer": {
                "replay_command": replay, "suite_replay_command": cargo(stem), "targeted_test_replay_command": targeted,
            },
        });
        document(tree, &self.below(&format!("{stem}/failure_digest.json")), &digest);
        (
            json!({
                "suite": stem, "exit_code": 101, "root_cause_class": "assertion_failure", "cargo_replay": cargo(stem),
                "targeted_replay": targeted, "digest_path": path,
            }),
            json!({ "suite": stem, "digest_path": path, "root_cause_class": "assertion_failure" }),
        )
    }
}

const MESSAGE: &str = "assertion `left == right` failed: turns after the reconnect\n  left: 1\n right: 2";

/// A plausible time, the same on every machine.
fn duration_ms(file: &TestFile, failed: bool) -> usize {
    let own = 20 + 35 * file.tests.len() + 3 * file.stem.len();
    if failed { own + 2_000 } else { own }
}

/// The difference of two summaries (`artifacts.md`, e2e-run, invariant 7).
/// A shard says nothing of what it does not have.
fn triage(before: &Value, now: &Value, baseline: Stamp, replay: &str, shard: bool) -> Value {
    let outcomes = |summary: &Value| -> Vec<(String, bool)> {
        let lists = ["suites", "units"].into_iter().zip(["suite", "target"]);
        lists
            .flat_map(|(list, key)| {
                let results = summary[list].as_array().cloned().unwrap_or_default();
                results
                    .into_iter()
                    .map(move |result| (result[key].as_str().expect("a name").to_owned(), result["exit_code"] != 0))
            })
            .collect()
    };
    let (old, new) = (outcomes(before), outcomes(now));
    let was = |name: &str| old.iter().find(|(own, _)| own == name).map(|(_, failed)| *failed);
    let is = |name: &str| new.iter().find(|(own, _)| own == name).map(|(_, failed)| *failed);
    let count = |wanted: &dyn Fn(Option<bool>, bool) -> bool| {
        new.iter().filter(|(name, failed)| wanted(was(name), *failed)).count()
    };
    let gone = old.iter().filter(|(name, failed)| !shard && !failed && is(name).is_none()).count();
    let regressions = gone + count(&|was, failed| was == Some(false) && failed);
    let new_failures = count(&|was, failed| was.is_none() && failed);
    let fixed = count(&|was, failed| was == Some(true) && !failed);
    let still_failing = count(&|was, failed| was == Some(true) && failed);
    let status = match (regressions + new_failures, still_failing) {
        (0, 0) => "stable",
        (0, _) => "known_failures_only",
        (_, _) => "regression",
    };
    assert_ne!(status, "regression", "nothing is ranked");
    json!({
        "status": status, "baseline": baseline.name, "current": now["timestamp"],
        "summary": {
            "regression_count": regressions, "new_failures": new_failures, "fixed": fixed, "still_failing": still_failing,
        },
        "ranked_diagnostics": [],
        "recommended_commands": { "runner_repro_command": replay, "ranked_repro_commands": [] },
    })
}
