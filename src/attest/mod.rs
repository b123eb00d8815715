//! A verdict signed, and a signed verdict looked at again.
//!
//! In: the bytes of a verdict, of an envelope, of keys. Out: an in-toto Statement about the verdict in a signed DSSE envelope; or who
//! signed an envelope, what it says, and where two documents differ. Nothing here opens a file, knows the time or makes a key, and the
//! same bytes and key give the same signature: both algorithms sign without random numbers.
//!
//! | part | does |
//! |---|---|
//! | `key` | keys in PEM: which are taken, their id, signing and checking |
//! | `envelope` | DSSE: what exactly is signed, reading strictly, counting keys |
//! | `statement` | what is said of a verdict, as SVR or VSA |
//! | `compare` | two documents field by field, and their evidence |

mod compare;
mod envelope;
mod key;
mod statement;

pub use compare::{Difference, Evidence, differences, evidence, lacking};
pub use envelope::{ENVELOPE_MAX, Envelope, Signers, seal};
pub use key::{KEY_MAX, Private, Public};
pub use statement::{Kind, Maker, Stated, Verdict, statement, uri};
