#!/usr/bin/env python3
"""Makes the run in fixtures/repos/own-ci, from which the scenarios of gates/self start, with the recorder's own functions.

    fixture.py [DIR]      writes the run below DIR; by default below the fixture

So the shape that the scenarios judge is the one that the recorder writes; test_record.py compares the two. The commit is that
of the fixture's own history.git, whose only commit holds its ledger and its tests.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import record  # noqa: E402

FIXTURE = Path(__file__).parent.parent / "fixtures/repos/own-ci"
NAME = "20260302T090000Z"


def target(line, count, seconds):
    """One test binary, as libtest tells of it."""
    tests = "".join(f"test room_{n % 12:02}::tests::fact_{n:03} ... ok\n" for n in range(count))
    result = f"test result: ok. {count} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in {seconds}s"
    return f"{line}\n\nrunning {count} tests\n{tests}\n{result}\n\n"


TESTS = (
    "   Compiling gatekeeper v0.1.0\n"
    + target("     Running unittests src/lib.rs (target/debug/deps/gatekeeper-3f9c1d2e4b5a6078)", 480, "9.81")
    + target("     Running tests/it/main.rs (target/debug/deps/it-81a2b3c4d5e6f708)", 64, "12.40")
    + target("   Doc-tests gatekeeper", 0, "0.00")
)
STEPS = [
    ("test", "bash -c 'cargo test --locked'", "09:00:02", 181000, TESTS),
    ("recorder", "python3 -m unittest discover -s .ci", "09:03:03", 3100, "Ran 14 tests in 2.9s\n\nOK\n"),
    ("format", "cargo fmt --all --check", "09:03:07", 900, ""),
    ("clippy", "cargo clippy --locked --all-targets -- -D warnings", "09:03:08", 64000, "    Finished `dev` profile\n"),
    ("self-test", "gatekeeper --self-test", "09:04:12", 2100, "40 passed, 0 failed\n"),
    ("self-test-gates", "gatekeeper --self-test fixtures/gates", "09:04:14", 5200, "90 passed, 0 failed\n"),
    ("readme-example", "bash -c 'gatekeeper verify RUN'", "09:04:20", 700, "verdict: pass\n"),
    ("real-runs", "python3 .ci/real_runs.py OUT", "09:04:21", 41000, "verdict: PASS - every gate passed\n"),
    ("interop", "python3 .ci/interop.py OUT", "09:05:02", 9000, "128 answers, 0 wrong\n"),
    ("systems", "bash -c 'python3 .ci/systems/s2'", "09:05:11", 28000, "s2: 29 cases, 0 judged otherwise than they should be\n"),
]


def commit():
    return (FIXTURE / "history.git/refs/heads/main").read_text(encoding="ascii").strip()


def make(below):
    run = below / NAME
    facts = {
        "run_id": f"{NAME}-{commit()[:12]}-4242",
        "started_at": "2026-03-02T09:00:00Z",
        "git_sha": commit(),
        "dirty": False,
        "artifact_dir": f"/build/target/ci-runs/{NAME}",
        "profile": "ci",
        "rustc": "rustc 1.95.0",
        "platform": "linux-x86_64",
    }
    record.announce(run, facts, [name for name, *_ in STEPS])
    for name, command, began, duration_ms, log in STEPS:
        (run / name).mkdir(parents=True, exist_ok=True)
        (run / name / "output.log").write_text(log, encoding="utf-8")
        record.note(run, name, command, f"2026-03-02T{began}Z", duration_ms, 0)
    # What tests/bench/verify.rs writes.
    times = [1.25 + (n * 5 % 12) / 100 for n in range(12)]
    median = (sorted(times)[5] + sorted(times)[6]) / 2
    result = {"command": "gatekeeper verify", "mean": sum(times) / 12, "median": median, "times": times}
    record.write(run / "verify-bench.json", {"results": [{**result, "exit_codes": [0] * 12}]})
    record.finish(run, "2026-03-02T09:05:40Z")
    return run


if __name__ == "__main__":
    print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURE / "runs"))
