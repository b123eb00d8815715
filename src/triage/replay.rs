//! The smallest plan that runs again what failed in a run.
//!
//! In: a run. Out: a [`Plan`]: each command once, causes first. What lacks something to run with comes before all else; units come
//! before suites, because a unit that fails explains suites and is quicker; then by class and name. One failing test is run
//! alone; several of one suite, or none that is known, make the whole suite run. A whole suite takes in its targeted commands.

use super::cause::{self, Cause, Class};
use super::command::Command;
use super::recorded;
use super::run::{Read, Run, Surface, Target};
use crate::model::{Base, Gap, Limits, RelPath};
use crate::workspace::Workspace;

/// What one command runs again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Where it is listed.
    pub surface: Surface,
    /// The suite or unit; untrusted.
    pub name: String,
    /// Its failing tests, as far as they are known; untrusted.
    pub tests: Vec<String>,
    /// Why it failed.
    pub cause: Cause,
    /// Commands that the run recorded for it and that differ from ours.
    pub recorded: Vec<String>,
    /// How many recorded commands are not fit to be shown.
    pub withheld: usize,
}

/// One command of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command.
    pub command: Command,
    /// What it runs again; never empty.
    pub covers: Vec<Covered>,
}

/// A failed target that no command can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it is listed.
    pub surface: Surface,
    /// Its name; untrusted.
    pub name: String,
    /// A phrase that follows "its name".
    pub because: &'static str,
}

/// What to run again.
#[derive(Debug)]
pub struct Plan {
    /// How many suites and units the run has.
    pub targets: usize,
    /// How many of them failed or left no result.
    pub failed: usize,
    /// The commands, causes first.
    pub steps: Vec<Step>,
    /// What no command can name.
    pub refused: Vec<Refused>,
    /// All of it in one command, where the run has the summary that this needs.
    pub quick: Option<Command>,
    /// What could not be believed.
    pub gaps: Vec<Gap>,
}

/// The command that runs a failed target again: its failing test alone if there is exactly one, else all of it.
pub(super) fn command(target: &Target, log: Option<&Read>) -> Result<Command, &'static str> {
    let failing = log.map_or(&[][..], |read| &read.log.failing);
    let whole = Command::target(&target.name)?;
    Ok(match failing {
        // A result that counts more failures than the log names belongs to a log that was cut short.
        [only] if target.failed_tests.is_none_or(|failed| failed <= 1) => {
            Command::test(&target.name, &only.test).unwrap_or(whole)
        }
        [] | [..] => whole,
    })
}

/// The one command that runs again all that failed in the run, if its summary is there.
pub(super) fn quick(workspace: &dyn Workspace) -> Option<Command> {
    let summary = RelPath::parse("summary.json").expect("a sound path");
    workspace.open(Base::Run, &summary).ok()?;
    Command::rerun(&workspace.run()?).ok()
}

/// Makes the plan for the workspace's run.
pub fn plan(workspace: &dyn Workspace, limits: &Limits) -> Plan {
    let run = Run::read(workspace, Base::Run, limits);
    let failed: Vec<&Target> = run.targets.values().filter(|target| target.failed()).collect();
    let mut recorded = recorded::commands(workspace, &failed, limits);
    let (mut covered, mut refused) = (Vec::new(), Vec::new());
    for target in &failed {
        let log = target.log(workspace, Base::Run, limits);
        let (surface, name) = (target.surface, target.name.clone());
        match command(target, log.as_ref()) {
            Err(because) => refused.push(Refused { surface, name, because }),
            Ok(command) => {
                let recorded = recorded.remove(&(surface, name.clone())).unwrap_or_default();
                let ours = command.shell();
                let tests = log.iter().flat_map(|read| &read.log.failing).map(|failing| failing.test.clone()).collect();
                let cause = cause::of(target, log.as_ref());
                let shown = recorded.shown.into_iter().filter(|text| *text != ours).collect();
                let withheld = recorded.withheld;
                covered.push((command, Covered { surface, name, tests, cause, recorded: shown, withheld }));
            }
        }
    }
    covered.sort_by_key(|(_, covered)| {
        let first = covered.cause.class != Class::MissingPrerequisite;
        (first, covered.surface != Surface::Unit, covered.cause.class, covered.name.clone())
    });
    let quick = if failed.is_empty() { None } else { quick(workspace) };
    Plan { targets: run.targets.len(), failed: failed.len(), steps: merge(covered), refused, quick, gaps: run.gaps }
}

/// Each command once, at the place of its first; a targeted one goes into the command for the whole suite, if that is needed.
fn merge(covered: Vec<(Command, Covered)>) -> Vec<Step> {
    let whole: Vec<Command> = covered.iter().map(|(command, _)| command.clone()).collect();
    let mut steps: Vec<Step> = Vec::new();
    for (command, covered) in covered {
        let command = Command::target(&covered.name).ok().filter(|suite| whole.contains(suite)).unwrap_or(command);
        match steps.iter_mut().find(|step| step.command == command) {
            Some(step) => step.covers.push(covered),
            None => steps.push(Step { command, covers: vec![covered] }),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    struct Runs(Memory, Vec<String>, Vec<String>);

    impl Runs {
        fn new() -> Self {
            Self(Memory::at(Instant::UNIX_EPOCH).with_run("tests/e2e_results/r"), Vec::new(), Vec::new())
        }

        fn add(mut self, path: &str, exit: i32, log: &str) -> Self {
            let (key, name) = match path.strip_prefix("unit/") {
                Some(unit) => ("target", unit),
                None => ("suite", path),
            };
            let quoted = serde_json::to_string(name).expect("JSON");
            let names = if key == "suite" { &mut self.1 } else { &mut self.2 };
            names.push(quoted.clone());
            let failed = i32::from(exit != 0);
            let result = format!(r#"{{"{key}": {quoted}, "exit_code": {exit}, "failed": {failed}, "total": 1}}"#);
            let memory = self.0.file(&format!("run:{path}/result.json"), result);
            Self(memory.file(&format!("run:{path}/output.log"), log), self.1, self.2)
        }

        fn plan(self) -> Plan {
            let Self(memory, suites, units) = self;
            let selected = format!(r#"{{"suites": [{}], "units": [{}]}}"#, suites.join(","), units.join(","));
            let memory = memory.file("run:environment.json", selected).file("run:summary.json", "{}");
            super::plan(&memory, &Limits::default())
        }
    }

    fn commands(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(|step| step.command.shell()).collect()
    }

    #[test]
    fn causes_come_first_and_each_command_once() {
        let plan = Runs::new()
            .add("fine", 0, "")
            .add("e2e_two", 101, "test a ... FAILED\ntest b ... FAILED\n")
            .add("e2e_one", 101, "test a ... FAILED\n")
            .add("shared", 101, "test a ... FAILED\n")
            .add("no_tmux", 127, "")
            .add("unit/shared", 1, "")
            .add("unit/crashed", 139, "")
            .plan();
        assert_eq!(
            commands(&plan),
            [
                "cargo test --test no_tmux -- --nocapture",
                "cargo test --test crashed -- --nocapture",
                "cargo test --test shared -- --nocapture",
                "cargo test --test e2e_one a -- --nocapture",
                "cargo test --test e2e_two -- --nocapture",
            ]
        );
        assert_eq!(plan.steps[2].covers.len(), 2);
        assert_eq!((plan.targets, plan.failed, plan.gaps.len()), (7, 6, 0));
        let quick = plan.quick.expect("a summary").shell();
        assert_eq!(quick, "./scripts/e2e/run_all.sh --rerun-from tests/e2e_results/r/summary.json");
    }

    #[test]
    fn nothing_failed_means_nothing_to_run() {
        let plan = Runs::new().add("fine", 0, "").plan();
        assert!(plan.steps.is_empty() && plan.quick.is_none() && plan.failed == 0 && plan.targets == 1);
    }

    #[test]
    fn hostile_names_are_quoted_or_refused() {
        let plan = Runs::new()
            .add("'; rm -rf ~ #", 101, "test $(touch x) ... FAILED\n")
            .add("esc", 101, "test a\u{1b}[2Jb ... FAILED\n")
            .add("--config=x", 101, "")
            .plan();
        assert_eq!(
            commands(&plan),
            [r"cargo test --test ''\''; rm -rf ~ #' '$(touch x)' -- --nocapture", "cargo test --test esc -- --nocapture"]
        );
        assert_eq!(plan.refused.len(), 1);
        assert!(plan.refused[0].because.contains("dash"));
    }

    #[test]
    fn a_log_that_names_too_few_failures_is_not_believed() {
        let mut target = Target {
            surface: Surface::Suite,
            name: "a".into(),
            directory: None,
            at: crate::model::Where::file("r"),
            exit: Some(101),
            signal: None,
            failed_tests: Some(1),
        };
        let text = "test t ... FAILED\n";
        let read = Read { log: super::super::log::read(text), text: Ok(text.into()), shown: "l".into() };
        assert_eq!(command(&target, Some(&read)).expect("sound").argv.len(), 7);
        target.failed_tests = Some(2);
        assert_eq!(command(&target, Some(&read)).expect("sound").argv.len(), 6);
    }
}
