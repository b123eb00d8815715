//! The kinds of what blocks, and what to do about each.

/// Why a completion audit does not hold. The order is that in which an operator should look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A command ended with another exit code than 0.
    FailedCommand,
    /// Two claims exclude each other, or a claim and what is there.
    Contradictory,
    /// A named file is not there, or may not be opened.
    MissingArtifact,
    /// A requirement rests on nothing that can be looked at.
    MissingEvidence,
    /// A requirement rests on words alone.
    ProxyOnly,
    /// A gap is open and nobody has it.
    UnresolvedGap,
    /// The work is not known to any remote.
    MissingPush,
}

impl Kind {
    /// Every kind, in their order.
    pub const ALL: [Kind; 7] = [
        Kind::FailedCommand,
        Kind::Contradictory,
        Kind::MissingArtifact,
        Kind::MissingEvidence,
        Kind::ProxyOnly,
        Kind::UnresolvedGap,
        Kind::MissingPush,
    ];

    /// The word in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::FailedCommand => "failed_command",
            Kind::Contradictory => "contradictory_evidence",
            Kind::MissingArtifact => "missing_artifact",
            Kind::MissingEvidence => "missing_evidence",
            Kind::ProxyOnly => "proxy_only_evidence",
            Kind::UnresolvedGap => "unresolved_gap",
            Kind::MissingPush => "missing_push",
        }
    }

    /// What to do.
    pub const fn next_action(self) -> &'static str {
        match self {
            Kind::FailedCommand => {
                "Mend what failed, run exactly this command again, and record that run with its transcript in its place."
            }
            Kind::Contradictory => {
                "Find out which of the two is true, mend the work or the claim, and make the audit again from the evidence."
            }
            Kind::MissingArtifact => {
                "Make the artifact, or name the path below the repository where it lies, and make the audit again."
            }
            Kind::MissingEvidence => {
                "Do what the requirement asks, and name what shows it: a command, an artifact, a commit or an item of the tracker."
            }
            Kind::ProxyOnly => {
                "Put direct evidence in the place of the words: a command with its exit code, an artifact, a commit or an item of the tracker."
            }
            Kind::UnresolvedGap => "Close the gap, or give it a bead that is open and owned.",
            Kind::MissingPush => "Push the commit, fetch, and make the audit again with the commit that the remote has.",
        }
    }
}
