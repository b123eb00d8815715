//! A verdict that was written down, read again. One reader for everybody: `attest`, `reverify`, `incident`, `check-claims`, and the check of
//! claims that `checklist` judges by.
//!
//! In: a document. Out: the verdict as [`Verdict`] again, as far as anything follows from it, or the first place where the document says something
//! else than follows from the rest of it. What a verdict comes to is derived here by the methods it was written by, never believed.
//! Whoever changes one word of a verdict must change every other that follows from it; whether the evidence was ever so is for a new
//! judgement to say.

use super::age::{Instant, parse_instant};
use super::digest::Digest;
use super::document::Node;
use super::evidence::GapKind;
use super::finding::Finding;
use super::id::{EvidenceId, GateId, LaneId, PackId};
use super::location::Pointer;
use super::measure::{Limit, Measure};
use super::outcome::Note;
use super::policy::{GateTerms, LaneRule, Mode};
use super::recorded_rules;
use super::standing::{Reason, Standing, Status};
use super::verdict::{CheckResult, ExceptionUse, GateResult, RunIdentity, Verdict, Weakening};

/// Where a recorded verdict contradicts itself, or is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradicted {
    /// The value.
    pub at: Pointer,
    /// What follows from the rest.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// A recorded verdict that does not contradict itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The verdict. What it comes to is derived from it, as when it was written. It has neither evidence nor exceptions.
    pub verdict: Verdict,
    /// The shape that it says it has.
    pub schema: String,
    /// `rolled_back`, `incomplete`, or nothing.
    pub status: Option<String>,
}

/// What is kept of one waiver, one file.
pub(super) struct Rest {
    /// Gates whose waiver covered a failure, each with whether it could.
    pub used: Vec<(Pointer, String, bool)>,
    /// The gates that read each file of evidence.
    pub readers: Vec<(Pointer, String)>,
    /// Whether quarantine entries are listed that hold.
    pub held: bool,
}

pub(super) type Read<T> = Result<T, Contradicted>;

pub(super) fn refuse<T>(at: &Pointer, expected: impl Into<String>, actual: impl Into<String>) -> Read<T> {
    Err(Contradicted { at: at.clone(), expected: expected.into(), actual: actual.into() })
}

/// A value with its place.
#[derive(Clone)]
pub(super) struct Spot<'d> {
    pub node: Node<'d>,
    pub at: Pointer,
}

impl<'d> Spot<'d> {
    /// The value under a key; `None` also where it is null.
    pub fn get(&self, key: &str) -> Option<Spot<'d>> {
        let node = self.node.get(key).filter(|node| !node.is_null())?;
        Some(Spot { node, at: self.at.key(key) })
    }

    fn wanted(&self, key: &str, what: &str) -> Read<Spot<'d>> {
        self.get(key).map_or_else(|| refuse(&self.at.key(key), what, "nothing"), Ok)
    }

    fn wrong<T>(&self, what: &str) -> Read<T> {
        refuse(&self.at, what, self.node.excerpt(80))
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Read<&'d str> {
        let spot = self.wanted(key, "a text")?;
        spot.node.text().map_or_else(|| spot.wrong("a text"), Ok)
    }

    /// The text under a key that may not be there.
    pub fn maybe(&self, key: &str) -> Read<Option<&'d str>> {
        if self.get(key).is_some() { self.text(key).map(Some) } else { Ok(None) }
    }

    fn flag(&self, key: &str) -> Read<bool> {
        let spot = self.wanted(key, "true or false")?;
        spot.node.boolean().map_or_else(|| spot.wrong("true or false"), Ok)
    }

    /// The number under a key.
    pub fn count(&self, key: &str) -> Read<usize> {
        let spot = self.wanted(key, "a number")?;
        let number = spot.node.number().and_then(|number| usize::try_from(number.as_integer()?).ok());
        number.map_or_else(|| spot.wrong("a number of things"), Ok)
    }

    /// The members of the list under a key.
    pub fn list(&self, key: &str) -> Read<Vec<Spot<'d>>> {
        let spot = self.wanted(key, "a list")?;
        if !spot.node.is_list() {
            return spot.wrong("a list");
        }
        Ok(spot.node.items().enumerate().map(|(index, node)| Spot { node, at: spot.at.index(index) }).collect())
    }

    /// The object under a key.
    fn map(&self, key: &str) -> Read<Spot<'d>> {
        let spot = self.wanted(key, "an object")?;
        if spot.node.is_map() { Ok(spot) } else { spot.wrong("an object") }
    }

    /// What the text under a key is read as.
    fn parsed<T>(&self, key: &str, what: &str, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        let text = self.text(key)?;
        parse(text).map_or_else(|| refuse(&self.at.key(key), what, format!("`{text}`")), Ok)
    }

    fn instant(&self, key: &str) -> Read<Instant> {
        self.parsed(key, "an instant", |text| parse_instant(text).ok())
    }

    /// One of these, by its word.
    fn word<T: Copy>(&self, key: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Read<T> {
        self.parsed(key, "a word of a verdict", |text| all.iter().copied().find(|one| word(*one) == text))
    }
}

/// Reads a verdict.
///
/// # Errors
/// The first place where the document is no verdict, or contradicts itself.
pub fn recorded(root: Node<'_>) -> Result<Recorded, Contradicted> {
    let spot = Spot { node: root, at: Pointer::root() };
    if !root.is_map() {
        return spot.wrong("a verdict");
    }
    let gates = spot.list("gates")?.iter().map(gate).collect::<Read<Vec<_>>>()?;
    let (status, mode) = (spot.maybe("status")?, mode(&spot)?);
    let incomplete = (status == Some("incomplete")).then(|| spot.text("reason").map(str::to_owned)).transpose()?;
    let policy = spot.map("policy")?;
    let run = spot.get("run").map(|run| run_identity(&run)).transpose()?;
    if let Some(from) = policy.get("from") {
        from.text("ref")?;
        from.parsed("commit", "40 hex digits", commit)?;
        from.word("ledger", &["commit", "work-tree"], |word| word)?;
    }
    let verdict = Verdict {
        generated_at: spot.instant("generated_at")?,
        lane: spot.parsed("lane", "the name of a lane", |text| LaneId::try_from(text).ok())?,
        lane_rule: LaneRule::Full,
        mode,
        policy: policy.parsed("id", "the name of a policy", |text| PackId::try_from(text).ok())?,
        policy_digest: policy.parsed("sha256", "64 hex digits", Digest::parse)?,
        policy_ref: None,
        verdict_schema: None,
        run,
        commit: spot.get("commit").map(|_| spot.parsed("commit", "40 hex digits", commit)).transpose()?,
        gates,
        evidence: Vec::new(),
        exceptions: ExceptionUse::default(),
        weakened_by: spot.list("weakened_by")?.iter().map(weakening).collect::<Read<_>>()?,
        incomplete,
    };
    if spot.map("tool")?.text("name")? != "gatekeeper" {
        return refuse(&spot.at.key("tool").key("name"), "`gatekeeper`", "another program");
    }
    let rest = rest(&spot)?;
    let verdict = recorded_rules::hold(verdict, &spot, &rest)?;
    Ok(Recorded { verdict, schema: spot.text("schema")?.to_owned(), status: status.map(str::to_owned) })
}

fn commit(text: &str) -> Option<String> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == 40 && text.bytes().all(hex)).then(|| text.to_owned())
}

fn mode(spot: &Spot<'_>) -> Read<Mode> {
    let word = spot.word("mode", &["strict", "rollback"], |word| word)?;
    match (word, spot.get("rollback")) {
        ("rollback", Some(rollback)) => {
            Ok(Mode::Rollback { rationale: rollback.text("rationale")?.to_owned(), until: rollback.instant("until")? })
        }
        ("rollback", None) => refuse(&spot.at.key("rollback"), "why and until when, as the mode is `rollback`", "nothing"),
        (_, Some(rollback)) => refuse(&rollback.at, "nothing, as the mode is `strict`", "a rollback"),
        (_, None) => Ok(Mode::Strict),
    }
}

fn run_identity(run: &Spot<'_>) -> Read<RunIdentity> {
    let shards = if run.get("shards").is_some() { run.list("shards")? } else { Vec::new() };
    let shards =
        shards.iter().map(|shard| shard.node.text().map_or_else(|| shard.wrong("a text"), |text| Ok(text.to_owned())));
    Ok(RunIdentity {
        path: run.text("path")?.to_owned(),
        name: None,
        id: run.maybe("id")?.map(str::to_owned),
        commit: run.maybe("commit")?.map(str::to_owned),
        shards: shards.collect::<Read<_>>()?,
    })
}

/// The switches that a verdict can be weakened by.
const SWITCHES: [&str; 8] =
    ["clock", "configuration", "duplicates", "override", "quarantine", "rollback-mode", "skipped-gate", "waiver"];

fn weakening(row: &Spot<'_>) -> Read<Weakening> {
    let switch = row.word("switch", &SWITCHES, |word| word)?;
    Ok(Weakening { switch, detail: row.text("detail")?.to_owned() })
}

/// The words of what a check said.
const OUTCOMES: [&str; 4] = ["pass", "fail", "error", "skip"];

fn gate(spot: &Spot<'_>) -> Read<GateResult> {
    let id = spot.parsed("id", "the id of a gate", |text| GateId::try_from(text).ok())?;
    let statuses = [Status::Pass, Status::Fail, Status::Warn, Status::Skip];
    let (blocking, waivable) = (spot.flag("blocking")?, spot.flag("waivable")?);
    let checks = spot.list("checks")?;
    let checks = checks.iter().map(|check| {
        check.text("kind")?;
        let outcome = check.word("outcome", &OUTCOMES, |word| word)?;
        Ok(CheckResult {
            kind: "recorded",
            expect: check.text("expect")?.to_owned(),
            outcome,
            examined: check.count("examined")?,
        })
    });
    let checks = checks.collect::<Read<Vec<_>>>()?;
    let findings = spot.list("findings")?.iter().map(finding).collect::<Read<Vec<_>>>()?;
    let blocked_by = spot.list("blocked_by")?;
    let blocked_by = blocked_by.iter().map(|need| {
        let id = need.node.text().and_then(|text| GateId::try_from(text).ok());
        id.map_or_else(|| need.wrong("the id of a gate"), Ok)
    });
    let notes = if spot.get("notes").is_some() { spot.list("notes")? } else { Vec::new() };
    let notes = notes.iter().map(|note| {
        let about = note.text("about")?;
        Ok(Note::new(if about == Note::QUARANTINED { Note::QUARANTINED } else { "recorded" }, note.text("text")?))
    });
    let measured = if spot.get("measured").is_some() { spot.list("measured")? } else { Vec::new() };
    let commands = |key: &str| -> Read<Vec<String>> {
        Ok(match spot.get(key) {
            Some(_) => spot.list(key)?.iter().filter_map(|step| step.node.text().map(str::to_owned)).collect(),
            None => Vec::new(),
        })
    };
    Ok(GateResult {
        title: spot.text("name")?.to_owned(),
        bead: spot.text("bead")?.to_owned(),
        owner: spot.text("owner")?.to_owned(),
        terms: GateTerms { id: id.clone(), blocking, waivable, gap_waivable: false },
        status: spot.word("status", &statuses, Status::word)?,
        standing: spot.word("standing", &Standing::ALL, Standing::word)?,
        reason: spot.get("reason").map(|_| spot.parsed("reason", "a reason of a verdict", reason)).transpose()?,
        judged_wrong: checks.iter().any(|check| check.outcome == "fail"),
        artifact_path: spot.maybe("artifact_path")?.map(str::to_owned),
        detail: spot.text("detail")?.to_owned(),
        findings,
        checks,
        notes: notes.collect::<Read<_>>()?,
        measured: measured.iter().map(measure).collect::<Read<_>>()?,
        blocked_by: blocked_by.collect::<Read<_>>()?,
        reproduce: spot.text("reproduce_command")?.to_owned(),
        then: commands("reproduce_then")?,
        reruns: commands("rerun_commands")?,
        remediation: Vec::new(),
        needs: Vec::new(),
        defined: None,
        id,
    })
}

fn measure(spot: &Spot<'_>) -> Read<Measure> {
    let number = |key: &str| {
        let own = spot.wanted(key, "a number")?;
        own.node.number().map_or_else(|| own.wrong("a number"), Ok)
    };
    let limit = match (spot.get("at_most"), spot.get("at_least")) {
        (Some(_), _) => Some(Limit::AtMost(number("at_most")?)),
        (None, Some(_)) => Some(Limit::AtLeast(number("at_least")?)),
        (None, None) => None,
    };
    Ok(Measure { what: spot.text("what")?.to_owned(), value: number("value")?, unit: spot.text("unit")?.to_owned(), limit })
}

fn reason(word: &str) -> Option<Reason> {
    let plain = [Reason::Finding, Reason::Blocked, Reason::Absent, Reason::NotEvaluated, Reason::Incomplete];
    let all = plain.into_iter().chain(GapKind::ALL.iter().map(|kind| Reason::Gap(*kind)));
    all.into_iter().find(|reason| reason.word() == word)
}

fn finding(spot: &Spot<'_>) -> Read<Finding> {
    let finding = Finding::new(spot.text("kind")?.to_owned(), spot.text("expected")?, spot.text("actual")?);
    Ok(Finding { message: spot.maybe("message")?.map(str::to_owned), ..finding })
}

/// What is looked at of evidence and exceptions.
fn rest(spot: &Spot<'_>) -> Read<Rest> {
    let mut rest = Rest { used: Vec::new(), readers: Vec::new(), held: false };
    for row in spot.list("evidence")? {
        row.parsed("id", "the id of evidence", |text| EvidenceId::try_from(text).ok())?;
        row.text("path")?;
        row.count("size")?;
        row.get("sha256").map(|_| row.parsed("sha256", "64 hex digits", Digest::parse)).transpose()?;
        row.get("made_at").map(|_| row.instant("made_at")).transpose()?;
        if row.maybe("gap")?.is_some() {
            let kind = row.word("gap", &GapKind::ALL, GapKind::word)?;
            if kind == GapKind::Missing && row.get("sha256").is_some() {
                return refuse(&row.at.key("sha256"), "nothing, as the file is missing", "a digest");
            }
        } else if row.get("sha256").is_none() {
            return refuse(&row.at.key("sha256"), "the digest of a file that was judged", "nothing");
        }
        for reader in row.list("gates")? {
            let Some(id) = reader.node.text() else { return reader.wrong("the id of a gate") };
            rest.readers.push((reader.at.clone(), id.to_owned()));
        }
    }
    let exceptions = spot.map("exceptions")?;
    let holds = |validity: &str| matches!(validity, "active" | "expiring");
    for row in exceptions.list("waivers")? {
        let validity = row.text("validity")?;
        if row.flag("used")? {
            rest.used.push((row.at.clone(), row.text("gate")?.to_owned(), holds(validity)));
        }
    }
    for row in exceptions.list("quarantine")? {
        rest.held |= holds(row.text("validity")?);
    }
    exceptions.list("unused")?;
    Ok(rest)
}
