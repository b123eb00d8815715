//! `gatekeeper explain`: what a word of gatekeeper's means, and what to do about it.

use super::args::Explain;
use super::gates::path_of;
use super::{Console, EXITS, Exit, glossary, place, trusted};
use crate::definition::{Keys, describe, markdown};
use crate::diagnostic::{CODES, did_you_mean};
use crate::gate::{CheckKind, Gate, Suite};
use crate::incident::Severity;
use crate::load::Selection;
use crate::model::{GapKind, Quarantine, Standing};
use crate::report::sanitise::terminal;
use crate::report::wire::document;
use crate::report::wire::v1::commands::definitions::{EXPLANATION_SCHEMA, Explanation, Meaning};
use crate::{checks, collect, flake, pipeline, report};

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
    let finding = || Some(vec![Meaning { kind: "finding", text: self::finding(&args.word, suite.as_ref())? }]);
    let Some(meanings) = gate.or_else(|| word(&args.word)).or_else(finding) else {
        let mut known = words();
        known.extend(suite.iter().flat_map(|suite| suite.gates.keys().map(ToString::to_string)));
        known.extend(suite.iter().flat_map(named_findings));
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

/// The first word of a finding: the kinds of checks whose page has it, with what the page says there, and the gates that name a finding so.
fn finding(word: &str, suite: Option<&Suite>) -> Option<String> {
    let quoted = format!("`{word}`");
    let told = |kind: &&CheckKind| {
        let page = plain(kind.docs);
        let lines: Vec<&str> = page.lines().filter(|line| line.contains(&quoted)).collect();
        (!lines.is_empty()).then(|| format!("  {} - {}\n    {}\n", kind.id, kind.about, lines.join("\n    ")))
    };
    let is_word =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let kinds: Vec<String> = checks::CHECKS.iter().filter(|_| is_word).filter_map(told).collect();
    let checks = suite
        .iter()
        .flat_map(|suite| suite.gates.values().flat_map(|gate| gate.checks.iter().map(move |check| (gate, check))));
    let named = checks.filter(|(_, check)| check.finding.as_deref() == Some(word));
    let gates: Vec<String> = named
        .map(|(gate, check)| {
            let next = check.next.as_ref().map(|next| format!("    fix: {}\n", terminal(next))).unwrap_or_default();
            format!("  {}: asks that {}\n{next}", gate.id, terminal(&check.expect))
        })
        .collect();
    let part = |headline: &str, rows: &[String]| match rows {
        [] => String::new(),
        rows => format!("\n{headline}\n{}", rows.concat()),
    };
    let text = part("Kinds of checks that say it, or whose pages have the word (`gatekeeper explain KIND`):", &kinds)
        + &part("Gates of the policy that say it (`gatekeeper explain GATE`):", &gates);
    (!text.is_empty()).then(|| format!("finding {word} - what a check found that is not as it must be\n{text}"))
}

/// The words of findings that gates choose themselves.
fn named_findings(suite: &Suite) -> Vec<String> {
    suite.gates.values().flat_map(|gate| &gate.checks).filter_map(|check| check.finding.clone()).collect()
}

/// A class of flake, or a severity.
fn class(word: &str) -> Option<String> {
    let flake = Quarantine::CATEGORIES.iter().find(|category| **category == word).map(|category| {
        let words = flake::words(category).join(", ");
        format!("class of flake {category}\n\nA test that is held apart states its class (`category` of `[quarantine.\"...\"]`). `gatekeeper flakes` proposes this one where a failure says: {words}.")
    });
    let severity = [Severity::Sev1, Severity::Sev2, Severity::Sev3].into_iter().find(|severity| severity.word() == word);
    let severity = severity.map(|severity| {
        format!("severity {word} - {}\n\nSomebody owns it and has said what is known within {}. `gatekeeper incident` tells it, and why.", severity.about(), severity.target())
    });
    flake.or(severity)
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
        standing.map(|standing| ("result", format!("result {}\n\n{}", standing.word(), standing.about()))),
        class(word).map(|text| ("class", text)),
        glossary::meaning(word).map(|text| ("word", text)),
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
    words.extend(Quarantine::CATEGORIES);
    words.extend(glossary::words());
    words.extend([Severity::Sev1, Severity::Sev2, Severity::Sev3].map(Severity::word));
    words.into_iter().map(str::to_owned).collect()
}
