//! DuckDB reads the files of a store and gives the answers that we give: `GATEKEEPER_HISTORY_PYTHON=PYTHON` names a Python that has it, as
//! `.ci/history.py` does. Without it only our side is looked at, and said so.

use crate::made::{Place, made, sql, stored};
use gatekeeper_history::compact::compact;
use gatekeeper_history::engine::Scope;
use gatekeeper_history::store::Store;
use gatekeeper_history::tables::TABLES;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// Statements that mean the same to both.
const ASKED: &[&str] = &[
    "SELECT count(*) AS n, count(DISTINCT verdict) AS verdicts, count(branch) AS branches FROM runs",
    "SELECT project, gate, standing, count(*) AS n, sum(findings) AS findings FROM gates GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT project, test, place, status, count(*) AS n, max(seconds) AS most FROM tests GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    "SELECT what, unit, min(value) AS least, max(value) AS most, max(at_least) AS low FROM measures GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT class, name, validity, count(*) AS n, CAST(max(last_day) AS VARCHAR) AS ends FROM exceptions GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT path, count(gap) AS gaps, sum(size) AS bytes FROM evidence GROUP BY 1 ORDER BY 1",
    "SELECT kind, count(*) AS n, max(rank) AS most FROM findings WHERE judged_at >= TIMESTAMP '2026-01-15 00:00:00' GROUP BY 1 ORDER BY 1",
];

/// The tables as views, by the pattern that the docs name, and then the statements.
const SCRIPT: &str = "
import json, sys, duckdb
root, tables, asked = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
own = duckdb.connect()
own.execute(\"SET TimeZone = 'UTC'\")
for table in tables:
    own.execute(f\"CREATE VIEW {table} AS SELECT * FROM read_parquet('{root}/tables/{table}/*/*/*.parquet')\")
answers = []
for statement in asked:
    rows = own.execute(statement)
    names = [column[0] for column in rows.description]
    answers.append([{key: int(value) if isinstance(value, int) and not isinstance(value, bool) else value
                     for key, value in zip(names, row) if value is not None} for row in rows.fetchall()])
print(json.dumps(answers, default=int))
";

fn theirs(python: &str, store: &Store) -> Vec<Vec<Value>> {
    let tables: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let output = Command::new(python)
        .args(["-c", SCRIPT, store.root().to_str().expect("UTF-8")])
        .args([serde_json::to_string(&tables).expect("text"), serde_json::to_string(ASKED).expect("text")])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn another_program_gives_the_same_answers() {
    let place = Place::new("duckdb");
    let store = stored(&place, &made(80, 21));
    let ours = |store: &Store| ASKED.iter().map(|asked| sql(store, &Scope::default(), asked)).collect::<Vec<_>>();
    let before = ours(&store);
    assert!(before.iter().all(|rows| !rows.is_empty()));
    match std::env::var("GATEKEEPER_HISTORY_PYTHON") {
        Err(_) => eprintln!("GATEKEEPER_HISTORY_PYTHON names no Python with DuckDB: only our side was looked at"),
        Ok(python) => {
            let mut looked = 0;
            for ((asked, own), other) in ASKED.iter().zip(&before).zip(theirs(&python, &store)) {
                assert_eq!(*own, other, "{asked}");
                looked += 1;
            }
            assert_eq!(looked, 7);
            compact(&store, Duration::ZERO).expect("merged");
            assert_eq!(theirs(&python, &store), before, "after merging");
        }
    }
    compact(&store, Duration::ZERO).expect("merged");
    assert_eq!(ours(&store), before);
}
