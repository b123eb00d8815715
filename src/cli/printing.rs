//! How commands that judge nothing print: `-o FORMAT[=PATH]`, one spelling for all of them.
//!
//! In: the words of a command line, and a text for each format. Out: standard output and files. A file that is named is emptied before
//! anything is looked at, so that it never tells of an earlier day.

use super::{Console, Exit, refused};
use crate::diagnostic::did_you_mean;
use crate::model::shown_path;
use crate::report::sanitise::{self, terminal};
use crate::workspace::Outlet;
use clap::Args;
use std::path::PathBuf;

/// What a command line says about printing.
#[derive(Debug, Args, Clone, Default)]
pub struct Printing {
    /// How to print: `text` or `json`, and what else the command has; with a path, into that file. May be given several times.
    #[arg(short = 'o', long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<String>,

    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
}

/// The formats that were asked for, each with its place: standard output or a file.
pub struct Printer(Vec<(&'static str, Option<PathBuf>)>);

impl Printing {
    /// Reads the words. Where there are none, `default` goes to standard output; without one, nothing does.
    ///
    /// # Errors
    /// [`Exit::Usage`], said.
    pub fn printer(
        &self,
        known: &[&'static str],
        default: Option<&'static str>,
        console: &mut Console<'_>,
    ) -> Result<Printer, Exit> {
        let mut wanted: Vec<(&'static str, Option<PathBuf>)> = Vec::new();
        let mut wrong = Vec::new();
        for text in &self.outputs {
            let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
            match (known.iter().find(|known| **known == name), path) {
                (Some(_), Some("")) => wrong.push(format!("`-o {}` names no file", terminal(text))),
                (Some(known), path) => wanted.push((*known, path.map(PathBuf::from))),
                (None, _) => {
                    let help = did_you_mean(name, known.iter().copied());
                    wrong.push(format!("there is no format `{}` here; {help}", terminal(name)));
                }
            }
        }
        // What lies there is of an earlier day, whatever else is wrong.
        let named = self.outputs.iter().filter_map(|text| text.split_once('=')).filter(|(_, path)| !path.is_empty());
        named.for_each(|(_, path)| refused::empty(path.as_ref(), console));
        for phrase in &wrong {
            console.say(&format!("error: {phrase}"));
        }
        if !wrong.is_empty() {
            return Err(Exit::Usage);
        }
        let json = self.json.then(|| known.iter().copied().find(|known| *known == "json")).flatten();
        wanted.extend(json.map(|json| (json, None)));
        if wanted.is_empty() {
            wanted.extend(default.map(|name| (name, None)));
        }
        Ok(Printer(wanted))
    }
}

/// Formats whose lines are meant for a runner: their writers escape all that comes from outside.
const COMMANDS: [&str; 1] = ["github"];

impl Printer {
    /// Whether something goes to standard output in this format.
    pub fn shows(&self, format: &str) -> bool {
        self.0.iter().any(|(name, path)| *name == format && path.is_none())
    }

    /// Prints each format in its place. Secrets and what steers a terminal are left out of all of them.
    ///
    /// # Errors
    /// [`Exit::Internal`], said: one of them could not be written. The others were.
    pub fn print(&self, make: &dyn Fn(&str) -> String, console: &mut Console<'_>) -> Result<(), Exit> {
        let mut done = Ok(());
        for (name, path) in &self.0 {
            let text = make(name);
            let safe = match COMMANDS.contains(name) {
                true => console.shapes.redact(&text).into_owned(),
                false => sanitise::lines(&text, false, &console.shapes),
            };
            let printed = match path {
                None => console.hand_over(safe.as_bytes()),
                Some(path) => {
                    let put = Outlet::around(path).and_then(|(outlet, file)| outlet.put(&file, safe.as_bytes()));
                    put.map_err(|error| {
                        console.say(&format!("error: cannot write `{}`: {error}", shown_path(path)));
                        Exit::Internal
                    })
                }
            };
            done = done.and(printed);
        }
        done
    }
}
