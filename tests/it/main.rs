//! Integration tests, in one binary: linking once is what costs.

#![expect(clippy::disallowed_methods, reason = "tests look at this repository and build trees of their own")]

mod agent_scenarios;
mod architecture;
mod assurance;
mod attest;
mod bounded;
mod catalogue;
mod check_claims;
mod closeout_audit;
mod command_line;
mod commit_binding;
mod coverage_tools;
mod crashes;
mod example_run;
mod fail_closed;
mod first_configuration;
mod fixture_repository;
mod flakes;
mod fuzz_replay;
#[cfg(unix)]
mod hostile;
mod incidents;
mod init_extras;
mod inputs;
mod known_reports;
mod ledger_commands;
mod moved_exceptions;
mod mutate;
mod new_gate;
mod one_file;
mod oracle;
mod pack_pages;
mod packs;
mod pages_run;
mod pipeline_run;
mod policy_diff;
mod policy_ref;
mod printed;
mod properties;
mod publishing;
mod questions;
mod release_checklist;
mod results_beside;
mod run_commands;
mod run_integrity;
mod runbook_commands;
mod runbook_rules;
mod secrets;
mod several_runs;
mod shards;
mod sub_projects;
mod supply_chain;
mod support;
mod test_reports;
mod ways_out;
