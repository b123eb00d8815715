//! What may be typed. Help, completions and the man page come from here.

use super::printing::Printing;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  gatekeeper verify tests/e2e_results/20260302T090000Z    judge a run and the repository it lies in
  gatekeeper verify build/test-results                    judge any directory of test reports, without configuration
  gatekeeper init --owner team-x --bead ABC-1             write a first configuration; what fails becomes a dated known failure
  gatekeeper verify RUN --lane preflight                  blocking gates only, stop at the first failure
  gatekeeper verify RUN -o github -o markdown=report.md   annotations on stdout, a report in a file
  gatekeeper triage RUN                                   known failures: where, replay, what to do
  gatekeeper explain waiver_lifecycle                     what a gate checks, why, how to fix it
  gatekeeper lint                                         are gates, policy and ledger sound?
  gatekeeper --self-test                                  prove that this binary fails what it must fail

Exit codes: 0 pass or warn, 1 a blocking gate failed, 2 usage or definitions, 3 evidence missing, stale or malformed, 4 internal.";

/// Turns a directory of run artifacts into a release verdict you can trust.
///
/// gatekeeper reads what already lies on disk; it runs no tests, opens no network connection and executes nothing that
/// evidence says. What is missing, stale, malformed or contradictory never passes.
#[derive(Debug, Parser)]
#[command(name = "gatekeeper", version, after_help = EXAMPLES)]
pub struct Arguments {
    /// Run the golden scenarios built into this binary, or those below PATH, and exit.
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    pub self_test: Option<Option<PathBuf>>,

    /// Print in colour or not. Default: on a terminal, unless NO_COLOR, CLICOLOR_FORCE or FORCE_COLOR says otherwise.
    #[arg(long, value_name = "auto|always|never", hide_possible_values = true, global = true)]
    pub color: Option<super::colour::When>,

    /// Say what is wrong and print results, and nothing else.
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Say more: passing gates with what they measured, which repository, which definition files.
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a run and the repository it belongs to.
    Verify(Verify),
    /// Say GO or NO-GO to a release, with a box for each gate.
    Checklist(super::checklist::Checklist),
    /// Write a first configuration from the test reports that are there.
    Init(Init),
    /// Write a gate with comments and scenarios.
    New(super::new_gate::New),
    /// Compare two runs by the results of their suites and units.
    Diff(Diff),
    /// Print the smallest plan that runs again what failed in a run.
    Replay(Replay),
    /// Recognise known failures in a run: where, how to replay them, what to do.
    Triage(Triage),
    /// Write down the issue that a failing verdict is worth.
    Incident(super::occasion::Incident),
    /// Sign a verdict: an in-toto statement in a DSSE envelope.
    Attest(super::attest::Arguments),
    /// Look whether a verdict, signed or not, still holds: signature, evidence, commit, and the same judgement again.
    Reverify(super::reverify::Arguments),
    /// Compare the claims of a completion audit with exit codes, files, git and the tracker.
    Audit(super::audit::Arguments),
    /// List tests that both failed and passed in runs of one commit.
    Flakes(Flakes),
    /// Show, add, renew and remove waivers of gates.
    Waivers(super::ledger::Waivers),
    /// Show, add, renew and remove quarantine entries of tests.
    Quarantine(super::ledger::Quarantine),
    /// Find claims in texts that go beyond what the evidence allows.
    CheckClaims(CheckClaims),
    /// Compare two versions of the definitions: which change makes judgements weaker.
    Policy(super::policy::Policy),
    /// Damage the evidence of a passing run in memory, and tell what no gate notices.
    Mutate(super::mutate::Arguments),
    /// Check definitions: gates, policy, configuration, ledger, failure signatures.
    Lint(Lint),
    /// Say what a gate, check kind, format, diagnostic, reason or exit code means.
    Explain(Explain),
    /// Show the configuration in force, and where each value comes from.
    ShowConfig(super::show_config::ShowConfig),
    /// List the gates of a policy.
    Gates(Gates),
    /// Draw which gate needs which.
    Graph(Graph),
    /// Print as JSON how evidence files are read.
    Inspect(Inspect),
    /// Print the JSON Schema of a definition file or an output.
    Schema(Schema),
    /// Run golden scenarios: the built-in ones, or those below PATH.
    SelfTest(SelfTest),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual page (roff), or write one for each command.
    Man(super::generate::Man),
}

/// Where the definitions are.
#[derive(Debug, Args, Clone, Default)]
pub struct Definitions {
    /// The repository. Default: the work tree of the current directory, never one that evidence lies in.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,

    /// The policy: a built-in name or a file. Default: `gatekeeper.toml` at the root, else the built-in policy whose
    /// artifacts are there.
    #[arg(long, value_name = "NAME|FILE")]
    pub policy: Option<String>,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  gatekeeper verify tests/e2e_results/20260302T090000Z
  gatekeeper verify RUN --lane preflight --out /tmp/verdict
  gatekeeper verify RUN -o verdict                          the verdict as JSON on stdout
  gatekeeper verify RUN --baseline OTHER_RUN                compare with this run instead of the recorded one
  gatekeeper verify --shards shards/0 shards/1 shards/2     one run whose suites were shared out
  gatekeeper verify RUN --history 'tests/e2e_results/*'     with earlier runs, for gates that look back
  gatekeeper verify RUN --policy-ref origin/main            by the definitions of the base of a pull request
  gatekeeper verify RUN --mode rollback --rationale 'hotfix 1.2.4, INC-77' --until 2026-03-03T00:00:00Z";

/// `gatekeeper verify`.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct Verify {
    #[command(flatten)]
    pub asked: Asked,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    /// Which gates count, and how: `full` for certification, `preflight` for a fast first answer.
    #[arg(long, default_value = "full")]
    pub lane: String,

    /// Where verdict, events and reports are written. Default: the policy's `output`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Write no files; results asked for with `-o` and without a path still go to standard output.
    #[arg(long)]
    pub dry_run: bool,

    /// Also write this format, to PATH or to standard output. May be given several times.
    #[arg(short = 'o', long = "output", value_name = "FORMAT[=PATH]")]
    pub outputs: Vec<String>,
}

/// What is judged, and on which terms.
#[derive(Debug, Args)]
pub struct Asked {
    /// The run directory.
    #[arg(value_name = "RUN")]
    pub run: Option<PathBuf>,

    #[command(flatten)]
    pub definitions: Definitions,

    /// The run to compare with, instead of the one that the run itself names.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<PathBuf>,

    /// The shards of one run, judged together in place of RUN: directories, or quoted patterns such as 'shards/*'. Their order does not
    /// matter. One that is missing fails by its name.
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with = "run")]
    pub shards: Vec<PathBuf>,

    /// Earlier runs, for gates that look at more than one: directories, or quoted patterns such as 'tests/e2e_results/*'. The run
    /// under judgement is no part of its history, and is passed over. May be given several times.
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub history: Vec<PathBuf>,

    /// Judge as of this instant (RFC 3339 with offset) instead of now. The verdict says so.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    /// Stop after this time (`90s`, `10m`), with a failing verdict and exit code 4. Default, and the longest: the policy's `time_max`.
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,

    /// `strict`, or `rollback`: for a short time and a recorded reason a failing verdict does not block.
    /// Default: the variable CI_GATE_PROMOTION_MODE, else strict.
    #[arg(long)]
    pub mode: Option<ModeName>,

    /// Why the rollback is right. Needed with it. Default: the variable CI_GATE_PROMOTION_RATIONALE, beside that of the mode.
    #[arg(long)]
    pub rationale: Option<String>,

    /// When the rollback ends (RFC 3339 with offset). Needed with it. Default: the variable CI_GATE_PROMOTION_UNTIL.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

const INIT_EXAMPLES: &str = "\
Examples:
  gatekeeper init --owner team-orders --bead ABC-12
  gatekeeper init --dry-run | less                          what would be written
  gatekeeper init --with coverage,bench --one-file          with a floor and budgets, all in gatekeeper.toml
  gatekeeper init services/orders --owner team-orders --bead ABC-12 --reproduce 'make test'

Runs in directories that are called by a date, a number or a hash are judged by the newest of them. Reports that state no zone are read as
UTC. A report that nothing names fails from then on.
Tests that fail today become known failures: entries of the exceptions file with an owner and a last day, at most 10 days ahead, whose number may not
grow. What is no failure of a test (a crash, a run cut short, a damaged report) cannot become one, and is listed.
Exit codes: 0 written, 2 usage, a directory that is not there or empty, or a file that exists, 3 no report that can be read, 4 a file that cannot be written.";

/// `gatekeeper init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// The directory to search and to write into. Default: the current one.
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,

    /// Who answers for the gates and the known failures. Left blank if not given, and `lint` refuses blanks.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,

    /// The tracker's id of the work to fix the known failures. Left blank if not given.
    #[arg(long, value_name = "ID")]
    pub bead: Option<String>,

    /// The command that runs the tests. Default: that of the build tool whose file lies in DIR, else `gatekeeper verify`.
    #[arg(long, value_name = "COMMAND")]
    pub reproduce: Option<String>,

    /// The name of the policy and of its folder of gates. Default: that of DIR.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Leave these files out, as patterns from DIR: reports that are fixtures of tests, for one. May be given several times.
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,

    /// How old reports may be that say when they were made: `1d`, `12h`.
    #[arg(long, value_name = "AGE", default_value = "1d")]
    pub max_age: String,

    /// Also hold the project to what is there of these, separated by commas: coverage, bench, sarif.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub with: Vec<super::init::Extra>,

    /// Write policy and gates into `gatekeeper.toml`, instead of a file for each.
    #[arg(long)]
    pub one_file: bool,

    /// Also write JSON Schemas into `.gatekeeper/schemas`, and name them in the first line of each file, where editors look for them.
    #[arg(long)]
    pub schemas: bool,

    /// Replace files that exist.
    #[arg(long)]
    pub force: bool,

    /// Write nothing; print the files.
    #[arg(long)]
    pub dry_run: bool,

    /// Date the known failures from this instant (RFC 3339 with offset) instead of now.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

/// The word for a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// A failing verdict blocks.
    Strict,
    /// For a short time it does not.
    Rollback,
}

/// Where the run belongs.
#[derive(Debug, Args, Clone, Default)]
pub struct Where {
    /// The repository. Default: the nearest directory above RUN with a `gatekeeper.toml`, else with a `.git`.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  gatekeeper diff tests/e2e_results/20260301T091500Z tests/e2e_results/20260302T101500Z
  gatekeeper diff BASE RUN -o json | jq -r '.changes[] | select(.blocks) | .name'

The status is `regression`, `known_failures_only` or `stable`, recomputed from each result.json.
Exit codes: 0 stable or known failures only, 1 regression, 2 usage, 3 results missing or damaged.";

/// `gatekeeper diff`.
#[derive(Debug, Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub struct Diff {
    /// The earlier run.
    #[arg(value_name = "BASE")]
    pub base: PathBuf,

    /// The later run.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,

    #[command(flatten)]
    pub at: Where,

    #[command(flatten)]
    pub printing: Printing,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  gatekeeper replay tests/e2e_results/20260301T091500Z
  gatekeeper replay RUN -o json | jq -r '.steps[].shell'     one command a line

Nothing is run. Commands are made from names that are quoted or refused; what the run recorded is shown beside them at most.
Exit codes: 0 a plan, or nothing failed, 2 usage, 3 results missing or damaged, so the plan may lack something.";

/// `gatekeeper replay`.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub struct Replay {
    /// The run directory.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,

    #[command(flatten)]
    pub at: Where,

    #[command(flatten)]
    pub printing: Printing,
}

const TRIAGE_EXAMPLES: &str = "\
Examples:
  gatekeeper triage tests/e2e_results/20260301T091500Z
  gatekeeper triage downloaded/run --root .                 with the artifacts of this repository
  gatekeeper triage RUN -o json | jq -r '.matches[].replay[]'

Signatures are tables: those of the binary, and those that `signatures` in gatekeeper.toml names.
Exit codes: 0 looked at everything, 2 usage or signatures, 3 results missing or damaged.";

/// `gatekeeper triage`.
#[derive(Debug, Args)]
#[command(after_help = TRIAGE_EXAMPLES)]
pub struct Triage {
    /// The run directory.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,

    #[command(flatten)]
    pub at: Where,

    /// Judge ages as of this instant (RFC 3339 with offset) instead of now.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    #[command(flatten)]
    pub printing: Printing,
}

const FLAKES_EXAMPLES: &str = "\
Examples:
  gatekeeper flakes 'tests/e2e_results/*'                   runs that name their commits themselves
  gatekeeper flakes 'ci/run-*/junit.xml' --commit 1a2b3c4   plain reports, all of this commit
  gatekeeper flakes RUN... -o json | jq -r '.suspects[].quarantine'

A directory is one run, and so is a report that is named itself. Runs of different commits are never mixed.
Exit codes: 0 no suspects, 1 suspects, 2 usage, 3 no suspects, and runs missing or damaged.";

/// `gatekeeper flakes`.
#[derive(Debug, Args)]
#[command(after_help = FLAKES_EXAMPLES)]
pub struct Flakes {
    /// The runs: directories, test reports, or quoted patterns for them.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,

    #[command(flatten)]
    pub at: Where,

    /// The commit of the runs that do not name their own.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,

    /// How sure the upper bounds of rates are.
    #[arg(long, value_name = "PART", default_value_t = 0.95)]
    pub confidence: f64,

    /// The day of quarantine entries, as an instant (RFC 3339 with offset), instead of today.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    #[command(flatten)]
    pub printing: Printing,
}

const CHECK_CLAIMS_EXAMPLES: &str = "\
Examples:
  gatekeeper check-claims --contract docs/claims.json --text README.md CHANGELOG.md
  gatekeeper check-claims --contract docs/claims.json --verdict verdict/full_suite_verdict.json --text README.md --out claim_verdict.json
  gatekeeper check-claims --contract docs/claims.json --text README.md -o json | jq -r '.findings[].phrase'

A tier may be claimed if it and every tier below it have all their evidence: files of the repository, and gates that pass in the
release verdict. Without evidence no tier may be claimed. A text that quotes claims says so:
  <!-- gatekeeper: claims off: REASON -->quoted<!-- gatekeeper: claims on -->
Exit codes: 0 nothing is claimed beyond the evidence, 1 a text claims too much, 2 usage, 3 contract, verdict or text missing or malformed.";

/// `gatekeeper check-claims`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_CLAIMS_EXAMPLES)]
pub struct CheckClaims {
    /// The claim contract: tiers with the evidence and the language of each.
    #[arg(long, value_name = "FILE")]
    pub contract: PathBuf,

    /// The release verdict that tells of gates. Without it no gate counts as passed.
    #[arg(long, value_name = "FILE")]
    pub verdict: Option<PathBuf>,

    /// The texts.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub text: Vec<PathBuf>,

    /// The repository that required files are in. Default: the work tree of the current directory.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,

    /// Date the claim verdict with this instant (RFC 3339 with offset) instead of now.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    #[command(flatten)]
    pub printing: Printing,

    /// Write the claim verdict to this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `gatekeeper lint`.
#[derive(Debug, Args)]
pub struct Lint {
    #[command(flatten)]
    pub definitions: Definitions,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    /// Take warnings as errors.
    #[arg(long)]
    pub strict: bool,

    /// Judge dates in the ledger as of this instant (RFC 3339 with offset).
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,

    #[command(flatten)]
    pub printing: Printing,
}

/// `gatekeeper explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A gate, check kind, evidence format, output format, diagnostic code, reason, standing or exit code.
    pub word: String,

    #[command(flatten)]
    pub definitions: Definitions,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    #[command(flatten)]
    pub printing: Printing,
}

/// `gatekeeper gates`.
#[derive(Debug, Args)]
pub struct Gates {
    #[command(flatten)]
    pub definitions: Definitions,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    #[command(flatten)]
    pub printing: Printing,
}

/// `gatekeeper graph`.
#[derive(Debug, Args)]
pub struct Graph {
    #[command(flatten)]
    pub definitions: Definitions,

    #[command(flatten)]
    pub trusted: super::trusted::Trusted,

    /// How to draw it: the same as `-o`.
    #[arg(long, value_enum, hide = true)]
    pub format: Option<Drawing>,

    #[command(flatten)]
    pub printing: Printing,
}

/// How a graph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    /// An indented list.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid, as GitHub renders it.
    Mermaid,
}

/// `gatekeeper inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Read them as this evidence format instead of by extension.
    #[arg(long)]
    pub format: Option<String>,

    #[command(flatten)]
    pub printing: Printing,
}

/// `gatekeeper schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Which one; none lists them.
    pub name: Option<String>,

    /// Write every schema into this directory, `NAME.json`.
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    pub out: Option<PathBuf>,
}

/// `gatekeeper self-test`.
#[derive(Debug, Args)]
pub struct SelfTest {
    /// A folder with scenarios of your own.
    pub path: Option<PathBuf>,

    /// Print what the terminal shows for each scenario that is to fail, a line each, instead of the report.
    #[arg(long)]
    pub printed: bool,
}

/// `gatekeeper completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}
