//! The values that places lead to, each with where it stands.
//!
//! In: admitted evidence and [`Place`]s. Out: values; a way that ends early becomes a finding with its exact pointer, so that a
//! missing or mistyped field is never skipped. Also the keys that name places: one or several, literal or a parameter.

use super::tally::Tally;
use crate::definition::{Kind, Raw, Read, Refusal};
use crate::expr::At;
use crate::gate::{Admitted, Context, Declared, Doc, Found, Place, Refused, Step, Use};
use crate::model::{EvidenceId, Finding, Gap, GapKind, Gaps, Node, Number, Outcome, Pointer, Quantity, Where};
use std::fmt;

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Value<'a> {
    /// The value.
    pub(super) node: Node<'a>,
    /// Its document and pointer.
    pub(super) at: Where,
}

impl<'a> Value<'a> {
    /// The entry of an object.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let node = self.node.get(key)?;
        Some(Value { node, at: self.at_key(key) })
    }

    /// Where an entry of this object is or should be.
    pub(super) fn at_key(&self, key: &str) -> Where {
        Where { pointer: self.at.pointer.as_ref().map(|pointer| pointer.key(key)), ..self.at.clone() }
    }

    /// Where a value lies that an expression reached from this one, which was bound under `name`.
    pub(super) fn place(&self, at: &At, name: &str) -> Option<Where> {
        (at.binding == name).then(|| Where { pointer: Some(at.pointer.clone()), ..self.at.clone() })
    }

    /// The finding that this value has the wrong type.
    pub(super) fn wrong_type(&self, wanted: &str) -> Finding {
        let message = format!("{} is {}, not {wanted}", self.at.subject(), shown(self.node));
        Finding::new("wrong-type", wanted, shown(self.node)).saying(message).at(self.at.clone())
    }

    /// The text, not blank; anything else is a finding.
    pub(super) fn text(&self, wanted: &str, tally: &mut Tally) -> Option<&'a str> {
        match self.node.text() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                let message = format!("{} is blank: {wanted} is needed", self.at.subject());
                tally.find(Finding::new("blank", wanted, shown(self.node)).saying(message).at(self.at.clone()));
                None
            }
            None => {
                tally.find(self.wrong_type(wanted));
                None
            }
        }
    }
}

/// A value as findings show it.
pub(super) fn shown(node: Node<'_>) -> String {
    node.excerpt(120)
}

/// Every gap of all these needs, else the allowed absence of one of them, as the outcome to return. What a check asks first,
/// so that one need's absence never hides another one's gap.
pub(super) fn admit<'i>(evidence: &Admitted<'_>, ids: impl IntoIterator<Item = &'i EvidenceId>) -> Result<(), Refused> {
    let (mut gaps, mut skipped) = (Vec::new(), None);
    for id in ids {
        match evidence.get(id) {
            Err(Outcome::Error(more)) => {
                gaps.extend(more.into_vec().into_iter().filter(|gap| !gaps.contains(gap)).collect::<Vec<_>>())
            }
            Err(other) => skipped = skipped.or(Some(other)),
            Ok(_) => {}
        }
    }
    match (Gaps::from_vec(gaps), skipped) {
        (Some(gaps), _) => Err(Outcome::Error(gaps)),
        (None, Some(skipped)) => Err(skipped),
        (None, None) => Ok(()),
    }
}

/// What a place leads to: a value, or the finding that the way ended early. [`Tally::value`] keeps the finding in its turn, so
/// that findings stay in document order.
pub(super) type Way<'a> = Result<Value<'a>, Finding>;

/// What a place leads to, in document order, as it is asked for.
///
/// # Errors
/// The outcome to return when the evidence is not admitted.
pub(super) fn values<'a: 'p, 'p>(
    evidence: &Admitted<'a>,
    place: &'p Place,
) -> Result<impl Iterator<Item = Way<'a>> + use<'a, 'p>, Refused> {
    Ok(evidence.documents(&place.evidence)?.into_iter().flat_map(move |doc| values_in(doc, place)))
}

/// What a place leads to in one of its documents.
pub(super) fn values_in<'a: 'p, 'p>(doc: Doc<'a>, place: &'p Place) -> impl Iterator<Item = Way<'a>> + use<'a, 'p> {
    let way = move |found| match found {
        Found::Value(pointer, node) => Ok(Value { node, at: doc.at(pointer) }),
        Found::Absent(pointer) => {
            let at = doc.at(pointer);
            let message = format!("{} is missing", at.subject());
            Err(Finding::new("missing-field", format!("a value at `{place}`"), "nothing").saying(message).at(at))
        }
        Found::Blocked(pointer, actual) => {
            let at = doc.at(pointer);
            let message = format!("{}: a value at `{place}` is needed; found {actual}", at.subject());
            Err(Finding::new("wrong-type", format!("a value at `{place}`"), actual).saying(message).at(at))
        }
    };
    place.find(doc.root).map(way)
}

/// The members that places name: as [`values`], and a list stands for its items.
///
/// # Errors
/// As [`values`], for the first place whose evidence is not admitted.
pub(super) fn members<'a: 'p, 'p>(
    evidence: &Admitted<'a>,
    places: &'p [Place],
) -> Result<impl Iterator<Item = Way<'a>> + use<'a, 'p>, Refused> {
    let all = places.iter().map(|place| values(evidence, place)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().flatten().flat_map(|way| {
        let (value, finding) = way.map_or_else(|finding| (None, Some(Err(finding))), |value| (Some(value), None));
        finding.into_iter().chain(value.into_iter().flat_map(items).map(Ok))
    }))
}

/// The items of a list; any other value is its own only item.
pub(super) fn items(value: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let (node, at) = (value.node, value.at.clone());
    let pointer = at.pointer.clone().unwrap_or_default();
    let alone = (!node.is_list()).then_some(value);
    let item = move |(index, node)| Value { node, at: Where { pointer: Some(pointer.index(index)), ..at.clone() } };
    alone.into_iter().chain(node.items().enumerate().map(item))
}

/// Where a place begins to fan out, in the first document of its evidence: the place to point at when nothing is there.
pub(super) fn head(evidence: &Admitted<'_>, place: &Place) -> Where {
    let pointer =
        place.steps.iter().take_while(|step| !matches!(step, Step::Each | Step::Item)).fold(Pointer::root(), |at, step| {
            match step {
                Step::Key(key) => at.key(key),
                Step::Index(index) => at.index(*index),
                Step::Each | Step::Item => at,
            }
        });
    match evidence.documents(&place.evidence) {
        Ok(documents) => documents[0].at(pointer),
        Err(_) => Where::file(place.evidence.to_string()),
    }
}

/// What places read: each evidence once, whole.
pub(super) fn whole<'p>(places: impl IntoIterator<Item = &'p Place>) -> Vec<(EvidenceId, Use)> {
    let mut reads: Vec<(EvidenceId, Use)> = places.into_iter().map(|place| (place.evidence.clone(), Use::Whole)).collect();
    reads.sort();
    reads.dedup();
    reads
}

/// Places whose values decide; a list counts with its items.
pub(super) fn declared<'p>(places: impl IntoIterator<Item = &'p Place>) -> Vec<Declared> {
    places.into_iter().flat_map(|place| [place.clone(), place.below("*")]).map(Declared::Value).collect()
}

/// These keys of the records at places, or of the items of lists there.
pub(super) fn declared_keys<'p, 'k>(
    places: impl IntoIterator<Item = &'p Place>,
    keys: impl IntoIterator<Item = &'k String> + Clone,
) -> Vec<Declared> {
    let mut found = Vec::new();
    for place in places {
        for key in keys.clone() {
            for at in [place.clone(), place.below("*")] {
                let steps = at.steps.iter().cloned().chain([Step::Key(key.clone())]).collect();
                found.push(Declared::Value(Place { steps, ..at }));
            }
        }
    }
    found
}

/// One place or a list of them.
#[derive(Debug)]
pub(super) struct Places(pub(super) Vec<Place>);

impl Read for Places {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        if raw.get().as_array().is_some() {
            Vec::read(raw).map(Self)
        } else {
            Place::read(raw).map(|place| Self(vec![place]))
        }
    }

    fn kind() -> Kind {
        Kind::Either(vec![Place::kind(), Vec::<Place>::kind()])
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|place| format!("`{place}`")).collect();
        f.write_str(&names.join(", "))
    }
}

/// A literal, or the name of a parameter of the policy that holds it.
#[derive(Debug, Clone)]
pub(super) enum Given<T> {
    /// As written.
    Literal(T),
    /// `policy.<name>`.
    Parameter(String),
}

impl<T> Given<T> {
    /// The parameter's name, if it is one.
    pub(super) fn parameter(&self) -> Option<String> {
        if let Given::Parameter(name) = self { Some(name.clone()) } else { None }
    }
}

impl<T: Read> Read for Given<T> {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        match raw.get().as_str().and_then(|text| text.strip_prefix("policy.")) {
            Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') => {
                Ok(Given::Parameter(name.to_owned()))
            }
            Some(name) => Err(vec![Refusal::new(format!("`policy.{name}` does not name a parameter of the policy"))]),
            None => T::read(raw).map(Given::Literal),
        }
    }

    fn kind() -> Kind {
        Kind::Either(vec![
            T::kind(),
            Kind::Pattern("^policy\\.[A-Za-z0-9_-]+$", "`policy.<name>`, a parameter of the policy"),
        ])
    }
}

/// The value of a parameter.
///
/// # Errors
/// The outcome to return when the policy has no such parameter, or it holds something else than `wanted`.
pub(super) fn parameter<'c, T>(
    context: &'c Context,
    name: &str,
    wanted: &str,
    read: impl FnOnce(Node<'c>) -> Option<T>,
) -> Result<T, Refused> {
    let node = context.parameters.root().get(name);
    node.and_then(read).ok_or_else(|| {
        let at = Where::pointer(format!("policy {}", context.policy.id), Pointer::root().key(name));
        let actual = node.map_or_else(|| "no such parameter".to_owned(), shown);
        Outcome::Error(Gap::new(GapKind::Invalid, at, format!("the parameter `policy.{name}`: {wanted}"), actual).into())
    })
}

impl Given<Number> {
    /// The number.
    ///
    /// # Errors
    /// As [`parameter`].
    pub(super) fn number(&self, context: &Context) -> Result<Number, Refused> {
        match self {
            Given::Literal(number) => Ok(*number),
            Given::Parameter(name) => parameter(context, name, "a number", Node::number),
        }
    }
}

impl Given<Quantity> {
    /// The number with its unit.
    ///
    /// # Errors
    /// As [`parameter`].
    pub(super) fn quantity(&self, context: &Context) -> Result<Quantity, Refused> {
        match self {
            Given::Literal(quantity) => Ok(*quantity),
            Given::Parameter(name) => {
                let read = |node: Node<'_>| node.text().and_then(|text| Quantity::parse(text).ok());
                parameter(context, name, "a number with its unit, like `250 ms`", read)
            }
        }
    }
}

impl Given<Vec<String>> {
    /// The texts, at least one.
    ///
    /// # Errors
    /// As [`parameter`].
    pub(super) fn texts(&self, context: &Context) -> Result<Vec<String>, Refused> {
        self.texts_if(context, "a list of texts, at least one", |texts| !texts.is_empty())
    }

    /// The texts, perhaps none.
    ///
    /// # Errors
    /// As [`parameter`].
    pub(super) fn any_texts(&self, context: &Context) -> Result<Vec<String>, Refused> {
        self.texts_if(context, "a list of texts", |_| true)
    }

    fn texts_if(&self, context: &Context, wanted: &str, accept: fn(&[String]) -> bool) -> Result<Vec<String>, Refused> {
        match self {
            Given::Literal(texts) => Ok(texts.clone()),
            Given::Parameter(name) => parameter(context, name, wanted, |node| {
                let texts: Option<Vec<String>> = node.items().map(|item| item.text().map(str::to_owned)).collect();
                texts.filter(|texts| node.is_list() && accept(texts))
            }),
        }
    }
}
