//! What a store is: what counts, what is merged, what is damaged and what is foreign.

use crate::made::{BEGAN, Place, instant, made, sql, stored};
use chrono::DateTime;
use gatekeeper::report::history::HISTORY_SCHEMA;
use gatekeeper_history::compact::compact;
use gatekeeper_history::engine::Scope;
use gatekeeper_history::fault::Fault;
use gatekeeper_history::file;
use gatekeeper_history::store::{Store, sound_project};
use gatekeeper_history::tables::{Kind, TABLES, Table};
use gatekeeper_history::verify::verify;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn counts(store: &Store) -> Vec<Value> {
    TABLES
        .iter()
        .map(|table| sql(store, &Scope::default(), &format!("SELECT count(*) AS n FROM {}", table.name))[0]["n"].clone())
        .collect()
}

fn files(store: &Store) -> Vec<PathBuf> {
    store.snapshot().expect("a store").files().map(|own| store.root().join(&own.path)).collect()
}

/// The columns are those of the rows that `-o history` publishes, and of the store's own; no field of a row is lost.
#[test]
fn columns_are_the_fields_of_rows() {
    let schema = include_str!("../../../../docs/schemas/history.json");
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    assert_eq!(schema["$id"], json!("urn:gatekeeper.history:1"));
    let mut looked = 0;
    for table in TABLES {
        let own = schema["oneOf"].as_array().expect("rows").iter();
        let own = own.clone().find(|own| own["properties"]["table"]["const"] == table.name).expect("a row of the table");
        let shape = own["$ref"].as_str().and_then(|at| at.rsplit('/').next()).expect("its shape");
        let mut fields: BTreeSet<&str> =
            schema["$defs"][shape]["properties"].as_object().expect("fields").keys().map(String::as_str).collect();
        fields.extend(["project", "branch"]);
        let columns: BTreeSet<&str> = table.columns().map(|(name, ..)| *name).collect();
        assert_eq!(columns, fields, "{}", table.name);
        for (name, kind, empty) in table.columns().skip(7) {
            let told = &schema["$defs"][shape]["properties"][*name]["type"];
            let words: Vec<&str> = told
                .as_array()
                .map_or_else(|| told.as_str().into_iter().collect(), |all| all.iter().filter_map(Value::as_str).collect());
            assert_eq!(words.contains(&"null"), *empty, "{}.{name}", table.name);
            let word = match kind {
                Kind::Text | Kind::Instant | Kind::Day => "string",
                Kind::Flag => "boolean",
                Kind::Count => "integer",
                Kind::Number => "number",
            };
            assert!(words.contains(&word), "{}.{name}: {told}", table.name);
            looked += 1;
        }
    }
    assert!(looked > 60, "{looked}");
}

#[test]
fn merging_changes_nothing_that_is_asked() {
    let place = Place::new("merge");
    let all = made(60, 3);
    let store = stored(&place, &all);
    let question =
        "SELECT project, test, status, count(*) AS n, sum(seconds) AS s FROM tests GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    let (before, rows) = (sql(&store, &Scope::default(), question), counts(&store));
    // A table of which a run has no rows has no file of it.
    let there = files(&store).len();
    assert!((60 * 6..=60 * 7).contains(&there) && before.len() > 20, "{there} {}", before.len());
    let done = compact(&store, DAY).expect("merged");
    // Two projects, each in one month.
    assert_eq!((done.partitions, done.before, done.after), (2, there, 14));
    assert_eq!((files(&store).len(), counts(&store)), (14, rows.clone()));
    let after = sql(&store, &Scope::default(), question);
    assert_eq!(after.len(), before.len());
    for (a, b) in before.iter().zip(&after) {
        let near = (a["s"].as_f64().unwrap_or(0.0) - b["s"].as_f64().unwrap_or(0.0)).abs() < 1e-9;
        assert!(a["n"] == b["n"] && a["test"] == b["test"] && near, "{a} {b}");
    }
    assert_eq!(compact(&store, DAY).expect("nothing to do").partitions, 0);
    let checked = verify(&store).expect("a store");
    assert!(checked.faults.is_empty() && checked.runs == 60 && checked.left_over.is_empty(), "{checked:?}");

    // What was merged is known, and what comes behind it is merged with it.
    let more = made(80, 3);
    for own in &more[..60] {
        let known = gatekeeper_history::record::add(&store, &own.verdict, &own.rows, &own.stamp).expect("known");
        assert!(matches!(known, gatekeeper_history::record::Outcome::Known { .. }), "{known:?}");
    }
    for own in &more[60..] {
        gatekeeper_history::record::add(&store, &own.verdict, &own.rows, &own.stamp).expect("recorded");
    }
    assert_eq!(store.snapshot().expect("a store").runs(), 80);
    compact(&store, DAY).expect("merged");
    assert_eq!((store.snapshot().expect("a store").runs(), files(&store).len()), (80, 14));
    let checked = verify(&store).expect("a store");
    assert!(checked.faults.is_empty() && checked.runs == 80, "{checked:?}");
    // The files that were written again for known runs count for nothing, and go when they are old.
    assert_eq!(compact(&store, Duration::ZERO).expect("swept").swept, checked.left_over.len());
    assert_eq!(verify(&store).expect("a store").left_over, Vec::<String>::new());
}

/// Every file below a directory, with its bytes.
fn bytes_below(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| match path.is_dir() {
        true => bytes_below(&path),
        false => fs::read(&path).map(|bytes| vec![(path, bytes)]).expect("a file"),
    };
    entries.flat_map(below).collect()
}

#[test]
fn who_merges_after_one_who_was_killed_counts_nothing_twice() {
    let place = Place::new("killed");
    let all = made(60, 3);
    let store = stored(&place, &all[..20]);
    let record = |own: &crate::made::Made| {
        gatekeeper_history::record::add(&store, &own.verdict, &own.rows, &own.stamp).expect("recorded");
    };
    compact(&store, DAY).expect("merged");
    all[20..40].iter().for_each(record);
    let before = bytes_below(store.root());
    compact(&store, DAY).expect("merged");
    // So it would be if that one had been killed at once after it told what it merged.
    let merged = |path: &Path| path.parent().is_some_and(|above| above.ends_with("compacted"));
    let mut back = 0;
    for (path, bytes) in before.iter().filter(|(path, _)| merged(path) || !path.exists()) {
        fs::write(path, bytes).expect("put back");
        back += 1;
    }
    assert!(back > 20, "{back}");
    assert_eq!(store.snapshot().expect("a store").runs(), 40);
    all[40..].iter().for_each(record);
    compact(&store, DAY).expect("merged");
    let checked = verify(&store).expect("a store");
    assert!(checked.faults.is_empty() && checked.runs == 60, "{checked:?}");
    assert_eq!(sql(&store, &Scope::default(), "SELECT count(*) AS n FROM runs")[0]["n"], json!(60));
    assert!(compact(&store, Duration::ZERO).expect("swept").swept > 0);
    assert_eq!(verify(&store).expect("a store").left_over, Vec::<String>::new());
}

#[test]
fn a_question_is_about_what_was_asked_for() {
    let place = Place::new("scope");
    let all = made(40, 5);
    let store = stored(&place, &all);
    let count = |scope: &Scope| sql(&store, scope, "SELECT count(*) AS n FROM runs")[0]["n"].clone();
    let at = |n: i64| DateTime::parse_from_rfc3339(&instant(BEGAN + n * 21_600)).expect("an instant").to_utc();
    assert_eq!(count(&Scope::default()), json!(40));
    assert_eq!(count(&Scope { project: Some("pay".to_owned()), ..Scope::default() }), json!(20));
    let main = all.iter().filter(|own| own.stamp.branch.as_deref() == Some("main")).count();
    assert_eq!(count(&Scope { branch: Some("main".to_owned()), ..Scope::default() }), json!(main));
    assert_eq!(count(&Scope { since: Some(at(30)), ..Scope::default() }), json!(10));
    assert_eq!(count(&Scope { until: Some(at(30)), since: Some(at(29)), ..Scope::default() }), json!(1));
    assert_eq!(count(&Scope { project: Some("it's".to_owned()), ..Scope::default() }), json!(0));
}

#[test]
fn a_store_may_lie_anywhere() {
    let mut looked = 0;
    for name in ["plain", "a b", "x[1]*?", "ä-ö", "50%25 {a,b}", "#1"] {
        let place = Place::new("anywhere");
        let inner = place.join(name);
        fs::create_dir_all(&inner).expect("a directory");
        let store = Store::make(&inner.join("s")).expect("a store");
        for own in made(4, 1) {
            gatekeeper_history::record::add(&store, &own.verdict, &own.rows, &own.stamp).expect("recorded");
        }
        assert_eq!(sql(&store, &Scope::default(), "SELECT count(*) AS n FROM runs")[0]["n"], json!(4), "{name}");
        looked += 1;
    }
    assert_eq!(looked, 6);
}

#[test]
fn a_statement_only_reads() {
    let place = Place::new("reads");
    let store = stored(&place, &made(4, 1));
    let engine =
        gatekeeper_history::engine::Engine::open(&store, &Scope::default(), Default::default()).expect("an engine");
    let mut looked = 0;
    for statement in [
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE runs",
        "INSERT INTO runs SELECT * FROM runs",
        "COPY runs TO '/tmp/x.parquet'",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT * FROM '/etc/passwd'",
        "SELECT nothing FROM runs",
        "SELEC",
        "",
    ] {
        let answer = engine.ask(statement, Vec::new());
        assert!(matches!(answer, Err(Fault::Usage(_) | Fault::Internal(_))), "{statement}: {answer:?}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn damage_and_foreign_files_are_named() {
    let place = Place::new("damage");
    let store = stored(&place, &made(6, 2));
    let own = files(&store);
    let whole = fs::read(&own[3]).expect("a file");
    let name = own[3].file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let named = |told: &str| assert!(told.contains(&name), "{told}");

    // A byte in the middle: whoever lists the store does not see it, `verify-store` does.
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    fs::write(&own[3], &flipped).expect("damaged");
    let checked = verify(&store).expect("a store");
    assert_eq!(checked.faults.len(), 1);
    named(&checked.faults[0]);

    fs::write(&own[3], &whole[..whole.len() - 1]).expect("cut");
    named(store.snapshot().expect_err("cut").sentence());
    fs::remove_file(&own[3]).expect("gone");
    named(store.snapshot().expect_err("gone").sentence());
    fs::write(&own[3], &whole).expect("as it was");
    assert!(verify(&store).expect("a store").faults.is_empty());

    let directory = own[3].parent().expect("a directory").to_owned();
    let mut looked = 0;
    for foreign in [
        directory.join("export.parquet"),
        directory.join("notes.txt"),
        store.root().join("tables/other"),
        store.root().join("compacted/x.json"),
        store.root().join("recorded/00/x.json"),
    ] {
        fs::create_dir_all(foreign.parent().expect("above")).expect("a directory");
        fs::write(&foreign, b"x").expect("a file");
        let told = store.snapshot().expect_err("foreign");
        let name = foreign.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(matches!(&told, Fault::Damaged(text) if text.contains(name) && text.contains("foreign")), "{told:?}");
        fs::remove_file(&foreign).expect("gone");
        looked += 1;
    }
    assert_eq!(looked, 5);

    // A file of the right name that another program wrote, or that is of another table.
    let table = Table::named("gates").expect("a table");
    for (at, told) in [
        (store.root().join("store.json"), "damaged"),
        (own.iter().find(|path| path.to_string_lossy().contains("/runs/")).expect("one").clone(), "foreign"),
    ] {
        let fault = file::open(table, &at).map(|_| ()).expect_err("not a file of the table");
        assert!(
            fault.sentence().contains(told)
                && fault.sentence().contains(at.file_name().and_then(|name| name.to_str()).expect("a name")),
            "{fault}"
        );
    }
    assert_eq!(HISTORY_SCHEMA, "gatekeeper.history/1");
}

#[test]
fn another_directory_is_no_store() {
    let place = Place::new("none");
    fs::write(place.join("mine.txt"), "x").expect("a file");
    assert!(matches!(Store::make(place.path()), Err(Fault::Usage(text)) if text.contains("mine.txt")));
    assert!(matches!(Store::open(&place.join("gone")), Err(Fault::Usage(_))));
    fs::create_dir_all(place.join("later")).expect("a directory");
    fs::write(place.join("later/store.json"), "{\"schema\": \"gatekeeper.history-store/2\"}").expect("a file");
    assert!(matches!(Store::open(&place.join("later")), Err(Fault::Damaged(text)) if text.contains("history-store/2")));
    assert!(
        matches!(Store::make(std::path::Path::new("s3://bucket/x")), Err(Fault::Usage(text)) if text.contains("s3://"))
    );
    for (name, sound) in
        [("shop", true), ("a-b_c.d", true), ("", false), ("..", false), ("a/b", false), ("a b", false), (".x", false)]
    {
        assert_eq!(sound_project(name), sound, "{name}");
    }
}
