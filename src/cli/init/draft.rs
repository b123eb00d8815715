//! The files of a first configuration, as text.
//!
//! In: a survey and who answers for what is in it. Out: paths with TOML. Every text from outside goes through [`quoted`], so that no name
//! of a test or a file can end a string or begin a table.

use super::extras::Found;
use super::gates::{Gate, Gates};
use super::runs;
use super::survey::Survey;
use crate::model::{Age, Instant, Limits, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The file that lists the reports.
pub const REPORTS: &str = "gatekeeper-reports.toml";
/// The ledger.
pub const LEDGER: &str = "gatekeeper-exceptions.toml";
/// The configuration; written last, because with it the others come into force.
pub const CONFIG: &str = "gatekeeper.toml";

/// Who and how.
pub struct Terms<'a> {
    /// The name of policy and pack.
    pub name: &'a str,
    /// Who answers for gates and known failures; empty where a person must still say.
    pub owner: &'a str,
    /// The tracker's id, likewise.
    pub bead: &'a str,
    /// The command that runs the tests.
    pub reproduce: &'a str,
    /// The day on which known failures are entered.
    pub now: Instant,
    /// What is left out.
    pub exclude: &'a [RelPath],
    /// How old reports may be.
    pub max_age: Age,
    /// What else the project is held to.
    pub extras: &'a [Found],
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

/// Reports that one pattern takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The pattern.
    pub pattern: String,
    /// Whether only those of the newest run count.
    pub newest: bool,
    /// Whether all of them say when they were made.
    pub dated: bool,
}

/// The patterns for the reports that were found.
pub fn groups(survey: &Survey) -> Vec<Group> {
    patterns(&survey.reports, &|report| survey.made.contains_key(report))
}

/// The patterns that take these reports and those that are written beside them: for a single file itself, for several with the
/// same ending in one directory what their names have in common. The directory of one run is any directory, where it can be told which is the newest.
fn patterns(reports: &[RelPath], dated: &dyn Fn(&RelPath) -> bool) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String), Vec<&RelPath>> = BTreeMap::new();
    for report in reports {
        let run = runs::place(report).filter(|_| dated(report));
        let parts: Vec<&str> = report.as_str().split('/').collect();
        let parts = parts[..parts.len() - 1].iter().enumerate();
        let directory: String =
            parts.map(|(at, part)| if Some(at) == run { "*/".to_owned() } else { format!("{}/", literal(part)) }).collect();
        let ending = report.extension().map_or(String::new(), |extension| format!(".{extension}"));
        groups.entry((directory, ending)).or_default().push(report);
    }
    let group = |((directory, ending), reports): ((String, String), Vec<&RelPath>)| {
        let stems: BTreeSet<&str> = reports.iter().map(|report| report.stem()).collect();
        let stems: Vec<&str> = stems.into_iter().collect();
        let pattern = match stems.as_slice() {
            [one] => format!("{directory}{}{}", literal(one), literal(&ending)),
            several => {
                let common = several.iter().skip(1).fold(several[0], |common, stem| beginning(common, stem));
                // Half a word would be chance.
                let common = common.rfind(['-', '_', '.']).map_or("", |end| &common[..=end]);
                format!("{directory}{}*{}", literal(common), literal(&ending))
            }
        };
        Group {
            newest: directory.split('/').any(|part| part == "*"),
            dated: reports.iter().all(|report| dated(report)),
            pattern,
        }
    };
    groups.into_iter().map(group).collect()
}

fn beginning<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    &one[..same.map(|(c, _)| c.len_utf8()).sum()]
}

/// A name as a pattern that matches only it.
pub fn literal(name: &str) -> String {
    let class = |c: char| match c {
        '*' | '?' | '[' | ']' | '{' | '}' => format!("[{c}]"),
        _ => c.to_string(),
    };
    name.chars().map(class).collect()
}

/// Every file with its text, in the order in which they are to be written.
pub fn files(survey: &Survey, terms: &Terms<'_>) -> Vec<(String, String)> {
    let gates = Gates { survey, terms, groups: groups(survey), fixed: fixed(survey) };
    let mut files = vec![(LEDGER.to_owned(), ledger(survey, terms))];
    if !gates.fixed.is_empty() {
        files.insert(0, (REPORTS.to_owned(), reports(&gates.fixed)));
    }
    let gates = gates.all();
    for Gate { id, text, .. } in &gates {
        files.push((format!("gates/{}/{id}.toml", terms.name), text.clone()));
    }
    files.push((format!("policies/{}.toml", terms.name), policy(survey, terms, Some(&gates))));
    let extends = quoted(&format!("policies/{}.toml", terms.name));
    files.push((CONFIG.to_owned(), format!("schema  = \"gatekeeper.config/1\"\nextends = {extends}\n")));
    files
}

/// The same with policy and gates inside the configuration.
pub fn one_file(survey: &Survey, terms: &Terms<'_>) -> Vec<(String, String)> {
    let gates = Gates { survey, terms, groups: groups(survey), fixed: fixed(survey) };
    let mut files = vec![(LEDGER.to_owned(), ledger(survey, terms))];
    if !gates.fixed.is_empty() {
        files.insert(0, (REPORTS.to_owned(), reports(&gates.fixed)));
    }
    let mut config = policy(survey, terms, None);
    for Gate { text, blocking, waivable, .. } in gates.all() {
        // Every text of others is in quotes on its own line, so a bracket at the beginning of a line is ours.
        let text = text.replace("\n[[check]]", "\n[[gate.check]]").replace("\n[evidence.", "\n[gate.evidence.");
        let text = text.split_once('\n').map_or("", |(_schema, rest)| rest);
        write!(config, "\n[[gate]]\nblocking = {blocking}\nwaivable = {waivable}\n{text}").expect("memory takes all");
    }
    files.push((CONFIG.to_owned(), config));
    files
}

/// The reports whose paths the next run has too.
fn fixed(survey: &Survey) -> Vec<RelPath> {
    let of_one_run = |report: &&RelPath| runs::place(report).is_some() && survey.made.contains_key(*report);
    survey.reports.iter().filter(|report| !of_one_run(report)).cloned().collect()
}

fn reports(fixed: &[RelPath]) -> String {
    let paths = fixed.iter().map(ToString::to_string);
    format!(
        "# The reports that must be there: a run without one of them fails. Take out what is no longer written, add what is new.\n\
         reports = {}\n",
        list(paths)
    )
}

fn ledger(survey: &Survey, terms: &Terms<'_>) -> String {
    let mut text = "# Known failures, each with an owner and a last day. An entry excuses the failure of its test and nothing else; one whose\n\
                    # test passes again is a finding, so remove it and lower `known_failures_max` in the policy.\n\
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

/// The policy as a file of its own that names these gates, or as the beginning of a configuration that holds all.
fn policy(survey: &Survey, terms: &Terms<'_>, gates: Option<&[Gate]>) -> String {
    let (head, above) = match gates {
        Some(_) => ("schema = \"gatekeeper.policy/1\"\n", ""),
        None => ("schema = \"gatekeeper.config/1\"\n\n[policy]\n", "policy."),
    };
    let (name, title) = (quoted(terms.name), quoted(&format!("Release gates of {}", terms.name)));
    let mut text = format!(
        "{head}id     = {name}\ntitle  = {title}\nledger = [\"repo:{LEDGER}\"]\n\n\
         [{above}lane.preflight]\nrule = \"preflight\"\n\n[{above}lane.full]\nrule = \"full\"\n"
    );
    for Gate { id, blocking, waivable, .. } in gates.unwrap_or_default() {
        write!(text, "\n[[gate]]\nid       = \"{id}\"\nblocking = {blocking}\nwaivable = {waivable}\n")
            .expect("memory takes all");
    }
    let mut parameter = |name: &str, value: String, tighter: &str, doc: &str| {
        write!(text, "\n[{above}parameter.{name}]\nvalue   = {value}\ntighter = \"{tighter}\"\ndoc     = \"{doc}\"\n")
            .expect("memory takes all");
    };
    let count = survey.failing.len().to_string();
    parameter(
        "known_failures_max",
        count,
        "lower",
        "Most known failures in the exceptions file. Lower it whenever one is fixed.",
    );
    parameter("tests_min", survey.ran.to_string(), "higher", "Fewest tests that must run, in all reports together.");
    if groups(survey).iter().any(|group| group.dated) {
        let doc = "How long ago the reports may have been made that say when they were.";
        parameter("report_max_age", quoted(&terms.max_age.to_string()), "lower", doc);
    }
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
        let told = |paths: &[&str]| {
            let paths: Vec<RelPath> = paths.iter().map(|path| RelPath::parse(path).expect("a path")).collect();
            let groups = patterns(&paths, &|path| path.as_str().ends_with(".xml")).into_iter();
            groups
                .map(|group| format!("{}{}", group.pattern, if group.newest { " newest" } else { "" }))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&["target/nextest/ci/junit.xml"]), ["target/nextest/ci/junit.xml"]);
        assert_eq!(told(&["r/TEST-a.b.xml", "r/TEST-a.c.xml", "r/go.json"]), ["r/go.json", "r/TEST-a.*.xml"]);
        assert_eq!(told(&["alpha.xml", "alps.xml", "x/out"]), ["*.xml", "x/out"]);
        assert_eq!(told(&["a[1]/{b}?.xml"]), ["a[[]1[]]/[{]b[}][?].xml"]);
        // Directories of runs, where the reports say when they were made.
        assert_eq!(told(&["n/2026-11-26/a.xml", "n/2026-11-27/a.xml", "n/2026-11-27/b.xml"]), ["n/*/*.xml newest"]);
        assert_eq!(told(&["n/run-7/e2e/a.xml"]), ["n/*/e2e/a.xml newest"]);
        assert_eq!(told(&["n/2026-11-26/a.tap", "n/2026-11-27/a.tap"]), ["n/2026-11-26/a.tap", "n/2026-11-27/a.tap"]);
    }
}
