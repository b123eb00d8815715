//! Where outputs go: a directory that is opened once, and files that are put into it beneath its handle.
//!
//! In: a directory that the operator names, or a path below a base. Out: whole files, each replaced in one step. A path below a base is
//! walked one directory after the other and never through a link, for whoever wrote the base may have put one there. In the operator's own
//! path links are the operator's. What is put never goes through a link, into a pipe or into a device, wherever it lies.

#![expect(clippy::disallowed_methods, reason = "this is the door that outputs go through")]

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::collections::hash_map::RandomState;
use std::fs::TryLockError;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another process may be putting its files into the same directory.
const PATIENCE: Duration = Duration::from_secs(10);
/// Names that are tried for a file that is begun.
const NAMES: usize = 16;

/// A directory that outputs go to, held open.
pub struct Outlet {
    dir: Dir,
    path: PathBuf,
}

impl Outlet {
    /// A directory that the operator names; what is missing of it is made.
    ///
    /// # Errors
    /// It is none, and cannot be made one.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let real = std::fs::canonicalize(path)?;
        if real == Path::new("/dev") || ["/dev/fd", "/proc"].iter().any(|streams| real.starts_with(streams)) {
            return Err(io::Error::other(
                "devices are not replaced by files; standard output takes results without a path",
            ));
        }
        Ok(Self { dir: Dir::open_ambient_dir(path, ambient_authority())?, path: path.to_owned() })
    }

    /// The directory that a file lies in which the operator names, and the file's name.
    ///
    /// # Errors
    /// As [`Outlet::open`], and where the path names no file.
    pub fn around(file: &Path) -> io::Result<(Self, PathBuf)> {
        let name = file.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
        let above = file.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok((Self::open(above)?, PathBuf::from(name)))
    }

    /// A directory below another, made where it is missing, and reached through no link. `path` is how people know it.
    ///
    /// # Errors
    /// There is something else in the way.
    pub(super) fn beneath(base: &Dir, below: &Path, path: PathBuf) -> io::Result<Self> {
        let mut dir = base.try_clone()?;
        for part in below.components() {
            let Component::Normal(part) = part else {
                return Err(io::Error::other("it is no plain path below its directory"));
            };
            match dir.create_dir(part) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            dir = enter(&dir, Path::new(part))?;
        }
        Ok(Self { dir, path })
    }

    /// The directory as people know it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is anything of this name.
    pub fn holds(&self, name: &Path) -> bool {
        self.dir.symlink_metadata(name).is_ok()
    }

    /// Puts a file into the directory in one step, so that readers see the old bytes or the new ones and never a part. A link of this
    /// name is replaced, and what it leads to stays as it is; what is no file is left alone.
    ///
    /// # Errors
    /// Those of the system, and where something lies there that is no file.
    pub fn put(&self, name: &Path, bytes: &[u8]) -> io::Result<()> {
        self.admits(name)?;
        let (begun, mut file) = self.begin()?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        let put = written.and_then(|()| self.dir.rename(&begun, &self.dir, name));
        if put.is_err() {
            // It is ours, and nobody has seen it.
            let _ = self.dir.remove_file(&begun);
        }
        put
    }

    /// Takes back a file that was put here; the directory stays.
    ///
    /// # Errors
    /// Those of the system.
    pub fn take_back(&self, name: &Path) -> io::Result<()> {
        self.dir.remove_file(name)
    }

    /// Does something while no other process that asks the same is doing it in this directory. Where the file system knows no locks,
    /// nothing keeps them apart.
    ///
    /// # Errors
    /// Another process does not come to its end.
    pub fn alone<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        // The handle that paths are resolved beneath takes no lock; the directory, opened as a file, does.
        let handle = self.dir.open(".").map(cap_std::fs::File::into_std);
        let begun = Instant::now();
        while let Ok(handle) = &handle {
            match handle.try_lock() {
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                    return Err(io::Error::other("another process is writing there and does not come to its end"));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
                Ok(()) | Err(TryLockError::Error(_)) => break,
            }
        }
        let done = act();
        drop(handle);
        Ok(done)
    }

    /// Refuses to put a file where something else is.
    fn admits(&self, name: &Path) -> io::Result<()> {
        let no_file = |what: &str| Err(io::Error::other(what));
        let Ok(there) = self.dir.symlink_metadata(name) else { return Ok(()) };
        // Only the operator's own words for a stream are links to anything but files; to write into a pipe would wait for its reader.
        let leads = || std::fs::metadata(self.path.join(name)).map(|led| led.is_file() || led.is_dir()).unwrap_or(true);
        match (there.is_file(), there.is_dir(), there.is_symlink()) {
            (true, _, _) => Ok(()),
            (_, true, _) => no_file("there is a directory of that name"),
            (_, _, true) if leads() => Ok(()),
            (_, _, true) => no_file("it is a link to a pipe, a socket or a device"),
            (_, _, false) => no_file("it is a pipe, a socket or a device"),
        }
    }

    fn begin(&self) -> io::Result<(PathBuf, cap_std::fs::File)> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        for _ in 0..NAMES {
            let name = PathBuf::from(format!(".gatekeeper-{:016x}", RandomState::new().build_hasher().finish()));
            match self.dir.open_with(&name, &options) {
                Ok(file) => return Ok((name, file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no name is free for a file that is begun"))
    }
}

/// Opens a directory by its name, unless it is a link.
fn enter(dir: &Dir, name: &Path) -> io::Result<Dir> {
    let refuse = || io::Error::other(format!("`{}` is a link or no directory, and outputs follow none", name.display()));
    let is_link = || dir.symlink_metadata(name).is_ok_and(|metadata| !metadata.is_dir());
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW);
        match dir.open_with(name, &options) {
            Ok(opened) => Ok(Dir::from_std_file(opened.into_std())),
            Err(_) if is_link() => Err(refuse()),
            Err(error) => Err(error),
        }
    }
    #[cfg(not(unix))]
    {
        if is_link() { Err(refuse()) } else { dir.open_dir(name) }
    }
}

#[cfg(test)]
#[path = "outlet_tests.rs"]
mod tests;
