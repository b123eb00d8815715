//! One `[evidence.<id>]` table: which files, of which format, admitted on which terms.

use super::paths::{Located, Pattern, Spared, fits};
use super::queries::{self, Asked};
use crate::definition::{Keys, Kind, Raw, Refusal, choice};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::{Bound, Duplicates, EvidenceNeed, Format, Paths, Pick, Place, Reading, Registry};
use crate::model::{Age, Base, EvidenceId, Pointer, RelPath, StampName, Timezone};
use crate::source::Span;
use std::collections::BTreeMap;

/// Names that expressions already know as something else.
const RESERVED: [&str; 9] = ["policy", "now", "run", "index", "path", "true", "false", "null", "in"];

/// The text of a file beside the gate file, with the path under which it was read; the error is a phrase.
pub(super) type Beside<'a> = dyn FnMut(&RelPath) -> Result<(RelPath, String), String> + 'a;

/// An evidence need with the span of its name.
pub(super) struct Need {
    /// The need.
    pub need: EvidenceNeed,
    /// Its name in the file.
    pub at: Option<Span>,
    /// The parameter of the policy that holds `max_age`, and where it is named.
    pub age: Option<(String, Span)>,
}

/// How old a document may be: a length of time, or the parameter of the policy that holds one.
enum Oldest {
    Age(Age),
    Parameter(String),
}

impl Oldest {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a string").map_err(|refusal| vec![refusal])?;
        match text.strip_prefix("policy.") {
            Some(name) => Ok(Self::Parameter(name.to_owned())),
            None => Age::parse(text).map(Self::Age).map_err(|phrase| vec![Refusal::new(format!("`{text}` {phrase}"))]),
        }
    }

    fn kind() -> Kind {
        Kind::Pattern(
            "^([0-9]+[smhdw]|policy\\.[a-z][a-z0-9_]*)$",
            "a length of time with its unit (`90s`, `15m`, `36h`, `5d`, `2w`), or the parameter of the policy that holds one: \
             `policy.run_max_age`",
        )
    }
}

/// Reads one need.
pub(super) fn read(
    name: &str,
    at: Option<Span>,
    keys: &mut Keys<'_>,
    registry: &Registry,
    beside: &mut Beside<'_>,
) -> Option<Need> {
    let id = identify(name, at.as_ref(), keys);
    let asked = queries::read(keys, registry, beside);
    let paths = paths(keys, asked.as_ref());
    let format = format(keys, registry, paths.as_ref());
    let schema = keys.optional::<String>(
        "schema",
        "The schema id that the document must state in its `schema` field. Any other is another kind of document, a gap.",
    );
    let shape = keys.optional::<RelPath>("shape", "A JSON Schema beside the gate file that every document must satisfy.");
    let stamp = keys.optional::<Pointer>(
        "at",
        "Where the document says when it was made: RFC 3339 with an offset, or `20260302T101500Z`.",
    );
    let doc = "How the directory of the run is named for the time at which it was made, where no document says when: `test-results-%Y%m%d-%H%M%S`. Without `timezone` it may \
               be that of any place on earth.";
    let read_name = |raw: Raw<'_>| {
        let text = raw.string("how the directory is named").map_err(|refusal| vec![refusal])?;
        StampName::parse(text).map_err(|phrase| vec![Refusal::new(format!("`{text}` {phrase}"))])
    };
    let names = Kind::Pattern("%Y", "a name with `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`");
    let stamp_name = keys.custom("at_name", false, names, doc, read_name);
    let doc = "The zone of an `at` that states none: `UTC`, or a distance from it, such as `+02:00`. Without it such a timestamp is a gap.";
    let read_zone = |raw: Raw<'_>| {
        let text = raw.string("a zone").map_err(|refusal| vec![refusal])?;
        Timezone::parse(text).map_err(|phrase| vec![Refusal::new(format!("`{text}` {phrase}"))])
    };
    let zones = Kind::Pattern("^(UTC|[+-][0-9]{2}:[0-9]{2})$", "`UTC` or a distance from it: `+02:00`");
    let timezone = keys.custom("timezone", false, zones, doc, read_zone);
    let doc = "How old the document may be by `at`. Older is a gap.";
    let oldest = keys.custom("max_age", false, Oldest::kind(), doc, Oldest::read);
    let bound = keys.table("bound", false, "What the document must belong to.", |keys| {
        let commit =
            keys.optional::<Pointer>("commit", "Where it names its commit: it must be the commit under judgement.");
        let run_id = keys.optional::<Pointer>("run_id", "Where it names its run: it must be the run under judgement.");
        let doc = "Where it names a commit that must come before the commit under judgement, or be it, and that git must find: the base of a \
                   comparison. What is absent or null there names none.";
        let ancestor = keys.optional::<Pointer>("ancestor", doc);
        if let (None, None, None, Some(here)) = (&commit, &run_id, &ancestor, keys.here()) {
            let problem = Diagnostic::error(Code::MISSING_KEY, "`bound` names neither `commit` nor `run_id`");
            keys.report(problem.label(here, "binds to nothing"));
        }
        let spared = keys.optional::<Vec<Spared>>(
            "apart_from",
            "What may have changed since, for evidence that is committed: patterns of files of the repository. The commit may then also be \
             one before the commit under judgement, if no commit since has changed any other file, not even one that was changed back, \
             and if the evidence has the same bytes in commit, index and work tree.",
        );
        if let (None, Some(_)) = (&commit, &spared) {
            keys.refuse("apart_from", Refusal::new("only goes with `commit`: it says what may have changed since that commit"));
        }
        let apart_from = spared.unwrap_or_default().into_iter().map(|Spared(path)| path).collect::<Vec<_>>();
        if let Some(Paths::Declared { base: Base::Repo, pattern, .. }) = &paths
            && !apart_from.is_empty()
            && !pattern.contains(['*', '?', '[', '{'])
            && !fits(&apart_from, pattern)
        {
            let refusal = Refusal::new(format!("`{pattern}` is not among them, so the commit that adds it would unbind it"));
            let help = format!("add `repo:{pattern}`, or a pattern for its directory");
            keys.refuse("apart_from", refusal.code(Code::VACUOUS).help(help));
        }
        Some(Bound { commit, apart_from, ancestor, run_id })
    });
    let optional = keys.or("optional", false, "Whether its absence is allowed, and reported. Malformed is never absent.");
    let doc = "What a test is that one report tells of several times, in one suite: `tests`, each of which must pass, or `attempts` at \
               one, of which the last counts. The second is for a writer that retries and marks it nowhere, and hides a failure of one of \
               two tests that share a name; what it excused stands in `weakened_by`.";
    let duplicates = keys.or("duplicates", Duplicates::Tests, doc);

    let doc = "Whether the gate is skipped where this evidence is absent, although checks of other evidence pass. Needs `optional`.";
    let decisive = keys.or("decisive", false, doc);
    if decisive && !optional {
        keys.refuse("decisive", Refusal::new("needs `optional = true`: what must be there decides by being there"));
    }

    let exclude = exclude(keys, paths.as_ref());
    if timezone.is_some() && keys.span("at") == keys.here() && stamp_name.is_none() {
        keys.refuse("timezone", Refusal::new("only goes with `at` or `at_name`: it says in which zone that timestamp is"));
    }
    if stamp_name.is_some() && keys.span("at") != keys.here() {
        keys.refuse("at_name", Refusal::new("does not go with `at`: one of them says when the document was made"));
    }
    let stamped = stamp.is_some() || stamp_name.is_some() || asked.is_some();
    require_stamp(keys, stamped, oldest.is_some(), paths.as_ref());
    let mut compile = |path: &RelPath| {
        let (path, text) = beside(path)?;
        (registry.shape)(&text).map_err(|phrase| format!("`{path}` is not a JSON Schema: {phrase}"))
    };
    let shape = shape.and_then(|path| {
        compile(&path).map_err(|phrase| keys.refuse("shape", Refusal::new(phrase).code(Code::SHAPE))).ok()
    });
    let (max_age, age) = match oldest {
        Some(Oldest::Age(age)) => (Some(age), None),
        // No age at all until the policy is read; a parameter that is no length of time is refused then.
        Some(Oldest::Parameter(name)) => (Some(Age::seconds(0)), keys.span("max_age").map(|at| (name, at))),
        None => (None, None),
    };
    let format = format?;
    refuse_terms_without_content(keys, format);
    if duplicates == Duplicates::Attempts && !matches!(format.reading, Reading::Tests(_) | Reading::Sift(_)) {
        keys.refuse("duplicates", Refusal::new(format!("the format `{}` reads no test reports", format.id)));
    }
    let bound = bound.unwrap_or_default();
    let need = EvidenceNeed {
        id: id?,
        paths: paths?,
        format,
        schema,
        shape,
        at: stamp,
        at_name: stamp_name,
        timezone,
        max_age,
        bound,
        optional,
        duplicates,
        decisive,
        exclude,
        query: None,
    };
    let need = match asked {
        Some(asked) => asked.terms_of(need),
        None => need,
    };
    Some(Need { need, at, age })
}

fn identify(name: &str, at: Option<&Span>, keys: &mut Keys<'_>) -> Option<EvidenceId> {
    let id = EvidenceId::try_from(name).map_err(|error| error.to_string());
    let id = id.and_then(|id| match RESERVED.contains(&name) {
        true => Err(format!("`{name}` means something else in expressions, so no evidence can have this name")),
        false => Ok(id),
    });
    match (id, at) {
        (Ok(id), _) => Some(id),
        (Err(headline), Some(at)) => {
            keys.report(Diagnostic::error(Code::WRONG_TYPE, headline).label(at.clone(), ""));
            None
        }
        // Only a described table has no place, and its name is made up.
        (Err(_), None) => None,
    }
}

fn paths(keys: &mut Keys<'_>, asked: Option<&Asked>) -> Option<Paths> {
    let path = keys.optional::<Pattern>("path", "The file, or a pattern for several, with what it is relative to. `{policy.<name>}` in it stands for the path that a parameter holds.");
    let from = keys.optional::<Place>("from", "Instead of `path`: the strings in other evidence that name the files.");
    let read_base = |raw: Raw<'_>| choice(raw, &[("repo", Base::Repo), ("run", Base::Run), ("baseline", Base::Baseline)]);
    let words = vec![Base::Repo.word(), Base::Run.word(), Base::Baseline.word()];
    let doc = "What the paths of `from` are relative to.";
    let start = keys.custom("base", false, Kind::Choice(words), doc, read_base);
    let pick = keys.optional::<Pick>(
        "pick",
        "Which matches of the pattern: the `only` one (two are a gap; this is the default), `all` of them as a list, the \
         `newest` by `at`, or as a list those of the `newest-run`: of the directory, by the newest `at` in it, whose name stands in the place of \
         the pattern's first wildcard.",
    );
    let fallback = fallback(keys, path.as_ref());
    let here = keys.here()?;
    if keys.span("query")? != here {
        let Pattern { base, path } = &asked?.path;
        return Some(Paths::Declared { base: *base, pattern: path.to_string(), pick: Pick::Only, fallback: None });
    }
    let (has_path, has_from) = (keys.span("path")? != here, keys.span("from")? != here);
    match (has_path, has_from) {
        (true, true) => {
            let problem = Diagnostic::error(Code::WRONG_TYPE, "evidence has both `path` and `from`")
                .label(keys.span("from")?, "names files that other evidence lists")
                .label(keys.span("path")?, "names files itself")
                .help("keep the one that says where the files are");
            keys.report(problem);
            None
        }
        (false, false) => {
            let problem = Diagnostic::error(Code::MISSING_KEY, "evidence has neither `path` nor `from` nor `query`");
            keys.report(
                problem.label(here, "this evidence names no file").help("add `path = \"repo:...\"` or `\"run:...\"`"),
            );
            None
        }
        (true, false) => {
            if start.is_some() {
                let words =
                    Refusal::new("only goes with `from`").help("write the base into the path: `path = \"run:...\"`");
                keys.refuse("base", words);
            }
            let Pattern { base, path } = path?;
            Some(Paths::Declared { base, pattern: path.to_string(), pick: pick.unwrap_or(Pick::Only), fallback })
        }
        (false, true) => {
            if pick.is_some() {
                keys.refuse("pick", Refusal::new("only goes with `path`: every file that `from` names is read"));
            }
            if keys.span("base")? == here {
                let problem = Diagnostic::error(Code::MISSING_KEY, "`from` needs `base`");
                let help = format!("add `base = \"{}\"` or `\"{}\"`", Base::Run.word(), Base::Repo.word());
                keys.report(problem.label(keys.span("from")?, "relative to what?").help(help));
            }
            Some(Paths::Referenced { place: from?, base: start? })
        }
    }
}

/// Which matches of the pattern are none.
fn exclude(keys: &mut Keys<'_>, paths: Option<&Paths>) -> Vec<RelPath> {
    let doc = "Which matches of a pattern are none of this evidence: patterns that begin with the same `repo:` or `run:`.";
    let Some(patterns) = keys.optional::<Vec<Pattern>>("exclude", doc) else { return Vec::new() };
    let several = |pattern: &str| pattern.contains(['*', '?', '[', '{']);
    match paths {
        Some(Paths::Declared { base, pattern, .. })
            if several(pattern) && patterns.iter().all(|excluded| excluded.base == *base) => {}
        Some(Paths::Declared { base, .. }) => {
            let refusal = Refusal::new("only goes with a pattern for several files, and begins as that does");
            keys.refuse("exclude", refusal.help(format!("write each as `{}:...`", base.word())));
        }
        Some(Paths::Referenced { .. }) => {
            keys.refuse("exclude", Refusal::new("only goes with `path`: every file that `from` names is read"));
        }
        None => {}
    }
    patterns.into_iter().map(|pattern| pattern.path).collect()
}

/// The file that stands in for another one.
fn fallback(keys: &mut Keys<'_>, path: Option<&Pattern>) -> Option<RelPath> {
    let doc = "The file that is read instead where `path` is neither in the work tree nor in the commit or the index. Where both are \
               there, `path` is read, and the verdict says so.";
    let Located(base, fallback) = keys.optional::<Located>("fallback", doc)?;
    let plain = |text: &str| !text.contains(['*', '?', '[', '{']);
    match path {
        Some(path)
            if path.base == Base::Repo && base == Base::Repo && plain(path.path.as_str()) && plain(fallback.as_str()) =>
        {
            if path.path != fallback {
                return Some(fallback);
            }
            keys.refuse("fallback", Refusal::new("is the `path` itself").code(Code::VACUOUS));
        }
        _other => {
            let refusal = Refusal::new("stands in for one file of the repository, and is one: git must know both");
            keys.refuse("fallback", refusal.help("write `path` and `fallback` as `repo:` paths without wildcards"));
        }
    }
    None
}

fn format(keys: &mut Keys<'_>, registry: &Registry, paths: Option<&Paths>) -> Option<&'static Format> {
    let known: Vec<&'static str> = registry.formats.iter().map(|format| format.id).collect();
    let read = |raw: Raw<'_>| {
        let given = raw.string("the name of a format").map_err(|refusal| vec![refusal])?;
        registry.formats.iter().copied().find(|format| format.id == given).ok_or_else(|| {
            let refusal = Refusal::new(format!("this gatekeeper reads no format `{given}`")).code(Code::UNKNOWN_FORMAT);
            vec![refusal.help(did_you_mean(given, known.iter().copied()))]
        })
    };
    let doc = "How the bytes are read. By default the extension decides.";
    let stated = keys.custom("format", false, Kind::Choice(known.clone()), doc, read);
    let here = keys.here()?;
    if keys.span("format")? != here {
        return stated;
    }
    let (key, extension) = match paths? {
        Paths::Declared { pattern, .. } => {
            ("path", RelPath::parse(pattern).ok().and_then(|path| path.extension().map(str::to_owned)))
        }
        Paths::Referenced { .. } => ("from", None),
    };
    if let Some(format) = extension.as_deref().and_then(|extension| registry.format_for(extension)) {
        return Some(format);
    }
    let headline = match extension {
        Some(extension) => format!("the extension `.{extension}` does not say how to read the file"),
        None => "nothing says how to read the file".to_owned(),
    };
    let words: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    let problem = Diagnostic::error(Code::UNKNOWN_FORMAT, headline).label(keys.span(key)?, "");
    keys.report(problem.help(format!("add `format = ...`, one of {}", words.join(", "))));
    None
}

fn require_stamp(keys: &mut Keys<'_>, stamp: bool, max_age: bool, paths: Option<&Paths>) {
    let newest = matches!(paths, Some(Paths::Declared { pick: Pick::Newest | Pick::NewestRun, .. }));
    let key = match (stamp, max_age, newest) {
        (false, true, _) => "max_age",
        (false, false, true) => "pick",
        (true, _, _) | (false, false, false) => return,
    };
    // A refused `at` is reported already.
    let Some(span) = keys.span(key).filter(|_| keys.span("at") == keys.here()) else { return };
    let problem = Diagnostic::error(Code::MISSING_KEY, format!("`{key}` needs `at`"));
    let help = "file times never decide: add `at`, the JSON Pointer to the document's own timestamp";
    keys.report(problem.label(span, "by which timestamp?").help(help));
}

/// Terms about content, for files whose content nobody looks at.
fn refuse_terms_without_content(keys: &mut Keys<'_>, format: &Format) {
    match format.reading {
        Reading::Whole(_) | Reading::Tests(_) | Reading::Sift(_) | Reading::Stream(_) => return,
        Reading::Opaque | Reading::Names => {}
    }
    let here = keys.here();
    for key in ["schema", "shape", "at", "at_name", "timezone", "max_age", "bound"] {
        if keys.span(key) != here {
            keys.refuse(key, Refusal::new(format!("the format `{}` does not look into files", format.id)));
        }
    }
}

/// Reports needs whose files are named by each other in a circle.
pub(super) fn refuse_circles(needs: &[Need], problems: &mut Vec<Diagnostic>) {
    let sources: BTreeMap<&EvidenceId, &EvidenceId> = needs.iter().filter_map(|need| source(&need.need)).collect();
    let mut told: Vec<&EvidenceId> = Vec::new();
    for need in needs {
        let mut way = vec![&need.need.id];
        while let Some(next) = sources.get(way[way.len() - 1]).filter(|next| !way.contains(*next)) {
            way.push(next);
        }
        let circular = sources.get(way[way.len() - 1]) == Some(&&need.need.id);
        if circular && !told.contains(&&need.need.id) {
            let headline = format!("the files of `{}` are named by evidence whose files they name", need.need.id);
            let problem = Diagnostic::error(Code::NEEDS_CYCLE, headline).help("say with `path` where one of them is");
            problems.extend(need.at.clone().map(|at| problem.label(at, "")));
            told.extend(way);
        }
    }
}

/// The need and the evidence that names its files.
pub(super) fn source(need: &EvidenceNeed) -> Option<(&EvidenceId, &EvidenceId)> {
    match &need.paths {
        Paths::Referenced { place, .. } => Some((&need.id, &place.evidence)),
        Paths::Declared { .. } => None,
    }
}
