//! The three facts of a boundary: every module has its domain or is deferred, none has two, and no banned pair is crossed.
//!
//! In: a manifest, a package, its sources. Out: what speaks against each fact, with its place. Whoever asks says what it counts as.

use super::manifest::{Entry, Manifest};
use super::names::{Names, Path};
use super::package::Package;
use super::tree::{Id, Source, Tree};
use crate::model::{Finding, Gap, Pointer, Where, spelled};
use std::collections::{BTreeMap, BTreeSet};

/// One of the three facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Every module is mapped to a domain or deferred.
    Mapped,
    /// No module has two owners.
    OwnedOnce,
    /// No banned pair is crossed.
    Apart,
}

impl Fact {
    /// Every fact, in the order of reports.
    pub const ALL: [Fact; 3] = [Fact::Mapped, Fact::OwnedOnce, Fact::Apart];

    /// The id of its check in a report.
    pub const fn id(self) -> &'static str {
        match self {
            Fact::Mapped => "kernel_boundary.all_modules_mapped_or_deferred",
            Fact::OwnedOnce => "kernel_boundary.no_duplicate_domain_ownership",
            Fact::Apart => "kernel_boundary.banned_cross_boundary_pairs_absent",
        }
    }
}

/// What was recomputed.
#[derive(Debug)]
pub struct Judgement {
    /// What speaks against the facts, in their order.
    pub findings: Vec<(Fact, Finding)>,
    /// What could not be read as modules. Where there is any, the facts are not known.
    pub gaps: Vec<Gap>,
    /// How many modules there are, the roots of crates left out.
    pub modules: usize,
    /// How many ways from one module to another were looked at.
    pub ways: usize,
}

/// Recomputes the three facts. `manifest_shown` is the manifest's path as findings show it. Without `tests`, what only tests compile
/// needs no domain and crosses nothing.
pub fn judge(
    manifest: &Manifest,
    manifest_shown: &str,
    package: &Package,
    sources: &[Source<'_>],
    tests: bool,
) -> Judgement {
    let tree = Tree::build(package, sources);
    let counted = (0..tree.modules.len()).filter(|id| tests || !tree.is_test(*id));
    let modules = counted.clone().filter(|id| tree.modules[*id].parent.is_some()).count();
    let mut bench = Bench { manifest, manifest_shown, tree: &tree, tests, claims: BTreeMap::new(), findings: Vec::new() };
    let deferred_files = bench.claim(package);
    bench.owned_once();
    bench.unmapped(counted.collect(), &deferred_files);
    let ways = bench.crossings(package);
    let mut findings = bench.findings;
    findings.sort_by_key(|(fact, _)| *fact);
    Judgement { findings, gaps: tree.gaps, modules, ways }
}

/// Who claims a module: the domain by its position, `None` for those that are deferred.
type Claim<'m> = (Option<usize>, &'m Entry);

struct Bench<'m, 't, 'a> {
    manifest: &'m Manifest,
    manifest_shown: &'m str,
    tree: &'t Tree<'a>,
    tests: bool,
    claims: BTreeMap<Id, Vec<Claim<'m>>>,
    findings: Vec<(Fact, Finding)>,
}

impl<'m> Bench<'m, '_, '_> {
    fn at(&self, pointer: &Pointer) -> Where {
        Where::pointer(self.manifest_shown, pointer.clone())
    }

    fn find(&mut self, fact: Fact, finding: Finding) {
        self.findings.push((fact, finding));
    }

    /// Finds the modules of every entry. The positions of files that no module reaches and that are deferred.
    fn claim(&mut self, package: &Package) -> BTreeSet<usize> {
        let manifest = self.manifest;
        let domains = manifest.domains.iter().enumerate();
        let mapped = domains.flat_map(|(at, domain)| domain.modules.iter().map(move |entry| (Some(at), entry)));
        let claims: Vec<Claim<'m>> = mapped.chain(manifest.deferred.iter().map(|own| (None, &own.module))).collect();
        let mut deferred_files = BTreeSet::new();
        for (owner, entry) in claims {
            let ids = self.modules_of(entry, package);
            let unreached = self.tree.unreached.iter().find(|at| self.tree.sources[**at].path == entry.name);
            if let (None, Some(file)) = (owner, unreached) {
                deferred_files.insert(*file);
            } else if ids.is_empty() {
                let actual = if unreached.is_some() { "a file that no `mod` reaches" } else { "no such module or file" };
                let expected = format!("a module of the package, as `{}`", entry.name);
                let message = format!("`{}` is no module of the package: {actual}", entry.name);
                let finding = Finding::new("no-such-module", expected, actual).saying(message).at(self.at(&entry.at));
                self.find(Fact::Mapped, finding);
            }
            for id in ids {
                self.claims.entry(id).or_default().push((owner, entry));
            }
        }
        deferred_files
    }

    /// The modules that an entry names: a module by its path, a root as `crate`, or those whose text a file is.
    fn modules_of(&self, entry: &Entry, package: &Package) -> Vec<Id> {
        let name = entry.name.as_str();
        let ids = 0..self.tree.modules.len();
        if name.contains('/') || name.ends_with(".rs") {
            let file = |id: &Id| {
                let parts = &self.tree.modules[*id].parts;
                parts.iter().any(|part| part.scope == 0 && self.tree.sources[part.source].path == name)
            };
            return ids.filter(file).collect();
        }
        let library = format!("{}::", package.library);
        let inner = name.strip_prefix("crate::").or_else(|| name.strip_prefix(&*library)).unwrap_or(name);
        ids.filter(|id| self.tree.modules[*id].name == inner && !self.tree.modules[*id].parts.is_empty()).collect()
    }

    fn owned_once(&mut self) {
        let mut domains: BTreeMap<&str, &Pointer> = BTreeMap::new();
        let mut found = Vec::new();
        for domain in &self.manifest.domains {
            if let Some(first) = domains.get(&*domain.id) {
                let actual = format!("`{}` again, first at {first}", domain.id);
                let message = format!("domain `{}` is there twice: first at {first}", domain.id);
                let finding = Finding::new("duplicate", "each domain once", actual).saying(message);
                found.push(finding.at(self.at(&domain.at)));
            } else {
                domains.insert(&domain.id, &domain.at);
            }
        }
        let mut told = BTreeSet::new();
        for (id, claims) in &self.claims {
            let [(first, entry), more @ ..] = claims.as_slice() else { continue };
            for (other, again) in more {
                // One entry may name a module of the library and of a binary: that is one thing to say.
                if !told.insert((&entry.at, &again.at)) {
                    continue;
                }
                let name = &self.tree.modules[*id].name;
                let whose = |owner: &Option<usize>| {
                    owner.map_or("the deferred modules".to_owned(), |at| format!("`{}`", self.manifest.domains[at].id))
                };
                let kind = if first.is_none() == other.is_none() { "owned-twice" } else { "mapped-and-deferred" };
                let actual = format!("`{name}` in {}, and in {} at {}", whose(other), whose(first), entry.at);
                let message = format!("`{name}` has two owners: {}, and {} at {}", whose(other), whose(first), entry.at);
                let finding = Finding::new(kind, "each module with one owner", actual).saying(message);
                found.push(finding.at(self.at(&again.at)));
            }
        }
        found.into_iter().for_each(|finding| self.find(Fact::OwnedOnce, finding));
    }

    /// The nearest claims: the module's own, else those of the module that holds it. What a root is says nothing of its modules.
    fn owners(&self, id: Id) -> &[Claim<'m>] {
        let mut at = id;
        loop {
            if let Some(claims) = self.claims.get(&at) {
                return claims;
            }
            match self.tree.modules[at].parent {
                Some(parent) if self.tree.modules[parent].parent.is_some() => at = parent,
                Some(_) | None => return &[],
            }
        }
    }

    fn unmapped(&mut self, counted: Vec<Id>, deferred_files: &BTreeSet<usize>) {
        let mut found = Vec::new();
        for id in counted {
            let module = &self.tree.modules[id];
            // A root that only declares and re-exports is the table of contents. Of modules in each other, the outermost is told.
            let code = self.tree.scopes(id).any(|(_, scope, _)| scope.code);
            let inner = module.parent.is_some_and(|parent| self.tree.modules[parent].parent.is_some());
            let parent_told = || module.parent.is_some_and(|parent| self.owners(parent).is_empty());
            if !self.owners(id).is_empty() || module.parent.is_none() && !code || inner && parent_told() {
                continue;
            }
            let place = self.tree.place(id);
            let file = place.as_ref().map_or("", |place| &*place.path);
            let actual = if module.parent.is_none() { format!("`{file}`") } else { format!("`{}`", module.name) };
            let message = format!("{actual} is in no domain, and not deferred");
            let finding = Finding::new("unmapped-module", "every module in a domain or deferred", actual).saying(message);
            let next = "Give it to a domain of the manifest, or defer it with a reason and a bead.";
            found.push(match place {
                Some(place) => finding.at(place).next(next),
                None => finding.next(next),
            });
        }
        for at in self.tree.unreached.iter().filter(|at| !deferred_files.contains(at)) {
            let expected = "every source file reached from a crate of the package, or deferred by its path";
            let message = format!("no `mod` reaches `{}`, and it is not deferred", self.tree.sources[*at].path);
            let finding = Finding::new("unreached-source", expected, "no `mod` reaches it").saying(message);
            found.push(finding.at(Where::file(self.tree.sources[*at].shown)));
        }
        found.into_iter().for_each(|finding| self.find(Fact::Mapped, finding));
    }

    /// Looks at every way from module to module. How many there are.
    fn crossings(&mut self, package: &Package) -> usize {
        let position = |id: &str| self.manifest.domains.iter().position(|domain| domain.id == id);
        let mut banned: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut found = Vec::new();
        for (at, pair) in self.manifest.pairs.iter().enumerate() {
            for (key, id) in [("from", &pair.from), ("to", &pair.to)] {
                if position(id).is_none() {
                    let known: Vec<String> = self.manifest.domains.iter().map(|own| format!("`{}`", own.id)).collect();
                    let finding = Finding::new("unknown-domain", format!("one of {}", known.join(", ")), format!("`{id}`"));
                    let message = format!("`{id}` is no domain: known are {}", known.join(", "));
                    found.push(finding.saying(message).at(self.at(&pair.at.key(key))));
                }
            }
            if let (Some(from), Some(to)) = (position(&pair.from), position(&pair.to)) {
                banned.entry((from, to)).or_insert(at);
            }
        }
        let names = Names::new(self.tree, &package.library);
        let (mut ways, mut crossings) = (0, Vec::new());
        for from in 0..self.tree.modules.len() {
            // One path may reach several modules of a domain: that is one crossing.
            let mut told: BTreeSet<(&str, u64, usize, &[Box<str>])> = BTreeSet::new();
            for (source, scope, test) in self.tree.scopes(from) {
                let imports = scope.imports.iter().map(|own| (&own.words, own.global, false, own.line, own.test));
                let paths = scope.paths.iter().map(|own| (&own.words, own.global, own.called, own.line, own.test));
                for (words, global, called, line, own_test) in imports.chain(paths) {
                    if !self.tests && (test || own_test) {
                        continue;
                    }
                    for to in names.reached(from, Path { words, global, called }) {
                        if to == from {
                            continue;
                        }
                        ways += 1;
                        let Some(pair) = self.crossed(from, to, &banned) else { continue };
                        if told.insert((source.shown, line, pair, words)) {
                            let path = spelled(words, global);
                            crossings.push((source.shown, line, self.crossing(from, to, pair, &path)));
                        }
                    }
                }
            }
        }
        crossings.sort_by_key(|(shown, line, _)| (*shown, *line));
        found.extend(crossings.into_iter().map(|(shown, line, finding)| finding.at(Where::line(shown, line))));
        found.into_iter().for_each(|finding| self.find(Fact::Apart, finding));
        ways
    }

    /// The banned pair, by its position, that a way from one module to another crosses. A module with several owners has all of them.
    fn crossed(&self, from: Id, to: Id, banned: &BTreeMap<(usize, usize), usize>) -> Option<usize> {
        let owners = |id| self.owners(id).iter().filter_map(|(owner, _)| *owner);
        owners(from).flat_map(|from| owners(to).map(move |to| (from, to))).find_map(|way| banned.get(&way).copied())
    }

    fn crossing(&self, from: Id, to: Id, pair: usize, path: &str) -> Finding {
        let pair = &self.manifest.pairs[pair];
        let expected = format!("nothing of `{}` in `{}` ({})", pair.to, pair.from, pair.reason);
        let name = |id: Id| &self.tree.modules[id].name;
        let leads = if path.contains(&**name(to)) { String::new() } else { format!(", which leads to `{}`", name(to)) };
        let actual = format!("`{}` names `{path}`{leads}", name(from));
        let message =
            format!("{actual}: `{}` must not use `{}` ({})", pair.from, pair.to, pair.reason.trim_end_matches('.'));
        Finding::new("banned-crossing", expected, actual).saying(message)
    }
}
