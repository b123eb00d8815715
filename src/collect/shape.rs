//! JSON Schema, and the only place that names the package that knows it.
//!
//! In: the text of a schema. Out: a [`Shape`]. References to other files or hosts are refused; patterns run in linear time.

use super::format::JSON;
use crate::gate::{Reading, Shape, Step, Violation};
use crate::model::{self, Content, Digest, Document, Node, Number, Pointer, Where};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, Validator};
use std::error::Error;
use std::sync::Arc;

/// Most violations that one document reports.
const MOST: usize = 100;

/// Compiles the text of a JSON Schema, which must be strict JSON itself.
///
/// # Errors
/// A phrase: what is wrong with the text, with the schema, or with a reference in it.
pub fn parse_shape(text: &str) -> Result<Arc<dyn Shape>, String> {
    let Reading::Whole(read) = &JSON.reading else { return Err("JSON is not read whole".to_owned()) };
    let Content::Document(document) = read(text.as_bytes(), &Where::file("")).map_err(|gap| gap.actual)? else {
        return Err("it is no document".to_owned());
    };
    let options = jsonschema::options().with_retriever(Nowhere).with_pattern_options(PatternOptions::regex());
    let schema = json(document.root());
    let validator = options.build(&schema).map_err(|error| cut(&error.to_string()))?;
    let mut required = Vec::new();
    demands(&schema, &schema, &mut Vec::new(), &mut required);
    Ok(Arc::new(Compiled { validator, required, digest: Digest::of(schema.to_string().as_bytes()) }))
}

/// Refuses to fetch.
struct Nowhere;

impl Retrieve for Nowhere {
    fn retrieve(&self, uri: &Uri<String>) -> Result<serde_json::Value, Box<dyn Error + Send + Sync>> {
        Err(format!("`{uri}` lies outside the schema; only references within it are followed").into())
    }
}

struct Compiled {
    validator: Validator,
    required: Vec<Vec<Step>>,
    digest: Digest,
}

/// Deepest place that a schema may require for us to know it; schemas that refer to themselves go on for ever.
const DEEPEST: usize = 12;

/// Gathers the fields that a part of a schema requires.
fn demands(root: &serde_json::Value, part: &serde_json::Value, at: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    if at.len() >= DEEPEST || found.len() >= 10_000 {
        return;
    }
    let inner = part.get("$ref").and_then(|to| to.as_str()).and_then(|to| root.pointer(to.strip_prefix('#')?));
    if let Some(inner) = inner {
        demands(root, inner, at, found);
    }
    for name in part.get("required").and_then(|names| names.as_array()).into_iter().flatten() {
        if let Some(name) = name.as_str() {
            let field: Vec<Step> = at.iter().cloned().chain([Step::Key(name.to_owned())]).collect();
            if !found.contains(&field) {
                found.push(field);
            }
        }
    }
    let mut below = |step: Step, inner: &serde_json::Value| {
        at.push(step);
        demands(root, inner, at, found);
        at.pop();
    };
    for (name, inner) in part.get("properties").and_then(|all| all.as_object()).into_iter().flatten() {
        below(Step::Key(name.clone()), inner);
    }
    for each in ["items", "additionalProperties"] {
        if let Some(inner) = part.get(each).filter(|inner| inner.is_object()) {
            below(Step::Each, inner);
        }
    }
    for inner in part.get("allOf").and_then(|all| all.as_array()).into_iter().flatten() {
        demands(root, inner, at, found);
    }
}

impl Shape for Compiled {
    fn violations(&self, document: &Document) -> Vec<Violation> {
        let instance = json(document.root());
        let place = |text: &str| Pointer::parse(text).unwrap_or_default();
        let errors = self.validator.iter_errors(&instance).take(MOST);
        let mut violations: Vec<Violation> = errors
            .map(|error| Violation { at: place(error.instance_path().as_str()), message: cut(&in_words(&error)) })
            .collect();
        violations.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.message.cmp(&b.message)));
        violations
    }

    fn digest(&self) -> Digest {
        self.digest
    }

    fn required(&self) -> Vec<Vec<Step>> {
        self.required.clone()
    }
}

/// What is wrong, without the whole of an object in it.
fn in_words(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("`{}` is missing", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("unknown: `{}`", unexpected.join("`, `"))
        }
        // What people call blank.
        ValidationErrorKind::Pattern { pattern } if pattern == r"\S" => format!("{} is blank", error.instance()),
        _ if error.instance().is_object() => match error.to_string().strip_prefix(&error.instance().to_string()) {
            Some(rest) => format!("the object{rest}"),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}

/// Messages quote values, which may be of any length.
fn cut(message: &str) -> String {
    match message.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

fn json(node: Node<'_>) -> serde_json::Value {
    match node.shape() {
        model::Shape::Null => serde_json::Value::Null,
        model::Shape::Bool(flag) => flag.into(),
        model::Shape::Number(Number::Int(int)) => match (u64::try_from(int), i64::try_from(int)) {
            (Ok(number), _) => number.into(),
            (Err(_), Ok(number)) => number.into(),
            (Err(_), Err(_)) => (int as f64).into(),
        },
        model::Shape::Number(Number::Float(float)) => float.into(),
        model::Shape::Text(text) => text.into(),
        model::Shape::List(_) => node.items().map(json).collect::<Vec<_>>().into(),
        model::Shape::Map(_) => {
            let entries = node.entries().map(|(key, value)| (key.to_owned(), json(value)));
            serde_json::Value::Object(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        let Reading::Whole(read) = &JSON.reading else { panic!("whole") };
        match read(text.as_bytes(), &Where::file("a")) {
            Ok(Content::Document(document)) => document,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn violations_name_their_value() {
        let schema = r##"{"type": "object", "required": ["id"], "additionalProperties": false, "properties": {
            "id": {"type": "string", "pattern": "^bd-"}, "n": {"type": "integer", "minimum": 0},
            "rows": {"type": "array", "items": {"$ref": "#/$defs/row"}}}, "$defs": {"row": {"type": "boolean"}}}"##;
        let shape = parse_shape(schema).expect("sound");
        assert_eq!(shape.violations(&document(r#"{"id": "bd-1", "n": 18446744073709551615, "rows": [true]}"#)), []);
        let violations = shape.violations(&document(r#"{"id": "x", "n": -1, "rows": [true, 1], "odd": null}"#));
        let places: Vec<&str> = violations.iter().map(|violation| violation.at.as_str()).collect();
        assert_eq!(places, ["", "/id", "/n", "/rows/1"]);
        let long = format!(r#"{{"id": "{}"}}"#, "x".repeat(10_000));
        assert!(shape.violations(&document(&long))[0].message.chars().count() <= 301);
    }

    #[test]
    fn the_layout_of_a_schema_is_not_its_content() {
        let digest = |text| parse_shape(text).expect("sound").digest();
        let schema = r#"{"type": "object", "minProperties": 1}"#;
        assert_eq!(digest(schema), digest("{\n  \"minProperties\": 1,\n  \"type\": \"object\"}"));
        assert_ne!(digest(schema), digest(r#"{"type": "object", "minProperties": 0}"#));
    }

    #[test]
    fn unsound_schemas_are_refused() {
        let unsound = [
            "",
            "{",
            r#"{"type": "object", "type": "array"}"#,
            r#"{"type": "objekt"}"#,
            r#"{"pattern": "("}"#,
            r#"{"pattern": "(?=a)a"}"#,
            r##"{"$ref": "#/$defs/none"}"##,
            r#"{"$ref": "other.json"}"#,
            r#"{"$ref": "file:///etc/passwd"}"#,
            r#"{"$ref": "https://example.org/schema.json"}"#,
        ];
        let mut refused = 0;
        for text in unsound {
            assert!(parse_shape(text).is_err(), "{text}");
            refused += 1;
        }
        assert_eq!(refused, 10);
        let remote = parse_shape(r#"{"$ref": "https://example.org/schema.json"}"#).err().expect("refused");
        assert!(remote.contains("outside the schema"), "{remote}");
    }
}
