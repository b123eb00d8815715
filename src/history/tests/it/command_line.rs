//! The command line: what is printed, and the exit codes.

use crate::made::{Place, made, stored};
use gatekeeper_history::question::{Question, SHIPPED};
use std::fs;
use std::path::Path;
use std::process::Command;

fn told(store: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gatekeeper-history"))
        .args(arguments)
        .env("GATEKEEPER_HISTORY_STORE", store)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn answers_are_tables_json_and_csv() {
    let place = Place::new("forms");
    let all = made(20, 9);
    let store = stored(&place, &all);
    let ask = |arguments: &[&str]| told(store.root(), arguments);
    let (exit, out, err) = ask(&["sql", "SELECT project, count(*) AS runs FROM runs GROUP BY project ORDER BY project"]);
    assert_eq!((exit, out.as_str(), err.as_str()), (0, "project  runs\npay        10\nshop       10\n2 rows\n", ""));
    let (_, out, _) = ask(&["sql", "SELECT message, 1 AS one FROM tests WHERE message IS NOT NULL LIMIT 1", "-o", "csv"]);
    assert_eq!(out, "message,one\n\"it, \"\"broke\"\"\n= here\",1\n");
    let (_, out, _) = ask(&["sql", "SELECT message FROM tests WHERE message IS NOT NULL LIMIT 1"]);
    assert_eq!(out.lines().count(), 3, "a line break of a text is none of the table: {out}");
    let (exit, out, _) = ask(&["query", "gate-reliability", "--project", "shop", "-o", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).expect("JSON");
    assert_eq!((exit, rows.len()), (0, 4));
    let (exit, out, _) = ask(&["query", "slow-tests", "--set", "most=2", "--since", "2026-01-05"]);
    assert_eq!((exit, out.lines().count()), (0, 4), "{out}");
    let (exit, out, _) = ask(&["query", "never-failed", "--since", "2031-01-01", "-o", "json"]);
    assert_eq!((exit, out.as_str()), (0, "[]\n"));
    let (exit, out, _) = ask(&["files", "gates"]);
    assert_eq!((exit, out.lines().count()), (0, 20));
    assert!(out.lines().all(|line| Path::new(line).is_file()), "{out}");
    let files = store.snapshot().expect("a store").files().count();
    let (exit, out, _) = ask(&["compact"]);
    assert_eq!((exit, out), (0, format!("merged {files} files of 2 months into 14 files\n")));
    let (exit, out, _) = ask(&["verify-store"]);
    assert!(exit == 0 && out.starts_with("sound: 20 runs, 14 files, "), "{out}");
}

#[test]
fn an_answer_is_a_page_on_which_nothing_is_markup() {
    let place = Place::new("sheet");
    let mut all = made(4, 9);
    for row in &mut all[0].rows {
        if let gatekeeper::report::history::Row::Gates(own) = row {
            own.title = "<img src=x onerror=alert(1)>&\u{202e}\u{1b}[2J".to_owned();
        }
    }
    let store = stored(&place, &all);
    let (exit, out, err) = told(
        store.root(),
        &["sql", "SELECT title, examined FROM gates WHERE verdict LIKE '%1' ORDER BY gate", "-o", "html"],
    );
    assert_eq!((exit, err.as_str()), (0, ""));
    assert_eq!(out.matches("<tr>").count(), 5, "{out}");
    assert!(out.contains("<td>&lt;img src=x onerror=alert(1)&gt;&amp;"), "{out}");
    assert!(out.contains("<td class=\"n\">3</td>") && out.contains("<p>4 rows</p>") && out.contains("--page:"), "{out}");
    for absent in ["<img", "<script", "\u{202e}", "\u{1b}", "http://", "https://"] {
        assert!(!out.contains(absent), "{absent:?}: {out}");
    }
    let (exit, out, _) = told(store.root(), &["query", "never-failed", "--since", "2031-01-01", "-o", "html"]);
    assert!(exit == 0 && out.contains("<p>0 rows</p>") && out.contains("<h1>"), "{out}");
    let (exit, _, err) = told(&place.join("gone"), &["query", "caught", "-o", "html"]);
    assert!(exit == 2 && err.contains("is no store"), "{exit} {err}");
}

#[test]
fn what_is_wrong_has_an_exit_code() {
    let place = Place::new("codes");
    let store = stored(&place, &made(4, 9));
    let mut looked = 0;
    for (arguments, exit, part) in [
        (&["query", "nothing"][..], 2, "there are baseline,"),
        (&["query", "slow-tests", "--set", "more=1"], 2, "no parameter `more`; it has most"),
        (&["query", "slow-tests", "--set", "most=x"], 2, "--set most=x"),
        (&["query", "slow-tests", "--since", "soon"], 2, "`soon` is no time"),
        (&["sql", "SELECT nothing FROM runs"], 2, "nothing"),
        (&["sql", "DROP TABLE runs"], 2, ""),
        (&["files", "nothing"], 2, "there are runs,"),
        (&["record", "gone.json"], 2, "`gone.json` is not there"),
        (&["record", "a", "b", "--run", "c"], 2, "one verdict"),
        (&["nonsense"], 2, ""),
    ] {
        let (code, _, err) = told(store.root(), arguments);
        assert!(code == exit && err.contains(part), "{arguments:?}: {code} {err}");
        looked += 1;
    }
    assert_eq!(looked, 10);
    let (code, _, err) = told(&place.join("gone"), &["verify-store"]);
    assert!(code == 2 && err.contains("is no store"), "{code} {err}");
    let own = store.snapshot().expect("a store").files().next().map(|own| store.root().join(&own.path)).expect("a file");
    let mut bytes = fs::read(&own).expect("a file");
    bytes[10] ^= 1;
    fs::write(&own, bytes).expect("damaged");
    let (code, out, err) = told(store.root(), &["verify-store"]);
    assert!(code == 1 && out.starts_with("1 fault: ") && err.contains("is damaged: its digest"), "{code} {out} {err}");
    fs::remove_file(&own).expect("gone");
    let (code, _, err) = told(store.root(), &["query", "caught"]);
    assert!(code == 3 && err.contains("is missing from the store"), "{code} {err}");
}

#[test]
fn every_shipped_question_says_what_it_is() {
    let (exit, text, _) = told(Path::new("none"), &["queries"]);
    assert_eq!((exit, SHIPPED.len()), (0, 12));
    let mut files: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("queries"))
        .expect("the questions")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().trim_end_matches(".sql").to_owned())
        .collect();
    files.sort();
    assert_eq!(files, SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    for (name, _) in SHIPPED {
        assert!(text.contains(&format!("{name}: ")), "{name}");
    }
    assert!(text.contains("--set confidence=0.95: "), "{text}");
}

#[test]
fn a_question_of_your_own_is_a_file() {
    let place = Place::new("own");
    let store = stored(&place, &made(10, 9));
    let path = place.join("mine.sql");
    let text = "-- title: Mine\n-- answers: How many runs\n--   there are.\n-- param: fewest = 2: at least\nSELECT count(*) AS n FROM runs HAVING count(*) >= $fewest\n";
    fs::write(&path, text).expect("a file");
    let name = path.to_str().expect("UTF-8");
    let (exit, out, err) = told(store.root(), &["query", name]);
    assert_eq!((exit, out.as_str()), (0, " n\n10\n1 row\n"), "{err}");
    assert_eq!(Question::read("mine", text).expect("sound").answers, "How many runs there are.");
    for damaged in
        ["SELECT 1", "-- title: x\nSELECT 1", "-- title: x\n-- answers: y\n-- param: z\nSELECT 1", "-- what\nSELECT 1"]
    {
        assert!(Question::read("mine", damaged).is_err(), "{damaged}");
    }
}
