//! Reports that real tools wrote (`fixtures/evidence`, whose README says which and how) are read with the counts that the tools printed.

use gatekeeper::collect::{FORMATS, Inspection, inspect};
use gatekeeper::model::{Base, Limits, RelPath};
use gatekeeper::workspace::Disk;
use std::path::{Path, PathBuf};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/evidence")
}

fn read(directory: &Path, file: &str) -> Inspection {
    let format = file.split('/').next().and_then(|id| FORMATS.iter().copied().find(|format| format.id == id));
    let workspace = Disk::new(directory, Some(directory), None, None).expect("a directory of fixtures");
    let path = RelPath::parse(file).expect("a path");
    inspect(&workspace, Base::Run, &path, Some(format.expect("directories are called after formats")), &Limits::default())
}

/// The file; total, passed, failed, errored, skipped, flaky, suites; how often the report contradicts itself.
const READ: [(&str, [usize; 7], usize); 25] = [
    ("junit/nextest/report.xml", [7, 3, 2, 0, 1, 1, 2], 0),
    ("junit/pytest/report.xml", [10, 3, 2, 2, 2, 1, 1], 0),
    ("junit/surefire/report.xml", [5, 1, 1, 1, 1, 1, 1], 0),
    ("junit/jest/report.xml", [7, 3, 2, 1, 1, 0, 2], 0),
    ("junit/vitest/report.xml", [5, 2, 2, 0, 1, 0, 2], 0),
    ("junit/mocha/report.xml", [5, 2, 2, 0, 1, 0, 1], 0),
    ("junit/node/report.xml", [7, 3, 2, 0, 2, 0, 3], 0),
    ("ctrf/jest/report.json", [5, 1, 1, 0, 2, 1, 1], 0),
    ("libtest-text/cargo/report.log", [8, 4, 3, 0, 1, 0, 3], 0),
    ("libtest-json/cargo/report.json", [7, 3, 3, 0, 1, 0, 2], 0),
    ("libtest-json/nextest/report.json", [7, 3, 2, 0, 1, 1, 2], 0),
    ("libtest-json/nextest/plus.json", [7, 3, 2, 0, 1, 1, 2], 0),
    ("tap/node/report.tap", [8, 4, 2, 0, 2, 0, 3], 0),
    ("tap/mocha/report.tap", [5, 2, 2, 0, 1, 0, 1], 0),
    ("go-test-json/go/report.json", [21, 14, 6, 2, 1, 0, 7], 0),
    ("go-test-json/go/mixed.json", [21, 14, 6, 2, 1, 0, 7], 0),
    ("go-test-json/go/count.json", [6, 5, 1, 0, 0, 0, 1], 0),
    ("go-test-json/go/cached.json", [2, 2, 0, 0, 0, 0, 1], 0),
    ("go-test-json/go/cover.json", [2, 2, 0, 0, 0, 0, 1], 0),
    ("go-test-json/go/unnamed.json", [2, 0, 2, 0, 0, 0, 1], 0),
    ("go-test-text/go/report.log", [21, 14, 6, 2, 1, 0, 7], 0),
    ("go-test-text/go/plain.log", [4, 0, 4, 3, 0, 0, 7], 0),
    ("go-test-text/go/count.log", [6, 5, 1, 0, 0, 0, 1], 0),
    ("go-test-text/go/cached.log", [2, 2, 0, 0, 0, 0, 1], 0),
    ("go-test-text/go/unnamed.log", [2, 0, 2, 0, 0, 0, 1], 0),
];

#[test]
fn counts_are_those_of_the_tools() {
    let mut looked_at = 0;
    for (file, counts, contradictions) in READ {
        let seen = read(&home(), file);
        assert_eq!(seen.gap, None, "{file}");
        let totals = seen.tests.unwrap_or_default();
        assert_eq!(totals.entries().map(|(_, count)| count), counts, "{file}");
        assert_eq!(seen.contradictions.len(), contradictions, "{file}: {:?}", seen.contradictions);
        assert_eq!(seen.cut_short, [""; 0], "{file}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 25);
}

#[test]
fn the_output_of_nextest_is_not_that_of_cargo() {
    let gap = read(&home(), "libtest-text/cargo/nextest.log").gap.expect("malformed");
    assert!(gap.actual.contains("the output of nextest"), "{gap:?}");
}

/// Formats with an end of their own; logs and streams of events can end between two suites unseen.
#[test]
fn a_file_that_was_cut_is_never_read_as_whole() {
    let (mut cuts, mut files) = (0, 0);
    for (file, ..) in READ.iter().filter(|(file, ..)| ["junit/", "ctrf/", "tap/"].iter().any(|own| file.starts_with(own))) {
        let bytes = std::fs::read(home().join(file)).expect("a fixture");
        let end = bytes.trim_ascii_end().len();
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(file);
        std::fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory");
        for part in 0..25 {
            // The comments behind the plan of a TAP stream say nothing that is missed.
            let whole = bytes.windows(5).rposition(|five| five.starts_with(b"1..")).filter(|_| file.starts_with("tap/"));
            std::fs::write(&path, &bytes[..whole.unwrap_or(end - 1) * part / 25]).expect("a file");
            let seen = read(directory.path(), file);
            assert!(seen.gap.is_some() || !seen.cut_short.is_empty(), "{file} cut after {part} of 25 parts");
            cuts += 1;
        }
        files += 1;
    }
    assert_eq!((files, cuts), (10, 250));
}

/// The file; measurements, samples, benchmarks, faults. As the tools printed them: three benchmarks of 30 samples (criterion), 12 runs of two
/// commands, ten repetitions of two benchmarks with four metrics each, 104 and 65 rounds.
const MEASURED: [(&str, [usize; 4]); 10] = [
    ("criterion/criterion-rs/criterion/total/sum/100/new/sample.json", [1, 30, 1, 0]),
    ("criterion/criterion-rs/criterion/total/sum/1000/new/sample.json", [1, 30, 1, 0]),
    ("criterion/criterion-rs/criterion/empty/new/sample.json", [1, 30, 1, 0]),
    ("criterion/cargo-criterion/report.jsonl", [3, 90, 3, 0]),
    ("hyperfine/hyperfine/report.json", [2, 24, 2, 0]),
    ("hyperfine/hyperfine/failing.json", [1, 4, 1, 1]),
    ("google-benchmark/google-benchmark/report.json", [8, 80, 2, 1]),
    ("google-benchmark/google-benchmark/broken.json", [8, 8, 2, 2]),
    ("pytest-benchmark/pytest-benchmark/report.json", [2, 169, 2, 0]),
    ("bencher/hand/report.json", [4, 0, 2, 0]),
];

#[test]
fn measurements_are_those_of_the_tools() {
    let mut looked_at = 0;
    for (file, counts) in MEASURED {
        let seen = read(&home(), file);
        assert_eq!(seen.gap, None, "{file}");
        let totals = seen.measurements.unwrap_or_default();
        assert_eq!(totals.entries().map(|(_, count)| count), counts, "{file}");
        assert_eq!((seen.contradictions, seen.faults.len()), (Vec::new(), counts[3]), "{file}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 10);
}

/// The file; files, lines, lines that ran, functions, functions that ran, branches, branches taken. As printed: 75.0 % (9 of 12 lines), 66.7 % (2 of 3 functions) by lcov and gcovr, 15
/// statements of which 2 are missing by coverage.py, whose XML has no functions.
const COVERED: [(&str, [usize; 7]); 4] = [
    ("lcov/lcov/report.info", [2, 12, 9, 3, 2, 4, 3]),
    ("lcov/coverage-py/report.info", [3, 15, 13, 5, 4, 2, 1]),
    ("cobertura/gcovr/report.xml", [2, 12, 9, 3, 2, 4, 3]),
    ("cobertura/coverage-py/report.xml", [3, 15, 13, 0, 0, 2, 1]),
];

#[test]
fn coverage_is_that_of_the_tools() {
    let mut looked_at = 0;
    for (file, counts) in COVERED {
        let seen = read(&home(), file);
        assert_eq!(seen.gap, None, "{file}");
        let totals = seen.coverage.unwrap_or_default();
        assert_eq!(totals.entries().map(|(_, count)| count), counts, "{file}");
        assert_eq!(seen.contradictions, [""; 0], "{file}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 4);
}

#[test]
fn fixtures_name_no_machine() {
    let mut looked_at = 0;
    let measured = MEASURED.iter().map(|(file, _)| *file);
    let covered = COVERED.iter().map(|(file, _)| *file);
    for file in READ.iter().map(|(file, ..)| *file).chain(measured).chain(covered) {
        let text = std::fs::read_to_string(home().join(file)).expect("a fixture");
        for word in ["/tmp/", "/root/", "/Users/", "hostname=\"vm\"", ": \"vm\""] {
            assert!(!text.contains(word), "{file} names {word}");
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, 195);
}
