//! Definitions of any content: problems with places in their files, which can be shown anywhere; and no suite that passes a run in
//! which there is nothing.
//!
//! What the bytes are follows from what they say: a configuration, a policy, signatures or a ledger if they name its schema or
//! sections, and a gate otherwise.

use super::{ledger, shown};
use gatekeeper::diagnostic::{Diagnostic, Severity, render};
use gatekeeper::load::{Selection, lint_ledger, signatures};
use gatekeeper::model::{Base, Mode, RelPath, Ruling, parse_instant};
use gatekeeper::pipeline::{self, Request};
use gatekeeper::report::FORMATS;
use gatekeeper::source::SourceMap;
use gatekeeper::workspace::Memory;

const CONFIG: &str = "schema = \"gatekeeper.config/1\"\nextends = \"policies/p.toml\"\n";
const LEDGERS: &str = "ledger = [\"repo:ledger.toml\"]\n";
const LEDGER: &str = "[waiver.g]\nowner = \"o\"\n";

pub fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let empty = || Memory::at(parse_instant("2026-03-01T12:00:00Z").expect("an instant")).with_run("runs/1");
    let says = |word: &str| text.contains(word);
    if says("gatekeeper.signatures/") {
        let config = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:full-suite\"\nsignatures = [\"s/*.toml\"]\n";
        let stem = id(&text).unwrap_or("s");
        let world = empty().file("repo:gatekeeper.toml", config).file(&format!("repo:s/{stem}.toml"), bytes);
        let read = signatures(&world);
        problems(&read.problems, &read.sources);
    } else if says("gatekeeper.config/") {
        judge(&empty().file("repo:gatekeeper.toml", bytes).file("repo:policies/p.toml", policy("p", "g", "")), None);
    } else if says("gatekeeper.policy/") {
        let stem = id(&text).unwrap_or("p");
        let world =
            empty().file(&format!("repo:policies/{stem}.toml"), bytes).file(&format!("repo:gates/{stem}/g.toml"), gate());
        judge(&world, Some(format!("policies/{stem}.toml")));
    } else if says("waiver") || says("quarantine") || says("[suite") {
        a_ledger(bytes, &text, empty());
    } else {
        let stem = id(&text).unwrap_or("g");
        let world =
            empty().file(&format!("repo:gates/p/{stem}.toml"), bytes).file("repo:policies/p.toml", policy("p", stem, ""));
        judge(&world, Some("policies/p.toml".to_owned()));
    }
}

/// The id that a definition gives itself first, if it can be one.
fn id(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("id")?.trim_start().strip_prefix('='))?;
    let (id, _) = line.trim_start().strip_prefix('"')?.split_once('"')?;
    gatekeeper::model::GateId::try_from(id).is_ok().then_some(id)
}

/// A policy with one gate; `keys` are more keys of its own.
fn policy(id: &str, gate: &str, keys: &str) -> String {
    format!(
        "schema = \"gatekeeper.policy/1\"\nid = \"{id}\"\ntitle = \"T\"\n{keys}[lane.full]\nrule = \"full\"\n\
         [lane.preflight]\nrule = \"preflight\"\n[[gate]]\nid = \"{gate}\"\nblocking = true\n"
    )
}

fn gate() -> String {
    "schema = \"gatekeeper.gate/1\"\nid = \"g\"\ntitle = \"T\"\nowner = \"o\"\nbead = \"b\"\nwhy = \"It is one.\"\nreproduce = \"make g\"\n\
     remediation = [\"Mend it.\"]\n[evidence.doc]\npath = \"run:doc.json\"\nat = \"/at\"\nmax_age = \"1d\"\n[[check]]\nkind = \"holds\"\nthat = \"doc.ok\"\n"
        .to_owned()
}

/// The same gate, which judges the ledger too.
fn ledger_gate() -> String {
    gate() + "[evidence.ledger]\npath = \"repo:ledger.toml\"\n[[check]]\nkind = \"waiver-lifecycle\"\nledger = \"ledger\"\n"
}

/// Every problem lies in its file and can be shown; if there is no error, the empty run is judged.
fn judge(world: &Memory, policy: Option<String>) {
    let selection = Selection { policy };
    let loaded = pipeline::load(world, &selection);
    problems(&loaded.problems, &loaded.sources);
    let wrong = loaded.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert!(!wrong || loaded.suite.is_none(), "a suite beside an error: {:?}", loaded.problems);
    let Some(suite) = loaded.suite else {
        assert!(wrong, "neither a suite nor an error");
        return;
    };
    for lane in suite.policy.lanes.iter().map(|lane| lane.id.to_string()) {
        let request = Request { lane, mode: Mode::Strict, clock: None, policy_ref: None };
        let terms =
            pipeline::terms(&suite, &request, parse_instant("2026-03-01T12:00:00Z").expect("an instant")).expect("a lane");
        let verdict = pipeline::judge(&suite, world, &terms, false);
        let seen = verdict.evidence.iter().any(|row| row.digest.is_some());
        assert!(seen || verdict.ruling() != Ruling::Pass, "nothing was read and everything stands: {verdict:?}");
        for format in FORMATS {
            let bytes = format.bytes(&verdict).expect("memory takes it");
            let text = String::from_utf8(bytes).expect("UTF-8");
            shown::is_output(format.id, &text);
        }
    }
}

fn problems(all: &[Diagnostic], sources: &SourceMap) {
    for problem in all {
        assert!(!problem.headline.is_empty(), "{problem:?}");
        for label in &problem.labels {
            let text = &sources.get(label.span.source).text;
            assert!(text.get(label.span.start..label.span.end).is_some(), "{problem:?} lies outside its file");
            assert!(!sources.place(&label.span).is_empty());
        }
        shown::is_no_command("a problem", &render(problem, sources, false));
        let coloured = render(problem, sources, true);
        // Colours are ours: what is left without them holds nothing that a terminal obeys.
        let plain: String = coloured
            .split("\u{1b}[")
            .enumerate()
            .map(|(at, part)| match (at, part.find('m')) {
                (0, _) => part,
                (_, Some(end)) if part[..end].bytes().all(|b| b.is_ascii_digit() || b == b';') => &part[end + 1..],
                (_, _) => panic!("no colour: {coloured:?}"),
            })
            .collect();
        shown::is_plain("a problem in colour", &plain);
    }
}

/// As the ledger of a policy, for `lint`, in a judgement, and edited.
fn a_ledger(bytes: &[u8], text: &str, empty: Memory) {
    let world = empty
        .file("repo:ledger.toml", bytes)
        .file("repo:policies/p.toml", policy("p", "g", LEDGERS))
        .file("repo:gates/p/g.toml", ledger_gate());
    judge(&world, Some("policies/p.toml".to_owned()));
    let mut loaded = pipeline::load(&world, &Selection { policy: Some("policies/p.toml".to_owned()) });
    let suite = loaded.suite.expect("the definitions around it are sound");
    let today = "2026-03-01".parse().expect("a day");
    assert_eq!(suite.policy.ledger, [(Base::Repo, RelPath::parse("ledger.toml").expect("a path"))]);
    let state = gatekeeper::collect::exceptions(&world, &suite).state(today, &suite.policy);
    let found = lint_ledger(&world, &suite, &mut loaded.sources, &state);
    problems(&found, &loaded.sources);
    if text.len() < 4_096 {
        ledger::edits(text, "g", "a new owner");
    }
}

/// What is wrong with the definitions that surround the bytes: nothing.
pub fn surroundings() -> Vec<String> {
    let at = parse_instant("2026-03-01T12:00:00Z").expect("an instant");
    let world = Memory::at(at).with_run("runs/1").file("repo:ledger.toml", LEDGER);
    let world = world.file("repo:gatekeeper.toml", CONFIG).file("repo:policies/p.toml", policy("p", "g", LEDGERS));
    let loaded = pipeline::load(&world.file("repo:gates/p/g.toml", ledger_gate()), &Selection::default());
    loaded.problems.iter().map(|problem| render(problem, &loaded.sources, false)).collect()
}
