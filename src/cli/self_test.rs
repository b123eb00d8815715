//! `gatekeeper --self-test`: golden scenarios through the same command line that users type.

use super::progress::Progress;
use super::{Console, Exit, Volume, told};
use crate::attest;
use crate::model::{Gap, SecretShapes};
use crate::scenario::{self, Judged};
use std::ffi::OsString;
use std::path::Path;

/// Runs the built-in scenarios, or those below a folder. With `printed`, what comes out is what the terminal shows for each that fails.
///
/// # Errors
/// [`Exit::Usage`] when there are no scenarios or they cannot be read, said.
pub fn run(path: Option<&Path>, printed: bool, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let cases = match path {
        None => scenario::built_in(),
        Some(path) => scenario::below(path),
    };
    let cases = cases.map_err(|phrases| {
        for phrase in phrases {
            console.say(&format!("error: {phrase}"));
        }
        Exit::Usage
    })?;
    let progress = Progress::of(format!("judging {}", told::count(cases.scenarios.len(), "scenario")), console);
    let report = scenario::run_all(&cases, &judge);
    drop(progress);
    if printed {
        for case in report.failed() {
            console.say(&format!("FAILED {}: {}", case.name, case.differences.join("; ")));
        }
        console.deliver(report.printed().as_bytes())?;
    } else {
        console.deliver(report.to_string().as_bytes())?;
    }
    Ok(if report.passed() { Exit::Pass } else { Exit::Failed })
}

/// Judges a tree in this process, with no environment and no terminal, so that a scenario gives the same result everywhere.
fn judge(root: &Path, arguments: &[String]) -> Judged {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        colour: false,
        // So wide that no line is broken: what is printed can be looked for.
        width: Some(10_000),
        environment: &|_| None,
        shapes: SecretShapes::default(),
        volume: Volume::default(),
        live: false,
    };
    let root = root.as_os_str().to_owned();
    let fixed = ["gatekeeper", "verify", "--dry-run", "-o", "verdict", "--root"].map(OsString::from);
    let line = fixed.into_iter().chain([root]).chain(arguments.iter().map(OsString::from));
    let exit = super::run(line, &mut console);
    let verdict = String::from_utf8(out).ok().filter(|text| !text.trim().is_empty());
    let mut stderr = String::from_utf8_lossy(&err).into_owned();
    // What we write, we read: a verdict that our own reader refuses is a fault of ours.
    match verdict.as_deref().map(|text| attest::Verdict::read(text.as_bytes(), "verdict")) {
        Some(Err(gap)) => {
            let Gap { at, expected, actual, .. } = gap;
            stderr.push_str(&format!(
                "error: the verdict is refused by its reader: {at}: expected {expected}, found {actual}\n"
            ));
            Judged { exit: Exit::Internal.number(), verdict, stderr }
        }
        Some(Ok(_)) | None => Judged { exit: exit.number(), verdict, stderr },
    }
}
