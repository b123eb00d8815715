//! Expectations: what a judgement must come to, compared with what it came to.
//!
//! Comes in: the exit code, the verdict's JSON and the text for people. Goes out: one sentence for each thing that differs, with
//! both sides. A gate that the verdict does not have is a difference, never nothing to compare.

use crate::model::{GateId, Pointer};
use serde_json::Value;
use std::collections::BTreeMap;

/// What must come of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The exit code.
    pub exit: u8,
    /// The verdict; `None` only where there is none.
    pub verdict: Option<String>,
    /// Texts that must be in what is printed to people.
    pub stderr: Vec<String>,
    /// What is asked of gates that are not named.
    pub others: Others,
    /// Values of the verdict.
    pub values: Vec<(Pointer, Value)>,
    /// What is asked of gates that are named.
    pub gates: BTreeMap<GateId, ExpectGate>,
}

/// What is asked of gates that a scenario does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They stand as in the base before its edits.
    Same,
    /// Nothing.
    Any,
}

/// What is asked of one gate; `None` asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectGate {
    /// What it counts as.
    pub standing: Option<String>,
    /// The raw word.
    pub status: Option<String>,
    /// Why it does not simply pass.
    pub reason: Option<String>,
    /// The kind of a finding that it has.
    pub finding: Option<String>,
    /// The place of that finding.
    pub at: Option<String>,
    /// Text in its detail.
    pub detail: Option<String>,
}

/// What a judge made of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The exit code.
    pub exit: u8,
    /// The verdict, as JSON; `None` if none was reached.
    pub verdict: Option<String>,
    /// What was printed to people.
    pub stderr: String,
}

/// A verdict as far as scenarios look at it.
pub struct Seen {
    root: Value,
}

impl Seen {
    /// Reads a verdict.
    ///
    /// # Errors
    /// A sentence: it is no JSON, or its gates are not where readers look for them.
    pub fn read(text: &str) -> Result<Self, String> {
        let root: Value = serde_json::from_str(text).map_err(|error| format!("the verdict is no JSON: {error}"))?;
        match root.pointer("/gates") {
            Some(Value::Array(gates)) if !gates.is_empty() => Ok(Self { root }),
            Some(_) | None => Err("the verdict has no gates".to_owned()),
        }
    }

    fn gates(&self) -> impl Iterator<Item = (&str, &Value)> {
        let gates = self.root.pointer("/gates").and_then(Value::as_array).into_iter().flatten();
        gates.map(|gate| (text(gate, "id").unwrap_or("(a gate without an id)"), gate))
    }

    fn gate(&self, id: &str) -> Option<&Value> {
        self.gates().find(|(own, _)| *own == id).map(|(_, gate)| gate)
    }
}

impl Expect {
    /// Whether the base must be judged too.
    pub fn needs_base(&self) -> bool {
        self.verdict.is_some() && self.others == Others::Same
    }

    /// Everything that is not as expected. `base` is the verdict before the edits, if it was asked for.
    pub fn differences(&self, judged: &Judged, base: Option<&Seen>) -> Vec<String> {
        let mut found = Vec::new();
        compare(&mut found, "exit code", Some(&self.exit.to_string()), Some(&judged.exit.to_string()));
        for wanted in self.stderr.iter().filter(|wanted| !judged.stderr.contains(wanted.as_str())) {
            found.push(format!("stderr: expected `{wanted}` in it, found: {}", excerpt(&judged.stderr)));
        }
        match (&self.verdict, &judged.verdict) {
            (None, None) => {}
            (None, Some(_)) => found.push("verdict: expected none, found one".to_owned()),
            (Some(wanted), None) => {
                found.push(format!("verdict: expected `{wanted}`, found none; stderr: {}", excerpt(&judged.stderr)));
            }
            (Some(wanted), Some(text)) => match Seen::read(text) {
                Ok(seen) => self.verdict_differences(&mut found, wanted, &seen, base),
                Err(sentence) => found.push(sentence),
            },
        }
        found
    }

    fn verdict_differences(&self, found: &mut Vec<String>, wanted: &str, seen: &Seen, base: Option<&Seen>) {
        compare(found, "verdict", Some(wanted), text(&seen.root, "verdict"));
        for (pointer, wanted) in &self.values {
            let actual = seen.root.pointer(pointer.as_str());
            if actual != Some(wanted) {
                let actual = actual.map_or("nothing there".to_owned(), |value| format!("`{value}`"));
                found.push(format!("verdict at {pointer}: expected `{wanted}`, found {actual}"));
            }
        }
        for (id, wanted) in &self.gates {
            match seen.gate(id.as_str()) {
                Some(gate) => wanted.differences(found, id, gate),
                None => found.push(format!("gate `{id}`: expected in the verdict, found no such gate")),
            }
        }
        let Some(base) = base else { return };
        let named = |id: &str| self.gates.keys().any(|named| named.as_str() == id);
        for (id, before) in base.gates().filter(|(id, _)| !named(id)) {
            match seen.gate(id) {
                Some(after) => {
                    for key in ["standing", "status"] {
                        let what = format!("gate `{id}`, not named here: {key}");
                        compare(found, &what, text(before, key), text(after, key));
                    }
                }
                None => found.push(format!("gate `{id}`, not named here: in the base's verdict, and not in this one")),
            }
        }
        for (id, _) in seen.gates().filter(|(id, _)| !named(id) && base.gate(id).is_none()) {
            found.push(format!("gate `{id}`, not named here: in this verdict, and not in the base's"));
        }
    }
}

impl ExpectGate {
    fn differences(&self, found: &mut Vec<String>, id: &GateId, gate: &Value) {
        for (key, wanted) in [("standing", &self.standing), ("status", &self.status), ("reason", &self.reason)] {
            if wanted.is_some() {
                compare(found, &format!("gate `{id}`: {key}"), wanted.as_deref(), text(gate, key));
            }
        }
        let detail = text(gate, "detail").unwrap_or_default();
        if let Some(wanted) = self.detail.as_ref().filter(|wanted| !detail.contains(wanted.as_str())) {
            found.push(format!("gate `{id}`: detail: expected `{wanted}` in it, found `{detail}`"));
        }
        if self.finding.is_none() && self.at.is_none() {
            return;
        }
        let findings: Vec<(&str, String)> = gate
            .pointer("/findings")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|finding| (text(finding, "kind").unwrap_or_default(), place(finding.get("at"))))
            .collect();
        let fits = |(kind, at): &(&str, String)| {
            self.finding.as_deref().is_none_or(|wanted| wanted == *kind)
                && self.at.as_ref().is_none_or(|wanted| wanted == at)
        };
        if !findings.iter().any(fits) {
            let (kind, at) = (self.finding.as_deref().unwrap_or("any kind"), self.at.as_deref().unwrap_or("any place"));
            let shown: Vec<String> = findings.iter().take(8).map(|(kind, at)| format!("`{kind}` at `{at}`")).collect();
            let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
            found.push(format!("gate `{id}`: expected a finding `{kind}` at `{at}`, found {shown}"));
        }
    }
}

/// The place of a finding, as people write it.
fn place(at: Option<&Value>) -> String {
    let Some(at) = at else { return String::new() };
    let line = at.get("line").and_then(Value::as_u64).map(|line| format!(":{line}")).unwrap_or_default();
    let pointer = text(at, "pointer").filter(|pointer| !pointer.is_empty()).map(|pointer| format!("#{pointer}"));
    format!("{}{line}{}", text(at, "path").unwrap_or_default(), pointer.unwrap_or_default())
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn compare(found: &mut Vec<String>, what: &str, expected: Option<&str>, actual: Option<&str>) {
    if expected != actual {
        let show = |side: Option<&str>| side.map_or("nothing".to_owned(), |side| format!("`{side}`"));
        found.push(format!("{what}: expected {}, found {}", show(expected), show(actual)));
    }
}

/// What a text for people says went wrong: the headlines of its errors, else its end.
pub(super) fn excerpt(text: &str) -> String {
    const HEADLINES: usize = 3;
    const BYTES: usize = 300;
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error")).collect();
    if errors.is_empty() {
        let text = text.trim();
        let start = text.ceil_char_boundary(text.len().saturating_sub(BYTES));
        return if text.is_empty() { "nothing".to_owned() } else { text[start..].to_owned() };
    }
    let more = errors.len().saturating_sub(HEADLINES);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", errors.iter().take(HEADLINES).copied().collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(a: &str, b: &str) -> String {
        json!({
            "verdict": "fail",
            "gates": [
                { "id": "a", "status": a, "standing": a, "reason": "finding", "detail": "too low", "findings": [
                    { "kind": "below", "at": { "path": "x.json", "pointer": "/n" } },
                    { "kind": "cut", "at": { "path": "y.jsonl", "line": 3 } },
                    { "kind": "odd", "at": null }
                ] },
                { "id": "b", "status": b, "standing": b, "reason": null, "findings": [] }
            ]
        })
        .to_string()
    }

    fn expect(gate: ExpectGate) -> Expect {
        let gates = [(GateId::try_from("a").expect("an id"), gate)].into();
        let verdict = Some("fail".to_owned());
        Expect { exit: 1, verdict, stderr: Vec::new(), others: Others::Same, values: Vec::new(), gates }
    }

    fn judged(exit: u8, verdict: Option<String>) -> Judged {
        Judged { exit, verdict, stderr: "error: gone".to_owned() }
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_as_expected_says_nothing() {
        let gate = ExpectGate {
            standing: some("fail"),
            status: some("fail"),
            reason: some("finding"),
            finding: some("below"),
            at: some("x.json#/n"),
            detail: some("low"),
        };
        let base = Seen::read(&verdict("pass", "pass")).expect("a verdict");
        let found = expect(gate).differences(&judged(1, Some(verdict("fail", "pass"))), Some(&base));
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn each_difference_is_told_with_both_sides() {
        let told = |expect: Expect, judged: Judged, base: Option<&Seen>| expect.differences(&judged, base).join("\n");
        let fails = || judged(1, Some(verdict("fail", "pass")));
        let gate = |standing: &str, finding: &str, at: &str| {
            expect(ExpectGate { standing: some(standing), finding: some(finding), at: some(at), ..ExpectGate::default() })
        };
        let base = Seen::read(&verdict("pass", "fail")).expect("a verdict");
        let other = told(gate("fail", "cut", "y.jsonl:3"), fails(), Some(&base));
        assert_eq!(other.lines().count(), 2, "{other}");
        assert!(other.contains("gate `b`, not named here: standing: expected `fail`, found `pass`"), "{other}");
        let wrong = told(gate("waived", "below", "y.jsonl:3"), fails(), None);
        assert!(wrong.contains("standing: expected `waived`, found `fail`"), "{wrong}");
        assert!(wrong.contains("expected a finding `below` at `y.jsonl:3`, found `below` at `x.json#/n`"), "{wrong}");
        let none = told(gate("fail", "odd", ""), judged(4, None), None);
        assert!(none.contains("expected `1`, found `4`") && none.contains("found none; stderr: error: gone"), "{none}");
        let mut absent = gate("fail", "odd", "");
        absent.gates = [(GateId::try_from("z").expect("an id"), ExpectGate::default())].into();
        assert!(told(absent, fails(), None).contains("no such gate"));
        let broken = Expect { exit: 2, verdict: None, stderr: vec!["lost".into()], ..gate("fail", "odd", "") };
        let broken = told(broken, judged(2, Some(verdict("fail", "pass"))), None);
        assert!(broken.contains("expected none, found one") && broken.contains("expected `lost`"), "{broken}");
        let values = vec![(Pointer::parse("/verdict").expect("a pointer"), json!("pass"))];
        let value = told(Expect { values, ..gate("fail", "odd", "") }, fails(), None);
        assert!(value.contains("verdict at /verdict: expected `\"pass\"`, found `\"fail\"`"), "{value}");
        assert!(told(gate("fail", "odd", ""), judged(1, some("{}")), None).contains("no gates"));
    }
}
