//! What is said of a verdict: its subjects, and an SVR or a VSA over them.
//!
//! Subjects are the verdict file itself, every piece of evidence whose bytes were judged, and the commit. Only a verdict that stands has
//! properties; a failing one is told as failing, and one that was never finished or contradicts itself is not told at all.

use crate::incident::{self, Judged};
use crate::model::{Digest, Document, Gap, Node, Standing, Where};
use crate::report::wire::intoto::{
    Policy, Predicate, STATEMENT_TYPE, SVR_TYPE, Statement, Subject, Svr, VSA_TYPE, Verifier, Vsa, statement_bytes,
};
use std::collections::BTreeMap;

/// The kinds of predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// in-toto Simple Verification Result.
    Svr,
    /// SLSA Verification Summary.
    Vsa,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 2] = [Kind::Svr, Kind::Vsa];

    /// Its `predicateType`.
    pub const fn uri(self) -> &'static str {
        match self {
            Kind::Svr => SVR_TYPE,
            Kind::Vsa => VSA_TYPE,
        }
    }
}

/// A verdict that was read again and does not contradict itself.
pub struct Verdict {
    /// What it says.
    pub judged: Judged,
    /// The same, field by field.
    pub document: Document,
    /// Of its bytes.
    pub digest: Digest,
}

impl Verdict {
    /// Reads a verdict; `name` is for messages.
    ///
    /// # Errors
    /// The gap: no sound JSON, no verdict, or one that contradicts its own gates.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Gap> {
        let at = Where::file(name);
        let document = crate::collect::json(bytes, &at)?;
        Self::of(document, bytes, &at)
    }

    /// The same for a document that was parsed from these bytes.
    ///
    /// # Errors
    /// As [`Verdict::read`].
    pub fn of(document: Document, bytes: &[u8], at: &Where) -> Result<Self, Gap> {
        let judged = incident::sound(&document, at)?;
        Ok(Self { judged, digest: Digest::of(bytes), document })
    }

    /// The text at a key of an object at the top, or of the top itself.
    pub fn text(&self, object: Option<&str>, key: &str) -> Option<&str> {
        let root = self.document.root();
        object.map_or(Some(root), |object| root.get(object))?.get(key)?.text()
    }

    /// Whether it passes with nothing held back: no waiver, no skipped or advisory gate, no other switch.
    fn plain(&self) -> bool {
        let weakened = self.document.root().get("weakened_by").map_or(1, |list| list.items().len());
        let passes = self.judged.gates.iter().all(|gate| gate.standing == Standing::Pass);
        self.text(None, "verdict") == Some("pass") && weakened == 0 && passes
    }

    /// What holds, as names; nothing if the verdict fails.
    pub fn properties(&self) -> Vec<String> {
        let word = |id: &str| id.to_ascii_uppercase().replace('-', "_");
        if self.judged.fails {
            return Vec::new();
        }
        let whole = format!("GATEKEEPER_{}", word(&self.judged.policy));
        // A fast first answer must not read like the certification.
        if self.judged.lane != "full" {
            return vec![format!("{whole}_LANE_{}", word(&self.judged.lane))];
        }
        let mut properties = vec![whole.clone()];
        if self.plain() {
            properties.push(format!("{whole}_WITHOUT_EXCEPTIONS"));
        }
        properties
    }

    fn subjects(&self, name: &str) -> Vec<Subject> {
        let subject = |name: &str, algorithm, hex: String| Subject {
            name: name.to_owned(),
            digest: BTreeMap::from([(algorithm, hex)]),
        };
        let mut subjects = vec![subject(name, "sha256", self.digest.to_string())];
        if let Some(commit) = self.text(None, "commit") {
            subjects.push(subject("commit", "gitCommit", commit.to_owned()));
        }
        for row in self.document.root().get("evidence").into_iter().flat_map(Node::items) {
            let text = |key| row.get(key).and_then(Node::text);
            if let (Some(path), Some(sha256)) = (text("path"), text("sha256")) {
                subjects.push(subject(path, "sha256", sha256.to_owned()));
            }
        }
        subjects
    }
}

/// Who makes a statement, and of what.
pub struct Maker<'m> {
    /// The verifier's URI.
    pub verifier: &'m str,
    /// The URI of what was verified. Of a VSA only; the commit's if there is none.
    pub resource: Option<&'m str>,
    /// The name of the verdict's file.
    pub name: &'m str,
}

/// The statement about a verdict, as the bytes that are signed.
///
/// # Errors
/// A phrase: the verdict was never finished, or a VSA has nothing to name.
pub fn statement(verdict: &Verdict, kind: Kind, maker: &Maker<'_>) -> Result<Vec<u8>, String> {
    if verdict.judged.incomplete() {
        return Err("the verdict is incomplete: it was sealed before the work and never replaced".to_owned());
    }
    let (time, properties) = (verdict.judged.generated_at.clone(), verdict.properties());
    let verifier = |version| Verifier { id: maker.verifier.to_owned(), version };
    let predicate = match kind {
        Kind::Svr => Predicate::Svr(Svr { verifier: verifier(BTreeMap::new()), time_created: time, properties }),
        Kind::Vsa => {
            let own = verdict.text(None, "commit").map(|commit| format!("swh:1:rev:{commit}"));
            let resource_uri = maker.resource.map(str::to_owned).or(own).ok_or_else(|| {
                "the verdict names no commit, so a VSA needs `--resource`: the URI of what was verified".to_owned()
            })?;
            let version = verdict.text(Some("tool"), "version").unwrap_or_default().to_owned();
            let sha256 = verdict.text(Some("policy"), "sha256").unwrap_or_default().to_owned();
            let failed = verdict.judged.fails;
            Predicate::Vsa(Vsa {
                verifier: verifier(BTreeMap::from([("gatekeeper", version)])),
                time_verified: time,
                resource_uri,
                policy: Policy {
                    uri: format!("urn:gatekeeper:policy:{}", verdict.judged.policy),
                    digest: BTreeMap::from([("sha256", sha256)]),
                },
                verification_result: if failed { "FAILED" } else { "PASSED" },
                verified_levels: if failed { vec!["FAILED".to_owned()] } else { properties },
            })
        }
    };
    Ok(statement_bytes(&Statement {
        kind: STATEMENT_TYPE,
        subject: verdict.subjects(maker.name),
        predicate_type: kind.uri(),
        predicate,
    }))
}

/// What a statement says of itself: read to know with what it is to be compared.
pub struct Stated {
    /// The kind of its predicate.
    pub kind: Kind,
    /// The verifier's URI.
    pub verifier: String,
    /// The URI of what was verified, if there is one.
    pub resource: Option<String>,
    /// The name of the first subject: the verdict's file.
    pub verdict: String,
}

impl Stated {
    /// Reads a statement.
    ///
    /// # Errors
    /// A phrase: another type of statement, an unknown predicate, no subjects, no verifier.
    pub fn read(root: Node<'_>) -> Result<Self, String> {
        let text = |node: Option<Node<'_>>, key: &str| node?.get(key)?.text().map(str::to_owned);
        match text(Some(root), "_type") {
            Some(kind) if kind == STATEMENT_TYPE => {}
            kind => return Err(format!("the statement's `_type` is {kind:?}, not `{STATEMENT_TYPE}`")),
        }
        let uri = text(Some(root), "predicateType").unwrap_or_default();
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.uri() == uri)
            .ok_or_else(|| format!("the predicate `{uri}` is unknown; known are `{SVR_TYPE}` and `{VSA_TYPE}`"))?;
        let first = root.get("subject").and_then(|list| list.item(0));
        let first = first.ok_or_else(|| "the statement has no subject, so it says nothing of anything".to_owned())?;
        let predicate = root.get("predicate");
        let verifier = predicate.and_then(|node| node.get("verifier"));
        Ok(Self {
            kind,
            verifier: text(verifier, "id").ok_or_else(|| "the statement names no verifier".to_owned())?,
            resource: text(predicate, "resourceUri"),
            verdict: text(Some(first), "name").ok_or_else(|| "the first subject has no name".to_owned())?,
        })
    }
}

/// Whether a text can be a URI: a scheme, and nothing that must be escaped.
pub fn uri(text: &str) -> bool {
    let scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        let head = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        head && !rest.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    scheme && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}
