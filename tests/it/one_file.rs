//! Everything in `gatekeeper.toml`: policy and gates inside it are the same definitions as in files of their own, to every command that reads
//! definitions.

use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const GATES: [(&str, &str, bool); 2] = [
    (
        "tests_pass",
        r#"title = "Every test passes"
owner = "o"
bead = "B-1"
why = "What fails is not released."
reproduce = "make test"
remediation = ["Mend what failed."]

[evidence.reports]
path = "repo:run/*.xml"
pick = "all"
format = "test-report"

[[check]]
kind = "tests-pass"
evidence = ["reports"]
flaky = "allow"
"#,
        true,
    ),
    (
        "enough_tests",
        r#"title = "Enough tests ran"
owner = "o"
bead = "B-1"
why = "Tests that do not run do not fail."
needs = ["tests_pass"]
reproduce = "make test"
remediation = ["Look for the filter."]

[evidence.reports]
path = "repo:run/*.xml"
pick = "all"
format = "test-report"

[[check]]
kind = "holds"
that = "sum(reports.map(r, r.totals.total)) >= policy.tests_min"
"#,
        false,
    ),
];

const POLICY: &str = r#"id = "orders"
title = "Release gates of orders"
output = "repo:build/verdict"

[limits]
waiver_max_days = 14

[parameter.tests_min]
value = 2
tighter = "higher"
doc = "Fewest tests."
"#;

/// Tables one level further down.
fn below(above: &str, toml: &str) -> String {
    toml.replace("\n[[", &format!("\n[[{above}."))
        .replace("\n[", &format!("\n[{above}."))
        .replace(&format!("[{above}.[{above}."), &format!("[[{above}."))
}

fn in_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut policy = format!(
        "schema = \"gatekeeper.policy/1\"\n{POLICY}\n[lane.preflight]\nrule = \"preflight\"\n[lane.full]\nrule = \"full\"\n"
    );
    for (id, gate, blocking) in GATES {
        files.push((format!("gates/orders/{id}.toml"), format!("schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\n{gate}")));
        policy += &format!("\n[[gate]]\nid = \"{id}\"\nblocking = {blocking}\n");
    }
    files.push(("policies/orders.toml".to_owned(), policy));
    let config = "schema = \"gatekeeper.config/1\"\nextends = \"policies/orders.toml\"\n";
    files.push(("gatekeeper.toml".to_owned(), config.to_owned()));
    files
}

fn in_one() -> String {
    let mut config = format!("schema = \"gatekeeper.config/1\"\n\n[policy]\n{}", below("policy", POLICY));
    for (id, gate, blocking) in GATES {
        config += &format!("\n[[gate]]\nid = \"{id}\"\nblocking = {blocking}\n{}", below("gate", gate));
    }
    config
}

struct Project(tempfile::TempDir);

impl Project {
    fn of(files: &[(String, String)]) -> Self {
        let project = Self(tempfile::tempdir().expect("a directory"));
        files.iter().for_each(|(path, text)| project.write(path, text));
        project.tests(false);
        project
    }

    fn one() -> Self {
        Self::of(&[("gatekeeper.toml".to_owned(), in_one())])
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().expect("a directory")).expect("a directory");
        fs::write(self.at(path), text).expect("a file");
    }

    fn tests(&self, broken: bool) {
        let (count, body) = if broken { (1, "<failure message=\"boom\"/>") } else { (0, "") };
        let report = format!(
            "<testsuite name=\"s\" tests=\"2\" failures=\"{count}\"><testcase classname=\"c\" name=\"a\"/><testcase classname=\"c\" name=\"b\">{body}</testcase></testsuite>"
        );
        self.write("run/junit.xml", &report);
    }

    fn run(&self, words: &[&str]) -> (Exit, String, String) {
        gatekeeper(&[words, &["--root", text(self.0.path())]].concat(), &[])
    }

    fn verdict(&self, more: &[&str]) -> (Exit, Value) {
        let (exit, out, said) = self.run(&[&["verify", "-o", "verdict", "--dry-run"], more].concat());
        (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}")))
    }

    fn commit(&self) {
        let repository = git2::Repository::init(self.0.path()).expect("a repository");
        let mut index = repository.index().expect("an index");
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("files");
        index.write().expect("written");
        let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("the tree");
        let author = git2::Signature::now("a", "a@example.com").expect("an author");
        let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, "x", &tree, &parents).expect("a commit");
    }
}

/// The parts of a verdict that say what was judged and how.
fn judged(verdict: &Value) -> Value {
    let gates = verdict["gates"].as_array().expect("gates").iter();
    let rows = gates.map(|gate| {
        serde_json::json!([
            gate["id"],
            gate["blocking"],
            gate["waivable"],
            gate["standing"],
            gate["detail"],
            gate["checks"],
            gate["measured"]
        ])
    });
    serde_json::json!({ "verdict": verdict["verdict"], "gates": rows.collect::<Vec<_>>(), "evidence": verdict["evidence"] })
}

#[test]
fn one_file_judges_as_several_do() {
    let (several, one) = (Project::of(&in_files()), Project::one());
    let (exit, _, said) = one.run(&["lint"]);
    assert_eq!(exit, Exit::Pass, "{said}");
    let mut looked = 0;
    for (broken, expected) in [(false, Exit::Pass), (true, Exit::Failed)] {
        for lane in ["full", "preflight"] {
            several.tests(broken);
            one.tests(broken);
            let ((exit, first), (same, second)) = (several.verdict(&["--lane", lane]), one.verdict(&["--lane", lane]));
            assert_eq!((exit, same), (expected, expected), "{lane} {broken}");
            assert_eq!(judged(&first), judged(&second), "{lane} {broken}");
            looked += 1;
        }
    }
    assert_eq!(looked, 4);
    // Named as a policy file it is the policy that it holds; another policy is judged by itself, and the verdict says so.
    assert_eq!(one.verdict(&["--policy", "gatekeeper.toml"]).1["policy"]["id"], "orders");
    let run = one.at("run");
    let (_, other) = one.verdict(&[text(&run), "--policy", "test-results"]);
    assert_eq!(other["weakened_by"][0]["switch"], "configuration");
    assert!(other["gates"].as_array().is_some_and(|gates| gates.iter().all(|gate| gate["id"] != "enough_tests")));
}

#[test]
fn commands_that_read_definitions_read_one_file_as_well() {
    let (several, one) = (Project::of(&in_files()), Project::one());
    let (exit, table, said) = one.run(&["policy", "diff", text(several.0.path()), text(one.0.path())]);
    assert!(exit == Exit::Pass && table.starts_with("the definitions are the same"), "{table}{said}");
    for words in [&["gates"][..], &["graph"], &["explain", "enough_tests"], &["show-config"]] {
        let (exit, out, said) = one.run(words);
        assert!(
            exit == Exit::Pass && (out.contains("enough_tests") || out.contains("Enough tests")),
            "{words:?} {out}{said}"
        );
    }
    let (exit, out, _) = one.run(&["explain", "enough_tests"]);
    assert!(exit == Exit::Pass && out.contains("Defined in gatekeeper.toml:"), "{out}");
    let (exit, _, said) = one.run(&["mutate"]);
    assert!(exit == Exit::Pass && said.contains("enough_tests"), "{said}");

    one.commit();
    one.write("gatekeeper.toml", &in_one().replace("value = 2", "value = 1"));
    let (exit, table, said) = one.run(&["policy", "diff", "HEAD", "."]);
    assert!(exit == Exit::Failed && table.contains("tests_min") && table.contains("gatekeeper.toml:"), "{table}{said}");
    // What the commit asks for counts, whatever the work tree says.
    one.write(
        "run/junit.xml",
        "<testsuite name=\"s\" tests=\"1\" failures=\"0\"><testcase classname=\"c\" name=\"a\"/></testsuite>",
    );
    let standing = |more: &[&str]| one.verdict(more).1["gates"][1]["status"].clone();
    assert_eq!((standing(&[]), standing(&["--policy-ref", "HEAD"])), ("pass".into(), "warn".into()));
}

/// A gate inside the configuration of a repository that extends a policy is a gate that it adds.
#[test]
fn a_repository_adds_a_gate_inside_its_configuration() {
    let (id, gate, _) = GATES[0];
    let own = below("gate", gate);
    let config = format!(
        "schema = \"gatekeeper.config/1\"\nextends = \"builtin:test-results\"\n\n[[gate]]\nid = \"mine\"\nblocking = true\n{own}"
    );
    let project = Project::of(&[("gatekeeper.toml".to_owned(), config.clone())]);
    let run = project.at("run");
    let (exit, verdict) = project.verdict(&[text(&run)]);
    assert_eq!(exit, Exit::Pass);
    assert!(verdict["gates"].as_array().is_some_and(|gates| gates.iter().any(|gate| gate["id"] == "mine")));
    // One that the policy has cannot be defined anew.
    project.write("gatekeeper.toml", &config.replace("\"mine\"", &format!("\"{id}\"")));
    let (exit, _, said) = project.run(&["lint"]);
    assert!(exit == Exit::Usage && said.contains("two files define the gate `tests_pass`"), "{said}");
}

#[test]
fn what_is_wrong_in_one_file_is_told_at_its_line() {
    type Row = (&'static str, &'static str, &'static [&'static str]);
    let rows: [Row; 9] = [
        (
            "[policy]\n",
            "extends = \"builtin:test-results\"\n[policy]\n",
            &["the file holds a policy, and extends another one", "gatekeeper.toml:3"],
        ),
        ("kind = \"holds\"", "kind = \"hold\"", &["no check kind `hold`", "did you mean `holds`?"]),
        ("policy.tests_min", "policy.tests_most", &["tests_most"]),
        (
            "needs = [\"tests_pass\"]",
            "neds = [\"tests_pass\"]",
            &["the key `neds` is unknown here", "did you mean `needs`?"],
        ),
        ("title = \"Enough tests ran\"\n", "", &["the key `title` is missing"]),
        ("needs = [\"tests_pass\"]", "needs = [\"tests\"]", &["tests"]),
        ("blocking = false\n", "", &["does not say whether it is blocking"]),
        ("id = \"orders\"\n", "", &["the key `id` is missing"]),
        ("title = \"Release gates of orders\"\n", "", &["the key `title` is missing"]),
    ];
    let mut looked = 0;
    for (from, to, expected) in rows {
        let text = in_one();
        assert!(text.contains(from), "{from}");
        let project = Project::of(&[("gatekeeper.toml".to_owned(), text.replacen(from, to, 1))]);
        let (exit, _, said) = project.run(&["lint"]);
        assert_eq!(exit, Exit::Usage, "{to}: {said}");
        for part in expected {
            assert!(said.contains(part), "{to}: {part}: {said}");
        }
        assert_eq!(project.run(&["verify", "--dry-run"]).0, Exit::Usage, "{to}");
        looked += 1;
    }
    assert_eq!(looked, 9);
    let project =
        Project::of(&[("gatekeeper.toml".to_owned(), "schema = \"gatekeeper.config/1\"\npolicy = 3\n".to_owned())]);
    let (exit, _, said) = project.run(&["lint"]);
    assert!(exit == Exit::Usage && said.contains("`policy` is no table"), "{said}");
}
