//! The functions an expression may call: their names, how they are called, how many arguments they take.
//!
//! A new function is one line here and one arm in `functions`.

/// A function. A receiver counts as its first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Int,
    Double,
    String,
    Timestamp,
    Duration,
    Abs,
    Min,
    Max,
    Sum,
    Unique,
    LowerAscii,
    UpperAscii,
    Trim,
    Split,
    Take,
}

/// How a function is called.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// How many arguments it takes, a receiver included.
    pub(super) arguments: usize,
    /// Whether `f(x)` is allowed.
    pub(super) global: bool,
    /// Whether `x.f()` is allowed.
    pub(super) method: bool,
    pub(super) usage: &'static str,
}

const fn form(name: &'static str, function: Function, arguments: usize, usage: &'static str) -> Form {
    Form { name, function, arguments, global: false, method: true, usage }
}

const fn either(name: &'static str, function: Function, usage: &'static str) -> Form {
    Form { name, function, arguments: 1, global: true, method: true, usage }
}

const fn conversion(name: &'static str, function: Function, usage: &'static str) -> Form {
    Form { name, function, arguments: 1, global: true, method: false, usage }
}

const FORMS: [Form; 20] = [
    either("size", Function::Size, "x.size()"),
    form("contains", Function::Contains, 2, "text.contains('part')"),
    form("startsWith", Function::StartsWith, 2, "text.startsWith('part')"),
    form("endsWith", Function::EndsWith, 2, "text.endsWith('part')"),
    Form { global: true, ..form("matches", Function::Matches, 2, "text.matches('^pattern$')") },
    conversion("int", Function::Int, "int(x)"),
    conversion("double", Function::Double, "double(x)"),
    conversion("string", Function::String, "string(x)"),
    conversion("timestamp", Function::Timestamp, "timestamp('2026-01-31T12:00:00Z')"),
    conversion("duration", Function::Duration, "duration('36h')"),
    conversion("abs", Function::Abs, "abs(x)"),
    either("min", Function::Min, "min(list)"),
    either("max", Function::Max, "max(list)"),
    either("sum", Function::Sum, "sum(list)"),
    either("unique", Function::Unique, "list.unique()"),
    form("lowerAscii", Function::LowerAscii, 1, "text.lowerAscii()"),
    form("upperAscii", Function::UpperAscii, 1, "text.upperAscii()"),
    form("trim", Function::Trim, 1, "text.trim()"),
    form("split", Function::Split, 2, "text.split(',')"),
    form("take", Function::Take, 2, "list.take(3)"),
];

/// The function of a name.
pub(super) fn find(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

/// Every name that can be called, loops included.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|form| form.name).chain(["has", "all", "exists", "exists_one", "filter", "map"])
}

impl Function {
    /// Whether an empty list gives an answer that nothing was examined for.
    pub(super) const fn folds(self) -> bool {
        matches!(self, Function::Sum | Function::Unique)
    }
}
