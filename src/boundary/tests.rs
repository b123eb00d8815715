//! Packages in short, and what speaks against their boundaries.

use super::*;
use crate::collect::FORMATS;
use crate::gate::Reading;
use crate::model::{Content, RustSource, Where};
use std::collections::BTreeSet;

fn content(format: &str, text: &str) -> Content {
    let format = FORMATS.iter().find(|own| own.id == format).expect("a format");
    let Reading::Whole(parse) = &format.reading else { panic!("a format that is read whole") };
    parse(text.as_bytes(), &Where::file("x")).unwrap_or_else(|gap| panic!("{gap:?} in {text}"))
}

fn rust(text: &str) -> RustSource {
    let Content::Rust(source) = content("rust", text) else { panic!("Rust") };
    source
}

const CARGO: &str = "[package]\nname = \"agent-cli\"\n";

/// Three domains, each with the module of its name; `kernel` must not reach `host`.
const MANIFEST: &str = r#"{
    "domains": [{"id": "kernel", "modules": ["kernel"]}, {"id": "host", "modules": ["host"]}, {"id": "glue", "modules": ["glue"]}],
    "deferred": [],
    "banned_pairs": [{"from": "kernel", "to": "host", "reason": "it goes first"}]
}"#;

fn judged(cargo: &str, manifest: &str, files: &[(&str, &str)], tests: bool) -> Judgement {
    let read: Vec<(&str, RustSource)> = files.iter().map(|(path, text)| (*path, rust(text))).collect();
    let sources: Vec<Source<'_>> = read.iter().map(|(path, rust)| Source { path, shown: path, rust }).collect();
    let names: BTreeSet<&str> = files.iter().map(|(path, _)| *path).collect();
    let (cargo, manifest) = (content("toml", cargo), content("json", manifest));
    let root = |content: &'_ Content| content.document().map(|own| Manifest::read(own.root()));
    let manifest = root(&manifest).expect("a document").unwrap_or_else(|faults| panic!("{faults:?}"));
    let package = Package::read(cargo.document().expect("a document").root(), "", &names);
    judge(&manifest, "m.json", &package.unwrap_or_else(|faults| panic!("{faults:?}")), &sources, tests)
}

fn lines(judgement: Judgement) -> Vec<String> {
    let findings = judgement.findings.into_iter().map(|(_, finding)| {
        let at = finding.at.map(|at| at.to_string()).unwrap_or_default();
        format!("{} {at}: {}", finding.kind, finding.actual)
    });
    let gaps = judgement.gaps.into_iter().map(|gap| format!("{} {}: {}", gap.kind.word(), gap.at, gap.expected));
    findings.chain(gaps).collect()
}

fn gaps(judgement: Judgement) -> Vec<String> {
    lines(Judgement { findings: Vec::new(), ..judgement })
}

/// What speaks against a package with `kernel`, `host` and `glue`.
fn told(kernel: &str, glue: &str, host: &str) -> Vec<String> {
    let lib = "pub mod kernel;\npub mod glue;\npub mod host;\npub use host::Port;\n";
    let files = [("src/lib.rs", lib), ("src/kernel.rs", kernel), ("src/glue.rs", glue), ("src/host.rs", host)];
    lines(judged(CARGO, MANIFEST, &files, true))
}

const HOST: &str = "pub struct Port;\npub fn open() {}\npub mod wire { pub struct Frame; }\npub enum Kind { A }\n";

#[test]
fn what_keeps_its_boundary_stands() {
    let glue = "use crate::host::{self, Port};\nuse crate::kernel;\nfn f(_: Port) { host::open(); kernel::run() }\n";
    let kernel = "use std::{fmt, host};\n// crate::host::open()\n/// [`crate::host::open`]\npub fn run() { let _ = \"crate::host\"; }\n";
    assert_eq!(told(kernel, glue, HOST), Vec::<String>::new());
}

#[test]
fn every_way_of_naming_another_domain_is_found() {
    let glue = "pub use crate::host::open as start;\npub use crate::host::*;\npub mod deep { pub use super::Port as Gate; }\n\
                pub(crate) use crate::host as other;\nuse crate::host::Kind as Hidden;\n";
    let mut looked_at = 0;
    for (kernel, line) in [
        ("use crate::host::Port;", 1),
        ("use crate::{\n    host::{wire::Frame as F},\n};", 2),
        ("use crate::host;", 1),
        ("use super::host as h;", 1),
        ("\npub fn f() { crate::host::open() }", 2),
        ("fn f(x: Vec<Option<super::host::Port>>) {}", 1),
        ("impl super::host::wire::Frame {}", 1),
        ("fn f() { let crate::host::Kind::A = x; }", 1),
        ("use crate::glue::start;", 1),
        ("use crate::glue::Port;", 1),
        ("use crate::glue::deep::Gate;", 1),
        ("use crate::glue::other::open;", 1),
        ("use crate::Port;", 1),
        ("use crate::glue::*;\nfn f(_: Port) {}", 2),
        ("use crate::glue as g;\nfn f() { g::start() }", 2),
        ("fn f() { println!(\"{}\", crate::host::open()) }", 1),
        ("macro_rules! m { () => { $crate::host::open() } }", 1),
        ("fn f() { vec![super::glue::start()]; }", 1),
        ("#[cfg(windows)]\nuse crate::host::open;", 2),
        ("mod inner { pub fn f() { super::super::host::open() } }", 1),
        ("fn f() {\n    use crate::glue::wire;\n    wire::Frame\n}", 2),
        ("#[serde(with = \"crate::host\")]\nstruct S;", 1),
        ("#[cfg(test)]\nmod tests { use crate::host; }", 2),
        ("use agent_cli::glue::start;", 1),
        ("extern crate self as own;\nuse own::host::open;", 2),
    ] {
        let found = told(kernel, glue, HOST);
        let place = format!("banned-crossing src/kernel.rs:{line}: `kernel");
        assert!(!found.is_empty() && found.iter().any(|own| own.starts_with(&place)), "{kernel}: {found:?}");
        assert!(found.iter().all(|own| own.starts_with("banned-crossing src/kernel.rs:")), "{kernel}: {found:?}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 25);
    let hidden = "use crate::glue::*;\nfn f(_: Hidden) {}";
    assert_eq!(told(hidden, glue, HOST), Vec::<String>::new(), "a private import is no re-export");
}

#[test]
fn a_crossing_says_where_the_name_leads() {
    let glue = "pub use crate::host::open as start;";
    assert_eq!(
        told("use crate::glue::start;", glue, HOST),
        ["banned-crossing src/kernel.rs:1: `kernel` names `crate::glue::start`, which leads to `host`"]
    );
    let exported =
        "#[macro_export]\nmacro_rules! port { () => {} }\nmacro_rules! local { () => {} }\npub(crate) use local;\n";
    assert_eq!(
        told(
            "fn f() {\n    crate::port!();\n    crate::glue::l!()\n}",
            "pub(crate) use crate::host::local as l;",
            exported
        ),
        [
            "banned-crossing src/kernel.rs:2: `kernel` names `crate::port`, which leads to `host`",
            "banned-crossing src/kernel.rs:3: `kernel` names `crate::glue::l`, which leads to `host`"
        ]
    );
    assert_eq!(
        told("fn f() { local!() }", "//", "macro_rules! local { () => {} }"),
        ["banned-crossing src/kernel.rs:1: `kernel` names `local`, which leads to `host`"]
    );
}

#[test]
fn imports_in_a_circle_come_to_an_end() {
    let glue = "pub use crate::kernel::*;\npub use crate::host::*;\npub use crate::glue::again as again;";
    let found =
        told("pub use crate::glue::*;\nfn f() { again(); open() }", glue, "pub use crate::glue::*;\npub fn open() {}");
    assert_eq!(found, ["banned-crossing src/kernel.rs:2: `kernel` names `open`, which leads to `host`"]);
}

#[test]
fn every_module_needs_one_owner() {
    let files = [
        ("src/lib.rs", "mod kernel;\nmod host;\nmod glue;\nmod lone { mod inner {} }\nfn code() {}\n"),
        ("src/kernel.rs", "mod store;"),
        ("src/kernel/store.rs", "fn f() {}"),
        ("src/host/mod.rs", "#[path = \"odd.rs\"]\nmod x;\n#[cfg_attr(unix, path = \"u.rs\")]\nmod y;"),
        ("src/host/odd.rs", "mod z;"),
        ("src/host/z.rs", "fn f() {}"),
        ("src/host/u.rs", "fn f() {}"),
        ("src/host/y.rs", "fn f() {}"),
        ("src/glue.rs", "fn f() {}"),
        ("src/lost.rs", "fn f() {}"),
    ];
    assert_eq!(
        lines(judged(CARGO, MANIFEST, &files, true)),
        [
            "unmapped-module src/lib.rs:1: `src/lib.rs`",
            "unmapped-module src/lib.rs:4: `lone`",
            "unreached-source src/lost.rs: no `mod` reaches it"
        ]
    );
    let manifest = MANIFEST
        .replace(
            "\"deferred\": []",
            r#""deferred": [
            {"module": "lone", "reason": "r", "bead": "b"}, {"module": "src/lost.rs", "reason": "r", "bead": "b"},
            {"module": "kernel::store", "reason": "r", "bead": "b"}]"#,
        )
        .replace("[\"kernel\"]", "[\"crate::kernel\", \"src/lib.rs\", \"src/kernel/store.rs\", \"gone\", \"src/gone.rs\"]")
        .replace("[\"host\"]", "[\"host\", \"agent_cli::host::x::z\", \"kernel\"]");
    assert_eq!(
        lines(judged(CARGO, &manifest, &files, true)),
        [
            "no-such-module m.json#/domains/0/modules/3: no such module or file",
            "no-such-module m.json#/domains/0/modules/4: no such module or file",
            "owned-twice m.json#/domains/1/modules/2: `kernel` in `host`, and in `kernel` at /domains/0/modules/0",
            "mapped-and-deferred m.json#/deferred/2/module: `kernel::store` in the deferred modules, and in `kernel` at /domains/0/modules/2"
        ]
    );
}

#[test]
fn modules_inside_belong_to_the_one_that_holds_them() {
    let lib = "mod kernel { pub mod port { fn f() { crate::host::open() } } fn f() { port::g() } }\nmod host { pub fn open() {} }\nmod glue {}";
    let files = [("src/lib.rs", lib)];
    assert_eq!(
        lines(judged(CARGO, MANIFEST, &files, true)),
        ["banned-crossing src/lib.rs:1: `kernel::port` names `crate::host::open`"]
    );
    let manifest = MANIFEST.replace("[\"glue\"]", "[\"glue\", \"kernel::port\"]");
    assert_eq!(lines(judged(CARGO, &manifest, &files, true)), Vec::<String>::new());
}

#[test]
fn binaries_reach_the_library_by_its_name() {
    let main = "use agent_cli::glue::start;\nmod kernel;\nfn main() { kernel::run(); start() }";
    let files = [
        ("src/lib.rs", "pub mod glue;\npub mod host;"),
        ("src/main.rs", main),
        ("src/bin/tool.rs", "fn main() { own::host::open() }"),
        ("src/kernel.rs", "pub fn run() { agent_cli::host::open() }"),
        ("src/glue.rs", "pub use crate::host::open as start;"),
        ("src/host.rs", "pub fn open() {}"),
    ];
    let manifest = MANIFEST.replace("[\"kernel\"]", "[\"kernel\", \"src/main.rs\", \"src/bin/tool.rs\"]");
    assert_eq!(
        lines(judged(CARGO, &manifest, &files, true)),
        [
            "banned-crossing src/kernel.rs:1: `kernel` names `agent_cli::host::open`",
            "banned-crossing src/main.rs:1: `crate` names `agent_cli::glue::start`, which leads to `host`",
            "banned-crossing src/main.rs:3: `crate` names `start`, which leads to `host`"
        ]
    );
    let renamed = format!("{CARGO}[lib]\nname = \"own\"\n");
    let found = lines(judged(&renamed, &manifest, &files, true));
    assert_eq!(found, ["banned-crossing src/bin/tool.rs:1: `crate` names `own::host::open`"]);
}

#[test]
fn what_only_tests_compile_may_be_left_out() {
    let files = [
        ("src/lib.rs", "mod kernel;\nmod host;\nmod glue;\n#[cfg(test)]\nmod bench;"),
        ("src/kernel.rs", "#[cfg(test)]\nmod tests;\n#[test]\nfn f() { crate::host::open() }"),
        ("src/kernel/tests.rs", "mod more;\nuse crate::host;"),
        ("src/kernel/tests/more.rs", "use crate::host;"),
        ("src/host.rs", "pub fn open() {}"),
        ("src/glue.rs", ""),
        ("src/bench.rs", "mod x {}"),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, if text.is_empty() { "//" } else { *text })).collect();
    assert_eq!(lines(judged(CARGO, MANIFEST, &files, false)), Vec::<String>::new());
    let found = lines(judged(CARGO, MANIFEST, &files, true));
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_package_that_is_not_whole_is_a_gap() {
    let files = [
        ("src/lib.rs", "mod kernel;\nmod host;\nmod glue;"),
        ("src/kernel.rs", "#[path = \"../../x.rs\"]\nmod a;"),
        ("src/host.rs", "//"),
    ];
    assert_eq!(
        gaps(judged(CARGO, MANIFEST, &files, true)),
        [
            "missing src/lib.rs:3: the file of `mod glue` among the sources, `src/glue.rs` or `src/glue/mod.rs`",
            "missing src/kernel.rs:2: the file of `mod a` among the sources, a file outside of the repository"
        ]
    );
    let round = [
        ("src/lib.rs", "mod kernel;\nmod host;\nmod glue {}"),
        ("src/kernel.rs", "#[path = \"lib.rs\"]\nmod a;"),
        ("src/host.rs", "//"),
    ];
    assert_eq!(
        gaps(judged(CARGO, MANIFEST, &round, true)),
        ["invalid src/kernel.rs:2: a file for `mod a` that does not hold it"]
    );
    let named = format!("{CARGO}[[bin]]\nname = \"x\"\npath = \"src/x.rs\"\n");
    let whole = [("src/lib.rs", "mod kernel {}\nmod host {}\nmod glue {}")];
    let expected = ["missing src/x.rs: the file in which a crate of the package begins, among the sources"];
    assert_eq!(gaps(judged(&named, MANIFEST, &whole, true)), expected);
}

#[test]
fn a_package_is_read_or_told_where_it_is_none() {
    let read = |cargo: &str, files: &[&str]| {
        let cargo = content("toml", cargo);
        let own = Package::read(cargo.document().expect("a document").root(), "sub", &files.iter().copied().collect());
        own.map(|own| (own.library, own.roots.into_iter().map(|(path, _)| path).collect::<Vec<_>>()))
            .map_err(|faults| faults.into_iter().map(|fault| format!("{}: {}", fault.at, fault.actual)).collect::<Vec<_>>())
    };
    let all = [
        "sub/src/lib.rs",
        "sub/src/main.rs",
        "sub/src/bin/a.rs",
        "sub/src/bin/b/main.rs",
        "sub/src/bin/b/c.rs",
        "sub/src/build.rs",
    ];
    let roots = |cargo: &str| read(cargo, &all).expect("sound").1;
    assert_eq!(roots(CARGO), ["sub/src/lib.rs", "sub/src/main.rs", "sub/src/bin/a.rs", "sub/src/bin/b/main.rs"]);
    assert!(roots("[package]\nname = 'x'\nbuild = 'src/build.rs'").contains(&"sub/src/build.rs".to_owned()));
    assert_eq!(
        roots(
            "[package]\nname = 'x'\n[lib]\npath = 'src/other.rs'\n[[bin]]\nname = 'd'\npath = 'src/d.rs'\n[[bin]]\nname = 'b'"
        )[..4],
        ["sub/src/other.rs", "sub/src/main.rs", "sub/src/d.rs", "sub/src/bin/b/main.rs"]
    );
    assert_eq!(read("[workspace]", &all), Err(vec!["/package/name: nothing".to_owned()]));
    assert_eq!(read("[package]\nname = 'x'\nbuild = 5\n[lib]\nname = ' '", &all).map_err(|faults| faults.len()), Err(2));
    assert_eq!(read("lib = 1\nbin = 2\n[package]\nname = 'x'", &all).map_err(|faults| faults.len()), Err(2));
    assert_eq!(read(CARGO, &[]), Err(vec![": none".to_owned()]));
}

#[test]
fn a_manifest_is_read_or_told_where_it_is_none() {
    let faults = |json: &str| {
        let document = content("json", json);
        let faults = Manifest::read(document.document().expect("a document").root()).expect_err("refused");
        faults.into_iter().map(|fault| fault.at.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(faults("{}"), ["/domains", "/deferred", "/banned_pairs"]);
    assert_eq!(
        faults(r#"{"domains": [], "deferred": {}, "banned_pairs": []}"#),
        ["/domains", "/deferred", "/banned_pairs"]
    );
    let json = r#"{"domains": [{"id": " ", "modules": []}, {"modules": [5]}], "deferred": [{"module": "a", "reason": "", "bead": 5}, 7],
        "banned_pairs": [{"from": "a", "to": "a"}]}"#;
    assert_eq!(
        faults(json),
        [
            "/domains/0/id",
            "/domains/0/modules",
            "/domains/1/id",
            "/domains/1/modules/0",
            "/deferred/0/reason",
            "/deferred/0/bead",
            "/deferred/1/module",
            "/deferred/1/reason",
            "/deferred/1/bead",
            "/banned_pairs/0/to",
            "/banned_pairs/0/reason"
        ]
    );
}
