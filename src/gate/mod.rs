//! What a gate is: evidence needs and checks with an owner, a reproduce command and a remediation; and the contracts of the
//! plug-ins that make it up, check kinds and evidence formats.

mod check;
mod collected;
mod kind;
mod need;
mod place;
mod reproduce;
mod suite;

pub use check::{Admitted, Check, Context, Declared, Doc, Fold, Refused, Use};
pub use collected::{Collected, Shard};
pub use kind::{
    CheckKind, Format, Input, Marks, ParseShape, Reading, Registry, Shape, StreamReader, TestReader, Violation,
    digest_of_names,
};
pub use need::{Bound, Duplicates, EvidenceNeed, Paths, Pick, Query};
pub use place::{Found, Place, Step};
pub use reproduce::{Command, Facts, Reproduce, Steps};
pub use suite::{DefinedCheck, Gate, Shards, Suite};
