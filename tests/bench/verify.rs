//! How long a verdict takes: `gatekeeper verify` on the fixture repository, from start to end of the process.
//!
//! ```text
//! cargo bench --bench verify -- [OUT.json] [RUNS]
//! ```
//!
//! It writes what `hyperfine --export-json` would, so that a gate can judge it with the format `hyperfine`, and judges nothing itself.

#![expect(clippy::disallowed_methods, reason = "a benchmark starts the program that it measures, and writes what it saw")]

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The command of the README, without its output directory.
const ARGUMENTS: [&str; 6] = [
    "verify",
    "fixtures/repos/agent-cli/tests/e2e_results/20260302T101500Z",
    "--root",
    "fixtures/repos/agent-cli",
    "--now",
    "2026-03-02T12:00:00Z",
];

/// Runs before anything is measured: the first one reads the program and the fixtures from the disk.
const WARMUP: usize = 2;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let out = arguments.first().map_or("target/verify-bench.json", String::as_str);
    let runs: usize = arguments.get(1).map_or(Ok(20), |runs| runs.parse()).map_err(io::Error::other)?;
    let results = tempfile::tempdir()?;
    let (mut times, mut codes) = (Vec::new(), Vec::new());
    for run in 0..WARMUP + runs.max(1) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
        command.args(ARGUMENTS).arg("--out").arg(results.path()).current_dir(env!("CARGO_MANIFEST_DIR"));
        let start = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if run >= WARMUP {
            times.push(start.elapsed().as_secs_f64());
            codes.push(status.code());
        }
    }
    let mut sorted = times.clone();
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let report = serde_json::json!({"results": [{
        "command": format!("gatekeeper {}", ARGUMENTS[0]),
        "mean": mean,
        "median": median,
        "times": times,
        "exit_codes": codes,
    }]});
    std::fs::write(out, format!("{report:#}\n"))?;
    writeln!(io::stderr(), "verify: median {median:.3} s of {} runs, in {out}", sorted.len())
}
