//! What evidence a gate needs: which files, of which format, admitted on which terms.

use super::kind::{Format, Shape};
use super::place::Place;
use crate::definition::{Kind, Raw, Read, Refusal, choice};
use crate::model::{Age, Base, Digest, EvidenceId, Pointer, RelPath, StampName, Timezone};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Which of the files that a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The only one; two are a gap.
    Only,
    /// All of them, as a list; at least one.
    All,
    /// The newest by the timestamp at `at`, never by file time.
    Newest,
    /// All of the newest run: matches that have the same name in place of the pattern's first wildcard are of one run, and the newest of them by
    /// `at` tells its age. As a list.
    NewestRun,
}

impl Read for Pick {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("only", Pick::Only), ("all", Pick::All), ("newest", Pick::Newest), ("newest-run", Pick::NewestRun)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["only", "all", "newest", "newest-run"])
    }
}

/// What a test is that one report tells of several times, under one name in one suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// Several tests, each of which must pass.
    Tests,
    /// One test, whose last attempt counts.
    Attempts,
}

impl Duplicates {
    /// The word in definitions.
    pub const fn word(self) -> &'static str {
        match self {
            Duplicates::Tests => "tests",
            Duplicates::Attempts => "attempts",
        }
    }
}

impl Read for Duplicates {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &[("tests", Duplicates::Tests), ("attempts", Duplicates::Attempts)])
    }

    fn kind() -> Kind {
        Kind::Choice(vec!["tests", "attempts"])
    }
}

impl fmt::Display for Duplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where the files of an evidence need come from.
#[derive(Debug, Clone)]
pub enum Paths {
    /// A path or glob in the definition: `repo:tests/*.rs`.
    Declared {
        /// What the pattern starts from.
        base: Base,
        /// The path; `*`, `?`, `[...]`, `{a,b}` within a component, `**` for any depth.
        pattern: String,
        /// Which of the matches.
        pick: Pick,
        /// The file of the repository that stands in where `pattern`, a file of the repository too, is neither in the work tree nor in
        /// the commit or the index.
        fallback: Option<RelPath>,
    },
    /// Paths that another document names: `from = "index.sections[*].path"`. Absolute paths of another machine are re-based.
    Referenced {
        /// The strings in the document.
        place: Place,
        /// What they start from.
        base: Base,
    },
}

/// A question about earlier runs, whose answer is the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The name of a shipped question, or the file of SQL as the gate file names it.
    pub name: String,
    /// The text of that file.
    pub sql: Option<String>,
    /// The values of its parameters, as text.
    pub parameters: BTreeMap<String, String>,
}

impl Query {
    /// The directory among the earlier runs in which answers lie.
    pub const DIRECTORY: &'static str = "history-answers";

    /// Of everything that the definition says of the question: what was asked otherwise is not its answer.
    pub fn digest(&self) -> Digest {
        let parts = [Some(&self.name), self.sql.as_ref()].into_iter().map(|part| part.map_or("", String::as_str));
        let pairs = self.parameters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let all: String = parts.chain(pairs).map(|part| format!("{}:{part};", part.len())).collect();
        Digest::of(all.as_bytes())
    }

    /// The name of the answer's file.
    pub fn file(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let stem: String = self.name.trim_end_matches(".sql").chars().map(plain).collect();
        format!("{stem}-{}.json", &self.digest().to_string()[..12])
    }

    /// What to do where there is no answer.
    pub fn advice(&self) -> String {
        format!("nobody answered the question `{}`: judge with `gatekeeper-history verify --store DIR`", self.name)
    }
}

/// What a document must be bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// Where it names its commit, which must be the commit under judgement.
    pub commit: Option<Pointer>,
    /// What may have changed since: patterns of files of the repository. With any, the commit may also be one before the commit under
    /// judgement since which no commit changed another file, and the evidence itself must then be committed.
    pub apart_from: Vec<RelPath>,
    /// Where it names a commit that must come before the commit under judgement, or be it: the base of a comparison.
    pub ancestor: Option<Pointer>,
    /// Where it names its run, which must be the run under judgement.
    pub run_id: Option<Pointer>,
}

/// One evidence need of a gate.
#[derive(Clone)]
pub struct EvidenceNeed {
    /// The name under which checks see it.
    pub id: EvidenceId,
    /// Which files.
    pub paths: Paths,
    /// How they are read.
    pub format: &'static Format,
    /// The document's own schema id, which must stand in its `schema` field.
    pub schema: Option<String>,
    /// The JSON Schema it must satisfy.
    pub shape: Option<Arc<dyn Shape>>,
    /// Where it says when it was made.
    pub at: Option<Pointer>,
    /// How the directory of the run is named for the time at which it was made, where no document says when.
    pub at_name: Option<StampName>,
    /// The zone of a timestamp that states none, as seconds east of UTC.
    pub timezone: Option<Timezone>,
    /// How old it may be by that.
    pub max_age: Option<Age>,
    /// What it must belong to.
    pub bound: Bound,
    /// Whether its absence is allowed (and reported). Malformed is never absence.
    pub optional: bool,
    /// What is told twice in a test report.
    pub duplicates: Duplicates,
    /// Whether the gate is skipped where it is absent, although its other checks pass.
    pub decisive: bool,
    /// Which matches of its pattern are none: patterns below the same base.
    pub exclude: Vec<RelPath>,
    /// The question that it answers.
    pub query: Option<Query>,
}

impl EvidenceNeed {
    /// Whether checks see a list of documents.
    pub fn many(&self) -> bool {
        match &self.paths {
            Paths::Declared { pick, .. } => matches!(pick, Pick::All | Pick::NewestRun),
            Paths::Referenced { .. } => true,
        }
    }
}
