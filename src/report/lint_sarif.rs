//! What `lint` found as SARIF 2.1.0, for code scanning and editors: each class of problem is a rule, each problem a result at its place.

use super::wire::v1::commands::lint::{Lint, Place, Problem};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document; `about` says of the code of a class what is wrong there.
pub fn sarif(lint: &Lint, about: impl Fn(&str) -> &'static str) -> Value {
    let codes: BTreeSet<&str> = lint.problems.iter().map(|problem| problem.code).collect();
    let rule = |code: &&str| {
        let about = about(code);
        json!({ "id": code, "shortDescription": { "text": format!("{code}.") }, "fullDescription": { "text": about },
            "help": { "text": about } })
    };
    let driver = json!({
        "name": lint.tool.name,
        "version": lint.tool.version,
        "semanticVersion": lint.tool.version,
        "rules": codes.iter().map(rule).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": { "driver": driver },
        "automationDetails": { "id": "gatekeeper-lint/" },
        "columnKind": "unicodeCodePoints",
        "invocations": [{ "executionSuccessful": true }],
        "results": lint.problems.iter().map(|problem| result(problem, &codes)).collect::<Vec<_>>(),
    });
    json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] })
}

fn result(problem: &Problem, codes: &BTreeSet<&str>) -> Value {
    let sentence = |text: &str| format!("{}.", text.trim_end_matches(['.', '?']));
    let help = problem.help.as_ref().map(|help| format!(" {}", sentence(help))).unwrap_or_default();
    let mut places: Vec<Value> = problem.places.iter().take(1).map(location).collect();
    if places.is_empty() {
        // Code scanning shows no result without a place.
        places.push(json!({ "physicalLocation": { "artifactLocation": { "uri": "gatekeeper.toml" }, "region": { "startLine": 1 } } }));
    }
    json!({
        "ruleId": problem.code,
        "ruleIndex": codes.iter().position(|code| *code == problem.code),
        "level": problem.severity,
        "message": { "text": format!("{}{help}", sentence(&problem.message)) },
        "locations": places,
        "relatedLocations": problem.places.iter().skip(1).map(related).collect::<Vec<_>>(),
    })
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": super::uri_of(&place.file) },
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    } })
}

fn related(place: &Place) -> Value {
    let mut told = location(place);
    told["message"] = json!({ "text": place.text });
    told
}
