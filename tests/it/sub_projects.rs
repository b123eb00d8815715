//! A repository of several projects: each `gatekeeper.toml` in a directory of its own is found from anywhere below it, and judges what lies there.

use crate::support::text;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn run(directory: &Path, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    let out = command.args(words).current_dir(directory).stdin(Stdio::null()).env("COLUMNS", "120").output();
    let out = out.expect("the binary starts");
    let told = [out.stdout, out.stderr].concat();
    (out.status.code().expect("it was not killed"), String::from_utf8(told).expect("UTF-8"))
}

fn report(at: &Path, broken: bool) {
    let (count, body) = if broken { (1, "<failure message=\"boom\"/>") } else { (0, "") };
    let text = format!(
        "<testsuite name=\"s\" tests=\"1\" failures=\"{count}\"><testcase classname=\"c\" name=\"a\">{body}</testcase></testsuite>"
    );
    fs::create_dir_all(at).expect("a directory");
    fs::write(at.join("junit.xml"), text).expect("a report");
}

fn commit(root: &Path) {
    let repository = git2::Repository::init(root).expect("a repository");
    let mut index = repository.index().expect("an index");
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("files");
    index.write().expect("written");
    let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("the tree");
    let author = git2::Signature::now("a", "a@example.com").expect("an author");
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    repository.commit(Some("HEAD"), &author, &author, "x", &tree, &parents).expect("a commit");
}

#[test]
fn each_project_is_judged_by_its_own_file_from_anywhere_below_it() {
    let top = tempfile::tempdir().expect("a directory");
    let [orders, pay] = ["services/orders", "services/pay"].map(|path| top.path().join(path));
    for project in [&orders, &pay] {
        report(&project.join("build/reports"), false);
        fs::create_dir_all(project.join("src/deep")).expect("a directory");
        fs::write(project.join("src/deep/main.txt"), "x").expect("a file");
        let (exit, told) = run(top.path(), &["init", text(project), "--owner", "o", "--bead", "B-1"]);
        assert_eq!(exit, 0, "{told}");
    }
    commit(top.path());
    let verify = |at: &Path| run(at, &["verify", "--dry-run"]);
    let mut looked = 0;
    for project in [&orders, &pay] {
        for below in [".", "src", "src/deep", "build/reports"] {
            let (exit, told) = verify(&project.join(below));
            assert_eq!(exit, 0, "{below}: {told}");
            looked += 1;
        }
    }
    assert_eq!(looked, 8);
    // What fails in one project fails there alone.
    report(&pay.join("build/reports"), true);
    assert_eq!((verify(&orders.join("src")).0, verify(&pay.join("src")).0), (0, 1));
    // Its exceptions, its comparison and the trusted commit are those of its own directory.
    let add = [
        "quarantine",
        "add",
        "s::c::a",
        "--category",
        "FLAKE-LOGIC",
        "--kind",
        "known-failure",
        "--owner",
        "o",
        "--bead",
        "B-2",
    ];
    let rest = ["--reason", "r", "--evidence", "e", "--reproduce", "make", "--exit-criterion", "x"];
    let day = (chrono::Utc::now() + chrono::Duration::days(5)).format("%Y-%m-%d").to_string();
    let (exit, told) = run(&pay.join("src"), &[&add[..], &rest, &["--expires", &day]].concat());
    assert!(exit == 0 && told.contains("wrote `gatekeeper-exceptions.toml`"), "{told}");
    assert!(pay.join("gatekeeper-exceptions.toml").exists() && !top.path().join("gatekeeper-exceptions.toml").exists());
    let (exit, told) = run(&pay.join("src"), &["policy", "diff", "HEAD", "."]);
    assert!(exit == 1 && told.contains("quarantine s::c::a") && told.contains("gatekeeper-exceptions.toml:"), "{told}");
    let (exit, told) = run(&orders, &["policy", "diff", "HEAD", "."]);
    assert_eq!(exit, 0, "{told}");
    let (exit, told) = run(&pay, &["verify", "--dry-run", "--policy-ref", "HEAD"]);
    assert_eq!(exit, 1, "the exception is not that of the commit: {told}");
    // From above nothing guesses which of them is meant.
    let (exit, told) = run(top.path(), &["verify", "services/pay/build/reports", "--dry-run"]);
    assert!(exit == 2 && told.contains("--root DIR"), "{told}");
    assert_eq!(run(top.path(), &["verify", "--root", "services/orders", "--dry-run"]).0, 0);
    // A file that git does not know, as one that came with evidence, judges nothing.
    fs::create_dir_all(orders.join("downloads")).expect("a directory");
    fs::copy(pay.join("gatekeeper.toml"), orders.join("downloads/gatekeeper.toml")).expect("a file");
    let (exit, told) = verify(&orders.join("downloads"));
    assert!(exit == 2 && told.contains("git does not know"), "{told}");
}
