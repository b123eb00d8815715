//! The verdicts that every format is tested on, built in one place.

use crate::model::{
    ArtifactPath, Base, CheckResult, Digest, Entry, EvidenceId, EvidenceRow, ExceptionUse, Finding, GapKind, GateId,
    GateResult, GateTerms, LaneId, LaneRule, Limit, Measure, Mode, Note, Number, PackId, Pointer, Problem, ProblemKind,
    Quarantine, Reason, RelPath, RunIdentity, Standing, Status, Unsound, Validity, Verdict, Waiver, WaiverUse, Weakening,
    Where, parse_instant,
};

fn id(text: &str) -> GateId {
    GateId::try_from(text).expect("an id")
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

/// A gate that passes.
pub fn passing(name: &str) -> GateResult {
    GateResult {
        id: id(name),
        title: format!("The {name} gate"),
        bead: "bd-1234".into(),
        owner: "release".into(),
        terms: GateTerms { id: id(name), blocking: true, waivable: true, gap_waivable: false },
        status: Status::Pass,
        standing: Standing::Pass,
        reason: None,
        judged_wrong: false,
        artifact_path: Some(format!("tests/{name}.json")),
        detail: "3 checks passed".into(),
        findings: Vec::new(),
        checks: vec![CheckResult { kind: "holds", expect: "all is well".into(), outcome: "pass", examined: 3 }],
        notes: vec![],
        measured: vec![],
        needs: Vec::new(),
        blocked_by: Vec::new(),
        reruns: Vec::new(),
        reproduce: format!("cargo test --test {name} -- --exact"),
        then: Vec::new(),
        remediation: vec![format!("Rebuild {name}.")],
        defined: Some(Where::line(format!("gates/{name}.toml"), 3)),
    }
}

/// A blocking gate that fails on a finding.
pub fn failing(name: &str) -> GateResult {
    let pointer = Pointer::root().key("readiness").key("status");
    GateResult {
        status: Status::Fail,
        standing: Standing::Fail,
        reason: Some(Reason::Finding),
        judged_wrong: true,
        detail: "the sweep is not ready".into(),
        findings: vec![
            Finding::new("contradiction", "a ready sweep names no blocking reason", "`blocking_reasons.size()` = 1")
                .at(Where::pointer(format!("tests/{name}.json"), pointer))
                .next("Rebuild the sweep from the latest matrix."),
            Finding::new("empty-dimension", "at least one value", "none").at(Where::line("tests/events.jsonl", 7)),
        ],
        checks: vec![CheckResult { kind: "holds", expect: "ready means ready".into(), outcome: "fail", examined: 0 }],
        notes: vec![],
        ..passing(name)
    }
}

/// A blocking gate without its evidence.
pub fn gap(name: &str) -> GateResult {
    GateResult {
        status: Status::Fail,
        standing: Standing::Fail,
        reason: Some(Reason::Gap(GapKind::Missing)),
        detail: "the evidence is missing".into(),
        findings: vec![Finding::new("missing", "the file", "no such file").at(Where::file(format!("tests/{name}.json")))],
        ..passing(name)
    }
}

/// A gate that waits for others.
pub fn blocked(name: &str, by: &[&str]) -> GateResult {
    GateResult {
        status: Status::Skip,
        standing: Standing::Blocked,
        reason: Some(Reason::Blocked),
        detail: format!("needs {}", by.join(", ")),
        checks: Vec::new(),
        needs: by.iter().map(|name| id(name)).collect(),
        blocked_by: by.iter().map(|name| id(name)).collect(),
        ..passing(name)
    }
}

fn advisory(name: &str) -> GateResult {
    let terms = GateTerms { id: id(name), blocking: false, waivable: true, gap_waivable: false };
    GateResult { status: Status::Warn, standing: Standing::Advisory, terms, ..failing(name) }
}

/// A gate that fails and is waived.
pub fn waived(name: &str) -> GateResult {
    GateResult { standing: Standing::Waived, ..failing(name) }
}

fn skipped(name: &str) -> GateResult {
    let detail = "optional evidence is absent: run:bench.json".into();
    GateResult {
        status: Status::Skip,
        standing: Standing::Skipped,
        reason: Some(Reason::Absent),
        detail,
        checks: Vec::new(),
        ..passing(name)
    }
}

fn not_evaluated(name: &str, reason: Reason) -> GateResult {
    GateResult {
        status: Status::Skip,
        standing: Standing::NotEvaluated,
        reason: Some(reason),
        detail: "the lane stopped before it".into(),
        checks: Vec::new(),
        ..passing(name)
    }
}

fn evidence(name: &str, gap: Option<GapKind>) -> EvidenceRow {
    let rel = RelPath::parse(&format!("tests/{name}.json")).expect("a path");
    EvidenceRow {
        id: EvidenceId::try_from("doc").expect("an id"),
        path: ArtifactPath { base: Base::Repo, shown: rel.as_str().to_owned(), rel },
        digest: gap.is_none().then(|| Digest::of(name.as_bytes())),
        size: 1_234,
        made: None,
        gap,
        gates: vec![id(name)],
        instead: None,
    }
}

/// A waiver with its fields.
pub fn waiver(gate: &str, validity: Validity, used: bool) -> WaiverUse {
    let waiver = Waiver {
        gate: id(gate),
        owner: "perf".into(),
        bead: "bd-77".into(),
        reason: "the sweep is rebuilt on Friday".into(),
        created: day("2026-02-20"),
        expires: day("2026-03-03"),
        scope: vec![LaneId::try_from("full").expect("an id")],
        exit_criterion: "the sweep is ready".into(),
    };
    let at = Pointer::root().key("waiver").key(gate);
    WaiverUse {
        entry: Entry { name: gate.to_owned(), at, read: Ok(waiver) },
        validity: Some(validity),
        used,
        renewals: Some(1),
    }
}

fn unread<T>(section: &str, name: &str) -> Entry<T> {
    let at = Pointer::root().key(section).key(name);
    let problem = Problem {
        kind: ProblemKind::Wrong,
        at: at.key("expires"),
        expected: "a date like 2026-01-31".to_owned(),
        actual: "\"soon\"".to_owned(),
    };
    Entry { name: name.to_owned(), at, read: Err(vec![problem]) }
}

fn quarantine(test: &str) -> Entry<Quarantine> {
    let entry = Quarantine {
        test: test.to_owned(),
        category: "FLAKE-TIMING".into(),
        kind: None,
        owner: "core".into(),
        bead: "bd-9".into(),
        reason: "races the clock".into(),
        since: day("2026-02-25"),
        expires: day("2026-03-05"),
        evidence: "run 42".into(),
        reproduce: "cargo test race".into(),
        exit_criterion: "30 green runs".into(),
    };
    Entry { name: test.to_owned(), at: Pointer::root().key("quarantine").key(test), read: Ok(entry) }
}

/// A full, strict verdict over these gates.
pub fn verdict(gates: Vec<GateResult>) -> Verdict {
    let gap_of = |gate: &GateResult| match gate.reason {
        Some(Reason::Gap(kind)) => Some(kind),
        Some(Reason::Finding | Reason::Blocked | Reason::Absent | Reason::NotEvaluated | Reason::Incomplete) | None => None,
    };
    Verdict {
        generated_at: parse_instant("2026-03-01T12:00:00Z").expect("an instant"),
        lane: LaneId::try_from("full").expect("an id"),
        lane_rule: LaneRule::Full,
        mode: Mode::Strict,
        policy: PackId::try_from("full-suite").expect("an id"),
        policy_digest: Digest::of(b"policy"),
        policy_ref: None,
        verdict_schema: None,
        run: Some(RunIdentity {
            path: "tests/e2e_results/20260301T115000Z".into(),
            name: Some("20260301T115000Z".into()),
            id: Some("run-42".into()),
            commit: Some("a".repeat(40)),
            shards: Vec::new(),
        }),
        commit: Some("a".repeat(40)),
        evidence: gates.iter().map(|gate| evidence(gate.id.as_str(), gap_of(gate))).collect(),
        gates,
        exceptions: ExceptionUse::default(),
        weakened_by: Vec::new(),
        incomplete: None,
    }
}

/// What an attacker would write.
pub const HOSTILE: &str = "\u{1b}[2J\u{9b}31m\r\n::error::pwned\n  ::add-mask::x\n##[error]x ##vso[task.complete]##teamcity[a]\u{202e}txt\u{200b}\u{0} \
    | `a` ``` </details></td><script>alert(1)</script> @team #12 [a](javascript:x) ![b](http://e/x.png) % : , \u{e0041}\u{85}\u{2028}";

/// A verdict with this text in every field that takes text.
pub fn with_text(text: &str) -> Verdict {
    let hostile = |gate: GateResult| GateResult {
        title: text.to_owned(),
        bead: text.to_owned(),
        owner: text.to_owned(),
        artifact_path: Some(text.to_owned()),
        detail: text.to_owned(),
        findings: vec![
            Finding::new(text.to_owned(), text, text).at(Where::file(text)).next(text),
            Finding::new(text.to_owned(), text, text).at(Where::pointer(text, Pointer::root().key(text))),
            Finding::new(text.to_owned(), text, text).at(Where::line(text, 3)),
        ],
        checks: vec![CheckResult { kind: "holds", expect: text.to_owned(), outcome: "fail", examined: 0 }],
        notes: vec![Note::new("claim-tier", text), Note::new("claim-allowed", text), Note::new("passed-over", text)],
        measured: vec![Measure::of(text, 0.5, text).limit(Limit::AtMost(Number::Int(1)))],
        reruns: vec![text.to_owned()],
        reproduce: text.to_owned(),
        then: vec![text.to_owned()],
        remediation: vec![text.to_owned()],
        defined: Some(Where::line(text, 3)),
        ..gate
    };
    let mut verdict = verdict(vec![
        hostile(failing("a")),
        hostile(blocked("b", &["a"])),
        hostile(advisory("c")),
        hostile(waived("d")),
        hostile(skipped("e")),
        hostile(not_evaluated("f", Reason::NotEvaluated)),
        hostile(passing("g")),
    ]);
    let id = Some(text.to_owned());
    verdict.run = Some(RunIdentity {
        path: text.to_owned(),
        name: id.clone(),
        id: id.clone(),
        commit: id,
        shards: vec![text.to_owned()],
    });
    verdict.commit = Some(text.to_owned());
    verdict.verdict_schema = Some(text.to_owned());
    verdict.mode = Mode::Rollback { rationale: text.to_owned(), until: verdict.generated_at };
    verdict.weakened_by = vec![Weakening { switch: "rollback-mode", detail: text.to_owned() }];
    for row in &mut verdict.evidence {
        row.path.shown = text.to_owned();
    }
    let mut used = waiver("d", Validity::Expiring { days_left: 2 }, true);
    if let Ok(waiver) = &mut used.entry.read {
        for field in [&mut waiver.owner, &mut waiver.bead, &mut waiver.reason, &mut waiver.exit_criterion] {
            *field = text.to_owned();
        }
    }
    let mut damaged = WaiverUse { entry: unread("waiver", text), validity: None, used: false, renewals: None };
    if let Err(problems) = &mut damaged.entry.read {
        problems.push(Problem {
            kind: ProblemKind::Wrong,
            at: Pointer::root(),
            expected: text.to_owned(),
            actual: text.to_owned(),
        });
    }
    let mut held = quarantine(text);
    if let Ok(entry) = &mut held.read {
        for field in [&mut entry.category, &mut entry.owner, &mut entry.reason, &mut entry.evidence, &mut entry.reproduce] {
            *field = text.to_owned();
        }
    }
    verdict.exceptions = ExceptionUse {
        waivers: vec![used, damaged],
        quarantine: vec![(held, Some(Validity::InForce { days_left: 9 })), (unread("quarantine", text), None)],
        unused: vec![text.to_owned()],
        excused: [text.to_owned()].into(),
    };
    verdict
}

/// Every canonical verdict, by name.
pub fn all() -> Vec<(&'static str, Verdict)> {
    let cascade = || {
        vec![
            blocked("evidence_bundle", &["phase1_matrix"]),
            passing("suite_classification"),
            failing("phase1_matrix"),
            blocked("release_candidate", &["evidence_bundle"]),
        ]
    };
    let preflight = Verdict {
        lane: LaneId::try_from("preflight").expect("an id"),
        lane_rule: LaneRule::Preflight,
        ..verdict(vec![
            passing("suite_classification"),
            gap("conformance"),
            not_evaluated("evidence_bundle", Reason::NotEvaluated),
        ])
    };
    let mut excepted = verdict(vec![passing("suite_classification"), waived("parameter_sweeps"), skipped("bench")]);
    excepted.exceptions = ExceptionUse {
        waivers: vec![
            waiver("parameter_sweeps", Validity::Expiring { days_left: 2 }, true),
            waiver("conformance", Validity::InForce { days_left: 20 }, false),
            waiver("old", Validity::Expired { days: 4 }, false),
            waiver("odd", Validity::Unsound(vec![Unsound::UnknownGate, Unsound::Reversed]), false),
            WaiverUse { entry: unread("waiver", "torn"), validity: None, used: false, renewals: None },
        ],
        quarantine: vec![
            (quarantine("net::race"), Some(Validity::Expiring { days_left: 4 })),
            (unread("quarantine", "net::torn"), None),
        ],
        unused: vec!["conformance".into()],
        excused: ["net::race".to_owned()].into(),
    };
    excepted.weakened_by = vec![
        Weakening { switch: "skipped-gate", detail: "`bench` has no evidence".into() },
        Weakening { switch: "waiver", detail: "`parameter_sweeps` is waived until 2026-03-03".into() },
    ];
    let until = parse_instant("2026-03-02T12:00:00Z").expect("an instant");
    let rolled_back = Verdict {
        mode: Mode::Rollback { rationale: "the release train must leave".into(), until },
        weakened_by: vec![Weakening { switch: "rollback-mode", detail: "a failing verdict does not block".into() }],
        ..verdict(cascade())
    };
    let incomplete = Verdict {
        incomplete: Some("the run was cut short before every gate was judged".into()),
        evidence: Vec::new(),
        ..verdict(vec![not_evaluated("suite_classification", Reason::Incomplete)])
    };
    vec![
        ("all pass", verdict(vec![passing("suite_classification"), passing("conformance")])),
        ("cause and consequences", verdict(cascade())),
        ("gap", verdict(vec![passing("suite_classification"), gap("conformance")])),
        ("waived and skipped", excepted),
        ("advisory", verdict(vec![passing("suite_classification"), advisory("bench")])),
        ("preflight stopped", preflight),
        ("rolled back", rolled_back),
        ("incomplete", incomplete),
        ("nothing", Verdict { run: None, commit: None, ..verdict(Vec::new()) }),
        ("hostile", with_text(HOSTILE)),
    ]
}

/// The canonical verdict of this name.
pub fn named(name: &str) -> Verdict {
    all().into_iter().find(|(known, _)| *known == name).map(|(_, verdict)| verdict).expect("a known name")
}

/// The verdict as text of this format.
pub fn text(format: &super::Format, verdict: &Verdict) -> String {
    String::from_utf8(format.bytes(verdict).expect("memory takes it")).expect("UTF-8")
}

/// The verdict as one JSON document of this format.
pub fn json(format: &super::Format, verdict: &Verdict) -> serde_json::Value {
    serde_json::from_str(&text(format, verdict)).expect("JSON")
}
