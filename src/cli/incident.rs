//! `gatekeeper incident`: the issue that a failing verdict is worth. It writes the text and opens nothing.

use super::occasion::{self, Form, Incident as Arguments};
use super::printing::Printer;
use super::{Console, Exit, place, told};
use crate::incident::{self, Attachment, Circumstances, Criterion, Incident, Judged, Place, Ranked, Told};
use crate::load::Selection;
use crate::model::{Limits, RelPath, show_instant, shown_path};
use crate::pipeline;
use crate::report::sanitise;
use crate::report::wire::{document, v1::commands::incident as wire};
use crate::workspace::{Disk, Workspace};
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from telling, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&Form::WORDS, Some(args.format.unwrap_or(Form::Markdown).word()), console)?;
    let circumstances = occasion::circumstances(args, console)?;
    let mut usage = |phrase: String| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    };
    let name = args.verdict.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    let verdict = name.ok_or_else(|| usage(format!("`{}` names no file", shown_path(&args.verdict))))?;
    let directory = args.verdict.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = Disk::new(directory, None, None, None).map_err(&mut usage)?;
    let limits = Limits::default();
    let judged = match incident::read(&beside, &verdict, &limits) {
        Ok(judged) => judged,
        Err(gap) => {
            console.say(told::gaps(&[gap]).trim_end());
            console.say("the verdict tells nothing, so whether there is an incident is not known; judge again");
            return Err(Exit::Gap);
        }
    };
    let root = place::root(args.at.root.as_deref()).map_err(&mut usage)?;
    let run = match &args.run {
        Some(run) if !run.is_dir() => return Err(usage(format!("there is no run at `{}`", shown_path(run)))),
        Some(run) => Some(run.clone()),
        None => judged.run.as_deref().and_then(|named| place::below(&root, named)),
    };
    let around = Disk::new(&root, run.as_deref(), None, None).map_err(&mut usage)?;
    // Without sound definitions there are no shapes but the built-in ones.
    let suite = pipeline::load(&around, &Selection::default()).suite;
    let lanes =
        suite.iter().filter(|suite| suite.policy.id.as_str() == judged.policy).flat_map(|suite| &suite.policy.lanes);
    let lanes = lanes.filter_map(|lane| sanitise::command(lane.reproduce.as_deref()?).map(str::to_owned)).collect();
    console.shapes = suite.map(|suite| suite.policy.secrets).unwrap_or_default();
    let shapes = console.shapes.clone();
    let circumstances = Circumstances { parity_gate_fail: alarm(args, &around, console)?, ..circumstances };
    let place = Place { around: &around, run: run.is_some(), beside: &beside, verdict, shapes, lanes };
    let told = incident::incident(&judged, &place, &circumstances, &limits);
    if let (Some(path), Some(found)) = (&args.bundle, &told.incident) {
        let bundle = incident::bundle(found, &told, &judged, &circumstances, &place, &limits);
        around.publish(path, &bundle.bytes).map_err(|error| {
            console.say(&format!("error: cannot write `{}`: {error}", shown_path(path)));
            Exit::Internal
        })?;
        console.note(&format!("wrote: {} ({})", shown_path(path), told::count(bundle.files, "file")));
        bundle.left_out.iter().for_each(|left| console.note(&format!("left out: {}", told::safe(left))));
    }
    print(&printer, &told, &judged, &circumstances, console)
}

/// Where a log of CI says that the parity gate fails.
fn alarm(args: &Arguments, around: &Disk, console: &mut Console<'_>) -> Result<Option<String>, Exit> {
    for path in &args.ci_log {
        let bytes = around.read_named(path).map_err(|_| {
            console.say(&format!("error: there is no log to read at `{}`", shown_path(path)));
            Exit::Usage
        })?;
        let text = String::from_utf8_lossy(&bytes);
        if let Some(at) = text.lines().position(|line| line.contains(incident::ALARM)) {
            return Ok(Some(format!("{}:{}", shown_path(path), at + 1)));
        }
    }
    Ok(None)
}

fn print(
    printer: &Printer,
    told: &Told,
    judged: &Judged,
    circumstances: &Circumstances,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let json = || document(&json(told, judged, circumstances));
    let Some(found) = &told.incident else {
        console.note(&format!("no incident: {}", told::safe(&judged.reason)));
        let text = format!("# No incident\n\n## Close only when\n\n{}", incident::checklist(&told.criteria));
        printer.print(
            &|form| match form {
                "json" => json(),
                "markdown" => text.clone(),
                _ => String::new(),
            },
            console,
        )?;
        return Ok(Exit::Pass);
    };
    let body = || incident::body(found, told, judged, circumstances);
    let text = |form: &str| match form {
        "json" => json(),
        "title" => format!("{}\n", found.title),
        "body" => body(),
        "comment" => incident::comment(found, judged, circumstances),
        "key" => format!("{}\n", found.key),
        _ => format!("# {}\n\n{}", sanitise::markdown(&found.title), body()),
    };
    printer.print(&text, console)?;
    Ok(Exit::Failed)
}

fn json(told: &Told, judged: &Judged, circumstances: &Circumstances) -> wire::Incident {
    let criterion =
        |row: &Criterion| wire::Criterion { text: row.text.to_string(), met: row.met, because: row.because.to_string() };
    let own = circumstances.clone();
    wire::Incident {
        schema: wire::SCHEMA,
        incident: told.incident.is_some(),
        policy: judged.policy.clone(),
        lane: judged.lane.clone(),
        verdict_generated_at: judged.generated_at.clone(),
        reason: judged.reason.clone(),
        run: wire::Run {
            path: judged.run.clone(),
            id: judged.run_id.clone(),
            commit: judged.commit.clone().or(own.commit),
            url: own.run_url,
            artifact: own.artifact,
            branch: own.branch,
            release: own.release,
        },
        close_criteria: told.criteria.iter().map(criterion).collect(),
        may_be_closed: told.criteria.iter().all(|row| row.met),
        notes: told.notes.clone(),
        details: told.incident.as_ref().map(|found| details(found, told, judged, circumstances)),
    }
}

fn details(found: &Incident, told: &Told, judged: &Judged, circumstances: &Circumstances) -> wire::Details {
    let attachment = |row: &Attachment| wire::Attachment {
        path: row.path.to_string(),
        home: row.home.word(),
        required: row.required,
        present: row.found.is_some(),
        size: row.found.map(|(size, _)| size),
        sha256: row.found.map(|(_, digest)| digest.to_string()),
        problem: row.problem.clone(),
    };
    let ranked = |row: &Ranked| wire::Diagnostic {
        name: row.name.clone(),
        surface: row.surface.clone(),
        severity: row.severity.clone(),
        replay: row.command.clone(),
    };
    let stage = found.stage.as_ref().map(|stage| wire::Stage {
        name: stage.name.clone(),
        ended: stage.ended.clone(),
        log: stage.log.clone(),
        stderr: stage.lines.clone(),
    });
    let variable = |(name, value): &(String, String)| wire::Variable { name: name.clone(), value: value.clone() };
    wire::Details {
        kinds: found.kinds.iter().map(|kind| kind.word()).collect(),
        title: found.title.clone(),
        key: found.key.as_str().to_owned(),
        triggers: found.triggers.clone(),
        severity: wire::Severity {
            level: found.severity.word(),
            answer_within: found.severity.target(),
            because: found.because.clone(),
            due: found.due.map(show_instant),
            freeze_strict_messaging: found.freeze,
        },
        triage: wire::Comparison {
            status: found.triage.clone(),
            ranked_diagnostics: found.ranked.iter().map(ranked).collect(),
            one_command_replay: found.one_command.clone(),
        },
        reproduction: wire::Reproduction {
            replay: found.commands.clone(),
            lanes: found.lanes.clone(),
            stage,
            environment: found.environment.iter().map(variable).collect(),
        },
        attachments: found.attachments.iter().map(attachment).collect(),
        body: incident::body(found, told, judged, circumstances),
        comment: incident::comment(found, judged, circumstances),
    }
}
