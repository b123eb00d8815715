//! The earlier versions of a ledger with the commits in which they stood, for the commands that audit and change it.
//!
//! In: a ledger of the repository, and git. Out: its versions, oldest first, or the phrase why they cannot be told. Nothing is counted
//! here, and history that is cut off is no history.

use super::format::TOML;
use super::lineage::{VERSIONS_MOST, version};
use crate::model::{FieldNames, Instant, Ledger, Limits, RelPath};
use crate::workspace::Workspace;

/// One version of a ledger.
#[derive(Debug, Clone)]
pub struct LedgerPast {
    /// The ledger; `None` where the file was not there or was no TOML.
    pub ledger: Option<Ledger>,
    /// The commits in which it stood, oldest first: id and time of commit.
    pub commits: Vec<(String, Instant)>,
}

/// The versions of a ledger along the first parents of the commit under judgement, oldest first.
///
/// # Errors
/// A phrase: why git cannot tell.
pub fn ledger_past(
    workspace: &dyn Workspace,
    path: &RelPath,
    fields: &FieldNames,
    limits: &Limits,
) -> Result<Vec<LedgerPast>, String> {
    let stretches = workspace.git()?.stretches(path, VERSIONS_MOST)?;
    let read = |bytes: Vec<u8>| Some(Ledger::read(version(&bytes, &TOML, limits)?.root(), fields));
    let past =
        stretches.into_iter().map(|stretch| LedgerPast { ledger: stretch.bytes.and_then(read), commits: stretch.commits });
    Ok(past.collect())
}
