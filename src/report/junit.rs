//! `junit`: the verdict as JUnit XML, which every CI host shows as test results.
//!
//! One suite, one test case for each gate in the policy's order, with the pack as its class and the gate's id as its name. A gate
//! that fails on a finding is a `failure`, one whose evidence could not be judged an `error`; the text tells its findings with
//! their places, the command that shows it again, and what to do. Waived, advisory, blocked, skipped and not evaluated gates are
//! `skipped`, and the message says which. Something is a failure or an error exactly when the verdict fails, also while it is
//! rolled back: where no gate is the cause, the case `verdict` is.
//!
//! Gates have no duration, so none is stated. `timestamp` is the clock of the judgement, UTC. Text from outside is escaped, and
//! characters that XML forbids or that deceive are shown as `\u{..}`.
//!
//! The property `output.sha256` is the digest of the document with zeros in its place. By it `test-report` knows a verdict of ours and passes over
//! it, where it lies beside reports of tests.
//!
//! GitLab: `artifacts:reports:junit`. Azure: `PublishTestResults@2`. Jenkins: `junit`. CircleCI: `store_test_results`. Buildkite:
//! the JUnit annotate or Test Engine plugin. GitHub: any action that reads JUnit.

use super::Format;
use super::plain::story;
use super::sanitise::xml;
use crate::model::{AsTest, OUTPUT_DIGEST, TestWord, TestWords, UNBOUND, Verdict, bound, show_instant};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "junit",
    file: None,
    lane: None,
    about: "The gates as test cases, for the test report of any CI host.",
    docs: include_str!("junit.rs"),
    schema: None,
    write: |verdict, out| out.write_all(bound(compose(verdict)).as_bytes()),
};

/// Findings of one gate that its case tells.
const FINDINGS_MAX: usize = 200;

fn compose(verdict: &Verdict) -> String {
    let tests = verdict.as_tests();
    let TestWords { tests: count, errored, failed, skipped, passed: _ } = TestWords::of(&tests);
    let totals = format!("tests=\"{count}\" failures=\"{failed}\" errors=\"{errored}\"");
    let suite = format!("gatekeeper {}", verdict.policy);
    let at = show_instant(verdict.generated_at);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gatekeeper\" {totals}>\n  \
         <testsuite name=\"{}\" {totals} skipped=\"{skipped}\" timestamp=\"{}\">\n    <properties>\n",
        xml(&suite),
        xml(&at),
    );
    for (name, value) in properties(verdict) {
        text += &format!("      <property name=\"{name}\" value=\"{}\"/>\n", xml(&value));
    }
    text += "    </properties>\n";
    for test in &tests {
        text += &case(test, verdict);
    }
    text + "  </testsuite>\n</testsuites>\n"
}

fn properties(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("verdict", verdict.ruling().word().to_owned()),
        ("reason", verdict.reason()),
        ("policy", verdict.policy.to_string()),
        ("policy.sha256", verdict.policy_digest.to_string()),
        ("lane", verdict.lane.to_string()),
    ];
    if verdict.rolled_back() {
        told.push(("status", "rolled_back".to_owned()));
    }
    if let Some(run) = &verdict.run {
        told.push(("run", run.path.clone()));
    }
    told.extend(verdict.commit.iter().map(|commit| ("commit", commit.clone())));
    told.extend(
        verdict.weakened_by.iter().map(|weakening| ("weakened_by", format!("{}: {}", weakening.switch, weakening.detail))),
    );
    told.push((OUTPUT_DIGEST[0], UNBOUND.to_owned()));
    told
}

fn case(test: &AsTest<'_>, verdict: &Verdict) -> String {
    let open =
        format!("    <testcase classname=\"gatekeeper.{}\" name=\"{}\"", xml(verdict.policy.as_str()), xml(test.name()));
    let kind = test.gate.and_then(|gate| gate.reason).map_or("incomplete", |reason| reason.word());
    let element = match test.word {
        TestWord::Errored => "error",
        TestWord::Failed => "failure",
        TestWord::Skipped => "skipped",
        TestWord::Passed => return format!("{open}/>\n"),
    };
    let told = test.gate.map(|gate| story(gate, FINDINGS_MAX)).unwrap_or_default();
    let lines: Vec<String> = told.iter().map(|line| xml(line)).collect();
    let body = if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join("\n")) };
    format!(
        "{open}>\n      <{element} type=\"{kind}\" message=\"{}\">{body}</{element}>\n    </testcase>\n",
        xml(&super::plain::shown(&test.why))
    )
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod tests;
