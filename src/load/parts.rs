//! The policy inside the configuration: the table `[policy]`, read as a policy file is. Gates inside it are read in `gates`.

use super::document::Parsed;
use super::files::{Definition, Files};
use super::policies::{self, Draft};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Lane, LaneId, LaneRule};
use crate::source::Span;

/// Reads the policy that the configuration holds under `[policy]`. Its lanes are settled with its gates.
pub(super) fn policy(files: &mut Files<'_>, definition: &Definition) -> Option<Draft> {
    let parsed = Parsed::part(definition, |mut table| match table.remove("policy")?.into_inner() {
        toml::de::DeValue::Table(policy) => Some(policy),
        _ => None,
    });
    let Some(parsed) = parsed else {
        let headline = "`policy` is no table";
        let at = Span::new(definition.source, 0..0);
        files.problems.push(Diagnostic::error(Code::WRONG_TYPE, headline).label(at, "write it under `[policy]`"));
        return None;
    };
    policies::read_from(files, definition, &parsed, (true, true))
}

/// Both lanes for a policy in the configuration that names none; without a blocking gate there is nothing to look at first.
pub(super) fn settle_lanes(draft: &mut Draft) {
    let rules = [("preflight", LaneRule::Preflight), ("full", LaneRule::Full)];
    let blocking = draft.policy.gates.iter().any(|terms| terms.blocking);
    let fitting = rules.into_iter().filter(|(_, rule)| blocking || *rule == LaneRule::Full);
    if draft.policy.lanes.is_empty() {
        for (name, rule) in fitting {
            draft.policy.lanes.push(Lane { id: LaneId::try_from(name).expect("an id"), rule, reproduce: None });
            draft.lanes_at.push(draft.at.clone());
        }
    }
}
