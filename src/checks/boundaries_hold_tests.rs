//! What `boundaries-hold` says of a package, its manifest and its report.

use super::super::testing::{Bench, refused};
use crate::collect::FORMATS;
use crate::gate::Reading;
use crate::model::{Content, GapKind, RustSource, Where};

const CHECK: &str = "kind = 'boundaries-hold'\nmanifest = 'm'\npackage = 'p'\nsources = 's'";
const MANIFEST: &str = r#"{"domains": [{"id": "kernel", "modules": ["kernel"]}, {"id": "host", "modules": ["host"]}], "deferred": [],
    "banned_pairs": [{"from": "kernel", "to": "host", "reason": "it goes first"}]}"#;
const PACKAGE: &str = r#"{"package": {"name": "x"}}"#;
const IDS: [&str; 3] = [
    "kernel_boundary.all_modules_mapped_or_deferred",
    "kernel_boundary.no_duplicate_domain_ownership",
    "kernel_boundary.banned_cross_boundary_pairs_absent",
];

fn rust(text: &str) -> RustSource {
    let format = FORMATS.iter().find(|own| own.id == "rust").expect("a format");
    let Reading::Whole(parse) = &format.reading else { panic!("read whole") };
    let Ok(Content::Rust(source)) = parse(text.as_bytes(), &Where::file("x")) else { panic!("Rust") };
    source
}

fn bench(check: &str, manifest: &str, kernel: &str) -> Bench {
    Bench::new(check)
        .json("m", manifest)
        .json("p", PACKAGE)
        .rust_at("s", "src/lib.rs", rust("mod kernel;\nmod host;"))
        .rust_at("s", "src/kernel.rs", rust(kernel))
        .rust_at("s", "src/host.rs", rust("pub fn open() {}"))
}

/// With a report of these statuses.
fn reported(kernel: &str, statuses: [&str; 3]) -> Vec<String> {
    let checks =
        IDS.iter().zip(statuses).map(|(id, status)| format!(r#"{{"id": "{id}", "status": "{status}", "detail": "d"}}"#));
    let report = format!(r#"{{"checks": [{}]}}"#, checks.collect::<Vec<_>>().join(", "));
    stated(kernel, &report)
}

fn stated(kernel: &str, report: &str) -> Vec<String> {
    bench(&format!("{CHECK}\nreport = 'r'"), MANIFEST, kernel).json("r", report).told()
}

const CROSSING: &str = "fn f() {\n    crate::host::open()\n}";
const CROSSED: &str =
    "banned-crossing src/kernel.rs:2: nothing of `host` in `kernel` (it goes first) | `kernel` names `crate::host::open`";

#[test]
fn modules_and_ways_are_counted() {
    // Two modules; the root imports nothing.
    assert_eq!(bench(CHECK, MANIFEST, "fn f() {}").told(), ["pass 2"]);
    assert_eq!(bench(CHECK, MANIFEST, CROSSING).told(), [CROSSED]);
    let tests = "#[cfg(test)]\nmod tests { use crate::host; }";
    assert_eq!(bench(&format!("{CHECK}\ntest_code = false"), MANIFEST, tests).told(), ["pass 2"]);
    assert_eq!(bench(CHECK, MANIFEST, tests).told().len(), 1);
}

#[test]
fn a_report_says_what_is_recomputed() {
    assert_eq!(reported("fn f() {}", ["pass"; 3]), ["pass 5"]);
    assert_eq!(reported(CROSSING, ["pass", "pass", "fail"]), [CROSSED]);
    let contradiction = "contradiction r.json#/checks/2/status: `fail`, as recomputed from the sources | `pass` of \
                         `kernel_boundary.banned_cross_boundary_pairs_absent`";
    assert_eq!(reported(CROSSING, ["pass"; 3]), [CROSSED, contradiction]);
    assert_eq!(
        reported("fn f() {}", ["fail", "pass", "pass"]),
        ["contradiction r.json#/checks/0/status: `pass`, as recomputed from the sources | `fail` of \
             `kernel_boundary.all_modules_mapped_or_deferred`"]
    );
    let unknown = "unknown-status r.json#/checks/1/status: `pass` or `fail` | `ok` of `kernel_boundary.no_duplicate_domain_ownership`";
    assert_eq!(reported("fn f() {}", ["pass", "ok", "pass"]), [unknown]);
}

#[test]
fn a_report_has_each_check_once() {
    let check = |id: &str, status: &str| format!(r#"{{"id": "{id}", "status": "{status}", "detail": "d"}}"#);
    let report = format!(
        r#"{{"checks": [{}, {}, {}, {}, {{"id": "{}", "status": 5}}]}}"#,
        check(IDS[0], "pass"),
        check(IDS[0], "pass"),
        check("other.fine", "pass"),
        check("other.bad", "fail"),
        IDS[1]
    );
    assert_eq!(
        stated("fn f() {}", &report),
        [
            "duplicate r.json#/checks/1/id: each check once | `kernel_boundary.all_modules_mapped_or_deferred` again, first at /checks/0/id",
            "failed-check r.json#/checks/3/status: no check that fails | `other.bad`",
            "wrong-type r.json#/checks/4/status: a text that is not blank | 5",
            "missing-field r.json#/checks/4/detail: `detail` | nothing",
            "missing-check r.json#/checks: the check `kernel_boundary.banned_cross_boundary_pairs_absent` | no such check"
        ]
    );
    let none = stated("fn f() {}", "{}");
    assert_eq!((none.len(), &*none[0]), (4, "missing-field r.json#/checks: `checks`, a list | nothing"));
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let manifest = MANIFEST.replace("\"it goes first\"", "\"\"");
    let told = bench(CHECK, &manifest, "fn f() {}").told();
    assert_eq!(told, ["error invalid m.json#/banned_pairs/0/reason: a text that is not blank | \"\""]);
    let told = bench(CHECK, MANIFEST, "mod gone;").told();
    assert_eq!(
        told,
        [
            "error missing src/kernel.rs:1: the file of `mod gone` among the sources, `src/kernel/gone.rs` or `src/kernel/gone/mod.rs` | none"
        ]
    );
    let told = bench(CHECK, MANIFEST, "fn f() {}").damaged("s", "src/bad.rs", GapKind::Malformed).told();
    assert!(told[0].starts_with("error malformed src/bad.rs"), "{told:?}");
    let told = bench(CHECK, MANIFEST, "fn f() {}").text_at("s", "src/more.rs", "mod x;").told();
    assert_eq!(told, ["error invalid src/more.rs: Rust source | text (name the format: `format = \"rust\"`)"]);
    let empty = Bench::new(CHECK).json("m", MANIFEST).json("p", PACKAGE).rust_at("s", "src/main.rs", rust("fn main() {}"));
    assert_eq!(empty.told(), ["error empty s: at least one module beside the roots of crates | nothing to examine"]);
    let other = Bench::new(CHECK).json("m", MANIFEST).json("p", "{}").rust_at("s", "src/main.rs", rust("fn main() {}"));
    assert_eq!(other.told(), ["error invalid p.json#/package/name: a text that is not blank | nothing"]);
    let gap = bench(&format!("{CHECK}\nreport = 'r'"), MANIFEST, "fn f() {}").gap("r", GapKind::Missing).told();
    assert_eq!(gap, ["error missing r: a file | nothing"]);
    let absent = bench(&format!("{CHECK}\nreport = 'r'"), MANIFEST, "fn f() {}").absent("r").told();
    assert_eq!(absent, ["pass 2"], "only a definition allows absence");
}

#[test]
fn keys_are_needed() {
    let told = refused("kind = 'boundaries-hold'\nmanifest = 'm'\npackage = 'p'\ntest_code = 1", &["m", "p"]);
    assert_eq!(told.len(), 2, "{told:?}");
}
