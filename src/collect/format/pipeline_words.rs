//! The words of a pipeline's documents: fields under any of their names, statuses, times, lengths of time, paths.

use crate::model::{Node, Number, Pointer, show_instant};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Two fields that mean the same and say something else.
pub(super) struct Conflict {
    pub(super) at: Pointer,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// The fields of an object, of which some were taken.
pub(super) struct Fields<'d> {
    node: Node<'d>,
    at: Pointer,
    taken: RefCell<BTreeSet<&'static str>>,
}

impl<'d> Fields<'d> {
    pub(super) fn new(node: Node<'d>, at: Pointer) -> Self {
        Self { node, at, taken: RefCell::default() }
    }

    /// The first field of these names that is of the kind.
    pub(super) fn node(&mut self, names: &[&'static str], fits: impl Fn(Node<'d>) -> bool) -> Option<Node<'d>> {
        let name = names.iter().find(|name| self.node.get(name).is_some_and(&fits))?;
        self.taken.get_mut().insert(name);
        self.node.get(name)
    }

    /// What the field of the first of these names says that can be read.
    pub(super) fn first<T: PartialEq>(
        &mut self,
        names: &[&'static str],
        read: impl Fn(Node<'d>) -> Option<T>,
    ) -> Result<Option<T>, Conflict> {
        self.pass_over_nothing(names);
        for name in names {
            if let Some(value) = self.node.get(name).and_then(&read) {
                self.taken.get_mut().insert(name);
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// A field that says nothing is none, whatever it is called.
    fn pass_over_nothing(&mut self, names: &[&'static str]) {
        let nothing = names.iter().filter(|name| self.node.get(name).is_some_and(Node::is_null));
        self.taken.get_mut().extend(nothing);
    }

    /// What the fields of all these names say together.
    pub(super) fn all<T: Meaning>(
        &mut self,
        names: &[&'static str],
        read: impl Fn(Node<'d>) -> Option<T>,
    ) -> Result<Option<T>, Conflict> {
        self.pass_over_nothing(names);
        let mut said: Option<(&str, T)> = None;
        for name in names {
            let Some(value) = self.node.get(name).and_then(&read) else { continue };
            self.taken.get_mut().insert(name);
            match &said {
                Some((first, other)) if other.meaning() != value.meaning() => {
                    let expected = format!("`{name}` that says the same as `{first}`, {}", other.meaning());
                    return Err(Conflict { at: self.at.key(name), expected, actual: value.meaning().to_owned() });
                }
                Some(_) => {}
                None => said = Some((name, value)),
            }
        }
        Ok(said.map(|(_, value)| value))
    }

    /// The fields that nobody took.
    pub(super) fn rest(&self) -> Vec<(&'d str, Node<'d>)> {
        let taken = self.taken.borrow();
        self.node.entries().filter(|(key, _)| !taken.contains(key)).collect()
    }
}

/// The bytes behind a byte order mark of UTF-8, which PowerShell and .NET write.
pub(super) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The id of a run: a text, or the number that a CI gives.
pub(super) fn id(node: Node<'_>) -> Option<String> {
    let number = || node.number().and_then(Number::as_integer).map(|id| id.to_string());
    node.text().map(str::to_owned).or_else(number)
}

/// What a value comes to, where several are compared.
pub(super) trait Meaning {
    fn meaning(&self) -> &str;
}

impl Meaning for String {
    fn meaning(&self) -> &str {
        self
    }
}

impl Meaning for (String, Option<String>) {
    fn meaning(&self) -> &str {
        &self.0
    }
}

/// A status: a word or a boolean as `success`, `failure` or `skipped`, or the word itself; and the class of error that the word names.
pub(super) fn status(node: Node<'_>) -> Option<(String, Option<String>)> {
    if let Some(good) = node.boolean() {
        return Some((if good { "success" } else { "failure" }.to_owned(), None));
    }
    let text = node.text().filter(|text| !text.trim().is_empty())?;
    let word = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let (own, class) = match word.as_str() {
        "success" | "succeeded" | "successful" | "pass" | "passed" | "ok" | "okay" | "green" | "complete" | "completed"
        | "done" | "finished" | "true" => ("success", None),
        "failure" | "fail" | "failed" | "failing" | "error" | "errored" | "ko" | "red" | "broken" | "false" => {
            ("failure", None)
        }
        "timeout" | "timed_out" | "timedout" => ("failure", Some("timeout")),
        "crashed" => ("failure", Some("crashed")),
        "aborted" => ("failure", Some("aborted")),
        "killed" => ("failure", Some("killed")),
        "cancelled" | "canceled" => ("failure", Some("cancelled")),
        "interrupted" => ("failure", Some("interrupted")),
        "terminated" => ("failure", Some("terminated")),
        "skip" | "skipped" | "not_run" | "notrun" | "not_started" | "blocked" | "disabled" => ("skipped", None),
        _ => (text, None),
    };
    Some((own.to_owned(), class.map(str::to_owned)))
}

/// Seconds since 1970 as RFC 3339, or milliseconds: those of today have three digits more.
pub(super) fn since_epoch(seconds: f64) -> Option<String> {
    let seconds = if seconds > 1e11 { seconds / 1_000.0 } else { seconds };
    let whole = seconds.floor();
    let nanos = ((seconds - whole) * 1e9) as u32;
    DateTime::<Utc>::from_timestamp(whole as i64, nanos.min(999_999_999)).map(show_instant)
}

/// The first field of these names that tells of a failure, with what it says. Words and numbers for nothing tell of none, and neither does a limit.
pub(super) fn trouble(node: Node<'_>, names: &[&str]) -> Option<String> {
    const NOTHING: &[&str] = &["", "-", "0", "false", "n/a", "nil", "no", "none", "null"];
    let tells = |value: &Node<'_>| match (value.text(), value.boolean(), value.number()) {
        (Some(text), _, _) => !NOTHING.contains(&text.trim().to_ascii_lowercase().as_str()),
        (_, Some(told), _) => told,
        (_, _, Some(number)) => number.as_float() > 0.0,
        (None, None, None) => value.items().next().is_some() || value.entries().next().is_some(),
    };
    let is_limit = |name: &str, value: &Node<'_>| name == "timeout" && value.boolean().is_none();
    let told = |name: &&str| node.get(name).filter(tells).filter(|value| !is_limit(name, value));
    names.iter().find_map(|name| Some(format!("{name} {}", told(name)?.excerpt(80))))
}

/// A point in time as RFC 3339; a text that is none stays as it is.
pub(super) fn instant(node: Node<'_>) -> Option<String> {
    if let Some(number) = node.number() {
        return since_epoch(number.as_float());
    }
    let text = node.text().filter(|text| !text.trim().is_empty())?.trim();
    Some(parsed(text).map_or_else(|| text.to_owned(), show_instant))
}

/// A point in time from any of the forms.
pub(super) fn parsed(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    for form in ["%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"] {
        if let Ok(at) = DateTime::parse_from_str(text, form) {
            return Some(at.with_timezone(&Utc));
        }
    }
    let bare = text.strip_suffix(" UTC").or_else(|| text.strip_suffix('Z')).or_else(|| text.strip_suffix(" GMT"))?;
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y%m%dT%H%M%S"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok()).map(|at| at.and_utc())
}

/// Seconds between two points in time.
pub(super) fn between(began: &str, ended: &str) -> Option<f64> {
    let took = parsed(ended)? - parsed(began)?;
    took.num_microseconds().map(|micros| micros as f64 / 1e6)
}

/// A length of time: a number, or one as text with a unit: `1.5s`, `120ms`.
pub(super) fn seconds(node: Node<'_>, per_second: f64) -> Option<f64> {
    if let Some(number) = node.number() {
        return Some(Number::as_float(number) / per_second);
    }
    let text = node.text()?.trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    let value: f64 = number.parse().ok()?;
    match text[number.len()..].trim() {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(value),
        "ms" => Some(value / 1_000.0),
        "m" | "min" => Some(value * 60.0),
        _ => None,
    }
}

/// A path below the run: one that leads through the run's own directory without the way there, a bare name in `logs`. Text that is no path is none.
pub(super) fn below_run(path: &str, run_id: Option<&str>) -> Option<String> {
    let path = path.trim();
    if path.is_empty() || path.contains('\n') || path.len() > 1_000 || !path.contains(['/', '.']) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
    let own = run_id.and_then(|id| parts.iter().rposition(|part| *part == id)).filter(|at| at + 1 < parts.len());
    let own = own.or_else(|| artifacts(&parts));
    Some(match own {
        Some(at) => parts[at + 1..].join("/"),
        // Text that a stage wrote, and no path.
        None if path.contains(char::is_whitespace) => return None,
        None if parts.len() == 1 => format!("logs/{path}"),
        None => parts.join("/"),
    })
}

/// Where `artifacts/e2e/<run id>` ends in a path.
pub(super) fn artifacts(parts: &[&str]) -> Option<usize> {
    let at = parts.windows(2).position(|pair| pair == ["artifacts", "e2e"])? + 2;
    (at + 1 < parts.len()).then_some(at)
}
