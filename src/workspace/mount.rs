//! A directory that is open: what lies beneath it is reached from its handle, and nothing else is.
//!
//! In: an open directory and a path below it. Out: a regular file, a listing, or why there is none. No link leads out of it, and no pipe or device is opened.

#![expect(
    clippy::disallowed_methods,
    reason = "directories are opened here, for the door that everything else goes through"
)]

use super::halves::Halves;
use super::{Denied, EntryKind, Listed, Opened};
use crate::model::escape_path;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A directory that relative paths are joined to.
pub(super) struct Mount {
    /// Every look-up starts from this handle.
    pub(super) dir: Dir,
    /// The same directory for people, for git and for finding siblings; links are resolved.
    pub(super) path: PathBuf,
}

impl Mount {
    /// Opens a directory, whatever links lead to it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = std::fs::canonicalize(path)?;
        Ok(Self { dir: Dir::open_ambient_dir(&path, ambient_authority())?, path })
    }
}

/// Opens a directory by its name in another. The handle is opened beneath the parent, so a link cannot lead elsewhere.
pub(super) fn beside(parent: &Path, name: &str) -> Result<Mount, Denied> {
    let refused = |error: io::Error| denied(&error);
    let above = Dir::open_ambient_dir(parent, ambient_authority()).map_err(refused)?;
    let dir = above.open_dir(name).map_err(refused)?;
    Ok(Mount { dir, path: parent.join(above.canonicalize(name).map_err(refused)?) })
}

/// Opens a regular file and nothing else. The look before the opening keeps pipes and devices from being opened at all; the
/// non-blocking flag and the look after it hold even if the file is replaced in between.
pub(super) fn open_regular(dir: &Dir, path: &Path) -> Result<Opened, Denied> {
    let check = |metadata: &Metadata| regular(metadata.is_file(), metadata.is_dir());
    let metadata = dir.metadata(path).map_err(|error| missing_or(dir, path, &error))?;
    check(&metadata)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK);
    }
    let file = dir.open_with(path, &options).map_err(|error| missing_or(dir, path, &error))?;
    let metadata = file.metadata().map_err(|error| denied(&error))?;
    check(&metadata)?;
    Ok(Opened { size: metadata.len(), reader: Box::new(Halves::of(file.into_std())) })
}

/// Refuses what is no regular file.
pub(super) fn regular(file: bool, directory: bool) -> Result<(), Denied> {
    match (file, directory) {
        (true, _) => Ok(()),
        (false, true) => Err(Denied::Irregular("it is a directory".to_owned())),
        (false, false) => Err(Denied::Irregular("it is a pipe, a socket or a device".to_owned())),
    }
}

/// What lies in a directory, in the order of its names.
pub(super) fn list(dir: &Dir, directory: &Path) -> Result<Vec<Listed>, Denied> {
    let refused = |error: io::Error| match error.kind() {
        ErrorKind::NotADirectory => Denied::Irregular("it is no directory".to_owned()),
        _other => missing_or(dir, directory, &error),
    };
    let opened = dir.open_dir(directory).map_err(refused)?;
    let mut listed = Vec::new();
    for entry in opened.entries().map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name();
        let kind = kind(dir, &directory.join(&name), entry.file_type().map_err(refused)?);
        listed.push(Listed { name: escape_path(name.as_encoded_bytes()).into_owned(), kind });
    }
    listed.sort();
    Ok(listed)
}

fn kind(dir: &Dir, path: &Path, file_type: FileType) -> EntryKind {
    let linked_file = || file_type.is_symlink() && dir.metadata(path).is_ok_and(|metadata| metadata.is_file());
    if file_type.is_dir() {
        EntryKind::Directory
    } else if file_type.is_file() || linked_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

/// Tells a broken link from nothing at all: what is not there may be optional, what is there and damaged never is.
fn missing_or(dir: &Dir, path: &Path, error: &io::Error) -> Denied {
    match denied(error) {
        Denied::Missing if dir.symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) => {
            Denied::Irregular("it is a link to nothing".to_owned())
        }
        other => other,
    }
}

/// What an error of the system comes to.
pub(super) fn denied(error: &io::Error) -> Denied {
    match error.kind() {
        ErrorKind::NotFound => Denied::Missing,
        // A component of the path is a file, so nothing can lie below it.
        ErrorKind::NotADirectory => Denied::Missing,
        // The sandbox reports a way out as a permission error that the system never gave.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
            Denied::Irregular("it is a link that leaves its directory".to_owned())
        }
        _other => Denied::Refused(error.to_string()),
    }
}
