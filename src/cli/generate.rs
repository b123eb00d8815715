//! Completion scripts and manual pages, from the same arguments that are parsed.

use super::{Arguments, Console, Exit};
use crate::model::shown_path;
use crate::workspace::Outlet;
use clap::{Args, CommandFactory};
use std::path::{Path, PathBuf};

/// `gatekeeper man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for the program and one for each command (`gatekeeper-verify.1`) into this directory, instead of one page for all
    /// to standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints a completion script.
///
/// # Errors
/// [`Exit::Internal`] when it cannot be written.
pub fn completions(shell: clap_complete::Shell, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "gatekeeper", &mut script);
    console.hand_over(&script)?;
    Ok(Exit::Pass)
}

/// Prints the manual page, with a section for each command, or writes a page for each.
///
/// # Errors
/// [`Exit::Internal`] when it cannot be written.
pub fn man(args: &Man, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let pages = pages().map_err(|error| {
        console.say(&format!("error: cannot make the manual page: {error}"));
        Exit::Internal
    })?;
    match &args.out {
        None => console.hand_over(&pages.into_iter().flat_map(|(_, page)| page).collect::<Vec<u8>>())?,
        Some(directory) => write(directory, &pages).map_err(|error| {
            console.say(&format!("error: cannot write manual pages into `{}`: {error}", shown_path(directory)));
            Exit::Internal
        })?,
    }
    Ok(Exit::Pass)
}

/// The pages with their names: that of the program, then one for each command and for each command of a command.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    let mut rest = vec![command];
    while let Some(command) = rest.pop() {
        let man = clap_mangen::Man::new(command.clone());
        let mut page = Vec::new();
        man.render(&mut page)?;
        pages.push((man.get_filename(), page));
        rest.extend(command.get_subcommands().cloned().collect::<Vec<_>>().into_iter().rev());
    }
    Ok(pages)
}

fn write(directory: &Path, pages: &[(String, Vec<u8>)]) -> std::io::Result<()> {
    let outlet = Outlet::open(directory)?;
    pages.iter().try_for_each(|(name, page)| outlet.put(name.as_ref(), page))
}
