//! Any text in every place that takes text: every output stays what it is, whoever reads it.
//!
//! The text also goes through each sanitiser by itself, into words of shell commands and into a ledger.

use super::{ledger, parts, shown};
use gatekeeper::model::{
    ArtifactPath, Base, CheckResult, Digest, Entry, EvidenceId, EvidenceRow, ExceptionUse, Finding, GateId, GateResult,
    GateTerms, LaneId, LaneRule, Limit, Measure, Mode, Note, Number, PackId, Pointer, PolicyRef, Problem, ProblemKind,
    Quarantine, Reason, RelPath, RunIdentity, Standing, Status, Validity, Verdict, Waiver, WaiverUse, Weakening, Where,
    parse_instant, redact,
};
use gatekeeper::report::table::{Style, render};
use gatekeeper::report::{FORMATS, sanitise};
use gatekeeper::triage::Command;
use serde_json::Value;

/// A ledger with an entry, a comment and dates.
const LEDGER: &str =
    "# Ours.\n[waiver.g]\nowner   = \"team\"\nexpires = 2026-03-20\n\n# A test.\n[quarantine.\"a::b\"]\nowner = \"team\"\n";

pub fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    sanitisers(&text);
    shells(&text);
    formats(&text);
    if text.len() < 1_024 {
        ledger::edits(LEDGER, parts(&text).0, parts(&text).1);
        ledger::edits(LEDGER, "a::b", &text);
    }
}

fn sanitisers(text: &str) {
    let terminal = sanitise::terminal(text);
    shown::is_one_line("terminal", &terminal);
    assert_eq!(sanitise::terminal(&terminal), terminal, "made safe twice, it is another text: {text:?}");
    let excerpt = sanitise::excerpt(text, 40);
    assert!(excerpt == text || excerpt.chars().count() > 40);

    let markdown = sanitise::markdown(text);
    shown::is_one_line("markdown", &markdown);
    assert!(!markdown.contains(['<', '>']), "HTML in {markdown:?}");
    let mut escaped = false;
    for c in markdown.chars() {
        assert!(escaped || !matches!(c, '|' | '`' | '*' | '_' | '[' | ']' | '$'), "markup in {markdown:?}");
        escaped = c == '\\' && !escaped;
    }
    assert!(!escaped, "what follows {markdown:?} is escaped");
    assert!(!markdown.contains("://") && !mentions(&markdown), "a link or a mention in {markdown:?}");

    let code = sanitise::markdown_code(text);
    shown::is_one_line("markdown_code", &code);
    if code != "(blank)" {
        let fence = code.len() - code.trim_start_matches('`').len();
        let inside = &code[fence..code.len() - fence];
        assert!(code.ends_with(&"`".repeat(fence)) && runs(inside).all(|run| run != fence), "{code:?} ends early");
    }

    let data = sanitise::workflow_data(text);
    assert!(!data.contains(['\n', '\r']), "{data:?}");
    let lines: Vec<String> = text.split('\n').map(sanitise::terminal).collect();
    assert_eq!(data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"), lines.join("\n"));
    let property = sanitise::workflow_property(text);
    assert!(!property.contains(['\n', '\r', ':', ',']), "{property:?}");
    let decoded = property.replace("%3A", ":").replace("%2C", ",").replace("%0A", "\n").replace("%25", "%");
    assert_eq!(decoded, terminal);

    if let Some(command) = sanitise::command(text) {
        assert_eq!(command, text);
        shown::is_one_line("a command", command);
    }
    if let Some(fenced) = sanitise::markdown_fence(text) {
        shown::is_no_command("a fence", &fenced);
        let fence = &fenced[..fenced.len() - fenced.trim_start_matches('`').len()];
        assert_eq!(fenced, format!("{fence}sh\n{text}\n{fence}"));
        assert!(fence.len() >= 3 && runs(text).all(|run| run < fence.len()), "{fenced:?} ends early");
    }
}

/// Whether an `@` stands right before a name.
fn mentions(markdown: &str) -> bool {
    markdown.as_bytes().windows(2).any(|pair| pair[0] == b'@' && pair[1].is_ascii_alphanumeric())
}

/// The lengths of the runs of backticks.
fn runs(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c| c != '`').map(str::len).filter(|run| *run > 0)
}

/// What is quoted splits back into the same words.
fn shells(text: &str) {
    if let Some(word) = sanitise::shell_word(text) {
        shown::is_one_line("a word of a command", &word);
        assert_eq!(shown::shell_words(&word), Some(vec![text.to_owned()]), "{word:?}");
    }
    let (first, second) = parts(text);
    let commands = [Command::target(first), Command::test(first, second), Command::rerun(text)];
    for command in commands.into_iter().flatten() {
        let line = command.shell();
        shown::is_one_line("a command", &line);
        assert_eq!(shown::shell_words(&line), Some(command.argv), "{line:?}");
    }
}

fn formats(text: &str) {
    let verdict = verdict(text);
    for format in FORMATS {
        let bytes = format.bytes(&verdict).expect("memory takes it");
        let written = String::from_utf8(bytes).expect("UTF-8");
        assert!(written.ends_with('\n') && !written.ends_with("\n\n"), "{}: {written:?}", format.id);
        shown::is_output(format.id, &written);
        if format.schema.is_some() {
            json(format.id, &written, text);
        }
        if ["markdown", "step-summary"].contains(&format.id) {
            tables(format.id, &written);
        }
    }
    for (width, verbose) in [(40, true), (100, false), (200, true)] {
        shown::is_no_command("table", &render(&verdict, Style { width: Some(width), colour: false, verbose }));
    }
}

/// Each document parses, and the verdict says what was told, to the letter where nothing looks like a secret.
fn json(format: &str, written: &str, text: &str) {
    let whole = serde_json::from_str::<Value>(written);
    let lines: Result<Vec<Value>, _> = written.lines().map(serde_json::from_str).collect();
    assert!(whole.is_ok() || lines.is_ok(), "{format} is no JSON: {:?}", whole.err());
    if let ("verdict", Ok(verdict)) = (format, whole) {
        let told = &verdict["gates"][0]["findings"][0]["actual"];
        let told = told.as_str().unwrap_or_else(|| panic!("no text: {told}"));
        // A text is looked at as it is, and as it stands in the document.
        let hidden =
            [redact(text).into_owned() != text, redact(&Value::from(text).to_string()) != Value::from(text).to_string()];
        match hidden.contains(&true) {
            true => assert!(told.contains("[redacted: "), "{told:?} for {text:?}"),
            false => assert_eq!(told, text),
        }
        assert_eq!(verdict["verdict"], "fail");
    }
}

/// Every row of a table has the cells of its head.
fn tables(format: &str, written: &str) {
    let mut width = None;
    let mut fenced = false;
    for line in written.lines() {
        fenced ^= line.starts_with("```");
        if fenced || !line.starts_with('|') {
            width = None;
            continue;
        }
        let mut escaped = false;
        let bars = line.chars().filter(|c| {
            let bar = *c == '|' && !escaped;
            escaped = *c == '\\' && !escaped;
            bar
        });
        let bars = bars.count();
        assert_eq!(*width.get_or_insert(bars), bars, "{format}: {line:?}");
    }
}

/// A failing verdict with this text wherever text can stand.
fn verdict(text: &str) -> Verdict {
    let said = || text.to_owned();
    let gate = |name: &str, status: Status, standing: Standing, reason: Option<Reason>| GateResult {
        id: GateId::try_from(name).expect("an id"),
        title: said(),
        bead: said(),
        owner: said(),
        terms: GateTerms {
            id: GateId::try_from(name).expect("an id"),
            blocking: standing != Standing::Advisory,
            waivable: true,
            gap_waivable: false,
        },
        status,
        standing,
        reason,
        judged_wrong: status == Status::Fail,
        artifact_path: Some(said()),
        detail: said(),
        findings: vec![
            Finding::new(said(), text, text).at(Where::pointer(text, Pointer::root().key(text))).next(text),
            Finding::new(said(), text, text).at(Where::line(text, 3)).next(text),
        ],
        checks: vec![CheckResult { kind: "holds", expect: said(), outcome: "fail", examined: 0 }],
        notes: vec![Note::new("excused", text)],
        measured: vec![Measure::of(text, 0.5, text).limit(Limit::AtMost(Number::Int(1)))],
        needs: Vec::new(),
        blocked_by: Vec::new(),
        reruns: vec![said()],
        reproduce: said(),
        then: Vec::new(),
        remediation: vec![said()],
        defined: Some(Where::line(text, 3)),
    };
    let path = ArtifactPath { base: Base::Repo, rel: RelPath::parse("a.json").expect("a path"), shown: said() };
    let id = |text: &str| EvidenceId::try_from(text).expect("an id");
    let lane = || LaneId::try_from("full").expect("an id");
    let day = |text: &str| text.parse().expect("a day");
    let generated_at = parse_instant("2026-03-01T12:00:00Z").expect("an instant");
    let waiver = Waiver {
        gate: GateId::try_from("d").expect("an id"),
        owner: said(),
        bead: said(),
        reason: said(),
        created: day("2026-02-20"),
        expires: day("2026-03-03"),
        scope: vec![lane()],
        exit_criterion: said(),
    };
    let held = Quarantine {
        test: said(),
        category: said(),
        kind: None,
        owner: said(),
        bead: said(),
        reason: said(),
        since: day("2026-02-25"),
        expires: day("2026-03-05"),
        evidence: said(),
        reproduce: said(),
        exit_criterion: said(),
    };
    let at = || Pointer::root().key("waiver").key(text);
    let torn = vec![Problem { kind: ProblemKind::Wrong, at: at(), expected: said(), actual: said() }];
    Verdict {
        generated_at,
        lane: lane(),
        lane_rule: LaneRule::Full,
        mode: Mode::Rollback { rationale: said(), until: generated_at },
        policy: PackId::try_from("p").expect("an id"),
        policy_digest: Digest::of(b"policy"),
        verdict_schema: None,
        run: Some(RunIdentity {
            path: said(),
            name: Some(said()),
            id: Some(said()),
            commit: Some(said()),
            shards: vec![said()],
        }),
        commit: Some(said()),
        gates: vec![
            gate("a", Status::Fail, Standing::Fail, Some(Reason::Finding)),
            gate("b", Status::Skip, Standing::Blocked, Some(Reason::Blocked)),
            gate("c", Status::Warn, Standing::Advisory, Some(Reason::Finding)),
            gate("d", Status::Fail, Standing::Waived, Some(Reason::Finding)),
            gate("e", Status::Skip, Standing::Skipped, Some(Reason::Absent)),
            gate("g", Status::Pass, Standing::Pass, None),
        ],
        evidence: vec![EvidenceRow {
            id: id("doc"),
            path,
            digest: Some(Digest::of(b"")),
            size: 1,
            gap: None,
            made: Some(generated_at),
            instead: Some(said()),
            gates: vec![GateId::try_from("a").expect("an id")],
        }],
        exceptions: ExceptionUse {
            waivers: vec![
                WaiverUse {
                    entry: Entry { name: "d".to_owned(), at: at(), read: Ok(waiver) },
                    validity: Some(Validity::Expiring { days_left: 2 }),
                    used: true,
                    renewals: Some(1),
                },
                WaiverUse {
                    entry: Entry { name: said(), at: at(), read: Err(torn.clone()) },
                    validity: None,
                    used: false,
                    renewals: None,
                },
            ],
            quarantine: vec![
                (Entry { name: said(), at: at(), read: Ok(held) }, Some(Validity::InForce { days_left: 9 })),
                (Entry { name: said(), at: at(), read: Err(torn) }, None),
            ],
            unused: vec![said()],
            excused: [said()].into(),
        },
        weakened_by: vec![Weakening { switch: "rollback-mode", detail: said() }],
        policy_ref: Some(PolicyRef { name: said(), commit: "a".repeat(40), ledger: true }),
        incomplete: None,
    }
}
