//! The real world: directories on disk, opened once and never left.
//!
//! In: the repository, perhaps a run, a baseline and earlier runs, perhaps a fixed clock. Out: what [`Workspace`] promises. Every path
//! below a base is resolved by the operating system beneath an open directory handle, so a link that leaves the base is
//! refused even if it is swapped in while we look. Nothing here waits on a pipe, follows a link out or reads a device.

#![expect(clippy::disallowed_methods, reason = "this is the door that everything else goes through")]

use super::git::Repository;
use super::mount::{Mount, beside, denied, list, open_regular, regular};
use super::several::{self, Named};
use super::tree::Commit;
use super::{Denied, EntryKind, Git, Listed, Opened, Outlet, Workspace, native};
use crate::model::{Base, Instant, RelPath, shown_path};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// One shard of the run.
struct Shard {
    /// How it is told from the others where it does not lie in the repository.
    name: String,
    /// Where it lies, links resolved; of one that is not there, where it should.
    path: PathBuf,
    /// `None` where there is no such directory: its absence is for the verdict to tell.
    mount: Option<Mount>,
}

/// The workspace of a process: directories on disk, git, and the system's clock unless another time is given.
pub struct Disk {
    root: Mount,
    run: Option<Mount>,
    /// The run as the operator named it, kept where there is no such directory: its absence is for the verdict to tell.
    missing_run: Option<PathBuf>,
    /// Where the run lay when it was judged, below the repository, if it is looked at elsewhere now.
    known_as: Option<PathBuf>,
    /// The run relative to the repository, once it was asked for: every file of it is shown with it.
    run_below: OnceLock<Option<String>>,
    /// The run, if it is in shards, sorted by name.
    shards: Vec<Shard>,
    /// What the operator named; it stands.
    named_baseline: Option<Mount>,
    /// What the run named.
    attached_baseline: RwLock<Option<Mount>>,
    /// Earlier runs, each under a name of its own, sorted by it.
    history: Vec<(String, Mount)>,
    git_directory: RwLock<Option<PathBuf>>,
    now: Instant,
    real_now: Instant,
    opened: std::time::Instant,
}

impl Disk {
    /// Opens the directories. A run that is not there is no error here: everything in it is then missing evidence. `now` replaces the system's clock, which is otherwise read here, once, so that every question
    /// for the time has the same answer.
    ///
    /// # Errors
    /// A phrase that names the directory that cannot be opened.
    pub fn new(root: &Path, run: Option<&Path>, baseline: Option<&Path>, now: Option<Instant>) -> Result<Self, String> {
        let open = |what: &str, path: &Path| {
            Mount::open(path).map_err(|error| format!("the {what} `{}` cannot be opened: {error}", shown_path(path)))
        };
        let missing_run = run.filter(|path| !path.exists()).map(Path::to_owned);
        let real_now = clock();
        Ok(Self {
            root: open("repository", root)?,
            run: run.filter(|path| path.exists()).map(|path| open("run", path)).transpose()?,
            missing_run,
            known_as: None,
            run_below: OnceLock::new(),
            shards: Vec::new(),
            named_baseline: baseline.map(|path| open("baseline", path)).transpose()?,
            attached_baseline: RwLock::new(None),
            history: Vec::new(),
            git_directory: RwLock::new(None),
            now: now.unwrap_or(real_now),
            real_now,
            opened: std::time::Instant::now(),
        })
    }

    /// Has people know the run by where it lay when it was judged, and what lies beside it likewise: a verdict that is made again names
    /// the same paths, wherever the run was downloaded to. What is opened stays the same.
    pub fn with_run_known_as(mut self, path: &RelPath) -> Self {
        self.known_as = Some(PathBuf::from(path.as_str()));
        self.run_below = OnceLock::new();
        self
    }

    /// Takes these directories for the shards of one run, in place of a run. One that is given twice counts once; their order
    /// does not matter. A shard that is not there is no error here, as with a run.
    ///
    /// # Errors
    /// A phrase that names what cannot be opened or told apart.
    pub fn with_shards(mut self, given: &[PathBuf]) -> Result<Self, String> {
        let refuse = |path: &Path, error: io::Error| format!("the shard `{}` cannot be opened: {error}", shown_path(path));
        let real = |path: &PathBuf| match std::fs::canonicalize(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => std::path::absolute(path),
            other => other,
        };
        let paths: Vec<PathBuf> =
            given.iter().map(|path| real(path).map_err(|error| refuse(path, error))).collect::<Result<_, String>>()?;
        let open = |Named { name, path }: Named| {
            let mount = path.exists().then(|| Mount::open(&path)).transpose().map_err(|error| refuse(&path, error))?;
            Ok(Shard { name, path, mount })
        };
        self.shards = several::name(paths)?.into_iter().map(open).collect::<Result<_, String>>()?;
        match u16::try_from(self.shards.len()) {
            Ok(_) => Ok(self),
            Err(_) => Err(format!("{} shards are more than can be judged together", self.shards.len())),
        }
    }

    /// The directory of each part of the run: the run itself, or its shards.
    fn parts(&self) -> impl Iterator<Item = &Path> {
        self.run.iter().map(|run| &*run.path).chain(self.shards.iter().map(|shard| &*shard.path))
    }

    /// A path as people know it: relative to the repository if it lies in it.
    fn told(&self, path: &Path) -> String {
        match self.relative(path) {
            Some(directory) if directory.is_empty() => ".".to_owned(),
            Some(directory) => directory,
            None => path.display().to_string(),
        }
    }

    /// Adds the earlier runs that [`Base::History`] stands for: directories, and patterns for several. Each is known by the name
    /// of its directory, with those above it where two have the same; one that is given twice counts once. Gives those that
    /// were passed over because they are the run under judgement, which is no part of its own history.
    ///
    /// # Errors
    /// A phrase that names what cannot be opened or told apart, or the pattern that matches no directory.
    pub fn with_history(mut self, given: &[PathBuf]) -> Result<(Self, Vec<PathBuf>), String> {
        let (mut paths, mut own) = (Vec::new(), Vec::new());
        for path in several::expand(given, false)? {
            let open = |error| format!("the earlier run `{}` cannot be opened: {error}", shown_path(&path));
            let real = std::fs::canonicalize(&path).map_err(open)?;
            match self.parts().any(|part| part == real) {
                true => own.push(path),
                false => paths.push(real),
            }
        }
        let open = |Named { name, path }: Named| match Mount::open(&path) {
            Ok(mount) => Ok((name, mount)),
            Err(error) => Err(format!("the earlier run `{}` cannot be opened: {error}", shown_path(&path))),
        };
        self.history = several::name(paths)?.into_iter().map(open).collect::<Result<_, String>>()?;
        Ok((self, own))
    }

    /// The earlier run that the first component of a path names, and the way below it.
    fn earlier<'p>(&self, path: &'p RelPath) -> Result<(&Mount, &'p str), Denied> {
        let (name, below) = path.as_str().split_once('/').unwrap_or((path.as_str(), "."));
        let own = self.history.iter().find(|(own, _)| own == name);
        own.map(|(_, mount)| (mount, below)).ok_or(Denied::Missing)
    }

    /// The files of a commit of the repository, whose top the root must be.
    ///
    /// # Errors
    /// A phrase: there is no repository, or no such commit in it.
    pub fn commit(&self, name: &str) -> Result<Commit, String> {
        Commit::open(&self.root.path, name, self.now)
    }

    /// The system's clock, whatever `now` was given.
    pub fn real_now(&self) -> Instant {
        self.real_now
    }

    /// Whether a path below a base is itself a link. What is written there replaces the link and not what it leads to.
    pub fn is_link(&self, base: Base, path: &RelPath) -> bool {
        self.locate(base, path).is_some_and(|path| path.is_symlink())
    }

    /// Where a path below a base lies on disk, for outputs; it need not exist. `None` if there is no such base.
    pub fn locate(&self, base: Base, path: &RelPath) -> Option<PathBuf> {
        self.with(base, |mount| Ok(mount.path.join(native(path.as_str())?))).ok()
    }

    /// A directory for outputs below a base, reached through no link. `None` if there is no such base.
    pub fn outlet(&self, base: Base, path: &RelPath) -> Option<io::Result<Outlet>> {
        let below = native(path.as_str()).ok()?;
        self.with(base, |mount| Ok(Outlet::beneath(&mount.dir, &below, mount.path.join(&below)))).ok()
    }

    /// Replaces a file below a base, as [`Outlet::put`] does, in a directory that is reached through no link.
    ///
    /// # Errors
    /// Those of the system, and a link in the way.
    pub fn put(&self, base: Base, path: &RelPath, bytes: &[u8]) -> io::Result<()> {
        let (outlet, name) = self.above(base, path)?;
        outlet.put(&name, bytes)
    }

    /// Takes back a file that was put below a base.
    ///
    /// # Errors
    /// As [`Disk::put`].
    pub fn take_back(&self, base: Base, path: &RelPath) -> io::Result<()> {
        let (outlet, name) = self.above(base, path)?;
        outlet.take_back(&name)
    }

    /// The directory of a file below a base, and its name there.
    fn above(&self, base: Base, path: &RelPath) -> io::Result<(Outlet, PathBuf)> {
        let refused = || io::Error::other("there is no such place");
        let file = native(path.as_str()).map_err(|_| refused())?;
        let (above, name) = file.parent().zip(file.file_name()).ok_or_else(refused)?;
        let outlet = self.with(base, |mount| Ok(Outlet::beneath(&mount.dir, above, mount.path.join(above))));
        Ok((outlet.map_err(|_| refused())??, PathBuf::from(name)))
    }

    /// Calls `look` with the directory that a base stands for.
    fn with<T>(&self, base: Base, look: impl FnOnce(&Mount) -> Result<T, Denied>) -> Result<T, Denied> {
        match base {
            Base::Repo => look(&self.root),
            Base::Run => self.run.as_ref().map_or(Err(Denied::Missing), look),
            Base::Shard(position) => {
                let shard = self.shards.get(usize::from(position));
                shard.and_then(|shard| shard.mount.as_ref()).map_or(Err(Denied::Missing), look)
            }
            // It is several directories, and none of them by itself.
            Base::History => Err(Denied::Missing),
            Base::Baseline => match &self.named_baseline {
                Some(named) => look(named),
                None => {
                    let attached = self.attached_baseline.read().unwrap_or_else(PoisonError::into_inner);
                    attached.as_ref().map_or(Err(Denied::Missing), look)
                }
            },
        }
    }

    /// The directory of a base relative to the repository, `""` if they are the same, `None` if it lies elsewhere.
    fn below_root(&self, base: Base) -> Option<String> {
        self.with(base, |mount| self.relative(&mount.path).ok_or(Denied::Missing)).ok()
    }

    /// A directory relative to the repository, as [`Disk::below_root`].
    fn relative(&self, path: &Path) -> Option<String> {
        let known = self.known_as.as_deref().zip(self.run.as_ref().map(|run| &*run.path));
        let run = known.and_then(|(known, run)| path.strip_prefix(run).ok().map(|below| known.join(below)));
        let here = || path.strip_prefix(&self.root.path).ok().map(Path::to_owned);
        let beside = || {
            let (known, run) = known?;
            Some(known.parent()?.join(path.strip_prefix(run.parent()?).ok()?))
        };
        let relative = run.or_else(here).or_else(beside)?;
        let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
        parts.map(|parts| parts.join("/"))
    }
}

/// The system's clock, in whole seconds: nothing that is judged is finer, and people read them.
pub fn clock() -> Instant {
    chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0)
}

/// Whether users other than the owner can read a file. Where there are no such permissions, nobody is said to.
pub fn open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

impl Workspace for Disk {
    fn open(&self, base: Base, path: &RelPath) -> Result<Opened, Denied> {
        if base == Base::History {
            let (mount, below) = self.earlier(path)?;
            return open_regular(&mount.dir, &native(below)?);
        }
        self.with(base, |mount| open_regular(&mount.dir, &native(path.as_str())?))
    }

    fn list(&self, base: Base, directory: Option<&RelPath>) -> Result<Vec<Listed>, Denied> {
        if base == Base::History {
            let Some(directory) = directory else {
                let entry = |(name, _): &(String, Mount)| Listed { name: name.clone(), kind: EntryKind::Directory };
                return Ok(self.history.iter().map(entry).collect());
            };
            let (mount, below) = self.earlier(directory)?;
            return list(&mount.dir, &native(below)?);
        }
        self.with(base, |mount| list(&mount.dir, &native(directory.map_or(".", RelPath::as_str))?))
    }

    fn shown(&self, base: Base, path: &RelPath) -> String {
        if let (Base::Run, Some(missing)) = (base, &self.missing_run) {
            return format!("{}/{path}", missing.display());
        }
        let (directory, below) = match base {
            Base::History => match self.earlier(path) {
                Ok((mount, below)) => (self.relative(&mount.path), below),
                Err(_) => (None, path.as_str()),
            },
            Base::Shard(position) => {
                let Some(shard) = self.shards.get(usize::from(position)) else { return format!("run:{path}") };
                match self.relative(&shard.path) {
                    None => return format!("run:{}/{path}", shard.name),
                    within => (within, path.as_str()),
                }
            }
            Base::Repo if self.known_as.is_none() => return path.as_str().to_owned(),
            Base::Run => (self.run_below.get_or_init(|| self.below_root(base)).clone(), path.as_str()),
            Base::Repo | Base::Baseline => (self.below_root(base), path.as_str()),
        };
        match directory {
            Some(directory) if directory.is_empty() => below.to_owned(),
            Some(directory) => format!("{directory}/{below}"),
            None => format!("{}:{path}", base.word()),
        }
    }

    fn shards(&self) -> Vec<(String, String)> {
        let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        self.shards.iter().map(|shard| (self.told(&shard.path), name(&shard.path))).collect()
    }

    fn run(&self) -> Option<String> {
        match (&self.run, &self.missing_run, &*self.shards) {
            (Some(run), _, _) => Some(self.told(&run.path)),
            (None, Some(missing), _) => Some(missing.display().to_string()),
            (None, None, []) => None,
            (None, None, [first, rest @ ..]) => {
                let holds = |above: &&Path| rest.iter().all(|shard| shard.path.starts_with(above));
                first.path.ancestors().find(holds).map(|above| self.told(above))
            }
        }
    }

    fn run_name(&self) -> Option<String> {
        let path = self.run.as_ref().map(|run| &run.path).or(self.missing_run.as_ref())?;
        self.known_as.as_ref().unwrap_or(path).file_name()?.to_str().map(str::to_owned)
    }

    fn attach_baseline(&self, sibling: &str) -> Result<(), String> {
        if self.named_baseline.is_some() {
            return Ok(());
        }
        if self.parts().next().is_none() {
            return Err("there is no run that it could lie beside".to_owned());
        }
        let plain = RelPath::parse(sibling).is_ok_and(|path| path.as_str() == sibling && !sibling.contains('/'));
        if !plain {
            return Err(format!("`{sibling}` is not the name of one directory"));
        }
        let parents: BTreeSet<&Path> = self.parts().filter_map(Path::parent).collect();
        let mut found = Vec::new();
        for parent in parents {
            match beside(parent, sibling) {
                Ok(mount) => found.push(mount),
                Err(Denied::Missing) => {}
                Err(Denied::Irregular(phrase) | Denied::Refused(phrase)) => {
                    return Err(format!("`{sibling}` beside the run: {phrase}"));
                }
            }
        }
        let Some(mount) = found.pop() else { return Err(format!("there is no directory `{sibling}` beside the run")) };
        if !found.is_empty() {
            return Err(format!(
                "there is more than one directory `{sibling}` beside the shards; name one with `--baseline`"
            ));
        }
        if self.parts().any(|part| part == mount.path) {
            return Err(format!("`{sibling}` is the run itself"));
        }
        *self.attached_baseline.write().unwrap_or_else(PoisonError::into_inner) = Some(mount);
        Ok(())
    }

    fn history(&self) -> Vec<String> {
        self.history.iter().map(|(name, _)| name.clone()).collect()
    }

    fn attach_git(&self, directory: &RelPath) -> Result<(), String> {
        let relative = self.root.dir.canonicalize(native(directory.as_str()).unwrap_or_default()).map_err(|error| {
            match denied(&error) {
                Denied::Missing => format!("there is no directory `{directory}`"),
                Denied::Irregular(phrase) | Denied::Refused(phrase) => format!("`{directory}`: {phrase}"),
            }
        })?;
        let path = self.root.path.join(relative);
        Repository::attached(&path).map_err(|phrase| format!("`{directory}` is no git directory: {phrase}"))?;
        *self.git_directory.write().unwrap_or_else(PoisonError::into_inner) = Some(path);
        Ok(())
    }

    fn git(&self) -> Result<Box<dyn Git + '_>, String> {
        let attached = self.git_directory.read().unwrap_or_else(PoisonError::into_inner).clone();
        let repository = match attached {
            Some(directory) => Repository::attached(&directory)?,
            None => Repository::over(&self.root.path)?,
        };
        Ok(Box::new(repository))
    }

    fn has_git(&self) -> bool {
        let attached = self.git_directory.read().unwrap_or_else(PoisonError::into_inner).is_some();
        attached || self.git().is_ok() || Repository::is_damaged_over(&self.root.path)
    }

    fn commit_around(&self, stated: Option<&str>) -> Option<Result<String, String>> {
        Repository::commit_around(&self.root.path, stated)
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn elapsed(&self) -> Duration {
        self.opened.elapsed()
    }

    fn read_named(&self, path: &Path) -> Result<Vec<u8>, Denied> {
        let bytes = std::fs::metadata(path).and_then(|metadata| match regular(metadata.is_file(), metadata.is_dir()) {
            Ok(()) => std::fs::read(path).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        });
        bytes.map_err(|error| denied(&error))?
    }

    fn publish(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (outlet, name) = Outlet::around(path)?;
        outlet.put(&name, bytes)
    }
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
