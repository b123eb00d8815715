//! Evidence of strangers and of half-dead machines, and definitions that should not be trusted: what each comes to.
//!
//! Every row makes one hostile thing in a repository that is green without it, runs the real binary on it, and says which finding or
//! message and which exit code must come of it. Of every row it is asserted besides that nothing panics, that it ends in time, that memory
//! stays bounded, and that no output holds a control character, a command for a CI runner or a document that is not whole. The
//! rows are the table of `docs/assurance.md`.

mod bench;
mod definitions;
mod documents;
mod exceptions;
mod files;
mod forgery;
mod swapped;
mod texts;

use crate::support::assurance::{self, Table};
use bench::{Bench, Seen};
use rayon::prelude::*;
use std::fmt::Write as _;

/// What gatekeeper must say.
#[derive(Clone, Copy)]
enum Says {
    /// A finding of this kind, whose path ends so and whose texts hold this.
    Finding(&'static str, &'static str, &'static str),
    /// A message on standard error that holds this.
    Message(&'static str),
    /// Nothing: it is not hostile after all.
    Nothing,
}

/// One hostile thing.
struct Row {
    group: &'static str,
    what: &'static str,
    make: fn(&Bench),
    says: Says,
    exit: i32,
    /// Further arguments of `verify`; another command if the first is one.
    arguments: &'static [&'static str],
    /// Something else that must be so afterwards.
    besides: fn(&Bench, &Seen),
    /// What the table says, where that is not the same everywhere: of the finding, of the exit code.
    told: Option<[&'static str; 2]>,
    /// Whether it makes very many files.
    many: bool,
}

fn row(group: &'static str, what: &'static str, make: fn(&Bench), says: Says, exit: i32) -> Row {
    Row { group, what, make, says, exit, arguments: &[], besides: |_, _| {}, told: None, many: false }
}

impl Row {
    fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    fn besides(self, besides: fn(&Bench, &Seen)) -> Self {
        Self { besides, ..self }
    }

    fn of_many_files(self) -> Self {
        Self { many: true, ..self }
    }

    fn told(self, says: &'static str, exit: &'static str) -> Self {
        Self { told: Some([says, exit]), ..self }
    }

    /// The same, with a failed assertion for a fault, so that one row does not hide another.
    fn tried(&self) -> Option<String> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.faults())).unwrap_or_else(|told| {
            let phrase = told.downcast_ref::<String>().map(String::as_str).or_else(|| told.downcast_ref().copied());
            Some(format!("{}, {}: {}", self.group, self.what, phrase.unwrap_or_default()))
        })
    }

    /// Why it is not as it must be.
    fn faults(&self) -> Option<String> {
        let bench = if self.many { Bench::in_memory() } else { Bench::new() };
        (self.make)(&bench);
        let seen = match self.arguments.first() {
            Some(first) if !first.starts_with('-') => bench.ask(self.arguments),
            Some(_) | None => bench.verify(self.arguments),
        };
        seen.assert_sane(self.what);
        let findings = seen.findings();
        let said = match self.says {
            Says::Finding(kind, path, text) => findings.iter().any(|[_, own, at, expected, actual]| {
                own == kind && at.ends_with(path) && (expected.contains(text) || actual.contains(text))
            }),
            Says::Message(text) => seen.stderr.contains(text),
            Says::Nothing => findings.is_empty(),
        };
        (self.besides)(&bench, &seen);
        // Whatever is left of the run, no other exit code than zero goes with a verdict that passes.
        let verdict = seen.verdict().map(|verdict| verdict["verdict"].clone());
        let agrees = verdict.is_none_or(|verdict| (verdict == "fail") != (seen.code == Some(0)));
        if said && agrees && seen.code == Some(self.exit) {
            return None;
        }
        let mut told = format!("{}, {}: exit {:?}, not {}\n", self.group, self.what, seen.code, self.exit);
        findings.iter().take(6).for_each(|finding| writeln!(told, "    {}", finding.join(" | ")).expect("text grows"));
        told.push_str(&seen.stderr.chars().take(1_200).collect::<String>());
        Some(told)
    }

    fn cells(&self) -> Vec<String> {
        let says = match self.says {
            Says::Finding(kind, "", text) => format!("{kind}: {text}"),
            Says::Finding(kind, path, text) => format!("{kind}, {path}: {text}"),
            Says::Message(text) => text.to_owned(),
            Says::Nothing => "nothing: it is no harm".to_owned(),
        };
        let says = says.trim_end_matches([':', ' ']).to_owned();
        let [says, exit] = self.told.map_or_else(|| [says, self.exit.to_string()], |told| told.map(str::to_owned));
        vec![self.group.to_owned(), self.what.to_owned(), says, exit]
    }
}

fn rows() -> Vec<Row> {
    let groups =
        [forgery::rows(), files::rows(), documents::rows(), texts::rows(), exceptions::rows(), definitions::rows()];
    groups.into_iter().flatten().collect()
}

#[test]
fn the_repository_is_green_before_anything_is_done_to_it() {
    let seen = Bench::new().verify(&[]);
    seen.assert_sane("green");
    assert_eq!((seen.code, seen.findings().len()), (Some(0), 0), "{}", seen.stderr);
}

#[test]
fn nothing_hostile_passes_hangs_or_injects() {
    let rows = rows();
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let chosen: Vec<&Row> = rows.iter().filter(|row| row.what.contains(&only)).collect();
    let faults: Vec<String> = chosen.par_iter().filter_map(|row| row.tried()).collect();
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), chosen.len(), faults.join("\n"));
    assert!(!only.is_empty() || rows.len() >= 100, "only {} rows", rows.len());
}

#[test]
fn the_table_is_that_of_the_rows() {
    let rows = rows();
    let names: std::collections::BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.group, row.what)).collect();
    assert_eq!(names.len(), rows.len(), "a row stands twice");
    let table = Table {
        title: "Hostile input".to_owned(),
        about: format!(
            "{} things that evidence and definitions can do to a reader, each done to a repository that is green without it. Of every row the \
             tests assert besides that nothing panics, that it ends, that less than {} MiB of memory are used, and that no output holds control or bidirectional \
             characters, commands for a CI runner or half a document.",
            rows.len(),
            bench::MEMORY >> 10
        ),
        by: "cargo test --test it hostile".to_owned(),
        measured: None,
        columns: ["about", "input", "what gatekeeper says", "exit"].map(str::to_owned).to_vec(),
        rows: rows.iter().map(Row::cells).collect(),
    };
    assurance::hold("hostile", &table);
}
