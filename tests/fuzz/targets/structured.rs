//! Documents: what two readers admit they understand alike, and what our strict reader admits the usual one admits too.

use super::readers::{read, workspace};
use gatekeeper::collect::FORMATS;
use gatekeeper::model::{Content, Document, Node, Number, Shape};
use gatekeeper::workspace::Memory;
use serde_json::Value;

pub fn target(bytes: &[u8]) {
    let file = workspace(bytes);
    let json = document(&file, "json");
    if let Some(json) = &json {
        let usual: Value = serde_json::from_slice(bytes).expect("a JSON document that the usual reader refuses");
        assert!(same(json.root(), &usual), "JSON: {:?}, but {usual}", json.root());
    }
    if let (Some(json), Some(yaml)) = (&json, document(&file, "yaml")) {
        assert_eq!(json.root(), yaml.root(), "left: JSON, right: YAML");
    }
    if document(&file, "toml").is_some() {
        let text = std::str::from_utf8(bytes).expect("TOML is text");
        let parsed = text.parse::<toml_edit::DocumentMut>();
        assert!(parsed.is_ok(), "TOML that its editor refuses: {:?}", parsed.err());
    }
    records(bytes, &file);
    front_matter(bytes, &file);
}

/// The document that a format makes of the file.
fn document(file: &Memory, format: &str) -> Option<Document> {
    let format = FORMATS.iter().find(|known| known.id == format).expect("a format");
    match read(file, format).content {
        Ok(Content::Document(document)) => Some(document),
        Ok(Content::Records(records)) => records.kept,
        Ok(_) | Err(_) => None,
    }
}

/// A line of a stream is read as a document of its own.
fn records(bytes: &[u8], file: &Memory) {
    let Some(records) = document(file, "jsonl") else { return };
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let alone: Vec<Document> =
        lines.map(|line| document(&workspace(line), "json").expect("a record that is no document")).collect();
    assert_eq!(alone.len(), records.root().items().len(), "records were lost");
    assert!(alone.iter().zip(records.root().items()).all(|(alone, record)| alone.root() == record));
}

/// The block of a front matter is read as the same YAML by itself.
fn front_matter(bytes: &[u8], file: &Memory) {
    let Some(whole) = document(file, "front-matter") else { return };
    let text = std::str::from_utf8(bytes).expect("Markdown is text");
    let is_fence = |line: &str| line.trim_end() == "---";
    let block: String = text.split_inclusive('\n').skip(1).take_while(|line| !is_fence(line)).collect();
    let alone = document(&workspace(block.as_bytes()), "yaml").expect("a block that is no YAML");
    assert_eq!(whole.root().get("fields"), Some(alone.root()));
    let body = whole.root().get("body").and_then(Node::text).expect("a body");
    assert!(text.ends_with(body), "the body is not that of the file");
}

/// Whether our document says what the usual reader says.
fn same(ours: Node<'_>, usual: &Value) -> bool {
    match (ours.shape(), usual) {
        (Shape::Null, Value::Null) => true,
        (Shape::Bool(ours), Value::Bool(usual)) => ours == *usual,
        (Shape::Number(Number::Int(ours)), Value::Number(usual)) => {
            usual.as_i64().map(i128::from).or_else(|| usual.as_u64().map(i128::from)) == Some(ours)
        }
        (Shape::Number(Number::Float(ours)), Value::Number(usual)) => usual.as_f64() == Some(ours),
        (Shape::Text(ours), Value::String(usual)) => ours == usual,
        (Shape::List(_), Value::Array(usual)) => {
            ours.items().len() == usual.len() && ours.items().zip(usual).all(|(ours, usual)| same(ours, usual))
        }
        (Shape::Map(_), Value::Object(usual)) => {
            let mut entries = ours.entries();
            entries.len() == usual.len() && entries.all(|(key, ours)| usual.get(key).is_some_and(|usual| same(ours, usual)))
        }
        (_, _) => false,
    }
}
