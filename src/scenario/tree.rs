//! A folder as a value: the files of a scenario, from a disk or from this binary, copied out where a judge can look at them.
//!
//! Comes in: a folder. Goes out: the same files in a temporary directory that removes itself. It never follows a link and
//! never writes anywhere else.

#![expect(clippy::disallowed_methods, reason = "a scenario's tree is built in a temporary folder")]

use crate::model::RelPath;
use include_dir::{Dir, DirEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A temporary directory that removes itself.
pub type Directory = TempDir;

/// Files by path, and directories that are there though no file is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<RelPath, Arc<[u8]>>,
    bare: BTreeSet<RelPath>,
}

impl Tree {
    /// Reads a folder of the disk.
    ///
    /// # Errors
    /// A sentence about the first file that cannot be read, is no regular file, or has a name that is no plain text.
    pub fn from_disk(folder: &Path) -> Result<Self, String> {
        let mut tree = Tree::default();
        tree.read_folder(folder, None)?;
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, below: Option<&RelPath>) -> Result<(), String> {
        let about = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in std::fs::read_dir(folder).map_err(about)? {
            let entry = entry.map_err(about)?;
            let path = entry.path();
            let name = rel(Path::new(&entry.file_name()))?;
            let name = below.map_or(name.clone(), |below| below.join(&name));
            let kind = entry.file_type().map_err(about)?;
            if kind.is_dir() {
                self.read_folder(&path, Some(&name))?;
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                self.write(name, bytes);
            } else {
                return Err(format!("{}: is no regular file", path.display()));
            }
        }
        Ok(())
    }

    /// Takes a folder out of this binary.
    ///
    /// # Errors
    /// As [`Tree::from_disk`].
    pub fn from_embedded(folder: &Dir<'_>) -> Result<Self, String> {
        let mut tree = Tree::default();
        let mut open = vec![folder];
        while let Some(dir) = open.pop() {
            for entry in dir.entries() {
                match entry {
                    DirEntry::Dir(dir) => open.push(dir),
                    DirEntry::File(file) => {
                        let path = file.path().strip_prefix(folder.path()).unwrap_or(file.path());
                        tree.write(rel(path)?, file.contents());
                    }
                }
            }
        }
        Ok(tree)
    }

    /// The bytes of a file.
    pub fn file(&self, path: &RelPath) -> Option<&[u8]> {
        self.files.get(path).map(|bytes| &**bytes)
    }

    /// Whether the path is a directory with files below it, or a bare one.
    pub fn is_directory(&self, path: &RelPath) -> bool {
        self.bare.contains(path) || self.files.keys().any(|file| is_below(file, path))
    }

    /// Writes a file, over another or anew.
    pub fn write(&mut self, path: RelPath, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path, bytes.into());
    }

    /// Takes away a file, or a directory with all that is below it; says whether there was one.
    pub fn delete(&mut self, path: &RelPath) -> bool {
        let before = self.files.len() + self.bare.len();
        self.files.retain(|file, _| file != path && !is_below(file, path));
        self.bare.retain(|bare| bare != path && !is_below(bare, path));
        before != self.files.len() + self.bare.len()
    }

    /// Takes away all that is below a directory and leaves the directory; says whether there was anything.
    pub fn clear(&mut self, path: &RelPath) -> bool {
        let any = self.files.keys().any(|file| is_below(file, path));
        if any {
            self.delete(path);
            self.bare.insert(path.clone());
        }
        any
    }

    /// Copies another tree over this one.
    pub fn overlay(&mut self, other: &Tree) {
        self.files.extend(other.files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())));
        self.bare.extend(other.bare.iter().cloned());
    }

    /// Whether there is no file in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every file, by path.
    pub fn files(&self) -> impl Iterator<Item = (&RelPath, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path, &**bytes))
    }

    /// Every file with its bytes, as they are shared with other trees.
    pub fn shared(&self) -> &BTreeMap<RelPath, Arc<[u8]>> {
        &self.files
    }

    /// The directories that are there though no file is in them.
    pub fn bare(&self) -> &BTreeSet<RelPath> {
        &self.bare
    }

    /// The files that are not alike in both trees, and the empty directories that only one of them has.
    pub fn differing<'t>(&'t self, other: &'t Tree) -> impl Iterator<Item = &'t RelPath> {
        let like = |path: &RelPath, bytes: &Arc<[u8]>, there: &Tree| {
            there.files.get(path).is_some_and(|other| Arc::ptr_eq(bytes, other) || bytes == other)
        };
        let own = self.files.iter().filter(move |(path, bytes)| !like(path, bytes, other));
        let gone = other.files.keys().filter(|path| !self.files.contains_key(*path));
        own.map(|(path, _)| path).chain(gone).chain(self.bare.symmetric_difference(&other.bare))
    }

    /// Copies the tree into a new temporary directory.
    ///
    /// # Errors
    /// A sentence about the first file that cannot be written.
    pub fn materialise(&self) -> Result<Directory, String> {
        let root = tempfile::Builder::new().prefix("gatekeeper-scenario-").tempdir().map_err(|error| error.to_string())?;
        for bare in &self.bare {
            std::fs::create_dir_all(root.path().join(bare.as_str())).map_err(|error| format!("{bare}: {error}"))?;
        }
        for (path, bytes) in &self.files {
            let to = root.path().join(path.as_str());
            let above = to.parent().unwrap_or(root.path());
            std::fs::create_dir_all(above)
                .and_then(|()| std::fs::write(&to, bytes))
                .map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(root)
    }
}

fn is_below(path: &RelPath, directory: &RelPath) -> bool {
    path.as_str().strip_prefix(directory.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

fn rel(path: &Path) -> Result<RelPath, String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    let text = parts.ok_or_else(|| format!("{}: the name is no UTF-8 text", path.display()))?.join("/");
    RelPath::parse(&text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("sound")
    }

    #[test]
    fn a_tree_comes_back_from_the_disk_as_it_went_there() {
        let mut tree = Tree::default();
        tree.write(path("run/a.json"), *b"{}");
        tree.write(path("runs.txt"), *b"x");
        let copy = tree.materialise().expect("written");
        assert_eq!(Tree::from_disk(copy.path()), Ok(tree));
    }

    #[test]
    fn clearing_leaves_the_directory_and_deleting_does_not() {
        let mut tree = Tree::default();
        tree.write(path("run/deep/a.json"), *b"{}");
        tree.write(path("runs.txt"), *b"x");
        assert!(tree.clear(&path("run")) && !tree.clear(&path("run")));
        assert!(tree.is_directory(&path("run")));
        assert!(tree.materialise().expect("written").path().join("run").is_dir());
        assert!(tree.delete(&path("run")) && !tree.is_directory(&path("run")) && !tree.delete(&path("run")));
        assert!(tree.file(&path("runs.txt")).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/", folder.path().join("link")).expect("a link");
        assert!(Tree::from_disk(folder.path()).is_err_and(|error| error.contains("no regular file")));
    }
}
