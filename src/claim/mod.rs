//! What may be claimed in public: tiers of claims, the evidence that each tier asks for, and texts that claim more.
//!
//! In: a claim contract, what is known of the evidence it names, and texts. Out: the highest tier that may be claimed, and every
//! place where a text says more. Both the check kind `claims-allowed` and `gatekeeper check-claims` ask here, so they cannot
//! disagree. Nothing here reads files.
//!
//! | part | does |
//! |---|---|
//! | `contract` | reads the tiers, or says what is wrong with them |
//! | `letter` | which characters are the same to a reader |
//! | `markup` | what of Markdown is not shown |
//! | `text` | finds phrases in Markdown, however they are set |
//! | `fence` | finds the parts of a text that only quote |
//! | `tier` | resolves evidence and says which tier may be claimed |
//! | `release` | the gates of a release verdict, as evidence for tiers |
//! | `refusal` | which phrases the highest tier refuses, and where a text has them |

mod contract;
mod fence;
mod letter;
mod markup;
mod refusal;
mod release;
mod text;
mod tier;

pub use contract::{Contract, Fault, Required, Source, Strict, Tier};
pub use fence::FenceFault;
pub use refusal::{Overclaim, Quoted, Said, check};
pub use release::{Release, Unusable, release};
pub use text::Phrase;
pub use tier::{Assessment, Missing, Proof, Proofs, TierStanding, assess};
