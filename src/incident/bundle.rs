//! Everything that is there of an incident in one file: a tar archive, compressed with zstd, that can be attached and checked.
//!
//! In: the incident and the places where its attachments lie. Out: bytes, the same for the same files. The archive holds `issue.md`, the
//! attachments that are there under `run/`, `verdict/` and `repository/`, and `manifest.json`: path, SHA-256 and size of every other file,
//! sorted by path. Files that look as if they held a secret are in it without the secret, and the manifest says so; what is no text and looks
//! so is left out, and so is what is too large. Owners, times and rights of the files do not come along.

use super::attachment::{Attachment, source};
use super::{Circumstances, Incident, Judged, Place, Told, body};
use crate::model::{Base, Digest, Limits, RelPath, SecretShapes};
use crate::report::sanitise::terminal;
use crate::workspace::Workspace;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// How many files it holds, the manifest included.
    pub files: usize,
    /// What is there and was left out, with the reason.
    pub left_out: Vec<String>,
}

/// One block of an archive, in bytes.
const BLOCK: usize = 512;

/// A file on its way into the archive.
struct File {
    bytes: Vec<u8>,
    redacted: bool,
}

/// Makes the bundle of an incident.
pub fn bundle(
    incident: &Incident,
    told: &Told,
    judged: &Judged,
    circumstances: &Circumstances,
    place: &Place<'_>,
    limits: &Limits,
) -> Bundle {
    let (mut files, mut left_out) = (BTreeMap::new(), Vec::new());
    let issue = format!("# {}\n\n{}", incident.title, body(incident, told, judged, circumstances));
    let issue = place.shapes.redact(&issue).into_owned();
    files.insert("issue.md".to_owned(), File { bytes: issue.into_bytes(), redacted: false });
    for row in incident.attachments.iter().filter(|row| row.found.is_some()) {
        // The name of a file can be a secret as its content can.
        let name = place.shapes.redact(&format!("{}/{}", row.home.word(), row.path)).into_owned();
        match read(row, place, limits) {
            Ok(file) => drop(files.insert(name, file)),
            Err(because) => left_out.push(format!("{name} {because}")),
        }
    }
    let manifest = File { bytes: manifest(&files).into_bytes(), redacted: false };
    files.insert("manifest.json".to_owned(), manifest);
    let mut archive = Vec::new();
    let mut count = 0;
    for (name, file) in &files {
        match header(name, file.bytes.len()) {
            Some(header) => {
                archive.extend_from_slice(&header);
                archive.extend_from_slice(&file.bytes);
                archive.resize(archive.len().next_multiple_of(BLOCK), 0);
                count += 1;
            }
            None => left_out.push(format!("{name} has a name too long for an archive")),
        }
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    Bundle { bytes: compress_to_vec(archive.as_slice(), CompressionLevel::Fastest), files: count, left_out }
}

/// A file without its secrets.
fn read(row: &Attachment, place: &Place<'_>, limits: &Limits) -> Result<File, String> {
    let (workspace, base, path): (&dyn Workspace, Base, RelPath) =
        source(row.home, &row.path, place).map_err(|because| format!("is out of reach: {because}"))?;
    let opened = workspace.open(base, &path).map_err(|_| "cannot be opened any more".to_owned())?;
    let mut bytes = Vec::new();
    let most = limits.file_max.saturating_add(1);
    opened.reader.take(most).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > limits.file_max {
        return Err(format!("has more than {} bytes", limits.file_max));
    }
    hidden(bytes, &place.shapes)
}

/// Bytes without their secrets.
fn hidden(bytes: Vec<u8>, shapes: &SecretShapes) -> Result<File, String> {
    // Between the zero bytes of UTF-16 nothing looks like a secret.
    let (wide, spaced) = (bytes.contains(&0), || bytes.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>());
    match std::str::from_utf8(&bytes) {
        Ok(text) if !wide => match shapes.redact(text) {
            Cow::Borrowed(_) => Ok(File { bytes, redacted: false }),
            Cow::Owned(hidden) => Ok(File { bytes: hidden.into_bytes(), redacted: true }),
        },
        Ok(_) | Err(_) if shapes.secrets(&String::from_utf8_lossy(&spaced())).is_empty() => {
            Ok(File { bytes, redacted: false })
        }
        Ok(_) | Err(_) => Err("is no text and looks as if it held a secret".to_owned()),
    }
}

/// The manifest, written by hand: there is nothing in it but names, digests and numbers.
fn manifest(files: &BTreeMap<String, File>) -> String {
    let row = |(name, file): (&String, &File)| {
        let digest = Digest::of(&file.bytes);
        let redacted = if file.redacted { ", \"redacted\": true" } else { "" };
        let name = terminal(name).replace('\\', "\\\\").replace('"', "\\\"");
        format!("    {{ \"path\": \"{name}\", \"sha256\": \"{digest}\", \"size\": {}{redacted} }}", file.bytes.len())
    };
    let rows: Vec<String> = files.iter().map(row).collect();
    format!("{{\n  \"schema\": \"gatekeeper.incident-bundle/1\",\n  \"files\": [\n{}\n  ]\n}}\n", rows.join(",\n"))
}

/// The header of a regular file in the POSIX `ustar` form; `None` if the name does not fit.
fn header(name: &str, size: usize) -> Option<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    let (prefix, name) = match name.len() {
        ..=100 => ("", name),
        _ => {
            // The name may be cut at a slash, 155 bytes before it and 100 behind it at most.
            let cut = name.match_indices('/').map(|(at, _)| at).find(|at| *at <= 155 && name.len() - at - 1 <= 100)?;
            (&name[..cut], &name[cut + 1..])
        }
    };
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    // The sum counts its own field as blanks.
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::super::attachment::Home;
    use super::*;

    #[test]
    fn headers_are_those_that_tar_reads() {
        let block = header("run/e2e.log", 0o1234).expect("a short name");
        assert_eq!(&block[..12], b"run/e2e.log\0");
        assert_eq!(&block[124..136], b"00000001234\0");
        assert_eq!(&block[257..265], b"ustar\x0000");
        let sum = std::str::from_utf8(&block[148..154]).map(|digits| u32::from_str_radix(digits, 8));
        let blank: u32 =
            block.iter().enumerate().map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) }).sum();
        assert_eq!(sum, Ok(Ok(blank)));
        let long = format!("run/{}/{}", "d".repeat(120), "f".repeat(90));
        let block = header(&long, 0).expect("it can be cut");
        assert_eq!((block[345], block[0]), (b'r', b'f'));
        assert!(header(&"f".repeat(101), 0).is_none() && header(&format!("{}/f", "d".repeat(200)), 0).is_none());
    }

    #[test]
    fn the_manifest_is_json_whatever_the_names_are() {
        let file = |redacted| File { bytes: b"x".to_vec(), redacted };
        let files =
            [("run/a\"b\\c\u{202e}".to_owned(), file(true)), ("issue.md".to_owned(), file(false))].into_iter().collect();
        let value: serde_json::Value = serde_json::from_str(&manifest(&files)).expect("JSON");
        assert_eq!(
            (value["files"][0]["path"].as_str(), value["files"][1]["redacted"].as_bool()),
            (Some("issue.md"), Some(true))
        );
    }

    #[test]
    fn homes_are_the_directories_of_the_archive() {
        assert_eq!([Home::Run, Home::Verdict, Home::Repository].map(Home::word), ["run", "verdict", "repository"]);
    }
}
