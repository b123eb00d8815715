//! What a command would have written holds no older pass, whatever ends the command; and nothing is written elsewhere.

use crate::support::definitions::{Files, Place, edited};
use crate::support::gatekeeper;
use gatekeeper::cli::Exit;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-03-02T12:00:00Z";
/// The files that `verify` and `checklist` put into a directory, and what an older one that passes says there.
const OLDER: [(&str, &str); 6] = [
    ("full_suite_verdict.json", r#"{"verdict":"pass","reason":"OLDER"}"#),
    ("lane_full.json", r#"{"verdict":"pass","promotable":true,"reason":"OLDER"}"#),
    ("lane_preflight.json", r#"{"verdict":"pass","promotable":true,"reason":"OLDER"}"#),
    ("full_suite_events.jsonl", "{\"event\":\"verdict\",\"verdict\":\"pass\",\"reason\":\"OLDER\"}\n"),
    ("release_checklist.json", r#"{"decision":"go","reason":"OLDER"}"#),
    ("release_checklist.md", "# Release checklist: GO OLDER\n"),
];

/// A repository that passes.
fn files() -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n"),
        plain(
            "policies/mine.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\noutput = \"repo:build/verdict\"\n\
             [[gate]]\nid = \"score\"\nblocking = true\n[lane.full]\nrule = \"full\"\n[lane.preflight]\nrule = \"preflight\"\n",
        ),
        plain(
            "gates/mine/score.toml",
            "schema = \"gatekeeper.gate/1\"\nid = \"score\"\ntitle = \"Score\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\n\
             reproduce = \"make score\"\nremediation = [\"Mend it.\"]\n\
             [evidence.report]\npath = \"repo:report.json\"\n[[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n",
        ),
        plain("report.json", "{\"score\": 95}"),
        plain("run/notes.txt", "x"),
        plain("brings/gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n"),
        plain("file", "x"),
    ])
}

fn place() -> Place {
    let place = Place::new(&files());
    place.commit("main", &files());
    place
}

fn lay(directory: &Path) {
    fs::create_dir_all(directory).expect("made");
    for (file, text) in OLDER {
        fs::write(directory.join(file), text).expect("written");
    }
}

/// The files below a directory that still say what they said.
fn older(directory: &Path) -> Vec<String> {
    let mut left = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if text.contains("OLDER") {
            left.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    left.sort();
    left
}

fn json(path: impl AsRef<Path>) -> Value {
    let text = fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// What ends a command: words, which may name `ROOT`, and whether the run is among them.
const ENDS: [&[&str]; 27] = [
    &["--bogus"],
    &["--bogus=x"],
    &["-Z"],
    &["--now"],
    &["--now", "today"],
    &["--now", "2026-03-02"],
    &["--mode", "rollback"],
    &["--mode", "loose"],
    &["--rationale", "because"],
    &["--mode", "rollback", "--rationale", "x", "--until", "never"],
    &["--timeout", "soon"],
    &["--timeout", "900000h"],
    &["--baseline", "ROOT/none"],
    &["--baseline", "ROOT/file"],
    &["--history", "ROOT/none"],
    &["--history", "ROOT/none/*"],
    &["--policy", "none"],
    &["--policy", "ROOT/none.toml"],
    &["--policy-ref", "none"],
    &["--policy-ref", "main:gatekeeper.toml"],
    &["-o", "nothing"],
    &["-o", "nothing=ROOT/named/odd.json"],
    &["-o", "markdown="],
    &["--shards", "ROOT/a"],
    &["ROOT/run", "ROOT/run"],
    &["--quiet", "--verbose", "--bogus"],
    &["--out", "ROOT/out"],
];

#[test]
fn whatever_ends_a_command_no_older_pass_is_left() {
    let mut seen = 0;
    for command in ["verify", "checklist"] {
        let (json_form, markdown_form) = if command == "verify" { ("verdict", "markdown") } else { ("json", "markdown") };
        for end in ENDS {
            for first in [true, false] {
                let place = place();
                let root = place.path().display().to_string();
                let (out, named) = (place.path().join("out"), place.path().join("named"));
                lay(&out);
                lay(&named);
                fs::write(named.join("odd.json"), r#"{"verdict":"pass","reason":"OLDER"}"#).expect("written");
                let asked: Vec<String> = end.iter().map(|word| word.replace("ROOT", &root)).collect();
                let outputs = [
                    "--out".to_owned(),
                    out.display().to_string(),
                    "-o".to_owned(),
                    format!("{json_form}={}", named.join("full_suite_verdict.json").display()),
                    format!("-o{markdown_form}={}", named.join("release_checklist.md").display()),
                ];
                let mut words = vec![command.to_owned(), place.path().join("run").display().to_string()];
                if first {
                    words.extend(asked);
                    words.extend(outputs);
                } else {
                    words.extend(outputs);
                    words.extend(asked);
                }
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let (exit, _, said) = place.run(&words);
                assert_eq!(exit, Exit::Usage, "{words:?}: {said}");
                let (own, other): (&[&str], &[&str]) = match command {
                    "verify" => (&["full_suite_verdict.json"], &["release_checklist.json", "release_checklist.md"]),
                    _ => (
                        &["release_checklist.json", "release_checklist.md"],
                        &["full_suite_events.jsonl", "full_suite_verdict.json", "lane_full.json", "lane_preflight.json"],
                    ),
                };
                assert_eq!(older(&out), other, "what another command wrote is its own: {words:?}");
                for file in own.iter().filter(|file| file.ends_with(".json")) {
                    let value = json(out.join(file));
                    assert!(value["verdict"] == "fail" || value["decision"] == "no-go", "{words:?}: {value}");
                }
                let left = older(&named);
                for file in ["full_suite_verdict.json", "release_checklist.md"] {
                    assert!(!left.iter().any(|own| own == file), "{words:?}: {file}");
                }
                if end.iter().any(|word| word.contains("odd.json")) {
                    assert!(!left.contains(&"odd.json".to_owned()), "{words:?}");
                }
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 108);
}

#[test]
fn a_run_that_cannot_be_opened_or_that_brings_definitions_leaves_none_either() {
    let place = place();
    let socket = std::os::unix::net::UnixListener::bind(place.path().join("socket")).expect("bound");
    let pipe = std::process::Command::new("mkfifo").arg(place.path().join("pipe")).status().expect("mkfifo runs");
    assert!(pipe.success());
    let mut seen = 0;
    for command in ["verify", "checklist"] {
        for run in ["file", "socket", "pipe", "brings"] {
            let (out, run) = (place.path().join("out"), place.path().join(run));
            lay(&out);
            let line = [command, &run.display().to_string(), "--out", &out.display().to_string()].map(str::to_owned);
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            let (exit, _, said) = if run.ends_with("brings") {
                // With a root that is named, such a run is one like another.
                crate::support::gatekeeper(&line, &[])
            } else {
                place.run(&line)
            };
            assert_eq!(exit, Exit::Usage, "{line:?}: {said}");
            let own = if command == "verify" { "full_suite_verdict.json" } else { "release_checklist.json" };
            assert!(!older(&out).contains(&own.to_owned()), "{line:?}");
            seen += 1;
        }
        // The repository is not there.
        let out = place.path().join("out");
        lay(&out);
        let none = place.path().join("none").display().to_string();
        let (exit, ..) = crate::support::gatekeeper(&[command, "--root", &none, "--out", &out.display().to_string()], &[]);
        let own = if command == "verify" { "full_suite_verdict.json" } else { "release_checklist.json" };
        assert!(exit == Exit::Usage && !older(&out).contains(&own.to_owned()));
        seen += 1;
    }
    drop(socket);
    assert_eq!(seen, 10);
}

#[test]
fn the_policys_own_place_is_made_to_fail_where_the_definitions_can_be_read() {
    let mut seen = 0;
    let lists = || vec!["release_checklist.json".to_owned(), "release_checklist.md".to_owned()];
    for end in [
        &["--now", "today"][..],
        &["--baseline", "none"],
        &["--policy-ref", "none"],
        &["--lane", "none"],
        &["-o", "none"],
        &["--policy", "none"],
        // These end the reading of the command line itself.
        &["--bogus"],
        &["run", "more"],
        &["--out"],
        &["--lane"],
        &["--verbose", "--quiet"],
        &["--mode", "loose"],
        &["--dry-run=x"],
        &["--bogus", "--policy", "none"],
        &["--bogus", "--policy-ref", "main"],
    ] {
        let place = place();
        let verdict = place.path().join("build/verdict");
        lay(&verdict);
        let (exit, _, said) = place.run(&[&["verify"], end].concat());
        assert_eq!((exit, older(&verdict)), (Exit::Usage, lists()), "{end:?}: {said}");
        seen += 1;
    }
    // Definitions that no longer say where it is: the commit still does.
    for (file, text) in
        [("policies/mine.toml", "[[["), ("gatekeeper.toml", "[[["), ("gatekeeper.toml", ""), ("gates/mine/score.toml", "")]
    {
        for end in [&["run"][..], &["--bogus"]] {
            let place = place();
            git2::Repository::open(place.path()).expect("opened").set_head("refs/heads/main").expect("checked out");
            fs::write(place.path().join(file), text).expect("written");
            let verdict = place.path().join("build/verdict");
            lay(&verdict);
            let (exit, _, said) = place.run(&[&["verify"], end].concat());
            assert_eq!((exit, older(&verdict)), (Exit::Usage, lists()), "{file} {end:?}: {said}");
            seen += 1;
        }
    }
    assert_eq!(seen, 23);
    // A root that is none: the repository above it was meant.
    for (root, end) in [
        ("none", &[][..]),
        ("none/below", &["run"]),
        ("file", &[]),
        ("none", &["--bogus"]),
        ("none", &["--policy-ref", "main"]),
    ] {
        let place = place();
        let verdict = place.path().join("build/verdict");
        lay(&verdict);
        let root = place.path().join(root).display().to_string();
        let (exit, _, said) = gatekeeper(&[&["verify", "--root", &root], end].concat(), &[]);
        assert_eq!((exit, older(&verdict)), (Exit::Usage, lists()), "{root} {end:?}: {said}");
    }
    // A slip makes no directory.
    let bare = place();
    bare.run(&["verify", "--bogus"]);
    assert!(!bare.path().join("build").exists());
    // A dry run writes nothing, whatever ends it.
    let place = place();
    let verdict = place.path().join("build/verdict");
    lay(&verdict);
    for more in [&["--dry-run"][..], &["--dry-run", "--now", "today"], &["--dry-run", "--bogus", "--out", "OUT"]] {
        let out = verdict.display().to_string();
        let words: Vec<&str> = more.iter().map(|word| if *word == "OUT" { &*out } else { word }).collect();
        place.run(&[&["verify"], &*words].concat());
        assert_eq!(older(&verdict).len(), OLDER.len(), "{words:?}");
    }
}

#[test]
fn words_that_are_no_command_and_commands_that_publish_no_verdict() {
    let place = place();
    let out = place.path().join("out");
    let at = out.display().to_string();
    let mut seen = 0;
    for words in
        [&["verfy", "run", "--out", &at][..], &["--out", &at, "run"], &["--self-test", "verify", "--out", &at, "--bogus"]]
    {
        lay(&out);
        let (exit, ..) = crate::support::gatekeeper(words, &[]);
        assert_eq!(exit, Exit::Usage);
        assert!(!older(&out).contains(&"full_suite_verdict.json".to_owned()), "{words:?}: {:?}", older(&out));
        seen += 1;
    }
    // Nothing is made where nothing was.
    fs::remove_dir_all(&out).expect("removed");
    crate::support::gatekeeper(&["verfy", "run", "--out", &at], &[]);
    assert!(!out.exists());
    // Help is no slip.
    lay(&out);
    crate::support::gatekeeper(&["verify", "--out", &at, "--help"], &[]);
    assert_eq!(older(&out).len(), OLDER.len());
    // Other documents that say yes.
    let file = place.path().join("said.json");
    let said = file.display().to_string();
    let rows: [(&[&str], &str); 8] = [
        (&["check-claims", "--contract", "none", "--text", "none", "--out", &said], "/decision=blocked"),
        (&["check-claims", "--out", &said, "--bogus"], "/decision=blocked"),
        (&["check-claims", "--contract", "none", "--text", "none", "--now", "today", "--out", &said], "/decision=blocked"),
        (&["policy", "diff", "none", ".", "-o", &format!("json={said}")], "/status=weaker"),
        (&["policy", "diff", "--bogus", &format!("-ojson={said}")], "/status=weaker"),
        (&["attest", "none", "--out", &said], ""),
        (&["attest", "none", "--out", &said, "--bogus"], ""),
        (&["mutate", "none", "-o", &format!("json={said}"), "--min", "x"], ""),
    ];
    for (words, expected) in rows {
        fs::write(&file, r#"{"decision":"allowed","status":"same","reason":"OLDER"}"#).expect("written");
        let (exit, _, told) = place.run(words);
        assert_ne!(exit, Exit::Pass, "{words:?}");
        match expected.split_once('=') {
            Some((at, word)) => assert_eq!(json(&file).pointer(at), Some(&json!(word)), "{words:?}: {told}"),
            None => assert_eq!(fs::read_to_string(&file).expect("there"), "", "{words:?}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[cfg(unix)]
#[test]
fn outputs_below_a_base_go_through_no_link() {
    use std::os::unix::fs::symlink;
    let of_run = ("policies/mine.toml", "repo:build/verdict", "run:verdict");
    /// What is a link, where it leads, and the edit of the policy.
    type Row<'t> = (&'t str, &'t str, &'t [(&'t str, &'t str, &'t str)]);
    let rows: [Row<'_>; 6] = [
        ("build", "../elsewhere", &[]),
        ("build", ".git", &[]),
        ("build/verdict", "../.git", &[]),
        ("build/verdict", "../gates", &[]),
        ("run/verdict", "../../elsewhere", &[of_run]),
        ("run/verdict", "../gates", &[of_run]),
    ];
    let mut seen = 0;
    for (link, target, edits) in rows {
        for by_ref in [false, true] {
            let own = edited(&files(), edits);
            let home = tempfile::tempdir().expect("a directory");
            let place = Place(tempfile::tempdir_in(home.path()).expect("a directory"));
            crate::support::definitions::write(&place.path(), &own);
            place.commit("main", &own);
            let elsewhere = home.path().join("elsewhere");
            fs::create_dir(&elsewhere).expect("made");
            let link = place.path().join(link);
            fs::create_dir_all(link.parent().expect("above")).expect("made");
            symlink(target, &link).expect("linked");
            let listed = |path: PathBuf| {
                let mut names: Vec<_> =
                    fs::read_dir(path).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
                names.sort();
                names
            };
            let before = [".git", "gates"].map(|name| listed(place.path().join(name)));
            let run = place.path().join("run").display().to_string();
            let reference: &[&str] = if by_ref { &["--policy-ref", "main"] } else { &[] };
            let (exit, _, said) = place.run(&[&["verify", &*run, "--now", NOW], reference].concat());
            assert!(exit == Exit::Internal && said.contains("cannot write"), "{link:?}: {said}");
            assert_eq!(listed(elsewhere).len(), 0, "{link:?}");
            assert_eq!([".git", "gates"].map(|name| listed(place.path().join(name))), before, "{link:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 12);
    // Directories that are directories are made and written into, and the operator's own path may lead where it likes.
    let place = place();
    assert_eq!(place.run(&["verify", "--now", NOW]).0, Exit::Pass);
    assert_eq!(json(place.path().join("build/verdict/full_suite_verdict.json"))["verdict"], "pass");
    let out = place.path().join("linked");
    symlink("build/verdict", &out).expect("linked");
    assert_eq!(place.run(&["verify", "--now", NOW, "--out", &out.display().to_string()]).0, Exit::Pass);
    assert!(out.is_symlink());
}

#[cfg(unix)]
#[test]
fn a_file_that_is_named_is_never_written_through() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let place = place();
    fs::write(place.path().join("theirs"), "theirs").expect("written");
    symlink("theirs", place.path().join("linked.json")).expect("linked");
    let linked = place.path().join("linked.json");
    let (exit, ..) = place.run(&["verify", "--now", NOW, "--dry-run", "-o", &format!("verdict={}", linked.display())]);
    assert!(exit == Exit::Pass && !linked.is_symlink() && json(&linked)["verdict"] == "pass");
    assert_eq!(fs::read_to_string(place.path().join("theirs")).expect("there"), "theirs");
    let pipe = place.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    symlink("pipe", place.path().join("to-pipe")).expect("linked");
    let mut seen = 0;
    for path in [
        &*pipe.display().to_string(),
        &*place.path().join("to-pipe").display().to_string(),
        "/dev/null",
        "/dev/stdout",
        "/dev/fd/1",
    ] {
        let (exit, _, said) = place.run(&["verify", "--now", NOW, "--dry-run", "-o", &format!("verdict={path}")]);
        assert!(exit == Exit::Internal && said.contains("cannot write"), "{path}: {said}");
        seen += 1;
    }
    assert_eq!(seen, 5);
    assert!(fs::symlink_metadata(&pipe).expect("there").file_type().is_fifo() && place.path().join("to-pipe").is_symlink());
}

#[test]
fn a_directory_holds_one_set() {
    // One lane after the other: what the first left of its own fails.
    let place = place();
    let out = place.path().join("out");
    let verify = |lane: &str, score: &str| {
        fs::write(place.path().join("report.json"), score).expect("written");
        place.run(&["verify", "--now", NOW, "--lane", lane, "--out", &out.display().to_string()]).0
    };
    assert_eq!(verify("full", "{\"score\": 95}"), Exit::Pass);
    assert!(!out.join("lane_preflight.json").exists() && json(out.join("lane_full.json"))["verdict"] == "pass");
    assert_eq!(verify("preflight", "{\"score\": 5}"), Exit::Failed);
    let full = json(out.join("lane_full.json"));
    assert_eq!((&full["promotable"], &full["verdict"], &full["lane"]), (&json!(false), &json!("fail"), &json!("full")));
    assert_eq!(json(out.join("lane_preflight.json"))["lane"], "preflight");
    assert_eq!(verify("full", "{\"score\": 95}"), Exit::Pass);
    assert_eq!(json(out.join("lane_full.json"))["verdict"], "pass");
    assert_eq!(json(out.join("lane_preflight.json"))["verdict"], "fail");
}

#[test]
fn runs_at_once_leave_one_set() {
    use std::process::{Command, Stdio};
    let mut seen = 0;
    for _ in 0..12 {
        let places: Vec<Place> =
            [95, 5, 95, 5].map(|score| Place::new(&edited(&files(), &[("report.json", "95", &score.to_string())]))).into();
        let shared = tempfile::tempdir().expect("a directory");
        let children: Vec<_> = places
            .iter()
            .enumerate()
            .map(|(position, place)| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
                let now = format!("2026-03-02T12:00:0{position}Z");
                command
                    .args(["verify", "--quiet", "--now", &now, "--root"])
                    .arg(place.path())
                    .arg("--out")
                    .arg(shared.path());
                command.env_remove("CI_GATE_PROMOTION_MODE").stdin(Stdio::null()).stderr(Stdio::null());
                command.spawn().expect("the binary starts")
            })
            .collect();
        for mut child in children {
            child.wait().expect("a child");
        }
        let at = |file: &str| json(shared.path().join(file));
        let (verdict, lane) = (at("full_suite_verdict.json"), at("lane_full.json"));
        assert_eq!((&verdict["generated_at"], &verdict["verdict"]), (&lane["generated_at"], &lane["verdict"]));
        assert_eq!(at("waiver_audit.json")["generated_at"], verdict["generated_at"]);
        let names = fs::read_dir(shared.path()).expect("listed").map(|entry| entry.expect("an entry").file_name());
        assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with('.')));
        seen += 1;
    }
    assert_eq!(seen, 12);
}
