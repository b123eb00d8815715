//! A document as a tree: what readers of small formats build, and what definitions state.

use super::Number;

/// What a reader builds. Only `collect::format` and tests name its variants.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A string.
    Text(Box<str>),
    /// An array.
    List(Vec<Value>),
    /// An object or table.
    Map(Map),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

/// The entries of an object, sorted by key, each key once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map(Vec<(Box<str>, Value)>);

/// One object names a key twice, so two readers could see two different documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey(pub Box<str>);

impl Map {
    /// Builds the object.
    ///
    /// # Errors
    /// [`DuplicateKey`] names the first key, in key order, that is there twice.
    pub fn from_entries(mut entries: Vec<(Box<str>, Value)>) -> Result<Self, DuplicateKey> {
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        match entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(DuplicateKey(pair[0].0.clone())),
            None => Ok(Self(entries)),
        }
    }

    /// The entries, sorted by key.
    pub(super) fn entries(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_keys_are_refused() {
        let twice = vec![("b".into(), Value::Null), ("a".into(), Value::Null), ("b".into(), Value::Bool(true))];
        assert_eq!(Map::from_entries(twice), Err(DuplicateKey("b".into())));
    }
}
