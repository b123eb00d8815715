"""Tests of the end-to-end recorder: a run of a runner that fails on request, and each document that is derived from it."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import real_runs  # noqa: E402
import record_e2e  # noqa: E402

NAMES = {
    "suite": ["catalogue::pages", "example_run::judged", "example_run::stale", "test_reports::counts", "top_level"],
    "unit": ["definition::keys", "model::age::tests::reads", "signature::lines"],
}
PANIC = "thread '{}' (12) panicked at tests/it/{}.rs:33:5:\nassertion `left == right` failed: at noon\n  left: 1\n right: 0\n"


class Stub:
    """A runner whose tests pass but those that it is told to fail; it writes libtest's text or JUnit."""

    name = "cargo"

    def __init__(self, fails=(), junit=False, code=101):
        self.fails, self.junit, self.code, self.ran = set(fails), junit, code, []

    def names(self, kind):
        return NAMES[kind]

    def run(self, kind, tests, home):
        self.ran += tests
        bad = [test for test in tests if test in self.fails]
        if self.junit:
            rows = "".join(
                f'<testcase name="{test}" classname="k::it">'
                + (f"<failure message='no'>{PANIC.format(test, test.split('::')[0])}</failure>" if test in bad else "")
                + "</testcase>"
                for test in tests
            )
            (home / "junit.xml").write_text(f'<testsuites><testsuite name="k::it">{rows}</testsuite></testsuites>', encoding="utf-8")
            (home / "output.log").write_text("     Summary [ 1s] tests run\n", encoding="utf-8")
        else:
            lines = "".join(f"test {test} ... {'FAILED' if test in bad else 'ok'}\n" for test in tests)
            said = "".join(f"\n---- {test} stdout ----\n\n{PANIC.format(test, test.split('::')[0])}\n" for test in bad)
            failures = f"\nfailures:\n{said}\nfailures:\n" if bad else ""
            result = f"test result: {'FAILED' if bad else 'ok'}. {len(tests) - len(bad)} passed; {len(bad)} failed; 0 ignored;"
            log = f"running {len(tests)} tests\n{lines}{failures}\n{result} 0 measured; 0 filtered out\n"
            (home / "output.log").write_text(log, encoding="utf-8")
        return self.code if bad else 0


class Recorded(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name)

    def record(self, *given, runner=None):
        with contextlib.redirect_stdout(io.StringIO()):
            return record_e2e.record(record_e2e.parse([str(self.out), *given]), runner or Stub())

    def read(self, run, name):
        return json.loads((run / name).read_text(encoding="utf-8"))

    def test_a_green_run_has_every_document_and_no_digest(self):
        run = self.record("--timestamp", "20260302T090000Z", "--run-id", "r1")
        files = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
        targets = ["catalogue", "example_run", "test_reports", "unit/definition", "unit/model", "unit/signature"]
        documents = {"environment.json", "summary.json", "replay_bundle.json", "failure_diagnostics_index.json"}
        self.assertEqual(files, documents | {f"{target}/{name}" for target in targets for name in ("output.log", "result.json")})
        environment, summary = self.read(run, "environment.json"), self.read(run, "summary.json")
        self.assertEqual(environment["suites"], ["catalogue", "example_run", "test_reports"])
        self.assertEqual(environment["units"], ["definition", "model", "signature"])
        self.assertEqual((summary["total_suites"], summary["failed_suites"], summary["failed_names"]), (3, 0, []))
        self.assertEqual((summary["total_units"], summary["passed_units"], summary["baseline"]), (3, 3, None))
        self.assertEqual(summary["suites"][1], self.read(run, "example_run/result.json"))
        self.assertEqual((summary["suites"][1]["passed"], summary["suites"][1]["total"]), (2, 2))
        self.assertEqual({document["run_id"] for document in (environment, summary, self.read(run, "replay_bundle.json"))}, {"r1"})
        self.assertEqual(run.name, summary["timestamp"])

    def test_a_failing_suite_is_recorded_with_digest_index_and_replay(self):
        for junit in (False, True):
            runner = Stub(["example_run::stale"], junit=junit)
            run = self.record("--timestamp", f"2026030{1 + junit}T090000Z", runner=runner)
            result = self.read(run, "example_run/result.json")
            self.assertEqual((result["exit_code"], result["passed"], result["failed"], result["total"]), (101, 1, 1, 2))
            digest = self.read(run, "example_run/failure_digest.json")
            self.assertEqual(digest["root_cause_class"], "assertion_failure")
            self.assertEqual(digest["impacted_scenario_ids"], ["example_run::stale"])
            first = digest["first_failing_assertion"]
            self.assertEqual((first["test"], first["location"]), ("example_run::stale", {"file": "tests/it/example_run.rs", "line": 33}))
            self.assertEqual(first["message"], "assertion `left == right` failed: at noon")
            entry = self.read(run, "replay_bundle.json")["failed_suites"][0]
            self.assertEqual(entry["targeted_replay"], digest["remediation_pointer"]["targeted_test_replay_command"])
            self.assertTrue(entry["targeted_replay"].endswith("--suite example_run --test example_run::stale"))
            self.assertEqual(self.read(run, "failure_diagnostics_index.json")["suites"][0]["digest_path"], entry["digest_path"])
            self.assertEqual(self.read(run, "summary.json")["failed_names"], ["example_run"])

    def test_a_failing_unit_target_has_a_replay_and_no_digest(self):
        run = self.record(runner=Stub(["signature::lines"]))
        self.assertEqual(self.read(run, "summary.json")["failed_unit_names"], ["signature"])
        bundle = self.read(run, "replay_bundle.json")
        self.assertEqual([row["target"] for row in bundle["failed_units"]], ["signature"])
        self.assertEqual((bundle["failed_suites"], list(run.rglob("failure_digest.json"))), ([], []))

    def test_a_baseline_is_compared_with(self):
        green = self.record("--timestamp", "20260302T090000Z")
        cases = [
            (Stub(["example_run::stale"]), ["--profile", "ci"], "regression", [1, 0, 0, 0]),
            (Stub(), ["--profile", "ci"], "stable", [0, 0, 0, 0]),
            # What is gone passed before.
            (Stub(), ["--suite", "catalogue"], "regression", [5, 0, 0, 0]),
        ]
        for at, (runner, given, status, counts) in enumerate(cases):
            run = self.record("--timestamp", f"20260303T09000{at}Z", "--baseline", str(green), *given, runner=runner)
            diff, summary = self.read(run, "triage_diff.json"), self.read(run, "summary.json")
            self.assertEqual((diff["status"], list(diff["summary"].values())), (status, counts))
            self.assertEqual((diff["baseline"], summary["baseline"]), (green.name, green.name))
            self.assertEqual(summary["triage_diff"], {"status": status, "regression_count": counts[0]})
            self.assertEqual(len(diff["ranked_diagnostics"]), counts[0])
            for row in diff["ranked_diagnostics"]:
                self.assertIn(f" {row['name']}", row["recommended_command"])
        red = self.record("--timestamp", "20260304T090000Z", runner=Stub(["example_run::stale"]))
        known = self.record("--timestamp", "20260305T090000Z", "--baseline", str(red), runner=Stub(["example_run::stale"]))
        self.assertEqual(self.read(known, "triage_diff.json")["status"], "known_failures_only")
        fixed = self.record("--timestamp", "20260306T090000Z", "--baseline", str(red))
        self.assertEqual(self.read(fixed, "triage_diff.json")["summary"]["fixed"], 1)

    def test_shards_run_everything_once(self):
        whole = Stub()
        self.record("--timestamp", "20260302T090000Z", runner=whole)
        for kind in ("suite", "unit", "both"):
            ran = []
            for index in range(3):
                runner = Stub()
                given = ["--shard-kind", kind, "--shard-index", str(index), "--shard-total", "3", "--run-id", "r"]
                with tempfile.TemporaryDirectory() as folder:
                    arguments = record_e2e.parse([folder, *given])
                    with contextlib.redirect_stdout(io.StringIO()):
                        run = record_e2e.record(arguments, runner)
                    shard = {"kind": kind, "index": index, "total": 3}
                    self.assertEqual(self.read(run, "environment.json")["shard"], shard)
                    self.assertEqual(self.read(run, "replay_bundle.json")["environment"]["shard_index"], index)
                ran += runner.ran
            self.assertEqual(sorted(ran), sorted(whole.ran), kind)

    def test_what_failed_is_rerun(self):
        run = self.record("--timestamp", "20260302T090000Z", runner=Stub(["example_run::stale", "signature::lines"]))
        again = Stub()
        self.record("--timestamp", "20260303T090000Z", "--rerun-from", str(run / "summary.json"), runner=again)
        self.assertEqual(again.ran, ["example_run::judged", "example_run::stale", "signature::lines"])
        one = Stub()
        self.record("--timestamp", "20260304T090000Z", "--suite", "example_run", "--test", "example_run::stale", runner=one)
        self.assertEqual(one.ran, ["example_run::stale"])

    def test_settings_of_the_recorder_are_in_its_commands(self):
        with mock.patch.dict(os.environ, {"GATEKEEPER_EXAMPLE_NOW": "2026-04-02T12:00:00Z"}):
            run = self.record(runner=Stub(["example_run::stale"]))
        command = self.read(run, "replay_bundle.json")["failed_suites"][0]["cargo_replay"]
        self.assertTrue(command.startswith("env GATEKEEPER_EXAMPLE_NOW=2026-04-02T12:00:00Z python3 "), command)

    def test_a_run_is_never_recorded_over(self):
        self.record("--timestamp", "20260302T090000Z")
        with self.assertRaises(FileExistsError):
            self.record("--timestamp", "20260302T090000Z")

    def test_usage_is_told(self):
        wrong = [["--shard-kind", "suite"], ["--shard-index", "3", "--shard-total", "3", "--shard-kind", "unit"], ["--timestamp", "today"]]
        for given in wrong:
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                record_e2e.parse(["out", *given])
        for given in (["--suite", "nobody"], ["--profile", "focused"]):
            with self.assertRaises(SystemExit):
                self.record(*given)


class Told(unittest.TestCase):
    def test_the_class_of_a_failure(self):
        panic = "thread 'a' panicked at src/a.rs:3:1:\n{}\n"
        cases = [
            (panic.format("assertion failed: x"), 101, "assertion_failure"),
            (panic.format("no such file"), 101, "panic"),
            (panic.format("no such file"), 134, "crash"),
            ("timed out after 60 s", 100, "timeout"),
            ("", 101, "other"),
        ]
        self.assertEqual([record_e2e.cause(said, code) for said, code, _ in cases], [word for *_, word in cases])

    def test_a_failure_without_a_place_is_where_the_test_begins(self):
        location, _ = record_e2e.place("example_run", "example_run::the_example_goes_stale", "")
        line = (record_e2e.ROOT / location["file"]).read_text(encoding="utf-8").splitlines()[location["line"] - 1]
        self.assertIn("fn the_example_goes_stale()", line)

    def test_a_runner_that_cannot_start_ran_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            self.assertEqual(record_e2e.spawn([str(home / "no-such-program")], home / "output.log"), 127)
            self.assertEqual(record_e2e.told_by(home), ({"passed": 0, "failed": 0, "ignored": 0}, []))


class Judged(unittest.TestCase):
    def verdict(self, code=1, **standings):
        return code, {"gates": [{"id": gate, "standing": standing, "findings": []} for gate, standing in standings.items()]}

    def test_a_verdict_is_as_expected_or_says_how_not(self):
        self.assertEqual(real_runs.wrong("run", self.verdict(a="fail", b="pass"), 1, failing=["a"]), [])
        self.assertEqual(
            real_runs.wrong("run", self.verdict(0, a="pass", b="blocked"), 1, failing=["a"]),
            ["run: exit code 0, not 1", "run: `a` is pass, not fail", "run: `b` is blocked, not pass"],
        )
        self.assertEqual(real_runs.wrong("run", self.verdict(0), 0), ["run: no gate was judged"])
        self.assertEqual(real_runs.wrong("run", self.verdict(0, a="pass"), 0, skipped=["b"]), ["run: `b` is None, not skipped"])

    def test_findings_are_those_of_the_gate(self):
        gate = {"id": "a", "standing": "fail", "findings": [{"kind": "regression", "expected": "test `x` passes", "actual": "it fails"}]}
        verdict = {"gates": [gate, {**gate, "id": "b", "findings": []}]}
        self.assertEqual(real_runs.found(verdict, "a"), [("regression", "test `x` passes", "it fails")])
        self.assertEqual((real_runs.found(verdict, "b"), real_runs.found(verdict, "c")), ([], []))

    def test_the_failing_test_is_there(self):
        suite, _, test = real_runs.FAILING_TEST.partition("::")
        source = (record_e2e.ROOT / f"tests/it/{suite}.rs").read_text(encoding="utf-8")
        self.assertIn(f"fn {test}()", source)
        for name in real_runs.STALE:
            self.assertIn(name, source)


if __name__ == "__main__":
    unittest.main()
