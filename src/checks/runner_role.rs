//! Asserts that runners of scenarios execute and nothing else: they give no verdict, prepare no environment, and write nothing for the verifier to believe.
//!
//! The texts are those of runners (`runner.yml.md`, `TC-NNN-<slug>.runner.md`) and, for the numbers of goals, of verifiers. `rules` says what is asked:
//!
//! | rule | finding | what is found |
//! |---|---|---|
//! | `verdict` | `runner-verdict` | a line that tells the runner to give a verdict: `Report PASS or FAIL`, `assign a verdict`, `PASS when:`, a heading `Verdict`, a command that writes `PASS` or `FAIL` |
//! | `setup` | `runner-setup` | a line that sets up the environment: a heading `Setup`, `git init`, `mise trust`, `bundle install` and the like; that belongs to `setup` of `scenario.yml` |
//! | `helpers` | `helper-artifact` | a path below `results/` for a reflection, a summary, a verdict or a manifest: such a file is the runner's word, and no product |
//! | `goals` | `goal-number` | a heading `Goal 2` in a file of `TC-001` |
//!
//! ```toml
//! [evidence.texts]
//! path = "repo:{policy.scenarios}/TS-*/{runner.yml.md,TC-*.runner.md,TC-*.verify.md}"
//! format = "text"
//! pick = "all"
//!
//! [[check]]
//! kind = "runner-role"
//! texts = "texts"
//! rules = ["verdict", "setup", "goals"]
//! ```
//!
//! A sentence with `not`, `never`, `no`, `without` or the like before the words forbids and does not ask: `Do not assign PASS/FAIL verdicts`. What a fenced block holds is the
//! input of the tool under test, except for commands that write a verdict. What a verifier says is its own.
//!
//! Findings: those of the table, each with its line. Errors: a text is blank; there are none.

use super::artifact_paths::paths;
use super::markdown::lines;
use super::scenarios::{case_of, split};
use super::tally::Tally;
use super::text;
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter, choice};
use crate::gate::{Admitted, Check, CheckKind, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};
use regex::Regex;
use std::fmt;
use std::sync::LazyLock;

/// The kind `runner-role`.
pub static RUNNER_ROLE: CheckKind = CheckKind {
    id: "runner-role",
    about: "runners of scenarios execute and nothing else",
    docs: include_str!("runner_role.rs"),
    parse,
};

/// One of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Verdict,
    Setup,
    Helpers,
    Goals,
}

const RULES: [(&str, Rule); 4] =
    [("verdict", Rule::Verdict), ("setup", Rule::Setup), ("helpers", Rule::Helpers), ("goals", Rule::Goals)];

impl Read for Rule {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        choice(raw, &RULES)
    }

    fn kind() -> Kind {
        Kind::Choice(RULES.iter().map(|(word, _)| *word).collect())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(RULES.iter().find(|(_, rule)| rule == self).map_or("", |(word, _)| word))
    }
}

struct RunnerRole {
    texts: EvidenceId,
    rules: Vec<Rule>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[("texts", Stricter::Unclear), ("rules", Stricter::More)]);
    let texts = keys.required("texts", "The runners and verifiers, as text.");
    let rules = keys.required::<Vec<Rule>>("rules", "What is asked of them.");
    let rules = rules.filter(|rules| !rules.is_empty()).or_else(|| {
        keys.refuse("rules", Refusal::new("no rule asks for nothing"));
        None
    });
    Some(Box::new(RunnerRole { texts: texts?, rules: rules? }))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a sound pattern")
}

/// What asks for a verdict.
static VERDICT: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    let asks = r"(?i:\b(?:assign|issue|give|render|report|return|declare|output|print|write|state|record|emit|mark|decide|conclude)(?:s|ing)?\b)";
    [
        pattern(&format!(
            r"{asks}[^.;:]{{0,60}}?(?:\b(?:PASS|FAIL)(?:ED)?\b|(?i:\b(?:a|the|your|final|overall|its) (?:[a-z]+ )?verdicts?\b))"
        )),
        pattern(r"^\s*(?:[-*+]\s+)?\**(?:PASS|FAIL)\**\s*(?:when\b|if\b|:)"),
        pattern(r"^#+\s*(?i:verdict)s?\b"),
        pattern(r#"\b(?:echo|printf)\b[^|&;>]*\b(?:PASS|FAIL)(?:ED)?\b["']?[^|&;]*>"#),
    ]
});

/// What sets up the environment.
static SETUP: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let commands = r"(?:git init|mise (?:trust|install)|bundle install|gem install|npm (?:install|ci)|yarn install|pip3? install|brew install|apt(?:-get)? install|apk add|cargo install|go install|asdf install)";
    [
        pattern(r"^#+\s*(?i:(?:environment |sandbox )?setup|set up|(?:environment|sandbox) preparation)\s*$"),
        pattern(&format!(
            r"(?:^|[`$;&(]\s*|^\s*(?:\d+\.|[-*+])\s+(?i:run|execute|first)?\s*`?|(?i:\b(?:run|execute)\b)\s+`?){commands}\b"
        )),
    ]
});

/// What turns a request into a ban.
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:not|never|no|nor|neither|without|avoid|cannot|instead of|rather than)\b|n't\b|n’t\b")
});

/// A heading with the number of a goal.
static GOAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^#\s*(?i:goal)\s+0*([0-9]+)\b"));

/// A file that a runner writes to be believed.
static HELPER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:.*[-_.])?(?:(?:self-?)?reflections?|verdicts?|(?:pass-fail|result|results|final|goal|test|run|tc)[-_]summar(?:y|ies)|(?:summar(?:y|ies)|manifests?))(?:[-_.](?:[a-z0-9]*))?$",
    )
});

impl RunnerRole {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let mut tally = Tally::default();
        for (artifact, text) in text::texts(evidence, &self.texts, false, &mut tally)? {
            tally.examined();
            let name = split(artifact.path.rel.as_str()).1;
            self.rules.iter().for_each(|rule| rule.find(name, text, &artifact.path.shown, &mut tally));
        }
        Ok(tally.finish(|| ("at least one runner".to_owned(), Where::file(self.texts.to_string()))))
    }
}

impl Rule {
    fn find(self, name: &str, text: &str, shown: &str, tally: &mut Tally) {
        let runner = name.ends_with(".runner.md") || name == super::scenarios::OF_ALL;
        match self {
            Rule::Verdict if runner => asks(&*VERDICT, VERDICT_WORDS, text, shown, tally),
            Rule::Setup if runner => asks(&*SETUP, SETUP_WORDS, text, shown, tally),
            Rule::Helpers if runner => helpers(text, shown, tally),
            Rule::Goals => goals(name, text, shown, tally),
            Rule::Verdict | Rule::Setup | Rule::Helpers => {}
        }
    }
}

/// A rule about runners: the kind of its finding, what is expected, and the same as the end of a sentence.
type Words = (&'static str, &'static str, &'static str);

const VERDICT_WORDS: Words = (
    "runner-verdict",
    "a runner that executes and leaves the verdict to the verifier",
    "a runner executes, and leaves the verdict to the verifier",
);

const SETUP_WORDS: Words = (
    "runner-setup",
    "an environment that `setup` of `scenario.yml` prepares",
    "the environment is prepared by `setup` of `scenario.yml`, not by a runner",
);

fn asks(patterns: &[Regex], (kind, expected, instead): Words, text: &str, shown: &str, tally: &mut Tally) {
    for line in lines(text) {
        // Of fenced code, only the commands that write a verdict: the last of its patterns.
        let asked = if line.fenced { &patterns[patterns.len() - 1..] } else { patterns };
        if line.fenced && kind == "runner-setup" {
            continue;
        }
        let found = asked.iter().filter_map(|pattern| pattern.find(line.text)).find(|found| {
            let sentence = line.text[..found.start()].rfind(['.', ';', ':']).map_or(0, |at| at + 1);
            !NEGATION.is_match(&line.text[sentence..found.end()])
        });
        if let Some(found) = found {
            let words: String = found.as_str().trim().chars().take(100).collect();
            let message = format!("`{words}`: {instead}");
            let finding = Finding::new(kind, expected, format!("`{words}`")).saying(message);
            tally.find(finding.at(Where::line(shown, line.number)));
        }
    }
}

fn helpers(text: &str, shown: &str, tally: &mut Tally) {
    let mut told = std::collections::BTreeSet::new();
    for named in paths(text).named {
        let file = named.path.rsplit('/').next().unwrap_or_default();
        // A table or document of the tool under test has a type of its own.
        let product = [".json", ".yml", ".yaml", ".xml", ".csv", ".html", ".lock"].iter().any(|end| file.ends_with(end));
        if HELPER.is_match(file) && !product && told.insert(named.path.clone()) {
            let expected = "products of the tool and captures of its commands below `results/`";
            let finding = Finding::new("helper-artifact", expected, format!("`{}`", named.path));
            let message = format!("`{}` is no product of the tool and no capture of its commands", named.path);
            tally.find(finding.saying(message).at(Where::line(shown, named.line)));
        }
    }
}

fn goals(name: &str, text: &str, shown: &str, tally: &mut Tally) {
    let Some(case) = case_of(name) else { return };
    let digits: String = case.chars().filter(char::is_ascii_digit).collect();
    let heading = lines(text).into_iter().filter(|line| !line.fenced).find_map(|line| {
        let found = GOAL.captures(line.text)?;
        Some((line.number, found[1].to_owned()))
    });
    if let Some((line, number)) = heading.filter(|(_, number)| digits.trim_start_matches('0') != number) {
        let expected = format!("the goal of `{case}`, {}", digits.trim_start_matches('0'));
        let message = format!("goal {number} heads `{case}`, which is goal {}", digits.trim_start_matches('0'));
        let finding = Finding::new("goal-number", expected, format!("goal {number}")).saying(message);
        tally.find(finding.at(Where::line(shown, line)));
    }
}

impl Check for RunnerRole {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        vec![(self.texts.clone(), Use::Whole)]
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::GapKind;

    const CHECK: &str = "kind = 'runner-role'\ntexts = 't'\nrules = ['verdict', 'setup', 'helpers', 'goals']";

    fn kinds(file: &str, text: &str) -> Vec<String> {
        let told = Bench::new(CHECK).text_at("t", &format!("a/test/e2e/TS-A-001-x/{file}"), text).told();
        told.iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn what_is_not_the_runners_is_found() {
        let cases = [
            ("Report PASS or FAIL with evidence.", "runner-verdict"),
            ("After all goals, assign a verdict.", "runner-verdict"),
            ("Write PASS into the notes when it works", "runner-verdict"),
            ("- **FAIL**: the file is missing", "runner-verdict"),
            ("PASS when:", "runner-verdict"),
            ("## Verdict", "runner-verdict"),
            ("```sh\necho PASS > results/tc/01/out.txt\n```", "runner-verdict"),
            ("## Setup", "runner-setup"),
            ("1. Run `git init` in the workspace", "runner-setup"),
            ("- `bundle install`", "runner-setup"),
            ("First, execute mise trust mise.toml", "runner-setup"),
            ("Write `results/tc/01/final-reflection.txt` at the end", "helper-artifact"),
            ("Keep results/tc/01/summary.md", "helper-artifact"),
            ("`results/tc/01/verdict.txt`", "helper-artifact"),
            ("# Goal 2 - Something", "goal-number"),
        ];
        let mut found = 0;
        for (text, kind) in cases {
            assert_eq!(kinds("TC-001-y.runner.md", text), [kind], "{text}");
            found += 1;
        }
        assert_eq!(found, 15);
        assert_eq!(kinds("runner.yml.md", "# R\n- Give your final verdict.\n"), ["runner-verdict"]);
        assert_eq!(kinds("TC-012a-y.verify.md", "# Goal 1: x\n"), ["goal-number"]);
    }

    #[test]
    fn what_is_the_runners_is_left_alone() {
        let cases = [
            "Do not assign PASS/FAIL verdicts in runner output",
            "- Execute actions and capture evidence only; do not assign PASS/FAIL verdicts.",
            "- Execute actions only; never issue a verdict",
            "Setup ownership belongs to `scenario.yml`; do not re-implement setup in TC runners",
            "- After all goals, output a brief summary of what you produced for each goal",
            "Run `ace-docs status` and capture documentation health/coverage summary output",
            "Record whether the command passed through the proxy.",
            "Write the output to `results/tc/01/report.json`, `results/tc/01/summary.json`",
            "```yaml\nsetup: git init\n```",
            "Capture what `tool init` prints; the initial git state is given.",
            "# Goal 1 — Help",
            "# Goal 01: Help",
            "It bypasses the cache. Users must not bypass validation",
            "Save the exit code: results/tc/01/pass-through.exit",
        ];
        let mut left = 0;
        for text in cases {
            assert_eq!(kinds("TC-001-y.runner.md", text), ["pass"], "{text}");
            left += 1;
        }
        assert_eq!(left, 14);
        assert_eq!(
            kinds("TC-001-y.verify.md", "## Verdict\n- **PASS**: all is there\nReport: `PASS` or `FAIL`\n"),
            ["pass"]
        );
    }

    #[test]
    fn nothing_to_look_at_is_no_pass() {
        assert_eq!(Bench::new(CHECK).gap("t", GapKind::Missing).told(), ["error missing t: a file | nothing"]);
        assert_eq!(kinds("TC-001-y.runner.md", " \n"), ["error"]);
    }
}
