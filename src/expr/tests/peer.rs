//! The parser beside that of the package `cel`: the same tree for what both take, and a short list of what only `cel` takes.

use super::robustness::{PARTS, SEEDS};
use crate::expr::syntax::{self, Ast, Node};
use crate::expr::tokens::Tokens;
use crate::expr::tree::{Operator, Relation};
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue};
use proptest::prelude::*;

/// The tree of our parser, as text.
fn ours(text: &str) -> Result<String, String> {
    let told = |problems: Vec<crate::expr::Problem>| problems[0].to_string();
    let tokens = Tokens::scan(text).map_err(|problems| format!("scan: {}", told(problems)))?;
    syntax::parse(&tokens).map(|tree| written(&tree)).map_err(|problem| told(vec![problem]))
}

fn written(Node { kind, .. }: &Node) -> String {
    let many = |nodes: &[Node]| nodes.iter().map(written).collect::<Vec<_>>().join(" ");
    match kind {
        Ast::Null => "null".to_owned(),
        Ast::Bool(flag) => flag.to_string(),
        Ast::Number(number) => format!("{number:?}"),
        Ast::Text(text) => format!("{text:?}"),
        Ast::Name(name) => name.clone(),
        Ast::Select(of, field) => format!("(. {} {field:?})", written(of)),
        Ast::Index(pair) => format!("(_[_] {})", many(&**pair)),
        Ast::Call { target, name, arguments } => {
            format!("({name} {:?} {})", target.as_deref().map(written), many(arguments))
        }
        Ast::List(items) => format!("[{}]", many(items)),
        Ast::Map(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{}: {}", written(key), written(value))).collect();
            format!("{{{}}}", entries.join(" "))
        }
        Ast::Not(inner) => format!("(!_ {})", written(inner)),
        Ast::Negate(inner) => format!("(-_ {})", written(inner)),
        Ast::And(terms) => format!("(_&&_ {})", many(terms)),
        Ast::Or(terms) => format!("(_||_ {})", many(terms)),
        Ast::Choose(parts) => format!("(_?_:_ {})", many(&**parts)),
        Ast::Compare(relation, pair) => format!("({} {})", sign(*relation), many(&**pair)),
        Ast::In(pair) => format!("(@in {})", many(&**pair)),
        Ast::Arithmetic(operator, pair) => format!("({} {})", operator_name(*operator), many(&**pair)),
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "_==_",
        Relation::NotEqual => "_!=_",
        Relation::Less => "_<_",
        Relation::LessOrEqual => "_<=_",
        Relation::Greater => "_>_",
        Relation::GreaterOrEqual => "_>=_",
    }
}

fn operator_name(operator: Operator) -> String {
    format!("_{}_", operator.sign())
}

/// The tree of the peer, as text of the same form; `only` names what our language leaves out.
fn peers(text: &str) -> Option<(String, Vec<&'static str>)> {
    let text = text.to_owned();
    let work = move || {
        let parser = cel::Env::default().parser().enable_ident_escape_syntax(true).enable_optional_syntax(false);
        let tree = parser.parse_with_source_info(&text).ok()?.0;
        let mut only = Vec::new();
        Some((peer_written(&tree, &mut only), only))
    };
    // It recurses with the text, and may give up with a panic.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(work).expect("a thread");
    thread.join().ok().flatten()
}

fn peer_written(IdedExpr { expr, .. }: &IdedExpr, only: &mut Vec<&'static str>) -> String {
    match expr {
        Expr::Literal(literal) => peer_literal(literal, only),
        Expr::Ident(name) => {
            if name.starts_with('.') {
                only.push("a leading dot");
            }
            name.clone()
        }
        Expr::Select(select) => format!("(. {} {:?})", peer_written(&select.operand, only), select.field),
        Expr::Call(call) if matches!(&*call.func_name, "_&&_" | "_||_") => {
            let mut terms = Vec::new();
            flat(&call.func_name, expr, &mut terms);
            format!("({} {})", call.func_name, peer_many(terms, only))
        }
        Expr::Call(call) => {
            let operator = !call.func_name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
                && call.func_name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let target = call.target.as_deref().map(|target| peer_written(target, only));
            let arguments = peer_many(call.args.iter(), only);
            if call.func_name.starts_with('.') {
                only.push("a leading dot");
            }
            match operator {
                true => format!("({} {arguments})", call.func_name),
                false => format!("({} {target:?} {arguments})", call.func_name),
            }
        }
        Expr::List(list) => format!("[{}]", peer_many(list.elements.iter(), only)),
        Expr::Map(map) => {
            let mut entries = Vec::new();
            for entry in &map.entries {
                let EntryExpr::MapEntry(entry) = &entry.expr else { panic!("a field in an object") };
                entries.push(format!("{}: {}", peer_written(&entry.key, only), peer_written(&entry.value, only)));
            }
            format!("{{{}}}", entries.join(" "))
        }
        Expr::Struct(_) | Expr::Comprehension(_) | Expr::Unspecified => {
            only.push("a message");
            String::new()
        }
    }
}

fn peer_many<'a>(nodes: impl IntoIterator<Item = &'a IdedExpr>, only: &mut Vec<&'static str>) -> String {
    nodes.into_iter().map(|node| peer_written(node, only)).collect::<Vec<_>>().join(" ")
}

/// The terms of a chain, however the peer balanced them.
fn flat<'a>(name: &str, expr: &'a Expr, terms: &mut Vec<&'a IdedExpr>) {
    let Expr::Call(call) = expr else { return };
    for argument in &call.args {
        match &argument.expr {
            inner @ Expr::Call(of) if of.func_name == name => flat(name, inner, terms),
            _ => terms.push(argument),
        }
    }
}

fn peer_literal(literal: &LiteralValue, only: &mut Vec<&'static str>) -> String {
    use crate::model::Number;
    match literal {
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::Boolean(flag) => flag.inner().to_string(),
        LiteralValue::Int(int) => format!("{:?}", Number::Int((*int.inner()).into())),
        LiteralValue::UInt(int) => format!("{:?}", Number::Int((*int.inner()).into())),
        LiteralValue::Double(float) => {
            if !float.inner().is_finite() {
                only.push("an infinite number");
            }
            format!("{:?}", Number::Float(*float.inner()))
        }
        LiteralValue::String(text) => format!("{:?}", text.inner()),
        LiteralValue::Bytes(_) => {
            only.push("bytes");
            String::new()
        }
    }
}

/// Holds one text against the peer. Whether both took it.
fn compare(text: &str) -> bool {
    let (ours, peers) = (ours(text), peers(text));
    match (&ours, &peers) {
        (Ok(ours), Some((peers, only))) => {
            assert_eq!(ours, peers, "{text:?}");
            assert!(only.is_empty(), "{text:?}: {only:?}");
            true
        }
        (Ok(ours), None) => panic!("{text:?} is {ours} here and nothing to the peer"),
        (Err(problem), Some((peers, only))) => {
            let bounded = problem.starts_with("scan: ") || problem.contains("nested too deeply");
            let list_of_nothing = text.split_whitespace().collect::<String>().contains("[,]");
            assert!(bounded || !only.is_empty() || list_of_nothing, "{text:?}: {problem}, and {peers} to the peer");
            false
        }
        (Err(_), None) => false,
    }
}

/// Every string of a TOML value.
fn strings(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        toml::Value::Table(table) => table.values().for_each(|item| strings(item, found)),
        _ => {}
    }
}

#[test]
fn every_shipped_text_is_parsed_alike() {
    let mut texts = Vec::new();
    for pack in include_dir::include_dir!("$CARGO_MANIFEST_DIR/gates").dirs() {
        for file in pack.files().filter(|file| file.path().extension().is_some_and(|extension| extension == "toml")) {
            let table = file.contents_utf8().expect("text").parse::<toml::Table>().expect("TOML");
            strings(&table.into(), &mut texts);
        }
    }
    // Titles and reasons are among them, which are no expressions; they are held against the peer too.
    let expressions = texts.iter().filter(|text| compare(text) && text.contains(' ')).count();
    assert!(expressions > 300, "{expressions} of {}", texts.len());
}

#[test]
fn seeds_and_their_mutations_are_parsed_alike() {
    let (mut tried, mut taken) = (0, 0);
    for seed in SEEDS {
        assert!(compare(seed), "{seed}");
        let places: Vec<usize> = seed.char_indices().map(|(at, _)| at).collect();
        for (turn, &at) in places.iter().enumerate() {
            let next = seed[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            for text in [
                format!("{}{}", &seed[..at], &seed[next..]),
                format!("{}{}{}", &seed[..at], PARTS[turn % PARTS.len()], &seed[at..]),
            ] {
                tried += 1;
                taken += usize::from(compare(&text));
            }
        }
    }
    assert!(tried > 1_200 && taken > 300, "{taken} of {tried}");
}

#[test]
fn precedence_signs_and_literals_are_parsed_alike() {
    let cases = [
        "a || b && c || !d && e",
        "a == b in c < d",
        "-a.b - -5.abs() * -x % 2",
        "-5u",
        "- 5",
        "-0x1f",
        "!-5",
        "-(-5)",
        "a ? b : c ? d : e",
        "a.if.`x y/z-1`",
        "a[b ? c : d](e)",
        "[1, 2,]",
        "{'a': 1,}",
        "{}",
        "[]",
        "f()",
        "a.f(b, c)[0].d",
        "(a && b) && (c && d)",
        "as",
        "a.true",
        "in(a)",
        "[,]",
        ".a",
        "a{b: 1}",
        "b'x'",
        "1e999",
        "'\\x41\\101\\u00e4'",
        "r'\\d' + \"\"\"a\r\nb\"\"\"",
        "a in [1] == true",
        "1 - 1 -1",
        "a ? (b ? c : d) : e",
        "a ? b ? c : d : e",
        "a.b(c)(d)",
        "\"\\`\\?\"",
        "007 + .5 + 1.5e-3",
        "a.`b`(c)",
        "`a`",
        "a.1",
        "a.b.",
        "!a.b",
        "!(a)[0]",
    ];
    let taken = cases.iter().filter(|text| compare(text)).count();
    assert!((20..cases.len()).contains(&taken), "{taken}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_string_of_parts_is_parsed_alike(picks in prop::collection::vec(0_usize..44, 0..24)) {
        let seeds = ["s", "x", "1", "2.5", "true", "null", "size", "all", "-3", "s.tags", "'a'", "0x1F", "5u", ".5", "if", "r'\\'"];
        let text: String = picks.iter().map(|&at| PARTS.get(at).copied().unwrap_or_else(|| seeds[at - PARTS.len()])).collect();
        compare(&text);
    }
}
