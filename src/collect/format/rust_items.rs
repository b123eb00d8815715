//! The syntax tree of a Rust file to what it declares, imports and names.
//!
//! In: a parsed file. Out: its modules, the file itself first. Functions are no scopes of their own: what they declare and import
//! counts for the module that holds them, so that nothing which is named in them is lost.

use super::rust_tokens::{in_text, mentions, plain};
use crate::model::{RustFile, RustImport, RustItem, RustMacro, RustPath, RustScope};
use proc_macro2::{Ident, Span, TokenStream};
use std::collections::BTreeMap;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, Token, UseTree, Visibility};

/// A path as it was found.
pub(super) struct Mention {
    /// Its words.
    pub(super) words: Vec<Box<str>>,
    /// It begins with `::`.
    pub(super) global: bool,
    /// It is called with `!`.
    pub(super) called: bool,
    /// Where it stands.
    pub(super) line: u64,
}

/// The modules of a file.
pub(super) fn read_items(file: &syn::File) -> Vec<RustScope> {
    let top = RustScope { line: 1, test: only_tests(&file.attrs), ..RustScope::default() };
    let mut reader = Reader { test: top.test, scopes: vec![top], named: vec![Named::new()], at: 0 };
    reader.visit_file(file);
    let mut scopes = reader.scopes;
    for (scope, named) in scopes.iter_mut().zip(reader.named) {
        scope.paths = named
            .into_iter()
            .map(|((words, global, called), (line, test))| RustPath { words, global, called, line, test })
            .collect();
    }
    scopes
}

/// Each path once, with its first line and whether only tests name it.
type Named = BTreeMap<(Vec<Box<str>>, bool, bool), (u64, bool)>;

struct Reader {
    scopes: Vec<RustScope>,
    named: Vec<Named>,
    at: usize,
    /// Whether what is read now is compiled for tests only.
    test: bool,
}

fn line(span: Span) -> u64 {
    span.start().line as u64
}

fn word(ident: &Ident) -> Box<str> {
    plain(&ident.to_string())
}

/// Whether code with these attributes is compiled for tests only.
fn only_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        path.is_ident("test") || path.is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|cfg| implies_test(&cfg))
    })
}

fn implies_test(cfg: &Meta) -> bool {
    let inner = |list: &syn::MetaList| list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok();
    match cfg {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => inner(list).is_some_and(|all| all.iter().any(implies_test)),
        Meta::List(list) if list.path.is_ident("any") => {
            inner(list).is_some_and(|any| !any.is_empty() && any.iter().all(implies_test))
        }
        Meta::List(_) | Meta::NameValue(_) => false,
        #[expect(unreachable_patterns, reason = "the parser may learn further forms of attributes")]
        _ => false,
    }
}

/// What `#[path = "..."]` says, and whether it says so without a condition.
fn given_paths(attributes: &[Attribute]) -> (Vec<Box<str>>, bool) {
    let text = |meta: &Meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(Box::from(text.value().as_str())),
            _ => None,
        },
        _ => None,
    };
    let (mut paths, mut always) = (Vec::new(), false);
    for attribute in attributes {
        if let Some(path) = text(&attribute.meta) {
            paths.push(path);
            always = true;
        } else if attribute.path().is_ident("cfg_attr")
            && let Ok(parts) = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        {
            paths.extend(parts.iter().skip(1).filter_map(text));
        }
    }
    (paths, always)
}

fn is_public(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(own) => &own.attrs,
        Item::Enum(own) => &own.attrs,
        Item::ExternCrate(own) => &own.attrs,
        Item::Fn(own) => &own.attrs,
        Item::ForeignMod(own) => &own.attrs,
        Item::Impl(own) => &own.attrs,
        Item::Macro(own) => &own.attrs,
        Item::Mod(own) => &own.attrs,
        Item::Static(own) => &own.attrs,
        Item::Struct(own) => &own.attrs,
        Item::Trait(own) => &own.attrs,
        Item::TraitAlias(own) => &own.attrs,
        Item::Type(own) => &own.attrs,
        Item::Union(own) => &own.attrs,
        Item::Use(own) => &own.attrs,
        _ => &[],
    }
}

/// The name that an item declares in its module, and whether others may see it. Modules, imports and macros are no such names.
fn declared(item: &Item) -> Option<(&Ident, &Visibility)> {
    match item {
        Item::Const(own) => Some((&own.ident, &own.vis)),
        Item::Enum(own) => Some((&own.ident, &own.vis)),
        Item::Fn(own) => Some((&own.sig.ident, &own.vis)),
        Item::Static(own) => Some((&own.ident, &own.vis)),
        Item::Struct(own) => Some((&own.ident, &own.vis)),
        Item::Trait(own) => Some((&own.ident, &own.vis)),
        Item::TraitAlias(own) => Some((&own.ident, &own.vis)),
        Item::Type(own) => Some((&own.ident, &own.vis)),
        Item::Union(own) => Some((&own.ident, &own.vis)),
        _ => None,
    }
}

impl Reader {
    fn scope(&mut self) -> &mut RustScope {
        &mut self.scopes[self.at]
    }

    fn keep(&mut self, mention: Mention) {
        let Mention { words, global, called, line } = mention;
        // `Self` and a bare `crate`, `self` or `super` lead to no other module.
        let leads = words.last().is_some_and(|last| !["crate", "self", "super", "_"].contains(&&**last));
        if words[0].as_ref() == "Self" || !leads {
            return;
        }
        let own = self.named[self.at].entry((words, global, called)).or_insert((line, self.test));
        if own.1 && !self.test {
            *own = (line, false);
        }
    }

    fn path(&mut self, path: &syn::Path, called: bool) {
        let words: Vec<Box<str>> = path.segments.iter().map(|segment| word(&segment.ident)).collect();
        if let Some(first) = path.segments.first() {
            let line = line(first.ident.span());
            self.keep(Mention { words, global: path.leading_colon.is_some(), called, line });
        }
    }

    fn tokens(&mut self, tokens: &TokenStream, texts: bool) {
        for mention in mentions(tokens.clone(), texts) {
            self.keep(mention);
        }
    }

    fn marked(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let before = self.test;
        self.test |= only_tests(attributes);
        read(self);
        self.test = before;
    }

    fn import(&mut self, tree: &UseTree, before: &[Box<str>], global: bool, public: bool, at: Span) {
        let test = self.test;
        let mut bring = |words: Vec<Box<str>>, name: Option<Box<str>>, span: Span| {
            self.scopes[self.at].imports.push(RustImport { words, global, name, public, line: line(span), test });
        };
        let with = |ident: &Ident| before.iter().cloned().chain([word(ident)]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident), global, public, path.ident.span()),
            UseTree::Name(name) if name.ident == "self" && !before.is_empty() => {
                bring(before.to_vec(), before.last().cloned(), name.ident.span());
            }
            UseTree::Name(name) => bring(with(&name.ident), Some(word(&name.ident)), name.ident.span()),
            UseTree::Rename(own) if own.ident == "self" && !before.is_empty() => {
                bring(before.to_vec(), Some(word(&own.rename)), own.ident.span());
            }
            UseTree::Rename(own) => bring(with(&own.ident), Some(word(&own.rename)), own.ident.span()),
            UseTree::Glob(_) => bring(before.to_vec(), None, at),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, global, public, at);
                }
            }
        }
    }

    fn module(&mut self, own: &syn::ItemMod) {
        let (paths, always) = given_paths(&own.attrs);
        let (name, begins, test) = (word(&own.ident), line(own.ident.span()), self.test);
        let Some((_, items)) = &own.content else {
            self.scope().files.push(RustFile { name, paths, usual: !always, line: begins, test });
            return;
        };
        let before = self.at;
        let scope = RustScope { within: Some(before), name, line: begins, test, ..RustScope::default() };
        self.at = self.scopes.len();
        self.scopes.push(RustScope { directory: paths.into_iter().next(), ..scope });
        self.named.push(Named::new());
        items.iter().for_each(|item| self.visit_item(item));
        self.at = before;
    }
}

impl<'f> Visit<'f> for Reader {
    fn visit_item(&mut self, item: &'f Item) {
        self.marked(attributes(item), |own| {
            own.scope().code |= !matches!(item, Item::Mod(_) | Item::Use(_) | Item::ExternCrate(_));
            if let Some((name, visibility)) = declared(item) {
                let item = RustItem { name: word(name), public: is_public(visibility) };
                own.scope().items.push(item);
            }
            visit::visit_item(own, item);
        });
    }

    fn visit_item_mod(&mut self, own: &'f syn::ItemMod) {
        own.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        self.module(own);
    }

    fn visit_item_use(&mut self, own: &'f syn::ItemUse) {
        let (global, public) = (own.leading_colon.is_some(), is_public(&own.vis));
        self.import(&own.tree, &[], global, public, own.use_token.span);
    }

    fn visit_item_extern_crate(&mut self, own: &'f syn::ItemExternCrate) {
        let named = own.rename.as_ref().map_or_else(|| word(&own.ident), |(_, name)| word(name));
        let itself = own.ident == "self";
        let words = vec![if itself { "crate".into() } else { word(&own.ident) }];
        let (public, line, test) = (is_public(&own.vis), line(own.ident.span()), self.test);
        self.scope().imports.push(RustImport { words, global: !itself, name: Some(named), public, line, test });
    }

    fn visit_item_macro(&mut self, own: &'f syn::ItemMacro) {
        if let Some(name) = &own.ident {
            let exported = own.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
            self.scope().macros.push(RustMacro { name: word(name), exported });
        }
        visit::visit_item_macro(self, own);
    }

    fn visit_foreign_item(&mut self, own: &'f syn::ForeignItem) {
        let name = match own {
            syn::ForeignItem::Fn(own) => Some((&own.sig.ident, &own.vis)),
            syn::ForeignItem::Static(own) => Some((&own.ident, &own.vis)),
            syn::ForeignItem::Type(own) => Some((&own.ident, &own.vis)),
            _ => None,
        };
        if let Some((name, visibility)) = name {
            let item = RustItem { name: word(name), public: is_public(visibility) };
            self.scope().items.push(item);
        }
        visit::visit_foreign_item(self, own);
    }

    fn visit_impl_item_fn(&mut self, own: &'f syn::ImplItemFn) {
        self.marked(&own.attrs, |reader| visit::visit_impl_item_fn(reader, own));
    }

    fn visit_path(&mut self, path: &'f syn::Path) {
        self.path(path, false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, own: &'f syn::Macro) {
        self.path(&own.path, true);
        self.tokens(&own.tokens, false);
    }

    fn visit_token_stream(&mut self, tokens: &'f TokenStream) {
        self.tokens(tokens, false);
    }

    fn visit_attribute(&mut self, own: &'f Attribute) {
        // A word alone is an attribute of the compiler, or one of a derive; neither is a name of the crate.
        if own.path().segments.len() > 1 {
            self.path(own.path(), false);
        }
        match &own.meta {
            Meta::List(list) => self.tokens(&list.tokens, true),
            Meta::NameValue(pair) if !pair.path.is_ident("doc") => {
                if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                    in_text(&text.value(), line(text.span())).into_iter().for_each(|mention| self.keep(mention));
                }
            }
            _ => {}
        }
    }

    /// Who may see something is no use of a module.
    fn visit_visibility(&mut self, _: &'f Visibility) {}
}
