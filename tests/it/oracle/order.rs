//! Neither the order of suites, nor that of tests with different names, nor that of report files changes a verdict or a count: every report that real
//! tools left is judged again with its parts in another order.
//!
//! What has the same name keeps its order among itself: attempts are told in theirs.

use super::{Case, GREEN, NOW, cases, totals};
use gatekeeper::cli::Exit;
use gatekeeper::model::TestTotals;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Elements of XML and lists of JSON whose order among their likes says nothing.
const ELEMENTS: [&str; 17] = [
    "testsuite",
    "testcase",
    "UnitTestResult",
    "test-suite",
    "test-case",
    "assembly",
    "collection",
    "test",
    "suite",
    "class",
    "test-method",
    "file",
    "testCase",
    "TestSuite",
    "TestCase",
    "Test",
    "TestFunction",
];
const LISTS: [&str; 10] = [
    "testResults",
    "assertionResults",
    "suites",
    "specs",
    "tests",
    "examples",
    "elements",
    "testsuites",
    "testsuite",
    "passes",
];
/// What tells parts apart, in XML and in JSON.
const NAMES: [&str; 16] = [
    "name",
    "classname",
    "class",
    "file",
    "testName",
    "path",
    "title",
    "fullTitle",
    "fullName",
    "full_description",
    "uri",
    "nodeid",
    "filePath",
    "projectName",
    "suite",
    "hostname",
];

/// The positions in another order: units of neighbours with one key move together, and what has one key keeps its order.
fn reordered(keys: &[String]) -> Vec<usize> {
    let mut units: Vec<Vec<usize>> = Vec::new();
    for at in 0..keys.len() {
        match units.last_mut() {
            Some(unit) if keys[unit[0]] == keys[at] => unit.push(at),
            _ => units.push(vec![at]),
        }
    }
    let turned: Vec<usize> = (0..units.len()).rev().collect();
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in (0..units.len()).rev() {
        by_key.entry(&keys[units[at][0]]).or_default().push(at);
    }
    let own = turned.into_iter().map(|at| by_key.get_mut(keys[units[at][0]].as_str()).and_then(Vec::pop).expect("its own"));
    own.flat_map(|at| units[at].clone()).collect()
}

/// An element: where it stands, and what is in it.
struct Element<'t> {
    name: &'t str,
    key: String,
    range: Range<usize>,
    inner: Vec<Element<'t>>,
}

/// The end of the markup that begins here.
fn end_of_markup(text: &str) -> Option<usize> {
    for (begin, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if text.starts_with(begin) {
            return text.find(end).map(|at| at + end.len());
        }
    }
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
    }
    None
}

fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    &name[..name.find(|sign: char| sign.is_whitespace() || matches!(sign, '/' | '>')).unwrap_or(name.len())]
}

/// The elements of an XML text; nothing where it is not sound.
fn elements(text: &str) -> Option<Vec<Element<'_>>> {
    let mut open: Vec<Element<'_>> = vec![Element { name: "", key: String::new(), range: 0..0, inner: Vec::new() }];
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        let begin = at + next;
        let end = begin + end_of_markup(&text[begin..])?;
        let tag = &text[begin..end];
        at = end;
        if tag.starts_with("<!") || tag.starts_with("<?") {
            continue;
        }
        if !tag.starts_with("</") {
            let key = NAMES.iter().map(|name| attribute(tag, name)).collect::<Vec<_>>().join("\n");
            open.push(Element { name: name_of(tag), key, range: begin..end, inner: Vec::new() });
        }
        if tag.starts_with("</") || tag.ends_with("/>") {
            let mut own = open.pop()?;
            own.range.end = end;
            open.last_mut()?.inner.push(own);
        }
    }
    (open.len() == 1).then(|| open.remove(0).inner)
}

fn attribute<'t>(tag: &'t str, name: &str) -> &'t str {
    let Some((_, rest)) = tag.split_once(&format!(" {name}=")) else { return "" };
    rest.chars().next().and_then(|quote| rest[1..].split(quote).next()).unwrap_or_default()
}

/// Writes a part of the text with the elements in it in another order.
fn write_xml(text: &str, range: Range<usize>, inner: &[Element<'_>], out: &mut String, moved: &mut usize) {
    let mut order: Vec<usize> = (0..inner.len()).collect();
    for kind in ELEMENTS {
        let own: Vec<usize> = (0..inner.len()).filter(|at| inner[*at].name == kind).collect();
        let keys: Vec<String> = own.iter().map(|at| inner[*at].key.clone()).collect();
        for (place, from) in own.iter().zip(reordered(&keys)) {
            *moved += usize::from(*place != own[from]);
            order[*place] = own[from];
        }
    }
    let mut at = range.start;
    for (place, from) in order.into_iter().enumerate() {
        out.push_str(&text[at..inner[place].range.start]);
        write_xml(text, inner[from].range.clone(), &inner[from].inner, out, moved);
        at = inner[place].range.end;
    }
    out.push_str(&text[at..range.end]);
}

fn reorder_json(value: &mut Value, moved: &mut usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| reorder_json(item, moved)),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                reorder_json(inner, moved);
                if let (true, Value::Array(items)) = (LISTS.contains(&key.as_str()), inner) {
                    reorder_list(items, moved);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn reorder_list(items: &mut Vec<Value>, moved: &mut usize) {
    let key = |item: &Value| NAMES.map(|name| item.get(name).map(Value::to_string).unwrap_or_default()).join("\n");
    let keys: Vec<String> = items.iter().map(key).collect();
    let order = reordered(&keys);
    *moved += order.iter().enumerate().filter(|(place, from)| place != *from).count();
    *items = order.into_iter().map(|from| items[from].clone()).collect();
}

/// A report with its parts in another order, if anything moved.
fn reorder(file: &str, bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut moved = 0;
    let mut out = String::new();
    if text.trim_start().starts_with('<') {
        write_xml(text, 0..text.len(), &elements(text)?, &mut out, &mut moved);
    } else if file.ends_with(".json") {
        let mut value: Value = serde_json::from_str(text).ok()?;
        reorder_json(&mut value, &mut moved);
        if let Value::Array(items) = &mut value {
            reorder_list(items, &mut moved);
        }
        out = value.to_string();
    }
    (moved > 0).then_some(out)
}

pub(super) fn write(root: &Path, file: &str, bytes: &[u8]) {
    let at = root.join(file);
    fs::create_dir_all(at.parent().expect("above")).expect("made");
    fs::write(at, bytes).expect("written");
}

pub(super) fn verdict(root: &Path) -> (Exit, String) {
    let out = tempfile::tempdir().expect("a directory");
    let (at, out) = (root.display().to_string(), out.path().display().to_string());
    let arguments = ["verify", &at, "--root", &at, "--policy", "test-results", "--now", NOW, "--out", &out];
    let (exit, printed, said) = crate::support::gatekeeper(&arguments, &[]);
    (exit, printed + &said)
}

/// The case with its reports in another directory.
pub(super) fn moved_to(case: &Case, at: &Path, reports: Vec<String>) -> Case {
    let recorded = super::Recorded { reports, ..case.recorded.clone() };
    Case { name: case.name.clone(), at: at.to_owned(), recorded }
}

#[test]
fn the_order_of_suites_and_of_tests_changes_nothing() {
    let cases = cases();
    let wrong: Vec<Result<(), String>> = cases
        .par_iter()
        .enumerate()
        .filter_map(|(at, case)| {
            let home = tempfile::tempdir().expect("a directory");
            let mut moved = false;
            for file in &case.recorded.reports {
                let bytes = fs::read(case.at.join(file)).expect("a report");
                let other = reorder(file, &bytes);
                moved |= other.is_some();
                write(home.path(), file, other.as_deref().map_or(&bytes, str::as_bytes));
            }
            if !moved {
                return None;
            }
            let other = moved_to(case, home.path(), case.recorded.reports.clone());
            let counts: [Option<TestTotals>; 2] = [totals(case), totals(&other)];
            // Counts take no time; of the verdicts every fourth will do.
            let exits = (at % 4 == 0).then(|| [verdict(&case.at).0, verdict(home.path()).0]);
            let same = counts[0] == counts[1] && exits.is_none_or(|[one, other]| one == other);
            Some(if same { Ok(()) } else { Err(format!("{}: {exits:?} {counts:?}", case.name)) })
        })
        .collect();
    let judged = wrong.len();
    let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} of {judged} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged >= 450, "{judged} reports were judged in another order");
}

#[test]
fn the_order_of_files_changes_nothing() {
    let cases = cases();
    let pairs: Vec<(&Case, &Case)> = cases.iter().zip(cases.iter().skip(1)).step_by(12).collect();
    let wrong: Vec<String> = pairs
        .par_iter()
        .filter_map(|(one, other)| {
            let judged: Vec<(Exit, Option<TestTotals>)> = [[one, other], [other, one]]
                .iter()
                .map(|order| {
                    let home = tempfile::tempdir().expect("a directory");
                    write(home.path(), "green.xml", GREEN.as_bytes());
                    let mut reports = Vec::new();
                    for (place, case) in order.iter().enumerate() {
                        for file in &case.recorded.reports {
                            let own = format!("{place}/{file}");
                            write(home.path(), &own, &fs::read(case.at.join(file)).expect("a report"));
                            reports.push(own);
                        }
                    }
                    let both = moved_to(one, home.path(), reports);
                    (verdict(home.path()).0, totals(&both))
                })
                .collect();
            (judged[0] != judged[1]).then(|| format!("{} and {}: {judged:?}", one.name, other.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
    assert!(pairs.len() >= 100, "{} pairs were judged in both orders", pairs.len());
}

#[test]
fn parts_change_places_and_likes_keep_their_order() {
    let keys = ["a", "b", "b", "c", "a"].map(str::to_owned);
    assert_eq!(reordered(&keys), [0, 3, 1, 2, 4]);
    let text = "<r><testcase name='a'/> <!-- <x> --><testcase name='b'>1 <![CDATA[<]]></testcase>\n<p/></r>";
    let other = "<r><testcase name='b'>1 <![CDATA[<]]></testcase> <!-- <x> --><testcase name='a'/>\n<p/></r>";
    assert_eq!(reorder("a.xml", text.as_bytes()).as_deref(), Some(other));
    let json = r#"{"tests": [{"name": "a"}, {"name": "b", "x": 1}]}"#;
    assert_eq!(reorder("a.json", json.as_bytes()).as_deref(), Some(r#"{"tests":[{"name":"b","x":1},{"name":"a"}]}"#));
    assert_eq!((reorder("a.xml", b"<r><testcase"), reorder("a.json", b"{")), (None, None));
}
