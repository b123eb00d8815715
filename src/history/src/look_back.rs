//! `verify`: `gatekeeper verify` with its questions about earlier runs answered from a store.
//!
//! In: a command line of `verify`, and the store. Out: an answer for each question of the definitions, a JSON file of a known shape among the
//! earlier runs; then the judgement itself, which is gatekeeper's. What cannot be answered is left out and said: the gate that asked it is
//! undecided then, as it is without a store.

use crate::cli::say;
use crate::engine::{Bounds, Engine, Scope};
use crate::fault::{Fault, Told};
use crate::file;
use crate::question::Question;
use crate::store::Store;
use clap::Args;
use datafusion::arrow::json::WriterBuilder;
use datafusion::arrow::json::writer::JsonArray;
use gatekeeper::cli::{self, Questions};
use gatekeeper::gate::Query;
use gatekeeper::model::{Digest, redact};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What an answer states of itself.
const ANSWER_SCHEMA: &str = "gatekeeper.history-answer/1";

/// Most rows of an answer.
const ROWS_MOST: usize = 10_000;

/// `gatekeeper-history verify`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Verify {
    /// What `gatekeeper verify` takes, and: `--store DIR`, where earlier runs are recorded; `--project NAME` and `--branch NAME`, whose runs
    /// count; `--answers DIR`, an empty or new directory that keeps the answers.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    given: Vec<OsString>,
}

/// The arguments that are ours, taken out of the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// The store.
    pub store: Option<PathBuf>,
    /// Whose runs count.
    pub project: Option<String>,
    /// The branch whose runs count.
    pub branch: Option<String>,
    /// Where the answers are kept.
    pub answers: Option<PathBuf>,
    /// Everything else, for gatekeeper.
    pub rest: Vec<OsString>,
}

impl Own {
    /// Takes them out.
    ///
    /// # Errors
    /// One lacks its value, or is no text.
    pub fn of(given: &[OsString]) -> Told<Self> {
        let mut own = Own::default();
        let mut given = given.iter();
        while let Some(argument) = given.next() {
            let text = argument.to_str().unwrap_or_default();
            let (name, inline) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(OsStr::new(value))));
            if !["--store", "--project", "--branch", "--answers"].contains(&name) {
                own.rest.push(argument.clone());
                continue;
            }
            let value = inline.map(OsStr::to_owned).or_else(|| given.next().cloned());
            let value = value.ok_or_else(|| Fault::Usage(format!("`{name}` needs a value")))?;
            let word = |value: &OsString| value.to_str().map(str::to_owned);
            let word = word(&value).ok_or_else(|| Fault::Usage(format!("the value of `{name}` is no text")))?;
            match name {
                "--store" => own.store = Some(value.into()),
                "--answers" => own.answers = Some(value.into()),
                "--project" => own.project = Some(word),
                _ => own.branch = Some(word),
            }
        }
        Ok(own)
    }
}

/// Answers, and judges. The exit code is that of `gatekeeper verify`.
pub(crate) fn run(args: &Verify) -> Told<u8> {
    let own = Own::of(&args.given)?;
    let mut line: Vec<OsString> = ["gatekeeper", "verify"].map(OsString::from).to_vec();
    line.extend(own.rest.iter().cloned());
    let asked = cli::questions(&line);
    if asked.queries.is_empty() {
        return Ok(cli::process(line).number());
    }
    let kept = own.answers.is_some();
    let home = own.answers.clone().unwrap_or_else(|| std::env::temp_dir().join(file::temporary_name()));
    let directory = home.join(Query::DIRECTORY);
    std::fs::create_dir_all(&directory).map_err(|error| Fault::io("make", &directory, &error))?;
    let answered = answer(&own, &asked, &directory);
    if let Err(fault) = &answered {
        say(&format!("error: {fault}; the questions of the gates stay without an answer"));
    }
    line.extend([OsString::from("--history"), directory.clone().into()]);
    let exit = cli::process(line).number();
    if !kept {
        drop(std::fs::remove_dir_all(&home));
    }
    Ok(exit)
}

fn answer(own: &Own, asked: &Questions, directory: &Path) -> Told<()> {
    let known = || std::env::var_os("GATEKEEPER_HISTORY_STORE").map(PathBuf::from);
    let root = own.store.clone().or_else(known).ok_or_else(|| Fault::Usage("there is no `--store DIR`".to_owned()))?;
    let store = Store::open(&root)?;
    let (project, branch) = (own.project.clone(), own.branch.clone());
    let scope = Scope { project, branch, since: None, until: Some(asked.now) };
    for query in &asked.queries {
        let path = directory.join(query.file());
        // An answer of earlier is none of now.
        drop(std::fs::remove_file(&path));
        match one(&store, &scope, asked, query) {
            Ok(document) => file::put(&path, document.to_string().as_bytes())?,
            Err(fault) => say(&format!("error: the question `{}`: {fault}", query.name)),
        }
    }
    Ok(())
}

/// The answer to a question. Whoever merges takes files away that an answer still reads; then it is asked again.
fn one(store: &Store, scope: &Scope, asked: &Questions, query: &Query) -> Told<Value> {
    let question = match &query.sql {
        Some(text) => Question::read(&query.name, text)?,
        None => Question::find(&query.name)?,
    };
    let given = |name: &str| match name {
        "commit" => asked.commit.clone(),
        "project" => scope.project.clone(),
        "branch" => scope.branch.clone(),
        "now" => Some(asked.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        _ => None,
    };
    let mut set: Vec<(String, String)> = query.parameters.clone().into_iter().collect();
    for param in question.params.iter().filter(|param| !query.parameters.contains_key(&param.name)) {
        set.extend(given(&param.name).map(|value| (param.name.clone(), value)));
    }
    let values = question.values(&set)?;
    for _ in 0..5 {
        let before = store.snapshot()?;
        let engine = Engine::open(store, scope, Bounds::default())?;
        let answer = engine.ask(&question.sql, values.clone());
        if store.snapshot()?.last != before.last {
            continue;
        }
        let (_, batches) = answer?;
        if batches.iter().map(datafusion::arrow::array::RecordBatch::num_rows).sum::<usize>() > ROWS_MOST {
            return Err(Fault::Usage(format!("it has more than {ROWS_MOST} rows; ask for fewer")));
        }
        // What is not there stands as `null`: a row without it would look like one that never had it.
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(Vec::new());
        let fault = |error: &dyn std::fmt::Display| Fault::Internal(format!("the answer cannot be written: {error}"));
        writer
            .write_batches(&batches.iter().collect::<Vec<_>>())
            .and_then(|()| writer.finish())
            .map_err(|error| fault(&error))?;
        let bytes = writer.into_inner();
        let rows: Value =
            if bytes.is_empty() { json!([]) } else { serde_json::from_slice(&bytes).map_err(|error| fault(&error))? };
        let merged = before.merged.values().flat_map(|merged| merged.runs.iter());
        let mut runs: Vec<&str> = before.alone.keys().chain(merged).map(String::as_str).collect();
        runs.sort_unstable();
        return Ok(json!({
            "schema": ANSWER_SCHEMA,
            "query": {"name": query.name, "sha256": query.digest().to_string(), "statement_sha256": Digest::of(question.sql.as_bytes()).to_string()},
            "parameters": set.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "asked_at": asked.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "commit": asked.commit,
            "store": {"runs": runs.len(), "sha256": Digest::of(runs.concat().as_bytes()).to_string()},
            "rows": shown(rows),
        }));
    }
    Err(Fault::Internal("the store was merged again and again while it was asked; try again later".to_owned()))
}

/// The rows, without what looks like a secret.
fn shown(rows: Value) -> Value {
    match rows {
        Value::String(text) => Value::String(redact(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(shown).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, shown(value))).collect(),
        other => other,
    }
}
