"""Tests of the recorder: what failed is recorded as failed, and the run is recorded all the same."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import fixture  # noqa: E402
import record  # noqa: E402

RECORDER = Path(__file__).parent / "record.py"
GREEN = "running 2 tests\ntest result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.0s\n"


class Recorded(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.run_dir = Path(self.folder.name) / "20260302T090000Z"

    def record(self, *arguments):
        done = subprocess.run(
            [sys.executable, str(RECORDER), arguments[0], str(self.run_dir), *arguments[1:]],
            capture_output=True,
            text=True,
            cwd=RECORDER.parent,
        )
        return done

    def read(self, name):
        return json.loads((self.run_dir / name).read_text(encoding="utf-8"))

    def python(self, name, source):
        return self.record("step", name, "--", sys.executable, "-c", source)

    def test_a_failing_step_is_recorded_as_failing_and_the_run_goes_on(self):
        self.assertEqual(self.record("start", "one", "two").returncode, 0)
        self.assertEqual(self.python("one", "print('no'); raise SystemExit(3)").returncode, 3)
        self.assertEqual(self.python("two", "print('yes')").returncode, 0)
        self.assertEqual(self.record("finish").returncode, 0)
        summary = self.read("summary.json")
        self.assertEqual((summary["total_steps"], summary["passed_steps"], summary["failed_steps"]), (2, 1, 1))
        self.assertEqual(summary["failed_names"], ["one"])
        self.assertEqual(summary["steps"], [self.read("one/result.json"), self.read("two/result.json")])
        self.assertEqual(self.read("one/result.json")["exit_code"], 3)

    def test_a_step_that_never_ran_is_not_in_the_summary(self):
        self.record("start", "one", "two")
        self.python("one", "pass")
        self.record("finish")
        self.assertEqual([row["step"] for row in self.read("summary.json")["steps"]], ["one"])
        self.assertEqual(self.read("environment.json")["steps"], ["one", "two"])

    def test_a_command_that_cannot_start_fails(self):
        self.record("start", "one")
        done = self.record("step", "one", "--", str(self.run_dir / "no-such-program"))
        self.assertEqual((done.returncode, self.read("one/result.json")["exit_code"]), (127, 127))
        self.assertIn("cannot start", (self.run_dir / "one/output.log").read_text(encoding="utf-8"))

    @unittest.skipUnless(hasattr(os, "kill"), "needs signals")
    def test_a_killed_command_fails(self):
        self.record("start", "one")
        done = self.python("one", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        self.assertEqual((done.returncode, self.read("one/result.json")["exit_code"]), (137, 137))

    def test_both_streams_are_kept_and_shown_in_order(self):
        self.record("start", "one")
        done = self.python("one", "import sys\nfor s in sys.stdout, sys.stderr: print(s.name, file=s, flush=True)")
        log = (self.run_dir / "one/output.log").read_text(encoding="utf-8")
        self.assertEqual(log, "<stdout>\n<stderr>\n")
        self.assertEqual(done.stdout, log)

    def test_the_manifest_lists_every_file_with_its_digest(self):
        self.record("start", "one")
        self.python("one", "print('x')")
        self.record("finish")
        files = self.read("manifest.json")["files"]
        paths = ["environment.json", "one/output.log", "one/result.json", "summary.json"]
        self.assertEqual([row["path"] for row in files], paths)
        for row in files:
            data = (self.run_dir / row["path"]).read_bytes()
            self.assertEqual((row["sha256"], row["size"]), (hashlib.sha256(data).hexdigest(), len(data)))
        self.assertEqual(self.read("one/result.json")["log_sha256"], files[1]["sha256"])

    def test_steps_are_announced_and_run_once(self):
        self.assertNotEqual(self.record("start").returncode, 0)
        self.assertNotEqual(self.record("start", "one", "one").returncode, 0)
        self.assertNotEqual(self.record("start", "../one").returncode, 0)
        self.record("start", "one")
        self.assertNotEqual(self.record("start", "one").returncode, 0, "a run is never recorded over")
        self.assertNotEqual(self.python("two", "pass").returncode, 0)
        self.assertEqual(self.python("one", "pass").returncode, 0)
        self.assertNotEqual(self.python("one", "pass").returncode, 0)

    def test_the_run_names_its_commit(self):
        self.record("start", "one")
        environment = self.read("environment.json")
        self.assertRegex(environment["git_sha"], "^[0-9a-f]{40}$")
        self.assertEqual(environment["timestamp"], self.run_dir.name)
        self.assertIn(environment["dirty"], [True, False])


class Fixture(unittest.TestCase):
    def test_the_fixture_is_what_the_recorder_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            made = fixture.make(Path(folder))
            kept = fixture.FIXTURE / "runs" / fixture.NAME
            texts = [{path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()} for top in (made, kept)]
            self.assertEqual(texts[0], texts[1], "run .ci/fixture.py")
            # Environment, summary, manifest and measurements; result and log of each step.
            self.assertEqual(len(texts[0]), 4 + 2 * len(fixture.STEPS))

    def test_the_fixture_has_the_steps_of_the_run_script(self):
        script = (RECORDER.parent / "run").read_text(encoding="utf-8")
        self.assertIn(f"steps=({' '.join(name for name, *_ in fixture.STEPS)})\n", script)


class Counts(unittest.TestCase):
    def test_result_lines_add_up(self):
        log = (GREEN + GREEN.replace("ok. 1 passed; 0", "FAILED. 0 passed; 1")).encode()
        expected = {"passed": 1, "failed": 1, "ignored": 2, "total": 4, "targets_started": 2, "targets_finished": 2}
        self.assertEqual(record.counts(log), expected)

    def test_a_cut_short_target_shows(self):
        counted = record.counts((GREEN + "running 5 tests\n").encode())
        self.assertEqual((counted["targets_started"], counted["targets_finished"], counted["total"]), (2, 1, 7))

    def test_no_tests_are_no_counts(self):
        self.assertIsNone(record.counts(b"Checking gatekeeper\n"))

    def test_a_line_that_only_quotes_a_result_does_not_count(self):
        self.assertIsNone(record.counts(b"  > test result: ok. 9 passed; 0 failed; 0 ignored;\n"))

    def test_usage_is_told(self):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            record.main(["step", "run", "name", "--"])


if __name__ == "__main__":
    unittest.main()
