//! Every command of the pages for newcomers is run, in the order of the page, and prints what stands there.
//!
//! A page is a transcript. ```` ```console ```` blocks hold commands behind `$ ` and what they print; `GATEKEEPER_BLESS=1` writes what they
//! print anew. A comment before a fence, which no reader sees, tells what the fence is:
//!
//! | comment | meaning |
//! |---|---|
//! | `<!-- file PATH -->` | the next fence is the content of this file; it is written |
//! | `<!-- recorded NAME PATH: COMMAND -->` | the recording `NAME` of a real tool is what `COMMAND` leaves at `PATH` (repeatable); the command itself is not run |
//! | `<!-- shell -->` | the next fence holds commands that are run and whose output is not shown |
//! | `<!-- not run: WHY -->` | the next fence is not looked at |
//!
//! A recording says of its time that it is now: the reports that a reader makes are fresh too.

use crate::support::assurance::asked;
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Relative to `docs/`.
const PAGES: &[&str] = &[
    "../README.md",
    "tutorials/pytest.md",
    "tutorials/javascript.md",
    "tutorials/go.md",
    "tutorials/java.md",
    "tutorials/rust.md",
    "tutorials/monorepo.md",
    "write-a-gate.md",
    "faq.md",
];

static STAMP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"timestamp="[^"]*""#).expect("a pattern"));
static TIMES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""Time":"[^"]*""#).expect("a pattern"));
/// What differs from run to run: ages, commits.
static VARIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"oldest evidence: [^(]+\(|\b[0-9a-f]{12}(?:[0-9a-f]{28})?\b|\b\d{4}-\d\d-\d\d(T[0-9:.]+Z)?\b")
        .expect("a pattern")
});

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A directory in which a page happens.
struct Stage {
    place: tempfile::TempDir,
    /// What a recorded command leaves: recording and path.
    recorded: BTreeMap<String, Vec<(String, String)>>,
    commands: usize,
}

impl Stage {
    fn new() -> Self {
        let place = tempfile::Builder::new().prefix("page").tempdir().expect("a temporary directory");
        fs::create_dir(place.path().join("shop")).expect("a directory");
        Self { place, recorded: BTreeMap::new(), commands: 0 }
    }

    fn here(&self) -> PathBuf {
        self.place.path().join("shop")
    }

    /// Runs a command as a reader would; what it printed, with its exit code where that is not 0.
    fn run(&mut self, command: &str) -> String {
        self.commands += 1;
        if let Some(left) = self.recorded.get(command) {
            left.iter().for_each(|(recording, path)| self.lay(recording, path));
            return String::new();
        }
        let programs = Path::new(env!("CARGO_BIN_EXE_gatekeeper")).parent().expect("a folder");
        let path = std::env::join_paths(
            std::iter::once(programs.to_path_buf())
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let output = Command::new("bash")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(self.here())
            .env("PATH", path.expect("a search path"))
            .env("COLUMNS", "100")
            .env("HOME", self.place.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("CI")
            .envs([("GIT_AUTHOR_NAME", "you"), ("GIT_AUTHOR_EMAIL", "you@example.com")])
            .envs([("GIT_COMMITTER_NAME", "you"), ("GIT_COMMITTER_EMAIL", "you@example.com")])
            .output()
            .expect("bash");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        match output.status.code() {
            Some(0) => printed,
            code => format!("{printed}(exit code {})\n", code.map_or("none".to_owned(), |code| code.to_string())),
        }
    }

    fn lay(&self, recording: &str, path: &str) {
        let text = fs::read_to_string(root().join("fixtures/evidence/tools").join(recording)).expect(recording);
        let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S+00:00");
        let text = STAMP.replace_all(&text, format!("timestamp=\"{now}\""));
        let text = TIMES.replace_all(&text, format!("\"Time\":\"{now}\""));
        self.write(path, &text);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.here().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("written");
    }
}

/// The page after every command of it was run: what they printed in the place of what stood there. And how many there were.
fn played(page: &str) -> (String, usize) {
    let mut stage = Stage::new();
    let (mut out, mut comments) = (String::new(), Vec::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if let Some(comment) = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->")) {
            comments.push(comment.to_owned());
        }
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        out.push_str(&fence(&mut stage, language, &body, &std::mem::take(&mut comments)));
        out.push_str("```\n");
    }
    assert!(comments.is_empty(), "a comment without a fence: {comments:?}");
    (out, stage.commands)
}

fn fence(stage: &mut Stage, language: &str, body: &[&str], comments: &[String]) -> String {
    let text = body.iter().map(|line| format!("{line}\n")).collect::<String>();
    let mut file = None;
    for comment in comments {
        if let Some(rest) = comment.strip_prefix("recorded ") {
            let (what, command) = rest.split_once(": ").expect("`recorded NAME PATH: COMMAND`");
            let (recording, path) = what.split_once(' ').expect("`recorded NAME PATH: COMMAND`");
            stage.recorded.entry(command.to_owned()).or_default().push((recording.to_owned(), path.to_owned()));
        } else if let Some(path) = comment.strip_prefix("file ") {
            file = Some(path);
        } else if comment.starts_with("not run: ") {
            return text;
        } else {
            assert_eq!(comment, "shell", "no such comment");
            body.iter().for_each(|command| {
                let printed = stage.run(command);
                assert!(!printed.contains("(exit code"), "{command}: {printed}");
            });
            return text;
        }
    }
    if let Some(path) = file {
        stage.write(path, &text);
        return text;
    }
    assert_eq!(language, "console", "a fence that nothing is known of: {text}");
    let mut out = String::new();
    for command in body.iter().filter_map(|line| line.strip_prefix("$ ")) {
        out.push_str(&format!("$ {command}\n{}", stage.run(command)));
    }
    out
}

fn settled(text: &str) -> String {
    VARIES.replace_all(text, "~").lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_command_of_the_pages_prints_what_stands_there() {
    let (blessing, mut commands, mut faults) = (asked("GATEKEEPER_BLESS"), 0, Vec::new());
    for page in PAGES {
        let path = root().join("docs").join(page);
        let before = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
        let (after, count) = played(&before);
        commands += count;
        if settled(&before) == settled(&after) {
            continue;
        }
        if blessing {
            fs::write(&path, after).expect("written");
            continue;
        }
        let pairs = before.lines().zip(after.lines());
        let (stands, prints) = pairs.map(|(a, b)| (settled(a), settled(b))).find(|(a, b)| a != b).unwrap_or_default();
        faults.push(format!("docs/{page}: stands `{stands}`, printed `{prints}`"));
    }
    assert!(faults.is_empty(), "{}\nGATEKEEPER_BLESS=1 writes them anew.", faults.join("\n"));
    assert!(commands > 60, "{commands} commands");
}

#[test]
fn a_page_is_played_in_order() {
    let page = "<!-- file a.txt -->\n```text\nx\n```\nand\n\n```console\n$ cat a.txt\nstale\n$ false\n```\n<!-- not run: no -->\n```sh\n$ exit 9\n```\n";
    let (after, commands) = played(page);
    assert_eq!(after, page.replace("stale", "x").replace("$ false\n", "$ false\n(exit code 1)\n"));
    assert_eq!(commands, 2);
}
