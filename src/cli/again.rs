//! A judgement made again, as a verdict records it: the same policy, lane, mode and clock over the evidence at hand.
//!
//! What the verdict names is untrusted: its run is looked for below the repository only, its policy by name only.

use super::reverify::{Arguments, differ, mismatch};
use super::trusted::{self, Trusted};
use super::{Console, Exit, place, told};
use crate::attest::{self, Verdict};
use crate::gate::Suite;
use crate::load::Selection;
use crate::model::{Instant, Mode, Node, PackId, RelPath, Where, parse_instant, shown_path};
use crate::workspace::{Commit, Disk, Workspace, names_commit};
use crate::{collect, pipeline, report};
use std::path::PathBuf;

/// Most files that are named in a line.
const NAMED: usize = 12;

/// Judges again, compares, and looks whether it is as asked.
///
/// # Errors
/// The exit code of what does not hold, said.
pub fn judge(args: &Arguments, verdict: &Verdict, signed: bool, console: &mut Console<'_>) -> Result<(), Exit> {
    let demand = &args.demand;
    demand.lane(&verdict.judged.lane, console)?;
    let now = instant(verdict.text(None, "generated_at"), console)?;
    let mode = mode(verdict, console)?;
    let recomputed = once(args, verdict, Some(now), (mode, clock(verdict, now)), console)?;
    let bytes =
        report::FORMATS.iter().find(|format| format.id == "verdict").expect("the format is registered").bytes(&recomputed);
    let here =
        collect::json(&bytes.expect("memory takes it"), &Where::file("recomputed")).expect("a verdict is sound JSON");
    compare(args, verdict, here.root(), console)?;
    demand.met(&recomputed, console)?;
    demand.properties(verdict, console)?;
    if demand.made() && !signed && !demand.allows_any_clock() {
        console.say("clock: nobody signed the time of this verdict, so it is judged as of now, too");
        let today = once(args, verdict, None, (Mode::Strict, None), console)?;
        if let Some(phrase) = today.blockers().first().map(|gate| format!("now: `{}`: {}", gate.id, gate.detail)) {
            console.say(&told::safe(&phrase));
        }
        demand.met(&today, console)?;
    }
    Ok(())
}

/// One judgement by the definitions that the verdict records, as of its time, or as of now.
fn once(
    args: &Arguments,
    verdict: &Verdict,
    now: Option<Instant>,
    (mode, clock): (Mode, Option<(Instant, Instant)>),
    console: &mut Console<'_>,
) -> Result<crate::model::Verdict, Exit> {
    let workspace = workspace(args, verdict, now, console)?;
    let commit = commit(args, verdict, &workspace, console)?;
    let suite = suite(args, verdict, &workspace, commit.as_ref().map(|(_, commit)| commit), console)?;
    let named = Trusted { policy_ref: commit.as_ref().map(|(name, _)| name.clone()) };
    let pinned = trusted::pinned(&named, commit.as_ref().map(|(_, commit)| commit), &workspace, &suite, console)?;
    let policy_ref = pinned.as_ref().map(|(_, from)| from.clone());
    let judged: &dyn Workspace = pinned.as_ref().map_or(&workspace, |(pinned, _)| pinned);
    let request = pipeline::Request { lane: verdict.judged.lane.clone(), mode, clock, policy_ref };
    let terms = pipeline::terms(&suite, &request, workspace.now()).map_err(|phrase| {
        mismatch(&format!("nobody can judge as the verdict says it was: {}", told::safe(&phrase)), console)
    })?;
    Ok(pipeline::judge(&suite, judged, &terms, args.baseline.is_some()))
}

/// The commit that the verdict took its definitions from, with the name that it was given.
fn commit(
    args: &Arguments,
    verdict: &Verdict,
    workspace: &Disk,
    console: &mut Console<'_>,
) -> Result<Option<(String, Commit)>, Exit> {
    let from = verdict.document.root().get("policy").and_then(|policy| policy.get("from")).filter(|from| from.is_map());
    let text = |key| from.and_then(|from| from.get(key)).and_then(Node::text).unwrap_or_default();
    let (name, digits) = (text("ref"), text("commit"));
    let asked = args.demand.policy_ref.as_deref();
    if from.is_none() {
        return match asked {
            None => Ok(None),
            Some(_) => Err(mismatch("the verdict took its definitions from the work tree, and not from a commit", console)),
        };
    }
    if digits.len() != 40 || !names_commit(digits) {
        return Err(mismatch("the verdict's `policy.from` names no commit by 40 digits", console));
    }
    let commit = workspace.commit(digits).map_err(|phrase| {
        let digits = told::safe(digits);
        console.say(&format!("missing: the commit {digits}, which the definitions came from: {phrase}"));
        Exit::Gap
    })?;
    let phrase = match asked {
        Some(asked) => {
            let own = workspace.commit(asked).map_err(|phrase| {
                console.say(&format!("error: `--policy-ref {}`: {phrase}", told::safe(asked)));
                Exit::Usage
            })?;
            (own.id() != commit.id())
                .then(|| format!("the verdict took its definitions from {digits}, and not from {}", own.id()))
        }
        None if args.demand.made() && text("ledger") == "commit" => Some(format!(
            "the verdict took its exceptions from the commit {digits}; `--policy-ref` says that it is one to trust"
        )),
        None => None,
    };
    match phrase {
        Some(phrase) => Err(mismatch(&phrase, console)),
        None => Ok(Some((name.to_owned(), commit))),
    }
}

fn compare(args: &Arguments, verdict: &Verdict, here: Node<'_>, console: &mut Console<'_>) -> Result<(), Exit> {
    let recorded = verdict.document.root();
    let text = |node: Node<'_>, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let (then, head) = (text(recorded, "commit"), text(here, "commit"));
    if then != head {
        let told = |commit: Option<String>| commit.as_deref().map_or_else(|| "none".to_owned(), told::safe);
        return Err(mismatch(&format!("the verdict is of commit {}, and here is {}", told(then), told(head)), console));
    }
    let evidence = attest::evidence(recorded, here);
    for (word, paths) in [("changed", &evidence.changed), ("added", &evidence.added), ("missing", &evidence.missing)] {
        for path in paths.iter().take(NAMED) {
            console.say(&format!("{word}: {}", told::safe(path)));
        }
        if paths.len() > NAMED {
            console.say(&format!("{word}: and {} more", paths.len() - NAMED));
        }
    }
    if !evidence.changed.is_empty() || !evidence.added.is_empty() {
        return Err(mismatch("the evidence is not what was judged", console));
    }
    if !evidence.missing.is_empty() {
        console.say(&format!(
            "missing: {} of the verdict cannot be looked at again",
            told::count(evidence.missing.len(), "file")
        ));
        return Err(Exit::Gap);
    }
    let mut found = attest::differences(recorded, here);
    // The way to a run outside of the repository is the operator's own; that of one inside is known as it was.
    let own = |at: &str| at == "/tool/version" || (at == "/run/path" && args.run.is_some());
    found.retain(|one| !own(one.at.as_str()));
    if !found.is_empty() {
        let what = "the evidence at hand gives another verdict than the one recorded";
        return Err(differ(what, &found, ("recorded", "recomputed"), console));
    }
    if evidence.same == 0 {
        console.say("missing: the verdict lists no evidence with a digest, so there is nothing that could hold");
        return Err(Exit::Gap);
    }
    let version = verdict.text(Some("tool"), "version").unwrap_or_default();
    if version != env!("CARGO_PKG_VERSION") {
        console.say(&format!(
            "note: judged by gatekeeper {}, looked at by {}",
            told::safe(version),
            env!("CARGO_PKG_VERSION")
        ));
    }
    console.note(&format!("evidence: {} as judged", told::count(evidence.same, "file")));
    console.note(&format!("commit: {}", head.as_deref().unwrap_or("none")));
    console.note("recomputed: the same verdict, field by field");
    Ok(())
}

fn instant(text: Option<&str>, console: &mut Console<'_>) -> Result<Instant, Exit> {
    let text = text.unwrap_or_default();
    parse_instant(text).map_err(|phrase| mismatch(&format!("the verdict's clock `{}` {phrase}", told::safe(text)), console))
}

/// The mode that the verdict records.
fn mode(verdict: &Verdict, console: &mut Console<'_>) -> Result<Mode, Exit> {
    match (verdict.text(None, "mode"), &verdict.judged.rollback) {
        (Some("strict"), None) => Ok(Mode::Strict),
        (Some("rollback"), Some((rationale, until))) => {
            Ok(Mode::Rollback { rationale: rationale.clone(), until: instant(Some(until), console)? })
        }
        (_, Some(_) | None) => Err(mismatch("the verdict's mode and its rollback contradict each other", console)),
    }
}

/// The clock as it was asked for. Whether it lay in the past then is known to the verdict alone, and all that it says is compared.
fn clock(verdict: &Verdict, now: Instant) -> Option<(Instant, Instant)> {
    let rows = verdict.document.root().get("weakened_by").into_iter().flat_map(Node::items);
    let mut clocks = rows.filter(|row| row.get("switch").and_then(Node::text) == Some("clock"));
    let detail = clocks.next()?.get("detail").and_then(Node::text).unwrap_or_default();
    let past = !detail.ends_with("not in the past");
    Some((now, if past { now + crate::model::Age::seconds(1).duration() } else { now }))
}

/// The repository with the run that is named by the operator, else by the verdict.
fn workspace(args: &Arguments, verdict: &Verdict, now: Option<Instant>, console: &mut Console<'_>) -> Result<Disk, Exit> {
    let root = place::root(args.definitions.root.as_deref()).map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    let shards = verdict.document.root().get("run").and_then(|run| run.get("shards")).into_iter().flat_map(Node::items);
    let shards: Vec<&str> = shards.filter_map(Node::text).collect();
    let mut find = |named: &str| {
        place::below(&root, named).ok_or_else(|| {
            let named = told::safe(named);
            console.say(&format!("missing: the run `{named}` is not below `{}`; name it with `--run`", shown_path(&root)));
            Exit::Gap
        })
    };
    let parts: Vec<PathBuf> = shards.iter().map(|shard| find(shard)).collect::<Result<_, Exit>>()?;
    let run = match (&args.run, &verdict.judged.run) {
        (Some(run), _) if !run.is_dir() => {
            console.say(&format!("missing: there is no run at `{}`", shown_path(run)));
            return Err(Exit::Gap);
        }
        (Some(run), _) => Some(run.clone()),
        (None, Some(named)) if parts.is_empty() => Some(find(named)?),
        (None, Some(_) | None) => None,
    };
    if run.is_some() && !parts.is_empty() {
        console.say("error: the verdict is of a run in shards, which must lie where they lay; `--run` names one directory");
        return Err(Exit::Usage);
    }
    let opened = Disk::new(&root, run.as_deref(), args.baseline.as_deref(), now);
    let opened = opened.and_then(|disk| if parts.is_empty() { Ok(disk) } else { disk.with_shards(&parts) });
    let opened = opened.map_err(|phrase| {
        console.say(&format!("error: {phrase}"));
        Exit::Usage
    })?;
    let known = verdict.judged.run.as_deref().and_then(|named| RelPath::parse(named).ok()).filter(|_| args.run.is_some());
    let opened = match known {
        Some(path) => opened.with_run_known_as(&path),
        None => opened,
    };
    place::with_history(opened, &args.history, console)
}

/// The definitions with the digest that the verdict records. What it says of its policy is believed only where nothing is asked of it.
fn suite(
    args: &Arguments,
    verdict: &Verdict,
    workspace: &Disk,
    commit: Option<&Commit>,
    console: &mut Console<'_>,
) -> Result<Suite, Exit> {
    let recorded = verdict.text(Some("policy"), "sha256").unwrap_or_default();
    let given = args.definitions.policy.clone();
    let demanded = args.demand.made();
    let candidates = match &given {
        None if !demanded => vec![None, PackId::try_from(&*verdict.judged.policy).ok().map(|id| id.as_str().to_owned())],
        Some(_) | None => vec![given.clone()],
    };
    let mut first = None;
    for policy in candidates {
        let loaded = pipeline::load(trusted::definitions(workspace, commit), &Selection { policy });
        match &loaded.suite {
            Some(_) if demanded && loaded.last_resort => {
                let phrase = "no policy is configured here or detected; `--policy` says which one counts";
                return Err(mismatch(phrase, console));
            }
            Some(suite) if suite.policy.digest.to_string() == recorded => {
                console.note(&format!("policy: {} with the recorded digest", suite.policy.id));
                if demanded && commit.is_some() && args.demand.policy_ref.is_none() {
                    of_the_work_tree(&Selection { policy: given }, recorded, workspace, console)?;
                }
                return place::sound(loaded, console);
            }
            Some(_) | None => first = first.or(Some(loaded)),
        }
    }
    let suite = place::sound(first.expect("one policy was tried"), console)?;
    let (id, digest) = (&suite.policy.id, suite.policy.digest);
    let was = told::safe(&verdict.judged.policy);
    console.say(&format!("policy: the verdict is of `{was}` ({}), and here is `{id}` ({digest})", told::safe(recorded)));
    Err(mismatch("the definitions are not those of the verdict; `--policy` and `--root` say where they are", console))
}

/// Whether the work tree has the definitions that a verdict took from a commit of its own choice.
fn of_the_work_tree(
    selection: &Selection,
    recorded: &str,
    workspace: &Disk,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let suite = pipeline::load(workspace, selection).suite;
    match suite.filter(|suite| suite.policy.digest.to_string() == recorded) {
        Some(_) => Ok(()),
        None => {
            let phrase = "the definitions of the work tree are others than those of the commit that the verdict names; \
                          `--policy-ref` says that it is one to trust";
            Err(mismatch(phrase, console))
        }
    }
}
