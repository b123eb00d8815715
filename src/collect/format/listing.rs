//! `listing`: the names of the files that a pattern matches; the files are not opened. The digest is that of the names.

use crate::gate::{Format, Reading};

/// The format.
pub(super) static LISTING: Format = Format {
    id: "listing",
    extensions: &[],
    about: "the names of the files that a pattern matches",
    docs: include_str!("listing.rs"),
    reading: Reading::Names,
};
