//! The possible mutants of each file: of its bytes, and of every value in it, whatever it is written in.
//!
//! In: files with their bytes and what their gates ask of them. Out: offers to a [`Sample`]. What a file is written in is told by its
//! bytes, and by its name only where bytes alone do not tell.

use super::mutant::{Act, Change, Mutator, render};
use super::sample::{Offer, Sample};
use super::tree::{Kind, Node, Step, Syntax};
use super::{json, toml_text, value, xml, yaml};
use crate::model::{Instant, Pointer};
use chrono::{Duration, SecondsFormat};
use std::collections::BTreeSet;

/// A file that is damaged.
pub(super) struct Subject<'f> {
    pub(super) file: usize,
    pub(super) group: usize,
    pub(super) name: &'f str,
    pub(super) bytes: &'f [u8],
    /// The next file that is read alike and says something else.
    pub(super) twin: Option<usize>,
    pub(super) terms: &'f Terms,
    /// Whether values are damaged too.
    pub(super) deep: bool,
}

/// What the gates that read a file ask of its time, commit and run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// Places of times, and the latest time that is too old.
    pub(super) stale: BTreeSet<(Pointer, Instant)>,
    /// Places of commits.
    pub(super) commits: BTreeSet<Pointer>,
    /// Places of run ids.
    pub(super) runs: BTreeSet<Pointer>,
}

/// What a file is written in.
enum Material {
    Tree(Syntax, Node),
    Toml(Node),
    /// Records, each with its line and where it begins.
    Records(Vec<(u64, Node)>),
    Lines,
    Opaque,
}

impl Material {
    fn of(subject: &Subject<'_>) -> Self {
        let Subject { name, bytes, .. } = subject;
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let tree = |syntax| move |node| Material::Tree(syntax, node);
        let found = match extension {
            "toml" => toml_text::parse(bytes).map(Material::Toml),
            "yml" | "yaml" => yaml::parse(bytes).map(tree(Syntax::Yaml)),
            "md" => yaml::front_matter(bytes).map(tree(Syntax::Yaml)),
            "xml" => xml::parse(bytes).map(tree(Syntax::Xml)),
            // A stream of one record is a stream all the same.
            "jsonl" | "ndjson" => records(bytes).map(Material::Records),
            _ => None,
        };
        let found = found.or_else(|| {
            let node = json::parse(bytes).filter(|node| matches!(node.kind, Kind::List(_) | Kind::Map(_)));
            node.map(tree(Syntax::Json)).or_else(|| records(bytes).map(Material::Records))
        });
        let text = || !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
        found.unwrap_or_else(|| if text() { Material::Lines } else { Material::Opaque })
    }
}

/// JSON, a record a line; `None` if a line is no record.
fn records(bytes: &[u8]) -> Option<Vec<(u64, Node)>> {
    let (mut records, mut start) = (Vec::new(), 0);
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        if !line.trim_ascii().is_empty() {
            let mut node = json::parse(line).filter(|node| matches!(node.kind, Kind::Map(_) | Kind::List(_)))?;
            node.shift(start);
            node.entry = start..start + line.len();
            records.push((number, node));
        }
        start += line.len();
    }
    (!records.is_empty()).then_some(records)
}

/// Offers every mutant of a file.
pub(super) fn offer(subject: &Subject<'_>, sample: &mut Sample) {
    let material = Material::of(subject);
    whole(subject, &material, sample);
    if !subject.deep {
        return;
    }
    match &material {
        Material::Tree(syntax, root) => {
            bound(subject, &[(None, root)], *syntax, sample);
            let mut walk = Walk { subject, sample, line: None, syntax: Some(*syntax) };
            walk.values(root, "", "", &mut Vec::new());
        }
        Material::Toml(root) => {
            Walk { subject, sample, line: None, syntax: None }.values(root, "", "", &mut Vec::new());
        }
        Material::Records(records) => {
            let places: Vec<(Option<u64>, &Node)> = records.iter().map(|(line, node)| (Some(*line), node)).collect();
            bound(subject, &places, Syntax::Json, sample);
            for (line, record) in records {
                let lines = subject.bytes;
                let mut walk = Walk { subject, sample, line: Some(*line), syntax: Some(Syntax::Json) };
                let entry = record.entry.clone();
                walk.offer(Mutator::Remove, "", "", || Some(Change::Splice(vec![(entry.clone(), Vec::new())])));
                walk.offer(Mutator::Repeat, "", "", || {
                    let mut again = lines[entry.clone()].to_vec();
                    if !again.ends_with(b"\n") {
                        again.insert(0, b'\n');
                    }
                    Some(Change::Splice(vec![(entry.end..entry.end, again)]))
                });
                walk.values(record, "", "", &mut Vec::new());
            }
        }
        Material::Lines => lines(subject, sample),
        Material::Opaque => {}
    }
}

/// Bytes that no format reads.
const GARBAGE: &[u8] = b"\x00\xff\xfenot what it was\x80\x00\xff\xfenot what it was\x80";

fn whole(subject: &Subject<'_>, material: &Material, sample: &mut Sample) {
    let bytes = subject.bytes;
    let mut one = |mutator, change: Option<Change>| {
        let Subject { file, group, .. } = *subject;
        sample.offer(&Offer { file, group, mutator, line: None, at: None, field: "" }, || change);
    };
    let other = |new: &[u8]| (new != bytes).then(|| Change::Bytes(new.to_vec()));
    one(Mutator::Delete, Some(Change::Delete));
    one(Mutator::Empty, other(b""));
    one(Mutator::Garbage, other(GARBAGE));
    if bytes.len() > 1 {
        one(Mutator::Half, Some(Change::Splice(vec![(bytes.len() / 2..bytes.len(), Vec::new())])));
    }
    let last = bytes.trim_ascii_end().iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    if let (Some(last), Material::Records(_) | Material::Lines) = (last, material) {
        one(Mutator::LastLine, Some(Change::Splice(vec![(last..bytes.len(), Vec::new())])));
    }
    if let Some(twin) = subject.twin {
        one(Mutator::Swap, Some(Change::Swap(twin)));
    }
    match material {
        Material::Tree(Syntax::Json, root) => {
            let list = matches!(root.kind, Kind::List(_));
            one(Mutator::OtherRoot, other(if list { b"{}\n" } else { b"[]\n" }));
            one(Mutator::RepeatKey, first_key_twice(bytes, root));
        }
        Material::Records(records) => {
            one(Mutator::OtherRoot, other(b"[]\n"));
            one(Mutator::RepeatKey, records.first().and_then(|(_, record)| first_key_twice(bytes, record)));
        }
        Material::Tree(Syntax::Yaml | Syntax::Xml, _) | Material::Toml(_) | Material::Lines | Material::Opaque => {}
    }
}

/// The first entry of the first object that has one, again.
fn first_key_twice(bytes: &[u8], root: &Node) -> Option<Change> {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if let (Kind::Map(inner), Some(first)) = (&node.kind, node.inner().first()) {
            let again = [&bytes[first.entry.clone()], b","].concat();
            return (!inner.is_empty()).then(|| Change::Splice(vec![(first.entry.start..first.entry.start, again)]));
        }
        left.extend(node.inner().iter().rev());
    }
    None
}

/// The value at a pointer.
fn at<'n>(root: &'n Node, pointer: &Pointer) -> Option<&'n Node> {
    pointer.steps().try_fold(root, |node, step| {
        node.inner().iter().find(|inner| match &inner.step {
            Step::Key(key) => *key == step,
            Step::Index(index) => index.to_string() == step,
            Step::Root => false,
        })
    })
}

/// Times that are too old, commits and runs that are others: in every record at once, because the newest one tells the age.
fn bound(subject: &Subject<'_>, records: &[(Option<u64>, &Node)], syntax: Syntax, sample: &mut Sample) {
    let commit = "0".repeat(40);
    let Terms { stale, commits, runs } = subject.terms;
    let stale = stale.iter().map(|(pointer, time)| {
        let old = (*time - Duration::hours(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
        (Mutator::Stale, pointer, old)
    });
    let commits = commits.iter().map(|pointer| (Mutator::ForeignCommit, pointer, commit.clone()));
    let runs = runs.iter().map(|pointer| (Mutator::ForeignRun, pointer, "another-run".to_owned()));
    for (mutator, pointer, text) in stale.chain(commits).chain(runs) {
        let new = syntax.write(&super::tree::Literal::Text(text)).into_bytes();
        let places = records.iter().filter_map(|(_, root)| at(root, pointer));
        let splices: Vec<_> = places.map(|node| (node.range.clone(), new.clone())).collect();
        let Subject { file, group, .. } = *subject;
        let field = pointer.as_str();
        let offer = Offer { file, group, mutator, line: None, at: Some(field), field };
        sample.offer(&offer, || (!splices.is_empty()).then_some(Change::Splice(splices)));
    }
}

/// A walk over the values of one document or record.
struct Walk<'w, 'f> {
    subject: &'w Subject<'f>,
    sample: &'w mut Sample,
    line: Option<u64>,
    /// `None`: TOML.
    syntax: Option<Syntax>,
}

impl Walk<'_, '_> {
    fn offer(&mut self, mutator: Mutator, exact: &str, field: &str, change: impl FnOnce() -> Option<Change>) {
        let Subject { file, group, .. } = *self.subject;
        let offer = Offer { file, group, mutator, line: self.line, at: Some(exact), field };
        self.sample.offer(&offer, change);
    }

    /// Every value inside of one.
    fn values(&mut self, outer: &Node, exact: &str, field: &str, way: &mut Vec<Step>) {
        for (at, node) in outer.inner().iter().enumerate() {
            let (step, general) = match &node.step {
                Step::Key(key) => {
                    let step = key.replace('~', "~0").replace('/', "~1");
                    (step.clone(), step)
                }
                Step::Index(index) => (index.to_string(), "*".to_owned()),
                Step::Root => continue,
            };
            let (exact, field) = (format!("{exact}/{step}"), format!("{field}/{general}"));
            way.push(node.step.clone());
            // Without its root element XML is no document: that is the whole file's matter.
            let root = self.syntax == Some(Syntax::Xml) && way.len() == 1;
            for (mutator, act) in if root { Vec::new() } else { self.acts(node) } {
                let (subject, syntax) = (self.subject, self.syntax);
                self.offer(mutator, &exact, &field, || match syntax {
                    Some(syntax) => render(syntax, subject.bytes, outer, at, &act),
                    // What TOML cannot write is no mutant.
                    None => toml_text::apply(subject.bytes, way, &act).map(|_| Change::Toml(way.clone(), act)),
                });
            }
            self.values(node, &exact, &field, way);
            way.pop();
        }
    }

    fn acts(&self, node: &Node) -> Vec<(Mutator, Act)> {
        // Elements of one name are a list for us; XML has none, and an element has no value of its own.
        let xml = self.syntax == Some(Syntax::Xml);
        if xml && matches!(node.kind, Kind::List(_)) {
            return Vec::new();
        }
        let mut acts = vec![(Mutator::Remove, Act::Remove)];
        if !(xml && matches!(node.kind, Kind::Map(_))) {
            let others = value::others(&node.kind).into_iter();
            acts.extend(others.map(|(mutator, literal)| (mutator, Act::Set(literal))));
        }
        match &node.step {
            Step::Key(key) if self.syntax.is_none() || node.key.is_some() => {
                let name = key.trim_start_matches('@').to_owned() + "_x";
                acts.push((Mutator::Rename, Act::Rename(name)));
            }
            Step::Index(_) => acts.push((Mutator::Repeat, Act::Repeat)),
            Step::Key(_) | Step::Root => {}
        }
        acts
    }
}

/// What a line says, as far as its words tell.
fn class(line: &str) -> &'static str {
    let lower = line.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["fail", "error", "panic", "fatal", "abort"]) {
        "trouble"
    } else if says(&["pass", " ok", "success", "succeeded", "done", "complete"]) {
        "success"
    } else if says(&["skip", "ignored"]) {
        "skipped"
    } else if lower.bytes().any(|byte| byte.is_ascii_digit()) {
        "figures"
    } else {
        "words"
    }
}

/// The lines of a text, by what they say.
fn lines(subject: &Subject<'_>, sample: &mut Sample) {
    let Ok(text) = std::str::from_utf8(subject.bytes) else { return };
    let mut start = 0;
    for (number, line) in (1_u64..).zip(text.split_inclusive('\n')) {
        let range = start..start + line.len();
        start = range.end;
        let body = line.trim_end_matches(['\n', '\r']);
        if body.trim().is_empty() {
            continue;
        }
        let field = format!("({} line)", class(body));
        let Subject { file, group, .. } = *subject;
        let mut one = |mutator, new: Option<String>| {
            let offer = Offer { file, group, mutator, line: Some(number), at: None, field: &field };
            let written = body.len()..line.len();
            sample.offer(&offer, || {
                let new = new? + &line[written];
                Some(Change::Splice(vec![(range.clone(), new.into_bytes())]))
            });
        };
        one(Mutator::Change, Some(value::changed(body)));
        let words = words(body);
        let within = |at: &std::ops::Range<usize>, new: &str| format!("{}{new}{}", &body[..at.start], &body[at.end..]);
        let flip = words.iter().find_map(|at| Some(within(at, &value::opposite(&body[at.clone()])?)));
        if flip.is_some() {
            one(Mutator::Flip, flip);
        }
        let number_at = words.iter().find(|at| body[(*at).clone()].bytes().all(|byte| byte.is_ascii_digit()));
        for (mutator, new) in number_at.into_iter().flat_map(|at| value::numbers(&body[at.clone()])) {
            if mutator != Mutator::Negate {
                one(mutator, number_at.map(|at| within(at, &new)));
            }
        }
        let offer = |mutator| Offer { file, group, mutator, line: Some(number), at: None, field: &field };
        sample.offer(&offer(Mutator::Remove), || Some(Change::Splice(vec![(range.clone(), Vec::new())])));
        sample.offer(&offer(Mutator::Repeat), || {
            let again = if line.ends_with('\n') { line.to_owned() } else { format!("\n{line}") };
            Some(Change::Splice(vec![(range.end..range.end, again.into_bytes())]))
        });
    }
}

/// The words of a line: letters and digits.
fn words(line: &str) -> Vec<std::ops::Range<usize>> {
    let (mut words, mut start) = (Vec::new(), None);
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                words.push(begun..at);
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    words
}
