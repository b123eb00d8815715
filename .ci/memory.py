#!/usr/bin/env python3
"""Measures how much memory gatekeeper needs for large evidence, and fails above the bound.

    memory.py GATEKEEPER [--junit-mb 50] [--jsonl-mb 1024] [--most-mb 300]

Writes a JUnit report of many small tests, one of fewer tests with long messages, and a JSONL log, into a temporary directory; looks at each with
`inspect`, and judges each by a policy with one gate: `tests-pass`, `no-test-regression` over the report and `each-holds` over the
log. The figure of each run is the largest resident set that the kernel saw of that process. A run that does not end as it should fails too: a
program that refuses its evidence needs little memory. Needs Linux or macOS, and nothing but Python's standard library.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MB = 1 << 20
HEAD = 'schema = "gatekeeper.{}/1"\n'
POLICY = HEAD.format("policy") + 'id = "memory"\ntitle = "Memory"\n[lane.full]\nrule = "full"\n[[gate]]\nid = "bounded"\nblocking = true\n'
GATE = (
    HEAD.format("gate")
    + 'id = "bounded"\ntitle = "Large evidence"\nowner = "maintainers"\nbead = "gk-ci"\nwhy = "Large evidence is read in bounded memory."\n'
    + 'reproduce = ".ci/memory.py"\nremediation = ["Find what is kept."]\n'
)
GATES = {
    "tests-pass": '[evidence.tests]\npath = "repo:{file}"\n[[check]]\nkind = "tests-pass"\nevidence = ["tests"]\n',
    "no-test-regression": '[evidence.tests]\npath = "repo:{file}"\n'
    '[[check]]\nkind = "no-test-regression"\nnow = ["tests"]\nbefore = ["tests"]\n',
    "each-holds": '[evidence.events]\npath = "repo:{file}"\n'
    "[[check]]\nkind = \"each-holds\"\nin = \"events\"\nas = \"event\"\nthat = \"event.level != 'error' && event.seq >= 0\"\n",
}


def write_until(path, size, head, row, tail):
    """Writes rows until a file has this size. The number of rows."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        written, rows = len(head), 0
        while written < size - len(tail):
            some = "".join(row(rows + at) for at in range(256))
            file.write(some)
            written, rows = written + len(some), rows + 256
        file.write(tail)
    return rows


def junit(path, size, said):
    """A report whose tests pass; each prints so much that is not kept, and every tenth tells why it was skipped."""

    def row(at):
        body = f"<skipped message='not here'/>{said}" if at % 10 == 0 else said
        return f'<testcase name="tests::reads_{at}" classname="shop::orders" time="0.123456" id="orders-{at:08}">{body}</testcase>\n'

    return write_until(path, size, '<testsuites><testsuite name="shop::orders">\n', row, "</testsuite></testsuites>\n")


def jsonl(path, size):
    """A log of events."""

    def row(at):
        return f'{{"seq":{at},"at":"2026-03-02T10:15:00Z","level":"info","event":"step","tags":["a","b"],"detail":"request {at} took {at % 997} ms"}}\n'

    return write_until(path, size, "", row, "")


def peak(command, directory):
    """The exit code of a command and its largest resident set, in bytes."""
    with open(os.devnull, "wb") as nothing:
        child = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(gatekeeper, root, file, checks):
    """Rows `(what, exit code, bytes)` of looking at a file and of judging it."""
    yield f"inspect {file}", *peak([gatekeeper, "inspect", file], root)
    for check in checks:
        (root / "gates/memory").mkdir(parents=True, exist_ok=True)
        (root / "policies").mkdir(exist_ok=True)
        (root / "policies/memory.toml").write_text(POLICY, encoding="utf-8")
        (root / "gates/memory/bounded.toml").write_text(GATE + GATES[check].format(file=file), encoding="utf-8")
        (root / "gatekeeper.toml").write_text(HEAD.format("config") + 'extends = "policies/memory.toml"\n', encoding="utf-8")
        yield f"{check} {file}", *peak([gatekeeper, "verify", "--root", ".", "--out", "out"], root)


def main(given):
    parser = argparse.ArgumentParser(description="Measures how much memory gatekeeper needs for large evidence.")
    parser.add_argument("gatekeeper", type=Path)
    parser.add_argument("--junit-mb", type=int, default=50)
    parser.add_argument("--jsonl-mb", type=int, default=1024)
    parser.add_argument("--most-mb", type=int, default=300)
    arguments = parser.parse_args(given)
    gatekeeper, most, failed = str(arguments.gatekeeper.resolve()), arguments.most_mb * MB, False
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = {
            "many.xml": (lambda path: junit(path, arguments.junit_mb * MB, ""), ("tests-pass", "no-test-regression")),
            "long.xml": (
                lambda path: junit(path, arguments.junit_mb * MB, f"<system-out>{'printed ' * 200}</system-out>"),
                ("tests-pass",),
            ),
            "log.jsonl": (lambda path: jsonl(path, arguments.jsonl_mb * MB), ("each-holds",)),
        }
        for file, (make, checks) in files.items():
            rows = make(root / file)
            print(f"{file}: {(root / file).stat().st_size // MB} MB, {rows} rows", flush=True)
            for what, code, used in measure(gatekeeper, root, file, checks):
                wrong = "" if code == 0 and used <= most else f", WRONG: {f'exit code {code}' if code else 'too much'}"
                failed |= bool(wrong)
                print(f"  {what}: {used / MB:.0f} MB{wrong}", flush=True)
            (root / file).unlink()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
