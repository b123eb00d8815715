//! Completion scripts and the manual page, from the same arguments that are parsed.

use super::{Arguments, Console, Exit};
use clap::CommandFactory;

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

/// Prints the manual page, with a section for each command.
///
/// # Errors
/// [`Exit::Internal`] when it cannot be written.
pub fn man(console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    let rendered = clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .and_then(|()| command.get_subcommands().try_for_each(|sub| clap_mangen::Man::new(sub.clone()).render(&mut page)));
    if let Err(error) = rendered {
        console.say(&format!("error: cannot make the manual page: {error}"));
        return Err(Exit::Internal);
    }
    console.hand_over(&page)?;
    Ok(Exit::Pass)
}
