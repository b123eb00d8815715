//! What comes into the binary is what `.cargo/deny.toml` lets in: licences, sources, build scripts. `cargo deny check` reads the
//! same file and adds the advisories, which need the network; this needs none, only packages that cargo has fetched, or fetches as it does to build.

use crate::support::assurance::{self, Table};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// One package of the tree, whatever the target that needs it.
#[derive(Debug)]
struct Package {
    /// An SPDX expression, or the older form with `/` for OR.
    license: String,
    /// None for our own.
    source: Option<String>,
    /// The oldest compiler it promises to build with.
    rust_version: Option<Vec<u64>>,
    builds: bool,
}

fn file(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of ours");
    text.parse().expect("TOML")
}

fn strings(value: &toml::Value) -> BTreeSet<String> {
    let items = value.as_array().expect("a list").iter();
    items.map(|item| item.as_str().expect("a string").to_owned()).collect()
}

fn version(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().expect("a version of numbers")).collect()
}

/// The packages by name and version that the targets of `deny.toml` reach.
fn packages(targets: &BTreeSet<String>) -> BTreeMap<(String, String), Package> {
    let mut found = BTreeMap::new();
    for target in targets {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
        let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let tree: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
        let reached = reached(&tree);
        for package in
            tree["packages"].as_array().expect("packages").iter().filter(|package| reached.contains(text(&package["id"])))
        {
            let kinds = package["targets"].as_array().expect("targets").iter();
            let builds =
                kinds.flat_map(|target| target["kind"].as_array().expect("kinds")).any(|kind| kind == "custom-build");
            let entry = Package {
                license: text(&package["license"]).to_owned(),
                source: package["source"].as_str().map(str::to_owned),
                rust_version: package["rust_version"].as_str().map(version),
                builds,
            };
            found.insert((text(&package["name"]).to_owned(), text(&package["version"]).to_owned()), entry);
        }
    }
    found
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

/// The ids below the root in the resolved tree: `packages` of the metadata lists more than a target needs.
fn reached(tree: &Value) -> BTreeSet<&str> {
    let nodes: BTreeMap<&str, &Value> =
        tree["resolve"]["nodes"].as_array().expect("nodes").iter().map(|node| (text(&node["id"]), node)).collect();
    let (mut seen, mut open) = (BTreeSet::new(), vec![text(&tree["resolve"]["root"])]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(nodes[id]["deps"].as_array().expect("deps").iter().map(|dep| text(&dep["pkg"])));
        }
    }
    seen
}

/// Whether an SPDX expression of ORs and one level of AND can be met with the licences that are let in.
fn allowed(license: &str, licences: &BTreeSet<String>) -> bool {
    let plain = license.replace('/', " OR ").replace(['(', ')'], "");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|choice| licences.contains(choice.trim())))
}

#[test]
fn every_package_is_one_that_deny_toml_lets_in() {
    let deny = file(".cargo/deny.toml");
    let licences = strings(&deny["licenses"]["allow"]);
    let scripts = strings(&deny["bans"]["build"]["allow-build-scripts"]);
    let registries = strings(&deny["sources"]["allow-registry"]);
    let packages = packages(&strings(&deny["graph"]["targets"]));
    assert!(packages.len() > 100, "only {} packages were seen", packages.len());
    let (mut faults, mut building) = (Vec::new(), BTreeSet::new());
    for ((name, version), package) in &packages {
        if !allowed(&package.license, &licences) {
            faults.push(format!("{name} {version}: the licence {} is not let in", package.license));
        }
        let source = package.source.as_deref().map(|source| source.trim_start_matches("registry+"));
        if source.map_or(name != "gatekeeper", |source| !registries.contains(source)) {
            faults.push(format!("{name} {version}: comes from {source:?}"));
        }
        if package.builds {
            building.insert(name.clone());
        }
    }
    faults.extend(
        building.symmetric_difference(&scripts).map(|name| format!("{name}: a build script and deny.toml disagree")),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    hold_table(&packages, &licences, building.len());
}

fn hold_table(packages: &BTreeMap<(String, String), Package>, licences: &BTreeSet<String>, building: usize) {
    let row = |what: &str, seen: String| vec![what.to_owned(), seen];
    let table = Table {
        title: "Supply chain".to_owned(),
        about: "The dependencies for Linux and macOS, against `.cargo/deny.toml`. Advisories need the network and are not part of this table.".to_owned(),
        by: "cargo test --test it supply_chain".to_owned(),
        measured: None,
        columns: ["asked", "seen"].map(str::to_owned).to_vec(),
        rows: vec![
            row("packages, all from crates.io, each pinned by a checksum in Cargo.lock", (packages.len() - 1).to_string()),
            row("licences let in; every package offers one", licences.iter().cloned().collect::<Vec<_>>().join(", ")),
            row("packages with a build script, every one named in deny.toml", building.to_string()),
            row("oldest compiler: stated, and what the tests of CI run on", text_of(&rust_version())),
        ],
    };
    assurance::hold("supply-chain", &table);
}

fn text_of(version: &[u64]) -> String {
    version.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn rust_version() -> Vec<u64> {
    version(file("Cargo.toml")["package"]["rust-version"].as_str().expect("a version"))
}

#[test]
fn the_lockfile_pins_every_package_by_its_checksum() {
    let lock = file("Cargo.lock");
    let mut seen = 0;
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        if name != "gatekeeper" {
            let checksum = package.get("checksum").and_then(toml::Value::as_str).unwrap_or_default();
            assert!(checksum.len() == 64, "{name} has no checksum: it does not come from a registry");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} packages are in the lockfile");
}

#[test]
fn no_package_needs_a_newer_compiler_than_we_state() {
    let stated = rust_version();
    for ((name, version), package) in packages(&strings(&file(".cargo/deny.toml")["graph"]["targets"])) {
        let needed = package.rust_version.unwrap_or_default();
        assert!(needed <= stated, "{name} {version} needs Rust {needed:?}, Cargo.toml states {stated:?}");
    }
}

#[test]
fn licences_are_met_by_a_choice_for_each_part() {
    let licences: BTreeSet<String> = ["MIT", "Unicode-3.0"].map(str::to_owned).into();
    for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(allowed(good, &licences), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0 OR GPL-3.0", "(MIT OR Apache-2.0) AND BSL-1.0"] {
        assert!(!allowed(bad, &licences), "{bad}");
    }
}
