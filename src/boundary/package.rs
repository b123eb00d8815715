//! The crates of a package: where each begins, and under which name the others know the library.
//!
//! In: `Cargo.toml` as a document, and the source files there are. Out: the roots. What the manifest leaves open is where Cargo
//! looks by itself: `src/lib.rs`, `src/main.rs`, `src/bin/`, `build.rs`.

use super::manifest::Fault;
use crate::model::{Node, Pointer};
use std::collections::BTreeSet;

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name of the library in code.
    pub library: String,
    /// The files in which its crates begin, below the same base as the manifest, each with the place that names it; the library
    /// first, if there is one.
    pub roots: Vec<(String, Pointer)>,
    /// Whether the first root is that of a library.
    pub has_library: bool,
}

impl Package {
    /// Reads the manifest of a package that lies in `directory` (empty for the base), of which these files are the sources.
    ///
    /// # Errors
    /// Every fault, at least one.
    pub fn read(root: Node<'_>, directory: &str, files: &BTreeSet<&str>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let name_at = Pointer::root().key("package").key("name");
        let package = root.get("package");
        let name = text(package.and_then(|own| own.get("name")), &name_at, true, &mut faults).unwrap_or_default();
        let mut roots: Vec<(String, Pointer)> = Vec::new();
        let below = |path: &str| {
            let path = path.trim_start_matches("./").replace('\\', "/");
            if directory.is_empty() { path } else { format!("{directory}/{path}") }
        };
        let mut root_at = |path: String, at: Pointer| {
            if !roots.iter().any(|(known, _)| *known == path) {
                roots.push((path, at));
            }
        };
        // A table that is there promises a file; without one, a file at the usual place is a crate too.
        let lib_at = Pointer::root().key("lib");
        let lib = root.get("lib");
        if let Some(other) = lib.filter(|own| !own.is_map()) {
            faults.push(fault(&lib_at, "a table", Some(other)));
        }
        let lib_path = text(lib.and_then(|own| own.get("path")), &lib_at.key("path"), false, &mut faults);
        let lib_name = text(lib.and_then(|own| own.get("name")), &lib_at.key("name"), false, &mut faults);
        let usual = below("src/lib.rs");
        let has_library = lib.is_some() || files.contains(&*usual);
        if has_library {
            root_at(lib_path.map_or(usual, |path| below(&path)), lib_at);
        }
        if files.contains(&*below("src/main.rs")) {
            root_at(below("src/main.rs"), Pointer::root());
        }
        for table in ["bin", "example", "test", "bench"] {
            let at = Pointer::root().key(table);
            let node = root.get(table);
            if let Some(other) = node.filter(|own| !own.is_list()) {
                faults.push(fault(&at, "a list of tables", Some(other)));
            }
            for (index, node) in node.into_iter().flat_map(Node::items).enumerate() {
                let at = at.index(index);
                let target = text(node.get("name"), &at.key("name"), table == "bin", &mut faults).unwrap_or_default();
                let path = text(node.get("path"), &at.key("path"), false, &mut faults).map(|path| below(&path));
                let named = [format!("src/bin/{target}.rs"), format!("src/bin/{target}/main.rs"), "src/main.rs".to_owned()];
                let found = || named.iter().map(|path| below(path)).find(|path| files.contains(&**path));
                match (table, path) {
                    ("bin", path) => root_at(path.or_else(found).unwrap_or_else(|| below("src/main.rs")), at),
                    // Only those that lie among the sources are looked at.
                    (_, Some(path)) if files.contains(&*path) => root_at(path, at),
                    (_, Some(_) | None) => {}
                }
            }
        }
        let binaries = below("src/bin/");
        for file in files.iter().filter_map(|file| Some((*file, file.strip_prefix(&binaries)?))) {
            if !file.1.contains('/') || file.1.split_once('/').is_some_and(|(_, rest)| rest == "main.rs") {
                root_at(file.0.to_owned(), Pointer::root());
            }
        }
        let build_at = Pointer::root().key("package").key("build");
        let build = package.and_then(|own| own.get("build"));
        let build = build.filter(|own| own.boolean().is_none());
        let stated = text(build, &build_at, false, &mut faults).map(|path| below(&path));
        if let Some(path) = stated.or_else(|| Some(below("build.rs"))).filter(|path| files.contains(&**path)) {
            root_at(path, build_at);
        }
        if roots.is_empty() && faults.is_empty() {
            let expected = "a package with `src/lib.rs`, `src/main.rs` or a root that it names";
            faults.push(Fault { at: Pointer::root(), expected: expected.to_owned(), actual: "none".to_owned() });
        }
        let library = lib_name.unwrap_or(name).replace('-', "_");
        if faults.is_empty() { Ok(Self { library, roots, has_library }) } else { Err(faults) }
    }
}

fn fault(at: &Pointer, expected: &str, node: Option<Node<'_>>) -> Fault {
    let actual = node.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(120));
    Fault { at: at.clone(), expected: expected.to_owned(), actual }
}

fn text(node: Option<Node<'_>>, at: &Pointer, required: bool, faults: &mut Vec<Fault>) -> Option<String> {
    match (node, node.and_then(Node::text)) {
        (_, Some(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        (None, _) if !required => None,
        (node, _) => {
            faults.push(fault(at, "a text that is not blank", node));
            None
        }
    }
}
