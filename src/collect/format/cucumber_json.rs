//! `cucumber-json`: features as Cucumber's `json` formatter writes them, and as behave and others write them after it.
//!
//! A suite is a feature file, a test a scenario or a row of an outline: its name is that of the scenario, its class that of the feature. It
//! passed if every step and every hook (`before`, `after`, also those of steps) passed. One that `failed`, is `undefined` or `ambiguous`, or
//! has a status that is not known, failed. So did one that is `pending`: Cucumber fails such a run unless it was told not to be strict, which the report does not
//! say. A scenario with a step that was skipped or never tried, or without steps, is skipped. A background that is written before each
//! scenario belongs to the scenario behind it. The `status` that behave gives to scenarios and features can only make them worse.
//!
//! The format does not tell of retries: Cucumber for JavaScript writes only the last attempt, others write each, as a scenario of its own.

use super::cucumber_steps::Scenario;
use super::report::has_keys;
use super::results_json::{self, Misfit, line, list, misfit, seconds, text, words};
use crate::gate::{Format, Marks, Reading, TestReader};
use crate::model::{AttemptStatus, CaseStatus, Node, Pointer, Remark, Spot, TestCase, TestReport, TestSuite};

/// The format.
pub(super) static CUCUMBER_JSON: Format = Format {
    id: "cucumber-json",
    extensions: &[],
    about: "features in Cucumber's JSON, as behave writes it too",
    docs: include_str!("cucumber_json.rs"),
    reading: Reading::Tests(TestReader {
        marks: Marks::Json(|text| text.starts_with('[') && has_keys(text, &["elements", "keyword", "steps"])),
        report: |bytes, at| results_json::read(bytes, at, read),
    }),
};

fn read(root: Node<'_>) -> Result<TestReport, Misfit> {
    let top = Pointer::root();
    if !root.is_list() {
        return Err(misfit(&top, "a list of features", Some(root)));
    }
    let mut suites = Vec::new();
    for (index, feature) in root.items().enumerate() {
        let suite = suite(feature, &top.index(index))?;
        suites.extend((!suite.cases.is_empty() || !suite.errors.is_empty()).then_some(suite));
    }
    Ok(TestReport::of(suites))
}

fn suite(feature: Node<'_>, at: &Pointer) -> Result<TestSuite, Misfit> {
    let name = text(feature, at, "name")?;
    let file = match words(feature, "uri") {
        "" => place(feature).0,
        uri => uri,
    };
    let mut suite = TestSuite::new(if file.is_empty() { name } else { file }, Spot::Value(at.clone()));
    suite.file = (!file.is_empty()).then(|| file.into());
    let mut background = None;
    if feature.get("elements").is_some() {
        for (index, element) in list(feature, at, "elements")?.items().enumerate() {
            let at = at.key("elements").index(index);
            let is_background = words(element, "type") == "background";
            let mut scenario = steps(element, &at, is_background)?;
            if is_background {
                background = Some((scenario, element, at));
                continue;
            }
            if let Some((before, ..)) = background.take() {
                scenario.behind(before);
            }
            suite.cases.push(case(scenario, element, at, name));
        }
    }
    // A background that failed, and no scenario behind it.
    if let Some((scenario, element, at)) = background.filter(|(scenario, ..)| scenario.failed()) {
        suite.cases.push(case(scenario, element, at, name));
    }
    let bad = suite.cases.iter().any(|case| matches!(case.status(), CaseStatus::Failed | CaseStatus::Errored));
    let status = words(feature, "status");
    if !bad && !matches!(status, "" | "passed" | "skipped" | "untested") {
        let shown: String = status.chars().take(40).collect();
        suite
            .errors
            .push(Remark::new(&format!("the feature ended as `{shown}`, and no scenario says why"), suite.at.clone()));
    }
    Ok(suite)
}

/// What behave writes as `features/cart.feature:2`.
fn place(node: Node<'_>) -> (&str, Option<u64>) {
    let location = words(node, "location");
    let (file, line) = location.rsplit_once(':').unwrap_or((location, ""));
    (file, line.parse().ok())
}

fn case(scenario: Scenario, element: Node<'_>, at: Pointer, feature: &str) -> TestCase {
    let attempts = vec![scenario.attempt(AttemptStatus::Failed)];
    let line = line(element, "line").or(place(element).1);
    let (class, name) = (feature.into(), words(element, "name").into());
    TestCase { class, name, file: None, line, at: Spot::Value(at), attempts: attempts.into() }
}

/// How the steps and hooks of an element ended. Of a background, a step without a result says nothing: behave writes it only once.
fn steps(element: Node<'_>, at: &Pointer, is_background: bool) -> Result<Scenario, Misfit> {
    let mut scenario = Scenario::default();
    for key in ["before", "steps", "after"] {
        if element.get(key).is_none() {
            continue;
        }
        for (index, step) in list(element, at, key)?.items().enumerate() {
            let at = at.key(key).index(index);
            for (hooks, hook) in ["before", "after"]
                .iter()
                .flat_map(|hooks| step.get(hooks).into_iter().flat_map(Node::items).map(move |hook| (hooks, hook)))
            {
                ended(hook, &at.key(hooks), &mut scenario, true)?;
            }
            ended(step, &at, &mut scenario, is_background)?;
        }
    }
    let status = words(element, "status");
    if !status.is_empty() && !is_background {
        scenario.step(status, words(element, "name"), "");
    }
    Ok(scenario)
}

fn ended(step: Node<'_>, at: &Pointer, scenario: &mut Scenario, may_be_silent: bool) -> Result<(), Misfit> {
    let what = match words(step, "name") {
        "" => words(step, "keyword"),
        name => name,
    };
    let Some(result) = step.get("result") else {
        if !may_be_silent {
            scenario.step("untested", what, "a step was never tried");
        }
        return Ok(());
    };
    let status = text(result, &at.key("result"), "status")?;
    let told = result.get("error_message");
    // behave writes a list of lines.
    let lines: Vec<&str> = told.into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let message = told.and_then(Node::text).map_or_else(|| lines.join("\n"), str::to_owned);
    scenario.step(status, what, &message);
    // Cucumber counts nanoseconds, behave seconds.
    let units = if step.get("location").is_some() { 1.0 } else { 1e9 };
    scenario.took(seconds(result.get("duration"), units));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::report::testing::{read, told};
    use super::CUCUMBER_JSON;

    fn step(status: &str) -> String {
        format!(r#"{{"keyword": "When ", "name": "it rings", "result": {{"status": "{status}", "duration": 500000000}}}}"#)
    }

    fn features(elements: &[String], more: &str) -> String {
        let elements = elements.join(",");
        format!(r#"[{{"uri": "a.feature", "keyword": "Feature", "name": "Till", {more} "elements": [{elements}]}}]"#)
    }

    fn scenario(kind: &str, steps: &[String], more: &str) -> String {
        let steps = steps.join(",");
        format!(r#"{{"keyword": "Scenario", "type": "{kind}", "name": "rings", "line": 3, {more} "steps": [{steps}]}}"#)
    }

    fn one(steps: &[&str], more: &str) -> String {
        let steps: Vec<String> = steps.iter().map(|status| step(status)).collect();
        told(&CUCUMBER_JSON, &features(&[scenario("scenario", &steps, more)], ""))
            .join("; ")
            .replace("a.feature::Till::rings ", "")
    }

    #[test]
    fn the_worst_step_or_hook_decides() {
        let hook = r#""before": [{"result": {"status": "failed", "error_message": "no till"}}],"#;
        let after = r#""after": [{"match": {}, "result": {"status": "failed"}}],"#;
        let table = [
            (one(&["passed", "passed"], ""), "passed 1"),
            (one(&["passed", "failed", "skipped"], ""), "failed 1: `it rings` failed"),
            (one(&["passed", "skipped"], ""), "skipped 1"),
            (one(&["passed", "undefined", "skipped"], ""), "failed 1: `it rings` is undefined"),
            (one(&["ambiguous"], ""), "failed 1: `it rings` is ambiguous"),
            (one(&["pending", "skipped"], ""), "failed 1: `it rings` is pending"),
            (one(&["odd"], ""), "failed 1: unknown status `odd`"),
            (one(&[""], ""), "failed 1: unknown status ``"),
            (one(&[], ""), "skipped 1: no step ran"),
            (one(&["skipped"], hook), "failed 1: no till"),
            (one(&["passed"], after), "failed 1: `` failed"),
            (one(&["passed"], r#""status": "hook_error","#), "failed 1: `rings` failed"),
            (one(&["passed"], r#""status": "passed","#), "passed 1"),
        ];
        for (told, expected) in &table {
            assert_eq!(told, expected);
        }
        assert_eq!(table.len(), 13);
        let hooked = step("passed").replace(r#""name""#, r#""after": [{"result": {"status": "failed"}}], "name""#);
        let lines = told(&CUCUMBER_JSON, &features(&[scenario("scenario", &[hooked], "")], ""));
        assert!(lines[0].contains("failed 1"), "{lines:?}");
    }

    #[test]
    fn a_background_belongs_to_the_scenario_behind_it_and_what_is_told_twice_are_two() {
        let good = scenario("scenario", &[step("passed")], "");
        let broken = scenario("background", &[step("failed")], "");
        let silent = scenario("background", &[r#"{"name": "x"}"#.to_owned()], "");
        let lines = told(&CUCUMBER_JSON, &features(&[silent, good.clone(), broken.clone(), good, broken], ""));
        let statuses: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').nth_back(1)).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].ends_with(" passed 1") && lines[1].contains("failed 1") && lines[2].contains("failed 1"),
            "{statuses:?}"
        );
    }

    #[test]
    fn behave_is_read_too() {
        let text = r#"[{"keyword": "Feature", "location": "features/cart.feature:1", "name": "Cart", "status": "failed", "elements": [
            {"keyword": "Scenario", "location": "features/cart.feature:4", "name": "pays", "type": "scenario", "status": "failed", "steps": [
                {"keyword": "When", "location": "features/cart.feature:5", "name": "paid", "result": {"status": "failed", "duration": 0.25, "error_message": ["Traceback", "no"]}},
                {"keyword": "Then", "location": "features/cart.feature:6", "name": "done"}]}]}]"#;
        let report = read(&CUCUMBER_JSON, text).unwrap_or_else(|gap| panic!("{gap:?}"));
        let case = &report.suites[0].cases[0];
        assert_eq!((case.line, case.seconds(), case.message()), (Some(4), Some(0.25), Some("Traceback\nno")));
        let untried = text.replace("\"failed\"", "\"passed\"");
        assert_eq!(told(&CUCUMBER_JSON, &untried), ["features/cart.feature::Cart::pays skipped 1: a step was never tried"]);
        let hidden = features(&[scenario("scenario", &[step("passed")], "")], r#""status": "hook_error","#);
        assert_eq!(
            told(&CUCUMBER_JSON, &hidden)[1..],
            ["error a.feature: the feature ended as `hook_error`, and no scenario says why"]
        );
    }

    #[test]
    fn damage_is_malformed_and_nothing_is_empty() {
        assert_eq!(told(&CUCUMBER_JSON, "[]"), ["empty a: none"]);
        assert_eq!(told(&CUCUMBER_JSON, &features(&[], "")), ["empty a: none"]);
        let no_status = features(&[scenario("scenario", &[r#"{"result": {}}"#.to_owned()], "")], "");
        let cases = [
            ("[", "malformed a:1"),
            ("{}", "malformed a: {}"),
            ("[{}]", "malformed a#/0/name: nothing"),
            (r#"[{"name": "a", "elements": 1}]"#, "malformed a#/0/elements: 1"),
            (&no_status, "malformed a#/0/elements/0/steps/0/result/status: nothing"),
        ];
        for (text, phrase) in cases {
            let told = told(&CUCUMBER_JSON, text);
            assert!(told.len() == 1 && told[0].starts_with(phrase), "{told:?}");
        }
        assert_eq!(cases.len(), 5);
    }
}
