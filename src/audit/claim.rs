//! What a completion audit claims: read strictly, believed in nothing.
//!
//! In: the parsed document. Out: a [`Claims`], or every place where the document is no completion audit. A list that may be left out is
//! empty then; a value of the wrong type is never taken for an absent one. Statuses stay the author's words: what a word means is looked up
//! where it is judged, so that an unknown one can block.

use crate::model::{Gap, GapKind, Node, Pointer, Where};

/// Something that the audit says, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// What.
    pub what: T,
    /// Where.
    pub at: Pointer,
}

/// A piece of evidence that a requirement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `command`, `artifact`, ... if the audit says so itself.
    pub kind: Option<String>,
    /// What it names.
    pub name: String,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its id.
    pub id: String,
    /// How it is said to stand.
    pub status: String,
    /// What is said to show it.
    pub evidence: Vec<Said<Reference>>,
}

/// A command that is said to have run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The command.
    pub line: String,
    /// How it ended.
    pub exit_code: i128,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactClaim {
    /// Its path, as it stands.
    pub path: String,
    /// Its digest, as it stands.
    pub sha256: Option<String>,
}

/// What is said of the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The commit.
    pub commit: String,
    /// Whether it is said to be pushed.
    pub pushed: bool,
}

/// What was left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGap {
    /// Its id.
    pub id: String,
    /// How it is said to stand.
    pub status: String,
    /// Who has it, if anybody.
    pub owner_bead: Option<String>,
}

/// A whole audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whether its author admits it.
    pub admit: Option<bool>,
    /// The requirements.
    pub requirements: Vec<Said<Requirement>>,
    /// The commands.
    pub commands: Vec<Said<Command>>,
    /// The artifacts.
    pub artifacts: Vec<Said<ArtifactClaim>>,
    /// The push; `None` if it is not spoken of.
    pub push: Option<Said<Push>>,
    /// The gaps; `None` if they are not spoken of.
    pub gaps: Option<Vec<Said<OpenGap>>>,
}

/// Longest quotation of a wrong value, in characters.
const QUOTED: usize = 80;

/// Reads the claims of a document that is called `shown`.
///
/// # Errors
/// Every gap: a document that is no object, a key that is not there, a value of the wrong type.
pub fn claims(root: Node<'_>, shown: &str) -> Result<Claims, Vec<Gap>> {
    let mut reader = Reader { shown, gaps: Vec::new() };
    let top = Pointer::root();
    if !root.is_map() {
        reader.fault(&top, "an object: a completion audit", Some(root));
        return Err(reader.gaps);
    }
    let claims = Claims {
        admit: root.get("admit").and_then(|node| reader.flag(node, &top.key("admit"))),
        requirements: reader.list(root, "requirements", Reader::requirement).unwrap_or_default(),
        commands: reader.list(root, "commands", Reader::command).unwrap_or_default(),
        artifacts: reader.list(root, "artifacts", Reader::artifact).unwrap_or_default(),
        push: root.get("push").and_then(|node| reader.push(node, top.key("push"))),
        gaps: reader.list(root, "gaps", Reader::gap),
    };
    if reader.gaps.is_empty() { Ok(claims) } else { Err(reader.gaps) }
}

struct Reader<'s> {
    shown: &'s str,
    gaps: Vec<Gap>,
}

impl Reader<'_> {
    fn fault(&mut self, at: &Pointer, expected: &str, found: Option<Node<'_>>) {
        let actual = match found {
            None => "nothing".to_owned(),
            Some(node) if node.is_null() => "null".to_owned(),
            Some(node) => format!("{} {}", node.type_name(), node.excerpt(QUOTED)),
        };
        self.gaps.push(Gap::new(GapKind::Invalid, Where::pointer(self.shown, at.clone()), expected, actual));
    }

    fn flag(&mut self, node: Node<'_>, at: &Pointer) -> Option<bool> {
        let flag = node.boolean();
        if flag.is_none() {
            self.fault(at, "true or false", Some(node));
        }
        flag
    }

    /// A text that says something.
    fn text(&mut self, node: Node<'_>, key: &str, at: &Pointer) -> Option<String> {
        let found = node.get(key);
        let text = found.and_then(Node::text).filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.fault(&at.key(key), "a string that is not blank", found);
        }
        text.map(str::to_owned)
    }

    /// A text that may be left out, or `null`.
    fn optional(&mut self, node: Node<'_>, key: &str, at: &Pointer) -> Option<String> {
        match node.get(key) {
            Some(found) if !found.is_null() => {
                let text = found.text();
                if text.is_none() {
                    self.fault(&at.key(key), "a string", Some(found));
                }
                text.map(str::to_owned)
            }
            Some(_) | None => None,
        }
    }

    /// The items of a list that may be left out; `None` if it is, or is no list.
    fn list<T>(
        &mut self,
        root: Node<'_>,
        key: &str,
        read: fn(&mut Self, Node<'_>, &Pointer) -> Option<T>,
    ) -> Option<Vec<Said<T>>> {
        let node = root.get(key)?;
        let at = Pointer::root().key(key);
        self.items(node, &at, read)
    }

    fn items<T>(
        &mut self,
        node: Node<'_>,
        at: &Pointer,
        read: fn(&mut Self, Node<'_>, &Pointer) -> Option<T>,
    ) -> Option<Vec<Said<T>>> {
        if !node.is_list() {
            self.fault(at, "a list", Some(node));
            return None;
        }
        let mut said = Vec::new();
        for (index, item) in node.items().enumerate() {
            let at = at.index(index);
            if let Some(what) = read(self, item, &at) {
                said.push(Said { what, at });
            }
        }
        Some(said)
    }

    fn object(&mut self, node: Node<'_>, at: &Pointer) -> bool {
        if !node.is_map() {
            self.fault(at, "an object", Some(node));
        }
        node.is_map()
    }

    fn requirement(&mut self, node: Node<'_>, at: &Pointer) -> Option<Requirement> {
        if !self.object(node, at) {
            return None;
        }
        let (id, status) = (self.text(node, "id", at), self.text(node, "status", at));
        self.optional(node, "kind", at);
        let evidence = match node.get("evidence") {
            Some(list) => self.items(list, &at.key("evidence"), Reader::reference)?,
            None => Vec::new(),
        };
        Some(Requirement { id: id?, status: status?, evidence })
    }

    fn reference(&mut self, node: Node<'_>, at: &Pointer) -> Option<Reference> {
        if let Some(text) = node.text() {
            let (kind, name) = split(text);
            return Some(Reference { kind: kind.map(str::to_owned), name: name.to_owned() });
        }
        if !node.is_map() {
            self.fault(at, "a string, or an object with `kind` and `ref`", Some(node));
            return None;
        }
        let (kind, name) = (self.text(node, "kind", at), self.text(node, "ref", at));
        Some(Reference { kind: Some(kind?), name: name? })
    }

    fn command(&mut self, node: Node<'_>, at: &Pointer) -> Option<Command> {
        if !self.object(node, at) {
            return None;
        }
        let line = self.text(node, "command", at);
        let found = node.get("exit_code");
        let exit_code = found.and_then(Node::number).and_then(|number| number.as_integer());
        if exit_code.is_none() {
            self.fault(&at.key("exit_code"), "an integer", found);
        }
        Some(Command { line: line?, exit_code: exit_code? })
    }

    fn artifact(&mut self, node: Node<'_>, at: &Pointer) -> Option<ArtifactClaim> {
        if !self.object(node, at) {
            return None;
        }
        let (path, sha256) = (self.text(node, "path", at), self.optional(node, "sha256", at));
        Some(ArtifactClaim { path: path?, sha256 })
    }

    fn push(&mut self, node: Node<'_>, at: Pointer) -> Option<Said<Push>> {
        if !self.object(node, &at) {
            return None;
        }
        let commit = self.text(node, "commit", &at);
        let found = node.get("pushed");
        let pushed = found.and_then(Node::boolean);
        if pushed.is_none() {
            self.fault(&at.key("pushed"), "true or false", found);
        }
        Some(Said { what: Push { commit: commit?, pushed: pushed? }, at })
    }

    fn gap(&mut self, node: Node<'_>, at: &Pointer) -> Option<OpenGap> {
        if !self.object(node, at) {
            return None;
        }
        let (id, status) = (self.text(node, "id", at), self.text(node, "status", at));
        let owner_bead = self.optional(node, "owner_bead", at).filter(|bead| !bead.trim().is_empty());
        Some(OpenGap { id: id?, status: status?, owner_bead })
    }
}

/// `command: make test` is of the kind `command` and names `make test`. A text without such a head is not told apart here.
fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((kind, name)) if super::evidence::Direct::of(kind).is_some() || super::evidence::narrative(kind) => {
            (Some(kind), name.trim())
        }
        Some(_) | None => (None, text.trim()),
    }
}
