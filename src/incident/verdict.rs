//! A verdict that was written to a file, read again: it is evidence by now, so it is believed only as far as it is sound.
//!
//! In: the file. Out: a [`Judged`], or the gap: no JSON, not the shape of our verdicts, or one that contradicts itself, by the one reader
//! of recorded verdicts ([`recorded`]).

use crate::collect;
use crate::model::{Base, Content, Document, Gap, GapKind, Limits, Node, Pointer, RelPath, Standing, Where, recorded};
use crate::report;
use crate::workspace::Workspace;

/// One finding of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind; the word of a gap where evidence could not be judged.
    pub kind: String,
    /// The artifact, with the value or line in it.
    pub at: Option<String>,
    /// The artifact alone.
    pub path: Option<String>,
    /// What was asked for.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The tracker's id.
    pub bead: String,
    /// What it counts as.
    pub standing: Standing,
    /// Why it does not simply pass.
    pub reason: Option<String>,
    /// Whether the verdict fails when it does not stand.
    pub blocking: bool,
    /// The first artifact it reads.
    pub artifact: Option<String>,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// The commands that reproduce its evidence, in their order.
    pub reproduce: Vec<String>,
}

impl Gate {
    /// Whether it keeps the verdict from standing, and for a reason of its own.
    pub fn cause(&self) -> bool {
        self.blocking && self.standing == Standing::Fail
    }

    /// Whether evidence was judged and found wrong, rather than not to be judged.
    pub fn judged_wrong(&self) -> bool {
        let gap = |word: &str| crate::model::GapKind::ALL.iter().any(|kind| kind.word() == word);
        self.reason.as_deref() == Some("finding") || self.findings.iter().any(|finding| !gap(&finding.kind))
    }
}

/// What the verdict said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The policy.
    pub policy: String,
    /// The lane.
    pub lane: String,
    /// When it was judged.
    pub generated_at: String,
    /// Whether it fails.
    pub fails: bool,
    /// `rolled_back`, `incomplete`, or nothing.
    pub status: Option<String>,
    /// One sentence: why.
    pub reason: String,
    /// Why and until when a failing verdict does not block.
    pub rollback: Option<(String, String)>,
    /// The run's directory.
    pub run: Option<String>,
    /// The run's id.
    pub run_id: Option<String>,
    /// The commit under judgement, or of the run.
    pub commit: Option<String>,
    /// The gates, in their order.
    pub gates: Vec<Gate>,
}

impl Judged {
    /// The gates that keep it from standing for a reason of their own, in their order.
    pub fn causes(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(|gate| gate.cause())
    }

    /// Whether the judgement never came to its end.
    pub fn incomplete(&self) -> bool {
        self.status.as_deref() == Some("incomplete")
    }
}

/// Reads a verdict beside which its other outputs lie.
///
/// # Errors
/// The gap of the file.
pub fn read(beside: &dyn Workspace, name: &RelPath, limits: &Limits) -> Result<Judged, Gap> {
    let artifact = collect::look(beside, Base::Repo, name, limits);
    let at = Where::file(&artifact.path.shown);
    let document = match artifact.content? {
        Content::Document(document) => document,
        other => {
            return Err(Gap::new(GapKind::Invalid, at, "a verdict: a JSON document named `.json`", other.what()));
        }
    };
    sound(&document, &at)
}

/// What a document says that is a verdict and does not contradict itself; `at` is the file for messages.
///
/// # Errors
/// The gap of the file.
pub fn sound(document: &Document, at: &Where) -> Result<Judged, Gap> {
    shaped(document, at)?;
    recorded(document.root()).map_err(|contradicted| {
        let place = Where { pointer: Some(contradicted.at), ..at.clone() };
        Gap::new(GapKind::Invalid, place, contradicted.expected, contradicted.actual)
    })?;
    Ok(judged(document.root()))
}

/// The verdict's own published JSON Schema says what a verdict is.
fn shaped(document: &Document, at: &Where) -> Result<(), Gap> {
    let shape = collect::parse_shape(&report::verdict_schema()).expect("our own schema is sound");
    match shape.violations(document).first() {
        None => Ok(()),
        Some(violation) => {
            let place = Where { pointer: Some(violation.at.clone()), ..at.clone() };
            Err(Gap::new(GapKind::Invalid, place, "a verdict of gatekeeper", violation.message.clone()))
        }
    }
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

fn judged(root: Node<'_>) -> Judged {
    let of = |key: &str, inner: &str| root.get(key).and_then(|node| text(node, inner));
    let required = |key: &str| text(root, key).unwrap_or_default();
    Judged {
        policy: of("policy", "id").unwrap_or_default(),
        lane: required("lane"),
        generated_at: required("generated_at"),
        fails: required("verdict") == "fail",
        status: text(root, "status"),
        reason: required("reason"),
        rollback: of("rollback", "rationale").zip(of("rollback", "until")),
        run: of("run", "path"),
        run_id: of("run", "id"),
        commit: text(root, "commit").or_else(|| of("run", "commit")),
        gates: root.get("gates").into_iter().flat_map(Node::items).map(gate).collect(),
    }
}

fn gate(node: Node<'_>) -> Gate {
    let required = |key: &str| text(node, key).unwrap_or_default();
    let word = required("standing");
    // The shape admits these words only; any other would count as a failure.
    let standing = Standing::ALL.into_iter().find(|standing| standing.word() == word).unwrap_or(Standing::Fail);
    Gate {
        id: required("id"),
        title: required("name"),
        owner: required("owner"),
        bead: required("bead"),
        standing,
        reason: text(node, "reason"),
        blocking: node.get("blocking").and_then(Node::boolean).unwrap_or(true),
        artifact: text(node, "artifact_path"),
        findings: node.get("findings").into_iter().flat_map(Node::items).map(finding).collect(),
        reproduce: std::iter::once(required("reproduce_command"))
            .chain(
                node.get("reproduce_then")
                    .into_iter()
                    .flat_map(Node::items)
                    .filter_map(|step| step.text().map(str::to_owned)),
            )
            .collect(),
    }
}

fn finding(node: Node<'_>) -> Finding {
    let required = |key: &str| text(node, key).unwrap_or_default();
    let at = node.get("at").filter(|at| at.is_map());
    let place = |at: Node<'_>| Where {
        path: text(at, "path").unwrap_or_default(),
        pointer: text(at, "pointer").and_then(|pointer| Pointer::parse(&pointer)),
        line: at.get("line").and_then(Node::number).and_then(|line| u64::try_from(line.as_integer()?).ok()),
    };
    Finding {
        kind: required("kind"),
        at: at.map(|at| place(at).to_string()),
        path: at.and_then(|at| text(at, "path")),
        expected: required("expected"),
        actual: required("actual"),
    }
}
