//! The tests of a suite, in little memory: nearly all of them passed at the first attempt, and hardly anybody looks at those one by one.
//!
//! A reader of large reports keeps such tests in columns ([`PlainCases`]), and only the others as [`TestCase`]s. Whoever asks for the list gets
//! it: it is made of both when it is first asked for. Totals, failures and repeated names are known without it.

use super::test_case::{Attempt, AttemptStatus, TestCase};
use super::test_report::Spot;
use super::twice::hash_of;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Fewer tests than these are copied behind those that are there, so that they take no room of their own.
const FEW: usize = 64;

/// Tests that passed at their only attempt, of which the report says nothing but their names, places and lengths of time.
#[derive(Debug, Clone, Default)]
pub struct PlainCases {
    /// All names, one behind the other.
    names: String,
    marks: Vec<Mark>,
    /// What tests behind each other have in common, with the number of tests up to its end.
    groups: Vec<(usize, Group)>,
}

/// One test.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Where its name ends.
    end: u32,
    /// The line in the report.
    at: u32,
    /// The line in its source; [`NO_LINE`] if there is none.
    line: u32,
    /// Of what tells it apart.
    hash: u32,
    /// Not a number if the report does not say.
    seconds: f64,
}

const NO_LINE: u32 = u32::MAX;

/// The class and the file.
#[derive(Debug, Clone)]
struct Group {
    class: Arc<str>,
    file: Option<Arc<str>>,
}

impl Group {
    fn is(&self, class: &str, file: Option<&str>) -> bool {
        *self.class == *class && self.file.as_deref() == file
    }
}

/// What is told of one plain test.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    /// See [`TestCase::class`].
    pub class: &'a str,
    /// See [`TestCase::name`].
    pub name: &'a str,
    /// See [`TestCase::file`].
    pub file: Option<&'a str>,
    /// See [`TestCase::line`].
    pub line: Option<u64>,
    /// The line in the report.
    pub at: u64,
    /// See [`Attempt::seconds`].
    pub seconds: Option<f64>,
}

/// A line as a column holds it; nothing if it is too large for that.
fn line(line: u64) -> Option<u32> {
    u32::try_from(line).ok().filter(|line| *line != NO_LINE)
}

impl PlainCases {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Adds one at the end, if the columns can hold it.
    #[must_use]
    pub fn push(&mut self, case: &Plain<'_>) -> bool {
        let end = u32::try_from(self.names.len() + case.name.len()).ok();
        let lines = line(case.at).zip(case.line.map_or(Some(NO_LINE), line));
        let (Some(end), Some((at, line))) = (end, lines) else { return false };
        let len = self.marks.len() + 1;
        match self.groups.last_mut() {
            Some((upto, group)) if group.is(case.class, case.file) => *upto = len,
            last => {
                let class = match last {
                    Some((_, group)) if *group.class == *case.class => Arc::clone(&group.class),
                    _ => case.class.into(),
                };
                self.groups.push((len, Group { class, file: case.file.map(Into::into) }));
            }
        }
        self.names.push_str(case.name);
        let hash = hash((case.class, case.name, case.file));
        self.marks.push(Mark { end, at, line, hash, seconds: case.seconds.unwrap_or(f64::NAN) });
        true
    }

    /// Each of them, with what it has in common with others.
    fn each(&self) -> impl Iterator<Item = (&Group, &str, Mark)> {
        let (mut from, mut at, mut group) = (0, 0, 0);
        self.marks.iter().map(move |mark| {
            if at >= self.groups[group].0 {
                group += 1;
            }
            at += 1;
            let name = &self.names[from..mark.end as usize];
            from = mark.end as usize;
            (&self.groups[group].1, name, *mark)
        })
    }

    /// What tells them apart; see [`TestCase::identity`].
    fn identities(&self) -> impl Iterator<Item = Identity<'_>> {
        self.each().map(|(group, name, _)| (&*group.class, name, group.file.as_deref()))
    }

    fn cases(&self) -> impl Iterator<Item = TestCase> {
        self.each().map(|(group, name, mark)| TestCase {
            class: Arc::clone(&group.class),
            name: name.into(),
            file: group.file.clone(),
            line: (mark.line != NO_LINE).then_some(mark.line.into()),
            at: Spot::Line(mark.at.into()),
            attempts: passed(mark.seconds).into(),
        })
    }
}

fn passed(seconds: f64) -> Attempt {
    Attempt::new(AttemptStatus::Passed, Some(seconds).filter(|seconds| !seconds.is_nan()), "")
}

/// A hash that fits into a column.
fn hash(identity: Identity<'_>) -> u32 {
    (hash_of(&identity) >> 32) as u32
}

/// What tells tests of one suite apart: class, name and file.
pub(super) type Identity<'a> = (&'a str, &'a str, Option<&'a str>);

/// The tests of a suite, in the order of the report. It is read as a slice.
#[derive(Default, Clone)]
pub struct Cases {
    /// None if the list is all there is.
    packed: Option<Box<Packed>>,
    list: OnceLock<Vec<TestCase>>,
}

/// Plain tests, and the others with their positions among all.
#[derive(Clone, Default)]
struct Packed {
    plain: Vec<PlainCases>,
    others: Vec<(usize, TestCase)>,
    len: usize,
}

impl Packed {
    fn append(&mut self, cases: PlainCases) {
        self.len += cases.len();
        match self.plain.last_mut().filter(|_| cases.len() < FEW) {
            Some(last) if last.names.len() + cases.names.len() < NO_LINE as usize => {
                let (names, marks) = (last.names.len() as u32, last.marks.len());
                last.names.push_str(&cases.names);
                last.marks.extend(cases.marks.into_iter().map(|mark| Mark { end: names + mark.end, ..mark }));
                last.groups.extend(cases.groups.into_iter().map(|(upto, group)| (marks + upto, group)));
            }
            _ => self.plain.push(cases),
        }
    }

    fn push(&mut self, case: TestCase) {
        let columns = plain(&case).is_some_and(|plain| {
            if self.plain.is_empty() {
                self.plain.push(PlainCases::default());
            }
            self.plain.last_mut().is_some_and(|last| last.push(&plain))
        });
        if !columns {
            self.others.push((self.len, case));
        }
        self.len += 1;
    }

    fn list(&self) -> Vec<TestCase> {
        let mut list = Vec::with_capacity(self.len);
        list.extend(self.between(self.plain.iter().flat_map(PlainCases::cases), TestCase::clone));
        list
    }

    /// What `own` makes of the others, at their positions between what plain ones come to.
    fn between<'a, T>(
        &'a self,
        mut plain: impl Iterator<Item = T>,
        own: impl Fn(&'a TestCase) -> T,
    ) -> impl Iterator<Item = T> {
        let mut others = self.others.iter().peekable();
        (0..self.len).filter_map(move |at| match others.next_if(|(position, _)| *position == at) {
            Some((_, case)) => Some(own(case)),
            None => plain.next(),
        })
    }
}

/// What columns hold of a case, if they can hold all of it.
fn plain(case: &TestCase) -> Option<Plain<'_>> {
    let (Spot::Line(at), [Attempt { status: AttemptStatus::Passed, seconds, message, failed_at: None }]) =
        (&case.at, &*case.attempts)
    else {
        return None;
    };
    let own = Plain {
        class: &case.class,
        name: &case.name,
        file: case.file.as_deref(),
        line: case.line,
        at: *at,
        seconds: *seconds,
    };
    message.is_empty().then_some(own)
}

impl Cases {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.packed.as_ref().map_or_else(|| self.list.get().map_or(0, Vec::len), |packed| packed.len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds one at the end, in a column if it can be held there. What is read while it grows is made anew each time: for readers that only write.
    pub fn keep(&mut self, case: TestCase) {
        match self.packed() {
            Some(packed) => packed.push(case),
            None => self.push(case),
        }
    }

    /// Adds plain ones at the end.
    pub fn append(&mut self, cases: PlainCases) {
        match self.packed() {
            Some(packed) => packed.append(cases),
            None => self.extend(cases.cases()),
        }
    }

    /// Adds one at the end.
    pub fn push(&mut self, case: TestCase) {
        self.all().push(case);
    }

    /// How many stand in columns: passed at their only attempt.
    pub fn plain(&self) -> usize {
        self.packed.as_ref().map_or(0, |packed| packed.len - packed.others.len())
    }

    /// Those that stand in no column, with their positions among all: every test that is not a plain pass, and perhaps others.
    pub fn others(&self) -> impl Iterator<Item = (usize, &TestCase)> {
        let packed = self.packed.iter().flat_map(|packed| packed.others.iter().map(|(at, case)| (*at, case)));
        let list = self.list.get().filter(|_| self.packed.is_none());
        packed.chain(list.into_iter().flatten().enumerate())
    }

    /// Whether at least one names its source file.
    pub fn name_files(&self) -> bool {
        let plain = self.packed.iter().flat_map(|packed| &packed.plain).flat_map(|plain| &plain.groups);
        plain.into_iter().any(|(_, group)| group.file.is_some()) || self.others().any(|(_, case)| case.file.is_some())
    }

    /// What tells them apart, without making the list.
    pub(super) fn identities(&self) -> Box<dyn Iterator<Item = Identity<'_>> + '_> {
        match &self.packed {
            Some(packed) => {
                let plain = packed.plain.iter().flat_map(PlainCases::identities);
                Box::new(packed.between(plain, TestCase::identity))
            }
            None => Box::new(self.iter().map(TestCase::identity)),
        }
    }

    /// A hash of what tells each of them apart, in their order.
    pub(super) fn hashes(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        let own = |case: &TestCase| hash(case.identity()).into();
        match &self.packed {
            Some(packed) => {
                let plain = packed.plain.iter().flat_map(|plain| &plain.marks).map(|mark| mark.hash.into());
                Box::new(packed.between(plain, own))
            }
            None => Box::new(self.iter().map(own)),
        }
    }

    /// The list, to change it: from here on it is all there is.
    pub fn all(&mut self) -> &mut Vec<TestCase> {
        if let Some(packed) = self.packed.take() {
            self.list.get_or_init(|| packed.list());
        }
        self.list.get_or_init(Vec::new);
        self.list.get_mut().expect("it was made just now")
    }

    /// The columns, if nothing asked for the list yet.
    fn packed(&mut self) -> Option<&mut Packed> {
        if self.list.get().is_some() {
            self.all();
        } else {
            self.packed.get_or_insert_default();
        }
        self.packed.as_deref_mut()
    }
}

impl Deref for Cases {
    type Target = [TestCase];

    fn deref(&self) -> &[TestCase] {
        match &self.packed {
            Some(packed) => self.list.get_or_init(|| packed.list()),
            None => self.list.get().map_or(&[], Vec::as_slice),
        }
    }
}

impl From<Vec<TestCase>> for Cases {
    fn from(list: Vec<TestCase>) -> Self {
        Self { packed: None, list: list.into() }
    }
}

impl FromIterator<TestCase> for Cases {
    fn from_iter<I: IntoIterator<Item = TestCase>>(cases: I) -> Self {
        Vec::from_iter(cases).into()
    }
}

impl Extend<TestCase> for Cases {
    fn extend<I: IntoIterator<Item = TestCase>>(&mut self, cases: I) {
        self.all().extend(cases);
    }
}

impl<'a> IntoIterator for &'a Cases {
    type Item = &'a TestCase;
    type IntoIter = std::slice::Iter<'a, TestCase>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Cases {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl std::fmt::Debug for Cases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_report::{TestSuite, TestTotals};
    use super::*;
    use AttemptStatus::{Failed, Passed, Skipped};

    fn case(name: &str, file: Option<&str>, status: AttemptStatus, message: &str) -> TestCase {
        let (class, file) = (name.split('.').next().unwrap_or_default().into(), file.map(Into::into));
        let seconds = name.ends_with('t').then_some(0.25);
        let attempts = Attempt::new(status, seconds, message).into();
        TestCase { class, name: name.into(), file, line: name.starts_with('b').then_some(0), at: Spot::Line(7), attempts }
    }

    fn some() -> Vec<TestCase> {
        let retried = vec![Attempt::new(Failed, None, ""), Attempt::new(Passed, None, "")];
        let large = TestCase { line: Some(1 << 40), ..case("a.large", None, Passed, "") };
        let value = TestCase { at: Spot::Value(super::super::Pointer::root()), ..case("a.value", None, Passed, "") };
        vec![
            case("a.first", None, Passed, ""),
            case("a.ä", None, Passed, ""),
            case("b.other", Some("f"), Passed, ""),
            case("", Some("f"), Passed, ""),
            case("b.fails", Some("f"), Failed, "why"),
            case("b.last", Some("g"), Passed, ""),
            case("b.skipped", None, Skipped, ""),
            case("b.says", None, Passed, "something"),
            TestCase { attempts: retried.into(), ..case("b.again", None, Passed, "") },
            large,
            value,
            case("b.last", Some("g"), Passed, ""),
        ]
    }

    fn totals(cases: &Cases) -> TestTotals {
        TestTotals::of([&TestSuite { cases: cases.clone(), ..TestSuite::new("s", Spot::Line(1)) }])
    }

    #[test]
    fn what_is_kept_in_columns_is_what_was_given() {
        let mut kept = Cases::default();
        let mut given = Vec::new();
        let mut looked_at = 0;
        for case in some() {
            kept.keep(case.clone());
            given.push(case);
            let list = Cases::from(given.clone());
            assert_eq!((kept.len(), kept.clone()), (given.len(), list.clone()));
            assert!(kept.identities().eq(list.identities()) && kept.hashes().eq(list.hashes()));
            assert_eq!(totals(&kept), totals(&list));
            looked_at += 1;
        }
        assert_eq!((looked_at, kept.plain(), kept.others().count()), (12, 6, 6));
        assert!(kept.others().all(|(at, case)| given[at] == *case));
        assert!(kept.list.get().is_none(), "nobody asked for the list");
    }

    #[test]
    fn columns_are_put_behind_each_other() {
        let mut one = PlainCases::default();
        assert!(some().iter().filter_map(plain).take(4).all(|case| one.push(&case)) && one.len() == 4);
        let mut many = Cases::default();
        let mut list = Cases::from(Vec::new());
        for at in 0..FEW {
            many.append(one.clone());
            list.append(one.clone());
            if at % 9 == 0 {
                many.keep(case("c.fails", None, Failed, ""));
                list.push(case("c.fails", None, Failed, ""));
            }
        }
        assert!(many.packed.as_ref().is_some_and(|packed| packed.plain.len() == 1));
        let large: Vec<TestCase> =
            std::iter::repeat_n(one.clone(), FEW / 4).flat_map(|one| one.cases().collect::<Vec<_>>()).collect();
        let mut columns = PlainCases::default();
        assert!(large.iter().all(|case| plain(case).is_some_and(|case| columns.push(&case))));
        many.append(columns);
        list.extend(large);
        assert!(many.packed.as_ref().is_some_and(|packed| packed.plain.len() == 2));
        assert_eq!((many.len(), many.clone()), (4 * FEW + 8 + FEW, list.clone()));
        assert!(many.identities().eq(list.identities()));
    }

    #[test]
    fn looking_for_what_is_told_twice_makes_no_list() {
        // So many that some of them have a hash in common.
        let mut columns = PlainCases::default();
        let names: Vec<String> = (0..300_000).map(|at| format!("test_{at}")).collect();
        let plain = |name| Plain { class: "c", name, file: None, line: None, at: 1, seconds: None };
        assert!(names.iter().all(|name| columns.push(&plain(name))));
        let mut suite = TestSuite::new("s", Spot::Line(1));
        suite.cases.append(columns);
        let hashes: std::collections::BTreeSet<u64> = suite.cases.hashes().collect();
        assert!(hashes.len() < 300_000, "two tests have one hash");
        assert_eq!(suite.repeated().cases, 0);
        assert!(suite.cases.list.get().is_none());
    }

    #[test]
    fn who_changes_the_list_changes_all_there_is() {
        let mut kept = Cases::default();
        some().into_iter().for_each(|case| kept.keep(case));
        assert_eq!(kept[5].name, some()[5].name);
        kept.keep(case("z.last", None, Passed, ""));
        kept.all().remove(0);
        kept.push(case("z.more", None, Failed, ""));
        let names: Vec<&str> = kept.iter().map(|case| &*case.name).collect();
        assert_eq!((names[0], &names[11..], kept.plain()), ("a.ä", &["z.last", "z.more"][..], 0));
        assert!(Cases::default().is_empty() && Cases::default().iter().next().is_none());
    }
}
