//! Pages about the gates that are shipped, from their files as `load` reads them.

use super::bless::Pages;
use super::pages::NOTE;
use gatekeeper::gate::{EvidenceNeed, Gate, Paths, Pick, Suite};
use gatekeeper::load::{Selection, builtin_policies};
use gatekeeper::model::parse_instant;
use gatekeeper::pipeline;
use gatekeeper::workspace::Memory;

/// The suites of the builtin policies, by name.
fn suites() -> Vec<(String, Suite)> {
    let workspace = Memory::at(parse_instant("2026-03-02T12:00:00Z").expect("an instant"));
    let policies = builtin_policies();
    assert!(!policies.is_empty(), "no policy is built in");
    let read = policies.into_iter().map(|policy| {
        let loaded = pipeline::load(&workspace, &Selection { policy: Some(policy.to_string()) });
        let problems: Vec<String> =
            loaded.problems.iter().map(|problem| gatekeeper::diagnostic::render(problem, &loaded.sources, false)).collect();
        let suite = loaded.suite.unwrap_or_else(|| panic!("`{policy}` is not sound:\n{}", problems.join("\n")));
        (policy.to_string(), suite)
    });
    read.collect()
}

/// `docs/gates/`.
pub fn pages() -> Pages {
    let mut pages = Pages::new();
    let mut top = format!("{NOTE}\n# Gates\n\n| pack | about |\n|---|---|\n");
    for (policy, suite) in suites() {
        let title = &suite.policy.title;
        top.push_str(&format!("| [`{policy}`]({policy}/README.md) | {title} |\n"));
        let mut index = format!(
            "{NOTE}\n# `{policy}`: {title}\n\nIn the order of the report.\n\n| gate | counts | title |\n|---|---|---|\n"
        );
        for terms in &suite.policy.gates {
            let gate = &suite.gates[&terms.id];
            let counts = counts(terms.blocking, terms.waivable);
            let link = if gate.pack.as_str() == policy { String::new() } else { format!("../{}/", gate.pack) };
            index.push_str(&format!("| [`{0}`]({link}{0}.md) | {counts} | {1} |\n", gate.id, gate.title));
            pages.insert(format!("gates/{}/{}.md", gate.pack, gate.id), page(gate, counts, &suite));
        }
        index.push_str(&parameters(&suite));
        pages.insert(format!("gates/{policy}/README.md"), index);
    }
    pages.insert("gates/README.md".to_owned(), top);
    pages
}

fn counts(blocking: bool, waivable: bool) -> &'static str {
    match (blocking, waivable) {
        (true, true) => "blocking",
        (true, false) => "blocking, never waived",
        (false, true) => "advisory",
        (false, false) => "advisory, never waived",
    }
}

fn parameters(suite: &Suite) -> String {
    let mut text = String::new();
    for (name, parameter) in &suite.policy.parameters {
        text.push_str(&format!("- `policy.{name}`: {}\n", parameter.doc));
    }
    if text.is_empty() { text } else { format!("\n## Parameters\n\n{text}") }
}

fn page(gate: &Gate, counts: &str, suite: &Suite) -> String {
    let mut page = format!(
        "{NOTE}\n# `{}`: {}\n\n{}\n\nCounts: {counts}. Owner: {}. Bead: `{}`.",
        gate.id,
        gate.title,
        gate.why.trim(),
        gate.owner,
        gate.bead
    );
    if !gate.needs.is_empty() {
        let folder = |id| match &suite.gates[id].pack {
            own if *own == gate.pack => String::new(),
            other => format!("../{other}/"),
        };
        let needs: Vec<String> = gate.needs.iter().map(|id| format!("[`{id}`]({}{id}.md)", folder(id))).collect();
        page.push_str(&format!(" Needs: {}.", needs.join(", ")));
    }
    page.push_str("\n\n## Evidence\n\n| id | path | format | terms |\n|---|---|---|---|\n");
    for need in &gate.evidence {
        let path = path(need).replace('|', "\\|");
        let (format, terms) = (need.format.id, terms(need));
        page.push_str(&format!("| `{}` | {path} | [`{format}`](../../evidence/{format}.md) | {terms} |\n", need.id));
    }
    page.push_str("\n## Checks\n\n");
    for check in &gate.checks {
        let finding = check.finding.as_ref().map(|kind| format!(" (finding `{kind}`)")).unwrap_or_default();
        page.push_str(&format!("- [`{0}`](../../checks/{0}.md): {1}{finding}\n", check.kind.id, check.expect));
    }
    page.push_str("\n## Reproduce\n\n```sh\n");
    gate.reproduce.steps.iter().for_each(|step| page.push_str(&format!("{}\n", step.text().trim())));
    page.push_str("```\n");
    if let Some(otherwise) = &gate.reproduce.otherwise {
        page.push_str(&format!("\nWhere there is no such run:\n\n```sh\n{otherwise}\n```\n"));
    }
    page.push_str("\n## When it fails\n\n");
    for (at, step) in gate.remediation.iter().enumerate() {
        page.push_str(&format!("{}. {step}\n", at + 1));
    }
    page
}

fn path(need: &EvidenceNeed) -> String {
    match &need.paths {
        Paths::Declared { base, pattern, pick, fallback } => {
            let pick = match pick {
                Pick::Only => "",
                Pick::All => ", all of them",
                Pick::Newest => ", the newest",
                Pick::NewestRun => ", those of the newest run",
            };
            let fallback = fallback.as_ref().map(|path| format!(", else `{}:{path}`", base.word())).unwrap_or_default();
            format!("`{}:{pattern}`{pick}{fallback}", base.word())
        }
        Paths::Referenced { place, base } => format!("what `{place}` names, below `{}:`", base.word()),
    }
}

fn terms(need: &EvidenceNeed) -> String {
    let mut terms = Vec::new();
    terms.extend(need.schema.as_ref().map(|id| format!("schema `{id}`")));
    terms.extend(need.shape.as_ref().map(|_| "a JSON Schema of its own".to_owned()));
    if let (Some(age), Some(at)) = (&need.max_age, &need.at) {
        terms.push(format!("at most {age} old by `{at}`"));
    }
    let spared: Vec<String> = need.bound.apart_from.iter().map(|pattern| format!("`{pattern}`")).collect();
    let spared = match &*spared {
        [] => String::new(),
        _some => format!(", or of one before it since which nothing changed apart from {}", spared.join(", ")),
    };
    terms.extend(need.bound.commit.as_ref().map(|at| format!("of the commit under judgement by `{at}`{spared}")));
    terms.extend(need.bound.run_id.as_ref().map(|at| format!("of the run under judgement by `{at}`")));
    terms.extend(need.timezone.map(|zone| format!("timestamps without a zone are {zone}")));
    if !need.exclude.is_empty() {
        let left_out: Vec<String> = need.exclude.iter().map(|pattern| format!("`{pattern}`")).collect();
        terms.push(format!("without {}", left_out.join(", ")));
    }
    if need.optional {
        terms.push("may be absent".to_owned());
    }
    terms.join("; ")
}

/// Whether a `case.toml` expects the gate to pass; `None` if it expects nothing of it. With no word about single gates, the
/// verdict speaks for all.
pub fn expected_to_pass(case: &str, gate: &str) -> Option<bool> {
    let table: toml::Table = case.parse().ok()?;
    let expect = table.get("expect")?;
    let of_gate = expect.get("gate").and_then(|gates| gates.get(gate));
    match of_gate {
        Some(stated) => stated.get("standing").or_else(|| stated.get("status"))?.as_str().map(|word| word == "pass"),
        None if expect.get("gate").is_none() => {
            expect.get("verdict")?.as_str().and_then(|verdict| (verdict == "pass").then_some(true))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_for_the_gate_in_question() {
        let case = |expect: &str| format!("says = 'x'\n[expect]\nexit = 0\n{expect}");
        assert_eq!(expected_to_pass(&case("verdict = 'pass'"), "a"), Some(true));
        assert_eq!(expected_to_pass(&case("verdict = 'fail'"), "a"), None);
        assert_eq!(expected_to_pass(&case("[expect.gate.a]\nstanding = 'pass'"), "a"), Some(true));
        assert_eq!(expected_to_pass(&case("[expect.gate.a]\nstatus = 'fail'"), "a"), Some(false));
        assert_eq!(expected_to_pass(&case("verdict = 'pass'\n[expect.gate.b]\nstatus = 'pass'"), "a"), None);
        assert_eq!(expected_to_pass(&case("[expect.gate.a]\nfinding = 'x'"), "a"), None);
    }
}
