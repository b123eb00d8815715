//! `pipeline-manifest`: the list of a run's files with their checksums, whatever its author called the fields, as `{"files": [{"path", "sha256", "size"}]}`.
//!
//! A list of objects, on top or under `files`, `artifacts`, `entries`, `outputs` or `manifest`; or an object, on top or under one of these, in which
//! each path has its digest, or an object with it. An object that holds something else besides (`run_id`, `generated_at`) keeps it.
//!
//! | field | names |
//! |---|---|
//! | `path` | `path`, `file`, `name`, `filename`, `relpath`, `key` |
//! | `sha256` | `sha256`, `checksum`, `digest`, `hash`, `sha256sum`; 64 hex digits, with or without `sha256:` before them |
//! | `size` | `size`, `bytes`, `size_bytes`, `length`; may be absent |
//!
//! A path that leads through `artifacts/e2e/<run id>` is one below the run. A list that is in order by whole directories (`a/b` before `a-b`) is in order too:
//! it is given in byte order, and so is an object, whose keys have none.
//!
//! Encoding: UTF-8, as of `json`; a byte order mark, as Windows writes it, is passed over.

use super::pipeline_words::{artifacts, unmarked};
use super::{json, malformed};
use crate::gate::{Format, Reading};
use crate::model::{Content, Document, Gap, Map, Node, Value, Where};

/// The format.
pub(super) static PIPELINE_MANIFEST: Format = Format {
    id: "pipeline-manifest",
    extensions: &[],
    about: "the list of a run's files with their checksums, whatever its fields are called",
    docs: include_str!("pipeline_manifest.rs"),
    reading: Reading::Whole(read),
};

const LISTS: &[&str] = &["files", "artifacts", "entries", "outputs", "manifest"];
const PATH: &[&str] = &["path", "file", "name", "filename", "relpath", "key"];
const DIGEST: &[&str] = &["sha256", "checksum", "digest", "hash", "sha256sum"];
const SIZE: &[&str] = &["size", "bytes", "size_bytes", "length"];

fn read(bytes: &[u8], at: &Where) -> Result<Content, Gap> {
    let Content::Document(given) = json::read(unmarked(bytes), at)? else {
        return Err(malformed(at, None, "one JSON document", "another file".to_owned()));
    };
    let root = given.root();
    let list = LISTS.iter().find_map(|name| root.get(name).filter(|node| node.is_list() || node.is_map())).unwrap_or(root);
    let mut files: Vec<(String, Value)> = if list.is_list() {
        list.items().map(entry).collect()
    } else {
        list.entries().filter_map(|(path, node)| keyed(path, node)).collect()
    };
    if list.is_map() || in_order_by_parts(&files) {
        files.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    }
    let files = Value::List(files.into_iter().map(|(_, entry)| entry).collect());
    let whole = Map::from_entries(vec![("files".into(), files)]).expect("one key");
    Ok(Content::Document(Document::new(Value::Map(whole))))
}

/// An entry of a list. What is no object stays for the shape of the gate.
fn entry(node: Node<'_>) -> (String, Value) {
    let path = first(node, PATH).and_then(Node::text).map(home).unwrap_or_default();
    let own = row(Some(&path).filter(|path| !path.is_empty()), first(node, DIGEST), first(node, SIZE));
    (path, own)
}

/// An entry of an object by path: a digest, or an object that holds one.
fn keyed(path: &str, node: Node<'_>) -> Option<(String, Value)> {
    let path = home(path);
    if node.is_map() {
        return Some((path.clone(), row(Some(&path), first(node, DIGEST), first(node, SIZE))));
    }
    let digest = node.text().filter(|text| !path.is_empty() && is_digest(text));
    // Beside the files an object may say of which run it is.
    (digest.is_some() || path.contains(['/', '.'])).then(|| (path.clone(), row(Some(&path), Some(node), None)))
}

fn first<'d>(node: Node<'d>, names: &[&str]) -> Option<Node<'d>> {
    names.iter().find_map(|name| node.get(name).filter(|value| !value.is_null()))
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// One entry with our names; what is absent stays absent.
fn row(path: Option<&String>, digest: Option<Node<'_>>, size: Option<Node<'_>>) -> Value {
    let digest = digest.map(|node| match node.text() {
        Some(text) if is_digest(text) => Value::from(&*text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase()),
        _ => Value::from(&*node.excerpt(100)),
    });
    let size = size.map(|node| node.number().map_or_else(|| Value::from(&*node.excerpt(60)), Value::Number));
    let fields = [("path", path.map(|path| Value::from(path.as_str()))), ("sha256", digest), ("size", size)];
    let fields = fields.into_iter().filter_map(|(key, value)| Some((key.into(), value?))).collect();
    Value::Map(Map::from_entries(fields).expect("three different keys"))
}

/// A path below the run.
fn home(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match artifacts(&parts) {
        Some(at) => parts[at + 1..].join("/"),
        None => path.strip_prefix("./").unwrap_or(path).to_owned(),
    }
}

/// Whether the paths are in order directory by directory.
fn in_order_by_parts(files: &[(String, Value)]) -> bool {
    files.windows(2).all(|pair| pair[0].0.split('/').le(pair[1].0.split('/')))
}
