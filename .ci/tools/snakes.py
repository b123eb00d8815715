"""What the recorders of tools for Python, Perl and shells share: a neutral Python, virtual environments, choosing scenarios."""

import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

from oracle import COLOUR, SHOP, environment, files

PYTHON = pathlib.Path("/srv/tools/python3.13")


def interpreter():
    """A Python 3.13 whose home, which stands in tracebacks, is no path of this machine."""
    if not PYTHON.exists():
        command = ["python3.13", "-c", "import sys; print(sys.base_prefix)"]
        env = {**os.environ, "PYENV_VERSION": "3.13.0"}
        prefix = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.strip()
        PYTHON.parent.mkdir(parents=True, exist_ok=True)
        PYTHON.symlink_to(prefix)
    return PYTHON / "bin" / "python3.13"


def venv(name, *packages):
    """A virtual environment with these packages (pinned); the variables of the environment that put it first."""
    home = SHOP / "venv" / name
    mark = home / "packages"
    wanted_packages = hashlib.sha256(" ".join(packages).encode()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted_packages:
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([interpreter(), "-m", "venv", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q", *packages]
        subprocess.run(pip, check=True)
        mark.write_text(wanted_packages)
    return {"PATH": f"{home}/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "COLUMNS": "100"}


def version_of(env, *packages):
    """`name 1.2.3, name 4.5.6` of installed packages."""
    return _version(env["PATH"].split(":")[0] + "/python", *packages)


@functools.cache
def _version(python, *packages):
    code = "import sys, importlib.metadata as m; print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))"
    command = [python, "-c", code, *packages]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment()).stdout.strip()


def wanted(writer, scenario):
    """Whether the command line asks for this one: all by default, else words that a `writer/scenario` must contain."""
    return not sys.argv[1:] or any(word in f"{writer}/{scenario}" for word in sys.argv[1:])


def project(family, scenario, texts):
    """A project of a scenario, laid anew."""
    return files(SHOP / family / scenario, texts)


def numbers(console, words, lines=None):
    """`{key: number}` of the words that follow or precede numbers in a summary; `words` maps a word of the tool to a key."""
    text = COLOUR.sub("", console)
    if lines:
        text = "\n".join(line for line in text.splitlines() if re.search(lines, line))
    found = {}
    for number, word in re.findall(r"(\d+) ((?:subtests? )?[a-z]+)", text):
        if word in words:
            found[words[word]] = int(number)
    return found
