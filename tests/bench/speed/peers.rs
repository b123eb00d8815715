//! What others need to parse the same test reports: Python's ElementTree and lxml, which only build their trees and judge nothing.

use super::child::{self, Took};
use super::megabytes;
use super::workload;
use std::io;
use std::path::Path;

/// A parser of XML for Python, each in a process of its own.
const PEERS: [(&str, &str); 2] = [
    ("ElementTree", "import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])"),
    ("lxml", "import sys; from lxml import etree; etree.parse(sys.argv[1])"),
];

/// The columns of [`row`].
pub const COLUMNS: [&str; 7] = ["report", "`verify DIR`", "MB/s", "ElementTree", "lxml", "memory", "of the file's size"];

/// Judges a directory that holds one JUnit report without any configuration, beside the peers, in turns.
///
/// # Errors
/// What cannot be written or started. A peer that is not installed is no error; its cell says so.
pub fn row(home: &Path, tests: usize, rounds: usize) -> io::Result<Vec<String>> {
    let directory = home.join(format!("report-{tests}"));
    let report = directory.join("junit.xml");
    workload::report(&directory, tests)?;
    let size = std::fs::metadata(&report)?.len() as f64;
    let mut verify: Option<Took> = None;
    let mut peers: [Option<Took>; 2] = [None, None];
    // The first round reads the file into the page cache and is not counted.
    for round in 0..=rounds.max(1) {
        let took = child::verify_alone(&directory, &home.join("report-out"))?;
        verify = Some(verify.filter(|_| round > 1).map_or(took, |best| best.best(took)));
        for (best, (_, program)) in peers.iter_mut().zip(PEERS) {
            if let Ok(took) = child::python(program, &report) {
                *best = Some(best.filter(|_| round > 1).map_or(took, |best| best.best(took)));
            }
        }
    }
    let verify = verify.unwrap_or_default();
    let peer = |took: Option<Took>| took.map_or("not installed".to_owned(), |took| format!("{:.3} s", took.seconds));
    let [tree, lxml] = peers.map(peer);
    Ok(vec![
        format!("{tests} tests in {} of JUnit", megabytes(size as u64)),
        format!("{:.3} s", verify.seconds),
        format!("{:.0}", size / 1e6 / verify.seconds),
        tree,
        lxml,
        megabytes(verify.memory),
        format!("{:.1}", verify.memory as f64 / size),
    ])
}
