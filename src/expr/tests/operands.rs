//! What a condition that does not hold shows of itself.

use super::{document, truth};
use crate::expr::{Expression, Scope, Truth};

/// The operands of a failed condition, one a line, with the pointers of those that lie in the document.
fn failed(text: &str) -> Vec<String> {
    match truth(text) {
        Truth::DoesNotHold(operands) => {
            let place = |at: Option<crate::expr::At>| at.map_or(String::new(), |at| format!(" at {}", at.pointer));
            operands.into_iter().map(|operand| format!("{operand}{}", place(operand.at.clone()))).collect()
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn comparisons_show_what_is_not_written_out() {
    assert_eq!(failed("s.status == 'done'"), ["s.status = \"ready\" at /status"]);
    assert_eq!(failed("5 > s.count"), ["s.count = 14 at /count"]);
    assert_eq!(failed("s.count < s.five"), ["s.count = 14 at /count", "s.five = 5 at /five"]);
    assert_eq!(failed("s.tags.size() == 0"), ["s.tags.size() = 3 at /tags"]);
    assert_eq!(failed("'z' in s.tags"), ["s.tags = [\"a\", \"b\", \"c\"] at /tags"]);
    assert_eq!(failed("s.status.startsWith('x')"), ["s.status = \"ready\" at /status"]);
    assert_eq!(failed("s.status.matches('^x')"), ["s.status = \"ready\" at /status"]);
    assert_eq!(failed("1 == 2"), Vec::<String>::new());
    assert_eq!(
        failed("s.count == s.five + s.limits.cpu"),
        ["s.count = 14 at /count", "s.five + s.limits.cpu = 7", "s.five = 5 at /five", "s.limits.cpu = 2 at /limits/cpu"]
    );
    assert_eq!(
        failed("now - timestamp(s.at) < duration('1h')"),
        [
            "now - timestamp(s.at) = 1d",
            "now = 2026-02-01T12:00:00Z",
            "timestamp(s.at) = 2026-01-31T12:00:00Z at /at",
            "s.at = \"2026-01-31T12:00:00Z\" at /at"
        ]
    );
}

#[test]
fn the_decisive_side_is_shown() {
    assert_eq!(failed("s.ready && s.count == 1 && s.five == 1"), ["s.count = 14 at /count"]);
    assert_eq!(failed("s.count == 1 || s.five == 1"), ["s.five = 5 at /five", "s.count = 14 at /count"]);
    assert_eq!(failed("!s.ready"), ["s.ready = true at /ready"]);
    assert_eq!(failed("!(s.count == 1 || s.five == 5)"), ["s.five = 5 at /five"]);
    assert_eq!(failed("!(s.count == 14 && s.five == 5)"), ["s.count = 14 at /count", "s.five = 5 at /five"]);
    assert_eq!(
        failed("s.status == 'ready' ? s.count == 0 : s.five == 0"),
        ["s.status = \"ready\" at /status", "s.count = 14 at /count"]
    );
    assert_eq!(failed("has(s.limits.gpu)"), ["has(s.limits.gpu) = false at /limits"]);
}

#[test]
fn loops_show_the_item_that_decided() {
    assert_eq!(
        failed("s.suites.all(x, x.total > 0 && x.passed == x.total)"),
        ["x.passed = 3 at /suites/1/passed", "x.total = 4 at /suites/1/total"]
    );
    assert_eq!(failed("s.tags.exists(t, t == 'z')"), ["s.tags = [\"a\", \"b\", \"c\"] at /tags"]);
    assert_eq!(failed("!s.tags.exists(t, t == 'b')"), ["t = \"b\" at /tags/1"]);
    assert_eq!(failed("s.tags.exists_one(t, t != 'b')"), ["s.tags.exists_one(t, t != 'b') = 2 of 3 items at /tags"]);
    assert_eq!(
        failed("sum(s.suites.map(x, x.passed)) == s.count"),
        ["sum(s.suites.map(x, x.passed)) = 13", "s.suites.map(x, x.passed) = [10, 3] at /suites", "s.count = 14 at /count"]
    );
    assert_eq!(failed("s.suites.map(x, 1).unique()"), ["s.suites.map(x, 1) = [1, 1] at /suites"]);
}

#[test]
fn the_text_is_the_text_as_written() {
    assert_eq!(failed("(s.count + 1) * 2 == 0")[0], "(s.count + 1) * 2 = 30");
    assert_eq!(failed("s . tags [ 0 ] == 'z'"), ["s . tags [ 0 ] = \"a\" at /tags/0"]);
    assert_eq!(failed("s.tags\n  .size() == 0"), ["s.tags .size() = 3 at /tags"]);
    assert_eq!(failed("'ä' == 'ö' || size(s.status) == -1"), ["size(s.status) = 5 at /status"]);
    assert_eq!(failed("-s.count == 0"), ["-s.count = -14", "s.count = 14 at /count"]);
    assert_eq!(failed("s.`dash-key`.`x-y` == 2"), ["s.`dash-key`.`x-y` = 1 at /dash-key/x-y"]);
    assert_eq!(failed("min((s.numbers)) == 0")[0], "min((s.numbers)) = 1.5 at /numbers");
    assert_eq!(failed("(s.ready ? s.count : 0) == 0")[0], "s.ready ? s.count : 0 = 14 at /count");
}

#[test]
fn failures_stay_short() {
    let same = ["s.count == 1"; 40].join(" || ");
    assert_eq!(failed(&same).len(), 1, "the same operand is shown once");
    let many = (100..140).map(|n| format!("s.count + {n} == 0")).collect::<Vec<_>>().join(" || ");
    assert_eq!(failed(&many).len(), 12);
    let document = document(&format!(r#"{{"long": "{}"}}"#, "x".repeat(5_000)));
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    let expression = Expression::compile("s.long == ''", &["s"]).expect("sound");
    let Truth::DoesNotHold(operands) = expression.holds(&scope) else { panic!("not empty") };
    assert!(operands[0].value.chars().count() <= 120 && operands[0].value.ends_with('…'));
}

#[test]
fn a_sweep_that_only_looks_ready_is_explained() {
    let text = "sweeps.readiness.status == 'ready' ? sweeps.readiness.ready_for_phase5 && \
                sweeps.readiness.blocking_reasons.size() == 0 : true";
    let expression = Expression::compile(text, &["sweeps"]).expect("sound");
    assert_eq!(expression.names().iter().map(String::as_str).collect::<Vec<_>>(), ["sweeps"]);
    let holds = |json: &str| {
        let document = document(json);
        let mut scope = Scope::new();
        scope.bind("sweeps", document.root());
        expression.holds(&scope)
    };
    let sound = r#"{"readiness": {"status": "ready", "ready_for_phase5": true, "blocking_reasons": []}}"#;
    assert_eq!(holds(sound), Truth::Holds { examined: true });
    assert!(matches!(holds(r#"{"readiness": {"status": "draft"}}"#), Truth::Holds { .. }));
    let blocked = r#"{"readiness": {"status": "ready", "ready_for_phase5": true, "blocking_reasons": ["no matrix"]}}"#;
    let Truth::DoesNotHold(operands) = holds(blocked) else { panic!("blocked") };
    let shown: Vec<String> = operands.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["sweeps.readiness.status = \"ready\"", "sweeps.readiness.blocking_reasons.size() = 1"]);
    let Truth::Trouble(trouble) = holds(r#"{"readiness": {"status": "ready"}}"#) else { panic!("missing") };
    assert_eq!(
        trouble.to_string(),
        "missing-field: expected a field `ready_for_phase5`, found only `status` at sweeps#/readiness/ready_for_phase5"
    );
}
