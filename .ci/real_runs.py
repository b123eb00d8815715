#!/usr/bin/env python3
"""Records real runs of this repository's tests and has gatekeeper judge them by the pack `e2e-run`.

    real_runs.py OUT

Green, with whatever runner is installed: exit code 0. The same tests with one that fails, recorded by the other runner and with the
green run as its baseline: exit code 1, of exactly the gates that are about the failure, and of that one test. The same tests in three
shards: together the green run; without one of them, and each by itself, incomplete. `gatekeeper` and `cargo` are taken from the path; the evidence stays in OUT, which must not be there
yet. Says what is not as it should be, and exits with 1. Needs nothing but Python's standard library.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

RECORDER = Path(__file__).parent / "record_e2e.py"
PROFILE = ["--profile", "ci"]
SHARDS = 3
# A day on which the evidence of the example has gone stale: see tests/it/example_run.rs.
STALE = {"GATEKEEPER_EXAMPLE_NOW": "2026-04-02T12:00:00Z"}
FAILING_TEST = "example_run::the_example_is_releasable"


def record(out, *given, settings=None):
    """Records a run; its directory."""
    command = [sys.executable, str(RECORDER), str(out), *PROFILE, *given]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **(settings or {})})
    print(done.stdout, end="", flush=True)
    return Path(done.stdout.splitlines()[-1])


def judge(out, *given):
    """The exit code of a judgement and its verdict."""
    command = ["gatekeeper", "verify", *map(str, given), "--policy", "e2e-run", "--out", str(out)]
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    file = out / "full_suite_verdict.json"
    return code, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"gates": []}


def wrong(name, judged, code, failing=(), skipped=(), blocked=()):
    """How a verdict differs from what it should be, in words; nothing if it does not."""
    got, verdict = judged
    told = [] if got == code else [f"{name}: exit code {got}, not {code}"]
    standings = {gate["id"]: gate["standing"] for gate in verdict["gates"]}
    if not standings:
        told.append(f"{name}: no gate was judged")
    expected = {gate: "fail" for gate in failing} | {gate: "skipped" for gate in skipped} | {gate: "blocked" for gate in blocked}
    for gate in sorted(standings.keys() | expected.keys()):
        if standings.get(gate) != expected.get(gate, "pass"):
            told.append(f"{name}: `{gate}` is {standings.get(gate)}, not {expected.get(gate, 'pass')}")
    return told


def found(verdict, gate):
    """The findings of a gate: kind, what was expected and what was there."""
    rows = [row for row in verdict["gates"] if row["id"] == gate]
    return [(finding["kind"], finding["expected"], finding["actual"]) for row in rows for finding in row["findings"]]


def main(out):
    out.mkdir(parents=True)
    comparisons = ("parity_regression", "test_regression")
    green = record(out / "runs")
    told = wrong("green", judge(out / "verdict-green", green), 0, skipped=comparisons)

    # The other runner: identity of tests must not depend on who tells of them.
    failing = record(out / "runs", "--runner", "cargo", "--baseline", str(green), settings=STALE)
    judged = judge(out / "verdict-failing", failing)
    told += wrong("failing", judged, 1, failing=("suites_pass", *comparisons))
    regressed = found(judged[1], "test_regression")
    if len(regressed) != 1 or regressed[0][0] != "regression" or f"`{FAILING_TEST}`" not in regressed[0][1]:
        told.append(f"failing: the regression of `{FAILING_TEST}` alone, not {regressed}")

    shards, run_id = [], f"{green.name}-shards"
    for index in range(SHARDS):
        given = ["--shard-kind", "both", "--shard-index", str(index), "--shard-total", str(SHARDS), "--run-id", run_id]
        shards.append(record(out / f"shard-{index}", *given))
    told += wrong("shards", judge(out / "verdict-shards", "--shards", *shards), 0, skipped=comparisons)
    incomplete = {"failing": ["shards_complete"], "blocked": comparisons}
    judged = judge(out / "verdict-shards-missing", "--shards", *shards[1:])
    told += wrong("a shard missing", judged, 1, **incomplete)
    if not any("shard 0" in actual for *_, actual in found(judged[1], "shards_complete")):
        told.append(f"a shard missing: shard 0 is named, not {found(judged[1], 'shards_complete')}")
    told += wrong("a shard by itself", judge(out / "verdict-shard", shards[0]), 1, **incomplete)

    ran = [json.loads((shard / "summary.json").read_text(encoding="utf-8")) for shard in shards]
    whole = json.loads((green / "summary.json").read_text(encoding="utf-8"))
    for key in ("total_suites", "total_units"):
        if sum(summary[key] for summary in ran) != whole[key]:
            told.append(f"shards: their {key} are not {whole[key]} together")

    for line in told:
        print(f"real_runs.py: {line}")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
