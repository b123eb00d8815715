//! What to tell people when a verdict fails: one issue for one failure, whichever machine saw it, and when it may be closed.
//!
//! In: a verdict from a file, the run and the repository where they are at hand, and what the operator or CI says of the occasion. Out: a
//! [`Told`], plain data that `markdown` and the command line write down. Nothing is opened on any network, nothing is written, and nothing here
//! changes a verdict. What comes out of evidence is untrusted until a writer has made it safe for its place.
//!
//! | part | does |
//! |---|---|
//! | `verdict` | reads the verdict and recomputes what follows from its gates |
//! | `stage` | the stage at which a pipeline failed |
//! | `normal`, `key` | the key under which the same failure is known everywhere |
//! | `ranked` | the diagnostics that the run ranks |
//! | `severity` | how bad, and how soon |
//! | `attachment` | what must be brought along |
//! | `criteria` | when it may be closed |
//! | `markdown` | body and comment of the issue |
//! | `bundle` | everything that is there in one archive |

mod attachment;
mod bundle;
mod criteria;
mod key;
mod markdown;
mod normal;
mod ranked;
mod severity;
mod stage;
mod verdict;

pub use attachment::{Attachment, Home};
pub use bundle::{Bundle, bundle};
pub use criteria::{Criterion, records};
pub use key::Key;
pub use markdown::{body, checklist, comment};
pub use ranked::Ranked;
pub use severity::Severity;
pub use stage::Stage;
pub use verdict::{Gate, Judged, read, sound};

use crate::collect;
use crate::model::{Base, Content, Instant, Limits, Node, RelPath, SecretShapes, Standing, parse_instant, shell_path};
use crate::report::sanitise;
use crate::workspace::Workspace;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What kind of incident it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A run of `make e2e` failed, or contradicts itself.
    Pipeline,
    /// A release gate does not stand.
    Parity,
    /// One of the performance records is missing, stale or bad.
    Performance,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 3] = [Kind::Pipeline, Kind::Parity, Kind::Performance];

    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Pipeline => "pipeline",
            Kind::Parity => "parity",
            Kind::Performance => "performance",
        }
    }
}

/// What a parity gate says in a log when it fails.
pub const ALARM: &str = "PARITY GATE FAIL";

/// Runs again all that failed in a run.
const RERUN: &str = "./scripts/e2e/run_all.sh --rerun-from";

/// The records whose failure is a performance incident.
const PERFORMANCE: &[&str] = &[
    "perf3x_bead_coverage_audit.json",
    "practical_finish_checkpoint.json",
    "budget_summary.json",
    "perf_comparison.json",
    "stress_triage.json",
    "parameter_sweeps.json",
];

/// Where things lie.
pub struct Place<'w> {
    /// The repository, with the run if it is at hand.
    pub around: &'w dyn Workspace,
    /// Whether it has the run.
    pub run: bool,
    /// The directory of the verdict.
    pub beside: &'w dyn Workspace,
    /// The verdict in it.
    pub verdict: RelPath,
    /// What secrets look like here.
    pub shapes: SecretShapes,
    /// The commands of the policy's lanes.
    pub lanes: Vec<String>,
}

/// What the operator or CI says of the occasion.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// The branch.
    pub branch: Option<String>,
    /// The commit that CI builds; the verdict's own is believed before it.
    pub commit: Option<String>,
    /// The main branch's own name.
    pub main: Option<String>,
    /// The release that is being cut.
    pub release: Option<String>,
    /// Where the run is shown.
    pub run_url: Option<String>,
    /// The name under which the run was uploaded.
    pub artifact: Option<String>,
    /// The exact command that ran, if it was more than the gate's own.
    pub command: Option<String>,
    /// What CI says of the machine, in the order of its names.
    pub environment: Vec<(String, String)>,
    /// Where the log of CI says `PARITY GATE FAIL`.
    pub parity_gate_fail: Option<String>,
    /// What is recorded already, and where; see [`records`].
    pub recorded: BTreeMap<String, String>,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its kinds, at least one.
    pub kinds: Vec<Kind>,
    /// The title.
    pub title: String,
    /// The key in it.
    pub key: Key,
    /// What set it off, in words; each from evidence in part.
    pub triggers: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Until when somebody must own it, if it is known when it was judged.
    pub due: Option<Instant>,
    /// Whether strict messaging is frozen until it is closed.
    pub freeze: bool,
    /// Why.
    pub because: String,
    /// The stage that failed, if it is known.
    pub stage: Option<Stage>,
    /// What the run's comparison with its baseline says.
    pub triage: Option<String>,
    /// The diagnostics that it ranks, worst first.
    pub ranked: Vec<Ranked>,
    /// The command that runs again all that failed.
    pub one_command: Option<String>,
    /// The commands that reproduce it, the first one first; safe to copy.
    pub commands: Vec<String>,
    /// The commands that run the lanes of the policy again.
    pub lanes: Vec<String>,
    /// The environment that matters.
    pub environment: Vec<(String, String)>,
    /// What must be brought along.
    pub attachments: Vec<Attachment>,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The incident; `None` if the verdict stands and nothing else sets one off.
    pub incident: Option<Incident>,
    /// When it may be closed, as of now.
    pub criteria: Vec<Criterion>,
    /// What could not be told.
    pub notes: Vec<String>,
}

/// Looks at a verdict and around it.
pub fn incident(judged: &Judged, place: &Place<'_>, circumstances: &Circumstances, limits: &Limits) -> Told {
    let seen = if place.run { stage::read(place.around, limits) } else { stage::Stages::default() };
    let mut notes = seen.notes.clone();
    if !place.run {
        notes.push("the run is not at hand, so neither its stages nor its triage_diff.json were looked at".to_owned());
    }
    let pipeline = seen.pipeline || judged.policy == "pipeline-run";
    let triage = triage_status(place, limits);
    // The gate has recomputed it: where it passes, every regression is of a test that is held apart.
    let excused = judged.gates.iter().any(|gate| gate.id == "parity_regression" && gate.standing == Standing::Pass);
    let regression = !pipeline && !excused && triage.as_deref() == Ok("regression");
    let kinds = kinds(judged, pipeline, circumstances);
    // A stage fails the verdict through its gate; while a waiver covers that, there is no incident.
    let failing = seen.failing.filter(|_| judged.fails);
    let name = failing.as_ref().map(|stage| stage.name.as_str());
    let criteria = criteria::criteria(&kinds, judged, &triage, excused, name, circumstances);
    let alarm = circumstances.parity_gate_fail.as_deref().filter(|_| !pipeline);
    if let (Some(at), true) = (&circumstances.parity_gate_fail, pipeline) {
        notes.push(format!("{ALARM} in the log of CI, {at}, sets off nothing here: a pipeline's run has no parity gate"));
    }
    if !judged.fails && !regression && alarm.is_none() {
        return Told { incident: None, criteria, notes };
    }
    let behaviour = match (&failing, regression, alarm) {
        (Some(stage), ..) => Some(format!("stage {} failed", stage.name)),
        (None, true, _) => Some("triage_diff.json says regression".to_owned()),
        (None, false, Some(_)) => Some(format!("the log of CI says {ALARM}")),
        (None, false, None) => unjudged(judged, pipeline),
    };
    let line = severity::Line {
        branch: circumstances.branch.as_deref(),
        main: circumstances.main.as_deref(),
        release: circumstances.release.as_deref(),
    };
    let (severity, because) = severity::of(judged, behaviour.as_deref(), line);
    let (title, key) = title(judged, failing.as_ref());
    let own: Vec<String> =
        failing.iter().filter_map(|stage| stage.log.clone()).filter(|log| !log.starts_with('/')).collect();
    let blamed: Vec<&str> = judged.causes().flat_map(|gate| &gate.findings).filter_map(|at| at.path.as_deref()).collect();
    let attachments = attachment::attachments(&kinds, &own, &blamed, place, limits);
    let ranked = if kinds.contains(&Kind::Parity) { ranked::read(place, limits) } else { Vec::new() };
    let one_command = judged.run.as_deref().filter(|_| kinds.contains(&Kind::Parity) && has_summary(place, limits));
    let one_command =
        one_command.and_then(shell_path).map(|run| format!("{RERUN} {}/summary.json", run.trim_end_matches('/')));
    let due = parse_instant(&judged.generated_at).ok().map(|from| severity.due(from));
    let commands = commands(judged, circumstances, &mut notes);
    let mut environment = circumstances.environment.clone();
    environment.extend(failing.iter().flat_map(|stage| stage.environment.clone()));
    // The name tells whether a value is a secret, so both are looked at together.
    for (name, value) in &mut environment {
        if let Cow::Owned(_) = place.shapes.redact(&format!("{name}={value}")) {
            *value = "[redacted]".to_owned();
        }
    }
    let mut triggers = triggers(judged, failing.as_ref(), regression);
    triggers.extend(alarm.map(|at| format!("{ALARM} in the log of CI, {at}")));
    let triage = triage.ok().filter(|_| kinds.contains(&Kind::Parity));
    let freeze = severity == Severity::Sev1 && circumstances.release.is_some();
    let incident = Incident {
        kinds,
        title,
        key,
        triggers,
        severity,
        due,
        freeze,
        because,
        stage: failing,
        triage,
        ranked,
        one_command,
        commands,
        lanes: place.lanes.clone(),
        environment,
        attachments,
    };
    Told { incident: Some(incident), criteria, notes }
}

/// Why nothing is known of the stages of a pipeline: it was killed before it could say how they ended.
fn unjudged(judged: &Judged, pipeline: bool) -> Option<String> {
    let open =
        |gate: &&Gate| gate.id == "stages_succeed" && matches!(gate.standing, Standing::Blocked | Standing::NotEvaluated);
    judged.gates.iter().find(open).filter(|_| pipeline).map(|_| "whether a stage failed is not known".to_owned())
}

/// What the run's recorded comparison says.
fn triage_status(place: &Place<'_>, limits: &Limits) -> Result<String, String> {
    if !place.run {
        return Err("the run is not at hand".to_owned());
    }
    let path = RelPath::parse("triage_diff.json").expect("a sound path");
    let artifact = collect::look(place.around, Base::Run, &path, limits);
    let Ok(Content::Document(document)) = &artifact.content else {
        return Err("triage_diff.json of the run is not there, or damaged".to_owned());
    };
    let root = document.root();
    let count = root.get("summary").and_then(|summary| summary.get("regression_count")).and_then(Node::number);
    match root.get("status").and_then(Node::text) {
        // A count that says more than the word is believed.
        Some(_) if count.is_some_and(|count| count.as_float() > 0.0) => Ok("regression".to_owned()),
        Some(status) => Ok(status.to_owned()),
        None => Err("triage_diff.json of the run states no status".to_owned()),
    }
}

fn has_summary(place: &Place<'_>, limits: &Limits) -> bool {
    let bundle = RelPath::parse("replay_bundle.json").expect("a sound path");
    place.run && collect::look(place.around, Base::Run, &bundle, limits).content.is_ok()
}

fn is_performance(gate: &Gate) -> bool {
    let paths = gate.artifact.iter().chain(gate.findings.iter().filter_map(|finding| finding.path.as_ref()));
    paths.into_iter().any(|path| PERFORMANCE.iter().any(|name| path.rsplit('/').next() == Some(name)))
}

fn kinds(judged: &Judged, pipeline: bool, circumstances: &Circumstances) -> Vec<Kind> {
    let asked = records(Kind::Performance).iter().any(|(name, _)| circumstances.recorded.contains_key(*name));
    let performance = judged.causes().any(is_performance) || (!judged.fails && asked);
    // A performance incident is one of parity as well: its rules come on top.
    let mut kinds = vec![if pipeline { Kind::Pipeline } else { Kind::Parity }];
    if performance {
        kinds.push(Kind::Performance);
    }
    kinds
}

/// Longest name in a title, in characters.
const NAME_MOST: usize = 80;

fn title(judged: &Judged, stage: Option<&Stage>) -> (String, Key) {
    let named = |what: &str, name: &str, key: Key| {
        let name = sanitise::terminal(&sanitise::excerpt(name, NAME_MOST));
        (format!("{what}: {name} ({key})"), key)
    };
    if let Some(stage) = stage {
        return named("E2E failure", &stage.name, stage.key.clone());
    }
    match judged.causes().next() {
        Some(gate) => {
            let line = |finding: &verdict::Finding| {
                let at = finding.at.as_deref().unwrap_or_default();
                format!("{} {at}: {} | {}\n", finding.kind, finding.expected, finding.actual)
            };
            let told: String = gate.findings.iter().map(line).collect();
            named(
                "Release gate failure",
                &gate.id,
                Key::of_run(&gate.id, gate.reason.as_deref().unwrap_or("unknown"), &told, judged.run_id.as_deref()),
            )
        }
        None if judged.incomplete() => {
            named("Release gate failure", "judgement cut short", Key::of(&judged.policy, "incomplete", ""))
        }
        None if judged.fails => named("Release gate failure", "nothing was judged", Key::of(&judged.policy, "empty", "")),
        None => named("Release gate failure", "regression", Key::of(&judged.policy, "regression", "")),
    }
}

fn triggers(judged: &Judged, stage: Option<&Stage>, regression: bool) -> Vec<String> {
    let mut triggers = Vec::new();
    if let Some(stage) = stage {
        triggers.push(format!("stage {} failed: {}", stage.name, stage.ended));
    }
    if regression {
        triggers.push("the run's comparison with its baseline says regression".to_owned());
    }
    if judged.incomplete() || judged.causes().next().is_none() && judged.fails {
        triggers.push(format!("the verdict fails: {}", judged.reason));
    }
    for gate in judged.causes() {
        let first = gate.findings.first().map(|finding| {
            let at = finding.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
            format!(": {}: expected {}, found {}{at}", finding.kind, finding.expected, finding.actual)
        });
        let reason = gate.reason.as_deref().unwrap_or("fail");
        triggers.push(format!(
            "blocking gate {} ({reason}; {}, {}){}",
            gate.id,
            gate.owner,
            gate.bead,
            first.unwrap_or_default()
        ));
    }
    triggers
}

/// The operator's command, else those of the gates; only such as may be copied.
fn commands(judged: &Judged, circumstances: &Circumstances, notes: &mut Vec<String>) -> Vec<String> {
    let gates = judged.causes().flat_map(|gate| &gate.reproduce).map(String::as_str);
    let mut commands: Vec<String> = Vec::new();
    for text in circumstances.command.as_deref().into_iter().chain(gates) {
        match sanitise::command(text) {
            Some(command) if !commands.iter().any(|known| known == command) => commands.push(command.to_owned()),
            Some(_) => {}
            None => notes.push("a command is left out, because it is not safe to copy".to_owned()),
        }
    }
    commands
}
