//! The ledger: which suite each test file belongs to, and which exceptions are in force.
//!
//! Reading it is total. A damaged entry stays in the ledger as a [`Problem`], because "no such waiver" and "a waiver that
//! cannot be read" must never look alike.

use super::document::Node;
use super::exception::{Quarantine, QuarantineKind, Spans, Waiver};
use super::id::{GateId, LaneId};
use super::location::Pointer;
use super::unseen::is_blank;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The largest definition and the largest exceptions file, in bytes. A larger one is refused by whoever reads it, and never read in part.
pub const DEFINITION_MAX: u64 = 4 << 20;

/// Another spelling for fields of waivers and quarantine entries: ours to theirs (`[ledger.fields]` in `gatekeeper.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldNames(pub BTreeMap<String, String>);

impl FieldNames {
    /// The fields a ledger may spell otherwise.
    pub const OURS: [&'static str; 11] = [
        "owner",
        "bead",
        "reason",
        "created",
        "expires",
        "scope",
        "exit_criterion",
        "category",
        "since",
        "evidence",
        "reproduce",
    ];

    /// What an earlier `gatekeeper.toml` said under `[ledger.fields]`. It was judged when it was in force, and is only followed here.
    pub fn stated(config: Node<'_>) -> Self {
        let fields = config.get("ledger").and_then(|ledger| ledger.get("fields"));
        let pairs = fields.into_iter().flat_map(Node::entries);
        let known = pairs.filter(|(ours, _)| Self::OURS.contains(ours));
        Self(known.filter_map(|(ours, theirs)| Some((ours.to_owned(), theirs.text()?.to_owned()))).collect())
    }

    /// How the ledger spells a field that we know as `ours`.
    pub fn spelled<'a>(&'a self, ours: &'a str) -> &'a str {
        self.0.get(ours).map_or(ours, String::as_str)
    }
}

/// What is wrong with the ledger at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether something lacks, is too much, or is other than it must be.
    pub kind: ProblemKind,
    /// The value, or the table that lacks it.
    pub at: Pointer,
    /// What must be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// How something is wrong with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// What must be there is not.
    Missing,
    /// A key or section that nothing reads.
    Unknown,
    /// It is there, and is not what must be there.
    Wrong,
}

/// One entry, read or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The entry's key: a gate's id or a test's id, whether or not it is one.
    pub name: String,
    /// The entry's table.
    pub at: Pointer,
    /// The exception, or everything that is wrong with it.
    pub read: Result<T, Vec<Problem>>,
}

/// Suite names, each with its test stems and where they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suites(pub BTreeMap<String, Vec<(String, Pointer)>>);

/// One ledger, read as far as it can be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// `[suite.*]`.
    pub suites: Suites,
    /// `[waiver.*]`.
    pub waivers: Vec<Entry<Waiver>>,
    /// `[quarantine.*]`.
    pub quarantine: Vec<Entry<Quarantine>>,
    /// What is wrong outside the entries: sections of the wrong type, unknown sections.
    pub problems: Vec<Problem>,
}

impl Ledger {
    /// Reads a parsed ledger file.
    pub fn read(root: Node<'_>, fields: &FieldNames) -> Self {
        let mut ledger = Ledger::default();
        let top = Pointer::root();
        if !root.is_map() {
            ledger.problem(ProblemKind::Wrong, top.clone(), "a table of sections", format!("a {}", root.type_name()));
        }
        for (key, section) in root.entries() {
            let at = top.key(key);
            match key {
                "suite" => ledger.read_suites(section, &at),
                "waiver" => {
                    for (name, node, at) in ledger.tables(section, &at) {
                        let read = Fields::new(node, &at, fields).waiver(name);
                        ledger.waivers.push(Entry { name: name.to_owned(), at, read });
                    }
                }
                "quarantine" => {
                    for (name, node, at) in ledger.tables(section, &at) {
                        let read = Fields::new(node, &at, fields).quarantine(name);
                        ledger.quarantine.push(Entry { name: name.to_owned(), at, read });
                    }
                }
                "schema" => {
                    if section.text() != Some("gatekeeper.ledger/1") {
                        ledger.problem(ProblemKind::Wrong, at, "the schema `gatekeeper.ledger/1`", section.excerpt(60));
                    }
                }
                _ => {
                    let expected = "one of `schema`, `suite`, `waiver`, `quarantine`";
                    ledger.problem(ProblemKind::Unknown, at, expected, format!("the section `{key}`"));
                }
            }
        }
        ledger
    }

    /// Everything that is wrong with it, anywhere.
    pub fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        let waivers = self.waivers.iter().filter_map(|entry| entry.read.as_ref().err());
        let quarantine = self.quarantine.iter().filter_map(|entry| entry.read.as_ref().err());
        self.problems.iter().chain(waivers.flatten()).chain(quarantine.flatten())
    }

    /// The waivers by name, with first and last day where they can be read: one part of a [`super::renewals::Version`].
    pub fn waiver_spans(&self) -> Spans {
        self.waivers.iter().map(|w| (w.name.clone(), w.read.as_ref().ok().map(|w| (w.created, w.expires)))).collect()
    }

    /// The quarantine entries by name, with first and last day where they can be read: one part of a [`super::renewals::Version`].
    pub fn quarantine_spans(&self) -> Spans {
        self.quarantine.iter().map(|q| (q.name.clone(), q.read.as_ref().ok().map(|q| (q.since, q.expires)))).collect()
    }

    fn problem(&mut self, kind: ProblemKind, at: Pointer, expected: impl Into<String>, actual: impl Into<String>) {
        self.problems.push(Problem { kind, at, expected: expected.into(), actual: actual.into() });
    }

    fn tables<'d>(&mut self, section: Node<'d>, at: &Pointer) -> Vec<(&'d str, Node<'d>, Pointer)> {
        if !section.is_map() {
            self.problem(ProblemKind::Wrong, at.clone(), "a table of entries", format!("a {}", section.type_name()));
        }
        section.entries().map(|(name, node)| (name, node, at.key(name))).collect()
    }

    fn read_suites(&mut self, section: Node<'_>, at: &Pointer) {
        for (suite, node, at) in self.tables(section, at) {
            let stems = self.suites.0.entry(suite.to_owned()).or_default();
            let mut problems = Vec::new();
            for (key, files) in node.entries() {
                let at = at.key(key);
                if key != "files" {
                    problems.push((ProblemKind::Unknown, at, "only `files`", format!("the key `{key}`")));
                } else if !files.is_list() {
                    problems.push((ProblemKind::Wrong, at, "a list of file stems", format!("a {}", files.type_name())));
                } else {
                    for (index, file) in files.items().enumerate() {
                        match file.text().filter(|stem| !is_blank(stem)) {
                            Some(stem) => stems.push((stem.to_owned(), at.index(index))),
                            None => problems.push((ProblemKind::Wrong, at.index(index), "a file stem", file.excerpt(60))),
                        }
                    }
                }
            }
            if node.get("files").is_none() {
                problems.push((ProblemKind::Missing, at.key("files"), "a list of file stems", "nothing".to_owned()));
            }
            for (kind, at, expected, actual) in problems {
                self.problem(kind, at, expected, actual);
            }
        }
    }
}

/// Reads one entry's fields and keeps every problem.
struct Fields<'a, 'd> {
    node: Node<'d>,
    at: &'a Pointer,
    names: &'a FieldNames,
    seen: Vec<&'a str>,
    problems: Vec<Problem>,
}

impl<'a, 'd> Fields<'a, 'd> {
    fn new(node: Node<'d>, at: &'a Pointer, names: &'a FieldNames) -> Self {
        let mut problems = Vec::new();
        if !node.is_map() {
            let actual = format!("a {}", node.type_name());
            let expected = "a table of fields".to_owned();
            problems.push(Problem { kind: ProblemKind::Wrong, at: at.clone(), expected, actual });
        }
        Self { node, at, names, seen: Vec::new(), problems }
    }

    fn field<T>(&mut self, ours: &'a str, expected: &str, read: impl FnOnce(Node<'d>) -> Option<T>) -> Option<T> {
        let spelled = self.names.spelled(ours);
        self.seen.push(spelled);
        let found = self.node.get(spelled);
        let value = found.and_then(read);
        if value.is_none() && self.node.is_map() {
            let (kind, actual) = match found {
                Some(node) => (ProblemKind::Wrong, node.excerpt(60)),
                None => (ProblemKind::Missing, "nothing".to_owned()),
            };
            self.problems.push(Problem { kind, at: self.at.key(spelled), expected: expected.to_owned(), actual });
        }
        value
    }

    fn text(&mut self, ours: &'a str) -> Option<String> {
        self.field(ours, "text that is not blank", |node| {
            node.text().map(str::trim).filter(|text| !is_blank(text)).map(str::to_owned)
        })
    }

    fn date(&mut self, ours: &'a str) -> Option<NaiveDate> {
        // TOML dates reach documents as text in the same spelling.
        let strict = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        self.field(ours, "a date like 2026-01-31", |node| node.text().and_then(strict))
    }

    fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Problem>> {
        for (key, _) in self.node.entries().filter(|(key, _)| !self.seen.contains(key)) {
            let expected = format!("only {}", self.seen.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", "));
            let (kind, actual) = (ProblemKind::Unknown, format!("the key `{key}`"));
            self.problems.push(Problem { kind, at: self.at.key(key), expected, actual });
        }
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            Some(_) | None => Err(self.problems),
        }
    }

    fn waiver(mut self, name: &str) -> Result<Waiver, Vec<Problem>> {
        let gate = GateId::try_from(name).ok();
        if gate.is_none() {
            self.problems.push(Problem {
                kind: ProblemKind::Wrong,
                at: self.at.clone(),
                expected: "the id of a gate".to_owned(),
                actual: format!("`{name}`"),
            });
        }
        let (owner, bead, reason) = (self.text("owner"), self.text("bead"), self.text("reason"));
        let (created, expires) = (self.date("created"), self.date("expires"));
        let scope = self.field("scope", "a list of lanes, at least one", |node| {
            let lanes: Option<Vec<LaneId>> =
                node.items().map(|lane| lane.text().and_then(|text| LaneId::try_from(text).ok())).collect();
            lanes.filter(|lanes| !lanes.is_empty())
        });
        let exit_criterion = self.text("exit_criterion");
        let waiver = (|| {
            Some(Waiver {
                gate: gate?,
                owner: owner?,
                bead: bead?,
                reason: reason?,
                created: created?,
                expires: expires?,
                scope: scope?,
                exit_criterion: exit_criterion?,
            })
        })();
        self.finish(waiver)
    }

    fn quarantine(mut self, name: &str) -> Result<Quarantine, Vec<Problem>> {
        let category = self.field("category", &format!("one of {}", Quarantine::CATEGORIES.join(", ")), |node| {
            node.text().filter(|text| Quarantine::CATEGORIES.contains(text)).map(str::to_owned)
        });
        let kind = self.node.get("kind").map(|_| {
            self.field("kind", &format!("one of {}", QuarantineKind::ALL.map(QuarantineKind::word).join(", ")), |node| {
                QuarantineKind::ALL.into_iter().find(|kind| node.text() == Some(kind.word()))
            })
        });
        let (owner, bead, reason) = (self.text("owner"), self.text("bead"), self.text("reason"));
        let (since, expires) = (self.date("since"), self.date("expires"));
        let (evidence, reproduce) = (self.text("evidence"), self.text("reproduce"));
        let exit_criterion = self.text("exit_criterion");
        let entry = (|| {
            Some(Quarantine {
                test: name.to_owned(),
                category: category?,
                kind: kind.flatten(),
                owner: owner?,
                bead: bead?,
                reason: reason?,
                since: since?,
                expires: expires?,
                evidence: evidence?,
                reproduce: reproduce?,
                exit_criterion: exit_criterion?,
            })
        })();
        self.finish(entry)
    }
}
