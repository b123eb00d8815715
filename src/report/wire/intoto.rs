//! Shapes that are not ours: the in-toto Statement v1 with the predicates that we write, and the DSSE envelope around it.
//!
//! Comes in: what `attest` says of a verdict. Goes out: JSON with the field names of the specifications, in a fixed order, so that
//! the same verdict and the same key give the same bytes. No time, no name of a machine and no random number gets in.

use serde::Serialize;
use std::collections::BTreeMap;

/// The `payloadType` of an envelope around a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The `_type` of a statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The `predicateType` of a Simple Verification Result.
pub const SVR_TYPE: &str = "https://in-toto.io/attestation/svr/v0.1";
/// The `predicateType` of a SLSA Verification Summary Attestation; minor versions keep it.
pub const VSA_TYPE: &str = "https://slsa.dev/verification_summary/v1";

/// A DSSE envelope.
#[derive(Debug, Serialize)]
pub struct Envelope {
    /// The signed bytes in standard base64.
    pub payload: String,
    /// What they are.
    #[serde(rename = "payloadType")]
    pub payload_type: &'static str,
    /// One entry for each signature.
    pub signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Debug, Serialize)]
pub struct Signature {
    /// Which key it is of; a hint, and not signed.
    pub keyid: String,
    /// The signature in standard base64.
    pub sig: String,
}

/// An in-toto Statement.
#[derive(Debug, Serialize)]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub kind: &'static str,
    /// What the statement is about; never empty.
    pub subject: Vec<Subject>,
    /// Which predicate follows.
    #[serde(rename = "predicateType")]
    pub predicate_type: &'static str,
    /// What is said of the subjects.
    pub predicate: Predicate,
}

/// A subject: a resource descriptor with name and digest.
#[derive(Debug, Serialize)]
pub struct Subject {
    /// A name for people; consumers match by digest.
    pub name: String,
    /// `sha256` or `gitCommit`, in lower-case hex.
    pub digest: BTreeMap<&'static str, String>,
}

/// The predicates.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Predicate {
    /// A Simple Verification Result.
    Svr(Svr),
    /// A Verification Summary.
    Vsa(Vsa),
}

/// A Simple Verification Result, version 0.1.
#[derive(Debug, Serialize)]
pub struct Svr {
    /// Who verified.
    pub verifier: Verifier,
    /// When, RFC 3339, UTC.
    #[serde(rename = "timeCreated")]
    pub time_created: String,
    /// What was verified and holds; what does not hold is not named at all.
    pub properties: Vec<String>,
}

/// A SLSA Verification Summary, version 1.
#[derive(Debug, Serialize)]
pub struct Vsa {
    /// Who verified.
    pub verifier: Verifier,
    /// When, RFC 3339, UTC.
    #[serde(rename = "timeVerified")]
    pub time_verified: String,
    /// What was verified.
    #[serde(rename = "resourceUri")]
    pub resource_uri: String,
    /// By which policy.
    pub policy: Policy,
    /// `PASSED` or `FAILED`.
    #[serde(rename = "verificationResult")]
    pub verification_result: &'static str,
    /// The properties that hold, or `FAILED` alone.
    #[serde(rename = "verifiedLevels")]
    pub verified_levels: Vec<String>,
}

/// Who verified.
#[derive(Debug, Serialize)]
pub struct Verifier {
    /// A URI that consumers pair with the key.
    pub id: String,
    /// Versions of its parts. Of a Verification Summary only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub version: BTreeMap<&'static str, String>,
}

/// The policy of a Verification Summary.
#[derive(Debug, Serialize)]
pub struct Policy {
    /// Its name.
    pub uri: String,
    /// SHA-256 over every definition that took part.
    pub digest: BTreeMap<&'static str, String>,
}

/// A statement as the bytes that are signed: compact JSON, without a line break at its end.
pub fn statement_bytes(statement: &Statement) -> Vec<u8> {
    serde_json::to_vec(statement).expect("plain data is JSON")
}

/// An envelope as the bytes of its file.
pub fn envelope_bytes(envelope: &Envelope) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(envelope).expect("plain data is JSON");
    bytes.push(b'\n');
    bytes
}
