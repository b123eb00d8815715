//! The table of rooms as `docs/room_boundaries.json`, by which gatekeeper judges its own imports (gate `room_boundaries` of the pack
//! `self`): two readers of one table, of which one is the product.

use super::{ROOMS, root};
use crate::support::assurance::asked;
use gatekeeper::boundary::{Judgement, Manifest, Package, Source, judge};
use gatekeeper::collect::FORMATS;
use gatekeeper::gate::Reading;
use gatekeeper::model::{Content, Where};
use std::collections::BTreeMap;
use std::path::PathBuf;

const PAGE: &str = "docs/room_boundaries.json";

/// The roots of crates that hold code, with the rooms that they may import.
const ROOTS: [(&str, &str, &[&str]); 2] = [("start", "src/main.rs", &["cli"]), ("build", "src/build.rs", &[])];

/// The manifest, one domain and one pair a line.
fn manifest() -> String {
    let rooms = ROOMS.iter().map(|(room, allowed)| (*room, *room, *allowed));
    let domains: Vec<(&str, &str, &[&str])> = rooms.chain(ROOTS).collect();
    let mapped = domains.iter().map(|(id, module, _)| format!("    {{\"id\": \"{id}\", \"modules\": [\"{module}\"]}}"));
    let banned = domains.iter().flat_map(|(from, _, allowed)| {
        let others = ROOMS.iter().map(|(room, _)| *room).filter(move |room| *room != *from && !allowed.contains(room));
        others.map(move |to| {
            let reason = "The import table does not allow it.";
            format!("    {{\"from\": \"{from}\", \"to\": \"{to}\", \"reason\": \"{reason}\"}}")
        })
    });
    let (mapped, banned): (Vec<String>, Vec<String>) = (mapped.collect(), banned.collect());
    format!(
        "{{\n  \"domains\": [\n{}\n  ],\n  \"deferred\": [],\n  \"banned_pairs\": [\n{}\n  ]\n}}\n",
        mapped.join(",\n"),
        banned.join(",\n")
    )
}

#[test]
fn the_manifest_of_boundaries_is_the_table() {
    let (path, made) = (root().join(PAGE), manifest());
    if asked("GATEKEEPER_BLESS") {
        std::fs::write(&path, &made).expect("the page can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("the page is committed");
    assert!(committed == made, "{PAGE} is not what the table says; bless it if the change is meant");
    assert!(made.matches("\"from\"").count() > 300);
}

fn content(format: &str, text: &str, path: &str) -> Content {
    let format = FORMATS.iter().find(|own| own.id == format).expect("a format");
    let Reading::Whole(parse) = &format.reading else { panic!("read whole") };
    parse(text.as_bytes(), &Where::file(path)).unwrap_or_else(|gap| panic!("{gap:?}"))
}

/// Every Rust file of `src` that is of this package, by its path in the repository.
fn files() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root().join("src")];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory of the crate") {
            let path = entry.expect("an entry of the crate").path();
            if path.is_dir() {
                // As the gate has it: what has a manifest of its own is a package of its own.
                if !path.join("Cargo.toml").is_file() {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below =
                    path.strip_prefix(root()).expect("below the root").to_str().expect("plain names").replace('\\', "/");
                found.insert(below, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

/// What the product says of these sources: how much it looked at, and each finding.
fn judged(read: &BTreeMap<String, Content>) -> (Judgement, Vec<String>) {
    let sources = read.iter().map(|(path, content)| match content {
        Content::Rust(rust) => Source { path, shown: path, rust },
        other => panic!("{path}: {}", other.what()),
    });
    let sources: Vec<Source<'_>> = sources.collect();
    let cargo = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let (cargo, table) = (content("toml", &cargo, "Cargo.toml"), content("json", &manifest(), PAGE));
    let table = Manifest::read(table.document().expect("a document").root()).expect("a sound manifest");
    let names = read.keys().map(String::as_str).collect();
    let package = Package::read(cargo.document().expect("a document").root(), "", &names).expect("a package");
    let judgement = judge(&table, PAGE, &package, &sources, false);
    let told = judgement.findings.iter().map(|(_, finding)| {
        let at = finding.at.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {at}: {}", finding.kind, finding.actual)
    });
    let told = told.chain(judgement.gaps.iter().map(|gap| format!("{} {}", gap.kind.word(), gap.at))).collect();
    (judgement, told)
}

#[test]
fn the_product_sees_what_the_table_bans() {
    let texts = files();
    let mut read: BTreeMap<String, Content> =
        texts.iter().map(|(path, text)| (path.clone(), content("rust", text, path))).collect();
    let (judgement, told) = judged(&read);
    assert_eq!(told, Vec::<String>::new());
    assert!(judgement.modules > 200 && judgement.ways > 2_000, "{} modules, {} ways", judgement.modules, judgement.ways);

    let mut looked_at = 0;
    for (file, planted, expected) in [
        ("src/checks/unique.rs", "use crate::collect::FORMATS as F;", "`checks::unique` names `crate::collect::FORMATS`"),
        ("src/decide/lane.rs", "fn f() { crate::report::FORMATS; }", "`decide::lane` names `crate::report::FORMATS`"),
        ("src/model/age.rs", "use super::super::workspace as w;", "`model::age` names `super::super::workspace`"),
        ("src/evaluate/fold.rs", "fn f() { println!(\"{}\", crate::load::X) }", "`evaluate::fold` names `crate::load::X`"),
        ("src/main.rs", "use gatekeeper::model::Gap;", "`crate` names `gatekeeper::model::Gap`"),
    ] {
        let text = &texts[file];
        let line = text.lines().count() + 1;
        let sound = read.insert(file.to_owned(), content("rust", &format!("{text}{planted}\n"), file)).expect("a file");
        let told = judged(&read).1;
        assert_eq!(told, [format!("banned-crossing {file}:{line}: {expected}")], "{planted}");
        read.insert(file.to_owned(), sound);
        looked_at += 1;
    }
    assert_eq!(looked_at, 5);
}
