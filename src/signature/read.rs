//! The keys of a signature file.
//!
//! In: the top table, read by `definition::Keys`. Out: a [`Pack`]; what is wrong is reported there, all at once. A signature that
//! nothing could match, a command that no match can fill and two signatures of one name are problems too.

use super::{ArtifactClause, Known, LogClause, Pack, Pattern, Signature, TargetClause, TargetState, Template};
use crate::definition::{Keys, Kind, Raw, Read, Refusal};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::Expression;
use crate::model::{Base, GateId, PackId, Pointer, RelPath};

/// A base and a path or pattern below it.
struct Place(Base, RelPath);

impl Read for Place {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let wanted = "a path that begins with `repo:` or `run:`";
        let text = raw.string(wanted).map_err(|refusal| vec![refusal])?;
        let split = text.split_once(':').and_then(|(word, path)| {
            let base = [Base::Repo, Base::Run].into_iter().find(|base| base.word() == word)?;
            Some((base, path))
        });
        let (base, path) = split.ok_or_else(|| vec![Refusal::new(format!("expected {wanted}"))])?;
        RelPath::parse(path).map(|path| Place(base, path)).map_err(|error| vec![Refusal::new(error.to_string())])
    }

    fn kind() -> Kind {
        Kind::Pattern("^(repo|run):[^/\\\\]", "a path or pattern below `repo:` or `run:`")
    }
}

/// A name made of small letters, digits, `_` and `-`.
struct Name(String);

impl Read for Name {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        GateId::read(raw).map(|id| Name(id.to_string()))
    }

    fn kind() -> Kind {
        GateId::kind()
    }
}

/// Reads a file of signatures. `stem` is that of the file, which must be the pack's id.
pub fn pack(keys: &mut Keys<'_>, stem: Option<&str>) -> Option<Pack> {
    let id = keys.required::<PackId>("id", "The pack: the stem of the file.");
    if let (Some(id), Some(stem)) = (&id, stem.filter(|stem| id.as_ref().is_some_and(|id| id.as_str() != *stem))) {
        let refusal = Refusal::new(format!("`{id}` is not the stem of its file")).code(Code::STEM_MISMATCH);
        keys.refuse("id", refusal.help(format!("write `id = \"{stem}\"`, or name the file `{id}.toml`")));
    }
    let title = keys.required::<String>("title", "One line about the pack.");
    let doc = "The verdict whose failing gates count as matches of the signatures that name them.";
    let verdict = keys.optional::<Place>("verdict", doc);
    let signatures = keys.tables("signature", "The signatures.", signature);
    if keys.here().is_some() && signatures.is_empty() {
        let refusal = Refusal::new("a pack without signatures finds nothing").code(Code::VACUOUS);
        keys.refuse("signature", refusal);
    }
    let verdict = verdict.map(|Place(base, path)| (base, path));
    Some(Pack { id: id?, title: title?, verdict, signatures })
}

fn signature(keys: &mut Keys<'_>) -> Option<Signature> {
    let id = keys.required::<Name>("id", "The signature's name.");
    let title = keys.required::<String>("title", "One line about the failure.");
    let gate = keys.optional::<GateId>("gate", "The gate that fails of it; its failure in the pack's verdict is a match.");
    let see = keys.optional::<Vec<String>>("see", "Artifacts that people look at beside those of the clauses.");
    let doc = "Commands that replay it. `{target}`, `{test}` and `{path}` stand for what a match found, quoted for a shell; a \
               command with a place that a match cannot fill is left out.";
    let replay = keys.required::<Vec<Template>>("replay", doc);
    let remediation = keys.required::<Vec<String>>("remediation", "What to do, step by step.");
    let targets = keys.tables("target", "Suites and units whose end is a match.", target);
    let logs = keys.tables("log", "What to find in logs.", log);
    let artifacts = keys.tables("artifact", "What to find in artifacts.", artifact);

    let at = keys.span("id");
    // A clause that was given and refused has its own problem.
    let given = |key: &str| keys.span(key) != keys.here();
    if keys.here().is_some() && !["gate", "target", "log", "artifact"].into_iter().any(given) {
        let headline = "nothing matches a signature without `gate`, `target`, `log` or `artifact`";
        let problem = Diagnostic::error(Code::VACUOUS, headline);
        keys.report(at.clone().into_iter().fold(problem, |problem, at| problem.label(at, "")));
    }
    let replay = replay?;
    let signature = Signature {
        id: id?.0,
        at: at?,
        title: title?,
        gate,
        see: see.unwrap_or_default(),
        replay,
        remediation: remediation?,
        targets,
        logs,
        artifacts,
    };
    fillable(&signature, keys);
    Some(signature)
}

/// Reports commands that no match of the signature can ever fill.
fn fillable(signature: &Signature, keys: &mut Keys<'_>) {
    let known = |place: Known| match place {
        Known::Target => !signature.targets.is_empty() || !signature.logs.is_empty(),
        Known::Test => !signature.targets.is_empty() || signature.logs.iter().any(|clause| clause.pattern.names("test")),
        Known::Path => !signature.artifacts.is_empty(),
    };
    if signature.replay.iter().any(|command| !command.places().all(known)) {
        let refusal = Refusal::new("no match of this signature can fill every place of this command").code(Code::VACUOUS);
        keys.refuse("replay", refusal.help("add a clause that knows it, or write the command without it"));
    }
}

const SAY: &str = "What the match means.";
const STEPS: &str = "Steps that only a match of this clause adds.";

fn target(keys: &mut Keys<'_>) -> Option<TargetClause> {
    let names = keys.optional::<Vec<String>>("names", "The suites and units; without it, all of them.");
    let doc = "`failed`, or `flaky`: one of its tests both failed and passed in the run.";
    let state = keys.custom("state", false, TargetState::kind(), doc, TargetState::read).unwrap_or(TargetState::Failed);
    let say = keys.optional("say", SAY);
    let remediation = keys.optional::<Vec<String>>("remediation", STEPS);
    Some(TargetClause { names: names.unwrap_or_default(), state, say, remediation: remediation.unwrap_or_default() })
}

fn log(keys: &mut Keys<'_>) -> Option<LogClause> {
    let names = keys.optional::<Vec<String>>("names", "Whose logs; without it, all.");
    let passed_too = keys.or("passed_too", false, "Whether logs of what passed are read too.");
    let pattern = keys.required::<Pattern>("pattern", "What to find in one line. Its group `test` names the test.");
    let say = keys.optional("say", SAY);
    let remediation = keys.optional::<Vec<String>>("remediation", STEPS);
    let remediation = remediation.unwrap_or_default();
    Some(LogClause { names: names.unwrap_or_default(), passed_too, pattern: pattern?, say, remediation })
}

fn artifact(keys: &mut Keys<'_>) -> Option<ArtifactClause> {
    let place = keys.required::<Place>("path", "The artifact. One that is damaged is a match too.");
    let each = keys.optional::<Pointer>("each", "The list or table whose members are looked at one by one.");
    let bound: &[&str] = if each.is_some() { &["doc", "item", "now"] } else { &["doc", "now"] };
    let doc = "What must hold for a match: an expression over `doc`, `now` and, with `each`, `item`.";
    let form = Kind::Pattern("\\S", "an expression");
    let when = keys.custom("when", false, form, doc, |raw| condition(raw, bound));
    let at = keys.optional::<Pointer>("at", "The value that is shown, from the document or from the item.");
    let missing = keys.or("missing", false, "Whether absence is a match.");
    let say = keys.optional("say", SAY);
    let remediation = keys.optional::<Vec<String>>("remediation", STEPS);
    let given = keys.here() != keys.span("when");
    if keys.here().is_some() && !given && !missing {
        let refusal = Refusal::new("an artifact needs `when`, or `missing = true`").code(Code::VACUOUS);
        keys.refuse("when", refusal);
    }
    // A condition that was given and refused must not be left out.
    if given && when.is_none() {
        return None;
    }
    let Place(base, path) = place?;
    let (at, remediation) = (at.unwrap_or_default(), remediation.unwrap_or_default());
    Some(ArtifactClause { base, pattern: path.to_string(), each, when, at, missing, say, remediation })
}

fn condition(raw: Raw<'_>, known: &[&str]) -> Result<Expression, Vec<Refusal>> {
    let text = raw.string("an expression").map_err(|refusal| vec![refusal])?;
    Expression::compile(text, known).map_err(|problems| {
        let refuse = |problem: crate::expr::Problem| {
            let from = raw.offset_in_string(text, problem.range.start);
            let range = Some(from..raw.offset_in_string(text, problem.range.end).max(from + 1));
            let refusal = Refusal { range, ..Refusal::new(problem.message).code(Code::EXPRESSION) };
            problem.help.into_iter().fold(refusal, Refusal::help)
        };
        problems.into_iter().map(refuse).collect()
    })
}
