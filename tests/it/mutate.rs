//! Every shipped pack over its green run: what its blocking gates declare cannot be damaged unseen, and everything else that can be is
//! listed, with a reason, in `tests/it/mutate/<pack>.toml`.
//!
//! The normal run tries one mutant of each kind at each field. `GATEKEEPER_MEASURE=1` tries all of them, which takes many minutes, and holds the
//! lists to account, because what fits no survivor at all is known only then; `GATEKEEPER_MUTATE_PACK` names one pack.

use crate::support::assurance::{Table, asked, hold};
use crate::support::{copy, gatekeeper, text};
use gatekeeper::cli::Exit;
use gatekeeper::gate::Suite;
use gatekeeper::load::Selection;
use gatekeeper::model::{Mode, Ruling, parse_instant};
use gatekeeper::mutate::{self, Refused, Sampling, Stage, Survivors, Trial};
use gatekeeper::pipeline;
use gatekeeper::report::wire::v1::mutation::Mutation;
use gatekeeper::workspace::{Disk, Workspace, directories};
use std::fs;
use std::path::{Path, PathBuf};

/// The green run of a pack.
struct Green {
    pack: &'static str,
    /// The repository under `fixtures/repos`, and the root in it.
    root: &'static str,
    run: Option<&'static str>,
    history: Option<&'static str>,
    now: &'static str,
}

const fn green(pack: &'static str, root: &'static str, run: Option<&'static str>, now: &'static str) -> Green {
    Green { pack, root, run, history: None, now }
}

const PACKS: [Green; 11] = [
    green("agent-e2e", "agent-scenarios", Some(".ace-local/test-e2e"), "2026-03-02T12:00:00Z"),
    green("claims", "claims", None, "2026-03-02T11:30:00Z"),
    green("compose-flows", "compose-flows", Some("20261128T172907Z"), "2026-11-28T18:00:00Z"),
    green("e2e-run", "agent-cli", Some("tests/e2e_results/20260302T101500Z"), "2026-03-02T12:00:00Z"),
    Green {
        history: Some("tests/e2e_results/*"),
        ..green("flakes", "steady-runs", Some("tests/e2e_results/20260302T102000Z"), "2026-03-02T12:00:00Z")
    },
    green("full-suite", "agent-cli", Some("tests/e2e_results/20260302T101500Z"), "2026-03-02T12:00:00Z"),
    green("go-e2e", "go-e2e", Some("results/20261121T152720Z"), "2026-11-21T16:00:00Z"),
    green("go-flakes", "go-flakes", Some("test-results-20260123-101112"), "2026-01-23T12:00:00Z"),
    green("pipeline-run", "pipeline", Some("artifacts/e2e/20261121T150000Z"), "2026-11-21T16:00:00Z"),
    green("self", "own-ci", Some("runs/20260302T090000Z"), "2026-03-02T12:00:00Z"),
    green("test-results", "steady-runs", Some("tests/e2e_results/20260302T102000Z"), "2026-03-02T12:00:00Z"),
];

/// A pack's green run, opened.
struct Bench {
    of: &'static Green,
    /// Absent where the fixture itself is judged.
    _home: tempfile::TempDir,
    root: PathBuf,
}

impl Bench {
    /// The fixture where it lies: nothing is written to it.
    /// A copy of it: what lies below the work tree of this project would be judged as a part of it.
    fn new(of: &'static Green) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos").join(of.root), home.path());
        Self { of, root: home.path().to_owned(), _home: home }
    }

    fn open(&self) -> Disk {
        let run = self.of.run.map(|run| self.root.join(run));
        let now = parse_instant(self.of.now).expect("a clock");
        let disk = Disk::new(&self.root, run.as_deref(), None, Some(now)).expect("the fixture can be opened");
        let Some(history) = self.of.history else { return disk };
        let given = directories(&[self.root.join(history)]).expect("earlier runs");
        disk.with_history(&given).expect("earlier runs can be opened").0
    }

    /// The definitions: the repository's own, if they extend the pack, because they say what this repository asks of it.
    fn suite(&self, workspace: &Disk) -> Suite {
        let own = fs::read_to_string(self.root.join("gatekeeper.toml")).unwrap_or_default();
        let extends = own.contains(&format!("\"builtin:{}\"", self.of.pack));
        let policy = (!extends).then(|| self.of.pack.to_owned());
        let loaded = pipeline::load(workspace, &Selection { policy });
        loaded.suite.unwrap_or_else(|| panic!("{}: the definitions are sound", self.of.pack))
    }

    /// Calls with everything that mutants are judged on.
    fn with<T>(&self, then: impl FnOnce(&Stage<'_>) -> T) -> T {
        let workspace = self.open();
        let suite = self.suite(&workspace);
        let request = pipeline::Request { lane: "full".to_owned(), mode: Mode::Strict, clock: None, policy_ref: None };
        let terms = pipeline::terms(&suite, &request, workspace.now()).expect("the policy has the lane");
        let fresh = || -> Result<Box<dyn Workspace>, String> {
            let disk = self.open();
            drop(self.suite(&disk));
            Ok(Box::new(disk))
        };
        then(&Stage { suite: &suite, terms: &terms, baseline_named: false, workspace: &workspace, fresh: &fresh })
    }

    fn survivors(&self) -> Survivors {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mutate").join(self.of.pack).with_extension("toml");
        let text = fs::read_to_string(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
        Survivors::parse(&text).unwrap_or_else(|faults| panic!("{}: {}", place.display(), faults.join("\n")))
    }
}

fn sampling(each: Option<usize>) -> Sampling {
    Sampling { each, most: None, seed: 1 }
}

fn tried(of: &'static Green, each: Option<usize>) -> Mutation {
    let bench = Bench::new(of);
    bench.with(|stage| {
        let trial = mutate::prepare(stage, sampling(each)).unwrap_or_else(|refused| panic!("{}: {refused:?}", of.pack));
        trial.run(stage, &bench.survivors(), None, &mut |_, _| {})
    })
}

/// What survived without a reason, what the list says too much: nothing of it may be.
fn faults(mutation: &Mutation) -> Vec<String> {
    let open = mutation.survivors.iter().filter(|row| row.reason.is_none());
    let told = open.map(|row| {
        let declared = if row.declared { format!(" declared by {:?}", row.declared_by) } else { String::new() };
        format!("{}: {} `{}` {:?} at {}{declared}", mutation.policy, row.path, row.field, row.mutators, row.example)
    });
    told.chain(mutation.untrue.iter().map(|phrase| format!("{}: {phrase}", mutation.policy))).collect()
}

fn row(mutation: &Mutation) -> Vec<String> {
    let declared: usize = mutation.survivors.iter().filter(|row| row.declared).map(|row| row.mutants).sum();
    let total = &mutation.total;
    let rate =
        |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", (rate * 1000.0).floor() / 10.0));
    vec![
        mutation.policy.clone(),
        total.mutants.to_string(),
        total.killed.to_string(),
        total.noticed.to_string(),
        mutation.declared.survived.to_string(),
        declared.to_string(),
        (total.accepted - (declared - mutation.declared.survived)).to_string(),
        rate(mutation.declared.rate),
        rate(Some(total.killed as f64 / total.mutants as f64)),
    ]
}

fn table(mutations: &[Mutation]) -> Table {
    let columns = [
        "pack",
        "mutants",
        "killed",
        "noticed",
        "survived, declared by a blocking gate",
        "may survive, declared, with a reason",
        "may survive, elsewhere, with a reason",
        "rate, declared, without those with a reason",
        "rate, everything",
    ];
    Table {
        title: "Mutants of evidence".to_owned(),
        about: String::from(
            "One mutant of each kind at each field of the green run of each pack, chosen by a fixed seed. A mutant is one damage to one file: it is deleted, cut, swapped, made stale or foreign, or one value in it is \
             removed, retyped, flipped, moved by one, changed, repeated. Killed: the verdict fails. Noticed: an advisory gate says \
             something else. Declared: the file of a blocking gate, or a field that its definition names. The reasons are in \
             `tests/it/mutate/`, field by field.",
        ),
        by: "cargo test --test it mutate".to_owned(),
        measured: None,
        columns: columns.map(str::to_owned).to_vec(),
        rows: mutations.iter().map(row).collect(),
    }
}

#[test]
fn no_pack_lets_damage_to_what_it_declares_go_unnoticed() {
    let whole = asked("GATEKEEPER_MEASURE");
    let only = std::env::var("GATEKEEPER_MUTATE_PACK").ok();
    let packs: Vec<&'static Green> = PACKS.iter().filter(|of| only.as_ref().is_none_or(|only| only == of.pack)).collect();
    let mut mutations = Vec::new();
    let mut found = Vec::new();
    for of in packs {
        let mutation = tried(of, if whole { None } else { Some(1) });
        println!("{}: {:?} {:?}", of.pack, mutation.total, mutation.declared);
        found.extend(faults(&mutation));
        assert_eq!(mutation.sample.all, whole, "{}: a sample is never everything", of.pack);
        mutations.push(mutation);
    }
    assert!(found.is_empty(), "{}\n", found.join("\n"));
    if only.is_none() {
        assert_eq!(mutations.len(), PACKS.len());
        assert!(mutations.iter().map(|mutation| mutation.total.mutants).sum::<usize>() > 3_000);
        if !whole {
            hold("mutation", &table(&mutations));
        }
    }
}

#[test]
fn judging_only_the_gates_that_read_a_file_says_the_same_as_judging_all() {
    let mut compared = 0;
    for pack in ["compose-flows", "self", "full-suite"] {
        let of = PACKS.iter().find(|of| of.pack == pack).expect("a pack");
        Bench::new(of).with(|stage| {
            let few = Sampling { each: Some(1), most: Some(60), seed: 7 };
            let trial = mutate::prepare(stage, few).expect("green");
            let (short, whole) = (trial.words(stage, false), trial.words(stage, true));
            for ((short, whole), mutant) in short.iter().zip(&whole).zip(trial.mutants()) {
                assert_eq!(short, whole, "{pack}: {} {} `{}`", trial.path(mutant), mutant.mutator.word(), mutant.field);
                compared += 1;
            }
        });
    }
    assert_eq!(compared, 180);
}

/// What is tried follows from the seed alone.
#[test]
fn the_same_seed_gives_the_same_report() {
    let of = PACKS.iter().find(|of| of.pack == "compose-flows").expect("a pack");
    let few = |seed| Sampling { each: Some(1), most: Some(40), seed };
    let report = |seed: u64| {
        Bench::new(of).with(|stage| {
            let trial: Trial = mutate::prepare(stage, few(seed)).expect("green");
            trial.run(stage, &Survivors::default(), Some(2), &mut |_, _| {})
        })
    };
    let first = report(1);
    assert_eq!(first, report(1));
    assert_ne!(first.evidence, report(2).evidence);
}

#[test]
fn a_run_that_fails_is_refused() {
    let of = PACKS.iter().find(|of| of.pack == "compose-flows").expect("a pack");
    let bench = Bench::new(of);
    let run = bench.root.join(of.run.expect("a run"));
    fs::remove_file(run.join("flows/echo/job.json")).expect("removed");
    bench.with(|stage| match mutate::prepare(stage, sampling(Some(1))) {
        Err(Refused::NotGreen(verdict)) => assert_eq!(verdict.ruling(), Ruling::Fail),
        Err(Refused::Nothing) => panic!("there is evidence"),
        Ok(_) => panic!("a failing run tells nothing"),
    });
    let arguments = ["mutate", text(&run), "--root", text(&bench.root), "--now", of.now];
    let (exit, out, said) = gatekeeper(&arguments, &[]);
    assert!(exit == Exit::Usage || exit == Exit::Gap, "{said}");
    assert!(out.is_empty() && said.contains("the run itself does not pass") && said.contains("help:"), "{said}");
}

/// A repository whose one gate reads two of three fields.
fn holed() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
    };
    write("gatekeeper.toml", "schema = \"gatekeeper.config/1\"\nextends = \"policies/own.toml\"\n");
    write(
        "policies/own.toml",
        "schema = \"gatekeeper.policy/1\"\nid = \"own\"\ntitle = \"Own\"\n[lane.preflight]\nrule = \"preflight\"\n[lane.full]\nrule = \"full\"\n[[gate]]\nid = \"sums\"\nblocking = true\nwaivable = false\n",
    );
    write(
        "gates/own/sums.toml",
        "schema = \"gatekeeper.gate/1\"\nid = \"sums\"\ntitle = \"Sums\"\nowner = \"team\"\nbead = \"T-1\"\nwhy = \"Sums must be right.\"\nreproduce = \"make\"\nremediation = [\"Make it again.\"]\n[evidence.report]\npath = \"repo:report.json\"\n[[check]]\nkind = \"holds\"\nthat = \"report.failed == 0 && report.total >= 3\"\n",
    );
    write("report.json", "{\"failed\": 0, \"total\": 5, \"passed\": 5}\n");
    home
}

/// The report of the repository with the hole, but for what differs from release to release.
fn golden(mut report: serde_json::Value) {
    let all = report.as_object_mut().expect("an object");
    assert!(all.remove("tool").is_some() && all.remove("policy_sha256").is_some());
    let text = serde_json::to_string_pretty(&report).expect("JSON") + "\n";
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mutate/hole.json");
    if asked("GATEKEEPER_BLESS") {
        fs::write(&place, &text).expect("written");
    }
    assert_eq!(fs::read_to_string(&place).expect("the report that is expected"), text);
}

#[test]
fn a_hole_is_found_and_named() {
    let home = holed();
    let at = text(home.path()).to_owned();
    let list = home.path().join("survivors.toml");
    let run =
        |more: &[&str]| gatekeeper(&[&["mutate", "--root", &at, "--now", "2026-03-02T12:00:00Z"], more].concat(), &[]);
    let (exit, out, said) = run(&["--all", "-o", "json"]);
    assert_eq!(exit, Exit::Pass, "{said}");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let schema =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/mutation.json")).expect("published");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    assert!(jsonschema::validator_for(&schema).expect("a schema").is_valid(&report), "{out}");
    assert_eq!(report["schema"], "gatekeeper.mutation/1");
    assert_eq!(report["sample"]["all"], true);
    let fields: Vec<&str> =
        report["survivors"].as_array().expect("a list").iter().map(|row| row["field"].as_str().expect("a field")).collect();
    // The total may be any from 3, and nobody looks at what passed.
    assert_eq!(fields, ["/passed", "/total"], "{said}");
    assert!(said.contains("/passed: remove, null, type, increment, decrement, negate, rename\n"), "{said}");
    assert!(said.contains("/total: increment, decrement; declared by sums\n"), "{said}");

    golden(report);

    // Both sides of the bound.
    let (exit, _, said) = run(&["--min", "100%"]);
    assert!(exit == Exit::Failed && said.contains("must be 100.0 %"), "{said}");
    assert_eq!(run(&["--min", "40%"]).0, Exit::Pass);
    assert_eq!(run(&["--min-declared", "100"]).0, Exit::Failed);
    for unsound in ["-1%", "101%", "most", ""] {
        assert_eq!(run(&["--min", unsound]).0, Exit::Usage, "{unsound}");
    }

    // A reason for each makes it whole, and one that fits nothing is a fault.
    let entry = |at: &str, mutators: &str| {
        format!(
            "[[survivor]]\nfiles = [\"report.json\"]\nat = [\"{at}\"]\nmutators = [{mutators}]\nreason = \"It is for people, who add it up themselves.\"\n"
        )
    };
    let schema = "schema = \"gatekeeper.survivors/1\"\n";
    let both = [schema, &entry("/passed", "\"*\""), &entry("/total", "\"increment\", \"decrement\"")].concat();
    fs::write(&list, &both).expect("written");
    let (exit, _, said) =
        run(&["--all", "--survivors", text(&list), "--min", "100%", "--min-declared", "100%", "--verbose"]);
    assert_eq!(exit, Exit::Pass, "{said}");
    assert!(said.contains("may survive: 2 fields") && said.contains("who add it up themselves"), "{said}");
    fs::write(&list, both + &entry("/failed", "\"increment\"")).expect("written");
    let (exit, _, said) = run(&["--all", "--survivors", text(&list)]);
    assert!(exit == Exit::Failed && said.contains("entry 3: at `/failed` fits no survivor"), "{said}");
    fs::write(&list, "schema = \"other\"").expect("written");
    assert_eq!(run(&["--survivors", text(&list)]).0, Exit::Usage);
    assert_eq!(run(&["-o", "yaml"]).0, Exit::Usage);
    // Nothing but the list was written.
    assert_eq!(
        fs::read_to_string(home.path().join("report.json")).expect("there"),
        "{\"failed\": 0, \"total\": 5, \"passed\": 5}\n"
    );
}
