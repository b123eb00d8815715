//! Broken definitions and what is said about them: `fixtures/definitions/<code>/<case>/` is a small repository and the exact
//! text that a person sees. `GATEKEEPER_BLESS=1` writes the text anew; read the diff.
//!
//! A case is loaded like any repository, with the policy named in `policy.txt` if there is one, with the
//! packs in `builtin/` as those of the binary, and with a few small check kinds of
//! its own, so that changes of real kinds leave it alone. The ledger is linted on 1 March 2026.

#![expect(clippy::disallowed_methods, reason = "the fixtures lie in this repository")]

use super::builtin::Packs;
use super::{Loaded, Selection, lint_ledger, load, load_with, schemas};
use crate::definition::{Keys, Kind, Raw, Refusal};
use crate::diagnostic::{CODES, Code, render};
use crate::gate::{Admitted, Check, CheckKind, Format, Paths, Place, Reading, Registry, Shape, Use, Violation};
use crate::model::{Content, Digest, Document, EvidenceId, Gap, GapKind, Number, Outcome, Value, Where};
use crate::workspace::{Memory, Workspace};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A check that is read and never run.
struct Fake {
    reads: EvidenceId,
    exceptions: bool,
    parameter: Option<String>,
    caution: Option<(&'static Code, &'static str)>,
}

impl Fake {
    fn of(reads: EvidenceId) -> Self {
        Self { reads, exceptions: false, parameter: None, caution: None }
    }
}

impl Check for Fake {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let exceptions = self.exceptions.then(|| (self.reads.clone(), Use::Exceptions));
        std::iter::once((self.reads.clone(), Use::Whole)).chain(exceptions).collect()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        evidence.get(&self.reads).map_or_else(|refused| refused, |_| Outcome::Skip("a fake".to_owned()))
    }

    fn parameters(&self) -> Vec<String> {
        self.parameter.iter().cloned().collect()
    }

    fn cautions(&self) -> Vec<Refusal> {
        self.caution.iter().map(|(code, text)| Refusal::new(*text).code(code).help("ask for the field itself")).collect()
    }
}

/// An expression of one comparison: `evidence.field == value`. `$` is a syntax error.
fn expression(raw: Raw<'_>) -> Result<(EvidenceId, String), Vec<Refusal>> {
    let text = raw.string("an expression").map_err(|refusal| vec![refusal])?;
    if let Some(at) = text.find('$') {
        let start = raw.offset_in_string(text, at);
        let refusal = Refusal::new("`$` begins nothing").code(Code::EXPRESSION).help("names begin with a letter");
        return Err(vec![Refusal { range: Some(start..start + 1), ..refusal }]);
    }
    let inner = text.strip_prefix("has(").unwrap_or(text);
    let name = inner.split(['.', ' ', ')']).next().unwrap_or_default();
    Ok((raw.scope.evidence(name).map_err(|refusal| vec![refusal])?, text.to_owned()))
}

static HOLDS: CheckKind = CheckKind {
    id: "holds",
    about: "an expression is true",
    docs: "",
    parse: |keys: &mut Keys<'_>| {
        let (reads, text) = keys.custom("that", true, Kind::Text, "The expression.", expression)?;
        let caution = match text.as_str() {
            text if text.starts_with("has(") => {
                Some((Code::GUARDED_ABSENCE, "deleting the field may turn a failure into a pass"))
            }
            text if text.contains(" >= '") => Some((Code::TEXT_ORDER, "a version is compared as a text")),
            text if !text.contains(' ') => Some((Code::VACUOUS, "nothing is compared")),
            _ => None,
        };
        let parameter = text.split_once(" policy.").map(|(_, name)| name.to_owned());
        Some(Box::new(Fake { parameter, caution, ..Fake::of(reads) }))
    },
};

static UNIQUE: CheckKind = CheckKind {
    id: "unique",
    about: "no value is there twice",
    docs: "",
    parse: |keys: &mut Keys<'_>| {
        let place = keys.required::<Place>("in", "The values.");
        Some(Box::new(Fake::of(place?.evidence)))
    },
};

static LIFECYCLE: CheckKind = CheckKind {
    id: "waiver-lifecycle",
    about: "every waiver is in force",
    docs: "",
    parse: |keys: &mut Keys<'_>| {
        let ledger = keys.required::<EvidenceId>("ledger", "The ledger.");
        Some(Box::new(Fake { exceptions: true, ..Fake::of(ledger?) }))
    },
};

fn unread(_: &[u8], at: &Where) -> Result<Content, Gap> {
    Err(Gap::new(GapKind::Unreadable, at.clone(), "evidence", "a test of definitions, which reads none"))
}

static JSON: Format = Format { id: "json", extensions: &["json"], about: "", docs: "", reading: Reading::Whole(unread) };
static TOML: Format = Format { id: "toml", extensions: &["toml"], about: "", docs: "", reading: Reading::Whole(unread) };
static BYTES: Format = Format { id: "bytes", extensions: &["bin"], about: "", docs: "", reading: Reading::Opaque };

struct AnyShape;

impl Shape for AnyShape {
    fn violations(&self, _: &Document) -> Vec<Violation> {
        Vec::new()
    }

    fn digest(&self) -> Digest {
        Digest::of(b"")
    }

    fn required(&self) -> Vec<Vec<crate::gate::Step>> {
        Vec::new()
    }
}

static CHECKS: &[&CheckKind] = &[&HOLDS, &UNIQUE, &LIFECYCLE];
static FORMATS: &[&Format] = &[&JSON, &TOML, &BYTES];

fn registry() -> Registry {
    Registry {
        checks: CHECKS,
        formats: FORMATS,
        shape: |text| {
            let sound = serde_json::from_str::<serde_json::Value>(text).map_err(|error| error.to_string());
            sound.map(|_| Arc::new(AnyShape) as Arc<dyn Shape>)
        },
    }
}

fn empty() -> Memory {
    Memory::at("2026-03-01T12:00:00Z".parse().expect("an instant"))
}

/// The files below a directory, by path.
fn tree(directory: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).expect("a fixture directory") {
        let entry = entry.expect("a directory entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            tree(&entry.path(), &format!("{name}/"), into);
        } else {
            into.insert(name, std::fs::read(entry.path()).expect("a fixture"));
        }
    }
}

/// What a person sees of a repository's definitions.
fn shown(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut workspace = empty();
    let (mut selection, mut packs) = (Selection::default(), Vec::new());
    for (path, bytes) in files {
        match path.as_str() {
            "expected.stderr" => {}
            "policy.txt" => selection.policy = Some(String::from_utf8_lossy(bytes).trim().to_owned()),
            _ if path.starts_with("builtin/") => packs.push((path["builtin/".len()..].to_owned(), bytes.clone())),
            _ => workspace = workspace.file(&format!("repo:{path}"), bytes),
        }
    }
    let Loaded { suite, mut problems, mut sources, .. } = load_with(&workspace, &Packs::of(packs), &registry(), &selection);
    let mut end = "refused\n".to_owned();
    if let Some(suite) = &suite {
        let state = crate::collect::exceptions(&workspace, suite).state(workspace.now().date_naive(), &suite.policy);
        problems.extend(lint_ledger(&workspace, suite, &mut sources, &state));
        let levels: Vec<String> =
            suite.levels.iter().map(|level| level.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect();
        end = format!("accepted by {}: {}\n", suite.policy.id, levels.join(" < "));
        for weakening in &suite.weakened {
            end.push_str(&format!("weakened: {}: {}\n", weakening.switch, weakening.detail));
        }
    }
    let mut text: String = problems.iter().map(|problem| render(problem, &sources, false) + "\n").collect();
    text.push_str(&end);
    text
}

fn directories(of: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(of)
        .expect("the room of fixtures")
        .map(|entry| entry.expect("a directory entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

#[test]
fn broken_definitions_are_told_as_recorded() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/definitions");
    let bless = std::env::var_os("GATEKEEPER_BLESS").is_some();
    let (mut cases, mut wrong, mut codes) = (0, Vec::new(), Vec::new());
    for folder in directories(&room) {
        let code = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for case in directories(&folder) {
            cases += 1;
            let mut files = BTreeMap::new();
            tree(&case, "", &mut files);
            let text = shown(&files);
            let expected = files.get("expected.stderr").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            if bless {
                std::fs::write(case.join("expected.stderr"), &text).expect("the expectation is written");
            } else if expected.as_deref() != Some(&text) {
                wrong.push(format!("{}:\n{text}", case.display()));
            }
            if CODES.iter().any(|known| known.name == code) {
                assert!(text.contains(&format!("[{code}]")), "{} does not show its code:\n{text}", case.display());
                codes.push(code.clone());
            } else {
                assert!(["accepted", "several"].contains(&code.as_str()), "`{code}` is no code");
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases} differ:\n{}", wrong.len(), wrong.join("\n"));
    let silent: Vec<_> = CODES.iter().map(|code| code.name).filter(|code| !codes.iter().any(|own| own == code)).collect();
    assert!(silent.is_empty(), "codes without a case: {silent:?}");
    assert!(cases >= CODES.len(), "{cases} cases");
}

const POLICY: &str = r#"schema = "gatekeeper.policy/1"
id = "demo"
title = "Demo"
[lane.full]
rule = "full"
[[gate]]
id = "a"
blocking = true
"#;

const GATE: &str = r#"schema = "gatekeeper.gate/1"
id = "a"
title = "A"
owner = "o"
bead = "bd-1"
why = "w"
reproduce = "r"
remediation = ["m"]
[evidence.e]
path = "repo:e.json"
[[check]]
kind = "holds"
that = "e.ok == true"
"#;

fn demo(policy: &str, gate: &str, shape: &str) -> Loaded {
    let workspace = empty()
        .file("repo:policies/demo.toml", policy)
        .file("repo:gates/demo/a.toml", gate)
        .file("repo:gates/demo/s.json", shape);
    load(&workspace, &registry(), &Selection { policy: Some("policies/demo.toml".to_owned()) })
}

#[test]
fn the_digest_is_of_every_definition_and_of_nothing_else() {
    let gate = GATE.replace("path =", "shape = \"s.json\"\npath =");
    let digest = |policy: &str, gate: &str, shape: &str| {
        let suite = demo(policy, gate, shape).suite.expect("sound definitions");
        suite.policy.digest
    };
    let plain = digest(POLICY, &gate, "{}");
    assert_eq!(plain, digest(POLICY, &gate, "{}"));
    let changed = [
        digest(&format!("{POLICY}# more"), &gate, "{}"),
        digest(POLICY, &format!("{gate}# more"), "{}"),
        digest(POLICY, &gate, "{ }"),
    ];
    for other in changed {
        assert_ne!(plain, other);
    }
    // A shape that no gate names takes no part.
    assert_eq!(digest(POLICY, GATE, "{}"), digest(POLICY, GATE, "{ }"));
}

#[test]
fn no_prefix_of_a_definition_passes_for_the_whole() {
    let whole = demo(POLICY, GATE, "{}");
    assert!(whole.suite.is_some() && whole.problems.is_empty(), "{:?}", whole.problems);
    let mut refused = 0;
    for (at, _) in GATE.match_indices('\n') {
        let loaded = demo(POLICY, &GATE[..at], "{}");
        if at + 1 < GATE.len() {
            assert!(loaded.suite.is_none() && !loaded.problems.is_empty(), "cut after {at} bytes");
            refused += 1;
        }
    }
    assert_eq!(refused, 12);
}

#[test]
fn every_key_of_a_schema_says_what_it_does() {
    fn walk(schema: &serde_json::Value, keys: &mut usize) {
        for (key, inner) in schema.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
            *keys += 1;
            if key != "kind" {
                assert!(inner["description"].as_str().is_some_and(|doc| doc.ends_with('.')), "{key}: {inner}");
            }
            walk(inner, keys);
        }
        for inner in ["items", "additionalProperties"].into_iter().filter_map(|word| schema.get(word)) {
            walk(inner, keys);
        }
        for inner in schema.get("oneOf").and_then(|kinds| kinds.as_array()).into_iter().flatten() {
            walk(inner, keys);
        }
    }
    let schemas = schemas(&registry());
    let words: Vec<_> = schemas.iter().map(|(word, _)| *word).collect();
    assert_eq!(words, ["gate", "policy", "config", "ledger", "signatures"]);
    for (word, text) in schemas {
        let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let mut keys = 0;
        walk(&schema, &mut keys);
        assert!(keys > 15, "{word}: {keys} keys");
        if word == "gate" {
            let kinds = &schema["properties"]["check"]["items"]["oneOf"];
            assert_eq!(kinds.as_array().map(Vec::len), Some(3), "one form for each kind");
            assert_eq!(kinds[0]["required"], serde_json::json!(["kind", "that"]));
        }
    }
}

#[test]
fn the_configuration_arrives_in_the_suite() {
    let lifecycle = r#"[evidence.ledger]
path = "repo:old.toml"
[[check]]
kind = "waiver-lifecycle"
ledger = "ledger"
"#;
    let config = r#"schema = "gatekeeper.config/1"
extends = "policies/demo.toml"
output = "repo:out"
verdict_schema = "acme.verdict.v1"
[limits]
waiver_max_days = 14
[parameter.floor]
value = 95
[schemas]
"a.e" = "acme.e.v1"
[ledger]
paths = ["repo:new.toml"]
fields = { bead = "ticket" }
[[gate]]
id = "a"
waivable = false
"#;
    let policy = format!(
        "{}{}",
        POLICY.replace("title", "ledger = [\"repo:old.toml\"]\ntitle"),
        "[parameter.floor]\nvalue = 90\ntighter = \"higher\"\ndoc = \"d\"\n"
    );
    let workspace = empty()
        .file("repo:gatekeeper.toml", config)
        .file("repo:policies/demo.toml", policy)
        .file("repo:gates/demo/a.toml", format!("{GATE}{lifecycle}"));
    let loaded = load(&workspace, &registry(), &Selection::default());
    let suite = loaded.suite.unwrap_or_else(|| panic!("{:?}", loaded.problems));
    let gate = suite.gates.values().next().expect("the gate");
    let path = |at: usize| match &gate.evidence[at].paths {
        Paths::Declared { pattern, .. } => pattern.clone(),
        Paths::Referenced { .. } => String::new(),
    };
    assert_eq!(gate.evidence[0].schema.as_deref(), Some("acme.e.v1"));
    assert_eq!((path(0), path(1)), ("e.json".to_owned(), "new.toml".to_owned()), "the gate follows the ledger");
    let policy = &suite.policy;
    assert_eq!(policy.ledger.iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>(), ["new.toml"]);
    assert_eq!(policy.output.as_ref().map(|(_, path)| path.as_str()), Some("out"));
    assert_eq!(policy.verdict_schema.as_deref(), Some("acme.verdict.v1"));
    assert_eq!(policy.limits.waiver_max_days, 14);
    assert_eq!(policy.parameters["floor"].value, Value::Number(Number::Int(95)));
    assert_eq!(suite.fields.0.get("bead").map(String::as_str), Some("ticket"));
    assert!(policy.gates[0].blocking && !policy.gates[0].waivable);
    assert!(suite.weakened.is_empty(), "nothing is loosened: {:?}", suite.weakened);
}

/// What defines a gate inside the configuration is what defines it in a file of its own.
#[test]
fn the_configuration_knows_every_key_of_a_gate() {
    let keys: Vec<&str> = super::gates::keys(&registry()).iter().map(|key| key.name).collect();
    let own: Vec<&str> = keys.into_iter().filter(|key| !["schema", "id"].contains(key)).collect();
    assert_eq!(own, super::gates::PART);
}
