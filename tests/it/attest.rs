//! `gatekeeper attest` and `reverify` as users type them: signed verdicts that hold, and every way we know to tamper with one.

mod contradictions;
mod demands;
mod tampering;

use crate::support::{copy, gatekeeper, text};
use base64ct::{Base64, Encoding};
use gatekeeper::attest::{Private, seal};
use gatekeeper::cli::Exit;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A day on which the example is releasable, and one on which its evidence has gone stale.
const GREEN: &str = "2026-03-02T12:00:00Z";
const RED: &str = "2026-04-02T12:00:00Z";
const RUN: &str = "tests/e2e_results/20260302T101500Z";
const EVIDENCE: &str = "repo/tests/perf/reports/parameter_sweeps.json";

/// The key that signs most envelopes here.
const OWN: &[&str] = &["ed25519.pub"];

fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/attest").join(name)
}

/// A copy of the example repository, with a verdict beside it and perhaps an envelope.
struct Bench(tempfile::TempDir);

impl Bench {
    /// The example, judged at this time.
    fn judged(now: &str) -> Self {
        Self::judged_by(now, "full-suite")
    }

    fn judged_by(now: &str, policy: &str) -> Self {
        let bench = Bench(tempfile::tempdir().expect("a directory"));
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repos/agent-cli"), &bench.path("repo"));
        let (run, root, out) = (bench.path("repo").join(RUN), bench.path("repo"), bench.path("out"));
        let judge =
            ["verify", text(&run), "--root", text(&root), "--now", now, "--out", text(&out), "--quiet", "--policy", policy];
        let (exit, _, said) = gatekeeper(&judge, &[]);
        assert_eq!(exit, if now == GREEN { Exit::Pass } else { Exit::Failed }, "{said}");
        bench
    }

    /// The same directory once more.
    fn again(&self) -> Self {
        let bench = Bench(tempfile::tempdir().expect("a directory"));
        assert!(copy(self.0.path(), bench.0.path()) > 50);
        bench
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn verdict(&self) -> PathBuf {
        self.path("out/full_suite_verdict.json")
    }

    fn envelope(&self) -> PathBuf {
        self.path("out/verdict.intoto.json")
    }

    fn attest(&self, signer: &str, predicate: &str) -> (Exit, String) {
        let (verdict, key, out) = (self.verdict(), key(&format!("{signer}.pem")), self.envelope());
        let given = ["attest", text(&verdict), "--key", text(&key), "--predicate", predicate, "--out", text(&out)];
        let (exit, _, said) = gatekeeper(&given, &[]);
        (exit, said)
    }

    /// Looks at the envelope again, or at the verdict, with these keys and flags.
    fn look(&self, file: &Path, keys: &[&str], more: &[&str]) -> (Exit, String) {
        let (root, keys): (_, Vec<PathBuf>) = (self.path("repo"), keys.iter().map(|name| key(name)).collect());
        let mut given = vec!["reverify", text(file), "--root", text(&root)];
        keys.iter().for_each(|key| given.extend(["--key", text(key)]));
        given.extend(more);
        let (exit, out, said) = gatekeeper(&given, &[]);
        assert_eq!(out, "", "results for people go to standard error");
        (exit, said)
    }

    fn change(&self, file: &Path, change: impl FnOnce(&mut Value)) {
        let mut value: Value = serde_json::from_slice(&fs::read(file).expect("a file")).expect("JSON");
        change(&mut value);
        fs::write(file, value.to_string()).expect("a file");
    }

    fn payload(&self) -> Vec<u8> {
        let envelope: Value = serde_json::from_slice(&fs::read(self.envelope()).expect("a file")).expect("JSON");
        Base64::decode_vec(envelope["payload"].as_str().expect("a payload")).expect("base64")
    }

    /// Signs another payload with the right key: what a holder of the key could say that is not true.
    fn sign(&self, payload: &[u8]) {
        let own = Private::parse(&fs::read(key("ed25519.pem")).expect("a key")).expect("a key");
        fs::write(self.envelope(), seal(payload, &own).expect("an envelope")).expect("a file");
    }

    fn state(&self, change: impl FnOnce(&mut Value)) {
        let mut statement: Value = serde_json::from_slice(&self.payload()).expect("JSON");
        change(&mut statement);
        self.sign(statement.to_string().as_bytes());
    }
}

fn edit(bench: &Bench, file: &str, from: &str, to: &str) {
    let path = bench.path(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).expect("a file");
}

#[test]
fn what_is_attested_holds_for_both_keys_and_both_predicates() {
    let mut looked = 0;
    for (now, failed) in [(GREEN, false), (RED, true)] {
        let bench = Bench::judged(now);
        for (signer, predicate) in [("ed25519", "svr"), ("ed25519", "vsa"), ("p256", "svr"), ("p256", "vsa")] {
            let (exit, said) = bench.attest(signer, predicate);
            assert_eq!(exit, Exit::Pass, "{said}");
            assert!(said.contains(if failed { "attested: FAILED" } else { "attested: PASSED" }), "{said}");
            let envelope = fs::read(bench.envelope()).expect("an envelope");
            bench.attest(signer, predicate);
            assert_eq!(envelope, fs::read(bench.envelope()).expect("an envelope"), "the same bytes twice");
            let (exit, said) = bench.look(&bench.envelope(), &[&format!("{signer}.pub")], &[]);
            assert_eq!(exit, Exit::Pass, "{now} {signer} {predicate}: {said}");
            assert!(said.contains("recomputed: the same verdict") && said.contains("signed by: "), "{said}");
            // A release asks for a verdict that passes too.
            let asked = ["--require", "warn", "--allow", "clock"];
            let (exit, said) = bench.look(&bench.envelope(), &[&format!("{signer}.pub")], &asked);
            assert_eq!(exit, if failed { Exit::Failed } else { Exit::Pass }, "{said}");
            looked += 1;
        }
        let (exit, said) = bench.look(&bench.verdict(), &[], &[]);
        assert_eq!(exit, Exit::Pass, "{said}");
        assert!(said.contains("signature: none"), "{said}");
    }
    assert_eq!(looked, 8);
}

#[test]
fn the_statements_have_the_fields_of_the_specifications() {
    for (now, failed) in [(GREEN, false), (RED, true)] {
        let bench = Bench::judged(now);
        bench.attest("ed25519", "svr");
        let svr: Value = serde_json::from_slice(&bench.payload()).expect("JSON");
        bench.attest("p256", "vsa");
        let vsa: Value = serde_json::from_slice(&bench.payload()).expect("JSON");
        let verdict: Value = serde_json::from_slice(&fs::read(bench.verdict()).expect("a verdict")).expect("JSON");
        let properties = if failed { json!([]) } else { json!(["GATEKEEPER_FULL_SUITE"]) };
        assert_eq!(svr["predicateType"], "https://in-toto.io/attestation/svr/v0.1");
        assert_eq!(
            svr["predicate"],
            json!({ "verifier": { "id": "urn:gatekeeper" }, "timeCreated": now, "properties": properties })
        );
        let levels = if failed { json!(["FAILED"]) } else { properties };
        let commit = verdict["commit"].as_str().expect("a commit");
        assert_eq!(vsa["predicateType"], "https://slsa.dev/verification_summary/v1");
        assert_eq!(
            vsa["predicate"],
            json!({
                "verifier": { "id": "urn:gatekeeper", "version": { "gatekeeper": env!("CARGO_PKG_VERSION") } },
                "timeVerified": now,
                "resourceUri": format!("swh:1:rev:{commit}"),
                "policy": { "uri": "urn:gatekeeper:policy:full-suite", "digest": { "sha256": verdict["policy"]["sha256"] } },
                "verificationResult": if failed { "FAILED" } else { "PASSED" },
                "verifiedLevels": levels,
            })
        );
        let subjects = svr["subject"].as_array().expect("subjects");
        assert_eq!((&svr["_type"], &svr["subject"]), (&json!("https://in-toto.io/Statement/v1"), &vsa["subject"]));
        let digest = gatekeeper::model::Digest::of(&fs::read(bench.verdict()).expect("a verdict")).to_string();
        assert_eq!(subjects[0], json!({ "name": "full_suite_verdict.json", "digest": { "sha256": digest } }));
        assert_eq!(subjects[1], json!({ "name": "commit", "digest": { "gitCommit": commit } }));
        let rows = verdict["evidence"].as_array().expect("evidence").iter().filter(|row| !row["sha256"].is_null());
        let expected: Vec<Value> =
            rows.map(|row| json!({ "name": row["path"], "digest": { "sha256": row["sha256"] } })).collect();
        assert!(expected.len() > 10);
        assert_eq!(subjects[2..], expected);
    }
}

#[test]
fn a_run_that_was_moved_is_compared_where_it_lies() {
    // A policy that reads the run as a run; `full-suite` also names files of it by their place in the repository.
    let bench = Bench::judged_by(GREEN, "e2e-run");
    bench.attest("p256", "vsa");
    let (runs, away) = (bench.path("repo/tests/e2e_results"), bench.path("downloads/the-run"));
    copy(&bench.path("repo").join(RUN), &away);
    copy(&runs.join("20260301T091500Z"), &bench.path("downloads/20260301T091500Z"));
    fs::remove_dir_all(&runs).expect("the runs");
    let look = || bench.look(&bench.envelope(), &["p256.pub"], &["--run", text(&away)]);
    let (exit, said) = look();
    assert_eq!(exit, Exit::Pass, "{said}");
    edit(&bench, "downloads/the-run/summary.json", "{", "{ ");
    let (exit, said) = look();
    assert_eq!(exit, Exit::Failed, "{said}");
    assert!(said.contains(&format!("changed: {RUN}/summary.json")), "{said}");
    fs::remove_dir_all(&away).expect("the run");
    assert_eq!(look().0, Exit::Gap);
}

#[test]
fn the_key_comes_from_a_file_or_a_variable_and_from_nowhere_else() {
    let bench = Bench::judged(GREEN);
    let verdict = bench.verdict();
    let pem = fs::read_to_string(key("ed25519.pem")).expect("a key");
    let given = ["attest", text(&verdict), "--key-env", "SIGNING_KEY"];
    let (exit, out, said) = gatekeeper(&given, &[("SIGNING_KEY", &pem)]);
    assert_eq!(exit, Exit::Pass, "{said}");
    bench.attest("ed25519", "svr");
    assert_eq!(out.as_bytes(), fs::read(bench.envelope()).expect("an envelope"));
    let secret = pem.lines().nth(1).expect("a body");
    assert!(!said.contains(secret) && !out.contains(secret));
    let file = key("ed25519.pem");
    for (more, variable, says) in [
        (vec![], "", "give the private key, with either"),
        (vec!["--key-env", "SIGNING_KEY"], "", "the variable SIGNING_KEY: it is not set, or empty"),
        (vec!["--key-env", "SIGNING_KEY"], &pem[..40], "the variable SIGNING_KEY: it is no sound PEM"),
        (vec!["--key", text(&file), "--verifier", "me"], "", "`me` is no URI"),
        (vec!["--key", text(&file), "--resource", "a:b"], "", "belongs to `--predicate vsa`"),
        (vec!["--key", "no-such-file"], "", "there is no such file"),
    ] {
        let (exit, out, said) = gatekeeper(&[&["attest", text(&verdict)], &*more].concat(), &[("SIGNING_KEY", variable)]);
        assert_eq!((exit, &*out), (Exit::Usage, ""), "{said}");
        assert!(said.contains(says) && !said.contains(secret), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_told_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::judged(GREEN);
    let (verdict, copy) = (bench.verdict(), bench.path("key.pem"));
    fs::copy(key("ed25519.pem"), &copy).expect("a copy");
    for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).expect("permissions");
        let (exit, _, said) = gatekeeper(&["attest", text(&verdict), "--key", text(&copy)], &[]);
        assert_eq!((exit, said.contains("other users can read the private key")), (Exit::Pass, warned), "{said}");
    }
}

#[test]
fn a_fast_first_answer_is_not_attested_as_the_certification() {
    let bench = Bench::judged(GREEN);
    let (run, root, out) = (bench.path("repo").join(RUN), bench.path("repo"), bench.path("out"));
    let judge = ["verify", text(&run), "--root", text(&root), "--now", GREEN, "--out", text(&out), "--lane", "preflight"];
    assert_eq!(gatekeeper(&judge, &[]).0, Exit::Pass);
    bench.attest("ed25519", "svr");
    let svr: Value = serde_json::from_slice(&bench.payload()).expect("JSON");
    assert_eq!(svr["predicate"]["properties"], json!(["GATEKEEPER_FULL_SUITE_LANE_PREFLIGHT"]));
    let asked = ["--require", "warn", "--allow", "clock"];
    assert_eq!(bench.look(&bench.envelope(), OWN, &asked).0, Exit::Failed);
    let (exit, said) = bench.look(&bench.envelope(), OWN, &[&asked[..], &["--lane", "preflight"]].concat());
    assert_eq!(exit, Exit::Pass, "{said}");
}

#[test]
fn a_rolled_back_verdict_is_attested_as_failing_and_holds() {
    let bench = Bench::judged(RED);
    let (run, root, out) = (bench.path("repo").join(RUN), bench.path("repo"), bench.path("out"));
    let mode = ["--mode", "rollback", "--rationale", "INC-7", "--until", "2026-04-03T00:00:00Z"];
    let judge = ["verify", text(&run), "--root", text(&root), "--now", RED, "--out", text(&out)];
    assert_eq!(gatekeeper(&[&judge[..], &mode].concat(), &[]).0, Exit::Pass);
    let (_, said) = bench.attest("ed25519", "vsa");
    assert!(said.contains("attested: FAILED"), "{said}");
    let (exit, said) = bench.look(&bench.envelope(), OWN, &[]);
    assert_eq!(exit, Exit::Pass, "{said}");
    assert_eq!(bench.look(&bench.envelope(), OWN, &["--require", "warn"]).0, Exit::Failed);
}
