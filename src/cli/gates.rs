//! `gatekeeper gates`: which gates a policy takes, and how.

use super::args::Gates;
use super::{Console, Exit, place, told};
use crate::gate::{Command, EvidenceNeed, Gate, Paths, Suite};
use crate::model::GateTerms;
use crate::report::sanitise::terminal;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::Value;

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Gates, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let workspace = place::workspace(&args.definitions, None, None, None, console)?;
    let suite = place::suite(&workspace, &args.definitions, &args.trusted, console)?;
    let (json, text) = match args.json {
        true => (Some(json(&suite)), String::new()),
        false => (None, table(&suite, console.width)),
    };
    told::print(json, &text, console)?;
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

fn json(suite: &Suite) -> Value {
    let gates: Vec<_> = rows(suite)
        .map(|(gate, terms)| {
            serde_json::json!({
                "id": gate.id.as_str(), "title": gate.title, "owner": gate.owner, "bead": gate.bead,
                "blocking": terms.blocking, "waivable": terms.waivable, "gap_waivable": terms.gap_waivable,
                "needs": gate.needs.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
                "evidence": gate.evidence.iter().map(path_of).collect::<Vec<_>>(),
                "checks": gate.checks.iter().map(|check| check.kind.id).collect::<Vec<_>>(),
                "reproduce": gate.reproduce.steps.iter().map(Command::text).collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::json!({ "policy": suite.policy.id.as_str(), "gates": gates })
}
