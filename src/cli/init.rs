//! `gatekeeper init`: a first configuration from the reports that are there.
//!
//! What fails already becomes a known failure: a dated, owned, counted entry of the exceptions file, which may not grow. What no entry can excuse is said. Nothing
//! is written before everything is known, no file is replaced unless that is asked for, and `gatekeeper.toml` comes last, so that half a
//! configuration is never in force.

mod draft;
mod extras;
mod gates;
mod runs;
pub mod schemas;
mod survey;

use super::args::Init;
use super::{Console, Exit, place, told};
use crate::load::Selection;
use crate::model::{Age, Base, Limits, PackId, RelPath};
use crate::workspace::{Denied, Disk, Workspace};
use crate::{collect, load, pipeline};
pub use draft::quoted;
pub use extras::Extra;

use draft::Terms;
use extras::Found;
use std::path::Path;
use survey::Survey;

/// The policy that judges whatever has reports.
const LAST_RESORT: &str = "test-results";

/// Most lines of one list that are shown.
const SHOWN: usize = 12;

/// The command that runs the tests, by a file that tells of the tool.
const RUNNERS: [(&str, &str); 9] = [
    ("Cargo.toml", "cargo test --no-fail-fast"),
    ("go.mod", "go test ./..."),
    ("pom.xml", "mvn test"),
    ("build.gradle.kts", "gradle test"),
    ("build.gradle", "gradle test"),
    ("package.json", "npm test"),
    ("pyproject.toml", "pytest"),
    ("pytest.ini", "pytest"),
    ("Makefile", "make test"),
];

/// What gates say where no build tool is known: it shows again what is wrong, and runs no test.
const REPRODUCE: &str = "gatekeeper verify --verbose";

/// Runs the command.
///
/// # Errors
/// The exit code of whatever kept it from writing, said.
pub fn run(args: &Init, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let set = place::clock(args.now.as_deref(), console)?;
    for (flag, given) in [("--owner", &args.owner), ("--bead", &args.bead), ("--reproduce", &args.reproduce)] {
        if given.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(refuse(&format!("`{flag}` is blank"), console));
        }
    }
    let directory = args.directory.as_deref().unwrap_or(Path::new("."));
    let workspace = Disk::new(directory, None, None, set).map_err(|phrase| refuse(&phrase, console))?;
    if workspace.list(Base::Repo, None).is_ok_and(|entries| entries.iter().all(|entry| entry.name == ".git")) {
        return Err(refuse(&format!("there is nothing in `{}`", told::safe(&directory.to_string_lossy())), console));
    }
    let exclude = patterns(&args.exclude).map_err(|phrase| refuse(&phrase, console))?;
    let short = |age: Age| if age <= Age::days(3_650) { Ok(age) } else { Err("is no bound at all".to_owned()) };
    let max_age = Age::parse(&args.max_age)
        .and_then(short)
        .map_err(|phrase| refuse(&format!("`--max-age {}` {phrase}", args.max_age), console))?;
    let survey = Survey::of(&workspace, &Limits::default(), &exclude).map_err(|gaps| {
        console.say(told::gaps(&gaps).trim_end());
        refuse("the directory cannot be searched to its end, so nothing was written", console);
        Exit::Gap
    })?;
    if survey.read == 0 {
        return Err(nothing(&survey, directory, console));
    }

    let name = args.name.clone().unwrap_or_else(|| name_of(&workspace));
    if let Err(error) = PackId::try_from(name.as_str()) {
        return Err(refuse(&error.to_string(), console));
    }
    let guessed = RUNNERS.iter().find(|(file, _)| is_there(&workspace, file)).map(|(_, command)| *command);
    let extras = Found::all(&args.with, &workspace, &exclude).map_err(|phrase| refuse(&phrase, console))?;
    let terms = Terms {
        extras: &extras,
        name: &name,
        owner: args.owner.as_deref().unwrap_or_default(),
        bead: args.bead.as_deref().unwrap_or_default(),
        reproduce: args.reproduce.as_deref().or(guessed).unwrap_or(REPRODUCE),
        now: workspace.now(),
        exclude: &exclude,
        max_age,
    };
    let mut files = if args.one_file { draft::one_file(&survey, &terms) } else { draft::files(&survey, &terms) };
    if args.schemas {
        schemas::name(&mut files);
    }
    let files: Vec<(RelPath, String)> =
        files.into_iter().map(|(path, text)| (RelPath::parse(&path).expect("ids make sound paths"), text)).collect();
    admit(&files, args.force, &workspace, console)?;
    let detected = detected(&workspace);
    if args.dry_run {
        for (path, text) in &files {
            console.deliver(format!("# --- {path} ---\n{text}\n").as_bytes())?;
        }
    } else {
        write(&files, &workspace, console)?;
    }
    tell(&survey, &files, &terms, args, &workspace, console);
    if let Some((policy, gates)) = detected {
        console.say(&format!(
            "warning: without `{config}` the policy `{policy}` judges here, with {gates}; with it, it judges no more. To keep it, let `{config}` say `extends = \"builtin:{policy}\"` and nothing else",
            config = draft::CONFIG
        ));
    }
    Ok(Exit::Pass)
}

/// The policy that judges as long as there is no configuration, other than that of last resort.
fn detected(workspace: &Disk) -> Option<(PackId, String)> {
    if is_there(workspace, draft::CONFIG) {
        return None;
    }
    let suite = pipeline::load(workspace, &Selection::default()).suite?;
    let last_resort = suite.policy.id.as_str() == LAST_RESORT;
    (!last_resort).then(|| (suite.policy.id.clone(), told::count(suite.gates.len(), "gate")))
}

/// The patterns of `--exclude`.
fn patterns(given: &[String]) -> Result<Vec<RelPath>, String> {
    let one = |text: &String| {
        let path = RelPath::parse(text)
            .map_err(|error| format!("`--exclude {text}` is no pattern below the directory: {error}"))?;
        match collect::is_pattern(&path) {
            true => Ok(path),
            false => Err(format!("`--exclude {text}` cannot be matched")),
        }
    };
    given.iter().map(one).collect()
}

fn refuse(phrase: &str, console: &mut Console<'_>) -> Exit {
    console.say(&format!("error: {phrase}"));
    Exit::Usage
}

/// Without a report that can be read there is nothing to begin with.
fn nothing(survey: &Survey, directory: &Path, console: &mut Console<'_>) -> Exit {
    let shown = told::safe(&directory.to_string_lossy());
    let other = survey.others;
    console.say(&format!(
        "error: no test report that can be read lies below `{shown}`; {} looked at",
        if other == 1 { "1 other file was".to_owned() } else { format!("{other} other files were") }
    ));
    lines("cannot be read", survey.unexcused.iter().chain(&survey.left_out), console);
    console.say("next: run the tests so that they leave a report; `gatekeeper explain test-report` says what is read");
    Exit::Gap
}

/// A name for policy and pack: that of the directory, as far as an id can hold it.
/// A name for policy and pack: that of the directory, as far as it can be one.
pub fn name_of(workspace: &Disk) -> String {
    let probe = workspace.locate(Base::Repo, &RelPath::parse(draft::CONFIG).expect("a sound path"));
    let own = probe.as_deref().and_then(|path| path.parent()?.file_name()?.to_str()).unwrap_or_default();
    let spelled: String =
        own.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).take(40).collect();
    let spelled = spelled.trim_matches('-');
    if spelled.is_empty() {
        "project".to_owned()
    } else if load::builtin_policies().iter().any(|id| id.as_str() == spelled) {
        format!("{spelled}-gates")
    } else {
        spelled.to_owned()
    }
}

fn is_there(workspace: &Disk, file: &str) -> bool {
    RelPath::parse(file).is_ok_and(|path| workspace.open(Base::Repo, &path).is_ok())
}

/// Refuses before anything is written: files that are there, and places that are no plain files.
fn admit(files: &[(RelPath, String)], force: bool, workspace: &Disk, console: &mut Console<'_>) -> Result<(), Exit> {
    let mut there = Vec::new();
    for (path, _) in files {
        match workspace.open(Base::Repo, path) {
            Err(Denied::Missing) => {}
            Ok(_) if force => {}
            Ok(_) => there.push(format!("`{path}` exists")),
            Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => {
                return Err(refuse(&format!("`{path}` cannot be written: {phrase}; nothing was written"), console));
            }
        }
    }
    // Gates of another kind in the same pack would be gates that no policy names.
    let folder = files.iter().find_map(|(path, _)| path.as_str().strip_prefix("gates/")?.split('/').next());
    let folder = folder.and_then(|name| RelPath::parse(&format!("gates/{name}")).ok());
    for entry in folder.iter().flat_map(|folder| workspace.list(Base::Repo, Some(folder)).unwrap_or_default()) {
        let path = format!("{}/{}", folder.as_ref().map_or("", RelPath::as_str), entry.name);
        if path.ends_with(".toml") && files.iter().all(|(own, _)| own.as_str() != path) {
            return Err(refuse(
                &format!("`{path}` is a gate of another configuration; remove it, or choose another `--name`"),
                console,
            ));
        }
    }
    if there.is_empty() {
        return Ok(());
    }
    let phrase = format!("{}; nothing was written (`--force` replaces files)", there.join(", "));
    Err(refuse(&phrase, console))
}

fn write(files: &[(RelPath, String)], workspace: &Disk, console: &mut Console<'_>) -> Result<(), Exit> {
    for (path, text) in files {
        workspace.put(Base::Repo, path, text.as_bytes()).map_err(|error| {
            console.say(&format!("error: cannot write `{path}`: {error}; without `{}` nothing is in force", draft::CONFIG));
            Exit::Internal
        })?;
    }
    Ok(())
}

fn tell(
    survey: &Survey,
    files: &[(RelPath, String)],
    terms: &Terms<'_>,
    args: &Init,
    workspace: &Disk,
    console: &mut Console<'_>,
) {
    let found = format!(
        "found: {}, {} that ran, {} failing, {} flaky",
        told::count(survey.reports.len(), "report"),
        told::count(survey.ran, "test"),
        survey.failing.len(),
        survey.flaky
    );
    console.note(&found);
    terms.extras.iter().for_each(|found| console.note(&format!("  {}", told::safe(&found.told()))));
    lines("report", survey.reports.iter().map(ToString::to_string), console);
    lines("known failure", survey.failing.keys().map(|test| told::safe(test)), console);
    lines("not a known failure, and `verify` fails until it is fixed", &survey.unexcused, console);
    lines("left out", &survey.left_out, console);
    let groups = draft::groups(survey);
    let runs = groups.iter().filter(|group| group.newest).map(|group| told::safe(&group.pattern));
    lines("only the newest run counts", runs, console);
    let undated = groups.iter().filter(|group| !group.dated).map(|group| told::safe(&group.pattern));
    lines("states no time, so one of last year would pass; bind it otherwise", undated, console);
    let skipped = "wholly skipped, so `tests_declared` is only advisory; make it blocking when this is mended";
    lines(skipped, &survey.all_skipped, console);
    console.note(if args.dry_run { "would write:" } else { "wrote:" });
    for (path, _) in files {
        console.note(&format!("  {path}"));
    }
    if terms.reproduce == REPRODUCE {
        console.note(&format!(
            "no build tool is known here, so gates are reproduced by `{REPRODUCE}`; `--reproduce` names a better command"
        ));
    }
    let blanks = [("--owner", terms.owner), ("--bead", terms.bead)];
    let blanks: Vec<&str> = blanks.into_iter().filter(|(_, text)| text.is_empty()).map(|(flag, _)| flag).collect();
    if !blanks.is_empty() {
        let flags = blanks.join(", ");
        console.note(&format!("left blank, and refused by `gatekeeper lint` until somebody fills it in: {flags}"));
    }
    if !survey.failing.is_empty()
        && let Err(phrase) = workspace.git().and_then(|git| git.head())
    {
        let phrase = told::safe(&phrase);
        console.note(&format!(
            "git cannot tell how often entries were extended ({phrase}); `quarantine_lifecycle` fails until it can. This \
             directory must be the top of a repository, and these files committed"
        ));
    }
    console.note("next: gatekeeper lint, then gatekeeper verify");
}

/// A list under a heading; nothing where it is empty.
fn lines<T: AsRef<str>>(heading: &str, items: impl IntoIterator<Item = T>, console: &mut Console<'_>) {
    let items: Vec<T> = items.into_iter().collect();
    for item in items.iter().take(SHOWN) {
        console.note(&format!("  {heading}: {}", item.as_ref()));
    }
    if let Some(more) = items.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        console.note(&format!("  {heading}: {more} more"));
    }
}
