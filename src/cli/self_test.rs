//! `gatekeeper --self-test`: golden scenarios through the same command line that users type.

use super::args::{Arguments, Asked as AskedFor, Command, Verify};
use super::progress::Progress;
use super::{Console, Exit, told, verify};
use crate::gate::Suite;
use crate::load::Selection;
use crate::model::{Gap, RelPath, parse_instant};
use crate::scenario::{self, Ground, Judged, Tree};
use crate::workspace::{Asked, Cache, Disk, Overlay, TreeOver, clock};
use crate::{attest, pipeline};
use clap::Parser;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    let report = scenario::run_all(&cases, &judge, Some(&over));
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
    judged(|console| super::run(line(root, arguments), console))
}

/// The command line of a scenario.
fn line(root: &Path, arguments: &[String]) -> impl Iterator<Item = OsString> {
    let fixed = ["gatekeeper", "verify", "--dry-run", "-o", "verdict", "--root"].map(OsString::from);
    fixed.into_iter().chain([root.as_os_str().to_owned()]).chain(arguments.iter().map(OsString::from))
}

fn judged(judge: impl FnOnce(&mut Console<'_>) -> Exit) -> Judged {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    // So wide that no line is broken: what is printed can be looked for.
    let mut console = Console { width: Some(10_000), ..Console::apart(&mut out, &mut err) };
    let exit = judge(&mut console);
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

/// A base with its definitions, over which trees are judged in memory by the same way as those on a disk.
struct Over {
    disk: Disk,
    cache: Cache,
    before: Tree,
    run: Option<RelPath>,
    verify: Verify,
    suite: Suite,
    last_resort: bool,
    /// What the definitions were made of.
    asked: Asked,
}

/// Reads the definitions of a base. `None` where they are not sound, or where the arguments ask for more than a tree in memory can tell.
fn over(root: &Path, tree: &Tree, run: Option<&RelPath>, arguments: &[String]) -> Option<Box<dyn Ground>> {
    let verify = plain(root, arguments)?;
    let (disk, cache) = (Disk::new(root, None, None, None).ok()?, Cache::default());
    let selection = Selection { policy: verify.asked.definitions.policy.clone() };
    let (loaded, asked) = {
        let below = Overlay::plain(&disk, &cache);
        let recorded = TreeOver::new(&below, tree.shared(), tree.bare(), run, clock())?.recording();
        (pipeline::load(&recorded, &selection), recorded.asked())
    };
    let (suite, last_resort) = (loaded.suite?, loaded.last_resort);
    let (before, run) = (tree.clone(), run.cloned());
    Some(Box::new(Over { disk, cache, before, run, verify, suite, last_resort, asked }))
}

/// What the arguments ask for, if that is a judgement of the work tree and nothing else.
fn plain(root: &Path, arguments: &[String]) -> Option<Verify> {
    let Arguments { command: Some(Command::Verify(verify)), quiet: false, verbose: false, .. } =
        Arguments::try_parse_from(line(root, arguments)).ok()?
    else {
        return None;
    };
    let AskedFor { run: None, baseline: None, now: None, timeout: None, shards, history, .. } = &verify.asked else {
        return None;
    };
    let more = verify.trusted.policy_ref.is_some() || verify.out.is_some() || verify.outputs.len() > 1;
    (!more && shards.is_empty() && history.is_empty()).then_some(verify)
}

impl Over {
    /// Whether a file is one of git's own.
    fn is_of_git(&self, path: &RelPath) -> bool {
        let below =
            |directory: &RelPath| path.as_str().strip_prefix(directory.as_str()).is_some_and(|rest| rest.starts_with('/'));
        path.as_str().split('/').any(|part| part == ".git") || self.asked.git().is_some_and(below)
    }
}

impl Ground for Over {
    fn judge(&self, tree: &Tree, now: &str) -> Option<Judged> {
        if tree.differing(&self.before).any(|path| self.is_of_git(path)) {
            return None;
        }
        let below = Overlay::plain(&self.disk, &self.cache);
        let now = parse_instant(now).ok()?;
        let workspace = TreeOver::new(&below, tree.shared(), tree.bare(), self.run.as_ref(), now)?;
        let same = self.asked.same(&workspace);
        let way = |console: &mut Console<'_>| {
            let exit = verify::over(&self.verify, (&self.suite, self.last_resort), &workspace, console);
            exit.unwrap_or_else(|exit| exit)
        };
        // A panic is caught, and said as people see it, on the way over the disk.
        same.then(|| catch_unwind(AssertUnwindSafe(|| judged(way))).ok()).flatten()
    }
}
