#!/usr/bin/env python3
"""Fuzzes every target of tests/fuzz for some seconds each, and writes what came of it.

    fuzz.py [--seconds 900] [--targets readers,outputs] [--work target/fuzz] [--sanitizer none] [--table]

Needs a nightly compiler and `cargo fuzz`. Each target starts from `fixtures/fuzz/<target>` and from the corpus that earlier runs left in
the working directory, with one core. A target that finds a case is started again for the time that is left, at most ten times; the cases lie in
`<work>/artifacts/<target>`, and every one is tried again at the end, so that one which was mended in the meantime is not open. `--table` writes
docs/assurance/fuzzing.json from libFuzzer's own statistics, summed over the runs whose logs lie in the working directory; make the page with
`GATEKEEPER_BLESS=1 cargo test --test it assurance`. The exit code is 1 while a case is open.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tests" / "fuzz"
TABLE = ROOT / "docs" / "assurance" / "fuzzing.json"
LIMITS = ["-rss_limit_mb=2048", "-timeout=10", "-max_len=65536", "-print_final_stats=1"]
STARTS_MOST = 10
ABOUT = (
    "Bytes that libFuzzer makes up, guided by which code they reach, through the functions in `tests/fuzz/targets`, which panic when a "
    "promise is broken; a case that takes ten seconds or two gigabytes counts as a crash too. Cases that were found, and the "
    "seeds, are in `fixtures/fuzz` and are replayed each time the tests run."
)


def targets():
    """The names of the fuzzers, in the order of their manifest."""
    return [program["name"] for program in tomllib.loads((HOME / "Cargo.toml").read_text(encoding="utf-8"))["bin"]]


def build(environment, sanitizer):
    """Builds every fuzzer. The directory of the programs."""
    told = subprocess.run(["rustc", "+nightly", "-vV"], capture_output=True, text=True, check=True).stdout
    triple = re.search(r"^host: (.+)$", told, re.M).group(1)
    subprocess.run(["cargo", "+nightly", "fuzz", "build", "--fuzz-dir", str(HOME), "--sanitizer", sanitizer], env=environment, check=True)
    return Path(environment["CARGO_TARGET_DIR"]) / triple / "release"


def for_a_while(program, seconds, work):
    """Fuzzes a target for that long, however often it finds something; how long it ran stands in its log."""
    target = program.name
    corpus, artifacts = work / "corpus" / target, work / "artifacts" / target
    for place in (corpus, artifacts):
        place.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with (work / f"{target}.log").open("a", encoding="utf-8") as log:
        for _ in range(STARTS_MOST):
            left = int(begun + seconds - time.monotonic())
            if left < 1:
                break
            command = [program, corpus, ROOT / "fixtures" / "fuzz" / target, f"-max_total_time={left}", f"-artifact_prefix={artifacts}/"]
            ended = subprocess.run([str(word) for word in command] + LIMITS, stdout=log, stderr=log, cwd=work, check=False)
            if ended.returncode == 0:
                break
        print(f"fuzz: ran for {time.monotonic() - begun:.0f} s", file=log)


def cases(target, work):
    """The cases that broke a promise when they were found."""
    place = work / "artifacts" / target
    kinds = ("crash-", "oom-", "timeout-", "leak-")
    return sorted(path for path in place.glob("*") if path.name.startswith(kinds)) if place.is_dir() else []


def still_open(program, case):
    """Whether a case breaks a promise now."""
    return subprocess.run([str(program), str(case), *LIMITS], capture_output=True, cwd=case.parent, check=False).returncode != 0


def row(program, work):
    """A row of the table, from the logs of this working directory, and how many cases are open."""
    target = program.name
    log = (work / f"{target}.log").read_text(encoding="utf-8", errors="replace")
    inputs = sum(int(count) for count in re.findall(r"^stat::number_of_executed_units:\s+(\d+)", log, re.M))
    seconds = sum(int(count) for count in re.findall(r"^fuzz: ran for (\d+) s", log, re.M))
    if not inputs:
        raise SystemExit(f"fuzz: {target} left no statistics in {work}")
    found = cases(target, work)
    opened = sum(still_open(program, case) for case in found)
    places = (work / "corpus" / target, ROOT / "fixtures" / "fuzz" / target)
    corpus = sum(len(list(place.iterdir())) for place in places)
    cells = [target, f"{inputs:,}".replace(",", " "), str(round(seconds / 60)), str(corpus), str(len(found)), str(opened)]
    return cells, opened


def main():
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seconds", type=int, default=900, help="for each target; 0 only sums up")
    given.add_argument("--targets", default=",".join(targets()))
    given.add_argument("--work", type=Path, default=ROOT / "target" / "fuzz")
    given.add_argument("--sanitizer", default="none", help="gatekeeper has no unsafe code; `address` looks into its packages")
    given.add_argument("--table", action="store_true", help="write docs/assurance/fuzzing.json")
    given = given.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    chosen = given.targets.split(",")
    unknown = set(chosen) - set(targets())
    if unknown:
        raise SystemExit(f"fuzz: no target is called {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    environment = {"CARGO_TARGET_DIR": str(work / "build"), **os.environ}
    programs = build(environment, given.sanitizer)
    for target in chosen:
        if given.seconds:
            print(f"fuzz: {target} for {given.seconds} s, told in {work / target}.log", flush=True)
            for_a_while(programs / target, given.seconds, work)
    rows, opened = [], 0
    for target in chosen:
        cells, broken = row(programs / target, work)
        rows.append(cells)
        opened += broken
        print("fuzz: {}: {} inputs, {} min, {} in the corpus, {} found, {} open".format(*cells))
    if given.table:
        if chosen != targets():
            raise SystemExit("fuzz: the table has a row for every target; leave `--targets` out")
        today = datetime.datetime.now(datetime.timezone.utc).date()
        table = {
            "title": "Fuzzing",
            "about": ABOUT,
            "by": ".ci/fuzz.py --table",
            "measured": f"{today}, 1 of {os.cpu_count()} cores, release build with overflow checks, sanitizer: {given.sanitizer}",
            "columns": ["target", "inputs run", "minutes", "corpus", "crashes found", "crashes open"],
            "rows": rows,
        }
        TABLE.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if opened else 0


if __name__ == "__main__":
    sys.exit(main())
