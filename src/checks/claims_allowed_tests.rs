//! `claims-allowed`: what it passes, what it finds, and what it cannot judge.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'claims-allowed'\ncontract = 'c'\nartifacts = 'files'\nrelease = 'release'\ntexts = 'readme'\nrecorded = 'recorded'";

const CONTRACT: &str = r#"{"claim_tiers": [
  {"id": "one", "allowed_claim_language": ["runs extensions"], "forbidden_claim_language": ["drop-in replacement"],
   "required_evidence": ["docs/one.json", "docs/one.md", "gate_one"]},
  {"id": "two", "allowed_claim_language": ["drop-in replacement"], "forbidden_claim_language": ["faster than anything"],
   "required_evidence": ["docs/two.json"]}]}"#;

/// Two commits.
const OURS: &str = "abababababababababababababababababababab";
const THEIRS: &str = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

/// A verdict of one commit with this gate, and another one that fails or not.
fn release_with(one: &str, commit: &str, other: &str) -> String {
    let passed = [one, other].iter().filter(|word| **word == "pass").count();
    let waived = usize::from(one == "waived");
    let (verdict, reason) = match (other, waived) {
        ("pass", 0) => ("pass", "every gate passed"),
        ("pass", _) => ("pass", "every gate that is not waived passed; with 1 exception"),
        (_, _) => ("fail", "blocking gate `other` failed"),
    };
    let used = r#"{"gate": "gate_one", "at": "/waiver/gate_one", "validity": "active", "used": true, "renewals": 0, "problems": []}"#;
    let switch = r#"{"switch": "waiver", "detail": "`gate_one` failed and is waived"}"#;
    let (used, switch) = if waived == 1 { (used, switch) } else { ("", "") };
    let (failed, standing) = (2 - passed - waived, passed + waived);
    format!(
        r#"{{"schema": "gatekeeper.verdict/1", "tool": {{"name": "gatekeeper", "version": "{version}"}},
            "generated_at": "2026-03-02T11:00:00Z", "lane": "full", "mode": "strict", "verdict": "{verdict}", "reason": "{reason}",
            "run": null, "commit": "{commit}", "policy": {{"id": "mine", "sha256": "{digest}"}},
            "gates": [{one}, {other}], "evidence": [], "exceptions": {{"waivers": [{used}], "quarantine": [], "unused": []}},
            "weakened_by": [{switch}],
            "summary": {{"gates": 2, "passed": {passed}, "failed": {failed}, "warned": 0, "skipped": 0, "waived": {waived}, "blocked": 0,
                         "blocking": {{"standing": {standing}, "total": 2}}}}}}"#,
        version = env!("CARGO_PKG_VERSION"),
        digest = "0".repeat(64),
        one = gate("gate_one", one),
        other = gate("other", other),
    )
}

fn gate(id: &str, standing: &str) -> String {
    let (status, reason, examined) = if standing == "pass" { ("pass", "null", 1) } else { ("fail", "\"finding\"", 0) };
    let found = r#"{"kind": "k", "expected": "a", "actual": "b", "at": null, "next": null}"#;
    let findings = if standing == "pass" { "" } else { found };
    format!(
        r#"{{"id": "{id}", "name": "n", "bead": "b", "owner": "o", "status": "{status}", "standing": "{standing}", "reason": {reason},
            "blocking": true, "waivable": true, "artifact_path": null, "detail": "d", "findings": [{findings}],
            "checks": [{{"kind": "holds", "expect": "e", "outcome": "{status}", "examined": {examined}}}], "blocked_by": [],
            "reproduce_command": "make", "remediation": []}}"#
    )
}

fn release(standing: &str, commit: &str) -> String {
    release_with(standing, commit, "pass")
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
        .commit(OURS)
}

#[test]
fn a_text_within_its_tier_passes() {
    assert_eq!(bench("It runs extensions.", &release("pass", OURS), "one", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_text_beyond_its_tier_is_told_with_its_lines() {
    let told = bench("It is a\n*drop-in*\nreplacement.", &release("pass", OURS), "one", "blocked").told();
    let expected = "nothing beyond the tier `one` | `drop-in replacement`, up to line 3; `two` would allow it";
    assert_eq!(told, [format!("overclaim README.md:2: {expected}")]);
}

#[test]
fn without_evidence_nothing_may_be_claimed() {
    // One of another commit, and one that is none, tell nothing: the verdict is what is missing, and nothing is known to be too much.
    for release in [release("pass", THEIRS), "{}".to_owned()] {
        let told = bench("It runs extensions.", &release, "none", "blocked").told();
        assert!(
            told.iter().all(|line| line.starts_with("error unbound release.json: a release verdict of this commit")),
            "{told:?}"
        );
        assert!(!told.is_empty(), "{release}");
    }
    let releases = [release("waived", OURS)];
    let mut looked = 0;
    for release in releases {
        let told = bench("It runs extensions.", &release, "none", "blocked").told();
        let expected = "nothing beyond the tier `none` | `runs extensions`; `one` would allow it";
        assert_eq!(told, [format!("overclaim README.md:1: {expected}")], "{release}");
        looked += 1;
    }
    assert_eq!(looked, 1);
    assert_eq!(bench("It is a program.", "{}", "none", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_recorded_verdict_that_says_otherwise_is_told() {
    assert_eq!(
        bench("It runs extensions.", &release("pass", OURS), "two", "maybe").told(),
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
    let blank = bench(" ", &release("pass", OURS), "one", "allowed").told();
    assert_eq!(blank, ["error empty README.md: text | nothing to examine"]);
}

#[test]
fn a_verdict_that_fails_elsewhere_is_evidence_for_what_stands_in_it() {
    let failing = release_with("pass", OURS, "fail");
    assert_eq!(bench("It runs extensions.", &failing, "one", "allowed").told(), ["pass 1"]);
}

#[test]
fn a_verdict_that_contradicts_itself_blocks_whatever_the_texts_say() {
    let sound = release("pass", OURS);
    let failing = release_with("pass", OURS, "fail");
    let one = |from: &str, to: &str| sound.replacen(from, to, 1);
    let wrong = [
        (one(r#""verdict": "pass""#, r#""verdict": "fail""#), "/verdict"),
        (failing.replace(r#""verdict": "fail""#, r#""verdict": "pass""#), "/verdict"),
        (one(r#""standing": 2"#, r#""standing": 1"#), "/summary/blocking/standing"),
        (one(r#""total": 2"#, r#""total": "2""#), "/summary/blocking/total"),
        (one(r#""standing": "pass""#, r#""standing": "waived""#), "/gates/0/standing"),
        (one(r#""outcome": "pass""#, r#""outcome": "fail""#), "/gates/0/status"),
        (one(r#""reason": null"#, r#""reason": "finding""#), "/gates/0/reason"),
        (one(r#""findings": []"#, r#""findings": [{"kind": "k", "expected": "a", "actual": "b"}]"#), "/gates/0/findings"),
        (sound.replace("\"other\"", "\"gate_one\""), "/gates/1/id"),
        (one(r#""standing": "pass""#, r#""standing": "advisory""#), "/gates/0/standing"),
    ];
    let mut looked = 0;
    for (release, told) in wrong {
        assert_ne!(release, sound);
        let said = bench("It is a program.", &release, "none", "allowed").told();
        let at = format!("contradiction release.json#{told}: ");
        assert!(said.len() == 1 && said[0].starts_with(&at), "{said:?}: {release}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn the_notes_name_the_tier_and_its_words() {
    let notes = bench("It runs extensions.", &release("pass", OURS), "one", "allowed").notes();
    assert_eq!(notes, ["claim-tier: one", "claim-allowed: runs extensions"]);
    assert_eq!(bench("It runs extensions.", "{}", "none", "allowed").notes(), ["claim-tier: none"]);
    let torn = bench("x", "{}", "none", "allowed").gap("readme", GapKind::Missing).gap("c", GapKind::Malformed).notes();
    assert!(torn.is_empty());
}
