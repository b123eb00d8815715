#!/usr/bin/env python3
"""Records a run of this repository's own checks as a run directory that gatekeeper can judge.

    record.py start DIR STEP...            environment.json: which commit, which steps are to come
    record.py step DIR STEP -- COMMAND     runs one step; its output goes to the terminal and to STEP/output.log
    record.py finish DIR                   summary.json and manifest.json

Comes in: commands. Goes out: what they did, whether they failed or not. It judges nothing: a failing step is recorded as
failing, and `step` exits with the command's own code. A step that never ran is absent from the summary, which is for the
gates to notice. Needs nothing but Python's standard library.
"""

import datetime
import hashlib
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

STEP = re.compile(r"[a-z][a-z0-9-]*")
STARTED = re.compile(rb"(?m)^running (\d+) tests?\r?$")
FINISHED = re.compile(rb"(?m)^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def git(*arguments):
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def counts(log):
    """What the libtest result lines of a log add up to; None for a step that runs no tests.

    `targets_started` and `targets_finished` differ when a test binary stopped before its result line.
    """
    started, finished = STARTED.findall(log), FINISHED.findall(log)
    if not started and not finished:
        return None
    passed, failed, ignored = (sum(int(line[at]) for line in finished) for at in range(3))
    return {
        "targets_started": len(started),
        "targets_finished": len(finished),
        "passed": passed,
        "failed": failed,
        "ignored": ignored,
        "total": sum(int(number) for number in started),
    }


def start(run, steps):
    if not steps or len(set(steps)) != len(steps) or not all(STEP.fullmatch(step) for step in steps):
        raise SystemExit("record.py: the steps must be named, each once, like `self-test`")
    run.mkdir(parents=True)
    commit = git("rev-parse", "HEAD")
    facts = {
        "run_id": f"{run.name}-{commit[:12]}-{os.getpid()}",
        "started_at": instant(now()),
        "git_sha": commit,
        "dirty": bool(git("status", "--porcelain")),
        "artifact_dir": str(run.resolve()),
        "profile": "ci" if os.environ.get("CI") else "local",
        "rustc": subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip(),
        "platform": f"{platform.system()}-{platform.machine()}".lower(),
    }
    announce(run, facts, steps)


def announce(run, facts, steps):
    """Writes environment.json."""
    write(
        run / "environment.json",
        {"schema": "gatekeeper.ci-environment/1", "timestamp": run.name, **facts, "steps": steps},
    )


def step(run, name, command):
    environment = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    if name not in environment["steps"]:
        raise SystemExit(f"record.py: `{name}` is not one of the steps that were announced")
    if (run / name).exists():
        raise SystemExit(f"record.py: `{name}` has already run")
    (run / name).mkdir()
    log = run / name / "output.log"
    began, clock = now(), time.monotonic()
    with log.open("wb") as kept:
        try:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as error:
            said = f"cannot start {shlex.join(command)}: {error}\n".encode()
            kept.write(said)
            sys.stdout.buffer.write(said)
            code = 127
        else:
            for line in child.stdout:
                kept.write(line)
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            code = child.wait()
    # A child that a signal ended has a negative code here and 128 + signal for a shell.
    code = code if code >= 0 else 128 - code
    note(run, name, shlex.join(command), instant(began), round((time.monotonic() - clock) * 1000), code)
    return code


def note(run, name, command, began, duration_ms, code):
    """Writes the result.json of a step whose log is there."""
    environment = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    log = run / name / "output.log"
    result = {
        "schema": "gatekeeper.ci-step/1",
        "step": name,
        "run_id": environment["run_id"],
        "command": command,
        "started_at": began,
        "duration_ms": duration_ms,
        "exit_code": code,
        **(counts(log.read_bytes()) or {}),
        "log_file": f"{name}/output.log",
        "log_sha256": sha256(log),
    }
    write(run / name / "result.json", result)


def finish(run, moment=None):
    environment = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    results = []
    for name in environment["steps"]:
        path = run / name / "result.json"
        if path.exists():
            results.append(json.loads(path.read_text(encoding="utf-8")))
    failed = [result["step"] for result in results if result["exit_code"] != 0]
    summary = {
        "schema": "gatekeeper.ci-summary/1",
        "timestamp": environment["timestamp"],
        "run_id": environment["run_id"],
        "generated_at": moment or instant(now()),
        "git_sha": environment["git_sha"],
        "profile": environment["profile"],
        "artifact_dir": environment["artifact_dir"],
        "total_steps": len(results),
        "passed_steps": len(results) - len(failed),
        "failed_steps": len(failed),
        "failed_names": failed,
        "steps": results,
    }
    write(run / "summary.json", summary)
    files = sorted(path for path in run.rglob("*") if path.is_file() and path != run / "manifest.json")
    rows = [
        {"path": path.relative_to(run).as_posix(), "sha256": sha256(path), "size": path.stat().st_size} for path in files
    ]
    rows.sort(key=lambda row: row["path"].encode())
    write(run / "manifest.json", {"schema": "gatekeeper.ci-manifest/1", "run_id": environment["run_id"], "files": rows})


def main(arguments):
    match arguments:
        case ["start", run, *steps]:
            start(Path(run), steps)
        case ["step", run, name, "--", *command] if command:
            return step(Path(run), name, command)
        case ["finish", run]:
            finish(Path(run))
        case _:
            raise SystemExit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
