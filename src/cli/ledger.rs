//! `gatekeeper waivers` and `gatekeeper quarantine`: the ledger's exceptions are shown, added, renewed and removed.
//!
//! What a change would write is read again and judged as `lint` and the lifecycle checks judge it, before anything is written: an entry
//! that would not hold is refused, and so is one whose renewals git cannot count. Removing is always allowed.

mod args;
mod audit;
mod book;
mod diff;
pub mod edit;

pub use args::{Quarantine, Waivers};

use super::{Console, Exit, told};
use crate::diagnostic::{Severity, render};
use crate::gate::{EvidenceNeed, Paths, Suite, Use};
use crate::load;
use crate::model::{Base, Ledger, RelPath, Spans, Validity, redact};
use crate::report::sanitise;
use crate::workspace::Workspace;
use args::{AddQuarantine, AddWaiver, Change, Common, QuarantineAction, Remove, Renew, WaiverAction};
use book::{Books, Kind};
use edit::{Content, Edit, Field};

/// Runs `gatekeeper waivers`.
///
/// # Errors
/// The exit code of whatever kept it from its work, said.
pub fn waivers(args: &Waivers, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let kind = Kind::Waiver;
    match &args.action {
        WaiverAction::Audit(audit) => audit::run(kind, audit, console),
        WaiverAction::Add(add) => add_waiver(add, console),
        WaiverAction::Renew(given) => renew(kind, given, console),
        WaiverAction::Remove(given) => remove(kind, given, console),
    }
}

/// Runs `gatekeeper quarantine`.
///
/// # Errors
/// The exit code of whatever kept it from its work, said.
pub fn quarantine(args: &Quarantine, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let kind = Kind::Quarantine;
    match &args.action {
        QuarantineAction::Audit(audit) => audit::run(kind, audit, console),
        QuarantineAction::Add(add) => add_quarantine(add, console),
        QuarantineAction::Renew(given) => renew(kind, given, console),
        QuarantineAction::Remove(given) => remove(kind, given, console),
    }
}

/// A field by our name for it.
type Ours<'a> = (&'static str, Content, &'a str);

fn text<'a>(ours: &'static str, given: &'a str) -> Ours<'a> {
    (ours, Content::Text(given.to_owned()), given)
}

fn day<'a>(ours: &'static str, given: &'a str) -> Ours<'a> {
    (ours, Content::Day(given.to_owned()), given)
}

fn add_waiver(given: &AddWaiver, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let common = &given.common;
    let books = Books::open(Kind::Waiver, &common.change.shared, console)?;
    let created = given.created.clone().unwrap_or_else(|| books.today.to_string());
    let scope = given.scope.join(",");
    let fields = [
        text("owner", &common.owner),
        text("bead", &common.bead),
        text("reason", &common.reason),
        day("created", &created),
        day("expires", &common.expires),
        ("scope", Content::List(given.scope.clone()), scope.as_str()),
        text("exit_criterion", &common.exit_criterion),
    ];
    add(books, &given.gate, &fields, common, console)
}

fn add_quarantine(given: &AddQuarantine, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let common = &given.common;
    let books = Books::open(Kind::Quarantine, &common.change.shared, console)?;
    let since = given.since.clone().unwrap_or_else(|| books.today.to_string());
    let fields = [
        text("category", &given.category),
        text("kind", &given.kind),
        text("owner", &common.owner),
        text("bead", &common.bead),
        text("reason", &common.reason),
        day("since", &since),
        day("expires", &common.expires),
        text("evidence", &given.evidence),
        text("reproduce", &given.reproduce),
        text("exit_criterion", &common.exit_criterion),
    ];
    add(books, &given.test, &fields, common, console)
}

fn add(
    mut books: Books,
    name: &str,
    fields: &[Ours<'_>],
    common: &Common,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let fields = spelled(&books, name, fields, console)?;
    let position = match &common.ledger {
        None => 0,
        Some(file) => {
            let known: Vec<&str> = books.books.iter().map(|book| book.path.as_str()).collect();
            known.iter().position(|path| path == file).ok_or_else(|| {
                let help = crate::diagnostic::did_you_mean(file, known.iter().copied());
                console.say(&format!("error: the policy names no ledger `{}`; {help}", told::safe(file)));
                Exit::Usage
            })?
        }
    };
    let what = format!("{} `{}`", books.kind.section(), told::safe(name));
    if let Some(book) = books.holding(name) {
        let path = &books.books[book].path;
        return Err(refuse(&format!("`{path}` has the {what} already; renew it, or remove it first"), console));
    }
    if books.kind == Kind::Quarantine && !honoured(&books.suite, &books.books[position].path) {
        console.say(&format!(
            "warning: no gate of policy `{}` excuses tests by the entries of `{}`, so this one has no effect; a check such as \
             `tests-pass` does, with this file as its `ledger`",
            books.suite.policy.id, books.books[position].path
        ));
    }
    change(&mut books, position, name, &Edit::Add(fields), &common.change, console)
}

/// Whether a gate has a check that quarantine entries of this file make a difference to. Those that judge the entries themselves excuse
/// nothing.
fn honoured(suite: &Suite, file: &RelPath) -> bool {
    let names = |need: &EvidenceNeed| match &need.paths {
        Paths::Declared { base: Base::Repo, pattern, .. } => {
            pattern == file.as_str() || pattern.contains(['{', '*', '?', '['])
        }
        Paths::Declared { .. } | Paths::Referenced { .. } => false,
    };
    suite.gates.values().any(|gate| {
        let excusing = gate.checks.iter().filter(|check| !check.kind.id.ends_with("-lifecycle"));
        let read = excusing.flat_map(|check| check.check.reads()).filter(|(_, wanted)| *wanted == Use::Exceptions);
        read.filter_map(|(id, _)| gate.need(&id)).any(names)
    })
}

fn renew(kind: Kind, given: &Renew, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut books = Books::open(kind, &given.change.shared, console)?;
    // Why it was excused at first is not lost when it is excused again. A blank reason stays blank, and is refused as one.
    let before = books.holding(&given.name).and_then(|position| books.reason(position, &given.name));
    let reason = match before.filter(|before| !given.reason.trim().is_empty() && !given.reason.contains(before)) {
        Some(before) => format!("{} (before: {before})", given.reason.trim_end()),
        None => given.reason.clone(),
    };
    let fields = spelled(&books, &given.name, &[day("expires", &given.expires), text("reason", &reason)], console)?;
    let position = found(&books, &given.name, console)?;
    change(&mut books, position, &given.name, &Edit::Set(fields), &given.change, console)
}

fn remove(kind: Kind, given: &Remove, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut books = Books::open(kind, &given.change.shared, console)?;
    let position = found(&books, &given.name, console)?;
    change(&mut books, position, &given.name, &Edit::Remove, &given.change, console)
}

fn refuse(phrase: &str, console: &mut Console<'_>) -> Exit {
    console.say(&format!("refused: {phrase}; nothing was written"));
    Exit::Failed
}

/// The one ledger that holds an entry of this name.
fn found(books: &Books, name: &str, console: &mut Console<'_>) -> Result<usize, Exit> {
    books.holding(name).ok_or_else(|| {
        let names: Vec<&str> = books.names().collect();
        let help = crate::diagnostic::did_you_mean(name, names.iter().copied());
        let help = if names.is_empty() { "there is none at all".to_owned() } else { told::safe(&help) };
        let section = books.kind.section();
        refuse(&format!("no ledger has the {section} `{}` ({help})", told::safe(name)), console)
    })
}

/// The fields as the ledger spells them. What would deceive a reader, and what looks like a secret, is not written into a file that
/// everybody reads.
fn spelled(books: &Books, name: &str, fields: &[Ours<'_>], console: &mut Console<'_>) -> Result<Vec<Field>, Exit> {
    if name.trim().is_empty() {
        return Err(refuse("the name is blank", console));
    }
    for (ours, given) in std::iter::once(("name", name)).chain(fields.iter().map(|(ours, _, given)| (*ours, *given))) {
        if given.chars().any(sanitise::deceives) {
            return Err(refuse(&format!("`{ours}` holds a character that hides, moves or reorders text"), console));
        }
        if redact(given) != given {
            return Err(refuse(&format!("`{ours}` looks like a secret: {}", told::safe(given)), console));
        }
    }
    let spell = |(ours, content, _): &Ours<'_>| (books.suite.fields.spelled(ours).to_owned(), content.clone());
    Ok(fields.iter().map(spell).collect())
}

/// Edits one ledger, judges what comes of it, prints the difference, and writes.
fn change(
    books: &mut Books,
    position: usize,
    name: &str,
    edit: &Edit,
    args: &Change,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let (section, path) = (books.kind.section(), books.books[position].path.clone());
    let old = books.books[position].text.clone();
    let new = edit::edited(&old, section, name, edit)
        .map_err(|phrase| refuse(&format!("`{path}` cannot be edited: {}", told::safe(&phrase)), console))?;
    let after = match load::read_ledger(&new, &path, &books.suite.fields, &mut books.sources.sources) {
        Ok(after) => after,
        Err(problems) => {
            books.show(&problems, console);
            return Err(refuse(&format!("`{path}` would be no TOML any more; edit it by hand"), console));
        }
    };
    if !books.only(position, &after, name) {
        return Err(refuse(&format!("`{path}` cannot be edited without changing other entries; edit it by hand"), console));
    }
    match edit {
        Edit::Remove => {}
        Edit::Add(_) | Edit::Set(_) => would_hold(books, (position, name), (&new, &after), edit, console)?,
    }
    let difference = diff::unified(path.as_str(), &old, &new, told::safe_long);
    console.deliver(difference.as_bytes())?;
    if args.dry_run {
        console.note("nothing was written (`--dry-run`)");
        return Ok(Exit::Pass);
    }
    books.write(position, &new, console)?;
    console.note(&format!("wrote `{path}`; commit it, because renewals are counted in git history"));
    Ok(Exit::Pass)
}

/// Refuses an entry that would not hold once it was written.
fn would_hold(
    books: &mut Books,
    (position, name): (usize, &str),
    (text, after): (&str, &Ledger),
    edit: &Edit,
    console: &mut Console<'_>,
) -> Result<(), Exit> {
    let (section, path) = (books.kind.section(), books.books[position].path.clone());
    let state = books.state(Some((position, after)));
    let (validity, renewals) = books.standing(&state, position, name);
    let max = books.kind.renewals_max(&books.suite.policy.limits);
    if let Some(count) = renewals.filter(|count| *count > max) {
        let name = told::safe(name);
        let phrase =
            format!("this would be renewal {count} of the {section} `{name}`, and the policy allows {max}; mend its cause");
        return Err(refuse(&phrase, console));
    }
    let sources = &mut books.sources.sources;
    let mut problems = load::lint_entry(text, &path, (section, name), &books.suite, sources, (&state, position));
    problems.retain(|problem| problem.severity == Severity::Error);
    if !problems.is_empty() {
        books.show(&problems, console);
        return Err(refuse(&format!("the {section} `{}` would not hold", told::safe(name)), console));
    }
    let spans = (books.kind.spans(&books.books[position].ledger), books.kind.spans(after));
    let last = |spans: &Spans| spans.get(name).copied().flatten().map(|(_, last)| last);
    if let (Edit::Set(_), Some(before), Some(now)) = (edit, last(&spans.0), last(&spans.1))
        && now <= before
    {
        return Err(refuse(&format!("{now} is not later than its last day, {before}; that is no renewal"), console));
    }
    if let Some(phrase) = state.unknown.as_deref() {
        let phrase = told::safe(phrase);
        let phrase = format!("git cannot tell how often it was renewed ({phrase}), so it would not hold");
        return Err(refuse(&phrase, console));
    }
    if let Some(Validity::Unsound(why)) = validity
        && let Some(why) = why.first()
    {
        let why = told::safe(&why.to_string());
        return Err(refuse(&format!("the {section} `{}` would not hold: {why}", told::safe(name)), console));
    }
    Ok(())
}
