//! The signature files of `gatekeeper triage`: those inside the binary, and those that the configuration names.
//!
//! In: a repository, perhaps with a `gatekeeper.toml`. Out: packs of signatures, or every problem at once. They take no part in a
//! verdict, so they are not in its digest of definitions.

use super::builtin::Packs;
use super::config::{self, FILE};
use super::document::{Parsed, SIGNATURES};
use super::files::{Files, Origin, Unread};
use super::{Loaded, sort};
use crate::definition::{KeyDoc, Keys, Scope, describe};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::RelPath;
use crate::signature::{self, Pack};
use crate::source::SourceMap;
use crate::workspace::Workspace;
use std::collections::BTreeMap;

/// Where the packs of this binary lie.
const FOLDER: &str = "policies/triage";

/// Signatures, and what is wrong with their files.
pub struct Signatures {
    /// The packs; those of this binary first. Empty if a problem is an error.
    pub packs: Vec<Pack>,
    /// Every problem, by file and position.
    pub problems: Vec<Diagnostic>,
    /// The files, for showing the problems.
    pub sources: SourceMap,
}

/// Reads the signatures for this repository.
pub fn signatures(workspace: &dyn Workspace) -> Signatures {
    let mut files = Files::new(workspace, Packs::embedded());
    let mut packs = gather(&mut files);
    refuse_twins(&packs, &mut files.problems);
    let mut problems = std::mem::take(&mut files.problems);
    sort(&mut problems, &files.sources);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        packs.clear();
    }
    Signatures { packs, problems, sources: files.sources }
}

/// Adds the problems of signature files to those of a load. What both saw in the configuration is told once.
pub fn lint_signatures(workspace: &dyn Workspace, loaded: &mut Loaded) {
    let mut files = Files::new(workspace, Packs::embedded());
    files.sources = std::mem::take(&mut loaded.sources);
    let packs = gather(&mut files);
    refuse_twins(&packs, &mut files.problems);
    loaded.problems.append(&mut files.problems);
    sort(&mut loaded.problems, &files.sources);
    loaded.sources = files.sources;
}

fn gather(files: &mut Files<'_>) -> Vec<Pack> {
    let folder = RelPath::parse(FOLDER).expect("a sound path");
    let mut paths: Vec<(Origin, RelPath)> = Vec::new();
    let builtin = files.tables_in(Origin::Builtin, &folder).unwrap_or_default();
    paths.extend(builtin.into_iter().map(|path| (Origin::Builtin, path)));
    paths.extend(own(files).into_iter().map(|path| (Origin::Repository, path)));
    let mut packs = Vec::new();
    for (origin, path) in paths {
        let Some(definition) = files.demand(origin, &path, None) else { continue };
        let Some(parsed) = Parsed::new(&definition, SIGNATURES, &mut files.problems) else { continue };
        let scope = Scope::default();
        packs.extend(parsed.read(&scope, &mut files.problems, |keys| read(keys, Some(path.stem()))));
    }
    packs
}

fn read(keys: &mut Keys<'_>, stem: Option<&str>) -> Option<Pack> {
    SIGNATURES.read(keys);
    signature::pack(keys, stem)
}

/// What a signature file can hold, for schemas and docs.
pub(super) fn keys() -> Vec<KeyDoc> {
    describe(|keys| drop(read(keys, None)))
}

/// The files that the configuration names. Without a configuration there are none.
fn own(files: &mut Files<'_>) -> Vec<RelPath> {
    let path = RelPath::parse(FILE).expect("a sound path");
    let definition = match files.open(Origin::Repository, &path) {
        Ok(definition) => definition,
        Err(Unread::Missing) => return Vec::new(),
        Err(Unread::Refused(phrase)) => {
            files.problems.push(Diagnostic::error(Code::UNREADABLE, format!("`{path}` {phrase}")));
            return Vec::new();
        }
    };
    let Some(config) = config::read(files, &definition) else { return Vec::new() };
    let mut found = Vec::new();
    for (pattern, at) in &config.signatures {
        let phrase = match files.matching(pattern) {
            Ok(paths) if paths.is_empty() => "matches no file".to_owned(),
            Ok(paths) => {
                found.extend(paths);
                continue;
            }
            Err(phrase) => phrase,
        };
        files.problems.push(Diagnostic::error(Code::UNREADABLE, format!("`{pattern}` {phrase}")).label(at.clone(), ""));
    }
    found.sort();
    found.dedup();
    found
}

fn refuse_twins(packs: &[Pack], problems: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    for signature in packs.iter().flat_map(|pack| &pack.signatures) {
        if let Some(at) = first.get(&signature.id) {
            let headline = format!("two signatures are called `{}`", signature.id);
            let problem = Diagnostic::error(Code::DUPLICATE_ID, headline).label(signature.at.clone(), "this one");
            problems.push(problem.label(crate::source::Span::clone(at), "and this one"));
        } else {
            first.insert(&signature.id, signature.at.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;
    use crate::workspace::Memory;

    const OWN: &str = "schema = 'gatekeeper.signatures/1'\nid = 'own'\ntitle = 'Ours'\n";
    const CONFIG: &str = "schema = 'gatekeeper.config/1'\nextends = 'builtin:full-suite'\nsignatures = ['triage/*.toml']\n";

    fn told(own: &str) -> (usize, Vec<String>) {
        let workspace =
            Memory::at(Instant::UNIX_EPOCH).file("repo:gatekeeper.toml", CONFIG).file("repo:triage/own.toml", own);
        let loaded = signatures(&workspace);
        let problems = loaded.problems.iter().map(|problem| format!("{}: {}", problem.code.name, problem.headline));
        (loaded.packs.len(), problems.collect())
    }

    fn own(signature: &str) -> Vec<String> {
        let (packs, problems) = told(&format!("{OWN}[[signature]]\n{signature}\n"));
        assert_eq!(packs, 0);
        problems
    }

    #[test]
    fn packs_of_a_repository_stand_beside_those_of_the_binary() {
        let row =
            "[[signature]]\nid = 'own_row'\ntitle = 'T'\nreplay = ['make']\nremediation = ['Mend.']\n[[signature.target]]";
        assert_eq!(told(&format!("{OWN}{row}")), (2, Vec::new()));
        let (packs, problems) = told(&format!("{OWN}{row}\n{row}"));
        assert_eq!((packs, problems), (0, vec!["duplicate-id: two signatures are called `own_row`".to_owned()]));
    }

    #[test]
    fn every_problem_of_a_file_is_told() {
        let rest = "title = 'T'\nreplay = ['make']\nremediation = ['Mend.']";
        assert_eq!(
            own(&format!("id = 'a'\n{rest}")),
            ["vacuous: nothing matches a signature without `gate`, `target`, `log` or `artifact`"]
        );
        assert_eq!(
            own(&format!("id = 'a'\n{rest}\ngaet = 'b'\n[[signature.log]]\npatern = 'a'")),
            ["unknown-key: the key `gaet` is unknown here", "unknown-key: the key `patern` is unknown here"]
        );
        let problems = own(&format!("id = 'a'\n{rest}\n[[signature.artifact]]\npath = 'repo:a.json'\nwhen = 'dco.x == 1'"));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("expression: `when`: "), "{problems:?}");
        let problems = own(&format!("id = 'a'\n{rest}\n[[signature.artifact]]\npath = 'a.json'"));
        assert_eq!(problems.len(), 2, "{problems:?}");
        let path = "id = 'a'\ntitle = 'T'\nreplay = ['cat {path}']\nremediation = ['Mend.']\n[[signature.target]]";
        assert!(own(path)[0].starts_with("vacuous: `replay`: no match"), "{:?}", own(path));
        assert_eq!(told(OWN).1, ["vacuous: `signature`: a pack without signatures finds nothing"]);
        assert_eq!(
            told("schema = 'gatekeeper.signatures/2'").1,
            ["newer-schema: this signatures file is written for a newer gatekeeper"]
        );
    }

    #[test]
    fn the_packs_of_the_binary_are_sound() {
        let loaded = signatures(&Memory::at(Instant::UNIX_EPOCH));
        assert_eq!(loaded.problems, []);
        assert!(loaded.packs.iter().any(|pack| pack.id.as_str() == "full-suite" && pack.signatures.len() >= 16));
    }
}
