//! Edits: the one thing that a scenario changes in its tree.
//!
//! Comes in: a tree and an edit. Goes out: the changed tree. An edit that does not apply, or that leaves the tree as it was, is
//! an error: a scenario whose damage never happened would prove nothing.

use super::data::Data;
use super::tree::Tree;
use crate::model::{Pointer, RelPath};

/// One change to one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The file, below the tree's top.
    pub file: RelPath,
    /// The record of a JSONL file, from 1.
    pub line: Option<u64>,
    /// The value inside the document or record; absent means all of it.
    pub at: Option<Pointer>,
    /// What is done.
    pub action: Action,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Puts a value in the place of another, or under a new key; `-` as the last step of the pointer appends to a list.
    Set(Data),
    /// Takes a value, or the record of a line, away.
    Remove,
    /// Adds to a number.
    Add(Data),
    /// Says a key twice, with the same value.
    DuplicateKey,
    /// Gives a key another name.
    Rename(String),
    /// Takes a file away, or a directory with all that is below it.
    Delete,
    /// Leaves a file without a byte, or a directory without a file.
    Empty,
    /// Cuts the file off after this many bytes.
    Truncate(u64),
    /// Replaces all of the file's text; makes the file if there is none.
    Text(String),
    /// Puts text behind the file's own.
    Append(String),
    /// Puts text before the file's own.
    Prepend(String),
    /// Replaces a piece of text that is there exactly once.
    Replace {
        /// The piece.
        find: String,
        /// What takes its place; may be empty.
        with: String,
    },
    /// Exchanges the bytes of two files.
    Swap(RelPath),
}

impl Edit {
    /// Changes the tree.
    ///
    /// # Errors
    /// A phrase that says why the edit does not apply, or that it changes nothing.
    pub fn apply(&self, tree: &mut Tree) -> Result<(), String> {
        let before = tree.clone();
        self.change(tree).map_err(|error| format!("{}: {error}", self.file))?;
        if *tree == before { Err(format!("{}: the edit changes nothing", self.file)) } else { Ok(()) }
    }

    fn change(&self, tree: &mut Tree) -> Result<(), String> {
        let found = |tree: &Tree, path: &RelPath| {
            tree.file(path).map(<[u8]>::to_vec).ok_or_else(|| format!("there is no file `{path}`"))
        };
        let bytes = match &self.action {
            Action::Delete => return tree.delete(&self.file).then_some(()).ok_or("there is nothing to delete".to_owned()),
            Action::Empty if tree.is_directory(&self.file) => {
                return tree.clear(&self.file).then_some(()).ok_or("the directory is empty".to_owned());
            }
            Action::Empty => found(tree, &self.file).map(|_| Vec::new())?,
            Action::Text(text) if tree.is_directory(&self.file) => {
                return Err(format!("is a directory and cannot hold {} bytes of text", text.len()));
            }
            Action::Text(text) => text.clone().into_bytes(),
            Action::Truncate(keep) => {
                let mut bytes = found(tree, &self.file)?;
                let keep = usize::try_from(*keep).unwrap_or(usize::MAX);
                if keep >= bytes.len() {
                    return Err(format!("has {} bytes, so keeping {keep} cuts nothing off", bytes.len()));
                }
                bytes.truncate(keep);
                bytes
            }
            Action::Append(text) => [found(tree, &self.file)?, text.clone().into_bytes()].concat(),
            Action::Prepend(text) => [text.clone().into_bytes(), found(tree, &self.file)?].concat(),
            Action::Replace { find, with } => replace(&found(tree, &self.file)?, find, with)?,
            Action::Swap(other) => {
                let (own, theirs) = (found(tree, &self.file)?, found(tree, other)?);
                tree.write(other.clone(), own);
                theirs
            }
            Action::Set(_) | Action::Remove | Action::Add(_) | Action::DuplicateKey | Action::Rename(_) => {
                self.in_document(&found(tree, &self.file)?)?
            }
        };
        tree.write(self.file.clone(), bytes);
        Ok(())
    }

    /// An edit inside a document: JSON, TOML, or one record of JSONL.
    fn in_document(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let text = || std::str::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned());
        match (self.file.extension(), self.line) {
            (Some("json"), None) => {
                let (data, twice) = self.in_data(Data::from_json(bytes)?)?;
                let text = serde_json::to_string_pretty(&data.to_json()?).map_err(|error| error.to_string())?;
                Ok((twice.spell(&text, |key| Data::Text(key.to_owned()).to_json().map(|json| json.to_string()))? + "\n")
                    .into())
            }
            (Some("toml"), None) => {
                let (data, twice) = self.in_data(Data::from_toml(text()?)?)?;
                let text = toml::to_string(&data.to_toml()?).map_err(|error| error.to_string())?;
                // A basic TOML string and a JSON string are written alike.
                Ok(twice.spell(&text, |key| Data::Text(key.to_owned()).to_json().map(|json| json.to_string()))?.into())
            }
            (Some("jsonl" | "ndjson"), Some(line)) => self.in_line(text()?, line),
            (Some("jsonl" | "ndjson"), None) => Err("is JSONL: say which record with `line`".to_owned()),
            (_, Some(_)) => Err("`line` is for JSONL; this is none".to_owned()),
            (_, None) => Err("is neither JSON nor TOML: edit it with `text`, `append`, `prepend` or `find`".to_owned()),
        }
    }

    fn in_line(&self, text: &str, line: u64) -> Result<Vec<u8>, String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1)).filter(|index| *index < lines.len());
        let index = index.ok_or_else(|| format!("there is no line {line}"))?;
        if self.action == Action::Remove && self.at.is_none() {
            lines.remove(index);
        } else {
            let (data, twice) = self.in_data(Data::from_json(lines[index].as_bytes())?)?;
            let json = data.to_json()?.to_string();
            lines[index] = twice.spell(&json, |key| Ok(serde_json::Value::from(key).to_string()))?;
        }
        Ok(lines.iter().flat_map(|line| [line, "\n"]).collect::<String>().into())
    }

    /// Writing a document anew may move its bytes, so that nothing changed shows in the data only.
    fn in_data(&self, before: Data) -> Result<(Data, Twice), String> {
        let (after, twice) = self.changed(before.clone())?;
        if after == before { Err("the edit changes nothing".to_owned()) } else { Ok((after, twice)) }
    }

    fn changed(&self, mut data: Data) -> Result<(Data, Twice), String> {
        let Some(at) = self.at.as_ref().filter(|at| !at.as_str().is_empty()) else {
            return match &self.action {
                Action::Set(value) => Ok((value.clone(), Twice(None))),
                _ => Err("this action needs `at`".to_owned()),
            };
        };
        let steps: Vec<String> = at.steps().collect();
        let (last, above) = steps.split_last().expect("a pointer that is not empty has a step");
        let parent = data.at(&above.iter().fold(Pointer::root(), |pointer, step| pointer.key(step)))?;
        let nowhere = || format!("`{at}` leads nowhere");
        let mut twice = Twice(None);
        match (&self.action, parent) {
            (Action::Set(value), Data::Map(map)) => drop(map.insert(last.clone(), value.clone())),
            (Action::Set(value), Data::List(items)) if last == "-" => items.push(value.clone()),
            (Action::Remove, Data::Map(map)) => drop(map.remove(last).ok_or_else(nowhere)?),
            (Action::Remove, Data::List(items)) => {
                let index = last.parse::<usize>().ok().filter(|index| *index < items.len()).ok_or_else(nowhere)?;
                items.remove(index);
            }
            (Action::DuplicateKey, Data::Map(map)) => {
                let value = map.get(last).ok_or_else(nowhere)?.clone();
                map.insert(Twice::PLACEHOLDER.to_owned(), value);
                twice = Twice(Some(last.clone()));
            }
            (Action::Rename(name), Data::Map(map)) => {
                let value = map.remove(last).ok_or_else(nowhere)?;
                if map.insert(name.clone(), value).is_some() {
                    return Err(format!("the key `{name}` is there already"));
                }
            }
            (Action::DuplicateKey | Action::Rename(_), _) => return Err(format!("`{at}` is no key of an object")),
            (Action::Set(value), parent) => *child(parent, last).ok_or_else(nowhere)? = value.clone(),
            (Action::Add(by), parent) => {
                let number = child(parent, last).ok_or_else(nowhere)?;
                *number = sum(number, by).ok_or_else(|| format!("`{at}` and what is added are not numbers that add up"))?;
            }
            _ => return Err(nowhere()),
        }
        Ok((data, twice))
    }
}

fn child<'d>(parent: &'d mut Data, step: &str) -> Option<&'d mut Data> {
    parent.at(&Pointer::root().key(step)).ok()
}

fn sum(a: &Data, b: &Data) -> Option<Data> {
    let float = |data: &Data| match data {
        Data::Int(int) => Some(*int as f64),
        Data::Float(float) => Some(*float),
        _ => None,
    };
    match (a, b) {
        (Data::Int(a), Data::Int(b)) => a.checked_add(*b).map(Data::Int),
        (a, b) => Some(Data::Float(float(a)? + float(b)?)),
    }
}

fn replace(bytes: &[u8], find: &str, with: &str) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned())?;
    match text.matches(find).count() {
        1 => Ok(text.replacen(find, with, 1).into()),
        0 => Err(format!("`{find}` is not in the file")),
        times => Err(format!("`{find}` is there {times} times, so it is not clear which one is meant")),
    }
}

/// A key that is to stand in the text twice. No map holds a key twice, so its second entry is written under a placeholder.
struct Twice(Option<String>);

impl Twice {
    const PLACEHOLDER: &'static str = "second-entry-of-a-key-that-is-said-twice";

    fn spell(&self, text: &str, quote: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
        let Some(key) = &self.0 else { return Ok(text.to_owned()) };
        let quoted = quote(key)?;
        // JSON quotes every key, TOML none that needs no quotes.
        let spelled = text.replace(&format!("\"{}\"", Self::PLACEHOLDER), &quoted).replace(Self::PLACEHOLDER, &quoted);
        Ok(spelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("sound")
    }

    fn edit(file: &str, line: Option<u64>, at: &str, action: Action) -> Edit {
        let at = (!at.is_empty()).then(|| Pointer::parse(at).expect("pointer"));
        Edit { file: path(file), line, at, action }
    }

    /// The file after the edit, on one line for comparing.
    fn after(name: &str, content: &str, edit: Edit) -> Result<String, String> {
        let mut tree = Tree::default();
        tree.write(path(name), content.as_bytes());
        edit.apply(&mut tree)?;
        let text = String::from_utf8_lossy(tree.file(&path(name)).unwrap_or(b"gone")).into_owned();
        Ok(if name.ends_with(".json") { text.split_whitespace().collect() } else { text })
    }

    fn json(at: &str, action: Action) -> Result<String, String> {
        after("a.json", r#"{"a":[1,2],"b":{"c":"x"}}"#, edit("a.json", None, at, action))
    }

    #[test]
    fn json_values_are_set_removed_added_to_and_renamed() {
        assert_eq!(json("/a/0", Action::Set(Data::Text("y".into()))).as_deref(), Ok(r#"{"a":["y",2],"b":{"c":"x"}}"#));
        assert_eq!(json("/b/new", Action::Set(Data::Null)).as_deref(), Ok(r#"{"a":[1,2],"b":{"c":"x","new":null}}"#));
        assert_eq!(json("/a/-", Action::Set(Data::Int(3))).as_deref(), Ok(r#"{"a":[1,2,3],"b":{"c":"x"}}"#));
        assert_eq!(json("", Action::Set(Data::List(Vec::new()))).as_deref(), Ok("[]"));
        assert_eq!(json("/a/1", Action::Remove).as_deref(), Ok(r#"{"a":[1],"b":{"c":"x"}}"#));
        assert_eq!(json("/b", Action::Remove).as_deref(), Ok(r#"{"a":[1,2]}"#));
        assert_eq!(json("/a/1", Action::Add(Data::Int(-3))).as_deref(), Ok(r#"{"a":[1,-1],"b":{"c":"x"}}"#));
        assert_eq!(json("/b/c", Action::Rename("d".into())).as_deref(), Ok(r#"{"a":[1,2],"b":{"d":"x"}}"#));
        assert_eq!(json("/b/c", Action::DuplicateKey).as_deref(), Ok(r#"{"a":[1,2],"b":{"c":"x","c":"x"}}"#));
    }

    #[test]
    fn what_does_not_apply_or_changes_nothing_is_an_error() {
        let bad = [
            ("/a/0", Action::Set(Data::Int(1))),
            ("/a/9", Action::Set(Data::Int(1))),
            ("/a/9", Action::Remove),
            ("/x/y", Action::Set(Data::Null)),
            ("/x", Action::Remove),
            ("/x", Action::DuplicateKey),
            ("/a/0", Action::DuplicateKey),
            ("/b", Action::Rename("a".into())),
            ("/b/c", Action::Add(Data::Int(1))),
            ("/a/0", Action::Add(Data::Int(0))),
            ("", Action::Remove),
            ("", Action::Truncate(9_999)),
            ("", Action::Append(String::new())),
            ("", Action::Swap(path("none.json"))),
            ("", Action::Replace { find: "1,2,3".into(), with: String::new() }),
            ("", Action::Replace { find: "\"".into(), with: String::new() }),
        ];
        for (at, action) in bad {
            let refused = json(at, action.clone());
            assert!(refused.is_err(), "{at} {action:?} gave {refused:?}");
        }
        assert!(after("a.txt", "x", edit("a.txt", None, "/a", Action::Remove)).is_err());
        assert!(after("a.txt", "x", edit("b.txt", None, "", Action::Delete)).is_err());
        assert!(after("a.txt", "x", edit("b.txt", None, "", Action::Empty)).is_err());
        assert!(after("a.txt", "", edit("a.txt", None, "", Action::Empty)).is_err());
    }

    #[test]
    fn whole_files_are_damaged_byte_by_byte() {
        let text = |action| after("a.txt", "one two", edit("a.txt", None, "", action));
        assert_eq!(text(Action::Truncate(3)).as_deref(), Ok("one"));
        assert_eq!(text(Action::Empty).as_deref(), Ok(""));
        assert_eq!(text(Action::Delete).as_deref(), Ok("gone"));
        assert_eq!(text(Action::Append("!".into())).as_deref(), Ok("one two!"));
        assert_eq!(text(Action::Prepend("\u{feff}".into())).as_deref(), Ok("\u{feff}one two"));
        assert_eq!(text(Action::Replace { find: "two".into(), with: "2".into() }).as_deref(), Ok("one 2"));
    }

    #[test]
    fn toml_keeps_dates_and_says_keys_twice() {
        let ledger = "[waiver.g]\ncreated = 2026-01-01\nowner = \"a\"\n";
        let toml = |at, action| after("l.toml", ledger, edit("l.toml", None, at, action));
        assert_eq!(toml("/waiver/g/owner", Action::Remove).as_deref(), Ok("[waiver.g]\ncreated = 2026-01-01\n"));
        let twice = toml("/waiver/g/owner", Action::DuplicateKey).expect("applies");
        assert!(Data::from_toml(&twice).is_err_and(|error| error.contains("duplicate")), "{twice}");
        assert!(toml("/waiver/g/owner", Action::Set(Data::Null)).is_err());
    }

    #[test]
    fn one_record_of_a_stream_is_edited_and_the_others_stay() {
        let stream = "{\"id\": 1}\n{\"id\": 2}\n";
        let line = |line, at, action| after("l.jsonl", stream, edit("l.jsonl", line, at, action));
        assert_eq!(line(Some(2), "/id", Action::Set(Data::Int(7))).as_deref(), Ok("{\"id\": 1}\n{\"id\":7}\n"));
        assert_eq!(line(Some(1), "", Action::Remove).as_deref(), Ok("{\"id\": 2}\n"));
        assert!(line(Some(3), "", Action::Remove).is_err() && line(Some(0), "", Action::Remove).is_err());
        assert!(line(None, "/id", Action::Remove).is_err());
    }
}
