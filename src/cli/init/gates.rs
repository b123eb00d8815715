//! The gates of a first configuration: what is there stays there, what fails is known, and what is known does not grow.
//!
//! In: a survey and who answers for it. Out: gate files, in the order of the report.

use super::draft::{Group, LEDGER, REPORTS, Terms, quoted};
use super::survey::Survey;
use crate::model::RelPath;

/// One gate of the first configuration.
pub struct Gate {
    /// Its id.
    pub id: &'static str,
    /// Whether it blocks.
    pub blocking: bool,
    /// Whether a waiver may cover it.
    pub waivable: bool,
    /// Its file.
    pub text: String,
}

/// What the gates are made of.
pub struct Gates<'a> {
    /// What was found.
    pub survey: &'a Survey,
    /// Who answers for it.
    pub terms: &'a Terms<'a>,
    /// Where the reports are.
    pub groups: Vec<Group>,
    /// The reports whose paths stay the same.
    pub fixed: Vec<RelPath>,
}

impl Gates<'_> {
    /// Every gate.
    pub fn all(&self) -> Vec<Gate> {
        let mut gates = Vec::new();
        if !self.fixed.is_empty() {
            gates.push(self.reports_present());
        }
        gates.extend([self.reports_declared(), self.tests_ran()]);
        if !self.survey.suites.is_empty() {
            gates.push(self.tests_declared());
        }
        gates.extend([self.tests_pass(), self.known_failures(), self.lifecycle("waiver"), self.lifecycle("quarantine")]);
        gates.extend([self.known_failures_limit(), self.flaky_tests()]);
        gates.extend(self.terms.extras.iter().map(|found| {
            let [title, why, remediation, rest] = found.gate();
            self.gate(found.id(), &title, &why, &remediation, &rest)
        }));
        gates
    }

    fn gate(&self, id: &'static str, title: &str, why: &str, remediation: &str, rest: &str) -> Gate {
        let Terms { owner, bead, reproduce, .. } = self.terms;
        let text = format!(
            "schema = \"gatekeeper.gate/1\"\n\
             id     = \"{id}\"\n\
             title  = \"{title}\"\n\
             owner  = {}\n\
             bead   = {}\n\
             why    = \"{why}\"\n\
             reproduce   = {}\n\
             remediation = [\"{remediation}\"]\n\n{rest}",
            quoted(owner),
            quoted(bead),
            quoted(reproduce),
        );
        Gate { id, blocking: true, waivable: true, text }
    }

    /// The ids of the needs for the reports.
    fn ids(&self) -> Vec<String> {
        match self.groups.len() {
            1 => vec!["reports".to_owned()],
            many => (1..=many).map(|number| format!("reports_{number}")).collect(),
        }
    }

    /// The ids of the needs for the reports, and their tables.
    fn evidence(&self) -> (Vec<String>, String) {
        let ids = self.ids();
        let table = |(id, group): (&String, &Group)| {
            let pick = if group.newest { "newest-run" } else { "all" };
            let age = "at       = \"/timestamp\"\ntimezone = \"UTC\"\nmax_age  = \"policy.report_max_age\"\n";
            let age = if group.dated { age } else { "" };
            format!("{}pick     = \"{pick}\"\nformat   = \"test-report\"\n{age}\n", self.table(id, &group.pattern))
        };
        let tables = ids.iter().zip(&self.groups).map(table).collect();
        (ids, tables)
    }

    /// The beginning of a table of evidence.
    fn table(&self, id: &str, pattern: &str) -> String {
        let path = quoted(&format!("repo:{pattern}"));
        let exclude = if pattern.contains(['*', '?', '[', '{']) { self.exclude(false) } else { String::new() };
        format!("[evidence.{id}]\npath     = {path}\n{exclude}")
    }

    /// What is left out, as a line of a table; `all` with the files that are no sound reports.
    fn exclude(&self, all: bool) -> String {
        let invalid = self.survey.invalid.iter().filter(|_| all).map(|path| super::draft::literal(path.as_str()));
        let patterns = self.terms.exclude.iter().map(ToString::to_string).chain(invalid);
        let patterns: Vec<String> = patterns.map(|pattern| quoted(&format!("repo:{pattern}"))).collect();
        if patterns.is_empty() { String::new() } else { format!("exclude  = [{}]\n", patterns.join(", ")) }
    }

    fn reports_declared(&self) -> Gate {
        let ids = self.ids();
        let read = |(id, group): (&String, &Group)| {
            format!("{}pick     = \"all\"\nformat   = \"test-report\"\n\n", self.table(id, &group.pattern))
        };
        let tables: String = ids.iter().zip(&self.groups).map(read).collect();
        let rest = format!(
            "[evidence.found]\npath     = \"repo:**/*\"\n{}pick     = \"all\"\nformat   = \"test-report\"\n\n{tables}\
             [[check]]\nkind     = \"files-listed\"\nlisting  = \"found\"\nread_by  = {}\n\
             expect   = \"every test report is judged\"\nfinding  = \"undeclared-report\"\n",
            self.exclude(true),
            inline(&ids)
        );
        self.gate(
            "reports_declared",
            "Every test report is judged",
            "A report that no gate reads may tell of any failure.",
            "Add its path to the evidence of the gates beside this one, or leave it out with `exclude` if it is no report of a run.",
            &rest,
        )
    }

    fn reports_present(&self) -> Gate {
        let rest = format!(
            "[evidence.declared]\npath = \"repo:{REPORTS}\"\n\n\
             [evidence.reports]\nfrom   = \"declared.reports[*]\"\nbase   = \"repo\"\nformat = \"test-report\"\n\n\
             [[check]]\nkind     = \"present\"\nevidence = \"reports\"\nmissing  = \"error\"\nexpect   = \"every declared report is there and can be read\"\n"
        );
        let gate = self.gate(
            "reports_present",
            "Every declared report is there",
            "A report that is not written fails no test.",
            "Run the tests that write the report, or take it out of gatekeeper-reports.toml if it is no longer written.",
            &rest,
        );
        Gate { waivable: false, ..gate }
    }

    fn tests_ran(&self) -> Gate {
        let (ids, tables) = self.evidence();
        let counted: Vec<String> =
            ids.iter().map(|id| format!("sum({id}.map(r, r.totals.total - r.totals.skipped))")).collect();
        let rest = format!(
            "{tables}[[check]]\nkind    = \"holds\"\nthat    = \"{} >= policy.tests_min\"\n\
             expect  = \"as many tests ran as the policy asks for\"\nfinding = \"too-few-tests\"\n",
            counted.join(" + ")
        );
        self.gate(
            "tests_ran",
            "As many tests ran as before",
            "Tests that do not run do not fail.",
            "Look for the filter or condition that leaves tests out; lower `tests_min` only with the tests that were deleted.",
            &rest,
        )
    }

    fn tests_declared(&self) -> Gate {
        let (ids, tables) = self.evidence();
        let floors: Vec<String> =
            self.survey.suites.iter().map(|(name, ran)| format!("{} = {ran}", quoted(name))).collect();
        let rest = format!(
            "{tables}[[check]]\nkind      = \"tests-declared\"\nevidence  = {}\nsuites    = \"policy.suites\"\n\
             min_tests = {{ {} }}\nexpect    = \"every declared suite ran, with at least as many tests as before\"\n",
            inline(&ids),
            floors.join(", ")
        );
        let gate = self.gate(
            "tests_declared",
            "Every declared suite ran",
            "A suite that is gone takes its failures with it.",
            "Run the suite; take it out of `suites` and `min_tests` if it was deleted or renamed.",
            &rest,
        );
        // What was skipped as a whole before cannot be asked for from the first day.
        Gate { blocking: self.survey.all_skipped.is_empty(), ..gate }
    }

    fn tests_pass(&self) -> Gate {
        let (ids, tables) = self.evidence();
        let rest = format!(
            "{tables}[evidence.exceptions]\npath = \"repo:{LEDGER}\"\n\n\
             [[check]]\nkind      = \"tests-pass\"\nevidence  = {}\nflaky     = \"allow\"\nledger    = \"exceptions\"\nrecovered = \"find\"\n\
             expect    = \"every test passed, was skipped, or is a known failure in the exceptions file that still fails\"\n",
            inline(&ids)
        );
        self.gate(
            "tests_pass",
            "Every test passes that is not a known failure",
            "What fails is not released.",
            "Fix the tests that failed. Only failures from before gatekeeper was adopted belong in the exceptions file.",
            &rest,
        )
    }

    fn ledger(&self, id: &'static str, title: &str, why: &str, remediation: &str, check: &str) -> Gate {
        let rest = format!("[evidence.exceptions]\npath = \"repo:{LEDGER}\"\n\n[[check]]\n{check}");
        self.gate(id, title, why, remediation, &rest)
    }

    fn known_failures(&self) -> Gate {
        let gate = self.ledger(
            "known_failures",
            "Known failures do not become more",
            "A list of known failures that may grow is never worked off.",
            "Fix the new failure instead of adding it to the exceptions file.",
            "kind    = \"holds\"\n\
             that    = \"has(exceptions.quarantine) ? exceptions.quarantine.filter(test, !has(exceptions.quarantine[test].kind) || exceptions.quarantine[test].kind != 'flaky').size() <= policy.known_failures_max : policy.known_failures_max >= 0\"\n\
             expect  = \"the exceptions file holds no more known failures than the policy allows\"\n\
             finding = \"more-known-failures\"\nabsence = \"without a known failure the exceptions file has no such table\"\n",
        );
        Gate { waivable: false, ..gate }
    }

    fn known_failures_limit(&self) -> Gate {
        let gate = self.ledger(
            "known_failures_limit",
            "The limit of known failures is their number",
            "A limit above their number leaves room for new failures.",
            "Lower `known_failures_max` in the policy to the number of known failures.",
            "kind    = \"holds\"\n\
             that    = \"has(exceptions.quarantine) ? exceptions.quarantine.filter(test, !has(exceptions.quarantine[test].kind) || exceptions.quarantine[test].kind != 'flaky').size() >= policy.known_failures_max : policy.known_failures_max <= 0\"\n\
             expect  = \"`known_failures_max` is the number of known failures in the exceptions file\"\n\
             finding = \"lower-known-failures-max\"\nabsence = \"without a known failure the exceptions file has no such table\"\n",
        );
        Gate { blocking: false, ..gate }
    }

    fn lifecycle(&self, section: &'static str) -> Gate {
        let (id, what) = match section {
            "waiver" => ("waiver_lifecycle", "Waivers"),
            _ => ("quarantine_lifecycle", "Known failures"),
        };
        let gate = self.ledger(
            id,
            &format!("{what} are owned, dated and in date"),
            "An exception without an end is a rule.",
            "Fix what the entry excuses and remove it, or extend it once within the limits.",
            &format!("kind   = \"{section}-lifecycle\"\nledger = \"exceptions\"\nexpect = \"every entry is whole, in date and not extended too often\"\n"),
        );
        Gate { waivable: false, ..gate }
    }

    fn flaky_tests(&self) -> Gate {
        let (ids, tables) = self.evidence();
        let evidence = inline(&ids);
        let rest =
            format!("{tables}[[check]]\nkind        = \"no-flaky-tests\"\nevidence    = {evidence}\nallow_empty = true\n");
        let gate = self.gate(
            "flaky_tests",
            "No test passed only when it was run again",
            "A test that passes at the second attempt hides a fault.",
            "Find what makes the test depend on chance, and fix it.",
            &rest,
        );
        Gate { blocking: false, ..gate }
    }
}

fn inline(ids: &[String]) -> String {
    format!("[{}]", ids.iter().map(|id| quoted(id)).collect::<Vec<_>>().join(", "))
}
