//! Evidence that answers a question about earlier runs: what a definition may say, and which answers hold. Who answers is
//! `gatekeeper-history`; here answers are written by hand.

use gatekeeper::gate::Query;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

const NOW: &str = "2026-03-02T12:00:00Z";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("above")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A repository, at a commit, with a gate that has this evidence.
fn repository(evidence: &str) -> (tempfile::TempDir, String) {
    let root = tempfile::tempdir().expect("a directory");
    write(root.path(), "gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/back.toml\"\n");
    let policy = "schema = \"gatekeeper.policy/1\"\nid = \"back\"\ntitle = \"Back\"\n\n[lane.full]\nrule = \"full\"\n\n\
                  [[gate]]\nid = \"green\"\nblocking = true\n";
    write(root.path(), "policies/back.toml", policy);
    let gate = format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"green\"\ntitle = \"Green\"\nowner = \"ada\"\nbead = \"bd-1\"\nwhy = \"One green run is luck.\"\n\
         reproduce = \"make test\"\nremediation = [\"Look at the earlier runs.\"]\n\n[evidence.latest]\n{evidence}\n\n\
         [[check]]\nkind = \"each-holds\"\nin = \"latest.rows\"\nas = \"row\"\nthat = \"row.ruling == 'pass'\"\n"
    );
    write(root.path(), "gates/back/green.toml", &gate);
    write(root.path(), "gates/back/own.sql", "SELECT 1");
    git(root.path(), &["init", "-q"]);
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "one"]);
    let head = git(root.path(), &["rev-parse", "HEAD"]);
    (root, head)
}

fn run(root: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.env_remove("CI_GATE_PROMOTION_MODE").env("COLUMNS", "300").stdin(Stdio::null()).current_dir(root);
    let output = command.args(arguments).output().expect("the binary starts");
    (output.status.code().expect("it was not killed"), String::from_utf8(output.stderr).expect("UTF-8"))
}

fn verify(root: &Path, more: &[&str]) -> (i32, String) {
    run(root, &[&["verify", "--now", NOW, "--dry-run"], more].concat())
}

const ASKED: &str = "query = \"latest-runs\"\nparameters = { most = 2, ruling = 'x' }\nrows_min = 2";

fn asked() -> Query {
    let parameters = [("most", "2"), ("ruling", "x")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    Query { name: "latest-runs".to_owned(), sql: None, parameters: BTreeMap::from(parameters) }
}

fn answer(query: &Query, commit: &str, rows: &str) -> String {
    format!(
        "{{\"schema\": \"gatekeeper.history-answer/1\", \"query\": {{\"name\": \"q\", \"sha256\": \"{}\"}}, \"asked_at\": \"2026-03-02T11:30:00Z\", \
         \"commit\": \"{commit}\", \"rows\": [{rows}]}}",
        query.digest()
    )
}

#[test]
fn an_answer_is_admitted_on_the_terms_of_its_question() {
    let (root, head) = repository(ASKED);
    let place = format!("answers/history-answers/{}", asked().file());
    let given = ["--history", "answers/history-answers"];
    let (exit, said) = verify(root.path(), &[]);
    assert!(exit == 3 && said.contains("judge with `gatekeeper-history verify --store DIR`"), "{exit} {said}");
    let (pass, fail) = ("{\"ruling\": \"pass\"}", "{\"ruling\": \"fail\"}");
    let other = Query { parameters: BTreeMap::new(), ..asked() };
    let sound = answer(&asked(), &head, &format!("{pass}, {pass}"));
    let mut looked = 0;
    for (text, exit, why) in [
        (sound.clone(), 0, ""),
        (answer(&asked(), &head, &format!("{pass}, {fail}")), 1, ""),
        (answer(&asked(), &head, pass), 3, "rows"),
        (answer(&asked(), &head, ""), 3, "rows"),
        (answer(&asked(), &head, &format!("{pass}, {{\"ruling\": null}}")), 3, "ruling"),
        (answer(&asked(), &head, &format!("{pass}, {{}}")), 3, "rows"),
        (answer(&other, &head, &format!("{pass}, {pass}")), 3, "sha256"),
        (answer(&asked(), &"1".repeat(40), &format!("{pass}, {pass}")), 3, "commit"),
        (sound.replace("11:30", "10:30"), 3, "old"),
        (sound.replace("answer/1", "answer/2"), 3, "schema"),
        (sound[..sound.len() - 2].to_owned(), 3, ""),
    ] {
        write(root.path(), &place, &text);
        let (found, said) = verify(root.path(), &given);
        assert!(found == exit && said.contains(why), "{text}: {found} {said}");
        looked += 1;
    }
    assert_eq!(looked, 11);
    // Another answer lies there, and this one does not.
    std::fs::rename(root.path().join(&place), root.path().join("answers/history-answers/other.json")).expect("renamed");
    let (exit, said) = verify(root.path(), &given);
    assert!(exit == 3 && said.contains("nobody answered the question `latest-runs`"), "{exit} {said}");
}

#[test]
fn the_statement_of_a_file_is_part_of_the_question() {
    let (root, head) = repository("query = \"own.sql\"\nmax_age = \"10m\"");
    let query = |sql: &str| Query { name: "own.sql".to_owned(), sql: Some(sql.to_owned()), parameters: BTreeMap::new() };
    let fresh = |query: &Query| answer(query, &head, "{\"ruling\": \"pass\"}").replace("11:30", "11:55");
    let own = query("SELECT 1");
    write(root.path(), &format!("history-answers/{}", own.file()), &fresh(&own));
    let given = ["--history", "history-answers"];
    assert_eq!(verify(root.path(), &given).0, 0);
    write(root.path(), &format!("history-answers/{}", own.file()), &answer(&own, &head, "{\"ruling\": \"pass\"}"));
    assert_eq!(verify(root.path(), &given).0, 3, "older than ten minutes");
    write(root.path(), &format!("history-answers/{}", own.file()), &fresh(&own));
    write(root.path(), "gates/back/own.sql", "SELECT 2");
    assert_eq!(verify(root.path(), &given).0, 3, "the answer to another statement");
    assert_ne!(own.digest(), query("SELECT 2").digest());
}

#[test]
fn what_no_question_may_say_is_refused() {
    let mut looked = 0;
    for (evidence, why) in [
        ("query = \"latest-runs\"\npath = \"repo:a.json\"", "does not go with `query`"),
        ("query = \"latest-runs\"\noptional = true", "never optional"),
        ("query = \"latest-runs\"\nschema = \"x\"", "does not go with `query`"),
        ("query = \"latest-runs\"\nrows_min = 0", "is met by no history at all"),
        ("query = \"latest-runs\"\nparameters = { a = true }", "`a` is neither a text nor a number"),
        ("query = \"Latest Runs\"", "is no name of a question"),
        ("query = \"../own.sql\"", "is no name of a question"),
        ("query = \"gone.sql\"", "`gates/back/gone.sql` does not exist"),
        ("path = \"repo:a.json\"\nrows_min = 2", "only goes with `query`"),
        ("format = \"json\"", "neither `path` nor `from` nor `query`"),
    ] {
        let (root, _) = repository(evidence);
        let (exit, said) = run(root.path(), &["lint"]);
        assert!(exit == 2 && said.contains(why), "{evidence}: {exit} {said}");
        looked += 1;
    }
    assert_eq!(looked, 10);
    let (root, _) = repository(ASKED);
    let (exit, said) = run(root.path(), &["lint"]);
    assert_eq!(exit, 0, "{said}");
}
