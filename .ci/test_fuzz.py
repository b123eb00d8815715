"""Tests of the script that runs the fuzzers: what it makes of their logs and finds, without a fuzzer."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

SPEC = importlib.util.spec_from_file_location("fuzz", Path(__file__).parent / "fuzz.py")
fuzz = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fuzz)

LOG = """#41 INITED cov: 6298
stat::number_of_executed_units: 1200
SUMMARY: libFuzzer: deadly signal
#41 INITED cov: 6298
stat::number_of_executed_units: 3034
fuzz: ran for 90 s
stat::number_of_executed_units: 1
fuzz: ran for 31 s
"""


class Rows(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.work = Path(place.name)
        for directory in ("corpus/readers", "artifacts/readers"):
            (self.work / directory).mkdir(parents=True)
        (self.work / "readers.log").write_text(LOG, encoding="utf-8")
        (self.work / "corpus/readers/a").write_bytes(b"a")
        self.program = self.work / "readers"

    def given(self, script):
        self.program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        self.program.chmod(0o755)

    def test_starts_of_one_target_are_summed(self):
        self.given("exit 1")
        cells, opened = fuzz.row(self.program, self.work)
        seeds = len(list((fuzz.ROOT / "fixtures/fuzz/readers").iterdir()))
        self.assertEqual(cells, ["readers", "4 235", "2", str(1 + seeds), "0", "0"])
        self.assertEqual(opened, 0)

    def test_a_case_is_open_until_it_is_mended(self):
        for name in ("crash-1", "timeout-2", "slow-unit-3"):
            (self.work / "artifacts/readers" / name).write_bytes(b"x")
        self.given("exit 77")
        self.assertEqual(fuzz.row(self.program, self.work)[1], 2)
        self.given("exit 0")
        cells, opened = fuzz.row(self.program, self.work)
        self.assertEqual((cells[4:], opened), (["2", "0"], 0))

    def test_a_target_that_never_ran_has_no_row(self):
        self.given("exit 0")
        (self.work / "readers.log").write_text("error: no nightly\n", encoding="utf-8")
        with self.assertRaises(SystemExit):
            fuzz.row(self.program, self.work)

    def test_a_target_is_started_again_after_a_find(self):
        self.given("echo stat::number_of_executed_units: 5; [ -e again ] || { touch again; exit 77; }")
        (self.work / "readers.log").write_text("", encoding="utf-8")
        fuzz.for_a_while(self.program, 60, self.work)
        self.assertEqual(fuzz.row(self.program, self.work)[0][1], "10")


if __name__ == "__main__":
    unittest.main()
