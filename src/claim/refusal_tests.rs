//! What is refused at which tier, which tier may be claimed, and what excuses a phrase.

use super::*;
use crate::claim::{Proof, Proofs, Release, assess};
use crate::model::{Document, Map, Value};

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(Map::from_entries(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()).expect("each once"))
}

fn tier(id: &str, allowed: &[&str], forbidden: &[&str], required: &[&str]) -> Value {
    map(vec![
        ("id", id.into()),
        ("allowed_claim_language", list(allowed)),
        ("forbidden_claim_language", list(forbidden)),
        ("required_evidence", list(required)),
    ])
}

fn contract() -> Contract {
    let tiers = vec![
        tier(
            "one",
            &["runs extensions", "no drop-in replacement"],
            &["drop-in replacement", "runs Node programs", "faster than anything"],
            &["docs/one.json"],
        ),
        tier("two", &["runs Node programs"], &["drop-in replacement", "faster than anything"], &["gate_two"]),
        tier("three", &["drop-in replacement"], &["faster than anything"], &["docs/three.json"]),
    ];
    let strict = map(vec![("overall_verdict", "CERTIFIED".into()), ("required_artifacts", list(&["docs/cert.json"]))]);
    let root = map(vec![("claim_tiers", Value::List(tiers)), ("strict_replacement", strict)]);
    Contract::read(Document::new(root).root()).expect("a sound contract")
}

fn told(text: &str, highest: Option<usize>) -> Vec<String> {
    let said = check(text, &contract(), highest);
    let overclaims = said.overclaims.iter().map(|one| {
        let by = one.allowed_by.as_deref().unwrap_or("no tier");
        format!("{}-{}: {} | {by}", one.first, one.last, one.phrase)
    });
    overclaims.chain(said.fences.iter().map(|fault| format!("{}: {}", fault.line, fault.actual))).collect()
}

#[test]
fn what_goes_beyond_the_tier_is_refused() {
    let text = "It runs extensions.\nIt runs Node\nprograms, a **drop-in** replacement faster than anything.";
    assert_eq!(
        told(text, Some(0)),
        ["2-3: runs Node programs | two", "3-3: drop-in replacement | three", "3-3: faster than anything | no tier"]
    );
    assert_eq!(told(text, Some(1)), ["3-3: drop-in replacement | three", "3-3: faster than anything | no tier"]);
    assert_eq!(told(text, Some(2)), ["3-3: faster than anything | no tier"]);
}

#[test]
fn without_any_tier_every_claim_is_refused() {
    assert_eq!(
        told("It runs extensions, no drop-in replacement.", None),
        ["1-1: runs extensions | one", "1-1: no drop-in replacement | one", "1-1: drop-in replacement | three"]
    );
    assert_eq!(told("It is a program.", None), Vec::<String>::new());
}

#[test]
fn a_longer_phrase_that_is_allowed_is_no_claim() {
    assert_eq!(told("This is no drop-in replacement.", Some(0)), Vec::<String>::new());
    // The word that would excuse it is in a tag, where nobody sees it.
    assert_eq!(told("This is a <x no>drop-in replacement.", Some(0)), ["1-1: drop-in replacement | three"]);
}

#[test]
fn quotes_are_excused_by_sound_fences_alone() {
    let fenced = "<!-- gatekeeper: claims off: quotes the policy -->drop-in replacement<!-- gatekeeper: claims on -->";
    assert_eq!(told(fenced, Some(0)), Vec::<String>::new());
    assert_eq!(told(&format!("{fenced} drop-in replacement"), Some(0)), ["1-1: drop-in replacement | three"]);
    let reasonless = fenced.replace(": quotes the policy", "");
    assert_eq!(told(&reasonless, Some(0)), ["1-1: drop-in replacement | three", "1: none"]);
    let unclosed = fenced.replace("claims on", "");
    assert_eq!(told(&unclosed, Some(0)).len(), 3);
    // A fence in the middle of a phrase does not break it.
    let split = "drop-in <!-- gatekeeper: claims off: nothing --><!-- gatekeeper: claims on -->replacement";
    assert_eq!(told(split, Some(0)), ["1-1: drop-in replacement | three"]);
}

fn proofs(files: &[(&str, Option<&str>)], standing: &str) -> Proofs {
    let sound = |(path, verdict): &(&str, Option<&str>)| ((*path).to_owned(), Proof::Sound(verdict.map(str::to_owned)));
    let gates = std::iter::once(("gate_two".to_owned(), standing.to_owned())).collect();
    Proofs { artifacts: files.iter().map(sound).collect(), release: Some(Ok(Release { run_id: None, gates })) }
}

#[test]
fn tiers_are_cumulative_and_need_all_their_evidence() {
    let all = [("docs/one.json", None), ("docs/three.json", None), ("docs/cert.json", Some("CERTIFIED"))];
    let tier = |proofs: &Proofs| assess(&contract(), proofs).tier().to_owned();
    assert_eq!(tier(&proofs(&all, "pass")), "three");
    assert_eq!(tier(&proofs(&all, "waived")), "one");
    assert_eq!(tier(&proofs(&all[1..], "pass")), "none");
    assert_eq!(tier(&proofs(&all[..2], "pass")), "two");
    let revoked = [all[0], all[1], ("docs/cert.json", Some("NOT_CERTIFIED"))];
    assert_eq!(tier(&proofs(&revoked, "pass")), "two");
    let silent = [all[0], all[1], ("docs/cert.json", None)];
    assert_eq!(tier(&proofs(&silent, "pass")), "two");
    assert_eq!(tier(&Proofs::default()), "none");
    let unreadable = Proofs { release: Some(Err((None, "it is damaged".to_owned()))), ..proofs(&all, "pass") };
    assert_eq!(assess(&contract(), &unreadable).tiers[1].missing[0].because, "it is damaged");
}

#[test]
fn a_contract_that_says_nothing_is_none() {
    let read = |tiers: Vec<Value>| Contract::read(Document::new(map(vec![("claim_tiers", Value::List(tiers))])).root());
    let sound = || tier("one", &["a claim"], &["another claim"], &["gate"]);
    assert!(read(vec![sound()]).is_ok());
    let unsound = [
        vec![],
        vec![sound(), sound()],
        vec![tier("one", &[], &["another claim"], &["gate"])],
        vec![tier("one", &["a claim"], &[], &["gate"])],
        vec![tier("one", &["a claim"], &["another claim"], &[])],
        vec![tier(" ", &["a claim"], &["another claim"], &["gate"])],
        vec![tier("one", &["a claim"], &["- -"], &["gate"])],
        vec![tier("one", &["a claim"], &["A *Claim*"], &["gate"])],
        vec![tier("one", &["a claim"], &["another claim"], &[" "])],
        vec!["one".into()],
    ];
    let mut looked = 0;
    for tiers in unsound {
        assert!(read(tiers).is_err(), "case {looked}");
        looked += 1;
    }
    assert_eq!(looked, 10);
}

#[test]
fn prose_is_no_evidence() {
    let root = map(vec![(
        "claim_tiers",
        Value::List(vec![tier("one", &["a claim"], &["another one"], &["All tests are green."])]),
    )]);
    let contract = Contract::read(Document::new(root).root()).expect("a sound contract");
    let seen = assess(&contract, &Proofs::default());
    assert_eq!((seen.tier(), seen.tiers[0].missing[0].because.as_str()), ("none", "it names neither a gate nor a file"));
}
