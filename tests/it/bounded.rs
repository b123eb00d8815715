//! Work is bounded whatever evidence and definitions say: in time by a watch over each judgement, in memory by what checks keep.

use crate::support::definitions::{Files, Place};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// A schema that no number fits, with two branches a level: 2^40 ways to find that out.
fn branching() -> Value {
    let mut levels = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({ "$ref": format!("#/$defs/l{}", level + 1) });
        levels.insert(format!("l{level}"), json!({ "anyOf": [next, next] }));
    }
    levels.insert("l40".to_owned(), json!({ "type": "string" }));
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/$defs/l0", "$defs": levels })
}

fn files(shape: &Value) -> Files {
    let plain = |path: &str, text: String| (path.to_owned(), text);
    Files::from([
        plain("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/mine.toml\"\n".to_owned()),
        plain(
            "policies/mine.toml",
            "schema = \"gatekeeper.policy/1\"\nid = \"mine\"\ntitle = \"Mine\"\n[[gate]]\nid = \"score\"\nblocking = true\n\
             [lane.full]\nrule = \"full\"\n"
                .to_owned(),
        ),
        plain(
            "gates/mine/score.toml",
            "schema = \"gatekeeper.gate/1\"\nid = \"score\"\ntitle = \"Score\"\nowner = \"team\"\nbead = \"b-1\"\nwhy = \"Because.\"\n\
             reproduce = \"make score\"\nremediation = [\"Mend it.\"]\n\
             [evidence.report]\npath = \"repo:report.json\"\nshape = \"schemas/report.json\"\n\
             [[check]]\nkind = \"within\"\nvalue = \"report.score\"\nmin = 90\n"
                .to_owned(),
        ),
        plain("gates/mine/schemas/report.json", shape.to_string()),
        plain("report.json", "{\"score\": 95}".to_owned()),
    ])
}

fn verify(place: &Place) -> (Option<i32>, Value, String) {
    let out = place.path().join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.arg("verify").arg("--root").arg(place.path()).arg("--out").arg(&out).args(["--timeout", "1s"]);
    let ended = command.output().expect("it ends");
    let verdict = fs::read_to_string(out.join("full_suite_verdict.json")).expect("a verdict");
    (
        ended.status.code(),
        serde_json::from_str(&verdict).expect("JSON"),
        String::from_utf8_lossy(&ended.stderr).into_owned(),
    )
}

#[test]
fn a_judgement_ends_when_its_time_is_over_wherever_it_is() {
    let place = Place::new(&files(&branching()));
    let (code, verdict, said) = verify(&place);
    assert_eq!((code, &verdict["verdict"]), (Some(4), &json!("fail")), "{said}");
    assert!(said.contains("its time was over"), "{said}");
}

#[test]
fn a_judgement_that_ends_in_time_is_left_alone() {
    let place = Place::new(&files(&json!({ "type": "object" })));
    let (code, verdict, said) = verify(&place);
    assert_eq!((code, &verdict["verdict"]), (Some(0), &json!("pass")), "{said}");
}
