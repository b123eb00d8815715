//! The graph of `needs`: every need exists, none is circular, and so gates stand in levels.

use super::gates::Draft;
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::model::{GateId, Policy};
use crate::source::Span;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, VecDeque};

/// Sorts the policy's gates into levels. Problems are added; with problems the levels are not complete.
pub(super) fn levels(
    policy: &Policy,
    drafts: &[Draft],
    complete: bool,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Vec<GateId>> {
    let order: Vec<&GateId> = policy.gates.iter().map(|terms| &terms.id).collect();
    let position: BTreeMap<&GateId, usize> = order.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    // Edges run from the needed gate to the one that needs it.
    let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
    let mut edges: BTreeMap<(usize, usize), &Span> = BTreeMap::new();
    for at in 0..order.len() {
        graph.add_node(at);
    }
    for draft in drafts {
        for (need, span) in &draft.needs {
            match (position.get(&draft.id), position.get(need)) {
                (Some(gate), Some(needed)) => {
                    graph.add_edge(*needed, *gate, ());
                    edges.insert((*needed, *gate), span);
                }
                (_, None) if complete => problems.push(unknown(policy, drafts, draft, need, span)),
                // The gate itself is named by no policy, which is reported as that, or what is named cannot be told.
                (_, _) => {}
            }
        }
    }
    let names = |way: &[usize]| way.iter().map(|at| format!("`{}`", order[*at])).collect::<Vec<_>>();
    let mut circular = false;
    for mut circle in tarjan_scc(&graph) {
        circle.sort_unstable();
        let way = way_round(&graph, &circle);
        let headline = match names(&way).as_slice() {
            [] => continue,
            [one] => format!("gate {one} needs itself"),
            [first, ..] => {
                format!("gates need each other in a circle: {} needs {first}", names(&way).join(" needs "))
            }
        };
        let mut problem = Diagnostic::error(Code::NEEDS_CYCLE, headline).help("take one of these needs away");
        for (gate, needed) in way.iter().zip(way.iter().skip(1).chain(way.first())) {
            if let Some(span) = edges.get(&(*needed, *gate)) {
                problem = problem.label((*span).clone(), format!("`{}` needs `{}`", order[*gate], order[*needed]));
            }
        }
        problems.push(problem);
        circular = true;
    }
    if circular {
        return Vec::new();
    }
    let mut level = vec![0_usize; order.len()];
    for gate in toposort(&graph, None).expect("no component is a circle") {
        for needed in graph.neighbors_directed(gate, petgraph::Direction::Incoming) {
            level[gate] = level[gate].max(level[needed] + 1);
        }
    }
    let mut levels: Vec<Vec<GateId>> = vec![Vec::new(); level.iter().max().map_or(0, |highest| highest + 1)];
    for (gate, level) in level.into_iter().enumerate() {
        levels[level].push(order[gate].clone());
    }
    levels
}

/// The shortest way from the first gate of a component to itself, each gate followed by one that it needs; empty if there is
/// none.
fn way_round(graph: &DiGraphMap<usize, ()>, component: &[usize]) -> Vec<usize> {
    let Some(start) = component.first().copied() else { return Vec::new() };
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = Vec::new();
    while let Some(way) = ways.pop_front() {
        let last = way[way.len() - 1];
        for needed in graph.neighbors_directed(last, petgraph::Direction::Incoming) {
            if needed == start {
                return way;
            }
            if component.contains(&needed) && !seen.contains(&needed) {
                seen.push(needed);
                ways.push_back([way.as_slice(), &[needed]].concat());
            }
        }
    }
    Vec::new()
}

fn unknown(policy: &Policy, drafts: &[Draft], draft: &Draft, need: &GateId, span: &Span) -> Diagnostic {
    match drafts.iter().find(|other| other.id == *need) {
        Some(other) => {
            let headline = format!("gate `{}` needs `{need}`, which the policy `{}` does not take", draft.id, policy.id);
            Diagnostic::error(Code::UNKNOWN_NEED, headline)
                .label(span.clone(), "needed here")
                .label(other.at.clone(), "in no `[[gate]]` of the policy")
        }
        None => {
            let headline = format!("gate `{}` needs unknown gate `{need}`", draft.id);
            let known = drafts.iter().map(|draft| draft.id.as_str()).filter(|id| *id != draft.id.as_str());
            Diagnostic::error(Code::UNKNOWN_NEED, headline).label(span.clone(), "").help(did_you_mean(need.as_str(), known))
        }
    }
}
