//! Every rule of the verdict from both sides, over gates whose outcomes are given.

use super::*;
use crate::gate::Context;
use crate::model::{
    Age, ArtifactPath, Digest, Document, Exceptions, ExceptionsFile, ExceptionsPast, FieldNames, Finding, Gap, GapKind,
    LaneId, Ledger, Limits, PackId, Policy, RelPath, Ruling, Stood, Value, Version, Where, parse_instant,
};
use crate::source::{SourceMap, Span};

fn id(text: &str) -> GateId {
    GateId::try_from(text).expect("id")
}

/// `name`, `name?` for an advisory gate, `name!` for an unwaivable one, `name~` where gaps may be waived; `a<b` needs `b`.
fn suite(gates: &[&str]) -> Suite {
    let mut sources = SourceMap::default();
    let source = sources.add("gates.toml", "");
    let at = Span::new(source, 0..0);
    let (mut all, mut terms, mut levels) = (BTreeMap::new(), Vec::new(), Vec::new());
    for text in gates {
        let (name, need) = text.split_once('<').map_or((*text, None), |(name, need)| (name, Some(id(need))));
        let gate_id = id(name.trim_end_matches(['?', '!', '~']));
        terms.push(GateTerms {
            id: gate_id.clone(),
            blocking: !name.ends_with('?'),
            waivable: !name.ends_with('!'),
            gap_waivable: name.ends_with('~'),
        });
        let gate = Gate {
            id: gate_id.clone(),
            pack: PackId::try_from("p").expect("id"),
            title: "T".into(),
            owner: "o".into(),
            bead: "b".into(),
            why: "w".into(),
            needs: need.into_iter().collect(),
            reproduce: crate::gate::Reproduce::plain("true"),
            remediation: vec![],
            evidence: vec![],
            checks: vec![],
            at: at.clone(),
            places: Default::default(),
        };
        levels.push(vec![gate_id.clone()]);
        all.insert(gate_id, gate);
    }
    let lane = |name: &str, rule| Lane { id: LaneId::try_from(name).expect("id"), rule, reproduce: None };
    let policy = Policy {
        id: PackId::try_from("p").expect("id"),
        title: "P".into(),
        digest: Digest::of(b""),
        gates: terms,
        lanes: vec![lane("preflight", LaneRule::Preflight), lane("full", LaneRule::Full)],
        limits: Limits::default(),
        parameters: BTreeMap::new(),
        ledger: vec![],
        output: None,
        verdict_schema: None,
        run: None,
        secrets: crate::model::SecretShapes::default(),
    };
    Suite {
        policy,
        gates: all,
        levels,
        fields: FieldNames::default(),
        weakened: vec![],
        settings: vec![],
        places: Default::default(),
        sources,
    }
}

/// One gate's outcome: `pass`, `fail`, `gap`, `skip`.
fn outcome(word: &str) -> Outcome {
    match word {
        "pass" => Outcome::of(1, vec![], || unreachable!("one was examined")),
        "fail" => Outcome::Fail(Finding::new("not-so", "a", "b").into(), vec![]),
        "gap" => Outcome::Error(Gap::new(GapKind::Missing, Where::file("x"), "a file", "nothing").into()),
        "skip" => Outcome::Skip("no baseline".into()),
        other => panic!("unknown outcome {other}"),
    }
}

struct Case {
    suite: Suite,
    outcomes: Vec<&'static str>,
    ledger: &'static str,
    past: ExceptionsPast,
    ledger_gaps: Vec<Gap>,
    lane: &'static str,
    mode: Mode,
}

impl Case {
    fn new(gates: &[&str], outcomes: &[&'static str]) -> Self {
        Self {
            suite: suite(gates),
            outcomes: outcomes.to_vec(),
            ledger: "",
            past: Ok(vec![]),
            ledger_gaps: vec![],
            lane: "full",
            mode: Mode::Strict,
        }
    }

    fn ledger(mut self, text: &'static str) -> Self {
        self.ledger = text;
        self
    }

    fn decide(self) -> (Verdict, Vec<GateId>) {
        let table: toml::Table = toml::from_str(self.ledger).expect("toml");
        let document = Document::new(value(&toml::Value::Table(table)));
        let fields = FieldNames::default();
        let path = ArtifactPath {
            base: crate::model::Base::Repo,
            rel: RelPath::parse("ledger.toml").expect("a path"),
            shown: "ledger.toml".into(),
        };
        let read =
            self.ledger_gaps.first().map_or_else(|| Ok(Ledger::read(document.root(), &fields)), |gap| Err(gap.clone()));
        let now = parse_instant("2026-03-02T12:00:00Z").expect("instant");
        let today = now.date_naive();
        let exceptions = Exceptions::new(vec![ExceptionsFile { path, read }], &self.past, today, &self.suite.policy);
        let context = Context {
            now,
            policy: self.suite.policy.clone(),
            parameters: Document::new(Value::Null),
            run: None,
            part: false,
            commit: Err("no repository".into()),
            fields,
            exceptions: exceptions.into(),
        };
        let collected =
            Collected { evidence: BTreeMap::new(), shards: Vec::new(), manifest: vec![], context, baseline: None };
        let lane = self.suite.policy.lanes.iter().find(|lane| lane.id.as_str() == self.lane).expect("lane").clone();
        let terms = Terms { lane, mode: self.mode, weakened: vec![], policy_ref: None };
        let mut asked = Vec::new();
        let order: Vec<GateId> = self.suite.policy.gates.iter().map(|terms| terms.id.clone()).collect();
        let verdict = decide(&self.suite, &collected, &terms, &mut |gate| {
            asked.push(gate.clone());
            let at = order.iter().position(|id| id == gate).expect("known");
            let outcome = outcome(self.outcomes[at]);
            Judged {
                gate: gate.clone(),
                checks: vec![outcome.clone()],
                outcome,
                notes: vec![],
                measured: vec![],
                reruns: vec![],
            }
        });
        (verdict, asked)
    }

    fn standings(self) -> (Ruling, Vec<&'static str>) {
        let (verdict, _) = self.decide();
        (verdict.ruling(), verdict.gates.iter().map(|gate| gate.standing.word()).collect())
    }
}

fn value(toml: &toml::Value) -> Value {
    match toml {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        toml::Value::Table(table) => Value::Map(
            crate::model::Map::from_entries(table.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect())
                .expect("once"),
        ),
        other => other.to_string().as_str().into(),
    }
}

const WAIVER: &str = r#"
    [waiver.a]
    owner = "o"
    bead = "b"
    reason = "r"
    created = 2026-02-20
    expires = 2026-03-02
    scope = ["full"]
    exit_criterion = "e"
"#;

#[test]
fn the_ruling_follows_the_blocking_gates() {
    for (gates, outcomes, ruling) in [
        (vec!["a", "b"], vec!["pass", "pass"], Ruling::Pass),
        (vec!["a", "b?"], vec!["pass", "fail"], Ruling::Warn),
        (vec!["a", "b?"], vec!["pass", "gap"], Ruling::Warn),
        (vec!["a", "b?"], vec!["fail", "pass"], Ruling::Fail),
        (vec!["a", "b?"], vec!["gap", "pass"], Ruling::Fail),
        (vec!["a", "b"], vec!["pass", "skip"], Ruling::Pass),
        (vec!["a"], vec!["skip"], Ruling::Fail),
        (vec![], vec![], Ruling::Fail),
    ] {
        assert_eq!(Case::new(&gates, &outcomes).standings().0, ruling, "{gates:?} {outcomes:?}");
    }
}

#[test]
fn a_gate_stands_behind_its_cause() {
    let (verdict, _) = Case::new(&["a", "b<a", "c<b"], &["fail", "pass", "gap"]).decide();
    let told: Vec<_> = verdict.gates.iter().map(|g| (g.standing.word(), g.status.word())).collect();
    assert_eq!(told, [("fail", "fail"), ("blocked", "skip"), ("blocked", "fail")]);
    assert_eq!(verdict.gates[1].blocked_by, [id("a")]);
    assert_eq!(verdict.blockers()[0].id, id("a"));
    // A failed advisory gate blocks what needs it, so the verdict fails closed.
    assert_eq!(Case::new(&["a?", "b<a"], &["fail", "pass"]).standings(), (Ruling::Fail, vec!["advisory", "blocked"]));
}

#[test]
fn a_waiver_covers_a_failure_on_its_last_day() {
    assert_eq!(
        Case::new(&["a", "b"], &["fail", "pass"]).ledger(WAIVER).standings(),
        (Ruling::Pass, vec!["waived", "pass"])
    );
    let (verdict, _) = Case::new(&["a", "b"], &["fail", "pass"]).ledger(WAIVER).decide();
    assert_eq!(verdict.gates[0].status, Status::Fail);
    assert!(verdict.exceptions.waivers[0].used && verdict.exceptions.unused.is_empty());
    assert_eq!(verdict.weakened_by[0].switch, "waiver");
    assert_eq!(verdict.reason(), "every gate that is not waived passed; with 1 exception");
    let plain = Case::new(&["a"], &["pass"]).decide().0;
    assert_eq!((plain.reason().as_str(), plain.excused()), ("every gate passed", None));
}

#[test]
fn a_gate_that_was_skipped_does_not_stand() {
    let reason = |gates: &[&str], outcomes: &[&'static str], ledger: &'static str| {
        let case = Case::new(gates, outcomes);
        (if ledger.is_empty() { case } else { case.ledger(ledger) }).decide().0.reason()
    };
    let sentences = [
        (reason(&["a", "b"], &["pass", "skip"], ""), "every gate that was judged passed; skipped: `b`"),
        (reason(&["a", "b?"], &["pass", "skip"], ""), "every gate passed"),
        (
            reason(&["a", "b", "c?"], &["pass", "skip", "fail"], ""),
            "every blocking gate that was judged passed; advisory: `c`; skipped: `b`",
        ),
        (
            reason(&["a", "b", "c"], &["fail", "skip", "pass"], WAIVER),
            "every gate that was judged and is not waived passed; skipped: `b`; with 1 exception",
        ),
    ];
    for (said, expected) in &sentences {
        assert_eq!(said, expected);
    }
    assert_eq!(sentences.len(), 4);
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn a_waiver_never_covers_what_it_must_not() {
    // A gap, a gate marked unwaivable, another lane.
    assert_eq!(Case::new(&["a", "b"], &["gap", "pass"]).ledger(WAIVER).standings().1[0], "fail");
    assert_eq!(Case::new(&["a~", "b"], &["gap", "pass"]).ledger(WAIVER).standings().1[0], "waived");
    assert_eq!(Case::new(&["a!", "b"], &["fail", "pass"]).ledger(WAIVER).standings().1[0], "fail");
    let preflight = Case { lane: "preflight", ..Case::new(&["a", "b"], &["fail", "pass"]).ledger(WAIVER) };
    assert_eq!(preflight.standings().1, ["fail", "not-evaluated"]);
    // Renewed too often, renewals that cannot be counted, an unreadable ledger.
    let version = |at: usize, last: &str| {
        let span = Some((day("2026-02-20"), day(last)));
        let waivers = Stood { spans: BTreeMap::from([("a".to_owned(), span)]), untold: false };
        let parents = at.checked_sub(1).into_iter().collect();
        Version { parents, since: day("2026-02-20"), waivers, quarantine: Stood::default() }
    };
    let once = Ok(vec![version(0, "2026-02-28")]);
    assert_eq!(Case { past: once, ..Case::new(&["a", "b"], &["fail", "pass"]).ledger(WAIVER) }.standings().1[0], "waived");
    let often = Ok(vec![version(0, "2026-02-27"), version(1, "2026-02-28")]);
    assert_eq!(Case { past: often, ..Case::new(&["a"], &["fail"]).ledger(WAIVER) }.standings().1, ["fail"]);
    let unknown = Err("a shallow clone".to_owned());
    assert_eq!(Case { past: unknown, ..Case::new(&["a"], &["fail"]).ledger(WAIVER) }.standings().1, ["fail"]);
    let gap = vec![Gap::new(GapKind::Malformed, Where::file("l"), "TOML", "not TOML")];
    assert_eq!(Case { ledger_gaps: gap, ..Case::new(&["a"], &["fail"]).ledger(WAIVER) }.standings().1, ["fail"]);
}

#[test]
fn an_unused_waiver_is_reported() {
    let (verdict, _) = Case::new(&["a"], &["pass"]).ledger(WAIVER).decide();
    assert_eq!(verdict.exceptions.unused, ["waiver `a`"]);
    assert!(verdict.weakened_by.is_empty());
}

#[test]
fn waivers_hold_to_the_day() {
    for (created, expires, covers) in [
        ("2026-02-20", "2026-03-02", true),
        ("2026-02-20", "2026-03-01", false),
        ("2026-01-31", "2026-03-02", true),
        ("2026-01-30", "2026-03-02", false),
        ("2026-03-02", "2026-04-01", true),
        ("2026-03-03", "2026-03-20", false),
        ("2026-03-02", "2026-03-01", false),
    ] {
        let text = WAIVER.replace("2026-02-20", created).replace("expires = 2026-03-02", &format!("expires = {expires}"));
        let text: &'static str = text.leak();
        let standing = Case::new(&["a"], &["fail"]).ledger(text).standings().1[0];
        assert_eq!(standing == "waived", covers, "{created} to {expires}");
    }
}

#[test]
fn preflight_stops_at_the_first_failure_and_asks_no_further() {
    let case = Case { lane: "preflight", ..Case::new(&["a", "b?", "c", "d"], &["pass", "fail", "fail", "pass"]) };
    let (verdict, asked) = case.decide();
    assert_eq!(asked, [id("a"), id("c")]);
    let told: Vec<_> = verdict.gates.iter().map(|g| g.standing.word()).collect();
    assert_eq!(told, ["pass", "not-evaluated", "fail", "not-evaluated"]);
    // An advisory gate has no say in preflight.
    let case = Case { lane: "preflight", ..Case::new(&["a", "b?"], &["pass", "fail"]) };
    assert_eq!(case.standings(), (Ruling::Pass, vec!["pass", "not-evaluated"]));
}

#[test]
fn rollback_leaves_the_verdict_failing() {
    let until = parse_instant("2026-03-03T00:00:00Z").expect("instant") + Age::days(0).duration();
    let mode = Mode::Rollback { rationale: "hotfix".into(), until };
    let (verdict, _) = Case { mode, ..Case::new(&["a"], &["fail"]) }.decide();
    assert!(verdict.ruling() == Ruling::Fail && verdict.rolled_back());
    assert_eq!(verdict.weakened_by[0].switch, "rollback-mode");
}

#[test]
fn a_seal_never_passes() {
    let suite = suite(&["a", "b?"]);
    let lane = suite.policy.lanes[1].clone();
    let terms = Terms { lane, mode: Mode::Strict, weakened: vec![], policy_ref: None };
    let verdict = seal(&suite, &terms, parse_instant("2026-03-02T12:00:00Z").expect("instant"), None);
    assert!(verdict.ruling() == Ruling::Fail && !verdict.rolled_back() && verdict.gates.len() == 2);
}

#[test]
fn a_gate_says_where_the_repository_defines_it() {
    let place = |suite: &Suite| suite.defined(&suite.gates[&id("a")]);
    let mut own = suite(&["a"]);
    assert_eq!(place(&own), Some(Where::line("gates.toml", 1)));
    // A gate of a built-in pack stands where the policy of the repository names it, else where the repository begins.
    let mut sources = SourceMap::default();
    let builtin = sources.add("builtin:gates/p/a.toml", "id = 'a'");
    let policy = sources.add("policies/mine.toml", "x = 1\n\n[[gate]]\nid = 'a'\n");
    own.gates.get_mut(&id("a")).expect("the gate").at = Span::new(builtin, 0..0);
    own.sources = sources;
    assert_eq!(place(&own), Some(Where::line("policies/mine.toml", 1)));
    own.places.put("gate.a", Span::new(policy, 16..16));
    assert_eq!(place(&own), Some(Where::line("policies/mine.toml", 4)));
    let mut sources = SourceMap::default();
    sources.add("builtin:gates/p/a.toml", "id = 'a'");
    (own.sources, own.places) = (sources, Default::default());
    assert_eq!(place(&own), None);
    let (verdict, _) = Case::new(&["a", "b"], &["pass", "fail"]).decide();
    assert!(verdict.gates.iter().all(|gate| gate.defined == Some(Where::line("gates.toml", 1))), "{:?}", verdict.gates);
}
