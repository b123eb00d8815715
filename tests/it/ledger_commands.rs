//! `gatekeeper waivers` and `gatekeeper quarantine` on copies of the fixture repository, with history of their own.

use crate::support::gatekeeper;
use gatekeeper::cli::Exit;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-03-02T12:00:00Z";
const LEDGER: &str = "tests/suite_classification.toml";
const CONFIG: &str = "schema = \"gatekeeper.config/1\"\nextends = \"builtin:full-suite\"\n";
const GATE: &str = "suite_classification";
const SECTIONS: [&str; 2] = ["waivers", "quarantine"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A repository whose policy is `full-suite`.
struct Place(tempfile::TempDir);

impl Place {
    /// With this ledger, committed on a day of 2026.
    fn new(ledger: &str, day: &str) -> Self {
        let place = Self::bare(ledger);
        git2::Repository::init(place.0.path()).expect("a repository");
        place.commit(day);
        place
    }

    /// Without git.
    fn bare(ledger: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        place.write("gatekeeper.toml", CONFIG);
        place.write(LEDGER, ledger);
        place
    }

    /// With the ledger of the fixture repository.
    fn fixture() -> Self {
        Self::new(&fs::read_to_string(fixtures().join("repos/agent-cli").join(LEDGER)).expect("read"), "2026-02-27")
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn ledger(&self) -> String {
        fs::read_to_string(self.0.path().join(LEDGER)).expect("read")
    }

    /// Commits the ledger at noon of a day.
    fn commit(&self, day: &str) {
        let repository = git2::Repository::open(self.0.path()).expect("a repository");
        let mut index = repository.index().expect("an index");
        index.add_path(Path::new(LEDGER)).expect("added");
        index.write().expect("written");
        let tree = repository.find_tree(index.write_tree().expect("a tree")).expect("the tree");
        let noon = chrono::DateTime::parse_from_rfc3339(&format!("{day}T12:00:00Z")).expect("a day").timestamp();
        let author = git2::Signature::new("a", "a@example.com", &git2::Time::new(noon, 0)).expect("an author");
        let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, day, &tree, &parents).expect("a commit");
    }

    /// Runs a command line: exit, standard output, what was said.
    fn run(&self, now: &str, arguments: &[&str]) -> (Exit, String, String) {
        let root = self.0.path().display().to_string();
        gatekeeper(&[arguments, &["--root", &root, "--now", now]].concat(), &[])
    }

    fn audit(&self, section: &str, more: &[&str]) -> (Exit, Value) {
        let (exit, out, said) = self.run(NOW, &[&[section, "audit", "--json"], more].concat());
        (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{said}")))
    }

    /// Expects a refusal that says this, and an untouched ledger.
    fn refused(&self, arguments: &[&str], words: &str) {
        let before = self.ledger();
        let (exit, out, said) = self.run(NOW, arguments);
        assert_eq!((exit, out.as_str()), (Exit::Failed, ""), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(said.contains("nothing was written"), "{said}");
        assert_eq!(self.ledger(), before, "{arguments:?}");
    }
}

/// `waivers add` with these flags in place of the sound ones.
fn add<'a>(gate: &'a str, instead: &[(&'a str, &'a str)]) -> Vec<&'a str> {
    let sound = [
        ("--owner", "team"),
        ("--bead", "T-9"),
        ("--reason", "the import is under review"),
        ("--expires", "2026-03-20"),
        ("--scope", "full,preflight"),
        ("--exit-criterion", "everything is imported"),
    ];
    with(&["waivers", "add", gate], &sound, instead)
}

/// `quarantine add` with these flags in place of the sound ones.
fn hold<'a>(test: &'a str, instead: &[(&'a str, &'a str)]) -> Vec<&'a str> {
    let sound = [
        ("--category", "FLAKE-NET"),
        ("--owner", "team"),
        ("--bead", "T-9"),
        ("--reason", "the server closes early"),
        ("--expires", "2026-03-10"),
        ("--evidence", "run/output.log"),
        ("--reproduce", "cargo test reconnects"),
        ("--exit-criterion", "thirty clean runs"),
    ];
    with(&["quarantine", "add", test], &sound, instead)
}

fn with<'a>(begin: &[&'a str], sound: &[(&'a str, &'a str)], instead: &[(&'a str, &'a str)]) -> Vec<&'a str> {
    let mut arguments = begin.to_vec();
    for (flag, value) in sound {
        let other = instead.iter().find(|(own, _)| own == flag).map(|(_, other)| *other);
        arguments.extend([*flag, other.unwrap_or(value)]);
    }
    for (flag, value) in instead.iter().filter(|(own, _)| sound.iter().all(|(flag, _)| flag != own)) {
        arguments.extend([*flag, *value]);
    }
    arguments
}

#[test]
fn a_waiver_is_added_where_its_section_ends_and_everything_else_stays() {
    let place = Place::fixture();
    let before = place.ledger();
    let (exit, preview, said) = place.run(NOW, &[add(GATE, &[]), vec!["--dry-run"]].concat());
    assert_eq!((exit, place.ledger()), (Exit::Pass, before.clone()), "{said}");
    let (exit, out, said) = place.run(NOW, &add(GATE, &[]));
    assert_eq!((exit, &out), (Exit::Pass, &preview), "{said}");
    let lines = "[waiver.suite_classification]
owner          = \"team\"
bead           = \"T-9\"
reason         = \"the import is under review\"
created        = 2026-03-02
expires        = 2026-03-20
scope          = [\"full\", \"preflight\"]
exit_criterion = \"everything is imported\"
";
    let after = place.ledger();
    assert_eq!(after.replacen(&format!("{lines}\n"), "", 1), before);
    let added: String = out.lines().filter_map(|line| Some(line.strip_prefix('+')?.to_owned() + "\n")).skip(1).collect();
    assert!(added.contains(lines), "{out}");
    assert!(out.starts_with(&format!("--- a/{LEDGER}\n+++ b/{LEDGER}\n@@ -")), "{out}");

    place.refused(&add(GATE, &[]), "already");
    let (exit, _, said) = place.run(NOW, &["waivers", "remove", GATE]);
    assert_eq!((exit, place.ledger()), (Exit::Pass, before), "{said}");
}

#[test]
fn what_the_lifecycle_would_reject_is_refused() {
    let place = Place::fixture();
    let cases = [
        (add("suite_clasification", &[]), "did you mean `suite_classification`"),
        (add("waiver_lifecycle", &[]), "cannot be waived"),
        (add(GATE, &[("--expires", "2026-03-01"), ("--created", "2026-02-20")]), "expired 1 days ago"),
        (add(GATE, &[("--expires", "2026-04-02")]), "it spans 31 days; at most 30 are allowed"),
        (add(GATE, &[("--created", "2026-03-03")]), "it begins in the future"),
        (add(GATE, &[("--expires", "2026-03-01")]), "it ends before it begins"),
        (add(GATE, &[("--expires", "soon")]), "a date like 2026-01-31"),
        (add(GATE, &[("--expires", "2026-02-30")]), "a date like 2026-01-31"),
        (add(GATE, &[("--scope", "ful")]), "`ful`, which the policy does not have"),
        (add(GATE, &[("--scope", " ")]), "a list of lanes"),
        (add(GATE, &[("--owner", " ")]), "`owner`"),
        (add(GATE, &[("--reason", "")]), "`reason`"),
        (add(GATE, &[("--reason", "a\u{202e}b")]), "hides, moves or reorders"),
        (add(GATE, &[("--bead", "ghp_0123456789abcdefghijABCDEFGHIJ012345")]), "looks like a secret"),
        (add(" ", &[]), "the name is blank"),
        (hold("a::b", &[("--category", "FLAKE-MOON")]), "FLAKE-TIMING"),
        (hold("a::b", &[("--expires", "2026-03-13")]), "it spans 11 days; at most 10 are allowed"),
        (hold("a::b", &[("--since", "2026-03-03")]), "it begins in the future"),
        (hold("a::b", &[("--evidence", "")]), "`evidence`"),
        (hold("a::b", &[("--reproduce", " ")]), "`reproduce`"),
        (hold("", &[]), "the name is blank"),
        (
            vec!["waivers", "renew", "suite_sorte", "--expires", "2026-03-14", "--reason", "r"],
            "did you mean `suite_sorted`",
        ),
        (vec!["waivers", "renew", "suite_sorted", "--expires", "2026-03-12", "--reason", "r"], "that is no renewal"),
        (vec!["waivers", "renew", "suite_sorted", "--expires", "2026-04-02", "--reason", "r"], "at most 30 are allowed"),
        (vec!["quarantine", "remove", "a::b"], "no ledger has"),
    ];
    assert_eq!(cases.len(), 25);
    for (arguments, words) in &cases {
        place.refused(arguments, words);
    }
    // A renewal counts from its own day; `created` stays.
    let renewed = place.run(NOW, &["waivers", "renew", "suite_sorted", "--expires", "2026-04-01", "--reason", "r"]);
    assert_eq!(renewed.0, Exit::Pass, "{}", renewed.2);
    assert!(place.ledger().contains("created        = 2026-02-12\nexpires        = 2026-04-01"), "{}", place.ledger());
    // The same dates, sound.
    assert_eq!(place.run(NOW, &add(GATE, &[("--expires", "2026-04-01")])).0, Exit::Pass);
    assert_eq!(place.run(NOW, &hold("a::b", &[("--expires", "2026-03-12")])).0, Exit::Pass);

    // A gate that is never waived.
    place.write("gatekeeper.toml", format!("{CONFIG}[[gate]]\nid = \"suite_sorted\"\nwaivable = false\n"));
    assert_eq!(place.run(NOW, &["waivers", "remove", "suite_sorted"]).0, Exit::Pass);
    place.refused(&add("suite_sorted", &[]), "never waivable");
}

#[test]
fn a_second_renewal_is_refused_and_removing_does_not_reset_the_count() {
    let place = Place::fixture();
    let before = place.ledger();
    let renew =
        |day: &'static str| ["waivers", "renew", "suite_sorted", "--expires", day, "--reason", "review takes longer"];
    let (exit, out, said) = place.run(NOW, &renew("2026-03-13"));
    assert_eq!(exit, Exit::Pass, "{said}");
    let changed = |sign: char| out.lines().filter(|line| line.starts_with(sign)).count();
    assert!(changed('+') >= 3 && changed('-') == changed('+'), "{out}");
    let after = place.ledger();
    let told = |text: &str, key: &str| {
        let own = text.split("[waiver.suite_sorted]").nth(1).and_then(|own| own.lines().find(|line| line.starts_with(key)));
        own.and_then(|line| line.split('"').nth(1)).expect("a text").to_owned()
    };
    // Why it was excused at first stays.
    assert_eq!(told(&after, "reason"), format!("review takes longer (before: {})", told(&before, "reason")));
    assert!(after.contains("expires        = 2026-03-13\n"), "{after}");
    assert_eq!(after.lines().zip(before.lines()).filter(|(a, b)| a != b).count(), 2);
    place.commit("2026-03-02");
    place.refused(&renew("2026-03-14"), "renewal 2");
    assert_eq!(place.audit("waivers", &[]).1["entries"][0]["renewals"], 1);

    // Taken out and put back at once: the count stands.
    assert_eq!(place.run(NOW, &["waivers", "remove", "suite_sorted"]).0, Exit::Pass);
    place.commit("2026-03-02");
    place.refused(&add("suite_sorted", &[("--expires", "2026-03-20")]), "renewal 2");
    assert_eq!(place.run("2026-03-16T12:00:00Z", &add("suite_sorted", &[("--expires", "2026-03-20")])).0, Exit::Pass);

    // Tests have the same rule.
    let test = "e2e_provider_streaming::retries_after_disconnect";
    let extend = ["quarantine", "renew", test, "--expires", "2026-03-09", "--reason", "the fix is in review"];
    assert_eq!(place.run(NOW, &extend).0, Exit::Pass);
    place.commit("2026-03-02");
    place.write("gatekeeper.toml", format!("{CONFIG}[limits]\nextensions_max = 0\n"));
    assert_eq!(place.audit("quarantine", &[]).0, Exit::Failed);
}

#[test]
fn history_that_is_unknown_refuses_and_is_never_shown_as_zero() {
    let place = Place::bare(&Place::fixture().ledger());
    place.refused(&add(GATE, &[]), "git cannot tell");
    let renew = ["waivers", "renew", "suite_sorted", "--expires", "2026-03-14", "--reason", "r"];
    place.refused(&renew, "git cannot tell");
    for section in SECTIONS {
        let (exit, json) = place.audit(section, &["--expiring", "1d"]);
        assert_eq!(exit, Exit::Gap, "{json}");
        assert!(json["history"].is_null() && json["history_unknown"].is_string(), "{json}");
        assert!(json["entries"][0]["renewals"].is_null(), "{json}");
        let (_, out, _) = place.run(NOW, &[section, "audit"]);
        assert!(out.contains("history: unknown (") && out.contains("renewals unknown"), "{out}");
    }
    assert_eq!(place.run(NOW, &["waivers", "remove", "suite_sorted"]).0, Exit::Pass, "removing is always allowed");
}

#[test]
fn names_with_quotes_dots_and_other_scripts_survive() {
    let place = Place::fixture();
    let names =
        ["plain", "a.b.c", "pytest::tests/test_é.py::test[\"x\"-'y']", "日本 語", "back\\slash", "# no comment", "[x]"];
    for name in names {
        let before = place.ledger();
        let (exit, _, said) = place.run(NOW, &hold(name, &[]));
        assert_eq!(exit, Exit::Pass, "{name}: {said}");
        let (_, json) = place.audit("quarantine", &[]);
        let told =
            json["entries"].as_array().expect("a list").iter().any(|row| row["name"] == name && row["state"] == "active");
        assert!(told, "{name}: {json}");
        let renew = ["quarantine", "renew", name, "--expires", "2026-03-11", "--reason", "r"];
        assert_eq!(place.run(NOW, &renew).0, Exit::Pass, "{name}");
        assert_eq!(place.run(NOW, &["quarantine", "remove", name]).0, Exit::Pass, "{name}");
        assert_eq!(place.ledger(), before, "{name}");
    }
    assert_eq!(names.len(), 7);
}

#[test]
fn fields_are_spelled_as_the_configuration_says() {
    let place = Place::new("", "2026-03-01");
    place.write("gatekeeper.toml", format!("{CONFIG}[ledger.fields]\nbead = \"ticket\"\nexpires = \"until\"\n"));
    let (exit, _, said) = place.run(NOW, &add(GATE, &[]));
    assert_eq!(exit, Exit::Pass, "{said}");
    assert!(
        place.ledger().starts_with("[waiver.suite_classification]\nowner = \"team\"\nticket = \"T-9\"\n"),
        "{}",
        place.ledger()
    );
    let renew = ["waivers", "renew", GATE, "--expires", "2026-03-25", "--reason", "longer"];
    assert_eq!(place.run(NOW, &renew).0, Exit::Pass);
    assert!(place.ledger().contains("\nuntil = 2026-03-25\n") && !place.ledger().contains("expires"), "{}", place.ledger());
    assert_eq!(place.audit("waivers", &[]).1["entries"][0]["expires"], "2026-03-25");
}

#[test]
fn the_policy_may_name_several_ledgers() {
    let place = Place::new("", "2026-03-01");
    let named = format!("gates = [\"gates/*.toml\"]\n[ledger]\npaths = [\"repo:{LEDGER}\", \"repo:more.toml\"]\n");
    // What no gate judges is no ledger.
    let gate = "schema = \"gatekeeper.gate/1\"\nid = \"more_exceptions\"\ntitle = \"More exceptions\"\nowner = \"team\"\nbead = \"T-1\"\n\
                why = \"They are exceptions too.\"\nreproduce = \"gatekeeper lint\"\nremediation = [\"Mend them.\"]\n\
                [evidence.ledger]\npath = \"repo:more.toml\"\n[[check]]\nkind = \"waiver-lifecycle\"\nledger = \"ledger\"\n\
                [[check]]\nkind = \"quarantine-lifecycle\"\nledger = \"ledger\"\n";
    place.write("gates/more_exceptions.toml", gate);
    place.write("gatekeeper.toml", format!("{CONFIG}{named}[[gate]]\nid = \"more_exceptions\"\nblocking = true\n"));
    place.write("more.toml", "");
    let (exit, _, said) = place.run(NOW, &[add(GATE, &[]), vec!["--ledger", "more.toml"]].concat());
    assert_eq!((exit, place.ledger().as_str()), (Exit::Pass, ""), "{said}");
    place.refused(&add(GATE, &[]), "`more.toml` has the waiver");
    assert_eq!(place.run(NOW, &[add(GATE, &[]), vec!["--ledger", "mor.toml"]].concat()).0, Exit::Usage);
    assert_eq!(place.run(NOW, &["waivers", "remove", GATE]).0, Exit::Pass);
}

#[test]
fn an_audit_tells_the_states_apart() {
    let ledger = fs::read_to_string(fixtures().join("ledgers/several_states.toml")).expect("read");
    let place = Place::new(&ledger, "2026-02-25");
    let (exit, json) = place.audit("waivers", &[]);
    assert_eq!((exit, &json["entries"][0]["state"], &json["active"]), (Exit::Pass, &"active".into(), &1.into()));
    assert_eq!(place.audit("waivers", &["--expiring", "17d"]).0, Exit::Pass);
    let (exit, json) = place.audit("waivers", &["--expiring", "18d"]);
    assert_eq!((exit, &json["entries"][0]["state"]), (Exit::Failed, &"expiring".into()));
    let (exit, json) = place.audit("quarantine", &[]);
    let rows = json["entries"].as_array().expect("a list");
    let mut told: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["name"].as_str().expect("a name"), row["state"].as_str().expect("a state"))).collect();
    told.sort_unstable();
    let expected = [("ended.\"yesterday\" é", "expired"), ("ends::soon", "expiring"), ("too::long", "invalid")];
    assert_eq!((exit, told.as_slice()), (Exit::Failed, expected.as_slice()));
    let (_, out, _) = place.run(NOW, &["quarantine", "audit"]);
    assert!(out.contains("expired 1 d ago; owner team; until 2026-03-01") && out.contains("expiring in 2 d"), "{out}");
    for bad in ["14", "soon"] {
        assert_eq!(place.run(NOW, &["waivers", "audit", "--expiring", bad]).0, Exit::Usage, "{bad}");
    }
}

#[test]
fn metrics_come_from_the_history_of_the_ledger() {
    let entry = |first: &str, last: &str| {
        format!(
            "[waiver.suite_sorted]\nowner = \"t\"\nbead = \"T\"\nreason = \"r\"\ncreated = {first}\nexpires = {last}\nscope = [\"full\"]\nexit_criterion = \"x\"\n"
        )
    };
    let place = Place::new(&entry("2026-01-01", "2026-01-10"), "2026-01-01");
    let steps = [
        (None, "2026-01-10"),
        (None, "2026-01-12"),
        (Some(String::new()), "2026-01-15"),
        (Some(entry("2026-01-20", "2026-02-01")), "2026-01-20"),
        (Some(String::new()), "2026-01-26"),
        (Some("torn = [".to_owned()), "2026-01-27"),
        (Some(entry("2026-03-01", "2026-03-20")), "2026-03-01"),
    ];
    for (text, day) in &steps {
        if let Some(text) = text {
            place.write(LEDGER, text);
        }
        place.commit(day);
    }
    let (exit, json) = place.audit("waivers", &[]);
    let history = &json["history"];
    assert_eq!((exit, &json["active"]), (Exit::Pass, &1.into()), "{json}");
    assert_eq!((&history["commits"], &history["passed_over"]), (&8.into(), &1.into()), "{json}");
    // 14 days and 6 days.
    assert_eq!(history["mean_days_to_fix"], 10.0, "{json}");
    assert_eq!(
        (history["removed"].as_array().map(Vec::len), history["escapes"].as_array().map(Vec::len)),
        (Some(2), Some(2))
    );
    let late = history["expiry_violations"].as_array().expect("a list");
    assert_eq!((late.len(), &late[0]["commits"], &late[0]["day"]), (1, &1.into(), &"2026-01-12".into()), "{json}");
    let (_, out, _) = place.run(NOW, &["waivers", "audit"]);
    let line = "history of 8 commits: 2 removed, mean time to fix 10.0 d, 2 escapes, 1 expiry violation\n";
    assert!(out.contains(line), "{out}");
}

#[test]
fn ledgers_that_cannot_be_read_are_no_empty_ledgers() {
    let mut looked = 0;
    for file in ["torn", "no_table", "not_text", "missing"] {
        let place = Place::new("", "2026-03-01");
        match file {
            "not_text" => place.write(LEDGER, [0xff, 0xfe, b'\n']),
            "missing" => fs::remove_file(place.0.path().join(LEDGER)).expect("removed"),
            file => place.write(LEDGER, fs::read(fixtures().join(format!("ledgers/{file}.toml"))).expect("read")),
        }
        for arguments in
            [vec!["waivers", "audit"], vec!["quarantine", "audit"], add(GATE, &[]), vec!["quarantine", "remove", "a::b"]]
        {
            let (exit, out, said) = place.run(NOW, &arguments);
            assert_eq!((exit, out.as_str()), (Exit::Gap, ""), "{file} {arguments:?}: {said}");
            assert!(said.contains(LEDGER), "{said}");
            looked += 1;
        }
    }
    assert_eq!(looked, 16);
}

#[test]
fn damaged_entries_are_shown_and_can_be_removed() {
    let ledger = fs::read_to_string(fixtures().join("ledgers/damaged_entries.toml")).expect("read");
    let place = Place::new(&ledger, "2026-03-01");
    let (exit, json) = place.audit("waivers", &[]);
    let rows = json["entries"].as_array().expect("a list");
    assert_eq!((exit, rows.len(), &json["active"]), (Exit::Failed, 2, &0.into()));
    for row in rows {
        assert_eq!(row["state"], "invalid");
        assert!(row["problems"].as_array().is_some_and(|problems| !problems.is_empty()), "{row}");
    }
    let renew = ["waivers", "renew", "suite_sorted", "--expires", "2026-03-20", "--reason", "r"];
    place.refused(&renew, "would not hold");
    assert_eq!(place.run(NOW, &["waivers", "remove", "no such gate"]).0, Exit::Pass);
    assert_eq!(place.run(NOW, &["waivers", "remove", "suite_sorted"]).0, Exit::Pass);
    assert_eq!(place.run(NOW, &["quarantine", "remove", "a::b"]).0, Exit::Pass);
    for section in SECTIONS {
        assert_eq!(place.audit(section, &[]).0, Exit::Pass);
    }
    assert!(place.ledger().starts_with("# Every entry is damaged in its own way.\n"), "{}", place.ledger());
}

/// A history of one exception: the day of each commit, with the name, first and last day of the entry, or nothing.
type Lived<'a> = &'a [(&'a str, &'a str)];

#[test]
fn renewals_count_whatever_way_an_entry_is_edited() {
    let text = |section: &str, entry: &str| {
        let mut words = entry.split('|');
        let (Some(name), Some(first), Some(last)) = (words.next(), words.next(), words.next()) else {
            return String::new();
        };
        match section {
            "waivers" => format!(
                "[waiver.{name}]\nowner = 'o'\nbead = 'b'\nreason = 'r'\ncreated = {first}\nexpires = {last}\nscope = ['full']\n\
                 exit_criterion = 'e'\n"
            ),
            _ => format!(
                "[quarantine.\"{name}\"]\ncategory = 'FLAKE-NET'\nowner = 'o'\nbead = 'b'\nreason = 'r'\nsince = {first}\n\
                 expires = {last}\nevidence = 'e'\nreproduce = 'r'\nexit_criterion = 'e'\n"
            ),
        }
    };
    let cases: [(&str, &str, Lived<'_>, u32); 8] = [
        ("waivers", "left alone", &[("2026-02-20", "suite_sorted|2026-02-20|2026-03-10")], 0),
        (
            "waivers",
            "shortened into the past, out and in on one day, twice",
            &[
                ("2026-02-01", "suite_sorted|2026-02-01|2026-02-20"),
                ("2026-02-19", "suite_sorted|2026-02-01|2026-02-10"),
                ("2026-02-19", ""),
                ("2026-02-19", "suite_sorted|2026-02-12|2026-03-01"),
                ("2026-03-01", "suite_sorted|2026-02-12|2026-02-14"),
                ("2026-03-01", ""),
                ("2026-03-01", "suite_sorted|2026-02-16|2026-03-10"),
            ],
            2,
        ),
        (
            "waivers",
            "both days moved",
            &[("2026-02-01", "suite_sorted|2026-02-01|2026-02-20"), ("2026-02-20", "suite_sorted|2026-02-20|2026-03-10")],
            1,
        ),
        (
            "waivers",
            "begun anew after a whole day",
            &[
                ("2026-02-01", "suite_sorted|2026-02-01|2026-02-20"),
                ("2026-02-20", ""),
                ("2026-02-22", "suite_sorted|2026-02-22|2026-03-10"),
            ],
            0,
        ),
        (
            "waivers",
            "out and in on the next day",
            &[
                ("2026-02-01", "suite_sorted|2026-02-01|2026-02-20"),
                ("2026-02-20", ""),
                ("2026-02-21", "suite_sorted|2026-02-21|2026-03-10"),
            ],
            1,
        ),
        (
            "quarantine",
            "another spelling of the test",
            &[
                ("2026-02-20", "com.acme.FooTest::bar[1: x]|2026-02-20|2026-02-24"),
                ("2026-02-24", "com.acme.FooTest::bar[1: x]|2026-02-20|2026-03-01"),
                ("2026-03-01", "bar[1: x]|2026-03-01|2026-03-08"),
            ],
            2,
        ),
        (
            "quarantine",
            "its report is named too",
            &[("2026-02-20", "s::t|2026-02-20|2026-03-01"), ("2026-03-01", "s::t in a.xml|2026-03-01|2026-03-08")],
            1,
        ),
        (
            "quarantine",
            "another test",
            &[("2026-02-20", "s::t|2026-02-20|2026-03-01"), ("2026-03-01", "s::u|2026-03-01|2026-03-08")],
            0,
        ),
    ];
    let mut looked = 0;
    for (section, what, lived, renewals) in cases {
        let place = Place::new(&text(section, lived[0].1), lived[0].0);
        for (day, entry) in &lived[1..] {
            place.write(LEDGER, text(section, entry));
            place.commit(day);
        }
        let (exit, json) = place.audit(section, &["--expiring", "1d"]);
        assert_eq!(json["entries"][0]["renewals"], renewals, "{what}: {json}");
        let expected = if renewals > 1 { (Exit::Failed, "invalid") } else { (Exit::Pass, "active") };
        assert_eq!((exit, json["entries"][0]["state"].as_str()), (expected.0, Some(expected.1)), "{what}: {json}");
        looked += 1;
    }
    assert_eq!(looked, 8);
}
