//! Asserts that the runners of scenarios declare every artifact that their verifiers look at, exactly.
//!
//! A scenario is a directory with a `scenario.yml`; its cases are the files `TC-NNN-<slug>.runner.md` and `TC-NNN-<slug>.verify.md` in it, paired by
//! their ids; `runner.yml.md` and `verifier.yml.md` speak for all of its cases. Artifacts lie below `results/tc/{NN}/` of the sandbox, where `NN`
//! has two digits or more.
//!
//! ```toml
//! [evidence.scenarios]
//! path = "repo:{policy.scenarios}/TS-*/scenario.yml"
//! pick = "all"
//! [evidence.runners]
//! path = "repo:{policy.scenarios}/TS-*/{runner.yml.md,*.runner.md}"
//! format = "text"
//! pick = "all"
//! [evidence.verifiers]
//! path = "repo:{policy.scenarios}/TS-*/{verifier.yml.md,*.verify.md}"
//! format = "text"
//! pick = "all"
//!
//! [[check]]
//! kind = "artifact-contract"
//! scenarios = "scenarios"
//! runners = "runners"
//! verifiers = "verifiers"
//! ```
//!
//! A path declares wherever it stands in a runner: in a list, a paragraph, a command, fenced code; and so it does in the texts of `setup`, and as a key of
//! `sandbox-layout`.
//!
//! ```markdown
//! - ``results/tc/02/help.stdout`, `.stderr`, `.exit``
//! - `results/tc/02/debug.log` (optional)
//! Write `results/tc/02/note.txt` and keep everything else below `results/tc/02/`.
//! ```
//!
//! Behind a path, on its line, an extension behind a comma stands for its sibling: `results/tc/02/help.stderr` and `results/tc/02/help.exit`, and no
//! other file. `(optional)`, in any case of letters, speaks for the one path before it; what is required anywhere is required. A directory of a
//! case (`results/tc/02/`) is where its artifacts lie, and no artifact. What stands for a name (`{NN}`, `<name>`, `$x`) names nothing.
//!
//! A verifier may name only what its scenario declares, wherever it names it. `*`, `?` and `[` in a path are wildcards, and invalid in both.
//!
//! Where the front matter of `runner.yml.md` or `verifier.yml.md` lists files of cases, it lists all of them: what is not bundled does not reach the agent.
//!
//! Findings: `undeclared-artifact` (named by a verifier and not declared), `wildcard`, `not-a-path`, `no-scenario`, `no-cases`, `misnamed-file`,
//! `not-bundled`, `missing-file` (bundled and not there), each with its line. Errors: a file is blank; there are no scenarios.

use super::artifact_paths::paths;
use super::scenarios::{self, Scenarios, bundled, place, refuse, split};
use super::tally::Tally;
use super::text;
use super::values::admit;
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{Artifact, EvidenceId, Finding, Outcome, Where};

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
        for (artifact, text) in text::texts(evidence, &self.verifiers, false, &mut tally)? {
            let (directory, _) = split(artifact.path.rel.as_str());
            verify(&scenarios, directory, text, &Where::file(&artifact.path.shown), &mut tally);
        }
        for (texts, all, role) in
            [(&self.runners, "runner.yml.md", ".runner.md"), (&self.verifiers, "verifier.yml.md", ".verify.md")]
        {
            bundles(&text::texts(evidence, texts, false, &mut Tally::default())?, all, role, &mut tally);
        }
        Ok(tally.finish(|| ("at least one declared artifact".to_owned(), Where::file(self.runners.to_string()))))
    }
}

fn verify(scenarios: &Scenarios, directory: &str, text: &str, at: &Where, tally: &mut Tally) {
    let Some(scenario) = scenarios.get(directory) else {
        tally.find(Finding::new("no-scenario", "a scenario.yml beside the verifier", "none").at(at.clone()));
        return;
    };
    let paths = paths(text);
    refuse(&paths, at, tally);
    for named in paths.named {
        tally.examined();
        if !scenario.declared.contains_key(&named.path) {
            let expected = format!("an artifact that a runner of `{}` declares", split(directory).1);
            let message = format!("`{}`: no runner of `{}` declares it", named.path, split(directory).1);
            let finding = Finding::new("undeclared-artifact", expected, format!("`{}`", named.path)).saying(message);
            let next = format!("Declare `{}` in the runner, or do not look at it.", named.path);
            tally.find(finding.at(place(at, named.line)).next(next));
        }
    }
}

/// Compares what the document of a scenario bundles with the files of its cases.
fn bundles(texts: &[(&Artifact, &str)], all: &str, role: &str, tally: &mut Tally) {
    for (artifact, text) in texts.iter().filter(|(artifact, _)| split(artifact.path.rel.as_str()).1 == all) {
        let (directory, _) = split(artifact.path.rel.as_str());
        let beside = |name: &str| texts.iter().any(|(other, _)| split(other.path.rel.as_str()) == (directory, name));
        let named: Vec<(u64, &str)> = bundled(text);
        for (line, name) in named.iter().filter(|(_, name)| !beside(name)) {
            let at = Where::line(&artifact.path.shown, *line);
            let message = format!("`{name}` is not there, and `{all}` bundles it");
            let finding = Finding::new("missing-file", format!("`{name}` beside `{all}`"), "nothing").saying(message);
            tally.find(finding.at(at));
        }
        if named.is_empty() {
            continue;
        }
        let own = texts.iter().map(|(other, _)| split(other.path.rel.as_str()));
        let own = own.filter(|(other, name)| *other == directory && name.ends_with(role));
        for (_, name) in own.filter(|(_, name)| !named.iter().any(|(_, bundled)| bundled == name)) {
            let message = format!("`{name}` is not among the files that `{all}` bundles");
            let finding = Finding::new("not-bundled", format!("`{name}` among the bundled files"), "another list");
            let finding = finding.saying(message);
            tally.find(finding.at(Where::file(&artifact.path.shown)));
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
    const HOME: &str = "a/test/e2e/TS-A-001-x";
    const RUNNER: &str = "- ``results/tc/01/help.stdout`, `.exit``\n";

    fn bench(document: &str) -> Bench {
        Bench::new(CHECK).json_at("s", &format!("{HOME}/scenario.yml"), document)
    }

    fn told(runner: &str, verifier: &str) -> Vec<String> {
        let bench = bench("{}").text_at("r", &format!("{HOME}/TC-001-help.runner.md"), runner);
        bench.text_at("v", &format!("{HOME}/TC-001-see.verify.md"), verifier).told()
    }

    #[test]
    fn declared_artifacts_may_be_looked_at() {
        assert_eq!(told(RUNNER, "Read `results/tc/01/help.exit`, then results/tc/01/help.stdout.\n"), ["pass 5"]);
        assert_eq!(told("Write results/tc/01/a.\n", "`results/tc/01/a` lies in `results/tc/01/`\n"), ["pass 3"]);
        assert_eq!(told("Look around in `results/tc/{NN}/`.\n", "At least one file in `results/tc/01/`.\n"), ["pass 1"]);
        assert_eq!(
            told(RUNNER, "Text.\n\n`results/tc/01/help.stderr`\n"),
            [
                "undeclared-artifact a/test/e2e/TS-A-001-x/TC-001-see.verify.md:3: an artifact that a runner of `TS-A-001-x` declares | `results/tc/01/help.stderr`"
            ]
        );
        let wild = |runner, verifier| told(runner, verifier)[0].split(": ").next().unwrap_or_default().to_owned();
        assert_eq!(wild(RUNNER, "`results/tc/01/help.*`\n"), format!("wildcard {HOME}/TC-001-see.verify.md:1"));
        assert_eq!(wild("x\n`results/tc/01/[a]`\n", "x\n"), format!("wildcard {HOME}/TC-001-help.runner.md:2"));
    }

    #[test]
    fn setup_layout_and_the_runner_of_all_declare_too() {
        let all = |document: &str, path: &str| {
            let bench = bench(document).text_at("r", &format!("{HOME}/TC-001-help.runner.md"), RUNNER);
            let bench = bench.text_at("r", &format!("{HOME}/runner.yml.md"), "- `results/tc/01/env.txt` (optional)\n");
            bench.text_at("v", &format!("{HOME}/verifier.yml.md"), &format!("{path}\n")).told().remove(0)
        };
        let setup = r#"{"setup": [{"write-file": {"path": "results/tc/01/seed.txt", "content": "x"}}]}"#;
        assert_eq!(all(setup, "results/tc/01/seed.txt"), "pass 7");
        assert_eq!(all(r#"{"setup": [{"run": "date > results/tc/01/now"}]}"#, "results/tc/01/now"), "pass 7");
        assert_eq!(
            all(r#"{"sandbox-layout": {"results/tc/01/out.json": "the report"}}"#, "results/tc/01/out.json"),
            "pass 7"
        );
        assert_eq!(all("{}", "results/tc/01/env.txt"), "pass 6");
        let hint = all(r#"{"sandbox-layout": {"results/tc/01/": "artifacts"}}"#, "results/tc/01/seed.txt");
        assert!(hint.starts_with("undeclared-artifact"), "{hint}");
    }

    #[test]
    fn what_is_not_bundled_is_found() {
        let bundle = |files: &str| {
            let block = format!("---\ndescription: d\nbundle:\n  files:\n{files}---\n# Runner\n- ./TC-009-z.runner.md\n");
            let bench = bench("{}").text_at("r", &format!("{HOME}/TC-001-help.runner.md"), RUNNER);
            let bench = bench.text_at("r", &format!("{HOME}/runner.yml.md"), &block);
            bench.text_at("v", &format!("{HOME}/TC-001-see.verify.md"), "x\n").told()
        };
        assert_eq!(bundle("    - ./TC-001-help.runner.md\n"), ["pass 4"]);
        assert_eq!(bundle("    - ./README.md\n"), ["pass 4"]);
        assert_eq!(
            bundle("    - \"./TC-002-gone.runner.md\"\n"),
            [
                "missing-file a/test/e2e/TS-A-001-x/runner.yml.md:5: `TC-002-gone.runner.md` beside `runner.yml.md` | nothing",
                "not-bundled a/test/e2e/TS-A-001-x/runner.yml.md: `TC-001-help.runner.md` among the bundled files | another list"
            ]
        );
    }

    #[test]
    fn what_is_not_whole_is_no_pass() {
        let verifier = |bench: Bench| bench.text_at("v", &format!("{HOME}/TC-001-see.verify.md"), "x\n");
        let stray = verifier(bench("{}").text_at("r", "e2e/other/TC-001-a.runner.md", RUNNER)).told();
        assert!(stray[0].starts_with("no-scenario e2e/other/TC-001-a.runner.md"), "{stray:?}");
        assert!(stray[1].starts_with("no-cases a/test/e2e/TS-A-001-x/scenario.yml"), "{stray:?}");
        let misnamed = verifier(bench("{}").text_at("r", &format!("{HOME}/first.runner.md"), RUNNER)).told();
        assert!(misnamed[0].starts_with("misnamed-file"), "{misnamed:?}");
        let blank = verifier(bench("{}").text_at("r", &format!("{HOME}/TC-001-a.runner.md"), " \n")).told();
        assert!(blank.iter().any(|line| line.starts_with("error empty")), "{blank:?}");
        let gap = verifier(bench("{}").gap("r", GapKind::Missing)).told();
        assert_eq!(gap, ["error missing r: a file | nothing"]);
    }
}
