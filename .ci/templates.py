#!/usr/bin/env python3
"""Runs what docs/ci tells people to copy.

    templates.py OUT

Each template is valid by the schema that its host publishes (check-jsonschema has them; Jenkins has none), each of its shell parts is sound
for bash, and the part that judges is run in a clone of a small repository, three times: on a change whose tests pass, on one with a failing
test, and on one that has a failing test and loosens the rules for it. The exit codes must be 0, 1 and 1, and the files that the template
keeps must be there. `.github/actions/verify` is held to the same, and its comment is written once and then written anew. `gatekeeper` is taken from the path, and its installation is not run. Packages come from PyPI, as for outputs.py.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from outputs import ROOT, fail, installed

DOCS = ROOT / "docs/ci"
JUNIT = '<testsuite name="s" tests="2" failures="{0}"><testcase classname="c" name="a"/><testcase classname="c" name="b">{1}</testcase></testsuite>\n'
NAMES = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.invalid"}
# The file, its schema, the variables that the host sets on a pull request ({base} and {out} are filled in), and what is kept.
HOSTS = {
    "github.yml": ("vendor.github-workflows", {"BASE": "{base}", "RUNNER_TEMP": "{out}", "GITHUB_STEP_SUMMARY": "{out}/summary.md"}, ["{out}/verdict/verdict.html", "{out}/verdict/verdict.sarif", "{out}/summary.md"]),
    "gitlab.yml": ("vendor.gitlab-ci", {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "{base}", "CI_COMMIT_SHA": "none"}, ["verdict/junit.xml", "verdict/gl-code-quality-report.json", "verdict/verdict.html"]),
    "azure.yml": ("vendor.azure-pipelines", {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "BUILD_ARTIFACTSTAGINGDIRECTORY": "{out}"}, ["{out}/verdict/junit.xml", "{out}/verdict/verdict.html"]),
    "Jenkinsfile": (None, {"CHANGE_TARGET": "main"}, ["verdict/junit.xml", "verdict/verdict.html"]),
    "buildkite.yml": ("vendor.buildkite", {"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"}, ["verdict/junit.xml", "verdict/annotation.md", "annotated"]),
    "circleci.yml": ("vendor.circle-ci", {"BASE_BRANCH": "main"}, ["verdict/junit.xml", "verdict/verdict.html"]),
}


ACTION = ROOT / ".github/actions/verify/action.yml"
ACTION_HOST = ("vendor.github-actions", {"POLICY_REF": "{base}", "ROOT": ".", "RUN": "", "RUNNER_TEMP": "{out}", "GITHUB_OUTPUT": "{out}/output", "GITHUB_STEP_SUMMARY": "{out}/summary.md"},
               [f"{{out}}/gatekeeper-verdict/{name}" for name in ("verdict.html", "verdict.sarif", "junit.xml", "comment.md")])
# Stands in for GitHub's own program: comments are lines of a file.
GH = """#!/bin/sh
case "$*" in
  *--paginate*) if [ -e comments ]; then echo 7; fi ;;
  *PATCH*comments/7*) echo changed >> comments ;;
  *POST*) echo made >> comments ;;
  *) exit 9 ;;
esac
"""


def git(place, *given):
    subprocess.run(["git", "-C", str(place), *given], check=True, capture_output=True, env={**os.environ, **NAMES})


def report(place, broken):
    (place / "reports").mkdir(exist_ok=True)
    (place / "reports/junit.xml").write_text(JUNIT.format(int(broken), '<failure message="boom"/>' if broken else ""), encoding="utf-8")


def origin(out):
    """A repository whose main branch has rules, made by `init`, and whose reports are not committed."""
    place = out / "origin"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    report(place, False)
    (place / ".gitignore").write_text("/verdict/\n/annotated\n", encoding="utf-8")
    subprocess.run(["gatekeeper", "init", str(place), "--owner", "team", "--bead", "T-1"], check=True, capture_output=True)
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "Rules and reports")
    return place


def change(out, origin, name, broken, loosened):
    place = out / name
    git(out, "clone", "-q", str(origin), str(place))
    git(place, "checkout", "-q", "-b", "change")
    report(place, broken)
    if loosened:
        for policy in (place / "policies").glob("*.toml"):
            policy.write_text(policy.read_text(encoding="utf-8").replace("blocking = true", "blocking = false"), encoding="utf-8")
    git(place, "add", ".")
    git(place, "commit", "-q", "--allow-empty", "-m", "A change")
    return place


def shells(path):
    """Every shell part of a template, in its order."""
    text = path.read_text(encoding="utf-8")
    if path.name == "Jenkinsfile":
        return [part.strip("\n") for pair in re.findall(r"sh '''(.*?)'''|sh '([^']*)'", text, re.S) for part in pair if part]
    from ruamel.yaml import YAML

    found = []

    def walk(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("run", "command", "bash", "script", "before_script") and not isinstance(value, dict):
                    found.extend(map(str, value if isinstance(value, list) else [value]))
                walk(value)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(YAML(typ="safe").load(text))
    # Buildkite takes a single dollar sign for itself.
    return [part.replace("$$", "$") if path.name == "buildkite.yml" else part for part in found]


def comments(place, out):
    """What the action does about its comment, twice over: made, then changed."""
    part = next(part for part in shells(ACTION) if "gh api" in part)
    (out / "bin/gh").write_text(GH, encoding="ascii")
    (out / "bin/gh").chmod(0o755)
    environment = {**os.environ, "RUNNER_TEMP": str(out), "REPOSITORY": "o/r", "NUMBER": "3", "PATH": f"{out / 'bin'}:{os.environ['PATH']}"}
    for _ in range(2):
        subprocess.run(["bash", "-eo", "pipefail", "-c", part], cwd=place, env=environment, check=True, capture_output=True)
    return (place / "comments").read_text(encoding="ascii").split()


def judged(template, variables, kept, place, out, base):
    """The exit code of the part that judges, and which of the files that it promises are missing."""
    fill = lambda text: text.format(base=base, out=out)
    part = next(part for part in shells(template) if "gatekeeper verify" in part)
    # Tests and installation have been seen to elsewhere.
    part = "\n".join(line for line in part.splitlines() if not line.startswith(("cargo install", "make test")))
    tools = out / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    (tools / "buildkite-agent").write_text('#!/bin/sh\ncat > annotated\n', encoding="ascii")
    (tools / "buildkite-agent").chmod(0o755)
    environment = {**os.environ, **{name: fill(value) for name, value in variables.items()}, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", part], cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    missing = [name for name in kept if not (place / fill(name)).is_file() or not (place / fill(name)).stat().st_size]
    return done.returncode, missing, done.stdout + done.stderr


def main(arguments):
    if len(arguments) == 1:
        home = installed()
        return subprocess.run([home / "venv/bin/python", __file__, "--inside", *arguments], check=False).returncode
    if len(arguments) != 2 or arguments[0] != "--inside":
        raise SystemExit(__doc__)
    out = Path(arguments[1]).resolve()
    out.mkdir(parents=True)
    if {path.name for path in DOCS.iterdir()} - {"README.md"} != set(HOSTS):
        fail("a template of docs/ci is not tried here, or is gone")
    wrong, asked = [], 0
    main_branch = origin(out)
    base = subprocess.run(["git", "-C", main_branch, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    checker = Path(sys.executable).parent / "check-jsonschema"
    for name, (schema, variables, kept) in {**HOSTS, "action": ACTION_HOST}.items():
        template = DOCS / name if name in HOSTS else ACTION
        if schema:
            extra = ["--data-transform", "azure-pipelines"] if "azure" in schema else ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
            done = subprocess.run([checker, "--regex-variant", "nonunicode", "--builtin-schema", schema, *extra, template], capture_output=True, text=True, check=False)
            asked += 1
            if done.returncode:
                wrong.append(f"{name}: not valid by {schema}: {done.stdout}{done.stderr}")
        for part in shells(template):
            done = subprocess.run(["bash", "-n"], input=part, capture_output=True, text=True, check=False)
            asked += 1
            if done.returncode:
                wrong.append(f"{name}: no sound shell: {done.stderr}{part}")
        for case, broken, loosened, code in (("passes", False, False, 0), ("fails", True, False, 1), ("loosens", True, True, 1)):
            place = change(out, main_branch, f"{name}-{case}", broken, loosened)
            got, missing, told = judged(template, variables, kept, place, out / f"{name}-{case}-out", base)
            asked += 1
            if got != code or missing:
                wrong.append(f"{name}: a change that {case}: exit code {got}, not {code}; not kept: {missing}\n{told}")
    place = out / "action-fails"
    told = comments(place, out / "action-fails-out")
    asked += 1
    if told != ["made", "changed"]:
        wrong.append(f"the action's comment: {told}")
    for told in wrong:
        print(f"templates.py: {told}", file=sys.stderr)
    print(f"{len(HOSTS)} templates and the action, {asked} answers, {len(wrong)} wrong")
    shutil.rmtree(out, ignore_errors=True)
    return 1 if wrong or asked < 47 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
