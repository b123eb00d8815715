//! `gatekeeper.toml`: how a repository takes the policy that it extends.

use super::document::{CONFIG, Parsed};
use super::files::{Definition, Files};
use super::paths::{Located, Outputs};
use super::{gates, limits, policies, secrets};
use crate::definition::{KeyDoc, Keys, Kind, Marked, Places, Raw, Read, Refusal, Scope, Stated, describe};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::Registry;
use crate::model::{FieldNames, GateId, RelPath, SecretShape, Value};
use crate::source::Span;
use std::collections::BTreeMap;

/// The file's place in a repository.
pub(super) const FILE: &str = "gatekeeper.toml";

/// Terms that a `[[gate]]` table of the configuration states.
pub(super) struct Override {
    /// The gate.
    pub id: GateId,
    /// Its id in the file.
    pub at: Span,
    /// `blocking`, with its place.
    pub blocking: Option<(bool, Span)>,
    /// `waivable`, with its place.
    pub waivable: Option<(bool, Span)>,
    /// `gap_waivable`, with its place.
    pub gap_waivable: Option<(bool, Span)>,
    /// Whether the table defines the gate, as a gate file would.
    pub defines: bool,
}

/// What a `[[weaken]]` entry excuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Gate,
    Parameter,
    Limit,
}

impl Subject {
    /// Every subject, in the order of the keys.
    pub const ALL: [Subject; 3] = [Subject::Gate, Subject::Parameter, Subject::Limit];

    /// The key that names it.
    pub const fn word(self) -> &'static str {
        match self {
            Subject::Gate => "gate",
            Subject::Parameter => "parameter",
            Subject::Limit => "limit",
        }
    }
}

/// A reason for loosening something.
pub(super) struct Weaken {
    /// What kind of thing.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The name in the file.
    pub at: Span,
}

/// The configuration, read as far as it can be.
pub(super) struct Config {
    /// The file's first key.
    pub at: Span,
    /// The file itself, for the parts of it that are read as files of their own.
    pub definition: Definition,
    /// The policy it extends, with its place.
    pub extends: Option<(String, Span)>,
    /// Whether it holds the policy itself, under `[policy]`.
    pub holds_policy: bool,
    /// Patterns of gate files in the repository.
    pub gates: Vec<(String, Span)>,
    /// Patterns of the repository's own signature files.
    pub signatures: Vec<(String, Span)>,
    /// Overrides and additions.
    pub overrides: Vec<Override>,
    /// Whether every `[[gate]]` could be read.
    pub complete: bool,
    /// Limits.
    pub limits: Vec<limits::Stated>,
    /// Values of parameters.
    pub parameters: Vec<(String, Value, Span)>,
    /// Shapes of secrets beside the policy's.
    pub secrets: Vec<SecretShape>,
    /// Ledger files instead of the policy's.
    pub ledger: Option<(Vec<Located>, Span)>,
    /// How the ledger spells its fields.
    pub fields: FieldNames,
    /// Where outputs go.
    pub output: Option<Outputs>,
    /// The schema id that readers of the verdict expect.
    pub verdict_schema: Option<String>,
    /// Where the repository's git objects are.
    pub git_dir: Option<(RelPath, Span)>,
    /// Schema ids by `<gate>.<evidence>`.
    pub schemas: Vec<(String, String, Span)>,
    /// Reasons.
    pub weaken: Vec<Weaken>,
    /// Where its parts stand that are parts of the policy.
    pub places: Places,
    /// Where the git objects are, as it is stated.
    pub settings: Vec<Stated>,
}

/// Reads the configuration; problems go to `files`. `None` if nothing in it can be believed.
pub(super) fn read(files: &mut Files<'_>, definition: &Definition) -> Option<Config> {
    let parsed = Parsed::new(definition, CONFIG, &mut files.problems)?;
    let scope = Scope::default();
    let at = Span::new(definition.source, parsed.start());
    let mut config =
        parsed.read(&scope, &mut files.problems, |keys| Some(stated(keys, at, Some(definition.clone()), None)))?;
    let gates = parsed.table.get("gate").and_then(|gates| gates.get_ref().as_array()).map_or(0, |gates| gates.len());
    config.complete = config.overrides.len() == gates;
    Some(config)
}

/// What the configuration can hold, for schemas and docs.
pub(super) fn keys(registry: &Registry) -> Vec<KeyDoc> {
    let mut sources = crate::source::SourceMap::default();
    let nowhere = Span::new(sources.add("", ""), 0..0);
    describe(|keys| drop(stated(keys, nowhere.clone(), None, Some(registry))))
}

/// The keys of a table that is read as a file of its own: they are known here and read there. Whether the table has one of them.
fn elsewhere(keys: &mut Keys<'_>, names: &[&'static str], docs: Option<Vec<KeyDoc>>) -> bool {
    let mut has = false;
    for name in names {
        let here = keys.here();
        has |= here.is_some() && keys.span(name) != here;
        let known = docs.as_ref().and_then(|docs| docs.iter().find(|doc| doc.name == *name));
        match known {
            Some(doc) => keys.describe_key(name, false, doc.kind.clone(), doc.doc),
            None => keys.describe_key(name, false, Kind::Any, ""),
        }
    }
    has
}

fn stated(keys: &mut Keys<'_>, at: Span, definition: Option<Definition>, registry: Option<&Registry>) -> Config {
    let place = |range: std::ops::Range<usize>| Span::new(at.source, range);
    CONFIG.read(keys);
    let doc = "The policy itself, with the keys of a policy file but `schema` and `gate`; its gates are the `[[gate]]` tables of this file. \
               Either this or `extends`.";
    let inside = registry.map(|_| Kind::Table(policies::part_keys())).unwrap_or(Kind::Any);
    let here = keys.here();
    let holds_policy = here.is_some() && keys.span("policy") != here;
    keys.describe_key("policy", false, inside, doc);
    let doc = "The policy: `builtin:<name>`, or the path of a policy file in the repository. Needed where there is no `[policy]`.";
    let extends = match holds_policy || here.is_none() {
        true => keys.optional::<Marked<String>>("extends", doc),
        false => keys.required::<Marked<String>>("extends", doc),
    };
    let extends = extends.map(|e| (e.value, place(e.range)));
    if holds_policy && extends.is_some() {
        let refusal = Refusal::new("the file holds a policy, and extends another one");
        keys.refuse(
            "extends",
            refusal.help("take out `[policy]`, or say there with `base` which builtin policy it adds to"),
        );
    }
    let doc = "Patterns of the repository's own gate files: `gates/**/*.toml`.";
    let gates = keys.optional::<Vec<Marked<String>>>("gates", doc).unwrap_or_default();
    let doc = "Patterns of the repository's own failure signatures, for `gatekeeper triage`: `triage/*.toml`.";
    let signatures = keys.optional::<Vec<Marked<String>>>("signatures", doc).unwrap_or_default();
    let overrides = keys.tables(
        "gate",
        "Terms of a gate that the policy has, which may only tighten, or of one that the repository adds. With the keys of a gate file it \
         defines the gate, too.",
        |keys| {
            let id = keys.required::<Marked<GateId>>("id", "The gate's id.");
            let mut flag = |key, doc| keys.optional::<Marked<bool>>(key, doc).map(|flag| (flag.value, place(flag.range)));
            let blocking =
                flag("blocking", "Whether the verdict fails when the gate does not pass. Required for added gates.");
            let waivable = flag("waivable", "Whether a waiver may cover a failure.");
            let gap_waivable = flag("gap_waivable", "Whether a waiver may cover a gap in the evidence too.");
            let defines = elsewhere(keys, &gates::PART, registry.map(gates::keys));
            let id = id?;
            Some(Override { id: id.value, at: place(id.range), blocking, waivable, gap_waivable, defines })
        },
    );
    let limits = keys.table("limits", false, "Limits, tighter than the policy's.", |keys| Some(limits::read(keys, None)));
    let parameters = keys.named_tables("parameter", "Values of the policy's parameters.", |name, _, keys| {
        let value =
            keys.required::<Marked<Value>>("value", "The value, in the direction that the policy calls tighter.")?;
        Some((name.to_owned(), value.value, place(value.range)))
    });
    let mut places = Places::default();
    let secrets = keys.named_tables("secret", secrets::ABOUT, |name, at, keys| {
        at.into_iter().for_each(|at| places.put("secret", at));
        secrets::read(name, keys)
    });
    let ledger = keys.table("ledger", false, "Where the ledger is and how it is spelt.", |keys| Some(ledger(keys)));
    let output = keys.optional("output", "Where outputs go when the command line does not say.");
    let verdict_schema =
        keys.optional("verdict_schema", "The schema id that readers of the verdict expect instead of ours.");
    let doc = "The directory below the repository that holds its git objects, where that is not `.git`.";
    let git_dir = keys.optional::<Marked<RelPath>>("git_dir", doc).map(|dir| (dir.value, place(dir.range)));
    let doc = "Schema ids that evidence must state, by `\"<gate>.<evidence>\"`.";
    let schemas = keys.optional::<BTreeMap<String, Marked<String>>>("schemas", doc).unwrap_or_default();
    keys.mark("", &mut places);
    let settings = keys.stated().into_iter().filter(|stated| stated.key == "git_dir").collect();
    let weaken = keys.tables("weaken", "Why something may be looser than in the policy; shown in every verdict.", weaken);
    let (ledger, fields) = ledger.unwrap_or_default();
    Config {
        at: at.clone(),
        definition: definition.unwrap_or_else(|| Definition::nowhere(at.source)),
        extends,
        holds_policy,
        gates: gates.into_iter().map(|glob| (glob.value, place(glob.range))).collect(),
        signatures: signatures.into_iter().map(|glob| (glob.value, place(glob.range))).collect(),
        overrides,
        complete: true,
        limits: limits.unwrap_or_default(),
        parameters,
        secrets: secrets.concat(),
        ledger,
        fields,
        output,
        verdict_schema,
        git_dir,
        schemas: schemas.into_iter().map(|(name, id)| (name, id.value, place(id.range))).collect(),
        weaken,
        places,
        settings,
    }
}

fn ledger(keys: &mut Keys<'_>) -> (Option<(Vec<Located>, Span)>, FieldNames) {
    let paths = keys.optional::<Vec<Located>>("paths", "The ledger files, instead of the policy's.");
    let paths = paths.zip(keys.span("paths"));
    let doc = "Other spellings of fields in waivers and quarantine entries: ours = \"theirs\".";
    let kind = Kind::Map(Box::new(Kind::Text));
    let fields = keys.custom("fields", false, kind, doc, |raw: Raw<'_>| {
        let fields = <BTreeMap<String, Marked<String>> as Read>::read(raw)?;
        let mut refusals = Vec::new();
        for (ours, theirs) in &fields {
            let refuse = |refusal: Refusal| Refusal { range: Some(theirs.range.clone()), ..refusal };
            if !FieldNames::OURS.contains(&ours.as_str()) {
                let refusal = Refusal::new(format!("the ledger has no field `{ours}`")).code(Code::UNKNOWN_KEY);
                refusals.push(refuse(refusal.help(did_you_mean(ours, FieldNames::OURS))));
            }
            // Another field has the same spelling: one that is respelt too (told once), or one that keeps its own.
            let respelt = fields.iter().find(|(other, spelt)| *other < ours && spelt.value == theirs.value);
            let own =
                FieldNames::OURS.into_iter().find(|own| own != ours && *own == theirs.value && !fields.contains_key(*own));
            if let Some(other) = respelt.map(|(other, _)| other.as_str()).or(own) {
                let words = format!("`{}` would be both `{other}` and `{ours}`", theirs.value);
                refusals.push(refuse(Refusal::new(words).code(Code::DUPLICATE_ID)));
            }
        }
        let fields = fields.into_iter().map(|(ours, theirs)| (ours, theirs.value)).collect();
        if refusals.is_empty() { Ok(FieldNames(fields)) } else { Err(refusals) }
    });
    (paths, fields.unwrap_or_default())
}

fn weaken(keys: &mut Keys<'_>) -> Option<Weaken> {
    let docs = ["The gate whose terms are loosened.", "The parameter that is loosened.", "The limit that is loosened."];
    let mut named: Vec<(Subject, Marked<String>)> = Vec::new();
    for (subject, doc) in Subject::ALL.into_iter().zip(docs) {
        named.extend(keys.optional::<Marked<String>>(subject.word(), doc).map(|name| (subject, name)));
    }
    let reason = keys.required::<String>("reason", "Why that is right here.");
    let here = keys.here()?;
    if named.len() != 1 {
        let headline =
            format!("a reason must be for one of `gate`, `parameter` and `limit`, and this is for {}", named.len());
        keys.report(Diagnostic::error(Code::MISSING_KEY, headline).label(here, ""));
        return None;
    }
    let (subject, name) = named.pop()?;
    Some(Weaken { subject, name: name.value, reason: reason?, at: Span::new(here.source, name.range) })
}
