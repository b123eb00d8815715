//! `gatekeeper triage`: which known failures a run shows, where, how to replay them and what to do.

use super::args::Triage as Arguments;
use super::progress::Progress;
use super::{Console, Exit, place, told};
use crate::model::{Base, Limits, RelPath};
use crate::report::sanitise;
use crate::report::wire::{document, v1::commands::triage as wire};
use crate::triage::{self, Failure, Match, Place, Triage, Unclaimed};
use crate::workspace::{Disk, Workspace};
use crate::{diagnostic, load};

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from looking, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let now = place::clock(args.now.as_deref(), console)?;
    let workspace = told::open(&args.at, &args.run, None, now, console)?;
    let loaded = load::signatures(&workspace);
    for problem in &loaded.problems {
        let text = diagnostic::render(problem, &loaded.sources, console.colour);
        console.say(&text);
    }
    if loaded.packs.is_empty() {
        console.say("error: the signatures are not sound, so nothing was matched");
        return Err(Exit::Usage);
    }
    let repository = args.at.root.is_some() || is_repository(&workspace);
    let progress = Progress::of("matching signatures".to_owned(), console);
    let triage = triage::triage(&workspace, &loaded.packs, repository, &Limits::default());
    drop(progress);
    let run = workspace.run().unwrap_or_default();
    let make = |form: &str| match form {
        "json" => document(&json(&triage, &run)),
        _ => text(&triage, &told::safe(&run)),
    };
    printer.print(&make, console)?;
    Ok(if triage.gaps.is_empty() { Exit::Pass } else { Exit::Gap })
}

/// Whether the root bears the mark of a repository, and is not just where a downloaded run lies.
fn is_repository(workspace: &Disk) -> bool {
    let path = |text| RelPath::parse(text).expect("a sound path");
    let there =
        |text| workspace.open(Base::Repo, &path(text)).is_ok() || workspace.list(Base::Repo, Some(&path(text))).is_ok();
    ["gatekeeper.toml", ".git"].into_iter().any(there)
}

fn text(triage: &Triage<'_>, run: &str) -> String {
    let whole = told::targets(triage.targets);
    let mut out = format!("{} of {whole} failed in {run}\n", triage.failures.len());
    for failure in &triage.failures {
        failed(failure, &mut out);
    }
    for found in &triage.matches {
        matched(found, &mut out);
    }
    for row in &triage.unclaimed {
        let (at, line) = (told::safe(&row.at.to_string()), told::safe_long(&row.line));
        out.push_str(&format!(
            "\ngate {} fails, and no signature is about it\n  at      {at}\n  line    {line}\n",
            told::safe(&row.gate)
        ));
        for command in row.commands.iter().filter_map(|text| sanitise::command(text)) {
            out.push_str(&format!("  replay  {command}\n"));
        }
    }
    let looked = format!(
        "{} against {} and {}",
        told::count(triage.signatures, "signature"),
        told::count(triage.logs, "log"),
        told::count(triage.artifacts.len(), "artifact")
    );
    if triage.matches.is_empty() {
        out.push_str(&format!("\nno signature matches; {looked}\n"));
        for artifact in &triage.artifacts {
            out.push_str(&format!("  {}\n", told::safe(artifact)));
        }
        out.push_str(match triage.failures.is_empty() {
            true if !triage.unclaimed.is_empty() => {
                "next: mend the gates that fail, with the commands above; `gatekeeper verify` judges the run\n"
            }
            true if !triage.gaps.is_empty() => {
                "next: make again what cannot be believed, the gap below; `gatekeeper verify` judges the run\n"
            }
            true => "next: nothing failed here that is known; `gatekeeper verify` judges the run\n",
            false => "next: replay what failed with `gatekeeper replay`, and read its log from the line above\n",
        });
    } else {
        out.push_str(&format!("\nmatched {looked}\n"));
    }
    for note in &triage.notes {
        out.push_str(&format!("note: {}\n", told::safe(note)));
    }
    out + &told::gaps(&triage.gaps)
}

fn failed(failure: &Failure, out: &mut String) {
    let cause = &failure.cause;
    let (name, at, line) = (told::safe(&failure.name), told::safe(&cause.at.to_string()), told::safe(&cause.line));
    out.push_str(&format!("\nfailed: {} {name}: {}\n", failure.surface.word(), cause.class.word()));
    out.push_str(&format!("  at      {at} ({})\n  line    {line}\n", cause.by));
    match &failure.command {
        Ok(command) => out.push_str(&format!("  replay  {}\n", command.shell())),
        Err(because) => out.push_str(&format!("  replay  none: its name {because}\n")),
    }
}

fn matched(found: &Match<'_>, out: &mut String) {
    out.push_str(&format!("\nsignature {}: {}\n", found.signature.id, told::safe(&found.signature.title)));
    for place in &found.places {
        let say = place.say.as_ref().map(|say| format!(", {}", told::safe(say))).unwrap_or_default();
        out.push_str(&format!("  at      {} ({}{say})\n", told::safe(&place.at.to_string()), place.found.word()));
        out.push_str(&format!("  line    {}\n", told::safe(&place.line)));
    }
    if found.more > 0 {
        out.push_str(&format!("  and at {}\n", told::count(found.more, "more place")));
    }
    for command in &found.replay {
        out.push_str(&format!("  replay  {command}\n"));
    }
    for (at, step) in found.steps.iter().enumerate() {
        out.push_str(&format!("  {}. {}\n", at + 1, told::safe_long(step)));
    }
    if !found.signature.see.is_empty() {
        out.push_str(&format!("  see     {}\n", found.signature.see.join(", ")));
    }
}

fn json(triage: &Triage<'_>, run: &str) -> wire::Triage {
    let failure = |failure: &Failure| wire::Failure {
        surface: failure.surface.word(),
        name: failure.name.clone(),
        root_cause_class: failure.cause.class.word(),
        decided_by: failure.cause.by.to_owned(),
        at: failure.cause.at.to_string(),
        line: failure.cause.line.clone(),
        replay: failure.command.as_ref().ok().map(told::command_json),
        replay_refused: failure.command.as_ref().err().map(ToString::to_string),
    };
    let unclaimed = |row: &Unclaimed| wire::FailedGate {
        gate: row.gate.clone(),
        at: row.at.to_string(),
        line: row.line.clone(),
        replay: row.commands.iter().filter_map(|text| sanitise::command(text)).map(str::to_owned).collect(),
    };
    let place = |place: &Place| wire::Place {
        found: place.found.word(),
        at: place.at.to_string(),
        line: place.line.clone(),
        say: place.say.clone(),
    };
    let texts = |texts: &[String]| texts.to_vec();
    let found = |found: &Match<'_>| wire::Match {
        signature: found.signature.id.to_string(),
        title: found.signature.title.clone(),
        gate: found.signature.gate.as_ref().map(ToString::to_string),
        places: found.places.iter().map(place).collect(),
        more_places: found.more,
        replay: texts(&found.replay),
        remediation: found.steps.iter().map(ToString::to_string).collect(),
        see: found.signature.see.iter().map(ToString::to_string).collect(),
    };
    wire::Triage {
        schema: wire::SCHEMA,
        run: run.to_owned(),
        targets: triage.targets,
        failures: triage.failures.iter().map(failure).collect(),
        failed_gates: triage.unclaimed.iter().map(unclaimed).collect(),
        matches: triage.matches.iter().map(found).collect(),
        looked_at: wire::LookedAt { signatures: triage.signatures, logs: triage.logs, artifacts: texts(&triage.artifacts) },
        notes: texts(&triage.notes),
        gaps: told::gaps_json(&triage.gaps),
    }
}
