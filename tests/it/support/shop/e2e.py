#!/usr/bin/env python3
"""`make e2e` of a small shop: runs its stages one after another and records them under artifacts/e2e/<run_id>/.

Each line of a stage goes to logs/<stage>.log and, behind `[<stage>] `, to e2e.log; what it wrote to standard error stands in
logs/<stage>.stderr.log alone, too. After a failure only stages marked `always` run. summary.json, failure_summary.md and
manifest.json are written whatever happened. RUN_ID names the run; exits 0 iff every stage succeeded.
"""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = ["python3", "-B"]
STAGES = [
    {"name": "build", "command": [*PYTHON, "shop.py", "build"]},
    {"name": "unit", "command": [*PYTHON, "-m", "unittest", "-v", "test_shop"]},
    {"name": "smoke", "command": [*PYTHON, "shop.py", "smoke"], "timeout": 20},
    {"name": "report", "command": [*PYTHON, "shop.py", "report"]},
    {"name": "cleanup", "command": [*PYTHON, "shop.py", "cleanup"], "always": True},
]
SECRET = re.compile(r"(?i)((?:token|password|secret)\s*[=:]\s*)\S+")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def run(stage, directory, streamed):
    """Runs one stage; its exit code and, where it has none, the class of its error."""
    log = (directory / "logs" / f"{stage['name']}.log").open("w", encoding="utf-8")
    errors = (directory / "logs" / f"{stage['name']}.stderr.log").open("w", encoding="utf-8")
    turn = threading.Lock()

    def pump(pipe, own):
        for line in pipe:
            line = SECRET.sub(r"\1***", line.rstrip("\n")) + "\n"
            with turn:
                log.write(line)
                streamed.write(f"[{stage['name']}] {line}")
                if own:
                    own.write(line)

    environment = {**os.environ, "SHOP_RESULTS": str(directory / "results"), "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        stage["command"], cwd=HERE, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    pumps = [threading.Thread(target=pump, args=pair) for pair in ((child.stdout, None), (child.stderr, errors))]
    for thread in pumps:
        thread.start()
    try:
        ended = (child.wait(stage.get("timeout")), None)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        ended = (None, "timeout")
    for thread in pumps:
        thread.join()
    log.close()
    errors.close()
    return ended


def record(stage, directory, streamed, failed):
    name = stage["name"]
    row = {"name": name, "status": "skipped", "exit_code": None, "duration_s": 0.0, "log": f"logs/{name}.log"}
    if stage.get("always"):
        row["always"] = True
    if failed and not stage.get("always"):
        streamed.write(f"== {name}: skipped\n")
        return row
    streamed.write(f"== {name}\n")
    began = time.monotonic()
    code, error = run(stage, directory, streamed)
    row.update(status="success" if code == 0 else "failure", exit_code=code, duration_s=round(time.monotonic() - began, 3))
    row["stderr"] = f"logs/{name}.stderr.log"
    if error:
        row["error_class"] = error
    return row


def told(stage, directory):
    lines = (directory / stage["stderr"]).read_text(encoding="utf-8").splitlines()[:20]
    ended = stage["error_class"] if stage["exit_code"] is None else f"exit code {stage['exit_code']}"
    fenced = "\n".join(lines)
    return f"# E2E failure\n\nStage `{stage['name']}` failed: {ended}. Log: {stage['log']}\n\n````\n{fenced}\n````\n"


def main():
    started = datetime.datetime.now(datetime.timezone.utc)
    run_id = os.environ.get("RUN_ID") or started.strftime("%Y%m%dT%H%M%SZ")
    directory = HERE / "artifacts" / "e2e" / run_id
    for below in ("logs", "results"):
        (directory / below).mkdir(parents=True)
    stages = []
    with (directory / "e2e.log").open("w", encoding="utf-8") as streamed:
        for stage in STAGES:
            failed = any(row["status"] == "failure" for row in stages)
            stages.append(record(stage, directory, streamed, failed))
    failing = [row for row in stages if row["status"] == "failure"]
    write(directory / "summary.json", {
        "run_id": run_id,
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "artifact_dir": str(directory),
        "environment": {"SHOP_RATE": os.environ.get("SHOP_RATE", "")},
        "status": "failure" if failing else "success",
        "stages": stages,
    })
    if failing:
        (directory / "failure_summary.md").write_text(told(failing[0], directory), encoding="utf-8")
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    rows = [{"path": path.relative_to(directory).as_posix(), "sha256": sha256(path), "size": path.stat().st_size} for path in files]
    write(directory / "manifest.json", {"files": sorted(rows, key=lambda row: row["path"].encode())})
    print(directory)
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
