//! What the terminal prints for a scenario that fails, in one line: so that somebody can read a thousand of them, and a test can look for the
//! words that no message may have.
//!
//! Comes in: the scenario, its tree before the edits, and the text for people. Goes out: a [`Printed`]. Whether the culprit is named is told from
//! the edits: the key, the file, the value or the record (by its id or name) that an edit is about.

use super::data::Data;
use super::edit::{Action, Edit};
use super::expect::Judged;
use super::read::Case;
use super::tree::Tree;
use crate::model::Pointer;
use std::fmt;

/// Where the culprit stands in what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// In the sentence.
    Sentence,
    /// In the place behind it only, or by its file.
    Place,
    /// Nowhere.
    Nowhere,
    /// The scenario has no edit that could tell.
    Unknown,
}

/// What is printed about one gate of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The gate.
    pub gate: String,
    /// The lines behind it.
    pub lines: Vec<String>,
    /// Where the culprit stands.
    pub named: Named,
    /// The commands to go on with.
    pub next: Vec<String>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = match self.named {
            Named::Sentence => "named",
            Named::Place => "place",
            Named::Nowhere => "NOT NAMED",
            Named::Unknown => "-",
        };
        write!(f, "{named}\t{}\t{}\t{}", self.gate, self.lines.join(" | "), self.next.join("\t"))
    }
}

/// The rule between the columns of the table.
const RULE: &str = " │ ";

/// What is printed about the gate that the scenario is about; `None` where none is told.
pub fn printed(case: &Case, before: &Tree, judged: &Judged) -> Option<Printed> {
    let blocks = blocks(&judged.stderr);
    let asked = |gate: &str| case.expect.gates.keys().any(|id| id.as_str() == gate);
    let wanted = |gate: &str| {
        case.expect.gates.iter().any(|(id, own)| id.as_str() == gate && (own.finding.is_some() || own.reason.is_some()))
    };
    let told = |of: &dyn Fn(&str) -> bool| blocks.iter().find(|(gate, word, _)| word != "blocked" && of(gate));
    let (gate, _, lines) = told(&wanted).or_else(|| told(&asked)).or_else(|| told(&|_| true))?;
    let (culprits, files) = culprits(case, before);
    let named = named(&culprits, &files, lines);
    let next = judged.stderr.lines().filter_map(|line| line.strip_prefix("next: ")).map(str::to_owned).collect();
    Some(Printed { gate: gate.clone(), lines: lines.clone(), named, next })
}

/// The rows of the table: gate, result, and what stands behind it.
fn blocks(stderr: &str) -> Vec<(String, String, Vec<String>)> {
    let mut blocks: Vec<(String, String, Vec<String>)> = Vec::new();
    for line in stderr.lines().skip_while(|line| !line.starts_with('─')).skip(1).take_while(|line| !line.is_empty()) {
        let mut cells = line.splitn(3, RULE).map(str::trim);
        let (Some(gate), Some(word), Some(why)) = (cells.next(), cells.next(), cells.next()) else { continue };
        match blocks.last_mut().filter(|_| gate.is_empty()) {
            Some((_, _, lines)) => lines.push(why.to_owned()),
            None => {
                let gate = gate.trim_start_matches(['└', ' ']).to_owned();
                blocks.push((gate, word.to_owned(), vec![why.to_owned()]));
            }
        }
    }
    blocks
}

fn named(culprits: &[String], files: &[String], lines: &[String]) -> Named {
    let has =
        |line: &String, words: &[String]| words.iter().any(|culprit| line.to_lowercase().contains(&culprit.to_lowercase()));
    let is_place = |line: &&String| line.starts_with("at ");
    if files.is_empty() {
        Named::Unknown
    } else if lines.iter().filter(|line| !is_place(line)).any(|line| has(line, culprits)) {
        Named::Sentence
    } else if lines.iter().any(|line| has(line, culprits) || has(line, files)) {
        Named::Place
    } else {
        Named::Nowhere
    }
}

/// The words that name what the edits are about, and the names of the files.
fn culprits(case: &Case, before: &Tree) -> (Vec<String>, Vec<String>) {
    let mut tree = before.clone();
    let (mut all, mut files) = (Vec::new(), Vec::new());
    for edit in &case.edits {
        files.push(edit.file.name().to_owned());
        all.extend(culprits_of(edit, &tree));
        if edit.apply(&mut tree).is_err() {
            break;
        }
    }
    all.retain(|word| word.chars().count() > 2);
    (all, files)
}

/// Keys whose text names a record.
const NAMES: [&str; 12] =
    ["id", "name", "suite", "case", "test", "stage", "gate", "title", "path", "target", "extension", "job_id"];

fn culprits_of(edit: &Edit, tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    match &edit.action {
        Action::Set(value) => texts(value, &mut found),
        Action::Rename(name) => found.push(name.clone()),
        Action::Replace { find, with } => found.extend([find, with].into_iter().flat_map(|text| words(text))),
        Action::Append(text) | Action::Prepend(text) => found.extend(words(text)),
        Action::Delete | Action::Empty | Action::Truncate(_) | Action::Text(_) => {
            let path = edit.file.as_str();
            found.push(path.rsplit('/').next().unwrap_or(path).to_owned());
        }
        Action::Swap(other) => found.extend([other, &edit.file].map(|path| path.stem().to_owned())),
        Action::Remove | Action::Add(_) | Action::DuplicateKey => {}
    }
    let Some(at) = &edit.at else { return found };
    found.extend(at.steps().filter(|step| step.parse::<usize>().is_err() && step != "-").last());
    let document = tree.file(&edit.file).and_then(|bytes| match (edit.file.extension(), edit.line) {
        (Some("toml"), _) => Data::from_toml(std::str::from_utf8(bytes).ok()?).ok(),
        (_, Some(line)) => {
            let line = std::str::from_utf8(bytes).ok()?.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
            Data::from_json(line.as_bytes()).ok()
        }
        (_, None) => Data::from_json(bytes).ok(),
    });
    let Some(mut document) = document else { return found };
    if let Ok(value) = document.at(at) {
        texts(value, &mut found);
    }
    let mut way = Pointer::root();
    for step in at.steps() {
        if let Ok(Data::Map(map)) = document.at(&way) {
            found.extend(NAMES.iter().filter_map(|name| match map.get(*name) {
                Some(Data::Text(text)) => Some(text.clone()),
                Some(_) | None => None,
            }));
        }
        way = way.key(&step);
    }
    found
}

/// The texts and numbers of a value.
fn texts(value: &Data, found: &mut Vec<String>) {
    match value {
        Data::Text(text) => found.push(text.clone()),
        Data::Int(int) => found.push(int.to_string()),
        Data::Float(float) => found.push(float.to_string()),
        Data::Date(date) => found.push(date.to_string()),
        Data::List(items) => items.iter().for_each(|item| texts(item, found)),
        Data::Map(map) => map.values().for_each(|item| texts(item, found)),
        Data::Null | Data::Bool(_) | Data::Big(_) => {}
    }
}

/// The words of a text that may name something.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || "_-./:".contains(c)));
    parts.map(|word| word.trim_matches(['.', ':', '/', '-']).to_owned()).filter(|word| word.len() > 2).collect()
}
