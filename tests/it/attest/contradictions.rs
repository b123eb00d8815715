//! A verdict in which one thing no longer follows from the rest, and every command that reads one.

use super::key;
use crate::support::{copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-03-02T11:30:00Z";
const RELEASE: &str = "tests/full_suite_gate/claim_evidence/full_suite_verdict.json";
const CONTRACT: &str = "docs/franken-node-claim-gating-contract.json";

/// What is done to the verdict.
type Edit = fn(&mut Value);

/// The verdict of `fixtures/repos/claims` has a gate that passes, another one, and a third one that fails.
const ROWS: [(&str, Edit); 46] = [
    ("verdict pass", |v| v["verdict"] = json!("pass")),
    ("verdict warn", |v| v["verdict"] = json!("warn")),
    ("reason of another verdict", |v| v["reason"] = json!("every gate passed")),
    ("status rolled back in strict mode", |v| v["status"] = json!("rolled_back")),
    ("mode rollback without a rollback", |v| v["mode"] = json!("rollback")),
    ("a rollback in strict mode", |v| v["rollback"] = json!({ "rationale": "x", "until": "2026-03-03T00:00:00Z" })),
    ("summary gates", |v| v["summary"]["gates"] = json!(4)),
    ("summary passed", |v| v["summary"]["passed"] = json!(3)),
    ("summary failed", |v| v["summary"]["failed"] = json!(0)),
    ("summary warned", |v| v["summary"]["warned"] = json!(1)),
    ("summary skipped", |v| v["summary"]["skipped"] = json!(1)),
    ("summary waived", |v| v["summary"]["waived"] = json!(1)),
    ("summary blocked", |v| v["summary"]["blocked"] = json!(1)),
    ("summary blocking standing", |v| v["summary"]["blocking"]["standing"] = json!(3)),
    ("summary blocking total", |v| v["summary"]["blocking"]["total"] = json!(2)),
    ("three words: the gate, its ruling and its count", |v| {
        v["gates"][2]["standing"] = json!("pass");
        v["verdict"] = json!("pass");
        v["summary"]["blocking"]["standing"] = json!(3);
    }),
    ("all words but its checks", |v| {
        pass(v);
        v["gates"][2]["checks"] = json!([{ "kind": "holds", "expect": "e", "outcome": "fail", "examined": 0 }]);
    }),
    ("all words but its findings", |v| {
        let findings = v["gates"][2]["findings"].clone();
        pass(v);
        v["gates"][2]["findings"] = findings;
    }),
    ("all words but its reason", |v| {
        pass(v);
        v["gates"][2]["reason"] = json!("finding");
    }),
    ("all words but its status", |v| {
        pass(v);
        v["gates"][2]["status"] = json!("fail");
    }),
    ("all words, and no check", |v| {
        pass(v);
        v["gates"][2]["checks"] = json!([]);
    }),
    ("all words, and a check that looked at nothing", |v| {
        pass(v);
        v["gates"][2]["checks"] = json!([{ "kind": "holds", "expect": "e", "outcome": "pass", "examined": 0 }]);
    }),
    ("all words, and checks that were skipped", |v| {
        pass(v);
        v["gates"][2]["checks"] = json!([{ "kind": "holds", "expect": "e", "outcome": "skip", "examined": 0 }]);
    }),
    ("a failing gate that is no longer blocking", |v| v["gates"][2]["blocking"] = json!(false)),
    ("a failing gate that is left out", |v| drop(v["gates"].as_array_mut().expect("gates").pop())),
    ("a gate twice", |v| v["gates"][1] = v["gates"][0].clone()),
    ("a failing gate called advisory", |v| v["gates"][2]["standing"] = json!("advisory")),
    ("a failing gate called skipped", |v| v["gates"][2]["standing"] = json!("skipped")),
    ("a failing gate called not evaluated", |v| v["gates"][2]["standing"] = json!("not-evaluated")),
    ("a gate that is waived without a waiver", |v| waive(v, false, true)),
    ("a gate that is waived by a waiver that has ended", |v| {
        waive(v, true, true);
        v["exceptions"]["waivers"][0]["validity"] = json!("expired");
    }),
    ("a gate that is waived and may not be", |v| {
        waive(v, true, true);
        v["gates"][2]["waivable"] = json!(false);
    }),
    ("a gate that is waived, and nothing is weaker", |v| waive(v, true, false)),
    ("a waiver that was used for nothing", |v| v["exceptions"]["waivers"] = json!([waiver()])),
    ("weakened by a waiver that there is not", |v| {
        v["weakened_by"] = json!([{ "switch": "waiver", "detail": "x" }]);
    }),
    ("weakened by a word that nobody knows", |v| v["weakened_by"] = json!([{ "switch": "mercy", "detail": "x" }])),
    ("weakened by a rollback in strict mode", |v| {
        v["weakened_by"] = json!([{ "switch": "rollback-mode", "detail": "x" }]);
    }),
    ("a note of quarantine without an entry", |v| {
        v["gates"][0]["notes"] = json!([{ "about": "quarantined", "text": "s::c::t" }]);
    }),
    ("blocked behind a gate that passes", |v| block(v, "cross_platform")),
    ("blocked behind a gate that there is not", |v| block(v, "none")),
    ("blocked behind itself", |v| block(v, "practical_finish_checkpoint")),
    ("a gate that passes and is blocked", |v| v["gates"][0]["blocked_by"] = json!(["practical_finish_checkpoint"])),
    ("evidence of a gate that there is not", |v| {
        v["evidence"] = json!([{ "id": "e", "path": "p", "sha256": "0".repeat(64), "size": 1, "gates": ["none"] }]);
    }),
    ("a digest of a file that is missing", |v| {
        v["evidence"] =
            json!([{ "id": "e", "path": "p", "sha256": "0".repeat(64), "size": 1, "gap": "missing", "gates": [] }]);
    }),
    ("a clock that is none", |v| v["generated_at"] = json!("yesterday")),
    ("definitions without a digest", |v| v["policy"]["sha256"] = json!("")),
];

/// The third gate passes, in every word.
fn pass(v: &mut Value) {
    let gate = &mut v["gates"][2];
    gate["status"] = json!("pass");
    gate["standing"] = json!("pass");
    gate["reason"] = Value::Null;
    gate["findings"] = json!([]);
    gate["checks"] = json!([{ "kind": "holds", "expect": "e", "outcome": "pass", "examined": 1 }]);
    v["verdict"] = json!("pass");
    v["reason"] = json!("every gate passed");
    v["summary"]["passed"] = json!(3);
    v["summary"]["failed"] = json!(0);
    v["summary"]["blocking"]["standing"] = json!(3);
}

fn waiver() -> Value {
    json!({ "gate": "practical_finish_checkpoint", "at": "/waiver/practical_finish_checkpoint", "validity": "active", "used": true, "renewals": 0, "problems": [] })
}

/// The third gate is waived, in every word.
fn waive(v: &mut Value, with: bool, weaker: bool) {
    v["gates"][2]["standing"] = json!("waived");
    v["gates"][2]["waivable"] = json!(true);
    v["verdict"] = json!("pass");
    v["reason"] = json!("every gate that is not waived passed; with 1 exception");
    v["summary"]["waived"] = json!(1);
    v["summary"]["exceptions"] = json!(1);
    v["summary"]["failed"] = json!(0);
    v["summary"]["blocking"]["standing"] = json!(3);
    if with {
        v["exceptions"]["waivers"] = json!([waiver()]);
    }
    if weaker {
        v["weakened_by"] = json!([{ "switch": "waiver", "detail": "`practical_finish_checkpoint` failed and is waived" }]);
    }
}

/// The third gate is blocked behind another one, in every word.
fn block(v: &mut Value, need: &str) {
    v["gates"][2]["standing"] = json!("blocked");
    v["gates"][2]["reason"] = json!("blocked");
    v["gates"][2]["blocked_by"] = json!([need]);
    v["reason"] = json!("blocked behind a cause: `practical_finish_checkpoint`");
    v["summary"]["blocked"] = json!(1);
    v["summary"]["failed"] = json!(0);
}

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().expect("a directory"));
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/claims"), bench.0.path());
        bench.write("plain.md", "It is a program.\n");
        bench
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.at(path), content).expect("written");
    }

    /// The exits of the commands, each with whether it says that the verdict is at fault.
    fn ask(&self) -> [(&'static str, Exit, String); 5] {
        let (verdict, root, key) = (self.at(RELEASE), self.0.path().to_owned(), key("ed25519.pem"));
        let (contract, plain) = (self.at(CONTRACT), self.at("plain.md"));
        let lines: [(&str, Vec<&str>); 5] = [
            ("attest", vec!["attest", text(&verdict), "--key", text(&key)]),
            ("reverify", vec!["reverify", text(&verdict), "--root", text(&root)]),
            ("incident", vec!["incident", text(&verdict), "--root", text(&root), "--json"]),
            (
                "check-claims",
                vec![
                    "check-claims",
                    "--contract",
                    text(&contract),
                    "--verdict",
                    text(&verdict),
                    "--text",
                    text(&plain),
                    "--root",
                    text(&root),
                    "--now",
                    NOW,
                ],
            ),
            ("checklist", vec!["checklist", "--root", text(&root), "--policy", "claims", "--now", NOW, "-o", "json"]),
        ];
        lines.map(|(command, line)| {
            let (exit, out, said) = gatekeeper(&line, &[]);
            (command, exit, format!("{out}{said}"))
        })
    }
}

#[test]
fn a_verdict_that_contradicts_itself_is_refused_by_every_command_that_reads_one() {
    let bench = Bench::new();
    let whole = fs::read_to_string(bench.at(RELEASE)).expect("a verdict");
    let contradicted = |said: &str| said.contains("contradict") || said.contains("invalid");
    // As it was written, and with every word changed that follows, nobody complains of it.
    let consistent: [(&str, Edit); 4] = [
        ("nothing", |_| {}),
        ("another verdict that passes", pass),
        ("another verdict with a waiver", |v| waive(v, true, true)),
        ("words of an older version", |v| {
            v["tool"]["version"] = json!("0.0.1");
            v["reason"] = json!("1 blocking gate failed");
        }),
    ];
    for (what, edit) in consistent {
        let mut value: Value = serde_json::from_str(&whole).expect("JSON");
        edit(&mut value);
        bench.write(RELEASE, &value.to_string());
        for (command, exit, said) in bench.ask() {
            let refused = match command {
                "attest" | "check-claims" | "checklist" => exit != Exit::Pass && contradicted(&said),
                _ => contradicted(&said),
            };
            assert!(!refused, "{what}: {command}: {exit:?}: {said}");
        }
    }
    let mut refused = 0;
    for (what, edit) in ROWS {
        let mut value: Value = serde_json::from_str(&whole).expect("JSON");
        edit(&mut value);
        assert_ne!(value, serde_json::from_str::<Value>(&whole).expect("JSON"), "{what}");
        bench.write(RELEASE, &value.to_string());
        for (command, exit, said) in bench.ask() {
            let right = match command {
                "attest" | "incident" | "check-claims" => exit == Exit::Gap,
                "reverify" => exit == Exit::Failed && said.contains("contradicts its own gates"),
                _ => exit == Exit::Failed || exit == Exit::Gap,
            };
            assert!(right && contradicted(&said), "{what}: {command}: {exit:?}: {said}");
            refused += 1;
        }
    }
    assert_eq!(refused, 230);
}
