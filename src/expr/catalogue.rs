//! The functions an expression may call: their names, how they are called, how many arguments they take.
//!
//! The page `docs/checks/expressions.md` is made of them. A new function is one line here and one arm in `functions`.

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
    Version,
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
    /// What it gives, for its row of the page.
    about: &'static str,
}

const fn form(name: &'static str, function: Function, arguments: usize, usage: &'static str, about: &'static str) -> Form {
    Form { name, function, arguments, global: false, method: true, usage, about }
}

const fn either(name: &'static str, function: Function, usage: &'static str, about: &'static str) -> Form {
    Form { name, function, arguments: 1, global: true, method: true, usage, about }
}

const fn conversion(name: &'static str, function: Function, usage: &'static str, about: &'static str) -> Form {
    Form { name, function, arguments: 1, global: true, method: false, usage, about }
}

const FORMS: [Form; 21] = [
    either("size", Function::Size, "x.size()", "characters of a string, items of a list, entries of an object"),
    form("contains", Function::Contains, 2, "text.contains('part')", "whether the part stands anywhere in the string"),
    form("startsWith", Function::StartsWith, 2, "text.startsWith('part')", "whether the string begins so"),
    form("endsWith", Function::EndsWith, 2, "text.endsWith('part')", "whether the string ends so"),
    Form {
        global: true,
        ..form(
            "matches",
            Function::Matches,
            2,
            "text.matches('^pattern$')",
            "whether the pattern, a string written out, is found anywhere: anchor it with `^` and `$`",
        )
    },
    conversion(
        "int",
        Function::Int,
        "int(x)",
        "an integer: a number cut towards zero, decimal digits, the seconds of a timestamp since 1970",
    ),
    conversion("double", Function::Double, "double(x)", "a float: of a number, or of a string that is one"),
    conversion("string", Function::String, "string(x)", "a string: of a boolean, a number, a time or a version"),
    conversion(
        "timestamp",
        Function::Timestamp,
        "timestamp('2026-01-31T12:00:00Z')",
        "a point in time, from RFC 3339 with an offset",
    ),
    conversion(
        "duration",
        Function::Duration,
        "duration('36h')",
        "a length of time: `36h`, `5d`, `1h30m`, `-1.5h`, `250ms`",
    ),
    conversion(
        "version",
        Function::Version,
        "version('1.10.0')",
        "a version, for `==`, `<` and their like: numbers with dots between them, a leading `v` allowed; missing numbers are 0 (`1.9` is `1.9.0`), a pre-release (`-rc.1`) comes before its release, a build (`+5`) decides nothing; any other text is the finding `bad-version`",
    ),
    conversion("abs", Function::Abs, "abs(x)", "the number or duration without its sign"),
    either("min", Function::Min, "min(list)", "the smallest item; an empty list has none, which is a finding"),
    either("max", Function::Max, "max(list)", "the largest item; an empty list has none, which is a finding"),
    either("sum", Function::Sum, "sum(list)", "all numbers or durations added up; 0 of an empty list"),
    either("unique", Function::Unique, "list.unique()", "whether no two items are equal"),
    form("lowerAscii", Function::LowerAscii, 1, "text.lowerAscii()", "the string with `A` to `Z` made small"),
    form("upperAscii", Function::UpperAscii, 1, "text.upperAscii()", "the string with `a` to `z` made large"),
    form("trim", Function::Trim, 1, "text.trim()", "the string without white space around it"),
    form("split", Function::Split, 2, "text.split(',')", "the parts of the string between separators"),
    form("take", Function::Take, 2, "list.take(3)", "the first items of the list, all if there are fewer"),
];

/// The loops and `has`, which look like functions: how they are called, and what they give.
const LOOPS: [(&str, &str); 7] = [
    ("has(a.b)", "whether the field is there; all before the last dot must be"),
    ("list.all(x, condition)", "whether the condition is true of each item; of an object: of each key"),
    ("list.exists(x, condition)", "whether it is true of at least one"),
    ("list.exists_one(x, condition)", "whether it is true of exactly one"),
    ("list.filter(x, condition)", "the items of which it is true"),
    ("list.map(x, value)", "a value for each item"),
    ("list.map(x, condition, value)", "a value for each item of which the condition is true"),
];

/// What can be called, as rows of a Markdown table.
pub fn page() -> String {
    let mut page = "| call | gives |\n|---|---|\n".to_owned();
    let rows = FORMS.iter().map(|form| (form.usage, form.about)).chain(LOOPS);
    rows.for_each(|(usage, about)| page.push_str(&format!("| `{usage}` | {about} |\n")));
    page
}

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
