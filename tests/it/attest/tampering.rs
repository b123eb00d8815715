//! Every way we know to tamper with a signed verdict, or with one that nobody signed, and what is said of it. The same rows are the
//! table of docs/assurance.md.

use super::*;
use crate::support::assurance::{self, Table};
use base64ct::Base64UrlUnpadded;

/// Turns one character of base64 into another that is as good.
fn flip(value: &mut Value) {
    let text = value.as_str().expect("base64");
    let at = text.len() / 2;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    *value = format!("{}{other}{}", &text[..at], &text[at + 1..]).into();
}

/// What is done to a bench, with the keys and flags to look at it with, the exit, and what is said.
struct Row {
    what: &'static str,
    tamper: fn(&Bench),
    keys: &'static [&'static str],
    more: &'static [&'static str],
    exit: Exit,
    says: &'static str,
}

const fn row(what: &'static str, tamper: fn(&Bench), exit: Exit, says: &'static str) -> Row {
    Row { what, tamper, keys: OWN, more: &[], exit, says }
}

const ROWS: &[Row] = &[
    row("nothing", |_| {}, Exit::Pass, "holds: "),
    row(
        "the payload in URL-safe base64, which DSSE allows",
        |bench| {
            let payload = Base64UrlUnpadded::encode_string(&bench.payload());
            bench.change(&bench.envelope(), |envelope| envelope["payload"] = payload.into());
        },
        Exit::Pass,
        "holds: ",
    ),
    row(
        "no keyid, which DSSE allows",
        |bench| {
            bench.change(&bench.envelope(), |envelope| {
                envelope["signatures"][0].as_object_mut().expect("a signature").remove("keyid");
            });
        },
        Exit::Pass,
        "holds: ",
    ),
    row(
        "a byte of the payload",
        |bench| bench.change(&bench.envelope(), |envelope| flip(&mut envelope["payload"])),
        Exit::Failed,
        "signature 0 does not verify",
    ),
    row(
        "the payloadType",
        |bench| bench.change(&bench.envelope(), |envelope| envelope["payloadType"] = "application/json".into()),
        Exit::Failed,
        "signature 0 does not verify",
    ),
    row(
        "a byte of the signature",
        |bench| bench.change(&bench.envelope(), |envelope| flip(&mut envelope["signatures"][0]["sig"])),
        Exit::Failed,
        "signature 0 does not verify",
    ),
    row(
        "the digest of a subject",
        |bench| {
            let payload = String::from_utf8(bench.payload()).expect("UTF-8");
            let digest = payload.split("\"sha256\":\"").nth(2).expect("a digest")[..64].to_owned();
            let payload = Base64::encode_string(payload.replace(&digest, &"0".repeat(64)).as_bytes());
            bench.change(&bench.envelope(), |envelope| envelope["payload"] = payload.into());
        },
        Exit::Failed,
        "signature 0 does not verify",
    ),
    Row {
        keys: &["ed25519.pub", "other.pub"],
        ..row(
            "the keyid, swapped for that of another trusted key",
            |bench| {
                let other = Private::parse(&fs::read(key("other.pem")).expect("a key")).expect("a key").public().id();
                bench.change(&bench.envelope(), |envelope| envelope["signatures"][0]["keyid"] = other.into());
            },
            Exit::Failed,
            "signature 0 does not verify",
        )
    },
    row(
        "a keyid of nobody",
        |bench| bench.change(&bench.envelope(), |envelope| envelope["signatures"][0]["keyid"] = "00".into()),
        Exit::Failed,
        "names the key `00`, which is none of those given",
    ),
    row(
        "signed by a key that is not trusted",
        |bench| assert_eq!(bench.attest("other", "svr").0, Exit::Pass),
        Exit::Failed,
        "which is none of those given",
    ),
    Row {
        keys: &["ed25519.pub", "other.pub"],
        more: &["--threshold", "2"],
        ..row(
            "two signatures of one key, where two keys must have signed",
            |bench| {
                bench.change(&bench.envelope(), |envelope| {
                    let first = envelope["signatures"][0].clone();
                    envelope["signatures"].as_array_mut().expect("a list").push(first);
                });
            },
            Exit::Failed,
            "signed by 1 of the keys given, and 2 must have",
        )
    },
    row(
        "no signature at all",
        |bench| bench.change(&bench.envelope(), |envelope| envelope["signatures"] = json!([])),
        Exit::Failed,
        "signed by 0 of the keys given",
    ),
    row(
        "something behind the envelope",
        |bench| {
            let twice = fs::read_to_string(bench.envelope()).expect("an envelope").repeat(2);
            fs::write(bench.envelope(), twice).expect("a file");
        },
        Exit::Failed,
        "no sound JSON",
    ),
    row(
        "an envelope of 20 MiB",
        |bench| {
            let payload = "A".repeat(20 << 20);
            bench.change(&bench.envelope(), |envelope| envelope["payload"] = payload.into());
        },
        Exit::Failed,
        "the envelope has more than",
    ),
    row(
        "signed: the digest of other evidence",
        |bench| bench.state(|statement| statement["subject"][5]["digest"]["sha256"] = "0".repeat(64).into()),
        Exit::Failed,
        "differs: /subject/5/digest/sha256",
    ),
    row(
        "signed: no subject",
        |bench| bench.state(|statement| statement["subject"] = json!([])),
        Exit::Failed,
        "the statement has no subject",
    ),
    row(
        "signed: a subject that the verdict does not know",
        |bench| {
            bench.state(|statement| {
                let more = json!({ "name": "x", "digest": { "sha256": "0".repeat(64) } });
                statement["subject"].as_array_mut().expect("a list").push(more);
            });
        },
        Exit::Failed,
        "signed is {\"digest\"",
    ),
    row(
        "signed: a property more",
        |bench| {
            bench.state(|statement| {
                let more = json!("GATEKEEPER_FULL_SUITE_WITHOUT_EXCEPTIONS");
                statement["predicate"]["properties"].as_array_mut().expect("a list").push(more);
            });
        },
        Exit::Failed,
        "differs: /predicate/properties/1: the verdict makes it nothing",
    ),
    row(
        "signed: a predicate that is unknown",
        |bench| bench.state(|statement| statement["predicateType"] = "https://slsa.dev/provenance/v1".into()),
        Exit::Failed,
        "the predicate `https://slsa.dev/provenance/v1` is unknown",
    ),
    row(
        "signed: another type of statement",
        |bench| bench.state(|statement| statement["_type"] = "https://in-toto.io/Statement/v0.1".into()),
        Exit::Failed,
        "the statement's `_type`",
    ),
    row(
        "signed: a payload with a key twice",
        |bench| {
            let payload = String::from_utf8(bench.payload()).expect("UTF-8");
            bench.sign(payload.replacen('{', "{\"subject\":[],", 1).as_bytes());
        },
        Exit::Failed,
        "its payload is no sound JSON",
    ),
    row(
        "signed: a payload with something behind it",
        |bench| bench.sign(&[bench.payload(), b"{}".to_vec()].concat()),
        Exit::Failed,
        "its payload is no sound JSON",
    ),
    Row {
        more: &["--verifier", "https://example.com/ci"],
        ..row("another verifier than the one that is asked for", |_| {}, Exit::Failed, "differs: /predicate/verifier/id")
    },
    Row { keys: &[], ..row("no key to look with", |_| {}, Exit::Usage, "proves nothing without a key") },
    Row {
        more: &["--threshold", "2"],
        ..row("more signers asked for than keys given", |_| {}, Exit::Usage, "cannot be asked of 1 key")
    },
    Row { more: &["--threshold", "0"], ..row("no signer asked for", |_| {}, Exit::Usage, "cannot be asked of 1 key") },
    Row { keys: &["rsa.pub"], ..row("an RSA key", |_| {}, Exit::Usage, "it is an RSA key") },
    Row { keys: &["p384.pub"], ..row("a P-384 key", |_| {}, Exit::Usage, "it is an elliptic key on P-384") },
    Row { keys: &["ed25519.pem"], ..row("a private key as a public one", |_| {}, Exit::Usage, "it is a private key") },
    row(
        "a file of evidence changed",
        |bench| edit(bench, EVIDENCE, "{", "{ "),
        Exit::Failed,
        "changed: tests/perf/reports/parameter_sweeps.json",
    ),
    row(
        "a file of evidence deleted",
        |bench| fs::remove_file(bench.path(EVIDENCE)).expect("a file"),
        Exit::Gap,
        "missing: tests/perf/reports/parameter_sweeps.json",
    ),
    row(
        "a file of evidence added",
        |bench| fs::write(bench.path("repo/tests/added.rs"), "#[test]\nfn added() {}\n").expect("a file"),
        Exit::Failed,
        "the evidence is not what was judged",
    ),
    row(
        "the run deleted",
        |bench| fs::remove_dir_all(bench.path("repo").join(RUN)).expect("a run"),
        Exit::Gap,
        "name it with `--run`",
    ),
    row(
        "the verdict deleted",
        |bench| fs::remove_file(bench.verdict()).expect("a verdict"),
        Exit::Gap,
        "where else it lies is said with `--verdict`",
    ),
    row(
        "the commit moved",
        |bench| {
            let git = git2::Repository::open(bench.path("repo/history.git")).expect("a repository");
            let tip = git.head().expect("a head").peel_to_commit().expect("a commit");
            git.reference("refs/heads/main", tip.parent_id(0).expect("a parent"), true, "moved").expect("a branch");
        },
        Exit::Failed,
        "the verdict is of commit ",
    ),
    row(
        "the definitions changed",
        |bench| edit(bench, "repo/gatekeeper.toml", "\"warm_start\"", "\"warm_start\", \"warmer_start\""),
        Exit::Failed,
        "the definitions are not those of the verdict",
    ),
    row(
        "the verdict edited",
        |bench| edit(bench, "out/full_suite_verdict.json", "\"owner\": \"", "\"owner\": \"x"),
        Exit::Failed,
        "differs: /subject/0/digest/sha256",
    ),
];

#[test]
fn no_tampering_goes_unseen() {
    let whole = Bench::judged(GREEN);
    assert_eq!(whole.attest("ed25519", "svr").0, Exit::Pass);
    let mut rows = Vec::new();
    for row in ROWS {
        let bench = whole.again();
        (row.tamper)(&bench);
        let (exit, said) = bench.look(&bench.envelope(), row.keys, row.more);
        assert_eq!(exit, row.exit, "{}: {said}", row.what);
        assert!(said.contains(row.says), "{}: {said}", row.what);
        rows.push(vec![row.what.to_owned(), exit.number().to_string(), row.says.trim().to_owned()]);
    }
    rows.extend(unsigned(&whole).into_iter().chain(refused()));
    let columns = ["what was done", "exit", "what is said"].map(str::to_owned).to_vec();
    let about = "An envelope around a verdict of the example repository, looked at again with `reverify` after one thing was changed; rows \
                 that begin with \"signed\" were signed again with the trusted key. Exit code 0 is given only where nothing was wrong.";
    let title = "Attestation".to_owned();
    let by = "cargo test --test it attest".to_owned();
    assurance::hold("attestation", &Table { title, about: about.to_owned(), by, measured: None, columns, rows });
}

/// What is done to which bench, the keys to look at it with, the exit, and what is said.
type Unsigned<'t> = (&'t str, &'t Bench, &'t dyn Fn(&Bench), &'t [&'t str], Exit, &'t str);

/// The same for verdicts without an envelope.
fn unsigned(whole: &Bench) -> Vec<Vec<String>> {
    let red = Bench::judged(RED);
    let pass = |verdict: &mut Value| verdict["verdict"] = "pass".into();
    // In every word that follows from another one.
    let mend = |verdict: &mut Value| {
        pass(verdict);
        verdict["reason"] = "every gate passed".into();
        let gates = verdict["gates"].as_array_mut().expect("gates");
        for gate in gates.iter_mut() {
            for (key, value) in [("status", json!("pass")), ("standing", json!("pass")), ("reason", Value::Null)] {
                gate[key] = value;
            }
            (gate["findings"], gate["blocked_by"]) = (json!([]), json!([]));
            gate["checks"] = json!([{ "kind": "holds", "expect": "all is well", "outcome": "pass", "examined": 1 }]);
        }
        let count = gates.len();
        verdict["weakened_by"].as_array_mut().expect("a list").retain(|row| row["switch"] == "clock");
        for key in ["failed", "warned", "skipped", "waived", "blocked"] {
            verdict["summary"][key] = 0.into();
        }
        verdict["summary"]["passed"] = count.into();
        verdict["summary"]["blocking"]["standing"] = verdict["summary"]["blocking"]["total"].clone();
    };
    let rows: [Unsigned<'_>; 8] = [
        ("no envelope: nothing", whole, &|_| {}, &[], Exit::Pass, "signature: none"),
        (
            "no envelope: `fail` edited to `pass`",
            &red,
            &|bench| bench.change(&bench.verdict(), pass),
            &[],
            Exit::Failed,
            "contradicts its own gates",
        ),
        (
            "no envelope: `fail` edited to `pass`, and every gate and count with it",
            &red,
            &|bench| bench.change(&bench.verdict(), mend),
            &[],
            Exit::Failed,
            "the evidence at hand gives another verdict",
        ),
        (
            "no envelope: the clock set back to a day on which it passes",
            &red,
            &|bench| bench.change(&bench.verdict(), |verdict| verdict["generated_at"] = GREEN.into()),
            &[],
            Exit::Failed,
            "the evidence is not what was judged",
        ),
        (
            "no envelope: a test in quarantine left out",
            whole,
            &|bench| bench.change(&bench.verdict(), |verdict| verdict["exceptions"]["quarantine"] = json!([])),
            &[],
            Exit::Failed,
            "differs: /exceptions/quarantine",
        ),
        (
            "no envelope: a run outside of the repository",
            whole,
            &|bench| bench.change(&bench.verdict(), |verdict| verdict["run"]["path"] = "../repo".into()),
            &[],
            Exit::Gap,
            "name it with `--run`",
        ),
        (
            "no envelope, and a key that should have signed",
            whole,
            &|_| {},
            OWN,
            Exit::Usage,
            "a verdict without a signature",
        ),
        (
            "no verdict: an empty object",
            whole,
            &|bench| fs::write(bench.verdict(), "{}").expect("a file"),
            &[],
            Exit::Failed,
            "this is no verdict",
        ),
    ];
    let mut told = Vec::new();
    for (what, from, tamper, keys, exit, says) in rows {
        let bench = from.again();
        tamper(&bench);
        let (got, said) = bench.look(&bench.verdict(), keys, &[]);
        assert_eq!(got, exit, "{what}: {said}");
        assert!(said.contains(says), "{what}: {said}");
        told.push(vec![what.to_owned(), got.number().to_string(), says.to_owned()]);
    }
    told
}

/// What is not attested at all.
fn refused() -> Vec<Vec<String>> {
    let red = Bench::judged(RED);
    let rows: [(&str, &str, Exit, &str); 5] = [
        ("attest: an incomplete verdict", r#""status": "incomplete", "verdict": "#, Exit::Gap, "the verdict is incomplete"),
        ("attest: a verdict that contradicts its gates", r#""verdict": "pass", "was": "#, Exit::Gap, "contradicts itself"),
        ("attest: a key of the object twice", r#""verdict": "fail", "verdict": "#, Exit::Gap, "nothing is attested"),
        ("attest: no JSON", "", Exit::Gap, "nothing is attested"),
        ("attest: nothing changed", r#""verdict": "#, Exit::Pass, "attested: FAILED"),
    ];
    let mut told = Vec::new();
    for (what, to, exit, says) in rows {
        let bench = red.again();
        edit(&bench, "out/full_suite_verdict.json", r#""verdict": "#, to);
        let (got, said) = bench.attest("p256", "vsa");
        assert_eq!(got, exit, "{what}: {said}");
        assert!(said.contains(says), "{what}: {said}");
        assert_eq!(bench.envelope().exists(), exit == Exit::Pass, "{what}");
        told.push(vec![what.to_owned(), got.number().to_string(), says.to_owned()]);
    }
    told
}
