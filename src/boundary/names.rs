//! What a path leads to: the modules that it names, and those in which what it names is declared.
//!
//! In: a path and the module that says it. Out: modules. Imports, globs and re-exports are followed, so a crossing that takes the way
//! through a third module is one. Of several declarations of one name, which `cfg` or namespaces tell apart, all are taken. What is
//! found in no module of the package is another package's, or made by a macro; of the latter, the module that was named is known.

use super::tree::{Id, Tree};
use crate::model::{RustImport, RustScope};
use std::collections::{BTreeMap, BTreeSet};

/// How many imports are followed from one to the next.
const DEEPEST: usize = 128;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// A module.
    Module(Id),
    /// Something else, which is declared in this module.
    Item(Id),
}

/// What a name was found to be.
#[derive(Default)]
struct Found {
    things: BTreeSet<Thing>,
    /// There is such a name, even where it leads out of the package.
    bound: bool,
}

/// A path in a module.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    /// Its words.
    pub(super) words: &'p [Box<str>],
    /// It begins with `::`.
    pub(super) global: bool,
    /// It is called with `!`.
    pub(super) called: bool,
}

/// Follows paths.
pub(super) struct Names<'t, 'a> {
    tree: &'t Tree<'a>,
    library: &'t str,
    /// The modules that write down a macro, by crate and name.
    macros: BTreeMap<(Id, &'a str), BTreeSet<Id>>,
    /// Those whose macro is known at the root of the crate.
    exported: BTreeMap<(Id, &'a str), BTreeSet<Id>>,
}

/// What one question has asked so far, so that imports in a circle come to an end.
type Asked<'a> = BTreeSet<(Id, &'a str)>;

impl<'t, 'a> Names<'t, 'a> {
    pub(super) fn new(tree: &'t Tree<'a>, library: &'t str) -> Self {
        let (mut macros, mut exported) = (BTreeMap::new(), BTreeMap::new());
        for (id, module) in tree.modules.iter().enumerate() {
            for own in tree.scopes(id).flat_map(|(_, scope, _)| &scope.macros) {
                let key = (module.root, &*own.name);
                macros.entry(key).or_insert_with(BTreeSet::new).insert(id);
                if own.exported {
                    exported.entry(key).or_insert_with(BTreeSet::new).insert(id);
                }
            }
        }
        Self { tree, library, macros, exported }
    }

    /// The modules that a path reaches from a module: those that it names in the end, and those in which what they re-export is
    /// declared.
    pub(super) fn reached(&self, from: Id, path: Path<'a>) -> BTreeSet<Id> {
        let mut named = BTreeSet::new();
        let things = self.follow(from, path, &mut Asked::new(), 0, &mut named);
        let declared = things.into_iter().map(|thing| match thing {
            Thing::Module(id) | Thing::Item(id) => id,
        });
        named.extend(declared);
        named
    }

    /// What a path leads to. `named` takes the modules that the path names on its way to something that is no module.
    fn follow(
        &self,
        from: Id,
        path: Path<'a>,
        asked: &mut Asked<'a>,
        depth: usize,
        named: &mut BTreeSet<Id>,
    ) -> BTreeSet<Thing> {
        let Path { words, global, called } = path;
        let Some((first, mut rest)) = words.split_first() else { return BTreeSet::new() };
        let module = |id| BTreeSet::from([Thing::Module(id)]);
        let mut things = match &**first {
            _ if global => self.crate_named(first).map(module).unwrap_or_default(),
            "crate" => module(self.tree.modules[from].root),
            "self" => module(from),
            "super" => {
                let mut at = self.tree.modules[from].parent;
                while let (Some(("super", more)), Some(id)) = (rest.split_first().map(|(word, more)| (&**word, more)), at) {
                    (at, rest) = (self.tree.modules[id].parent, more);
                }
                at.map(module).unwrap_or_default()
            }
            name => {
                let found = self.look_up(from, name, from, asked, depth);
                if found.bound {
                    found.things
                } else if called && rest.is_empty() {
                    let known = self.macros.get(&(self.tree.modules[from].root, name));
                    known.into_iter().flatten().map(|id| Thing::Item(*id)).collect()
                } else {
                    self.crate_named(name).map(module).unwrap_or_default()
                }
            }
        };
        for word in rest.iter().filter(|word| &***word != "self") {
            let mut next = BTreeSet::new();
            for thing in things {
                let Thing::Module(id) = thing else {
                    next.insert(thing);
                    continue;
                };
                let found = self.look_up(id, word, from, asked, depth);
                if found.things.is_empty() || found.things.iter().any(|thing| matches!(thing, Thing::Item(_))) {
                    named.insert(id);
                }
                // Nothing that can be seen declares it, so a macro may have, in the module that is named.
                next.extend(if found.bound { found.things } else { BTreeSet::from([Thing::Item(id)]) });
            }
            things = next;
        }
        things
    }

    fn crate_named(&self, name: &str) -> Option<Id> {
        self.tree.library.filter(|_| name == self.library)
    }

    /// What a name stands for in a module, as far as `from` may see it.
    fn look_up(&self, within: Id, name: &'a str, from: Id, asked: &mut Asked<'a>, depth: usize) -> Found {
        let mut found = Found::default();
        if !asked.insert((within, name)) || depth > DEEPEST {
            // Who asked before has the answer; a way that has no end leads at least here.
            found.bound = true;
            if depth > DEEPEST {
                found.things.insert(Thing::Item(within));
            }
            return found;
        }
        let own = &self.tree.modules[within];
        let inside = self.tree.lies_in(from, within);
        found.things.extend(own.children.get(name).map(|id| Thing::Module(*id)));
        if own.parent.is_none() {
            let exported = self.exported.get(&(within, name));
            found.things.extend(exported.into_iter().flatten().map(|id| Thing::Item(*id)));
        }
        let scopes = || self.tree.scopes(within).map(|(_, scope, _)| scope);
        let declares = |scope: &RustScope| {
            let item = scope.items.iter().any(|item| &*item.name == name && (inside || item.public));
            item || scope.macros.iter().any(|own| &*own.name == name)
        };
        if scopes().any(declares) {
            found.things.insert(Thing::Item(within));
        }
        found.bound = !found.things.is_empty();
        let seen = |import: &&RustImport| inside || import.public;
        for import in scopes().flat_map(|scope| &scope.imports).filter(|import| import.name.as_deref() == Some(name)) {
            if seen(&import) {
                found.bound = true;
                let path = Path { words: &import.words, global: import.global, called: false };
                found.things.extend(self.follow(within, path, asked, depth + 1, &mut BTreeSet::new()));
            }
        }
        if found.bound {
            return found;
        }
        for import in scopes().flat_map(|scope| &scope.imports).filter(|import| import.name.is_none()).filter(seen) {
            let path = Path { words: &import.words, global: import.global, called: false };
            for thing in self.follow(within, path, asked, depth + 1, &mut BTreeSet::new()) {
                if let Thing::Module(id) = thing {
                    let more = self.look_up(id, name, from, asked, depth + 1);
                    found.bound |= more.bound && !more.things.is_empty();
                    found.things.extend(more.things);
                }
            }
        }
        found
    }
}
