//! Whether a completion audit holds: its claims against exit codes, files, git and the tracker.
//!
//! In: a JSON file in which somebody says that work is done, and the repository. Out: a [`Closeout`], the document that `report` publishes, which
//! passes only if every claim was looked at and none failed. Nothing is run, written, sent or deleted here: a workspace is only ever opened,
//! listed and asked for git objects. A damaged audit blocks, and says so in `gaps`.
//!
//! | part | does |
//! |---|---|
//! | `claim` | reads what the audit says |
//! | `evidence`, `tracker` | what commands, files, commits and items come to |
//! | `judge` | claims against what is there |
//! | `kind` | the kinds of what blocks, and what to do |
//! | `golden` | scenarios inside the binary, with what must come of them |

mod claim;
mod copy;
mod evidence;
mod golden;
mod judge;
mod kind;
mod tracker;

pub use golden::{Case, SelfTest, self_test};
pub use kind::Kind;

use crate::collect;
use crate::model::{Artifact, Base, Content, Gap, GapKind, Limits, RelPath, Where, redact, show_instant};
use crate::report::sanitise::{excerpt, terminal};
use crate::report::wire::v1::Tool;
use crate::report::wire::v1::closeout::{Admit, Blocker, CLOSEOUT_SCHEMA, Closeout, Examined, Input, InputGap};
use crate::workspace::Workspace;
use claim::Claims;
use evidence::Looking;
use tracker::Tracker;

/// What every output says of how it was made.
pub const METHOD: &str = "Read the audit, the files that it names below the repository, git objects and the tracker's file; ran no command, \
    wrote nothing, opened no network connection. Exit codes are those that the audit records.";

/// What to do about an audit that cannot be read.
const PRODUCE: &str = "Make the audit again: one whole JSON document of the shape in docs/closeout-audit.md.";

/// Longest quotation in a gap, in characters.
const QUOTED: usize = 200;

/// The audit: where it lies, and the repository that it speaks of.
pub struct Place<'w> {
    /// The workspace whose base has the file.
    pub beside: &'w dyn Workspace,
    /// The file below that base.
    pub file: RelPath,
    /// The repository.
    pub around: &'w dyn Workspace,
    /// Whether the file lies below the repository, so that its path is one of the repository too.
    pub inside: bool,
    /// Whether its clock was given on the command line.
    pub clock_given: bool,
}

/// Looks at an audit.
pub fn audit(place: &Place<'_>, limits: &Limits) -> Closeout {
    let json = collect::FORMATS.iter().find(|format| format.id == "json").expect("JSON is a format");
    let artifact = collect::look_as(place.beside, Base::Repo, &place.file, json, limits);
    match read(&artifact) {
        Ok(claims) => judged(place, &artifact, &claims, limits),
        Err(gaps) => {
            let mut closeout = blank(place, &artifact);
            closeout.gaps = gaps.iter().map(row).collect();
            closeout.operator_next_actions = vec![PRODUCE];
            closeout
        }
    }
}

fn read(artifact: &Artifact) -> Result<Claims, Vec<Gap>> {
    match &artifact.content {
        Ok(Content::Document(document)) => claim::claims(document.root(), &artifact.path.shown),
        Ok(other) => {
            let at = Where::file(&artifact.path.shown);
            Err(vec![Gap::new(GapKind::Invalid, at, "a completion audit: a JSON document", other.what())])
        }
        Err(gap) => Err(vec![gap.clone()]),
    }
}

fn safe(text: &str) -> String {
    terminal(&excerpt(&redact(text), QUOTED))
}

fn row(gap: &Gap) -> InputGap {
    InputGap {
        kind: gap.kind.word(),
        at: safe(&gap.at.to_string()),
        expected: safe(&gap.expected),
        actual: safe(&gap.actual),
    }
}

/// The document before anything is known: it blocks.
fn blank(place: &Place<'_>, artifact: &Artifact) -> Closeout {
    Closeout {
        schema: CLOSEOUT_SCHEMA,
        tool: Tool::US,
        generated_at: show_instant(place.around.now()),
        clock: if place.clock_given { "given" } else { "system" },
        read_only: true,
        method: METHOD,
        audit: Input {
            path: safe(&artifact.path.shown),
            sha256: artifact.digest.map(|digest| digest.to_string()),
            size: artifact.size,
        },
        status: "block",
        admit: Admit { claimed: None, agrees: None },
        blockers: Vec::new(),
        gaps: Vec::new(),
        operator_next_actions: Vec::new(),
        notes: Vec::new(),
        examined: Examined::default(),
    }
}

fn judged(place: &Place<'_>, artifact: &Artifact, claims: &Claims, limits: &Limits) -> Closeout {
    let tracker = Tracker::read(place.around, limits);
    let mut looking =
        Looking::new(place.around, limits, claims, tracker, artifact, place.inside.then(|| place.file.as_str()));
    let (blocking, notes) = judge::judge(&mut looking);
    let mut closeout = blank(place, artifact);
    closeout.notes = notes;
    closeout.examined = Examined {
        requirements: claims.requirements.len(),
        commands: claims.commands.len(),
        artifacts: claims.artifacts.len(),
        gaps: claims.gaps.as_ref().map_or(0, Vec::len),
    };
    let passes = blocking.is_empty();
    closeout.admit = Admit { claimed: claims.admit, agrees: claims.admit.map(|claimed| claimed == passes) };
    for blocked in blocking.into_rows() {
        let kind = blocked.kind;
        closeout.blockers.push(Blocker {
            id: format!("{}:{}", kind.word(), blocked.subject),
            kind: kind.word(),
            issue: blocked.issue,
            refs: blocked.refs,
            next_action: kind.next_action(),
        });
        if !closeout.operator_next_actions.contains(&kind.next_action()) {
            closeout.operator_next_actions.push(kind.next_action());
        }
    }
    if passes {
        closeout.status = "pass";
    }
    closeout
}
