//! Ids of tests that are unique in what is judged.
//!
//! People see and paste the short id, `suite::class::name`. Where several tests have the same one, it is written longer: with the host
//! of the suite (`[firefox]`), the source file (`(a.test.js)`), the report (`in build/a.xml`), each where it differs between these
//! tests; and where nothing differs, with the position among them (`#2`).

use super::cases::Identity;
use super::test_case::{TestCase, short_id};
use super::test_report::{TestReport, TestSuite};
use super::twice::Hashes;
use std::collections::{BTreeMap, BTreeSet};

/// The ids of all tests of some reports. Only those that are longer than the short id are kept.
#[derive(Debug, Default)]
pub struct TestIds {
    long: BTreeMap<(usize, usize), LongId>,
}

#[derive(Debug)]
struct LongId {
    text: Box<str>,
    /// Without the position.
    stem: Box<str>,
    counted: bool,
}

/// One test among the reports that are judged together.
#[derive(Clone, Copy)]
struct Member<'r> {
    /// Of its report, and its own in it.
    position: (usize, usize),
    report: &'r str,
    suite: &'r TestSuite,
    case: &'r TestCase,
}

impl Member<'_> {
    fn host(&self) -> Option<String> {
        self.suite.host.as_deref().map(|host| format!(" [{host}]"))
    }

    fn file(&self) -> Option<String> {
        self.case.file.as_deref().or(self.suite.file.as_deref()).map(|file| format!(" ({file})"))
    }

    fn report(&self) -> Option<String> {
        Some(format!(" in {}", self.report)).filter(|_| !self.report.is_empty())
    }

    /// What tells tests of one short id apart, in the order in which it is written.
    fn parts(&self) -> [Option<String>; 3] {
        [self.host(), self.file(), self.report()]
    }
}

impl TestIds {
    /// The ids of the tests of these reports, each with its path as outputs show it.
    pub fn of(reports: &[(&str, &TestReport)]) -> Self {
        let members = || {
            reports.iter().enumerate().flat_map(|(at, (path, report))| {
                report.cases().enumerate().map(move |(own, (suite, case))| Member {
                    position: (at, own),
                    report: path,
                    suite,
                    case,
                })
            })
        };
        let suites = reports.iter().flat_map(|(_, report)| &report.suites);
        let short = |suite| move |(class, name, _): Identity<'_>| short_id(suite, class, name);
        let hashes = Hashes::of(suites.flat_map(|suite| suite.cases.identities().map(short(suite))));
        if hashes.are_unique() {
            return Self::default();
        }
        let mut groups: BTreeMap<String, Vec<Member<'_>>> = BTreeMap::new();
        for (at, member) in members().enumerate() {
            if hashes.is_twice(at) {
                groups.entry(member.case.short_id(member.suite)).or_default().push(member);
            }
        }
        let mut ids = Self::default();
        // A title may look like an id that was written longer.
        let mut taken = BTreeSet::new();
        for (short, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            ids.lengthen(&short, &group, &mut |id| !hashes.has(id) && taken.insert(id.to_owned()));
        }
        ids
    }

    fn lengthen(&mut self, short: &str, group: &[Member<'_>], free: &mut dyn FnMut(&str) -> bool) {
        let mut ids = vec![short.to_owned(); group.len()];
        for part in 0..3 {
            let values: Vec<Option<String>> = group.iter().map(|member| member.parts()[part].clone()).collect();
            if values.iter().any(|value| *value != values[0]) {
                for (id, value) in ids.iter_mut().zip(&values) {
                    id.push_str(value.as_deref().unwrap_or_default());
                }
            }
        }
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &ids {
            *count.entry(id).or_default() += 1;
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, member) in ids.iter().zip(group) {
            let nth = seen.entry(id).or_default();
            *nth += 1;
            let counted = count[id.as_str()] > 1;
            let mut text = if counted { format!("{id} #{nth}") } else { id.clone() };
            while !free(&text) {
                text += &format!(" #{nth}");
            }
            self.long.insert(member.position, LongId { text: text.into(), stem: id.as_str().into(), counted });
        }
    }

    /// The id of a test: the position of its report, and its own among the cases of that report.
    pub fn id(&self, report: usize, position: usize, suite: &TestSuite, case: &TestCase) -> String {
        self.long.get(&(report, position)).map_or_else(|| case.short_id(suite), |long| long.text.to_string())
    }

    /// Every way to write the id: the short one, and with any of host, file and report. What people pasted stays right when another
    /// report comes or goes.
    pub fn spellings(report: &str, suite: &TestSuite, case: &TestCase) -> Vec<String> {
        let member = Member { position: (0, 0), report, suite, case };
        let mut spellings = vec![case.short_id(suite)];
        for part in member.parts().into_iter().flatten() {
            spellings.extend(spellings.clone().into_iter().map(|id| id + &part));
        }
        spellings
    }

    /// The id without its position: what several tests have in common that nothing else tells apart.
    pub fn stem(&self, report: usize, position: usize, suite: &TestSuite, case: &TestCase) -> String {
        match self.long.get(&(report, position)) {
            Some(long) if long.counted => long.stem.to_string(),
            Some(long) => long.text.to_string(),
            None => case.short_id(suite),
        }
    }

    /// Whether only its position tells the test from another one, so that no name can stand for it.
    pub fn is_counted(&self, report: usize, position: usize) -> bool {
        self.long.get(&(report, position)).is_some_and(|long| long.counted)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_case::{Attempt, AttemptStatus};
    use super::super::test_report::Spot;
    use super::*;

    fn suite(name: &str, host: Option<&str>, tests: &[(&str, &str, Option<&str>)]) -> TestSuite {
        let case = |(class, name, file): &(&str, &str, Option<&str>)| TestCase {
            class: (*class).into(),
            name: (*name).into(),
            file: file.map(Into::into),
            line: None,
            at: Spot::Line(1),
            attempts: Attempt::new(AttemptStatus::Passed, None, "").into(),
        };
        let cases = tests.iter().map(case).collect();
        TestSuite { host: host.map(Into::into), cases, ..TestSuite::new(name, Spot::Line(1)) }
    }

    fn ids(reports: Vec<Vec<TestSuite>>) -> Vec<String> {
        let reports: Vec<TestReport> = reports.into_iter().map(TestReport::of).collect();
        let named: Vec<String> = (0..reports.len()).map(|at| format!("{at}.xml")).collect();
        let all: Vec<(&str, &TestReport)> = named.iter().map(String::as_str).zip(&reports).collect();
        let ids = TestIds::of(&all);
        let cases = reports.iter().enumerate().flat_map(|(at, report)| {
            let ids = &ids;
            report.cases().enumerate().map(move |(own, (suite, case))| ids.id(at, own, suite, case))
        });
        cases.collect()
    }

    #[test]
    fn an_id_is_as_long_as_it_must_be() {
        let pays = |host| suite("a.spec", Some(host), &[("", "pays", None)]);
        assert_eq!(ids(vec![vec![pays("firefox"), pays("webkit")]]), ["a.spec::pays [firefox]", "a.spec::pays [webkit]"]);
        let files = suite("s", None, &[("c", "t", Some("a.js")), ("c", "t", Some("b.js")), ("c", "u", None)]);
        assert_eq!(ids(vec![vec![files]]), ["s::c::t (a.js)", "s::c::t (b.js)", "s::c::u"]);
        let one = || vec![suite("s", None, &[("", "t", None)])];
        assert_eq!(ids(vec![one(), one()]), ["s::t in 0.xml", "s::t in 1.xml"]);
        // One id by two ways, and one test told twice.
        let ways = vec![suite("s", None, &[("c", "t", None)]), suite("s::c", None, &[("", "t", None)])];
        assert_eq!(ids(vec![ways]), ["s::c::t #1", "s::c::t #2"]);
        assert_eq!(
            ids(vec![vec![suite("s", None, &[("", "", None), ("", " ", None)])]]),
            ["s::(no name) #1", "s::(no name) #2"]
        );
    }

    #[test]
    fn a_title_that_looks_like_a_longer_id_does_not_take_it() {
        let tests = [("", "t", None), ("", "t", None), ("", "t #1", None), ("", "t #2 #2", None)];
        assert_eq!(ids(vec![vec![suite("s", None, &tests)]]), ["s::t #1 #1", "s::t #2", "s::t #1", "s::t #2 #2"]);
    }

    #[test]
    fn what_only_a_position_tells_apart_has_no_name() {
        let report = TestReport::of(vec![suite("s", None, &[("", "t", None), ("", "t", None), ("", "u", None)])]);
        let ids = TestIds::of(&[("a", &report)]);
        assert_eq!([0, 1, 2].map(|at| ids.is_counted(0, at)), [true, true, false]);
    }
}
