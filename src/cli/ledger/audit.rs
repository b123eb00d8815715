//! `audit`: every entry as it stands today, and what git history knows of those that were.

use super::super::{Console, Exit, told};
use super::args::Audit;
use super::book::{Books, Kind};
use crate::load;
use crate::model::{Age, Exception, ExceptionHistory, Exceptions, Problem, Validity};
use crate::report::wire::{document, v1::commands::exceptions as wire};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// One entry.
struct Row {
    name: String,
    ledger: String,
    /// `active`, `expiring`, `expired` or `invalid`.
    state: &'static str,
    /// Why it does not hold.
    problems: Vec<String>,
    owner: Option<String>,
    expires: Option<String>,
    days_left: Option<i64>,
    /// `None` where git cannot tell.
    renewals: Option<u32>,
}

/// An entry, if it can be read: owner, last day, whether it holds.
type Standing = Option<(String, chrono::NaiveDate, Validity)>;

/// Runs `audit`.
///
/// # Errors
/// The exit code of whatever kept it from looking, said.
pub fn run(kind: Kind, args: &Audit, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let printer = args.printing.printer(&["text", "json"], Some("text"), console)?;
    let given = args.expiring.as_deref().map(|text| {
        Age::parse(text).map_err(|phrase| {
            console.say(&format!("error: `--expiring {}` {phrase}", told::safe(text)));
            Exit::Usage
        })
    });
    let given = given.transpose()?;
    let mut books = Books::open(kind, &args.shared, console)?;
    let warn = u64::from(books.suite.policy.limits.waiver_warn_days);
    let within = given.map_or(warn, |age| age.as_seconds() / DAY);
    let rows = rows(&mut books, i64::try_from(within).unwrap_or(i64::MAX));
    let history = books.history().map_err(|(path, phrase)| format!("`{path}`: {phrase}"));
    let make = |form: &str| match form {
        "json" => document(&json(&books, &rows, &history, within)),
        _ => text(&books, &rows, &history, within),
    };
    printer.print(&make, console)?;
    Ok(if rows.iter().any(|row| row.state != "active") || !outside(&books).is_empty() {
        Exit::Failed
    } else if history.is_err() && !rows.is_empty() {
        Exit::Gap
    } else {
        Exit::Pass
    })
}

fn rows(books: &mut Books, within: i64) -> Vec<Row> {
    let state = books.state(None);
    let mut rows: Vec<Row> = Vec::new();
    for position in 0..books.books.len() {
        for (name, standing) in entries(books.kind, &state, position) {
            let row = row(books, (&state, position), name, standing, within, &rows);
            rows.push(row);
        }
    }
    rows
}

fn entries(kind: Kind, state: &Exceptions, position: usize) -> Vec<(String, Standing)> {
    fn of<T>(all: &[Exception<T>], position: usize, read: fn(&T) -> (&str, chrono::NaiveDate)) -> Vec<(String, Standing)> {
        let own = all.iter().filter(|held| held.file == position);
        let row = |held: &Exception<T>| {
            let fields = held.entry.read.as_ref().ok().map(read);
            let standing = fields.zip(held.validity.clone());
            (held.entry.name.clone(), standing.map(|((owner, last), validity)| (owner.to_owned(), last, validity)))
        };
        own.map(row).collect()
    }
    match kind {
        Kind::Waiver => of(&state.waivers, position, |waiver| (&waiver.owner, waiver.expires)),
        Kind::Quarantine => of(&state.quarantine, position, |entry| (&entry.owner, entry.expires)),
    }
}

fn row(
    books: &mut Books,
    (state, position): (&Exceptions, usize),
    name: String,
    standing: Standing,
    within: i64,
    above: &[Row],
) -> Row {
    let section = books.kind.section();
    let (path, source) = (books.books[position].path.clone(), books.books[position].text.clone());
    let days_left = standing.as_ref().map(|(_, last, _)| (*last - books.today).num_days());
    let mut word = match (&standing, days_left) {
        (None, _) => "invalid",
        (Some((_, _, Validity::Unsound(_))), _) => "invalid",
        (Some((_, _, Validity::Expired { .. })), _) => "expired",
        (Some((_, _, Validity::InForce { .. } | Validity::Expiring { .. })), Some(days)) if days <= within => "expiring",
        (Some((_, _, Validity::InForce { .. } | Validity::Expiring { .. })), _) => "active",
    };
    let problems =
        load::lint_entry(&source, &path, (section, &name), &books.suite, &mut books.sources.sources, (state, position));
    let errors = problems.iter().filter(|problem| problem.severity == super::Severity::Error);
    let mut problems: Vec<String> = errors.map(|problem| problem.headline.clone()).collect();
    let (_, renewals) = books.standing(state, position, &name);
    if let Some(damage) = &state.damage {
        problems.push(format!("no exception holds while {damage}"));
    }
    if let Some(first) = above.iter().find(|row| row.name == name) {
        problems.push(format!("`{}` has it too", first.ledger));
        word = "invalid";
    }
    if name.trim().is_empty() {
        problems.push("its name is blank".to_owned());
        word = "invalid";
    }
    let (owner, expires) = standing.map(|(owner, expires, _)| (owner, expires.to_string())).unzip();
    Row { name, ledger: path.to_string(), state: word, problems, owner, expires, days_left, renewals }
}

/// What is wrong outside the entries, but for the sections that are judged elsewhere; `lint` says more of it.
fn outside(books: &Books) -> Vec<(String, &Problem)> {
    let mut found = Vec::new();
    for book in &books.books {
        let others = ["suite", "waiver", "quarantine"].into_iter().filter(|section| *section != books.kind.section());
        let others: Vec<&str> = others.collect();
        let own = book.ledger.problems.iter().filter(|problem| {
            let section = problem.at.steps().next().unwrap_or_default();
            !others.contains(&section.as_str())
        });
        found.extend(own.map(|problem| (book.path.to_string(), problem)));
    }
    found
}

fn when(row: &Row) -> String {
    match (row.state, row.days_left) {
        ("expiring", Some(0)) => "expiring today".to_owned(),
        ("expiring", Some(days)) => format!("expiring in {days} d"),
        ("expired", Some(days)) => format!("expired {} d ago", -days),
        ("active", Some(days)) => format!("active, {days} d left"),
        (state, _) => state.to_owned(),
    }
}

fn text(books: &Books, rows: &[Row], history: &Result<ExceptionHistory, String>, within: u64) -> String {
    let (noun, several) = match books.kind {
        Kind::Waiver => ("waiver", "waivers"),
        Kind::Quarantine => ("quarantine entry", "quarantine entries"),
    };
    let holding = rows.iter().filter(|row| matches!(row.state, "active" | "expiring")).count();
    let mut out = format!(
        "{} {} on {}, of which {holding} in force; policy `{}`, expiring within {within} d\n",
        rows.len(),
        if rows.len() == 1 { noun } else { several },
        books.today,
        books.suite.policy.id
    );
    let max = books.kind.renewals_max(&books.suite.policy.limits);
    for row in rows {
        let owner = row.owner.as_deref().map_or_else(|| "unknown".to_owned(), told::safe);
        let renewed = row.renewals.map_or_else(|| "renewals unknown".to_owned(), |n| format!("renewed {n} of {max}"));
        let until = row.expires.as_deref().unwrap_or("unknown");
        out.push_str(&format!(
            "  {}: {}; owner {owner}; until {until}; {renewed}; in {}\n",
            told::safe(&row.name),
            when(row),
            told::safe(&row.ledger)
        ));
        row.problems.iter().for_each(|problem| out.push_str(&format!("    {}\n", told::safe(problem))));
    }
    for (ledger, problem) in outside(books) {
        let (actual, at) = (told::safe(&problem.actual), told::safe(&problem.at.to_string()));
        out.push_str(&format!("  {}{at}: expected {}, found {actual}\n", told::safe(&ledger), problem.expected));
    }
    match history {
        Err(phrase) => out.push_str(&format!("history: unknown ({})\n", told::safe(phrase))),
        Ok(history) => metrics(history, &mut out),
    }
    out.push_str("whether an entry is used shows only in a run: `gatekeeper verify` reports it\n");
    out
}

fn metrics(history: &ExceptionHistory, out: &mut String) {
    let commits = told::count(usize::try_from(history.commits).unwrap_or(usize::MAX), "commit");
    let mean = match history.mean_days_to_fix() {
        Some(days) => format!("mean time to fix {days:.1} d"),
        None => "no mean time to fix, because none was removed".to_owned(),
    };
    out.push_str(&format!(
        "history of {commits}: {} removed, {mean}, {}, {}\n",
        history.fixed.len(),
        told::count(history.escapes.len(), "escape"),
        told::count(history.violations.len(), "expiry violation")
    ));
    for escape in &history.escapes {
        let name = told::safe(&escape.name);
        out.push_str(&format!("  escape: {name}: ended {}, back on {}\n", escape.ended, escape.again));
    }
    for late in &history.violations {
        let commit: String = late.commit.chars().take(12).collect();
        out.push_str(&format!(
            "  violation: {}: stood past {} in {}, first {commit} on {}\n",
            told::safe(&late.name),
            late.expires,
            told::count(usize::try_from(late.commits).unwrap_or(usize::MAX), "commit"),
            late.day
        ));
    }
    if history.passed_over > 0 {
        out.push_str(&format!("  passed over: {} commits without a ledger that can be read\n", history.passed_over));
    }
}

fn json(books: &Books, rows: &[Row], history: &Result<ExceptionHistory, String>, within: u64) -> wire::Exceptions {
    let entry = |row: &Row| wire::Entry {
        name: row.name.clone(),
        ledger: row.ledger.clone(),
        state: row.state,
        problems: row.problems.clone(),
        owner: row.owner.clone(),
        expires: row.expires.clone(),
        days_left: row.days_left,
        renewals: row.renewals,
    };
    let problem = |(ledger, problem): (String, &Problem)| wire::Problem {
        ledger,
        at: problem.at.to_string(),
        expected: problem.expected.to_string(),
        actual: problem.actual.clone(),
    };
    wire::Exceptions {
        schema: wire::SCHEMA,
        section: books.kind.section(),
        policy: books.suite.policy.id.to_string(),
        today: books.today.to_string(),
        expiring_within_days: within,
        active: rows.iter().filter(|row| matches!(row.state, "active" | "expiring")).count(),
        entries: rows.iter().map(entry).collect(),
        problems: outside(books).into_iter().map(problem).collect(),
        history: history.as_ref().ok().map(past),
        history_unknown: history.as_ref().err().cloned(),
    }
}

fn past(history: &ExceptionHistory) -> wire::History {
    let removed = history.fixed.iter().map(|fix| wire::Removed {
        name: fix.name.clone(),
        created: fix.created.to_string(),
        removed: fix.removed.to_string(),
    });
    let escapes = history.escapes.iter().map(|back| wire::Escape {
        name: back.name.clone(),
        ended: back.ended.to_string(),
        again: back.again.to_string(),
    });
    let violations = history.violations.iter().map(|late| wire::Violation {
        name: late.name.clone(),
        expires: late.expires.to_string(),
        commit: late.commit.clone(),
        day: late.day.to_string(),
        commits: late.commits,
    });
    wire::History {
        commits: history.commits,
        passed_over: history.passed_over,
        removed: removed.collect(),
        mean_days_to_fix: history.mean_days_to_fix(),
        escapes: escapes.collect(),
        expiry_violations: violations.collect(),
    }
}
