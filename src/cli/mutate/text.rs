//! A mutation report for people: the two rates, gates, files, and the survivors that nobody gave a reason for.

use crate::cli::told::{count, safe, safe_long};
use crate::report::wire::v1::mutation::{Mutation, Survivor, Tally};
use std::fmt::Write as _;

/// Most survivors that are shown unless all are asked for.
const SHOWN: usize = 40;

/// A rate in percent.
pub(super) fn rate(rate: Option<f64>) -> String {
    // Cut, not rounded: 100 % is all of them.
    rate.map_or_else(|| "nothing".to_owned(), |rate| format!("{:.1} %", (rate * 1000.0).floor() / 10.0))
}

fn line(out: &mut String, name: &str, tally: &Tally) {
    let Tally { mutants, killed, noticed, survived, accepted, .. } = tally;
    let rate = rate(tally.rate);
    let _ = writeln!(out, "{mutants:>8} {killed:>8} {noticed:>8} {survived:>9} {accepted:>9} {rate:>8}  {name}");
}

/// The report; `all` lists every file, every survivor and what may survive.
pub(super) fn render(mutation: &Mutation, all: bool) -> String {
    let mut out = String::new();
    let run = mutation.run.as_deref().map_or_else(|| "the repository".to_owned(), safe_long);
    let sample = &mutation.sample;
    let drawn = match sample.all {
        true => format!("all {} mutants", sample.tried),
        false => format!("a sample of {} among {} mutants, seed {}", sample.tried, sample.possible, sample.seed),
    };
    let files = count(mutation.evidence.len(), "file");
    let _ = writeln!(out, "{} by `{}` is `{}`; tried {drawn} of {files}\n", run, mutation.policy, mutation.verdict);
    let _ = writeln!(out, " mutants   killed  noticed  survived  accepted     rate");
    line(&mut out, "everything", &mutation.total);
    line(&mut out, "what blocking gates declare", &mutation.declared);

    let _ = writeln!(out, "\n mutants     fell    alone  gate");
    for gate in &mutation.gates {
        let advisory = if gate.blocking { "" } else { " (advisory)" };
        let _ = writeln!(out, "{:>8} {:>8} {:>8}  {}{advisory}", gate.mutants, gate.fell, gate.alone, gate.id);
    }
    if all {
        let _ = writeln!(out, "\n mutants   killed  noticed  survived  accepted     rate  evidence");
        mutation.evidence.iter().for_each(|row| line(&mut out, &safe(&row.path), &row.tally));
    }
    for path in &mutation.whole_only {
        let _ = writeln!(out, "\nnote: {} is too large, so only the file as a whole was damaged", safe(path));
    }
    let mut open: Vec<&Survivor> = mutation.survivors.iter().filter(|row| row.reason.is_none()).collect();
    open.sort_by_key(|row| !row.declared);
    list(&mut out, "survived", &open, all);
    let may: Vec<&Survivor> = mutation.survivors.iter().filter(|row| row.reason.is_some()).collect();
    if all {
        list(&mut out, "may survive", &may, true);
    }
    out
}

fn list(out: &mut String, title: &str, rows: &[&Survivor], all: bool) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}: {}", count(rows.len(), "field"));
    let mut path = None;
    for row in rows.iter().take(if all { rows.len() } else { SHOWN }) {
        if path != Some(&row.path) {
            let more = if row.files > 1 { format!(" (and {} that are read alike)", row.files - 1) } else { String::new() };
            let _ = writeln!(out, "  {}{more}", safe(&row.path));
            path = Some(&row.path);
        }
        let field = if row.field.is_empty() { "the file as a whole".to_owned() } else { safe(&row.field) };
        let declared = match (&*row.declared_by, row.declared) {
            ([], false) => String::new(),
            ([], true) => "; the policy names it".to_owned(),
            (gates, _) => format!("; declared by {}", gates.join(", ")),
        };
        let _ = writeln!(out, "    {field}: {}{declared}", row.mutators.join(", "));
        if let Some(reason) = &row.reason {
            let _ = writeln!(out, "      {}", safe_long(reason));
        }
    }
    if !all && rows.len() > SHOWN {
        let _ = writeln!(out, "  and {} more fields; `--verbose` lists them", rows.len() - SHOWN);
    }
}
