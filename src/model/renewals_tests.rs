//! Every way to edit an exception that was found to lose a renewal, and the ways that are none.

use super::*;

/// What is done to an exception, in what steps, and how often it counts as renewed then.
type Row<'r> = (&'r str, &'r [(&'r str, &'r str)], u32);

const CAP: u32 = 30;

fn day(text: &str) -> NaiveDate {
    format!("2026-{text}").parse().expect("a date")
}

/// A history in one line: each version the day of its commit, and what stood there: `first..last`, nothing, or `?` for damaged.
fn line(versions: &[(&str, &str)]) -> Vec<Version> {
    let version = |(at, (since, text)): (usize, &(&str, &str))| {
        let span = match *text {
            "" => Spans::new(),
            "?" => Spans::from([("g".to_owned(), None)]),
            days => {
                let (first, last) = days.split_once("..").expect("two days");
                Spans::from([("g".to_owned(), Some((day(first), day(last))))])
            }
        };
        let waivers = Stood { spans: span, untold: *text == "torn" };
        Version {
            parents: at.checked_sub(1).into_iter().collect(),
            since: day(since),
            waivers,
            quarantine: Stood::default(),
        }
    };
    versions.iter().enumerate().map(version).collect()
}

fn of(versions: &[Version]) -> Option<(u32, NaiveDate)> {
    term(versions, |version| &version.waivers, &|name| name == "g", CAP).map(|term| (term.renewals, term.since))
}

#[test]
fn a_renewal_is_an_end_beyond_the_latest_ever_in_force() {
    let cases: [Row<'_>; 14] = [
        ("as it began", &[("06-01", "06-01..06-10")], 0),
        ("earlier is no renewal", &[("06-01", "06-01..06-20"), ("06-02", "06-01..06-10")], 0),
        ("later is one", &[("06-01", "06-01..06-10"), ("06-09", "06-01..07-01")], 1),
        (
            "shortened and back is none",
            &[("06-01", "06-01..06-20"), ("06-02", "06-01..06-05"), ("06-03", "06-01..06-20")],
            0,
        ),
        ("and created is edited too", &[("06-01", "06-01..06-10"), ("06-09", "06-09..07-01")], 1),
        ("unreadable between", &[("06-01", "06-01..06-10"), ("06-05", "?"), ("06-09", "06-01..07-01")], 1),
        ("out and in on one day", &[("06-01", "06-01..06-10"), ("06-10", ""), ("06-10", "06-12..07-10")], 1),
        ("out and in on the next day", &[("06-01", "06-01..06-10"), ("06-10", ""), ("06-11", "06-12..07-10")], 1),
        ("a whole day without it", &[("06-01", "06-01..06-10"), ("06-10", ""), ("06-12", "06-12..07-10")], 0),
        (
            "days without it, and its old beginning",
            &[("06-01", "06-01..06-10"), ("06-10", ""), ("06-15", "06-01..06-30")],
            1,
        ),
        (
            "shortened into the past, out, and in",
            &[("06-01", "06-01..06-30"), ("06-29", "06-01..06-20"), ("06-29", ""), ("06-29", "06-22..07-20")],
            1,
        ),
        (
            "an end that was never in force",
            &[("06-01", "06-01..12-31"), ("06-02", "06-01..06-30"), ("06-29", "06-29..07-20")],
            1,
        ),
        ("a beginning far ahead", &[("06-01", "11-01..11-30"), ("06-02", "06-01..06-30"), ("06-29", "06-29..07-20")], 1),
        ("twice", &[("06-01", "06-01..06-10"), ("06-10", "06-01..06-20"), ("06-20", "06-01..07-01")], 2),
    ];
    let mut looked = 0;
    for (what, versions, renewals) in cases {
        assert_eq!(of(&line(versions)).map(|(count, _)| count), Some(renewals), "{what}");
        looked += 1;
    }
    assert_eq!(looked, 14);
    assert_eq!(of(&line(&[("06-01", "06-01..06-10"), ("06-02", "")])).map(|(count, _)| count), Some(0));
    assert_eq!(of(&line(&[("06-01", "")])), None);
}

#[test]
fn its_length_counts_from_the_renewal() {
    let (first, renewed) = (("06-01", "06-01..06-20"), ("06-19", "06-01..07-17"));
    assert_eq!(of(&line(&[first])), Some((0, day("06-01"))));
    assert_eq!(of(&line(&[first, renewed])), Some((1, day("06-19"))));
    assert_eq!(of(&line(&[first, renewed, ("06-25", "06-01..07-10")])), Some((1, day("06-19"))), "shorter is no new term");
    assert_eq!(
        of(&line(&[("06-05", "01-01..06-20"), ("06-06", "06-01..06-20")])),
        Some((0, day("06-01"))),
        "a date put right"
    );
}

#[test]
fn no_way_through_history_loses_a_renewal() {
    // main: begun, renewed twice; a branch from before it, into which main is merged.
    let mut versions =
        line(&[("06-01", ""), ("06-02", "06-02..06-10"), ("06-10", "06-02..06-20"), ("06-20", "06-02..06-30")]);
    let merge = Version { parents: vec![0, 3], since: day("06-21"), ..versions[3].clone() };
    versions.push(merge);
    assert_eq!(of(&versions).map(|(count, _)| count), Some(2));
    // A branch that takes it out on paper days ago and begins anew, merged into main where it never was gone.
    let mut versions = line(&[("06-01", "06-01..06-20"), ("06-02", ""), ("06-20", "06-20..07-10")]);
    versions.push(Version { parents: vec![0], since: day("06-19"), ..versions[0].clone() });
    versions.push(Version { parents: vec![3, 2], since: day("06-20"), ..versions[2].clone() });
    assert_eq!(of(&versions).map(|(count, _)| count), Some(1));
    // The same renewal on two branches is one.
    let mut versions = line(&[("06-01", "06-01..06-20"), ("06-19", "06-01..07-10")]);
    versions.push(Version { parents: vec![0], since: day("06-19"), ..versions[1].clone() });
    versions.push(Version { parents: vec![1, 2], since: day("06-20"), ..versions[1].clone() });
    assert_eq!(of(&versions).map(|(count, _)| count), Some(1));
}

#[test]
fn one_test_has_several_spellings() {
    let same = [
        ("s::c::t", "c::t"),
        ("s::c::t", "t"),
        ("com.acme.FooTest::bar[1: x]", "bar[1: x]"),
        ("s::t", "s::t (a.js)"),
        ("s::t [firefox]", "s::t [firefox] in a.xml"),
        ("t", "s::t in a.xml"),
    ];
    let others = [
        ("s::c::t", "s::d::t"),
        ("s::tt", "t"),
        ("s::t [firefox]", "s::t [webkit]"),
        ("s::t (a.js)", "s::t (b.js)"),
        ("adds in place", "adds in order"),
        ("bar[1: x]", "bar[2: x]"),
    ];
    for (one, other) in same {
        assert!(may_be_one_test(one, other) && may_be_one_test(other, one), "{one} {other}");
    }
    for (one, other) in others {
        assert!(!may_be_one_test(one, other) && !may_be_one_test(other, one), "{one} {other}");
    }
    assert_eq!((same.len(), others.len()), (6, 6));
}
