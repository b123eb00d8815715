//! DSSE: what exactly is signed, how envelopes are read, and how keys are counted.
//!
//! A signature is over the pre-authentication encoding of type and payload, so bytes that were never signed are never parsed as if they
//! had been. `keyid` is a hint that nobody signed: it can keep a signature from being tried, and never lets one count.

use super::key::{Private, Public};
use crate::collect;
use crate::model::{Node, Where};
use crate::report::wire::intoto;
use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};

/// Most bytes of an envelope that is read.
pub const ENVELOPE_MAX: u64 = 16 << 20;
/// Most signatures of an envelope that is read.
const SIGNATURES_MAX: usize = 64;

/// An envelope as it was read: nothing in it is believed yet.
pub struct Envelope {
    /// What the payload claims to be.
    pub payload_type: String,
    /// The bytes that may be signed.
    pub payload: Vec<u8>,
    signatures: Vec<Entry>,
}

struct Entry {
    keyid: Option<String>,
    sig: Vec<u8>,
}

/// What the signatures of an envelope come to for a set of keys.
pub struct Signers {
    /// Ids of the keys that signed it, sorted, each once.
    pub keys: Vec<String>,
    /// Why each of the other signatures does not count.
    pub refused: Vec<String>,
}

/// The bytes over which a payload is signed.
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// The envelope of a signed statement, as the bytes of its file.
///
/// # Errors
/// A phrase, if the signature does not verify: then the key's halves do not belong together, or the machine is broken.
pub fn seal(statement: &[u8], key: &Private) -> Result<Vec<u8>, String> {
    let message = encoded(intoto::PAYLOAD_TYPE, statement);
    let (sig, public) = (key.sign(&message), key.public());
    if !public.verifies(&message, &sig) {
        return Err("the signature that was made does not verify, so it is thrown away".to_owned());
    }
    Ok(intoto::envelope_bytes(&intoto::Envelope {
        payload: Base64::encode_string(statement),
        payload_type: intoto::PAYLOAD_TYPE,
        signatures: vec![intoto::Signature { keyid: public.id(), sig: Base64::encode_string(&sig) }],
    }))
}

impl Envelope {
    /// Whether a document is meant as an envelope. A file that has one of its fields is never taken for anything else.
    pub fn meant(root: Node<'_>) -> bool {
        ["payload", "payloadType", "signatures"].iter().any(|key| root.get(key).is_some())
    }

    /// Reads an envelope. Fields that DSSE does not know are ignored, as it asks for.
    ///
    /// # Errors
    /// A phrase: what is missing, no base64, too many signatures.
    pub fn read(root: Node<'_>) -> Result<Self, String> {
        let text = |node: Node<'_>, key: &str| {
            let found = node.get(key).and_then(Node::text).map(str::to_owned);
            found.ok_or_else(|| format!("it has no text `{key}`"))
        };
        let payload = decoded(&text(root, "payload")?).map_err(|phrase| format!("its payload {phrase}"))?;
        let payload_type = text(root, "payloadType")?;
        let list = root.get("signatures").filter(|node| node.is_list());
        let list = list.ok_or_else(|| "it has no list `signatures`".to_owned())?;
        if list.items().len() > SIGNATURES_MAX {
            return Err(format!("it has {} signatures, at most {SIGNATURES_MAX} are looked at", list.items().len()));
        }
        let entry = |(at, node): (usize, Node<'_>)| {
            let sig = text(node, "sig").map_err(|phrase| format!("signature {at}: {phrase}"))?;
            let sig = decoded(&sig).map_err(|phrase| format!("signature {at} {phrase}"))?;
            let keyid = match node.get("keyid") {
                None => None,
                Some(id) if id.is_null() => None,
                Some(id) => Some(id.text().ok_or_else(|| format!("signature {at}: `keyid` is no text"))?.to_owned()),
            };
            Ok(Entry { keyid: keyid.filter(|id| !id.is_empty()), sig })
        };
        let signatures = list.items().enumerate().map(entry).collect::<Result<_, String>>()?;
        Ok(Self { payload_type, payload, signatures })
    }

    /// Which of these keys signed the payload. One key counts once, however often it signed and is given; a signature that names a key
    /// counts for that key alone.
    pub fn signers(&self, keys: &[Public]) -> Signers {
        let message = encoded(&self.payload_type, &self.payload);
        let known: Vec<(String, &Public)> = keys.iter().map(|key| (key.id(), key)).collect();
        let mut signers = Signers { keys: Vec::new(), refused: Vec::new() };
        for (at, entry) in self.signatures.iter().enumerate() {
            let named = |id: &String| entry.keyid.as_ref().is_none_or(|named| named == id);
            let mut tried = known.iter().filter(|(id, _)| named(id)).peekable();
            match (tried.peek().is_some(), tried.find(|(_, key)| key.verifies(&message, &entry.sig))) {
                (_, Some((id, _))) => signers.keys.push(id.clone()),
                (true, None) => signers.refused.push(format!("signature {at} does not verify")),
                (false, None) => {
                    let id = entry.keyid.as_deref().unwrap_or_default();
                    signers.refused.push(format!("signature {at} names the key `{id}`, which is none of those given"));
                }
            }
        }
        signers.keys.sort();
        signers.keys.dedup();
        signers
    }

    /// The payload as a JSON document, read strictly; to be asked for once the signature counts.
    ///
    /// # Errors
    /// A phrase: another type of payload, or no sound JSON.
    pub fn statement(&self) -> Result<crate::model::Document, String> {
        if self.payload_type != intoto::PAYLOAD_TYPE {
            return Err(format!("its payload is `{}`, not `{}`", self.payload_type, intoto::PAYLOAD_TYPE));
        }
        collect::json(&self.payload, &Where::file("payload"))
            .map_err(|gap| format!("its payload is no sound JSON: expected {}, found {}", gap.expected, gap.actual))
    }
}

/// Base64 in the standard or the URL-safe alphabet, with or without padding, in its one canonical form; never both alphabets at once.
fn decoded(text: &str) -> Result<Vec<u8>, String> {
    let (url, padded) = (text.contains(['-', '_']), text.ends_with('='));
    let bytes = match (url, padded || text.len().is_multiple_of(4)) {
        (false, true) => Base64::decode_vec(text),
        (false, false) => Base64Unpadded::decode_vec(text),
        (true, true) => Base64Url::decode_vec(text),
        (true, false) => Base64UrlUnpadded::decode_vec(text),
    };
    bytes.map_err(|_| "is no base64 of either alphabet".to_owned())
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
