//! Edits of a ledger's text: what is written parses back as what was meant, and nothing else has changed.

use gatekeeper::cli::ledger_edit::{Content, Edit, edited};
use toml_edit::{DocumentMut, Item, TableLike};

/// The sections that commands edit.
const SECTIONS: [&str; 2] = ["waiver", "quarantine"];

/// Every edit of this text, with an entry of this name and a field that says this.
pub fn edits(text: &str, name: &str, said: &str) {
    let fields = vec![
        ("owner".to_owned(), Content::Text(said.to_owned())),
        ("expires".to_owned(), Content::Day("2026-12-31".to_owned())),
        ("scope".to_owned(), Content::List(vec![said.to_owned(), "full".to_owned()])),
    ];
    for section in SECTIONS {
        // What an entry is called there: the first of the text as well as the given name.
        let first = text.parse::<DocumentMut>().ok().and_then(|old| Some(names(&old, section).first()?.clone()));
        for name in first.iter().map(String::as_str).chain([name]) {
            for edit in [Edit::Set(fields.clone()), Edit::Remove, Edit::Add(fields.clone())] {
                one(text, section, name, &edit, said);
            }
        }
    }
}

fn one(text: &str, section: &str, name: &str, edit: &Edit, said: &str) {
    let Ok(new) = edited(text, section, name, edit) else { return };
    let old: DocumentMut = text.replace("\r\n", "\n").parse().expect("what was edited is TOML");
    let parsed: DocumentMut =
        new.parse().unwrap_or_else(|error| panic!("{edit:?} of {section}.{name:?} in {text:?} wrote {new:?}: {error}"));
    let entry = table(&parsed, section).and_then(|table| table.get(name)).and_then(Item::as_table_like);
    match edit {
        Edit::Remove => assert!(entry.is_none(), "{name:?} is still in {new:?}"),
        Edit::Add(_) | Edit::Set(_) => {
            let entry = entry.unwrap_or_else(|| panic!("{name:?} is not in {new:?}"));
            assert_eq!(entry.get("owner").and_then(Item::as_str), Some(said), "{new:?}");
            assert!(entry.get("expires").is_some_and(|day| day.to_string().contains("2026-12-31")), "{new:?}");
            let scope = entry.get("scope").and_then(Item::as_array).expect("a list");
            assert_eq!(scope.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>(), [said, "full"]);
        }
    }
    for section in SECTIONS {
        let others =
            |of: &DocumentMut| -> Vec<String> { names(of, section).into_iter().filter(|other| other != name).collect() };
        assert_eq!(others(&old), others(&parsed), "{edit:?} of {name:?}: {text:?} became {new:?}");
    }
    let comments = |of: &str| of.lines().filter(|line| line.starts_with('#')).count();
    assert!(
        !matches!(edit, Edit::Add(_)) || comments(&new) >= comments(text),
        "a comment is gone: {text:?} became {new:?}"
    );
}

fn table<'d>(document: &'d DocumentMut, section: &str) -> Option<&'d dyn TableLike> {
    document.get(section).and_then(Item::as_table_like)
}

/// The entries of a section, in their order.
fn names(document: &DocumentMut, section: &str) -> Vec<String> {
    let entries = table(document, section).into_iter().flat_map(|table| table.iter());
    entries.filter(|(_, item)| item.is_table_like()).map(|(name, _)| name.to_owned()).collect()
}
