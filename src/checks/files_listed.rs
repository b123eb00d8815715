//! Asserts that every file of a listing is named by an index: what an index leaves out can be exchanged without anybody noticing.
//!
//! `listing` is read with `format = "listing"`, `in` leads to the paths that the index names; a list stands for its items. Paths of both are
//! compared below their base (`run:`, `repo:`), so `./logs/a.log` names `logs/a.log`; with `below`, the paths of the index start from
//! that directory. Files in `except` need not be named: the index itself; nor those of `unlisted`. That what is named is there is the matter of `digests-match`.
//!
//! ```toml
//! [evidence.manifest]
//! path = "run:manifest.json"
//! [evidence.files]
//! path = "run:**"
//! format = "listing"
//!
//! [[check]]
//! kind = "files-listed"
//! listing = "files"
//! in = "manifest.files[*].path"
//! except = ["manifest.json"]
//!
//! [[check]]
//! kind = "files-listed"
//! listing = "files"
//! in = ["manifest.files[*].path"]
//! below = "results"
//! except = ["manifest.json"]
//! ```
//!
//! With `read_by` in place of `in`, `listing` is evidence of files (`pick = "all"`), and each of them must be among the files of the evidence named
//! there: so that a report which nobody judges does not lie beside those that somebody does.
//!
//! ```toml
//! [evidence.found]
//! path = "repo:**/*"
//! pick = "all"
//! format = "test-report"
//! exclude = ["repo:tests/fixtures/**"]
//! [evidence.reports]
//! path = "repo:build/*.xml"
//! pick = "all"
//! format = "test-report"
//!
//! [[check]]
//! kind = "files-listed"
//! listing = "found"
//! read_by = ["reports"]
//! ```
//!
//! Findings: `unlisted-file`, each at the file; `wrong-type`, `blank`, `unsafe-path` (a path of the index that leaves its base).
//! Errors: the listing holds no file but those excepted, or is no listing.

use super::tally::Tally;
use super::values::{Given, Places, admit, members, whole};
use crate::definition::{Keys, Stricter};
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Admitted, Check, CheckKind, Declared, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Gap, GapKind, Outcome, RelPath, Where};
use std::collections::BTreeSet;

/// The kind `files-listed`.
pub static FILES_LISTED: CheckKind = CheckKind {
    id: "files-listed",
    about: "every file of a listing is named by an index",
    docs: include_str!("files_listed.rs"),
    parse,
};

struct FilesListed {
    listing: EvidenceId,
    places: Places,
    /// Evidence whose files need not be named: somebody judges them.
    read_by: Vec<EvidenceId>,
    below: Option<RelPath>,
    except: Vec<RelPath>,
    unlisted: Option<Given<Vec<String>>>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("listing", Stricter::Unclear),
        ("in", Stricter::Unclear),
        ("read_by", Stricter::Unclear),
        ("below", Stricter::Unclear),
        ("except", Stricter::Unclear),
        ("unlisted", Stricter::Unclear),
    ]);
    let listing = keys.required(
        "listing",
        "The evidence that lists the files, read with `format = \"listing\"`; with `read_by`, evidence of files.",
    );
    let places = keys.optional::<Places>("in", "The places of the paths that the index names.");
    let doc = "In place of `in`: the evidence among whose files each file must be.";
    let read_by = keys.optional::<Vec<EvidenceId>>("read_by", doc);
    let given = |keys: &Keys<'_>, key| keys.span(key) != keys.here();
    let below = keys.optional("below", "The directory from which the paths of the index start; the base if not given.");
    let except = keys.optional("except", "Files of the listing that need not be named.");
    let doc =
        "More of them: names, or a parameter of the policy; one that ends with `/` is a directory with all that is in it.";
    let unlisted = keys.optional::<Given<Vec<String>>>("unlisted", doc);
    // A narrowing that was named and refused must not be left out.
    let refused = (given(keys, "below") && below.is_none())
        || (given(keys, "except") && except.is_none())
        || (given(keys, "unlisted") && unlisted.is_none());
    if given(keys, "in") == given(keys, "read_by") {
        let problem = Diagnostic::error(
            Code::MISSING_KEY,
            "a file is named at `in`, or judged by evidence of `read_by`: give one of them",
        );
        keys.here().into_iter().for_each(|here| keys.report(problem.clone().label(here, "named by what?")));
        return None;
    }
    if places.is_none() && read_by.as_ref().is_none_or(Vec::is_empty) {
        return None;
    }
    let (places, read_by) = (places.unwrap_or(Places(Vec::new())), read_by.unwrap_or_default());
    let check = FilesListed { listing: listing?, places, read_by, below, except: except.unwrap_or_default(), unlisted };
    (!refused).then_some(Box::new(check))
}

impl FilesListed {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let ids = std::iter::once(&self.listing).chain(self.places.0.iter().map(|place| &place.evidence));
        let ids = ids.chain(&self.read_by);
        admit(evidence, ids)?;
        let unlisted =
            self.unlisted.as_ref().map(|names| names.any_texts(evidence.context)).transpose()?.unwrap_or_default();
        let spared = |file: &RelPath| {
            let is =
                |name: &String| if name.ends_with('/') { file.as_str().starts_with(name) } else { file.as_str() == name };
            self.except.contains(file) || unlisted.iter().any(is)
        };
        let (mut tally, mut named) = (Tally::default(), BTreeSet::new());
        for way in members(evidence, &self.places.0)? {
            let Some(value) = tally.value(way) else { continue };
            let Some(text) = value.text("the path of a file", &mut tally) else { continue };
            match RelPath::parse(text) {
                Ok(path) => {
                    named.insert(self.below.as_ref().map_or_else(|| path.clone(), |below| below.join(&path)));
                }
                Err(_) => {
                    let finding = Finding::new("unsafe-path", "a path below its base", super::values::shown(value.node));
                    tally.find(finding.at(value.at));
                }
            }
        }
        if !self.read_by.is_empty() {
            return self.judge_files(evidence, tally);
        }
        for artifact in evidence.artifacts(&self.listing)? {
            let Ok(Content::Listing(files)) = &artifact.content else {
                let at = Where::file(&artifact.path.shown);
                let expected = "a listing (read it with `format = \"listing\"`)";
                tally.gap(Gap::new(GapKind::Invalid, at, expected, "something else"));
                continue;
            };
            for file in files.iter().filter(|file| !spared(file)) {
                tally.examined();
                if !named.contains(file) {
                    let expected = format!("a file that is named at {}", self.places);
                    let message = format!("`{file}` is not listed at {}", self.places);
                    let finding = Finding::new("unlisted-file", expected, "a file that is not").saying(message);
                    tally.find(finding.at(Where::file(file.as_str())));
                }
            }
        }
        Ok(tally.finish(|| (format!("files of `{}`", self.listing), Where::file(self.listing.to_string()))))
    }
}

impl FilesListed {
    /// Of files that are evidence themselves.
    fn judge_files(&self, evidence: &Admitted<'_>, mut tally: Tally) -> Result<Outcome, Refused> {
        let mut read = BTreeSet::new();
        for id in &self.read_by {
            read.extend(evidence.artifacts(id)?.into_iter().map(|artifact| (artifact.path.base, &artifact.path.rel)));
        }
        for artifact in evidence.artifacts(&self.listing)? {
            if self.except.contains(&artifact.path.rel) {
                continue;
            }
            tally.examined();
            if !read.contains(&(artifact.path.base, &artifact.path.rel)) {
                let by: Vec<String> = self.read_by.iter().map(|id| format!("`{id}`")).collect();
                let expected = format!("a file that {} reads", by.join(", "));
                let message = format!("`{}` is read by nothing: {} must read it", artifact.path.rel, by.join(", "));
                let finding = Finding::new("unlisted-file", expected, "a file that nothing judges").saying(message);
                tally.find(finding.at(Where::file(&artifact.path.shown)));
            }
        }
        Ok(tally.finish(|| (format!("files of `{}`", self.listing), Where::file(self.listing.to_string()))))
    }
}

impl Check for FilesListed {
    fn parameters(&self) -> Vec<String> {
        self.unlisted.as_ref().and_then(Given::parameter).into_iter().collect()
    }

    fn declares(&self) -> Vec<Declared> {
        super::values::declared(&self.places.0)
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = whole(self.places.0.iter());
        reads.push((self.listing.clone(), Use::Whole));
        reads.extend(self.read_by.iter().map(|id| (id.clone(), Use::Whole)));
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, refused};
    use crate::model::GapKind;

    fn bench(keys: &str, index: &str) -> Bench {
        let check = format!("kind = 'files-listed'\nlisting = 'l'\nin = 'm.files[*].path'\n{keys}");
        Bench::new(&check).json("m", index)
    }

    #[test]
    fn a_file_that_is_left_out_is_named() {
        let index = r#"{"files": [{"path": "a.log"}, {"path": "./b/c.log"}, {"path": "gone.log"}]}"#;
        assert_eq!(bench("", index).listing("l", &["a.log", "b/c.log"]).told(), ["pass 2"]);
        let told = bench("except = ['m.json']", index).listing("l", &["a.log", "b/d.log", "m.json"]).told();
        assert_eq!(told, ["unlisted-file b/d.log: a file that is named at `m.files[*].path` | a file that is not"]);
        let below = r#"{"files": [{"path": "c.log"}]}"#;
        assert_eq!(bench("below = 'b'", below).listing("l", &["b/c.log"]).told(), ["pass 1"]);
    }

    #[test]
    fn a_parameter_spares_files_and_directories() {
        let index = r#"{"files": [{"path": "a.log"}]}"#;
        let told = |spared: &str| {
            bench("unlisted = 'policy.spared'", index)
                .parameter("spared", spared)
                .listing("l", &["a.log", "b/c.log", "d"])
                .told()
        };
        assert_eq!(told(r#"["b/", "d"]"#), ["pass 1"]);
        assert_eq!((told("[]").len(), told(r#"["b", "d"]"#).len()), (2, 1));
    }

    #[test]
    fn paths_that_name_no_file_are_findings() {
        let told = bench("", r#"{"files": [{"path": "../a"}, {"path": ""}, {"path": 3}, {}]}"#).listing("l", &["a"]).told();
        let words: Vec<&str> = told.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(words, ["unsafe-path", "blank", "wrong-type", "missing-field", "unlisted-file"]);
    }

    #[test]
    fn a_file_that_no_evidence_reads_is_named() {
        let check = "kind = 'files-listed'\nlisting = 'l'\nread_by = ['a', 'b']";
        let bench = || Bench::new(check).json("l", "{}").json("a", "{}").json("b", "{}");
        // The bench calls the file of `l` as no other evidence calls one.
        let told = bench().told();
        assert_eq!(told, ["unlisted-file l.json: a file that `a`, `b` reads | a file that nothing judges"]);
        assert_eq!(bench().gap("a", GapKind::Missing).told(), ["error missing a: a file | nothing"]);
        let own = Bench::new("kind = 'files-listed'\nlisting = 'l'\nread_by = ['l']").json("l", "{}");
        assert_eq!(own.told(), ["pass 1"]);
        for wrong in ["", "in = 'm.files'\nread_by = ['l']", "read_by = []"] {
            assert!(!refused(&format!("kind = 'files-listed'\nlisting = 'l'\n{wrong}"), &["l", "m"]).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn no_listing_is_an_error() {
        let index = r#"{"files": []}"#;
        let excepted = bench("except = ['m.json']", index).listing("l", &["m.json"]).told();
        assert_eq!(excepted, ["error empty l: files of `l` | nothing to examine"]);
        assert!(bench("", index).text("l", "a.log").told()[0].starts_with("error invalid l.txt: a listing"));
        assert_eq!(bench("", index).gap("l", GapKind::Missing).told(), ["error missing l: a file | nothing"]);
        let bad = refused("kind = 'files-listed'\nlisting = 'l'\nin = 'm.a'\nbelow = '../x'", &["l", "m"]);
        assert_eq!(bad.len(), 1, "{bad:?}");
    }
}
