//! How far a verdict is from what the machine can do: generated evidence, judged by `gatekeeper verify`, against a floor that only
//! reads, hashes and parses the same files on all cores, measured in the same run.
//!
//! ```text
//! cargo bench --bench speed -- [--full] [--rounds N] [--only NAME]
//! ```
//!
//! Without `--full` the workloads are a tenth of their size. The evidence stays in `target/speed`, so that a second run does not
//! write it again. `GATEKEEPER_MEASURE=1` with `--full` writes the table of docs/assurance.md.
//!
//! Two floors: *value* is what a reader that keeps the document pays with `serde_json::Value`, *syntax* is the least a safe parser can
//! do: it looks at every byte and keeps nothing (`IgnoredAny`). Both also read and hash (SHA-256) every byte. Each is a process of its
//! own, as gatekeeper is, and rounds alternate between them, so that a busy machine is busy for all.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes evidence, starts programs and measures them")]

#[path = "../../it/support/assurance.rs"]
#[expect(dead_code, reason = "tests hold tables; a benchmark only writes one")]
mod assurance;
mod child;
mod floor;
mod peers;
mod workload;

use assurance::Table;
use child::Took;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use workload::{WORKLOADS, Workload};

/// What was asked for on the command line.
struct Asked {
    full: bool,
    rounds: usize,
    only: Option<String>,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, floor, directory] = &arguments[..]
        && word == "floor"
    {
        return floor::run(floor, Path::new(directory));
    }
    let value = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    let rounds = value("--rounds").map_or(Ok(5), |text| text.parse()).map_err(io::Error::other)?;
    let asked =
        Asked { full: arguments.iter().any(|argument| argument == "--full"), rounds, only: value("--only").cloned() };
    let rows = run(&asked)?;
    let table = Table {
        title: "Speed".to_owned(),
        about: "`gatekeeper verify` on generated evidence, from start to end of the process, against a floor measured in the same run: \
                *value* reads, hashes and parses into `serde_json::Value` on all cores, *syntax* reads, hashes and parses without keeping \
                anything. Times are the least of all rounds, the growth is the time of all of them over that of a tenth of them (10 is linear), \
                memory is the largest resident set, of all of them and of a tenth."
            .to_owned(),
        by: "GATEKEEPER_MEASURE=1 cargo bench --bench speed -- --full".to_owned(),
        measured: None,
        columns: ["workload", "verify", "floor: value", "ratio", "floor: syntax", "ratio", "growth", "memory", "of a tenth"].map(str::to_owned).to_vec(),
        rows,
    };
    for row in &table.rows {
        writeln!(io::stdout(), "{}", row.join(" | "))?;
    }
    if asked.full && asked.only.is_none() {
        assurance::measured("speed", table);
    }
    if asked.only.as_ref().is_none_or(|only| only == "report") {
        reports(&asked)?;
    }
    Ok(())
}

/// Measures the judgement of a report without configuration, beside parsers for Python.
fn reports(asked: &Asked) -> io::Result<()> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/speed");
    let sizes: &[usize] = if asked.full { &[10_000, 100_000, 400_000] } else { &[10_000] };
    let rows = sizes.iter().map(|tests| peers::row(&home, *tests, asked.rounds)).collect::<io::Result<Vec<_>>>()?;
    let table = Table {
        title: "Speed of one report".to_owned(),
        about: "`gatekeeper verify DIR` on a directory with one JUnit report and no configuration, from start to end of the process: the report is \
                read, hashed, parsed, searched for secrets and judged by five gates. Beside it, in turns, Python builds the tree of the same file and \
                judges nothing. Times are the least of all rounds, memory is the largest resident set."
            .to_owned(),
        by: "GATEKEEPER_MEASURE=1 cargo bench --bench speed -- --full".to_owned(),
        measured: None,
        columns: peers::COLUMNS.map(str::to_owned).to_vec(),
        rows,
    };
    for row in &table.rows {
        writeln!(io::stdout(), "{}", row.join(" | "))?;
    }
    if asked.full {
        assurance::measured("report-speed", table);
    }
    Ok(())
}

/// Measures each workload that was asked for.
fn run(asked: &Asked) -> io::Result<Vec<Vec<String>>> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/speed");
    let mut rows = vec![start_up(asked.rounds)?];
    for workload in WORKLOADS.iter().filter(|workload| asked.only.as_ref().is_none_or(|only| only == workload.name)) {
        let size = if asked.full { workload.full } else { (workload.full / 10).max(1) };
        let [tenth, whole] = [(size / 10).max(1), size].map(|size| (size, home.join(format!("{}-{size}", workload.name))));
        for (size, directory) in [&tenth, &whole] {
            workload.write(directory, *size)?;
        }
        writeln!(io::stderr(), "{}: {size} in {}", workload.name, whole.1.display())?;
        rows.push(measure(workload, &tenth.1, &whole.1, size, asked.rounds)?);
    }
    Ok(rows)
}

fn start_up(rounds: usize) -> io::Result<Vec<String>> {
    let mut least: Option<Took> = None;
    for _ in 0..rounds.max(1) * 5 {
        let took = child::gatekeeper(&["--version"])?;
        least = Some(least.map_or(took, |least| least.best(took)));
    }
    let took = least.unwrap_or_default();
    let mut row = vec!["start and end of the process (`--version`)".to_owned(), format!("{:.1} ms", took.seconds * 1000.0)];
    row.extend(["", "", "", "", ""].map(str::to_owned));
    row.extend([megabytes(took.memory), String::new()]);
    Ok(row)
}

fn measure(workload: &Workload, tenth: &Path, directory: &Path, size: usize, rounds: usize) -> io::Result<Vec<String>> {
    let (mut less, mut verify, mut value, mut syntax) =
        (Took::default(), Took::default(), Took::default(), Took::default());
    // The first round reads the files into the page cache and is not counted.
    for round in 0..=rounds.max(1) {
        let evidence = workload.evidence(directory);
        let took = [
            child::verify(tenth, workload.exit)?,
            child::verify(directory, workload.exit)?,
            if workload.floored { child::floor("value", &evidence)? } else { Took::default() },
            if workload.floored { child::floor("syntax", &evidence)? } else { Took::default() },
        ];
        for (best, took) in [&mut less, &mut verify, &mut value, &mut syntax].into_iter().zip(took) {
            *best = if round <= 1 { took } else { best.best(took) };
        }
    }
    let ratio = |floor: Took| format!("{:.2}", verify.seconds / floor.seconds);
    let seconds = |took: Took| format!("{:.3} s", took.seconds);
    let floors =
        |floor: Took| if workload.floored { [seconds(floor), ratio(floor)] } else { [String::new(), String::new()] };
    let mut row = vec![format!("{size} {}", workload.what), seconds(verify)];
    row.extend(floors(value));
    row.extend(floors(syntax));
    row.extend(match size {
        1 => [String::new(), megabytes(verify.memory), String::new()],
        _ => [format!("{:.1}", verify.seconds / less.seconds), megabytes(verify.memory), megabytes(less.memory)],
    });
    Ok(row)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
