//! Asserts that a set has every member that is required; with `exact = true`, that it has no others.
//!
//! `required` is a list of texts, a place in evidence, or `"policy.<name>"`. `by` is one place or several, whose members count
//! together. A place that leads to a list means its items. Members are texts, compared to the letter.
//!
//! ```toml
//! [evidence.contract]
//! path = "repo:docs/contract.json"
//! [evidence.report]
//! path = "repo:docs/report.json"
//!
//! [[check]]
//! kind = "set-covers"
//! required = "contract.required_gates[*].id"
//! by = ["report.gates[*].id"]
//! exact = true
//! ```
//!
//! With `allow_empty = true` nothing need be required: for parameters that are empty in a pack and that a repository fills. The
//! members that are there are then what was examined.
//!
//! Findings: `missing-member` (at the set that lacks it), `extra-member`, `blank`, `wrong-type`, `missing-field`. Errors: nothing is
//! required, because a set that must have no members is covered by anything.

use super::tally::{MOST, Tally};
use super::values::{Given, Places, admit, head, members, whole};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{EvidenceId, Finding, Outcome, Where};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The kind `set-covers`.
pub static SET_COVERS: CheckKind =
    CheckKind { id: "set-covers", about: "a set has every required member", docs: include_str!("set_covers.rs"), parse };

/// Where the required members stand.
enum Required {
    Texts(Given<Vec<String>>),
    Place(Place),
}

impl Read for Required {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let place = raw.get().as_str().is_some_and(|text| !text.starts_with("policy."));
        if place { Place::read(raw).map(Required::Place) } else { Given::read(raw).map(Required::Texts) }
    }

    fn kind() -> Kind {
        Kind::Either(vec![Given::<Vec<String>>::kind(), Place::kind()])
    }
}

struct SetCovers {
    required: Required,
    by: Places,
    exact: bool,
    allow_empty: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    let required =
        keys.required("required", "The members that must be there: texts, a place, or a parameter of the policy.");
    let by = keys.required("by", "The place of the members that are there, or several.");
    let exact = keys.or("exact", false, "Whether there must be no other members.");
    // With `exact` a member more is not stricter: sets that had it failed before, and pass then.
    let required_is = if exact { Stricter::Unclear } else { Stricter::More };
    keys.stricter(&[
        ("required", required_is),
        ("by", Stricter::Unclear),
        ("exact", Stricter::True),
        ("allow_empty", Stricter::False),
    ]);
    let allow_empty = keys.or("allow_empty", false, "Whether nothing may be required.");
    let required = required?;
    if let Required::Texts(Given::Literal(texts)) = &required {
        once_each(keys, "required", texts)?;
    }
    Some(Box::new(SetCovers { required, by: by?, exact, allow_empty }))
}

/// Refuses a list that names a text twice.
pub(super) fn once_each(keys: &mut Keys<'_>, key: &str, texts: &[String]) -> Option<()> {
    match texts.iter().enumerate().find(|(at, text)| texts[..*at].contains(text)) {
        Some((_, twice)) => {
            keys.refuse(key, Refusal::new(format!("`{twice}` is named twice")).code(Code::VACUOUS));
            None
        }
        None => Some(()),
    }
}

impl SetCovers {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        admit(evidence, self.reads().iter().map(|(id, _)| id))?;
        let mut tally = Tally::default();
        let mut wanted = self.wanted(evidence, &mut tally)?;
        // What is there is looked at as it comes, and only what is required is kept.
        let (mut there, mut extra, mut told) = (0, Tally::default(), BTreeSet::new());
        for way in members(evidence, &self.by.0)? {
            let Some(value) = tally.value(way) else { continue };
            let Some(member) = value.text("a text that is not blank", &mut tally) else { continue };
            there += 1;
            let required = wanted.len();
            match wanted.get_mut(member) {
                Some(found) => *found = true,
                // As many names as are reported are told once each.
                None if self.exact && required > 0 && (told.len() > MOST || told.insert(member)) => {
                    let expected = format!("only the {required} that are required");
                    let message = format!("`{member}` is none of the {required} that are required");
                    extra.find(Finding::new("extra-member", expected, format!("`{member}`")).saying(message).at(value.at));
                }
                None => {}
            }
        }
        wanted.values().for_each(|_| tally.examined());
        let sources = self.sources(evidence, &wanted)?;
        for member in lost(&wanted) {
            let expected = match sources.get(member) {
                Some(at) => format!("`{member}`, as {at} requires"),
                None => format!("`{member}`"),
            };
            let actual = format!("not among the {there} at {}", self.by);
            let required = sources.get(member).map_or_else(String::new, |at| format!("; {at} requires it"));
            let message = format!("`{member}` is {actual}{required}");
            let finding = Finding::new("missing-member", expected, actual).saying(message);
            tally.find(finding.at(head(evidence, &self.by.0[0])));
        }
        tally.take(&extra, |at| at);
        if wanted.is_empty() && self.allow_empty {
            (0..there).for_each(|_| tally.examined());
        }
        Ok(tally.finish(|| match &self.required {
            Required::Place(place) => (format!("at least one required member at `{place}`"), head(evidence, place)),
            Required::Texts(_) => ("at least one required member".to_owned(), head(evidence, &self.by.0[0])),
        }))
    }

    /// The required members, none of them found yet.
    fn wanted<'a>(&self, evidence: &Admitted<'a>, tally: &mut Tally) -> Result<BTreeMap<Cow<'a, str>, bool>, Refused> {
        Ok(match &self.required {
            Required::Texts(texts) => {
                let texts =
                    if self.allow_empty { texts.any_texts(evidence.context) } else { texts.texts(evidence.context) };
                texts?.into_iter().map(|text| (Cow::Owned(text), false)).collect()
            }
            Required::Place(place) => {
                let mut wanted = BTreeMap::new();
                for way in members(evidence, std::slice::from_ref(place))? {
                    let Some(value) = tally.value(way) else { continue };
                    if let Some(text) = value.text("a text that is not blank", tally) {
                        wanted.insert(Cow::Borrowed(text), false);
                    }
                }
                wanted
            }
        })
    }

    /// The places that require the members that were not found, as many as are reported. Places are looked for again, because most members
    /// are found and need none.
    fn sources<'w>(
        &self,
        evidence: &Admitted<'_>,
        wanted: &'w BTreeMap<Cow<'_, str>, bool>,
    ) -> Result<BTreeMap<&'w str, Where>, Refused> {
        let told: BTreeSet<&str> = lost(wanted).take(MOST).collect();
        let mut sources = BTreeMap::new();
        if let (Required::Place(place), false) = (&self.required, told.is_empty()) {
            for value in members(evidence, std::slice::from_ref(place))?.filter_map(Result::ok) {
                if let Some(member) = value.node.text().and_then(|text| told.get(text)) {
                    sources.entry(*member).or_insert(value.at);
                }
            }
        }
        Ok(sources)
    }
}

/// The members that were not found.
fn lost<'w>(wanted: &'w BTreeMap<Cow<'_, str>, bool>) -> impl Iterator<Item = &'w str> {
    wanted.iter().filter(|(_, found)| !**found).map(|(member, _)| &**member)
}

impl Check for SetCovers {
    fn declares(&self) -> Vec<Declared> {
        let required = match &self.required {
            Required::Place(place) => Some(place),
            Required::Texts(_) => None,
        };
        super::values::declared(required.into_iter().chain(&self.by.0))
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let required = match &self.required {
            Required::Place(place) => Some(place),
            Required::Texts(_) => None,
        };
        whole(required.into_iter().chain(&self.by.0))
    }

    fn parameters(&self) -> Vec<String> {
        match &self.required {
            Required::Texts(texts) => texts.parameter().into_iter().collect(),
            Required::Place(_) => Vec::new(),
        }
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};

    fn told(required: &str, json: &str) -> Vec<String> {
        Bench::new(&format!("kind = 'set-covers'\nby = 'r.ids'\n{required}"))
            .json("r", json)
            .json("c", r#"{"must": [{"id": "a"}, {"id": "b"}], "none": []}"#)
            .parameter("must", r#"["a", "b"]"#)
            .told()
    }

    #[test]
    fn every_source_of_required_members_works() {
        for required in ["required = ['a', 'b']", "required = 'policy.must'", "required = 'c.must[*].id'"] {
            assert_eq!(told(required, r#"{"ids": ["b", "c", "a"]}"#), ["pass 2"], "{required}");
        }
        assert_eq!(
            told("required = 'c.must[*].id'", r#"{"ids": ["a"]}"#),
            ["missing-member r.json#/ids: `b`, as c.json#/must/1/id requires | not among the 1 at `r.ids`"]
        );
    }

    #[test]
    fn missing_and_extra_members_are_named() {
        assert_eq!(
            told("required = ['a', 'b']\nexact = true", r#"{"ids": ["a", "c"]}"#),
            [
                "missing-member r.json#/ids: `b` | not among the 2 at `r.ids`",
                "extra-member r.json#/ids/1: only the 2 that are required | `c`"
            ]
        );
        assert_eq!(
            told("required = ['a']", r#"{"ids": []}"#),
            ["missing-member r.json#/ids: `a` | not among the 0 at `r.ids`"]
        );
        assert_eq!(
            told("required = ['a']", r#"{"ids": ["a", 1, ""]}"#),
            [
                "wrong-type r.json#/ids/1: a text that is not blank | 1",
                r#"blank r.json#/ids/2: a text that is not blank | """#
            ]
        );
    }

    #[test]
    fn nothing_may_be_required_where_that_is_said() {
        let told = |json: &str| {
            Bench::new("kind = 'set-covers'\nby = 'r.ids'\nrequired = 'policy.own'\nallow_empty = true")
                .json("r", json)
                .parameter("own", "[]")
                .told()
        };
        assert_eq!(told(r#"{"ids": ["a", "c"]}"#), ["pass 2"]);
        assert_eq!(told(r#"{"ids": []}"#), ["error empty r.json#/ids: at least one required member | nothing to examine"]);
    }

    #[test]
    fn requiring_nothing_is_an_error() {
        assert_eq!(
            told("required = 'c.none'\nexact = true", r#"{"ids": ["a"]}"#),
            ["error empty c.json#/none: at least one required member at `c.none` | nothing to examine"]
        );
        assert_eq!(
            told("required = 'policy.mist'", r#"{"ids": ["a"]}"#),
            [
                "error invalid policy bench#/mist: the parameter `policy.mist`: a list of texts, at least one | no such parameter"
            ]
        );
        let check = |required: &str| refused(&format!("kind = 'set-covers'\nby = 'r.ids'\n{required}"), &["r"]);
        assert_eq!(check("required = []"), ["wrong-type: `required`: must not be empty"]);
        assert_eq!(check("required = ['a', 'a']"), ["vacuous: `required`: `a` is named twice"]);
        assert_eq!(check("required = 'x.ids'"), ["unknown-evidence: `required`: the gate declares no evidence `x`"]);
    }
}
