//! Edits of a ledger's text: one entry is added, changed or taken out, and everything else stays as it was written.
//!
//! In: the text, the section, the entry's name, fields as the ledger spells them. Out: the new text, or the phrase why it cannot be
//! edited. Whether the result is a sound ledger is judged by whoever reads it again.

use toml_edit::{Array, Datetime, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

/// What a field holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Text.
    Text(String),
    /// A day as it was typed; written as a date where it is one and the ledger writes dates so.
    Day(String),
    /// Texts.
    List(Vec<String>),
}

/// One field: its spelling in the ledger, and what it holds.
pub type Field = (String, Content);

/// What happens to an entry.
#[derive(Debug, Clone)]
pub enum Edit {
    /// It is written behind the others of its section.
    Add(Vec<Field>),
    /// These fields are written anew.
    Set(Vec<Field>),
    /// It is taken out, with the comment that stands right above it.
    Remove,
}

/// The text with one entry changed.
///
/// # Errors
/// A phrase: why the text cannot be edited without changing more than that.
pub fn edited(text: &str, section: &str, name: &str, edit: &Edit) -> Result<String, String> {
    let returns = text.matches("\r\n").count();
    let crlf = returns > 0 && returns == text.matches('\n').count();
    let mut plain = if crlf { text.replace("\r\n", "\n") } else { text.to_owned() };
    if !plain.is_empty() && !plain.ends_with('\n') {
        plain.push('\n');
    }
    let mut document: DocumentMut = plain.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    if document.to_string() != plain {
        return Err("its line ends are mixed, or it begins with a mark; an edit would change other lines too".to_owned());
    }
    match edit {
        Edit::Add(fields) => add(&mut document, section, name, fields)?,
        Edit::Set(fields) => set(entry(&mut document, section, name)?, fields),
        Edit::Remove => remove(&mut document, section, name)?,
    }
    let new = document.to_string();
    let new = if plain.trim().is_empty() { new.trim_start().to_owned() } else { new };
    Ok(if crlf { new.replace('\n', "\r\n") } else { new })
}

fn no_table(section: &str) -> String {
    format!("`{section}` is no table of entries")
}

fn entry<'d>(document: &'d mut DocumentMut, section: &str, name: &str) -> Result<&'d mut dyn TableLike, String> {
    let section_table = document.get_mut(section).and_then(Item::as_table_like_mut).ok_or_else(|| no_table(section))?;
    section_table
        .get_mut(name)
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| format!("`{section}` has no entry of this name that is a table"))
}

fn value(content: &Content, dates: bool) -> Value {
    match content {
        Content::Text(text) => Value::from(text.as_str()),
        Content::Day(text) => match text.parse::<Datetime>() {
            Ok(day) if dates && day.date.is_some() && day.time.is_none() => Value::from(day),
            Ok(_) | Err(_) => Value::from(text.as_str()),
        },
        Content::List(texts) => Value::Array(texts.iter().map(String::as_str).collect::<Array>()),
    }
}

/// How the other entries of a section are written: dates without quotes, keys filled up so that the `=` stand below each other.
fn habits(section: &dyn TableLike) -> (bool, bool) {
    let mut dates = section.is_empty();
    let mut aligned = false;
    for table in section.iter().filter_map(|(_, item)| item.as_table_like()) {
        for (key, item) in table.iter() {
            dates |= item.is_datetime();
            let decor = table.key(key).map(Key::leaf_decor);
            let behind = decor.and_then(|decor| decor.suffix()).and_then(|raw| raw.as_str());
            aligned |= behind.is_some_and(|space| space.len() > 1);
        }
    }
    (dates, aligned)
}

fn add(document: &mut DocumentMut, section: &str, name: &str, fields: &[Field]) -> Result<(), String> {
    let mut empty = Table::new();
    empty.set_implicit(true);
    let item = document.as_table_mut().entry(section).or_insert(Item::Table(empty));
    let entries = item.as_table_like().ok_or_else(|| no_table(section))?;
    // An entry that is put over another one would take its fields and its comment away.
    if entries.contains_key(name) {
        return Err(format!("`{section}` has an entry of this name already"));
    }
    let (dates, aligned) = habits(entries);
    match item {
        Item::Table(entries) => {
            let mut table = Table::new();
            let width = fields.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
            for (key, content) in fields {
                let mut spelled = Key::new(key.as_str());
                if aligned {
                    spelled.leaf_decor_mut().set_suffix(" ".repeat(width - key.len() + 1));
                }
                table.insert_formatted(&spelled, Item::Value(value(content, dates)));
            }
            table.decor_mut().set_prefix("\n");
            entries.insert(name, Item::Table(table));
            Ok(())
        }
        Item::Value(Value::InlineTable(entries)) => {
            let table: InlineTable = fields.iter().map(|(key, content)| (key.as_str(), value(content, dates))).collect();
            entries.insert(name, Value::InlineTable(table));
            Ok(())
        }
        Item::Value(_) | Item::None | Item::ArrayOfTables(_) => Err(no_table(section)),
    }
}

fn set(table: &mut dyn TableLike, fields: &[Field]) {
    for (key, content) in fields {
        match table.get_mut(key) {
            Some(Item::Value(old)) => {
                let mut new = value(content, old.is_datetime());
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            Some(_) | None => {
                table.insert(key, Item::Value(value(content, true)));
            }
        }
    }
}

fn remove(document: &mut DocumentMut, section: &str, name: &str) -> Result<(), String> {
    entry(document, section, name)?;
    let entries = document.get_mut(section).and_then(Item::as_table_like_mut).ok_or_else(|| no_table(section))?;
    let Some(Item::Table(table)) = entries.remove(name) else { return Ok(()) };
    // What a blank line parts from the entry is about more than the entry, and stays.
    let above = table.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
    let kept = above.rfind("\n\n").map_or("", |end| &above[..=end]);
    if kept.contains('#') {
        let after = table.position();
        let mut next: Option<isize> = None;
        positions(document.as_table(), &mut |position| {
            if after.is_some_and(|after| position > after) && next.is_none_or(|next| position < next) {
                next = Some(position);
            }
        });
        match next.and_then(|next| at(document.as_table_mut(), next)) {
            Some(next) => {
                let own = next.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
                let both = format!("{kept}{own}");
                next.decor_mut().set_prefix(both);
            }
            None => {
                let both = format!("{kept}{}", document.trailing().as_str().unwrap_or_default());
                document.set_trailing(both);
            }
        }
    }
    Ok(())
}

/// Every position of a table below this one that has a header of its own.
fn positions(table: &Table, told: &mut dyn FnMut(isize)) {
    for (_, item) in table.iter() {
        let inner: Vec<&Table> = match item {
            Item::Table(inner) => vec![inner],
            Item::ArrayOfTables(several) => several.iter().collect(),
            Item::Value(_) | Item::None => Vec::new(),
        };
        for inner in inner {
            if let (Some(position), false) = (inner.position(), inner.is_implicit()) {
                told(position);
            }
            positions(inner, told);
        }
    }
}

/// The table at a position.
fn at(table: &mut Table, position: isize) -> Option<&mut Table> {
    for (_, item) in table.iter_mut() {
        let inner: Vec<&mut Table> = match item {
            Item::Table(inner) => vec![inner],
            Item::ArrayOfTables(several) => several.iter_mut().collect(),
            Item::Value(_) | Item::None => Vec::new(),
        };
        for inner in inner {
            if inner.position() == Some(position) && !inner.is_implicit() {
                return Some(inner);
            }
            if let Some(found) = at(inner, position) {
                return Some(found);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Content, Edit, edited};

    const LEDGER: &str = "# Top.\n\n[suite.unit] # units\nfiles = [\n  \"a\", # first\n]\n\n# About waivers.\n\n# Of g.\n[waiver.g]\nreason   =   'old' # why\nexpires  = \"2026-06-10\"\n\n# Tests.\n[quarantine.\"a.b \\\"c\\\" é\"]\nexpires = 2026-06-10\n# end\n";

    fn fields(day: &str) -> Vec<(String, Content)> {
        vec![("reason".to_owned(), Content::Text("new".to_owned())), ("expires".to_owned(), Content::Day(day.to_owned()))]
    }

    #[test]
    fn a_renewal_changes_two_values_and_keeps_how_dates_are_written() {
        let new = edited(LEDGER, "waiver", "g", &Edit::Set(fields("2026-07-01"))).expect("edited");
        assert_eq!(new, LEDGER.replace("'old'", "\"new\"").replace("\"2026-06-10\"", "\"2026-07-01\""));
        let new = edited(LEDGER, "quarantine", "a.b \"c\" é", &Edit::Set(fields("2026-07-01")[1..].to_vec()));
        assert_eq!(new.expect("edited"), LEDGER.replace("expires = 2026-06-10", "expires = 2026-07-01"));
    }

    #[test]
    fn a_removal_takes_the_comment_right_above_and_leaves_the_rest() {
        let new = edited(LEDGER, "waiver", "g", &Edit::Remove).expect("edited");
        assert!(new.contains("# About waivers.\n") && !new.contains("Of g") && new.contains("# Tests.\n"), "{new}");
        let last = edited(LEDGER, "quarantine", "a.b \"c\" é", &Edit::Remove).expect("edited");
        assert!(last.contains("[waiver.g]") && !last.contains("quarantine") && last.ends_with("# end\n"), "{last}");
    }

    #[test]
    fn added_entries_stand_behind_their_section_and_every_key_survives() {
        let mut looked = 0;
        for name in ["h", "a.b", "say \"hi\"", "é 日本", "it's", "back\\slash"] {
            let new = edited(LEDGER, "waiver", name, &Edit::Add(fields("2026-07-01"))).expect("edited");
            let place = new.find("new").expect("there");
            assert!(
                place > new.find("[waiver.g]").expect("there") && place < new.find("# Tests.").expect("there"),
                "{new}"
            );
            let back = edited(&new, "waiver", name, &Edit::Remove).expect("edited");
            assert_eq!(back, LEDGER, "{name}");
            looked += 1;
        }
        assert_eq!(looked, 6);
        let alone = edited("", "waiver", "h", &Edit::Add(fields("2026-07-01"))).expect("edited");
        assert_eq!(alone, "[waiver.h]\nreason = \"new\"\nexpires = 2026-07-01\n");
    }

    #[test]
    fn an_entry_is_never_put_over_another() {
        for (section, name) in [("waiver", "g"), ("quarantine", "a.b \"c\" é")] {
            let twice = edited(LEDGER, section, name, &Edit::Add(fields("2026-07-01")));
            assert!(twice.as_ref().is_err_and(|phrase| phrase.contains("already")), "{twice:?}");
        }
        let inline = edited("waiver = { g = 3 }\n", "waiver", "g", &Edit::Add(fields("2026-07-01")));
        assert!(inline.is_err_and(|phrase| phrase.contains("already")));
    }

    #[test]
    fn line_ends_stay_and_mixed_ones_are_refused() {
        let crlf = LEDGER.replace('\n', "\r\n");
        let new = edited(&crlf, "waiver", "g", &Edit::Set(fields("2026-07-01"))).expect("edited");
        assert_eq!(new.matches("\r\n").count(), crlf.matches("\r\n").count());
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
        let mixed = LEDGER.replacen('\n', "\r\n", 1);
        assert!(edited(&mixed, "waiver", "g", &Edit::Remove).is_err_and(|phrase| phrase.contains("mixed")));
        assert!(
            edited("waiver = 3\n", "waiver", "g", &Edit::Add(Vec::new())).is_err_and(|phrase| phrase.contains("no table"))
        );
    }
}
