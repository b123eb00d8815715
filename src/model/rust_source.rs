//! What one Rust source file declares and which paths it names, before anything is resolved.
//!
//! As a document:
//!
//! ```text
//! modules[]  {name, line, test}; the file itself is the first, with an empty name
//! files[]    {module, name, line, test}; `mod name;`, whose text is another file
//! imports[]  {module, path, name, line, public, test}; the name of a glob is `*`
//! paths[]    {module, path, line, test}; each path once a module
//! ```

use super::document::{Document, Number, Value};
use super::test_view::map;
use std::sync::OnceLock;

/// A declared name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustItem {
    /// The name.
    pub name: Box<str>,
    /// Whether others than the module and what lies in it may see it, however few they are.
    pub public: bool,
}

/// A macro written down with `macro_rules!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustMacro {
    /// The name.
    pub name: Box<str>,
    /// `#[macro_export]`: it is named from the root of the crate.
    pub exported: bool,
}

/// `mod name;`: a module whose text is another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustFile {
    /// The module's name.
    pub name: Box<str>,
    /// Where `#[path = "..."]` says that the text lies; several under `#[cfg_attr]`.
    pub paths: Vec<Box<str>>,
    /// Whether the text may also lie at its usual place.
    pub usual: bool,
    /// Where it is declared.
    pub line: u64,
    /// Whether only tests compile it.
    pub test: bool,
}

/// One name that a `use` brings in, or one glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustImport {
    /// The words of the path, `crate`, `self` and `super` included, the last one before a glob.
    pub words: Vec<Box<str>>,
    /// It begins with `::`, so its first word is a crate.
    pub global: bool,
    /// The name under which it is known here; `None` of a glob.
    pub name: Option<Box<str>>,
    /// Whether it is a re-export, however few may see it.
    pub public: bool,
    /// Where it stands.
    pub line: u64,
    /// Whether only tests compile it.
    pub test: bool,
}

/// A path that code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustPath {
    /// Its words, `crate`, `self` and `super` included.
    pub words: Vec<Box<str>>,
    /// It begins with `::`, so its first word is a crate.
    pub global: bool,
    /// It is called with `!`.
    pub called: bool,
    /// Where it stands first.
    pub line: u64,
    /// Whether only tests compile all places where it stands.
    pub test: bool,
}

/// One module in a file: the file itself, or one that is written inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustScope {
    /// The scope that holds it, by its position; `None` of the file itself.
    pub within: Option<usize>,
    /// Its name; empty for the file itself.
    pub name: Box<str>,
    /// The directory that `#[path = "..."]` gives for the files of its modules.
    pub directory: Option<Box<str>>,
    /// Where it begins.
    pub line: u64,
    /// Whether only tests compile it.
    pub test: bool,
    /// Whether it holds anything but declarations of modules and imports.
    pub code: bool,
    /// What it declares, modules left out.
    pub items: Vec<RustItem>,
    /// The macros that it writes down.
    pub macros: Vec<RustMacro>,
    /// Its modules whose text is another file.
    pub files: Vec<RustFile>,
    /// What it imports, anywhere in it.
    pub imports: Vec<RustImport>,
    /// The paths that it names, each once.
    pub paths: Vec<RustPath>,
}

/// A Rust source file.
#[derive(Debug, Default)]
pub struct RustSource {
    /// Its modules, the file itself first, each behind the one that holds it.
    pub scopes: Vec<RustScope>,
    view: OnceLock<Document>,
}

impl RustSource {
    /// Puts together what a reader found; at least the scope of the file.
    pub fn new(scopes: Vec<RustScope>) -> Self {
        Self { scopes, view: OnceLock::new() }
    }

    /// The name of a scope inside its file: `a::b`.
    pub fn name(&self, scope: usize) -> String {
        let mut names = Vec::new();
        let mut at = Some(scope);
        while let Some(own) = at.and_then(|at| self.scopes.get(at)) {
            names.push(&*own.name);
            at = own.within;
        }
        names.into_iter().rev().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("::")
    }

    /// The file as a document, for expressions; built when it is first asked for.
    pub fn document(&self) -> &Document {
        self.view.get_or_init(|| {
            let line = |line: u64| ("line", Value::Number(Number::Int(line.into())));
            let test = |test| ("test", Value::Bool(test));
            let text = |text: &str| Value::from(text);
            let (mut modules, mut files, mut imports, mut paths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for (at, scope) in self.scopes.iter().enumerate() {
                let name = self.name(at);
                modules.push(map(vec![("name", text(&name)), line(scope.line), test(scope.test)]));
                files.extend(scope.files.iter().map(|own| {
                    map(vec![("module", text(&name)), ("name", text(&own.name)), line(own.line), test(own.test)])
                }));
                imports.extend(scope.imports.iter().map(|own| {
                    let known = own.name.as_deref().unwrap_or("*");
                    let public = ("public", Value::Bool(own.public));
                    let path = ("path", text(&spelled(&own.words, own.global)));
                    map(vec![("module", text(&name)), path, ("name", text(known)), line(own.line), public, test(own.test)])
                }));
                paths.extend(scope.paths.iter().map(|own| {
                    let path = ("path", text(&spelled(&own.words, own.global)));
                    map(vec![("module", text(&name)), path, line(own.line), test(own.test)])
                }));
            }
            Document::new(map(vec![
                ("modules", Value::List(modules)),
                ("files", Value::List(files)),
                ("imports", Value::List(imports)),
                ("paths", Value::List(paths)),
            ]))
        })
    }
}

/// A path as code writes it.
pub fn spelled(words: &[Box<str>], global: bool) -> String {
    format!("{}{}", if global { "::" } else { "" }, words.join("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_named_from_the_file_on() {
        let scope = |within, name: &str| RustScope { within, name: name.into(), line: 1, ..RustScope::default() };
        let mut inner = scope(Some(1), "b");
        inner.paths.push(RustPath {
            words: vec!["x".into(), "y".into()],
            global: true,
            called: false,
            line: 7,
            test: true,
        });
        let source = RustSource::new(vec![scope(None, ""), scope(Some(0), "a"), inner]);
        assert_eq!((source.name(0), source.name(2)), (String::new(), "a::b".to_owned()));
        let shown = source.document().root().get("paths").map(|paths| paths.excerpt(200));
        assert_eq!(shown.as_deref(), Some(r#"[{"line": 7, "module": "a::b", "path": "::x::y", "test": true}]"#));
    }
}
