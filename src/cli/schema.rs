//! `gatekeeper schema`: the JSON Schemas of definition files and outputs.

use super::args::Schema;
use super::{Console, Exit};
use crate::model::shown_path;
use crate::workspace::Outlet;
use crate::{diagnostic, load, pipeline, report};

/// Every published schema: its name and its text.
pub fn all() -> Vec<(&'static str, String)> {
    let mut all = load::schemas(&pipeline::registry());
    all.extend(report::FORMATS.iter().filter_map(|format| Some((format.id, (format.schema?)()))));
    all.extend(report::other_schemas());
    all
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn run(args: &Schema, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let all = all();
    if let Some(directory) = &args.out {
        let files = all.iter().map(|(name, text)| (format!("{name}.json"), text));
        let put = Outlet::open(directory)
            .and_then(|outlet| files.into_iter().try_for_each(|(name, text)| outlet.put(name.as_ref(), text.as_bytes())));
        return put.map(|()| Exit::Pass).map_err(|error| {
            console.say(&format!("error: cannot write schemas into `{}`: {error}", shown_path(directory)));
            Exit::Internal
        });
    }
    let text = match &args.name {
        None => all.iter().map(|(name, _)| format!("{name}\n")).collect(),
        Some(wanted) => match all.iter().find(|(name, _)| name == wanted) {
            Some((_, text)) => text.clone(),
            None => {
                let help = diagnostic::did_you_mean(wanted, all.iter().map(|(name, _)| *name));
                console.say(&format!("error: there is no schema `{wanted}`; {help}"));
                return Err(Exit::Usage);
            }
        },
    };
    console.hand_over(text.as_bytes())?;
    Ok(Exit::Pass)
}
