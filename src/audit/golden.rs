//! Golden scenarios: small repositories with a completion audit each, and the document that must come of it. They are inside the binary, so that
//! an installed one can show anywhere that it blocks what it must block.
//!
//! A scenario is a folder below `fixtures/audit` with `audit.json`, `expected.json`, the files of the repository below `tree/`, and, if the
//! repository has a git, `git.json`: its commits, each with the remote-tracking branches that have it, `HEAD`, and what is `uncommitted`. Nothing touches the disk.

use super::{Kind, Place, audit};
use crate::collect;
use crate::model::{Base, Content, Instant, Limits, Node, RelPath, parse_instant, show_instant};
use crate::report::wire::{v1::Tool, v1::closeout::Closeout, write_document};
use crate::workspace::Memory;
use include_dir::{Dir, include_dir};

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/audit");

/// Where a scenario's audit lies in its repository.
const AUDIT: &str = "docs/evidence/completion-audit.json";

/// The clock of `expected.json`.
const NOW: &str = "2026-01-02T03:04:05Z";

/// The version in `expected.json`, so that a release changes no scenario.
const VERSION: &str = "any";

/// One scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its folder.
    pub name: String,
    /// The document that came of it.
    pub found: String,
    /// The first difference from what was expected; `None` if there is none.
    pub differs: Option<String>,
}

/// What came of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfTest {
    /// The scenarios, by name.
    pub cases: Vec<Case>,
    /// What no scenario shows, though it must be shown.
    pub lacks: Vec<String>,
}

impl SelfTest {
    /// Whether every scenario came out as expected, and together they show all that they must.
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.lacks.is_empty() && self.cases.iter().all(|case| case.differs.is_none())
    }
}

/// Judges every scenario, as of this instant.
pub fn self_test(now: Option<Instant>) -> SelfTest {
    let now = now.unwrap_or_else(|| parse_instant(NOW).expect("a sound instant"));
    let (mut cases, mut seen) = (Vec::new(), Vec::new());
    let mut folders: Vec<&Dir<'_>> = SCENARIOS.dirs().collect();
    folders.sort_by_key(|folder| folder.path());
    for folder in folders {
        let name = folder.path().display().to_string();
        let (found, differs) = match scenario(folder, now) {
            Ok((closeout, expected)) => {
                let mut found = Vec::new();
                write_document(&closeout, &mut found).expect("memory takes it");
                let found = String::from_utf8(found).expect("JSON is UTF-8");
                let differs = difference(&expected.replace(NOW, &show_instant(now)), &found);
                seen.push(closeout);
                (found, differs)
            }
            Err(phrase) => (String::new(), Some(phrase)),
        };
        cases.push(Case { name, found, differs });
    }
    SelfTest { cases, lacks: lacks(&seen) }
}

/// What scenarios must show and these do not.
fn lacks(seen: &[Closeout]) -> Vec<String> {
    let blocks = |kind: &Kind| seen.iter().any(|one| one.blockers.iter().any(|blocker| blocker.kind == kind.word()));
    let mut lacks: Vec<String> =
        Kind::ALL.iter().filter(|kind| !blocks(kind)).map(|kind| format!("an audit with {}", kind.word())).collect();
    if !seen.iter().any(|one| one.status == "pass") {
        lacks.push("an audit that passes".to_owned());
    }
    for kind in ["malformed", "invalid"] {
        if !seen.iter().any(|one| one.status == "block" && one.gaps.iter().any(|gap| gap.kind == kind)) {
            lacks.push(format!("an audit that is {kind}"));
        }
    }
    lacks
}

fn scenario(folder: &Dir<'_>, now: Instant) -> Result<(Closeout, String), String> {
    let file = |name: &str| folder.get_file(folder.path().join(name)).map(include_dir::File::contents);
    let (Some(own), expected) = (file("audit.json"), file("expected.json").unwrap_or_default()) else {
        return Err("it has no audit.json".to_owned());
    };
    let expected = String::from_utf8(expected.to_vec()).map_err(|_| "its expected.json is not UTF-8".to_owned())?;
    let mut around = Memory::at(now).file(&format!("repo:{AUDIT}"), own);
    let tree = folder.path().join("tree");
    let mut left: Vec<&Dir<'_>> = folder.get_dir(&tree).into_iter().collect();
    while let Some(directory) = left.pop() {
        left.extend(directory.dirs());
        for file in directory.files() {
            let below = file.path().strip_prefix(&tree).ok().and_then(|path| path.to_str());
            let below = below.ok_or("a file of its tree has no plain name")?;
            around = around.file(&format!("repo:{below}"), file.contents());
        }
    }
    if let Some(git) = file("git.json") {
        around = history(around, git)?;
    }
    let file = RelPath::parse(AUDIT).expect("a sound path");
    let mut closeout =
        audit(&Place { beside: &around, file, around: &around, inside: true, clock_given: true }, &Limits::default());
    closeout.tool = Tool { name: Tool::US.name, version: VERSION };
    match around.published().is_empty() {
        true => Ok((closeout, expected)),
        false => Err("it wrote something".to_owned()),
    }
}

/// Adds the commits of `git.json`.
fn history(around: Memory, git: &[u8]) -> Result<Memory, String> {
    let path = RelPath::parse("git.json").expect("a sound path");
    let bench = Memory::at(parse_instant(NOW).expect("a sound instant")).file("repo:git.json", git);
    let artifact = collect::look(&bench, Base::Repo, &path, &Limits::default());
    let Ok(Content::Document(document)) = &artifact.content else { return Err("its git.json is damaged".to_owned()) };
    let root = document.root();
    Ok(root.entries().fold(around, |around, (id, value)| {
        let texts: Vec<&str> = value.items().filter_map(Node::text).collect();
        match id {
            "HEAD" => around.head(value.text().unwrap_or_default()),
            "uncommitted" => around.uncommitted(&texts),
            id => around.commit(id, &texts),
        }
    }))
}

fn difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let (mut wanted, mut own) = (expected.lines(), found.lines());
    for line in 1.. {
        match (wanted.next(), own.next()) {
            (None, None) => return Some("only line breaks differ".to_owned()),
            (left, right) if left == right => {}
            (left, right) => {
                let [left, right] =
                    [left, right].map(|line| line.map_or("the end".to_owned(), |line| format!("`{}`", line.trim())));
                return Some(format!("line {line}: expected {left}, found {right}"));
            }
        }
    }
    None
}
