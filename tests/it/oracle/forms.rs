//! The same report in another form says the same: other line ends, a byte order mark, UTF-16, the stamps of a host of CI in front of each line.

use super::order::{moved_to, verdict, write};
use super::{cases, totals};
use rayon::prelude::*;
use std::fs;

/// Stamps of hosts, as they stand in front of each line of a log.
const STAMPS: [&str; 4] = [
    "2026-03-01T10:00:00.1234567Z ",
    "2026-03-01T10:00:00.123456Z 00O ",
    "[2026-03-01T10:00:00.123Z] ",
    "test (ubuntu)\tRun tests\t2026-03-01T10:00:00.1234567Z ",
];

/// A report in other forms, each with its name.
fn forms(file: &str, text: &str, turn: usize) -> Vec<(&'static str, Vec<u8>)> {
    let crlf = || text.replace("\r\n", "\n").replace('\n', "\r\n");
    let utf_16 = |text: &str| {
        text.encode_utf16().fold(vec![0xff, 0xfe], |bytes, unit| [bytes, unit.to_le_bytes().to_vec()].concat())
    };
    let marked = || [b"\xef\xbb\xbf", text.as_bytes()].concat();
    if file.ends_with(".xml") || file.ends_with(".trx") {
        let body =
            text.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(text, |(_, body)| body);
        let short = (body.len() < 20_000).then(|| ("utf-16", utf_16(body)));
        return [("crlf", crlf().into_bytes()), ("mark", marked())].into_iter().chain(short).collect();
    }
    if file.ends_with(".json") {
        return vec![("crlf", crlf().into_bytes()), ("mark", marked())];
    }
    let stamped =
        text.split_inclusive('\n').map(|line| format!("{}{line}", STAMPS[turn % STAMPS.len()])).collect::<String>();
    vec![("crlf", crlf().into_bytes()), ("mark", marked()), ("stamps", stamped.into_bytes())]
}

#[test]
fn the_form_of_a_report_changes_nothing() {
    let cases = cases();
    let judged: Vec<Result<usize, String>> = cases
        .par_iter()
        .enumerate()
        // Every third, so that all of it takes some seconds; the tools stand beside each other in the list.
        .filter(|(turn, case)| turn % 3 == 0 && !case.recorded.reports.is_empty())
        .map(|(turn, case)| {
            let texts: Vec<(&String, String)> = case
                .recorded
                .reports
                .iter()
                .filter_map(|file| Some((file, fs::read_to_string(case.at.join(file)).ok()?)))
                .filter(|(_, text)| !text.starts_with('\u{feff}') && !text.is_empty())
                .collect();
            let mut seen = 0;
            for (file, text) in &texts {
                for (form, bytes) in forms(file, text, turn) {
                    let home = tempfile::tempdir().expect("a directory");
                    for other in &case.recorded.reports {
                        let own =
                            if other == *file { bytes.clone() } else { fs::read(case.at.join(other)).expect("a report") };
                        write(home.path(), other, &own);
                    }
                    let other = moved_to(case, home.path(), case.recorded.reports.clone());
                    // Counts take no time; of the verdicts one in twelve will do.
                    let exits = ((turn / 3 + seen) % 12 == 0).then(|| [verdict(&case.at).0, verdict(home.path()).0]);
                    let counts = [totals(case), totals(&other)];
                    if counts[0] != counts[1] || exits.is_some_and(|[one, other]| one != other) {
                        return Err(format!("{} {file} {form}: {exits:?} {counts:?}", case.name));
                    }
                    seen += 1;
                }
            }
            Ok(seen)
        })
        .collect();
    let wrong: Vec<&String> = judged.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
    let seen: usize = judged.iter().filter_map(|one| one.as_ref().ok()).sum();
    assert!(seen >= 1_000, "{seen} forms were read");
}
