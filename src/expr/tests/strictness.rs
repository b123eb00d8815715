//! Fail-closed: what has no answer gets none, wherever it stands, and says where it lies.

use super::{document, kind, shown, trouble, truth};
use crate::expr::{Expression, Scope, TroubleKind, Truth};
use crate::model::{Node, Pointer};
use proptest::prelude::*;

#[test]
fn a_missing_field_is_never_true_and_never_false() {
    let texts = [
        "s.nope == 0",
        "s.nope != 0",
        "!(s.nope == 0)",
        "!s.nope",
        "s.nope == 0 || true",
        "s.nope == 0 && false",
        "s.ready && s.nope == 0",
        "s.nope ? true : true",
        "s.suites.all(x, x.nope == 1)",
        "!s.suites.all(x, x.nope == 1)",
        "s.suites.exists(x, x.nope == 1)",
        "s.suites.exists(x, x.note == 'flaky')",
        "s.suites.exists_one(x, x.nope == 1)",
        "s.suites.filter(x, x.nope == 1).size() == 0",
        "s.suites.map(x, x.nope).size() == 2",
        "s.suites.exists(x, x.nope == 1 || true)",
        "has(s.nope.deeper)",
        "'x' in s.nope",
        "size(s.nope) == 0",
        "s['nope'] == 1",
        "[s.nope].size() == 1",
        "{'a': s.nope}.size() == 1",
    ];
    let mut seen = 0;
    for text in texts {
        assert_eq!(kind(text), TroubleKind::MissingField, "{text}");
        assert!(matches!(truth(text), Truth::Trouble(_)), "{text}");
        seen += 1;
    }
    assert_eq!(seen, 22);
}

#[test]
fn a_missing_field_names_its_exact_place() {
    let missing = trouble("s.ready && s.suites.all(x, x.name != '' && x.note == 'flaky')");
    let at = missing.at.expect("in the document");
    assert_eq!((at.binding.as_str(), at.document, at.pointer.as_str()), ("s", 0, "/suites/0/note"));
    assert_eq!(&"s.ready && s.suites.all(x, x.name != '' && x.note == 'flaky')"[missing.range], "x.note");
    assert_eq!(missing.expected, "a field `note`");
    assert_eq!(missing.actual, "only `cases`, `failed`, `name`, `passed`, `total`");
    let missing = trouble("has(s.limits.gpu.count)");
    assert_eq!(missing.at.map(|at| at.to_string()).as_deref(), Some("s#/limits/gpu"));
    let missing = trouble("s['dash-key']['a/b']");
    assert_eq!(missing.at.map(|at| at.to_string()).as_deref(), Some("s#/dash-key/a~1b"));
    assert_eq!(trouble("s.bare.x").actual, "an object without fields");
    assert_eq!(trouble("{'a': 1}.b").at, None);
}

#[test]
fn absence_passes_only_where_it_is_asked_for() {
    assert_eq!(shown("has(s.nope) ? s.nope : 1").expect("guarded"), "1");
    assert_eq!(shown("s.suites.all(x, !has(x.note) || x.note == 'flaky')").expect("guarded"), "true");
    for text in ["has(s.status.x)", "has(s.tags.x)", "has(s.nothing.x)", "has(s.suites[0].name.x)"] {
        assert_eq!(kind(text), TroubleKind::TypeMismatch, "{text}");
    }
}

#[test]
fn types_must_fit() {
    let texts = [
        "s.count == '14'",
        "s.count != '14'",
        "s.ready == 'true'",
        "s.ready == 1",
        "s.tags == 'a'",
        "s.limits == s.tags",
        "[1] == ['1']",
        "{'a': 1} == {'a': '1'}",
        "s.count < '15'",
        "true < false",
        "[1] < [2]",
        "s.nothing < 1",
        "1 in s.tags",
        "'y' in s.mixed",
        "1 in s.limits",
        "1 in 5",
        "s.status.x",
        "s.nothing.x",
        "s.tags.x",
        "s.tags['a']",
        "s.tags[1.0]",
        "s.limits[0]",
        "5[0]",
        "1 + 'a'",
        "'a' + 1",
        "1 + true",
        "s.nothing + 1",
        "[1] + 1",
        "5 - 'a'",
        "'a' * 2",
        "5.5 % 2",
        "now + now",
        "duration('1h') - now",
        "duration('1h') == '1h'",
        "s.at < now",
        "-s.status",
        "size(5)",
        "size(null)",
        "s.count.contains('1')",
        "'1'.contains(1)",
        "s.count.matches('1')",
        "s.count.all(x, x == 1)",
        "'text'.exists(x, x == 't')",
        "int(true)",
        "int(null)",
        "double(s.tags)",
        "string(s.tags)",
        "string(null)",
        "timestamp(5)",
        "duration(5)",
        "abs('a')",
        "sum(['a'])",
        "sum(5)",
        "min(s.mixed)",
        "min([true])",
        "max(s.limits)",
        "s.mixed.unique()",
        "[[1], [2]].unique()",
        "5.trim()",
        "'a'.split('')",
        "[1].take(-1)",
        "[1].take(1.5)",
        "'a'.take(1)",
    ];
    let mut seen = 0;
    for text in texts {
        assert_eq!(kind(text), TroubleKind::TypeMismatch, "{text}");
        seen += 1;
    }
    assert_eq!(seen, 63);
}

#[test]
fn a_mistyped_value_names_its_place() {
    let places = [
        ("s.count == '14'", "s#/count"),
        ("'14' == s.count", "s#/count"),
        ("s.suites.all(x, x.name > 5)", "s#/suites/0/name"),
        ("sum(s.mixed)", "s#/mixed/1"),
        ("max(s.mixed)", "s#/mixed/1"),
        ("s.mixed.unique()", "s#/mixed/1"),
        ("'y' in s.mixed", "s#/mixed/0"),
        ("1 + s.tags[1]", "s#/tags/1"),
        ("s.tags[1] + 1", "s#/tags/1"),
        ("s.suites[1].name.x", "s#/suites/1/name"),
        ("s.suites.filter(x, x.failed > 0)[0].name + 1", "s#/suites/1/name"),
        ("s.suites.map(x, x.name)[0] == 1", "s#/suites/0/name"),
        ("s.tags[7]", "s#/tags/7"),
        ("timestamp(s.status)", "s#/status"),
        ("s.status && true", "s#/status"),
        ("s.status.contains(s.count)", "s#/count"),
    ];
    let mut seen = 0;
    for (text, place) in places {
        assert_eq!(trouble(text).at.map(|at| at.to_string()).as_deref(), Some(place), "{text}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}

#[test]
fn conditions_are_booleans() {
    for text in ["s.count", "s.status", "s.nothing", "s.tags", "null", "1"] {
        let Truth::Trouble(trouble) = truth(text) else { panic!("{text}") };
        assert_eq!(trouble.kind, TroubleKind::NotBoolean, "{text}");
    }
    for text in ["s.count && true", "false || s.status", "!s.count", "1 ? 2 : 3", "s.tags.all(t, t)", "s.tags.filter(t, 1)"]
    {
        assert_eq!(kind(text), TroubleKind::NotBoolean, "{text}");
    }
}

#[test]
fn arithmetic_is_checked() {
    use TroubleKind::{BadDuration, BadNumber, BadTimestamp, DivisionByZero, EmptyList, OutOfRange, Overflow};
    let cases = [
        ("s.big + 1", Overflow),
        ("-s.big", Overflow),
        ("9223372036854775807 * 4", Overflow),
        ("s.big * s.big * s.big", Overflow),
        ("1e308 * 10", Overflow),
        ("-1e308 - 1e308", Overflow),
        ("int(1e30)", Overflow),
        ("int('99999999999999999999')", Overflow),
        ("abs(-9223372036854775808 - 1)", Overflow),
        ("now + duration('30000d') * 1", TroubleKind::TypeMismatch),
        (
            "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') > duration('36524d') ? 1 / 0 : 1",
            DivisionByZero,
        ),
        ("1 / 0", DivisionByZero),
        ("1 % 0", DivisionByZero),
        ("1.5 / 0", DivisionByZero),
        ("1 / 0.0", DivisionByZero),
        ("timestamp(s.status)", BadTimestamp),
        ("timestamp('2026-01-31T12:00:00' + '')", BadTimestamp),
        ("duration(s.status)", BadDuration),
        ("duration('5' + '')", BadDuration),
        ("int('1.5')", BadNumber),
        ("int('')", BadNumber),
        ("int('+5')", BadNumber),
        ("double('inf')", BadNumber),
        ("double('nan')", BadNumber),
        ("double('1e999')", BadNumber),
        ("double('')", BadNumber),
        ("s.tags[3]", OutOfRange),
        ("s.tags[-1]", OutOfRange),
        ("s.empty[0]", OutOfRange),
        ("min(s.empty)", EmptyList),
        ("[].max()", EmptyList),
    ];
    let mut seen = 0;
    for (text, expected) in cases {
        assert_eq!(kind(text), expected, "{text}");
        seen += 1;
    }
    assert_eq!(seen, 31);
}

#[test]
fn a_list_is_asked_for_and_keeps_its_places() {
    let document = document(super::SAMPLE);
    let mut scope = Scope::new();
    scope.bind("s", document.root());
    let list = |text: &str| Expression::compile(text, &["s"]).expect("sound").list(&scope);
    let items = list("s.suites.filter(x, x.failed > 0)").expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].at().map(|at| at.to_string()).as_deref(), Some("s#/suites/1"));
    let mut inner = scope.clone();
    inner.bind_item("d", &items[0]);
    let d = Expression::compile("d.cases.size() > 0", &["d"]).expect("sound");
    let Truth::DoesNotHold(operands) = d.holds(&inner) else { panic!("no cases") };
    assert_eq!(operands[0].to_string(), "d.cases.size() = 0");
    assert_eq!(operands[0].at.as_ref().map(ToString::to_string).as_deref(), Some("s#/suites/1/cases"));
    let name = Expression::compile("d.name", &["d"]).expect("sound").value(&inner).expect("there");
    assert_eq!((name.in_words().as_str(), name.excerpt(80).as_str()), ("e2e", "\"e2e\""));
    assert!(list("s.tags.map(t, t + '!')").expect("a list").iter().all(|item| item.at().is_none()));
    for text in ["s.limits", "s.status", "s.nothing", "1"] {
        assert_eq!(list(text).expect_err(text).kind, TroubleKind::NotList, "{text}");
    }
}

#[test]
fn several_documents_are_told_apart() {
    let (one, two) = (document(r#"{"n": 1}"#), document(r#"{"n": "2"}"#));
    let mut scope = Scope::new();
    scope.bind_documents("runs", [one.root(), two.root()]);
    let all = Expression::compile("runs.all(r, r.n > 0)", &["runs"]).expect("sound");
    let Truth::Trouble(trouble) = all.holds(&scope) else { panic!("a string is no number") };
    let at = trouble.at.expect("in a document");
    assert_eq!((at.binding.as_str(), at.document, at.pointer.as_str()), ("runs", 1, "/n"));
    scope.bind_documents("runs", std::iter::empty::<Node<'_>>());
    assert!(matches!(all.holds(&scope), Truth::Holds { examined: false }));
    scope.bind_at("part", one.root(), Pointer::root().key("below").index(3));
    let part = Expression::compile("part.m", &["part"]).expect("sound").value(&scope).expect_err("no m");
    assert_eq!(part.at.map(|at| at.to_string()).as_deref(), Some("part#/below/3/m"));
}

#[test]
fn what_looked_at_nothing_says_so() {
    let examined = |text: &str| match truth(text) {
        Truth::Holds { examined } => examined,
        other => panic!("{text}: {other:?}"),
    };
    let nothing = [
        "s.empty.all(x, x == 1)",
        "!s.empty.exists(x, x == 1)",
        "sum(s.empty) == 0",
        "s.empty.unique()",
        "s.empty.filter(x, x == 1).size() == 0",
        "size(s.empty.map(x, x)) < 1",
        "!('a' in s.empty)",
        "!(s.status in s.empty)",
        "!('a' in s.bare)",
        "!('a' in s.bare || 'b' in s.empty)",
        "(s.empty.all(x, x == 1) && !('a' in s.empty))",
        "!(s.empty.exists(x, x == 1) || 'a' in s.empty)",
        "s.empty.all(x, x == 1) == true",
        "s.suites.all(x, s.empty.all(c, c != ''))",
        "s.empty.filter(x, x == 1) == []",
    ];
    let something = [
        "s.ready && sum(s.empty) == 0",
        "s.suites.all(x, x.cases.all(c, c != ''))",
        "s.empty.exists(x, x == 1) || s.ready",
        "!(s.empty.all(x, x == 1) && !s.ready)",
        "s.empty.all(x, x == 1) && s.ready",
        "s.ready || s.empty.all(x, x == 1)",
        "s.empty.size() == 0",
        "s.empty == []",
        "!('q' in s.tags)",
        "!('q' in s)",
        "s.tags.filter(x, x == 'q').size() == 0",
        "sum(s.empty) < s.count",
    ];
    let wrong: Vec<&str> = nothing.iter().filter(|text| examined(text)).copied().collect();
    assert_eq!(wrong, Vec::<&str>::new());
    let wrong: Vec<&str> = something.iter().filter(|text| !examined(text)).copied().collect();
    assert_eq!(wrong, Vec::<&str>::new());
    assert_eq!((nothing.len(), something.len()), (15, 12));
}

#[test]
fn a_null_that_nobody_speaks_of_is_no_answer() {
    let mut trouble = 0;
    for text in [
        "s.nothing != 'failed'",
        "'x' != s.nothing",
        "s.status != s.nothing",
        "!(s.nothing == 'failed')",
        "!(s.ready && s.nothing == 'failed')",
        "!(s.nothing in ['a', 'b'])",
        "!('q' in [s.nothing])",
        "[s.nothing].all(x, x != 1)",
        "![s.nothing].exists(x, x == 1)",
        "[s.nothing].filter(x, x == 1).size() == 0",
        "!([1].all(x, s.nothing == x))",
        "s.nothing == s.nothing",
        "!(s.nothing != s.nothing)",
        "s.nothing in [s.nothing]",
        "s.ready == (s.nothing == s.nothing)",
        "s.ready == (s.nothing == 0)",
        "(s.nothing == 'x') == (s.nothing == 'y')",
        "(s.nothing == 'x') == false",
        "(s.nothing == 'failed') != true",
        "(s.nothing == 'x' || s.nothing == 'y') == false",
        "[s.nothing].map(x, x == 'failed').all(b, !b)",
        "[s.nothing].map(x, x == 'failed') == [false]",
        "(s.nothing == 'failed') in [false]",
        "string(s.nothing == 'failed') == 'false'",
    ] {
        let Truth::Trouble(found) = truth(text) else { panic!("{text}: {:?}", truth(text)) };
        assert_eq!(found.kind, TroubleKind::TypeMismatch, "{text}");
        trouble += 1;
    }
    assert_eq!(trouble, 24);
    for text in [
        "s.nothing == null",
        "s.status != null",
        "!(s.status == null)",
        "s.nothing in ['a', null]",
        "s.nothing == null || s.nothing != 'x'",
        "[s.nothing, 1].filter(x, x != null && x == 1).size() == 1",
        "s.ready == (s.nothing == null)",
        "(s.nothing != null && s.nothing == 'x') == false",
        "s.nothing == null ? s.ready : s.nothing == 'x'",
    ] {
        assert!(matches!(truth(text), Truth::Holds { examined: true }), "{text}: {:?}", truth(text));
    }
    for text in ["s.nothing == 'x'", "s.nothing in ['a', 'b']", "s.nothing != s.nothing", "!(s.nothing == s.nothing)"] {
        assert!(matches!(truth(text), Truth::DoesNotHold(_)), "{text}: {:?}", truth(text));
    }
}

#[test]
fn a_name_that_is_not_bound_is_trouble_even_when_unused() {
    let expression = Expression::compile("true || s.x", &["s"]).expect("sound");
    let Truth::Trouble(trouble) = expression.holds(&Scope::new()) else { panic!("unbound") };
    assert_eq!(trouble.kind, TroubleKind::Unbound);
}

#[test]
fn plain_values_can_be_bound() {
    let mut scope = Scope::new();
    scope.bind_number("n", crate::model::Number::Int(3));
    scope.bind_text("t", "x");
    scope.bind_boolean("b", true);
    let holds = |text: &str| Expression::compile(text, &["n", "t", "b"]).expect("sound").holds(&scope);
    assert_eq!(holds("n == 3 && t == 'x' && b"), Truth::Holds { examined: true });
    assert!(matches!(holds("n == t"), Truth::Trouble(trouble) if trouble.at.is_none()));
}

#[test]
fn expressions_may_be_shared_between_threads() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<Expression>();
    shared::<Scope<'_>>();
    shared::<crate::expr::Item<'_>>();
}

/// A condition built of parts whose answers are known: the reference for what `&&`, `||`, `!` and `?:` do with trouble.
#[derive(Debug, Clone)]
enum Logic {
    Known(bool),
    Missing,
    Not(Box<Logic>),
    And(Box<Logic>, Box<Logic>),
    Or(Box<Logic>, Box<Logic>),
    Choose(Box<Logic>, Box<Logic>, Box<Logic>),
}

impl Logic {
    fn text(&self) -> String {
        match self {
            Logic::Known(true) => "s.ready".to_owned(),
            Logic::Known(false) => "s.count == 1".to_owned(),
            Logic::Missing => "s.nope".to_owned(),
            Logic::Not(a) => format!("!({})", a.text()),
            Logic::And(a, b) => format!("({}) && ({})", a.text(), b.text()),
            Logic::Or(a, b) => format!("({}) || ({})", a.text(), b.text()),
            Logic::Choose(a, b, c) => format!("({}) ? ({}) : ({})", a.text(), b.text(), c.text()),
        }
    }

    fn answer(&self) -> Option<bool> {
        match self {
            Logic::Known(flag) => Some(*flag),
            Logic::Missing => None,
            Logic::Not(a) => Some(!a.answer()?),
            Logic::And(a, b) => {
                if a.answer()? {
                    b.answer()
                } else {
                    Some(false)
                }
            }
            Logic::Or(a, b) => {
                if a.answer()? {
                    Some(true)
                } else {
                    b.answer()
                }
            }
            Logic::Choose(a, b, c) => {
                if a.answer()? {
                    b.answer()
                } else {
                    c.answer()
                }
            }
        }
    }
}

fn logic() -> impl Strategy<Value = Logic> {
    let leaf = prop_oneof![Just(Logic::Known(true)), Just(Logic::Known(false)), Just(Logic::Missing)];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let part = || inner.clone().prop_map(Box::new);
        prop_oneof![
            part().prop_map(Logic::Not),
            (part(), part()).prop_map(|(a, b)| Logic::And(a, b)),
            (part(), part()).prop_map(|(a, b)| Logic::Or(a, b)),
            (part(), part(), part()).prop_map(|(a, b, c)| Logic::Choose(a, b, c)),
        ]
    })
}

proptest! {
    #[test]
    fn no_operator_absorbs_trouble(logic in logic()) {
        let text = logic.text();
        match (logic.answer(), truth(&text)) {
            (Some(true), Truth::Holds { .. }) | (Some(false), Truth::DoesNotHold(_)) => {}
            (None, Truth::Trouble(trouble)) => prop_assert_eq!(trouble.kind, TroubleKind::MissingField),
            (expected, got) => prop_assert!(false, "{text}: {expected:?} but {got:?}"),
        }
    }
}
