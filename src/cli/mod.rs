//! The command line: the only room that reads arguments, prints, and makes exit codes.

mod again;
mod args;
mod attest;
mod audit;
mod check_claims;
mod checklist;
mod colour;
mod demand;
mod diff;
mod exit;
mod explain;
mod flakes;
mod gates;
mod generate;
mod glossary;
mod graph;
mod incident;
mod init;
mod inputs;
mod inspect;
mod judgement;
mod keys;
mod ledger;
mod lint;
mod mutate;
mod new_gate;
mod occasion;
mod outputs;
mod place;
mod policy;
mod policys_place;
mod printing;
mod progress;
mod questions;
mod refused;
mod replay;
mod reverify;
mod schema;
mod self_test;
mod show_config;
mod told;
mod triage;
mod trusted;
mod verify;
mod watch;

pub use args::Arguments;
pub use exit::{EXITS, Exit};
pub use glossary::glossary_page;
/// Edits of a ledger's text, public because they are fuzzed.
pub use ledger::edit as ledger_edit;
pub use questions::{Questions, questions};

use crate::model::{SecretShapes, shown_path};
use crate::report::sanitise;
use args::Command;
use clap::Parser;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};

/// What a command may write to and know of its surroundings. Self-tests give their own.
pub struct Console<'a> {
    /// Requested results.
    pub out: &'a mut dyn Write,
    /// Everything for people.
    pub err: &'a mut dyn Write,
    /// Whether `err` takes terminal colours.
    pub colour: bool,
    /// The width of the terminal behind `err`.
    pub width: Option<u16>,
    /// Environment variables.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What secrets look like: the shapes of the policy, once it is known.
    pub shapes: SecretShapes,
    /// How much is said to people.
    pub volume: Volume,
    /// Whether `err` is a terminal on which a line can be written anew.
    pub live: bool,
}

/// How much is said to people: `-q`, nothing, or `-v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Volume {
    /// What is wrong, and results.
    Quiet,
    /// What was done, too.
    #[default]
    Usual,
    /// And where, with what.
    Verbose,
}

impl<'a> Console<'a> {
    /// A console apart from the process's own: no terminal, no environment, and whatever is written goes here.
    pub fn apart(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (shapes, volume) = (SecretShapes::default(), Volume::default());
        Console { out, err, colour: false, width: None, environment: &|_| None, shapes, volume, live: false }
    }
}

impl Console<'_> {
    /// Lines for people, made safe: nothing in them steers a terminal or a CI runner, and no secret is left. A console that is gone is
    /// no reason to stop judging.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", sanitise::lines(text, self.colour, &self.shapes));
    }

    /// What was done: nothing that `-q` asks for.
    pub fn note(&mut self, text: &str) {
        if self.volume > Volume::Quiet {
            self.say(text);
        }
    }

    /// Where and with what something is done: what `-v` asks for.
    pub fn detail(&mut self, text: &str) {
        if self.volume > Volume::Usual {
            self.say(text);
        }
    }

    /// Results on standard output, made safe as what is said is.
    ///
    /// # Errors
    /// [`Exit::Internal`] when they cannot be written.
    pub fn deliver(&mut self, bytes: &[u8]) -> Result<(), Exit> {
        let text = sanitise::lines(&String::from_utf8_lossy(bytes), false, &self.shapes);
        self.hand_over(text.as_bytes())
    }

    /// Results that their writer made safe, or that hold nothing but what is ours: bytes as they are.
    ///
    /// # Errors
    /// [`Exit::Internal`] when they cannot be written: a result that nobody received is not delivered.
    pub fn hand_over(&mut self, bytes: &[u8]) -> Result<(), Exit> {
        self.out.write_all(bytes).and_then(|()| self.out.flush()).map_err(|error| {
            // A reader that has enough, such as `head`, is no news to the person who put it there.
            if error.kind() != std::io::ErrorKind::BrokenPipe {
                self.say(&format!("error: cannot write to standard output: {error}"));
            }
            Exit::Internal
        })
    }
}

/// Runs the process's command line.
pub fn main() -> std::process::ExitCode {
    process(std::env::args_os().collect()).code()
}

/// Runs a command line with the console and the environment of the process.
pub fn process(given: Vec<OsString>) -> Exit {
    let terminal = std::io::stderr().is_terminal();
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let environment = |name: &str| std::env::var(name).ok();
    let colour = colour::wanted(&given, &environment, terminal);
    let stated = environment("COLUMNS").and_then(|text| text.parse().ok());
    let width = stated.or_else(|| Some(terminal_size::terminal_size_of(std::io::stderr())?.0.0));
    let mut console = Console {
        out: &mut std::io::stdout().lock(),
        err: &mut std::io::stderr(),
        colour,
        width,
        environment: &environment,
        shapes: SecretShapes::default(),
        volume: Volume::default(),
        live: terminal && environment("TERM").as_deref() != Some("dumb"),
    };
    run(given, &mut console)
}

/// Runs a command line. A panic below is our fault: it is caught, said, and exits as internal, never as a pass.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> Exit {
    let given: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error, &given, console),
    };
    console.volume = match (arguments.quiet, arguments.verbose) {
        (true, true) => {
            console.say("error: `--quiet` and `--verbose` exclude each other");
            refused::make_fail(&given, console);
            return Exit::Usage;
        }
        (true, false) => Volume::Quiet,
        (false, true) => Volume::Verbose,
        (false, false) => Volume::Usual,
    };
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&arguments, &given, console)));
    outcome.unwrap_or_else(|_| {
        console.say("error: gatekeeper failed inside; this is a fault of ours, and no verdict was reached");
        Exit::Internal
    })
}

fn refuse(error: &clap::Error, given: &[OsString], console: &mut Console<'_>) -> Exit {
    let rendered = error.render();
    let text = if console.colour { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        console.say(one_line(text, given).trim_end());
        refused::make_fail(given, console);
        Exit::Usage
    } else {
        console.hand_over(text.as_bytes()).map_or_else(|exit| exit, |()| Exit::Pass)
    }
}

/// The message with the arguments that it repeats on one line each.
fn one_line(mut text: String, given: &[OsString]) -> String {
    for argument in given {
        let argument = argument.to_string_lossy();
        let value = argument.split_once('=').map_or("", |(_, value)| value);
        for part in [&*argument, value].into_iter().filter(|part| part.chars().any(sanitise::deceives)) {
            text = text.replace(part, &shown_path(part));
        }
    }
    text
}

fn dispatch(arguments: &Arguments, given: &[OsString], console: &mut Console<'_>) -> Exit {
    let result = match (&arguments.self_test, &arguments.command) {
        (Some(path), None) => self_test::run(path.as_deref(), false, console),
        (Some(_), Some(_)) => {
            console.say("error: `--self-test` stands alone; give either it or a command");
            refused::make_fail(given, console);
            Err(Exit::Usage)
        }
        (None, None) => {
            console.say("error: no command given; try `gatekeeper verify RUN`, or `gatekeeper --help`");
            Err(Exit::Usage)
        }
        (None, Some(command)) => match command {
            Command::Verify(verify) => verify::run(verify, console),
            Command::Checklist(checklist) => checklist::run(checklist, console),
            Command::Diff(diff) => diff::run(diff, console),
            Command::Replay(replay) => replay::run(replay, console),
            Command::Triage(triage) => triage::run(triage, console),
            Command::Incident(incident) => incident::run(incident, console),
            Command::Attest(attest) => attest::run(attest, console),
            Command::Reverify(reverify) => reverify::run(reverify, console),
            Command::Audit(audit) => audit::run(audit, console),
            Command::Flakes(flakes) => flakes::run(flakes, console),
            Command::Waivers(waivers) => ledger::waivers(waivers, console),
            Command::Quarantine(quarantine) => ledger::quarantine(quarantine, console),
            Command::CheckClaims(check) => check_claims::run(check, console),
            Command::Policy(policy) => policy::run(policy, console),
            Command::Mutate(mutate) => mutate::run(mutate, console),
            Command::Lint(lint) => lint::run(lint, console),
            Command::Explain(explain) => explain::run(explain, console),
            Command::ShowConfig(show) => show_config::run(show, console),
            Command::Gates(gates) => gates::run(gates, console),
            Command::Graph(graph) => graph::run(graph, console),
            Command::New(new) => new_gate::run(new, console),
            Command::Init(init) => init::run(init, console),
            Command::Inspect(inspect) => inspect::run(inspect, console),
            Command::Schema(schema) => schema::run(schema, console),
            Command::SelfTest(self_test) => self_test::run(self_test.path.as_deref(), self_test.printed, console),
            Command::Completions(completions) => generate::completions(completions.shell, console),
            Command::Man(man) => generate::man(man, console),
        },
    };
    result.unwrap_or_else(|exit| exit)
}
