//! From nothing to a judged repository: `verify` without configuration, `init`, and what its gates hold on to.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const NOW: &str = "2026-11-22T12:00:00Z";

/// Reports of real tools of which nothing but tests failed, with how many tests become known failures.
const ADOPTABLE: [(&str, usize); 10] = [
    ("junit/nextest/report.xml", 2),
    ("junit/pytest/report.xml", 4),
    ("junit/surefire/report.xml", 2),
    ("junit/vitest/report.xml", 2),
    ("junit/node/report.xml", 2),
    ("ctrf/jest/report.json", 1),
    ("libtest-text/cargo/report.log", 3),
    ("libtest-json/nextest/report.json", 2),
    ("tap/node/report.tap", 2),
    ("tap/mocha/report.tap", 2),
];

fn evidence(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/evidence").join(file)
}

fn run(arguments: &[&str], directory: &Path) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.env_remove("CI_GATE_PROMOTION_MODE").env("COLUMNS", "120").stdin(Stdio::null());
    let Output { status, stdout, stderr } =
        command.args(arguments).current_dir(directory).output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (status.code().expect("it was not killed"), text(stdout), text(stderr))
}

/// A directory of its own, not inside of any repository.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn put(directory: &Path, file: &str, text: &str) {
    let path = directory.join(file);
    std::fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory");
    std::fs::write(path, text).expect("a file");
}

fn read(directory: &Path, file: &str) -> String {
    std::fs::read_to_string(directory.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Puts everything below the directory into one commit.
fn commit(directory: &Path) {
    let repository = git2::Repository::init(directory).expect("a repository");
    let mut index = repository.index().expect("an index");
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("added");
    index.write().expect("written");
    let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("the tree");
    let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(0, 0)).expect("an author");
    repository.commit(Some("HEAD"), &author, &author, "first", &tree, &[]).expect("a commit");
}

/// Reports of fixtures are as old as they are.
const INIT: [&str; 11] = ["init", "--owner", "team", "--bead", "T-1", "--name", "shop", "--max-age", "500w", "--now", NOW];

/// A repository with this report, configured and committed.
fn adopted(file: &str, text: &str) -> tempfile::TempDir {
    let root = directory();
    put(root.path(), file, text);
    put(root.path(), "Cargo.toml", "");
    let (code, _, stderr) = run(&INIT, root.path());
    assert_eq!(code, 0, "{stderr}");
    commit(root.path());
    root
}

/// The verdict as of this time: exit code and JSON.
fn verify(root: &Path, now: &str) -> (i32, Value) {
    let (code, stdout, stderr) = run(&["verify", "--quiet", "-o", "verdict", "--now", now], root);
    (code, serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}")))
}

fn gate<'v>(verdict: &'v Value, id: &str) -> &'v Value {
    let gates = verdict["gates"].as_array().expect("gates");
    gates.iter().find(|gate| gate["id"] == id).unwrap_or_else(|| panic!("no gate `{id}`"))
}

/// The kinds of a gate's findings.
fn kinds(verdict: &Value, id: &str) -> Vec<String> {
    let findings = gate(verdict, id)["findings"].as_array().expect("findings").iter();
    findings.map(|finding| finding["kind"].as_str().expect("a kind").to_owned()).collect()
}

fn junit(cases: &str) -> String {
    format!("<testsuites><testsuite name=\"shop\">{cases}</testsuite></testsuites>\n")
}

const PASSES: &str = "<testcase name=\"passes\"/>";
const FAILS: &str = "<testcase name=\"fails\"><failure message=\"no\"/></testcase>";

#[test]
fn reports_of_real_tools_are_adopted_and_a_new_failure_fails() {
    let (mut adopted_reports, mut undated) = (0, 0);
    for (file, known) in ADOPTABLE {
        let source = evidence(file);
        let name = format!("build/out.{}", source.extension().and_then(|ending| ending.to_str()).expect("an ending"));
        let text = std::fs::read_to_string(&source).expect("a fixture");
        let root = adopted(&name, &text);
        let (code, _, stderr) = run(&["lint", "--now", NOW], root.path());
        assert_eq!(code, 0, "{file}: {stderr}");
        // Where no report says when it was made, that is all there is to say.
        assert_eq!(stderr.matches("warning[").count(), stderr.matches("warning[unbound-run]").count(), "{file}: {stderr}");
        undated += stderr.matches("warning[unbound-run]").count();

        let (code, verdict) = verify(root.path(), NOW);
        assert_eq!(code, 0, "{file}: {verdict:#}");
        let listed = verdict["exceptions"]["quarantine"].as_array().expect("the known failures");
        assert_eq!(listed.len(), known, "{file}");
        assert_eq!(kinds(&verdict, "tests_pass"), [""; 0], "{file}");

        // The ledger without its first entry: the same failure is a new one.
        let ledger = read(root.path(), "gatekeeper-exceptions.toml");
        let mut entries: Vec<&str> = ledger.split("\n[quarantine.").collect();
        entries.remove(1);
        put(root.path(), "gatekeeper-exceptions.toml", &entries.join("\n[quarantine."));
        let (code, verdict) = verify(root.path(), NOW);
        assert_eq!(code, 1, "{file}");
        assert!(kinds(&verdict, "tests_pass").iter().all(|kind| kind == "test-failed" || kind == "test-errored"), "{file}");
        put(root.path(), "gatekeeper-exceptions.toml", &ledger);

        // Eleven days later the known failures are past due.
        let (code, verdict) = verify(root.path(), "2026-12-03T00:00:00Z");
        assert_eq!(code, 1, "{file}");
        let overdue = kinds(&verdict, "quarantine_lifecycle");
        assert_eq!(overdue, vec!["quarantine-expired"; known], "{file}");
        assert!(kinds(&verdict, "tests_pass").contains(&"quarantine-invalid".to_owned()), "{file}");

        std::fs::remove_file(root.path().join(&name)).expect("deleted");
        let (code, verdict) = verify(root.path(), NOW);
        assert_eq!(code, 3, "{file}: {verdict:#}");
        assert_eq!(gate(&verdict, "reports_present")["reason"], "missing", "{file}");
        adopted_reports += 1;
    }
    assert_eq!(adopted_reports, 10);
    assert!((1..10).contains(&undated), "{undated}");
}

#[test]
fn a_new_failure_a_lost_test_and_a_fixed_failure_are_found() {
    let root = adopted("out/junit.xml", &junit(&format!("{PASSES}{FAILS}")));
    assert_eq!(verify(root.path(), NOW).0, 0);
    let mut told = Vec::new();
    for cases in [
        format!("{PASSES}{FAILS}<testcase name=\"new\"><failure/></testcase>"),
        FAILS.to_owned(),
        format!("{PASSES}<testcase name=\"fails\"/>"),
        format!("{PASSES}<testcase name=\"other\"/>"),
        format!("{PASSES}<testcase name=\"fails\"><skipped/></testcase>"),
    ] {
        put(root.path(), "out/junit.xml", &junit(&cases));
        let (code, verdict) = verify(root.path(), NOW);
        assert_eq!(code, 1, "{cases}");
        let kinds: Vec<String> =
            ["tests_ran", "tests_declared", "tests_pass"].iter().flat_map(|id| kinds(&verdict, id)).collect();
        told.push(kinds.join(" "));
    }
    assert_eq!(
        told,
        [
            "test-failed",
            "too-few-tests too-few-tests",
            "quarantine-recovered",
            "quarantine-unused",
            "too-few-tests too-few-tests"
        ]
    );
    // The suite runs under another name, and the report is cut off.
    put(root.path(), "out/junit.xml", &junit(&format!("{PASSES}{FAILS}")).replace("\"shop\"", "\"web\""));
    assert!(kinds(&verify(root.path(), NOW).1, "tests_declared").contains(&"suite-missing".to_owned()));
    put(root.path(), "out/junit.xml", "<testsuites><testsuite name=\"sh");
    assert_eq!(kinds(&verify(root.path(), NOW).1, "reports_present"), ["malformed"]);
}

#[test]
fn known_failures_do_not_grow_and_their_limit_follows_them() {
    let root = adopted("junit.xml", &junit(&format!("{PASSES}{FAILS}")));
    let ledger = read(root.path(), "gatekeeper-exceptions.toml");
    let entry = ledger.split_once("[quarantine.").expect("an entry").1;
    put(
        root.path(),
        "gatekeeper-exceptions.toml",
        &format!("{ledger}\n[quarantine.\"passes\"{}", &entry[entry.find(']').expect("a header")..]),
    );
    let (code, verdict) = verify(root.path(), NOW);
    assert_eq!((code, kinds(&verdict, "known_failures")), (1, vec!["more-known-failures".to_owned()]));

    put(root.path(), "junit.xml", &junit(&format!("{PASSES}<testcase name=\"fails\"/>")));
    put(root.path(), "gatekeeper-exceptions.toml", "schema = \"gatekeeper.ledger/1\"\n");
    let (code, verdict) = verify(root.path(), NOW);
    assert_eq!((code, &verdict["verdict"]), (0, &Value::from("warn")));
    assert_eq!(kinds(&verdict, "known_failures_limit"), ["lower-known-failures-max"]);
    let policy = read(root.path(), "policies/shop.toml");
    put(
        root.path(),
        "policies/shop.toml",
        &policy.replace("[parameter.known_failures_max]\nvalue   = 1", "[parameter.known_failures_max]\nvalue   = 0"),
    );
    assert_eq!(verify(root.path(), NOW).1["verdict"], "pass");
}

#[test]
fn names_survive_whatever_is_in_them() {
    let cases = [
        "a &quot;quoted&quot; 'name' \\ with = [brackets] # and more",
        "ünï©ode 测试 🦀",
        "two&#10;lines&#9;and a tab",
        "&#x202e;turned and &#x200b;invisible",
        "a.b.c",
        "]\n[weaken]",
    ];
    let told: String = cases.iter().map(|name| format!("<testcase name=\"{name}\"><failure/></testcase>")).collect();
    let suite = junit(&told).replace("\"shop\"", "\"sh&quot;op [1] \\ ü\"");
    let root = adopted("r [1]/{a}*?.xml", &suite);
    let (code, _, stderr) = run(&["lint", "--now", NOW], root.path());
    assert_eq!(code, 0, "{stderr}");
    let (code, verdict) = verify(root.path(), NOW);
    assert_eq!((code, verdict["exceptions"]["quarantine"].as_array().map(Vec::len)), (0, Some(6)), "{verdict:#}");
    assert!(
        read(root.path(), "gatekeeper-exceptions.toml").is_ascii()
            || !read(root.path(), "gatekeeper-exceptions.toml").contains('\u{202e}')
    );
}

#[test]
fn what_is_no_failure_of_a_test_becomes_no_known_failure() {
    let root = directory();
    put(root.path(), "a.tap", "TAP version 13\n1..3\nok 1 - a\nnot ok 2 - b\n");
    put(root.path(), "go.json", &std::fs::read_to_string(evidence("go-test-json/go/report.json")).expect("a fixture"));
    put(root.path(), "mocha.xml", &std::fs::read_to_string(evidence("junit/mocha/report.xml")).expect("a fixture"));
    put(root.path(), "more.xml", "<testsuite name='s' tests='1' failures='1'><testcase name='passes'/></testsuite>");
    put(root.path(), "cut.xml", "<testsuites><testsuite");
    put(root.path(), "TestResult.xml", "<unittest-results/>");
    let (code, _, stderr) = run(&INIT, root.path());
    assert_eq!(code, 0, "{stderr}");
    for kind in ["cut-short", "suite-error", "contradiction", "malformed"] {
        let line = format!("not a known failure, and `verify` fails until it is fixed: {kind}: ");
        assert!(stderr.contains(&line), "{kind}: {stderr}");
    }
    assert!(stderr.contains("left out: invalid: TestResult.xml: results of UnitTest++"), "{stderr}");
    assert!(stderr.contains("git cannot tell how often entries were extended"), "{stderr}");
    commit(root.path());
    let (code, verdict) = verify(root.path(), NOW);
    assert_ne!(code, 0);
    let mut missed = vec!["malformed"];
    missed.retain(|kind| !kinds(&verdict, "tests_pass").iter().any(|own| own == kind));
    assert_eq!(missed, [""; 0]);
}

#[test]
fn nothing_is_replaced_and_nothing_half_written() {
    let root = directory();
    put(root.path(), "junit.xml", &junit(PASSES));
    put(root.path(), "policies/shop.toml", "mine");
    let names = |root: &Path| std::fs::read_dir(root).expect("entries").count();
    let (code, _, stderr) = run(&INIT, root.path());
    assert!(code == 2 && stderr.contains("`policies/shop.toml` exists; nothing was written"), "{stderr}");
    assert_eq!((names(root.path()), read(root.path(), "policies/shop.toml").as_str()), (2, "mine"));

    let (code, stdout, stderr) = run(&[&INIT[..], &["--force", "--dry-run"]].concat(), root.path());
    assert!(code == 0 && stderr.contains("would write:") && stdout.contains("# --- gatekeeper.toml ---"), "{stderr}");
    assert_eq!((names(root.path()), read(root.path(), "policies/shop.toml").as_str()), (2, "mine"));

    assert_eq!(run(&[&INIT[..], &["--force"]].concat(), root.path()).0, 0);
    assert_ne!(read(root.path(), "policies/shop.toml"), "mine");
    put(root.path(), "gates/shop/own.toml", "");
    let (code, _, stderr) = run(&[&INIT[..], &["--force"]].concat(), root.path());
    assert!(code == 2 && stderr.contains("`gates/shop/own.toml` is a gate of another configuration"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_policy_that_judged_without_configuration_is_named() {
    let marked = directory();
    put(marked.path(), "build/report.xml", &junit("<testcase name='a'/>"));
    let (code, _, said) = run(&["init", "--dry-run"], marked.path());
    assert!(code == 0 && !said.contains("warning: without"), "{said}");
    // By these the policy for the release of an agent's command line is detected.
    put(marked.path(), "tests/suite_classification.toml", "");
    put(marked.path(), "tests/full_suite_gate/x.json", "{}");
    let (code, _, said) = run(&["init", "--dry-run"], marked.path());
    assert!(code == 0 && said.contains("the policy `full-suite` judges here"), "{said}");
    assert!(said.contains("extends = \"builtin:full-suite\""), "{said}");
    put(marked.path(), "gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n");
    let (_, _, said) = run(&["init", "--dry-run", "--force"], marked.path());
    assert!(!said.contains("warning: without"), "{said}");
}

#[test]
fn init_writes_through_no_link() {
    let (root, outside) = (directory(), directory());
    put(root.path(), "junit.xml", &junit(PASSES));
    std::os::unix::fs::symlink(outside.path(), root.path().join("gates")).expect("a link");
    let (code, _, stderr) = run(&[&INIT[..], &["--force"]].concat(), root.path());
    assert!(code == 2 && stderr.contains("nothing was written"), "{stderr}");
    assert_eq!(std::fs::read_dir(outside.path()).expect("entries").count(), 0);
    assert!(!root.path().join("gatekeeper.toml").exists());
}

#[test]
fn who_answers_for_it_is_left_to_people_and_lint_insists() {
    let root = directory();
    put(root.path(), "junit.xml", &junit(&format!("{PASSES}{FAILS}")));
    let (code, _, stderr) = run(&["init", "--name", "shop", "--now", NOW], root.path());
    assert!(code == 0 && stderr.contains("left blank, and refused by `gatekeeper lint` until"), "{stderr}");
    assert!(stderr.contains("--owner, --bead"), "{stderr}");
    assert_eq!(run(&["lint", "--now", NOW], root.path()).0, 2);
    assert_eq!(run(&["verify", "--dry-run", "--now", NOW], root.path()).0, 2);
    // Filled in by hand, it is sound.
    let mut filled = 0;
    for entry in std::fs::read_dir(root.path().join("gates/shop")).expect("gates") {
        let path = entry.expect("a gate").path();
        let text = std::fs::read_to_string(&path).expect("text").replace("= \"\"", "= \"somebody\"");
        std::fs::write(&path, text).expect("written");
        filled += 1;
    }
    assert_eq!(filled, 10);
    let (code, _, stderr) = run(&["lint", "--now", NOW], root.path());
    assert!(code == 2 && stderr.contains("gatekeeper-exceptions.toml"), "{stderr}");
    let ledger = read(root.path(), "gatekeeper-exceptions.toml").replace("= \"\"", "= \"somebody\"");
    put(root.path(), "gatekeeper-exceptions.toml", &ledger);
    assert_eq!(run(&["lint", "--now", NOW], root.path()).0, 0);
    assert_eq!(run(&["init", "--owner", " "], root.path()).0, 2);
}

#[test]
fn without_a_report_there_is_nothing_to_begin_with() {
    let root = directory();
    put(root.path(), "notes.txt", "nothing");
    let (code, _, stderr) = run(&INIT, root.path());
    assert!(
        code == 3 && stderr.contains("no test report that can be read lies below `.`; 1 other file was looked at"),
        "{stderr}"
    );
    put(root.path(), "junit.xml", "");
    let (code, _, stderr) = run(&INIT, root.path());
    assert!(code == 3 && stderr.contains("cannot be read: malformed: junit.xml"), "{stderr}");
    assert_eq!(std::fs::read_dir(root.path()).expect("entries").count(), 2);
}

#[test]
fn a_directory_that_is_not_there_or_empty_is_a_slip() {
    let root = directory();
    for (arguments, words) in [(&["init", "none"][..], "none"), (&["init"], "there is nothing in `.`")] {
        let (code, _, stderr) = run(arguments, root.path());
        assert!(code == 2 && stderr.contains(words), "{arguments:?}: {stderr}");
    }
    put(root.path(), "junit.xml", &junit(PASSES));
    for wrong in [&["--exclude", "../x"][..], &["--exclude", "a[b"], &["--max-age", "soon"]] {
        let (code, _, stderr) = run(&[&["init"], wrong].concat(), root.path());
        assert!(code == 2 && stderr.contains(wrong[1]), "{wrong:?}: {stderr}");
    }
    assert_eq!(std::fs::read_dir(root.path()).expect("entries").count(), 1, "nothing was written");
}

/// A report that was made at this time.
fn made_at(stamp: &str, cases: &str) -> String {
    format!("<testsuites><testsuite name=\"shop\" timestamp=\"{stamp}\">{cases}</testsuite></testsuites>\n")
}

#[test]
fn a_report_that_nothing_names_and_one_of_last_week_fail() {
    let root = directory();
    put(root.path(), "build/TEST-a.xml", &made_at("2026-11-22T10:00:00", PASSES));
    put(root.path(), "tests/fixtures/failing.xml", &junit(FAILS));
    let init =
        ["init", "--owner", "team", "--bead", "T-1", "--name", "shop", "--now", NOW, "--exclude", "tests/fixtures/**"];
    let (code, _, stderr) = run(&init, root.path());
    assert!(code == 0 && !stderr.contains("fixtures") && !stderr.contains("states no time"), "{stderr}");
    commit(root.path());
    let (code, _, stderr) = run(&["lint", "--strict", "--now", NOW], root.path());
    assert_eq!(code, 0, "{stderr}");
    let (code, verdict) = verify(root.path(), NOW);
    assert_eq!(code, 0, "{verdict:#}");
    assert_eq!(verdict["oldest_evidence"]["age_seconds"], 7_200, "{verdict:#}");
    // A day and an hour later nobody has run the tests again.
    let (code, verdict) = verify(root.path(), "2026-11-23T13:00:00Z");
    assert_eq!((code, &gate(&verdict, "tests_pass")["reason"]), (3, &"stale".into()));
    // A new service brings its reports along, and another one that is left out.
    put(root.path(), "pay/TEST-Pay.xml", &made_at("2026-11-22T10:00:00", FAILS));
    put(root.path(), "tests/fixtures/more.xml", &junit(FAILS));
    let (code, verdict) = verify(root.path(), NOW);
    assert_eq!((code, kinds(&verdict, "reports_declared")), (1, vec!["undeclared-report".to_owned()]));
    assert_eq!(gate(&verdict, "reports_declared")["findings"][0]["at"]["path"], "pay/TEST-Pay.xml");
    std::fs::remove_dir_all(root.path().join("pay")).expect("removed");
    std::fs::remove_dir_all(root.path().join("build")).expect("removed");
    assert_eq!(verify(root.path(), NOW).0, 3, "without evidence nothing passes");
}

#[test]
fn of_runs_in_directories_of_their_own_the_newest_counts() {
    let mut adopted = 0;
    for (older, newer, next) in [
        ("2026-11-20", "2026-11-21", "2026-11-22"),
        ("run-7", "run-8", "run-9"),
        ("20261120T010000Z", "20261121T010000Z", "20261122T010000Z"),
        ("9f8e7d6", "1a2b3c4d", "0c1d2e3"),
    ] {
        let root = directory();
        let both = format!("{PASSES}<testcase name=\"more\"/>");
        put(root.path(), &format!("nightly/{older}/a.xml"), &made_at("2026-11-20T02:00:00", FAILS));
        put(root.path(), &format!("nightly/{newer}/a.xml"), &made_at("2026-11-21T20:00:00", PASSES));
        put(
            root.path(),
            &format!("nightly/{newer}/b.xml"),
            &made_at("2026-11-21T20:10:00", &both.replace("name=\"", "name=\"b")),
        );
        put(root.path(), "node-18/junit.xml", &made_at("2026-11-21T21:00:00", &PASSES.replace("passes", "other")));
        let init = ["init", "--owner", "team", "--bead", "T-1", "--name", "shop", "--now", NOW];
        let (code, _, stderr) = run(&init, root.path());
        assert!(code == 0 && stderr.contains("only the newest run counts: nightly/*/*.xml"), "{newer}: {stderr}");
        assert!(!stderr.contains("known failure: "), "a failure of an older run is none: {stderr}");
        commit(root.path());
        assert_eq!(read(root.path(), "gatekeeper-reports.toml").matches(".xml").count(), 1, "{newer}");
        let (code, verdict) = verify(root.path(), NOW);
        assert_eq!(code, 0, "{newer}: {verdict:#}");
        // The next night fails, in a directory that nobody named.
        put(
            root.path(),
            &format!("nightly/{next}/a.xml"),
            &made_at("2026-11-22T02:00:00", &format!("{PASSES}{FAILS}{both}")),
        );
        let (code, verdict) = verify(root.path(), NOW);
        assert!(code == 1 && kinds(&verdict, "tests_pass").contains(&"test-failed".to_owned()), "{next}: {verdict:#}");
        // Retention takes the oldest away.
        std::fs::remove_dir_all(root.path().join("nightly").join(next)).expect("removed");
        std::fs::remove_dir_all(root.path().join("nightly").join(older)).expect("removed");
        assert_eq!(verify(root.path(), NOW).0, 0, "{older}");
        adopted += 1;
    }
    assert_eq!(adopted, 4);
}

#[test]
fn a_directory_of_reports_needs_no_configuration() {
    let root = directory();
    put(root.path(), "results/TEST-a.xml", &junit(PASSES));
    put(
        root.path(),
        "results/deep/cargo.log",
        &std::fs::read_to_string(evidence("libtest-text/cargo/report.log")).expect("a fixture"),
    );
    let (code, _, stderr) = run(&["verify", "results", "--now", NOW], root.path());
    assert!(code == 1 && stderr.contains("policy: `test-results`, because no other is configured or detected"), "{stderr}");
    assert!(stderr.contains("deep/cargo.log:5"), "{stderr}");
    std::fs::remove_dir_all(root.path().join("results/deep")).expect("deleted");
    let (code, _, stderr) = run(&["verify", "results", "--now", NOW], root.path());
    assert!(code == 0 && stderr.contains("verdict: PASS"), "{stderr}");
    assert_eq!(std::fs::read_dir(root.path().join("results")).expect("entries").count(), 1, "nothing is written unasked");

    // What may be the rest of a stricter policy's run is not judged by this one.
    for files in [&["results/environment.json"][..], &["environment.json", "summary.json"]] {
        files.iter().for_each(|file| put(root.path(), file, "{}"));
        let (code, _, stderr) = run(&["verify", "results", "--root", ".", "--now", NOW], root.path());
        assert!(code == 2 && stderr.contains("of the marks of policies there is only `environment.json`"), "{stderr}");
        assert!(stderr.contains("`test-results` judges the test reports of any run"), "{stderr}");
        let named = run(&["verify", "results", "--policy", "test-results", "--now", NOW], root.path());
        assert_eq!(named.0, 0, "{}", named.2);
        files.iter().for_each(|file| std::fs::remove_file(root.path().join(file)).expect("deleted"));
    }
    // One file of such a name in a repository says nothing.
    put(root.path(), "manifest.json", "{}");
    assert_eq!(run(&["verify", "results", "--root", ".", "--now", NOW], root.path()).0, 0);
    // Without a run nothing is detected either.
    assert_eq!(run(&["lint"], root.path()).0, 2);
    put(root.path(), "empty/readme.md", "");
    let (code, _, stderr) = run(&["verify", "empty", "--now", NOW], root.path());
    assert!(code == 3 && stderr.contains("`test-report`: the one file is"), "{stderr}");
}

/// A file of any name is a file: passed over where it is no report, read where it is one.
#[cfg(target_os = "linux")]
#[test]
fn names_on_disk_hide_no_report_and_break_no_run() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let names: [(&[u8], &str); 4] =
        [(b"a\\b", "a\\x5cb"), (b"t\tab", "t\\x09ab"), (b"bad\xff", "bad\\xff"), (b"n\n::error::x", "n\\x0a::error::x")];
    let judged_by = |root: &Path| {
        let (code, stdout, stderr) = run(&["verify", "build", "--quiet", "-o", "verdict", "--now", NOW], root);
        (code, serde_json::from_str::<Value>(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}")))
    };
    let with = |name: &[u8], ending: &[u8]| PathBuf::from(OsStr::from_bytes(&[name, ending].concat()));
    let mut judged = 0;
    for (name, shown) in names {
        let root = directory();
        put(root.path(), "build/junit.xml", &junit(PASSES));
        std::fs::write(root.path().join("build").join(with(name, b".png")), "\x7f").expect("a screenshot");
        std::fs::create_dir(root.path().join("build").join(with(name, b""))).expect("a directory");
        let (code, verdict) = judged_by(root.path());
        assert_eq!(code, 0, "{shown}: {verdict:#}");
        let failing = root.path().join("build").join(with(name, b"")).join(with(name, b".xml"));
        std::fs::write(failing, junit(FAILS)).expect("a report");
        let (code, verdict) = judged_by(root.path());
        assert_eq!(code, 1, "{shown}: {verdict:#}");
        let at = gate(&verdict, "tests_pass")["findings"][0]["at"].to_string();
        let expected = format!("{shown}/{shown}.xml").replace('\\', "\\\\");
        assert!(at.contains(&expected), "{at}");
        judged += 1;
    }
    assert_eq!(judged, 4);
}
