//! `gatekeeper replay`: the smallest plan that runs again what failed in a run. It prints the plan and runs nothing.

use super::args::Replay as Arguments;
use super::progress::Progress;
use super::{Console, Exit, told};
use crate::model::Limits;
use crate::report::wire::{document, v1::commands::runs as wire};
use crate::triage::{self, Command, Covered, Plan, Refused, Step};
use crate::workspace::Workspace;

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from planning, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let workspace = told::open(&args.at, &args.run, None, None, console)?;
    let progress = Progress::of("reading the run".to_owned(), console);
    let plan = triage::plan(&workspace, &Limits::default());
    drop(progress);
    let run = workspace.run().unwrap_or_default();
    let make = |form: &str| if form == "json" { document(&json(&plan, &run)) } else { text(&plan, &told::safe(&run)) };
    printer.print(&make, console)?;
    Ok(if plan.gaps.is_empty() && plan.refused.is_empty() { Exit::Pass } else { Exit::Gap })
}

fn text(plan: &Plan, run: &str) -> String {
    let whole = told::targets(plan.targets);
    let mut out = match plan.failed {
        0 if plan.gaps.is_empty() => format!("nothing failed in {run} ({whole}): nothing to replay\n"),
        0 => format!("nothing is known to have failed in {run} ({whole}), but results are damaged\n"),
        failed => format!("{failed} of {whole} failed in {run}\n"),
    };
    for (at, step) in plan.steps.iter().enumerate() {
        out.push_str(&format!("\n{}. {}\n", at + 1, step.command.shell()));
        step.covers.iter().for_each(|covered| covers(covered, &mut out));
    }
    for refused in &plan.refused {
        let name = told::safe(&refused.name);
        out.push_str(&format!("\nno command: {} {name}: its name {}\n", refused.surface.word(), refused.because));
    }
    if let Some(quick) = &plan.quick {
        out.push_str(&format!("\nor all of it in one command, at the top of the repository:\n  {}\n", quick.shell()));
    }
    if !plan.gaps.is_empty() {
        out.push('\n');
    }
    out + &told::gaps(&plan.gaps)
}

fn covers(covered: &Covered, out: &mut String) {
    let cause = &covered.cause;
    let (name, line, at) = (told::safe(&covered.name), told::safe(&cause.line), told::safe(&cause.at.to_string()));
    out.push_str(&format!(
        "   {} {name}: {}: {line}\n   by {} at {at}\n",
        covered.surface.word(),
        cause.class.word(),
        cause.by
    ));
    if covered.tests.len() > 1 {
        let tests: Vec<String> = covered.tests.iter().take(5).map(|test| told::safe(test)).collect();
        let more = covered.tests.len().saturating_sub(5);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push_str(&format!("   tests: {}{rest}\n", tests.join(", ")));
    }
    for recorded in &covered.recorded {
        out.push_str(&format!("   recorded: {}\n", told::safe(recorded)));
    }
    if let Ok(debug) = Command::debug(&covered.name) {
        out.push_str(&format!("   with debug output: {debug}\n"));
    }
    if covered.withheld > 0 {
        out.push_str(&format!(
            "   {} not shown: not plain, or not about this\n",
            told::count(covered.withheld, "recorded command")
        ));
    }
}

fn json(plan: &Plan, run: &str) -> wire::Plan {
    let covered = |covered: &Covered| wire::Covered {
        surface: covered.surface.word(),
        name: covered.name.clone(),
        failing_tests: covered.tests.clone(),
        root_cause_class: covered.cause.class.word(),
        decided_by: covered.cause.by.to_owned(),
        at: covered.cause.at.to_string(),
        line: covered.cause.line.clone(),
        recorded: covered.recorded.clone(),
        recorded_withheld: covered.withheld,
        debug_shell: Command::debug(&covered.name).ok(),
    };
    let step = |step: &Step| wire::Step {
        argv: step.command.argv.clone(),
        shell: step.command.shell(),
        covers: step.covers.iter().map(covered).collect(),
    };
    let refused = |refused: &Refused| wire::Refused {
        surface: refused.surface.word(),
        name: refused.name.clone(),
        because: refused.because.to_owned(),
    };
    wire::Plan {
        schema: wire::PLAN_SCHEMA,
        run: run.to_owned(),
        targets: plan.targets,
        failed: plan.failed,
        steps: plan.steps.iter().map(step).collect(),
        quick_replay: plan.quick.as_ref().map(told::command_json),
        refused: plan.refused.iter().map(refused).collect(),
        gaps: told::gaps_json(&plan.gaps),
    }
}
