//! `badge`: the verdict as the JSON of a shields.io endpoint badge.
//!
//! `message` is the ruling, with the number of exceptions it leans on, and says when it is rolled back: `pass`, `pass, 2 exceptions`,
//! `warn`, `fail`, `fail, rolled back`. Green only for a pass without exceptions. Put the file where it can be fetched, and show it with
//! `https://img.shields.io/endpoint?url=...`. A badge is as old as its last upload: it says nothing of the commit that it is shown beside.

use super::Format;
use super::wire::write_document;
use crate::model::{Ruling, Verdict};
use serde_json::{Value, json};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "badge",
    file: None,
    lane: None,
    about: "The ruling as a shields.io endpoint badge.",
    docs: include_str!("badge.rs"),
    schema: None,
    write: |verdict, out| write_document(&compose(verdict), out),
};

fn compose(verdict: &Verdict) -> Value {
    let ruling = verdict.ruling();
    let excused = match (ruling, verdict.exceptions_used()) {
        (Ruling::Fail, _) | (_, 0) => None,
        (Ruling::Warn | Ruling::Pass, 1) => Some("1 exception".to_owned()),
        (Ruling::Warn | Ruling::Pass, count) => Some(format!("{count} exceptions")),
    };
    let color = match (ruling, &excused) {
        (Ruling::Fail, _) => "red",
        (Ruling::Warn, _) => "yellow",
        (Ruling::Pass, Some(_)) => "yellowgreen",
        (Ruling::Pass, None) => "brightgreen",
    };
    let more = if verdict.rolled_back() { Some("rolled back".to_owned()) } else { excused };
    let message = std::iter::once(ruling.word().to_owned()).chain(more).collect::<Vec<_>>().join(", ");
    json!({ "schemaVersion": 1, "label": "gatekeeper", "message": message, "color": color, "isError": ruling == Ruling::Fail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical;

    #[test]
    fn only_a_pass_without_exceptions_is_green() {
        let told = canonical::all().into_iter().map(|(name, verdict)| {
            let badge = canonical::json(&FORMAT, &verdict);
            assert_eq!((&badge["schemaVersion"], &badge["label"]), (&json!(1), &json!("gatekeeper")));
            assert_eq!(badge["isError"], verdict.ruling() == Ruling::Fail, "{name}");
            let text = |field: &str| badge[field].as_str().expect("a text").to_owned();
            format!("{name}: {} {}", text("color"), text("message"))
        });
        let expected = [
            "all pass: brightgreen pass",
            "cause and consequences: red fail",
            "gap: red fail",
            "waived and skipped: yellowgreen pass, 1 exception",
            "advisory: yellow warn",
            "preflight stopped: red fail",
            "rolled back: red fail, rolled back",
            "incomplete: red fail",
            "nothing: red fail",
            "hostile: red fail, rolled back",
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
