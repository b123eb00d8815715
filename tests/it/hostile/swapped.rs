//! A file that is replaced, or written over, while it is read: what is judged is what was hashed.

use super::bench::{Bench, NOW};
use crate::support::{gatekeeper, text};
use gatekeeper::model::Digest;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Puts the bytes there in one step, or writes over what is there.
fn put(path: &Path, bytes: &str, whole: bool) {
    if whole {
        let beside = path.with_extension("new");
        fs::write(&beside, bytes).expect("written");
        fs::rename(beside, path).expect("replaced");
    } else {
        fs::write(path, bytes).expect("written over");
    }
}

/// Ends the swapping also when an assertion fails: the scope waits for its threads.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_is_judged_is_what_was_hashed() {
    let bench = Bench::new();
    let path = bench.run().join("summary.json");
    let good = fs::read_to_string(&path).expect("the summary");
    let bad = good.replace("\"failed\": 0", "\"failed\": 12, \"note\": \"it is longer\"");
    let digests = [&good, &bad].map(|text| Digest::of(text.as_bytes()).to_string());
    let (mut passed, mut failed, mut refused) = (0, 0, 0);
    for whole in [true, false] {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    put(&path, &bad, whole);
                    put(&path, &good, whole);
                }
            });
            let _ended = Ended(&done);
            for _ in 0..40 {
                let (root, run) = (bench.root(), bench.run());
                let arguments =
                    ["verify", text(&run), "--root", text(&root), "--now", NOW, "--dry-run", "--quiet", "-o", "verdict"];
                let (_, out, said) = gatekeeper(&arguments, &[]);
                let verdict: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said}"));
                let rows = verdict["evidence"].as_array().expect("evidence");
                let row = rows.iter().find(|row| row["path"].as_str().is_some_and(|path| path.ends_with("summary.json")));
                let digest =
                    row.expect("the summary is listed")["sha256"].as_str().map(|own| own.trim_start_matches("sha256:"));
                let gates = verdict["gates"].as_array().expect("gates");
                let gate = gates.iter().find(|gate| gate["id"] == "tests_pass").expect("the gate");
                let stands = gate["standing"] == "pass";
                let is = |own: &str| digest.is_some_and(|digest| own.trim_start_matches("sha256:") == digest);
                // Bytes that are written over while they are read may be a mixture, and then the digest is that of the mixture.
                let mixed = !whole && digest.is_some() && !digests.iter().any(|own| is(own));
                assert!(mixed || stands == is(&digests[0]), "{digest:?}: {gate}");
                match (stands, is(&digests[1])) {
                    _ if mixed => refused += 1,
                    (true, _) => passed += 1,
                    (false, true) => failed += 1,
                    (false, false) => {
                        assert_ne!(gate["reason"], "finding", "{gate}");
                        refused += 1;
                    }
                }
            }
        });
        put(&path, &good, true);
    }
    assert_eq!(passed + failed + refused, 80);
    assert!(passed > 0 && failed > 0, "{passed} passed, {failed} failed, {refused} refused: nothing was swapped in time");
}
