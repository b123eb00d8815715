//! Questions as data: the files of `queries/`, and what their headers say.
//!
//! A question is one SQL file. Lines that begin with `-- ` before the first statement say what it is: `title:`, `answers:` (may be several
//! lines), and `param: NAME = DEFAULT: what it does` for each parameter, which the SQL names as `$NAME`. A default in quotes is text, one
//! with a point is a number, every other is a whole number. To add a question, add a file, and a line in [`SHIPPED`].

use crate::fault::{Fault, Told};
use datafusion::scalar::ScalarValue;

/// The questions that are shipped: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("baseline", include_str!("../queries/baseline.sql")),
    ("caught", include_str!("../queries/caught.sql")),
    ("evidence-ages", include_str!("../queries/evidence-ages.sql")),
    ("exceptions", include_str!("../queries/exceptions.sql")),
    ("flaky-tests", include_str!("../queries/flaky-tests.sql")),
    ("gate-reliability", include_str!("../queries/gate-reliability.sql")),
    ("latest-runs", include_str!("../queries/latest-runs.sql")),
    ("measures", include_str!("../queries/measures.sql")),
    ("never-failed", include_str!("../queries/never-failed.sql")),
    ("regressions", include_str!("../queries/regressions.sql")),
    ("slow-tests", include_str!("../queries/slow-tests.sql")),
    ("slowing-tests", include_str!("../queries/slowing-tests.sql")),
];

/// A parameter of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name, as the SQL has it behind `$`.
    pub name: String,
    /// What it is if nobody says.
    pub default: ScalarValue,
    /// What it does.
    pub about: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// A few words.
    pub title: String,
    /// What it answers.
    pub answers: String,
    /// Its parameters.
    pub params: Vec<Param>,
    /// The statement.
    pub sql: String,
}

/// Reads a value as a header or an operator writes it.
pub fn value(text: &str) -> ScalarValue {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return ScalarValue::Utf8(Some(inner.to_owned()));
    }
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => ScalarValue::Int64(Some(whole)),
        (_, Ok(number)) => ScalarValue::Float64(Some(number)),
        _ => ScalarValue::Utf8(Some(text.to_owned())),
    }
}

impl Question {
    /// Reads a file.
    ///
    /// # Errors
    /// Its header lacks something, or has a line that says nothing.
    pub fn read(name: &str, text: &str) -> Told<Self> {
        let wrong = |what: &str| Fault::Usage(format!("the question `{name}` {what}"));
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("--")).collect();
        let (mut title, mut answers, mut params) = (String::new(), String::new(), Vec::new());
        for line in &header {
            let line = line.trim_start_matches('-').trim();
            if let Some(rest) = line.strip_prefix("title:") {
                rest.trim().clone_into(&mut title);
            } else if let Some(rest) = line.strip_prefix("answers:") {
                rest.trim().clone_into(&mut answers);
            } else if let Some(rest) = line.strip_prefix("param:") {
                let (own, about) =
                    rest.split_once(':').ok_or_else(|| wrong("has a parameter that says nothing of itself"))?;
                let (name, default) = own.split_once('=').ok_or_else(|| wrong("has a parameter without a default"))?;
                let (name, about) = (name.trim().to_owned(), about.trim().to_owned());
                params.push(Param { name, default: value(default), about });
            } else if !line.is_empty() && params.is_empty() && !answers.is_empty() {
                answers.push(' ');
                answers.push_str(line);
            } else if !line.is_empty() {
                return Err(wrong(&format!("has a line in its header that says nothing: `{line}`")));
            }
        }
        if title.is_empty() || answers.is_empty() {
            return Err(wrong("has no `-- title:` or no `-- answers:`"));
        }
        let sql = text.lines().skip(header.len()).collect::<Vec<_>>().join("\n");
        Ok(Self { name: name.to_owned(), title, answers, params, sql })
    }

    /// A question by its name, or by the path of a file.
    ///
    /// # Errors
    /// There is none.
    pub fn find(name: &str) -> Told<Self> {
        if let Some((name, text)) = SHIPPED.iter().find(|(known, _)| *known == name) {
            return Self::read(name, text);
        }
        if name.ends_with(".sql") {
            let path = std::path::Path::new(name);
            let text = std::fs::read_to_string(path).map_err(|error| Fault::io("read", path, &error))?;
            return Self::read(name, &text);
        }
        let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        Err(Fault::Usage(format!(
            "there is no question `{name}`; there are {}; or name a file, `FILE.sql`",
            known.join(", ")
        )))
    }

    /// The values of its parameters: those that were set, and the defaults.
    ///
    /// # Errors
    /// One is set that it has not, or to something of another kind.
    pub fn values(&self, set: &[(String, String)]) -> Told<Vec<(String, ScalarValue)>> {
        if let Some((name, _)) = set.iter().find(|(name, _)| !self.params.iter().any(|param| param.name == *name)) {
            let known: Vec<&str> = self.params.iter().map(|param| param.name.as_str()).collect();
            return Err(Fault::Usage(format!(
                "the question `{}` has no parameter `{name}`; it has {}",
                self.name,
                known.join(", ")
            )));
        }
        let of = |param: &Param| {
            let Some((_, text)) = set.iter().rev().find(|(name, _)| *name == param.name) else {
                return Ok((param.name.clone(), param.default.clone()));
            };
            let given = match (&param.default, value(text)) {
                (ScalarValue::Float64(_), ScalarValue::Int64(Some(whole))) => ScalarValue::Float64(Some(whole as f64)),
                (ScalarValue::Utf8(_), _) => ScalarValue::Utf8(Some(text.trim_matches('\'').to_owned())),
                (_, other) => other,
            };
            if given.data_type() != param.default.data_type() {
                let told = format!("`--set {}={text}`: a value like `{}` was expected", param.name, param.default);
                return Err(Fault::Usage(told));
            }
            Ok((param.name.clone(), given))
        };
        self.params.iter().map(of).collect()
    }
}

/// The shipped questions with their parameters, for people.
///
/// # Errors
/// One is not sound, which none of ours is.
pub fn listed() -> Told<String> {
    let mut out = String::new();
    for (name, text) in SHIPPED {
        let question = Question::read(name, text)?;
        out.push_str(&format!("{name}: {}\n    {}\n", question.title, question.answers));
        for param in question.params {
            out.push_str(&format!("    --set {}={}: {}\n", param.name, param.default, param.about));
        }
    }
    Ok(out)
}
