//! Where results go, and that nothing older stands there from the first moment on.
//!
//! In: the words of a command line. Out: a directory with its set of files, single files, and standard output. Before anything else is looked
//! at, what lies in these places is replaced by what fails; only then may the rest of the command line be wrong.

use super::{Console, Exit};
use crate::diagnostic::did_you_mean;
use crate::model::{Verdict, shown_path};
use crate::pipeline::{self, Extent, Placed};
use crate::report::sanitise::terminal;
use crate::report::{self, Format};
use crate::workspace::Outlet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The formats that a command writes.
pub struct Forms {
    /// Those behind `-o`, by name.
    pub named: Vec<(&'static str, &'static Format)>,
    /// Those in the output directory, each with its file.
    pub set: Vec<Placed>,
}

impl Forms {
    /// Those of `verify`.
    pub fn of_verdict() -> Self {
        Self { named: report::FORMATS.iter().map(|format| (format.id, *format)).collect(), set: pipeline::outputs() }
    }

    /// Those of `checklist`.
    pub fn of_checklist() -> Self {
        let format = |id| report::FORMATS.iter().copied().find(|format| format.id == id).expect("a format of our own");
        let (markdown, json) = (format("checklist"), format("checklist-json"));
        Self {
            named: vec![("markdown", markdown), ("json", json), ("checklist", markdown), ("checklist-json", json)],
            set: vec![(markdown, "release_checklist.md"), (json, "release_checklist.json")],
        }
    }

    fn find(&self, name: &str) -> Option<&'static Format> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// The format that a file is likely to be read in, where the one that was asked for is none.
    fn likely(&self, path: &Path) -> &'static Format {
        let wanted = match path.extension().and_then(OsStr::to_str) {
            Some("json") => ["verdict", "json"],
            Some("jsonl") => ["events", "json"],
            Some(_) | None => ["markdown", "markdown"],
        };
        wanted.into_iter().find_map(|name| self.find(name)).expect("every command writes Markdown and JSON")
    }
}

/// The places that a command line names.
pub struct Outputs {
    forms: Forms,
    directory: Option<Outlet>,
    files: Vec<(&'static Format, PathBuf)>,
    streams: Vec<&'static Format>,
    /// What is wrong with the words behind `-o`.
    wrong: Vec<String>,
}

impl Outputs {
    /// Reads the words and opens the directory, which is made if it is not there.
    ///
    /// # Errors
    /// [`Exit::Internal`], said: the directory cannot be written into.
    pub fn named<T: AsRef<OsStr>>(
        forms: Forms,
        directory: Option<&Path>,
        given: &[T],
        console: &mut Console<'_>,
    ) -> Result<Self, Exit> {
        let directory = directory.map(Outlet::open).transpose().map_err(|error| {
            let path = shown_path(directory.unwrap_or(Path::new(".")));
            console.say(&format!("error: cannot write `{path}`: {error}"));
            Exit::Internal
        })?;
        let mut outputs = Self { forms, directory, files: Vec::new(), streams: Vec::new(), wrong: Vec::new() };
        given.iter().for_each(|text| outputs.take(text.as_ref()));
        Ok(outputs)
    }

    /// `FORMAT` or `FORMAT=PATH`.
    fn take(&mut self, text: &OsStr) {
        let (name, path) = split(text);
        let known = self.forms.find(&name);
        let path = path.filter(|path| {
            let named = !path.as_os_str().is_empty();
            if !named {
                self.wrong.push(format!("`-o {}` names no file", terminal(&name)));
            }
            named
        });
        match (known, path) {
            (Some(format), Some(path)) => self.files.push((format, path)),
            (Some(format), None) => self.streams.push(format),
            (None, path) => {
                let help = did_you_mean(&name, self.forms.named.iter().map(|(known, _)| *known));
                self.wrong.push(format!("there is no output format `{}`; {help}", terminal(&name)));
                // What is there may be an older pass; what is not there is perhaps no path at all.
                let there = path.filter(|path| path.symlink_metadata().is_ok());
                self.files.extend(there.map(|path| (self.forms.likely(&path), path)));
            }
        }
    }

    /// What is wrong with the words behind `-o`, once their places are safe.
    ///
    /// # Errors
    /// [`Exit::Usage`], said.
    pub fn sound(&self, console: &mut Console<'_>) -> Result<(), Exit> {
        for phrase in &self.wrong {
            console.say(&format!("error: {phrase}"));
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(Exit::Usage) }
    }

    /// Takes a directory where none was named.
    pub fn fall_back(&mut self, directory: Outlet) {
        self.directory.get_or_insert(directory);
    }

    /// The directory, if there is one.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(Outlet::path)
    }

    /// Writes Markdown to standard output where nothing else is asked for.
    pub fn or_markdown(mut self) -> Self {
        if self.files.is_empty() && self.streams.is_empty() {
            self.streams.extend(self.forms.find("markdown"));
        }
        self
    }

    /// Puts a verdict into every place but standard output.
    ///
    /// # Errors
    /// [`Exit::Internal`], said: one of them could not be written. The others were.
    pub fn put(&self, verdict: &Verdict, extent: Extent, console: &mut Console<'_>) -> Result<(), Exit> {
        let mut failed = match &self.directory {
            Some(outlet) => pipeline::publish(verdict, &self.forms.set, outlet, extent).err().unwrap_or_default(),
            None => Vec::new(),
        };
        for (format, path) in &self.files {
            let put = Outlet::around(path).and_then(|(outlet, name)| match extent {
                Extent::Older if !outlet.holds(&name) => Ok(()),
                Extent::Lane | Extent::NoLane | Extent::Older => outlet.put(&name, &format.bytes(verdict)?),
            });
            failed.extend(put.err().map(|error| format!("cannot write `{}`: {error}", shown_path(path))));
        }
        for phrase in &failed {
            console.say(&format!("error: {phrase}"));
        }
        if failed.is_empty() { Ok(()) } else { Err(Exit::Internal) }
    }

    /// Puts a verdict in the place of older files of another directory, where there are any.
    ///
    /// # Errors
    /// [`Exit::Internal`], said: one of them could not be written.
    pub fn put_older(&self, verdict: &Verdict, outlet: &Outlet, console: &mut Console<'_>) -> Result<(), Exit> {
        pipeline::publish(verdict, &self.forms.set, outlet, Extent::Older).map_err(|phrases| {
            phrases.iter().for_each(|phrase| console.say(&format!("error: {phrase}")));
            Exit::Internal
        })
    }

    /// Writes a verdict to standard output, in each format that was asked for without a path.
    ///
    /// # Errors
    /// [`Exit::Internal`], said.
    pub fn hand_over(&self, verdict: &Verdict, console: &mut Console<'_>) -> Result<(), Exit> {
        let mut done = Ok(());
        for format in &self.streams {
            let mut bytes = Vec::new();
            let written = (format.write)(verdict, &mut bytes).map_err(|error| {
                console.say(&format!("error: cannot write `{}`: {error}", format.id));
                Exit::Internal
            });
            done = done.and(written.and_then(|()| console.hand_over(&bytes)));
        }
        done
    }
}

/// The name of a format, and the path behind it.
fn split(text: &OsStr) -> (String, Option<PathBuf>) {
    let bytes = text.as_encoded_bytes();
    let Some(end) = bytes.iter().position(|byte| *byte == b'=') else { return (text.to_string_lossy().into_owned(), None) };
    let name = String::from_utf8_lossy(&bytes[..end]).into_owned();
    #[cfg(unix)]
    let path = {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(OsStr::from_bytes(&bytes[end + 1..]))
    };
    #[cfg(not(unix))]
    let path = PathBuf::from(String::from_utf8_lossy(&bytes[end + 1..]).into_owned());
    (name, Some(path))
}
