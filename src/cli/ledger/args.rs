//! What may be typed behind `gatekeeper waivers` and `gatekeeper quarantine`.

use super::super::args::Definitions;
use clap::{Args, Subcommand};

const WAIVERS: &str = "\
Examples:
  gatekeeper waivers audit --expiring 14d
  gatekeeper waivers add suite_sorted --owner team-x --bead ABC-1 --reason 'import under review' \\
      --expires 2026-04-01 --scope full --exit-criterion 'every file is sorted' --dry-run
  gatekeeper waivers renew suite_sorted --expires 2026-04-15 --reason 'review needs two weeks more'
  gatekeeper waivers remove suite_sorted

Exit codes of `audit`: 0 none expired, invalid or about to expire, 1 some are, 2 usage, 3 a ledger or its history cannot be read.
Exit codes of the others: 0 done, 1 refused and nothing written, 2 usage or definitions, 3 a ledger cannot be read, 4 not written.";

const QUARANTINE: &str = "\
Examples:
  gatekeeper quarantine audit -o json
  gatekeeper quarantine add 'chat::reconnects' --category FLAKE-NET --owner team-x --bead ABC-2 --reason 'server closes early' \\
      --expires 2026-03-20 --evidence ci/run-7/junit.xml --reproduce 'cargo test --test chat reconnects' \\
      --exit-criterion 'thirty clean runs of one commit'
  gatekeeper quarantine renew 'chat::reconnects' --expires 2026-03-24 --reason 'the fix is in review'
  gatekeeper quarantine remove 'chat::reconnects'

Exit codes of `audit`: 0 none expired, invalid or about to expire, 1 some are, 2 usage, 3 a ledger or its history cannot be read.
Exit codes of the others: 0 done, 1 refused and nothing written, 2 usage or definitions, 3 a ledger cannot be read, 4 not written.";

/// `gatekeeper waivers`.
#[derive(Debug, Args)]
#[command(after_help = WAIVERS)]
pub struct Waivers {
    /// What to do.
    #[command(subcommand)]
    pub action: WaiverAction,
}

/// `gatekeeper quarantine`.
#[derive(Debug, Args)]
#[command(after_help = QUARANTINE)]
pub struct Quarantine {
    /// What to do.
    #[command(subcommand)]
    pub action: QuarantineAction,
}

/// What to do with waivers.
#[derive(Debug, Subcommand)]
pub enum WaiverAction {
    /// Show every waiver: does it hold, whose is it, how long yet; and what git history knows of them.
    Audit(Audit),
    /// Write a waiver for a gate.
    Add(AddWaiver),
    /// Move a waiver's last day later, with a new reason.
    Renew(Renew),
    /// Take a waiver out.
    Remove(Remove),
}

/// What to do with quarantine entries.
#[derive(Debug, Subcommand)]
pub enum QuarantineAction {
    /// Show every entry: does it hold, whose is it, how long yet; and what git history knows of them.
    Audit(Audit),
    /// Write an entry for a test.
    Add(Box<AddQuarantine>),
    /// Move an entry's last day later, with a new reason.
    Renew(Renew),
    /// Take an entry out.
    Remove(Remove),
}

/// What all of them take.
#[derive(Debug, Args)]
pub struct Shared {
    #[command(flatten)]
    pub definitions: Definitions,

    /// Judge dates as of this instant (RFC 3339 with offset) instead of now.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

/// What every change takes.
#[derive(Debug, Args)]
pub struct Change {
    #[command(flatten)]
    pub shared: Shared,

    /// Print the change and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    pub shared: Shared,

    /// Entries that end within this time are about to expire. Default: the policy's `waiver_warn_days`.
    #[arg(long, value_name = "14d")]
    pub expiring: Option<String>,

    #[command(flatten)]
    pub printing: super::super::printing::Printing,
}

/// What both kinds of entries have.
#[derive(Debug, Args)]
pub struct Common {
    /// The ledger, where the policy names several. Default: the first.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<String>,

    /// Who answers for it.
    #[arg(long)]
    pub owner: String,

    /// The tracker's id.
    #[arg(long)]
    pub bead: String,

    /// Why the failure is acceptable for now.
    #[arg(long)]
    pub reason: String,

    /// The last day (UTC), like 2026-01-31.
    #[arg(long, value_name = "DATE")]
    pub expires: String,

    /// What must be true for it to be removed.
    #[arg(long, value_name = "TEXT")]
    pub exit_criterion: String,

    #[command(flatten)]
    pub change: Change,
}

/// `waivers add`.
#[derive(Debug, Args)]
pub struct AddWaiver {
    /// The gate.
    pub gate: String,

    /// The lanes in which it applies: `full`, or `full,preflight`.
    #[arg(long, value_name = "LANE", required = true, value_delimiter = ',')]
    pub scope: Vec<String>,

    /// The first day. Default: today.
    #[arg(long, value_name = "DATE")]
    pub created: Option<String>,

    #[command(flatten)]
    pub common: Common,
}

/// `quarantine add`.
#[derive(Debug, Args)]
pub struct AddQuarantine {
    /// The test's id.
    pub test: String,

    /// The class of flake: FLAKE-TIMING, FLAKE-ENV, FLAKE-NET, FLAKE-RES, FLAKE-EXT or FLAKE-LOGIC.
    #[arg(long)]
    pub category: String,

    /// What is known of the test: `flaky` (it may do either) or `known-failure` (that it passes again is a finding).
    #[arg(long, value_name = "KIND", default_value = "flaky", value_parser = ["flaky", "known-failure"])]
    pub kind: String,

    /// Where the flake was seen.
    #[arg(long)]
    pub evidence: String,

    /// The command that runs the test alone.
    #[arg(long, value_name = "COMMAND")]
    pub reproduce: String,

    /// The first day. Default: today.
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,

    #[command(flatten)]
    pub common: Common,
}

/// `renew`.
#[derive(Debug, Args)]
pub struct Renew {
    /// The gate, or the test's id.
    pub name: String,

    /// The new last day (UTC), like 2026-01-31.
    #[arg(long, value_name = "DATE")]
    pub expires: String,

    /// Why it is needed for longer.
    #[arg(long)]
    pub reason: String,

    #[command(flatten)]
    pub change: Change,
}

/// `remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The gate, or the test's id.
    pub name: String,

    #[command(flatten)]
    pub change: Change,
}
