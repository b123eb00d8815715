//! `gatekeeper incident`: the issue that a failing verdict is worth. It writes the text and opens nothing.

use super::occasion::{self, Form, Incident as Arguments};
use super::{Console, Exit, place, told};
use crate::incident::{self, Attachment, Circumstances, Criterion, Incident, Judged, Place, Ranked, Told};
use crate::load::Selection;
use crate::model::{Limits, RelPath, show_instant, shown_path};
use crate::pipeline;
use crate::report::sanitise;
use crate::workspace::{Disk, Workspace};
use serde_json::{Value, json};
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from telling, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
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
        console.say(&format!("wrote: {} ({})", shown_path(path), told::count(bundle.files, "file")));
        bundle.left_out.iter().for_each(|left| console.say(&format!("left out: {}", told::safe(left))));
    }
    print(args, &told, &judged, &circumstances, console)
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
    args: &Arguments,
    told: &Told,
    judged: &Judged,
    circumstances: &Circumstances,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let form = if args.json { Form::Json } else { args.format };
    let Some(found) = &told.incident else {
        console.say(&format!("no incident: {}", told::safe(&judged.reason)));
        match form {
            Form::Json => told::print(Some(json(told, judged, circumstances)), "", console)?,
            Form::Markdown => {
                let text = format!("# No incident\n\n## Close only when\n\n{}", incident::checklist(&told.criteria));
                told::print(None, &text, console)?;
            }
            Form::Title | Form::Body | Form::Comment | Form::Key => {}
        }
        return Ok(Exit::Pass);
    };
    let body = || incident::body(found, told, judged, circumstances);
    let text = match form {
        Form::Json => String::new(),
        Form::Markdown => format!("# {}\n\n{}", sanitise::markdown(&found.title), body()),
        Form::Title => format!("{}\n", found.title),
        Form::Body => body(),
        Form::Comment => incident::comment(found, judged, circumstances),
        Form::Key => format!("{}\n", found.key),
    };
    told::print((form == Form::Json).then(|| json(told, judged, circumstances)), &text, console)?;
    Ok(Exit::Failed)
}

fn json(told: &Told, judged: &Judged, circumstances: &Circumstances) -> Value {
    let criterion = |row: &Criterion| json!({ "text": row.text, "met": row.met, "because": row.because });
    let found = told.incident.as_ref();
    let mut value = json!({
        "schema": "gatekeeper.incident/1", "incident": found.is_some(),
        "policy": judged.policy, "lane": judged.lane, "verdict_generated_at": judged.generated_at, "reason": judged.reason,
        "run": { "path": judged.run, "id": judged.run_id, "commit": judged.commit.as_ref().or(circumstances.commit.as_ref()), "url": circumstances.run_url,
                 "artifact": circumstances.artifact, "branch": circumstances.branch, "release": circumstances.release },
        "close_criteria": told.criteria.iter().map(criterion).collect::<Value>(),
        "may_be_closed": told.criteria.iter().all(|row| row.met), "notes": told.notes,
    });
    if let (Some(found), Some(entries)) = (found, value.as_object_mut())
        && let Value::Object(own) = incident_json(found, told, judged, circumstances)
    {
        entries.extend(own);
    }
    value
}

fn incident_json(found: &Incident, told: &Told, judged: &Judged, circumstances: &Circumstances) -> Value {
    let attachment = |row: &Attachment| {
        json!({
            "path": row.path, "in": row.home.word(), "required": row.required, "present": row.found.is_some(),
            "size": row.found.map(|(size, _)| size), "sha256": row.found.map(|(_, digest)| digest.to_string()), "problem": row.problem,
        })
    };
    let ranked =
        |row: &Ranked| json!({ "name": row.name, "surface": row.surface, "severity": row.severity, "replay": row.command });
    let stage = found
        .stage
        .as_ref()
        .map(|stage| json!({ "name": stage.name, "ended": stage.ended, "log": stage.log, "stderr": stage.lines }));
    let environment = found.environment.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "kinds": found.kinds.iter().map(|kind| kind.word()).collect::<Value>(),
        "title": found.title, "key": found.key.as_str(), "triggers": found.triggers,
        "severity": { "level": found.severity.word(), "answer_within": found.severity.target(), "because": found.because,
                      "due": found.due.map(show_instant), "freeze_strict_messaging": found.freeze },
        "triage": { "status": found.triage, "ranked_diagnostics": found.ranked.iter().map(ranked).collect::<Value>(), "one_command_replay": found.one_command },
        "reproduction": { "replay": found.commands, "lanes": found.lanes, "stage": stage, "environment": environment.collect::<Value>() },
        "attachments": found.attachments.iter().map(attachment).collect::<Value>(),
        "body": incident::body(found, told, judged, circumstances),
        "comment": incident::comment(found, judged, circumstances),
    })
}
