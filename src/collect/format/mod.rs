//! Bytes to content, one file per evidence format.
//!
//! A format refuses what two readers could understand differently: text in an unknown encoding, keys that are there twice, what
//! stands behind the end. Which encodings are read is said in `decode`. A new format is one file and one line in [`FORMATS`].

mod bazel_events;
mod bencher;
mod benchmarks;
mod boost_test;
mod budget_summary;
mod by_extension;
mod bytes;
mod catch2;
mod check;
mod cobertura;
mod cobertura_totals;
mod console;
mod console_hosts;
#[cfg(test)]
mod console_logs;
mod console_others;
mod console_runners;
mod criterion;
mod ctest;
mod ctrf;
mod cucumber_json;
mod cucumber_messages;
mod cucumber_steps;
mod decode;
mod doctest;
mod failsafe;
mod front_matter;
mod go;
mod go_dump;
mod go_phase;
mod go_test;
mod go_test_json;
mod go_test_text;
mod google_benchmark;
mod googletest_json;
mod hyperfine;
mod jest_json;
mod json;
mod jsonl;
mod junit;
mod junit_ahead;
mod junit_case;
mod junit_totals;
mod labels;
mod lcov;
mod lcov_record;
mod libtest_json;
mod libtest_text;
mod lines;
mod listing;
mod made;
mod markdown_tables;
mod meson_json;
mod mocha_json;
mod nunit;
mod panic;
mod pipeline_attempts;
mod pipeline_manifest;
mod pipeline_out;
mod pipeline_summary;
mod pipeline_words;
mod playwright_json;
mod pytest_benchmark;
mod pytest_json_report;
mod qttest;
mod report;
mod results_events;
mod results_json;
mod robot;
mod rspec_json;
mod rust;
mod rust_items;
mod rust_tokens;
mod sha256sum;
mod sonar;
mod stamps;
mod suites;
mod tap;
mod tap_line;
mod test_output;
mod test_report;
mod testng;
mod text;
mod toml;
mod trx;
mod unread;
mod xml;
mod xml_record;
mod xml_token;
mod xunit;
mod yaml;

pub(super) use bytes::BYTES;
pub(super) use json::JSON;
pub(super) use test_report::TEST_REPORT;
pub(super) use toml::TOML;

use decode::plain_utf8;

use crate::gate::Format;
use crate::model::{Gap, GapKind, Where};

/// Every evidence format.
pub static FORMATS: &[&Format] = &[
    &json::JSON,
    &jsonl::JSONL,
    &toml::TOML,
    &yaml::YAML,
    &front_matter::FRONT_MATTER,
    &sha256sum::SHA256SUM,
    &pipeline_summary::PIPELINE_SUMMARY,
    &pipeline_manifest::PIPELINE_MANIFEST,
    &text::TEXT,
    &labels::LABELS,
    &lines::LINES,
    &bytes::BYTES,
    &by_extension::BY_EXTENSION,
    &listing::LISTING,
    // Before `junit`, whose root it has.
    &check::CHECK,
    &junit::JUNIT,
    &ctrf::CTRF,
    &jest_json::JEST_JSON,
    &playwright_json::PLAYWRIGHT_JSON,
    &mocha_json::MOCHA_JSON,
    &rspec_json::RSPEC_JSON,
    &cucumber_json::CUCUMBER_JSON,
    &cucumber_messages::CUCUMBER_MESSAGES,
    &bazel_events::BAZEL_EVENTS,
    &meson_json::MESON_JSON,
    &pytest_json_report::PYTEST_JSON_REPORT,
    &googletest_json::GOOGLETEST_JSON,
    &libtest_text::LIBTEST_TEXT,
    &libtest_json::LIBTEST_JSON,
    &go_test_json::GO_TEST_JSON,
    &go_test_text::GO_TEST_TEXT,
    &go_test::GO_TEST,
    &tap::TAP,
    &trx::TRX,
    &nunit::NUNIT,
    &xunit::XUNIT,
    &testng::TESTNG,
    &robot::ROBOT,
    &ctest::CTEST,
    &catch2::CATCH2,
    &doctest::DOCTEST,
    &boost_test::BOOST_TEST,
    &qttest::QTTEST,
    &sonar::SONAR,
    &test_output::TEST_OUTPUT,
    &test_report::TEST_REPORT,
    &criterion::CRITERION,
    &hyperfine::HYPERFINE,
    &google_benchmark::GOOGLE_BENCHMARK,
    &pytest_benchmark::PYTEST_BENCHMARK,
    &bencher::BENCHER,
    &budget_summary::BUDGET_SUMMARY,
    &lcov::LCOV,
    &cobertura::COBERTURA,
    &rust::RUST,
];

/// The format for files with this extension.
pub(super) fn for_extension(extension: Option<&str>) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| extension.is_some_and(|extension| format.extensions.contains(&extension)))
}

fn malformed(at: &Where, line: Option<usize>, expected: &str, actual: String) -> Gap {
    let place = Where { line: line.map(|line| line as u64), ..at.clone() };
    Gap::new(GapKind::Malformed, place, expected, actual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Input, Reading, StreamReader};
    use crate::model::{Content, Limits};
    use proptest::prelude::*;

    fn read(format: &Format, bytes: &[u8]) -> Result<Content, Gap> {
        let at = Where::file("a");
        match &format.reading {
            Reading::Whole(parse) => parse(bytes, &at),
            Reading::Tests(reader) => reader.content(bytes, &at),
            Reading::Sift(parse) => parse(bytes, &at).map(|content| content.unwrap_or(Content::Bytes)),
            Reading::Stream(parse) => {
                let input = Input { bytes: &mut &*bytes, size: bytes.len() as u64, at, limits: &Limits::default() };
                parse(input, StreamReader { folds: Vec::new(), keep: true })
            }
            Reading::Opaque | Reading::Names => Ok(Content::Bytes),
        }
    }

    #[test]
    fn ids_and_extensions_belong_to_one_format() {
        let ids: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
        let extensions: Vec<&str> = FORMATS.iter().flat_map(|format| format.extensions).copied().collect();
        for names in [ids, extensions] {
            let mut once = names.clone();
            once.sort_unstable();
            once.dedup();
            assert!(names.len() > 5 && once.len() == names.len(), "{names:?}");
        }
        assert!(FORMATS.iter().all(|format| format.docs.starts_with(&format!("//! `{}`:", format.id))));
    }

    /// The same report in each encoding that its format may have is the same report, alone and among others.
    #[test]
    fn reports_are_read_with_marks_and_in_utf_16() {
        let harness = "running 1 test\ntest a ... FAILED\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let suite = "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}\n{\"type\":\"test\",\"event\":\"failed\",\"name\":\"ä\"}\n{\"type\":\"suite\",\"event\":\"failed\",\"passed\":0,\"failed\":1,\"ignored\":0,\"measured\":0}\n";
        let go = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"fail\",\"Package\":\"p\"}\n";
        let ctrf = "{\"reportFormat\": \"CTRF\", \"results\": {\"tool\": {}, \"summary\": {\"tests\": 1, \"passed\": 0, \"failed\": 1, \"skipped\": 0, \"pending\": 0, \"other\": 0}, \"tests\": [{\"name\": \"größe \\ud83d\", \"status\": \"failed\"}]}}";
        let junit = "<?xml version='1.0'?>\n<testsuite name='s'>\n<testcase name='ä'>\n<failure/></testcase></testsuite>";
        let cobertura = "<coverage><packages><package name='p'><classes><class name='c' filename='ä.cs'><lines><line number='1' hits='1'/></lines></class></classes></package></packages></coverage>";
        let bencher = "{\"größe\": {\"latency\": {\"value\": 1E2}}}";
        let reports: [(&str, &Format, &str, &str); 11] = [
            ("junit", &junit::JUNIT, "a.xml", junit),
            ("ctrf", &ctrf::CTRF, "a.json", ctrf),
            ("libtest", &libtest_text::LIBTEST_TEXT, "a.log", harness),
            ("libtest events", &libtest_json::LIBTEST_JSON, "a.json", suite),
            ("go events", &go_test_json::GO_TEST_JSON, "a.json", go),
            ("go", &go_test_text::GO_TEST_TEXT, "a.log", "=== RUN   T\n--- FAIL: T (0.00s)\nFAIL\nFAIL\tp\t0.1s\n"),
            ("tap", &tap::TAP, "a.tap", "1..1\nnot ok 1 - ä\n"),
            ("any log", &test_output::TEST_OUTPUT, "a.log", harness),
            ("cobertura", &cobertura::COBERTURA, "", cobertura),
            ("lcov", &lcov::LCOV, "", "SF:ä.c\nDA:1,1\nend_of_record\n"),
            ("bencher", &bencher::BENCHER, "", bencher),
        ];
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let mut same = 0;
        for (what, format, name, text) in reports {
            let seen = |format: &Format, bytes: &[u8]| {
                let at = Where::file(name);
                let content = match &format.reading {
                    Reading::Whole(parse) => parse(bytes, &at),
                    Reading::Tests(reader) => reader.content(bytes, &at),
                    Reading::Sift(parse) => parse(bytes, &at).map(|content| content.expect("a report")),
                    Reading::Stream(_) | Reading::Opaque | Reading::Names => panic!("{what}"),
                };
                let content = content.unwrap_or_else(|gap| panic!("{what}: {gap:?}"));
                content.document().expect("a report").root().excerpt(4_000)
            };
            let expected = seen(format, text.as_bytes());
            assert!(expected.len() > 40, "{what}: {expected}");
            let marked = format!("\u{feff}{text}");
            for bytes in [marked.clone().into_bytes(), wide(&marked, u16::to_le_bytes), wide(&marked, u16::to_be_bytes)] {
                assert_eq!(seen(format, &bytes), expected, "{what}");
                if !name.is_empty() {
                    assert_eq!(seen(&test_report::TEST_REPORT, &bytes), expected, "{what}");
                }
                same += 1;
            }
            // Without a mark it is no report of any kind, and is not passed over either.
            for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
                let own = read(format, &bytes).expect_err(what);
                assert!(own.kind == GapKind::Malformed && own.actual.contains("UTF-16"), "{what}: {own:?}");
                if !name.is_empty() {
                    let sifted = read(&test_report::TEST_REPORT, &bytes).expect_err(what);
                    assert_eq!((sifted.kind, sifted.actual), (own.kind, own.actual), "{what}");
                }
                same += 1;
            }
        }
        assert_eq!(same, 55);
    }

    #[test]
    fn evidence_that_is_no_report_stays_strict() {
        let strict: [(&Format, &str); 5] = [
            (&json::JSON, "{}"),
            (&jsonl::JSONL, "{}"),
            (&toml::TOML, "a = 1"),
            (&front_matter::FRONT_MATTER, "---\na: 1\n---\n"),
            (&sha256sum::SHA256SUM, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  x\n"),
        ];
        let mut refused = 0;
        for (format, text) in strict {
            assert!(read(format, text.as_bytes()).is_ok(), "{}", format.id);
            let marked = format!("\u{feff}{text}");
            let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for (bytes, named) in [(marked.into_bytes(), "a byte order mark"), (wide, "text in UTF-16")] {
                let gap = read(format, &bytes).expect_err(format.id);
                assert_eq!((gap.kind, gap.actual.as_str()), (GapKind::Malformed, named), "{}", format.id);
                refused += 1;
            }
        }
        assert_eq!(refused, 10);
    }

    proptest! {
        #[test]
        fn any_bytes_are_content_or_a_gap(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for format in FORMATS {
                if let Err(gap) = read(format, &bytes) {
                    prop_assert!(!gap.actual.is_empty() && !gap.expected.is_empty());
                }
            }
        }

        /// Whatever is read as JSON, another parser reads too, and with the same top-level keys.
        #[test]
        fn sound_json_is_sound_elsewhere(text in r#"[\[\]{}",:0-9a-eE.+\-ntrufls \\]{0,24}"#) {
            let other: Result<serde_json::Value, _> = serde_json::from_str(&text);
            if let Ok(Content::Document(document)) = read(&json::JSON, text.as_bytes()) {
                let other = other.expect("sound elsewhere");
                prop_assert_eq!(other.as_object().map_or(0, serde_json::Map::len), document.root().entries().len());
            }
        }
    }
}
