//! A large file that is read by two threads at a time: most of the time of a reading goes into pages of memory, and those come to each by itself.
//!
//! In: an open file. Out: its bytes, in their order, as from any reader. What comes short in the first half of a piece ends the piece there.

use std::fs::File;
use std::io::{self, Read};

/// The smallest piece that is worth a second thread, and the largest that is read before anything else is asked, in bytes.
const LEAST: usize = 2 << 20;
const MOST: usize = 16 << 20;

/// Reads an open file from its beginning.
pub(super) struct Halves {
    file: File,
    at: u64,
}

impl Halves {
    pub(super) fn of(file: File) -> Self {
        Self { file, at: 0 }
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], from: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, from)
    }
}

#[cfg(unix)]
impl Read for Halves {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = if buffer.len() < LEAST {
            self.read_at(buffer, self.at)?
        } else {
            let half = buffer.len().min(MOST) / 2;
            let (first, second) = buffer.split_at_mut(half);
            let second = &mut second[..half];
            let behind = self.at + half as u64;
            let read = rayon::join(|| self.read_at(first, self.at), || self.read_at(second, behind));
            match read {
                (Ok(read), Ok(more)) if read == half => read + more,
                // What is behind a gap is read again.
                (read, _) => read?,
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(not(unix))]
impl Read for Halves {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a reader of files is tried on files")]

    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_file_whatever_is_asked_for_at_once() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("a");
        let mut looked_at = 0;
        for size in [0, 1, LEAST, LEAST + 1, 2 * LEAST + 12_345, MOST + LEAST + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
            std::fs::write(&path, &bytes).expect("written");
            for most in [LEAST - 1, LEAST, 5 * LEAST, size + 1] {
                let mut reader = Halves::of(File::open(&path).expect("opened"));
                let (mut read, mut buffer) = (Vec::new(), vec![0; most]);
                loop {
                    match reader.read(&mut buffer).expect("read") {
                        0 => break,
                        length => read.extend_from_slice(&buffer[..length]),
                    }
                }
                assert!(read == bytes, "{size} bytes, {most} at once");
                looked_at += 1;
            }
        }
        assert_eq!(looked_at, 24);
    }

    #[test]
    fn a_directory_is_an_error_and_no_end() {
        let home = tempfile::tempdir().expect("a directory");
        let mut reader = Halves::of(File::open(home.path()).expect("opened"));
        assert!(reader.read(&mut vec![0; LEAST]).is_err() && reader.read(&mut [0; 8]).is_err());
    }
}
