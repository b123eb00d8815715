//! `bytes`: any file, only hashed and measured, in constant memory.

use crate::gate::{Format, Reading};

/// The format.
pub(in crate::collect) static BYTES: Format = Format {
    id: "bytes",
    extensions: &[],
    about: "any file, only hashed and measured",
    docs: include_str!("bytes.rs"),
    reading: Reading::Opaque,
};
