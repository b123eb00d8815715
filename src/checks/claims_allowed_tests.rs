//! `claims-allowed`: what it passes, what it finds, and what it cannot judge.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'claims-allowed'\ncontract = 'c'\nartifacts = 'files'\nrelease = 'release'\ntexts = 'readme'\nrecorded = 'recorded'";

const CONTRACT: &str = r#"{"claim_tiers": [
  {"id": "one", "allowed_claim_language": ["runs extensions"], "forbidden_claim_language": ["drop-in replacement"],
   "required_evidence": ["docs/one.json", "docs/one.md", "gate_one"]},
  {"id": "two", "allowed_claim_language": ["drop-in replacement"], "forbidden_claim_language": ["faster than anything"],
   "required_evidence": ["docs/two.json"]}]}"#;

/// A verdict of one commit with this gate, and another one that fails or not.
fn release_with(gate: &str, commit: &str, other: &str) -> String {
    let (verdict, standing) = if other == "pass" { ("pass", 2) } else { ("fail", 1) };
    let other = format!(r#"{{"id": "other", "blocking": true, "status": "{other}", "standing": "{other}"}}"#);
    format!(
        r#"{{"schema": "gatekeeper.verdict/1", "commit": "{commit}", "verdict": "{verdict}", "gates": [{gate}, {other}],
            "summary": {{"blocking": {{"standing": {standing}, "total": 2}}}}}}"#
    )
}

fn gate(status: &str, standing: &str) -> String {
    let checks = format!(r#"[{{"outcome": "{status}"}}]"#);
    format!(r#"{{"id": "gate_one", "blocking": true, "status": "{status}", "standing": "{standing}", "checks": {checks}}}"#)
}

fn release(standing: &str, commit: &str) -> String {
    release_with(&gate(if standing == "pass" { "pass" } else { "fail" }, standing), commit, "pass")
}

fn bench(readme: &str, release: &str, tier: &str, decision: &str) -> Bench {
    Bench::new(CHECK)
        .json("c", CONTRACT)
        .json_at("files", "docs/one.json", r#"{"a": 1}"#)
        .bytes("files", "docs/one.md", 9)
        .damaged("files", "docs/two.json", GapKind::Missing)
        .json("release", release)
        .text_at("readme", "README.md", readme)
        .json("recorded", &format!(r#"{{"tier": "{tier}", "decision": "{decision}"}}"#))
        .commit("abc")
}

#[test]
fn a_text_within_its_tier_passes() {
    assert_eq!(bench("It runs extensions.", &release("pass", "abc"), "one", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_text_beyond_its_tier_is_told_with_its_lines() {
    let told = bench("It is a\n*drop-in*\nreplacement.", &release("pass", "abc"), "one", "blocked").told();
    let expected = "nothing beyond the tier `one` | `drop-in replacement`, up to line 3; `two` would allow it";
    assert_eq!(told, [format!("overclaim README.md:2: {expected}")]);
}

#[test]
fn without_evidence_nothing_may_be_claimed() {
    let releases = [release("waived", "abc"), release("pass", "def"), "{}".to_owned()];
    let mut looked = 0;
    for release in releases {
        let told = bench("It runs extensions.", &release, "none", "blocked").told();
        let expected = "nothing beyond the tier `none` | `runs extensions`; `one` would allow it";
        assert_eq!(told, [format!("overclaim README.md:1: {expected}")], "{release}");
        looked += 1;
    }
    assert_eq!(looked, 3);
    assert_eq!(bench("It is a program.", "{}", "none", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_recorded_verdict_that_says_otherwise_is_told() {
    assert_eq!(
        bench("It runs extensions.", &release("pass", "abc"), "two", "maybe").told(),
        [
            "contradiction recorded.json#/tier: `one`, as evidence and texts come to | \"two\"",
            "contradiction recorded.json#/decision: `allowed`, as evidence and texts come to | \"maybe\""
        ]
    );
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let contract = |json: &str| {
        Bench::new("kind = 'claims-allowed'\ncontract = 'c'\nartifacts = 'files'\ntexts = 'readme'")
            .json("c", json)
            .bytes("files", "docs/one.json", 9)
            .text_at("readme", "README.md", "text")
            .told()
    };
    assert_eq!(contract("{}"), ["error invalid c.json#/claim_tiers: the tiers, at least one | nothing"]);
    // A JSON file of which only bytes were read proves nothing, and one that is not named by the contract neither.
    assert_eq!(contract(CONTRACT), ["pass 1"]);
    let blank = bench(" ", &release("pass", "abc"), "one", "allowed").told();
    assert_eq!(blank, ["error empty README.md: text | nothing to examine"]);
}

#[test]
fn a_verdict_that_fails_elsewhere_is_evidence_for_what_stands_in_it() {
    let failing = release_with(&gate("pass", "pass"), "abc", "fail");
    assert_eq!(bench("It runs extensions.", &failing, "one", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_verdict_that_contradicts_itself_blocks_whatever_the_texts_say() {
    let sound = release("pass", "abc");
    let wrong = [
        (
            sound.replace(r#""verdict": "pass""#, r#""verdict": "fail""#),
            "/verdict: `pass` or `warn`, as `verdict.gates` come to | `fail`",
        ),
        (
            release_with(&gate("pass", "pass"), "abc", "fail").replace(r#""verdict": "fail""#, r#""verdict": "pass""#),
            "/verdict: `fail`, as `verdict.gates` come to | `pass`",
        ),
        (
            sound.replace(r#""standing": 2"#, r#""standing": 1"#),
            "/summary/blocking/standing: 2, as `verdict.gates` come to | 1",
        ),
        (
            sound.replace(r#""total": 2"#, r#""total": "2""#),
            "/summary/blocking/total: 2, as `verdict.gates` come to | nothing",
        ),
        (
            release_with(&gate("pass", "waived"), "abc", "pass"),
            "/gates/0/status: a status that goes with the standing `waived` of `gate_one` | `pass`",
        ),
        (
            sound.replace(r#""outcome": "pass""#, r#""outcome": "fail""#),
            "/gates/0/checks/0/outcome: no check of `gate_one`, which passed, that did not | `fail`",
        ),
        (
            sound.replace(r#""checks""#, r#""reason": "finding", "checks""#),
            "/gates/0/reason: no reason why `gate_one` does not pass | `finding`",
        ),
        (
            sound.replace(r#""checks""#, r#""findings": [{}], "checks""#),
            "/gates/0/findings: nothing against `gate_one`, which passed | something",
        ),
        (sound.replace("\"other\"", "\"gate_one\""), "/gates/1/id: each gate once | `gate_one` again"),
        (
            release_with(&gate("warn", "advisory"), "abc", "pass"),
            "/gates/0/standing: a standing of `gate_one` that goes with `blocking`, true | `advisory`",
        ),
    ];
    let mut looked = 0;
    for (release, told) in wrong {
        assert_ne!(release, sound);
        let said = bench("It is a program.", &release, "none", "allowed").told();
        assert_eq!(said, [format!("contradiction release.json#{told}")], "{release}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn the_notes_name_the_tier_and_its_words() {
    let notes = bench("It runs extensions.", &release("pass", "abc"), "one", "allowed").notes();
    assert_eq!(notes, ["claim-tier: one", "claim-allowed: runs extensions"]);
    assert_eq!(bench("It runs extensions.", "{}", "none", "allowed").notes(), ["claim-tier: none"]);
    let torn = bench("x", "{}", "none", "allowed").gap("readme", GapKind::Missing).gap("c", GapKind::Malformed).notes();
    assert!(torn.is_empty());
}
