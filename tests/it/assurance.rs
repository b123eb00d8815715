//! `docs/assurance.md` is made from the tables in `docs/assurance/`, and each of those by the test, the benchmark or the script
//! that saw what it says. `GATEKEEPER_BLESS=1` writes the page anew.

use crate::support::assurance::{TOPICS, Table, asked, read};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What stands above the tables.
const HEAD: &str = "# Assurance: what was tried, and what came of it\n\n\
<!-- Made by `cargo test --test it assurance` from docs/assurance/; GATEKEEPER_BLESS=1 writes it anew. -->\n\n\
gatekeeper reads evidence of strangers and of half-dead machines. This page says what was thrown at it. Every table is written by\n\
the test, the benchmark or the script named below it, never by hand; a table without a date is compared each time the tests run.\n";

#[test]
fn the_page_is_fresh() {
    let page = TOPICS.iter().fold(HEAD.to_owned(), |mut page, topic| {
        page.push_str(&section(topic, &read(topic)));
        page
    });
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/assurance.md");
    if asked("GATEKEEPER_BLESS") {
        fs::write(&place, &page).expect("docs can be written");
    }
    let standing = fs::read_to_string(&place).expect("docs/assurance.md");
    assert!(standing == page, "docs/assurance.md is stale: run `GATEKEEPER_BLESS=1 cargo test --test it assurance`");
}

#[test]
fn every_table_is_a_topic_and_has_rows_of_its_width() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/assurance")).expect("docs/assurance");
    let tables =
        files.map(|file| file.expect("an entry").path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    let stems = tables.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned());
    let topics: BTreeSet<String> = TOPICS.iter().map(|topic| (*topic).to_owned()).collect();
    assert_eq!(stems.collect::<BTreeSet<_>>(), topics);
    assert_eq!(topics.len(), TOPICS.len(), "a topic stands twice");
    for topic in TOPICS {
        let table = read(topic);
        assert!(!table.rows.is_empty(), "{topic}: nothing was tried");
        let odd = table.rows.iter().find(|row| row.len() != table.columns.len());
        assert!(odd.is_none(), "{topic}: {odd:?} has not a cell for each of {:?}", table.columns);
    }
}

fn section(topic: &str, table: &Table) -> String {
    let mut text = format!("\n## {}\n\n{}\n\n", table.title, table.about);
    let line =
        |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| literal(cell)).collect::<Vec<_>>().join(" | "));
    text.push_str(&line(&table.columns));
    text.push_str(&format!("|{}\n", " --- |".repeat(table.columns.len())));
    for row in &table.rows {
        text.push_str(&line(row));
    }
    let when =
        table.measured.as_ref().map_or_else(|| "held each time the tests run".to_owned(), |day| format!("measured {day}"));
    writeln!(text, "\nBy `{}`; {when}. ([{topic}.json](assurance/{topic}.json))", table.by).expect("text grows");
    text
}

/// A cell as text: what Markdown would take for markup is escaped.
fn literal(cell: &str) -> String {
    cell.chars().fold(String::new(), |mut text, letter| {
        if matches!(letter, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']') {
            text.push('\\');
        }
        text.push(if letter == '\n' { ' ' } else { letter });
        text
    })
}
