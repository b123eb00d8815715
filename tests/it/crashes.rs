//! A run that dies, or that cannot write: an older verdict that passed does not survive it, and nothing is ever half.
//!
//! In the output directory lies a verdict that passes, of another day. The run under judgement fails. Whatever is done to the process, what
//! lies there afterwards is the failing seal or the failing verdict. `GATEKEEPER_MEASURE=1` kills it several hundred times and writes the
//! table of `docs/assurance.md`.

use crate::support::assurance::{self, Table};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RUN: &str = "tests/e2e_results/20260302T101500Z";
const NOW: &str = "2026-03-02T12:00:00Z";
const VERDICT: &str = "full_suite_verdict.json";
/// Kills in a normal run, and in one that measures.
const KILLS: [u32; 2] = [40, 300];

/// A copy of the golden repository with a module below its floor, and an older verdict that passed.
struct Scene {
    root: tempfile::TempDir,
}

/// What lies where the verdict should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// The older one, which passes.
    Older,
    /// The one that is written before work begins.
    Seal,
    /// The whole judgement.
    Judged,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { root: tempfile::tempdir().expect("a directory") };
        crate::support::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli"), scene.root.path());
        let coverage = scene.root.path().join("docs/coverage-summary.json");
        let mut low: Value = serde_json::from_slice(&fs::read(&coverage).expect("evidence")).expect("JSON");
        *low.pointer_mut("/modules/0/line_pct").expect("a measured module") = 41.5.into();
        fs::write(coverage, low.to_string()).expect("written");
        scene.stale();
        scene
    }

    fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    /// Lays the older verdict.
    fn stale(&self) {
        fs::remove_dir_all(self.out()).ok();
        fs::create_dir(self.out()).expect("a directory");
        let old = json!({ "verdict": "pass", "reason": "every gate passed", "generated_at": "2026-02-01T00:00:00Z" });
        for file in [VERDICT, "lane_full.json"] {
            fs::write(self.out().join(file), old.to_string()).expect("written");
        }
    }

    /// The command, in the repository.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root.path()).env_remove("CI_GATE_PROMOTION_MODE");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn verify(&self, more: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_gatekeeper"));
        command.args(["verify", RUN, "--now", NOW, "--out", "out"]).args(more);
        command
    }

    /// The verdict on disk; it is always whole.
    fn found(&self) -> Found {
        let bytes = fs::read(self.out().join(VERDICT)).expect("a verdict");
        let verdict: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("half a verdict: {error}"));
        match (verdict["verdict"].as_str(), verdict["status"].as_str()) {
            (Some("pass"), None) => {
                assert_eq!(verdict["generated_at"], "2026-02-01T00:00:00Z", "this run does not pass");
                Found::Older
            }
            (Some("fail"), Some("incomplete")) => {
                assert!(verdict["reason"].as_str().is_some_and(|reason| reason.contains("did not finish")));
                Found::Seal
            }
            (Some("fail"), None) => {
                assert!(verdict["gates"].as_array().is_some_and(|gates| gates.len() > 10), "a verdict without its gates");
                Found::Judged
            }
            other => panic!("{other:?} is no verdict"),
        }
    }

    /// Reads every output: none is half. How many were begun and never put in their place.
    fn leftovers(&self) -> usize {
        let mut left = 0;
        for entry in fs::read_dir(self.out()).expect("outputs") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with(".gatekeeper-") {
                left += 1;
                continue;
            }
            let text = fs::read_to_string(&path).expect("an output");
            let documents: Vec<&str> = match path.extension().and_then(|own| own.to_str()) {
                Some("json") => vec![&*text],
                Some("jsonl") => text.lines().collect(),
                Some(_) | None => continue,
            };
            for document in documents {
                serde_json::from_str::<Value>(document).unwrap_or_else(|error| panic!("{name} is half: {error}"));
            }
        }
        left
    }

    /// Runs it to its end, over whatever is left of others; all is then as it should be.
    fn recovers(&self) {
        let done = self.verify(&["--quiet"]).status().expect("the binary starts");
        assert_eq!((done.code(), self.found()), (Some(1), Found::Judged));
        self.leftovers();
    }
}

/// Numbers that look drawn, the same ones each time.
struct Draws(u64);

impl Draws {
    /// A part of a length of time.
    fn below(&mut self, whole: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        whole * u32::try_from(self.0 >> 44).expect("20 bits") / (1 << 20)
    }
}

fn kill(mut child: Child) {
    child.kill().ok();
    child.wait().expect("a child");
}

#[test]
fn however_it_is_killed_no_older_pass_is_left_and_nothing_is_half() {
    let scene = Scene::new();
    let begun = Instant::now();
    scene.recovers();
    let whole = begun.elapsed();
    let mut draws = Draws(7);
    let kills = if assurance::asked("GATEKEEPER_MEASURE") { KILLS[1] } else { KILLS[0] };
    let (mut sealed, mut judged, mut early, mut left) = (0, 0, 0, 0);
    for _ in 0..kills {
        scene.stale();
        let child = scene.verify(&["--quiet"]).spawn().expect("the binary starts");
        let patience = Instant::now();
        while scene.found() == Found::Older {
            assert!(patience.elapsed() < Duration::from_secs(60), "it seals nothing");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(draws.below(whole));
        kill(child);
        match scene.found() {
            Found::Older => panic!("the older verdict is back"),
            Found::Seal => sealed += 1,
            Found::Judged => judged += 1,
        }
        left += scene.leftovers();
    }
    // From the first moment on: before anything is written the older verdict stands, because nothing can be done about it.
    for _ in 0..kills / 4 {
        scene.stale();
        let child = scene.verify(&["--quiet"]).spawn().expect("the binary starts");
        std::thread::sleep(draws.below(whole / 4));
        kill(child);
        early += u32::from(scene.found() == Found::Older);
        left += scene.leftovers();
    }
    scene.recovers();
    assert!(sealed > 0 && sealed + judged == kills, "{sealed} seals and {judged} verdicts of {kills}");
    let row = |what: &str, times: u32, came: String| vec![what.to_owned(), times.to_string(), came];
    assurance::measured(
        "crashes",
        Table {
            title: "Crashes".to_owned(),
            about: "The process is killed (SIGKILL) at random moments while it judges a failing run, with an older verdict that passed in the \
                    output directory. Afterwards every file there is read. The other ways to die and to be kept from writing are tests of the \
                    same file: SIGTERM, a full disk, a file in place of the directory, closed pipes, several processes at once."
                .to_owned(),
            by: "GATEKEEPER_MEASURE=1 cargo test --test it crashes".to_owned(),
            measured: None,
            columns: ["what was done", "times", "what lay there afterwards"].map(str::to_owned).to_vec(),
            rows: vec![
                row(
                    "killed after the first thing was written",
                    kills,
                    format!("{sealed} times the failing seal, {judged} times the whole failing verdict, never the older one, never half a file"),
                ),
                row(
                    "killed at any moment from its start, in the first quarter of its time",
                    kills / 4,
                    format!("{early} times it had written nothing yet and the older verdict stood; else as above"),
                ),
                row(
                    "temporary files left behind by all of these",
                    kills + kills / 4,
                    format!("{left}, called .gatekeeper-*; nothing reads them, and the next run judged as if they were not there"),
                ),
            ],
        },
    );
}

#[cfg(unix)]
mod unix {
    use super::{Found, NOW, RUN, Scene};
    use std::fs::{self, File};
    use std::process::Stdio;
    use std::time::Duration;

    #[test]
    fn a_polite_end_leaves_the_seal_too() {
        let scene = Scene::new();
        let mut sealed = 0;
        for _ in 0..6 {
            scene.stale();
            let mut child = scene.verify(&["--quiet"]).spawn().expect("the binary starts");
            while scene.found() == Found::Older {
                std::thread::sleep(Duration::from_micros(200));
            }
            let told = scene.command("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
            let ended = child.wait().expect("a child");
            assert!(ended.code().is_none() || !told.success() || ended.code() == Some(1), "{ended}");
            assert_ne!(scene.found(), Found::Older);
            sealed += u32::from(scene.found() == Found::Seal);
        }
        assert!(sealed > 0, "it always ended first");
    }

    /// Runs it with files limited to so many blocks, as a disk that is full ends writing.
    fn limited(scene: &Scene, blocks: u32, more: &str) -> (Option<i32>, String) {
        let script = format!("{more} ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let done = scene
            .command("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_gatekeeper"), "verify", RUN, "--now", NOW, "--out", "out"])
            .stderr(Stdio::piped())
            .output()
            .expect("sh runs");
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    }

    #[test]
    fn a_disk_that_is_full_is_told_and_passes_nothing() {
        let scene = Scene::new();
        scene.recovers();
        let whole = fs::metadata(scene.out().join(super::VERDICT)).expect("a verdict").len();
        // Nothing fits: not even the seal. The older verdict stands, the exit code and the message say so.
        scene.stale();
        let (code, said) = limited(&scene, 0, "trap '' XFSZ;");
        assert!(code == Some(4) && said.contains("cannot write"), "{code:?} {said}");
        // The seal fits and the verdict does not.
        let blocks = u32::try_from(whole / 2_048).expect("small");
        scene.stale();
        let (code, said) = limited(&scene, blocks, "trap '' XFSZ;");
        assert!(code == Some(4) && said.contains("cannot write"), "{blocks} blocks: {code:?} {said}");
        assert_eq!(scene.found(), Found::Seal);
        assert_eq!(scene.leftovers(), 0, "what could not be written is taken away");
        // Where the system ends the process instead of refusing the write.
        scene.stale();
        let (code, said) = limited(&scene, blocks, "");
        assert!(code != Some(0) && scene.found() == Found::Seal, "{code:?} {said}");
        scene.recovers();
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_told() {
        let scene = Scene::new();
        for (out, why) in [
            ("README.md/out", "a file is in its way"),
            ("/proc/gatekeeper", "root may not either"),
            ("/dev/null", "a device"),
        ] {
            let mut command = scene.command(env!("CARGO_BIN_EXE_gatekeeper"));
            command.args(["verify", RUN, "--now", NOW, "--out", out]).stderr(Stdio::piped());
            let done = command.output().expect("the binary starts");
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.code() == Some(4) && said.contains("cannot write"), "{out}, {why}: {} {said}", done.status);
        }
    }

    #[test]
    fn results_that_nobody_receives_are_told() {
        let scene = Scene::new();
        // A reader that is gone, as behind `| head -0`.
        let mut child = scene
            .verify(&["-o", "verdict"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("a child");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() == Some(4) && !said.contains("cannot write"), "{} {said}", done.status);
        assert_eq!(scene.found(), Found::Judged, "the files are written all the same");
        // A full disk behind the redirection.
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            scene.stale();
            let done =
                scene.verify(&["-o", "verdict"]).stdout(full).stderr(Stdio::piped()).output().expect("the binary starts");
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.code() == Some(4) && said.contains("cannot write to standard output"), "{said}");
            assert_eq!(scene.found(), Found::Judged);
        }
        // Nobody listens to what is said to people: the verdict and its exit code stand.
        scene.stale();
        let mut child = scene.verify(&[]).stderr(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stderr.take());
        assert_eq!((child.wait().expect("a child").code(), scene.found()), (Some(1), Found::Judged));
    }

    #[test]
    fn several_at_once_leave_whole_files() {
        let scene = Scene::new();
        let all: Vec<_> = (0..4).map(|_| scene.verify(&["--quiet"]).spawn().expect("the binary starts")).collect();
        for mut child in all {
            assert_eq!(child.wait().expect("a child").code(), Some(1));
        }
        assert_eq!((scene.found(), scene.leftovers()), (Found::Judged, 0));
    }
}
