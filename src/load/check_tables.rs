//! One `[[check]]` table: what every check has, then what its kind asks for, from the same table.

use crate::definition::{KeyDoc, Keys, Kind, Raw, Refusal, Stricter, describe};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::gate::{CheckKind, DefinedCheck, Registry, Shards};
use crate::source::Span;

/// The keys that every check has beside `kind`: `expect`, `finding`, `next`, `shards`.
fn common(keys: &mut Keys<'_>) -> (Option<String>, Option<String>, Option<String>, Option<Shards>) {
    keys.stricter(&[
        ("kind", Stricter::Unclear),
        ("expect", Stricter::Prose),
        ("finding", Stricter::Unclear),
        ("next", Stricter::Prose),
        ("shards", Stricter::Unclear),
    ]);
    let expect = keys.optional("expect", "The fact, in the author's words: what a finding shows as expected.");
    let kebab = |raw: Raw<'_>| {
        let name = raw.string("a name in kebab-case").map_err(|refusal| vec![refusal])?;
        let sound = name
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        if sound { Ok(name.to_owned()) } else { Err(vec![Refusal::new(format!("`{name}` is not in kebab-case"))]) }
    };
    let form = Kind::Pattern("^[a-z0-9]+(-[a-z0-9]+)*$", "a name in kebab-case: `empty-dimension`");
    let finding =
        keys.custom("finding", false, form, "The stable kind of its findings, by which others refer to them.", kebab);
    let next = keys.optional("next", "What to do about a finding of this check.");
    let given = keys.span("shards") != keys.here();
    let shards = keys.optional::<Shards>(
        "shards",
        "How it takes a run that is in shards: `each` of them as if it were the run (this is the default), or all `together`, \
         which then needs evidence with `pick = \"all\"`.",
    );
    // A word that was refused must not become the default.
    let shards = if given { shards } else { Some(Shards::Each) };
    (expect, finding, next, shards)
}

/// Reads one check.
pub(super) fn read(keys: &mut Keys<'_>, registry: &Registry) -> Option<DefinedCheck> {
    let known: Vec<&'static str> = registry.checks.iter().map(|kind| kind.id).collect();
    let read = |raw: Raw<'_>| {
        let given = raw.string("the name of a check kind").map_err(|refusal| vec![refusal])?;
        registry.checks.iter().copied().find(|kind| kind.id == given).ok_or_else(|| {
            let refusal = Refusal::new(format!("this gatekeeper has no check kind `{given}`")).code(Code::UNKNOWN_KIND);
            vec![refusal.help(did_you_mean(given, known.iter().copied()))]
        })
    };
    let kind = keys.custom("kind", true, Kind::Choice(known.clone()), "The fact that the check asserts.", read);
    let (expect, finding, next, shards) = common(keys);
    let Some(kind) = kind else {
        keys.leave_rest();
        return None;
    };
    let check = (kind.parse)(keys)?;
    let at = keys.here()?;
    for caution in check.cautions() {
        let span = caution.range.map_or(at.clone(), |range| Span::new(at.source, range));
        let mut warning = Diagnostic::warning(caution.code, caution.message).label(span, "");
        warning.help = caution.help;
        keys.report(warning);
    }
    let expect = expect.unwrap_or_else(|| kind.about.to_owned());
    Some(DefinedCheck { kind, expect, finding, next, shards: shards?, check, at, stated: keys.stated() })
}

/// The keys of one check kind's table, those that every check has among them.
pub(super) fn keys(kind: &CheckKind) -> Vec<KeyDoc> {
    describe(|keys| {
        keys.describe_key("kind", true, Kind::Choice(vec![kind.id]), "The fact that the check asserts.");
        common(keys);
        (kind.parse)(keys);
    })
}
