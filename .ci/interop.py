#!/usr/bin/env python3
"""Has implementations that are not ours verify what `gatekeeper attest` writes, and the other way about.

    interop.py OUT

Judges the example repository on a day on which it stands and on one on which it does not, attests both with both kinds of key and both
predicates, and asks securesystemslib for the signature and in-toto-attestation for the statement. One byte changed must be refused.
Envelopes that securesystemslib signs are then given to `gatekeeper reverify`. `gatekeeper` is taken from the path; OUT must not be there
yet. The packages of interop-requirements.txt are installed with pip into a virtual environment below target/, so the network is needed
once; without it this fails, and says so. Exits with 1 if anything is not as it should be.
"""

import base64
import datetime
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REQUIREMENTS = HERE / "interop-requirements.txt"
KEYS = ROOT / "fixtures/attest"
EXAMPLE = ROOT / "fixtures/repos/agent-cli"
RUN = "tests/e2e_results/20260302T101500Z"
# The day of the README's example, and one on which its evidence has gone stale.
DAYS = {"green": ("2026-03-02T12:00:00Z", 0), "red": ("2026-04-02T12:00:00Z", 1)}
SIGNERS = ("ed25519", "p256")
PREDICATES = ("svr", "vsa")
# OpenSSL takes either form of an ECDSA signature at random, so one signature would show half of it.
TIMES = 8
TABLE = ROOT / "docs/assurance/attestation-interop.json"


def fail(said):
    raise SystemExit(f"interop.py: {said}")


def environment():
    """The Python of a virtual environment that has the packages; made once for each list of them."""
    pins = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "interop" / pins
    python, done = home / "bin/python", home / "installed"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(home)], check=False)
        if made.returncode != 0:
            fail("no virtual environment can be made; on Debian and Ubuntu the package python3-venv is needed")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
        if subprocess.run(pip, check=False).returncode != 0:
            fail(f"pip cannot install {REQUIREMENTS.name}, so nothing was checked; the network or a mirror is needed")
        done.write_text("", encoding="ascii")
    return python


def gatekeeper(*given):
    """The exit code, and what was said."""
    done = subprocess.run(["gatekeeper", *map(str, given)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Checks:
    """What was asked of whom, and how often the answer was right."""

    def __init__(self):
        self.asked, self.wrong = {}, []

    def expect(self, who, what, good, told=""):
        right, of = self.asked.get((who, what), (0, 0))
        self.asked[who, what] = (right + bool(good), of + 1)
        if not good:
            self.wrong.append(f"{who}: {what}: {told}")

    def rows(self):
        return [[who, what, f"{right} of {of}"] for (who, what), (right, of) in self.asked.items()]


def changed(text):
    """Base64 of the same length for other bytes."""
    at = len(text) // 2
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def inside(out):
    from cryptography.hazmat.primitives import serialization
    from securesystemslib.signer import SSlibKey

    checks = Checks()
    root = out / "repo"
    shutil.copytree(EXAMPLE, root)
    keys = {}
    for name in (*SIGNERS, "other"):
        public = serialization.load_pem_public_key((KEYS / f"{name}.pub").read_bytes())
        spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        keys[name] = SSlibKey.from_crypto(public, keyid=hashlib.sha256(spki).hexdigest())
    for day, (now, code) in DAYS.items():
        place = out / day
        told = gatekeeper("verify", root / RUN, "--root", root, "--now", now, "--out", place, "--quiet")
        if told[0] != code:
            fail(f"the example judged at {now}: exit code {told[0]}, not {code}: {told[1]}")
        for signer in SIGNERS:
            for predicate in PREDICATES:
                file = place / f"{signer}-{predicate}.json"
                given = ["--key", KEYS / f"{signer}.pem", "--predicate", predicate, "--out", file]
                told = gatekeeper("attest", place / "full_suite_verdict.json", *given)
                if told[0] != 0:
                    fail(f"{file.name} of the {day} day was not attested: {told[1]}")
                envelope = json.loads(file.read_text(encoding="utf-8"))
                ours(checks, envelope, keys, signer)
                statement(checks, envelope, predicate, day == "green")
                theirs(checks, place, root, base64.b64decode(envelope["payload"]), keys, signer)
    return checks


def verifies(envelope, *keys, threshold=1):
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    # `from_dict` changes what it is given.
    envelope = Envelope.from_dict(json.loads(json.dumps(envelope)))
    try:
        return set(envelope.verify(list(keys), threshold)) == {keys[0].keyid}
    except VerificationError:
        return False


def ours(checks, envelope, keys, signer):
    """What gatekeeper signed, before securesystemslib."""
    who, own = f"securesystemslib, {keys[signer].scheme}", keys[signer]
    checks.expect(who, "takes our envelope with our key and its id", verifies(envelope, own))
    checks.expect(who, "refuses it with another key", not verifies(envelope, keys["other"]))
    for field in ("payload", "payloadType"):
        other = {**envelope, field: changed(envelope[field])}
        checks.expect(who, f"refuses it with one byte of {field} changed", not verifies(other, own))
    signature = envelope["signatures"][0]
    other = {**envelope, "signatures": [{**signature, "sig": changed(signature["sig"])}]}
    checks.expect(who, "refuses it with one byte of the signature changed", not verifies(other, own))


def statement(checks, envelope, predicate, green):
    """What gatekeeper says, before in-toto-attestation. Its parser refuses every field that the specification does not have."""
    from google.protobuf import json_format
    from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    who = "in-toto-attestation"
    try:
        parsed = json_format.Parse(base64.b64decode(envelope["payload"]), statement_pb2.Statement())
        Statement.copy_from_pb(parsed).validate()
        checks.expect(who, "parses our statement without a field left over, and finds it valid", True)
        told = json_format.MessageToDict(parsed.predicate)
        if predicate == "vsa":
            # The specification has a version of the verifier and a list of levels; the package's schema does not have the one, and has
            # one text for the other.
            told["verifier"].pop("version")
            levels = told.pop("verifiedLevels")
            summary = json_format.ParseDict(told, vsa_pb2.VerificationSummary())
            result = (summary.verification_result, levels)
            expected = ("PASSED", ["GATEKEEPER_FULL_SUITE"]) if green else ("FAILED", ["FAILED"])
            checks.expect(who, "parses our verification summary, but for two fields that it has otherwise than the specification", True)
            checks.expect(who, "reads the ruling in it that the verdict has", result == expected, result)
        else:
            expected = ["GATEKEEPER_FULL_SUITE"] if green else []
            checks.expect(who, "reads the properties of our verification result", told["properties"] == expected, told)
    except (json_format.ParseError, ValueError, KeyError) as error:
        checks.expect(who, "parses what we say", False, error)


def theirs(checks, place, root, payload, keys, signer):
    """What securesystemslib signed, before gatekeeper."""
    from cryptography.hazmat.primitives import serialization
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

    private = serialization.load_pem_private_key((KEYS / f"{signer}.pem").read_bytes(), None)
    # The same statement as another program writes it: other order, other spaces.
    again = json_format.MessageToJson(json_format.Parse(payload, statement_pb2.Statement())).encode()
    who, file = f"gatekeeper, {keys[signer].scheme}", place / "theirs.json"

    def reverify(what, code, envelope, *more):
        file.write_text(json.dumps(envelope), encoding="utf-8")
        told = gatekeeper("reverify", file, "--root", root, *more)
        checks.expect(who, what, told[0] == code, f"exit code {told[0]}, not {code}: {told[1]}")

    trusted = ("--key", KEYS / f"{signer}.pub")
    for body, times in ((payload, TIMES if signer == "p256" else 1), (again, 1)):
        for _ in range(times):
            envelope = Envelope(body, "application/vnd.in-toto+json", {})
            envelope.sign(CryptoSigner(private, keys[signer]))
            signed = envelope.to_dict()
            what = "takes our statement signed by securesystemslib" if body is payload else "takes it rewritten by in-toto-attestation"
            reverify(what, 0, signed, *trusted)
    reverify("refuses it with one byte of payload changed", 1, {**signed, "payload": changed(signed["payload"])}, *trusted)
    reverify("refuses it with another key", 1, signed, "--key", KEYS / "other.pub")
    reverify("refuses it without a key", 2, signed)


def write_table(checks):
    from importlib.metadata import version

    packages = ", ".join(f"{name} {version(name)}" for name in ("securesystemslib", "in-toto-attestation", "cryptography"))
    table = {
        "title": "Attestation, by implementations that are not ours",
        "about": "The example repository on a day on which it stands and on one on which it does not, attested with both kinds of key and "
        "both predicates, verified by packages from PyPI; and what those sign, verified by `reverify`.",
        "by": "GATEKEEPER_MEASURE=1 python3 .ci/interop.py OUT",
        "measured": f"{datetime.datetime.now(datetime.timezone.utc).date()}, {packages}, Python {platform.python_version()}",
        "columns": ["who", "what", "as it should"],
        "rows": checks.rows(),
    }
    TABLE.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments):
    if len(arguments) == 1:
        python = environment()
        return subprocess.run([str(python), __file__, "--inside", *arguments], check=False).returncode
    if len(arguments) != 2 or arguments[0] != "--inside":
        raise SystemExit(__doc__)
    out = Path(arguments[1]).resolve()
    out.mkdir(parents=True)
    checks = inside(out)
    for who, what, told in checks.rows():
        print(f"{who}: {what}: {told}")
    for told in checks.wrong:
        print(f"interop.py: {told}", file=sys.stderr)
    asked = sum(of for _, of in checks.asked.values())
    print(f"{asked} answers, {len(checks.wrong)} wrong")
    if os.environ.get("GATEKEEPER_MEASURE") == "1" and not os.environ.get("CI") and not checks.wrong:
        write_table(checks)
    return 1 if checks.wrong or asked < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
