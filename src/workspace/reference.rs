//! Which commit a name stands for: one answer, or none.
//!
//! In: a repository, and a name as an operator writes it (`main`, `origin/main~2`, digits, `refs/tags/v1`). Out: an object, or the phrase why
//! the name is refused. git takes the first of several references that answer to a short name, and a tag before a branch; whoever may
//! push any reference would then choose what is judged by. So a name that more than one thing answers to is refused here, and so is one that
//! only this clone can answer: its log of where a branch was (`main@{1}`, `@{-1}`, `main@{yesterday}`) and its settings (`@{upstream}`).

use super::git::phrase;
use git2::{ErrorCode, Object, Oid, Reference, Repository};

/// Digits from which on a name reads as those of a commit: git's own shortest abbreviation.
const DIGITS: usize = 7;
/// Digits of a whole id.
const WHOLE: usize = 40;

const UNKNOWN: &str = "git knows no such commit, branch or tag here";
const LOCAL: &str = "`@{...}` asks for what this clone did or was set up with, which no other clone answers alike; write a branch, a tag, or 40 digits, with `~2` or `^` behind it";

/// The object that a name stands for.
///
/// # Errors
/// A phrase: nothing answers to the name, or more than one thing does.
pub(super) fn resolve<'r>(repository: &'r Repository, name: &str) -> Result<Object<'r>, String> {
    let (base, steps) = split(name);
    if steps.contains("@{") {
        return Err(LOCAL.to_owned());
    }
    let start = start(repository, base)?;
    let found = repository.revparse_single(&format!("{start}{steps}"));
    found.map_err(|error| if error.code() == ErrorCode::NotFound { UNKNOWN.to_owned() } else { phrase(error) })
}

/// The part that names something, and the steps from there: `~2`, `^`, `^{commit}`, and `@{1}`, which is refused.
fn split(name: &str) -> (&str, &str) {
    let at = |end: &str| name.find(end);
    let end = [at("~"), at("^"), at("@{"), at(":")].into_iter().flatten().min().unwrap_or(name.len());
    name.split_at(end)
}

/// The full name of the one reference that answers, or the whole id of the one commit.
fn start(repository: &Repository, base: &str) -> Result<String, String> {
    let base = if base == "@" { "HEAD" } else { base };
    if is_hex(base) && base.len() >= WHOLE {
        // Nobody can make another object with these digits; a reference of that name is nothing to us.
        return match Oid::from_str(base).ok().filter(|_| base.len() == WHOLE) {
            Some(id) if exists(repository, id, WHOLE)?.is_some() => Ok(id.to_string()),
            Some(_) | None => Err(UNKNOWN.to_owned()),
        };
    }
    let references = answering(repository, base)?;
    let digits = digits(base).filter(|_| !base.starts_with("refs/"));
    let object = match digits {
        Some(digits) => abbreviated(repository, digits)?,
        None => None,
    };
    if let Some(digits) = digits.filter(|digits| !references.is_empty() && digits.len() >= DIGITS) {
        let names = references.join("`, `");
        return Err(format!(
            "it reads as the commit `{digits}`, and `{names}` answers to it too; write the whole name, or 40 digits"
        ));
    }
    match (&*references, object) {
        ([], Some(id)) => Ok(id.to_string()),
        ([one], None) => Ok(one.clone()),
        ([], None) => Err(UNKNOWN.to_owned()),
        (several, object) => {
            let names: Vec<String> = several.iter().cloned().chain(object.map(|id| id.to_string())).collect();
            Err(format!("more than one answers to this name: `{}`; write the whole name, or 40 digits", names.join("`, `")))
        }
    }
}

/// Every reference that git would take for this name, and beside a tag also the remote branches of its name: a tag that is named as a
/// branch elsewhere is not what was meant. A whole name answers for itself alone.
fn answering(repository: &Repository, base: &str) -> Result<Vec<String>, String> {
    let whole = base.starts_with("refs/");
    let rules = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|before| format!("{before}{base}"));
    let asked = if whole {
        vec![base.to_owned()]
    } else {
        rules.into_iter().chain([format!("refs/remotes/{base}/HEAD")]).collect()
    };
    let mut names = Vec::new();
    for name in asked {
        match repository.find_reference(&name) {
            Ok(_) => names.push(name),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {}
            Err(error) => return Err(phrase(error)),
        }
    }
    if !whole && names.contains(&format!("refs/tags/{base}")) {
        let all = repository.references_glob("refs/remotes/*").map_err(phrase)?;
        for reference in all {
            let name = named(&reference.map_err(phrase)?);
            let branch = name.strip_prefix("refs/remotes/").and_then(|own| own.split_once('/')).map(|(_, branch)| branch);
            if branch == Some(base) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

fn named(reference: &Reference<'_>) -> String {
    String::from_utf8_lossy(reference.name_bytes()).into_owned()
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The digits of a commit that a name may be: digits alone, or behind `-g`, as `git describe` writes them.
fn digits(base: &str) -> Option<&str> {
    let described = base.rsplit_once("-g").map(|(_, digits)| digits);
    [Some(base), described].into_iter().flatten().find(|text| is_hex(text) && (4..WHOLE).contains(&text.len()))
}

/// The one object whose id begins with these digits.
fn abbreviated(repository: &Repository, digits: &str) -> Result<Option<Oid>, String> {
    let padded = format!("{digits:0<WHOLE$}");
    exists(repository, Oid::from_str(&padded).map_err(phrase)?, digits.len())
}

fn exists(repository: &Repository, id: Oid, digits: usize) -> Result<Option<Oid>, String> {
    match repository.odb().and_then(|objects| objects.exists_prefix(id, digits)) {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(phrase(error)),
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
