//! What is open below an id, of which class, and who counts otherwise.

use super::super::testing::Bench;

const CHECK: &str = "kind = 'only-residuals-open'\nevidence = 't'\nscope = 'bd-3ar8'\nclosed = ['closed', 'tombstone']\n\
     open = ['open', 'blocked']\nresidual = ['docs']\ncontainers = ['epic']";

/// Rows from `id status type`.
fn rows(rows: &[&str]) -> String {
    let row = |row: &&str| {
        let [id, status, kind] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        format!("{{\"id\":\"{id}\",\"status\":\"{status}\",\"issue_type\":\"{kind}\"}}\n")
    };
    rows.iter().map(row).collect()
}

fn told(issues: &[&str]) -> Vec<String> {
    Bench::new(CHECK).jsonl("t", &rows(issues)).told()
}

/// The ids of what is technical and open.
fn technical(issues: &[&str]) -> Vec<String> {
    let told = told(issues);
    let id = |line: &String| line.split(" | `").nth(1).and_then(|rest| rest.split('`').next()).expect("an id").to_owned();
    told.iter().filter(|line| line.starts_with("technical-issue-open")).map(id).collect()
}

#[test]
fn the_scope_goes_by_whole_segments() {
    let near = ["bd-3ar81 open task", "bd-3ar8-1 open task", "bd-3ar open task", "x.bd-3ar8 open task"];
    assert_eq!(told(&[&["bd-3ar8.1 closed task"], &near[..]].concat()), ["pass 1"]);
    assert_eq!(technical(&["bd-3ar8 open task", "bd-3ar8.1 open bug", "bd-3ar8.1.2.3 open chore"]).len(), 3);
    assert_eq!(told(&near), ["error empty t.jsonl: at least one issue below `bd-3ar8` | nothing to examine"]);
}

#[test]
fn open_is_what_is_not_closed() {
    assert_eq!(told(&["bd-3ar8 closed epic", "bd-3ar8.1 tombstone task", "bd-3ar8.2 blocked docs"]), ["pass 3"]);
    assert_eq!(
        told(&["bd-3ar8.1 paused docs", "bd-3ar8.2 Closed task"]),
        [
            "unknown-status t.jsonl:1#/status: one of `closed`, `tombstone`, `open`, `blocked` | `paused`",
            "unknown-status t.jsonl:2#/status: one of `closed`, `tombstone`, `open`, `blocked` | `Closed`",
            "technical-issue-open t.jsonl:2#/issue_type: only `docs` open below `bd-3ar8` | `bd-3ar8.2` (task, Closed) is open",
        ]
    );
}

#[test]
fn a_container_goes_by_what_it_holds() {
    let none = Vec::<String>::new();
    assert_eq!(technical(&["bd-3ar8 open epic", "bd-3ar8.1 closed task", "bd-3ar8.2 open docs"]), none);
    // Nothing keeps it open.
    assert_eq!(technical(&["bd-3ar8 open epic", "bd-3ar8.1 closed docs"]), ["bd-3ar8"]);
    assert_eq!(technical(&["bd-3ar8 open epic", "bd-3ar8.1 open docs", "bd-3ar8.2 open task"]), ["bd-3ar8", "bd-3ar8.2"]);
    // Containers in containers: deep documents keep both open, an idle inner one keeps neither.
    assert_eq!(technical(&["bd-3ar8 open epic", "bd-3ar8.1 open epic", "bd-3ar8.1.1 open docs"]), none);
    let idle = ["bd-3ar8 open epic", "bd-3ar8.1 open epic", "bd-3ar8.2 open docs"];
    assert_eq!(technical(&idle), ["bd-3ar8", "bd-3ar8.1"]);
    // Children of a namesake are not its own, and no other parent goes by what it holds.
    assert_eq!(technical(&["bd-3ar8.1 open epic", "bd-3ar8.12 open docs"]), ["bd-3ar8.1"]);
    assert_eq!(technical(&["bd-3ar8.1 open feature", "bd-3ar8.1.1 open docs"]), ["bd-3ar8.1"]);
    // A document with work below it is a document; the work counts by itself.
    assert_eq!(technical(&["bd-3ar8.1 open docs", "bd-3ar8.1.1 open task"]), ["bd-3ar8.1.1"]);
}

#[test]
fn counts_are_recomputed_one_by_one() {
    let issues = rows(&["bd-3ar8 open epic", "bd-3ar8.1 open docs", "bd-3ar8.2 open docs"]);
    let check = format!("{CHECK}\nopen_count = 'c.all'\ntechnical_count = 'c.work'\nresidual_count = 'c.docs'");
    let told = |counts: &str| Bench::new(&check).jsonl("t", &issues).json("c", counts).told();
    assert_eq!(told(r#"{"all": 3, "work": 0, "docs": 3}"#), ["pass 3"]);
    let wrong = [
        "contradiction c.json#/all: 3: so many issues below `bd-3ar8` are open | 2",
        "contradiction c.json#/work: 0: so many issues below `bd-3ar8` are technical and open | 1",
        "missing-field c.json#/docs: a value at `c.docs` | nothing",
    ];
    assert_eq!(told(r#"{"all": 2, "work": 1}"#), wrong);
    assert_eq!(told(r#"{"all": "3", "work": 0.5, "docs": 3}"#).len(), 2);
}

#[test]
fn rows_are_whole_and_there_once() {
    let issues =
        rows(&["bd-3ar8 closed epic", "bd-3ar8.1 closed task", "bd-3ar8.1 closed task", "zz open task", "zz open task"]);
    let told = Bench::new(CHECK).jsonl("t", &issues).told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], "duplicate t.jsonl:3#/id: one row for each issue | `bd-3ar8.1` again, first at t.jsonl:2#/id");
    let damaged = "{\"id\":\"bd-3ar8\",\"status\":7,\"issue_type\":\" \"}\n[]\n";
    assert_eq!(
        Bench::new(CHECK).jsonl("t", damaged).told(),
        [
            "wrong-type t.jsonl:1#/status: the issue's `status`, a text | 7",
            "blank t.jsonl:1#/issue_type: the issue's `issue_type`, a text | \" \"",
            "missing-field t.jsonl:2#/id: the issue's `id`, a text | nothing",
            "missing-field t.jsonl:2#/status: the issue's `status`, a text | nothing",
            "missing-field t.jsonl:2#/issue_type: the issue's `issue_type`, a text | nothing",
        ]
    );
    let document = Bench::new(CHECK).json("t", "[]").told();
    assert_eq!(document, ["error invalid t.json: records, one a line | a document"]);
}
