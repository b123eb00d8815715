//! Keys as the operator names them: a file, or a variable of the environment. Never on the command line, where every process can read it.

use super::{Console, Exit};
use crate::attest::{Private, Public};
use crate::model::shown_path;
use crate::workspace::{Denied, Disk, Workspace, open_to_others};
use std::path::{Path, PathBuf};

/// The private key from one of both places.
///
/// # Errors
/// [`Exit::Usage`], said; the content of a key is never part of it.
pub fn private(
    file: Option<&Path>,
    variable: Option<&str>,
    door: &Disk,
    console: &mut Console<'_>,
) -> Result<Private, Exit> {
    let read = match (file, variable) {
        (Some(path), None) => {
            if open_to_others(path) {
                let shown = shown_path(path);
                console.say(&format!("warning: other users can read the private key `{shown}`; `chmod 600` it"));
            }
            (format!("the key `{}`", shown_path(path)), bytes(door, path))
        }
        (None, Some(name)) => {
            let value = (console.environment)(name).filter(|value| !value.trim().is_empty());
            let value = value.map(String::into_bytes).ok_or_else(|| "it is not set, or empty".to_owned());
            (format!("the key in the variable {name}"), value)
        }
        (None, None) | (Some(_), Some(_)) => {
            console.say("error: give the private key, with either `--key` or `--key-env`");
            return Err(Exit::Usage);
        }
    };
    let (what, bytes) = read;
    bytes.and_then(|bytes| Private::parse(&bytes)).map_err(|phrase| {
        console.say(&format!("error: {what}: {phrase}"));
        Exit::Usage
    })
}

/// The public keys, each once.
///
/// # Errors
/// [`Exit::Usage`], said.
pub fn public(files: &[PathBuf], door: &Disk, console: &mut Console<'_>) -> Result<Vec<Public>, Exit> {
    let mut keys: Vec<Public> = Vec::new();
    for path in files {
        let key = bytes(door, path).and_then(|bytes| Public::parse(&bytes)).map_err(|phrase| {
            console.say(&format!("error: the key `{}`: {phrase}", shown_path(path)));
            Exit::Usage
        })?;
        match keys.iter().any(|known| known.id() == key.id()) {
            true => console.note(&format!("note: the key `{}` is given twice and counts once", shown_path(path))),
            false => keys.push(key),
        }
    }
    Ok(keys)
}

fn bytes(door: &Disk, path: &Path) -> Result<Vec<u8>, String> {
    door.read_named(path).map_err(|denied| match denied {
        Denied::Missing => "there is no such file".to_owned(),
        Denied::Irregular(phrase) | Denied::Refused(phrase) => phrase,
    })
}
