"""What the recorders of tools for C, C++ and the JVM share: Debian's packages, compiling, choosing scenarios."""

import os
import re
import subprocess
import sys

import oracle
from oracle import SHOP, files


def debian(*packages):
    """Installs packages of Debian 12 (which pins the versions), unless they are there."""
    if subprocess.run(["dpkg", "-s", *packages], capture_output=True, check=False).returncode != 0:
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=600"]
        subprocess.run([*apt, "update"], check=True, stdout=subprocess.DEVNULL)
        command = [*apt, "install", "-y", "--no-install-recommends", *packages]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def package_version(package):
    """The version of an installed Debian package, without Debian's own revision."""
    text = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\d+:|[+~-].*$", "", text)


def wanted(writer, scenario):
    """Whether the command line asks for this one: all by default, else words that a `writer/scenario` must contain.

    With RESUME=1 what is there already is left alone.
    """
    if os.environ.get("RESUME") and (oracle.FIXTURES / writer / scenario / "tool.toml").exists():
        return False
    return not sys.argv[1:] or any(word in f"{writer}/{scenario}" for word in sys.argv[1:])


def project(family, scenario, texts):
    """A project of a scenario, laid anew."""
    return files(SHOP / family / scenario, texts)


def must(command, cwd):
    """Runs a preparing command, which has to succeed."""
    process = subprocess.run(["bash", "-c", command], cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if process.returncode != 0:
        raise SystemExit(f"{cwd}: {command}\n{process.stdout}{process.stderr}")


def compiled(family, scenario, sources, header, libraries="", flags=""):
    """A folder of programs, `{program: C++}`, each compiled against one header of the family's that is compiled first."""
    home = SHOP / f"{family}-header{'-' if flags else ''}{re.sub('[^a-z]', '', flags)}"
    line = f"g++ -std=c++17 -O0 -Wno-deprecated-declarations {flags}"
    if not (home / "family.h.gch").exists() or (home / "family.h").read_text() != header:
        files(home, {"family.h": header})
        must(f"{line} -x c++-header family.h -o family.h.gch", home)
    top = project(family, scenario, {f"{name}.cpp": text for name, text in sources.items()})
    for name in sources:
        must(f"{line} -I{home} -include family.h {name}.cpp -o {name} {libraries}", top)
    return top


def record_twins(scenario, writers, **common):
    """Records one run for several writers, `{writer: what differs}`: the report of a tool and its console are of one run."""
    done, real = [], oracle.run

    def run(*args, **more):
        if not done:
            done.append(real(*args, **more))
        return done[0]

    oracle.run = run
    try:
        for writer, differs in writers.items():
            oracle.record(writer, scenario, **{**common, **differs})
    finally:
        oracle.run = real


MAVEN = {"MAVEN_OPTS": "-Duser.home=/srv/home -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


def maven():
    """Debian's Maven, offline, with a local repository that is Debian's and may be written to."""
    debian("maven", "libsurefire-java", "junit4", "junit5", "testng", "libmaven-compiler-plugin-java", "libmaven-resources-plugin-java", "libmaven-jar-plugin-java")
    home = SHOP / "maven-repository"
    if not home.exists():
        must(f"mkdir -p {SHOP} && cp -rs /usr/share/maven-repo {home}", "/")
    settings = f"<settings>\n  <localRepository>{home}</localRepository>\n  <offline>true</offline>\n</settings>\n"
    files("/srv/home/.m2", {"settings.xml": settings})
