//! `yaml`: one YAML document, read as plain data.
//!
//! Scalars follow the core schema of YAML 1.2: only `true`, `false` and `null` (each in three cases, and `~`) are words with a
//! meaning, so `no`, `off` and dates are text. Keys are texts.
//!
//! Malformed is what lets a small file grow or lets two readers differ: anchors and aliases, tags, merge keys (`<<`), directives, a
//! second document (an empty one too), a key that is there twice or is no text, a byte order mark elsewhere than at the beginning of the file or in
//! quotes, UTF-16, nesting of 128 levels or more, `.nan` and `.inf`, integers beyond 64 bits, numbers beyond a double such as `1.0e400`
//! and `1e-400` (as in `json`), and integers with leading zeros, which are ids more often than numbers and octal to some readers: quote
//! them. Digits around one `e` that no double can hold, `81e4567`, are
//! an id and therefore text: readers of YAML 1.1 never took them for a number. Gaps name line and column. A text of more than a million bytes or a hundred thousand values is over the limit.

use super::{decode, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, GapKind, Map, Number, Value, Where};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput};
use std::collections::BTreeSet;

/// The format.
pub(super) static YAML: Format = Format {
    id: "yaml",
    extensions: &["yml", "yaml"],
    about: "one YAML document, read as plain data",
    docs: include_str!("yaml.rs"),
    reading: Reading::Whole(read),
};

/// Deepest nesting of a document, as for JSON.
const DEEPEST: usize = 127;

/// Longest text that is parsed, in bytes. What people write by hand is far below; the parser is not made for more.
const LONGEST: usize = 1_000_000;

/// How many values a document may have.
const MOST: usize = 100_000;

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let text = decode::marked_utf8(bytes, at)?;
    let value = parse(text).map_err(|fault| fault.gap(at, 0, "a sound YAML document"))?;
    Ok(Content::Document(Document::new(value)))
}

/// What is wrong with YAML text, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// It is too long or has too many values.
    crowded: bool,
    message: String,
    /// Line and column from 1; `None` where the whole text is to blame.
    place: Option<(usize, usize)>,
}

impl Fault {
    fn at(marker: &Marker, message: impl Into<String>) -> Self {
        Self { crowded: false, message: message.into(), place: Some((marker.line(), marker.col() + 1)) }
    }

    fn whole(message: &str) -> Self {
        Self { crowded: false, message: message.to_owned(), place: None }
    }

    fn crowded(message: String) -> Self {
        Self { crowded: true, message, place: None }
    }

    /// The fault at a place that the text has: where it ends too early, the parser names the line behind the last.
    fn within(mut self, text: &str) -> Self {
        // What the parser takes for a line break: a carriage return counts alone or with its line feed.
        let breaks = text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count();
        if let Some((line, column)) = &mut self.place
            && *line > breaks + 1
        {
            *line = breaks + 1;
            *column = 1 + text.rsplit(['\n', '\r']).next().unwrap_or_default().chars().count();
        }
        self
    }

    /// The fault as a gap of a file in which the text begins behind `above` lines.
    pub(super) fn gap(&self, at: &Where, above: usize, expected: &str) -> Gap {
        let place = self.place.map(|(line, column)| (line + above, column));
        let shown = place.map_or(String::new(), |(line, column)| format!(" (line {line}, column {column})"));
        let gap = malformed(at, place.map(|(line, _)| line), expected, format!("{}{shown}", self.message));
        if self.crowded { Gap { kind: GapKind::OverLimit, ..gap } } else { gap }
    }
}

/// Parses one document strictly.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::crowded(format!("{} bytes, and {LONGEST} are the most", text.len())));
    }
    // The parser takes directives in silently: `%YAML 1.1` would change what words mean.
    let begins_line = |at: &usize| *at == 0 || text[..*at].ends_with(['\n', '\r']);
    if let Some(at) = text.match_indices('%').map(|(at, _)| at).find(begins_line) {
        let line = 1 + text[..at].matches('\n').count();
        return Err(Fault { place: Some((line, 1)), ..Fault::whole("a directive") });
    }
    let mut reader = Reader { events: Parser::new_from_str(text), values: 0 };
    reader.document().map_err(|fault| fault.within(text))
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Marker), Fault> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(error)) => Err(Fault::at(error.marker(), error.info())),
            None => Err(Fault::whole("an end where more was to come")),
        }
    }

    fn document(&mut self) -> Result<Value, Fault> {
        let mut found = None;
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::DocumentStart(_), at) if found.is_some() => return Err(Fault::at(&at, "a second document")),
                (Event::DocumentStart(_), _) => {
                    let (event, at) = self.next()?;
                    found = Some(self.value(event, &at, DEEPEST)?);
                }
                (Event::StreamEnd, _) => return found.ok_or_else(|| Fault::whole("no document")),
                (_, at) => return Err(Fault::at(&at, "something outside of a document")),
            }
        }
    }

    /// The value that begins with this event, if it nests at most `room` levels.
    fn value(&mut self, event: Event<'t>, at: &Marker, room: usize) -> Result<Value, Fault> {
        self.values += 1;
        if self.values > MOST {
            return Err(Fault::crowded(format!("more than {MOST} values")));
        }
        let inner = || room.checked_sub(1).ok_or_else(|| Fault::at(at, format!("nesting of more than {DEEPEST} levels")));
        match event {
            Event::Alias(_) => Err(Fault::at(at, "an alias")),
            Event::Scalar(.., Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(Fault::at(at, "a tag"))
            }
            Event::Scalar(text, style, 0, None) => scalar(&text, style).map_err(|message| Fault::at(at, message)),
            Event::SequenceStart(0, None) => self.list(inner()?),
            Event::MappingStart(0, None) => self.map(inner()?),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => Err(Fault::at(at, "an anchor")),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Err(Fault::at(at, "an end where a value was to come")),
        }
    }

    fn list(&mut self, room: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, at) => items.push(self.value(event, &at, room)?),
            }
        }
    }

    fn map(&mut self, room: usize) -> Result<Value, Fault> {
        let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                let map = Map::from_entries(entries);
                return map.map(Value::Map).map_err(|twin| Fault::at(&at, twice(&twin.0)));
            }
            let plain = matches!(event, Event::Scalar(_, ScalarStyle::Plain, ..));
            let key = match self.value(event, &at, room)? {
                Value::Text(key) if plain && &*key == "<<" => return Err(Fault::at(&at, "a merge key")),
                Value::Text(key) => key,
                other => {
                    let shown = Document::new(other).root().excerpt(40);
                    return Err(Fault::at(&at, format!("the key {shown}, which is no text")));
                }
            };
            if !seen.insert(key.clone()) {
                return Err(Fault::at(&at, twice(&key)));
            }
            let (event, at) = self.next()?;
            entries.push((key, self.value(event, &at, room)?));
        }
    }
}

fn twice(key: &str) -> String {
    format!("the key `{}` is there twice in one mapping", key.chars().take(80).collect::<String>())
}

/// The value of a scalar by the core schema; only plain ones are anything but text.
fn scalar(text: &str, style: ScalarStyle) -> Result<Value, String> {
    if style != ScalarStyle::Plain {
        return Ok(Value::from(text));
    }
    let shown = || text.chars().take(40).collect::<String>();
    // YAML has it at the beginning of a file and in quotes only; elsewhere it would make two keys of what looks like one.
    if text.contains('\u{feff}') {
        return Err("a byte order mark inside of the text".to_owned());
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_endless(text) => return Err(format!("the number `{text}`")),
        _ => match number(text) {
            Some(Ok(number)) => Value::Number(number),
            Some(Err(_)) if is_id(text) => Value::from(text),
            Some(Err(because)) => return Err(format!("`{}`, {because}", shown())),
            None => Value::from(text),
        },
    })
}

fn is_endless(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    [".inf", ".Inf", ".INF"].contains(&unsigned) || [".nan", ".NaN", ".NAN"].contains(&text)
}

/// Digits, an `e` and digits: an id where it is too large for a number.
fn is_id(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('e').is_some_and(|(before, behind)| digits(before) && digits(behind))
}

/// A plain scalar as a number; `None` if it has not the form of one, the reason if it is one that is not to be had.
fn number(text: &str) -> Option<Result<Number, &'static str>> {
    let radix = |prefix: &str, radix: u32| {
        let digits = text.strip_prefix(prefix)?;
        (!digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))).then(|| {
            u64::from_str_radix(digits, radix).map(|int| Number::Int(int.into())).map_err(|_| "an integer beyond 64 bits")
        })
    };
    if let Some(number) = radix("0o", 8).or_else(|| radix("0x", 16)) {
        return Some(number);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Err("an integer with a leading zero (quote it)"));
    }
    Number::parse(text)
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
