//! The page is whole, inert and the same for everybody; `.ci/outputs.py` opens it in a browser.

use super::*;
use crate::model::{Digest, Finding, GateId, Limit, Measure, Number};
use crate::report::canonical::{self, HOSTILE, failing, named, passing, verdict, with_text};
use base64ct::{Base64, Encoding};
use std::collections::BTreeSet;

fn page(verdict: &Verdict) -> String {
    canonical::text(&FORMAT, verdict)
}

fn digest(of: &str) -> String {
    let hex = Digest::of(of.as_bytes()).to_string();
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits")).collect();
    format!("sha256-{}", Base64::encode_string(&bytes))
}

/// Every tag of the page, without what stands in its script and style.
fn tags(page: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').expect("a tag ends");
        found.push(&rest[at + 1..end]);
        rest = &rest[end + 1..];
        for element in ["script", "style"] {
            if found.last() == Some(&element) {
                rest = &rest[rest.find(&format!("</{element}>")).expect("it ends")..];
            }
        }
    }
    found
}

#[test]
fn the_policy_lets_in_our_style_and_our_script_and_nothing_else() {
    assert_eq!((STYLE_DIGEST, SCRIPT_DIGEST), (&*digest(STYLE), &*digest(SCRIPT)));
    let shown = page(&named("all pass"));
    assert!(shown.contains("content=\"default-src 'none'; style-src 'sha256-"), "{shown}");
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !SCRIPT.contains("innerHTML"));
}

#[test]
fn tags_are_ours_and_closed_and_ids_are_there_once() {
    let void = ["meta", "link", "input", "br", "rect", "path"];
    let mut looked = 0;
    let more = [with_text("<script>alert(1)</script>\" onload='x' &lt;"), with_text(&HOSTILE.repeat(9))];
    for verdict in canonical::all().into_iter().map(|(_, verdict)| verdict).chain(more) {
        let shown = page(&verdict);
        let (mut open, mut ids, mut targets) = (Vec::new(), BTreeSet::new(), Vec::new());
        for tag in tags(&shown) {
            let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty()).expect("a name");
            assert!(!tag.contains(" on") && !tag.contains("javascript:") && !tag.contains(" style="), "{tag}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{tag}");
            } else if !void.contains(&name) && name != "!DOCTYPE" {
                open.push(name);
            }
            if let Some((_, rest)) = tag.split_once(" id=\"") {
                assert!(ids.insert(rest.split('"').next().expect("a value")), "{tag} twice");
            }
            if let Some((_, rest)) = tag.split_once(" href=\"") {
                targets.push(rest.split('"').next().expect("a value"));
            }
            looked += 1;
        }
        assert_eq!(open, [""; 0]);
        let scripts = tags(&shown).into_iter().filter(|tag| tag.starts_with("script")).count();
        assert_eq!(scripts, 1);
        for target in targets.into_iter().filter(|target| *target != "data:,") {
            assert!(target.strip_prefix('#').is_some_and(|id| ids.contains(id)), "{target} leads nowhere");
        }
    }
    assert!(looked > 2_000, "{looked}");
}

#[test]
fn a_failure_has_its_findings_its_command_and_what_waits_behind_it() {
    let shown = page(&named("cause and consequences"));
    let parts = [
        "<title>FAIL: full-suite, gatekeeper</title>",
        "<h1>Release verdict: FAIL</h1>",
        "<strong>contradiction</strong> at <code>tests/phase1_matrix.json#/readiness/status</code>",
        "<dt>Found</dt><dd><code>blocking_reasons.size()</code> = 1</dd>",
        "<pre><code>cargo test --test phase1_matrix -- --exact</code></pre>",
        "<li>Rebuild phase1_matrix.</li>",
        "<h4>Waiting behind it</h4>\n<p><a href=\"#row-evidence_bundle\">",
        "blocking \u{b7} owner release \u{b7} tracker bd-1234 \u{b7} from <code>gates/phase1_matrix.toml:3</code>",
        "<svg class=\"graph\"",
    ];
    for part in parts {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn exceptions_show_how_many_of_their_days_are_over() {
    let shown = page(&named("waived and skipped"));
    for part in
        ["2 days left, until 2026-03-03<svg", "aria-label=\"9 of 11 days over\"", "ended 4 days ago, on 2026-03-03<svg"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("With 1 exception: waived <code>parameter_sweeps</code> (perf, until 2026-03-03)"), "{shown}");
}

#[test]
fn very_many_gates_and_findings_stay_a_page() {
    let mut gates: Vec<_> =
        (0..2_000).map(|n| if n % 4 == 0 { failing(&format!("g{n}")) } else { passing(&format!("g{n}")) }).collect();
    for gate in gates.iter_mut().filter(|gate| !gate.findings.is_empty()) {
        gate.findings = vec![gate.findings[0].clone(); 20];
    }
    for at in 1..gates.len() {
        gates[at].needs = vec![gates[at - 1].id.clone()];
    }
    let shown = page(&verdict(gates));
    assert!(shown.contains("Gates (2000)") && shown.contains("<summary>15 more findings</summary>"));
    assert!(
        shown.contains("Every gate as a square, 2000 in all")
            && shown.matches(" square\"><title>").count() == 2_000
            && shown.len() < 12 << 20,
        "{}",
        shown.len()
    );
    let mut flood = failing("flood");
    flood.findings = vec![flood.findings[0].clone(); 10_000];
    let shown = page(&verdict(vec![flood]));
    assert!(shown.contains("<summary>9995 more findings</summary>") && shown.contains("<p>9000 more in <code>"));
}

#[test]
fn gates_that_need_each_other_are_drawn_and_do_not_hang() {
    let mut gates = vec![passing("a"), passing("b"), passing("c")];
    let id = |name: &str| GateId::try_from(name).expect("an id");
    (gates[0].needs, gates[1].needs) = (vec![id("b"), id("gone")], vec![id("a")]);
    let shown = page(&verdict(gates));
    assert!(shown.contains("<svg class=\"graph\"") && shown.contains("1 gate needs nothing and is not needed."), "{shown}");
}

#[test]
fn what_was_measured_stands_beside_its_limit() {
    let mut gate = passing("coverage");
    gate.measured = vec![
        Measure::of("lines of `src`", 45.0, "%").limit(Limit::AtLeast(Number::Int(90))),
        Measure::count("tests failed", 0).limit(Limit::AtMost(Number::Int(0))),
        Measure::of("p95", 20.0, "ms").limit(Limit::AtMost(Number::Int(80))),
        Measure::count("tests", 28),
    ];
    let mut wrong = failing("b");
    wrong.findings = vec![Finding::new("too-slow", "at most 80 ms", "90 ms").saying("parse: 90 ms, limit 80 ms")];
    let shown = page(&verdict(vec![gate, wrong]));
    let parts = [
        "lines of <code>src</code> 45 % (at least 90 %)",
        "class=\"bar fail\"",
        "class=\"used\" width=\"500\"",
        "class=\"bar pass\"",
        "class=\"used\" width=\"250\"",
        "<td role=\"cell\" class=\"text\" data-label=\"Value and limit\">tests 28</td>",
        "<p>parse: 90 ms, limit 80 ms</p><details><summary>Expected and found</summary><dl><dt>Expected</dt><dd>at most 80 ms</dd>",
    ];
    for part in parts {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(shown.matches("class=\"mark\"").count(), 2);
}
