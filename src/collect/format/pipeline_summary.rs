//! `pipeline-summary`: the summary of a pipeline's run, whatever its author called the fields, as one document with our names.
//!
//! A JSON object with the stages as a list of objects, or as an object by their names. Each field may have any of its names; two of them with
//! different meaning are malformed. Other fields stay as they are.
//!
//! | field | names | becomes |
//! |---|---|---|
//! | run id | `run_id`, `runId`, `run`, `id`: a text, or an integer | `run_id`: a text |
//! | when it began | `started_at`, `startedAt`, `started`, `start`, `start_time`, `startTime`, `began_at`, `timestamp`, `created_at`, `generated_at`; else the first of its stages | `started_at`: RFC 3339 |
//! | its status | `status`, `state`, `result`, `outcome`, `conclusion`, `verdict`, `overall_status`, `overall`; `ok`, `success`, `passed` as a boolean; `exit_code`, `exitCode`, `returncode`, `return_code`, `rc` | `status`: `success`, `failure` |
//! | the stages | `stages`, `steps`, `results`, `jobs`, `phases`, `tasks` | `stages[]` |
//! | the commit | `git_sha`, `git_commit`, `gitCommit`, `commit`, `commit_sha`, `sha`, `revision` | `git_sha` |
//! | where it was recorded | `artifact_dir`, `artifactDir`, `artifacts_dir`, `run_dir`, `output_dir` | `artifact_dir` |
//! | the environment | `environment`, `env` | `environment` |
//! | a stage's name | `name`, `stage`, `step`, `id`, `title`; the key, if the stages are an object | `name` |
//! | its status | as of the run, without the exit code | `status`: `success`, `failure`, `skipped` |
//! | its exit code | `exit_code`, `exitCode`, `exit_status`, `returncode`, `return_code`, `returnCode`, `rc`; `exit`, `code` where none of these is there | `exit_code`, `null` if absent |
//! | when it began | as of the run | `started_at` |
//! | when it ended | `ended_at`, `endedAt`, `ended`, `end`, `end_time`, `endTime`, `finished_at`, `finishedAt`, `finished`, `completed_at` | `ended_at` |
//! | how long it took | `duration_s`, `duration`, `duration_seconds`, `durationSeconds`, `duration_sec`, `elapsed`, `elapsed_s`, `elapsed_seconds`, `seconds`, `time_s`; `duration_ms`, `durationMs`, `elapsed_ms`, `ms`; else from its times | `duration_s` |
//! | its log | `log`, `log_path`, `logPath`, `log_file`, `logFile`, `logfile`, `stdout_log`, `stdout_path`, `stdout` | `log`: below the run |
//! | its standard error | `stderr`, `stderr_log`, `stderr_path`, `stderr_file` | `stderr`: below the run |
//! | its log's digest | `log_sha256`, `log_digest` | `log_sha256` |
//! | the class of its error | `error_class`, `errorClass`, `error_type`, `error_kind`, `exception`, `signal`, `reason`, `error`, as one word; `timed_out`, `timeout` as `true`; a status that is one: `timeout`, `killed` | `error_class` |
//! | what tells of a failure | of a stage or run that is not said to have failed: `error`, `errors`, `failures`, `exception`, `signal`, `error_class` and its other names, unless it is a word or number for nothing; `timed_out`, `timeout` as `true`; of a run, or in its `summary`, `counts`, `totals`, `stats`: `failed`, `failed_stage`, `failed_stages`, `failed_count` and their like | `trouble`: name and value |
//! | runs after a failure | `always`, `always_run`, `run_always` | `always` |
//! | the number of an attempt | `attempt`, `attempt_number`, `attemptNumber`, `attempt_no`, `try`, from 0 or 1 | `attempt`: from 1; `superseded`: whether a later attempt of the stage follows |
//! | all attempts of a stage | `attempts`, `tries`, as a list: the last one is the stage itself | a row each |
//!
//! A stage that is told several times, with the number of its attempt, was tried so often. Where each stage is told once and all state the number that
//! the run states of itself, it is that of the run, and left out.
//!
//! Statuses in any case: `success`, `succeeded`, `successful`, `pass`, `passed`, `ok`, `okay`, `green`, `complete`, `completed`, `done`, `finished`, `true`; `failure`,
//! `fail`, `failed`, `failing`, `error`, `errored`, `ko`, `red`, `broken`, `crashed`, `aborted`, `timeout`, `timed_out`, `killed`, `cancelled`,
//! `interrupted`, `terminated`, `false`; `skip`, `skipped`, `not_run`, `not_started`, `blocked`, `disabled`. Any other word stays, and is none of these.
//!
//! Times are RFC 3339, the same with a blank (`2026-03-02 10:15:00+00:00`), or seconds or milliseconds since 1970. One without an offset stays as it is, and is no
//! time. A path that leads through the run's own directory (`artifacts/e2e/<run id>/logs/unit.log`) is one below the run, and a bare file name is
//! one in `logs`. Stages of an object come in the order in which they began, else in that of the file.
//!
//! Encoding: UTF-8, as of `json`; a byte order mark, as Windows writes it, is passed over.

use super::pipeline_attempts::{NUMBER, Place, apart, integer, places};
use super::pipeline_out::{Out, beside};
use super::pipeline_words::{
    Conflict, Fields, below_run, between, id, instant, parsed, seconds, status, trouble, unmarked,
};
use super::{json, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, GapKind, Node, Number, Pointer, Where};

/// The format.
pub(super) static PIPELINE_SUMMARY: Format = Format {
    id: "pipeline-summary",
    extensions: &[],
    about: "the summary of a pipeline's run, whatever its fields are called",
    docs: include_str!("pipeline_summary.rs"),
    reading: Reading::Whole(read),
};

const BEGAN: &[&str] = &[
    "started_at",
    "startedAt",
    "started",
    "start",
    "start_time",
    "startTime",
    "began_at",
    "timestamp",
    "created_at",
    "generated_at",
];
const ENDED: &[&str] = &[
    "ended_at",
    "endedAt",
    "ended",
    "end",
    "end_time",
    "endTime",
    "finished_at",
    "finishedAt",
    "finished",
    "completed_at",
];
const STATUS: &[&str] = &[
    "status",
    "state",
    "result",
    "outcome",
    "conclusion",
    "verdict",
    "overall_status",
    "overall",
    "ok",
    "success",
    "passed",
];
const CODE: &[&str] = &["exit_code", "exitCode", "exit_status", "returncode", "return_code", "returnCode", "rc"];
/// Names that may mean something else where one of the others is there.
const CODE_ALONE: &[&str] = &["exit", "code"];
/// What tells of a failure whatever the status says.
const TROUBLE: &[&str] = &[
    "error",
    "errors",
    "error_class",
    "errorClass",
    "error_type",
    "error_kind",
    "exception",
    "signal",
    "timed_out",
    "timeout",
    "failures",
];
/// The same of a run, or of the counts in it.
const FAILED: &[&str] = &[
    "failed",
    "failed_stage",
    "failed_stages",
    "first_failed_stage",
    "failing_stage",
    "failing_stages",
    "stages_failed",
    "failed_count",
    "num_failed",
    "errors",
    "failures",
];
const COUNTS: &[&str] = &["summary", "counts", "totals", "stats"];
const STAGES: &[&str] = &["stages", "steps", "results", "jobs", "phases", "tasks"];
const NAME: &[&str] = &["name", "stage", "step", "id", "title"];
const RUN_ID: &[&str] = &["run_id", "runId", "run", "id"];
const COMMIT: &[&str] = &["git_sha", "git_commit", "gitCommit", "commit", "commit_sha", "sha", "revision"];
const HOME: &[&str] = &["artifact_dir", "artifactDir", "artifacts_dir", "run_dir", "output_dir"];
const ENVIRONMENT: &[&str] = &["environment", "env"];
const SECONDS: &[&str] = &[
    "duration_s",
    "duration",
    "duration_seconds",
    "durationSeconds",
    "duration_sec",
    "elapsed",
    "elapsed_s",
    "elapsed_seconds",
    "seconds",
    "time_s",
];
const MILLIS: &[&str] = &["duration_ms", "durationMs", "elapsed_ms", "ms"];
const LOG: &[&str] =
    &["log", "log_path", "logPath", "log_file", "logFile", "logfile", "stdout_log", "stdout_path", "stdout"];
const ERRORS: &[&str] = &["stderr", "stderr_log", "stderr_path", "stderr_file"];
const LOG_DIGEST: &[&str] = &["log_sha256", "log_digest"];
const CLASS: &[&str] = &["error_class", "errorClass", "error_type", "error_kind", "exception", "signal", "reason", "error"];
const TIMED_OUT: &[&str] = &["timed_out", "timeout"];
const ALWAYS: &[&str] = &["always", "always_run", "run_always"];

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let Content::Document(given) = json::read(unmarked(bytes), at)? else {
        return Err(malformed(at, None, "one JSON document", "another file".to_owned()));
    };
    let text = String::from_utf8_lossy(bytes);
    let document = Summary { given: given.root(), text: &text }.written().map_err(|conflict| {
        let place = Where { pointer: Some(conflict.at), ..at.clone() };
        Gap::new(GapKind::Malformed, place, conflict.expected, conflict.actual)
    })?;
    Ok(Content::Document(document))
}

struct Summary<'d> {
    given: Node<'d>,
    /// Its text, for the order of the keys of an object.
    text: &'d str,
}

/// A stage and its name, if the name is a key.
type Stage<'d> = (Option<&'d str>, Node<'d>, Pointer);

/// A stage, or one attempt of it.
pub(super) struct Row<'d> {
    pub(super) name: Option<String>,
    pub(super) node: Node<'d>,
    pub(super) at: Pointer,
    /// What the last of its attempts says beside it.
    pub(super) last: Option<Node<'d>>,
    /// The number of the attempt, where a list of them says it.
    pub(super) number: Option<i128>,
}

impl<'d> Summary<'d> {
    fn written(&self) -> Result<Document, Conflict> {
        let root = Pointer::root();
        if !self.given.is_map() {
            return Err(Conflict { at: root, expected: "an object".to_owned(), actual: self.given.type_name().to_owned() });
        }
        let mut fields = Fields::new(self.given, root.clone());
        let stages = self.stages(&mut fields);
        let mut out = Out::default();
        let run_id = fields.first(RUN_ID, id)?;
        out.text("run_id", run_id.as_deref());
        let began = fields.first(BEGAN, instant)?;
        let first = stages.iter().flatten().find_map(|(_, node, at)| {
            Fields::new(*node, at.clone()).first(BEGAN, instant).ok().flatten().filter(|_| node.is_map())
        });
        out.text("started_at", began.or(first).as_deref());
        let stated = fields.all(STATUS, |node| status(node).map(|(word, _)| word))?;
        let code = code(&mut fields)?;
        let by_code = code.map(|code| if code == 0 { "success" } else { "failure" }.to_owned());
        if let (Some(stated), Some(by_code)) = (&stated, &by_code)
            && stated != by_code
        {
            let actual = format!("status `{stated}` and exit code {}", code.unwrap_or_default());
            return Err(Conflict { at: root, expected: "a status that follows from the exit code".to_owned(), actual });
        }
        let stated = stated.or(by_code);
        if stated.as_deref() != Some("failure") {
            out.text("trouble", self.trouble().as_deref());
        }
        out.text("status", stated.as_deref());
        let commit = fields.first(COMMIT, |node| node.text().map(str::to_owned))?;
        out.text("git_sha", commit.as_deref());
        let home = fields.first(HOME, |node| node.text().map(str::to_owned))?;
        out.text("artifact_dir", home.as_deref());
        if let Some(environment) = fields.node(ENVIRONMENT, Node::is_map) {
            out.put("environment", |builder| builder.copy(environment));
        }
        if let Some(stages) = &stages {
            let rows = stages.iter().map(|(key, node, at)| {
                let name = name(*node, at)?.or(key.map(str::to_owned));
                Ok(Row { name, node: *node, at: at.clone(), last: None, number: None })
            });
            let rows = apart(rows.collect::<Result<_, _>>()?);
            let attempts = places(self.given, &rows);
            let rows = rows.iter().zip(attempts).map(|(row, place)| stage(row, place, run_id.as_deref()));
            out.list("stages", &rows.collect::<Result<Vec<_>, _>>()?);
        }
        out.rest(&fields);
        Ok(out.document())
    }

    /// What the run tells of a failure beside its status.
    fn trouble(&self) -> Option<String> {
        let counts = || COUNTS.iter().filter_map(|name| self.given.get(name)).find_map(|node| trouble(node, FAILED));
        trouble(self.given, TROUBLE).or_else(|| trouble(self.given, FAILED)).or_else(counts)
    }

    /// The stages in their order; `None` if there is nothing that could be them.
    fn stages(&self, fields: &mut Fields<'d>) -> Option<Vec<Stage<'d>>> {
        let of_maps = |node: Node<'d>| {
            node.is_list() && node.items().any(Node::is_map)
                || node.is_map() && node.entries().any(|(_, stage)| stage.is_map())
        };
        let Some(container) = fields.node(STAGES, of_maps) else {
            // An empty list is of no stages, and a list of something else is no list of stages; the gate says so.
            let given = fields.node(STAGES, |_| true)?;
            return Some(
                given.items().enumerate().map(|(at, node)| (None, node, Pointer::root().key("stages").index(at))).collect(),
            );
        };
        let key = STAGES.iter().copied().find(|key| self.given.get(key) == Some(container)).unwrap_or("stages");
        let top = Pointer::root().key(key);
        if container.is_list() {
            return Some(container.items().enumerate().map(|(at, node)| (None, node, top.index(at))).collect());
        }
        let mut stages: Vec<Stage<'d>> =
            container.entries().map(|(name, node)| (Some(name), node, top.key(name))).collect();
        let began = |(_, node, at): &Stage<'d>| {
            Fields::new(*node, at.clone()).first(BEGAN, instant).ok().flatten().and_then(|text| parsed(&text))
        };
        let from = self.text.find(&format!("\"{key}\"")).unwrap_or_default();
        stages.sort_by_key(|(name, _, _)| self.text[from..].find(&format!("\"{}\"", name.unwrap_or_default())));
        if stages.iter().all(|stage| began(stage).is_some()) {
            stages.sort_by_key(began);
        }
        Some(stages)
    }
}

/// The exit code: all names of it must say the same.
fn code(fields: &mut Fields<'_>) -> Result<Option<i128>, Conflict> {
    let integer = |node: Node<'_>| node.number().and_then(Number::as_integer);
    let sure = fields.all(CODE, |node| integer(node).map(|code| code.to_string()))?;
    match sure.and_then(|code| code.parse().ok()) {
        Some(code) => Ok(Some(code)),
        None => fields.first(CODE_ALONE, integer),
    }
}

/// The name that a stage states.
fn name(node: Node<'_>, at: &Pointer) -> Result<Option<String>, Conflict> {
    Fields::new(node, at.clone()).first(NAME, |node| node.text().map(str::to_owned))
}

/// One stage, or one attempt of it, with our names.
fn stage(row: &Row<'_>, place: Place, run_id: Option<&str>) -> Result<Document, Conflict> {
    let (node, at) = (row.node, &row.at);
    if !node.is_map() {
        return Ok(Document::copy(node));
    }
    let (mut fields, mut out) = (Fields::new(node, at.clone()), Out::default());
    let text = |node: Node<'_>| node.text().map(str::to_owned);
    fields.first(NAME, text)?;
    out.text("name", row.name.as_deref());
    fields.first(NUMBER, integer)?;
    if let Some(attempt) = place.attempt {
        out.number("attempt", Number::Int(attempt));
    }
    out.put("superseded", |builder| Ok(builder.boolean(place.superseded)));
    let stated = fields.all(STATUS, status)?;
    out.text("status", stated.as_ref().map(|(word, _)| word.as_str()));
    if stated.as_ref().is_some_and(|(word, _)| word == "success") {
        out.text("trouble", trouble(node, TROUBLE).as_deref());
    }
    match code(&mut fields)? {
        Some(code) => out.number("exit_code", Number::Int(code)),
        // What is there and is no number is for the shape of the gate.
        None => match fields.node(&CODE[..1], |node| !node.is_null()) {
            Some(other) => out.put("exit_code", |builder| builder.copy(other)),
            None => out.put("exit_code", |builder| Ok(builder.null())),
        },
    }
    let (began, ended) = (fields.first(BEGAN, instant)?, fields.first(ENDED, instant)?);
    out.text("started_at", began.as_deref());
    out.text("ended_at", ended.as_deref());
    let took =
        match (fields.first(SECONDS, |node| seconds(node, 1.0))?, fields.first(MILLIS, |node| seconds(node, 1_000.0))?) {
            (Some(took), _) | (None, Some(took)) => Some(took),
            (None, None) => began.zip(ended).and_then(|(began, ended)| between(&began, &ended)),
        };
    if let Some(took) = took {
        out.number("duration_s", Number::Float(took));
    }
    let path = |node: Node<'_>| node.text().and_then(|path| below_run(path, run_id));
    out.text("log", fields.first(LOG, path)?.as_deref());
    out.text("stderr", fields.first(ERRORS, path)?.as_deref());
    out.text("log_sha256", fields.first(LOG_DIGEST, text)?.as_deref());
    let word = |node: Node<'_>| {
        node.text().filter(|word| !word.trim().is_empty() && !word.contains(char::is_whitespace)).map(str::to_owned)
    };
    let class = fields.first(CLASS, word)?;
    let timed_out = fields.first(TIMED_OUT, Node::boolean)?.filter(|over| *over).map(|_| "timeout".to_owned());
    out.text("error_class", class.or(timed_out).or(stated.and_then(|(_, class)| class)).as_deref());
    if let Some(always) = fields.first(ALWAYS, Node::boolean)? {
        out.put("always", |builder| Ok(builder.boolean(always)));
    }
    out.rest(&fields);
    let stage_document = out.document();
    let Some(last) = row.last else { return Ok(stage_document) };
    let attempt = Row { name: row.name.clone(), node: last, at: at.clone(), last: None, number: None };
    beside(&stage_document, &stage(&attempt, place, run_id)?, at)
}

#[cfg(test)]
#[path = "pipeline_tests.rs"]
mod tests;
