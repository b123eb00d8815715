//! `gatekeeper diff`: what became of suites and units from one run to another, recomputed from their results.

use super::args::Diff as Arguments;
use super::progress::Progress;
use super::{Console, Exit, told};
use crate::model::{Base, Change, Limits, RelPath};
use crate::report::wire::{document, v1::commands::runs as wire};
use crate::triage::{self, Diff, Row};
use crate::workspace::{Disk, Workspace};

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from comparing, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let workspace = told::open(&args.at, &args.run, Some(&args.base), None, console)?;
    // The name of the baseline's directory, links and dots resolved.
    let probe = workspace.locate(Base::Baseline, &RelPath::parse("summary.json").expect("a sound path"));
    let baseline = probe.as_deref().and_then(|path| path.parent()?.file_name()?.to_str()).unwrap_or_default();
    let progress = Progress::of("comparing runs".to_owned(), console);
    let diff = triage::diff(&workspace, baseline, &Limits::default());
    drop(progress);
    let (base, run) = (base_of(&workspace, args), workspace.run().unwrap_or_default());
    let make = |form: &str| match form {
        "json" => document(&json(&diff, &base, &run)),
        _ => text(&diff, &told::safe(&base), &told::safe(&run)),
    };
    printer.print(&make, console)?;
    Ok(if diff.status == Some("regression") {
        Exit::Failed
    } else if diff.gaps.is_empty() {
        Exit::Pass
    } else {
        Exit::Gap
    })
}

/// The baseline as people know it: relative to the repository if it lies there, else as it was named.
fn base_of(workspace: &Disk, args: &Arguments) -> String {
    let file = RelPath::parse("summary.json").expect("a sound path");
    let shown = workspace.shown(Base::Baseline, &file);
    let named = || args.base.to_string_lossy().into_owned();
    shown.strip_suffix("/summary.json").map_or_else(named, str::to_owned)
}

fn text(diff: &Diff, base: &str, run: &str) -> String {
    let [(_, regressions), (_, new), (_, fixed), (_, still)] = diff.counts;
    let status = diff.status.unwrap_or("unknown, because results are damaged");
    let mut out = format!(
        "{status}: {}, {}, {fixed} fixed, {still} still failing; {} compared\n  base  {base}\n  run   {run}\n",
        told::count(regressions, "regression"),
        told::count(new, "new failure"),
        told::targets(diff.compared),
    );
    for (at, row) in diff.rows.iter().enumerate() {
        let name = told::safe(&row.name);
        let place = told::safe(&row.at.to_string());
        out.push_str(&format!("\n{}. {}: {} {name}\n   at      {place}\n", at + 1, row.change.word(), row.surface.word()));
        match &row.command {
            Some(Ok(command)) => out.push_str(&format!("   replay  {}\n", command.shell())),
            Some(Err(because)) => out.push_str(&format!("   replay  none: its name {because}\n")),
            None => {}
        }
    }
    if let Some(quick) = &diff.quick {
        out.push_str(&format!("\nall that failed, in one command:\n  {}\n", quick.shell()));
    }
    out.push('\n');
    match (&diff.disagreements, &diff.recorded_against) {
        (_, Some(other)) => {
            out.push_str(&format!(
                "triage_diff.json is about another run, `{}`, and was not compared\n",
                told::safe(other)
            ));
        }
        (None, None) => out.push_str("no sound triage_diff.json is recorded\n"),
        (Some(wrong), None) if wrong.is_empty() => out.push_str("triage_diff.json agrees\n"),
        (Some(wrong), None) => {
            for wrong in wrong {
                let (at, recorded) = (told::safe(&wrong.at.to_string()), told::safe(&wrong.recorded));
                let recomputed = told::safe(&wrong.recomputed);
                out.push_str(&format!("contradiction: {at}: recomputed {recomputed}, recorded {recorded}\n"));
            }
        }
    }
    out + &told::gaps(&diff.gaps)
}

fn json(diff: &Diff, base: &str, run: &str) -> wire::Diff {
    let row = |row: &Row| {
        let (replay, refused) = match &row.command {
            Some(Ok(ours)) => (Some(told::command_json(ours)), None),
            Some(Err(because)) => (None, Some((*because).to_owned())),
            None => (None, None),
        };
        wire::Change {
            change: row.change.word(),
            counted_as: row.change.counted_as(),
            surface: row.surface.word(),
            name: row.name.clone(),
            at: row.at.to_string(),
            replay,
            replay_refused: refused,
            blocks: matches!(row.change, Change::Regression | Change::Gone | Change::NewFailure),
        }
    };
    let wrong = |wrong: &triage::Disagreement| wire::Disagreement {
        at: wrong.at.to_string(),
        recomputed: wrong.recomputed.clone(),
        recorded: wrong.recorded.clone(),
    };
    wire::Diff {
        schema: wire::DIFF_SCHEMA,
        base: base.to_owned(),
        run: run.to_owned(),
        status: diff.status,
        summary: diff.counts.iter().copied().collect(),
        compared: diff.compared,
        changes: diff.rows.iter().map(row).collect(),
        quick_replay: diff.quick.as_ref().map(told::command_json),
        disagreements: diff.disagreements.as_ref().map(|all| all.iter().map(wrong).collect()),
        recorded_against: diff.recorded_against.clone(),
        gaps: told::gaps_json(&diff.gaps),
    }
}
