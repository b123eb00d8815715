//! Evidence to judge: what it looks like, how much of it there is, and the definitions that judge it.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// One kind of load.
pub struct Workload {
    pub name: &'static str,
    /// What one of them is, in the plural.
    pub what: &'static str,
    /// How many there are at full size.
    pub full: usize,
    /// Whether reading the evidence is what it is about.
    pub floored: bool,
    /// How `gatekeeper verify` ends.
    pub exit: i32,
    evidence: fn(&Path, usize) -> io::Result<()>,
    gates: fn(usize) -> Vec<(String, String)>,
}

/// Every workload, in the order of the table.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "one",
        what: "JSON file of 4 KB",
        full: 1,
        floored: false,
        exit: 0,
        evidence: |directory, count| results(directory, count, 36),
        gates: |_| vec![("sums".to_owned(), SUMS.to_owned())],
    },
    Workload {
        name: "large-one",
        what: "tests in one JSON file (60 MB)",
        full: 560_000,
        floored: true,
        exit: 0,
        evidence: |directory, tests| results(directory, 1, tests),
        gates: |_| vec![("sums".to_owned(), SUMS.to_owned())],
    },
    Workload {
        name: "small-json",
        what: "JSON files of 4 KB",
        full: 20_000,
        floored: true,
        exit: 0,
        evidence: |directory, count| results(directory, count, 36),
        gates: |_| vec![("sums".to_owned(), SUMS.to_owned())],
    },
    Workload {
        name: "large-json",
        what: "JSON files of 2 MB",
        full: 200,
        floored: true,
        exit: 0,
        evidence: |directory, count| results(directory, count, 18_700),
        gates: |_| vec![("sums".to_owned(), SUMS.to_owned())],
    },
    Workload {
        name: "jsonl",
        what: "MB of JSONL in one file",
        full: 1_000,
        floored: true,
        exit: 0,
        evidence: lines,
        gates: |_| vec![("records".to_owned(), RECORDS.to_owned())],
    },
    Workload {
        name: "junit",
        what: "tests in one JUnit report",
        full: 100_000,
        floored: true,
        exit: 0,
        evidence: junit,
        gates: |_| vec![("tests".to_owned(), TESTS.to_owned())],
    },
    Workload {
        name: "gates",
        what: "gates over 100 JSON files",
        full: 2_000,
        floored: false,
        exit: 0,
        evidence: |directory, _| results(directory, 100, 36),
        gates: |count| (0..count).map(|at| (format!("sum_{at:05}"), one_of(at % 100))).collect(),
    },
    Workload {
        name: "gaps",
        what: "damaged JSON files",
        full: 20_000,
        floored: false,
        exit: 3,
        evidence: damaged,
        gates: |_| vec![("sums".to_owned(), SUMS.to_owned())],
    },
];

impl Workload {
    /// Where the files to read lie.
    pub fn evidence(&self, directory: &Path) -> PathBuf {
        directory.join("run/evidence")
    }

    /// Writes repository, run and definitions, unless they are there.
    pub fn write(&self, directory: &Path, size: usize) -> io::Result<()> {
        let done = directory.join("written");
        if done.exists() {
            return Ok(());
        }
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(self.evidence(directory))?;
        fs::create_dir_all(directory.join("gates"))?;
        (self.evidence)(&self.evidence(directory), size)?;
        let mut policy = String::from(POLICY);
        for (id, body) in (self.gates)(size) {
            write!(policy, "\n[[gate]]\nid = \"{id}\"\nblocking = true\n").map_err(io::Error::other)?;
            fs::write(directory.join("gates").join(format!("{id}.toml")), format!("{}{body}", head(&id)))?;
        }
        fs::write(directory.join("policy.toml"), policy)?;
        fs::write(directory.join("gatekeeper.toml"), CONFIG)?;
        fs::write(done, "")
    }
}

const CONFIG: &str = "schema = \"gatekeeper.config/1\"\nextends = \"policy.toml\"\ngates = [\"gates/*.toml\"]\n";

const POLICY: &str =
    "schema = \"gatekeeper.policy/1\"\nid = \"policy\"\ntitle = \"Load\"\n\n[lane.full]\nrule = \"full\"\n";

fn head(id: &str) -> String {
    format!(
        "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"Load\"\nowner = \"perf\"\nbead = \"gk-speed\"\nwhy = \"To be measured.\"\n\
         reproduce = \"cargo bench --bench speed\"\nremediation = [\"Write the evidence anew.\"]\n\n"
    )
}

const SUMS: &str = "[evidence.results]\npath = \"run:evidence/*.json\"\npick = \"all\"\n\n[[check]]\nkind = \"each-holds\"\nin = \"results\"\n\
as = \"r\"\nthat = \"r.passed + r.failed == r.total && r.failed == 0\"\nexpect = \"sums add up\"\n";

const RECORDS: &str = "[evidence.events]\npath = \"run:evidence/*.jsonl\"\n\n[[check]]\nkind = \"each-holds\"\nin = \"events\"\nas = \"e\"\n\
that = \"e.level != 'error' && e.seq >= 0\"\nexpect = \"no error is logged\"\n";

const TESTS: &str = "[evidence.report]\npath = \"run:evidence/*.xml\"\nformat = \"junit\"\n\n[[check]]\nkind = \"tests-pass\"\nevidence = [\"report\"]\n\
expect = \"every test passes\"\n";

fn one_of(at: usize) -> String {
    format!(
        "[evidence.result]\npath = \"run:evidence/{at:05}.json\"\n\n[[check]]\nkind = \"holds\"\n\
         that = \"result.passed + result.failed == result.total\"\nexpect = \"sums add up\"\n"
    )
}

/// Documents as a runner writes them: counts, and a row for each test.
fn results(directory: &Path, count: usize, tests: usize) -> io::Result<()> {
    for at in 0..count {
        fs::write(directory.join(format!("{at:05}.json")), result(at, tests))?;
    }
    Ok(())
}

fn result(at: usize, tests: usize) -> String {
    let mut text = format!(
        "{{\"suite\": \"suite_{at:05}\", \"run_id\": \"20260302T101500Z\", \"exit_code\": 0, \"passed\": {tests}, \"failed\": 0, \
         \"ignored\": 0, \"total\": {tests}, \"tests\": [\n"
    );
    for test in 0..tests {
        let comma = if test + 1 < tests { "," } else { "" };
        let line = format!(
            "  {{\"name\": \"module_{}::case_{test:05}\", \"status\": \"passed\", \"duration_ms\": {}.{}, \"attempt\": 1, \"tags\": [\"unit\", \
             null]}}{comma}\n",
            test % 17,
            (test * 31 + at) % 900,
            test % 10
        );
        text.push_str(&line);
    }
    text.push_str("]}\n");
    text
}

/// Every file is cut off in the middle: as many gaps as files.
fn damaged(directory: &Path, count: usize) -> io::Result<()> {
    for at in 0..count {
        let text = result(at, 2);
        fs::write(directory.join(format!("{at:05}.json")), &text[..text.len() / 2])?;
    }
    Ok(())
}

fn lines(directory: &Path, megabytes: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(directory.join("events.jsonl"))?);
    let (mut written, mut seq) = (0, 0_u64);
    while written < megabytes * 1_000_000 {
        let line = format!(
            "{{\"ts\":\"2026-03-02T10:{:02}:{:02}Z\",\"seq\":{seq},\"level\":\"info\",\"target\":\"worker::{}\",\"span\":{{\"id\":{},\"parent\":null}},\
             \"message\":\"job {seq} took {} ms and left nothing behind that anyone would have to look at\",\"fields\":{{\"attempt\":1,\
             \"queue\":\"default\",\"bytes\":{},\"ok\":true,\"ratio\":0.{}}},\"host\":\"runner-{}\"}}\n",
            seq / 60 % 60,
            seq % 60,
            seq % 13,
            seq * 7,
            seq % 991,
            seq * 127 % 65_521,
            seq % 97,
            seq % 5
        );
        file.write_all(line.as_bytes())?;
        written += line.len();
        seq += 1;
    }
    file.flush()
}

/// A report as pytest writes it, in a directory of its own.
pub fn report(directory: &Path, tests: usize) -> io::Result<()> {
    let path = directory.join("junit.xml");
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    let part = directory.join("junit.part");
    let mut file = BufWriter::new(File::create(&part)?);
    writeln!(
        file,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites><testsuite name=\"pytest\" errors=\"0\" failures=\"0\" skipped=\"0\" \
         tests=\"{tests}\" time=\"61.5\" timestamp=\"2026-03-02T11:00:00.000000+00:00\" hostname=\"host\">"
    )?;
    for test in 0..tests {
        let (class, module, time) = (test / 10, test / 100, test * 7 % 1000);
        writeln!(
            file,
            "<testcase classname=\"tests.unit.test_module_{module}.TestClass{class}\" name=\"test_case_{test}_does_what_it_says\" time=\"0.{time:03}\" />"
        )?;
    }
    writeln!(file, "</testsuite></testsuites>")?;
    file.flush()?;
    drop(file);
    fs::rename(part, path)
}

fn junit(directory: &Path, tests: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(directory.join("junit.xml"))?);
    let suites = tests.div_ceil(100);
    writeln!(
        file,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{tests}\" failures=\"0\" errors=\"0\">"
    )?;
    for suite in 0..suites {
        let own = (tests - suite * 100).min(100);
        writeln!(file, "<testsuite name=\"suite_{suite:04}\" tests=\"{own}\" failures=\"0\" errors=\"0\" skipped=\"0\">")?;
        for test in 0..own {
            let time = (test * 7 % 100) as f64 / 100.0;
            writeln!(
                file,
                "<testcase classname=\"suite_{suite:04}.Cases\" name=\"case_{test:03} does what it says\" time=\"{time}\"/>"
            )?;
        }
        writeln!(file, "</testsuite>")?;
    }
    writeln!(file, "</testsuites>")?;
    file.flush()
}
