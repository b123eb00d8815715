//! Reads a boundary manifest: domains with their modules, modules that are deferred, and pairs of domains that are banned.
//!
//! In: a document. Out: a [`Manifest`], or every place where it is none. A domain without modules, a deferral without a reason or a
//! bead and a manifest that bans nothing are refused: each would make a check hold by asking nothing.

use crate::model::{Node, Pointer};

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Pointer,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// A module as the manifest names it: `session::store`, `crate` for a root, or a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As written.
    pub name: String,
    /// Where.
    pub at: Pointer,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub id: String,
    /// Where the name stands.
    pub at: Pointer,
    /// Its modules, at least one.
    pub modules: Vec<Entry>,
}

/// A module that belongs to no domain yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// The module.
    pub module: Entry,
    /// Why.
    pub reason: String,
    /// Where its domain is decided.
    pub bead: String,
}

/// Two domains of which the first must not reach the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The domain that must not reach.
    pub from: String,
    /// The domain that must not be reached.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub at: Pointer,
}

/// A boundary manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The domains, at least one.
    pub domains: Vec<Domain>,
    /// Deferred modules.
    pub deferred: Vec<Deferral>,
    /// Banned pairs, at least one.
    pub pairs: Vec<Pair>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Every fault, at least one.
    pub fn read(root: Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new() };
        let key = |name: &str| Pointer::root().key(name);
        let mut domains = Vec::new();
        for (node, at) in reader.list(root.get("domains"), &key("domains"), "the domains, at least one", false) {
            let id = reader.text(node.get("id"), &at.key("id"));
            let modules = reader.list(node.get("modules"), &at.key("modules"), "its modules, at least one", false);
            let modules = modules.into_iter().map(|(node, at)| reader.entry(Some(node), at)).collect();
            domains.push(Domain { id, at: at.key("id"), modules });
        }
        let mut deferred = Vec::new();
        for (node, at) in reader.list(root.get("deferred"), &key("deferred"), "a list of deferred modules", true) {
            let module = reader.entry(node.get("module"), at.key("module"));
            let reason = reader.text(node.get("reason"), &at.key("reason"));
            deferred.push(Deferral { module, reason, bead: reader.text(node.get("bead"), &at.key("bead")) });
        }
        let mut pairs = Vec::new();
        let expected = "the banned pairs of domains, at least one";
        for (node, at) in reader.list(root.get("banned_pairs"), &key("banned_pairs"), expected, false) {
            let from = reader.text(node.get("from"), &at.key("from"));
            let to = reader.text(node.get("to"), &at.key("to"));
            if !from.is_empty() && from == to {
                reader.fault(at.key("to"), "another domain than `from`", format!("`{to}` again"));
            }
            let reason = reader.text(node.get("reason"), &at.key("reason"));
            pairs.push(Pair { from, to, reason, at });
        }
        if reader.faults.is_empty() { Ok(Self { domains, deferred, pairs }) } else { Err(reader.faults) }
    }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, at: Pointer, expected: impl Into<String>, actual: impl Into<String>) {
        self.faults.push(Fault { at, expected: expected.into(), actual: actual.into() });
    }

    fn list<'d>(
        &mut self,
        node: Option<Node<'d>>,
        at: &Pointer,
        expected: &str,
        may_be_empty: bool,
    ) -> Vec<(Node<'d>, Pointer)> {
        let list = node.filter(|node| node.is_list());
        let items: Vec<_> = list.into_iter().flat_map(Node::items).collect();
        if list.is_none() || items.is_empty() && !may_be_empty {
            self.fault(at.clone(), expected, node.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(120)));
        }
        items.into_iter().enumerate().map(|(index, item)| (item, at.index(index))).collect()
    }

    fn text(&mut self, node: Option<Node<'_>>, at: &Pointer) -> String {
        match node.and_then(Node::text).map(str::trim) {
            Some(text) if !text.is_empty() => text.to_owned(),
            Some(_) | None => {
                let actual = node.map_or_else(|| "nothing".to_owned(), |node| node.excerpt(120));
                self.fault(at.clone(), "a text that is not blank", actual);
                String::new()
            }
        }
    }

    fn entry(&mut self, node: Option<Node<'_>>, at: Pointer) -> Entry {
        Entry { name: self.text(node, &at), at }
    }
}
