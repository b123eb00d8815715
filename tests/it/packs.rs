//! The packs for runs that stand alone, from the command line, on directories as users have them: downloaded, without git, without a
//! configuration.

use crate::support::{copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of a fixture run somewhere else, judged as its own root.
struct Copy {
    home: tempfile::TempDir,
    name: &'static str,
}

impl Copy {
    fn of(fixture: &str, name: &'static str) -> Self {
        let own = Self { home: tempfile::tempdir().expect("a directory"), name };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(fixture).join(name), &own.run());
        own
    }

    fn run(&self) -> PathBuf {
        self.home.path().join(Path::new(self.name).file_name().expect("a name"))
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.run().join(file);
        let text = fs::read_to_string(&path).expect("a file of the run");
        assert!(text.contains(from), "{file} holds {from}");
        fs::write(path, text.replacen(from, to, 1)).expect("the copy can be changed");
    }

    /// The exit code, and each gate that does not pass with its findings.
    fn verify(&self, policy: &str, now: &str) -> (i32, Vec<String>) {
        let out = self.home.path().join("verdict");
        let done = Command::new(env!("CARGO_BIN_EXE_gatekeeper"))
            .arg("verify")
            .arg(self.run())
            .args(["--policy", policy, "--now", now, "--root"])
            .arg(self.run())
            .arg("--out")
            .arg(&out)
            .output()
            .expect("gatekeeper runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let path = out.join("full_suite_verdict.json");
        let verdict = fs::read_to_string(path).unwrap_or_else(|error| panic!("no verdict: {error}: {said}"));
        let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("JSON");
        let gates = verdict["gates"].as_array().expect("gates");
        assert!(gates.len() >= 8, "{said}");
        let told = gates.iter().filter(|gate| gate["status"] != "pass").map(|gate| {
            let findings = gate["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
            let kinds: Vec<&str> = findings.iter().filter_map(|finding| finding["kind"].as_str()).collect();
            format!(
                "{} {} {}",
                gate["id"].as_str().unwrap_or_default(),
                gate["standing"].as_str().unwrap_or_default(),
                kinds.join(" ")
            )
        });
        (done.status.code().unwrap_or(-1), told.collect())
    }
}

/// The green run of a pack: its repository, the run in it, how many files the run has, and a time at which it is fresh.
const GREEN: [(&str, &str, usize, &str); 3] = [
    ("compose-flows", "20261128T172907Z", 60, "2026-11-28T18:00:00Z"),
    ("go-e2e", "results/20261121T152720Z", 7, "2026-11-21T16:00:00Z"),
    ("pipeline", "artifacts/e2e/20261121T150000Z", 15, "2026-11-21T16:00:00Z"),
];

fn files(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(below).expect("a directory of the run") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn no_loss_of_a_file_goes_unnoticed() {
    for (repository, run, most, now) in GREEN {
        let home = tempfile::tempdir().expect("a directory");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(repository), home.path());
        let run = home.path().join(run);
        let judge = || {
            let root = text(home.path());
            gatekeeper(&["verify", text(&run), "--root", root, "--now", now, "--dry-run"], &[])
        };
        let (exit, _, said) = judge();
        assert_eq!(exit, Exit::Pass, "{repository}: {said}");
        let mut found = Vec::new();
        files(&run, &mut found);
        assert_eq!(found.len(), most, "{repository}");
        for file in found {
            let bytes = fs::read(&file).expect("a file of the run");
            fs::remove_file(&file).expect("removed");
            assert_ne!(judge().0, Exit::Pass, "{} was deleted", file.display());
            if !bytes.is_empty() {
                fs::write(&file, "").expect("emptied");
                assert_ne!(judge().0, Exit::Pass, "{} was emptied", file.display());
            }
            fs::write(&file, bytes).expect("restored");
        }
    }
}

/// A run is known by its own marks, wherever it lies: also below a repository that is another one's.
#[test]
fn a_run_inside_a_repository_is_known_by_its_own_marks() {
    let mut looked_at = 0;
    for (policy, (repository, run, _, now)) in ["compose-flows", "go-e2e", "pipeline-run"].into_iter().zip(GREEN) {
        let home = tempfile::tempdir().expect("a directory");
        git2::Repository::init(home.path()).expect("a repository");
        let name = Path::new(run).file_name().expect("a name");
        let there = home.path().join("artifacts/e2e").join(name);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(repository).join(run), &there);
        let out = home.path().join("out");
        let judge = || {
            let root = text(home.path());
            let arguments = ["verify", text(&there), "--root", root, "--now", now, "--out", text(&out)];
            gatekeeper(&arguments, &[])
        };
        let (_, _, said) = judge();
        let verdict =
            fs::read_to_string(out.join("full_suite_verdict.json")).unwrap_or_else(|error| panic!("{error}: {said}"));
        let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("JSON");
        assert_eq!(verdict["policy"]["id"], policy, "{said}");
        // The marks of another pack in the repository are no reason to prefer either.
        fs::create_dir_all(home.path().join("tests/full_suite_gate")).expect("made");
        fs::write(home.path().join("tests/suite_classification.toml"), "").expect("written");
        let (exit, _, said) = judge();
        assert!(exit == Exit::Usage && said.contains("marks of several policies"), "{said}");
        // A run that lost one of its marks is not judged by the last resort.
        fs::remove_dir_all(home.path().join("tests")).expect("removed");
        fs::remove_file(there.join(if policy == "pipeline-run" { "summary.json" } else { "environment.json" }))
            .expect("removed");
        let (exit, _, said) = judge();
        assert!(exit == Exit::Usage && said.contains("no policy can be detected"), "{said}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 3);
}

mod go_e2e {
    use super::Copy;

    const NOW: &str = "2026-11-21T16:00:00Z";

    fn run() -> Copy {
        Copy::of("go-e2e", "results/20261121T152720Z")
    }

    #[test]
    fn a_run_without_a_configuration_must_not_skip_anything() {
        let (code, told) = run().verify("go-e2e", NOW);
        assert_eq!(code, 1);
        let skips = "go_tests_declared fail undeclared-skip undeclared-skip undeclared-skip";
        assert_eq!(told, [skips, "flake_rate advisory undecided", "quarantine_lifecycle skipped "]);
    }

    #[test]
    fn a_run_without_skips_passes_and_says_what_it_lacks() {
        let copy = run();
        for run in 1..=3 {
            let skip = r#""Action":"skip","Package":"example.com/agent/e2e","Test":"TestModelOnGPU""#;
            copy.replace(&format!("runs/{run}/go-test.jsonl"), skip, &skip.replace("skip", "pass"));
        }
        // Three runs prove less than the pack asks for by itself.
        let lacks = ["flake_rate advisory undecided", "quarantine_lifecycle skipped "].map(str::to_owned).to_vec();
        assert_eq!(copy.verify("go-e2e", NOW), (0, lacks));
        copy.replace("environment.json", "\"present\", \"version\": \"27.3.1\"", "\"absent\", \"version\": \"\"");
        let (code, told) = copy.verify("go-e2e", NOW);
        assert_eq!((code, told[0].as_str()), (1, "prerequisites_present fail absent-prerequisite"));
        let (code, told) = copy.verify("go-e2e", "2026-11-23T16:00:00Z");
        assert_eq!((code, told[0].as_str()), (1, "run_identity fail stale"));
    }
}

mod compose_flows {
    use super::Copy;

    const NOW: &str = "2026-11-28T18:00:00Z";
    const SKIPPED: &str = "exceptions_lifecycle skipped ";

    fn run(name: &'static str) -> Copy {
        Copy::of("compose-flows", name)
    }

    #[test]
    fn recordings_of_the_stand_in_are_judged_as_they_ended() {
        assert_eq!(run("20261128T172907Z").verify("compose-flows", NOW), (0, vec![SKIPPED.to_owned()]));
        let (code, told) = run("20261128T172908Z").verify("compose-flows", NOW);
        let gates: Vec<&str> = told.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!((code, gates), (1, vec!["jobs_succeeded", "one_result", "exceptions_lifecycle"]), "{told:?}");
    }

    /// What an operator of the first form of the pack found to pass, each with the gate that it must fail on.
    #[test]
    fn what_is_broken_names_its_gate() {
        let broken = [
            ("flows/echo/job.json", "\"state\": \"SUCCEEDED\"", "\"state\": \"TIMEOUT\"", "jobs_succeeded"),
            ("flows/echo/job.json", "\"topic\": \"job.echo\"", "\"topic\": \"sys.echo\"", "topic_policy"),
            ("flows/code/job.json", "\"trace_id\": \"", "\"trace_id\": \"other-", "trace_bound"),
            ("flows/chat/job.json", "\"response\":", "\"error\": \"disk full\", \"response\":", "result_payload"),
            ("flows/echo/result.json", "\"kind\": \"result\"", "\"kind\": \"context\"", "result_payload"),
            ("flows/chat/context.json", "\"kind\": \"context\"", "\"kind\": \"result\"", "context_bound"),
            ("flows/workflow-approved/approve.json", "204", "409", "approval_first"),
            ("flows/workflow-approved/run.json", "\"status\": \"succeeded\"", "\"status\": \"failed\"", "approval_first"),
            ("flows/workflow-approved/workflow.json", "[\"approve\"]", "[]", "approval_first"),
            ("stream.jsonl", "\"jobResult\"", "\"jobProgress\"", "one_result"),
            ("flows/repo-review/trace.json", "job.repo.sast", "job.repo.scan", "children_accounted"),
            ("flows/chat-memory-2/memory.json", "\"length\": 4", "\"length\": 2", "memory_grows"),
            ("config/safety.yaml", "sys.*", "none.*", "topic_policy"),
            ("environment.json", "2026-11-28", "2026-11-26", "run_identity"),
            ("workers.json", "echo-worker", "another-worker", "heartbeats"),
        ];
        let mut looked_at = 0;
        for (file, from, to, gate) in broken {
            let copy = run("20261128T172907Z");
            copy.replace(file, from, to);
            let (code, told) = copy.verify("compose-flows", NOW);
            assert!(code == 1 || gate == "run_identity", "{file}: {told:?}");
            assert!(told.iter().any(|line| line.starts_with(gate)), "{file}: {to}: {told:?}");
            looked_at += 1;
        }
        assert_eq!(looked_at, 15);
    }

    #[test]
    fn a_stream_that_is_gone_is_no_pass() {
        let copy = run("20261128T172907Z");
        std::fs::remove_file(copy.run().join("stream.jsonl")).expect("a stream");
        let (code, told) = copy.verify("compose-flows", NOW);
        assert!(code == 3 && told.len() > 5, "{told:?}");
    }
}
