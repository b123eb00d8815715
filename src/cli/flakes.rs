//! `gatekeeper flakes`: tests that both failed and passed in runs of one commit, with entries for the quarantine.

use super::args::Flakes as Arguments;
use super::progress::Progress;
use super::{Console, Exit, place, told};
use crate::flake::{clean_runs_missing, percent};
use crate::model::{Gap, GapKind, Limits, RelPath, Where, shown_path};
use crate::report::wire::{document, v1::commands::flakes as wire};
use crate::triage::{self, Flakes, Given, Seen, Suspect};
use crate::workspace::{Disk, Workspace, given_runs};
use std::path::Path;

/// The rate of which the last line says how many clean runs exclude it.
const EXCLUDED: f64 = 0.1;

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from looking, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    if !(0.5..1.0).contains(&args.confidence) {
        console.say(&format!("error: `--confidence {}` does not lie between 0.5 and 1", args.confidence));
        return Err(Exit::Usage);
    }
    let now = place::clock(args.now.as_deref(), console)?;
    let runs = given_runs(&args.runs).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    let mut missing = Vec::new();
    let mut opened: Vec<(Disk, Option<RelPath>, String)> = Vec::new();
    for run in &runs {
        if !run.exists() {
            let at = Where::file(run.to_string_lossy());
            missing.push(Gap::new(GapKind::Missing, at, "a run: a directory or a test report", "nothing"));
            continue;
        }
        let (directory, file) = match run.is_dir() {
            true => (run.as_path(), None),
            false => (above(run), Some(named(run, console)?)),
        };
        let workspace = told::open(&args.at, directory, None, now, console)?;
        let name = match &file {
            Some(file) => workspace.shown(crate::model::Base::Run, file),
            None => workspace.run().unwrap_or_default(),
        };
        opened.push((workspace, file, name));
    }
    let given: Vec<Given<'_>> =
        opened.iter().map(|(workspace, file, name)| Given { workspace, file: file.clone(), name: name.clone() }).collect();
    let progress = Progress::of("reading runs".to_owned(), console);
    let mut flakes = triage::flakes(&given, args.commit.as_deref(), args.confidence, &Limits::default());
    drop(progress);
    flakes.gaps.splice(0..0, missing);
    printer.print(&|form| if form == "json" { document(&json(&flakes)) } else { text(&flakes) }, console)?;
    Ok(if !flakes.suspects.is_empty() {
        Exit::Failed
    } else if flakes.gaps.is_empty() {
        Exit::Pass
    } else {
        Exit::Gap
    })
}

/// The directory in which a file lies.
fn above(file: &Path) -> &Path {
    file.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn named(file: &Path, console: &mut Console<'_>) -> Result<RelPath, Exit> {
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    name.ok_or_else(|| {
        console.say(&format!("error: `{}` has a name that no path of evidence can hold", shown_path(file)));
        Exit::Usage
    })
}

fn commit_of(commit: Option<&String>) -> String {
    commit.map_or_else(|| "no commit of its own".to_owned(), |commit| told::safe(commit))
}

fn text(flakes: &Flakes) -> String {
    let counted: usize = flakes.commits.iter().map(|(_, runs)| runs.len()).sum();
    let commits = flakes.commits.iter().filter(|(commit, _)| commit.is_some()).count();
    let mut out = format!(
        "{} among {} in {} of {}\n",
        told::count(flakes.suspects.len(), "suspect"),
        told::count(flakes.tests, "test"),
        told::count(counted, "run"),
        told::count(commits, "commit")
    );
    for (at, suspect) in flakes.suspects.iter().enumerate() {
        let (failures, runs) = (suspect.failures, told::count(usize::try_from(suspect.runs).unwrap_or(usize::MAX), "run"));
        out.push_str(&format!(
            "\n{}. {}: failed in {failures} of {runs}, so up to {} of runs at {} confidence\n",
            at + 1,
            told::safe(&suspect.name),
            percent(suspect.bound),
            percent(flakes.confidence)
        ));
        details(suspect, &mut out);
    }
    for broken in &flakes.broken {
        let seen =
            broken.failing.last().map(|seen| format!(" at {}", told::safe(&seen.at.to_string()))).unwrap_or_default();
        let name = told::safe(&broken.name);
        let commit = commit_of(broken.commit.as_ref());
        out.push_str(&format!(
            "\nbroken, not flaky: {name}: {} of {} runs of {commit} failed, last{seen}\n",
            broken.failures, broken.runs
        ));
    }
    for entry in flakes.suspects.iter().filter_map(|suspect| suspect.entry.as_ref()) {
        out.push_str(&format!("\n{entry}"));
    }
    if let Some(fewest) = flakes.fewest {
        let missing = clean_runs_missing(0, fewest, flakes.confidence, EXCLUDED).unwrap_or(0);
        let runs = told::count(usize::try_from(fewest).unwrap_or(usize::MAX), "run");
        let bound = percent(crate::flake::upper_bound(0, fewest, flakes.confidence));
        out.push_str(&format!(
            "\nno failure in {runs} of one commit, the fewest of a test here, proves a rate of at most {bound}"
        ));
        out.push_str(&match missing {
            0 => "\n".to_owned(),
            more => format!(": {more} more prove at most {}\n", percent(EXCLUDED)),
        });
    }
    for repeat in &flakes.repeats {
        let (name, of) = (told::safe(&repeat.name), told::safe(&repeat.of));
        out.push_str(&format!("not counted: {name} repeats the reports of {of}, byte for byte\n"));
    }
    out + &told::gaps(&flakes.gaps)
}

fn details(suspect: &Suspect, out: &mut String) {
    let line = |word: &str, seen: &Seen| {
        let message = match seen.telling() {
            "" => String::new(),
            message => format!(": {}", told::safe(message)),
        };
        let place = told::safe(&seen.at.to_string());
        // A place in a run begins with the run, where both lie in the repository.
        let run =
            if seen.at.path.starts_with(&seen.run) { String::new() } else { format!("{} at ", told::safe(&seen.run)) };
        format!("   {word}  {run}{place}{message}\n")
    };
    out.push_str(&format!("   commit  {}\n", commit_of(suspect.commit.as_ref())));
    let shown = suspect.failing.iter().rev().take(3);
    shown.for_each(|seen| out.push_str(&line(if seen.end == "passed at a retry" { "retried" } else { "failed " }, seen)));
    if suspect.failing.len() > 3 {
        out.push_str(&format!("   failed   in {} more runs\n", suspect.failing.len() - 3));
    }
    suspect.passing.last().into_iter().for_each(|seen| out.push_str(&line("passed ", seen)));
    for (commit, failures, runs) in &suspect.elsewhere {
        out.push_str(&format!("   also    {failures} of {runs} runs of {}\n", commit_of(commit.as_ref())));
    }
    match &suspect.proposal {
        Some(proposal) => out.push_str(&format!(
            "   propose {} by the {} at {}: {}\n",
            proposal.category,
            proposal.by,
            told::safe(&proposal.at.to_string()),
            told::safe(&proposal.line)
        )),
        None => out.push_str("   propose no category: nothing points anywhere, look at it\n"),
    }
    match (suspect.whole, &suspect.entry) {
        (true, _) => out.push_str("   no quarantine covers this: it ended without a failing test\n"),
        (false, None) => out.push_str("   no entry: its name looks like a secret\n"),
        (false, Some(_)) => {}
    }
}

fn json(flakes: &Flakes) -> wire::Flakes {
    let seen = |seen: &Seen| wire::Seen {
        run: seen.run.clone(),
        end: seen.end.to_owned(),
        at: seen.at.to_string(),
        message: seen.message.clone(),
    };
    let elsewhere = |(commit, failures, runs): &(Option<String>, u64, u64)| wire::Elsewhere {
        commit: commit.clone(),
        failures: *failures,
        runs: *runs,
    };
    let row = |suspect: &Suspect| wire::Suspect {
        name: suspect.name.clone(),
        whole: suspect.whole,
        commit: suspect.commit.clone(),
        runs: suspect.runs,
        failures: suspect.failures,
        upper_bound: suspect.bound,
        failing: suspect.failing.iter().map(seen).collect(),
        passing: suspect.passing.iter().map(seen).collect(),
        elsewhere: suspect.elsewhere.iter().map(elsewhere).collect(),
        proposal: suspect.proposal.as_ref().map(|proposal| wire::Proposal {
            category: proposal.category.to_owned(),
            by: proposal.by.to_owned(),
            at: proposal.at.to_string(),
            line: proposal.line.clone(),
        }),
        quarantine: suspect.entry.clone(),
    };
    let commits = flakes.commits.iter();
    wire::Flakes {
        schema: wire::SCHEMA,
        confidence: flakes.confidence,
        commits: commits.map(|(commit, runs)| wire::Commit { commit: commit.clone(), runs: runs.clone() }).collect(),
        repeats: flakes
            .repeats
            .iter()
            .map(|repeat| wire::Repeat { run: repeat.name.clone(), of: repeat.of.clone() })
            .collect(),
        tests: flakes.tests,
        suspects: flakes.suspects.iter().map(row).collect(),
        broken: flakes.broken.iter().map(row).collect(),
        gaps: told::gaps_json(&flakes.gaps),
    }
}
