//! Commands that are safe to paste into a POSIX shell, and to run as an argument list.
//!
//! In: names out of evidence. Out: a [`Command`] made from a form of ours, with each name as one word; or the reason why the name
//! may not stand in a command: a line break, a control or hidden character, or a dash at its beginning, which the program would
//! take for an option.

use crate::report::sanitise::shell_word;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
}

/// A name as one word of a shell command.
///
/// # Errors
/// A phrase that follows "its name".
pub fn word(name: &str) -> Result<String, &'static str> {
    if name.trim().is_empty() {
        return Err("is blank");
    }
    if name.starts_with('-') {
        return Err("begins with a dash, so a program would take it for an option");
    }
    shell_word(name).ok_or("holds a line break, a control or a hidden character")
}

impl Command {
    fn new(before: &[&str], names: &[&str], behind: &[&str]) -> Result<Self, &'static str> {
        for name in names {
            word(name)?;
        }
        let all = before.iter().chain(names).chain(behind);
        Ok(Self { argv: all.map(|word| (*word).to_owned()).collect() })
    }

    /// Runs a whole suite or unit.
    ///
    /// # Errors
    /// Why the name may not stand in a command.
    pub fn target(name: &str) -> Result<Self, &'static str> {
        Self::new(&["cargo", "test", "--test"], &[name], &["--", "--nocapture"])
    }

    /// Runs one test of it.
    ///
    /// # Errors
    /// Why one of the names may not stand in a command.
    pub fn test(name: &str, test: &str) -> Result<Self, &'static str> {
        Self::new(&["cargo", "test", "--test"], &[name, test], &["--", "--nocapture"])
    }

    /// Runs a whole suite or unit with all that it can say: a line for a shell, which sets variables before the command.
    ///
    /// # Errors
    /// Why the name may not stand in a command.
    pub fn debug(name: &str) -> Result<String, &'static str> {
        Self::target(name).map(|command| format!("RUST_LOG=debug RUST_BACKTRACE=1 {}", command.shell()))
    }

    /// Runs again all that failed in the run that lies here.
    ///
    /// # Errors
    /// Why the path may not stand in a command.
    pub fn rerun(run: &str) -> Result<Self, &'static str> {
        let summary = format!("{}/summary.json", run.trim_end_matches('/'));
        Self::new(&["./scripts/e2e/run_all.sh", "--rerun-from"], &[&summary], &[])
    }

    /// The command as one line for a shell.
    pub fn shell(&self) -> String {
        let words = self.argv.iter().map(|word| shell_word(word).expect("names were looked at, the rest is ours"));
        words.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word() {
        let shell = |name: &str, test: &str| Command::test(name, test).map(|command| command.shell());
        assert_eq!(shell("a", "m::t").as_deref(), Ok("cargo test --test a m::t -- --nocapture"));
        let hostile = "'; rm -rf ~ #";
        assert_eq!(shell(hostile, "$(x)").as_deref(), Ok(r"cargo test --test ''\''; rm -rf ~ #' '$(x)' -- --nocapture"));
        assert_eq!(Command::target(hostile).expect("one word").argv[3], hostile);
        assert_eq!(
            Command::rerun("/tmp/a b/").map(|command| command.shell()).as_deref(),
            Ok("./scripts/e2e/run_all.sh --rerun-from '/tmp/a b/summary.json'")
        );
    }

    #[test]
    fn what_no_quoting_makes_safe_is_refused() {
        let mut refused = 0;
        for name in ["a\nb", "a\0b", "a\u{1b}[2J", "a\u{202e}b", "a\tb", "a\r", "--config=x", "-p", "", " "] {
            assert!(Command::target(name).is_err() && Command::test("a", name).is_err(), "{name:?}");
            refused += 1;
        }
        assert_eq!(refused, 10);
    }
}
