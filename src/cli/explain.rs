//! `gatekeeper explain`: what a word of gatekeeper's means, and what to do about it.

use super::args::Explain;
use super::gates::path_of;
use super::{Console, EXITS, Exit, place, trusted};
use crate::definition::{Keys, describe, markdown};
use crate::diagnostic::{CODES, did_you_mean};
use crate::gate::{CheckKind, Gate, Suite};
use crate::load::Selection;
use crate::model::{GapKind, Standing};
use crate::report::sanitise::terminal;
use crate::report::wire::document;
use crate::report::wire::v1::commands::definitions::{EXPLANATION_SCHEMA, Explanation, Meaning};
use crate::{checks, collect, pipeline, report};

/// Runs the command. Words of the tool are explained without a repository; gates need one, or a policy.
///
/// # Errors
/// [`Exit::Usage`], said, when nothing is known by that word.
pub fn run(args: &Explain, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let workspace = place::workspace(&args.definitions, None, None, None, console)?;
    let commit = trusted::commit(&args.trusted, &workspace, console)?;
    let from = trusted::definitions(&workspace, commit.as_ref());
    let suite = pipeline::load(from, &Selection { policy: args.definitions.policy.clone() }).suite;
    if let Some(suite) = &suite {
        console.shapes = suite.policy.secrets.clone();
    }
    let gate = suite.as_ref().and_then(|suite| {
        let gate = suite.gates.values().find(|gate| gate.id.as_str() == args.word)?;
        Some(vec![Meaning { kind: "gate", text: self::gate(gate, suite) }])
    });
    let Some(meanings) = gate.or_else(|| word(&args.word)) else {
        let mut known = words();
        known.extend(suite.iter().flat_map(|suite| suite.gates.keys().map(ToString::to_string)));
        let help = did_you_mean(&args.word, known.iter().map(String::as_str));
        console.say(&format!("error: nothing is known as `{}`; {help}", args.word));
        if suite.is_none() {
            console.say("note: no policy was found here, so gates are not among the known words; name one with `--policy`");
        }
        return Err(Exit::Usage);
    };
    let text = || meanings.iter().map(|meaning| meaning.text.trim_end()).collect::<Vec<_>>().join("\n\n") + "\n";
    let explanation = Explanation { schema: EXPLANATION_SCHEMA, word: args.word.clone(), meanings: meanings.clone() };
    printer.print(&|form| if form == "json" { document(&explanation) } else { text() }, console)?;
    Ok(Exit::Pass)
}

fn gate(gate: &Gate, suite: &Suite) -> String {
    let terms = suite.policy.terms(&gate.id);
    let counts = if terms.is_some_and(|terms| terms.blocking) { "blocking" } else { "advisory" };
    let waivable = if terms.is_some_and(|terms| terms.waivable) { "a waiver may cover a failure" } else { "never waived" };
    let [title, owner, bead] = [&gate.title, &gate.owner, &gate.bead].map(|text| terminal(text));
    let mut out = format!("{} - {title}\n{counts}, {waivable}; owner {owner}, {bead}\n\n", gate.id);
    out.push_str(&format!("Why: {}\n\n", gate.why.trim()));
    if !gate.needs.is_empty() {
        let needs: Vec<&str> = gate.needs.iter().map(|id| id.as_str()).collect();
        out.push_str(&format!("Needs: {}\n\n", needs.join(", ")));
    }
    out.push_str("Evidence:\n");
    for need in &gate.evidence {
        let age = need.max_age.map(|age| format!(", at most {age} old")).unwrap_or_default();
        let schema = need.schema.as_ref().map(|id| format!(", schema {id}")).unwrap_or_default();
        let optional = if need.optional { ", may be absent" } else { "" };
        out.push_str(&format!("  {}: {} ({}{schema}{age}{optional})\n", need.id, terminal(&path_of(need)), need.format.id));
    }
    out.push_str("\nChecks:\n");
    for check in &gate.checks {
        out.push_str(&format!("  {}: {}\n", check.kind.id, terminal(&check.expect)));
    }
    out.push_str("\nReproduce:\n");
    gate.reproduce.steps.iter().for_each(|step| out.push_str(&format!("  {}\n", terminal(step.text()))));
    out.push_str("\nWhen it fails:\n");
    for (at, step) in gate.remediation.iter().enumerate() {
        out.push_str(&format!("  {}. {}\n", at + 1, terminal(step)));
    }
    out.push_str(&format!("\nDefined in {}\n", terminal(&suite.sources.place(&gate.at).to_string())));
    out
}

fn kind(kind: &CheckKind) -> String {
    let keys = describe(|keys: &mut Keys<'_>| drop((kind.parse)(keys)));
    format!("check kind {} - {}\n\n{}\n\n{}", kind.id, kind.about, plain(kind.docs), markdown(&keys))
}

/// The `//!` header of a source file, without its comment marks.
pub fn plain(docs: &str) -> String {
    let header = docs.lines().take_while(|line| line.starts_with("//!"));
    header.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn word(word: &str) -> Option<Vec<Meaning>> {
    let check = checks::CHECKS.iter().find(|kind| kind.id == word);
    let evidence = collect::FORMATS.iter().find(|format| format.id == word);
    let output = report::FORMATS.iter().find(|format| format.id == word);
    let code = CODES.iter().find(|code| code.name == word);
    let gap = GapKind::ALL.iter().find(|kind| kind.word() == word);
    let standing = Standing::ALL.iter().find(|standing| standing.word() == word);
    let exit = EXITS.iter().find(|(exit, _)| exit.number().to_string() == word);
    let format = |id: &str, about: &str, docs: &str| format!("format {id} - {about}\n\n{}", plain(docs));
    let found: Vec<Meaning> = [
        check.map(|found| ("check-kind", kind(found))),
        evidence.map(|one| ("evidence-format", format!("evidence {}", format(one.id, one.about, one.docs)))),
        output.map(|one| ("output-format", format!("output {}", format(one.id, one.about, one.docs)))),
        code.map(|code| ("diagnostic", format!("diagnostic {}\n\n{}", code.name, code.about))),
        gap.map(|kind| {
            let about = kind.about();
            ("reason", format!("reason {} - a gap: evidence that could not be judged\n\n{about}", kind.word()))
        }),
        standing.map(|standing| ("result", format!("standing {}\n\n{}", standing.word(), standing.about()))),
        exit.map(|(exit, about)| ("exit-code", format!("exit code {}\n\n{about}", exit.number()))),
    ]
    .into_iter()
    .flatten()
    .map(|(kind, text)| Meaning { kind, text })
    .collect();
    (!found.is_empty()).then_some(found)
}

fn words() -> Vec<String> {
    let mut words: Vec<&str> = checks::CHECKS.iter().map(|kind| kind.id).collect();
    words.extend(collect::FORMATS.iter().map(|format| format.id));
    words.extend(report::FORMATS.iter().map(|format| format.id));
    words.extend(CODES.iter().map(|code| code.name));
    words.extend(GapKind::ALL.iter().map(|kind| kind.word()));
    words.extend(Standing::ALL.iter().map(|standing| standing.word()));
    words.into_iter().map(str::to_owned).collect()
}
