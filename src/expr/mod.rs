//! Expressions over evidence: the syntax of CEL, a stricter meaning.
//!
//! In: the text of a definition, then a [`Scope`] with documents and values. Out: an answer, or [`Trouble`] that names the
//! part of the text and the place in the evidence. It never guesses: a missing field, a comparison of a string with a
//! number, an overflow are neither true nor false, and no operator absorbs them. It never reads files or the time; `now`
//! is bound like any other name.
//!
//! | part | does |
//! |---|---|
//! | `lexer`, `tokens`, `literal`, `syntax` | text to syntax tree, by the grammar of CEL |
//! | `compile` | names, functions, patterns and bounds: all problems at once, each with its bytes |
//! | `eval`, `compare`, `arithmetic`, `catalogue`, `functions`, `time`, `version` | the meaning |
//! | `doubts` | what is sound and hardly meant |
//! | `explain` | the operands of a condition that does not hold |
//! | `measures` | the numbers and ages that a condition compares |
//!
//! # What differs from CEL, and why
//! Reasons and the packages that were weighed are in `docs/decisions/0002-expressions.md`.
//!
//! - `&&`, `||`, `?:` go from left to right; an error on a side that is evaluated is the answer (CEL: `error || true` is true).
//! - `==` between different types is trouble (CEL: false), except among numbers and with a `null` that is written down. So is `in`. A value that turns
//!   out to be `null` is trouble where being different makes the condition true: in `s.status != 'failed'`, `!(s.status == 'failed')`, `!(s.status in x)`, and
//!   in what `filter` and `where` ask. So it is where two values are the same because neither is there, and where the answer of a comparison is made into
//!   something else than by logic (`(s.a == 'x') == false`). A comparison that says `null` asks for it, and lists are compared
//!   as they are: `[a, b] == [c, d]` also where some of them are `null` on both sides.
//! - Integers range from -2^63 to 2^64-1 and mix with floats; integers and floats compare exactly.
//! - `matches` takes a literal pattern; it finds the pattern anywhere in the string, as in CEL: anchor with `^` and `$`.
//! - `!!x` and `--x` are refused, names may not be shadowed, at most three loops nest.
//! - `string` of a duration gives `1m30s` and not `90s`; a string compares by code point.
//! - `<`, `<=`, `>` and `>=` between two strings that look like numbers or versions are trouble where the order by code point is not that of the numbers or
//!   versions (`'9.11.2' >= '18.0.0'`): write `version(..)` or `double(..)`. `lint` doubts such literals anyway.
//! - Added: `version`, `abs`, `min`, `max`, `sum`, `unique`, `lowerAscii`, `upperAscii`, `trim`, `split`, `take`, durations such as `5d`.
//! - Left out: bytes, messages, names with a leading dot, types as values, `uint` as a type of its own (`5u` is the integer 5).

mod arithmetic;
mod bounds;
mod catalogue;
mod compare;
mod compile;
mod doubts;
mod eval;
mod explain;
mod functions;
mod lexer;
mod literal;
mod measures;
mod origin;
mod places;
mod problem;
mod rests;
mod scope;
mod syntax;
mod time;
mod tokens;
mod tree;
mod trouble;
mod value;
mod version;

#[cfg(test)]
mod tests;

pub use bounds::{STEPS, TEXT};
pub use catalogue::page as functions_page;
pub use compile::Guard;
pub use explain::Operand;
pub use origin::At;
pub use places::Reached;
pub use problem::Problem;
pub use scope::{Item, Scope};
pub use trouble::{Trouble, TroubleKind};

use crate::model::Measure;
use eval::Evaluation;
use rests::Rests;
use std::collections::BTreeSet;
use std::ops::Range;
use trouble::Fault;
use value::{EXCERPT, Val};

/// A compiled expression. Compiling costs a parse; evaluating copies nothing out of the documents.
#[derive(Debug)]
pub struct Expression {
    text: String,
    names: BTreeSet<String>,
    compiled: compile::Compiled,
}

/// What an expression says as a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It is true.
    Holds {
        /// Whether something was looked at: not so if it is true only because lists are empty, as `x.all(..)`, `!x.exists(..)`,
        /// `x.filter(..).size() == 0` and `!(a in x)` are over an empty `x`.
        examined: bool,
    },
    /// It is false; the values that decided it.
    DoesNotHold(Vec<Operand>),
    /// It is neither.
    Trouble(Box<Trouble>),
}

impl Expression {
    /// Compiles a text. `known` are the names that may occur free: evidence ids and bound names.
    ///
    /// # Errors
    /// Every problem that can be told at once, in the order of the text. What breaks the syntax hides what lies behind it.
    pub fn compile(text: &str, known: &[&str]) -> Result<Self, Vec<Problem>> {
        let compiled = compile::compile(text, known)?;
        let names = compiled.free.iter().cloned().collect();
        Ok(Self { text: text.to_owned(), names, compiled })
    }

    /// The text as given; all byte ranges count in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The free names that occur.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The fields that are read straight from a free name: `policy.floor` and `policy['floor']` read `floor` of `policy`.
    /// A key that is computed is not among them.
    pub fn fields(&self, name: &str) -> BTreeSet<&str> {
        let at = self.compiled.free.iter().position(|free| free == name);
        self.compiled.fields.iter().filter(|(of, _)| Some(*of) == at).map(|(_, field)| field.as_str()).collect()
    }

    /// Every place that it reads, behind its free names.
    pub fn places(&self) -> BTreeSet<Reached> {
        places::places(&self.compiled.free, &self.compiled.tree)
    }

    /// Whether the value of a key may be looked at in a document behind a free name; with `many`, in one of the documents that
    /// the name stands for. What cannot be told is a yes.
    pub fn looks_at(&self, name: &str, many: bool, key: &str) -> bool {
        let (found, whole) = places::reached(&self.compiled.free, &self.compiled.tree);
        let below = |steps: &[Option<String>]| match steps.get(usize::from(many)) {
            Some(Some(step)) => step == key,
            Some(None) | None => true,
        };
        whole.contains(name) || found.iter().any(|(own, steps)| own == name && below(steps))
    }

    /// Each `has(..)`: the places where absence passes.
    pub fn guards(&self) -> &[Guard] {
        &self.compiled.guards
    }

    /// Each literal text that is put in order although it looks like a number or a version: its bytes.
    pub fn doubted_orders(&self) -> Vec<Range<usize>> {
        doubts::doubted_orders(&self.compiled.tree)
    }

    /// Evaluates as a condition.
    pub fn holds(&self, scope: &Scope<'_>) -> Truth {
        self.truth(Evaluation::new(&self.compiled, scope))
    }

    /// Evaluates as a condition of what is to be judged, or of what counts as wrong: a `null` must not make it false, because what it leaves
    /// out nobody looks at.
    pub fn selects(&self, scope: &Scope<'_>) -> Truth {
        self.truth(Evaluation::new(&self.compiled, scope).map(Evaluation::in_either_sense))
    }

    /// The numbers, spans and ages that it compares as a condition, whatever comes of it. `over` is what its item is one of, if it is judged
    /// item by item.
    pub fn measures(&self, scope: &Scope<'_>, over: Option<&str>) -> Vec<Measure> {
        let now = match scope.get("now").map(|now| &now.value) {
            Some(Val::Instant(now)) => Some(*now),
            Some(_) | None => None,
        };
        let over = over.map(|name| format!("`{name}`")).into_iter().collect();
        match Evaluation::new(&self.compiled, scope) {
            Ok(evaluation) => measures::measures(&self.text, &self.compiled, evaluation, now, over),
            Err(_) => Vec::new(),
        }
    }

    fn truth(&self, evaluation: Result<Evaluation<'_>, Box<Trouble>>) -> Truth {
        let evaluated = evaluation.and_then(|mut evaluation| {
            let holds = evaluation.truth(&self.compiled.tree)?;
            Ok((holds, evaluation))
        });
        match evaluated {
            Err(trouble) => Truth::Trouble(trouble),
            Ok((false, mut evaluation)) => {
                evaluation.budget = bounds::Budget::new();
                Truth::DoesNotHold(explain::explain(&self.text, &mut evaluation, &self.compiled.tree, false))
            }
            Ok((true, evaluation)) => {
                let rests = Rests { free: &self.compiled.free, empty: &evaluation.empty() };
                Truth::Holds { examined: !rests.on_nothing(&self.compiled.tree, true) }
            }
        }
    }

    /// Evaluates to any value; which one is for the caller to judge.
    ///
    /// # Errors
    /// [`Trouble`], as everywhere.
    pub fn value<'d>(&self, scope: &Scope<'d>) -> Result<Item<'d>, Box<Trouble>> {
        Evaluation::new(&self.compiled, scope)?.value(&self.compiled.tree).map(Item)
    }

    /// Evaluates to a list; items that lie in a document keep their place.
    ///
    /// # Errors
    /// [`Trouble`], of kind [`TroubleKind::NotList`] when the value is anything else than a list.
    pub fn list<'d>(&self, scope: &Scope<'d>) -> Result<Vec<Item<'d>>, Box<Trouble>> {
        let Item(value) = self.value(scope)?;
        match (&value.value, value.members()) {
            (Val::List(_), Some(items)) => Ok(items.map(Item).collect()),
            (other, _) => {
                let actual = format!("{} {}", other.type_name(), other.excerpt(EXCERPT));
                Err(Fault::new(TroubleKind::NotList, "a list", actual).placed(&self.compiled.tree.range, value.at()))
            }
        }
    }
}
