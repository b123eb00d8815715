//! Every shipped question, held against an answer that is counted here, over rows that were made up.

use crate::made::{BEGAN, Made, Place, ask, made, stored};
use crate::sums::{median, near, nearly, part, row};
use gatekeeper::flake::upper_bound;
use gatekeeper::report::history::{Gate, Row, Test};
use gatekeeper_history::question::SHIPPED;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const JUDGED: [&str; 4] = ["pass", "waived", "fail", "advisory"];

fn gates(all: &[Made]) -> impl Iterator<Item = (&Made, &Gate)> {
    all.iter().flat_map(|own| {
        own.rows.iter().filter_map(move |row| if let Row::Gates(gate) = row { Some((own, gate)) } else { None })
    })
}

fn tests(all: &[Made]) -> impl Iterator<Item = (&Made, &Test)> {
    all.iter().flat_map(|own| {
        own.rows.iter().filter_map(move |row| if let Row::Tests(test) = row { Some((own, test)) } else { None })
    })
}

fn with_store(name: &str, look: impl Fn(&[Made], &dyn Fn(&str, &[(&str, &str)]) -> Vec<Value>)) {
    let place = Place::new(name);
    let all = made(120, 7);
    let store = stored(&place, &all);
    look(&all, &|question, set| ask(&store, question, set));
}

#[test]
fn gates_are_reliable_or_not() {
    with_store("gates", |all, ask| {
        let answer = ask("gate-reliability", &[]);
        let mut series: BTreeMap<(&str, &str), Vec<(i64, bool)>> = BTreeMap::new();
        for (own, gate) in gates(all).filter(|(_, gate)| JUDGED.contains(&gate.standing.as_str())) {
            let stands = matches!(gate.standing.as_str(), "pass" | "waived");
            series.entry((&own.stamp.project, &gate.gate)).or_default().push((own.at, stands));
        }
        assert_eq!((answer.len(), series.len()), (8, 8));
        for ((project, gate), points) in series {
            let own = row(&answer, &[("project", project), ("gate", gate)]).expect("a row");
            let failed = points.iter().filter(|(_, stands)| !stands).count();
            assert_eq!((&own["judged"], &own["failed"]), (&json!(points.len()), &json!(failed)), "{project} {gate}");
            let (mut began, mut hours) = (None, Vec::new());
            for (at, stands) in &points {
                match (stands, began) {
                    (false, None) => began = Some(*at),
                    (true, Some(since)) => {
                        hours.push((at - since) as f64 / 3_600.0);
                        began = None;
                    }
                    (true, None) | (false, Some(_)) => {}
                }
            }
            assert_eq!((&own["fixed"], &own["open"]), (&json!(hours.len()), &json!(usize::from(began.is_some()))));
            match hours.is_empty() {
                true => assert!(own.get("hours_to_fix").is_none_or(Value::is_null), "{own}"),
                false => assert!(near(&own["hours_to_fix"], median(&mut hours)), "{own}"),
            }
        }
    });
}

#[test]
fn gates_that_never_failed_are_named() {
    with_store("never", |all, ask| {
        let answer = ask("never-failed", &[]);
        let of = |project: &str| all.iter().filter(|own| own.stamp.project == project).count();
        assert_eq!(answer.len(), 2, "{answer:?}");
        for project in ["shop", "pay"] {
            let own = row(&answer, &[("project", project), ("gate", "build")]).expect("a row");
            assert_eq!((&own["verdicts"], &own["examined"]), (&json!(of(project)), &json!(3 * of(project))));
        }
    });
}

#[test]
fn what_gates_caught_is_counted() {
    with_store("caught", |all, ask| {
        let mut counted: BTreeMap<(String, String, String), (BTreeSet<String>, usize, BTreeSet<String>)> = BTreeMap::new();
        for own in all {
            for row in &own.rows {
                let Row::Findings(finding) = row else { continue };
                let key = (own.stamp.project.clone(), finding.gate.clone(), finding.kind.clone());
                let entry = counted.entry(key).or_default();
                entry.0.insert(own.verdict.clone());
                entry.1 += 1;
                entry.2.extend(finding.key.commit.clone());
            }
        }
        let answer = ask("caught", &[]);
        assert_eq!(answer.len(), counted.len());
        for ((project, gate, kind), (verdicts, findings, commits)) in &counted {
            let own = row(&answer, &[("project", project), ("gate", gate), ("kind", kind)]).expect("a row");
            let expected = (json!(verdicts.len()), json!(findings), json!(commits.len()));
            assert_eq!((own["verdicts"].clone(), own["findings"].clone(), own["commits"].clone()), expected);
        }
        assert!(counted.len() > 12, "{}", counted.len());
    });
}

/// By commit: the reports, each with whether it failed and whether the test can pass in it.
type Reports = BTreeMap<String, BTreeMap<String, (bool, bool)>>;

#[test]
fn flaky_tests_have_the_bounds_of_flake_rate() {
    with_store("flaky", |all, ask| {
        let mut known: BTreeMap<(String, String, String), Reports> = BTreeMap::new();
        for (own, test) in tests(all) {
            if test.status == "skipped" || (test.cached && test.status == "passed") {
                continue;
            }
            let commit = test.key.commit.clone().unwrap_or_else(|| own.verdict.clone());
            let report = test.report_sha256.clone().expect("a digest");
            let key = (own.stamp.project.clone(), test.place.clone(), test.test.clone());
            let entry = known.entry(key).or_default().entry(commit).or_default().entry(report).or_default();
            entry.0 |= test.status != "passed";
            entry.1 |= matches!(test.status.as_str(), "passed" | "flaky");
        }
        let answer = ask("flaky-tests", &[("confidence", "0.99")]);
        let mut looked = 0;
        for ((project, place, test), commits) in &known {
            let sound = commits.values().filter(|reports| reports.values().any(|(_, can)| *can));
            let runs: usize = sound.clone().map(BTreeMap::len).sum();
            let failures: usize = sound.clone().map(|reports| reports.values().filter(|(failed, _)| *failed).count()).sum();
            let flaky = sound.filter(|reports| reports.values().any(|(failed, _)| *failed)).count();
            let own = row(&answer, &[("project", project), ("place", place), ("test", test)]);
            if failures == 0 {
                assert!(own.is_none(), "{own:?}");
                continue;
            }
            let own = own.expect("a row");
            let told = (own["runs"].clone(), own["failures"].clone(), own["flaky_commits"].clone());
            assert_eq!(told, (json!(runs), json!(failures), json!(flaky)), "{project} {place} {test}");
            let bound = upper_bound(failures as u64, runs as u64, 0.99);
            assert_eq!(own["at_most"].as_f64(), Some(bound), "to the last bit");
            looked += 1;
        }
        assert_eq!((looked, answer.len()), (10, 10), "five tests of two projects");
    });
}

#[test]
fn slow_tests_come_first() {
    with_store("slow", |all, ask| {
        let mut times: BTreeMap<(String, String, String), Vec<f64>> = BTreeMap::new();
        for (own, test) in tests(all).filter(|(_, test)| !test.cached) {
            let key = (own.stamp.project.clone(), test.place.clone(), test.test.clone());
            times.entry(key).or_default().extend(test.seconds);
        }
        times.retain(|_, seconds| !seconds.is_empty());
        let answer = ask("slow-tests", &[("most", "100")]);
        assert_eq!((answer.len(), times.len()), (14, 14));
        for ((project, place, test), mut seconds) in times {
            let own = row(&answer, &[("project", &project), ("place", &place), ("test", &test)]).expect("a row");
            assert!(near(&own["total_seconds"], seconds.iter().sum()), "{own}");
            assert!(
                near(&own["median_seconds"], median(&mut seconds)) && nearly(&own["p95_seconds"], part(&mut seconds, 0.95)),
                "{own}"
            );
        }
        let totals: Vec<f64> = answer.iter().filter_map(|row| row["total_seconds"].as_f64()).collect();
        assert!(totals.is_sorted_by(|a, b| a >= b) && totals.len() == 14);
        assert_eq!(ask("slow-tests", &[("most", "3")]).len(), 3);
    });
}

#[test]
fn slowing_tests_are_found() {
    with_store("slowing", |all, ask| {
        let answer = ask("slowing-tests", &[("days", "5")]);
        let mut found = BTreeSet::new();
        for project in ["shop", "pay"] {
            let latest = all.iter().filter(|own| own.stamp.project == project).map(|own| own.at).max().expect("some");
            let mut sides: BTreeMap<(String, String), [Vec<f64>; 2]> = BTreeMap::new();
            for (own, test) in
                tests(all).filter(|(own, test)| own.stamp.project == project && !test.cached && test.status != "skipped")
            {
                let side = usize::from(latest - own.at < 5 * 86_400);
                sides.entry((test.place.clone(), test.test.clone())).or_default()[side].extend(test.seconds);
            }
            for ((place, test), [mut earlier, mut recent]) in sides {
                if earlier.len() < 5 || recent.len() < 5 {
                    continue;
                }
                let times = median(&mut recent) / median(&mut earlier);
                let own = row(&answer, &[("project", project), ("place", &place), ("test", &test)]);
                assert_eq!(own.is_some(), times >= 1.2, "{project} {test} {times}");
                if let Some(own) = own {
                    assert!(near(&own["times"], times) && own["recent_runs"] == json!(recent.len()), "{own}");
                    found.insert(test);
                }
            }
        }
        assert_eq!(found, BTreeSet::from(["suite::t3".to_owned()]));
        assert_eq!(ask("slowing-tests", &[("factor", "5")]), Vec::<Value>::new());
    });
}

#[test]
fn measures_have_their_change_point() {
    with_store("measures", |all, ask| {
        let answer = ask("measures", &[]);
        let mut series: BTreeMap<(String, String), Vec<(String, f64)>> = BTreeMap::new();
        for own in all {
            for row in &own.rows {
                let Row::Measures(measure) = row else { continue };
                let key = (own.stamp.project.clone(), measure.what.clone());
                series.entry(key).or_default().push((measure.key.judged_at.clone(), measure.value));
            }
        }
        assert_eq!((answer.len(), series.len()), (6, 6));
        let mut changed = BTreeSet::new();
        for ((project, what), points) in series {
            let own = row(&answer, &[("project", &project), ("what", &what)]).expect("a row");
            let count = points.len() as f64;
            let mean = points.iter().map(|(_, value)| value).sum::<f64>() / count;
            let deviation = (points.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            let (mut sum, mut best) = (0.0_f64, (0.0, 0));
            for (at, (_, value)) in points.iter().enumerate() {
                sum += value - mean;
                if sum.abs() > best.0 + 1e-9 {
                    best = (sum.abs(), at);
                }
            }
            let strength = best.0 / (deviation * count.sqrt());
            assert!(
                near(&own["first_value"], points[0].1) && near(&own["last_value"], points[points.len() - 1].1),
                "{own}"
            );
            let mut values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
            assert!(near(&own["median_value"], median(&mut values)) && own["points"] == json!(points.len()), "{own}");
            if deviation > 0.0 && strength >= 1.36 {
                assert_eq!(own["changed_at"], json!(points[best.1 + 1].0), "{own}");
                let before: Vec<f64> = points[..=best.1].iter().map(|(_, value)| *value).collect();
                assert!(near(&own["strength"], strength), "{own}");
                assert!(near(&own["mean_before"], before.iter().sum::<f64>() / before.len() as f64), "{own}");
                changed.insert(what);
            } else {
                assert!(own.get("changed_at").is_none_or(Value::is_null), "{own}");
            }
        }
        assert_eq!(changed, BTreeSet::from(["lines covered".to_owned()]));
    });
}

#[test]
fn exceptions_have_ages_and_escapes() {
    with_store("exceptions", |all, ask| {
        let answer = ask("exceptions", &[("days", "20")]);
        assert_eq!(answer.len(), 6, "{answer:?}");
        for project in ["shop", "pay"] {
            for (class, name) in [("waiver", "lint"), ("waiver", "tests"), ("quarantine", "suite::t4")] {
                let (mut verdicts, mut covered, mut nothing, mut escapes, mut renewals) = (0, 0, 0, 0, 0);
                let mut last = None;
                for own in all.iter().filter(|own| own.stamp.project == project) {
                    let standing = gates(std::slice::from_ref(own))
                        .find(|(_, gate)| gate.gate == name)
                        .map(|(_, gate)| gate.standing.clone());
                    for row in &own.rows {
                        let Row::Exceptions(row) = row else { continue };
                        if (row.class.as_str(), row.name.as_str()) != (class, name) {
                            continue;
                        }
                        verdicts += 1;
                        covered += i64::from(row.used == Some(true));
                        nothing += i64::from(row.unused);
                        renewals = renewals.max(row.renewals.unwrap_or(0));
                        let holds = matches!(row.validity.as_str(), "active" | "expiring");
                        let failed = standing.as_deref().is_some_and(|word| matches!(word, "fail" | "advisory"));
                        escapes += i64::from(!holds && failed && class == "waiver");
                        last = Some((own.at, row.clone(), holds));
                    }
                }
                let (at, row_now, holds) = last.expect("some");
                let own = row(&answer, &[("project", project), ("class", class), ("name", name)]).expect("a row");
                let counts =
                    (&own["verdicts"], &own["covered"], &own["covered_nothing"], &own["escapes"], &own["renewals"]);
                assert_eq!(
                    counts,
                    (&json!(verdicts), &json!(covered), &json!(nothing), &json!(escapes), &json!(renewals)),
                    "{own}"
                );
                let ends = match name {
                    "lint" => 40,
                    "tests" => 10,
                    _ => 90,
                };
                let (age, left) = (at / 86_400 - BEGAN / 86_400 + 10, BEGAN / 86_400 + ends - at / 86_400);
                assert_eq!((&own["age_days"], &own["days_left"]), (&json!(age), &json!(left)), "{own}");
                assert_eq!(
                    (&own["validity"], &own["ends_soon"]),
                    (&json!(row_now.validity), &json!(holds && left <= 20)),
                    "{own}"
                );
            }
        }
    });
}

#[test]
fn regressions_have_a_first_bad_commit() {
    with_store("regressions", |all, ask| {
        let answer = ask("regressions", &[]);
        type Point = (bool, Option<String>, String);
        let mut series: BTreeMap<(String, &str, String), Vec<Point>> = BTreeMap::new();
        for (own, gate) in gates(all).filter(|(_, gate)| JUDGED.contains(&gate.standing.as_str())) {
            let good = matches!(gate.standing.as_str(), "pass" | "waived");
            let key = (own.stamp.project.clone(), "gate", gate.gate.clone());
            series.entry(key).or_default().push((good, gate.key.commit.clone(), gate.key.judged_at.clone()));
        }
        for (own, test) in
            tests(all).filter(|(_, test)| test.status != "skipped" && !(test.cached && test.status == "passed"))
        {
            let good = matches!(test.status.as_str(), "passed" | "flaky");
            let name = if test.place.is_empty() { test.test.clone() } else { format!("{} in {}", test.test, test.place) };
            let point = (good, test.key.commit.clone(), test.key.judged_at.clone());
            series.entry((own.stamp.project.clone(), "test", name)).or_default().push(point);
        }
        let mut looked = 0;
        for ((project, subject, name), points) in series {
            let own = row(&answer, &[("project", &project), ("subject", subject), ("name", &name)]);
            let last_good = points.iter().rposition(|(good, ..)| *good);
            match last_good.filter(|at| at + 1 < points.len()) {
                None => assert!(own.is_none(), "{own:?}"),
                Some(at) => {
                    let own = own.expect("a row");
                    assert_eq!(own.get("last_good_commit").and_then(Value::as_str), points[at].1.as_deref(), "{own}");
                    assert_eq!(own.get("first_bad_commit").and_then(Value::as_str), points[at + 1].1.as_deref(), "{own}");
                    assert_eq!(
                        (&own["since"], &own["verdicts"]),
                        (&json!(points[at + 1].2), &json!(points.len() - at - 1)),
                        "{own}"
                    );
                    looked += 1;
                }
            }
        }
        assert!(looked >= 3 && looked == answer.len(), "{looked} {}", answer.len());
    });
}

#[test]
fn evidence_has_an_age() {
    with_store("evidence", |all, ask| {
        let answer = ask("evidence-ages", &[]);
        assert_eq!(answer.len(), 4, "{answer:?}");
        for project in ["shop", "pay"] {
            let (mut hours, mut gaps) = (Vec::new(), 0);
            for own in all.iter().filter(|own| own.stamp.project == project) {
                for row in &own.rows {
                    let Row::Evidence(row) = row else { continue };
                    if let Some(made) = row.made_at.as_deref() {
                        let made = chrono::DateTime::parse_from_rfc3339(made).expect("an instant").timestamp();
                        hours.push((own.at - made) as f64 / 3_600.0);
                        gaps += usize::from(row.gap.is_some());
                    }
                }
            }
            let own = row(&answer, &[("project", project), ("path", "tests/report.xml")]).expect("a row");
            assert_eq!((&own["with_age"], &own["gaps"]), (&json!(hours.len()), &json!(gaps)), "{own}");
            assert!(
                near(&own["median_hours"], median(&mut hours)) && nearly(&own["p95_hours"], part(&mut hours, 0.95)),
                "{own}"
            );
            let none = row(&answer, &[("project", project), ("path", "tests/notes.json")]).expect("a row");
            assert_eq!(none["with_age"], json!(0));
        }
    });
}

#[test]
fn an_empty_store_has_an_answer_to_every_question() {
    let place = Place::new("empty");
    let store = stored(&place, &[]);
    for (name, _) in SHIPPED {
        assert_eq!(ask(&store, name, &[]), Vec::<Value>::new(), "{name}");
    }
    assert_eq!(SHIPPED.len(), 12);
}
