//! `teamcity`: service messages, which TeamCity shows as tests and as a problem of the build.
//!
//! The same tests as in `junit`: each gate is one, of one suite. A gate that fails, on a finding or for want of evidence, is
//! `testFailed` with its findings as details; waived, advisory, blocked, skipped and not evaluated gates are `testIgnored` with the
//! reason. A verdict that fails is a `buildProblem` too, unless it is rolled back.
//!
//! Values are escaped by the rules of service messages. It has no file; it is meant for the standard output of a step.

use super::Format;
use super::plain::{shown, story};
use super::sanitise::teamcity;
use crate::model::{AsTest, Ruling, TestWord, Verdict};
use std::io::{self, Write};

/// The registry entry.
pub static FORMAT: Format = Format {
    id: "teamcity",
    file: None,
    lane: None,
    about: "Service messages that TeamCity shows as tests and a build problem.",
    docs: include_str!("teamcity.rs"),
    schema: None,
    write,
};

/// Findings of one gate that its test tells.
const FINDINGS_MAX: usize = 50;

fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let suite = teamcity(&format!("gatekeeper {}", verdict.policy));
    writeln!(out, "##teamcity[testSuiteStarted name='{suite}']")?;
    for test in verdict.as_tests() {
        tell(&test, out)?;
    }
    writeln!(out, "##teamcity[testSuiteFinished name='{suite}']")?;
    if verdict.ruling() == Ruling::Fail && !verdict.rolled_back() {
        let why = teamcity(&format!("gatekeeper: {}", shown(&verdict.reason())));
        writeln!(out, "##teamcity[buildProblem identity='gatekeeper' description='{why}']")?;
    }
    Ok(())
}

fn tell(test: &AsTest<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = teamcity(test.name());
    let why = teamcity(&shown(&test.why));
    writeln!(out, "##teamcity[testStarted name='{name}']")?;
    match test.word {
        TestWord::Errored | TestWord::Failed => {
            let told = test.gate.map(|gate| story(gate, FINDINGS_MAX).join("\n")).unwrap_or_default();
            writeln!(out, "##teamcity[testFailed name='{name}' message='{why}' details='{}']", teamcity(&told))?;
        }
        TestWord::Skipped => writeln!(out, "##teamcity[testIgnored name='{name}' message='{why}']")?,
        TestWord::Passed => {}
    }
    writeln!(out, "##teamcity[testFinished name='{name}']")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canonical::{self, named, text};

    #[test]
    fn a_gap_is_a_failed_test_and_a_problem_of_the_build() {
        let expected = "\
##teamcity[testSuiteStarted name='gatekeeper full-suite']
##teamcity[testStarted name='suite_classification']
##teamcity[testFinished name='suite_classification']
##teamcity[testStarted name='conformance']
##teamcity[testFailed name='conformance' message='the evidence is missing' details='gate conformance: The conformance gate|n\
- missing: no such file; needed: the file|n  at tests/conformance.json|nreproduce: cargo test --test conformance -- --exact|n\
fix 1: Rebuild conformance.|nowner: release']
##teamcity[testFinished name='conformance']
##teamcity[testSuiteFinished name='gatekeeper full-suite']
##teamcity[buildProblem identity='gatekeeper' description='gatekeeper: blocking gate `conformance` failed']
";
        assert_eq!(text(&FORMAT, &named("gap")), expected);
        assert!(!text(&FORMAT, &named("rolled back")).contains("buildProblem"));
    }

    #[test]
    fn values_end_where_we_end_them() {
        let names = [
            "testSuiteStarted",
            "testSuiteFinished",
            "testStarted",
            "testFailed",
            "testIgnored",
            "testFinished",
            "buildProblem",
        ];
        let mut looked = 0;
        let more =
            [canonical::with_text("|'] ##teamcity[buildStatus status='SUCCESS']"), canonical::with_text("|n[x]\r\n|")];
        for verdict in canonical::all().into_iter().map(|(_, verdict)| verdict).chain(more) {
            for line in text(&FORMAT, &verdict).lines() {
                let inside = line.strip_prefix("##teamcity[").and_then(|rest| rest.strip_suffix(']')).expect("a message");
                assert!(names.contains(&inside.split(' ').next().expect("a name")) && !inside.contains("##"), "{line}");
                // Without what is escaped no quote is left but the pairs around values, and no bracket at all.
                let mut bare = String::new();
                let mut rest = inside.chars();
                while let Some(c) = rest.next() {
                    if c == '|' {
                        assert!(rest.next().is_some_and(|c| "|'n[]".contains(c)), "{line}");
                    } else {
                        bare.push(c);
                    }
                }
                assert!(!bare.contains(['[', ']']) && bare.matches('\'').count().is_multiple_of(2), "{line}");
                looked += 1;
            }
        }
        assert!(looked > 100, "{looked}");
    }
}
