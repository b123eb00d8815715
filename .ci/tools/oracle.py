"""What the recorders of real test tools share: run a tool, keep what it left, say what it said.

Each recorder in this folder installs one real tool, writes tiny projects of ours, runs them and calls `record` once for
each scenario. The result is `fixtures/evidence/tools/<writer>/<scenario>/`: the reports as the tool wrote them, and
`tool.toml` with the tool, its version, the exact command, its exit code and what it printed. `tests/it/oracle.rs` holds
every verdict against these exit codes. Recorders need the network and are not run in CI.
"""

import glob
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "evidence" / "tools"
# Projects lie here while they run, so that no path of a machine stands in a report.
SHOP = pathlib.Path("/srv/shop")
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HOSTNAME = (re.compile(rf"\b{re.escape(socket.gethostname())}\b"), "builder", "hostname")


def environment(extra=None):
    """The environment that tools run in: neutral, in English, in UTC."""
    home = pathlib.Path("/srv/home")
    home.mkdir(parents=True, exist_ok=True)
    base = {key: value for key, value in os.environ.items() if key in ("PATH", "JAVA_HOME")}
    base.update(HOME=str(home), TZ="UTC", LANG="C.UTF-8", LC_ALL="C.UTF-8", CI="1", NO_COLOR="1")
    base.update(extra or {})
    return base


def files(directory, texts):
    """Writes the files of a project, `{path: text}`, into an empty directory."""
    directory = pathlib.Path(directory)
    shutil.rmtree(directory, ignore_errors=True)
    for path, text in texts.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def run(command, cwd, env=None, timeout=300):
    """Runs a shell command; its exit code as a shell sees it, and stdout and stderr as they came, together."""
    process = subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return code, process.stdout


def quoted(text):
    """A basic TOML string."""
    # JSON's escapes are TOML's, but for those outside the basic plane, which need none.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def record(
    writer,
    scenario,
    *,
    tool,
    version,
    command,
    cwd,
    reports=(),
    env=None,
    printed=None,
    counts=None,
    stdout_as=None,
    edits=(),
    timeout=300,
    keep_dirs=False,
    expect=None,
):
    """Runs one scenario and writes its fixture; the exit code.

    `reports` are paths or patterns below `cwd`; none of them existing is allowed, for a tool that crashed may leave nothing
    (such a case then has no report, which `tool.toml` shows). `printed` is a regular expression for the lines of the summary.
    `counts` is a table, or a function of the plain console text. `expect` may state the exit code that the scenario is about.
    """
    target = FIXTURES / writer / scenario
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    cwd = pathlib.Path(cwd)
    code, raw = run(command, cwd, env, timeout)
    console = COLOUR.sub("", raw.decode("utf-8", "replace"))
    kept, edited = [], []

    def keep(name, data):
        for pattern, replacement, label in [HOSTNAME, *edits]:
            pattern = re.compile(pattern) if isinstance(pattern, str) else pattern
            binary = re.compile(pattern.pattern.encode(), pattern.flags & ~re.UNICODE)
            changed = binary.sub(replacement.encode(), data)
            if changed != data:
                data = changed
                if label not in edited:
                    edited.append(label)
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(data)
        kept.append(name)

    for pattern in reports:
        for path in sorted(glob.glob(str(cwd / pattern), recursive=True)):
            path = pathlib.Path(path)
            if path.is_file():
                keep(str(path.relative_to(cwd)) if keep_dirs else path.name, path.read_bytes())
    if stdout_as:
        keep(stdout_as, raw)
    lines = [line.strip() for line in console.splitlines() if printed and re.search(printed, line)]
    table = counts(console) if callable(counts) else counts
    text = [
        f"tool = {quoted(tool)}",
        f"version = {quoted(version)}",
        f"command = {quoted(command)}",
        f"exit_code = {code}",
        f"reports = [{', '.join(quoted(name) for name in kept)}]",
        f"printed = {quoted(' | '.join(lines))}",
    ]
    if edited:
        text.append(f"edited = [{', '.join(quoted(label) for label in edited)}]")
    if table:
        text += ["", "[counts]", *(f"{key} = {value}" for key, value in table.items())]
    (target / "tool.toml").write_text("\n".join(text) + "\n", encoding="utf-8")
    note = "" if expect is None or expect == code else f"  EXPECTED {expect}"
    print(f"{writer}/{scenario}: exit {code}, {', '.join(kept) or 'no report'}, {' | '.join(lines)}{note}")
    return code
