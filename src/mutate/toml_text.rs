//! TOML: the values of a document, and one of them changed while everything else stays as it is written.

use super::mutant::Act;
use super::tree::{Kind, Literal, Node, Step};
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// The document of a text. Its values do not know their bytes; [`apply`] finds them.
pub(super) fn parse(bytes: &[u8]) -> Option<Node> {
    let document: DocumentMut = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    Some(table(Step::Root, document.as_table()))
}

fn node(step: Step, kind: Kind) -> Node {
    Node { step, range: 0..0, entry: 0..0, key: None, kind }
}

fn table(step: Step, table: &dyn TableLike) -> Node {
    let entries = table.iter().filter_map(|(key, inner)| item(Step::Key(key.to_owned()), inner));
    node(step, Kind::Map(entries.collect()))
}

fn item(step: Step, item: &Item) -> Option<Node> {
    match item {
        Item::None => None,
        Item::Value(inner) => Some(value(step, inner)),
        Item::Table(inner) => Some(table(step, inner)),
        Item::ArrayOfTables(tables) => {
            let items = tables.iter().enumerate().map(|(at, inner)| table(Step::Index(at), inner));
            Some(node(step, Kind::List(items.collect())))
        }
    }
}

fn value(step: Step, value: &Value) -> Node {
    let kind = match value {
        Value::String(text) => Kind::Text(text.value().clone()),
        Value::Integer(number) => Kind::Number(number.value().to_string()),
        Value::Float(number) => Kind::Number(number.value().to_string()),
        Value::Boolean(flag) => Kind::Bool(*flag.value()),
        Value::Datetime(day) => Kind::Text(day.value().to_string()),
        Value::Array(items) => {
            Kind::List(items.iter().enumerate().map(|(at, inner)| self::value(Step::Index(at), inner)).collect())
        }
        Value::InlineTable(inner) => return table(step, inner),
    };
    node(step, kind)
}

/// The text with one value changed; `None` if that cannot be written in TOML, which has no null.
pub(super) fn apply(bytes: &[u8], steps: &[Step], act: &Act) -> Option<Vec<u8>> {
    let mut document: DocumentMut = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    let (last, way) = steps.split_last()?;
    let mut place = document.as_item_mut();
    for step in way {
        place = match step {
            Step::Key(key) => place.get_mut(key.as_str())?,
            Step::Index(index) if place.is_value() || place.is_array_of_tables() => place.get_mut(*index)?,
            Step::Index(_) | Step::Root => return None,
        };
    }
    match (last, act) {
        (Step::Key(key), Act::Remove) => drop(place.as_table_like_mut()?.remove(key)?),
        (Step::Key(key), Act::Rename(name)) => {
            let own = place.as_table_like_mut()?;
            let moved = own.remove(key)?;
            own.insert(name, moved);
        }
        (Step::Key(key), Act::Set(literal)) => {
            *place.get_mut(key.as_str())? = Item::Value(written(place.get(key.as_str())?, literal)?)
        }
        (Step::Index(at), Act::Remove) => match place {
            Item::ArrayOfTables(tables) => drop(tables.remove(*at)),
            other => drop(other.as_array_mut()?.remove(*at)),
        },
        (Step::Index(at), Act::Repeat) => match place {
            Item::ArrayOfTables(tables) => tables.push(tables.get(*at)?.clone()),
            other => {
                let items = other.as_array_mut()?;
                let twice = items.get(*at)?.clone();
                items.insert(*at, twice);
            }
        },
        (Step::Index(at), Act::Set(literal)) => {
            let items = place.as_array_mut()?;
            let new = written(&Item::Value(items.get(*at)?.clone()), literal)?;
            *items.get_mut(*at)? = new;
        }
        (Step::Key(_), Act::Repeat) | (Step::Index(_), Act::Rename(_)) | (Step::Root, _) => return None,
    }
    Some(document.to_string().into_bytes())
}

/// A literal as TOML writes it; a day stays a day.
fn written(old: &Item, literal: &Literal) -> Option<Value> {
    Some(match literal {
        Literal::Null | Literal::Nothing(true) => return None,
        Literal::Nothing(false) => Value::Array(toml_edit::Array::new()),
        Literal::Bool(flag) => Value::from(*flag),
        Literal::Number(number) => match number.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(number.parse::<f64>().ok()?),
        },
        Literal::Text(text) => match text.parse::<toml_edit::Datetime>() {
            Ok(day) if old.as_datetime().is_some() => Value::from(day),
            Ok(_) | Err(_) => Value::from(text.as_str()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# head\n[a]\nb = 1 # one\nd = 2026-01-02\n\n[[c]]\nn = [1, 2]\n";

    fn done(way: &[Step], act: &Act) -> Option<String> {
        apply(TEXT.as_bytes(), way, act).map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    fn key(key: &str) -> Step {
        Step::Key(key.to_owned())
    }

    #[test]
    fn one_value_changes_and_the_rest_stays() {
        let b = [key("a"), key("b")];
        assert_eq!(done(&b, &Act::Remove).as_deref(), Some("# head\n[a]\nd = 2026-01-02\n\n[[c]]\nn = [1, 2]\n"));
        let set = done(&b, &Act::Set(Literal::Number("2".into()))).expect("set");
        assert!(set.contains("b = 2") && set.contains("d = 2026-01-02") && set.contains("# head"), "{set}");
        let day = done(&[key("a"), key("d")], &Act::Set(Literal::Text("2026-01-03".into()))).expect("set");
        assert!(day.contains("d = 2026-01-03\n"), "{day}");
        let items = [key("c"), Step::Index(0), key("n"), Step::Index(1)];
        assert!(
            done(&items, &Act::Repeat).expect("twice").contains("[1, 2, 2]")
                || done(&items, &Act::Repeat).expect("twice").contains("[1, 2,2]")
        );
        assert!(!done(&[key("c"), Step::Index(0)], &Act::Remove).expect("removed").contains("[[c]]"));
        assert_eq!(done(&b, &Act::Set(Literal::Null)), None);
        assert_eq!(done(&[key("x"), key("y")], &Act::Remove), None);
    }

    #[test]
    fn every_value_is_seen() {
        let root = parse(TEXT.as_bytes()).expect("TOML");
        assert_eq!(root.inner().len(), 2);
        assert_eq!(root.inner()[0].inner()[0].kind, Kind::Number("1".to_owned()));
        assert_eq!(root.inner()[1].inner()[0].inner()[0].inner().len(), 2);
        assert_eq!(parse(b"a = "), None);
    }
}
