//! Asserts that files are what an index says of them: there, with this digest and, if named, this size.
//!
//! `entries` leads to the objects of the index, `files` is the evidence that their paths name (`from = "<entries>.path"`), so
//! that the n-th file belongs to the n-th entry. Digests are SHA-256, 64 hex digits, with or without `sha256:` before them.
//!
//! ```toml
//! [evidence.index]
//! path = "repo:docs/evidence_index.json"
//! [evidence.sections]
//! from = "index.sections[*].path"
//! base = "repo"
//! format = "bytes"
//!
//! [[check]]
//! kind = "digests-match"
//! entries = "index.sections[*]"
//! files = "sections"
//! path = "path"
//! digest = "sha256"
//! size = "bytes"
//! size_required = false
//! digest_required = false
//! where = "entry.required"
//! ```
//!
//! With `allow_empty = true` an index may list nothing, or lack the list.
//!
//! With `where`, an expression over `entry`, only entries for which it is true must be there; the file of any other may be absent, but
//! if it is there, it must match too.
//!
//! Findings: `missing-file`, `unreadable-file`, `digest-mismatch`, `size-mismatch`, `missing-field` (an entry without a digest, unless
//! `digest_required = false`), `wrong-type`, and the words of `holds` for `where`. Errors: there are no entries (unless `allow_empty = true`), none of them must be
//! there and none is, or `files` is not the evidence that their paths name; and those of `holds`.

use super::expression::{self, Condition};
use super::present::absent_file;
use super::tally::Tally;
use super::values::{Value, Way, admit, head, members, shown};
use crate::definition::{Keys, Refusal, Stricter};
use crate::expr::{Scope, Truth};
use crate::gate::{Admitted, Check, CheckKind, Declared, Place, Refused, Use};
use crate::model::{Artifact, Digest, EvidenceId, Finding, Gap, GapKind, Outcome, Where};

/// The kind `digests-match`.
pub static DIGESTS_MATCH: CheckKind = CheckKind {
    id: "digests-match",
    about: "files are there with the digest that an index gives",
    docs: include_str!("digests_match.rs"),
    parse,
};

struct DigestsMatch {
    entries: Place,
    files: EvidenceId,
    path: String,
    digest: String,
    size: Option<String>,
    size_required: bool,
    digest_required: bool,
    allow_empty: bool,
    filter: Option<Condition>,
}

fn parse(keys: &mut Keys<'_>) -> Option<Box<dyn Check>> {
    keys.stricter(&[
        ("entries", Stricter::Unclear),
        ("files", Stricter::Unclear),
        ("path", Stricter::Unclear),
        ("digest", Stricter::Unclear),
        ("size", Stricter::Given),
        ("size_required", Stricter::True),
        ("digest_required", Stricter::True),
        ("allow_empty", Stricter::False),
        ("where", Stricter::Unclear),
    ]);
    let entries = keys.required("entries", "The place of the index's entries.");
    let files = keys.required("files", "The evidence that the entries' paths name.");
    let path = keys.or("path", "path".to_owned(), "The entry's key that holds the path.");
    let digest = keys.or("digest", "sha256".to_owned(), "The entry's key that holds the digest.");
    let size = keys.optional("size", "The entry's key that holds the size in bytes; without it sizes are not compared.");
    let doc = "Whether an entry must have a size. One that is there is compared in any case.";
    let size_required = keys.or("size_required", true, doc);
    let required =
        "Whether an entry that must be there must have a digest. A digest that is there is compared in any case.";
    let digest_required = keys.or("digest_required", true, required);
    let allow_empty = keys.or("allow_empty", false, "Whether the index may list nothing, or lack the list.");
    let given = keys.span("where") != keys.here();
    let doc = "The expression over `entry` that says which entries must be there; all of them if not given.";
    let filter = keys.custom("where", false, expression::kind(), doc, |raw| expression::read(raw, &["entry"]));
    let refused = given && filter.is_none();
    let check = DigestsMatch {
        entries: entries?,
        files: files?,
        path,
        digest,
        size,
        size_required,
        digest_required,
        allow_empty,
        filter,
    };
    (!refused).then_some(Box::new(check))
}

impl DigestsMatch {
    fn judge(&self, evidence: &Admitted<'_>) -> Result<Outcome, Refused> {
        let conditions: Vec<&Condition> = self.filter.iter().collect();
        let asked = expression::asked(&conditions, evidence);
        admit(evidence, [&self.entries.evidence, &self.files].into_iter().chain(asked))?;
        let run = expression::run(evidence.context);
        let mut scope = expression::scope(&conditions, evidence, &run)?;
        let mut tally = Tally::default();
        let lacking = |way: &Way<'_>| way.as_ref().is_err_and(|finding| finding.kind == "missing-field");
        let entries = members(evidence, std::slice::from_ref(&self.entries))?;
        let entries: Vec<_> = entries.filter(|way| !self.allow_empty || !lacking(way)).collect();
        if entries.is_empty() && self.allow_empty {
            evidence.documents(&self.entries.evidence)?.iter().for_each(|_| tally.examined());
        }
        if entries.is_empty() {
            return Ok(tally.finish(|| (format!("entries at `{}`", self.entries), head(evidence, &self.entries))));
        }
        let files = evidence.artifacts(&self.files)?;
        if entries.len() != files.len() {
            let expected = format!("a file of `{}` for each of the {} entries", self.files, entries.len());
            let at = head(evidence, &self.entries);
            let gap = Gap::new(GapKind::Invalid, at, expected, format!("{} files", files.len()));
            return Ok(Outcome::Error(gap.into()));
        }
        for (way, file) in entries.into_iter().zip(files) {
            let Some(entry) = tally.value(way) else { continue };
            if !entry.node.is_map() {
                tally.find(entry.wrong_type("an object"));
                continue;
            }
            let Some(needed) = self.needed(&entry, evidence, &mut scope, &mut tally) else { continue };
            let missing = matches!(&file.content, Err(gap) if gap.kind == GapKind::Missing);
            if missing && !needed {
                continue;
            }
            tally.examined();
            if self.names(&entry, file, &mut tally) {
                self.compare(&entry, file, &mut tally);
            }
        }
        Ok(tally.finish(|| (format!("files of entries at `{}`", self.entries), head(evidence, &self.entries))))
    }

    /// Whether the entry's file must be there.
    fn needed<'d>(
        &self,
        entry: &Value<'d>,
        evidence: &Admitted<'_>,
        scope: &mut Scope<'d>,
        tally: &mut Tally,
    ) -> Option<bool> {
        let Some(filter) = &self.filter else { return Some(true) };
        scope.bind_at("entry", entry.node, entry.at.pointer.clone().unwrap_or_default());
        match filter.expression.selects(scope) {
            Truth::Holds { .. } => Some(true),
            Truth::DoesNotHold(_) => Some(false),
            Truth::Trouble(trouble) => {
                let at = trouble.at.as_ref();
                let at = at.and_then(|at| entry.place(at, "entry").or_else(|| expression::place(at, evidence)));
                tally.keep(expression::fault(&trouble, filter.expression.text(), at, &entry.at));
                None
            }
        }
    }

    /// Whether this is the entry's file: the last component of its path names it, wherever the path was re-based to.
    fn names(&self, entry: &Value<'_>, file: &Artifact, tally: &mut Tally) -> bool {
        let named = entry.get(&self.path);
        let text = named.as_ref().and_then(|path| path.node.text());
        let same = text.is_some_and(|text| text.trim_end_matches('/').rsplit('/').next() == Some(file.path.rel.name()));
        if !same {
            let expected = format!("the path of `{}`, which `{}` gives for this entry", file.path, self.files);
            let actual = named.map_or_else(|| "nothing".to_owned(), |path| shown(path.node));
            tally.gap(Gap::new(GapKind::Invalid, entry.at_key(&self.path), expected, actual));
        }
        same
    }

    fn compare(&self, entry: &Value<'_>, file: &Artifact, tally: &mut Tally) {
        if let Err(gap) = &file.content {
            let mut finding = absent_file(gap);
            finding.expected = format!("{}, as {} says", finding.expected, entry.at);
            tally.find(finding);
            return;
        }
        self.compare_digest(entry, file, tally);
        let Some(key) = &self.size else { return };
        let stated = entry.get(key).filter(|size| !size.node.is_null());
        match stated.as_ref().map(|size| (size, size.node.number().and_then(|number| number.as_integer()))) {
            None if !self.size_required => {}
            None => tally.find(Finding::new("missing-field", "a size in bytes", "nothing").at(entry.at_key(key))),
            Some((size, None)) => tally.find(size.wrong_type("a size in bytes")),
            Some((_, Some(bytes))) if bytes == i128::from(file.size) => {}
            Some((size, Some(bytes))) => {
                let expected = format!("{bytes} bytes, as {} says", size.at);
                let message = format!("`{}` has {} bytes, and {} states {bytes}", file.path.rel, file.size, size.at);
                let finding = Finding::new("size-mismatch", expected, format!("{} bytes", file.size)).saying(message);
                tally.find(finding.at(Where::file(&file.path.shown)));
            }
        }
    }

    fn compare_digest(&self, entry: &Value<'_>, file: &Artifact, tally: &mut Tally) {
        let at = Where::file(&file.path.shown);
        match entry.get(&self.digest).filter(|digest| !digest.node.is_null()) {
            None if self.digest_required => {
                tally.find(Finding::new("missing-field", "a SHA-256 digest", "nothing").at(entry.at_key(&self.digest)));
            }
            None => {}
            Some(stated) => match (stated.node.text().and_then(Digest::parse), file.digest) {
                (None, _) => tally.find(stated.wrong_type("a SHA-256 digest, 64 hex digits")),
                (Some(_), None) => {
                    tally.gap(Gap::new(GapKind::Unreadable, at, "a file that can be read whole", "no digest of it"));
                }
                (Some(digest), Some(own)) if digest == own => {}
                (Some(digest), Some(own)) => {
                    let expected = format!("{digest}, as {} says", stated.at);
                    let short = |digest: Digest| digest.to_string().chars().take(12).collect::<String>();
                    let (own_short, stated_short) = (short(own), short(digest));
                    let message = format!(
                        "`{}` is not what was recorded: its SHA-256 begins with {own_short}, and {} states {stated_short}",
                        file.path.rel, stated.at
                    );
                    tally.find(Finding::new("digest-mismatch", expected, own.to_string()).saying(message).at(at));
                }
            },
        }
    }
}

impl Check for DigestsMatch {
    fn declares(&self) -> Vec<Declared> {
        let keys = [&self.path, &self.digest].into_iter().chain(&self.size);
        let mut all = super::values::declared_keys([&self.entries], keys);
        all.extend(expression::declares(&self.filter, &[("entry", &[&self.entries])]));
        all
    }

    fn reads(&self) -> Vec<(EvidenceId, Use)> {
        let mut reads = vec![(self.entries.evidence.clone(), Use::Whole), (self.files.clone(), Use::Whole)];
        reads.extend(expression::reads(&self.filter));
        reads.sort();
        reads.dedup();
        reads
    }

    fn parameters(&self) -> Vec<String> {
        expression::parameters(&self.filter)
    }

    fn cautions(&self) -> Vec<Refusal> {
        expression::doubts(self.filter.iter())
    }

    fn examine(&self, evidence: &Admitted<'_>) -> Outcome {
        self.judge(evidence).unwrap_or_else(|refused| refused)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::model::{Digest, GapKind};

    // The digest of a file on the bench is that of its path.
    fn of(path: &str) -> String {
        Digest::of(path.as_bytes()).to_string()
    }

    fn bench(keys: &str, index: &str) -> Bench {
        Bench::new(&format!("kind = 'digests-match'\nentries = 'i.s[*]'\nfiles = 'f'\n{keys}")).json("i", index)
    }

    #[test]
    fn the_right_bytes_pass() {
        let index = format!(
            r#"{{"s": [{{"path": "/ci/x/a", "sha256": "{}", "size": 5}}, {{"path": "b", "sha256": "sha256:{}", "size": 6.0}}]}}"#,
            of("x/a"),
            of("b").to_uppercase()
        );
        assert_eq!(bench("size = 'size'", &index).bytes("f", "x/a", 5).bytes("f", "b", 6).told(), ["pass 2"]);
    }

    #[test]
    fn other_bytes_are_found() {
        let index = format!(r#"{{"s": [{{"path": "a", "sha256": "{}", "size": 4}}]}}"#, of("b"));
        assert_eq!(
            bench("size = 'size'", &index).bytes("f", "a", 5).told(),
            [
                format!("digest-mismatch a: {}, as i.json#/s/0/sha256 says | {}", of("b"), of("a")),
                "size-mismatch a: 4 bytes, as i.json#/s/0/size says | 5 bytes".to_owned()
            ]
        );
        let missing = bench("", &index).damaged("f", "a", GapKind::Missing).told();
        assert_eq!(missing, ["missing-file a: a sound file, as i.json#/s/0 says | damaged"]);
    }

    #[test]
    fn digests_are_required_unless_said() {
        let index = r#"{"s": [{"path": "a"}, {"path": "b", "sha256": null}, {"path": "c", "sha256": "abc"}]}"#;
        let told = |keys| bench(keys, index).bytes("f", "a", 1).bytes("f", "b", 1).bytes("f", "c", 1).told();
        let bad = r#"wrong-type i.json#/s/2/sha256: a SHA-256 digest, 64 hex digits | "abc""#;
        assert_eq!(
            told(""),
            [
                "missing-field i.json#/s/0/sha256: a SHA-256 digest | nothing",
                "missing-field i.json#/s/1/sha256: a SHA-256 digest | nothing",
                bad
            ]
        );
        assert_eq!(told("digest_required = false"), [bad]);
    }

    #[test]
    fn entries_outside_of_where_may_be_absent_but_not_different() {
        let index = format!(
            r#"{{"s": [{{"path": "a", "must": true, "sha256": "{}"}}, {{"path": "b", "must": false, "sha256": "{}"}}]}}"#,
            of("a"),
            of("x")
        );
        let filtered = || bench("where = 'entry.must'", &index);
        assert_eq!(filtered().bytes("f", "a", 1).damaged("f", "b", GapKind::Missing).told(), ["pass 1"]);
        let found = filtered().damaged("f", "a", GapKind::Missing).bytes("f", "b", 1).told();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("missing-file a: ") && found[1].starts_with("digest-mismatch b: "), "{found:?}");
        let none = bench("where = 'entry.must && false'", &index);
        let none = none.damaged("f", "a", GapKind::Missing).damaged("f", "b", GapKind::Missing).told();
        assert_eq!(none, ["error empty i.json#/s: files of entries at `i.s[*]` | nothing to examine"]);
        let trouble = bench("where = 'entry.mist'", &index).bytes("f", "a", 1).bytes("f", "b", 1).told();
        assert!(trouble[0].starts_with("missing-field i.json#/s/0/mist: "), "{trouble:?}");
    }

    #[test]
    fn files_must_belong_to_the_entries() {
        let index = r#"{"s": [{"path": "a"}, {"path": "b"}]}"#;
        assert_eq!(
            bench("digest_required = false", index).bytes("f", "a", 1).bytes("f", "c", 1).told(),
            [r#"error invalid i.json#/s/1/path: the path of `c`, which `f` gives for this entry | "b""#]
        );
        assert_eq!(
            bench("", index).bytes("f", "a", 1).told(),
            ["error invalid i.json#/s: a file of `f` for each of the 2 entries | 1 files"]
        );
        assert_eq!(
            bench("", r#"{"s": []}"#).bytes("f", "a", 1).told(),
            ["error empty i.json#/s: entries at `i.s[*]` | nothing to examine"]
        );
        for index in [r#"{"s": []}"#, "{}"] {
            assert_eq!(bench("allow_empty = true", index).nothing("f").told(), ["pass 1"], "{index}");
        }
        let index = r#"{"s": [{"path": "a"}]}"#;
        let lost = bench("allow_empty = true\ndigest_required = false", index).damaged("f", "a", GapKind::Missing).told();
        assert_eq!(lost, ["missing-file a: a sound file, as i.json#/s/0 says | damaged"]);
    }
}
