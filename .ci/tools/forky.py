"""Runs a recorder within Debian forky, for the tools whose newest versions only it packages; what such recorders share."""

import os
import pathlib
import re
import subprocess
import sys

import oracle
from oracle import ROOT, SHOP, files

HOME = pathlib.Path("/srv/forky")
APT = ["apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Check-Valid-Until=false"]
MIRROR = "http://deb.debian.org/debian"


def inside(*packages):
    """Goes on within Debian forky (its own root below /srv/forky), with these packages installed there."""
    if "forky" in pathlib.Path("/etc/debian_version").read_text():
        if subprocess.run(["dpkg", "-s", *packages], capture_output=True, check=False).returncode != 0:
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run([*APT, "update"], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([*APT, "install", "-y", "--no-install-recommends", *packages], check=True, stdout=subprocess.DEVNULL, env=env)
        return
    if not (HOME / "etc/debian_version").exists():
        subprocess.run([*APT, "install", "-y", "debootstrap", "debian-archive-keyring"], check=True)
        script = "/usr/share/debootstrap/scripts/sid"
        subprocess.run(["debootstrap", "--variant=minbase", "--include=python3", "forky", HOME, MIRROR, script], check=True)
        (HOME / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (HOME / "usr/sbin/policy-rc.d").chmod(0o755)
    for folder in ("/proc", "/dev", str(ROOT), "/srv/shop", "/srv/home", "/srv/tools"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        (HOME / folder[1:]).mkdir(parents=True, exist_ok=True)
        if not os.path.ismount(HOME / folder[1:]):
            subprocess.run(["mount", "--rbind", folder, HOME / folder[1:]], check=True)
    os.execvp("chroot", ["chroot", str(HOME), "/usr/bin/env", "python3", str(pathlib.Path(sys.argv[0]).resolve()), *sys.argv[1:]])


def wanted(writer, scenario):
    """Whether the command line asks for this one: all by default, else words that a `writer/scenario` must contain."""
    return not sys.argv[1:] or any(word in f"{writer}/{scenario}" for word in sys.argv[1:])


def package_version(package):
    """The version of an installed Debian package, without Debian's own revision."""
    text = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\d+:|[+~-].*$", "", text)


def project(family, scenario, texts):
    """A project of a scenario, laid anew."""
    return files(SHOP / family / scenario, texts)


def record_each(writers, scenario, *, command, cwd, env=None, timeout=120, **more):
    """Runs a command once and records it for several writers, `{writer: (reports, console)}`: each has its own report of the same run."""
    if not any(wanted(writer, scenario) for writer in writers):
        return
    result = oracle.run(command, cwd, env, timeout)
    run, oracle.run = oracle.run, lambda *_: result
    try:
        for writer, (reports, console) in writers.items():
            oracle.record(writer, scenario, command=command, cwd=cwd, env=env, reports=reports, stdout_as=console, **more)
    finally:
        oracle.run = run
