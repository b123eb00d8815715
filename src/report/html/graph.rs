//! Which gate needs which, as a picture: what a gate needs stands to its left. The table of gates says the same in words.

use super::words::{count, tone};
use crate::model::{GateId, GateResult, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Gates that a picture can show and still be read.
const GATES_MAX: usize = 120;
/// The size of a box, and the way from one to the next.
const HEIGHT: usize = 26;
const DOWN: usize = 36;
const LETTER: usize = 8;
const ASIDE: usize = 56;

/// `None` where no gate needs another.
pub(super) fn section(verdict: &Verdict) -> Option<String> {
    let all: Vec<&GateResult> = linked(verdict, |_| true);
    if all.is_empty() {
        return None;
    }
    if all.len() <= GATES_MAX {
        let told = match verdict.gates.len() - all.len() {
            0 => String::new(),
            1 => " 1 gate needs nothing and is not needed.".to_owned(),
            alone => format!(" {} need nothing and are not needed.", count(alone, "gate", "gates")),
        };
        return Some(format!("<p>What a gate needs stands to its left.{told}</p>\n{}", framed(&picture(&all))));
    }
    let some = linked(verdict, |gate| !gate.standing.permits());
    let named = (!some.is_empty() && some.len() <= GATES_MAX).then(|| {
        let intro = "Gates that did not pass, with what they need, which stands to their left.";
        format!("<p>{intro}</p>\n{}", framed(&picture(&some)))
    });
    let intro = format!(
        "Every gate as a square, {} in all: those that need nothing on the left, then those that need them, and so on. The table of gates \
         says what each needs.",
        all.len()
    );
    Some(format!("{}<p>{intro}</p>\n{}", named.unwrap_or_default(), framed(&squares(&all))))
}

fn framed(picture: &str) -> String {
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Picture of which gate needs which\" tabindex=\"0\">\n{picture}</div>\n"
    )
}

/// A square and the way to the next, and how many are side by side.
const SIDE: usize = 10;
const STEP: usize = 13;
const BESIDE: usize = 16;
/// How many columns fit into a picture; of more, neighbours are drawn as one.
const COLUMNS_MAX: usize = 40;

/// Gates without their names, which a pointer shows: as many as there are.
fn squares(gates: &[&GateResult]) -> String {
    let (mut drawn, mut left, mut height) = (String::new(), 4, 0);
    let columns = columns(gates);
    for columns in columns.chunks(columns.len().div_ceil(COLUMNS_MAX).max(1)) {
        // What failed comes first, so that it is seen.
        let mut column: Vec<&GateResult> = columns.concat();
        column.sort_by_key(|gate| gate.standing.permits());
        for (at, gate) in column.iter().enumerate() {
            let (x, y) = (left + at % BESIDE * STEP, 4 + at / BESIDE * STEP);
            let tone = tone(gate.standing);
            drawn += &format!(
                "<g class=\"{} square\"><title>{}: {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\"/></g>\n",
                tone.class(),
                gate.id,
                gate.standing.word(),
            );
        }
        height = height.max(4 + column.len().div_ceil(BESIDE) * STEP);
        left += column.len().min(BESIDE) * STEP + ASIDE / 2;
    }
    let failed = gates.iter().filter(|gate| !gate.standing.permits()).count();
    format!(
        "<svg class=\"graph\" width=\"{left}\" height=\"{height}\" viewBox=\"0 0 {left} {height}\" role=\"img\" \
         aria-label=\"{} by what they need, of which {failed} did not pass\">\n{drawn}</svg>\n",
        count(gates.len(), "gate", "gates"),
    )
}

/// The gates with this property that need another or are needed, and what they need, in the policy's order.
fn linked(verdict: &Verdict, with: impl Fn(&GateResult) -> bool) -> Vec<&GateResult> {
    let mut ids: BTreeSet<&GateId> = BTreeSet::new();
    for gate in verdict.gates.iter().filter(|gate| with(gate) && !gate.needs.is_empty()) {
        ids.insert(&gate.id);
        ids.extend(&gate.needs);
    }
    verdict.gates.iter().filter(|gate| ids.contains(&gate.id)).collect()
}

/// A box: the column and its place in it, in pixels.
struct Spot {
    x: usize,
    y: usize,
    width: usize,
}

fn picture(gates: &[&GateResult]) -> String {
    let columns = columns(gates);
    let mut spots: BTreeMap<&GateId, Spot> = BTreeMap::new();
    let (mut x, mut height) = (4, 0);
    for column in &columns {
        let width = column.iter().map(|gate| gate.id.as_str().len() * LETTER + 40).max().unwrap_or(0);
        for (at, gate) in column.iter().enumerate() {
            spots.insert(&gate.id, Spot { x, y: 4 + at * DOWN, width });
            height = height.max(4 + (at + 1) * DOWN);
        }
        x += width + ASIDE;
    }
    let width = x.saturating_sub(ASIDE) + 4;
    let mut drawn = String::new();
    for gate in gates {
        for need in &gate.needs {
            if let (Some(from), Some(to)) = (spots.get(need), spots.get(&gate.id)) {
                let (x1, y1) = (from.x + from.width, from.y + HEIGHT / 2);
                let (x2, y2) = (to.x, to.y + HEIGHT / 2);
                let middle = (x1 + x2) / 2;
                drawn += &format!("<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>\n");
            }
        }
    }
    for gate in gates {
        let Some(spot) = spots.get(&gate.id) else { continue };
        let tone = tone(gate.standing);
        drawn += &format!(
            "<g class=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{HEIGHT}\" rx=\"5\"/><text x=\"{}\" y=\"{}\">{} {}</text></g>\n",
            tone.class(),
            spot.x,
            spot.y,
            spot.width,
            spot.x + 10,
            spot.y + 17,
            tone.sign(),
            gate.id,
        );
    }
    format!(
        "<svg class=\"graph\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Which gate \
         needs which; the column Needs of the table of gates says the same\">\n{drawn}</svg>\n"
    )
}

/// The gates by how far they are from those that need nothing. A circle, which no sound policy has, ends where it began.
fn columns<'v>(gates: &[&'v GateResult]) -> Vec<Vec<&'v GateResult>> {
    let by_id: BTreeMap<&GateId, &GateResult> = gates.iter().map(|gate| (&gate.id, *gate)).collect();
    let mut depth: BTreeMap<&GateId, usize> = BTreeMap::new();
    for _ in 0..gates.len() {
        let mut moved = false;
        for gate in gates {
            let needs = gate.needs.iter().filter(|need| by_id.contains_key(need));
            let deepest = needs.map(|need| depth.get(need).copied().unwrap_or(0) + 1).max().unwrap_or(0);
            if deepest > depth.get(&gate.id).copied().unwrap_or(0) && deepest < gates.len() {
                depth.insert(&gate.id, deepest);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let last = depth.values().copied().max().unwrap_or(0);
    let mut columns: Vec<Vec<&GateResult>> = vec![Vec::new(); last + 1];
    for gate in gates {
        columns[depth.get(&gate.id).copied().unwrap_or(0)].push(gate);
    }
    columns
}
