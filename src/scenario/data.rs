//! Data that edits work on: one form for JSON and TOML, so that an edit is written once.
//!
//! Comes in: the bytes of a document, or a value in `case.toml`. Goes out: the changed document's bytes. It keeps types (a TOML
//! date stays a date, an integer never becomes a float); it keeps neither the order of keys nor comments.

use crate::definition::{Kind, Raw, Read, Refusal};
use crate::model::Pointer;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// A value of JSON or TOML.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// JSON `null`; TOML has none.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above the signed range; TOML has none.
    Big(u64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// A date or time; JSON spells it as a string.
    Date(toml::value::Datetime),
    /// A list.
    List(Vec<Data>),
    /// An object or table.
    Map(BTreeMap<String, Data>),
}

impl Data {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// What the parser says.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice::<serde_json::Value>(bytes).map(Self::of_json).map_err(|error| error.to_string())
    }

    fn of_json(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Data::Null,
            Value::Bool(flag) => Data::Bool(flag),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(int), ..) => Data::Int(int),
                (None, Some(big), _) => Data::Big(big),
                (None, None, Some(float)) => Data::Float(float),
                (None, None, None) => Data::Text(number.to_string()),
            },
            Value::String(text) => Data::Text(text),
            Value::Array(items) => Data::List(items.into_iter().map(Self::of_json).collect()),
            Value::Object(map) => Data::Map(map.into_iter().map(|(key, value)| (key, Self::of_json(value))).collect()),
        }
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// A phrase, for numbers that JSON cannot hold.
    pub fn to_json(&self) -> Result<serde_json::Value, String> {
        use serde_json::Value;
        Ok(match self {
            Data::Null => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Int(int) => Value::from(*int),
            Data::Big(big) => Value::from(*big),
            Data::Float(float) => serde_json::Number::from_f64(*float)
                .map(Value::Number)
                .ok_or("JSON holds no infinite number and no NaN; use `find` and `with` to write one")?,
            Data::Text(text) => Value::from(text.as_str()),
            Data::Date(date) => Value::from(date.to_string()),
            Data::List(items) => Value::Array(items.iter().map(Self::to_json).collect::<Result<_, _>>()?),
            Data::Map(map) => Value::Object(
                map.iter().map(|(key, value)| Ok((key.clone(), value.to_json()?))).collect::<Result<_, String>>()?,
            ),
        })
    }

    /// Reads a TOML document.
    ///
    /// # Errors
    /// What the parser says.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let table: toml::Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        Ok(Self::of_toml(toml::Value::Table(table)))
    }

    fn of_toml(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Data::Text(text),
            toml::Value::Integer(int) => Data::Int(int),
            toml::Value::Float(float) => Data::Float(float),
            toml::Value::Boolean(flag) => Data::Bool(flag),
            toml::Value::Datetime(date) => Data::Date(date),
            toml::Value::Array(items) => Data::List(items.into_iter().map(Self::of_toml).collect()),
            toml::Value::Table(map) => Data::Map(map.into_iter().map(|(key, value)| (key, Self::of_toml(value))).collect()),
        }
    }

    /// The value as TOML.
    ///
    /// # Errors
    /// A phrase, for what TOML cannot hold.
    pub fn to_toml(&self) -> Result<toml::Value, String> {
        Ok(match self {
            Data::Null => return Err("TOML has no null".to_owned()),
            Data::Bool(flag) => toml::Value::Boolean(*flag),
            Data::Int(int) => toml::Value::Integer(*int),
            Data::Big(big) => return Err(format!("TOML holds no whole number as large as {big}")),
            Data::Float(float) => toml::Value::Float(*float),
            Data::Text(text) => toml::Value::String(text.clone()),
            Data::Date(date) => toml::Value::Datetime(*date),
            Data::List(items) => toml::Value::Array(items.iter().map(Self::to_toml).collect::<Result<_, _>>()?),
            Data::Map(map) => toml::Value::Table(
                map.iter().map(|(key, value)| Ok((key.clone(), value.to_toml()?))).collect::<Result<_, String>>()?,
            ),
        })
    }

    /// The value at a pointer.
    ///
    /// # Errors
    /// A phrase that names the first step that leads nowhere.
    pub fn at(&mut self, pointer: &Pointer) -> Result<&mut Data, String> {
        let mut here = self;
        for step in pointer.steps() {
            here = here.child(&step).ok_or_else(|| format!("`{pointer}` leads nowhere: there is no `{step}`"))?;
        }
        Ok(here)
    }

    fn child(&mut self, step: &str) -> Option<&mut Data> {
        match self {
            Data::List(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            Data::Map(map) => map.get_mut(step),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Big(_) | Data::Float(_) | Data::Text(_) | Data::Date(_) => {
                None
            }
        }
    }
}

impl Read for Data {
    /// Any TOML value.
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let wrong = |wanted: &str| vec![raw.wrong_type(wanted)];
        match raw.get() {
            DeValue::String(text) => Ok(Data::Text(text.to_string())),
            DeValue::Integer(int) => i64::from_str_radix(int.as_str(), int.radix())
                .map(Data::Int)
                .map_err(|_| wrong("a whole number within 64 bits")),
            DeValue::Float(float) => float.as_str().parse().map(Data::Float).map_err(|_| wrong("a number")),
            DeValue::Boolean(flag) => Ok(Data::Bool(*flag)),
            DeValue::Datetime(date) => Ok(Data::Date(*date)),
            DeValue::Array(items) => {
                items.iter().map(|value| Data::read(Raw { value, ..raw })).collect::<Result<_, _>>().map(Data::List)
            }
            DeValue::Table(table) => table
                .iter()
                .map(|(key, value)| Ok((key.get_ref().to_string(), Data::read(Raw { value, ..raw })?)))
                .collect::<Result<_, _>>()
                .map(Data::Map),
        }
    }

    fn kind() -> Kind {
        Kind::Any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_keep_their_types() {
        let json = br#"{"a":[1,1.5,18446744073709551615,null,true,"x"]}"#;
        let data = Data::from_json(json).expect("JSON");
        assert_eq!(data.to_json().expect("JSON").to_string().as_bytes(), json);
        assert!(data.to_toml().is_err_and(|e| e.contains("null") || e.contains("large")));
        let toml = "day = 2020-01-31\nn = 1\n";
        let data = Data::from_toml(toml).expect("TOML");
        assert_eq!(toml::to_string(&data.to_toml().expect("TOML")).expect("text"), toml);
    }

    #[test]
    fn a_pointer_that_leads_nowhere_names_its_step() {
        let mut data = Data::from_json(br#"{"a":[{"b":1}]}"#).expect("JSON");
        let mut at = |text| data.at(&Pointer::parse(text).expect("pointer")).cloned();
        assert_eq!(at("/a/0/b"), Ok(Data::Int(1)));
        assert!(at("/a/1/b").is_err_and(|e| e.contains("no `1`")));
        assert!(at("/a/0/b/c").is_err_and(|e| e.contains("no `c`")));
    }
}
