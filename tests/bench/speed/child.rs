//! Starts a program, and says how long it took and how much memory it held at most.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What one process took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    /// From start to end.
    pub seconds: f64,
    /// The largest resident set, in bytes; 0 where the system does not say.
    pub memory: u64,
}

impl Took {
    /// The lesser time, because noise only adds, and the larger memory.
    pub fn best(self, other: Self) -> Self {
        Self { seconds: self.seconds.min(other.seconds), memory: self.memory.max(other.memory) }
    }
}

/// Judges the run of a workload; its exit code must be the one that it is made for.
pub fn verify(directory: &Path, exit: i32) -> io::Result<Took> {
    let path = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| io::Error::other("a path of UTF-8"));
    let (root, run, out) = (path(directory)?, path(&directory.join("run"))?, path(&directory.join("out"))?);
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    command.args(["verify", &run, "--root", &root, "--out", &out, "--now", "2026-03-02T12:00:00Z"]);
    took(&mut command, exit)
}

/// Judges a directory of reports without any configuration.
pub fn verify_alone(directory: &Path, out: &Path) -> io::Result<Took> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
    took(command.arg("verify").arg(directory).arg("--policy").arg("test-results").arg("--out").arg(out), 0)
}

/// Runs a program of Python on a file.
pub fn python(program: &str, file: &Path) -> io::Result<Took> {
    took(Command::new("python3").arg("-c").arg(program).arg(file), 0)
}

/// Runs gatekeeper to a success.
pub fn gatekeeper(arguments: &[&str]) -> io::Result<Took> {
    took(Command::new(env!("CARGO_BIN_EXE_gatekeeper")).args(arguments), 0)
}

/// Runs a floor over a directory.
pub fn floor(name: &str, directory: &Path) -> io::Result<Took> {
    took(Command::new(std::env::current_exe()?).arg("floor").arg(name).arg(directory), 0)
}

fn took(command: &mut Command, exit: i32) -> io::Result<Took> {
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let (code, memory) = end(child)?;
    let seconds = start.elapsed().as_secs_f64();
    match code {
        Some(code) if code == exit => Ok(Took { seconds, memory }),
        code => Err(io::Error::other(format!("{command:?} ended with {code:?} instead of {exit}"))),
    }
}

/// Waits for the end of a child. Its memory is read while it ends: nothing safe tells it afterwards.
fn end(mut child: std::process::Child) -> io::Result<(Option<i32>, u64)> {
    let mut memory = 0;
    loop {
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", child.id())) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
            memory = kilobytes.map_or(memory, |kilobytes| kilobytes * 1024);
        }
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), memory));
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}
