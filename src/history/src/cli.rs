//! The command line: arguments, what is printed, exit codes.
//!
//! Exit codes: 0 done, 1 `verify-store` found something wrong or `replay` could not judge every run, 2 the command line is wrong, 3 what was given or what lies in the store is
//! damaged or foreign, 4 the store could not be read or written.

use crate::answer::{self, Form};
use crate::batch::Stamp;
use crate::compact;
use crate::engine::{Bounds, Engine};
use crate::fault::{Fault, Told};
use crate::look_back;
use crate::page;
use crate::part::Part;
use crate::question::{self, Question};
use crate::record::{self, Given, Outcome};
use crate::sheet;
use crate::store::Store;
use crate::tables::{TABLES, Table};
use crate::verify;
use crate::what_if;
use clap::{Args, Parser, Subcommand, ValueEnum};
use datafusion::scalar::ScalarValue;
use gatekeeper::report::sanitise;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Keeps the rows of gatekeeper's verdicts in Parquet files, and answers questions over them.
#[derive(Debug, Parser)]
#[command(name = "gatekeeper-history", version, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Puts verdicts, and the tests of their runs, into a store. One that is there already is left as it is.
    Record(Record),
    /// Merges the small files of each month.
    Compact(Compact),
    /// Holds every file of a store against what was written of it.
    VerifyStore(At),
    /// Answers a question; `queries` lists them.
    Query(Query),
    /// Answers a statement of SQL that only reads.
    Sql(Sql),
    /// Lists the questions, with their parameters.
    Queries,
    /// Writes a page of the store that needs no server and no network.
    Html(Html),
    /// Judges recorded runs, whose evidence was kept, under another policy, and tells which verdicts would change and why.
    Replay(what_if::Replay),
    /// Judges as `gatekeeper verify` does, with the questions that gates ask of earlier runs answered from a store.
    Verify(look_back::Verify),
    /// Prints the files of a table that count now, one a line, for other programs that read Parquet.
    Files(Files),
}

#[derive(Debug, Args)]
pub(crate) struct At {
    /// The store, a directory.
    #[arg(long, value_name = "DIR", env = "GATEKEEPER_HISTORY_STORE")]
    pub(crate) store: PathBuf,
}

#[derive(Debug, Args)]
struct Record {
    /// Verdicts (`full_suite_verdict.json`), or directories that hold one beside the reports of the run.
    #[arg(required = true, value_name = "VERDICT|RUN")]
    given: Vec<PathBuf>,
    #[command(flatten)]
    at: At,
    /// The run that was judged; its test reports become rows of `tests`. With one verdict only.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// The repository from which it was judged; paths of evidence begin there.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// Whose run it is.
    #[arg(long, value_name = "NAME", default_value = "default")]
    project: String,
    /// The branch that was judged.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Also keeps the evidence, by digest, so that `replay` can judge the run again: every file of the run, and those of the repository
    /// that the verdict names. What holds what looks like a secret is left out, and named.
    #[arg(long)]
    keep_evidence: bool,
}

#[derive(Debug, Args)]
struct Compact {
    #[command(flatten)]
    at: At,
    /// How old a file must be that nobody counts before it is taken away, in hours.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    sweep_after: u64,
}

#[derive(Debug, Args)]
struct Looked {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    part: Part,
    /// How the answer is written.
    #[arg(short = 'o', long, value_name = "FORM", default_value = "table")]
    output: Written,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Written {
    /// For people.
    Table,
    /// A list of objects.
    Json,
    /// With a line of names.
    Csv,
    /// A page of its own.
    Html,
}

#[derive(Debug, Args)]
struct Query {
    /// The question, by its name, or a file of your own, `FILE.sql`.
    name: String,
    #[command(flatten)]
    looked: Looked,
    /// Sets a parameter of the question. May be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(Debug, Args)]
struct Sql {
    /// The statement.
    statement: String,
    #[command(flatten)]
    looked: Looked,
}

#[derive(Debug, Args)]
struct Html {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    part: Part,
    /// Where `index.html` is written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where the page of a verdict lies: an address with `{verdict}`, `{run_id}`, `{commit}`, `{project}` or `{branch}` in it.
    #[arg(long, value_name = "ADDRESS")]
    link: Option<String>,
}

#[derive(Debug, Args)]
struct Files {
    /// The table.
    table: String,
    #[command(flatten)]
    at: At,
}

/// Runs the command line of this process.
pub fn run() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            drop(error.print());
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    match done(&cli.command) {
        Ok(exit) => exit,
        Err(fault) => {
            say(&format!("error: {fault}"));
            fault.exit()
        }
    }
}

/// Tells people something; what it quotes may come from anybody.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{}", sanitise::terminal(text)));
}

pub(crate) fn print(text: &str) -> Told<()> {
    let written = std::io::stdout().lock().write_all(text.as_bytes());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Fault::Internal(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn done(command: &Command) -> Told<u8> {
    match command {
        Command::Record(args) => recorded(args),
        Command::Compact(args) => compacted(args),
        Command::VerifyStore(at) => verified(at),
        Command::Query(args) => {
            let question = Question::find(&args.name)?;
            let set = args.set.iter().map(|own| {
                let (name, value) =
                    own.split_once('=').ok_or_else(|| Fault::Usage(format!("`--set {own}` is no `NAME=VALUE`")))?;
                Ok((name.to_owned(), value.to_owned()))
            });
            let values = question.values(&set.collect::<Told<Vec<_>>>()?)?;
            asked(&args.looked, &question.sql, &values, (&question.title, &question.answers))
        }
        Command::Sql(args) => asked(&args.looked, &args.statement, &[], ("Answer", &args.statement)),
        Command::Queries => {
            print(&question::listed()?)?;
            Ok(0)
        }
        Command::Html(args) => {
            let page = with_engine(&args.at, &args.part, &|engine| page::page(engine, args.link.as_deref()))?;
            print(&format!("wrote {}\n", page::write(&args.out, &page)?.display()))?;
            Ok(0)
        }
        Command::Replay(args) => what_if::run(args),
        Command::Verify(args) => look_back::run(args),
        Command::Files(args) => {
            let known = || TABLES.iter().map(|table| table.name).collect::<Vec<_>>().join(", ");
            let table = Table::named(&args.table)
                .ok_or_else(|| Fault::Usage(format!("there is no table `{}`; there are {}", args.table, known())))?;
            let store = Store::open(&args.at.store)?;
            let snapshot = store.snapshot()?;
            let own = snapshot.files().filter(|file| file.table == table.name);
            let lines = own.map(|file| format!("{}\n", store.root().join(&file.path).display()));
            print(&lines.collect::<String>())?;
            Ok(0)
        }
    }
}

pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn recorded(args: &Record) -> Told<u8> {
    if args.run.is_some() && args.given.len() > 1 {
        return Err(Fault::Usage("`--run` goes with one verdict: it is the run of that".to_owned()));
    }
    let store = Store::make(&args.at.store)?;
    let mut worst: Option<Fault> = None;
    for path in &args.given {
        let stamp = Stamp { project: args.project.clone(), branch: args.branch.clone() };
        let given = Given { path: path.clone(), run: args.run.clone(), root: args.root.clone(), stamp };
        let outcome = record::record(&store, &given);
        let recorded = outcome.is_ok();
        match outcome {
            Ok(Outcome::Added { verdict, rows, tests }) => {
                let of =
                    if tests == 0 { ", no tests".to_owned() } else { format!(", {} among them", count(tests, "test")) };
                print(&format!("recorded {}: {}{of}\n", &verdict[..12], count(rows, "row")))?;
            }
            Ok(Outcome::Known { verdict }) => print(&format!("known already {}\n", &verdict[..12]))?,
            Err(fault) => worst = Some(worse(worst, fault)),
        }
        if let (true, true, Err(fault)) = (recorded, args.keep_evidence, kept(&store, &given)) {
            worst = Some(worse(worst, fault));
        }
    }
    Ok(worst.map_or(0, |fault| fault.exit()))
}

/// Says a fault, and gives the worse of two.
fn worse(known: Option<Fault>, fault: Fault) -> Fault {
    say(&format!("error: {fault}"));
    known.filter(|known| known.exit() >= fault.exit()).unwrap_or(fault)
}

fn kept(store: &Store, given: &Given) -> Told<()> {
    let keeping = record::keep_evidence(store, given)?;
    for (path, because) in &keeping.left_out {
        say(&format!("note: `{path}` was left out: {because}; what reads it cannot be judged again"));
    }
    print(&format!("kept {} of evidence, {} new\n", count(keeping.files as u64, "file"), count(keeping.added, "byte")))
}

fn compacted(args: &Compact) -> Told<u8> {
    let store = Store::open(&args.at.store)?;
    let done = compact::compact(&store, Duration::from_secs(args.sweep_after * 3_600))?;
    let (months, before, after) = (done.partitions as u64, done.before as u64, done.after as u64);
    print(&format!("merged {} of {} into {}\n", count(before, "file"), count(months, "month"), count(after, "file")))?;
    if done.swept > 0 {
        print(&format!("took away {} that nobody counts\n", count(done.swept as u64, "file")))?;
    }
    Ok(0)
}

fn verified(at: &At) -> Told<u8> {
    let checked = verify::verify(&Store::open(&at.store)?)?;
    for fault in &checked.faults {
        say(&format!("error: {fault}"));
    }
    for left in &checked.left_over {
        say(&format!("note: `{left}` counts for nothing: its writer never came to an end, or it was merged"));
    }
    let (runs, files) = (count(checked.runs as u64, "run"), count(checked.files as u64, "file"));
    let sound = if checked.faults.is_empty() { "sound".to_owned() } else { count(checked.faults.len() as u64, "fault") };
    print(&format!("{sound}: {runs}, {files}, {}, {}\n", count(checked.rows, "row"), count(checked.bytes, "byte")))?;
    if checked.kept > 0 {
        let (kept, objects) = (count(checked.kept as u64, "run"), count(checked.objects as u64, "file"));
        print(&format!("evidence of {kept} is kept, {objects}\n"))?;
    }
    Ok(u8::from(!checked.faults.is_empty()))
}

/// Asks a store. Whoever merges takes files away that an answer still reads; then it is asked again.
pub(crate) fn with_engine<T>(at: &At, part: &Part, ask: &dyn Fn(&Engine) -> Told<T>) -> Told<T> {
    let store = Store::open(&at.store)?;
    let (scope, bounds) = (part.scope()?, Bounds { memory: part.memory << 20, ..Bounds::default() });
    for _ in 0..5 {
        let before = store.snapshot()?.last;
        let engine = Engine::open(&store, &scope, bounds)?;
        if engine.left_over > 0 {
            say(&format!("note: {} that nobody counts; `verify-store` names them", count(engine.left_over as u64, "file")));
        }
        let answer = ask(&engine);
        // A file that was taken away looks like one without rows: only an answer during which nothing was merged counts.
        if store.snapshot()?.last == before {
            return answer;
        }
    }
    Err(Fault::Internal("the store was merged again and again while it was asked; try again later".to_owned()))
}

/// Asks and prints. The title and a sentence are for a page.
fn asked(looked: &Looked, sql: &str, values: &[(String, ScalarValue)], (title, about): (&str, &str)) -> Told<u8> {
    let (schema, batches) = with_engine(&looked.at, &looked.part, &|engine| engine.ask(sql, values.to_vec()))?;
    let form = match looked.output {
        Written::Table => Form::Table,
        Written::Json => Form::Json,
        Written::Csv => Form::Csv,
        Written::Html => {
            print(&sheet::page(title, about, &[answer::sheet(&schema, &batches)?]))?;
            return Ok(0);
        }
    };
    print(&answer::text(&schema, &batches, form)?)?;
    Ok(0)
}
