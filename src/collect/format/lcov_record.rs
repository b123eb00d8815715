//! One source file of an lcov tracefile: its items, and what it states about them.
//!
//! Items are counted once and as often as they stand there, so that what the record states can be held against both.

use crate::model::{CoverageMeasure, CoveredFile, Disagreement, SourceCount, Spot};
use std::collections::{BTreeMap, BTreeSet};

/// One source file on its way.
pub(super) struct Record<'t> {
    file: CoveredFile,
    /// What the record states about itself: keyword, number, line of the report.
    stated: Vec<(&'t str, usize, u64)>,
    /// The indices of `FNL`, to which `FNA` refers.
    indices: BTreeSet<&'t str>,
    /// Each `FN` as it stands: name and line.
    declared: Vec<(&'t str, &'t str)>,
    /// Each `FNDA` as it stands.
    called: Vec<(&'t str, bool)>,
    /// Each `DA` and `BRDA`.
    elements: BTreeMap<CoverageMeasure, SourceCount>,
}

impl<'t> Record<'t> {
    /// A source file of which nothing is told yet.
    pub(super) fn new(name: &str, at: Spot) -> Self {
        Self {
            file: CoveredFile::new(name, at),
            stated: Vec::new(),
            indices: BTreeSet::new(),
            declared: Vec::new(),
            called: Vec::new(),
            elements: BTreeMap::new(),
        }
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &str {
        &self.file.name
    }

    /// Takes in a line of the record.
    ///
    /// # Errors
    /// What should stand there.
    pub(super) fn item(&mut self, keyword: &'t str, rest: &'t str, number: u64) -> Result<(), &'static str> {
        match keyword {
            "DA" => {
                let expected = "`DA:<line>,<times it ran>`";
                let mut parts = rest.split(',');
                let line = parts.next().and_then(|line| line.parse::<u32>().ok()).ok_or(expected)?;
                let ran = parts.next().and_then(hits).ok_or(expected)?;
                *self.file.lines.entry(line).or_default() |= ran;
                self.element(CoverageMeasure::Lines, ran);
            }
            "FN" => {
                // `FN:<begin>,<name>`, and since lcov 2 also `FN:<begin>,<end>,<name>`.
                let expected = "`FN:<line>,<name>`";
                let (begin, tail) = rest.split_once(',').filter(|(begin, _)| is_number(begin)).ok_or(expected)?;
                let name = tail.split_once(',').filter(|(end, _)| is_number(end)).map_or(tail, |(_, name)| name);
                if name.is_empty() {
                    return Err(expected);
                }
                self.declared.push((name, begin));
            }
            "FNDA" => {
                let (count, name) = rest.split_once(',').ok_or("`FNDA:<times it ran>,<name>`")?;
                self.called.push((name, hits(count).ok_or("`FNDA:<times it ran>,<name>`")?));
            }
            "FNL" => {
                let (index, _) = rest.split_once(',').ok_or("`FNL:<index>,<line>`")?;
                self.indices.insert(index);
            }
            "FNA" => {
                let expected = "`FNA:<index>,<times it ran>,<name>`, behind its `FNL`";
                let mut parts = rest.splitn(3, ',');
                parts.next().filter(|index| self.indices.contains(index)).ok_or(expected)?;
                let ran = parts.next().and_then(hits).ok_or(expected)?;
                let name = parts.next().filter(|name| !name.is_empty()).ok_or(expected)?;
                *self.file.functions.entry(name.into()).or_default() |= ran;
            }
            "BRDA" => self.branch(rest),
            "LF" | "LH" | "FNF" | "FNH" | "BRF" | "BRH" => {
                // 32 bits, so that sums over files stay within a word.
                let count =
                    rest.trim().parse::<u32>().ok().and_then(|count| usize::try_from(count).ok()).ok_or("a count")?;
                self.stated.push((keyword, count, number));
            }
            "MCDC" | "MCF" | "MCH" | "VER" => {}
            _ => return Err("a record of an lcov tracefile"),
        }
        Ok(())
    }

    fn element(&mut self, measure: CoverageMeasure, ran: bool) {
        let count = self.elements.entry(measure).or_default();
        *count = count.plus(SourceCount { total: 1, covered: usize::from(ran) });
    }

    /// `BRDA:<line>,<block>,<branch>,<times taken, or ->`. What cannot be read is a branch that was not taken: it never makes a rate better.
    fn branch(&mut self, rest: &str) {
        let (name, taken) = rest.rsplit_once(',').unwrap_or((rest, "-"));
        let taken = hits(taken).unwrap_or(false);
        let numbered = name.split_once(',').and_then(|(line, name)| Some((line.trim().parse().ok()?, name)));
        let (line, name) = numbered.unwrap_or((0, name));
        self.file.branch(line, name, SourceCount { total: 1, covered: usize::from(taken) });
        self.element(CoverageMeasure::Branches, taken);
    }

    /// The file, and what the record states that its items do not come to.
    pub(super) fn finish(mut self) -> (CoveredFile, Vec<Disagreement>) {
        self.functions();
        let mut found = Vec::new();
        for (measure, all, ran) in [
            (CoverageMeasure::Lines, "LF", "LH"),
            (CoverageMeasure::Functions, "FNF", "FNH"),
            (CoverageMeasure::Branches, "BRF", "BRH"),
        ] {
            self.settle(measure, [all, ran], &mut found);
        }
        (self.file, found)
    }

    /// The `n`th `FNDA` of a name is about the `n`th `FN` of it. On one line they are one function; on several, several.
    fn functions(&mut self) {
        let mut calls: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
        for (name, ran) in &self.called {
            calls.entry(name).or_default().push(*ran);
        }
        let mut seen: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for (name, line) in std::mem::take(&mut self.declared) {
            let (count, first) = seen.entry(name).or_insert((0, line));
            let ran = calls.get(name).and_then(|own| own.get(*count)).copied().unwrap_or(false);
            *count += 1;
            let id = if *first == line { name.to_owned() } else { format!("{name}:{line}") };
            *self.file.functions.entry(id.into()).or_default() |= ran;
            self.element(CoverageMeasure::Functions, ran);
        }
        // A count without a declaration, or more of them than declarations: of the function of that name.
        for (name, own) in calls {
            let declared = seen.get(name).map_or(0, |(count, _)| *count);
            if own.len() > declared {
                *self.file.functions.entry(name.into()).or_default() |= own[declared..].contains(&true);
            }
        }
    }

    /// Holds what is stated of a measure against the items.
    fn settle(&mut self, measure: CoverageMeasure, keywords: [&str; 2], found: &mut Vec<Disagreement>) {
        let items = self.file.count(measure);
        let stated = |keyword: &str| self.stated.iter().rev().find(|(own, ..)| *own == keyword);
        let [all, ran] = keywords.map(stated);
        let share = SourceCount {
            total: all.map_or(items.total, |(_, count, _)| *count),
            covered: ran.map_or(items.covered, |(_, count, _)| *count),
        };
        // What a tool states of branches that it does not tell of is nothing to hold against anything.
        if share == items || (measure == CoverageMeasure::Branches && items.total == 0) {
            return;
        }
        let elements = self.elements.get(&measure).copied().unwrap_or_default();
        if share == elements {
            self.file.stated.insert(measure, elements);
            return;
        }
        let more = all.is_some() && ran.is_some() && share.total >= items.total && share.covered >= items.covered;
        let more = more && items.total > 0;
        let cut = measure == CoverageMeasure::Lines && items.total == 0 && share.covered < share.total;
        let worse = cut || (!more && is_below(share, items));
        let word = measure.word();
        let counts = [(all, items.total, ""), (ran, items.covered, " that ran")];
        for (stated, count, which) in counts {
            let Some((keyword, stated, line)) = stated.filter(|(_, stated, _)| *stated != count) else { continue };
            let (items, stated) =
                (format!("{count} {word}{which} of `{}`", self.file.name), format!("{keyword} = {stated}"));
            found.push(Disagreement { measure, items, stated, at: Spot::Line(*line), worse });
        }
        if more {
            self.file.stated.insert(measure, share);
        }
    }
}

/// Whether the first share is lower than the second.
fn is_below(one: SourceCount, other: SourceCount) -> bool {
    (one.covered as u128) * (other.total as u128) < (other.covered as u128) * (one.total as u128)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a count says that something ran. Some tools write large counts with an exponent; a negative or endless one is none.
fn hits(text: &str) -> Option<bool> {
    let count = text.trim().parse::<f64>().ok().filter(|count| count.is_finite() && *count >= 0.0)?;
    Some(count > 0.0)
}
