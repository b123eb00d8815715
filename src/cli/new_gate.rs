//! `gatekeeper new gate KIND`: a gate with comments, its name in the configuration, and a scenario that passes and one that fails.
//!
//! Nothing is replaced but `gatekeeper.toml`, to which lines are added; where the definitions would not load with them, all is taken back.

use super::args::Definitions;
use super::init::{name_of, quoted, schemas};
use super::{Console, Exit, place, told};
use crate::checks::CHECKS;
use crate::diagnostic::did_you_mean;
use crate::gate::{EvidenceNeed, Gate, Paths, Suite};
use crate::load::Selection;
use crate::model::{Base, GateId, RelPath};
use crate::pipeline;
use crate::workspace::{Denied, Disk, Workspace};
use clap::{Args, Subcommand};
use include_dir::{Dir, include_dir};
use std::io::Read;
use std::path::PathBuf;

/// A gate for each kind that has a sample, with evidence that passes and evidence that fails.
static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/samples");

/// The configuration.
const CONFIG: &str = "gatekeeper.toml";

/// The format of test reports of any tool.
const REPORTS: &str = "test-report";

/// Where gates go that no pack of the policy takes.
const OWN: &str = "gates/own";

const EXAMPLES: &str = "\
Examples:
  gatekeeper new gate coverage-floors --owner team-orders --bead ABC-12
  gatekeeper new gate holds --id summary_ready --advisory
  gatekeeper new gate within-budget --dry-run | less          what would be written
  gatekeeper self-test fixtures/gates/summary_ready           its scenarios

Without a configuration one is written, with this gate alone. Owner, issue and command are those of the first gate that is there, where they are
not said. The scenarios under fixtures/gates copy the gate's own file, so that they try the gate as it is.
Exit codes: 0 written, 2 usage, a kind without a sample, or a file that exists, 4 a file that cannot be written.";

/// `gatekeeper new`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write a gate of a check kind, with comments and scenarios.
    Gate(NewGate),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct NewGate {
    /// The check kind: `gatekeeper explain KIND` says what it asserts.
    #[arg(value_name = "KIND")]
    kind: String,

    /// The gate's id. Default: that of the kind.
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Who answers for the gate.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,

    /// The tracker's id of the work that asks for it.
    #[arg(long, value_name = "ID")]
    bead: Option<String>,

    /// The command that makes its evidence.
    #[arg(long, value_name = "COMMAND")]
    reproduce: Option<String>,

    /// The gate does not block.
    #[arg(long)]
    advisory: bool,

    /// The repository. Default: the work tree of the current directory.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Write nothing; print the files.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from writing, said.
pub fn run(args: &New, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let What::Gate(args) = &args.what;
    let sample = sample(&args.kind).map_err(|phrase| refuse(&phrase, console))?;
    let id = args.id.clone().unwrap_or_else(|| args.kind.replace('-', "_"));
    let id = GateId::try_from(id.as_str()).map_err(|error| refuse(&error.to_string(), console))?;
    let definitions = Definitions { root: args.root.clone(), policy: None };
    let workspace = place::workspace(&definitions, None, None, None, console)?;
    let config = text_of(&workspace, CONFIG).map_err(|phrase| refuse(&phrase, console))?;
    let suite = match &config {
        Some(_) => Some(place::sound(pipeline::load(&workspace, &Selection::default()), console)?),
        None => None,
    };
    if suite.as_ref().is_some_and(|suite| suite.gates.contains_key(&id)) {
        return Err(refuse(&format!("the policy has the gate `{id}` already; give another name with `--id`"), console));
    }
    let terms = terms(args, suite.as_ref()).map_err(|phrase| refuse(&phrase, console))?;
    let gate = gate_path(&id, suite.as_ref());
    let config = configured(config, &gate, &id, args.advisory, &workspace).map_err(|phrase| refuse(&phrase, console))?;
    let schemas = format!("{}/gate.json", schemas::DIRECTORY);
    let line =
        if text_of(&workspace, &schemas).is_ok_and(|text| text.is_some()) { schemas::line(&gate) } else { String::new() };
    let mut files = vec![(gate.clone(), line + &filled(sample, &id, &terms))];
    for side in ["pass", "fail"] {
        files.extend(scenario(sample, side, &gate, &id));
    }
    let files: Vec<(RelPath, String)> =
        files.into_iter().map(|(path, text)| (RelPath::parse(&path).expect("ids make sound paths"), text)).collect();
    for (path, _) in &files {
        if !matches!(workspace.open(Base::Repo, path), Err(Denied::Missing)) {
            return Err(refuse(&format!("`{path}` exists; nothing was written"), console));
        }
    }
    if args.dry_run {
        for (path, text) in files.iter().map(|(path, text)| (path.as_str(), text)).chain([(CONFIG, &config)]) {
            console.deliver(format!("# --- {path} ---\n{text}\n").as_bytes())?;
        }
        return Ok(Exit::Pass);
    }
    write(&files, &config, &workspace, console)?;
    for (path, _) in &files {
        console.note(&format!("wrote: {path}"));
    }
    console.note(&format!("wrote: {CONFIG}"));
    if let Some(finder) = suite.as_ref().and_then(|suite| finds_all(suite, sample)) {
        console.note(&format!(
            "the gate `{finder}` looks for test reports everywhere, so it finds those of the scenarios: leave them out there with \
             `exclude = [\"repo:fixtures/gates/**\"]`"
        ));
    }
    console.note(&format!(
        "next: gatekeeper self-test fixtures/gates/{id}\nthen say in {gate} where your evidence lies, and judge it with gatekeeper verify"
    ));
    Ok(Exit::Pass)
}

fn refuse(phrase: &str, console: &mut Console<'_>) -> Exit {
    console.say(&format!("error: {phrase}"));
    Exit::Usage
}

fn sample(kind: &str) -> Result<&'static Dir<'static>, String> {
    let kinds: Vec<&str> = SAMPLES.dirs().filter_map(|dir| dir.path().to_str()).collect();
    match SAMPLES.get_dir(kind) {
        Some(dir) => Ok(dir),
        None if CHECKS.iter().any(|known| known.id == kind) => Err(format!(
            "`{kind}` judges one system's own documents and has no sample; `gatekeeper explain {kind}` shows a check, and docs/gates the \
             gates that use it. Samples: {}",
            kinds.join(", ")
        )),
        None => Err(format!(
            "there is no check kind `{}`; {}",
            told::safe(kind),
            did_you_mean(kind, CHECKS.iter().map(|known| known.id))
        )),
    }
}

/// A file of the repository; `None` if there is none.
fn text_of(workspace: &Disk, path: &str) -> Result<Option<String>, String> {
    let path = RelPath::parse(path).expect("a sound path");
    match workspace.open(Base::Repo, &path) {
        Ok(mut opened) => {
            let mut text = String::new();
            let read = opened.reader.read_to_string(&mut text);
            read.map(|_| Some(text)).map_err(|error| format!("`{path}` cannot be read: {error}"))
        }
        Err(Denied::Missing) => Ok(None),
        Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => Err(format!("`{path}` cannot be read: {phrase}")),
    }
}

/// Owner, issue and command.
struct Terms {
    owner: String,
    bead: String,
    reproduce: String,
}

fn terms(args: &NewGate, suite: Option<&Suite>) -> Result<Terms, String> {
    // Gates inside the binary have owners of their own.
    let of_repository = |gate: &&Gate| suite.is_some_and(|suite| !suite.sources.place(&gate.at).starts_with("builtin:"));
    let first = suite.and_then(|suite| suite.gates.values().find(of_repository));
    let need = |given: &Option<String>, there: Option<&String>, flag: &str| {
        let text = given.as_ref().or(there).filter(|text| !text.trim().is_empty()).cloned();
        text.ok_or_else(|| format!("no gate is there whose value could be taken; say it with `{flag}`"))
    };
    let command = first.and_then(|gate| gate.reproduce.steps.first()).map(|step| step.text().to_owned());
    Ok(Terms {
        owner: need(&args.owner, first.map(|gate| &gate.owner), "--owner")?,
        bead: need(&args.bead, first.map(|gate| &gate.bead), "--bead")?,
        reproduce: args
            .reproduce
            .clone()
            .or(command.filter(|text| !text.contains('{')))
            .unwrap_or_else(|| "gatekeeper verify --verbose".to_owned()),
    })
}

/// Where the gate's file goes: into the pack of the repository's own policy, else beside no pack.
fn gate_path(id: &GateId, suite: Option<&Suite>) -> String {
    let pack = suite.filter(|suite| {
        let at = suite.places.find("id").map(|at| suite.sources.place(at));
        at.is_some_and(|at| at.starts_with("policies/"))
    });
    match pack {
        Some(suite) => format!("gates/{}/{id}.toml", suite.policy.id),
        None => format!("{OWN}/{id}.toml"),
    }
}

/// The configuration with the gate in it.
fn configured(config: Option<String>, gate: &str, id: &GateId, advisory: bool, workspace: &Disk) -> Result<String, String> {
    let pattern = format!("{OWN}/*.toml");
    let key = format!("gates = [\"{pattern}\"]");
    let own = gate.starts_with(OWN);
    let mut text = match config {
        None => {
            let name = name_of(workspace);
            format!(
                "schema = \"gatekeeper.config/1\"\n{key}\n\n[policy]\nid    = \"{name}\"\ntitle = \"Release gates of {name}\"\n"
            )
        }
        Some(text) if !own || text.contains(&pattern) => text,
        Some(text) if text.lines().any(|line| line.trim_start().starts_with("gates")) => {
            return Err(format!("add `\"{pattern}\"` to `gates` of {CONFIG} first: {gate} is not among its patterns"));
        }
        // The schema is a key of the top table, and so is what stands behind it.
        Some(text) => {
            let after = text.lines().position(|line| line.trim_start().starts_with("schema"));
            let at = after.ok_or_else(|| format!("`{CONFIG}` has no line that begins with `schema`"))?;
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(at + 1, &key);
            lines.join("\n") + "\n"
        }
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("\n[[gate]]\nid       = \"{id}\"\nblocking = {}\n", !advisory));
    Ok(text)
}

/// The gate that would find the reports of a sample, because it looks everywhere for reports that no gate reads.
fn finds_all(suite: &Suite, sample: &Dir<'_>) -> Option<GateId> {
    let reports = file(sample, "gate.toml").contains(&format!("format = \"{REPORTS}\""));
    let everywhere = |need: &EvidenceNeed| match &need.paths {
        Paths::Declared { base: Base::Repo, pattern, .. } => {
            need.format.id == REPORTS && pattern.split('/').next() == Some("**")
        }
        Paths::Declared { .. } | Paths::Referenced { .. } => false,
    };
    let looks = |gate: &&Gate| {
        gate.checks.iter().any(|check| check.kind.id == "files-listed") && gate.evidence.iter().any(everywhere)
    };
    suite.gates.values().find(looks).filter(|_| reports).map(|gate| gate.id.clone())
}

fn filled(sample: &Dir<'_>, id: &GateId, terms: &Terms) -> String {
    let text = file(sample, "gate.toml");
    let values = [("@owner@", &terms.owner), ("@bead@", &terms.bead), ("@reproduce@", &terms.reproduce)];
    values.iter().fold(text.replace("@id@", id.as_str()), |text, (place, value)| text.replace(place, &quoted(value)))
}

fn file(sample: &Dir<'_>, name: &str) -> String {
    let file = sample.get_file(sample.path().join(name)).expect("every sample has a gate");
    file.contents_utf8().expect("samples are UTF-8 text").to_owned()
}

/// The files of a scenario: evidence, a configuration with this gate alone, and what must come of it.
fn scenario(sample: &Dir<'_>, side: &str, gate: &str, id: &GateId) -> Vec<(String, String)> {
    let folder = format!("fixtures/gates/{id}/{side}");
    let (says, exit, standing) = match side {
        "pass" => ("sound evidence passes", 0, "pass"),
        _ => ("what the gate is for fails", 1, "fail"),
    };
    let case = format!(
        "says       = \"{says}\"\n# The gate itself, as it stands in the repository.\nrepository = [\"{gate}\"]\n\n[expect]\nexit    = {exit}\n\
         verdict = \"{standing}\"\n\n[expect.gate.{id}]\nstanding = \"{standing}\"\n"
    );
    let config = format!(
        "schema = \"gatekeeper.config/1\"\ngates  = [\"{gate}\"]\n\n[policy]\nid    = \"sample\"\ntitle = \"One gate\"\n\n[[gate]]\nid       = \
         \"{id}\"\nblocking = true\n"
    );
    let mut files = vec![(format!("{folder}/case.toml"), case), (format!("{folder}/tree/{CONFIG}"), config)];
    let top = sample.path().join(side);
    let mut open: Vec<&Dir<'_>> = sample.get_dir(&top).into_iter().collect();
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        for file in dir.files() {
            let below = file.path().strip_prefix(&top).ok().and_then(|path| path.to_str()).expect("a path below");
            let text = file.contents_utf8().expect("samples are UTF-8 text").to_owned();
            files.push((format!("{folder}/tree/{below}"), text));
        }
    }
    files.sort();
    files
}

/// Writes everything, the configuration last; takes all of it back where the definitions do not load with it.
fn write(files: &[(RelPath, String)], config: &str, workspace: &Disk, console: &mut Console<'_>) -> Result<(), Exit> {
    let place = RelPath::parse(CONFIG).expect("a sound path");
    let before = text_of(workspace, CONFIG).map_err(|phrase| refuse(&phrase, console))?;
    let all = files.iter().map(|(path, text)| (path, text.as_str())).chain([(&place, config)]);
    for (path, text) in all {
        workspace.put(Base::Repo, path, text.as_bytes()).map_err(|error| {
            console.say(&format!("error: cannot write `{path}`: {error}; `{CONFIG}` does not name the gate"));
            Exit::Internal
        })?;
    }
    let loaded = pipeline::load(workspace, &Selection::default());
    if loaded.suite.is_some() {
        return Ok(());
    }
    place::say_problems(&loaded, false, console);
    let config_back = match &before {
        Some(before) => workspace.put(Base::Repo, &place, before.as_bytes()),
        None => workspace.take_back(Base::Repo, &place),
    };
    let back = files.iter().map(|(path, _)| workspace.take_back(Base::Repo, path)).fold(config_back, std::io::Result::and);
    console.say(&match back {
        Ok(()) => "error: the definitions do not load with the gate; everything is as it was".to_owned(),
        Err(error) => {
            format!("error: the definitions do not load with the gate, and not all of it can be taken back: {error}")
        }
    });
    Err(Exit::Usage)
}
