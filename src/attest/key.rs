//! Keys: Ed25519, and ECDSA over P-256 with SHA-256, as PKCS#8 and SPKI in PEM.
//!
//! Any other algorithm is refused by its name. The id of a key is the SHA-256 of its SubjectPublicKeyInfo in DER, with an elliptic
//! point uncompressed: what `openssl pkey -pubin -outform DER | sha256sum` prints. Private keys are wiped from memory when they are
//! dropped.

use crate::model::Digest;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use pkcs8::{AlgorithmIdentifierRef, DecodePrivateKey, DecodePublicKey, EncodePublicKey, ObjectIdentifier};

/// Most bytes of a file with a key.
pub const KEY_MAX: usize = 16 << 10;

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// What is refused, by name.
const REFUSED: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.1", "an RSA key"),
    ("1.2.840.113549.1.1.10", "an RSA-PSS key"),
    ("1.2.840.10040.4.1", "a DSA key"),
    ("1.3.101.110", "an X25519 key, which cannot sign"),
    ("1.3.101.113", "an Ed448 key"),
    ("1.3.132.0.10", "an elliptic key on secp256k1"),
    ("1.3.132.0.34", "an elliptic key on P-384"),
    ("1.3.132.0.35", "an elliptic key on P-521"),
];

const TAKEN: &str = "Ed25519 and P-256 keys are taken";

/// A private key.
pub enum Private {
    /// Ed25519.
    Ed25519(Box<ed25519_dalek::SigningKey>),
    /// ECDSA P-256.
    P256(Box<p256::ecdsa::SigningKey>),
}

/// A public key.
#[derive(Clone)]
pub enum Public {
    /// Ed25519.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// ECDSA P-256.
    P256(Box<p256::ecdsa::VerifyingKey>),
}

/// Which of the two a key is.
enum Algorithm {
    Ed25519,
    P256,
}

impl Private {
    /// Reads a PKCS#8 key in PEM.
    ///
    /// # Errors
    /// A phrase that names what was given instead; never the content.
    pub fn parse(pem: &[u8]) -> Result<Self, String> {
        let pem = one_block(pem, "PRIVATE KEY")?;
        let (_, document) = pkcs8::SecretDocument::from_pem(pem).map_err(|error| format!("it is no sound PEM: {error}"))?;
        let damaged = |error: pkcs8::Error| format!("it is no sound PKCS#8 key: {error}");
        let outer = pkcs8::PrivateKeyInfoRef::try_from(document.as_bytes())
            .map_err(|error| format!("it is no sound PKCS#8 key: {error}"))?;
        match algorithm(&outer.algorithm)? {
            Algorithm::Ed25519 => ed25519_dalek::SigningKey::from_pkcs8_der(document.as_bytes())
                .map(|key| Private::Ed25519(Box::new(key)))
                .map_err(damaged),
            Algorithm::P256 => p256::ecdsa::SigningKey::from_pkcs8_der(document.as_bytes())
                .map(|key| Private::P256(Box::new(key)))
                .map_err(damaged),
        }
    }

    /// Signs. Ed25519 as RFC 8032 has it; ECDSA with SHA-256 and the nonce of RFC 6979, as DER with the lower of both `s`.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Private::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Private::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_der().as_bytes().to_vec()
            }
        }
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> Public {
        match self {
            Private::Ed25519(key) => Public::Ed25519(Box::new(key.verifying_key())),
            Private::P256(key) => Public::P256(Box::new(*key.verifying_key())),
        }
    }
}

impl Public {
    /// Reads a SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    /// A phrase that names what was given instead: a private key, another algorithm, a key under which anything verifies.
    pub fn parse(pem: &[u8]) -> Result<Self, String> {
        let pem = one_block(pem, "PUBLIC KEY")?;
        let (_, document) = pkcs8::Document::from_pem(pem).map_err(|error| format!("it is no sound PEM: {error}"))?;
        let damaged = |error: pkcs8::spki::Error| format!("it is no sound public key: {error}");
        let outer = pkcs8::SubjectPublicKeyInfoRef::try_from(document.as_bytes()).map_err(damaged)?;
        match algorithm(&outer.algorithm)? {
            Algorithm::Ed25519 => {
                let key = ed25519_dalek::VerifyingKey::from_public_key_der(document.as_bytes()).map_err(damaged)?;
                if key.is_weak() {
                    return Err("it is a weak Ed25519 key, of small order: signatures by it prove nothing".to_owned());
                }
                Ok(Public::Ed25519(Box::new(key)))
            }
            Algorithm::P256 => p256::ecdsa::VerifyingKey::from_public_key_der(document.as_bytes())
                .map(|key| Public::P256(Box::new(key)))
                .map_err(damaged),
        }
    }

    /// Whether this is a signature of the message by this key. Signatures that are not in their one encoding are refused, and those
    /// of Ed25519 that another reading of RFC 8032 might not take. Of the two `s` of an ECDSA signature either is taken, because
    /// OpenSSL makes both; nothing follows from it, since keys are counted and not signatures.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Public::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Public::P256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }

    /// The id of the key, 64 hex digits.
    pub fn id(&self) -> String {
        let document = match self {
            Public::Ed25519(key) => key.to_public_key_der(),
            Public::P256(key) => key.to_public_key_der(),
        };
        Digest::of(document.expect("a public key has a DER form").as_bytes()).to_string()
    }

    /// The algorithm, for people.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Public::Ed25519(_) => "Ed25519",
            Public::P256(_) => "ECDSA P-256",
        }
    }
}

/// The text, if it is one PEM block with this label.
fn one_block<'p>(pem: &'p [u8], label: &str) -> Result<&'p str, String> {
    if pem.len() > KEY_MAX {
        return Err(format!("it has {} bytes, which no key has", pem.len()));
    }
    let text = std::str::from_utf8(pem).map_err(|_| format!("it is no PEM text; {TAKEN}"))?;
    let mut labels = text.split("-----BEGIN ").skip(1).map(|rest| rest.split("-----").next().unwrap_or_default());
    let found = labels.next().ok_or_else(|| format!("it holds no PEM block; a `{label}` is wanted"))?;
    if labels.next().is_some() {
        return Err("it holds more than one PEM block; one key a file".to_owned());
    }
    match found {
        found if found == label => Ok(text),
        "PRIVATE KEY" => Err("it is a private key; give the public one, and keep this one from everybody".to_owned()),
        "PUBLIC KEY" => Err("it is a public key; signing needs the private one".to_owned()),
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => Err(format!("it is an RSA key; {TAKEN}")),
        "DSA PRIVATE KEY" => Err(format!("it is a DSA key; {TAKEN}")),
        "EC PRIVATE KEY" => {
            Err("it is an elliptic key in SEC1 form; `openssl pkcs8 -topk8 -nocrypt -in FILE` makes PKCS#8 of it"
                .to_owned())
        }
        "ENCRYPTED PRIVATE KEY" => {
            Err("it is encrypted, and there is nobody to ask for the password; `openssl pkcs8 -in FILE` decrypts it"
                .to_owned())
        }
        "OPENSSH PRIVATE KEY" => Err("it is an OpenSSH key; a PKCS#8 one is wanted".to_owned()),
        "CERTIFICATE" => Err("it is a certificate; `openssl x509 -pubkey -noout -in FILE` prints its key".to_owned()),
        _ => Err(format!("it is no `{label}` block")),
    }
}

fn algorithm(identifier: &AlgorithmIdentifierRef<'_>) -> Result<Algorithm, String> {
    let curve = || identifier.parameters_oid().map_err(|_| "it is an elliptic key that names no curve".to_owned());
    let oid = if identifier.oid == ELLIPTIC { curve()? } else { identifier.oid };
    if identifier.oid == ED25519 {
        Ok(Algorithm::Ed25519)
    } else if identifier.oid == ELLIPTIC && oid == P256 {
        Ok(Algorithm::P256)
    } else {
        let named = REFUSED.iter().find(|(known, _)| *known == oid.to_string());
        let name = named.map_or_else(|| format!("a key of the algorithm {oid}"), |(_, name)| (*name).to_owned());
        Err(format!("it is {name}; {TAKEN}"))
    }
}
