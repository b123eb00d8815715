//! What integration tests share.

pub mod agent_cli;
pub mod assurance;
pub mod definitions;
pub mod shop;

use gatekeeper::cli::{self, Console, Exit};
use std::fs;
use std::path::Path;

/// Runs a command line with these variables: exit, standard output, what was said.
pub fn gatekeeper(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let environment = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let mut console = Console { environment: &environment, ..Console::apart(&mut out, &mut err) };
    let arguments = std::iter::once("gatekeeper").chain(arguments.iter().copied()).map(Into::into);
    let exit = cli::run(arguments, &mut console);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (exit, text(out), text(err))
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Copies a directory with everything in it; how many files.
pub fn copy(from: &Path, to: &Path) -> usize {
    fs::create_dir_all(to).expect("a directory");
    let mut copied = 0;
    for entry in fs::read_dir(from).expect("a directory to copy") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copied += copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
            copied += 1;
        }
    }
    copied
}
