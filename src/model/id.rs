//! Names of gates, evidence, lanes and packs, validated once so that nothing downstream has to.

use std::fmt;
use std::sync::Arc;

/// Why a name is not an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// What was given.
    pub given: String,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an id: use 1 to 96 of `a-z`, `0-9`, `_`, `-`, beginning with a letter or digit", self.given)
    }
}

fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    let head = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    head && text.len() <= 96 && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(InvalidId { given: text.to_owned() }) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A gate's id: the stem of its file, and the customer's spelling (`snake_case` or `kebab-case`).
    GateId,
    /// The name under which a gate's checks and expressions see one evidence need.
    EvidenceId,
    /// A lane's name: `preflight` or `full`.
    LaneId,
    /// A pack's or policy's name: the folder below `gates/`, the stem of the file in `policies/`.
    PackId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_lower_case_and_bounded() {
        for good in ["a", "suite_classification", "e2e-run", "9to5"] {
            assert!(GateId::try_from(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "_a", "-a", "a b", "ä", "a/b", &"a".repeat(97)] {
            assert!(GateId::try_from(bad).is_err(), "{bad}");
        }
    }
}
