//! `gatekeeper lint`: are the definitions and the ledger sound?

use super::args::Lint;
use super::{Console, Exit, place, told, trusted};
use crate::diagnostic::{CODES, Diagnostic, Severity, render};
use crate::load::{Loaded, Selection};
use crate::report::wire::v1::{Tool, commands::lint as wire};
use crate::report::{lint_github, lint_sarif, sanitise, wire::document};
use crate::workspace::Workspace;
use crate::{collect, load, pipeline};

/// What `-o` knows here.
const FORMS: [&str; 4] = ["text", "json", "sarif", "github"];

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Lint, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&FORMS, None, console)?;
    let now = place::clock(args.now.as_deref(), console)?;
    let workspace = place::workspace(&args.definitions, None, None, now, console)?;
    let commit = trusted::commit(&args.trusted, &workspace, console)?;
    let from = trusted::definitions(&workspace, commit.as_ref());
    let mut loaded = pipeline::load(from, &Selection { policy: args.definitions.policy.clone() });
    load::lint_signatures(from, &mut loaded);
    if let Some(suite) = &loaded.suite {
        let state = collect::exceptions(from, suite).state(workspace.now().date_naive(), &suite.policy);
        let problems = load::lint_ledger(from, suite, &mut loaded.sources, &state);
        loaded.problems.extend(problems);
    }
    let document_of = document_of(&loaded, args.strict);
    // Problems are results, whatever `-q` says; only another form of them on standard output stands in their place.
    if !FORMS.iter().any(|form| printer.shows(form)) {
        for problem in &loaded.problems {
            let text = render(problem, &loaded.sources, console.colour);
            console.say(&text);
        }
        console.note(&sum(&document_of));
    }
    for file in &document_of.files {
        console.detail(&format!("definitions: {}", sanitise::terminal(file)));
    }
    let text = || {
        let problems = loaded.problems.iter().map(|problem| render(problem, &loaded.sources, false) + "\n");
        problems.collect::<String>() + &sum(&document_of) + "\n"
    };
    let about = |code: &str| CODES.iter().find(|known| known.name == code).map_or("", |known| known.about);
    let made = |form: &str| match form {
        "json" => document(&document_of),
        "sarif" => document(&lint_sarif::sarif(&document_of, about)),
        "github" => {
            let mut lines = Vec::new();
            lint_github::github(&document_of, &mut lines).expect("memory takes what is written");
            String::from_utf8(lines).expect("it is written as text")
        }
        _ => text(),
    };
    printer.print(&made, console)?;
    Ok(if document_of.sound { Exit::Pass } else { Exit::Usage })
}

fn document_of(loaded: &Loaded, strict: bool) -> wire::Lint {
    let count = |severity| loaded.problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let suite = loaded.suite.as_ref();
    wire::Lint {
        schema: wire::SCHEMA,
        tool: Tool::US,
        sound: suite.is_some() && errors == 0 && (warnings == 0 || !strict),
        strict,
        policy: suite.map(|suite| suite.policy.id.to_string()),
        gates: suite.map(|suite| suite.gates.len()),
        files: loaded.sources.names(),
        errors,
        warnings,
        problems: loaded.problems.iter().map(|problem| problem_of(problem, loaded)).collect(),
    }
}

fn problem_of(problem: &Diagnostic, loaded: &Loaded) -> wire::Problem {
    let places = problem.labels.iter().map(|label| {
        let source = loaded.sources.get(label.span.source);
        let ((line, column), (end_line, end_column)) = (source.position(label.span.start), source.position(label.span.end));
        wire::Place { file: source.name.clone(), line, column, end_line, end_column, text: label.text.clone() }
    });
    wire::Problem {
        code: problem.code.name,
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: problem.headline.clone(),
        help: problem.help.clone(),
        places: places.collect(),
    }
}

/// The last line.
fn sum(lint: &wire::Lint) -> String {
    let (errors, warnings) = (told::count(lint.errors, "error"), told::count(lint.warnings, "warning"));
    match &lint.policy {
        Some(policy) if lint.sound => {
            let gates = told::count(lint.gates.unwrap_or_default(), "gate");
            let files = told::count(lint.files.len(), "definition file");
            format!("policy `{policy}`: {gates}, {files}, {warnings}: sound")
        }
        Some(_) | None => format!("{errors}, {warnings}: not sound"),
    }
}
