//! `claims-allowed`: what it passes, what it finds, and what it cannot judge.

use super::super::testing::Bench;
use crate::model::GapKind;

const CHECK: &str = "kind = 'claims-allowed'\ncontract = 'c'\nartifacts = 'files'\nrelease = 'release'\ntexts = 'readme'\nrecorded = 'recorded'";

const CONTRACT: &str = r#"{"claim_tiers": [
  {"id": "one", "allowed_claim_language": ["runs extensions"], "forbidden_claim_language": ["drop-in replacement"],
   "required_evidence": ["docs/one.json", "docs/one.md", "gate_one"]},
  {"id": "two", "allowed_claim_language": ["drop-in replacement"], "forbidden_claim_language": ["faster than anything"],
   "required_evidence": ["docs/two.json"]}]}"#;

fn release(standing: &str, commit: &str) -> String {
    format!(
        r#"{{"schema": "gatekeeper.verdict/1", "commit": "{commit}", "gates": [{{"id": "gate_one", "status": "pass", "standing": "{standing}"}}]}}"#
    )
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
