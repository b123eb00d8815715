#!/usr/bin/env python3
"""Tests gatekeeper-history, with DuckDB reading the same files.

    history.py OUT        OUT holds a virtual environment with DuckDB from PyPI; it may be there already

Where DuckDB cannot be had, our own side is tested alone, and that is said. `cargo test` decides.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

MANIFEST = Path(__file__).resolve().parent.parent / "src/history/Cargo.toml"
DUCKDB = "duckdb==2.0.1"


def python_with_duckdb(home):
    """The Python of an environment that has it; None if it cannot be had."""
    python = home / "bin/python"
    if not python.exists():
        venv.create(home, with_pip=True)
    told = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", DUCKDB], check=False)
    return python if told.returncode == 0 else None


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    python = python_with_duckdb(out / "venv")
    more = {"GATEKEEPER_HISTORY_PYTHON": str(python)} if python else {}
    if not python:
        print("history.py: DuckDB could not be had; our own side is tested alone")
    command = ["cargo", "test", "--locked", "--manifest-path", str(MANIFEST)]
    return subprocess.run(command, env={**os.environ, **more}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
