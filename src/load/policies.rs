//! One policy file: which gates, how they count, in which lanes, within which limits.

use super::document::{POLICY, Parsed};
use super::files::{Definition, Files, Origin};
use super::paths::{Located, Outputs};
use super::{builtin, limits, parameters, secrets};
use crate::definition::{
    KeyDoc, Keys, Kind, Marked, Places, Raw, Read, Refusal, Scope, Stated as Setting, choice, describe,
};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::model::{
    Base, Digest, GateTerms, Lane, LaneId, LaneRule, Limits, PackId, Parameter, Pointer, Policy, RelPath, RunBinding,
    SecretShape, SecretShapes,
};
use crate::source::Span;
use std::collections::BTreeMap;

/// A policy file, read as far as it can be, with the places of what it names.
pub(super) struct Draft {
    /// The policy; gates, lanes and limits are those that could be read.
    pub policy: Policy,
    /// Its packs, and where they are named if they are.
    pub packs: Vec<(PackId, Option<Span>)>,
    /// The builtin policy that it adds to.
    pub base: Option<PackId>,
    /// What must exist for the policy to be chosen unnamed: in the repository, or in the run.
    pub detect: Vec<(Base, RelPath)>,
    /// Whether it judges a run where nothing marks another policy.
    pub fallback: bool,
    /// Where each of `policy.gates` is named: here, or in the configuration.
    pub gates_at: Vec<Span>,
    /// Where each of `policy.lanes` is named.
    pub lanes_at: Vec<Span>,
    /// Where the ledger is named.
    pub ledger_at: Option<Span>,
    /// What to point at for the whole policy.
    pub at: Span,
    /// Whether every `[[gate]]` and `[lane]` could be read.
    pub complete: bool,
    /// Where its parts stand, those that the configuration replaces too.
    pub places: Places,
    /// Keys that say how it is chosen.
    pub settings: Vec<Setting>,
}

/// The keys of a policy file, raw.
struct Stated {
    id: Option<PackId>,
    title: Option<String>,
    packs: Option<Vec<Marked<PackId>>>,
    base: Option<(PackId, Option<Span>)>,
    detect: Vec<Located>,
    fallback: bool,
    ledger: Vec<Located>,
    ledger_at: Option<Span>,
    output: Option<Outputs>,
    verdict_schema: Option<String>,
    run: Option<RunBinding>,
    limits: Vec<limits::Stated>,
    gates: Vec<(GateTerms, Option<Span>)>,
    lanes: Vec<(Lane, Option<Span>)>,
    parameters: Vec<(String, Parameter)>,
    secrets: Vec<SecretShape>,
    places: Places,
    settings: Vec<Setting>,
}

/// Reads a policy file; problems go to `files`. `None` if nothing in it can be believed.
pub(super) fn read(files: &mut Files<'_>, definition: &Definition) -> Option<Draft> {
    read_to(files, definition, true)
}

/// The same; `adds`: it may add to another policy.
fn read_to(files: &mut Files<'_>, definition: &Definition, adds: bool) -> Option<Draft> {
    let parsed = Parsed::new(definition, POLICY, &mut files.problems)?;
    read_from(files, definition, &parsed, (adds, false))
}

/// `part`: it is a part of the configuration, so neither its name nor its gates are those of a file.
pub(super) fn read_from(
    files: &mut Files<'_>,
    definition: &Definition,
    parsed: &Parsed<'_>,
    (adds, part): (bool, bool),
) -> Option<Draft> {
    let scope = Scope::default();
    let stem = definition.path.as_ref().map(RelPath::stem).filter(|_| !part);
    let stated = parsed.read(&scope, &mut files.problems, |keys| Some(stated(keys, stem, part)))?;
    let size = |key: &str| match parsed.table.get(key).map(toml::Spanned::get_ref) {
        Some(toml::de::DeValue::Array(items)) => items.len(),
        Some(toml::de::DeValue::Table(tables)) => tables.len(),
        Some(_) | None => 0,
    };
    let complete = stated.gates.len() == size("gate") && stated.lanes.len() == size("lane");
    let start = Span::new(definition.source, parsed.start());
    let at = parsed.table.get("id").map_or(start, |id| Span::new(definition.source, id.span()));
    let Some((base, asked)) = stated.base.clone() else { return Some(stated.draft(stem, at, complete, None)) };
    let asked = asked.unwrap_or_else(|| at.clone());
    if !adds {
        let headline = "a policy to which another one adds cannot add to a third".to_owned();
        let problem = Diagnostic::error(Code::UNKNOWN_POLICY, headline).label(asked, "");
        files.problems.push(problem.help("name a policy that stands by itself as `base`"));
        return None;
    }
    // What a policy adds to must be there whole, or the policy would ask for less than it says.
    let below = below(files, &base, asked)?;
    let twin = |name: &str| below.policy.parameters.contains_key(name);
    for (name, _) in stated.parameters.iter().filter(|(name, _)| twin(name)) {
        let headline = format!("`{base}`, to which this policy adds, has the parameter `{name}` already");
        let problem = Diagnostic::error(Code::DUPLICATE_ID, headline).label(at.clone(), "");
        files.problems.push(problem.help("give it a name of its own; `gatekeeper.toml` changes the values of parameters"));
    }
    Some(stated.draft(stem, at, complete, Some((base, below))))
}

/// The policy that another one adds to.
fn below(files: &mut Files<'_>, base: &PackId, asked: Span) -> Option<Draft> {
    let known = files.packs().policies();
    if !known.contains(base) {
        let problem =
            Diagnostic::error(Code::UNKNOWN_POLICY, format!("there is no builtin policy `{base}`")).label(asked, "");
        files.problems.push(problem.help(did_you_mean(base.as_str(), known.iter().map(PackId::as_str))));
        return None;
    }
    let definition = files.demand(Origin::Builtin, &builtin::policy_path(base), Some(asked))?;
    read_to(files, &definition, false)
}

/// What a policy file can hold, for schemas and docs.
pub(super) fn keys() -> Vec<KeyDoc> {
    describe(|keys| drop(stated(keys, None, false)))
}

/// What the configuration can hold under `[policy]`.
pub(super) fn part_keys() -> Vec<KeyDoc> {
    describe(|keys| drop(stated(keys, None, true)))
}

fn stated(keys: &mut Keys<'_>, stem: Option<&str>, part: bool) -> Stated {
    let mut places = Places::default();
    if !part {
        POLICY.read(keys);
    }
    let id = keys.required::<PackId>("id", "The policy's name: the stem of its file.");
    if let (Some(id), Some(stem)) = (&id, stem.filter(|stem| id.as_ref().is_some_and(|id| id.as_str() != *stem))) {
        let refusal = Refusal::new(format!("`{id}` is not the stem of its file")).code(Code::STEM_MISMATCH);
        keys.refuse("id", refusal.help(format!("write `id = \"{stem}\"`, or name the file `{id}.toml`")));
    }
    let title = keys.required("title", "One line about the policy.");
    let packs = keys.optional(
        "packs",
        "Packs whose gate files belong to the policy: `gates/<pack>/*.toml`. By default the one with the policy's own name.",
    );
    let doc = "The builtin policy that this one adds to: its gates come first, with its packs, parameters, limits and lanes. What \
               this policy states of ledger, output, lanes and run stands instead of the other's.";
    let base = keys.optional::<PackId>("base", doc);
    let base = base.map(|base| (base, keys.span("base")));
    let doc = "Files and directories by which a repository (`repo:`), or a run by itself (`run:`, whose first step may hold `*`), is known to need this policy.";
    let detect = keys.optional::<Vec<Located>>("detect", doc).unwrap_or_default();
    if detect.iter().any(|Located(base, _)| !matches!(base, Base::Repo | Base::Run)) {
        keys.refuse("detect", Refusal::new("every path must begin with `repo:` or `run:`"));
    }
    let doc = "Whether the policy judges a run where no mark of another builtin policy is to be seen.";
    let fallback = keys.or("fallback", false, doc);
    if fallback && !detect.is_empty() {
        keys.refuse("fallback", Refusal::new("a policy is chosen by its marks or where there are none, not both"));
    }
    let ledger =
        located(keys, "ledger", "The files that hold suite classification, waivers and quarantine, read as one ledger.");
    let here = keys.here();
    let ledger_at = keys.span("ledger").filter(|span| Some(span) != here.as_ref());
    let output = keys.optional("output", "Where outputs go when the command line does not say.");
    let verdict_schema =
        keys.optional("verdict_schema", "The schema id that readers of the verdict expect instead of ours.");
    let run = keys.table("run", false, "How a run states its own identity. Without it the policy judges no run.", run);
    let limits = keys.table("limits", false, "Bounds on input and on exceptions.", |keys| {
        let stated = limits::read(keys, Some(&Limits::default()));
        keys.mark("limit.", &mut places);
        Some(stated)
    });
    let gate = |keys: &mut Keys<'_>| {
        let id = keys.required("id", "The gate's id.");
        let blocking = keys.required("blocking", "Whether the verdict fails when the gate does not pass.");
        let waivable = keys.or("waivable", true, "Whether a waiver may cover a failure.");
        let gap_waivable = keys.or("gap_waivable", false, "Whether a waiver may cover a gap in the evidence too.");
        if gap_waivable && !waivable {
            keys.refuse("gap_waivable", Refusal::new("a gate that no waiver covers has no gap that one covers"));
        }
        let id = id?;
        keys.span("id").into_iter().for_each(|at| places.put(format!("gate.{id}"), at));
        keys.mark(&format!("gate.{id}."), &mut places);
        Some((GateTerms { id, blocking: blocking?, waivable, gap_waivable }, keys.span("id")))
    };
    let gates = if part { Vec::new() } else { keys.tables("gate", "The gates, in the order of the report.", gate) };
    let rules = [("preflight", LaneRule::Preflight), ("full", LaneRule::Full)];
    let lanes = keys.named_tables("lane", "The lanes: named ways of counting gates.", |name, at, keys| {
        let doc =
            "`preflight` takes the blocking gates and stops at the first that does not pass; `full` takes every gate.";
        let rule =
            keys.custom("rule", true, Kind::Choice(vec!["preflight", "full"]), doc, |raw: Raw<'_>| choice(raw, &rules));
        let reproduce = keys.optional::<String>("reproduce", "The command that runs what the lane judges, for incidents.");
        at.iter().for_each(|at| places.put(format!("lane.{name}"), at.clone()));
        match LaneId::try_from(name) {
            Ok(id) => Some((Lane { id, rule: rule?, reproduce }, at)),
            Err(error) => {
                at.into_iter()
                    .for_each(|at| keys.report(Diagnostic::error(Code::WRONG_TYPE, error.to_string()).label(at, "")));
                None
            }
        }
    });
    let parameters = keys.named_tables("parameter", "Values that checks see as `policy.<name>`.", |name, at, keys| {
        let read = parameters::read(name, at.clone(), keys);
        at.into_iter().for_each(|at| places.put(format!("parameter.{name}"), at));
        keys.mark(&format!("parameter.{name}."), &mut places);
        read
    });
    let secrets = keys.named_tables("secret", secrets::ABOUT, |name, at, keys| {
        at.into_iter().for_each(|at| places.put("secret", at));
        secrets::read(name, keys)
    });
    keys.mark("", &mut places);
    let settings = keys.stated().into_iter().filter(|stated| ["detect", "fallback"].contains(&stated.key)).collect();
    Stated {
        id,
        title,
        packs,
        base,
        detect,
        fallback,
        ledger,
        ledger_at,
        output,
        verdict_schema,
        run,
        limits: limits.unwrap_or_default(),
        gates,
        lanes,
        parameters,
        secrets: secrets.concat(),
        places,
        settings,
    }
}

fn located(keys: &mut Keys<'_>, key: &'static str, doc: &'static str) -> Vec<Located> {
    let paths = keys.optional::<Vec<Located>>(key, doc).unwrap_or_default();
    if paths.iter().any(|Located(base, _)| *base != Base::Repo) {
        keys.refuse(key, Refusal::new("every path must begin with `repo:`"));
    }
    paths
}

/// A file and a place in it: `summary.json#/baseline`.
struct Inside(RelPath, Pointer);

impl Read for Inside {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text =
            raw.string("a file and a JSON Pointer, like `summary.json#/baseline`").map_err(|refusal| vec![refusal])?;
        let (file, pointer) = text.split_once('#').ok_or_else(|| {
            vec![Refusal::new(format!("`{text}` names no place in a file")).help("write `<file>#/<pointer>`")]
        })?;
        let file = RelPath::parse(file).map_err(|error| vec![Refusal::new(error.to_string())])?;
        let pointer = Pointer::parse(pointer);
        let pointer = pointer.ok_or_else(|| vec![Refusal::new("what follows `#` is not a JSON Pointer like `/a/b`")])?;
        Ok(Inside(file, pointer))
    }

    fn kind() -> Kind {
        Kind::Pattern("^[^/\\\\#][^#]*#(/.*)?$", "a file and a JSON Pointer in it: `summary.json#/baseline`")
    }
}

/// The one format of a run's own document that no extension stands for.
const SUMMARY: &str = "pipeline-summary";

fn run(keys: &mut Keys<'_>) -> Option<RunBinding> {
    let file = keys.required("file", "The document of the run with its id and commit.");
    let doc = "Whether a run may come without that document. It then states neither id nor commit, and nothing but its age binds it.";
    let file_optional = keys.optional("file_optional", doc).unwrap_or(false);
    let read = |raw: Raw<'_>| choice(raw, &[(SUMMARY, SUMMARY)]);
    let doc = "How it is read: as the summary of a pipeline, whatever its fields are called. Else its extension decides.";
    let format = keys.custom("format", false, Kind::Choice(vec![SUMMARY]), doc, read);
    let id = keys.required("id", "The run's id in it.");
    let commit = keys.required("commit", "The commit in it that the run tested.");
    let doc = "Whether a run may state no commit. One that is stated must be the commit under judgement all the same.";
    let commit_optional = keys.optional("commit_optional", doc).unwrap_or(false);
    let artifact_dir = keys.optional(
        "artifact_dir",
        "The directory in it that absolute paths inside artifacts begin with, on the machine that recorded the run.",
    );
    let baseline = keys.optional::<Inside>("baseline", "The document and place in it that name the run to compare with.");
    let doc = "Whether a run must have a baseline, named by it or by the operator. Without one, evidence of a baseline is then missing, and never \
               absent.";
    let baseline_required = keys.optional("baseline_required", doc).unwrap_or(false);
    Some(RunBinding {
        file: file?,
        file_optional,
        format,
        id: id?,
        commit: commit?,
        commit_optional,
        artifact_dir,
        baseline: baseline.map(|Inside(file, pointer)| (file, pointer)),
        baseline_required,
    })
}

impl Stated {
    fn draft(self, stem: Option<&str>, at: Span, complete: bool, below: Option<(PackId, Draft)>) -> Draft {
        let stem = stem.and_then(|stem| PackId::try_from(stem).ok());
        let unnamed = || PackId::try_from("unnamed").expect("an id");
        // The file is found by its stem, so its gates are too.
        let id = stem.or(self.id).unwrap_or_else(unnamed);
        let (base, below) = below.unzip();
        let mut packs = match self.packs {
            Some(packs) => packs.into_iter().map(|pack| (pack.value, Some(Span::new(at.source, pack.range)))).collect(),
            None => vec![(id.clone(), None)],
        };
        let mut limits = below.as_ref().map_or_else(Limits::default, |below| below.policy.limits.clone());
        for stated in &self.limits {
            stated.limit.set(&mut limits, stated.amount);
        }
        let place = |span: Option<Span>| span.unwrap_or_else(|| at.clone());
        let (mut gates, mut gates_at): (Vec<_>, Vec<_>) =
            self.gates.into_iter().map(|(terms, span)| (terms, place(span))).unzip();
        let (mut lanes, mut lanes_at): (Vec<_>, Vec<_>) =
            self.lanes.into_iter().map(|(lane, span)| (lane, place(span))).unzip();
        let mut parameters: BTreeMap<String, Parameter> = self.parameters.into_iter().collect();
        let mut ledger: Vec<_> = self.ledger.into_iter().map(|Located(base, path)| (base, path)).collect();
        let mut output = self.output.map(|Outputs(base, path)| (base, path));
        let mut secrets = self.secrets;
        let (mut verdict_schema, mut run, mut complete) = (self.verdict_schema, self.run, complete);
        if let Some(below) = below {
            packs.splice(0..0, below.packs);
            gates.splice(0..0, below.policy.gates);
            gates_at.splice(0..0, below.gates_at);
            if lanes.is_empty() {
                (lanes, lanes_at) = (below.policy.lanes, below.lanes_at);
            }
            parameters.extend(below.policy.parameters);
            secrets.splice(0..0, below.policy.secrets.own().iter().cloned());
            if ledger.is_empty() {
                ledger = below.policy.ledger;
            }
            output = output.or(below.policy.output);
            verdict_schema = verdict_schema.or(below.policy.verdict_schema);
            run = run.or(below.policy.run);
            complete &= below.complete;
        }
        let policy = Policy {
            id,
            title: self.title.unwrap_or_default(),
            // Known only when every file is read.
            digest: Digest::of(b""),
            gates,
            lanes,
            limits,
            parameters,
            ledger,
            output,
            verdict_schema,
            run,
            secrets: SecretShapes::with(secrets),
        };
        let detect = self.detect.into_iter().map(|Located(base, path)| (base, path)).collect();
        Draft {
            policy,
            packs,
            base,
            detect,
            fallback: self.fallback,
            gates_at,
            lanes_at,
            ledger_at: self.ledger_at,
            at,
            complete,
            places: self.places,
            settings: self.settings,
        }
    }
}
