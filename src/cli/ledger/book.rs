//! The ledgers of the policy, opened: their texts, what is in them, and what git knows of them.

use super::super::{Console, Exit, place, told};
use super::args::Shared;
use super::{Workspace, load, render};
use crate::collect::{self, ExceptionsRead, LedgerPast, ledger_past};
use crate::diagnostic::Diagnostic;
use crate::gate::Suite;
use crate::load::{Loaded, Selection};
use crate::model::{
    Base, Entry, ExceptionHistory, Exceptions, Ledger, Limits, Past, RelPath, Spans, Validity, exception_history,
};
use crate::pipeline;
use crate::workspace::Disk;
use chrono::NaiveDate;

/// Which exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of gates.
    Waiver,
    /// Of tests.
    Quarantine,
}

impl Kind {
    /// The ledger's section.
    pub fn section(self) -> &'static str {
        match self {
            Kind::Waiver => "waiver",
            Kind::Quarantine => "quarantine",
        }
    }

    /// The names in a ledger with their first and last days.
    pub fn spans(self, ledger: &Ledger) -> Spans {
        match self {
            Kind::Waiver => ledger.waiver_spans(),
            Kind::Quarantine => ledger.quarantine_spans(),
        }
    }

    /// How often an entry may be renewed.
    pub fn renewals_max(self, limits: &Limits) -> u32 {
        match self {
            Kind::Waiver => limits.renewals_max,
            Kind::Quarantine => limits.extensions_max,
        }
    }
}

/// One ledger.
pub struct Book {
    /// Where it lies in the repository.
    pub path: RelPath,
    /// Its text.
    pub text: String,
    /// What is in it.
    pub ledger: Ledger,
    /// Its versions in git, oldest first, or why they cannot be told.
    pub past: Result<Vec<LedgerPast>, String>,
}

/// The ledgers of the policy.
pub struct Books {
    /// Which exceptions are asked for.
    pub kind: Kind,
    /// The policy, and how the ledger spells fields.
    pub suite: Suite,
    /// The files, for showing problems.
    pub sources: Loaded,
    /// The day of judgement, UTC.
    pub today: NaiveDate,
    /// The ledgers in the policy's order; at least one.
    pub books: Vec<Book>,
    /// The files and their history, as a verdict would see them.
    read: ExceptionsRead,
    workspace: Disk,
}

impl Books {
    /// Opens them.
    ///
    /// # Errors
    /// [`Exit::Usage`] for a policy without a ledger, [`Exit::Gap`] for a ledger that cannot be read; said.
    pub fn open(kind: Kind, args: &Shared, console: &mut Console<'_>) -> Result<Self, Exit> {
        let now = place::clock(args.now.as_deref(), console)?;
        let workspace = place::workspace(&args.definitions, None, None, now, console)?;
        let mut loaded = pipeline::load(&workspace, &Selection { policy: args.definitions.policy.clone() });
        place::say_problems(&loaded, false, console);
        let Some(suite) = loaded.suite.take() else {
            console.say("error: the definitions are not sound, so no ledger was looked at");
            return Err(Exit::Usage);
        };
        if suite.policy.ledger.is_empty() {
            console.say(&format!("error: the policy `{}` names no ledger (`ledger = [\"repo:...\"]`)", suite.policy.id));
            return Err(Exit::Usage);
        }
        let mut books = Vec::new();
        for (base, path) in &suite.policy.ledger {
            if *base != Base::Repo {
                console.say(&format!("error: the ledger `{path}` lies in runs, so it is not for hands to change"));
                return Err(Exit::Usage);
            }
            let text = load::ledger_text(&workspace, *base, path).map_err(|phrase| {
                console.say(&format!("error: the ledger `{path}` {}", told::safe(&phrase)));
                Exit::Gap
            })?;
            let ledger = load::read_ledger(&text, path, &suite.fields, &mut loaded.sources).map_err(|problems| {
                problems.iter().for_each(|problem| console.say(&render(problem, &loaded.sources, console.colour)));
                console.say(&format!("error: the ledger `{path}` cannot be read"));
                Exit::Gap
            })?;
            let own = |at: &crate::model::Pointer| at.steps().next().is_some_and(|step| step == kind.section());
            if let Some(problem) = ledger.problems.iter().find(|problem| own(&problem.at)) {
                console.say(&format!(
                    "error: the ledger `{path}` has {} for `{}`: expected {}",
                    told::safe(&problem.actual),
                    kind.section(),
                    problem.expected
                ));
                return Err(Exit::Gap);
            }
            let past = ledger_past(&workspace, path, &suite.fields, &suite.policy.limits);
            books.push(Book { path: path.clone(), text, ledger, past });
        }
        let today = workspace.now().date_naive();
        let read = collect::exceptions(&workspace, &suite);
        Ok(Self { kind, suite, sources: loaded, today, books, read, workspace })
    }

    /// Prints problems with their places.
    pub fn show(&self, problems: &[Diagnostic], console: &mut Console<'_>) {
        for problem in problems {
            console.say(&render(problem, &self.sources.sources, console.colour));
        }
    }

    /// The first ledger that has an entry of this name, readable or not.
    pub fn holding(&self, name: &str) -> Option<usize> {
        self.books.iter().position(|book| self.kind.spans(&book.ledger).contains_key(name))
    }

    /// Why the entry of this name is there, if it can be read.
    pub fn reason(&self, position: usize, name: &str) -> Option<&str> {
        fn of<'l, T>(entries: &'l [Entry<T>], name: &str, reason: impl Fn(&'l T) -> &'l str) -> Option<&'l str> {
            entries.iter().find(|entry| entry.name == name).and_then(|entry| entry.read.as_ref().ok()).map(reason)
        }
        let ledger = &self.books[position].ledger;
        match self.kind {
            Kind::Waiver => of(&ledger.waivers, name, |waiver| &waiver.reason),
            Kind::Quarantine => of(&ledger.quarantine, name, |entry| &entry.reason),
        }
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.books.iter().flat_map(|book| match self.kind {
            Kind::Waiver => book.ledger.waivers.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
            Kind::Quarantine => book.ledger.quarantine.iter().map(|entry| entry.name.as_str()).collect(),
        })
    }

    /// Whether a ledger after an edit is what it was but for the entry of this name.
    pub fn only(&self, position: usize, after: &Ledger, name: &str) -> bool {
        fn others<'l, T>(entries: &'l [Entry<T>], name: Option<&str>) -> Vec<&'l Entry<T>> {
            let mut others: Vec<&Entry<T>> = entries.iter().filter(|entry| Some(entry.name.as_str()) != name).collect();
            others.sort_by(|a, b| a.name.cmp(&b.name));
            others
        }
        let before = &self.books[position].ledger;
        let (waiver, test) = match self.kind {
            Kind::Waiver => (Some(name), None),
            Kind::Quarantine => (None, Some(name)),
        };
        before.suites == after.suites
            && before.problems == after.problems
            && others(&before.waivers, waiver) == others(&after.waivers, waiver)
            && others(&before.quarantine, test) == others(&after.quarantine, test)
    }

    /// The exceptions state: as the files are, or with another content of one of them.
    pub fn state(&self, instead: Option<(usize, &Ledger)>) -> Exceptions {
        let mut files = self.read.files.clone();
        if let Some((position, ledger)) = instead {
            files[position].read = Ok(ledger.clone());
        }
        // The entries decide of what history is counted.
        let past = match instead {
            Some(_) => collect::exceptions_past(&self.workspace, &self.suite, &files),
            None => self.read.past.clone(),
        };
        Exceptions::new(files, &past, self.today, &self.suite.policy)
    }

    /// How an entry of a file stands in a state: whether it holds, and how often it was renewed.
    pub fn standing(&self, state: &Exceptions, position: usize, name: &str) -> (Option<Validity>, Option<u32>) {
        fn of<T>(all: &[crate::model::Exception<T>], position: usize, name: &str) -> (Option<Validity>, Option<u32>) {
            let own = all.iter().find(|held| held.file == position && held.entry.name == name);
            own.map_or((None, None), |held| (held.validity.clone(), held.renewals))
        }
        match self.kind {
            Kind::Waiver => of(&state.waivers, position, name),
            Kind::Quarantine => of(&state.quarantine, position, name),
        }
    }

    /// What became of the entries of all ledgers.
    ///
    /// # Errors
    /// The ledger whose history cannot be told, and why.
    pub fn history(&self) -> Result<ExceptionHistory, (RelPath, String)> {
        let mut all = ExceptionHistory::default();
        for book in &self.books {
            let past = book.past.as_ref().map_err(|phrase| (book.path.clone(), phrase.clone()))?;
            let versions: Vec<Past> = past
                .iter()
                .map(|past| Past {
                    spans: past.ledger.as_ref().map(|ledger| self.kind.spans(ledger)),
                    commits: past.commits.iter().map(|(id, made)| (id.clone(), made.date_naive())).collect(),
                })
                .collect();
            let own = exception_history(&versions);
            all.fixed.extend(own.fixed);
            all.escapes.extend(own.escapes);
            all.violations.extend(own.violations);
            all.commits = all.commits.max(own.commits);
            all.passed_over += own.passed_over;
        }
        Ok(all)
    }

    /// Replaces a ledger in one step, unless somebody else has changed it meanwhile.
    ///
    /// # Errors
    /// [`Exit::Internal`], said.
    pub fn write(&self, position: usize, text: &str, console: &mut Console<'_>) -> Result<(), Exit> {
        let book = &self.books[position];
        let path = &book.path;
        if load::ledger_text(&self.workspace, Base::Repo, path).as_ref() != Ok(&book.text) {
            console.say(&format!("error: `{path}` was changed meanwhile; nothing was written, try again"));
            return Err(Exit::Internal);
        }
        if self.workspace.is_link(Base::Repo, path) {
            console.say(&format!(
                "error: the ledger `{path}` is a link, and writing would put a file in its place; nothing was written, let the policy name the file itself"
            ));
            return Err(Exit::Internal);
        }
        self.workspace.put(Base::Repo, path, text.as_bytes()).map_err(|error| {
            console.say(&format!("error: cannot write `{path}`: {error}"));
            Exit::Internal
        })
    }
}
