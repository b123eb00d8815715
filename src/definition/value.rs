//! How single values are read: text, numbers, ages, ids, pointers, lists, and plain data for parameters.

use super::keys::Scope;
use super::schema::Kind;
use crate::diagnostic::Code;
use crate::model::{
    Age, EvidenceId, GateId, LaneId, Map, Number, PackId, Pointer, Quantity, RelPath, Unit, Value, is_blank,
};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// A value as it stands in the file.
#[derive(Clone, Copy)]
pub struct Raw<'t> {
    /// The value with its span.
    pub value: &'t Spanned<DeValue<'t>>,
    /// What may be named here.
    pub scope: &'t Scope,
    /// The text of the whole file, to map offsets inside a string to offsets in the file.
    pub text: &'t str,
}

impl<'t> Raw<'t> {
    /// The plain value.
    pub fn get(self) -> &'t DeValue<'t> {
        self.value.get_ref()
    }

    /// The string, or a refusal that says what was wanted.
    ///
    /// # Errors
    /// `wrong-type`, with `wanted`.
    pub fn string(self, wanted: &str) -> Result<&'t str, Refusal> {
        self.get().as_str().ok_or_else(|| self.wrong_type(wanted))
    }

    /// A refusal of the value's type.
    pub fn wrong_type(self, wanted: &str) -> Refusal {
        Refusal::new(format!("expected {wanted}, found {}", type_name(self.get())))
    }

    /// The offset in the file of byte `at` of this string's content, if the string is written without escapes; else the
    /// string's own start.
    pub fn offset_in_string(self, content: &str, at: usize) -> usize {
        let span = self.value.span();
        let written = self.text.get(span.clone()).unwrap_or_default();
        match written.find(content) {
            Some(inner) if !content.is_empty() => span.start + inner + at.min(content.len()),
            Some(_) | None => span.start,
        }
    }
}

/// The name of a TOML value's type, as messages say it.
pub fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Why a value is refused.
#[derive(Debug)]
pub struct Refusal {
    /// What class of problem it is.
    pub code: &'static Code,
    /// What is wrong; a phrase for the carets.
    pub message: String,
    /// One thing to do.
    pub help: Option<String>,
    /// The bytes of the file to point at, when not the whole value.
    pub range: Option<Range<usize>>,
}

impl Refusal {
    /// A `wrong-type` refusal of the whole value.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: Code::WRONG_TYPE, message: message.into(), help: None, range: None }
    }

    /// The refusal, under another code.
    #[must_use]
    pub fn code(mut self, code: &'static Code) -> Self {
        self.code = code;
        self
    }

    /// The refusal, with one thing to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A value that a definition can hold.
pub trait Read: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// The first problem, or all of them where one value can have several (expressions).
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>>;

    /// What it looks like, for schemas and docs.
    fn kind() -> Kind;
}

/// A value with its bytes in the file, for problems that show only beside other values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

impl<T: Read> Read for Marked<T> {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        T::read(raw).map(|value| Marked { value, range: raw.value.span() })
    }

    fn kind() -> Kind {
        T::kind()
    }
}

impl Read for String {
    /// Text that is not blank: a blank owner or reason is no owner and no reason.
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a string").map_err(|e| vec![e])?;
        if is_blank(text) { Err(vec![Refusal::new("must not be blank")]) } else { Ok(text.to_owned()) }
    }

    fn kind() -> Kind {
        Kind::Text
    }
}

impl Read for bool {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        raw.get().as_bool().ok_or_else(|| vec![raw.wrong_type("`true` or `false`")])
    }

    fn kind() -> Kind {
        Kind::Boolean
    }
}

impl Read for u64 {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let integer = raw.get().as_integer().ok_or_else(|| vec![raw.wrong_type("a whole number")])?;
        u64::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| vec![Refusal::new("expected a whole number, 0 or more")])
    }

    fn kind() -> Kind {
        Kind::Natural
    }
}

impl Read for Number {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let wrong = || vec![raw.wrong_type("a finite number")];
        if let Some(integer) = raw.get().as_integer() {
            return i64::from_str_radix(integer.as_str(), integer.radix())
                .map(|int| Number::Int(i128::from(int)))
                .map_err(|_| vec![Refusal::new("does not fit in 64 bits")]);
        }
        let float = raw.get().as_float().ok_or_else(wrong)?;
        let number = Number::parse(float.as_str()).ok_or_else(wrong)?;
        number.map_err(|because| vec![Refusal::new(because)])
    }

    fn kind() -> Kind {
        Kind::Number
    }
}

macro_rules! read_text {
    ($($type:ty, $kind:expr, $parse:expr;)+) => {$(
        impl Read for $type {
            fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
                let text = raw.string("a string").map_err(|e| vec![e])?;
                let parse: fn(&str) -> Result<$type, String> = $parse;
                parse(text).map_err(|message| vec![Refusal::new(message)])
            }

            fn kind() -> Kind {
                $kind
            }
        }
    )+};
}

read_text! {
    Age, Kind::Pattern("^[0-9]+[smhdw]$", "a length of time with its unit: `90s`, `15m`, `36h`, `5d`, `2w`"),
        |text| Age::parse(text).map_err(|phrase| format!("`{text}` {phrase}"));
    Quantity, Kind::Pattern("^[-+]?[0-9.]+ *[^0-9 .].*$", "a number with its unit: `250 ms`, `1.5 GiB`, `99.5 %`"),
        |text| Quantity::parse(text).map_err(|phrase| format!("`{text}` {phrase}"));
    Unit, Kind::Pattern("^[^0-9 ]", "a unit: `ms`, `KiB`, `%`, `count`, `ops/s`, `MB/s`"),
        |text| Unit::parse(text).ok_or_else(|| format!("`{text}` is no unit that is known"));
    Pointer, Kind::Pattern("^(/([^~]|~[01])*)?$", "a JSON Pointer: `/a/b`"),
        |text| Pointer::parse(text).ok_or_else(|| format!("`{text}` is not a JSON Pointer like `/a/b`"));
    RelPath, Kind::Pattern("^[^/\\\\]", "a relative path with forward slashes that stays below its base"),
        |text| RelPath::parse(text).map_err(|unsafe_path| unsafe_path.to_string());
    GateId, Kind::Pattern("^[a-z0-9][a-z0-9_-]*$", "the id of a gate"), |text| GateId::try_from(text).map_err(|e| e.to_string());
    LaneId, Kind::Pattern("^[a-z0-9][a-z0-9_-]*$", "the name of a lane"), |text| LaneId::try_from(text).map_err(|e| e.to_string());
    PackId, Kind::Pattern("^[a-z0-9][a-z0-9_-]*$", "the name of a pack"), |text| PackId::try_from(text).map_err(|e| e.to_string());
}

impl Read for EvidenceId {
    /// An id that the gate declares; anything else is `unknown-evidence`.
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("the id of declared evidence").map_err(|e| vec![e])?;
        raw.scope.evidence(text).map_err(|refusal| vec![refusal])
    }

    fn kind() -> Kind {
        Kind::Pattern("^[a-z0-9][a-z0-9_-]*$", "the id of evidence that the gate declares")
    }
}

impl<T: Read> Read for Vec<T> {
    /// A list with at least one member: an empty list of requirements requires nothing.
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let array = raw.get().as_array().ok_or_else(|| vec![raw.wrong_type("a list")])?;
        if array.is_empty() {
            return Err(vec![Refusal::new("must not be empty")]);
        }
        let (mut items, mut refusals) = (Vec::new(), Vec::new());
        for value in array.iter() {
            match T::read(Raw { value, ..raw }) {
                Ok(item) => items.push(item),
                Err(more) => refusals.extend(more.into_iter().map(|mut refusal| {
                    refusal.range.get_or_insert(value.span());
                    refusal
                })),
            }
        }
        if refusals.is_empty() { Ok(items) } else { Err(refusals) }
    }

    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let table = raw.get().as_table().ok_or_else(|| vec![raw.wrong_type("a table")])?;
        let (mut items, mut refusals) = (BTreeMap::new(), Vec::new());
        for (key, value) in table.iter() {
            match T::read(Raw { value, ..raw }) {
                Ok(item) => drop(items.insert(key.get_ref().to_string(), item)),
                Err(more) => refusals.extend(more.into_iter().map(|mut refusal| {
                    refusal.range.get_or_insert(value.span());
                    refusal
                })),
            }
        }
        if refusals.is_empty() { Ok(items) } else { Err(refusals) }
    }

    fn kind() -> Kind {
        Kind::Map(Box::new(T::kind()))
    }
}

impl Read for Value {
    /// Any data: what parameters hold.
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        match raw.get() {
            DeValue::String(text) => Ok(Value::from(&**text)),
            DeValue::Integer(_) | DeValue::Float(_) => Number::read(raw).map(Value::Number),
            DeValue::Boolean(flag) => Ok(Value::Bool(*flag)),
            DeValue::Datetime(date) => Ok(Value::from(date.to_string().as_str())),
            DeValue::Array(items) => {
                items.iter().map(|value| Value::read(Raw { value, ..raw })).collect::<Result<_, _>>().map(Value::List)
            }
            DeValue::Table(table) => {
                let mut entries = Vec::new();
                for (key, value) in table.iter() {
                    entries.push((Box::from(&**key.get_ref()), Value::read(Raw { value, ..raw })?));
                }
                Map::from_entries(entries)
                    .map(Value::Map)
                    .map_err(|twice| vec![Refusal::new(format!("`{}` is there twice", twice.0))])
            }
        }
    }

    fn kind() -> Kind {
        Kind::Any
    }
}

/// Reads one of a few words: the whole body of `Read` for an enum whose values have words.
///
/// # Errors
/// `wrong-type`, with the nearest word.
pub fn choice<T: Copy>(raw: Raw<'_>, words: &[(&'static str, T)]) -> Result<T, Vec<Refusal>> {
    let given = raw.string("a string").map_err(|e| vec![e])?;
    words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value).ok_or_else(|| {
        let help = crate::diagnostic::did_you_mean(given, words.iter().map(|(word, _)| *word));
        vec![Refusal::new(format!("`{given}` is not one of the words it takes")).help(help)]
    })
}
