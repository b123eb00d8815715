//! What `text-requires` and `text-forbids` have in common: patterns, read once, and the texts they are sought in.
//!
//! Patterns are regular expressions, matched in linear time. One that matches the empty text is refused: it is found in any text.

use super::tally::Tally;
use super::values::{Given, parameter};
use crate::definition::{Keys, Kind, Raw, Read, Refusal, Stricter};
use crate::diagnostic::Code;
use crate::gate::{Admitted, Context, Refused};
use crate::model::{Artifact, Content, EvidenceId, Gap, GapKind, Where};
use regex::Regex;

/// A pattern of a definition.
#[derive(Clone)]
pub(super) struct Pattern(pub(super) Regex);

impl Read for Pattern {
    fn read(raw: Raw<'_>) -> Result<Self, Vec<Refusal>> {
        let text = raw.string("a regular expression").map_err(|e| vec![e])?;
        let regex = Regex::new(text).map_err(|error| {
            // The package's message repeats the pattern over several lines; its last line is the fact.
            let message = error.to_string();
            let fact = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            vec![Refusal::new(format!("not a regular expression: {fact}")).code(Code::EXPRESSION)]
        })?;
        if regex.is_match("") {
            let refusal = Refusal::new("the pattern matches the empty text, so it is in any text").code(Code::VACUOUS);
            return Err(vec![refusal]);
        }
        Ok(Self(regex))
    }

    fn kind() -> Kind {
        Kind::Pattern(".", "a regular expression")
    }
}

/// Patterns as written, or those of a parameter of the policy.
pub(super) type Patterns = Given<Vec<Pattern>>;

impl Patterns {
    /// The patterns.
    ///
    /// # Errors
    /// The outcome to return when the parameter holds something else.
    pub(super) fn of(&self, context: &Context) -> Result<Vec<Pattern>, Refused> {
        match self {
            Given::Literal(patterns) => Ok(patterns.clone()),
            Given::Parameter(name) => {
                let wanted = "a list of regular expressions, at least one, none of which matches the empty text";
                parameter(context, name, wanted, |node| {
                    let pattern = |text: &str| Regex::new(text).ok().filter(|regex| !regex.is_match("")).map(Pattern);
                    let patterns: Option<Vec<Pattern>> = node.items().map(|item| pattern(item.text()?)).collect();
                    patterns.filter(|patterns| node.is_list() && !patterns.is_empty())
                })
            }
        }
    }
}

/// The keys of both kinds.
pub(super) fn keys(keys: &mut Keys<'_>, doc: &'static str) -> Option<(EvidenceId, Patterns)> {
    keys.stricter(&[("evidence", Stricter::Unclear), ("patterns", Stricter::More)]);
    let evidence = keys.required("evidence", "The texts.");
    let patterns = keys.required("patterns", doc);
    Some((evidence?, patterns?))
}

/// The texts of the evidence; one that is no text is a gap in the tally, and so is a blank one unless it may be.
///
/// # Errors
/// The outcome to return when the evidence is not admitted.
pub(super) fn texts<'a>(
    evidence: &Admitted<'a>,
    id: &EvidenceId,
    blank: bool,
    tally: &mut Tally,
) -> Result<Vec<(&'a Artifact, &'a str)>, Refused> {
    let mut texts = Vec::new();
    for artifact in evidence.artifacts(id)? {
        let gap = |kind, actual: &str| Gap::new(kind, Where::file(&artifact.path.shown), "text", actual);
        match &artifact.content {
            Ok(Content::Text(text)) if !blank && text.trim().is_empty() => {
                tally.gap(gap(GapKind::Empty, "nothing to examine"))
            }
            Ok(Content::Text(text)) => texts.push((artifact, &**text)),
            Ok(Content::Listing(_)) => tally.gap(gap(GapKind::Invalid, "a listing of names")),
            Ok(other) => {
                tally.gap(gap(GapKind::Invalid, &format!("{} (as text: `format = \"text\"`)", other.what())));
            }
            Err(own) => tally.gap(own.clone()),
        }
    }
    Ok(texts)
}
