//! `gatekeeper show-config`: what is in force, and where each value comes from.

use super::args::Definitions;
use super::printing::Printing;
use super::trusted::Trusted;
use super::{Console, Exit, place, told};
use crate::gate::Suite;
use crate::load;
use crate::model::{Base, Document, LaneRule, RelPath};
use crate::report::sanitise::terminal;
use crate::report::wire::document;
use crate::report::wire::v1::commands::configuration::{Configuration, SCHEMA, Setting};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  gatekeeper show-config                                    of the repository around the current directory
  gatekeeper show-config --policy e2e-run                   of a policy inside the binary
  gatekeeper show-config --policy-ref origin/main           as a commit has it
  gatekeeper show-config -o json | jq -r '.values[] | select(.from != \"default\") | .name'

Exit codes: 0 shown, 2 usage, or definitions that do not load.";

/// `gatekeeper show-config`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowConfig {
    #[command(flatten)]
    definitions: Definitions,

    #[command(flatten)]
    trusted: Trusted,

    #[command(flatten)]
    printing: Printing,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &ShowConfig, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let root = place::root(args.definitions.root.as_deref()).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    let workspace = place::workspace(&args.definitions, None, None, None, console)?;
    let suite = place::suite(&workspace, &args.definitions, &args.trusted, console)?;
    let configuration = Configuration {
        schema: SCHEMA,
        root: root.to_string_lossy().into_owned(),
        policy: suite.policy.id.to_string(),
        sha256: suite.policy.digest.to_string(),
        files: suite.sources.names(),
        values: Shown { suite: &suite, values: Vec::new() }.all(args.definitions.policy.is_some()),
    };
    let make = |form: &str| if form == "json" { document(&configuration) } else { text(&configuration) };
    printer.print(&make, console)?;
    Ok(Exit::Pass)
}

/// The values as they are gathered.
struct Shown<'s> {
    suite: &'s Suite,
    values: Vec<Setting>,
}

impl Shown<'_> {
    fn all(mut self, named: bool) -> Vec<Setting> {
        let suite = self.suite;
        let policy = &suite.policy;
        let chosen = match (named, suite.places.find("configuration")) {
            (true, _) => "--policy".to_owned(),
            (false, Some(at)) => suite.sources.place(at),
            (false, None) => "the files that are there".to_owned(),
        };
        self.values.push(Setting { name: "policy".to_owned(), value: policy.id.to_string(), from: chosen });
        let located = |(base, path): &(Base, RelPath)| format!("{}:{path}", base.word());
        self.put("output", policy.output.as_ref().map_or_else(|| "none".to_owned(), located), "output");
        self.put("ledger", list(policy.ledger.iter().map(located)), "ledger");
        let schema = policy.verdict_schema.clone();
        self.put("verdict_schema", schema.unwrap_or_else(|| "gatekeeper.verdict/1".to_owned()), "verdict_schema");
        let run = policy.run.as_ref().map_or_else(|| "none: a repository is judged".to_owned(), |run| run.file.to_string());
        self.put("run", run, "run");
        for stated in suite.settings.iter().filter(|stated| stated.at.is_some()) {
            let value = stated.value.clone().map_or_else(String::new, |value| Document::new(value).root().excerpt(200));
            let from = stated.at.as_ref().map_or_else(|| "default".to_owned(), |at| suite.sources.place(at));
            self.values.push(Setting { name: stated.key.to_owned(), value, from });
        }
        for (name, value) in load::limit_values(&policy.limits) {
            self.put(&format!("limits.{name}"), value, &format!("limit.{name}"));
        }
        for (name, parameter) in &policy.parameters {
            let value = Document::new(parameter.value.clone()).root().excerpt(200);
            self.put(&format!("parameter.{name}"), value, &format!("parameter.{name}.value"));
        }
        for lane in &policy.lanes {
            let rule = match lane.rule {
                LaneRule::Preflight => "preflight",
                LaneRule::Full => "full",
            };
            self.put(&format!("lane.{}", lane.id), rule.to_owned(), &format!("lane.{}", lane.id));
        }
        for terms in &policy.gates {
            let flags = [("blocking", terms.blocking), ("waivable", terms.waivable), ("gap_waivable", terms.gap_waivable)];
            for (key, value) in flags {
                let name = format!("gate.{}.{key}", terms.id);
                self.put(&name, value.to_string(), &name);
            }
        }
        self.values
    }

    fn put(&mut self, name: &str, value: String, at: &str) {
        let from = self.suite.places.find(at).map_or_else(|| "default".to_owned(), |at| self.suite.sources.place(at));
        self.values.push(Setting { name: name.to_owned(), value, from });
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

fn text(shown: &Configuration) -> String {
    let files = told::count(shown.files.len(), "definition file");
    let mut out = format!("# {}: policy `{}`, {files}\n", terminal(&shown.root), shown.policy);
    let longest = |of: fn(&Setting) -> &String| shown.values.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let (names, values) = (longest(|row| &row.name).min(50), longest(|row| &row.value).min(40));
    for row in &shown.values {
        let (name, value, from) = (terminal(&row.name), terminal(&row.value), terminal(&row.from));
        out.push_str(&format!("{name:names$} = {value:values$}  # {from}\n"));
    }
    out
}
