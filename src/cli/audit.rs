//! `gatekeeper audit`: whether a completion audit holds. It reads, compares and says so; it runs and writes nothing.

use super::printing::Printing;
use super::{Console, Exit, place, told};
use crate::audit::{self, Place};
use crate::load::Selection;
use crate::model::{Instant, Limits, RelPath, shown_path};
use crate::pipeline;
use crate::report::wire::{document, v1::closeout::Closeout, v1::commands::self_test as wire};
use crate::workspace::Disk;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  gatekeeper audit docs/evidence/completion-audit.json
  gatekeeper audit FILE -o json | jq -r '.operator_next_actions[]'
  gatekeeper audit FILE --root . -o json --generated-at 2026-01-02T03:04:05Z
  gatekeeper audit --self-test                              golden audits, one for each way to block
  gatekeeper audit --self-test -o json | jq .passed

It reads the audit, the files that it names below the repository, git objects and the tracker's file. It runs
none of the commands that the audit lists, writes no file and asks no network: a pushed commit is one that a
remote-tracking branch here has.
Exit codes: 0 the audit holds, 1 it is blocked, 2 usage, 3 the audit is missing or damaged, 4 internal.";

/// `gatekeeper audit`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The completion audit, JSON.
    #[arg(value_name = "FILE", required_unless_present_any = ["self_test", "audit_json"], conflicts_with = "self_test")]
    file: Option<PathBuf>,

    /// The completion audit, as the runbook's checker is given it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "self_test"])]
    audit_json: Option<PathBuf>,

    /// Judge the golden audits inside this binary instead.
    #[arg(long, conflicts_with = "root")]
    self_test: bool,

    /// The repository. Default: the work tree of the current directory, never one that FILE lies in.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Date the result with this instant (RFC 3339 with offset) instead of now. The result says so.
    #[arg(long, visible_alias = "now", value_name = "TIME")]
    generated_at: Option<String>,

    #[command(flatten)]
    printing: Printing,
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from looking, said.
pub fn run(args: &Arguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let now = place::instant("--generated-at", args.generated_at.as_deref(), console)?;
    let file = args.file.as_deref().or(args.audit_json.as_deref());
    let printer = args.printing.printer(&["text", "json"], args.self_test.then_some("text"), console)?;
    let Some(file) = file.filter(|_| !args.self_test) else {
        let test = audit::self_test(now);
        printer.print(&|form| if form == "json" { document(&self_tested(&test)) } else { self_test(&test) }, console)?;
        return Ok(if test.passed() { Exit::Pass } else { Exit::Failed });
    };
    let closeout = look(args, file, now).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    if !printer.shows("text") {
        console.note(text(&closeout).trim_end());
    }
    printer.print(&|form| if form == "json" { document(&closeout) } else { text(&closeout) }, console)?;
    Ok(if !closeout.blockers.is_empty() {
        Exit::Failed
    } else if !closeout.gaps.is_empty() || closeout.status != "pass" {
        Exit::Gap
    } else {
        Exit::Pass
    })
}

fn look(args: &Arguments, file: &Path, now: Option<Instant>) -> Result<Closeout, String> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| RelPath::parse(name).ok());
    let name = name.ok_or_else(|| format!("`{}` names no file", shown_path(file)))?;
    let root = place::root(args.root.as_deref())?;
    let around = Disk::new(&root, None, None, now)?;
    // The configuration may say where the history lies.
    drop(pipeline::load(&around, &Selection::default()));
    let limits = Limits::default();
    let clock_given = now.is_some();
    if let Some(below) = below(&root, file) {
        return Ok(audit::audit(
            &Place { beside: &around, file: below, around: &around, inside: true, clock_given },
            &limits,
        ));
    }
    let beside = Disk::new(directory, None, None, now)?;
    Ok(audit::audit(&Place { beside: &beside, file: name, around: &around, inside: false, clock_given }, &limits))
}

/// The path below the repository, where it is one.
fn below(root: &Path, file: &Path) -> Option<RelPath> {
    let (root, file) = (std::path::absolute(root).ok()?, std::path::absolute(file).ok()?);
    RelPath::parse(file.strip_prefix(root).ok()?.to_str()?).ok()
}

fn text(closeout: &Closeout) -> String {
    let examined = &closeout.examined;
    let counts = [
        told::count(examined.requirements, "requirement"),
        told::count(examined.commands, "command"),
        told::count(examined.artifacts, "artifact"),
        told::count(examined.gaps, "gap"),
    ];
    let mut out = format!("{}: {} ({})\n", closeout.status, told::safe_long(&closeout.audit.path), counts.join(", "));
    for gap in &closeout.gaps {
        out.push_str(&format!("\ngap: {}: {}: expected {}, found {}\n", gap.kind, gap.at, gap.expected, gap.actual));
    }
    for blocker in &closeout.blockers {
        let refs: Vec<String> =
            blocker.refs.iter().map(|at| told::safe(if at.is_empty() { "the audit" } else { at })).collect();
        out.push_str(&format!("\n{}\n   {}\n", told::safe_long(&blocker.id), told::safe_long(&blocker.issue)));
        out.push_str(&format!("   at   {}\n   next {}\n", refs.join(", "), blocker.next_action));
    }
    if closeout.blockers.is_empty() {
        closeout.operator_next_actions.iter().for_each(|action| out.push_str(&format!("   next {action}\n")));
    }
    for note in &closeout.notes {
        out.push_str(&format!("\nnote: {}\n", told::safe_long(note)));
    }
    if closeout.admit.agrees == Some(false) {
        out.push_str("\nnote: the author says otherwise; that is compared and never believed\n");
    }
    out.push_str(&format!("\nread only: {}\n", closeout.method));
    out
}

/// What came of the golden audits, for programs.
fn self_tested(test: &audit::SelfTest) -> wire::SelfTest {
    let case = |case: &audit::Case| wire::Case {
        name: case.name.clone(),
        passed: case.differs.is_none(),
        differs: case.differs.clone(),
    };
    let cases = test.cases.iter().map(case).collect();
    wire::SelfTest { schema: wire::SCHEMA, passed: test.passed(), cases, lacks: test.lacks.clone() }
}

/// The same for people.
fn self_test(test: &audit::SelfTest) -> String {
    let mut out = String::new();
    for case in &test.cases {
        match &case.differs {
            None => out.push_str(&format!("ok   {}\n", case.name)),
            Some(differs) => out.push_str(&format!("FAIL {}: {}\n", case.name, told::safe_long(differs))),
        }
    }
    test.lacks.iter().for_each(|lack| out.push_str(&format!("FAIL no scenario shows {lack}\n")));
    let right = test.cases.iter().filter(|case| case.differs.is_none()).count();
    out.push_str(&format!("{right} of {} came out as expected\n", told::count(test.cases.len(), "scenario")));
    out
}
