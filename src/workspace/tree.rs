//! The files of one commit, as a workspace of their own: definitions that no work tree can change.
//!
//! In: the top of a git work tree and the name of a commit. Out: what [`Workspace`] promises, over the commit's tree. Objects
//! are read, never checked out: no hook, filter or attribute takes part. Links are followed within the tree as on disk. There
//! is no run here and nothing is published.

use super::git::{Repository, SYMLINK, phrase};
use super::{Denied, EntryKind, Git, Listed, Opened, Workspace, reference};
use crate::model::{Base, Instant, RelPath, escape_path};
use git2::{ObjectType, Oid};
use std::borrow::Cow;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The largest file that is read from a commit, in bytes: well above what a definition may hold.
const BLOB_MAX: usize = 64 << 20;
/// Most links on the way to one file.
const LINKS_MAX: usize = 40;

/// The files of one commit.
pub struct Commit {
    repository: Mutex<Repository>,
    top: PathBuf,
    id: Oid,
    tree: Oid,
    now: Instant,
}

/// What lies at a path.
enum Found {
    File(Oid),
    Directory(Oid),
}

fn refused(error: git2::Error) -> Denied {
    Denied::Refused(phrase(error))
}

impl Commit {
    /// Opens the commit that a name stands for: a branch, a tag, `HEAD~2`, digits. `top` is the top of a work tree, links
    /// resolved.
    ///
    /// # Errors
    /// A phrase: there is no repository, no such commit in it, or more than one thing that answers to the name.
    pub(super) fn open(top: &Path, name: &str, now: Instant) -> Result<Self, String> {
        let repository = Repository::over(top)?;
        let (id, tree) = {
            let object = reference::resolve(&repository.inner, name)?;
            let commit = object.peel_to_commit().map_err(|_| "it names no commit".to_owned())?;
            let tree = repository.tree_of_root(commit.tree_id())?;
            (commit.id(), tree.ok_or("the commit has no such directory")?)
        };
        Ok(Self { repository: Mutex::new(repository), top: top.to_owned(), id, tree, now })
    }

    /// The commit's id, 40 hex digits.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    fn lock(&self) -> MutexGuard<'_, Repository> {
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows a path from the top, links too, and never above the top.
    fn find(&self, repository: &git2::Repository, path: &[u8]) -> Result<Found, Denied> {
        let mut above = vec![self.tree];
        let parts = |path: &[u8]| path.rsplit(|byte| *byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let mut left = parts(path);
        let mut links = 0;
        while let Some(part) = left.pop() {
            let here = *above.last().expect("the top is never left");
            match part.as_slice() {
                b"" | b"." => continue,
                b".." if above.len() == 1 => return Err(leaves()),
                b".." => {
                    above.pop();
                    continue;
                }
                _ => {}
            }
            let tree = repository.find_tree(here).map_err(refused)?;
            let Some(entry) = tree.get_name_bytes(&part) else {
                return Err(match links {
                    0 => Denied::Missing,
                    _ => Denied::Irregular("it is a link to nothing".to_owned()),
                });
            };
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => above.push(entry.id()),
                (Some(ObjectType::Blob), SYMLINK) => {
                    links += 1;
                    let target = repository.find_blob(entry.id()).map_err(refused)?;
                    if links > LINKS_MAX {
                        return Err(Denied::Irregular("its links lead in a circle".to_owned()));
                    }
                    if target.content().starts_with(b"/") {
                        return Err(leaves());
                    }
                    left.extend(parts(target.content()));
                }
                // A component of the path is a file, so nothing can lie below it.
                (Some(ObjectType::Blob), _) if left.iter().any(|part| !part.is_empty()) => return Err(Denied::Missing),
                (Some(ObjectType::Blob), _) => return Ok(Found::File(entry.id())),
                (_, _) => return Err(Denied::Irregular("it is a submodule".to_owned())),
            }
        }
        Ok(Found::Directory(*above.last().expect("the top is never left")))
    }

    fn kind(&self, repository: &git2::Repository, path: &[u8], entry: &git2::TreeEntry<'_>) -> EntryKind {
        match (entry.kind(), entry.filemode()) {
            (Some(ObjectType::Tree), _) => EntryKind::Directory,
            (Some(ObjectType::Blob), SYMLINK) => match self.find(repository, path) {
                Ok(Found::File(_)) => EntryKind::File,
                Ok(Found::Directory(_)) | Err(_) => EntryKind::Other,
            },
            (Some(ObjectType::Blob), _) => EntryKind::File,
            (_, _) => EntryKind::Other,
        }
    }
}

fn leaves() -> Denied {
    Denied::Irregular("it is a link that leaves its directory".to_owned())
}

impl Workspace for Commit {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        if base != Base::Repo {
            return Err(Denied::Missing);
        }
        let repository = self.lock();
        let blob = match self.find(&repository.inner, &path.to_bytes())? {
            Found::File(blob) => blob,
            Found::Directory(_) => return Err(Denied::Irregular("it is a directory".to_owned())),
        };
        let (size, _) = repository.inner.odb().and_then(|objects| objects.read_header(blob)).map_err(refused)?;
        if size > BLOB_MAX {
            return Err(Denied::Refused(format!("it is larger than {BLOB_MAX} bytes")));
        }
        let bytes = repository.inner.find_blob(blob).map_err(refused)?.content().to_vec();
        Ok(Opened { size: bytes.len() as u64, reader: Box::new(Cursor::new(bytes)) })
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        if base != Base::Repo {
            return Err(Denied::Missing);
        }
        let repository = self.lock();
        let path = directory.map_or(Cow::Borrowed(&b""[..]), RelPath::to_bytes);
        let tree = match self.find(&repository.inner, &path)? {
            Found::Directory(tree) => repository.inner.find_tree(tree).map_err(refused)?,
            Found::File(_) => return Err(Denied::Irregular("it is no directory".to_owned())),
        };
        let mut listed = Vec::with_capacity(tree.len());
        for entry in &tree {
            let name = entry.name_bytes();
            let kind = self.kind(&repository.inner, &[&*path, b"/", name].concat(), &entry);
            listed.push(Listed { name: escape_path(name).into_owned(), kind });
        }
        listed.sort();
        Ok(listed)
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        match base {
            Base::Repo => path.to_string(),
            Base::Run | Base::Baseline | Base::History | Base::Shard(_) => format!("{}:{path}", base.word()),
        }
    }

    fn shards(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn run(&self) -> Option<String> {
        None
    }

    fn run_name(&self) -> Option<String> {
        None
    }

    fn attach_baseline(&self, _sibling: &str) -> Result<(), String> {
        Err("a commit has no run".to_owned())
    }

    fn history(&self) -> Vec<String> {
        Vec::new()
    }

    /// A commit knows its own git; the directory is for the work tree that evidence comes from.
    fn attach_git(&self, _directory: &RelPath) -> Result<(), String> {
        Ok(())
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        Ok(Box::new(Repository::over(&self.top)?.from(self.id)))
    }

    fn now(&self) -> Instant {
        self.now
    }

    /// Definitions are read from a commit, and nothing is judged in it, so its time is never over.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    /// Never a file of the work tree: what the commit does not have is not there.
    fn read_named(&self, _path: &Path) -> Result<Vec<u8>, Denied> {
        Err(Denied::Missing)
    }

    fn publish(&self, _path: &Path, _bytes: &[u8]) -> io::Result<()> {
        Err(io::Error::other("nothing is written into a commit"))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests build a repository and a work tree beside it")]
mod tests {
    use super::*;
    use std::io::Read;

    const FILE: u32 = 0o100_644;
    const LINK: u32 = 0o120_000;

    /// A repository with one commit that has these entries; nothing of it is checked out.
    fn place(entries: &[(&str, u32, &str)]) -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a directory");
        let repository = git2::Repository::init(place.path()).expect("a repository");
        let mut index = git2::Index::new().expect("an index");
        for (path, mode, text) in entries {
            let id = match *mode {
                0o160_000 => Oid::from_str(text).expect("digits"),
                _ => repository.blob(text.as_bytes()).expect("a blob"),
            };
            let zero = git2::IndexTime::new(0, 0);
            let entry = git2::IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode: *mode,
                uid: 0,
                gid: 0,
                file_size: 0,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            };
            index.add(&entry).expect("added");
        }
        let tree = index.write_tree_to(&repository).expect("a tree");
        let tree = repository.find_tree(tree).expect("the tree");
        let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(0, 0)).expect("an author");
        repository.commit(Some("refs/heads/main"), &author, &author, "c", &tree, &[]).expect("a commit");
        drop(tree);
        place
    }

    fn commit(place: &tempfile::TempDir, name: &str) -> Result<Commit, String> {
        let top = std::fs::canonicalize(place.path()).expect("a directory");
        Commit::open(&top, name, "2026-03-01T12:00:00Z".parse().expect("an instant"))
    }

    fn read(commit: &Commit, path: &str) -> Result<String, Denied> {
        let mut text = String::new();
        let mut opened = commit.open(Base::Repo, &RelPath::parse(path).expect("sound"))?;
        opened.reader.read_to_string(&mut text).expect("memory");
        assert_eq!(opened.size, text.len() as u64);
        Ok(text)
    }

    #[test]
    fn a_commit_is_read_as_a_directory_is() {
        let submodule = "1".repeat(40);
        let place = place(&[
            ("a/b.toml", FILE, "b"),
            ("a/up.toml", LINK, "../c.toml"),
            ("b\\c\td", FILE, "odd"),
            ("c.toml", FILE, "c"),
            ("circle", LINK, "circle"),
            ("dead", LINK, "a/none"),
            ("folder", LINK, "a"),
            ("out", LINK, "../c.toml"),
            ("passwd", LINK, "/etc/passwd"),
            ("sub", 0o160_000, &submodule),
        ]);
        // What lies in the work tree is of no interest.
        std::fs::create_dir(place.path().join("a")).expect("made");
        std::fs::write(place.path().join("a/b.toml"), "changed").expect("written");
        std::fs::write(place.path().join("more.toml"), "more").expect("written");
        let commit = commit(&place, "main").unwrap_or_else(|phrase| panic!("{phrase}"));
        for (path, text) in [
            ("b\\x5cc\\x09d", "odd"),
            ("a/b.toml", "b"),
            ("a/up.toml", "c"),
            ("folder/b.toml", "b"),
            ("folder/up.toml", "c"),
        ] {
            assert_eq!(read(&commit, path).as_deref(), Ok(text), "{path}");
        }
        for missing in ["more.toml", "a/none", "c.toml/d", "none/b.toml"] {
            assert_eq!(read(&commit, missing), Err(Denied::Missing), "{missing}");
        }
        for irregular in ["a", "folder", "circle", "dead", "out", "passwd", "sub"] {
            assert!(matches!(read(&commit, irregular), Err(Denied::Irregular(_))), "{irregular}");
        }
        let listed = commit.list(Base::Repo, None).expect("listed");
        let kinds: Vec<(&str, EntryKind)> = listed.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
        use EntryKind::{Directory, File, Other};
        assert_eq!(
            kinds,
            [
                ("a", Directory),
                ("b\\x5cc\\x09d", File),
                ("c.toml", File),
                ("circle", Other),
                ("dead", Other),
                ("folder", Other),
                ("out", Other),
                ("passwd", Other),
                ("sub", Other)
            ]
        );
        let folder = RelPath::parse("folder").expect("sound");
        assert_eq!(commit.list(Base::Repo, Some(&folder)).map(|entries| entries.len()), Ok(2));
        let file = RelPath::parse("c.toml").expect("sound");
        assert!(matches!(commit.list(Base::Repo, Some(&file)), Err(Denied::Irregular(_))));
        assert!(matches!(commit.open(Base::Run, &file), Err(Denied::Missing)));
        assert!(matches!(commit.read_named(&place.path().join("more.toml")), Err(Denied::Missing)));
        assert!(commit.publish(Path::new("x"), b"").is_err());
        assert_eq!(commit.git().and_then(|git| git.head()), Ok(commit.id()));
    }

    #[test]
    fn a_name_that_stands_for_no_commit_is_refused() {
        let place = place(&[("a", FILE, "x")]);
        for name in ["", "none", "main:a", "main..main", "--all"] {
            assert!(commit(&place, name).is_err(), "{name}");
        }
        assert!(commit(&place, "main^{commit}").is_ok());
    }
}
