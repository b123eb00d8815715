//! `docs/configuration.md`: every key of every definition file, from the schemas that the readers themselves state.

use super::bless::Pages;
use super::pages::NOTE;
use gatekeeper::{load, pipeline};
use serde_json::Value;

/// The files, in the order in which somebody meets them.
const FILES: [(&str, &str, &str); 5] = [
    (
        "config",
        "`gatekeeper.toml`",
        "At the top of the repository. It names the policy, and may tighten what the policy says.",
    ),
    ("policy", "`policies/<name>.toml`", "Which gates count and how, parameters, limits, and how a run states who it is."),
    (
        "gate",
        "`gates/<pack>/<gate>.toml`",
        "One gate: [write a gate](write-a-gate.md). The keys of each check kind are on its own page: [checks](checks/README.md).",
    ),
    (
        "ledger",
        "The exceptions file",
        "Suites, waivers and quarantine entries; the policy's `ledger` names it. `gatekeeper waivers` and `gatekeeper quarantine` write it.",
    ),
    ("signatures", "`triage/<name>.toml`", "Patterns of known failures, for `gatekeeper triage`."),
];

/// `docs/configuration.md`.
pub fn configuration() -> Pages {
    let mut page = format!(
        "{NOTE}\n# Configuration\n\nEvery key of every file. `gatekeeper lint` finds keys that are not here and says what was probably meant, `gatekeeper show-config` \
         shows the values in force and where each comes from, and `gatekeeper schema config` (`policy`, `gate`, ...) prints the JSON Schema for an editor.\n"
    );
    let schemas = load::schemas(&pipeline::registry());
    for (name, file, about) in FILES {
        let Some((_, text)) = schemas.iter().find(|(known, _)| *known == name) else { panic!("there is no schema {name}") };
        let schema: Value = serde_json::from_str(text).expect("JSON");
        page.push_str(&format!("\n## {file}\n\n{about}\n\n| key | takes | default | meaning |\n|---|---|---|---|\n"));
        keys(&schema, "", &mut page);
    }
    [("configuration.md".to_owned(), page)].into()
}

fn keys(schema: &Value, before: &str, page: &mut String) {
    let required = |key: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{before}{key}");
        let default = match &value["default"] {
            Value::Null if required(key) => "required".to_owned(),
            Value::Null => String::new(),
            default => format!("`{default}`"),
        };
        let meaning = value["description"].as_str().unwrap_or_default().replace('|', "\\|");
        page.push_str(&format!("| `{path}` | {} | {default} | {meaning} |\n", takes(value).replace('|', "\\|")));
        // A table whose keys the author chooses, or a list of tables, holds tables of this shape. The keys of checks have pages of their own.
        let inner = [(&value["additionalProperties"], format!("{path}.<name>.")), (&value["items"], format!("{path}[]."))];
        keys(value, &format!("{path}."), page);
        for (inner, path) in inner {
            if inner["properties"].is_object() && key != "check" {
                keys(inner, &path, page);
            }
        }
    }
}

fn takes(value: &Value) -> String {
    if let Some(words) = value["enum"].as_array() {
        let words: Vec<_> = words.iter().take(6).filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ") + if value["enum"].as_array().is_some_and(|all| all.len() > 6) { ", ..." } else { "" };
    }
    let of = |value: &Value| value["type"].as_str().unwrap_or("value").to_owned();
    match (&*of(value), &value["items"]) {
        ("array", items) => format!("list of {}s", of(items).replace("object", "table")),
        ("object", _) => "table".to_owned(),
        ("string", _) => value["pattern"].as_str().map_or("text".to_owned(), |pattern| format!("text like `{pattern}`")),
        (other, _) => other.to_owned(),
    }
}
