//! The house as a table: which room may import which, which package lives where, who may touch the outside.
//!
//! A new edge or a second home for a package is a line here, and so a line that somebody reviews. What only tests compile
//! may import what it likes.

mod boundaries;
mod matches;
mod paths;
mod readers;
mod sources;
mod tokens;

use sources::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tokens::Token;

/// Every room, from the ground up, with the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("source", &[]),
    ("diagnostic", &["source"]),
    ("definition", &["diagnostic", "source", "model"]),
    ("workspace", &["model"]),
    ("expr", &["model"]),
    ("claim", &["model"]),
    ("flake", &["model"]),
    ("boundary", &["model"]),
    ("gate", &["definition", "diagnostic", "source", "model", "expr"]),
    ("signature", &["definition", "diagnostic", "source", "model", "expr"]),
    ("load", &["gate", "signature", "definition", "workspace", "model", "source", "diagnostic"]),
    ("collect", &["gate", "workspace", "model", "source"]),
    ("checks", &["gate", "definition", "expr", "claim", "flake", "boundary", "model", "diagnostic"]),
    ("evaluate", &["gate", "model"]),
    ("decide", &["gate", "model"]),
    ("report", &["model"]),
    // It reads files as `collect` does and quotes words as `report::sanitise` does; it is no stage.
    ("triage", &["collect", "gate", "signature", "report", "expr", "flake", "workspace", "model"]),
    // It compares what `load` makes of definitions, and its document is one of the shapes that `report` publishes.
    ("compare", &["load", "gate", "definition", "report", "workspace", "model", "source", "diagnostic"]),
    // It reads a verdict again by the shape that `report` publishes, and makes texts safe as `report::sanitise` does.
    ("incident", &["collect", "report", "workspace", "model"]),
    // It takes a verdict that was read again as `incident` takes it, and writes statements in shapes that `report` keeps.
    ("attest", &["collect", "incident", "report", "model"]),
    // It reads files as `collect` does, and its document is one of the shapes that `report` publishes.
    ("audit", &["collect", "report", "workspace", "model"]),
    (
        "pipeline",
        &[
            "load",
            "collect",
            "checks",
            "evaluate",
            "decide",
            "report",
            "gate",
            "workspace",
            "expr",
            "definition",
            "diagnostic",
            "source",
            "model",
        ],
    ),
    // It judges as `pipeline` does, over files that differ, and its report is one of the shapes that `report` publishes.
    ("mutate", &["pipeline", "report", "decide", "gate", "workspace", "diagnostic", "model"]),
    ("scenario", &["definition", "source", "diagnostic", "model"]),
    (
        "cli",
        // `explain`, `inspect`, `schema` and `lint` show what the lower rooms say about themselves.
        &[
            "pipeline",
            "report",
            "workspace",
            "diagnostic",
            "model",
            "scenario",
            "triage",
            "incident",
            "attest",
            "audit",
            "compare",
            "mutate",
            "claim",
            "flake",
            "checks",
            "gate",
            "collect",
            "load",
            "decide",
            "definition",
        ],
    ),
];

/// Every package that `src` may name, with its home: files and folders below `src`. `docs/decisions/dependencies.md` says why
/// each is here.
pub const HOMES: &[(&str, &[&str])] = &[
    ("aho-corasick", &["checks/text_names.rs", "model/secret/scan.rs"]),
    ("annotate-snippets", &["diagnostic/render.rs"]),
    ("base64ct", &["attest/envelope.rs"]),
    ("cap-std", &["workspace/mount.rs", "workspace/outlet.rs"]),
    (
        "chrono",
        &[
            "model/",
            "workspace/",
            "expr/",
            "collect/",
            "checks/lifecycle.rs",
            "compare/ledger.rs",
            "decide/",
            "pipeline.rs",
            "mutate/",
            "cli/init/",
            "cli/ledger/",
        ],
    ),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("comfy-table", &["report/table.rs", "cli/gates.rs"]),
    ("entities", &["claim/markup.rs"]),
    (
        "git2",
        &[
            "workspace/ancestry.rs",
            "workspace/git.rs",
            "workspace/origins.rs",
            "workspace/reference.rs",
            "workspace/since.rs",
            "workspace/tree.rs",
        ],
    ),
    ("ed25519-dalek", &["attest/key.rs"]),
    ("globset", &["load/", "collect/locate.rs", "workspace/several.rs"]),
    ("include_dir", &["load/builtin.rs", "scenario/", "audit/golden.rs", "cli/new_gate.rs"]),
    ("jsonschema", &["collect/shape.rs"]),
    (
        "memchr",
        &[
            "collect/format/decode.rs",
            "collect/format/junit_ahead.rs",
            "collect/format/lines.rs",
            "collect/format/xml_token.rs",
        ],
    ),
    ("p256", &["attest/key.rs"]),
    ("petgraph", &["load/graph.rs"]),
    ("proc-macro2", &["collect/format/rust.rs", "collect/format/rust_items.rs", "collect/format/rust_tokens.rs"]),
    ("pkcs8", &["attest/key.rs"]),
    ("quick-xml", &["collect/format/xml.rs"]),
    (
        "rayon",
        &[
            "checks/each_holds.rs",
            "collect/format/jsonl.rs",
            "collect/format/junit_ahead.rs",
            "collect/intake.rs",
            "collect/shelf.rs",
            "evaluate/",
            "mutate/",
            "pipeline.rs",
            "scenario/",
            "workspace/halves.rs",
        ],
    ),
    (
        "regex",
        &[
            "expr/",
            "checks/",
            "collect/format/console.rs",
            "collect/format/go_phase.rs",
            "collect/format/labels.rs",
            "collect/format/unread.rs",
            "signature/pattern.rs",
            "incident/normal.rs",
        ],
    ),
    ("ruzstd", &["incident/bundle.rs"]),
    ("saphyr-parser", &["collect/format/yaml.rs", "mutate/yaml.rs"]),
    ("schemars", &["report/wire/"]),
    ("serde", &["collect/format/", "report/wire/"]),
    ("serde_json", &["definition/schema.rs", "collect/format/", "collect/shape.rs", "report/", "scenario/"]),
    ("sha2", &["model/digest.rs"]),
    ("statrs", &["flake/bound.rs", "checks/statistics.rs"]),
    ("strsim", &["diagnostic/mod.rs", "expr/problem.rs"]),
    ("syn", &["collect/format/rust.rs", "collect/format/rust_items.rs", "collect/format/rust_tokens.rs"]),
    ("tempfile", &["scenario/tree.rs"]),
    ("terminal_size", &["cli/mod.rs"]),
    ("toml", &["definition/", "load/", "collect/format/", "scenario/"]),
    ("toml_edit", &["mutate/", "cli/ledger/edit.rs"]),
    ("unicode-normalization", &["claim/letter.rs"]),
    ("unicode-security", &["claim/letter.rs"]),
];

/// What reaches outside the process, with the only places that may.
const OUTSIDE: &[(&[&str], &[&str], &str)] = &[
    (&["std", "fs"], &["workspace/", "scenario/"], "files are opened through `Workspace`; only scenarios build trees"),
    (&["std", "env"], &["workspace/", "cli/"], "the environment is the command line's"),
    (&["std", "process"], &["cli/", "main.rs"], "only the command line ends the process, and nothing starts one"),
    (&["std", "process", "Command"], &[], "gatekeeper reads evidence and runs nothing"),
    (&["std", "net"], &[], "gatekeeper never touches the network"),
    (&["std", "time", "SystemTime"], &["workspace/"], "there is one clock, `Workspace::now`"),
    (&["std", "time", "Instant"], &["workspace/", "cli/"], "there is one clock, `Workspace::now`"),
    (&["Utc", "now"], &["workspace/"], "there is one clock, `Workspace::now`"),
    (&["Local", "now"], &[], "time is UTC, from `Workspace::now`"),
    (&["chrono", "Local"], &[], "time is UTC, from `Workspace::now`"),
    (&["std", "io", "stdout"], &["cli/"], "only the command line prints"),
    (&["std", "io", "stderr"], &["cli/"], "only the command line prints"),
    (&["std", "io", "stdin"], &["cli/"], "only the command line reads from it"),
];

/// Macros that only some places may call.
const MACROS: &[(&str, &[&str], &str)] = &[
    ("println", &["cli/", "build.rs"], "only the command line prints"),
    ("print", &["cli/"], "only the command line prints"),
    ("eprintln", &["cli/"], "only the command line prints"),
    ("eprint", &["cli/"], "only the command line prints"),
    ("dbg", &[], "nothing is left from debugging"),
    ("todo", &[], "nothing is left undone"),
    ("unimplemented", &[], "nothing is left undone"),
];

/// The enums from which a verdict follows: each new variant must light up every place that must think again.
const DECIDING: &[&str] = &["Outcome", "Standing", "GapKind", "Status", "Validity", "Ruling"];

/// No file of the product has more lines of code than this: without blank lines, comments and what only tests compile.
const CODE_MAX: usize = 400;

/// No file has more lines than this, whatever stands in them.
const LINES_MAX: usize = 600;

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn at_home(name: &str, homes: &[&str]) -> bool {
    homes.iter().any(|home| if home.ends_with('/') { name.starts_with(home) } else { name == *home })
}

/// The rooms that a file imports: line, path, room; `Err` with the reason where a path hides what it imports.
fn imports(file: &Source) -> Vec<(usize, String, Result<String, &'static str>)> {
    let mut found = Vec::new();
    for path in &file.paths {
        let told = match path.within(&file.module) {
            None if path.begins(&["gatekeeper"]) => Err("`src` names its own rooms with `crate::`"),
            None => continue,
            Some(place) => match place.first().map(String::as_str) {
                None | Some("*") if path.imported || path.words.len() > 1 => Err("it takes the whole crate"),
                None | Some("*") => continue,
                Some(room) if ROOMS.iter().any(|(known, _)| *known == room) => Ok(room.to_owned()),
                Some(_) if path.called => continue,
                Some(_) => Err("it goes around the rooms"),
            },
        };
        found.push((path.line, path.text(), told));
    }
    found
}

fn forbidden_imports(file: &Source) -> Vec<String> {
    let Some(room) = file.room() else { return Vec::new() };
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    let mut faults = Vec::new();
    for (line, path, told) in imports(file) {
        let rule = match (&told, allowed) {
            (Err(reason), _) => format!("{reason}; name the room"),
            (Ok(to), _) if to == room => continue,
            (Ok(_), None) => format!("`{room}` is no room of the table in tests/it/architecture.rs"),
            (Ok(to), Some(allowed)) if allowed.contains(&to.as_str()) => continue,
            (Ok(to), Some(allowed)) => format!("`{room}` may import {allowed:?}, not `{to}`"),
        };
        faults.push(format!("src/{}:{line}: `{path}`: {rule}", file.name));
    }
    faults
}

fn strays(file: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for path in &file.paths {
        let mut fault = |rule: String| faults.push(format!("src/{}:{}: `{}`: {rule}", file.name, path.line, path.text()));
        for (package, homes) in HOMES {
            let spelled = package.replace('-', "_");
            let named = path.words.len() > 1 || path.imported || path.called;
            if named && path.words[0] == spelled && path.within(&file.module).is_none() && !at_home(&file.name, homes) {
                fault(format!("the package `{package}` lives in {homes:?}"));
            }
        }
        for (words, homes, reason) in OUTSIDE {
            let used = path.words.windows(words.len()).any(|window| window == *words);
            if used && !at_home(&file.name, homes) {
                fault((*reason).to_owned());
            }
        }
        for (name, homes, reason) in MACROS {
            if path.called && path.words.last().is_some_and(|word| word == name) && !at_home(&file.name, homes) {
                fault((*reason).to_owned());
            }
        }
    }
    faults
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}\n", faults.len(), faults.join("\n"));
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let (files, _) = sources();
    let looked: usize = files.iter().map(|file| imports(file).len()).sum();
    assert!(looked > 100, "only {looked} paths between rooms were seen");
    assert_none(&files.iter().flat_map(forbidden_imports).collect::<Vec<_>>());
}

#[test]
fn every_room_stands_above_what_it_imports() {
    let mut below = BTreeSet::new();
    for (room, allowed) in ROOMS {
        assert!(below.insert(*room), "`{room}` is listed twice");
        for import in *allowed {
            assert!(below.contains(import) && import != room, "`{room}` imports `{import}`, which does not stand below it");
        }
    }
    assert!(below.len() > 10);
}

#[test]
fn no_two_rooms_import_each_other() {
    let (files, _) = sources();
    let mut edges: BTreeMap<(String, String), String> = BTreeMap::new();
    for file in files {
        for (line, _, told) in imports(file) {
            if let (Some(from), Ok(to)) = (file.room(), told)
                && from != to
            {
                edges.entry((from.to_owned(), to)).or_insert_with(|| format!("src/{}:{line}", file.name));
            }
        }
    }
    assert!(edges.len() > 10, "only {} edges between rooms were seen", edges.len());
    for ((from, to), place) in &edges {
        if let Some(back) = edges.get(&(to.clone(), from.clone())) {
            panic!("`{from}` imports `{to}` ({place}) and `{to}` imports `{from}` ({back})");
        }
    }
}

#[test]
fn packages_and_the_outside_stay_at_home() {
    let (files, _) = sources();
    assert!(files.len() > 30, "only {} files were seen", files.len());
    assert_none(&files.iter().flat_map(strays).collect::<Vec<_>>());
}

/// The rows of the tables in `docs/decisions/dependencies.md`: package, and its home where there is one.
fn documented_dependencies() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(root().join("docs/decisions/dependencies.md")).expect("the page of dependencies");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let rows = rows.map(|(package, rest)| (package.to_owned(), rest.split(" | ").next().unwrap_or_default().to_owned()));
    let count = rows.clone().count();
    let table: BTreeMap<_, _> = rows.collect();
    assert_eq!(table.len(), count, "a package has two rows");
    table
}

#[test]
fn every_dependency_has_a_home_a_reason_and_a_use() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let names = |section: &str| -> BTreeSet<String> {
        manifest.get(section).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys).cloned().collect()
    };
    let (normal, build, dev) = (names("dependencies"), names("build-dependencies"), names("dev-dependencies"));
    let documented = documented_dependencies();
    let all: BTreeSet<String> = normal.iter().chain(&build).chain(&dev).cloned().collect();
    assert_eq!(all, documented.keys().cloned().collect(), "left: Cargo.toml; right: docs/decisions/dependencies.md");
    assert_eq!(normal, HOMES.iter().map(|(package, _)| (*package).to_owned()).collect(), "left: Cargo.toml; right: HOMES");

    let (files, _) = sources();
    for (package, homes) in HOMES {
        let told = homes.iter().map(|home| format!("`{home}`")).collect::<Vec<_>>().join(", ");
        assert_eq!(documented[*package], told, "the home of `{package}` in docs/decisions/dependencies.md");
        let spelled = package.replace('-', "_");
        let uses = |home: &str| {
            let mut paths = files.iter().filter(|file| at_home(&file.name, &[home])).flat_map(|file| &file.paths);
            paths.any(|path| path.words[0] == spelled)
        };
        for home in *homes {
            assert!(uses(home), "`{package}` has a home in src/{home} and is not used there; strike it from HOMES");
        }
    }
}

#[test]
fn every_file_is_reached_by_a_mod() {
    let (files, tests) = sources();
    let all: Vec<&Source> = files.iter().chain(tests).collect();
    let mut reached = 0;
    for file in &all {
        let Some((name, parent)) = file.module.split_last() else { continue };
        let declares = |at: &&&Source| {
            let declared = |w: &[Token]| w[0].text == "mod" && w[1].text == *name && w[2].text == ";";
            at.test_modules.contains(&file.module) || at.module == parent && at.tokens.windows(3).any(declared)
        };
        assert!(all.iter().any(|at| declares(&at)), "src/{} is reached by no `mod {name}`", file.name);
        reached += 1;
    }
    assert!(reached > 30, "only {reached} files were seen");
}

/// Every plug-in that a room defines stands in its registry, and the registry names nothing else. How many there are.
fn registered(room: &str, registry: &str, kind: &str) -> usize {
    let (files, _) = sources();
    let list = files.iter().find(|file| file.name == registry).unwrap_or_else(|| panic!("src/{registry} is gone"));
    let mut defined = BTreeSet::new();
    for file in files.iter().filter(|file| file.name.starts_with(room) && file.name != registry) {
        let words: Vec<&str> = file.tokens.iter().map(|token| token.text.as_str()).collect();
        let stem = file.module.last().expect("a file in a room");
        let statics = words.windows(4).filter(|w| w[0] == "static" && w[2] == ":" && w[3] == kind);
        defined.extend(statics.map(|w| format!("{stem}::{}", w[1])));
    }
    let shout = |word: &String| word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let entries = list.paths.iter().filter(|path| path.words.len() == 2 && !path.imported && shout(&path.words[1]));
    let listed: BTreeSet<String> = entries.map(paths::Path::text).collect();
    assert_eq!(defined, listed, "left: every `static ...: {kind}` in src/{room}; right: the list in src/{registry}");
    listed.len()
}

#[test]
fn every_plug_in_is_registered() {
    assert!(registered("checks/", "checks/mod.rs", "CheckKind") > 0);
    assert!(registered("collect/format/", "collect/format/mod.rs", "Format") > 0);
    assert!(registered("report/", "report/mod.rs", "Format") > 0);
}

#[test]
fn no_file_is_too_long_and_each_says_what_it_is_for() {
    let (files, tests) = sources();
    let (mut seen, mut faults) = (0, Vec::new());
    for file in files.iter().chain(tests) {
        let lines = file.text.lines().count();
        seen += 1;
        if lines > LINES_MAX {
            faults.push(format!("src/{}: {lines} lines, at most {LINES_MAX}", file.name));
        }
        if !file.text.starts_with("//!") && file.name != "main.rs" {
            faults.push(format!("src/{}: does not open with `//!` and its purpose", file.name));
        }
    }
    assert!(seen > 30, "only {seen} files were seen");
    assert_none(&faults);
}

/// How many lines of a file hold code of the product.
fn code_lines(file: &Source) -> usize {
    file.tokens.iter().map(|token| token.line).collect::<BTreeSet<_>>().len()
}

#[test]
fn no_file_of_the_product_holds_too_much_code() {
    let (files, _) = sources();
    let counted: Vec<(usize, &str)> = files.iter().map(|file| (code_lines(file), file.name.as_str())).collect();
    assert!(counted.iter().map(|(lines, _)| lines).sum::<usize>() > 30_000, "{} files were counted", counted.len());
    let long = counted.iter().filter(|(lines, _)| *lines > CODE_MAX);
    assert_none(
        &long.map(|(lines, name)| format!("src/{name}: {lines} lines of code, at most {CODE_MAX}")).collect::<Vec<_>>(),
    );
}

#[test]
fn lines_of_code_are_those_that_the_product_compiles() {
    let counted = |text: &str| code_lines(&Source::new("checks/new.rs", text));
    assert_eq!(counted("//! What it is for.\n\nfn a() {\n    // why\n\n    b(); c();\n}\n"), 3);
    assert_eq!(counted("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n    fn c() {}\n}\n"), 1);
    assert_eq!(counted("/* one\ntwo */\n"), 0);
    let long = "fn a() {}\n".repeat(CODE_MAX + 1);
    assert_eq!(counted(&long), CODE_MAX + 1);
}

#[test]
fn no_arm_decides_by_default() {
    let (files, _) = sources();
    let (mut deciding, mut faults) = (0, Vec::new());
    for file in files {
        let names = |word: &str| file.tokens.windows(2).any(|pair| pair[0].text == "enum" && pair[1].text == word);
        let own = DECIDING.iter().any(|name| names(name));
        deciding += usize::from(own);
        for line in matches::catch_alls(&file.tokens, DECIDING, own) {
            faults.push(format!("src/{}:{line}: a catch-all arm beside {DECIDING:?}; name every variant", file.name));
        }
    }
    assert!(deciding >= 4, "the deciding enums have moved; only {deciding} homes were seen");
    assert_none(&faults);
}

#[test]
fn a_planted_import_is_caught() {
    let catches = |name: &str, text: &str| forbidden_imports(&Source::new(name, text));
    let caught = catches("checks/new.rs", "use crate::gate::Check;\nuse crate::collect::FORMATS;\n");
    assert_eq!(caught.len(), 1);
    assert!(caught[0].starts_with("src/checks/new.rs:2: `crate::collect::FORMATS`: `checks` may import"), "{}", caught[0]);
    for text in [
        "use crate::{gate::Check, load as quiet};",
        "fn f() -> crate::load::X { y }",
        "use super::super::load;",
        "mod inner { use super::super::super::load::X; }",
        "use crate::*;",
        "use crate as c; fn f() { c::load::x() }",
        "use gatekeeper::load::X;",
        "use crate::run;",
        "type X = Box<dyn crate::load::Y>;",
    ] {
        assert_eq!(catches("checks/new.rs", text).len(), 1, "{text}");
    }
    for text in ["use super::values;", "// use crate::load;\nconst S: &str = \"crate::load::x\";", "use crate::model::Gap;"]
    {
        assert!(catches("checks/new.rs", text).is_empty(), "{text}");
    }
    assert!(catches("checks/mod.rs", "#[cfg(test)]\nmod tests { use crate::workspace::Memory; }").is_empty());
    assert_eq!(catches("attic/new.rs", "use crate::model::Gap;").len(), 1, "a room that the table does not know");
}

#[test]
fn planted_strays_are_caught() {
    for (name, text) in [
        ("checks/new.rs", "use toml::Spanned;"),
        ("checks/new.rs", "fn f(v: serde_json::Value) {}"),
        ("checks/new.rs", "use serde_json;"),
        ("collect/new.rs", "use std::{fs, io};"),
        ("evaluate/new.rs", "let now = Utc::now();"),
        ("evaluate/new.rs", "let now = chrono::Utc::now();"),
        ("cli/new.rs", "std::process::Command::new(x);"),
        ("workspace/new.rs", "use std::net::TcpStream;"),
        ("report/new.rs", "println!(x);"),
        ("report/new.rs", "std::process::exit(0)"),
    ] {
        assert!(!strays(&Source::new(name, text)).is_empty(), "{text}");
    }
    for (name, text) in [
        ("definition/new.rs", "use toml::Spanned;"),
        ("workspace/disk.rs", "use std::fs;"),
        ("cli/new.rs", "println!(x); std::process::exit(0)"),
        ("checks/new.rs", "use super::toml; let regex = x.toml(); let cel = 1; if cel != 2 {}"),
    ] {
        assert_none(&strays(&Source::new(name, text)));
    }
}
