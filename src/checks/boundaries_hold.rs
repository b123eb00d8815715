//! Asserts that the domains of a Rust package keep their boundaries, recomputed from its sources.
//!
//! `manifest` holds `domains` (`id`, `modules`), `deferred` (`module`, `reason`, `bead`) and `banned_pairs` (`from`, `to`, `reason`). Three
//! things must hold: every module of the package is in a domain or deferred; none is in two domains, or in one and deferred; and no module of a
//! pair's `from` names anything of its `to`. A module is written `session::store`, or as its file, `src/session/store.rs`; what is said of a module holds for
//! those inside of it that are not named themselves. The root of a crate is `crate` or its file; it needs a domain only if it holds code.
//! `sources` are all Rust files of the package, read with `format = "rust"`, and `package` is its `Cargo.toml`, which names the crates.
//!
//! ```toml
//! [evidence.manifest]
//! path = "repo:docs/boundaries.json"
//! [evidence.package]
//! path = "repo:Cargo.toml"
//! [evidence.sources]
//! path = "repo:src/**/*.rs"
//! pick = "all"
//! format = "rust"
//! [evidence.report]
//! path = "repo:reports/boundaries.json"
//!
//! [[check]]
//! kind = "boundaries-hold"
//! manifest = "manifest"
//! package = "package"
//! sources = "sources"
//! report = "report"
//! test_code = true
//! ```
//!
//! A crossing is found in imports, in paths anywhere in code, and in what macros are handed; through globs, renames and re-exports, also those of a
//! third module. What is declared twice under different `cfg` counts twice. Names are followed within the package: from the library and each binary, and from
//! the binaries into the library. What the format [`rust`](../evidence/rust.md) does not see is not judged: what macros make, included and
//! generated files, methods and inferred types. `test_code = false` leaves out what only tests compile.
//!
//! `report` states `checks` (`id`, `status`, `detail`) with each of `kernel_boundary.all_modules_mapped_or_deferred`,
//! `kernel_boundary.no_duplicate_domain_ownership` and `kernel_boundary.banned_cross_boundary_pairs_absent` once, `pass` or `fail`, as it was recomputed. Other checks in it must pass.
//!
//! Findings: `unmapped-module`, `unreached-source` (no `mod` leads to the file), `no-such-module`, `owned-twice`, `mapped-and-deferred`,
//! `duplicate`, `unknown-domain`, `banned-crossing` (with the line that names the other domain); of the report `missing-check`, `unknown-status`, `failed-check`, `contradiction`,
//! `missing-field`, `wrong-type`, `blank`. Errors: the manifest or the package is none, a source does not parse or its `mod` has no file, or there is no module.

use super::tally::Tally;
use super::values::{Value, admit, shown};
use crate::boundary::{Fact, Fault, Manifest, Package, Source, judge};
use crate::definition::{Keys, Stricter};
use crate::gate::{Admitted, Check, CheckKind, Doc, Refused, Use};
use crate::model::{Content, EvidenceId, Finding, Gap, GapKind, Gaps, Outcome, Pointer, Where};
use std::collections::{BTreeMap, BTreeSet};

/// The kind `boundaries-hold`.
pub static BOUNDARIES_HOLD: CheckKind = CheckKind {
    id: "boundaries-hold",
    about: "the domains of a Rust package keep their boundaries",
    docs: include_str!("boundaries_hold.rs"),
    parse,
};

struct BoundariesHold {
    manifest: EvidenceId,
    package: EvidenceId,
    sources: EvidenceId,
    report: Option<EvidenceId>,
    test_code: bool,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("manifest", Stricter::Unclear),
        ("package", Stricter::Unclear),
        ("sources", Stricter::Unclear),
        ("report", Stricter::Given),
        ("test_code", Stricter::True),
    ]);
    let manifest = keys.required("manifest", "The boundary manifest.");
    let package = keys.required("package", "The `Cargo.toml` of the package.");
    let sources = keys.required("sources", "Its Rust files.");
    let report = keys.optional("report", "What is stated of the three checks.");
    let test_code = keys.or("test_code", true, "Whether code that only tests compile counts.");
    Some(Box::new(BoundariesHold { manifest: manifest?, package: package?, sources: sources?, report, test_code }))
}

/// Why evidence cannot be judged, as the outcome to return.
fn refused(faults: Vec<Fault>, doc: &Doc<'_>) -> Refused {
    let gap = |fault: Fault| Gap::new(GapKind::Invalid, doc.at(fault.at), fault.expected, fault.actual);
    Outcome::Error(Gaps::from_vec(faults.into_iter().map(gap).collect()).expect("refused for a reason"))
}

impl BoundariesHold {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let report = self.report.as_ref().filter(|id| !evidence.is_absent(id));
        admit(evidence, [&self.manifest, &self.package, &self.sources].into_iter().chain(report))?;
        let sources = self.sources(evidence)?;
        let doc = evidence.document(&self.manifest)?;
        let manifest = Manifest::read(doc.root).map_err(|faults| refused(faults, &doc))?;
        let package = evidence.document(&self.package)?;
        let home = package.artifact.path.rel.as_str().rsplit_once('/').map_or("", |(home, _)| home);
        let files: BTreeSet<&str> = sources.iter().map(|source| source.path).collect();
        let crates = Package::read(package.root, home, &files).map_err(|faults| refused(faults, &package))?;
        let judged = judge(&manifest, &doc.artifact.path.shown, &crates, &sources, self.test_code);
        // Where a file is not there, neither its modules nor its imports are known.
        if let Some(gaps) = Gaps::from_vec(judged.gaps) {
            return Err(Outcome::Error(gaps));
        }
        let mut tally = Tally::default();
        let nothing =
            || ("at least one module beside the roots of crates".to_owned(), Where::file(self.sources.to_string()));
        if judged.modules == 0 {
            return Ok(tally.finish(nothing));
        }
        (0..judged.modules + judged.ways).for_each(|_| tally.examined());
        let failed: BTreeSet<Fact> = judged.findings.iter().map(|(fact, _)| *fact).collect();
        judged.findings.into_iter().for_each(|(_, finding)| tally.find(finding));
        if let Some(report) = report {
            compare(&evidence.document(report)?, &failed, &mut tally);
        }
        Ok(tally.finish(nothing))
    }

    fn sources<'a>(&self, evidence: &Admitted<'a>) -> Result<Vec<Source<'a>>, Refused> {
        let read = evidence.artifacts(&self.sources)?.into_iter().map(|artifact| {
            let (path, shown) = (artifact.path.rel.as_str(), artifact.path.shown.as_str());
            let other = match &artifact.content {
                Ok(Content::Rust(rust)) => return Ok(Source { path, shown, rust }),
                Ok(content) => content.what(),
                Err(gap) => return Err(Outcome::Error(gap.clone().into())),
            };
            let actual = format!("{other} (name the format: `format = \"rust\"`)");
            Err(Outcome::Error(Gap::new(GapKind::Invalid, Where::file(shown), "Rust source", actual).into()))
        });
        read.collect()
    }
}

/// Compares what a report states with the facts that were recomputed; `failed` are those that do not hold.
fn compare(doc: &Doc<'_>, failed: &BTreeSet<Fact>, tally: &mut Tally) {
    let at = Pointer::root().key("checks");
    let list = doc.root.get("checks").filter(|node| node.is_list());
    if list.is_none() {
        let actual = doc.root.get("checks").map_or_else(|| "nothing".to_owned(), shown);
        tally.find(Finding::new("missing-field", "`checks`, a list", actual).at(doc.at(at.clone())));
    }
    let mut stated: BTreeMap<&str, Pointer> = BTreeMap::new();
    for (index, node) in list.into_iter().flat_map(crate::model::Node::items).enumerate() {
        let check = Value { node, at: doc.at(at.index(index)) };
        tally.examined();
        let mut field = |key: &str| match check.get(key) {
            Some(value) => value.text("a text that is not blank", tally),
            None => {
                tally.find(Finding::new("missing-field", format!("`{key}`"), "nothing").at(check.at_key(key)));
                None
            }
        };
        let (id, status, _) = (field("id"), field("status"), field("detail"));
        let Some(id) = id else { continue };
        let own = at.index(index).key("id");
        if let Some(first) = stated.get(id) {
            let actual = format!("`{id}` again, first at {first}");
            tally.find(Finding::new("duplicate", "each check once", actual).at(doc.at(own.clone())));
        }
        stated.entry(id).or_insert(own);
        let says = match status {
            Some("pass") => true,
            Some("fail") => false,
            Some(other) => {
                let finding = Finding::new("unknown-status", "`pass` or `fail`", format!("`{other}` of `{id}`"));
                tally.find(finding.at(check.at_key("status")));
                continue;
            }
            None => continue,
        };
        let word = |holds| if holds { "`pass`" } else { "`fail`" };
        let holds = Fact::ALL.into_iter().find(|fact| fact.id() == id).map(|fact| !failed.contains(&fact));
        let finding = match holds {
            Some(holds) if holds != says => {
                let expected = format!("{}, as recomputed from the sources", word(holds));
                let message = format!("check `{id}` is {}; the sources come to {}", word(says), word(holds));
                Finding::new("contradiction", expected, format!("{} of `{id}`", word(says))).saying(message)
            }
            None if !says => Finding::new("failed-check", "no check that fails", format!("`{id}`"))
                .saying(format!("check `{id}` failed")),
            Some(_) | None => continue,
        };
        tally.find(finding.at(check.at_key("status")));
    }
    for fact in Fact::ALL.into_iter().filter(|fact| !stated.contains_key(fact.id())) {
        tally.examined();
        let finding = Finding::new("missing-check", format!("the check `{}`", fact.id()), "no such check")
            .saying(format!("check `{}` is missing", fact.id()));
        tally.find(finding.at(doc.at(at.clone())));
    }
}

impl Check for BoundariesHold {
    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let own = [Some(&self.manifest), Some(&self.package), Some(&self.sources), self.report.as_ref()];
        let mut reads: Vec<_> = own.into_iter().flatten().map(|id| (id.clone(), Use::Whole)).collect();
        reads.sort();
        reads.dedup();
        reads
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
#[path = "boundaries_hold_tests.rs"]
mod tests;
