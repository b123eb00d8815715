//! What a command line names is there and is read by what judges it, or nothing is judged.

use crate::support::definitions::{Files, Place, edited};
use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;

const NOW: &str = "2026-03-02T12:00:00Z";

fn gate(id: &str, rest: &str) -> String {
    format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"Gate\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\n\
         reproduce = \"make\"\nremediation = [\"Mend it.\"]\n{rest}"
    )
}

fn failed(evidence: &str) -> String {
    format!("{evidence}\n[[check]]\nkind = \"holds\"\nthat = \"s.failed == 0\"\n")
}

/// A repository whose blocking gate reads a file of the repository and whose advisory gate reads another one.
fn files() -> Files {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/p.toml\"\n"),
        plain(
            "policies/p.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"p\"\ntitle = \"P\"\n[[gate]]\nid = \"g\"\nblocking = true\n\
             [[gate]]\nid = \"a\"\nblocking = false\n[lane.full]\nrule = \"full\"\n[lane.preflight]\nrule = \"preflight\"\n",
        ),
        plain("gates/p/g.toml", &gate("g", &failed("[evidence.s]\npath = \"repo:s.json\""))),
        plain("gates/p/a.toml", &gate("a", &failed("[evidence.s]\npath = \"repo:t.json\""))),
        plain("s.json", "{\"failed\": 0, \"run\": \"r-1\", \"names\": \"s.json\"}"),
        plain("t.json", "{\"failed\": 0}"),
        plain("run/s.json", "{\"failed\": 0}"),
        plain("run/environment.json", "{\"run_id\": \"r-1\", \"git_sha\": \"\"}"),
        plain("red/s.json", "{\"failed\": 1}"),
        plain("old/s.json", "{\"failed\": 0}"),
    ])
}

type Edit = (&'static str, &'static str, &'static str);

#[test]
fn what_is_named_is_there_and_is_read() {
    let run: Edit = ("gates/p/g.toml", "repo:s.json", "run:s.json");
    let advisory: Edit = ("gates/p/a.toml", "repo:t.json", "run:s.json");
    let history: Edit = ("gates/p/a.toml", "path = \"repo:t.json\"", "path = \"history:*/s.json\"\npick = \"only\"");
    let baseline: Edit = ("gates/p/a.toml", "repo:t.json", "baseline:s.json");
    let named: Edit = (
        "gates/p/g.toml",
        "[evidence.s]\npath = \"repo:s.json\"",
        "[evidence.i]\npath = \"repo:s.json\"\n[evidence.s]\nfrom = \"i.names\"\nbase = \"run\"\nformat = \"json\"",
    );
    let items: Edit = ("gates/p/g.toml", "s.failed == 0", "s.all(x, x.failed == 0)");
    let bound: Edit = ("gates/p/g.toml", "repo:s.json\"", "repo:s.json\"\nbound = { run_id = \"/run\" }");
    let binding: Edit = (
        "policies/p.toml",
        "[lane.full]",
        "[run]\nfile = \"environment.json\"\nid = \"/run_id\"\ncommit = \"/git_sha\"\n[lane.full]",
    );
    // The edits, the command line, and the exit code with a word of what is said.
    type Row<'t> = (&'t [Edit], &'static str, Exit, &'static str);
    let rows: &[Row<'_>] = &[
        (&[], "verify", Exit::Pass, ""),
        (&[], "verify {run}", Exit::Usage, "reads the run"),
        (&[], "verify {red}", Exit::Usage, "reads the run"),
        (&[], "verify {gone}", Exit::Usage, "no run"),
        (&[], "verify {s.json}", Exit::Usage, "run"),
        (&[], "verify {} ", Exit::Usage, "reads the run"),
        (&[], "verify --shards {gone}", Exit::Usage, "no shard"),
        (&[], "verify --shards {g*ne}", Exit::Usage, "no shard"),
        (&[], "verify --shards {run}", Exit::Usage, "reads the run"),
        (&[], "verify --history {old}", Exit::Usage, "--history"),
        (&[], "verify --history {gone}", Exit::Usage, "earlier run"),
        (&[], "verify --baseline {old}", Exit::Usage, "--baseline"),
        (&[], "checklist {run}", Exit::Usage, "reads the run"),
        (&[], "checklist {gone}", Exit::Usage, "no run"),
        (&[], "checklist", Exit::Pass, ""),
        (&[], "mutate {run}", Exit::Usage, "reads the run"),
        (&[], "mutate {gone}", Exit::Usage, "no run"),
        (&[run], "verify {run}", Exit::Pass, ""),
        (&[run], "verify {red}", Exit::Failed, "failed"),
        (&[run], "verify {gone}", Exit::Usage, "no run"),
        (&[run], "verify {run} --history {old}", Exit::Usage, "--history"),
        (&[run], "verify {run} --baseline {old}", Exit::Usage, "--baseline"),
        (&[run], "verify --shards {run} {old}", Exit::Usage, "shards-complete"),
        (&[run], "verify --shards {run} {gone}", Exit::Usage, "no shard"),
        (&[run], "verify --shards {run}", Exit::Usage, "shards-complete"),
        (&[run, history], "verify {run} --history {old}", Exit::Pass, ""),
        (&[run, baseline], "verify {run} --baseline {old}", Exit::Pass, ""),
        (&[history], "verify {run} --history {old}", Exit::Usage, "reads the run"),
        (&[advisory], "verify {run}", Exit::Pass, ""),
        (&[advisory], "verify {run} --lane preflight", Exit::Usage, "reads the run"),
        (&[named, items], "verify {run}", Exit::Pass, ""),
        (&[named, items], "verify {red}", Exit::Failed, "failed"),
        (&[bound, binding], "verify {red}", Exit::Gap, ""),
    ];
    for (edits, line, exit, word) in rows {
        let place = Place::new(&edited(&files(), edits));
        let out = place.path().join("out");
        std::fs::create_dir(&out).expect("made");
        let path = |name: &str| place.path().join(name).display().to_string();
        let file =
            out.join(if line.starts_with("checklist") { "release_checklist.json" } else { "full_suite_verdict.json" });
        std::fs::write(&file, "{\"verdict\": \"pass\", \"decision\": \"go\"}").expect("an older one");
        let mut arguments: Vec<String> = line
            .split_whitespace()
            .map(|word| {
                word.strip_prefix('{').and_then(|word| word.strip_suffix('}')).map_or_else(|| word.to_owned(), path)
            })
            .collect();
        arguments.extend(["--now".to_owned(), NOW.to_owned()]);
        if !line.starts_with("mutate") {
            arguments.extend(["--out".to_owned(), out.display().to_string()]);
        }
        let (came, _, said) = place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(came, *exit, "{line}: {said}");
        assert!(said.contains(word), "{line}: {said}");
        if *exit == Exit::Usage && !line.starts_with("mutate") {
            let text = std::fs::read_to_string(&file).expect("a verdict");
            assert!(!text.contains("\"pass\"") && !text.contains("\"go\""), "{line}: {text}");
        }
    }
    assert_eq!(rows.len(), 33);
}

/// A policy whose one gate reads a run that must state its commit, below a directory.
fn bound_to_commit(directory: &str) -> Files {
    let plain = |path: &str, text: &str| (format!("{directory}{path}"), text.to_owned());
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/p.toml\"\n"),
        plain(
            "policies/p.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"p\"\ntitle = \"P\"\n[run]\nfile = \"environment.json\"\nid = \"/run_id\"\n\
             commit = \"/git_sha\"\n[[gate]]\nid = \"g\"\nblocking = true\n[lane.full]\nrule = \"full\"\n",
        ),
        plain("gates/p/g.toml", &gate("g", &failed("[evidence.s]\npath = \"run:s.json\""))),
    ])
}

/// Judges the definitions of this directory over a run in it that states this commit.
fn judge_run_of(commit: &str, root: &std::path::Path) -> Exit {
    let run = root.join("run");
    std::fs::create_dir_all(&run).expect("made");
    std::fs::write(run.join("s.json"), "{\"failed\": 0}").expect("written");
    let says = format!("{{\"run_id\": \"r\", \"git_sha\": \"{commit}\"}}");
    std::fs::write(run.join("environment.json"), says).expect("written");
    gatekeeper(&["verify", text(&run), "--root", text(root), "--dry-run"], &[]).0
}

/// A part of a monorepo is held to the commit of the whole; only a run that is committed itself can be an example of another repository.
#[test]
fn a_run_below_the_top_of_a_work_tree_is_of_its_commit() {
    let mut files = bound_to_commit("svc/");
    let place = Place::new(&files);
    let head = place.commit("main", &files);
    let git = git2::Repository::open(place.path()).expect("a repository");
    git.set_head("refs/heads/main").expect("main is checked out");
    let judge = |commit: &str| judge_run_of(commit, &place.path().join("svc"));
    let foreign = "f".repeat(40);
    assert_eq!((judge(&head), judge(&foreign)), (Exit::Pass, Exit::Gap));
    files.insert("svc/run/environment.json".to_owned(), format!("{{\"run_id\": \"r\", \"git_sha\": \"{foreign}\"}}"));
    place.commit("main", &files);
    assert_eq!((judge(&foreign), judge(&head)), (Exit::Pass, Exit::Gap), "an example, and a run of the commit before");
}

/// A root that lies in a work tree and that git does not know is of that work tree, unless it is ignored there and states a commit of another repository.
#[test]
fn a_root_that_git_does_not_know_is_of_the_work_tree_around_it() {
    let plain = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let kept = Files::from([plain(".gitignore", "/ignored/\n"), plain("readme", "x")]);
    let place = Place::new(&kept);
    let first = place.commit("main", &kept);
    let mut later = kept.clone();
    later.insert("more".to_owned(), "x".to_owned());
    let head = place.commit("main", &later);
    let git = git2::Repository::open(place.path()).expect("a repository");
    git.set_head("refs/heads/main").expect("main is checked out");
    let foreign = "f".repeat(40);
    let mut seen = 0;
    for (directory, own, of_another) in
        [("new/", Exit::Pass, Exit::Gap), ("deep/er/", Exit::Pass, Exit::Gap), ("ignored/x/", Exit::Pass, Exit::Pass)]
    {
        for (path, text) in bound_to_commit(directory) {
            let path = place.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let judge = |commit: &str| judge_run_of(commit, &place.path().join(directory));
        assert_eq!([judge(&head), judge(&first), judge(&foreign)], [own, Exit::Gap, of_another], "{directory}");
        seen += 1;
    }
    assert_eq!(seen, 3);
    std::fs::write(place.path().join(".git/HEAD"), "x").expect("damaged");
    assert_eq!(judge_run_of(&foreign, &place.path().join("new")), Exit::Gap, "what does not tell vouches for no run");
}

/// A repository that is there and does not tell its commit vouches for no run: whatever keeps it from telling, it is not as if there were none.
#[test]
fn a_repository_that_does_not_tell_is_not_no_repository() {
    type Damage = fn(&std::path::Path, &str);
    let rows: [(&str, Damage, [Exit; 2]); 7] = [
        ("sound", |_, _| (), [Exit::Pass, Exit::Gap]),
        ("none", |git, _| std::fs::remove_dir_all(git).expect("removed"), [Exit::Pass, Exit::Pass]),
        ("its HEAD is damaged", |git, _| std::fs::write(git.join("HEAD"), "x").expect("written"), [Exit::Gap, Exit::Gap]),
        (
            "it is at no commit yet",
            |git, _| std::fs::write(git.join("HEAD"), "ref: refs/heads/none\n").expect("written"),
            [Exit::Gap, Exit::Gap],
        ),
        (
            "it lies elsewhere, and is not there",
            |git, _| {
                std::fs::remove_dir_all(git).expect("removed");
                std::fs::write(git, "gitdir: nowhere\n").expect("written");
            },
            [Exit::Gap, Exit::Gap],
        ),
        (
            "its format is not known",
            |git, _| {
                let of = "[core]\nrepositoryformatversion = 1\nbare = false\n[extensions]\nunheardof = true\n";
                std::fs::write(git.join("config"), of).expect("written");
            },
            [Exit::Gap, Exit::Gap],
        ),
        (
            "the commit is gone",
            |git, head| std::fs::remove_file(git.join("objects").join(&head[..2]).join(&head[2..])).expect("removed"),
            [Exit::Gap, Exit::Gap],
        ),
    ];
    let mut seen = 0;
    for (what, damage, expected) in rows {
        let files = bound_to_commit("");
        let place = Place::new(&files);
        let head = place.commit("main", &files);
        let git = git2::Repository::open(place.path()).expect("a repository");
        git.set_head("refs/heads/main").expect("main is checked out");
        damage(&place.path().join(".git"), &head);
        let found = [head.as_str(), &"f".repeat(40)].map(|commit| judge_run_of(commit, &place.path()));
        assert_eq!(found, expected, "{what}: a run of the commit, and one of another");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

/// What a run states as its commit, whatever it is: only the commit that is checked out is that commit.
#[test]
fn a_run_states_the_commit_that_is_checked_out_or_fails() {
    let files = bound_to_commit("");
    let place = Place::new(&files);
    let first = place.commit("main", &files);
    let mut later = files.clone();
    later.insert("more.txt".to_owned(), "x".to_owned());
    let head = place.commit("main", &later);
    let git = git2::Repository::open(place.path()).expect("a repository");
    git.set_head("refs/heads/main").expect("main is checked out");
    let tree = git.find_commit(head.parse().expect("an id")).expect("found").tree_id().to_string();
    let text = |text: &str| format!("\"{text}\"");
    let rows: [(&str, String, bool); 20] = [
        ("the commit", text(&head), true),
        ("the same in capitals", text(&head.to_uppercase()), true),
        ("the one before", text(&first), first == head),
        ("its tree", text(&tree), false),
        ("a short form", text(&head[..12]), false),
        ("a digit less", text(&head[..39]), false),
        ("a digit more", text(&format!("{head}0")), false),
        ("a blank behind it", text(&format!("{head} ")), false),
        ("a line end behind it", text(&format!("{head}\\n")), false),
        ("a NUL behind it", text(&format!("{head}\\u0000")), false),
        ("a mark before it", text(&format!("\\ufeff{head}")), false),
        ("a branch", text("main"), false),
        ("`HEAD`", text("HEAD"), false),
        ("zeros", text(&"0".repeat(40)), false),
        ("SHA-256", text(&"a".repeat(64)), false),
        ("nothing in it", text(""), false),
        ("null", "null".to_owned(), false),
        ("a number", "7".to_owned(), false),
        ("a list of it", format!("[\"{head}\"]"), false),
        ("two of it", format!("\"{head}\", \"git_sha\": \"{head}\""), false),
    ];
    let run = place.path().join("run");
    std::fs::create_dir_all(&run).expect("made");
    std::fs::write(run.join("s.json"), "{\"failed\": 0}").expect("written");
    let mut seen = 0;
    for (what, stated, sound) in rows {
        std::fs::write(run.join("environment.json"), format!("{{\"run_id\": \"r\", \"git_sha\": {stated}}}"))
            .expect("written");
        for command in ["verify", "checklist"] {
            let more: &[&str] = if command == "verify" { &["--dry-run"] } else { &[] };
            let root = place.path();
            let words = [&[command, self::text(&run), "--root", self::text(&root), "--quiet"][..], more].concat();
            let exit = gatekeeper(&words, &[]).0;
            assert_eq!(exit == Exit::Pass, sound, "{command}: {what}: {exit:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 40);
}

/// Whatever lies in a run, above it, or in the words around it: the work tree of the current directory says how it is judged.
#[test]
fn what_lies_beside_a_run_does_not_say_how_it_is_judged() {
    use std::path::Path;
    const OTHER: &str = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n";
    let lay = |at: &Path, text: &str| {
        std::fs::create_dir_all(at.parent().expect("above")).expect("made");
        std::fs::write(at, text).expect("written");
    };
    /// What is laid beside the run, of which the second path is given, below a directory of its own.
    type Beside = fn(&Path, &Path, &dyn Fn(&Path, &str));
    let rows: [(&str, Beside); 7] = [
        ("nothing", |_, _, _| ()),
        ("a configuration in the run", |_, run, lay| lay(&run.join("gatekeeper.toml"), OTHER)),
        ("one above the run", |above, _, lay| lay(&above.join("gatekeeper.toml"), OTHER)),
        ("a repository around the run", |above, _, lay| {
            lay(&above.join("gatekeeper.toml"), OTHER);
            git2::Repository::init(above).expect("a repository");
        }),
        ("a repository in the run", |_, run, lay| {
            lay(&run.join("gatekeeper.toml"), OTHER);
            git2::Repository::init(run).expect("a repository");
        }),
        ("a policy of the same name", |_, run, lay| {
            lay(&run.join("policies/p.toml"), "schema = \"gatekeeper.policy/1\"\n");
        }),
        ("marks of another pack", |_, run, lay| lay(&run.join("runs/1/go-test.jsonl"), "{}")),
    ];
    let mut seen = 0;
    for (what, beside) in rows {
        for inside in [false, true] {
            let files = bound_to_commit("");
            let place = Place::new(&files);
            let head = place.commit("main", &files);
            let git = git2::Repository::open(place.path()).expect("a repository");
            git.set_head("refs/heads/main").expect("main is checked out");
            let elsewhere = tempfile::tempdir().expect("a directory");
            let above = if inside { place.path().join("downloads") } else { elsewhere.path().to_owned() };
            let run = above.join("r1");
            // It fails by the gate of the repository, and has a report that passes by any other.
            lay(&run.join("s.json"), "{\"failed\": 1}");
            lay(&run.join("environment.json"), &format!("{{\"run_id\": \"r\", \"git_sha\": \"{head}\"}}"));
            lay(&run.join("j.xml"), "<testsuite name=\"s\"><testcase name=\"a\"/></testsuite>");
            beside(&above, &run, &lay);
            for words in
                [&["verify", text(&run), "--dry-run"][..], &["verify", text(&run), "--dry-run", "--policy-ref", &head]]
            {
                let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
                let command = command.args(words).current_dir(place.path()).env_remove("CI_GATE_PROMOTION_MODE");
                let output = command.output().expect("the binary starts");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let code = output.status.code().expect("it was not killed");
                assert!(code == 1 && said.contains(" g ") || code == 2, "{what}: {words:?}: {code}: {said}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 28);
}
