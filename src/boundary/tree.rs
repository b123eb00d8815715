//! Source files to modules: each crate from its root on, through `mod`, written inside a file or in one of its own.
//!
//! In: files, and where crates begin. Out: modules with the scopes that make them up; several, where `cfg` chooses between them.
//! A module whose file is not there is a gap. It never decides which of two variants is compiled.

use super::package::Package;
use crate::model::{Gap, GapKind, RustFile, RustScope, RustSource, Where};
use std::collections::{BTreeMap, BTreeSet};

/// Most modules of a package, so that files that include each other come to an end.
const MOST: usize = 100_000;

/// One source file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path below the base.
    pub path: &'a str,
    /// The path as findings show it.
    pub shown: &'a str,
    /// What is in it.
    pub rust: &'a RustSource,
}

/// The position of a module in its tree.
pub(super) type Id = usize;

/// One of the scopes that make up a module.
pub(super) struct Part {
    /// Its file, by its position.
    pub(super) source: usize,
    /// The scope in it.
    pub(super) scope: usize,
    /// Whether only tests compile it.
    pub(super) test: bool,
}

/// One module.
pub(super) struct Module {
    /// The module that holds it; `None` of the root of a crate.
    pub(super) parent: Option<Id>,
    /// The root of its crate.
    pub(super) root: Id,
    /// `a::b`; `crate` for a root.
    pub(super) name: String,
    /// What makes it up.
    pub(super) parts: Vec<Part>,
    /// The modules in it, by name.
    pub(super) children: BTreeMap<Box<str>, Id>,
}

/// The modules of a package.
pub(super) struct Tree<'a> {
    pub(super) sources: &'a [Source<'a>],
    pub(super) modules: Vec<Module>,
    /// The library's root.
    pub(super) library: Option<Id>,
    /// The files that are no module of any crate.
    pub(super) unreached: Vec<usize>,
    pub(super) gaps: Vec<Gap>,
    files: BTreeMap<&'a str, usize>,
}

/// A file that waits to be read as a module.
struct Waiting {
    module: Id,
    source: usize,
    /// Whether modules of the file lie beside it: it is a root, `mod.rs`, or its path was given.
    beside: bool,
    /// Whether only tests compile it.
    test: bool,
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A path from a directory on, with `.` and `..` taken out; `None` if it leaves the base.
fn join(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    (!path.starts_with('/')).then(|| parts.join("/"))
}

impl<'a> Tree<'a> {
    /// The modules of the package.
    pub(super) fn build(package: &Package, sources: &'a [Source<'a>]) -> Self {
        let files = sources.iter().enumerate().map(|(at, source)| (source.path, at)).collect();
        let (library, unreached, gaps) = (package.has_library.then_some(0), Vec::new(), Vec::new());
        let mut tree = Self { sources, modules: Vec::new(), library, unreached, gaps, files };
        let mut reached = BTreeSet::new();
        let mut waiting = Vec::new();
        for (path, _) in &package.roots {
            let root = tree.modules.len();
            let name = "crate".to_owned();
            tree.modules.push(Module { parent: None, root, name, parts: Vec::new(), children: BTreeMap::new() });
            match tree.files.get(&**path) {
                Some(source) => waiting.push(Waiting { module: root, source: *source, beside: true, test: false }),
                None => {
                    let expected = "the file in which a crate of the package begins, among the sources";
                    tree.gaps.push(Gap::new(GapKind::Missing, Where::file(path), expected, "nothing"));
                }
            }
        }
        while let Some(next) = waiting.pop() {
            reached.insert(next.source);
            tree.read(&next, &mut waiting);
            if tree.modules.len() > MOST {
                let at = Where::file(sources[next.source].shown);
                tree.gaps.push(Gap::new(GapKind::OverLimit, at, format!("at most {MOST} modules"), "more"));
                break;
            }
        }
        tree.unreached = (0..sources.len()).filter(|at| !reached.contains(at)).collect();
        tree
    }

    fn child(&mut self, parent: Id, name: &str) -> Id {
        if let Some(known) = self.modules[parent].children.get(name) {
            return *known;
        }
        let (id, own) = (self.modules.len(), &self.modules[parent]);
        let whole = if own.parent.is_none() { name.to_owned() } else { format!("{}::{name}", own.name) };
        let module =
            Module { parent: Some(parent), root: own.root, name: whole, parts: Vec::new(), children: BTreeMap::new() };
        self.modules.push(module);
        self.modules[parent].children.insert(name.into(), id);
        id
    }

    fn read(&mut self, file: &Waiting, waiting: &mut Vec<Waiting>) {
        let source = self.sources[file.source];
        let home = directory(source.path);
        let stem = source.path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
        let own = join(home, if file.beside { "" } else { stem }).unwrap_or_default();
        // For each scope: its module, where `#[path]` starts from, and where files without one lie.
        let mut places: Vec<(Id, String, String)> = Vec::new();
        for (at, scope) in source.rust.scopes.iter().enumerate() {
            let place = match scope.within.map(|within| places[within].clone()) {
                None => (file.module, home.to_owned(), own.clone()),
                Some((holder, given, usual)) => {
                    let inner = match &scope.directory {
                        Some(path) => join(&given, path),
                        None => join(&usual, &scope.name),
                    };
                    // A directory outside of the base holds no source.
                    let inner = inner.unwrap_or_else(|| "..".to_owned());
                    (self.child(holder, &scope.name), inner.clone(), inner)
                }
            };
            let (module, given, usual) = place.clone();
            self.modules[module].parts.push(Part { source: file.source, scope: at, test: file.test || scope.test });
            for declared in &scope.files {
                let places = Self::places(declared, &given, &usual);
                let known = |path: &Option<String>| path.as_ref().and_then(|path| self.files.get(&**path)).copied();
                let found: Vec<(usize, bool)> =
                    places.iter().filter_map(|(path, beside)| Some((known(path)?, *beside))).collect();
                if found.is_empty() {
                    let outside = "a file outside of the repository".to_owned();
                    let names =
                        places.iter().map(|(path, _)| path.as_ref().map_or(outside.clone(), |own| format!("`{own}`")));
                    let names = names.collect::<Vec<_>>().join(" or ");
                    let expected = format!("the file of `mod {}` among the sources, {names}", declared.name);
                    let at = Where::line(source.shown, declared.line);
                    self.gaps.push(Gap::new(GapKind::Missing, at, expected, "none"));
                }
                let child = self.child(module, &declared.name);
                for (found, beside) in found {
                    if self.holds(module, found) {
                        let expected = format!("a file for `mod {}` that does not hold it", declared.name);
                        let at = Where::line(source.shown, declared.line);
                        self.gaps.push(Gap::new(GapKind::Invalid, at, expected, "one that does"));
                    } else {
                        waiting.push(Waiting { module: child, source: found, beside, test: file.test || declared.test });
                    }
                }
            }
            places.push(place);
        }
    }

    /// Whether a module is made of a file, or lies in one that is.
    fn holds(&self, module: Id, source: usize) -> bool {
        let mut at = Some(module);
        while let Some(own) = at.map(|id| &self.modules[id]) {
            if own.parts.iter().any(|part| part.source == source && part.scope == 0) {
                return true;
            }
            at = own.parent;
        }
        false
    }

    /// Where the text of `mod name;` may lie, and whether the modules in it lie beside it; `None` if that is outside of the base.
    fn places(declared: &RustFile, given: &str, usual: &str) -> Vec<(Option<String>, bool)> {
        let stated = declared.paths.iter().map(|path| (join(given, path), true));
        let name = &declared.name;
        let plain = [(format!("{name}.rs"), false), (format!("{name}/mod.rs"), true)];
        let plain = plain.into_iter().filter(|_| declared.usual).map(|(path, beside)| (join(usual, &path), beside));
        stated.chain(plain).collect()
    }

    /// The scopes of a module, each with whether only tests compile it.
    pub(super) fn scopes(&self, id: Id) -> impl Iterator<Item = (&Source<'a>, &'a RustScope, bool)> {
        self.modules[id].parts.iter().map(|part| {
            let own = &self.sources[part.source];
            (own, &own.rust.scopes[part.scope], part.test)
        })
    }

    /// Whether only tests compile a module.
    pub(super) fn is_test(&self, id: Id) -> bool {
        self.modules[id].parts.iter().all(|part| part.test) && !self.modules[id].parts.is_empty()
    }

    /// Whether a module is another one, or lies in it.
    pub(super) fn lies_in(&self, id: Id, holder: Id) -> bool {
        let mut at = Some(id);
        while let Some(own) = at {
            if own == holder {
                return true;
            }
            at = self.modules[own].parent;
        }
        false
    }

    /// Where a module begins: its first file, and the line in it.
    pub(super) fn place(&self, id: Id) -> Option<Where> {
        self.scopes(id).next().map(|(source, scope, _)| Where::line(source.shown, scope.line))
    }
}
