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
    ("junit/jest/report.xml", [6, 3, 2, 0, 1, 0, 2], 2),
    ("junit/vitest/report.xml", [5, 2, 2, 0, 1, 0, 2], 0),
    ("junit/mocha/report.xml", [5, 2, 2, 0, 1, 0, 1], 2),
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
    ("go-test-json/go/count.json", [2, 1, 0, 0, 0, 1, 1], 0),
    ("go-test-json/go/cached.json", [2, 2, 0, 0, 0, 0, 1], 0),
    ("go-test-json/go/cover.json", [2, 2, 0, 0, 0, 0, 1], 0),
    ("go-test-json/go/unnamed.json", [2, 0, 2, 0, 0, 0, 1], 0),
    ("go-test-text/go/report.log", [21, 14, 6, 2, 1, 0, 7], 0),
    ("go-test-text/go/plain.log", [4, 0, 4, 3, 0, 0, 7], 0),
    ("go-test-text/go/count.log", [2, 1, 0, 0, 0, 1, 1], 0),
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

#[test]
fn fixtures_name_no_machine() {
    let mut looked_at = 0;
    for (file, ..) in READ {
        let text = std::fs::read_to_string(home().join(file)).expect("a fixture");
        for word in ["/tmp/", "/root/", "/Users/", "hostname=\"vm\""] {
            assert!(!text.contains(word), "{file} names {word}");
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, 100);
}
