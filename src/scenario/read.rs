//! `case.toml`, read key by key: what a scenario proves, on which tree, with which edits, and what must come of it.
//!
//! Comes in: the text of the file. Goes out: a [`Case`], or every problem of the file at once. A mistyped key is an error, and so
//! is an expectation that says nothing: it could never fail.

use super::data::Data;
use super::edit::{Action, Edit};
use super::expect::{Expect, ExpectGate, Others};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Scope, Site, choice};
use crate::diagnostic::{Code, Diagnostic, did_you_mean, render};
use crate::model::{GateId, Pointer, RelPath};
use crate::source::SourceMap;
use toml::de::DeTable;

/// One scenario, as its file states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// One line: what it proves.
    pub says: String,
    /// The tree that is copied first, below the top of the fixtures.
    pub base: Option<RelPath>,
    /// Files and directories of the repository around the fixtures that are copied into the tree.
    pub repository: Vec<RelPath>,
    /// The run under judgement, below the tree; it need not be there.
    pub run: Option<RelPath>,
    /// The shards of the run under judgement, below the tree, in place of `run`.
    pub shards: Vec<RelPath>,
    /// Earlier runs, below the tree.
    pub history: Vec<RelPath>,
    /// Further arguments of `verify`.
    pub args: Vec<String>,
    /// The clock; absent means the real one.
    pub now: Option<String>,
    /// What is changed, in order.
    pub edits: Vec<Edit>,
    /// What must come of it.
    pub expect: Expect,
}

impl Case {
    /// Reads a case; `name` is for messages.
    ///
    /// # Errors
    /// Every problem, rendered for a terminal without colours.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let mut sources = SourceMap::default();
        let source = sources.add(name, text);
        let table = DeTable::parse(text).map_err(|error| {
            let place = error.span().map(|span| sources.get(source).position(span.start).0);
            format!("{name}:{}: {}", place.unwrap_or(1), error.message())
        })?;
        let scope = Scope::default();
        let site = Site { source, text, scope: &scope };
        match Keys::read(site, table.get_ref(), table.span(), case) {
            (Some(case), problems) if problems.is_empty() => Ok(case),
            (_, problems) => Err(problems.iter().map(|problem| render(problem, &sources, false)).collect()),
        }
    }
}

/// Reads or describes the keys of a case.
pub fn case(keys: &mut Keys<'_>) -> Option<Case> {
    let says = keys.required::<String>("says", "What the scenario proves, in one line.");
    let base = keys.optional::<RelPath>(
        "base",
        "The tree that is copied first, below the top of the fixtures. A `tree/` folder beside `case.toml` is copied over it.",
    );
    let repository = keys.optional::<Vec<RelPath>>(
        "repository",
        "Files and directories of the repository around the `fixtures` folder that are copied into the tree: the gate itself.",
    );
    let run = keys.optional::<RelPath>("run", "The run directory that `verify` judges, below the tree.");
    let shards = keys.optional::<Vec<RelPath>>(
        "shards",
        "The shards of the run that `verify` judges, below the tree, in place of `run`; patterns stand for several.",
    );
    let history = keys.optional::<Vec<RelPath>>("history", "Earlier runs, below the tree; patterns stand for several.");
    let args = keys.optional::<Vec<String>>("args", "Further arguments of `verify`.").unwrap_or_default();
    let now = keys.optional::<String>("now", "The clock, as `--now` takes it. Without it, the real clock counts.");
    let edits =
        keys.tables("edit", "What is changed in the tree, in order. Each edit must apply and change something.", edit);
    let expect = keys.table("expect", true, "What must come of it.", expect);
    let (shards, history) = (shards.unwrap_or_default(), history.unwrap_or_default());
    Some(Case {
        says: says?,
        base,
        repository: repository.unwrap_or_default(),
        run,
        shards,
        history,
        args,
        now,
        edits,
        expect: expect?,
    })
}

/// A whole file's new text and its like: unlike other texts it may be blank.
struct Verbatim(String);

impl Read for Verbatim {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        raw.string("a string").map(|text| Verbatim(text.to_owned())).map_err(|refusal| vec![refusal])
    }

    fn kind() -> Kind {
        Kind::Any
    }
}

/// A switch that can only be on: absence is how it is off.
#[derive(Clone, Copy)]
struct On;

impl Read for On {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        match raw.get().as_bool() {
            Some(true) => Ok(On),
            Some(false) => Err(vec![Refusal::new("can only be `true`; leave it out instead")]),
            None => Err(vec![raw.wrong_type("`true`")]),
        }
    }

    fn kind() -> Kind {
        Kind::Boolean
    }
}

fn edit(keys: &mut Keys<'_>) -> Option<Edit> {
    let file = keys.required::<RelPath>("file", "The file, below the tree; `delete` and `empty` also take a directory.");
    let at = keys.optional::<Pointer>("at", "The value in a JSON or TOML document; absent means the whole file.");
    let line = keys.optional::<u64>("line", "The record of a JSONL file, from 1.");
    let find = keys.optional::<String>("find", "A piece of text that is there exactly once; `with` takes its place.");
    let with = keys.optional::<Verbatim>("with", "What takes the place of `find`; may be empty.");
    let mut actions = vec![
        keys.optional::<Data>("set", "The new value; `-` at the end of `at` appends it to a list.").map(Action::Set),
        keys.optional::<On>("null", "Sets the value to JSON's `null`, for which TOML has no word.")
            .map(|On| Action::Set(Data::Null)),
        keys.optional::<On>("remove", "Takes the value or record away.").map(|On| Action::Remove),
        keys.optional::<Data>("add", "The number to add.").map(Action::Add),
        keys.optional::<On>("duplicate_key", "Says the key twice, with the same value.").map(|On| Action::DuplicateKey),
        keys.optional::<String>("rename", "The key's new name.").map(Action::Rename),
        keys.optional::<On>("delete", "Deletes the file or directory.").map(|On| Action::Delete),
        keys.optional::<On>("empty", "Leaves nothing in the file or directory.").map(|On| Action::Empty),
        keys.optional::<u64>("truncate", "How many bytes are kept.").map(Action::Truncate),
        keys.optional::<Verbatim>("text", "The file's new text.").map(|Verbatim(text)| Action::Text(text)),
        keys.optional::<Verbatim>("append", "Text to put behind the file's own.")
            .map(|Verbatim(text)| Action::Append(text)),
        keys.optional::<Verbatim>("prepend", "Text to put before the file's own.")
            .map(|Verbatim(text)| Action::Prepend(text)),
        keys.optional::<RelPath>("swap", "The file with which it exchanges its bytes.").map(Action::Swap),
    ];
    let unpaired = find.is_some() != with.is_some();
    if let (Some(find), Some(Verbatim(with))) = (find, with) {
        actions.push(Some(Action::Replace { find, with }));
    }
    let mut actions: Vec<Action> = actions.into_iter().flatten().collect();
    let here = keys.here()?;
    if unpaired {
        keys.report(Diagnostic::error(Code::MISSING_KEY, "`find` and `with` need each other").label(here, String::new()));
        return None;
    }
    let (Some(action), true) = (actions.pop(), actions.is_empty()) else {
        let problem = Diagnostic::error(Code::WRONG_TYPE, "an edit has exactly one action").label(here, String::new());
        keys.report(problem.help("write one of `set`, `null`, `remove`, `add`, `duplicate_key`, `rename`, `delete`, `empty`, `truncate`, `text`, `append`, `prepend`, `swap`, or `find` with `with`"));
        return None;
    };
    let inside =
        matches!(action, Action::Set(_) | Action::Remove | Action::Add(_) | Action::DuplicateKey | Action::Rename(_));
    if !inside && (at.is_some() || line.is_some()) {
        let key = if at.is_some() { "at" } else { "line" };
        keys.refuse(key, Refusal::new("this action is about the whole file"));
        return None;
    }
    Some(Edit { file: file?, line, at, action })
}

impl Read for Others {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("same", Others::Same), ("any", Others::Any)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["same", "any"])
    }
}

const VERDICTS: [&str; 3] = ["pass", "warn", "fail"];

fn expect(keys: &mut Keys<'_>) -> Option<Expect> {
    let exit = keys.required::<u64>("exit", "The exit code, 0 to 4.");
    let verdict =
        keys.custom("verdict", false, Kind::Choice(VERDICTS.to_vec()), "The verdict.", |raw| word(raw, &VERDICTS));
    let stderr =
        keys.optional::<Vec<String>>("stderr", "Texts that must be in what is printed to people.").unwrap_or_default();
    let others = keys
        .optional::<Others>(
            "others",
            "Whether gates not named here must stand as in the unedited base (`same`), or not (`any`).",
        )
        .unwrap_or(Others::Same);
    let values =
        keys.custom("value", false, Kind::Map(Box::new(Kind::Any)), "Values of the verdict, by JSON Pointer.", values);
    let gates =
        keys.named_tables("gate", "What a gate must come to; every key that is given must hold.", |name, span, keys| {
            let gate = gate(keys);
            match (GateId::try_from(name), span) {
                (Ok(id), _) => gate.map(|gate| (id, gate)),
                (Err(error), Some(span)) => {
                    keys.report(Diagnostic::error(Code::WRONG_TYPE, error.to_string()).label(span, String::new()));
                    None
                }
                (Err(_), None) => None,
            }
        });
    let exit = exit?;
    let Some(exit) = u8::try_from(exit).ok().filter(|exit| *exit <= 4) else {
        keys.refuse("exit", Refusal::new("there are the exit codes 0 to 4"));
        return None;
    };
    // Without a verdict the exit code alone would be compared, and 1 is easily right for the wrong reason.
    if exit != 2 && verdict.is_none() {
        keys.refuse("exit", Refusal::new("every exit code but 2 comes with a verdict: say which with `verdict`"));
        return None;
    }
    if exit == 2 && stderr.is_empty() {
        keys.refuse("exit", Refusal::new("exit code 2 has many causes: say which with `stderr`"));
        return None;
    }
    if exit == 2 && (verdict.is_some() || values.is_some() || !gates.is_empty()) {
        keys.refuse("exit", Refusal::new("exit code 2 leaves no verdict to expect anything of"));
        return None;
    }
    Some(Expect { exit, verdict, stderr, others, values: values.unwrap_or_default(), gates: gates.into_iter().collect() })
}

fn gate(keys: &mut Keys<'_>) -> Option<ExpectGate> {
    const STATUS: [&str; 4] = ["pass", "fail", "warn", "skip"];
    const STANDING: [&str; 7] = ["pass", "fail", "waived", "advisory", "blocked", "skipped", "not-evaluated"];
    let standing =
        keys.custom("standing", false, Kind::Choice(STANDING.to_vec()), "What it counts as.", |raw| word(raw, &STANDING));
    let status = keys.custom("status", false, Kind::Choice(STATUS.to_vec()), "The raw word.", |raw| word(raw, &STATUS));
    let gate = ExpectGate {
        standing,
        status,
        reason: keys.optional::<String>("reason", "Why it does not simply pass."),
        finding: keys.optional::<String>("finding", "The kind of a finding that it must have."),
        at: keys.optional::<String>("at", "The place of that same finding: `path`, `path:line` or `path#/pointer`."),
        detail: keys.optional::<String>("detail", "Text that must be in its one-line detail."),
    };
    if gate == ExpectGate::default() {
        if let Some(here) = keys.here() {
            let problem = Diagnostic::error(Code::VACUOUS, "nothing is expected of this gate");
            keys.report(problem.label(here, String::new()));
        }
        return None;
    }
    Some(gate)
}

fn word(raw: Raw<'_>, words: &[&'static str]) -> Result<String, Vec<Refusal>> {
    let given = raw.string("a string").map_err(|refusal| vec![refusal])?;
    if words.contains(&given) {
        return Ok(given.to_owned());
    }
    let help = did_you_mean(given, words.iter().copied());
    Err(vec![Refusal::new(format!("`{given}` is not one of the words it takes")).help(help)])
}

fn values(raw: Raw<'_>) -> Result<Vec<(Pointer, serde_json::Value)>, Vec<Refusal>> {
    let Data::Map(map) = Data::read(raw)? else { return Err(vec![raw.wrong_type("a table")]) };
    let mut values = Vec::new();
    for (key, value) in map {
        let pointer = Pointer::parse(&key).ok_or_else(|| vec![Refusal::new(format!("`{key}` is not a JSON Pointer"))])?;
        values.push((pointer, value.to_json().map_err(|phrase| vec![Refusal::new(phrase)])?));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
says = "x"
base = "b/tree"
now = "2026-03-02T12:00:00Z"
[[edit]]
file = "a.json"
at = "/n"
set = 12.5
[expect]
exit = 1
verdict = "fail"
[expect.gate.g]
finding = "not-so"
at = "a.json#/n"
"#;

    #[test]
    fn a_case_says_what_it_changes_and_what_must_come_of_it() {
        let case = Case::read("case.toml", SOUND).expect("sound");
        assert_eq!(case.edits.len(), 1);
        assert_eq!(case.edits[0].action, Action::Set(Data::Float(12.5)));
        assert_eq!(case.expect.gates.len(), 1);
        assert_eq!(case.expect.others, Others::Same);
    }

    #[test]
    fn slips_are_errors_and_never_ignored() {
        let slips = [
            ("says = \"x\"", "sais = \"x\"", "sais"),
            ("set = 12.5", "set = 12.5\nremove = true", "exactly one action"),
            ("set = 12.5", "", "exactly one action"),
            ("set = 12.5", "empty = true", "whole file"),
            ("set = 12.5", "remove = false", "leave it out"),
            ("set = 12.5", "find = \"x\"", "need each other"),
            ("exit = 1", "exit = 9", "0 to 4"),
            ("exit = 1", "exit = 2", "say which with `stderr`"),
            ("verdict = \"fail\"", "", "comes with a verdict"),
            ("verdict = \"fail\"", "verdict = \"failed\"", "did you mean `fail`"),
            ("finding = \"not-so\"\nat = \"a.json#/n\"", "", "nothing is expected"),
            ("[expect.gate.g]", "[expect.gate.G]", "G"),
            ("base = \"b/tree\"", "base = \"../b\"", "climbs"),
        ];
        for (from, to, about) in slips {
            let text = SOUND.replacen(from, to, 1);
            assert_ne!(text, SOUND, "{from}");
            let problem = Case::read("case.toml", &text).expect_err(to);
            assert!(problem.contains(about), "{to}: {problem}");
        }
    }
}
