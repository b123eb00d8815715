//! A small repository that is green before anything is done to it, the real binary on it, and what holds of whatever it says.

use crate::support::copy;
use gatekeeper::report::sanitise;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The run below the repository.
pub const RUN: &str = "runs/20260302T110000Z";
/// The clock at which the repository is green.
pub const NOW: &str = "2026-03-02T12:00:00Z";
/// Longer than any of it takes on a loaded machine by a factor of ten; a hang is longer than everything.
const PATIENCE: Duration = Duration::from_secs(90);
/// What nothing hostile may make gatekeeper use, in KiB: a development build that reads nothing has about 60 MiB.
pub const MEMORY: u64 = 400 << 10;

/// Gates beside those of the scenarios, one for each kind of evidence that can be hostile in a way of its own.
const GATES: [(&str, &str); 4] = [
    (
        "reports",
        r#"
[evidence.reports]
path = "run:junit/*.xml"
pick = "all"

[evidence.ledger]
path = "repo:ledger.toml"

[[check]]
kind = "tests-pass"
evidence = "reports"
ledger = "ledger"

[[check]]
kind = "tests-declared"
evidence = "reports"
suites = ["lantern"]
max_skipped = 1
"#,
    ),
    (
        "settings",
        r#"
[evidence.settings]
path = "run:settings.toml"

[evidence.meta]
path = "run:meta.yaml"

[[check]]
kind = "holds"
that = "settings.level == 3 && meta.level == 3"
"#,
    ),
    (
        "parts",
        r#"
[evidence.parts]
path = "run:parts/**/*"
pick = "all"
format = "bytes"

[[check]]
kind = "present"
evidence = "parts"
"#,
    ),
    (
        "log",
        r#"
[evidence.log]
path = "run:log.txt"

[[check]]
kind = "text-forbids"
evidence = "log"
patterns = ["PANIC"]
"#,
    ),
];

const REPORT: &str = r#"<testsuites><testsuite name="lantern" tests="2" failures="0">
<testcase classname="wick" name="burns"/><testcase classname="wick" name="smokes"/>
</testsuite></testsuites>
"#;

/// The repository, in a directory of its own with a place beside it.
pub struct Bench {
    home: tempfile::TempDir,
}

/// What the binary did.
#[derive(Debug)]
pub struct Seen {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// What lies in the output directory, by name.
    pub outputs: BTreeMap<String, Vec<u8>>,
    /// The most memory that it held, in KiB, where the system tells.
    pub peak: Option<u64>,
}

impl Bench {
    pub fn new() -> Self {
        Self::below(tempfile::tempdir().expect("a directory"))
    }

    /// One in memory where the system has such a place: for very many files.
    pub fn in_memory() -> Self {
        Self::below(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory"))
    }

    fn below(home: tempfile::TempDir) -> Self {
        let bench = Self { home };
        let copied = copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios/base/tree"), &bench.root());
        assert!(copied > 20, "{copied} files");
        let mut policy = fs::read_to_string(bench.root().join("policies/lantern.toml")).expect("the policy");
        let mut rows = String::new();
        for (id, body) in GATES {
            rows += &format!("[[gate]]\nid = \"{id}\"\nblocking = true\n\n");
            let head = "owner = \"ada\"\nbead = \"bd-1\"\nwhy = \"It is tried.\"\nreproduce = \"make test\"\nremediation = [\"Mend it.\"]\n";
            let gate = format!("schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"{id}\"\n{head}{body}");
            bench.write(&format!("gates/lantern/{id}.toml"), gate);
        }
        let at = policy.find("[parameter").expect("parameters stand behind the gates");
        policy.insert_str(at, &rows);
        bench.write("policies/lantern.toml", policy);
        bench.evidence("junit/lantern.xml", REPORT);
        bench.evidence("settings.toml", "level = 3\n");
        bench.evidence("meta.yaml", "level: 3\n");
        bench.evidence("log.txt", "all quiet\n");
        bench.evidence("parts/a.bin", "a");
        bench.evidence("parts/deep/b.bin", "b");
        fs::create_dir(bench.outside()).expect("a directory");
        bench
    }

    /// The repository.
    pub fn root(&self) -> PathBuf {
        self.home.path().join("repository")
    }

    /// The run.
    pub fn run(&self) -> PathBuf {
        self.root().join(RUN)
    }

    /// A directory that is neither repository nor run.
    pub fn outside(&self) -> PathBuf {
        self.home.path().join("outside")
    }

    /// Writes a file of the repository, with the directories above it.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("a directory");
        fs::write(path, bytes).expect("written");
    }

    /// Writes a file of the run.
    pub fn evidence(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.write(&format!("{RUN}/{path}"), bytes);
    }

    /// Changes a file of the repository as text; it must change.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.root().join(path)).expect("a text");
        assert!(text.contains(from), "{path} holds {from}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// The same for a file of the run.
    pub fn twist(&self, path: &str, from: &str, to: &str) {
        self.edit(&format!("{RUN}/{path}"), from, to);
    }

    /// Adds to a file of the repository.
    pub fn append(&self, path: &str, more: &str) {
        let text = fs::read_to_string(self.root().join(path)).expect("a text");
        self.write(path, text + more);
    }

    /// Removes a file of the run and puts a link in its place.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.run().join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("a directory");
        fs::remove_file(&path).ok();
        std::os::unix::fs::symlink(target, path).expect("a link");
    }

    /// Runs `verify` on the run, with every output format, from the repository.
    pub fn verify(&self, more: &[&str]) -> Seen {
        let files = ["markdown", "table", "step-summary"].map(|format| format!("{format}=out/{format}"));
        let mut arguments = vec!["verify", RUN, "--now", NOW, "--out", "out", "-o", "github"];
        arguments.extend(files.iter().flat_map(|file| ["-o", file.as_str()]));
        arguments.extend(more);
        self.ask(&arguments)
    }

    /// Runs a command from the repository.
    pub fn ask(&self, arguments: &[&str]) -> Seen {
        let said = |name: &str| self.home.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
        command.args(arguments).current_dir(self.root()).env_remove("CI_GATE_PROMOTION_MODE").env("COLUMNS", "100");
        command.stdin(Stdio::null());
        command.stdout(File::create(said("stdout")).expect("a file"));
        command.stderr(File::create(said("stderr")).expect("a file"));
        let (code, peak) = wait(command.spawn().expect("the binary starts"), PATIENCE);
        let text = |name| String::from_utf8(fs::read(said(name)).expect("what it said")).expect("it speaks UTF-8");
        let outputs = fs::read_dir(self.root().join("out")).into_iter().flatten().map(|entry| {
            let entry = entry.expect("an entry");
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("an output"))
        });
        Seen { code, stdout: text("stdout"), stderr: text("stderr"), outputs: outputs.collect(), peak }
    }
}

/// Waits for a process, and watches its memory; kills it and fails when it takes too long.
pub fn wait(mut child: Child, patience: Duration) -> (Option<i32>, Option<u64>) {
    let (begun, mut peak) = (Instant::now(), None);
    loop {
        peak = peak.max(high_water(child.id()));
        if let Some(status) = child.try_wait().expect("a child") {
            return (status.code(), peak);
        }
        if begun.elapsed() > patience {
            child.kill().ok();
            child.wait().ok();
            panic!("it did not end within {patience:?}");
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// The most memory that a running process held so far, in KiB. For a moment after it was started a process still shows the memory of
/// the one that started it, which is that of these tests.
fn high_water(process: u32) -> Option<u64> {
    let program = |process: &str| fs::read_link(format!("/proc/{process}/exe")).ok();
    if program(&process.to_string()) == program("self") {
        return None;
    }
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
}

impl Seen {
    /// The verdict on disk.
    pub fn verdict(&self) -> Option<Value> {
        let bytes = self.outputs.get("full_suite_verdict.json")?;
        Some(serde_json::from_slice(bytes).expect("a verdict is always whole"))
    }

    /// Each finding: gate, kind, path, expected, actual.
    pub fn findings(&self) -> Vec<[String; 5]> {
        let verdict = self.verdict().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut all = Vec::new();
        for gate in verdict["gates"].as_array().into_iter().flatten() {
            for finding in gate["findings"].as_array().into_iter().flatten() {
                let told = [&finding["kind"], &finding["at"]["path"], &finding["expected"], &finding["actual"]].map(text);
                let [kind, path, expected, actual] = told;
                all.push([text(&gate["id"]), kind, path, expected, actual]);
            }
        }
        all
    }

    /// What holds whatever it was given.
    pub fn assert_sane(&self, what: &str) {
        let code = self.code.unwrap_or_else(|| panic!("{what}: a signal ended it: {}", self.stderr));
        assert!((0..=4).contains(&code), "{what}: exit {code}: {}", self.stderr);
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("failed inside"), "{what}: {}", self.stderr);
        assert!(self.peak.is_none_or(|peak| peak < MEMORY), "{what}: {:?} KiB", self.peak);
        let commands = |line: &&str| ["::error ", "::warning ", "::notice "].iter().all(|own| !line.starts_with(own));
        let foreign: Vec<&str> = self.stdout.lines().filter(commands).collect();
        assert_eq!(sanitise::runner_command(&foreign.join("\n")), None, "{what}: standard output");
        let mut texts = vec![("standard output", self.stdout.as_str()), ("standard error", self.stderr.as_str())];
        texts.extend(self.outputs.iter().map(|(name, bytes)| (name.as_str(), std::str::from_utf8(bytes).expect("UTF-8"))));
        for (name, text) in texts {
            let strange: Vec<char> = text.chars().filter(|c| *c != '\n' && sanitise::deceives(*c)).take(9).collect();
            assert!(strange.is_empty(), "{what}: {name} holds {strange:?}");
            if name != "standard output" {
                assert_eq!(sanitise::runner_command(text), None, "{what}: {name}");
            }
            let machine = Path::new(name).extension().is_some_and(|own| own == "json" || own == "jsonl");
            if machine {
                let documents = if name.ends_with("jsonl") { text.lines().collect() } else { vec![text] };
                for document in documents {
                    serde_json::from_str::<Value>(document).unwrap_or_else(|error| panic!("{what}: {name}: {error}"));
                }
            }
        }
    }
}
