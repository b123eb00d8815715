//! Asserts that the runners of scenarios declare every artifact that their verifiers look at, exactly.
//!
//! A scenario is a directory with a `scenario.yml`; its cases are the files `TC-NNN-<slug>.runner.md` and `TC-NNN-<slug>.verify.md` in it;
//! `runner.yml.md` and `verifier.yml.md` speak for all of its cases. Artifacts lie below `results/tc/{NN}/` of the sandbox, where `NN` is
//! the number of the case in at least two digits: `TC-002` has `results/tc/02/`.
//!
//! ```toml
//! [evidence.scenarios]
//! path = "repo:test-e2e/scenarios/**/scenario.yml"
//! pick = "all"
//! [evidence.runners]
//! path = "repo:test-e2e/scenarios/**/{runner.yml.md,*.runner.md}"
//! pick = "all"
//! [evidence.verifiers]
//! path = "repo:test-e2e/scenarios/**/{verifier.yml.md,*.verify.md}"
//! pick = "all"
//!
//! [[check]]
//! kind = "artifact-contract"
//! scenarios = "scenarios"
//! runners = "runners"
//! verifiers = "verifiers"
//! ```
//!
//! A runner declares in list items, in code spans that hold a path and nothing else:
//!
//! ```markdown
//! - `results/tc/02/help.stdout`, `.stderr`, `.exit`: what the command prints
//! - `results/tc/02/debug.log` (optional)
//! ```
//!
//! Behind a path, spans that begin with a dot stand for its siblings: `results/tc/02/help.stderr` and `results/tc/02/help.exit`, and no other file.
//! Only commas, blanks, line breaks and the word `and` may stand between them. `(optional)` speaks for the one span before it.
//! Paragraphs, fenced code, comments and spans with a command in them declare nothing. A case declares below its own directory only;
//! `runner.yml.md` below that of any case, and so does `setup` of `scenario.yml` with every text in it that is a path and nothing
//! else but `(optional)`. A case that declares nothing leaves nothing to verify.
//!
//! A verifier may mention only what is declared in its scenario, wherever it stands: in text, in spans and their groups, in fenced
//! code, in comments. `*`, `?`, `[`, `{`, `<`, `$`, `%` and `...` in a path are wildcards, and invalid. A directory, with or
//! without a slash at its end, is no artifact.
//!
//! Findings: `undeclared-artifact` (mentioned and not declared), `wildcard`, `not-a-path`, `foreign-path` (of another case), `nothing-declared`,
//! `contradiction` (required and optional at once), `no-scenario`, `no-cases`, `misnamed-file`, each with its line. Errors: a file is
//! blank; there are no scenarios.

use super::artifact_paths::mentioned;
use super::scenarios::{self, Scenarios, place, refuse, split};
use super::tally::Tally;
use super::text;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};

/// The kind `artifact-contract`.
pub static ARTIFACT_CONTRACT: CheckKind = CheckKind {
    id: "artifact-contract",
    about: "the runners of scenarios declare every artifact that their verifiers look at",
    docs: include_str!("artifact_contract.rs"),
    parse,
};

struct ArtifactContract {
    scenarios: EvidenceId,
    runners: EvidenceId,
    verifiers: EvidenceId,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("scenarios", Stricter::Unclear), ("runners", Stricter::Unclear), ("verifiers", Stricter::Unclear)]);
    let scenarios = keys.required("scenarios", "The scenario documents.");
    let runners = keys.required("runners", "The runners, as text.");
    let verifiers = keys.required("verifiers", "The verifiers, as text.");
    Some(Box::new(ArtifactContract { scenarios: scenarios?, runners: runners?, verifiers: verifiers? }))
}

impl ArtifactContract {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, [&self.scenarios, &self.runners, &self.verifiers])?;
        let mut tally = Tally::default();
        let scenarios = scenarios::read(evidence, &self.scenarios, &self.runners, &mut tally)?;
        for (artifact, text) in text::texts(evidence, &self.verifiers, &mut tally)? {
            let (directory, _) = split(artifact.path.rel.as_str());
            verify(&scenarios, directory, text, &Where::file(&artifact.path.shown), &mut tally);
        }
        Ok(tally.finish(|| ("at least one declared artifact".to_owned(), Where::file(self.runners.to_string()))))
    }
}

fn verify(scenarios: &Scenarios, directory: &str, text: &str, at: &Where, tally: &mut Tally) {
    let Some(scenario) = scenarios.get(directory) else {
        tally.find(Finding::new("no-scenario", "a scenario.yml beside the verifier", "none").at(at.clone()));
        return;
    };
    let paths = mentioned(text);
    refuse(&paths, at, tally);
    for named in paths.named {
        tally.examined();
        if !scenario.declared.contains_key(&named.path) {
            let expected = format!("an artifact that a runner of `{}` declares", split(directory).1);
            let finding = Finding::new("undeclared-artifact", expected, format!("`{}`", named.path));
            let next = format!("Declare `{}` in the runner as an item of a list, or do not look at it.", named.path);
            tally.find(finding.at(place(at, named.line)).next(next));
        }
    }
}

impl Check for ArtifactContract {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        [&self.scenarios, &self.runners, &self.verifiers].map(|id| (id.clone(), Use::Whole)).to_vec()
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'artifact-contract'\nscenarios = 's'\nrunners = 'r'\nverifiers = 'v'";
    const RUNNER: &str = "- `results/tc/01/help.stdout`, `.exit`\n";

    fn bench(setup: &str) -> Bench {
        Bench::new(CHECK).json_at("s", "e2e/TS-A-001-x/scenario.yml", &format!(r#"{{"setup": {setup}}}"#))
    }

    fn told(runner: &str, verifier: &str) -> Vec<String> {
        let bench = bench("[]").text_at("r", "e2e/TS-A-001-x/TC-001-help.runner.md", runner);
        bench.text_at("v", "e2e/TS-A-001-x/TC-001-help.verify.md", verifier).told()
    }

    #[test]
    fn declared_artifacts_may_be_looked_at() {
        assert_eq!(told(RUNNER, "Read `results/tc/01/help.exit`, then results/tc/01/help.stdout.\n"), ["pass 4"]);
        assert_eq!(
            told(RUNNER, "Text.\n\n`results/tc/01/help.stderr`\n"),
            [
                "undeclared-artifact e2e/TS-A-001-x/TC-001-help.verify.md:3: an artifact that a runner of `TS-A-001-x` declares | `results/tc/01/help.stderr`"
            ]
        );
        assert_eq!(
            told(RUNNER, "`results/tc/01/help.*`\n"),
            [
                "wildcard e2e/TS-A-001-x/TC-001-help.verify.md:1: an exact path `results/tc/{NN}/<file>` | `results/tc/01/help.*`"
            ]
        );
    }

    #[test]
    fn declarations_are_exact_and_of_their_case() {
        let finding = |runner: &str| told(runner, "nothing\n")[0].split(": ").next().unwrap_or_default().to_owned();
        let file = "e2e/TS-A-001-x/TC-001-help.runner.md";
        assert_eq!(finding("- `results/tc/01/*`\n- `results/tc/01/a`\n"), format!("wildcard {file}:1"));
        assert_eq!(finding("- `results/tc/01/a`\n- `results/tc/02/b`\n"), format!("foreign-path {file}:2"));
        assert_eq!(finding("Look around.\n"), format!("nothing-declared {file}"));
        assert_eq!(finding("- `results/tc/01/a`\n- `results/tc/01/a` (optional)\n"), format!("contradiction {file}:2"));
    }

    #[test]
    fn setup_and_the_runner_of_all_declare_too() {
        let all = |setup: &str, path: &str| {
            let bench = bench(setup).text_at("r", "e2e/TS-A-001-x/TC-001-help.runner.md", RUNNER);
            let bench = bench.text_at("r", "e2e/TS-A-001-x/runner.yml.md", "- `results/tc/01/env.txt` (optional)\n");
            bench.text_at("v", "e2e/TS-A-001-x/verifier.yml.md", &format!("{path}\n")).told().remove(0)
        };
        let setup = r#"[{"run": "touch x", "artifacts": ["results/tc/01/seed.txt"]}]"#;
        assert_eq!(all(setup, "results/tc/01/seed.txt"), "pass 5");
        assert_eq!(all(setup, "results/tc/01/env.txt"), "pass 5");
        assert!(all("[]", "results/tc/01/seed.txt").starts_with("undeclared-artifact"));
        let foreign = all(r#"["results/tc/07/a"]"#, "x");
        assert!(foreign.starts_with("foreign-path e2e/TS-A-001-x/scenario.yml#/setup/0"), "{foreign}");
    }

    #[test]
    fn what_is_not_whole_is_no_pass() {
        let verifier = |bench: Bench| bench.text_at("v", "e2e/TS-A-001-x/TC-001-help.verify.md", "x\n");
        let stray = verifier(bench("[]").text_at("r", "e2e/other/TC-001-a.runner.md", RUNNER)).told();
        assert!(stray[0].starts_with("no-scenario e2e/other/TC-001-a.runner.md"), "{stray:?}");
        assert!(stray[1].starts_with("no-cases e2e/TS-A-001-x/scenario.yml"), "{stray:?}");
        let misnamed = verifier(bench("[]").text_at("r", "e2e/TS-A-001-x/first.runner.md", RUNNER)).told();
        assert!(misnamed[0].starts_with("misnamed-file"), "{misnamed:?}");
        let blank = verifier(bench("[]").text_at("r", "e2e/TS-A-001-x/TC-001-a.runner.md", " \n")).told();
        assert!(blank.iter().any(|line| line.starts_with("error empty")), "{blank:?}");
        let gap = verifier(bench("[]").gap("r", GapKind::Missing)).told();
        assert_eq!(gap, ["error missing r: a file | nothing"]);
    }
}
