//! When a release may go out, and that nothing red hides.

use super::*;
use crate::model::{GapKind, LaneRule, Reason, Standing, Weakening};
use crate::report::canonical::{self, json, named, text};
use crate::report::sanitise::runner_command;
use serde_json::{Value, json as value_of};

fn go() -> Verdict {
    canonical::verdict(vec![canonical::passing("a"), canonical::passing("b")])
}

fn decided(verdict: &Verdict) -> (Decision, Vec<String>) {
    (verdict.decision(), verdict.objections())
}

fn heading(verdict: &Verdict) -> String {
    text(&MARKDOWN, verdict).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn go_needs_every_required_gate() {
    assert_eq!(decided(&go()), (Decision::Go, vec![]));
    assert_eq!(heading(&go()), "# ✅ Release checklist: GO");
    let mut seen = 0;
    for standing in Standing::ALL {
        let mut verdict = go();
        verdict.gates[1].standing = standing;
        let expected = matches!(standing, Standing::Pass | Standing::Waived);
        assert_eq!(verdict.decision() == Decision::Go, expected, "{}", standing.word());
        let box_of_b = if expected { "- [x] `b`" } else { "- [ ] `b`" };
        assert!(text(&MARKDOWN, &verdict).contains(box_of_b), "{}", standing.word());
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn nothing_weak_goes() {
    type Change = fn(&mut Verdict);
    let changes: [(&str, Change); 7] = [
        ("an advisory gate with a gap", |verdict| {
            verdict.gates[1].terms.blocking = false;
            verdict.gates[1].standing = Standing::Advisory;
            verdict.gates[1].reason = Some(Reason::Gap(GapKind::Stale));
        }),
        ("preflight", |verdict| verdict.lane_rule = LaneRule::Preflight),
        ("incomplete", |verdict| verdict.incomplete = Some("cut short".to_owned())),
        ("no gate", |verdict| verdict.gates.clear()),
        ("nothing required", |verdict| verdict.gates.iter_mut().for_each(|gate| gate.terms.blocking = false)),
        ("a switch", |verdict| {
            verdict.weakened_by.push(Weakening { switch: "configuration", detail: "not applied".to_owned() });
        }),
        ("all waived", |verdict| verdict.gates.iter_mut().for_each(|gate| gate.standing = Standing::Waived)),
    ];
    let mut seen = 0;
    for (name, change) in changes {
        let mut verdict = go();
        change(&mut verdict);
        assert_eq!(verdict.decision(), Decision::NoGo, "{name}");
        assert_eq!(heading(&verdict), "# ❌ Release checklist: NO-GO", "{name}");
        assert!(text(&MARKDOWN, &verdict).contains("What speaks against it:\n\n- "), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 7);
    // An advisory gate that was judged and does not stand is what advisory means.
    let mut warned = go();
    warned.gates[1].terms.blocking = false;
    warned.gates[1].standing = Standing::Advisory;
    warned.gates[1].reason = Some(Reason::Finding);
    assert_eq!(warned.decision(), Decision::Go);
}

#[test]
fn a_rollback_is_never_go() {
    let until = go().generated_at;
    let passing = Verdict { mode: Mode::Rollback { rationale: "hotfix".to_owned(), until }, ..go() };
    for verdict in [passing, named("rolled back")] {
        assert_eq!(verdict.decision(), Decision::RolledBack);
        let shown = text(&MARKDOWN, &verdict);
        assert!(shown.starts_with("# ↩ Release checklist: ROLLED BACK\n\n**Rolled back until `"), "{shown}");
        assert_eq!(json(&JSON, &verdict)["decision"], "rolled-back");
    }
}

#[test]
fn waivers_and_a_set_clock_stand_beside_the_decision() {
    let mut verdict = canonical::verdict(vec![canonical::passing("a"), canonical::waived("d")]);
    verdict.weakened_by = vec![Weakening { switch: "clock", detail: "set".to_owned() }];
    let shown = text(&MARKDOWN, &verdict);
    let at = show_instant(verdict.generated_at);
    assert!(shown.starts_with(&format!("# ✅ Release checklist: GO, as of {at}\n")), "{shown}");
    assert!(shown.contains("**Required and waived: `d` fails, and a waiver covers it.**"), "{shown}");
    assert!(shown.contains("- [x] `d` **waived**"), "{shown}");
    // What is waived is red, and its command is told.
    assert!(shown.contains("### `d`: waived"), "{shown}");
    let value = json(&JSON, &verdict);
    assert_eq!((&value["decision"], &value["waived"]), (&value_of!("go"), &value_of!(["d"])));
    assert!(value["gates"][1]["command"].is_string() && value["gates"][0]["command"].is_null(), "{value}");
}

#[test]
fn claims_need_the_gate_that_judges_them() {
    use crate::model::Note;
    let mut verdict = go();
    assert_eq!(json(&JSON, &verdict)["claims"], Value::Null);
    verdict.gates[0].notes = vec![Note::new("claim-tier", "ONE"), Note::new("claim-allowed", "runs")];
    let expected = value_of!({ "gate": "a", "stands": true, "tier": "ONE", "allowed": ["runs"] });
    assert_eq!(json(&JSON, &verdict)["claims"], expected);
    assert!(text(&MARKDOWN, &verdict).contains("Highest tier: `ONE`. It allows:\n\n- `runs`\n"));
    verdict.gates[0].standing = Standing::Fail;
    let expected = value_of!({ "gate": "a", "stands": false, "tier": "none", "allowed": [] });
    assert_eq!(json(&JSON, &verdict)["claims"], expected);
    assert!(text(&MARKDOWN, &verdict).contains("Nothing: `a` does not pass."));
}

#[test]
fn text_from_outside_adds_no_box() {
    let shown = |text_of: &str| text(&MARKDOWN, &canonical::with_text(text_of));
    let (calm, wild) = (shown("calm"), shown(canonical::HOSTILE));
    assert_eq!(runner_command(&wild), None);
    for part in ["\n- [", "\n|", "\n#", "\n- "] {
        assert_eq!(calm.matches(part).count(), wild.matches(part).count(), "{part}: {wild}");
    }
    let mut looked = 0;
    for line in wild.lines().filter(|line| line.starts_with('|') || line.starts_with("- [")) {
        assert!(!line.contains("<script") && !line.contains("@team"), "{line}");
        looked += 1;
    }
    assert!(looked > 10, "{looked}");
}
