//! Published vectors, and envelopes that nobody may take.

use super::*;
use crate::model::Document;

fn hex(text: &str) -> Vec<u8> {
    let digit = |c: char| c.to_digit(16).expect("hex") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0].into()) << 4 | digit(pair[1].into())).collect()
}

fn pem(label: &str, der: &str) -> Vec<u8> {
    let body = Base64::encode_string(&hex(der));
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")).into_bytes()
}

/// RFC 8032, 7.1, test 2.
fn ed25519() -> Private {
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    Private::parse(&pem("PRIVATE KEY", &format!("302e020100300506032b657004220420{seed}"))).expect("a key")
}

/// RFC 6979, A.2.5.
fn p256() -> Private {
    let x = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    let head = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";
    Private::parse(&pem("PRIVATE KEY", &format!("{head}{x}"))).expect("a key")
}

fn document(text: &str) -> Document {
    collect::json(text.as_bytes(), &Where::file("a.json")).expect("JSON")
}

fn read(text: &str) -> Result<Envelope, String> {
    Envelope::read(document(text).root())
}

#[test]
fn the_encoding_is_that_of_the_specification() {
    let expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(encoded("http://example.com/HelloWorld", b"hello world"), expected);
    assert_eq!(encoded("", b""), b"DSSEv1 0  0 ");
    assert_eq!(encoded("\u{e9}", b"\xff"), b"DSSEv1 2 \xc3\xa9 1 \xff", "lengths are of bytes");
}

#[test]
fn ed25519_signs_as_rfc_8032_has_it() {
    let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    let key = ed25519();
    assert_eq!(key.sign(&[0x72]), hex(expected));
    assert!(key.public().verifies(&[0x72], &hex(expected)));
    assert!(!key.public().verifies(&[0x73], &hex(expected)));
    // s + L: the same point, in an encoding that RFC 8032 forbids.
    let high = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10";
    assert!(!key.public().verifies(&[0x72], &hex(high)));
}

#[test]
fn ecdsa_signs_with_the_nonce_of_rfc_6979_and_the_lower_s() {
    let r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    let (high, low) = (
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        "0834E36AD29A83BF2BC9385E491D6099C8FDF9D1ED67AA7EA5F51F93782857A9",
    );
    let (key, public) = (p256(), p256().public());
    let lower = hex(&format!("3045022100{r}0220{low}"));
    assert_eq!(key.sign(b"sample"), lower);
    assert!(public.verifies(b"sample", &lower));
    assert!(public.verifies(b"sample", &hex(&format!("3046022100{r}022100{high}"))), "as the RFC prints it");
    for (what, signature) in [
        ("raw r and s", format!("{r}{low}")),
        ("a zero too many", format!("3046022100{r}022100{low}")),
        ("no zero before r", format!("30440220{r}0220{low}")),
        ("a long length", format!("308145022100{r}0220{low}")),
        ("something behind", format!("3045022100{r}0220{low}00")),
        ("zeros", "3006020100020100".to_owned()),
        ("nothing", String::new()),
    ] {
        assert!(!public.verifies(b"sample", &hex(&signature)), "{what}");
    }
}

#[test]
fn what_was_sealed_is_opened_by_its_key_alone() {
    for key in [ed25519(), p256()] {
        let sealed = seal(b"{\"a\": 1}", &key).expect("a seal");
        assert_eq!(sealed, seal(b"{\"a\": 1}", &key).expect("a seal"), "the same bytes twice");
        let envelope = read(std::str::from_utf8(&sealed).expect("UTF-8")).expect("an envelope");
        assert_eq!((&*envelope.payload, &*envelope.payload_type), (&b"{\"a\": 1}"[..], intoto::PAYLOAD_TYPE));
        let own = key.public();
        let signers = envelope.signers(&[own.clone(), own.clone()]);
        assert_eq!((signers.keys, signers.refused), (vec![own.id()], Vec::new()));
        let other = if matches!(key, Private::P256(_)) { ed25519() } else { p256() };
        let signers = envelope.signers(&[other.public()]);
        assert_eq!((signers.keys.len(), signers.refused.len()), (0, 1));
        assert!(envelope.statement().is_ok());
    }
}

#[test]
fn base64_is_taken_in_either_alphabet_and_in_no_mixture() {
    for (text, expected) in [("-_8=", true), ("+/8=", true), ("-_8", true), ("+/8", true), ("", true)] {
        assert_eq!(decoded(text).is_ok(), expected, "{text}");
        assert!(text.is_empty() || decoded(text).is_ok_and(|bytes| bytes == [0xfb, 0xff]), "{text}");
    }
    for text in ["-/8=", "+_8=", "+/9=", "+/8==", "+ /8=", "+/8=\n", "a", "====", "\u{e9}8=="] {
        assert!(decoded(text).is_err(), "{text:?}");
    }
}

#[test]
fn an_envelope_is_whole_or_refused() {
    let good = r#"{"payload": "e30=", "payloadType": "t", "signatures": [], "more": 1}"#;
    assert!(read(good).is_ok_and(|envelope| envelope.statement().is_err()), "another type");
    let many = format!("[{}]", vec!["{\"sig\": \"\"}"; 65].join(","));
    for (text, expected) in [
        (good.replace("payload\"", "p\""), "no text `payload`"),
        (good.replace("\"e30=\"", "1"), "no text `payload`"),
        (good.replace("e30=", "e3=0"), "payload is no base64"),
        (good.replace("\"t\"", "null"), "no text `payloadType`"),
        (good.replace("[]", "{}"), "no list `signatures`"),
        (good.replace("[]", "[{}]"), "signature 0: it has no text `sig`"),
        (good.replace("[]", "[{\"sig\": \"?\"}]"), "signature 0 is no base64"),
        (good.replace("[]", "[{\"sig\": \"\", \"keyid\": 1}]"), "`keyid` is no text"),
        (good.replace("[]", &many), "65 signatures"),
    ] {
        assert!(read(&text).err().is_some_and(|phrase| phrase.contains(expected)), "{text}: {expected}");
    }
}

#[test]
fn keys_that_are_not_taken_are_named() {
    let rsa = "3014300d06092a864886f70d01010105000303003000";
    let private = |bytes: &[u8]| Private::parse(bytes).err().expect("no key");
    let public = |bytes: &[u8]| Public::parse(bytes).err().expect("no key");
    assert!(
        public(&pem("PUBLIC KEY", rsa)).starts_with("it is an RSA key; Ed25519 and P-256"),
        "{}",
        public(&pem("PUBLIC KEY", rsa))
    );
    let phrase = private(&pem("PRIVATE KEY", "301b020100301006072a8648ce3d020106052b81040022040401020304"));
    assert!(phrase.starts_with("it is an elliptic key on P-384"), "{phrase}");
    // The point of order one: every signature would verify for some message.
    let weak = format!("302a300506032b657003210001{}", "00".repeat(31));
    assert!(public(&pem("PUBLIC KEY", &weak)).contains("weak"), "{}", public(&pem("PUBLIC KEY", &weak)));
    for (label, expected) in [
        ("RSA PRIVATE KEY", "an RSA key"),
        ("EC PRIVATE KEY", "openssl pkcs8 -topk8"),
        ("ENCRYPTED PRIVATE KEY", "it is encrypted"),
        ("OPENSSH PRIVATE KEY", "an OpenSSH key"),
        ("PUBLIC KEY", "signing needs the private one"),
        ("ODD", "no `PRIVATE KEY`"),
    ] {
        assert!(private(&pem(label, "00")).contains(expected), "{label}");
    }
    let secret = pem(
        "PRIVATE KEY",
        "302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    );
    assert!(public(&secret).contains("it is a private key"));
    assert!(private(&[secret.clone(), secret].concat()).contains("more than one"));
    assert!(private(b"").contains("no PEM block"));
    assert!(private(&[b'a'; 20_000]).contains("20000 bytes"));
    assert!(private(&[0xff]).contains("no PEM text"));
}
