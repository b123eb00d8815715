#!/usr/bin/env python3
"""Makes every package of .packages, installs each into an empty environment, and runs it there.

    packages.py OUT [--profile dev|release|dist] [--binary FILE] [--only crate,wheel,npm,hooks,image,pages]

crate: the tarball that `cargo package` makes is small, holds no fixtures but those that are compiled in, and builds from its own files. wheel:
maturin's, for this profile, into a new virtual environment without an index. npm: both packages, into an empty directory, offline. hooks: the
real pre-commit runs .pre-commit-hooks.yaml in a repository whose rules are sound, broken, and weaker than before. image: a static binary where
the target for musl is here, else the dynamic one with the libraries that it names, is started in a root that holds nothing else; the
Dockerfile itself is built where a docker daemon answers. pages: a manual page for each command, completions for each shell.

It is not part of .ci/run, because it compiles. Everything but crate, wheel and a static image takes the binary that is already built. maturin and
pre-commit come from PyPI.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / ".packages"
# What the tarball of the crate may weigh, packed; a fifth above what it weighs now.
CRATE_MAX = 1_750_000
REPORT = '<testsuite name="s" tests="1" failures="{0}"><testcase classname="c" name="a">{1}</testcase></testsuite>\n'
NAMES = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "a"), ("EMAIL", "a@example.invalid"))}
TOOLS = ["maturin>=1.9,<2", "pre-commit>=4,<5"]


class Checks:
    """What was looked at, and what was wrong."""

    def __init__(self):
        self.right, self.wrong, self.passed_over = 0, [], []

    def that(self, right, what):
        if right:
            self.right += 1
        else:
            self.wrong.append(what)
            print(f"  WRONG {what}", flush=True)


def run(*given, **more):
    return subprocess.run([str(word) for word in given], text=True, capture_output=True, **more)


def must(*given, **more):
    ended = run(*given, **more)
    if ended.returncode != 0:
        sys.exit(f"packages: {' '.join(map(str, given))}: exit {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-4000:]}")
    return ended


def works(checks, name, command, **more):
    """A binary as people get it: its version, a passing report, a failing one, and what it is for when it is asked."""
    place = more.pop("place")
    (place / "reports").mkdir(parents=True, exist_ok=True)
    version = run(*command, "--version", cwd=place, **more)
    checks.that(version.returncode == 0 and version.stdout.startswith("gatekeeper "), f"{name}: --version: {version}")
    for failures, body, exit_code in ((0, "", 0), (1, '<failure message="boom"/>', 1)):
        (place / "reports/junit.xml").write_text(REPORT.format(failures, body), encoding="utf-8")
        judged = run(*command, "verify", "reports", "--dry-run", cwd=place, **more)
        checks.that(judged.returncode == exit_code, f"{name}: verify: exit {judged.returncode}, not {exit_code}: {judged.stderr}")
    lint = run(*command, "lint", "--policy", "nosuch", cwd=place, **more)
    checks.that(lint.returncode == 2, f"{name}: lint of nothing: exit {lint.returncode}")


def crate(checks, out, args):
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    must("cargo", "package", "--locked", "--no-verify", "--allow-dirty", "--target-dir", out / "package", cwd=ROOT)
    (tarball,) = (out / "package/package").glob("gatekeeper-*.crate")
    checks.that(tarball.stat().st_size <= CRATE_MAX, f"crate: {tarball.stat().st_size} bytes, at most {CRATE_MAX}")
    shutil.rmtree(out / "crate", ignore_errors=True)
    with tarfile.open(tarball) as packed:
        packed.extractall(out / "crate", filter="data")
    (place,) = (out / "crate").iterdir()
    tops = sorted(path.name for path in place.iterdir())
    wanted = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "fixtures", "gates", "policies", "src"]
    checks.that([top for top in tops if top != ".cargo_vcs_info.json"] == wanted[1:], f"crate: holds {tops}")
    checks.that(sorted(path.name for path in (place / "fixtures").iterdir()) == ["audit", "samples", "scenarios"], "crate: holds fixtures that are not compiled in")
    print(f"  {tarball.name}: {tarball.stat().st_size} bytes; building it from its own files", flush=True)
    # The packages below it are built already where this repository is; only its own code is compiled again.
    must("cargo", "build", "--locked", "--profile", args.profile, "--bin", "gatekeeper", cwd=place, env={**os.environ, "CARGO_TARGET_DIR": str(target)})
    built = Path(target) / ("debug" if args.profile == "dev" else args.profile) / "gatekeeper"
    shutil.copy2(built, out / "gatekeeper-of-crate")
    works(checks, "crate", [out / "gatekeeper-of-crate"], place=out / "crate-work")
    scenarios = run(out / "gatekeeper-of-crate", "--self-test", cwd=out)
    checks.that(scenarios.returncode == 0, f"crate: --self-test: {scenarios.stdout[-400:]}")


def wheel(checks, out, args, tools):
    must(tools / "maturin", "build", "--profile", args.profile, "--out", out / "wheels", cwd=PACKAGES / "pypi", env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    (made,) = (out / "wheels").glob("*.whl")
    print(f"  {made.name}: {made.stat().st_size} bytes", flush=True)
    venv.create(out / "venv", with_pip=True, clear=True)
    must(out / "venv/bin/pip", "install", "--quiet", "--no-index", made)
    works(checks, "wheel", [out / "venv/bin/gatekeeper"], place=out / "wheel-work", env={"PATH": "/usr/bin:/bin"})
    shown = must(out / "venv/bin/pip", "show", "gatekeeper-verdict").stdout
    version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    checks.that(f"Version: {version}" in shown and "Requires: \n" in shown + "\n", f"wheel: {shown}")


def npm(checks, out, binary):
    if not shutil.which("npm"):
        checks.passed_over.append("npm: npm is not here")
        return
    must("node", PACKAGES / "npm/build.mjs", binary, out / "npm")
    tarballs = sorted((out / "npm").glob("*.tgz"))
    checks.that(len(tarballs) == 2, f"npm: {tarballs}")
    place = out / "npm-work"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "package.json").write_text('{"private": true}', encoding="utf-8")
    must("npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", *tarballs, cwd=place)
    works(checks, "npm", ["npx", "--offline", "gatekeeper"], place=place)
    for package in (place / "node_modules").glob("gatekeeper-verdict-*"):
        shutil.rmtree(package)
    gone = run("npx", "--offline", "gatekeeper", "--version", cwd=place)
    checks.that(gone.returncode == 4 and "is not installed" in gone.stderr, f"npm: without its binary: {gone}")


def git(place, *given):
    return must("git", "-C", place, *given, env={**os.environ, **NAMES})


def hooks(checks, out, binary, tools):
    place = out / "hooks-work"
    shutil.rmtree(place, ignore_errors=True)
    (place / "reports").mkdir(parents=True)
    (out / "bin").mkdir(exist_ok=True)
    shutil.copy2(binary, out / "bin/gatekeeper")
    env = {**os.environ, **NAMES, "PATH": f"{out / 'bin'}:{tools}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(out / "pre-commit")}
    (place / "reports/junit.xml").write_text(REPORT.format(0, ""), encoding="utf-8")
    git(place, "init", "--quiet", "--initial-branch=main")
    must(out / "bin/gatekeeper", "init", "--owner", "o", "--bead", "B-1", "--name", "mine", cwd=place)
    git(place, "add", ".")
    git(place, "commit", "--quiet", "-m", "rules")

    # The hooks of this work tree, committed or not, as a repository of their own.
    source = out / "hooks-source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    shutil.copy2(ROOT / ".pre-commit-hooks.yaml", source)
    git(source, "init", "--quiet", "--initial-branch=main")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "-m", "hooks")
    rev = git(source, "rev-parse", "HEAD").stdout.strip()
    wanted = f"repos:\n- repo: {source}\n  rev: {rev}\n  hooks:\n  - id: gatekeeper-lint\n  - id: gatekeeper-policy-diff\n"
    (place / ".pre-commit-config.yaml").write_text(wanted, encoding="utf-8")
    must(tools / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    must(tools / "pre-commit", "install", cwd=place, env=env)
    policy = place / "policies/mine.toml"
    before = policy.read_text(encoding="utf-8")

    def commit(text, more=""):
        policy.write_text(text, encoding="utf-8")
        (place / "note.toml").write_text(more, encoding="utf-8")
        git(place, "add", ".")
        ended = run("git", "-C", place, "commit", "-m", "x", env=env)
        git(place, "reset", "--quiet", "--hard" if ended.returncode == 0 else "--mixed")
        return ended.returncode, ended.stdout + ended.stderr

    code, told = commit(before, "a = 1\n")
    checks.that(code == 0 and told.count("Passed") == 2, f"hooks: a commit that changes no rule: {told}")
    code, told = commit(before.replace("value   = 1", "value   = 0", 1))
    checks.that(code != 0 and "tests_min" in told and "gatekeeper policy diff" in told, f"hooks: a weaker rule: {told}")
    code, told = commit(before.replace("blocking = true", "blocking = yes", 1))
    checks.that(code != 0 and "syntax" in told, f"hooks: a rule that is no TOML: {told}")


def libraries(binary):
    """The shared libraries that a binary names, and where the loader finds them; none for a static one."""
    listed = run("ldd", binary)
    if listed.returncode != 0:
        return []
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout)]


def image(checks, out, args, binary):
    static = args.static or binary
    root = out / "root"
    shutil.rmtree(root, ignore_errors=True)
    (root / "run").mkdir(parents=True)
    needed = libraries(static)
    for library in needed:
        (root / library.parent.relative_to("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, root / library.relative_to("/"))
    shutil.copy2(static, root / "gatekeeper")
    print(f"  needs {[path.name for path in needed] or 'no library'}", flush=True)
    if os.geteuid() != 0:
        checks.passed_over.append("image: only root may change the root directory")
    else:
        # `chroot` starts in its top directory, so the commands name the work tree.
        place = root / "run/reports"
        place.mkdir()
        for failures, body, exit_code in ((0, "", 0), (1, '<failure message="boom"/>', 1)):
            (place / "junit.xml").write_text(REPORT.format(failures, body), encoding="utf-8")
            judged = run("chroot", root, "/gatekeeper", "verify", "/run/reports", "--dry-run")
            checks.that(judged.returncode == exit_code, f"image: exit {judged.returncode}, not {exit_code}: {judged.stderr}")
        test = run("chroot", root, "/gatekeeper", "--version")
        checks.that(test.stdout.startswith("gatekeeper "), f"image: {test}")
    if run("docker", "info").returncode == 0:
        must("docker", "build", "-f", PACKAGES / "Dockerfile", "-t", "gatekeeper-packages", ROOT)
        checks.that(run("docker", "run", "--rm", "gatekeeper-packages", "--version").returncode == 0, "image: docker run")
    else:
        checks.passed_over.append("image: no docker daemon answers, so the Dockerfile was not built")


def pages(checks, out, binary):
    must(binary, "man", "--out", out / "man")
    commands = re.findall(r"^  ([a-z-]+) ", must(binary, "--help").stdout.split("Commands:")[1].split("Options:")[0], re.MULTILINE)
    names = {path.name for path in (out / "man").iterdir()}
    for command in set(commands) - {"help"}:
        checks.that(f"gatekeeper-{command}.1" in names, f"pages: no manual page of {command}")
    if shutil.which("man"):
        for name in sorted(names):
            shown = run("man", "--warnings", "-l", out / "man" / name, env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
            checks.that(shown.returncode == 0 and "warning" not in shown.stderr, f"pages: man {name}: {shown.stderr[:300]}")
    for shell in ("bash", "zsh", "fish", "powershell", "elvish"):
        script = must(binary, "completions", shell).stdout
        (out / f"gatekeeper.{shell}").write_text(script, encoding="utf-8")
        missing = [command for command in commands if command not in script]
        checks.that(not missing, f"pages: {shell} completes no {missing}")
        if shell in ("bash", "zsh", "fish") and shutil.which(shell):
            sound = run(shell, "-n", out / f"gatekeeper.{shell}")
            checks.that(sound.returncode == 0, f"pages: {shell} -n: {sound.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--profile", default="dev", choices=["dev", "release", "dist"])
    parser.add_argument("--binary", type=Path)
    parser.add_argument("--static", type=Path, help="a binary that was linked statically, for the image")
    parser.add_argument("--only", default="pages,npm,hooks,image,crate,wheel")
    args = parser.parse_args()
    out = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    wanted = args.only.split(",")
    tools = out / "tools/bin"
    if {"hooks", "wheel"} & set(wanted) and not (tools / "maturin").exists():
        venv.create(out / "tools", with_pip=True, clear=True)
        must(tools / "pip", "install", "--quiet", *TOOLS)
    profile = "debug" if args.profile == "dev" else args.profile
    binary = (args.binary or Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / profile / "gatekeeper").resolve()
    # What a development build says about its own lines is most of its size, and nothing that is packed.
    shutil.copy2(binary, out / "gatekeeper")
    binary = out / "gatekeeper"
    if shutil.which("strip"):
        must("strip", binary)
    steps = {
        "pages": lambda: pages(checks, out, binary),
        "npm": lambda: npm(checks, out, binary),
        "hooks": lambda: hooks(checks, out, binary, tools),
        "image": lambda: image(checks, out, args, binary),
        "crate": lambda: crate(checks, out, args),
        "wheel": lambda: wheel(checks, out, args, tools),
    }
    checks = Checks()
    for name in wanted:
        print(f"packages: {name}", flush=True)
        begun = time.monotonic()
        steps[name]()
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    for phrase in checks.passed_over:
        print(f"passed over: {phrase}")
    print(f"packages: {checks.right} right, {len(checks.wrong)} wrong")
    sys.exit(1 if checks.wrong else 0)


if __name__ == "__main__":
    main()
