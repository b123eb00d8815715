//! A command line that is wrong: the places that it names for results hold no older one that passes.
//!
//! A word that no command knows ends the reading of a command line before the word `--out` is reached. So the words are looked through once
//! more, for places alone. Too many are found rather than too few: what is found is only ever replaced by what fails.

use super::args::Definitions;
use super::outputs::{Forms, Outputs};
use super::{Arguments, Console, check_claims, policy, policys_place};
use crate::decide;
use crate::model::shown_path;
use crate::pipeline::Extent;
use crate::workspace::{Outlet, clock};
use clap::CommandFactory;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The places that a command line names.
#[derive(Debug, Default)]
struct Words {
    /// The command; `None` where no word is one.
    command: Option<String>,
    /// What stands behind `--out`.
    out: Vec<PathBuf>,
    /// What stands behind `-o` and `--output`.
    outputs: Vec<OsString>,
    /// Whether the output directory is left alone.
    dry_run: bool,
    /// What stands behind `--root`, `--policy` and `--policy-ref`.
    definitions: Definitions,
    policy_ref: Option<String>,
    /// The first word that is no option, no value of one and not the command: the run, if it is one.
    run: Option<PathBuf>,
}

/// Replaces what a wrong command line would have written. What cannot be replaced is said; the command fails in any case.
pub fn make_fail(given: &[OsString], console: &mut Console<'_>) {
    let words = read(given);
    let nowhere: [&Path; 0] = [];
    let directories = || words.out.iter().map(PathBuf::as_path);
    match words.command.as_deref() {
        Some("verify") if words.dry_run => judging(Forms::of_verdict, nowhere, &words, Extent::NoLane, console),
        Some("verify") => {
            judging(Forms::of_verdict, directories(), &words, Extent::NoLane, console);
            if words.out.is_empty() {
                at_the_policys_place(&words, console);
            }
        }
        Some("checklist") => judging(Forms::of_checklist, directories(), &words, Extent::NoLane, console),
        Some("check-claims") => directories().for_each(|path| put(path, &check_claims::unfinished(clock()), console)),
        Some("policy") => policy::make_fail(&words.outputs, console),
        Some("attest") => directories().for_each(|path| empty(path, console)),
        // What these would have written is no verdict; an older one is emptied.
        Some(_) => {
            let named = words.outputs.iter().filter_map(|text| text.to_str()?.split_once('='));
            named.for_each(|(_, path)| empty(Path::new(path), console));
        }
        // Whatever was meant, older files of ours are no answer to it.
        None => {
            let there = || directories().filter(|path| path.is_dir());
            judging(Forms::of_verdict, there(), &words, Extent::Older, console);
            judging(Forms::of_checklist, there(), &Words::default(), Extent::Older, console);
        }
    }
}

fn judging<'p>(
    forms: fn() -> Forms,
    directories: impl IntoIterator<Item = &'p Path>,
    words: &Words,
    extent: Extent,
    console: &mut Console<'_>,
) {
    let verdict = decide::refused(clock(), None);
    // What cannot be written was said.
    for directory in directories {
        let nothing: [&OsStr; 0] = [];
        let _ = Outputs::named(forms(), Some(directory), &nothing, console)
            .and_then(|outputs| outputs.put(&verdict, extent, console));
    }
    let _ =
        Outputs::named(forms(), None, &words.outputs, console).and_then(|outputs| outputs.put(&verdict, extent, console));
}

/// Replaces what an older judgement left where the definitions say that verdicts go.
fn at_the_policys_place(words: &Words, console: &mut Console<'_>) {
    let verdict = decide::refused(clock(), None);
    let nothing: [&OsStr; 0] = [];
    let Ok(outputs) = Outputs::named(Forms::of_verdict(), None, &nothing, console) else { return };
    let (definitions, reference, run) = (&words.definitions, words.policy_ref.as_deref(), words.run.as_deref());
    let own = policys_place::outlets(definitions, reference, run, false);
    for outlet in own.into_iter().chain(policys_place::perhaps_meant(definitions, reference, run)) {
        // What cannot be written was said.
        let _ = outputs.put_older(&verdict, &outlet, console);
    }
}

/// Puts a file in its place.
pub fn put(path: &Path, bytes: &[u8], console: &mut Console<'_>) {
    let put = Outlet::around(path).and_then(|(outlet, name)| outlet.put(&name, bytes));
    if let Err(error) = put {
        console.say(&format!("error: cannot write `{}`: {error}", shown_path(path)));
    }
}

/// Empties a file that is there: what it says is of an earlier day.
pub fn empty(path: &Path, console: &mut Console<'_>) {
    if path.symlink_metadata().is_ok() {
        put(path, b"", console);
    }
}

fn read(given: &[OsString]) -> Words {
    let arguments = Arguments::command();
    let own = |word: &&OsString| word.to_str().and_then(|word| arguments.find_subcommand(word)).is_some();
    let at = given.iter().skip(1).position(|word| own(&word)).map(|at| at + 1);
    let command = at.map(|at| given[at].to_string_lossy().into_owned());
    let values = Values::of(command.as_deref().and_then(|command| arguments.find_subcommand(command)));
    let mut words = Words { command, ..Words::default() };
    let mut rest = given.iter().enumerate().skip(1).take_while(|(_, word)| *word != "--").peekable();
    while let Some((position, word)) = rest.next() {
        let mut next = || {
            let value = rest.next_if(|(_, value)| !value.as_encoded_bytes().starts_with(b"-"));
            value.map(|(_, value)| value.clone())
        };
        let mut text = |value: Option<OsString>| value.or_else(&mut next).map(|value| value.to_string_lossy().into_owned());
        if word == "--dry-run" {
            words.dry_run = true;
        } else if let Some(value) = option(word, "--out") {
            words.out.extend(value.or_else(&mut next).map(PathBuf::from));
        } else if let Some(value) = option(word, "--output").or_else(|| short(word)) {
            words.outputs.extend(value.or_else(&mut next));
        } else if let Some(value) = option(word, "--root") {
            words.definitions.root = value.or_else(&mut next).map(PathBuf::from);
        } else if let Some(value) = option(word, "--policy") {
            words.definitions.policy = text(value);
        } else if let Some(value) = option(word, "--policy-ref") {
            words.policy_ref = text(value);
        } else if word.as_encoded_bytes().starts_with(b"-") {
            let most = values.behind(word);
            (0..most).map_while(|_| next()).for_each(drop);
        } else if Some(position) != at {
            words.run.get_or_insert_with(|| PathBuf::from(word));
        }
    }
    words
}

/// How many words may stand behind each option of a command.
struct Values(Vec<(String, usize)>);

impl Values {
    fn of(command: Option<&clap::Command>) -> Self {
        let options = command.into_iter().flat_map(clap::Command::get_opts);
        let most = |option: &clap::Arg| option.get_num_args().map_or(1, |range| range.max_values());
        Self(options.filter_map(|option| Some((format!("--{}", option.get_long()?), most(option)))).collect())
    }

    fn behind(&self, word: &OsStr) -> usize {
        self.0.iter().find(|(name, _)| word == name.as_str()).map_or(0, |(_, most)| *most)
    }
}

/// The value of an option: `Some(None)` if it is the next word.
fn option(word: &OsStr, name: &str) -> Option<Option<OsString>> {
    let rest = word.as_encoded_bytes().strip_prefix(name.as_bytes())?;
    match rest {
        [] => Some(None),
        [b'=', value @ ..] => Some(Some(text(value))),
        _ => None,
    }
}

/// The same of `-o`, also behind other letters: `-qo VALUE`, `-oVALUE`, `-o=VALUE`.
fn short(word: &OsStr) -> Option<Option<OsString>> {
    let letters = word.as_encoded_bytes().strip_prefix(b"-").filter(|letters| !letters.starts_with(b"-"))?;
    let at = letters.iter().position(|letter| *letter == b'o')?;
    if !letters[..at].iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    match &letters[at + 1..] {
        [] => Some(None),
        [b'=', value @ ..] | value => Some(Some(text(value))),
    }
}

#[cfg(unix)]
fn text(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn text(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> (Option<String>, Vec<String>, Vec<String>) {
        let given: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let words = read(&given);
        let plain = |text: &OsStr| text.to_str().expect("UTF-8").to_owned();
        let out = words.out.iter().map(|path| plain(path.as_os_str())).collect();
        (words.command, out, words.outputs.iter().map(|text| plain(text)).collect())
    }

    #[test]
    fn the_run_and_the_definitions_are_found_too() {
        let rows = [
            ("g verify r --bogus", Some("r"), None, None, None),
            ("g verify --bogus r --root d", Some("r"), Some("d"), None, None),
            ("g verify --baseline b r --policy=p --what", Some("r"), None, Some("p"), None),
            ("g verify --history a b c --policy-ref main --what", None, None, None, Some("main")),
            ("g verify --lane full --now x r --what", Some("r"), None, None, None),
        ];
        assert_eq!(rows.len(), 5);
        for (line, run, root, policy, reference) in rows {
            let given: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let words = read(&given);
            assert_eq!(words.run.as_deref(), run.map(Path::new), "{line}");
            assert_eq!(words.definitions.root.as_deref(), root.map(Path::new), "{line}");
            let (own, from) = (words.definitions.policy.as_deref(), words.policy_ref.as_deref());
            assert_eq!((own, from), (policy, reference), "{line}");
        }
    }

    #[test]
    fn places_are_found_however_they_are_written_and_whatever_is_wrong() {
        /// A command line, its command, and the places behind `--out` and `-o`.
        type Row = (&'static str, Option<&'static str>, &'static [&'static str], &'static [&'static str]);
        let rows: [Row; 18] = [
            ("g verify r --out d", Some("verify"), &["d"], &[]),
            ("g verify --bogus r --out=d", Some("verify"), &["d"], &[]),
            ("g verify --out d --bogus", Some("verify"), &["d"], &[]),
            ("g --bogus verify r --out d --out e", Some("verify"), &["d", "e"], &[]),
            ("g verify r -o verdict=f -x", Some("verify"), &[], &["verdict=f"]),
            ("g verify r -overdict=f --lane", Some("verify"), &[], &["verdict=f"]),
            ("g verify r -o=verdict=f", Some("verify"), &[], &["verdict=f"]),
            ("g verify r -qo verdict=f --now", Some("verify"), &[], &["verdict=f"]),
            ("g verify r -qoverdict=f --now", Some("verify"), &[], &["verdict=f"]),
            ("g verify r --output verdict=f --output=markdown=m", Some("verify"), &[], &["verdict=f", "markdown=m"]),
            ("g checklist r -o json=f --out d --mode x", Some("checklist"), &["d"], &["json=f"]),
            ("g verify r --out", Some("verify"), &[], &[]),
            ("g verify r --out --quiet", Some("verify"), &[], &[]),
            ("g verify r --outt d", Some("verify"), &[], &[]),
            ("g verify -- --out d", Some("verify"), &[], &[]),
            ("g verfy r --out d", None, &["d"], &[]),
            ("g --out d r", None, &["d"], &[]),
            ("g attest v --out e --keey k", Some("attest"), &["e"], &[]),
        ];
        assert_eq!(rows.len(), 18);
        for (line, command, out, outputs) in rows {
            assert_eq!(
                words(line),
                (
                    command.map(str::to_owned),
                    out.iter().map(|&text| text.to_owned()).collect(),
                    outputs.iter().map(|&text| text.to_owned()).collect()
                ),
                "{line}"
            );
        }
    }
}
