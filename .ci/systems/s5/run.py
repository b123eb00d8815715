#!/usr/bin/env python3
"""Makes evidence of the compose stack from the pack's page, and has gatekeeper judge it.

    python3 .ci/systems/s5/run.py OUT [--gatekeeper BINARY]

The recorder is taken out of docs/packs/compose-flows.md as a user would copy it, and runs against the stand-in (`stack.py`) over real HTTP and
WebSocket on the loopback interface: once as it should be, and once with each of several faults. The first recording must pass, also inside a git
repository and without a word about the pack; each of the others must fail on the gate of its fault. Needs bash, git, curl and, where they are
installed, jq and websocat; `field.py` and `listen.py` stand in for the last two.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PAGE = ROOT / "docs/packs/compose-flows.md"
# The faults of stack.py, and the gate that each of them fails.
FAULTS = {
    "lost-result": "result_payload",
    "lost-trace": "trace_bound",
    "lost-context": "context_bound",
    "double-result": "one_result",
    "early-step": "approval_first",
    "hang": "jobs_succeeded",
    "open-policy": "topic_policy",
    "lost-child": "children_accounted",
    "forgetful": "memory_grows",
}
CONFIG = {
    "safety.yaml": "default_tenant: default\ntenants:\n  default:\n    allow_topics: [\"job.*\"]\n    deny_topics: [\"sys.*\"]\n",
    "timeouts.yaml": "reconciler:\n  dispatch_timeout_seconds: 120\n  running_timeout_seconds: 1500\n  scan_interval_seconds: 30\n",
}


def recorder():
    """The script of the page."""
    found = re.search(r"```bash\n(#!/usr/bin/env bash\n.*?)```", PAGE.read_text(), re.S)
    if not found:
        raise SystemExit(f"{PAGE}: no recorder")
    return found[1]


def tools(directory):
    """A directory with what is not installed."""
    directory.mkdir()
    for name, script in {"websocat": "listen.py", "jq": "field.py"}.items():
        if not shutil.which(name):
            path = directory / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / script}" "$@"\n')
            path.chmod(0o755)
    return directory


def git(home, *arguments):
    who = ["-c", "user.name=recorder", "-c", "user.email=recorder@example.com"]
    subprocess.run(["git", "-C", home, *who, *arguments], check=True, stdout=subprocess.DEVNULL)


def record(home, bin_, fault):
    """A checkout with its configuration and a recording in it: the directory of the run."""
    config = home / "config"
    config.mkdir(parents=True)
    for name, text in CONFIG.items():
        (config / name).write_text(text)
    script = home / "record_flows.sh"
    script.write_text(recorder())
    git(home, "init", "-q")
    git(home, "add", "-A")
    git(home, "commit", "-qm", "The stack")
    runs = home / "flow-runs"
    runs.mkdir()
    port = home.with_suffix(".port")
    asked = [sys.executable, HERE / "stack.py", port, "--beat", "0.25", *(["--fault", fault] if fault else [])]
    stack = subprocess.Popen(asked)
    try:
        for _ in range(300):
            if port.exists():
                break
            time.sleep(0.05)
        here = {"API": f"http://127.0.0.1:{port.read_text()}", "KEY": "stand-in", "CONFIG": "../config", "BEAT": "1", "PATH": f"{bin_}:{os.environ['PATH']}"}
        environment = {**os.environ, **here, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
        said = subprocess.run(["bash", script], cwd=runs, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        (home.with_suffix(".log")).write_text(said.stdout)
        if said.returncode != 0:
            raise SystemExit(f"{home.name}: the recorder failed: {said.stdout}")
    finally:
        stack.terminate()
        stack.wait()
    (run,) = runs.iterdir()
    return run


def judge(gatekeeper, home, run, *more):
    """The exit code, the gates that did not pass, what was said."""
    out = home.with_suffix(".verdict")
    asked = [gatekeeper, "verify", run.relative_to(home), "--out", out, *more]
    done = subprocess.run(asked, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    verdict = out / "full_suite_verdict.json"
    gates = json.loads(verdict.read_text())["gates"] if verdict.exists() else []
    return done.returncode, {gate["id"] for gate in gates if gate["status"] == "fail"}, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--gatekeeper", default="gatekeeper")
    args = parser.parse_args()
    out = args.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    gatekeeper = str(pathlib.Path(args.gatekeeper).resolve()) if "/" in args.gatekeeper else args.gatekeeper
    bin_ = tools(out / "bin")
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=5) as pool:
        homes = {fault: out / (fault or "green") for fault in [None, *FAULTS]}
        started = {fault: pool.submit(record, home, bin_, fault) for fault, home in homes.items()}
        for fault, future in started.items():
            home, run = homes[fault], future.result()
            code, failed, said = judge(gatekeeper, home, run)
            good = (code, failed) == (0, set()) if fault is None else code == 1 and FAULTS[fault] in failed
            print(f"s5: {home.name}: exit {code}, failed: {', '.join(sorted(failed)) or 'none'}{'' if good else ': WRONG'}")
            if not good:
                wrong.append(f"{home.name}:\n{said}")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print(f"s5: one recording passes, {len(FAULTS)} faults are found by their gates")


if __name__ == "__main__":
    main()
