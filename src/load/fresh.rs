//! Whether what a policy reads of a run, and of tests, is held to a commit or a day.
//!
//! In: a policy and its gates. Out: a problem where nothing is. A policy that says how a run states itself (`[run]`) and lets it state no commit
//! is then an error: it promises more than it keeps. Where nothing was promised it is a warning, which `lint --strict` refuses too: reports of some
//! tools state neither, and what lies in a directory that was made for the run is of no other. The policy of last resort judges whatever there is.

use super::{gates, policies};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{EvidenceNeed, Paths, Reading};
use crate::model::Base;

/// Looks at the policy as a whole: one dated document of a run dates the run.
pub(super) fn judge(policy: &policies::Draft, drafts: &[gates::Draft], problems: &mut Vec<Diagnostic>) {
    if policy.fallback || drafts.iter().any(|draft| draft.gate.is_none()) {
        return;
    }
    let gates = || drafts.iter().filter_map(|draft| draft.gate.as_ref());
    let needs: Vec<&EvidenceNeed> = gates().flat_map(|gate| &gate.evidence).collect();
    let of_run = |need: &&&EvidenceNeed| base(need) == Some(Base::Run);
    let states = policy.policy.run.as_ref().is_some_and(|run| !run.commit_optional);
    let run_is_bound = states || needs.iter().filter(of_run).any(|need| bound(need));
    let reads_run = needs.iter().any(|need| base(need) == Some(Base::Run));
    if reads_run && !run_is_bound {
        let headline = format!("nothing holds the run that policy `{}` reads to a commit or a day", policy.policy.id);
        let problem = match policy.policy.run {
            Some(_) => Diagnostic::error(Code::UNBOUND_RUN, headline),
            None => Diagnostic::warning(Code::UNBOUND_RUN, headline),
        };
        let help = "say `at` and `max_age` at evidence of the run, or `[run]` where it states its commit";
        problems.push(problem.label(policy.at.clone(), "a run of last year would pass").help(help));
    }
    if policy.policy.run.as_ref().is_some_and(|run| run.baseline_required)
        && !needs.iter().any(|need| base(need) == Some(Base::Baseline))
    {
        let headline = format!("policy `{}` requires a baseline, and no gate compares anything with one", policy.policy.id);
        let problem = Diagnostic::error(Code::VACUOUS, headline).label(policy.at.clone(), "nobody would miss it");
        problems.push(problem.help("give a gate evidence below `baseline:`, or remove `baseline_required`"));
    }
    // A gate that holds one of its documents to a day or a commit holds the log that the document names to it.
    let loose = gates().filter(|gate| !gate.evidence.iter().any(bound)).flat_map(|gate| &gate.evidence);
    let mut loose = loose.filter(|need| base(need) == Some(Base::Repo) && is_of_tests(need));
    let dated = needs.iter().any(|need| is_of_tests(need) && bound(need));
    if let Some(first) = loose.next().filter(|_| !dated) {
        let headline = format!("nothing holds the test reports of policy `{}` to a commit or a day", policy.policy.id);
        let help = format!("say `at` and `max_age`, or `bound`, at evidence such as `{}`", first.id);
        let problem = Diagnostic::warning(Code::UNBOUND_RUN, headline);
        problems.push(problem.label(policy.at.clone(), "reports of last year would pass").help(help));
    }
}

fn base(need: &EvidenceNeed) -> Option<Base> {
    match &need.paths {
        Paths::Declared { base, .. } => Some(*base),
        Paths::Referenced { .. } => None,
    }
}

fn bound(need: &EvidenceNeed) -> bool {
    need.max_age.is_some() || need.bound.commit.is_some()
}

/// Formats of test reports, and those that are recognised among other files.
fn is_of_tests(need: &EvidenceNeed) -> bool {
    match need.format.reading {
        Reading::Tests(_) | Reading::Sift(_) => true,
        Reading::Whole(_) | Reading::Stream(_) | Reading::Opaque | Reading::Names => false,
    }
}
