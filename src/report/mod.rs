//! Writes a verdict down: one file per output format.
//!
//! Comes in: a [`Verdict`]. Goes out: bytes, the same for the same verdict. A writer formats; it counts nothing and decides
//! nothing: sums, order and rulings are methods of the verdict, so that two outputs cannot disagree. It opens no file, prints
//! nothing and asks nobody for the time. Untrusted text goes through [`sanitise`], one function per destination.
//!
//! To add a format, write `src/report/<format>.rs` with a [`Format`], then declare the module and list the entry below.

mod azure;
mod badge;
mod checklist;
mod comment;
mod ctrf;
mod events;
mod fingerprint;
mod github;
mod gitlab;
pub mod history;
mod html;
mod issues;
mod junit;
mod lane;
pub mod lint_github;
pub mod lint_sarif;
mod markdown;
mod next;
mod plain;
mod quarantine_report;
mod replay_bundle;
pub mod sanitise;
mod sarif;
mod step_summary;
pub mod table;
mod teamcity;
mod uri;
mod verdict;
mod waiver_audit;
pub mod wire;

#[cfg(test)]
pub(crate) mod canonical;

use crate::model::{LaneRule, Verdict};
use std::io::{self, Write};

/// One output format.
pub struct Format {
    /// What people write behind `-o`.
    pub id: &'static str,
    /// Its file in the output directory; `None` if it is written only on request.
    pub file: Option<&'static str>,
    /// The lane whose verdicts are written to `file`; `None` for every lane.
    pub lane: Option<LaneRule>,
    /// One line about it.
    pub about: &'static str,
    /// Its source, whose header is its page in the docs; see [`Format::page`].
    pub docs: &'static str,
    /// The JSON Schema of its documents, or of its lines.
    pub schema: Option<fn() -> String>,
    /// Writes the verdict.
    pub write: fn(&Verdict, &mut dyn Write) -> io::Result<()>,
}

/// A file of the repository as the relative URI that code hosts know it by; the configuration where it is none.
pub fn uri_of(file: &str) -> String {
    uri::place(&[Some(&crate::model::Where::file(file))]).uri
}

/// Every format, in the order in which they are listed and written.
pub static FORMATS: &[&Format] = &[
    &verdict::FORMAT,
    &events::FORMAT,
    &lane::PREFLIGHT,
    &lane::FULL,
    &waiver_audit::FORMAT,
    &quarantine_report::FORMAT,
    &replay_bundle::FORMAT,
    &markdown::FORMAT,
    &table::FORMAT,
    &github::FORMAT,
    &step_summary::FORMAT,
    &checklist::MARKDOWN,
    &checklist::JSON,
    &junit::FORMAT,
    &sarif::FORMAT,
    &html::FORMAT,
    &ctrf::FORMAT,
    &gitlab::FORMAT,
    &azure::FORMAT,
    &teamcity::FORMAT,
    &comment::BUILDKITE,
    &comment::COMMENT,
    &badge::FORMAT,
    &history::FORMAT,
];

impl Format {
    /// Whether this verdict is written to the format's file when nobody asks for particular formats.
    pub fn by_default(&self, verdict: &Verdict) -> bool {
        self.file.is_some() && self.lane.is_none_or(|lane| lane == verdict.lane_rule)
    }

    /// Its page in the docs: the header of its source.
    pub fn page(&self) -> String {
        let header = self.docs.lines().take_while(|line| line.starts_with("//!"));
        header.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or_default().to_owned() + "\n").collect()
    }

    /// The verdict in this format.
    ///
    /// # Errors
    /// The verdict could not be put into JSON, which no verdict should cause.
    pub fn bytes(&self, verdict: &Verdict) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (self.write)(verdict, &mut bytes)?;
        Ok(bytes)
    }
}

/// The published JSON Schema of `full_suite_verdict.json`.
pub fn verdict_schema() -> String {
    wire::schema_of::<wire::v1::Verdict<'_>>(wire::v1::VERDICT_SCHEMA)
}

/// The published JSON Schemas of documents that are no verdicts, each with its name.
pub fn other_schemas() -> Vec<(&'static str, String)> {
    use wire::v1::closeout::{CLOSEOUT_SCHEMA, Closeout};
    use wire::v1::mutation::{MUTATION_SCHEMA, Mutation};
    use wire::v1::policy_diff::{POLICY_DIFF_SCHEMA, PolicyDiff};
    let mut all = vec![
        ("closeout-audit", wire::schema_of::<Closeout>(CLOSEOUT_SCHEMA)),
        ("mutation", wire::schema_of::<Mutation>(MUTATION_SCHEMA)),
        ("policy-diff", wire::schema_of::<PolicyDiff>(POLICY_DIFF_SCHEMA)),
    ];
    all.extend(wire::v1::commands::schemas());
    all
}

#[cfg(test)]
mod tests;
