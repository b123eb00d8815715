//! One gate file: its evidence needs, its checks, and who answers for it.

use super::check_tables;
use super::document::{GATE, Parsed};
use super::files::{self, Definition, Files, Origin, Unread};
use super::needs::{self, Beside, Need};
use super::parameters;
use crate::definition::{KeyDoc, Keys, Kind, Marked, Places, Refusal, Scope, describe};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Command, DefinedCheck, Gate, Paths, Reading, Registry, Reproduce, Shards, Steps};
use crate::model::{EvidenceId, GateId, PackId, RelPath};
use crate::source::Span;
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

/// A gate file, read as far as it can be, with what the other files must know about it.
pub(super) struct Draft {
    /// The stem of its file.
    pub id: GateId,
    /// What to point at for the whole gate.
    pub at: Span,
    /// Its needs.
    pub needs: Vec<(GateId, Span)>,
    /// The parameters of the policy that its checks name.
    pub parameters: Vec<(String, Span)>,
    /// The parameters of the policy that hold a `max_age` of its evidence.
    pub ages: Vec<(EvidenceId, String, Span)>,
    /// The gate, if the file is sound.
    pub gate: Option<Gate>,
}

/// The keys of a gate file, raw.
struct Stated {
    title: Option<String>,
    owner: Option<String>,
    bead: Option<String>,
    why: Option<String>,
    needs: Vec<Marked<GateId>>,
    reproduce: Option<Reproduce>,
    remediation: Option<Vec<String>>,
    evidence: Vec<Need>,
    checks: Vec<DefinedCheck>,
    places: Places,
}

/// Reads a gate file; problems go to `files`. `None` only if the file's name is no gate's.
pub(super) fn open(
    files: &mut Files<'_>,
    registry: &Registry,
    (origin, path): (Origin, &RelPath),
    pack: &PackId,
    asked: Option<Span>,
) -> Option<Draft> {
    let definition = files.demand(origin, path, asked);
    let source = match &definition {
        Some(definition) => definition.source,
        // Its text is not known, but its name is.
        None => files.sources.add(files::name(origin, path), ""),
    };
    let start = Span::new(source, 0..0);
    let id = match GateId::try_from(path.stem()) {
        Ok(id) => id,
        Err(error) => {
            let headline = format!("the file's name cannot be that of a gate: {error}");
            files.problems.push(Diagnostic::error(Code::STEM_MISMATCH, headline).label(start, ""));
            return None;
        }
    };
    let mut draft = Draft::of(id, start);
    let Some(definition) = &definition else { return Some(draft) };
    let mut problems = Vec::new();
    if let Some(parsed) = Parsed::new(definition, GATE, &mut problems) {
        read(files, registry, (definition, &parsed, false), pack, &mut draft, &mut problems);
    }
    files.problems.append(&mut problems);
    Some(draft)
}

/// The keys of a gate file that define the gate where it stands in the configuration.
pub(super) const PART: [&str; 10] =
    ["title", "owner", "bead", "why", "needs", "reproduce", "reproduce_otherwise", "remediation", "evidence", "check"];

/// The keys beside them that say how the policy takes the gate.
const TERMS: [&str; 3] = ["blocking", "waivable", "gap_waivable"];

/// Reads a gate that the configuration defines, as it reads a gate file; problems go to `files`. `at` is the place of its id.
pub(super) fn open_part(
    files: &mut Files<'_>,
    registry: &Registry,
    definition: &Definition,
    (id, at): (&GateId, &Span),
    pack: &PackId,
) -> Draft {
    let mut draft = Draft::of(id.clone(), at.clone());
    let mut problems = Vec::new();
    let part = Parsed::part(definition, |mut table| {
        let Some(DeValue::Array(gates)) = table.remove("gate").map(toml::Spanned::into_inner) else { return None };
        let here = |gate: &DeTable<'_>| gate.get("id").is_some_and(|id| id.span().start == at.start);
        let mut gate = gates.into_iter().find_map(|gate| match gate.into_inner() {
            DeValue::Table(gate) if here(&gate) => Some(gate),
            _ => None,
        })?;
        TERMS.iter().for_each(|term| drop(gate.remove(*term)));
        Some(gate)
    });
    if let Some(parsed) = part {
        read(files, registry, (definition, &parsed, true), pack, &mut draft, &mut problems);
    }
    files.problems.append(&mut problems);
    draft
}

impl Draft {
    fn of(id: GateId, at: Span) -> Self {
        Self { id, at, needs: Vec::new(), parameters: Vec::new(), ages: Vec::new(), gate: None }
    }
}

fn read(
    files: &mut Files<'_>,
    registry: &Registry,
    (definition, parsed, part): (&Definition, &Parsed<'_>, bool),
    pack: &PackId,
    draft: &mut Draft,
    problems: &mut Vec<Diagnostic>,
) {
    draft.at = Span::new(definition.source, parsed.table.get("id").map_or(parsed.start(), toml::Spanned::span));
    let scope = Scope { evidence: declared(&parsed.table) };
    let mut beside = |path: &RelPath| beside(files, definition, path);
    let stated = parsed.read(&scope, problems, |keys| {
        identify(keys, &draft.id, part);
        Some(stated(keys, registry, &mut beside))
    });
    let Some(stated) = stated else { return };
    draft.needs =
        stated.needs.iter().map(|need| (need.value.clone(), Span::new(definition.source, need.range.clone()))).collect();
    let named = stated.checks.iter().flat_map(|check| parameters::named(check, &definition.text));
    draft.parameters = named.collect();
    let ages = stated.evidence.iter().filter_map(|need| Some((need.need.id.clone(), need.age.clone()?)));
    draft.ages = ages.map(|(id, (name, at))| (id, name, at)).collect();
    draft.parameters.extend(draft.ages.iter().map(|(_, name, at)| (name.clone(), at.clone())));
    draft.parameters.extend(stated.evidence.iter().flat_map(|need| in_path(need, &draft.at)));
    judge(draft, &stated, &parsed.table, problems);
    let gate = assemble(draft, stated, pack);
    gate.iter().for_each(|gate| refuse_single_of_many(gate, problems));
    gate.iter().for_each(|gate| refuse_names_without_values(gate, problems));
    draft.gate = gate;
}

/// What a gate file can hold, for schemas and docs.
pub(super) fn keys(registry: &Registry) -> Vec<KeyDoc> {
    describe(|keys| {
        identify(keys, &GateId::try_from("gate").expect("an id"), false);
        stated(keys, registry, &mut |_| Err(String::new()));
    })
}

fn identify(keys: &mut Keys<'_>, stem: &GateId, part: bool) {
    if !part {
        GATE.read(keys);
    }
    let id = keys.required::<GateId>("id", "The gate's id: the stem of its file.");
    if let Some(id) = id.filter(|id| id != stem) {
        let refusal = Refusal::new(format!("`{id}` is not the stem of its file")).code(Code::STEM_MISMATCH);
        keys.refuse("id", refusal.help(format!("write `id = \"{stem}\"`, or name the file `{id}.toml`")));
    }
}

fn stated(keys: &mut Keys<'_>, registry: &Registry, beside: &mut Beside<'_>) -> Stated {
    let title = keys.required("title", "What the gate is called in reports.");
    let owner = keys.required("owner", "Who answers for it.");
    let bead = keys.required("bead", "The tracker's id of the work that asked for it.");
    let why = keys.required("why", "Why it is a gate: what would go wrong without it.");
    let needs = keys.optional::<Vec<Marked<GateId>>>(
        "needs",
        "Gates that must stand before this one can. A failed need makes this gate `blocked`, reported after its cause.",
    );
    let reproduce = reproduce(keys);
    let remediation = keys.required("remediation", "What to do about a failure, step by step.");
    let mut places = Places::default();
    let evidence = keys.named_tables("evidence", "What the gate reads, each under the name that its checks use.", {
        |name, at, keys| {
            let need = needs::read(name, at.clone(), keys, registry, beside);
            at.into_iter().for_each(|at| places.put(format!("evidence.{name}"), at));
            keys.mark(&format!("evidence.{name}."), &mut places);
            need
        }
    });
    keys.mark("", &mut places);
    let doc = "The facts that the gate asserts; at least one.";
    let checks = if keys.site().is_some() {
        keys.tables("check", doc, |keys| check_tables::read(keys, registry))
    } else {
        let kinds = registry.checks.iter().map(|kind| (kind.id, check_tables::keys(kind))).collect();
        keys.describe_key("check", true, Kind::List(Box::new(Kind::OneOf(kinds))), doc);
        Vec::new()
    };
    let needs = needs.unwrap_or_default();
    Stated { title, owner, bead, why, needs, reproduce, remediation, evidence, checks, places }
}

fn reproduce(keys: &mut Keys<'_>) -> Option<Reproduce> {
    let doc = "The command that makes its evidence again, or several, in their order. `{run}` is the run's directory (once for each shard), \
               `{run.id}` its id, `{baseline}` the run that it is compared with, `{evidence.NAME}` each file of that evidence; each is one \
               word of a shell. A step whose names are not known is left out.";
    let steps = keys.required::<Steps>("reproduce", doc);
    let doc =
        "What is run where no step of `reproduce` can be filled in. Needed where each of them names something of a run.";
    let otherwise = keys.optional::<String>("reproduce_otherwise", doc);
    let steps = steps?.0;
    if otherwise.is_none() && !steps.iter().any(Command::is_plain) {
        let refusal = Refusal::new("without a run or a baseline there is no command here").code(Code::MISSING_KEY);
        keys.refuse("reproduce", refusal.help("say with `reproduce_otherwise` what is run then"));
        return None;
    }
    Some(Reproduce { steps, otherwise })
}

/// The evidence ids that the file declares, sound or not, so that a damaged need is not also an unknown one.
fn declared(table: &DeTable<'_>) -> Vec<EvidenceId> {
    let evidence = table.get("evidence").and_then(|evidence| evidence.get_ref().as_table());
    let mut names: Vec<_> = evidence.into_iter().flat_map(|evidence| evidence.keys()).collect();
    names.sort_by_key(|name| name.span().start);
    names.into_iter().filter_map(|name| EvidenceId::try_from(&**name.get_ref()).ok()).collect()
}

/// The parameters in the path of a need.
fn in_path(need: &Need, gate: &Span) -> Vec<(String, Span)> {
    let at = need.at.as_ref().unwrap_or(gate);
    match &need.need.paths {
        Paths::Declared { pattern, .. } => {
            parameters::in_pattern(pattern).map(|name| (name.to_owned(), at.clone())).collect()
        }
        Paths::Referenced { .. } => Vec::new(),
    }
}

/// The text of a file beside the gate file.
fn beside(files: &mut Files<'_>, definition: &Definition, path: &RelPath) -> Result<(RelPath, String), String> {
    let gate = definition.path.as_ref().map_or("", RelPath::as_str);
    let folder = gate.rsplit_once('/').and_then(|(folder, _)| RelPath::parse(folder).ok());
    let path = folder.map_or(path.clone(), |folder| folder.join(path));
    let bytes = files.bytes(definition.origin, &path).map_err(|unread| match unread {
        Unread::Missing => format!("`{path}` does not exist"),
        Unread::Refused(phrase) => format!("`{path}` {phrase}"),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("`{path}` is not UTF-8 text"))?.to_owned();
    Ok((path, text))
}

/// What shows only once the whole gate is read.
fn judge(draft: &Draft, stated: &Stated, table: &DeTable<'_>, problems: &mut Vec<Diagnostic>) {
    let size = |key: &str| match table.get(key).map(toml::Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.len(),
        Some(DeValue::Table(tables)) => tables.len(),
        Some(_) | None => 0,
    };
    let (evidence, checks) = (size("evidence"), size("check"));
    let lacks = match (evidence, checks) {
        (0, 0) => Some("has neither evidence nor checks"),
        (0, _) => Some("has no evidence"),
        (_, 0) => Some("has no checks"),
        (_, _) => None,
    };
    if let Some(lacks) = lacks {
        problems.push(
            Diagnostic::error(Code::NO_CHECKS, format!("gate `{}` {lacks}", draft.id))
                .label(draft.at.clone(), "could only ever pass")
                .help("say under `[evidence.<name>]` what it reads, and in `[[check]]` what must be true of it"),
        );
    }
    let mut seen = BTreeSet::new();
    for need in stated.needs.iter().filter(|need| !seen.insert(&need.value)) {
        let headline = format!("gate `{}` needs `{}` twice", draft.id, need.value);
        problems.push(
            Diagnostic::error(Code::DUPLICATE_ID, headline).label(Span::new(draft.at.source, need.range.clone()), ""),
        );
    }
    needs::refuse_circles(&stated.evidence, problems);
    // A check that could not be read may be the one that reads the evidence.
    if checks == 0 || stated.checks.len() < checks || stated.evidence.len() < evidence {
        return;
    }
    let declared = declared(table);
    for id in stated.reproduce.iter().flat_map(|reproduce| &reproduce.steps).flat_map(Command::evidence) {
        if !declared.contains(id) {
            let headline = format!("the command of gate `{}` names the evidence `{id}`, which it has not", draft.id);
            problems.push(Diagnostic::error(Code::UNKNOWN_EVIDENCE, headline).label(draft.at.clone(), ""));
        }
    }
    let mut read: BTreeSet<EvidenceId> =
        stated.checks.iter().flat_map(|check| check.check.reads()).map(|(evidence, _)| evidence).collect();
    read.extend(stated.evidence.iter().filter_map(|need| needs::source(&need.need)).map(|(_, from)| from.clone()));
    for need in stated.evidence.iter().filter(|need| !read.contains(&need.need.id)) {
        let headline = format!("no check of gate `{}` reads the evidence `{}`", draft.id, need.need.id);
        let problem = Diagnostic::error(Code::UNUSED_EVIDENCE, headline).help("add a check that judges it, or remove it");
        problems.extend(need.at.clone().map(|at| problem.label(at, "never judged")));
    }
}

/// Reports expressions that name evidence without values: file names, bytes and plain text are no documents, so they could never be true.
fn refuse_names_without_values(gate: &Gate, problems: &mut Vec<Diagnostic>) {
    for check in &gate.checks {
        for id in check.check.named_in_expressions().into_iter().collect::<BTreeSet<_>>() {
            let Some(format) = gate.need(&id).map(|need| need.format) else { continue };
            if matches!(format.reading, Reading::Names | Reading::Opaque) || format.id == "text" {
                let headline = format!("`{id}` is read as `{}`, which has no values for an expression", format.id);
                let problem = Diagnostic::error(Code::EXPRESSION, headline).label(check.at.clone(), "could never be true");
                problems
                    .push(problem.help("use a kind of check that takes files or text, or read it with another `format`"));
            }
        }
    }
}

/// Reports checks that take all shards together and read evidence of which there is one for each.
fn refuse_single_of_many(gate: &Gate, problems: &mut Vec<Diagnostic>) {
    for check in gate.checks.iter().filter(|check| check.shards == Shards::Together) {
        let mut open: Vec<EvidenceId> = check.check.reads().into_iter().map(|(evidence, _)| evidence).collect();
        let mut told = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some(need) = gate.need(&id).filter(|need| gate.of_run(&need.id) && told.insert(id.clone())) else {
                continue;
            };
            open.extend(needs::source(need).map(|(_, from)| from.clone()));
            if !need.many() {
                let headline = format!("every shard has its own `{id}`, and this check takes them together");
                let problem = Diagnostic::error(Code::SHARDS, headline).label(check.at.clone(), "");
                problems.push(problem.help(format!("write `pick = \"all\"` at `[evidence.{id}]`; it is then a list")));
            }
        }
    }
}

fn assemble(draft: &Draft, stated: Stated, pack: &PackId) -> Option<Gate> {
    Some(Gate {
        id: draft.id.clone(),
        pack: pack.clone(),
        title: stated.title?,
        owner: stated.owner?,
        bead: stated.bead?,
        why: stated.why?,
        needs: stated.needs.into_iter().map(|need| need.value).collect(),
        reproduce: stated.reproduce?,
        remediation: stated.remediation?,
        evidence: stated.evidence.into_iter().map(|need| need.need).collect(),
        checks: stated.checks,
        at: draft.at.clone(),
        places: stated.places,
    })
}
