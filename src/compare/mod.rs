//! Two versions of a repository's definitions, compared as they were loaded: which change makes judgements weaker.
//!
//! In: two sets of [`Definitions`], sound and complete. Out: every [`Change`] between them, with its [`Class`]. Texts are not
//! compared, so layout, comments and the order of keys are no changes. What grows stricter in which direction is said by the
//! readers of definitions themselves ([`Stricter`](crate::definition::Stricter)); a change of which nobody can say that it is
//! harmless is `unclear`, which counts as a weakening. Nothing in either set of definitions has a say in that.
//!
//! | part | compares |
//! |---|---|
//! | `policy` | lanes, limits, parameters, settings, `[[weaken]]` |
//! | `gates`, `needs`, `checks` | gates, what they read, what they assert |
//! | `ledger` | waivers, quarantine, suite classification |
//! | `value` | two values of one key |
//! | `show` | makes the published document and the texts for people |

mod checks;
mod gates;
mod ledger;
mod needs;
mod policy;
mod show;
mod value;

pub use show::{End, document, markdown, table, unfinished};

use crate::diagnostic::Diagnostic;
use crate::gate::Suite;
use crate::load::{self, LedgerFile, Loaded};
use crate::model::GateId;
use crate::source::{SourceMap, Span};
use crate::workspace::Workspace;

/// A set of definitions that loaded, with its ledger.
pub struct Definitions {
    /// Policy and gates.
    pub suite: Suite,
    ledger: Vec<LedgerFile>,
    sources: SourceMap,
}

impl Definitions {
    /// Adds the ledger to what was loaded.
    ///
    /// # Errors
    /// What is wrong with the definitions or with the ledger, with the texts to show it in.
    pub fn new(workspace: &dyn Workspace, loaded: Loaded) -> Result<Self, (Vec<Diagnostic>, SourceMap)> {
        let Loaded { suite, problems, mut sources, .. } = loaded;
        let Some(suite) = suite else { return Err((problems, sources)) };
        match load::ledger_files(workspace, &suite, &mut sources) {
            Ok(ledger) => Ok(Self { suite, ledger, sources }),
            Err(problems) => Err((problems, sources)),
        }
    }
}

/// What a change does to judgements. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Something that failed may pass.
    Weakening,
    /// Nobody can say what it does, so it counts as a weakening.
    Unclear,
    /// Something that passed may fail, and nothing that failed passes.
    Tightening,
    /// Nothing: words for people, order.
    Neutral,
}

impl Class {
    /// Every class, in the order of the report.
    pub const ALL: [Class; 4] = [Class::Weakening, Class::Unclear, Class::Tightening, Class::Neutral];

    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Class::Weakening => "weakening",
            Class::Unclear => "unclear",
            Class::Tightening => "tightening",
            Class::Neutral => "neutral",
        }
    }

    /// Whether it counts as a weakening. Harmless is what is known to be harmless.
    pub const fn weakens(self) -> bool {
        match self {
            Class::Weakening | Class::Unclear => true,
            Class::Tightening | Class::Neutral => false,
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it does.
    pub class: Class,
    /// The gate that it is about; `None` if it is about the policy as a whole.
    pub gate: Option<GateId>,
    /// What changed: `blocking`, `check 2 (within) max`, `limit waiver_max_days`.
    pub what: String,
    /// What it was; `None` if there was nothing.
    pub from: Option<String>,
    /// What it is; `None` if there is nothing.
    pub to: Option<String>,
    /// Why it has its class.
    pub reason: String,
    /// Where it stood in the base: file and line.
    pub base: Option<(String, usize)>,
    /// Where it stands in the head.
    pub head: Option<(String, usize)>,
}

/// Everything that differs, the worst first, then by gate in the order of the policy.
pub fn compare(base: &Definitions, head: &Definitions) -> Vec<Change> {
    let mut changes = Changes { base: &base.sources, head: &head.sources, gate: None, found: Vec::new() };
    policy::compare(base, head, &mut changes);
    gates::compare(&base.suite, &head.suite, &mut changes);
    ledger::compare(&base.ledger, &head.ledger, &mut changes);
    changes.sorted()
}

/// What differs in two versions of a ledger, each with the texts that its places are in.
pub fn compare_ledgers(base: (&[LedgerFile], &SourceMap), head: (&[LedgerFile], &SourceMap)) -> Vec<Change> {
    let mut changes = Changes { base: base.1, head: head.1, gate: None, found: Vec::new() };
    ledger::compare(base.0, head.0, &mut changes);
    changes.sorted()
}

/// The changes found so far, and where places are looked up.
struct Changes<'s> {
    base: &'s SourceMap,
    head: &'s SourceMap,
    gate: Option<GateId>,
    found: Vec<Change>,
}

/// Two values as people see them.
type Shown = (Option<String>, Option<String>);

/// Two places.
type At<'s> = (Option<&'s Span>, Option<&'s Span>);

impl Changes<'_> {
    fn add(&mut self, class: Class, what: impl Into<String>, (from, to): Shown, reason: impl Into<String>, at: At<'_>) {
        let place = |sources: &SourceMap, span: Option<&Span>| {
            let span = span?;
            let source = sources.get(span.source);
            Some((source.name.clone(), source.position(span.start).0))
        };
        self.found.push(Change {
            class,
            gate: self.gate.clone(),
            what: what.into(),
            from,
            to,
            reason: reason.into(),
            base: place(self.base, at.0),
            head: place(self.head, at.1),
        });
    }

    /// Something that is there in one of them alone: gone it weakens, new it tightens.
    fn presence(&mut self, what: &str, (from, to): Shown, at: At<'_>) {
        match (&from, &to) {
            (Some(_), None) => self.add(Class::Weakening, what, (from, to), "it is gone", at),
            (None, Some(_)) => self.add(Class::Tightening, what, (from, to), "it is new", at),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// Words for people.
    fn prose(&mut self, what: &str, from: &str, to: &str, at: At<'_>) {
        if from != to {
            self.add(Class::Neutral, what, shown(from, to), "words for people", at);
        }
    }

    /// A value of which no direction is known.
    fn unclear(&mut self, what: &str, from: Option<String>, to: Option<String>, at: At<'_>) {
        if from != to {
            self.add(Class::Unclear, what, (from, to), "which way is stricter cannot be told", at);
        }
    }

    /// A switch that is stricter in one of its positions.
    fn flag(&mut self, what: &str, from: bool, to: bool, stricter: bool, at: At<'_>) {
        if from != to {
            let (class, reason) = match to == stricter {
                true => (Class::Tightening, format!("`{stricter}` is stricter")),
                false => (Class::Weakening, format!("`{stricter}` is stricter")),
            };
            self.add(class, what, shown(from, to), reason, at);
        }
    }

    fn sorted(self) -> Vec<Change> {
        let mut found = self.found;
        // Stable: within a class, the order in which things were compared.
        found.sort_by_key(|change| change.class);
        found
    }
}

fn shown(from: impl ToString, to: impl ToString) -> Shown {
    (Some(from.to_string()), Some(to.to_string()))
}
