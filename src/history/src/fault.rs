//! What went wrong, and the exit code that says of which kind it is.

use std::fmt;

/// Why a command did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The command line is wrong, or names what is not there. Exit code 2.
    Usage(String),
    /// What was given, or what lies in the store, is damaged or foreign. Exit code 3.
    Damaged(String),
    /// The store could not be read or written. Exit code 4.
    Internal(String),
}

/// What a function of this package returns.
pub type Told<T> = Result<T, Fault>;

impl Fault {
    /// The exit code.
    pub const fn exit(&self) -> u8 {
        match self {
            Fault::Usage(_) => 2,
            Fault::Damaged(_) => 3,
            Fault::Internal(_) => 4,
        }
    }

    /// The sentence.
    pub fn sentence(&self) -> &str {
        match self {
            Fault::Usage(text) | Fault::Damaged(text) | Fault::Internal(text) => text,
        }
    }

    /// Something about a file that the system refuses.
    pub fn io(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Fault::Internal(format!("cannot {what} `{}`: {error}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
