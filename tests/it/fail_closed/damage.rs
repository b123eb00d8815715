//! Every way in which one file is damaged: as a whole, and value by value.

use gatekeeper::model::{Pointer, RelPath};
use gatekeeper::scenario::{Action, Data, Edit, Tree};
use std::fmt;

/// Lists longer than this are damaged at their first, middle and last items only; so are streams with more records.
const SAMPLED_ABOVE: usize = 4;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    Delete,
    Empty,
    Halve,
    Garbage,
    OtherRoot,
    Remove,
    Null,
    OtherType,
}

impl Mutation {
    pub const ALL: [Mutation; 8] = [
        Mutation::Delete,
        Mutation::Empty,
        Mutation::Halve,
        Mutation::Garbage,
        Mutation::OtherRoot,
        Mutation::Remove,
        Mutation::Null,
        Mutation::OtherType,
    ];

    /// The word in the list of survivors.
    pub const fn word(self) -> &'static str {
        match self {
            Mutation::Delete => "delete",
            Mutation::Empty => "empty",
            Mutation::Halve => "halve",
            Mutation::Garbage => "garbage",
            Mutation::OtherRoot => "other-root",
            Mutation::Remove => "remove",
            Mutation::Null => "null",
            Mutation::OtherType => "other-type",
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One file, damaged once.
pub struct Damage {
    pub file: RelPath,
    pub line: Option<u64>,
    pub at: Option<Pointer>,
    pub mutation: Mutation,
    /// The file afterwards; `None` if it is deleted.
    pub bytes: Option<Vec<u8>>,
    /// Texts that the file holds no more: those of a value that was removed.
    pub lost: Vec<String>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(at) = &self.at {
            write!(f, "#{at}")?;
        }
        write!(f, " {}", self.mutation)
    }
}

/// Every damage to one file.
pub fn of(file: &RelPath, tree: &Tree) -> Vec<Damage> {
    let bytes = tree.file(file).expect("evidence is in the tree");
    let mut damages = whole(file, bytes);
    let text = || std::str::from_utf8(bytes).expect("a document of the fixture is text");
    match file.extension() {
        Some("json") => values(file, None, &Data::from_json(bytes).expect("JSON"), tree, &mut damages),
        Some("toml") => values(file, None, &Data::from_toml(text()).expect("TOML"), tree, &mut damages),
        Some("jsonl") => {
            let records: Vec<&str> = text().lines().collect();
            for index in sample(records.len()) {
                let line = index as u64 + 1;
                damages.extend(edited(file, Some(line), None, Mutation::Remove, Action::Remove, tree));
                values(file, Some(line), &Data::from_json(records[index].as_bytes()).expect("JSON"), tree, &mut damages);
            }
        }
        Some(_) | None => {}
    }
    damages
}

fn whole(file: &RelPath, bytes: &[u8]) -> Vec<Damage> {
    let damage = |mutation, bytes| Damage { file: file.clone(), line: None, at: None, mutation, bytes, lost: Vec::new() };
    let mut damages = vec![
        damage(Mutation::Delete, None),
        damage(Mutation::Empty, Some(Vec::new())),
        damage(Mutation::Halve, Some(bytes[..bytes.len() / 2].to_vec())),
        damage(Mutation::Garbage, Some(b"\x00\xff\xfenot what it was\x80".repeat(4))),
    ];
    let other: Option<&[u8]> = match (file.extension(), bytes.first()) {
        (Some("json"), Some(b'[')) => Some(b"{}\n"),
        (Some("json"), Some(_)) => Some(b"[]\n"),
        (Some("jsonl"), Some(_)) => Some(b"[]\n"),
        (Some(_) | None, _) => None,
    };
    damages.extend(other.map(|other| damage(Mutation::OtherRoot, Some(other.to_vec()))));
    damages
}

/// Every value below the root, once for each mutation.
fn values(file: &RelPath, line: Option<u64>, root: &Data, tree: &Tree, damages: &mut Vec<Damage>) {
    let mut left = vec![(Pointer::root(), root)];
    while let Some((at, value)) = left.pop() {
        match value {
            Data::Map(map) => left.extend(map.iter().map(|(key, value)| (at.key(key), value))),
            Data::List(items) => left.extend(sample(items.len()).into_iter().map(|index| (at.index(index), &items[index]))),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Big(_) | Data::Float(_) | Data::Text(_) | Data::Date(_) => {}
        }
        if at != Pointer::root() {
            let mut add = |mutation, action| damages.extend(edited(file, line, Some(&at), mutation, action, tree));
            add(Mutation::Remove, Action::Remove);
            if let Some(removed) = damages.last_mut() {
                removed.lost = texts(value);
            }
            let mut add = |mutation, action| damages.extend(edited(file, line, Some(&at), mutation, action, tree));
            add(Mutation::OtherType, Action::Set(other_type(value)));
            // TOML has no null.
            if file.extension() != Some("toml") && *value != Data::Null {
                add(Mutation::Null, Action::Set(Data::Null));
            }
        }
    }
}

/// The texts of a value, its own and those directly below it, that are long enough to be told from others.
fn texts(value: &Data) -> Vec<String> {
    let own = |value: &Data| match value {
        Data::Text(text) if text.len() > 3 => Some(text.clone()),
        _ => None,
    };
    match value {
        Data::Map(map) => map.values().filter_map(own).collect(),
        Data::List(items) => items.iter().filter_map(own).collect(),
        other => own(other).into_iter().collect(),
    }
}

fn other_type(value: &Data) -> Data {
    match value {
        Data::Null | Data::List(_) | Data::Map(_) => Data::Text("text".to_owned()),
        Data::Bool(flag) => Data::Text(flag.to_string()),
        Data::Int(number) => Data::Text(number.to_string()),
        Data::Big(number) => Data::Text(number.to_string()),
        Data::Float(number) => Data::Text(number.to_string()),
        Data::Text(_) | Data::Date(_) => Data::Int(7),
    }
}

fn edited(
    file: &RelPath,
    line: Option<u64>,
    at: Option<&Pointer>,
    mutation: Mutation,
    action: Action,
    tree: &Tree,
) -> Option<Damage> {
    let mut one = Tree::default();
    one.write(file.clone(), tree.file(file)?.to_vec());
    let edit = Edit { file: file.clone(), line, at: at.cloned(), action };
    edit.apply(&mut one).unwrap_or_else(|error| panic!("{mutation}: {error}"));
    let bytes = one.file(file).map(<[u8]>::to_vec);
    let at = at.cloned().or_else(|| line.map(|_| Pointer::root()));
    Some(Damage { file: file.clone(), line, at, mutation, bytes, lost: Vec::new() })
}

/// Which of so many items are damaged.
fn sample(length: usize) -> Vec<usize> {
    if length <= SAMPLED_ABOVE { (0..length).collect() } else { vec![0, length / 2, length - 1] }
}
