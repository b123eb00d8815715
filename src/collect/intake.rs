//! One file to its artifacts, one for each format that it is wanted in: opened once, hashed once, and parsed from the same bytes.
//!
//! In: where it lies, its formats, and what takes its records. Out: artifacts, whose content is there or a gap. A file that
//! changes while it is read is a gap, so the digest in the verdict is always that of the bytes that were judged.
//!
//! A file that some format reads as a whole is read into memory, and hashed and parsed there at the same time. A file that only
//! streams are made of, and one that is larger than a whole file may be, passes by once for each format.

use super::budget::Budget;
use crate::gate::{Format, Input, Reading, StreamReader};
use crate::model::{Artifact, ArtifactPath, Base, Content, Digest, Gap, GapKind, Hasher, RelPath, Where};
use crate::workspace::{Denied, Opened, Workspace};
use rayon::prelude::*;
use std::io::{self, Read};

/// A format that a file is wanted in, and what takes its records if they come one by one.
pub(super) struct Wanted {
    pub(super) format: &'static Format,
    pub(super) stream: StreamReader,
}

/// Reads a file in some formats: as many artifacts, in their order. Total: whatever goes wrong is a gap in an artifact's content.
pub(super) fn read(
    workspace: &dyn Workspace,
    path: &ArtifactPath,
    mut wanted: Vec<Wanted>,
    budget: &Budget<'_>,
) -> Vec<Artifact> {
    let at = Where::file(&path.shown);
    let open = || workspace.open(path.base, &path.rel);
    let mut taken = Vec::new();
    while !wanted.is_empty() {
        let opened = open();
        let at_once = wanted.iter().any(|one| is_whole(one.format))
            && opened.as_ref().is_ok_and(|opened| opened.size <= budget.limits().file_max);
        // What cannot be had at once is opened for each.
        let later = if at_once { Vec::new() } else { wanted.split_off(1) };
        match opened {
            Ok(opened) if at_once => taken.extend(take_at_once(opened, &at, wanted, budget)),
            Ok(opened) => taken.extend(wanted.into_iter().next().map(|one| take(opened, &at, one, budget))),
            Err(denied) => taken.push((0, None, Err(refusal(denied, &path.shown)))),
        }
        wanted = later;
    }
    let artifact = |(size, digest, content)| Artifact { path: path.clone(), size, digest, content, committed: None };
    taken.into_iter().map(artifact).collect()
}

/// Reads a file in one format.
pub(super) fn read_one(workspace: &dyn Workspace, path: &ArtifactPath, wanted: Wanted, budget: &Budget<'_>) -> Artifact {
    read(workspace, path, vec![wanted], budget).pop().expect("an artifact for each format")
}

/// Whether a format reads all bytes at once.
fn is_whole(format: &Format) -> bool {
    matches!(format.reading, Reading::Whole(_) | Reading::Tests(_) | Reading::Sift(_))
}

/// Where a path below a base lies.
pub(super) fn place(workspace: &dyn Workspace, base: Base, rel: &RelPath) -> ArtifactPath {
    ArtifactPath { base, rel: rel.clone(), shown: workspace.shown(base, rel) }
}

/// Why a file or directory was not opened, as a gap.
pub(super) fn refusal(denied: Denied, shown: &str) -> Gap {
    let gap = |kind, actual: &str| Gap::new(kind, Where::file(shown), "a regular file", actual);
    match denied {
        Denied::Missing => gap(GapKind::Missing, "nothing").saying(format!("`{shown}` does not exist")),
        Denied::Irregular(phrase) | Denied::Refused(phrase) => {
            gap(GapKind::Unreadable, &phrase).saying(format!("`{shown}` cannot be read: {phrase}"))
        }
    }
}

/// Content that should have been a document.
pub(super) fn not_a_document(shown: &str) -> Gap {
    Gap::new(GapKind::Invalid, Where::file(shown), "a document", "something else")
}

type Taken = (u64, Option<Digest>, Result<Content, Gap>);

/// From this size on, in bytes, hashing beside parsing is worth a second thread.
const BESIDE: usize = 64 << 10;

/// Reads all bytes, then hashes them and makes of them whatever is wanted, side by side.
fn take_at_once(opened: Opened, at: &Where, wanted: Vec<Wanted>, budget: &Budget<'_>) -> Vec<Taken> {
    let Opened { size, reader } = opened;
    let none = |count: u64, gap: Gap| wanted.iter().map(|_| (count, None, Err(gap.clone()))).collect();
    if !budget.admits(size) {
        return none(0, spent(budget, at));
    }
    let mut metered = Metered::new(reader, size, budget, None);
    let bytes = whole(&mut metered, size);
    if !metered.ended {
        let _drained = io::copy(&mut metered, &mut io::sink());
    }
    let count = metered.count;
    let bytes = match (metered.error, bytes) {
        (Some(error), _) => return none(count, moved(at, error)),
        (None, Some(bytes)) if count == size => bytes,
        (None, _) => return none(count, moved(at, CHANGED.to_owned())),
    };
    let content = |Wanted { format, stream }: Wanted| match &format.reading {
        Reading::Whole(parse) => parse(&bytes, at),
        Reading::Tests(reader) => reader.content(&bytes, at),
        Reading::Sift(parse) => parse(&bytes, at).map(|content| content.unwrap_or(Content::Bytes)),
        Reading::Stream(parse) => {
            let mut metered = Metered::new(&*bytes, size, budget, None);
            let input = Input { bytes: &mut metered, size, at: at.clone(), limits: budget.limits() };
            let content = parse(input, stream);
            metered.error.map_or(content, |error| Err(moved(at, error)))
        }
        Reading::Opaque => Ok(Content::Bytes),
        Reading::Names => Err(named_by_itself(at)),
    };
    let contents = || match wanted.len() {
        1 => wanted.into_iter().map(content).collect::<Vec<_>>(),
        _several => wanted.into_par_iter().map(content).collect(),
    };
    let digest = || Digest::of(&bytes);
    let (digest, contents) = if bytes.len() < BESIDE { (digest(), contents()) } else { rayon::join(digest, contents) };
    if contents.iter().any(|content| content.as_ref().is_ok_and(is_held)) {
        budget.hold(size);
    }
    contents.into_iter().map(|content| (count, Some(digest), content)).collect()
}

/// Reads one format as the bytes pass by.
fn take(opened: Opened, at: &Where, Wanted { format, stream }: Wanted, budget: &Budget<'_>) -> Taken {
    let Opened { size, reader } = opened;
    let limits = budget.limits();
    let mut metered = Metered::new(reader, size, budget, Some(Hasher::default()));
    let over_limit = || {
        let expected = format!("at most {} bytes", limits.file_max);
        Gap::new(GapKind::OverLimit, at.clone(), expected, format!("{size} bytes"))
    };
    let content = match &format.reading {
        Reading::Whole(_) | Reading::Tests(_) => return (0, None, Err(over_limit())),
        _any if !budget.admits(size) => return (0, None, Err(spent(budget, at))),
        // What is not text is nothing that a format sifts out, however large it is; large text may be.
        Reading::Sift(_) if begins_as_binary(&mut metered) => Ok(Content::Bytes),
        Reading::Sift(_) => return (0, None, Err(over_limit())),
        Reading::Stream(parse) => parse(Input { bytes: &mut metered, size, at: at.clone(), limits }, stream),
        Reading::Opaque => Ok(Content::Bytes),
        Reading::Names => Err(named_by_itself(at)),
    };
    // What the format did not want is still hashed: the manifest names the bytes of damaged files too. An error is kept.
    let _drained = io::copy(&mut metered, &mut io::sink());
    let Metered { hasher, count, error, .. } = metered;
    if let Some(error) = error {
        return (count, None, Err(moved(at, error)));
    }
    if count != size {
        return (count, None, Err(moved(at, CHANGED.to_owned())));
    }
    if content.as_ref().is_ok_and(is_held) {
        budget.hold(size);
    }
    (count, hasher.map(Hasher::finish), content)
}

fn named_by_itself(at: &Where) -> Gap {
    let actual = "a file that was named by itself";
    Gap::new(GapKind::Invalid, at.clone(), "a pattern to list the names of", actual)
}

/// The gap of a file that could not be read to its end as it was.
fn moved(at: &Where, actual: String) -> Gap {
    Gap::new(GapKind::Unreadable, at.clone(), "a file that holds still", actual)
}

/// Whether content grows with its file and stays until the verdict.
fn is_held(content: &Content) -> bool {
    match content {
        Content::Document(_)
        | Content::Text(_)
        | Content::Tests(_)
        | Content::Measurements(_)
        | Content::Coverage(_)
        | Content::Rust(_) => true,
        Content::Records(records) => records.kept.is_some(),
        Content::Bytes | Content::Listing(_) => false,
    }
}

/// The gap of a file that was not read because too much was read before it.
pub(super) fn spent(budget: &Budget<'_>, at: &Where) -> Gap {
    let (expected, actual) = budget.passed().unwrap_or_default();
    Gap::new(GapKind::OverLimit, at.clone(), expected, actual)
}

/// All bytes, if there are as many as the file has. An error is kept by the meter and told by the caller.
fn whole(metered: &mut Metered<'_, impl Read>, size: u64) -> Option<Vec<u8>> {
    // With room for one more, the end of the file is seen.
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0).saturating_add(1)];
    let mut filled = 0;
    while filled < bytes.len() {
        match metered.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    bytes.truncate(filled);
    (metered.count == size).then_some(bytes)
}

/// Whether the first bytes are those of no text: a zero byte is among them.
fn begins_as_binary(metered: &mut Metered<'_, impl Read>) -> bool {
    let mut head = Vec::new();
    let read = metered.by_ref().take(8 << 10).read_to_end(&mut head);
    read.is_ok() && head.contains(&0)
}

/// What is told of a file that did not hold still.
const CHANGED: &str = "it changed while it was read";

/// Counts what passes, hashes it if asked to, and remembers the first error even if the reader above swallows it.
struct Metered<'b, R> {
    inner: io::Take<R>,
    budget: &'b Budget<'b>,
    hasher: Option<Hasher>,
    count: u64,
    /// Whether the end of the file was seen. The reader above took it for the end, so nothing may come behind it: it would be hashed
    /// and not judged.
    ended: bool,
    error: Option<String>,
}

impl<'b, R: Read> Metered<'b, R> {
    fn new(reader: R, size: u64, budget: &'b Budget<'b>, hasher: Option<Hasher>) -> Self {
        // One byte beyond the size is enough to see that the file has grown.
        let inner = reader.take(size.saturating_add(1));
        Metered { inner, budget, hasher, count: 0, ended: false, error: None }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.late() {
            self.error.get_or_insert_with(|| "there was no time left to read it".to_owned());
            return Err(io::Error::other("no time left"));
        }
        match self.inner.read(buffer) {
            Ok(read) => {
                if read > 0 && self.ended {
                    self.error.get_or_insert_with(|| CHANGED.to_owned());
                }
                self.ended |= read == 0 && !buffer.is_empty();
                if let Some(hasher) = &mut self.hasher {
                    hasher.update(&buffer[..read]);
                }
                self.count += read as u64;
                Ok(read)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.error.get_or_insert_with(|| error.to_string());
                }
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::FORMATS;
    use super::*;
    use crate::model::{Instant, Limits};
    use crate::workspace::Memory;

    struct Broken(u8);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => {
                    buffer[..2].copy_from_slice(b"1\n");
                    Ok(2)
                }
                _later => Err(io::Error::other("the disk is gone")),
            }
        }
    }

    /// A file that is empty for a moment: cut short, and written again behind the back of its reader.
    struct Stuttering(Vec<&'static [u8]>);

    impl Read for Stuttering {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(piece) = self.0.pop() else { return Ok(0) };
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn nothing_comes_behind_the_end() {
        let mut refused = 0;
        for id in ["json", "jsonl", "toml", "text", "lines", "bytes", "test-report", "test-output"] {
            for pieces in [vec![&b"2\n"[..], b"", b"1\n"], vec![b"1\n2\n", b""]] {
                let opened = Opened { size: 4, reader: Box::new(Stuttering(pieces)) };
                let (_, digest, content) = within(&Limits::default(), opened, id);
                assert_eq!(digest, None, "{id}");
                assert!(content.is_err_and(|gap| gap.kind == GapKind::Unreadable && gap.actual == CHANGED), "{id}");
                refused += 1;
            }
        }
        assert_eq!(refused, 16);
    }

    fn format(id: &str) -> &'static Format {
        FORMATS.iter().find(|format| format.id == id).expect("a format")
    }

    fn within(limits: &Limits, opened: Opened, id: &str) -> Taken {
        let workspace = Memory::at(Instant::UNIX_EPOCH);
        let (at, budget) = (Where::file("a"), Budget::new(&workspace, limits));
        let wanted = Wanted { format: format(id), stream: StreamReader::default() };
        if is_whole(wanted.format) && opened.size <= limits.file_max {
            return take_at_once(opened, &at, vec![wanted], &budget).remove(0);
        }
        take(opened, &at, wanted, &budget)
    }

    fn taken(id: &str, bytes: &'static [u8], size: u64) -> Taken {
        within(&Limits { file_max: 10, ..Limits::default() }, Opened { size, reader: Box::new(bytes) }, id)
    }

    #[test]
    fn digests_are_those_of_all_bytes() {
        let mut read = 0;
        for (id, bytes) in [("json", &b"{}"[..]), ("jsonl", b"1\n2"), ("toml", b"a = 1"), ("text", b""), ("bytes", b"\xff")]
        {
            let (size, digest, content) = taken(id, bytes, bytes.len() as u64);
            assert_eq!((size, digest), (bytes.len() as u64, Some(Digest::of(bytes))), "{id}");
            assert!(content.is_ok(), "{id}");
            read += 1;
        }
        assert_eq!(read, 5);
        // Damage in the first record does not keep the rest from being hashed.
        let (size, digest, content) = taken("jsonl", b"{\n2\n3\n", 6);
        assert_eq!((size, digest), (6, Some(Digest::of(b"{\n2\n3\n"))));
        assert_eq!(content.expect_err("damaged").kind, GapKind::Malformed);
    }

    #[test]
    fn files_that_change_are_unreadable() {
        let mut refused = 0;
        for id in ["json", "jsonl", "toml", "text", "bytes"] {
            for size in [1, 3] {
                let (_, digest, content) = taken(id, b"11", size);
                let gap = content.expect_err("changed");
                assert_eq!((gap.kind, gap.actual.as_str()), (GapKind::Unreadable, "it changed while it was read"), "{id}");
                assert_eq!(digest, None);
                refused += 1;
            }
            let opened = Opened { size: 9, reader: Box::new(Broken(0)) };
            let (_, _, content) = within(&Limits::default(), opened, id);
            assert!(content.is_err_and(|gap| gap.kind == GapKind::Unreadable && gap.actual.contains("gone")), "{id}");
        }
        assert_eq!(refused, 10);
    }

    #[test]
    fn whole_files_have_a_limit_and_are_not_read_beyond_it() {
        let (size, digest, content) = taken("json", b"[1,2,3,4,5,6]", 13);
        assert_eq!((size, digest), (0, None));
        assert_eq!(content.expect_err("too large").kind, GapKind::OverLimit);
        let (_, digest, content) = taken("bytes", b"[1,2,3,4,5,6]", 13);
        assert!(digest.is_some() && content.is_ok());
    }
}
