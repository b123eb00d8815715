//! `tests/suite_classification.toml`, in the versions that history knows.

use super::sources::TestFile;
use super::{Tree, text};

/// The ledger's path.
pub const PATH: &str = "tests/suite_classification.toml";

/// A version of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The waiver in its first span, no quarantine.
    First,
    /// The waiver renewed once, one flaky test set apart.
    Current,
}

const QUARANTINE: &str = r#"
[quarantine."e2e_provider_streaming::retries_after_disconnect"]
category       = "FLAKE-NET"
owner          = "providers"
bead           = "bd-1f42.7.4"
reason         = "The recorded server sometimes closes before the second event is flushed."
since          = 2026-02-27
expires        = 2026-03-08
evidence       = "tests/e2e_results/20260301T091500Z/e2e_provider_streaming/output.log"
reproduce      = "cargo test --test e2e_provider_streaming retries_after_disconnect -- --nocapture --test-threads=1"
exit_criterion = "Thirty runs of one commit in a row without a failure of this test."
"#;

/// The text of a version.
pub fn version(tests: &[TestFile], version: Version) -> String {
    let mut out = String::from("# Which suite each file of tests/ belongs to, and the exceptions in force.\n");
    for suite in ["unit", "vcr", "e2e"] {
        out.push_str(&format!("\n[suite.{suite}]\nfiles = [\n"));
        for file in tests.iter().filter(|file| file.suite == suite) {
            out.push_str(&format!("  \"{}\",\n", file.stem));
        }
        out.push_str("]\n");
    }
    let expires = if version == Version::First { "2026-02-26" } else { "2026-03-12" };
    out.push_str(&format!(
        r#"
[waiver.suite_sorted]
owner          = "test-infra"
bead           = "bd-1f42.1.7"
reason         = "The import of the old ledger is reviewed file by file; until then entries may stand out of order."
created        = 2026-02-12
expires        = {expires}
scope          = ["full"]
exit_criterion = "Every entry of the old ledger is imported and sorted."
"#
    ));
    if version == Version::Current {
        out.push_str(QUARANTINE);
    }
    out
}

/// Writes the current version.
pub fn write(tree: &mut Tree, tests: &[TestFile]) {
    text(tree, PATH, &version(tests, Version::Current));
}
