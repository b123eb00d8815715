//! The engine against a judge that is simple enough to see through: a gate for each `.json` file, which passes while its `n` is 0.

use super::*;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

fn judge(root: &Path, args: &[String]) -> Judged {
    let tree = Tree::from_disk(root).expect("the tree is there");
    if tree.is_empty() || args.iter().any(|arg| arg == "--broken") {
        return Judged { exit: 2, verdict: None, stderr: "error: broken".to_owned() };
    }
    let gates: Vec<_> = tree
        .files()
        .filter_map(|(path, bytes)| {
            let n = serde_json::from_slice::<serde_json::Value>(bytes).ok()?.get("n")?.as_i64()?;
            let word = if n == 0 { "pass" } else { "fail" };
            Some(json!({ "id": path.stem(), "status": word, "standing": word, "findings": [] }))
        })
        .collect();
    let failed = gates.iter().any(|gate| gate["status"] == "fail");
    let verdict = json!({ "verdict": if failed { "fail" } else { "pass" }, "gates": gates }).to_string();
    Judged { exit: u8::from(failed), verdict: Some(verdict), stderr: String::new() }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        tree.write(RelPath::parse(path).expect("sound"), text.as_bytes());
    }
    tree
}

fn cases(texts: &[(&str, &str)]) -> Cases {
    let base = tree(&[("a.json", r#"{"n":0}"#), ("b.json", r#"{"n":0}"#)]);
    let scenarios = texts.iter().map(|(name, text)| Scenario {
        name: (*name).to_owned(),
        case: Case::read(name, text),
        own: Tree::default(),
    });
    Cases { scenarios: scenarios.collect(), bases: [(RelPath::parse("base").expect("sound"), Ok(base))].into() }
}

const FAILS: &str = "says = 'a fails'\nbase = 'base'\n[[edit]]\nfile = 'a.json'\nat = '/n'\nset = 1\n\
                     [expect]\nexit = 1\nverdict = 'fail'\n[expect.gate.a]\nstanding = 'fail'\n";

#[test]
fn scenarios_hold_when_only_what_they_name_changes() {
    let report = run_all(&cases(&[("one", FAILS)]), &judge, None);
    assert!(report.passed(), "{report}");
    let second = FAILS.replace("[expect]", "[[edit]]\nfile = 'b.json'\nat = '/n'\nset = 1\n[expect]");
    let report = run_all(&cases(&[("two", &second)]), &judge, None);
    assert!(!report.passed() && report.to_string().contains("gate `b`, not named here"), "{report}");
    let any = second.replace("exit = 1", "exit = 1\nothers = 'any'");
    assert!(run_all(&cases(&[("any", &any)]), &judge, None).passed());
}

#[test]
fn what_cannot_be_run_fails() {
    let broken = [
        ("unread", FAILS.replace("says", "sais"), "sais"),
        ("still", FAILS.replace("set = 1", "set = 0"), "changes nothing"),
        ("gone", FAILS.replace("'base'", "'none'"), "`none`"),
        ("nothing", FAILS.replace("base = 'base'\n", ""), "neither a `base`"),
        ("argued", FAILS.replace("says", "args = ['--broken']\nsays"), "reaches no verdict"),
        ("wrong", FAILS.replace("[expect.gate.a]", "[expect.gate.z]"), "no such gate"),
        ("green", FAILS.replace("exit = 1", "exit = 0"), "exit code: expected `0`, found `1`"),
    ];
    let texts: Vec<(&str, &str)> = broken.iter().map(|(name, text, _)| (*name, text.as_str())).collect();
    let report = run_all(&cases(&texts), &judge, None);
    assert_eq!(report.failed().count(), broken.len(), "{report}");
    for (case, (name, _, about)) in report.cases.iter().zip(&broken) {
        assert_eq!(case.name, *name);
        assert!(case.differences.iter().any(|difference| difference.contains(about)), "{case:?}");
    }
    assert!(report.to_string().contains("7 of 7 scenarios do not hold: unread, still"), "{report}");
}

#[test]
fn broken_definitions_need_no_base() {
    let text = "says = 'x'\nbase = 'base'\nargs = ['--broken']\n[expect]\nexit = 2\nstderr = ['broken']\n";
    assert!(run_all(&cases(&[("one", text)]), &judge, None).passed());
}

#[test]
fn scenarios_that_share_a_base_judge_it_once() {
    let count = AtomicUsize::new(0);
    let counting = |root: &Path, args: &[String]| {
        count.fetch_add(1, Ordering::Relaxed);
        judge(root, args)
    };
    assert!(run_all(&cases(&[("one", FAILS), ("two", FAILS), ("three", FAILS)]), &counting, None).passed());
    assert_eq!(count.into_inner(), 4);
}

#[test]
fn no_scenario_is_no_success() {
    let report = run_all(&Cases::default(), &judge, None);
    assert!(!report.passed() && report.to_string().contains("nothing was proved"));
}

/// A ground that judges as the simple judge does, or otherwise.
struct Simple(bool);

impl Ground for Simple {
    fn judge(&self, tree: &Tree, _now: &str) -> Option<Judged> {
        let root = tree.materialise().expect("written");
        let judged = judge(root.path(), &[]);
        Some(if self.0 { judged } else { Judged { stderr: "otherwise".to_owned(), ..judged } })
    }
}

#[test]
fn what_is_judged_in_memory_is_compared_with_a_disk_once() {
    let timed = FAILS.replace("base =", "now = '2026-03-02T12:00:00Z'\nbase =");
    let texts = [("gates/p/one", &*timed), ("gates/p/two", &timed), ("gates/q/three", &timed), ("gates/q/four", FAILS)];
    let on_disk = AtomicUsize::new(0);
    let counting = |root: &Path, args: &[String]| {
        on_disk.fetch_add(1, Ordering::Relaxed);
        judge(root, args)
    };
    let sound =
        |_: &Path, _: &Tree, _: Option<&RelPath>, _: &[String]| -> Option<Box<dyn Ground>> { Some(Box::new(Simple(true))) };
    let report = run_all(&cases(&texts), &counting, Some(&sound));
    assert!(report.passed(), "{report}");
    // The base with a clock and without one, the first scenario of each pack, and the one without a clock.
    assert_eq!(on_disk.into_inner(), 5);
    let other = |_: &Path, _: &Tree, _: Option<&RelPath>, _: &[String]| -> Option<Box<dyn Ground>> {
        Some(Box::new(Simple(false)))
    };
    let report = run_all(&cases(&texts), &judge, Some(&other));
    assert!(report.to_string().contains("judged in memory otherwise than on a disk"), "{report}");
}
