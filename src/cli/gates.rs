//! `gatekeeper gates`: which gates a policy takes, and how.

use super::args::Gates;
use super::{Console, Exit, place};
use crate::gate::{EvidenceNeed, Gate, Paths, Suite};
use crate::model::GateTerms;
use crate::report::sanitise::terminal;
use crate::report::wire::{document, v1::commands::definitions as wire};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Gates, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let workspace = place::workspace(&args.definitions, None, None, None, console)?;
    let suite = place::suite(&workspace, &args.definitions, &args.trusted, console)?;
    let width = console.width;
    let make = |form: &str| if form == "json" { document(&json(&suite)) } else { table(&suite, width) };
    printer.print(&make, console)?;
    Ok(Exit::Pass)
}

fn rows(suite: &Suite) -> impl Iterator<Item = (&Gate, &GateTerms)> {
    suite.policy.gates.iter().filter_map(|terms| Some((suite.gates.get(&terms.id)?, terms)))
}

/// How an evidence need says where its files are.
pub fn path_of(need: &EvidenceNeed) -> String {
    match &need.paths {
        Paths::Declared { base, pattern, .. } => format!("{}:{pattern}", base.word()),
        Paths::Referenced { place, base } => format!("{}: what `{place}` names", base.word()),
    }
}

fn table(suite: &Suite, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(110));
    table.set_header(["gate", "counts", "owner", "title"]);
    for (gate, terms) in rows(suite) {
        let counts = match (terms.blocking, terms.waivable) {
            (true, true) => "blocking",
            (true, false) => "blocking, never waived",
            (false, _) => "advisory",
        };
        table.add_row([gate.id.as_str(), counts, &terminal(&gate.owner), &terminal(&gate.title)]);
    }
    // Ids are there to be copied, so they are never broken over lines.
    for column in table.column_iter_mut().take(3) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let blocking = suite.policy.gates.iter().filter(|terms| terms.blocking).count();
    format!("{table}\n{} gates of policy `{}`, {blocking} blocking\n", suite.gates.len(), suite.policy.id)
}

fn json(suite: &Suite) -> wire::Gates {
    let gate = |(gate, terms): (&Gate, &GateTerms)| wire::Gate {
        id: gate.id.to_string(),
        title: gate.title.clone(),
        owner: gate.owner.clone(),
        bead: gate.bead.clone(),
        blocking: terms.blocking,
        waivable: terms.waivable,
        gap_waivable: terms.gap_waivable,
        needs: gate.needs.iter().map(ToString::to_string).collect(),
        evidence: gate.evidence.iter().map(path_of).collect(),
        checks: gate.checks.iter().map(|check| check.kind.id).collect(),
        reproduce: gate.reproduce.steps.iter().map(|step| step.text().to_owned()).collect(),
    };
    wire::Gates { schema: wire::GATES_SCHEMA, policy: suite.policy.id.to_string(), gates: rows(suite).map(gate).collect() }
}
