//! The files of a first configuration, as text.
//!
//! In: a survey and who answers for what is in it. Out: paths with TOML. Every text from outside goes through [`quoted`], so that no name
//! of a test or a file can end a string or begin a table.

use super::gates::{Gate, Gates};
use super::survey::Survey;
use crate::model::{Instant, Limits, RelPath};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The file that lists the reports.
pub const REPORTS: &str = "gatekeeper-reports.toml";
/// The ledger.
pub const LEDGER: &str = "gatekeeper-ledger.toml";
/// The configuration; written last, because with it the others come into force.
pub const CONFIG: &str = "gatekeeper.toml";

/// Who and how.
pub struct Terms<'a> {
    /// The name of policy and pack.
    pub name: &'a str,
    /// Who answers for gates and debt; empty where a person must still say.
    pub owner: &'a str,
    /// The tracker's id, likewise.
    pub bead: &'a str,
    /// The command that runs the tests.
    pub reproduce: &'a str,
    /// The day on which debt begins.
    pub now: Instant,
}

/// Text as a TOML string in one line; also a key.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // What is invisible, or turns the direction of writing, is spelled out for whoever reads the file.
            _ if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                write!(out, "\\U{:08X}", u32::from(c)).expect("memory takes all");
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn list(texts: impl IntoIterator<Item = String>) -> String {
    let lines: String = texts.into_iter().map(|text| format!("  {},\n", quoted(&text))).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[\n{lines}]") }
}

/// The patterns that take these reports and those that are written beside them: for a single file itself, for several with the
/// same ending in one directory what their names have in common.
pub fn patterns(reports: &[RelPath]) -> Vec<String> {
    let mut groups: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for report in reports {
        let directory = report.as_str().rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
        let ending = report.extension().map_or(String::new(), |extension| format!(".{extension}"));
        groups.entry((directory, ending)).or_default().push(report.stem());
    }
    let pattern = |((directory, ending), stems): ((String, String), Vec<&str>)| match stems.as_slice() {
        [one] => format!("{}{}{}", literal(&directory), literal(one), literal(&ending)),
        several => {
            let common = several.iter().skip(1).fold(several[0], |common, stem| beginning(common, stem));
            // Half a word would be chance.
            let common = common.rfind(['-', '_', '.']).map_or("", |end| &common[..=end]);
            format!("{}{}*{}", literal(&directory), literal(common), literal(&ending))
        }
    };
    groups.into_iter().map(pattern).collect()
}

fn beginning<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    &one[..same.map(|(c, _)| c.len_utf8()).sum()]
}

/// A name as a pattern that matches only it.
fn literal(name: &str) -> String {
    let class = |c: char| match c {
        '*' | '?' | '[' | ']' | '{' | '}' => format!("[{c}]"),
        _ => c.to_string(),
    };
    name.chars().map(class).collect()
}

/// Every file with its text, in the order in which they are to be written.
pub fn files(survey: &Survey, terms: &Terms<'_>) -> Vec<(String, String)> {
    let gates = Gates { survey, terms, patterns: patterns(&survey.reports) };
    let mut files = vec![(REPORTS.to_owned(), reports(survey)), (LEDGER.to_owned(), ledger(survey, terms))];
    let gates = gates.all();
    for Gate { id, text, .. } in &gates {
        files.push((format!("gates/{}/{id}.toml", terms.name), text.clone()));
    }
    files.push((format!("policies/{}.toml", terms.name), policy(survey, terms, &gates)));
    let extends = quoted(&format!("policies/{}.toml", terms.name));
    files.push((CONFIG.to_owned(), format!("schema  = \"gatekeeper.config/1\"\nextends = {extends}\n")));
    files
}

fn reports(survey: &Survey) -> String {
    let paths = survey.reports.iter().map(ToString::to_string);
    format!(
        "# The reports that must be there: a run without one of them fails. Take out what is no longer written, add what is new.\n\
         reports = {}\n",
        list(paths)
    )
}

fn ledger(survey: &Survey, terms: &Terms<'_>) -> String {
    let mut text = "# Known failures, each with an owner and a last day. An entry excuses the failure of its test and nothing else; one whose\n\
                    # test passes again is a finding, so take it out and lower `debt_max` in the policy.\n\
                    schema = \"gatekeeper.ledger/1\"\n"
        .to_owned();
    let since = terms.now.date_naive();
    let span = chrono::Days::new(Limits::default().quarantine_max_days.into());
    let expires = since.checked_add_days(span).unwrap_or(since);
    for (test, at) in &survey.failing {
        write!(
            text,
            "\n[quarantine.{}]\n\
             category       = \"FLAKE-LOGIC\"\n\
             kind           = \"known-failure\"\n\
             owner          = {}\n\
             bead           = {}\n\
             reason         = \"It failed already when gatekeeper was introduced.\"\n\
             since          = {since}\n\
             expires        = {expires}\n\
             evidence       = {}\n\
             reproduce      = {}\n\
             exit_criterion = \"The test passes; then this entry goes.\"\n",
            quoted(test),
            quoted(terms.owner),
            quoted(terms.bead),
            quoted(at),
            quoted(terms.reproduce),
        )
        .expect("memory takes all");
    }
    text
}

fn policy(survey: &Survey, terms: &Terms<'_>, gates: &[Gate]) -> String {
    let name = quoted(terms.name);
    let mut text = format!(
        "schema = \"gatekeeper.policy/1\"\nid     = {name}\ntitle  = {}\nledger = [\"repo:{LEDGER}\"]\n\n\
         [lane.preflight]\nrule = \"preflight\"\n\n[lane.full]\nrule = \"full\"\n",
        quoted(&format!("Release gates of {}", terms.name))
    );
    for Gate { id, blocking, waivable, .. } in gates {
        write!(text, "\n[[gate]]\nid       = \"{id}\"\nblocking = {blocking}\nwaivable = {waivable}\n")
            .expect("memory takes all");
    }
    let mut parameter = |name: &str, value: String, tighter: &str, doc: &str| {
        write!(text, "\n[parameter.{name}]\nvalue   = {value}\ntighter = \"{tighter}\"\ndoc     = \"{doc}\"\n")
            .expect("memory takes all");
    };
    let debt = survey.failing.len().to_string();
    parameter("debt_max", debt, "lower", "Most known failures in the ledger. Lower it whenever one is mended.");
    parameter("tests_min", survey.ran.to_string(), "higher", "Fewest tests that must run, in all reports together.");
    if !survey.suites.is_empty() {
        let suites = list(survey.suites.keys().cloned());
        parameter("suites", suites, "more", "The suites that must run.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_survives_as_value_and_as_key(text in any::<String>()) {
            let quoted = quoted(&text);
            let table: toml::Table = format!("[{quoted}]\nvalue = {quoted}").parse().expect("sound TOML");
            prop_assert_eq!(table[&text]["value"].as_str(), Some(&*text));
            prop_assert!(!quoted.contains('\n'));
        }
    }

    #[test]
    fn patterns_take_what_is_written_beside() {
        let told =
            |paths: &[&str]| patterns(&paths.iter().map(|path| RelPath::parse(path).expect("a path")).collect::<Vec<_>>());
        assert_eq!(told(&["target/nextest/ci/junit.xml"]), ["target/nextest/ci/junit.xml"]);
        assert_eq!(told(&["r/TEST-a.b.xml", "r/TEST-a.c.xml", "r/go.json"]), ["r/go.json", "r/TEST-a.*.xml"]);
        assert_eq!(told(&["alpha.xml", "alps.xml", "x/out"]), ["*.xml", "x/out"]);
        assert_eq!(told(&["a[1]/{b}?.xml"]), ["a[[]1[]]/[{]b[}][?].xml"]);
    }
}
