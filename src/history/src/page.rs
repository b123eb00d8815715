//! `html`: a page of the store that needs no server and no network.
//!
//! In: a store, and what is looked at of it. Out: one file, `index.html`, with the answers in it as JSON and everything that draws them. Texts
//! come from evidence, and so from anybody: the page sets them as text and never as markup, and the JSON cannot end its element.

use crate::answer::{Form, text};
use crate::engine::Engine;
use crate::fault::{Fault, Told};
use crate::question::Question;
use gatekeeper::report::sanitise;
use std::path::{Path, PathBuf};

/// The page, with a place for the answers.
pub(crate) const PAGE: &str = include_str!("page.html");

/// Where the answers go.
const PLACE: &str = "/*ANSWERS*/null";

/// Most verdicts that are drawn; the newest ones.
const RUNS_MOST: usize = 3_000;

/// What the page asks beside the shipped questions. Each takes the newest verdicts only.
const ASKED: &[(&str, &str)] = &[
    (
        "runs",
        "SELECT project, branch, judged_at, commit, ruling, reason, verdict, run_id, policy, lane, gates, failed, warned, waived \
         FROM newest ORDER BY judged_at, verdict",
    ),
    (
        "gates",
        "SELECT g.verdict, g.gate, g.standing, g.detail FROM gates g JOIN newest n ON n.verdict = g.verdict AND n.project = g.project",
    ),
    (
        "measures",
        "SELECT m.verdict, m.gate, m.what, m.unit, m.value, m.at_most, m.at_least FROM measures m \
         JOIN newest n ON n.verdict = m.verdict AND n.project = m.project",
    ),
];

/// The shipped questions that it shows.
const QUESTIONS: [&str; 5] = ["flaky-tests", "slow-tests", "slowing-tests", "exceptions", "regressions"];

/// The page of a store.
///
/// # Errors
/// Those of its questions.
pub fn page(engine: &Engine, link: Option<&str>) -> Told<String> {
    let mut parts = Vec::new();
    for (name, sql) in ASKED {
        let newest = format!("(SELECT * FROM runs ORDER BY judged_at DESC, verdict DESC LIMIT {RUNS_MOST})");
        let (schema, batches) = engine.ask(&format!("WITH newest AS {newest} {sql}"), Vec::new())?;
        parts.push(format!("\"{name}\":{}", text(&schema, &batches, Form::Json)?.trim_end()));
    }
    for name in QUESTIONS {
        let question = Question::find(name)?;
        let (schema, batches) = engine.ask(&question.sql, question.values(&[])?)?;
        parts.push(format!("\"{name}\":{}", text(&schema, &batches, Form::Json)?.trim_end()));
    }
    let link = serde_json::to_string(&link).map_err(|error| Fault::Internal(error.to_string()))?;
    parts.push(format!("\"link\":{},\"total\":{}", sanitise::json(&link), engine.runs));
    // No text of the answers may end the element that they stand in.
    let answers =
        format!("{{{}}}", parts.join(",")).replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    Ok(PAGE.replacen(PLACE, &answers, 1))
}

/// Writes the page; where it lies.
///
/// # Errors
/// The system refuses.
pub fn write(out: &Path, page: &str) -> Told<PathBuf> {
    let path = out.join("index.html");
    crate::file::put(&path, page.as_bytes())?;
    Ok(path)
}
