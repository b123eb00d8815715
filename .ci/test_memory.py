"""Tests of the measurement of memory: its evidence is sound, and its figures are those of the process."""

import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import memory  # noqa: E402


class Evidence(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "evidence"

    def test_a_report_has_its_size_and_every_test_once(self):
        rows = memory.junit(self.file, 200_000, "<system-out>x</system-out>")
        names = [case.get("name") for case in ElementTree.parse(self.file).getroot().iter("testcase")]
        self.assertEqual((len(names), len(set(names))), (rows, rows))
        self.assertTrue(200_000 <= self.file.stat().st_size < 300_000)

    def test_a_log_is_one_record_a_line(self):
        rows = memory.jsonl(self.file, 100_000)
        records = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([record["seq"] for record in records], list(range(rows)))

    def test_what_a_process_keeps_is_seen(self):
        code, small = memory.peak([sys.executable, "-c", "raise SystemExit(3)"], ".")
        _, large = memory.peak([sys.executable, "-c", "kept = b'x' * (64 << 20)"], ".")
        self.assertEqual(code, 3)
        # A process begins with what its parent held when it forked, so not all of the 64 MB are to be seen.
        self.assertGreater(large - small, 32 * memory.MB)


if __name__ == "__main__":
    unittest.main()
