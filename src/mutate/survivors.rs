//! The list of mutants that may survive, each with the reason: fields that are for people, or that no gate can judge.
//!
//! In: TOML. Out: entries, and after the mutants are judged what in them is not true any more. An entry that fits no survivor is a
//! problem, so that the list cannot rot.

use super::mutant::Mutator;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The schema id of the list.
pub const SURVIVORS_SCHEMA: &str = "gatekeeper.survivors/1";

/// Shortest reason, in characters.
const REASON_MIN: usize = 20;

/// Mutants that may survive, and why.
#[derive(Debug)]
struct Entry {
    files: Vec<String>,
    /// Fields; none means the files as a whole.
    at: Vec<String>,
    mutators: Vec<String>,
    reason: String,
    /// Parts that fit a mutant that survived.
    used: RefCell<BTreeSet<String>>,
}

/// The list.
#[derive(Debug, Default)]
pub struct Survivors(Vec<Entry>);

impl Survivors {
    /// Reads a list.
    ///
    /// # Errors
    /// A phrase for everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let table: toml_edit::DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| vec![error.to_string()])?;
        let mut faults = Vec::new();
        if table.get("schema").and_then(|item| item.as_str()) != Some(SURVIVORS_SCHEMA) {
            faults.push(format!("`schema` must be `{SURVIVORS_SCHEMA}`"));
        }
        faults.extend(
            table
                .iter()
                .filter(|(key, _)| !["schema", "survivor"].contains(key))
                .map(|(key, _)| format!("an unknown key `{key}`")),
        );
        let mut entries = Vec::new();
        match table.get("survivor") {
            None => {}
            Some(item) => match item.as_array_of_tables() {
                None => faults.push("`survivor` must be a list of tables: write `[[survivor]]`".to_owned()),
                Some(tables) => {
                    for (at, table) in tables.iter().enumerate() {
                        match entry(table) {
                            Ok(entry) => entries.push(entry),
                            Err(phrases) => {
                                faults.extend(phrases.into_iter().map(|phrase| format!("`survivor` {}: {phrase}", at + 1)));
                            }
                        }
                    }
                }
            },
        }
        if faults.is_empty() { Ok(Self(entries)) } else { Err(faults) }
    }

    /// Why the verdict may stand in spite of a mutant; `None` if nothing says that it may. `field` is empty for the file as a whole.
    /// Whether it did tells what in the list is true.
    pub(super) fn reason(&self, file: &str, field: &str, mutator: Mutator, stands: bool) -> Option<&str> {
        let mut reason = None;
        for entry in &self.0 {
            let file = entry.files.iter().find(|pattern| fits(pattern, file));
            let place = match (field.is_empty(), entry.at.is_empty()) {
                (true, true) => Some(""),
                (false, false) => entry.at.iter().find(|pattern| fits(pattern, field)).map(String::as_str),
                (true, false) | (false, true) => None,
            };
            let word = entry.mutators.iter().find(|word| *word == "*" || *word == mutator.word());
            if let (Some(file), Some(place), Some(word)) = (file, place, word) {
                let parts = [format!("file `{file}`"), format!("at `{place}`"), format!("mutator `{word}`")];
                if stands {
                    entry.used.borrow_mut().extend(parts);
                }
                reason = reason.or(Some(entry.reason.as_str()));
            }
        }
        reason
    }

    /// Parts of entries that fit no survivor. Of a sample only the files and fields that are nowhere at all, because what was not tried
    /// might survive; `paths` and `fields` are those that there are.
    pub(super) fn untrue(&self, all: bool, paths: &[&str], fields: &BTreeSet<&str>) -> Vec<String> {
        let idle = |(at, entry): (usize, &Entry)| {
            let used = entry.used.borrow();
            let file = |part: &&String| match all {
                true => !used.contains(&format!("file `{part}`")),
                false => !paths.iter().any(|path| fits(part, path)),
            };
            let field = |part: &&String| match all {
                true => !used.contains(&format!("at `{part}`")),
                false => !fields.iter().any(|field| fits(part, field)),
            };
            let mutator = |part: &&String| all && !used.contains(&format!("mutator `{part}`"));
            let parts = entry.files.iter().filter(file).map(|part| format!("file `{part}`"));
            let parts = parts.chain(entry.at.iter().filter(field).map(|part| format!("at `{part}`")));
            let parts = parts.chain(entry.mutators.iter().filter(mutator).map(|part| format!("mutator `{part}`")));
            parts.map(|part| format!("entry {}: {part} fits no survivor", at + 1)).collect::<Vec<_>>()
        };
        self.0.iter().enumerate().flat_map(idle).collect()
    }
}

fn entry(table: &toml_edit::Table) -> Result<Entry, Vec<String>> {
    let mut faults = Vec::new();
    let known = ["files", "at", "mutators", "reason"];
    faults.extend(table.iter().filter(|(key, _)| !known.contains(key)).map(|(key, _)| format!("an unknown key `{key}`")));
    let mut texts = |key: &str, required: bool| -> Vec<String> {
        let items = table.get(key).map(|item| {
            let items = item
                .as_array()
                .map(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
            items.flatten().filter(|items| !items.is_empty())
        });
        match items {
            Some(Some(items)) => items,
            None if !required => Vec::new(),
            Some(None) | None => {
                faults.push(format!("`{key}` must be a list of texts"));
                Vec::new()
            }
        }
    };
    let (files, at, mutators) = (texts("files", true), texts("at", false), texts("mutators", true));
    let sound = |word: &String| word == "*" || Mutator::ALL.iter().any(|mutator| mutator.word() == word);
    faults.extend(mutators.iter().filter(|word| !sound(word)).map(|word| {
        let known = Mutator::ALL.iter().map(|mutator| mutator.word());
        format!("there is no mutator `{word}`; {}", crate::diagnostic::did_you_mean(word, known))
    }));
    let reason = table.get("reason").and_then(|item| item.as_str()).unwrap_or_default().to_owned();
    if reason.trim().chars().count() < REASON_MIN {
        faults.push("`reason` must say why it may survive, in a sentence".to_owned());
    }
    if faults.is_empty() { Ok(Entry { files, at, mutators, reason, used: RefCell::default() }) } else { Err(faults) }
}

/// Whether a path or field fits a pattern in which `*` is any part of one step, and `**` any number of steps.
fn fits(pattern: &str, text: &str) -> bool {
    fn steps(pattern: &[&str], text: &[&str]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => (0..=text.len()).any(|skipped| steps(rest, &text[skipped..])),
            (Some((own, rest)), Some((first, others))) => step(own, first) && steps(rest, others),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
    fn step(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some((head, tail)) => {
                let Some(rest) = text.strip_prefix(head) else { return false };
                (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| step(tail, &rest[at..]))
            }
        }
    }
    steps(&pattern.split('/').collect::<Vec<_>>(), &text.split('/').collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "schema = \"gatekeeper.survivors/1\"\n[[survivor]]\nfiles = [\"a/*.json\", \"b.json\"]\nat = [\"/rows/*/note\"]\nmutators = [\"change\"]\nreason = \"A note is for people, and no gate can judge it.\"\n";

    #[test]
    fn an_entry_fits_its_survivors_and_what_it_says_too_much_is_told() {
        let list = Survivors::parse(LIST).expect("sound");
        let reason = |file, at, mutator| list.reason(file, at, mutator, true).is_some();
        assert!(reason("a/x.json", "/rows/*/note", Mutator::Change));
        assert!(!reason("a/x.json", "/rows/*/note", Mutator::Remove));
        assert!(!reason("a/x.json", "", Mutator::Change) && !reason("a/y/x.json", "/rows/*/note", Mutator::Change));
        let (paths, fields) = (["a/x.json", "b.json"], ["", "/rows/*/note"].into());
        assert_eq!(list.untrue(true, &paths, &fields), ["entry 1: file `b.json` fits no survivor"]);
        // What was not tried might survive; what is nowhere cannot.
        assert!(list.untrue(false, &paths, &fields).is_empty());
        assert_eq!(list.untrue(false, &paths[..1], &[""].into()).len(), 2);
    }

    #[test]
    fn unsound_lists_are_refused_with_every_fault() {
        let faults = |text: &str| Survivors::parse(text).err().unwrap_or_default();
        assert_eq!(faults("[[survivor]]\nfiles = []\nmutators = [\"chang\"]\nreason = \"x\"\nwhy = 1\n").len(), 5);
        assert!(faults("schema = \"gatekeeper.survivors/1\"\nsurvivor = 1")[0].contains("[[survivor]]"));
        assert_eq!(faults("x").len(), 1);
    }

    #[test]
    fn patterns_stay_in_their_step_unless_doubled() {
        assert!(fits("/a/*/c", "/a/b/c") && !fits("/a/*", "/a/b/c") && fits("/a/**", "/a/b/c") && fits("**", "a/b"));
        assert!(fits("x*y*z", "x12y3z") && !fits("x*y", "x/y"));
    }
}
