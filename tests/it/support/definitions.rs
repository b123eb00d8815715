//! Small repositories of definitions, given as paths and texts, as directories and as commits.

use gatekeeper::cli::Exit;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Paths and texts.
pub type Files = BTreeMap<String, String>;

/// The files with one edit: a text of a file for another, which must be there exactly once.
///
/// # Panics
/// If it is not.
pub fn edited(files: &Files, edits: &[(&str, &str, &str)]) -> Files {
    let mut files = files.clone();
    for (path, from, to) in edits {
        match (*from, *to) {
            ("", "") => drop(files.remove(*path).expect("a file to remove")),
            ("", text) => drop(files.insert((*path).to_owned(), text.to_owned())),
            (from, to) => {
                let text = files.get_mut(*path).unwrap_or_else(|| panic!("no {path}"));
                assert_eq!(text.matches(from).count(), 1, "{path}: {from}");
                // NUL cuts the text out: no text at all would remove or add the file.
                *text = text.replacen(from, if to == "\u{0}" { "" } else { to }, 1);
            }
        }
    }
    files
}

/// Writes files below a directory.
pub fn write(directory: &Path, files: &Files) {
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
    }
}

/// A directory with files and, if wanted, with a git repository in it.
pub struct Place(pub tempfile::TempDir);

impl Place {
    /// With these files.
    pub fn new(files: &Files) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        write(place.0.path(), files);
        place
    }

    /// The directory.
    pub fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Commits exactly these files without touching the work tree: the commit's id. A branch is made of it.
    pub fn commit(&self, branch: &str, files: &Files) -> String {
        let repository =
            git2::Repository::open(self.0.path()).or_else(|_| git2::Repository::init(self.0.path())).expect("a repository");
        let mut index = git2::Index::new().expect("an index");
        for (path, text) in files {
            let id = repository.blob(text.as_bytes()).expect("a blob");
            let zero = git2::IndexTime::new(0, 0);
            let entry = git2::IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 0,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.clone().into_bytes(),
            };
            index.add(&entry).expect("added");
        }
        let tree = index.write_tree_to(&repository).expect("a tree");
        let tree = repository.find_tree(tree).expect("the tree");
        let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(1_767_225_600, 0)).expect("an author");
        let commit = repository.commit(None, &author, &author, "c", &tree, &[]).expect("a commit");
        repository.reference(&format!("refs/heads/{branch}"), commit, true, "").expect("a branch");
        commit.to_string()
    }

    /// Runs a command line at this root: exit, standard output, what was said.
    pub fn run(&self, arguments: &[&str]) -> (Exit, String, String) {
        let root = self.0.path().display().to_string();
        super::gatekeeper(&[arguments, &["--root", &root]].concat(), &[])
    }
}
