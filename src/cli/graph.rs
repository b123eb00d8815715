//! `gatekeeper graph`: which gate needs which, as text, JSON, DOT or Mermaid.

use super::args::{Drawing, Graph};
use super::{Console, Exit, place};
use crate::gate::Suite;
use crate::model::GateId;
use crate::report::wire::{document, v1::commands::definitions as wire};

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Graph, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let default = match args.format {
        None | Some(Drawing::Text) => "text",
        Some(Drawing::Dot) => "dot",
        Some(Drawing::Mermaid) => "mermaid",
    };
    let printer = args.printing.printer(&["text", "json", "dot", "mermaid"], Some(default), console)?;
    let workspace = place::workspace(&args.definitions, None, None, None, console)?;
    let suite = place::suite(&workspace, &args.definitions, &args.trusted, console)?;
    let make = |form: &str| match form {
        "json" => document(&json(&suite)),
        "dot" => dot(&suite),
        "mermaid" => mermaid(&suite),
        _ => text(&suite),
    };
    printer.print(&make, console)?;
    Ok(Exit::Pass)
}

fn ordered(suite: &Suite) -> impl Iterator<Item = (&GateId, bool)> {
    suite.policy.gates.iter().map(|terms| (&terms.id, terms.blocking))
}

/// Each gate below what it needs; a gate with several needs stands below each of them.
fn text(suite: &Suite) -> String {
    let mut out = String::new();
    for (id, _) in ordered(suite).filter(|(id, _)| suite.gates.get(*id).is_some_and(|gate| gate.needs.is_empty())) {
        branch(suite, id, 0, &mut out);
    }
    out
}

fn branch(suite: &Suite, id: &GateId, depth: usize, out: &mut String) {
    let advisory = if suite.policy.terms(id).is_some_and(|terms| terms.blocking) { "" } else { " (advisory)" };
    let stem = if depth == 0 { String::new() } else { format!("{}└─ ", "   ".repeat(depth - 1)) };
    out.push_str(&format!("{stem}{id}{advisory}\n"));
    for (dependent, _) in ordered(suite) {
        if suite.gates.get(dependent).is_some_and(|gate| gate.needs.contains(id)) {
            branch(suite, dependent, depth + 1, out);
        }
    }
}

fn edges(suite: &Suite) -> impl Iterator<Item = (&GateId, &GateId)> {
    ordered(suite)
        .filter_map(|(id, _)| suite.gates.get(id))
        .flat_map(|gate| gate.needs.iter().map(move |need| (need, &gate.id)))
}

fn json(suite: &Suite) -> wire::Graph {
    wire::Graph {
        schema: wire::GRAPH_SCHEMA,
        policy: suite.policy.id.to_string(),
        nodes: ordered(suite).map(|(id, blocking)| wire::Node { id: id.to_string(), blocking }).collect(),
        edges: edges(suite).map(|(need, gate)| wire::Edge { needed: need.to_string(), by: gate.to_string() }).collect(),
    }
}

fn dot(suite: &Suite) -> String {
    let mut out = format!("digraph \"{}\" {{\n  rankdir = LR;\n  node [shape = box];\n", suite.policy.id);
    for (id, blocking) in ordered(suite) {
        out.push_str(&format!("  \"{id}\"{};\n", if blocking { "" } else { " [style = dashed]" }));
    }
    for (need, gate) in edges(suite) {
        out.push_str(&format!("  \"{need}\" -> \"{gate}\";\n"));
    }
    out + "}\n"
}

/// Node names carry a prefix, since Mermaid reserves words such as `end`.
fn mermaid(suite: &Suite) -> String {
    let mut out = String::from("flowchart LR\n");
    for (id, blocking) in ordered(suite) {
        let (open, close) = if blocking { ("[", "]") } else { ("(", ")") };
        out.push_str(&format!("  g_{id}{open}\"{id}\"{close}\n"));
    }
    for (need, gate) in edges(suite) {
        out.push_str(&format!("  g_{need} --> g_{gate}\n"));
    }
    out
}
