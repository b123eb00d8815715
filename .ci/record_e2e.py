#!/usr/bin/env python3
"""Runs tests of this repository and records the run in the layout of the pack `e2e-run`, failing tests included.

    record_e2e.py OUT [--profile quick|focused|ci|full] [--suite NAME]... [--unit NAME]... [--test NAME]...
                  [--shard-kind suite|unit|both --shard-index I --shard-total N]
                  [--baseline RUN] [--rerun-from SUMMARY] [--run-id ID] [--timestamp TS] [--runner nextest|cargo] [--events]

A suite is a module of tests/it, a unit target a room of the library. `quick` and `ci` are fixed choices of them, `full` is all, and
`focused` what `--suite` and `--unit` name, or what failed in the run of `--rerun-from`. Without `--runner` it is nextest where that is
installed, whose JUnit report is kept beside its log, else `cargo test`. `--events` keeps nextest's JSON events as well.

Comes in: the sources, and what the runner tells. Goes out: OUT/<timestamp>/, whose path is the last line printed. It judges nothing:
a run with failing tests is recorded, and the recorder exits with 0. A target whose runner could not even start is recorded as
failed, with no test counted. Needs nothing but Python's standard library.
"""

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from record import counts, git, now, sha256, write  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SUITE, UNIT = "suite", "unit"
# Cheap targets: recording must cost CI seconds.
PROFILES = {
    "quick": (["example_run"], ["signature"]),
    "ci": (["catalogue", "example_run", "test_reports"], ["definition", "model", "signature"]),
}
PANIC = re.compile(r"panicked at ([^\n]+?):(\d+):\d+:\n([^\n]*)")
SECRET_FREE = re.compile(r"GATEKEEPER_[A-Z_]+")


class Runner:
    """How tests are listed and run. The tests of the recorder put another one in its place."""

    def __init__(self, name, events):
        self.name, self.events = name, events
        self.target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

    def names(self, kind):
        """Every test of a kind, as the harness calls it."""
        where = ["--lib"] if kind == UNIT else ["--test", "it"]
        command = ["cargo", "test", "--locked", "--quiet", *where, "--", "--list", "--format", "terse"]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [line.removesuffix(": test") for line in told.splitlines() if line.endswith(": test")]

    def run(self, kind, tests, home):
        """Runs these tests; output.log, and what else tells of them, go into `home`. The exit code, as a shell has it."""
        return self.nextest(kind, tests, home) if self.name == "nextest" else self.cargo(kind, tests, home)

    def cargo(self, kind, tests, home):
        where = ["--lib"] if kind == UNIT else ["--test", "it"]
        return spawn(["cargo", "test", "--locked", *where, "--", "--exact", *tests], home / "output.log")

    def nextest(self, kind, tests, home):
        report = self.target / "nextest/record/junit.xml"
        # A report that an earlier target left is not this one's.
        report.unlink(missing_ok=True)
        where = ["--lib"] if kind == UNIT else ["--test", "it"]
        command = ["cargo", "nextest", "run", "--locked", "--profile", "record", *where]
        chosen = ["--", "--exact", *tests]
        if self.events:
            command += ["--message-format", "libtest-json"]
            os.environ["NEXTEST_EXPERIMENTAL_LIBTEST_JSON"] = "1"
        code = spawn(command + chosen, home / "output.log", home / "events.jsonl" if self.events else None)
        if report.exists():
            shutil.copyfile(report, home / "junit.xml")
        return code


def spawn(command, log, out=None):
    """Runs a command; standard error and output go into `log`, or output into `out`. 127 if it cannot start."""
    with log.open("wb") as kept:
        try:
            if out is None:
                code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=kept, stderr=kept, check=False).returncode
            else:
                with out.open("wb") as events:
                    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=events, stderr=kept, check=False).returncode
        except OSError as error:
            kept.write(f"cannot start {shlex.join(command)}: {error}\n".encode())
            code = 127
    # A child that a signal ended has a negative code here and 128 + signal for a shell.
    return code if code >= 0 else 128 - code


def told_by(home):
    """What the runner told in this directory: its counts, and the failing tests with what they said, in order."""
    log = (home / "output.log").read_bytes().decode("utf-8", "replace")
    report = home / "junit.xml"
    if report.exists():
        passed, ignored, failing = 0, 0, []
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            bad = [child for child in case if child.tag in ("failure", "error")]
            if bad:
                said = "\n".join([bad[-1].text or "", *(case.findtext(tag) or "" for tag in ("system-err", "system-out"))])
                failing.append((case.get("name"), said))
            elif case.find("skipped") is not None:
                ignored += 1
            else:
                passed += 1
        return {"passed": passed, "failed": len(failing), "ignored": ignored}, failing
    counted = counts(log.encode()) or {}
    failing = []
    for name in re.findall(r"(?m)^test (\S+) \.\.\. FAILED$", log):
        section = log.partition(f"\n---- {name} stdout ----\n")[2]
        failing.append((name, re.split(r"(?m)^---- |^failures:$", section)[0]))
    return {key: counted.get(key, 0) for key in ("passed", "failed", "ignored")}, failing


def words(*command):
    """A command to paste, with the settings that the recorder itself ran under."""
    settings = [f"{key}={value}" for key, value in sorted(os.environ.items()) if SECRET_FREE.fullmatch(key)]
    return shlex.join([*(["env", *settings] if settings else []), *command])


def selected(arguments, names):
    """The suites and units of this run, and the tests of each: `{kind: {name: [test]}}`."""
    groups = {kind: {} for kind in (SUITE, UNIT)}
    for kind in groups:
        for test in names(kind):
            if "::" in test:
                groups[kind].setdefault(test.split("::")[0], []).append(test)
    wanted = {SUITE: list(arguments.suite), UNIT: list(arguments.unit)}
    if arguments.rerun_from:
        summary = json.loads(arguments.rerun_from.read_text(encoding="utf-8"))
        wanted[SUITE] += summary["failed_names"]
        wanted[UNIT] += summary["failed_unit_names"]
    if arguments.profile in PROFILES and not any(wanted.values()):
        wanted = dict(zip((SUITE, UNIT), PROFILES[arguments.profile]))
    if arguments.profile == "full" and not any(wanted.values()):
        wanted = {kind: list(groups[kind]) for kind in groups}
    if not any(wanted.values()):
        raise SystemExit("record_e2e.py: name a suite or a unit target, or another profile")
    chosen = {}
    for kind, own in wanted.items():
        unknown = [name for name in own if name not in groups[kind]]
        if unknown:
            raise SystemExit(f"record_e2e.py: no test belongs to the {kind} {', '.join(unknown)}")
        chosen[kind] = {name: groups[kind][name] for name in sorted(set(own))}
        if arguments.test:
            kept = {name: [test for test in tests if test in arguments.test] for name, tests in chosen[kind].items()}
            chosen[kind] = {name: tests for name, tests in kept.items() if tests}
    return shard(chosen, arguments)


def shard(chosen, arguments):
    """The part of a selection that this shard runs. A kind that is not sharded is run by the first shard, once."""
    kind, index, total = arguments.shard_kind, arguments.shard_index, arguments.shard_total
    if kind == "none":
        return chosen
    own = {}
    for each, targets in chosen.items():
        sharded = kind in (each, "both")
        rows = [name for at, name in enumerate(sorted(targets)) if (at % total if sharded else 0) == index]
        own[each] = {name: targets[name] for name in rows}
    return own


def cause(said, code):
    """The class of a failure."""
    if code >= 128:
        return "crash"
    if "timed out" in said or "timeout" in said:
        return "timeout"
    found = PANIC.search(said)
    if found is None:
        return "other"
    return "assertion_failure" if found[3].startswith("assertion ") else "panic"


def place(suite, test, said):
    """Where a test failed: where it panicked, else where it begins."""
    found = PANIC.search(said)
    if found:
        return {"file": found[1], "line": int(found[2])}, found[3].strip() or "it panicked"
    file = Path(f"tests/it/{suite}.rs")
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines() if (ROOT / file).exists() else []
    begins = [at for at, line in enumerate(lines, 1) if re.match(rf"\s*fn {re.escape(test.split('::')[-1])}\(", line)]
    return {"file": file.as_posix(), "line": begins[0] if begins else 1}, "it failed and did not say where"


def record_target(run, facts, kind, name, tests, runner):
    """Runs one target; its result, and the digest of a suite that failed."""
    relative = name if kind == SUITE else f"unit/{name}"
    home = run / relative
    home.mkdir(parents=True)
    clock = time.monotonic()
    code = runner.run(kind, tests, home)
    counted, failing = told_by(home)
    result = {
        "suite" if kind == SUITE else "target": name,
        "exit_code": code,
        "duration_ms": round((time.monotonic() - clock) * 1000),
        **counted,
        "total": sum(counted.values()),
        "log_file": f"{facts['artifact_dir']}/{relative}/output.log",
        "log_sha256": sha256(home / "output.log"),
        "run_id": facts["run_id"],
        "timestamp": facts["timestamp"],
    }
    write(home / "result.json", result)
    digest = None
    if kind == SUITE and code != 0:
        test, said = failing[0] if failing else (tests[0], "")
        location, message = place(name, test, said)
        digest = {
            "run_id": facts["run_id"],
            "suite": name,
            "exit_code": code,
            "root_cause_class": cause(said, code),
            "impacted_scenario_ids": [failed for failed, _ in failing],
            "first_failing_assertion": {"test": test, "location": location, "message": message},
            "remediation_pointer": {
                "replay_command": words("python3", ".ci/record_e2e.py", "target/e2e", "--suite", name),
                "suite_replay_command": words("python3", ".ci/record_e2e.py", "target/e2e", "--suite", name),
                "targeted_test_replay_command": words(
                    "python3", ".ci/record_e2e.py", "target/e2e", "--suite", name, "--test", test
                ),
            },
        }
        write(home / "failure_digest.json", digest)
    return result, digest


def compare(results, baseline, current):
    """triage_diff.json: what became of suites and unit targets since the baseline."""
    summary = json.loads((baseline / "summary.json").read_text(encoding="utf-8"))

    def failed(rows):
        return {(kind, row[key]): row["exit_code"] != 0 for kind, key in ((SUITE, "suite"), (UNIT, "target")) for row in rows if key in row}

    before, after = failed(summary["suites"] + summary["units"]), failed(results)
    ranked, tally = [], {"regression_count": 0, "new_failures": 0, "fixed": 0, "still_failing": 0}
    for target in sorted(before.keys() | after.keys()):
        was, is_now = before.get(target), after.get(target)
        if was is False and is_now is not False:
            word, severity = "regression_count", "high"
        elif was is None and is_now:
            word, severity = "new_failures", "high"
        elif was and is_now is not False:
            word, severity = "still_failing", "low"
        elif was:
            word, severity = "fixed", None
        else:
            continue
        tally[word] += 1
        if severity:
            command = words("python3", ".ci/record_e2e.py", "target/e2e", f"--{target[0]}", target[1])
            ranked.append({"name": target[1], "surface": target[0], "severity": severity, "recommended_command": command})
    ranked.sort(key=lambda row: row["severity"] != "high")
    broken = tally["regression_count"] + tally["new_failures"]
    status = "regression" if broken else "known_failures_only" if tally["still_failing"] else "stable"
    return {"status": status, "baseline": baseline.name, "current": current, "summary": tally, "ranked_diagnostics": ranked}


def record(arguments, runner):
    """Records a run; its directory."""
    chosen = selected(arguments, runner.names)
    stamp = arguments.timestamp or now().strftime("%Y%m%dT%H%M%SZ")
    run = arguments.out.resolve() / stamp
    run.mkdir(parents=True)
    commit = git("rev-parse", "HEAD")
    sharded = arguments.shard_kind != "none"
    index, total = (arguments.shard_index, arguments.shard_total) if sharded else (None, None)
    facts = {
        "timestamp": stamp,
        "profile": arguments.profile,
        "artifact_dir": str(run),
        "run_id": arguments.run_id or f"{stamp}-{commit[:12]}-{os.getpid()}",
        "shard": {"kind": arguments.shard_kind, "index": index, "total": total},
    }
    environment = {
        **facts,
        "git_sha": commit,
        "dirty": bool(git("status", "--porcelain")),
        "vcr_mode": "off",
        "runner": runner.name,
        "platform": f"{platform.system()}-{platform.machine()}".lower(),
        "suites": list(chosen[SUITE]),
        "units": list(chosen[UNIT]),
    }
    write(run / "environment.json", environment)
    results, digests = {SUITE: [], UNIT: []}, []
    for kind, targets in chosen.items():
        for name, tests in targets.items():
            result, digest = record_target(run, facts, kind, name, tests, runner)
            results[kind].append(result)
            digests += [digest] if digest else []
            word = "ok" if result["exit_code"] == 0 else f"exit code {result['exit_code']}"
            print(f"{kind} {name}: {word}, {result['passed']} passed, {result['failed']} failed, {result['ignored']} ignored", flush=True)
    replay = words("python3", ".ci/record_e2e.py", "target/e2e", "--rerun-from", f"{facts['artifact_dir']}/summary.json")
    triage = None
    if arguments.baseline:
        triage = compare(results[SUITE] + results[UNIT], arguments.baseline.resolve(), stamp)
        ranked = [row["recommended_command"] for row in triage["ranked_diagnostics"]]
        triage["recommended_commands"] = {"runner_repro_command": replay, "ranked_repro_commands": ranked}
        write(run / "triage_diff.json", triage)
    write_derived(run, environment, facts, results, digests, replay, triage)
    return run


def write_derived(run, environment, facts, results, digests, replay, triage):
    """The documents that are derived from the results. The summary is last: a run without it died."""
    failed = {kind: [row for row in rows if row["exit_code"] != 0] for kind, rows in results.items()}
    paths = {digest["suite"]: f"{facts['artifact_dir']}/{digest['suite']}/failure_digest.json" for digest in digests}
    rows = [{"suite": digest["suite"], "digest_path": paths[digest["suite"]], "root_cause_class": digest["root_cause_class"]} for digest in digests]
    write(run / "failure_diagnostics_index.json", {"run_id": facts["run_id"], "suites": rows})
    bundle = {
        "run_id": facts["run_id"],
        "one_command_replay": replay,
        "environment": {
            **{key: environment[key] for key in ("profile", "vcr_mode", "git_sha")},
            **{f"shard_{key}": value for key, value in facts["shard"].items()},
        },
        "failed_suites": [
            {
                "suite": digest["suite"],
                "exit_code": digest["exit_code"],
                "root_cause_class": digest["root_cause_class"],
                "cargo_replay": digest["remediation_pointer"]["suite_replay_command"],
                "targeted_replay": digest["remediation_pointer"]["targeted_test_replay_command"],
                "digest_path": paths[digest["suite"]],
            }
            for digest in digests
        ],
        "failed_units": [
            {
                "target": row["target"],
                "exit_code": row["exit_code"],
                "cargo_replay": words("python3", ".ci/record_e2e.py", "target/e2e", "--unit", row["target"]),
            }
            for row in failed[UNIT]
        ],
    }
    write(run / "replay_bundle.json", bundle)
    summary = {
        **facts,
        "baseline": triage["baseline"] if triage else None,
        "triage_diff": {"status": triage["status"], "regression_count": triage["summary"]["regression_count"]} if triage else None,
        "replay_bundle": {"one_command_replay": replay},
    }
    for kind, plural, names, key in ((SUITE, "suites", "failed_names", "suite"), (UNIT, "units", "failed_unit_names", "target")):
        summary |= {
            f"total_{plural}": len(results[kind]),
            f"passed_{plural}": len(results[kind]) - len(failed[kind]),
            f"failed_{plural}": len(failed[kind]),
            names: [row[key] for row in failed[kind]],
            plural: results[kind],
        }
    write(run / "summary.json", summary)


def parse(given):
    parser = argparse.ArgumentParser(description="Records a run of this repository's tests.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--profile", choices=["quick", "focused", "ci", "full"])
    parser.add_argument("--suite", action="append", default=[])
    parser.add_argument("--unit", action="append", default=[])
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--shard-kind", choices=["none", SUITE, UNIT, "both"], default="none")
    parser.add_argument("--shard-index", type=int)
    parser.add_argument("--shard-total", type=int)
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--rerun-from", type=Path)
    parser.add_argument("--run-id")
    parser.add_argument("--timestamp")
    parser.add_argument("--runner", choices=["nextest", "cargo"])
    parser.add_argument("--events", action="store_true")
    arguments = parser.parse_args(given)
    named = bool(arguments.suite or arguments.unit or arguments.rerun_from)
    arguments.profile = arguments.profile or ("focused" if named else "ci")
    index, total = arguments.shard_index, arguments.shard_total
    if (arguments.shard_kind == "none") != (index is None and total is None):
        parser.error("a shard has a kind, an index and a total")
    if index is not None and (total is None or not 0 <= index < total):
        parser.error("the index of a shard is at least 0 and below their total")
    if arguments.timestamp and not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", arguments.timestamp):
        parser.error("a timestamp is like 20260302T101500Z")
    return arguments


def main(given):
    arguments = parse(given)
    has_nextest = subprocess.run(["cargo", "nextest", "--version"], capture_output=True, check=False).returncode == 0
    name = arguments.runner or ("nextest" if has_nextest else "cargo")
    print(record(arguments, Runner(name, arguments.events)))


if __name__ == "__main__":
    main(sys.argv[1:])
