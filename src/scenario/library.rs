//! Where scenarios come from: a fixtures folder on a disk, or the one inside this binary.
//!
//! Comes in: the top of the fixtures. Goes out: every folder with a `case.toml` below it, in path order, each with its own tree
//! and the base it names. A folder that cannot be read is an error; a case that cannot be read is a case that fails.

#![expect(clippy::disallowed_methods, reason = "scenarios are read where they lie, not below a run or repository")]

use super::embedded;
use super::read::Case;
use super::tree::Tree;
use crate::model::RelPath;
use include_dir::Dir;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file that makes a folder a scenario.
const CASE: &str = "case.toml";

/// The folder beside it whose files are copied over the base.
const TREE: &str = "tree";

/// The part of the fixtures that is inside this binary.
const EMBEDDED: &str = "scenarios";

/// A collection of scenarios and of the trees they start from.
#[derive(Debug, Clone)]
pub struct Library(Root);

#[derive(Debug, Clone)]
enum Root {
    Disk(PathBuf),
    Embedded(&'static Dir<'static>),
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its folder, below the top of the fixtures; `.` for the top itself.
    pub name: String,
    /// What its file states, or what is wrong with the file.
    pub case: Result<Case, String>,
    /// The files of its own `tree/` folder.
    pub own: Tree,
}

/// Scenarios with the trees they start from.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// The scenarios, in path order.
    pub scenarios: Vec<Scenario>,
    /// The base trees that they name, or why there is none.
    pub bases: BTreeMap<RelPath, Result<Tree, String>>,
}

impl Library {
    /// The scenarios inside this binary.
    pub fn embedded() -> Self {
        Self(Root::Embedded(&embedded::FIXTURES))
    }

    /// The scenarios of a fixtures folder; `base` of a case is looked for below it.
    pub fn on_disk(fixtures: impl Into<PathBuf>) -> Self {
        Self(Root::Disk(fixtures.into()))
    }

    /// The library that a path belongs to, with the path below it: its top is the nearest folder called `fixtures` at or above
    /// the path, else the path itself.
    pub fn around(path: &Path) -> (Self, Option<RelPath>) {
        let top = path.ancestors().find(|above| above.file_name().is_some_and(|name| name == "fixtures")).unwrap_or(path);
        let below = path
            .strip_prefix(top)
            .ok()
            .and_then(Path::to_str)
            .and_then(|rest| RelPath::parse(&rest.replace(std::path::MAIN_SEPARATOR, "/")).ok());
        (Self::on_disk(top), below)
    }

    /// Every scenario at or below a folder of the library.
    ///
    /// # Errors
    /// A sentence: a folder cannot be read.
    pub fn find(&self, below: Option<&RelPath>) -> Result<Cases, String> {
        let mut cases = Cases::default();
        self.walk(below.cloned(), &mut cases.scenarios)?;
        cases.scenarios.sort_by(|a, b| a.name.cmp(&b.name));
        for case in cases.scenarios.iter().filter_map(|scenario| scenario.case.as_ref().ok()) {
            if let Some(base) = &case.base
                && !cases.bases.contains_key(base)
            {
                let tree = self.tree(Some(base)).and_then(|tree| match tree {
                    Some(tree) if !tree.is_empty() => Ok(tree),
                    Some(_) => Err("the base is an empty folder".to_owned()),
                    None => Err(format!("there is no base `{base}` below the fixtures")),
                });
                cases.bases.insert(base.clone(), tree);
            }
        }
        Ok(cases)
    }

    fn walk(&self, folder: Option<RelPath>, found: &mut Vec<Scenario>) -> Result<(), String> {
        let case = RelPath::parse(CASE).map_err(|error| error.to_string())?;
        let own = RelPath::parse(TREE).map_err(|error| error.to_string())?;
        let below = |name: &RelPath| folder.as_ref().map_or(name.clone(), |folder| folder.join(name));
        let name = folder.as_ref().map_or(".".to_owned(), RelPath::to_string);
        if let Some(bytes) = self.file(&below(&case))? {
            let text = String::from_utf8(bytes).map_err(|_| format!("{name}/{CASE}: is no UTF-8 text"));
            let case = text.and_then(|text| Case::read(&format!("{name}/{CASE}"), &text));
            let mut own = self.tree(Some(&below(&own)))?.unwrap_or_default();
            let case = case.and_then(|case| self.repository(&case, &mut own).map(|()| case));
            found.push(Scenario { case, own, name });
            return Ok(());
        }
        for folder in self.folders(folder.as_ref())? {
            self.walk(Some(folder), found)?;
        }
        Ok(())
    }

    /// Copies what a case takes from the repository that the fixtures lie in; a scenario's own files stand above it.
    fn repository(&self, case: &Case, own: &mut Tree) -> Result<(), String> {
        let root = match (&self.0, case.repository.is_empty()) {
            (_, true) => return Ok(()),
            (Root::Embedded(_), false) => return Err("scenarios inside the binary have no repository".to_owned()),
            (Root::Disk(top), false) => top.parent().ok_or("the fixtures lie in no repository")?,
        };
        for path in &case.repository {
            let from = root.join(path.as_str());
            let mut taken = Tree::default();
            if from.is_dir() {
                for (below, bytes) in Tree::from_disk(&from)?.files() {
                    taken.write(path.join(below), bytes.to_vec());
                }
            } else {
                let bytes = std::fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
                taken.write(path.clone(), bytes);
            }
            taken.overlay(own);
            *own = taken;
        }
        Ok(())
    }

    fn file(&self, path: &RelPath) -> Result<Option<Vec<u8>>, String> {
        match &self.0 {
            Root::Embedded(dir) => {
                let file = embedded_part(path).and_then(|path| dir.get_file(path));
                Ok(file.map(|file| file.contents().to_vec()))
            }
            Root::Disk(root) => {
                let path = root.join(path.as_str());
                match std::fs::read(&path) {
                    Ok(bytes) => Ok(Some(bytes)),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(format!("{}: {error}", path.display())),
                }
            }
        }
    }

    /// The tree of a folder; `None` if there is no such folder.
    fn tree(&self, path: Option<&RelPath>) -> Result<Option<Tree>, String> {
        match &self.0 {
            Root::Embedded(dir) => {
                let folder = path.and_then(embedded_part).and_then(|path| embedded_folder(dir, path));
                folder.map(Tree::from_embedded).transpose()
            }
            Root::Disk(root) => {
                let folder = path.map_or(root.clone(), |path| root.join(path.as_str()));
                folder.is_dir().then(|| Tree::from_disk(&folder)).transpose()
            }
        }
    }

    fn folders(&self, path: Option<&RelPath>) -> Result<Vec<RelPath>, String> {
        let names: Vec<String> = match &self.0 {
            Root::Embedded(dir) => match path {
                None => vec![EMBEDDED.to_owned()],
                Some(path) => {
                    let dirs =
                        embedded_part(path).and_then(|path| embedded_folder(dir, path)).into_iter().flat_map(Dir::dirs);
                    dirs.filter_map(|dir| Some(dir.path().file_name()?.to_str()?.to_owned())).collect()
                }
            },
            Root::Disk(root) => {
                let folder = path.map_or(root.clone(), |path| root.join(path.as_str()));
                let about = |error: std::io::Error| format!("{}: {error}", folder.display());
                let mut names = Vec::new();
                for entry in std::fs::read_dir(&folder).map_err(about)? {
                    let entry = entry.map_err(about)?;
                    if entry.file_type().map_err(about)?.is_dir() {
                        names.push(entry.file_name().to_string_lossy().into_owned());
                    }
                }
                names
            }
        };
        let below = |name: &String| {
            let name = RelPath::parse(name).map_err(|error| error.to_string())?;
            Ok(path.map_or(name.clone(), |path| path.join(&name)))
        };
        names.iter().map(below).collect()
    }
}

/// A path of the fixtures as one of the embedded part; empty for the top of that part.
fn embedded_part(path: &RelPath) -> Option<&str> {
    match path.as_str().strip_prefix(EMBEDDED)? {
        "" => Some(""),
        below => below.strip_prefix('/'),
    }
}

fn embedded_folder(top: &'static Dir<'static>, path: &str) -> Option<&'static Dir<'static>> {
    if path.is_empty() { Some(top) } else { top.get_dir(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_found_with_their_trees_and_bases() {
        let fixtures = tempfile::tempdir().expect("a folder");
        let top = fixtures.path().join("fixtures");
        let write = |path: &str, text: &str| {
            let path = top.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        let case = |base: &str| format!("says = 'x'\nbase = '{base}'\n[expect]\nexit = 0\nverdict = 'pass'\n");
        write("repos/a/file.txt", "x");
        write("gates/g/two/case.toml", &case("repos/none"));
        write("gates/g/one/case.toml", &case("repos/a"));
        write("gates/g/one/tree/b.txt", "y");
        write("gates/h/broken/case.toml", "says = ");
        let (library, below) = Library::around(&top.join("gates").join("g"));
        let cases = library.find(below.as_ref()).expect("read");
        let names: Vec<&str> = cases.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        assert_eq!(names, ["gates/g/one", "gates/g/two"]);
        assert_eq!(cases.scenarios[0].own.files().count(), 1);
        let found: Vec<bool> = cases.bases.values().map(Result::is_ok).collect();
        assert_eq!(found, [true, false]);
        let all = Library::around(&top).0.find(None).expect("read");
        assert_eq!(all.scenarios.iter().filter(|scenario| scenario.case.is_err()).count(), 1);
        assert!(Library::on_disk(top.join("nowhere")).find(None).is_err());
    }
}
