//! Asserts that no log of the newest runs of scenarios holds a line that tells of a failure which their reports do not know.
//!
//! A runner may go on after a failure and say so in one line of its log only. `logs` are texts in report directories, or beside all of them; `patterns` are regular
//! expressions, each sought in every line. A log in the directory of a run that is not the newest of its scenario tells of yesterday and is passed over.
//!
//! ```toml
//! [evidence.metadata]
//! path = "run:*-reports/metadata.yml"
//! pick = "all"
//! [evidence.logs]
//! path = "run:{*-reports/,}subprocess_output.log"
//! format = "text"
//! pick = "all"
//! optional = true
//!
//! [[check]]
//! kind = "scenario-logs"
//! metadata = "metadata"
//! logs = "logs"
//! patterns = ["^Warning: sandbox setup failed"]
//! ```
//!
//! Findings: `forbidden-line`, each with its line. Errors: there are no metadata; a log is blank.

use super::scenario_runs::{directories, runs};
use super::scenarios::split;
use super::tally::Tally;
use super::text::{Pattern, texts};
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};

/// The kind `scenario-logs`.
pub static SCENARIO_LOGS: CheckKind = CheckKind {
    id: "scenario-logs",
    about: "no log of the newest runs of scenarios tells of a failure that their reports do not know",
    docs: include_str!("scenario_logs.rs"),
    parse,
};

struct ScenarioLogs {
    metadata: EvidenceId,
    logs: EvidenceId,
    patterns: Vec<Pattern>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("metadata", Stricter::Unclear), ("logs", Stricter::Unclear), ("patterns", Stricter::More)]);
    let metadata = keys.required("metadata", "The metadata, one document in each report directory.");
    let logs = keys.required("logs", "The logs, as text.");
    let patterns = keys.required("patterns", "The regular expressions that no line may match.");
    Some(Box::new(ScenarioLogs { metadata: metadata?, logs: logs?, patterns: patterns? }))
}

impl ScenarioLogs {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.metadata, &self.logs])?;
        let mut tally = Tally::default();
        let runs = runs(evidence, &self.metadata, &mut tally)?;
        let newest = directories(&runs);
        for (artifact, text) in texts(evidence, &self.logs, false, &mut tally)? {
            let (directory, _) = split(artifact.path.rel.as_str());
            tally.examined();
            if !directory.is_empty() && !newest.contains(directory) {
                continue;
            }
            for (number, line) in (1..).zip(text.lines()) {
                if self.patterns.iter().any(|pattern| pattern.0.is_match(line)) {
                    let name = runs.iter().find(|run| run.directory == directory).map_or("the run", |run| run.test_id);
                    let shown: String = line.trim().chars().take(160).collect();
                    let finding = Finding::new("forbidden-line", format!("`{name}` without this line in its log"), shown);
                    tally.find(finding.at(Where::line(&artifact.path.shown, number)));
                }
            }
        }
        Ok(tally.finish(|| ("at least one log".to_owned(), Where::file(self.logs.to_string()))))
    }
}

impl Check for ScenarioLogs {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.metadata, &self.logs].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'scenario-logs'\nmetadata = 'm'\nlogs = 'l'\npatterns = ['^Warning: sandbox setup failed']";

    fn bench() -> Bench {
        let run = r#"{"test-id": "TS-A-001", "status": "pass"}"#;
        Bench::new(CHECK).json_at("m", "1-a-ts001-reports/metadata.yml", run).json_at(
            "m",
            "2-a-ts001-reports/metadata.yml",
            run,
        )
    }

    #[test]
    fn only_the_newest_run_is_held_to_its_log() {
        let log =
            |directory: &str, text: &str| bench().text_at("l", &format!("{directory}subprocess_output.log"), text).told();
        let bad = "Running\nWarning: sandbox setup failed: step 2\n";
        assert_eq!(
            log("2-a-ts001-reports/", bad),
            [
                "forbidden-line 2-a-ts001-reports/subprocess_output.log:2: `TS-A-001` without this line in its log | Warning: sandbox setup failed: step 2"
            ]
        );
        assert_eq!(log("1-a-ts001-reports/", bad), ["pass 1"]);
        assert!(log("", bad)[0].starts_with("forbidden-line subprocess_output.log:2:"));
        assert_eq!(log("2-a-ts001-reports/", "Running\nResult: PASS\n"), ["pass 1"]);
        assert_eq!(
            log("2-a-ts001-reports/", "\n"),
            ["error empty 2-a-ts001-reports/subprocess_output.log: text | nothing to examine"]
        );
        assert_eq!(bench().gap("l", GapKind::Malformed).told(), ["error malformed l: a file | nothing"]);
    }
}
