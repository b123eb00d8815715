//! Bytes to content, one file per evidence format.
//!
//! A format refuses what two readers could understand differently: text that is not UTF-8, keys that are there twice, what
//! stands behind the end. A new format is one file and one line in [`FORMATS`].

mod bencher;
mod benchmarks;
mod budget_summary;
mod by_extension;
mod bytes;
mod cobertura;
mod cobertura_totals;
mod console;
mod criterion;
mod ctrf;
mod front_matter;
mod go;
mod go_dump;
mod go_test_json;
mod go_test_text;
mod google_benchmark;
mod hyperfine;
mod jest_json;
mod json;
mod jsonl;
mod junit;
mod junit_case;
mod junit_totals;
mod lcov;
mod lcov_record;
mod libtest_json;
mod libtest_text;
mod lines;
mod listing;
mod mocha_json;
mod panic;
mod playwright_json;
mod pytest_benchmark;
mod report;
mod results_json;
mod rspec_json;
mod rust;
mod rust_items;
mod rust_tokens;
mod sha256sum;
mod tap;
mod test_output;
mod test_report;
mod text;
mod toml;
mod xml;
mod yaml;

pub(super) use bytes::BYTES;
pub(super) use json::JSON;
pub(super) use test_report::TEST_REPORT;
pub(super) use toml::TOML;

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
    &text::TEXT,
    &lines::LINES,
    &bytes::BYTES,
    &by_extension::BY_EXTENSION,
    &listing::LISTING,
    &junit::JUNIT,
    &ctrf::CTRF,
    &jest_json::JEST_JSON,
    &playwright_json::PLAYWRIGHT_JSON,
    &mocha_json::MOCHA_JSON,
    &rspec_json::RSPEC_JSON,
    &libtest_text::LIBTEST_TEXT,
    &libtest_json::LIBTEST_JSON,
    &go_test_json::GO_TEST_JSON,
    &go_test_text::GO_TEST_TEXT,
    &tap::TAP,
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

/// Bytes as text, or the line on which they stop being UTF-8.
fn utf8<'b>(bytes: &'b [u8], at: &Where) -> Result<&'b str, Gap> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        malformed(at, Some(line), "UTF-8 text", format!("bytes that are not UTF-8 on line {line}"))
    })
}

/// Bytes as text without a byte order mark: some readers skip the mark and others choke on it.
fn plain_utf8<'b>(bytes: &'b [u8], at: &Where) -> Result<&'b str, Gap> {
    let text = utf8(bytes, at)?;
    if text.starts_with('\u{feff}') {
        return Err(malformed(at, Some(1), "UTF-8 text without a byte order mark", "a byte order mark".to_owned()));
    }
    Ok(text)
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
