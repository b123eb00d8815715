//! What real coverage tools left (`fixtures/evidence/tools/coverage-*`, recorded by `.ci/tools/coverage`): totals are those that the tools printed, and a floor
//! fails exactly when the tool's own threshold did.

use crate::support::{gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::collect::{FORMATS, Inspection, inspect};
use gatekeeper::model::{Base, Limits, RelPath};
use gatekeeper::workspace::Disk;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A report of a scenario.
struct Case {
    /// `coverage-jest/above-floor/lcov.info`.
    name: String,
    path: PathBuf,
    format: &'static str,
    /// Whether the tool's threshold held, and what it was.
    held: bool,
    floor: Option<(String, f64)>,
    printed: BTreeMap<String, usize>,
}

/// Where the tool's word and ours differ, with the reason.
const DIFFERS: [(&str, &str); 2] = [
    (
        "coverage-py/rounded-up/coverage.xml",
        "coverage.py rounds to whole percents, and holds the rounded one against the floor",
    ),
    ("coverage-py/rounded-up/coverage.lcov", "the same"),
];

/// Totals that are counted otherwise than the tool prints, with the reason.
const COUNTED: [(&str, &str, &str); 6] = [
    ("coverage-gcovr/", " lines_", "gcovr counts a line once for each function on it; floors are held against that too"),
    ("coverage-gcovr/", " branches_", "the same"),
    (
        "coverage-jest/",
        "cobertura-coverage.xml branches_",
        "Istanbul leaves out branches on lines without a statement; its total has them",
    ),
    ("coverage-nyc/", "cobertura-coverage.xml branches_", "the same"),
    ("coverage-vitest-istanbul/", "cobertura-coverage.xml branches_", "the same"),
    ("coverage-vitest-v8/", "cobertura-coverage.xml branches_", "the same"),
];

fn cases() -> Vec<Case> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/evidence/tools");
    let below = |path: &Path| {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path).expect("a directory").map(|one| one.expect("an entry").path()).collect();
        entries.sort();
        entries
    };
    let mut cases = Vec::new();
    for writer in below(&home).into_iter().filter(|path| text(path).contains("/coverage-")) {
        for scenario in below(&writer) {
            let told: toml::Table =
                fs::read_to_string(scenario.join("tool.toml")).expect("a record").parse().expect("TOML");
            let table = |name: &str| told.get(name).and_then(toml::Value::as_table).cloned().unwrap_or_default();
            let number =
                |value: &toml::Value| value.as_float().or(value.as_integer().map(|int| int as f64)).expect("a number");
            let floor = table("floor").iter().next().map(|(measure, value)| (measure.clone(), number(value)));
            let count = |value: &toml::Value| usize::try_from(value.as_integer().expect("a count")).expect("a count");
            let printed =
                table("counts").iter().map(|(word, value)| (word.clone(), count(value))).collect::<BTreeMap<_, _>>();
            for report in told["reports"].as_array().expect("a list").iter().filter_map(toml::Value::as_str) {
                let path = scenario.join(report);
                cases.push(Case {
                    name: text(path.strip_prefix(&home).expect("below")).to_owned(),
                    path,
                    format: if report.ends_with(".xml") { "cobertura" } else { "lcov" },
                    held: told["exit_code"].as_integer() == Some(0),
                    floor: floor.clone(),
                    printed: printed.clone(),
                });
            }
        }
    }
    cases
}

fn read(case: &Case) -> Inspection {
    let directory = case.path.parent().expect("a directory");
    let format = FORMATS.iter().copied().find(|format| format.id == case.format);
    let workspace = Disk::new(directory, Some(directory), None, None).expect("a directory of fixtures");
    let file = case.path.file_name().and_then(|name| name.to_str()).expect("a name");
    inspect(&workspace, Base::Run, &RelPath::parse(file).expect("a path"), format, &Limits::default())
}

#[test]
fn totals_are_those_that_the_tools_printed() {
    let (mut looked_at, mut differing) = (0, Vec::new());
    for case in cases() {
        let seen = read(&case);
        assert_eq!(seen.gap, None, "{}", case.name);
        let totals: BTreeMap<&str, usize> = seen.coverage.unwrap_or_default().entries().into_iter().collect();
        for (word, printed) in &case.printed {
            let counted = totals.get(word.as_str()).copied();
            if counted != Some(*printed) {
                differing.push(format!("{} {word}: {counted:?} and not {printed}", case.name));
            }
            looked_at += 1;
        }
    }
    let known = |line: &&String| COUNTED.iter().any(|(writer, word, _)| line.starts_with(writer) && line.contains(word));
    let unknown: Vec<&String> = differing.iter().filter(|line| !known(line)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(COUNTED.iter().all(|(writer, ..)| differing.iter().any(|line| line.starts_with(writer))), "{differing:#?}");
    assert!(looked_at > 600, "only {looked_at} totals were looked at");
}

#[test]
fn a_floor_fails_exactly_when_the_tools_did() {
    let place = tempfile::tempdir().expect("a directory");
    let put = |file: &str, text: &str| {
        let path = place.path().join(file);
        fs::create_dir_all(path.parent().expect("below")).expect("a directory");
        fs::write(path, text).expect("a file");
    };
    put("gatekeeper.toml", "schema  = \"gatekeeper.config/1\"\nextends = \"policies/demo.toml\"\n");
    let mut policy =
        "schema = \"gatekeeper.policy/1\"\nid = \"demo\"\ntitle = \"Floors\"\n\n[lane.full]\nrule = \"full\"\n".to_owned();
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.floor.is_some()).collect();
    for (number, case) in cases.iter().enumerate() {
        let (measure, floor) = case.floor.as_ref().expect("filtered");
        let id = format!("case_{number}");
        policy += &format!("\n[[gate]]\nid = \"{id}\"\nblocking = true\n");
        let gate = format!(
            "schema = \"gatekeeper.gate/1\"\nid = \"{id}\"\ntitle = \"{0}\"\nowner = \"qa\"\nbead = \"qa-1\"\nwhy = \"A floor.\"\nreproduce = \"x\"\nremediation = [\"x\"]\n\n\
             [evidence.coverage]\npath = \"repo:reports/{0}\"\nformat = \"{1}\"\n\n[[check]]\nkind = \"coverage-floors\"\nevidence = \"coverage\"\ntotal = {floor}\nmeasure = \"{measure}\"\n",
            case.name, case.format
        );
        put(&format!("gates/demo/{id}.toml"), &gate);
        let report = fs::read_to_string(&case.path).expect("a report");
        put(&format!("reports/{}", case.name), &report);
    }
    put("policies/demo.toml", &policy);
    let (out, root) = (place.path().join("out"), text(place.path()).to_owned());
    let arguments = ["verify", "--root", &root, "--now", "2026-11-28T12:00:00Z", "--out", text(&out)];
    let (exit, _, said) = gatekeeper(&arguments, &[]);
    assert_eq!(exit, Exit::Failed, "{said}");
    let verdict = fs::read_to_string(out.join("full_suite_verdict.json")).expect("a verdict");
    let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("JSON");
    let (mut looked_at, mut differing, mut noted) = (0, Vec::new(), Vec::new());
    for (number, case) in cases.iter().enumerate() {
        let gates = verdict["gates"].as_array().expect("a list");
        let gate = gates.iter().find(|gate| gate["id"] == format!("case_{number}")).expect("judged");
        let passed = gate["status"] == "pass";
        assert!(!gate.to_string().contains("contradiction"), "{}: {gate}", case.name);
        noted.extend(gate["notes"].as_array().into_iter().flatten().map(|note| format!("{}: {}", case.name, note["text"])));
        if passed != case.held {
            differing.push(case.name.clone());
        }
        looked_at += 1;
    }
    differing.sort();
    let mut known = DIFFERS.map(|(name, _)| name.to_owned());
    known.sort();
    assert_eq!(differing, known);
    // What tools count and do not tell of is noted, and nothing else is.
    let meant = |note: &String| {
        note.contains("branches-valid = ")
            || note.contains("branches-covered = ")
            || (note.starts_with("coverage-gcovr/") && (note.contains("LF = ") || note.contains("LH = ")))
    };
    let other: Vec<&String> = noted.iter().filter(|note| !meant(note)).collect();
    assert!(noted.len() > 20 && other.is_empty(), "{} notes, {other:#?}", noted.len());
    assert!(looked_at > 115, "{looked_at}");
}
