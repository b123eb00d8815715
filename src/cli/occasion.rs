//! What `gatekeeper incident` is told of the occasion: flags first, then the variables of GitHub Actions and GitLab CI.

use super::args::Where;
use super::printing::Printing;
use super::{Console, Exit};
use crate::incident::{Circumstances, Kind, records};
use crate::model::redact;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  gatekeeper incident build/verdict/full_suite_verdict.json --run artifacts/e2e/RUN
  gatekeeper incident VERDICT -o title                       the issue's title, with the key of the failure
  gatekeeper incident VERDICT -o body --release v1.4 --artifact e2e-run
  gatekeeper incident VERDICT --recorded links=URL --recorded note=URL      may it be closed?

Nothing is opened anywhere: `gh issue create` and its like do that, see docs/packs/pipeline-run.md.
Exit codes: 0 no incident, 1 an incident, written down, 2 usage, 3 the verdict is missing or damaged, so nothing is known.";

/// `gatekeeper incident`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Incident {
    /// The verdict: a `full_suite_verdict.json`.
    #[arg(value_name = "VERDICT")]
    pub verdict: PathBuf,

    /// The run directory. Default: the one that the verdict names, if it lies in the repository.
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,

    #[command(flatten)]
    pub at: Where,

    /// Where the run is shown. Default: from the variables of GitHub Actions or GitLab CI.
    #[arg(long, value_name = "URL")]
    pub run_url: Option<String>,

    /// The name under which the run was uploaded.
    #[arg(long, value_name = "NAME")]
    pub artifact: Option<String>,

    /// The branch. Default: from the variables of CI; an unknown one counts as the main one.
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,

    /// The release that is being cut. Default: the tag that CI builds.
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,

    /// The exact command that ran. Default: that of the gate.
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,

    /// A log of CI: `PARITY GATE FAIL` in it opens a parity incident, whatever the verdict says.
    #[arg(long, value_name = "FILE")]
    pub ci_log: Vec<PathBuf>,

    /// What is recorded for closing, and where: links, note, detection, attribution, mitigation, verification.
    #[arg(long, value_name = "WHAT=WHERE")]
    pub recorded: Vec<String>,

    /// Also put issue and attachments into this archive (tar, zstd), with a manifest and without secrets.
    #[arg(long, value_name = "FILE.tar.zst")]
    pub bundle: Option<PathBuf>,

    /// What to print: the same as `-o`.
    #[arg(long, value_enum, hide = true, conflicts_with = "json")]
    pub format: Option<Form>,

    /// What to print: `markdown`, `json`, `title`, `body`, `comment` or `key`; with a path, into that file. May be given several times.
    /// Default: markdown.
    #[command(flatten)]
    pub printing: Printing,
}

impl Form {
    /// Every form by its word, the first for those who ask for none.
    pub const WORDS: [&'static str; 6] = ["markdown", "json", "title", "body", "comment", "key"];

    /// The word behind `-o`.
    pub const fn word(self) -> &'static str {
        match self {
            Form::Markdown => "markdown",
            Form::Json => "json",
            Form::Title => "title",
            Form::Body => "body",
            Form::Comment => "comment",
            Form::Key => "key",
        }
    }
}

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Title and body.
    Markdown,
    /// Everything, for programs.
    Json,
    /// The title.
    Title,
    /// The body.
    Body,
    /// The comment for an issue that is open already.
    Comment,
    /// The key.
    Key,
}

/// Variables of CI that tell something of the machine and the job.
const MACHINE: [&str; 6] =
    ["RUNNER_OS", "RUNNER_ARCH", "GITHUB_WORKFLOW", "GITHUB_JOB", "CI_JOB_NAME", "CI_RUNNER_EXECUTABLE_ARCH"];

/// The circumstances.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn circumstances(args: &Incident, console: &mut Console<'_>) -> Result<Circumstances, Exit> {
    let variable = |name: &str| (console.environment)(name).filter(|text| !text.trim().is_empty());
    let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
    let github = || {
        let (server, repository, run) =
            (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?, variable("GITHUB_RUN_ID")?);
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    };
    let tag = variable("GITHUB_REF_NAME").filter(|_| variable("GITHUB_REF_TYPE").as_deref() == Some("tag"));
    let branch = variable("GITHUB_HEAD_REF").or_else(|| variable("GITHUB_REF_NAME").filter(|_| tag.is_none()));
    let machine = MACHINE.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?)));
    let found = Circumstances {
        branch: args
            .branch
            .clone()
            .or(branch)
            .or_else(|| first(&["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"])),
        commit: first(&["GITHUB_SHA", "CI_COMMIT_SHA"]),
        main: variable("CI_DEFAULT_BRANCH"),
        release: args.release.clone().or(tag).or_else(|| variable("CI_COMMIT_TAG")),
        run_url: args.run_url.clone().or_else(github).or_else(|| variable("CI_JOB_URL")),
        artifact: args.artifact.clone(),
        command: args.command.clone(),
        environment: machine.collect(),
        parity_gate_fail: None,
        recorded: BTreeMap::new(),
    };
    let recorded = recorded(args, console)?;
    if let Some(url) = found.run_url.as_deref().filter(|url| !is_link(url)) {
        console.say(&format!("error: `{}` is no link to a run", redact(url).escape_debug()));
        return Err(Exit::Usage);
    }
    Ok(Circumstances { recorded, ..found })
}

/// Whether a text is a plain link, without anything that ends one in Markdown and without a password.
fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain)) && redact(text) == text
}

fn recorded(args: &Incident, console: &mut Console<'_>) -> Result<BTreeMap<String, String>, Exit> {
    let known: Vec<&str> = Kind::ALL.iter().flat_map(|kind| records(*kind)).map(|(name, _)| *name).collect();
    let mut recorded = BTreeMap::new();
    for text in &args.recorded {
        match text.split_once('=') {
            Some((name, place)) if known.contains(&name) && !place.trim().is_empty() => {
                recorded.insert(name.to_owned(), place.to_owned());
            }
            Some(_) | None => {
                let help = crate::diagnostic::did_you_mean(text.split('=').next().unwrap_or_default(), known);
                console.say(&format!("error: `--recorded {text}` is not WHAT=WHERE with a known WHAT; {help}"));
                return Err(Exit::Usage);
            }
        }
    }
    Ok(recorded)
}
