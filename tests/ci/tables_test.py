"""The tables of ci/: Markdown where they are kept, and on a terminal blocks that fit it."""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parents[2] / "ci"
MODES = "mock queue redis nats rabbitmq kafka".split()


def row(mode, rate):
    return {
        "run_type": "iteration", "rate_achieved": 123456.7, "rate_asked": rate, "saturated": 1,
        "response_ns_p50": 1234567, "response_ns_p99": None, "rejected": 1234567, "unknown": 7654321, "lost": 1,
        "spate": {"cell": {"mode": mode, "chaos": {"profile": "p" * 64}, "rate": rate, "agents": 1_000_000}},
    }  # fmt: skip


def on_terminal(*command):
    """What a terminal is told, which is not a pipe."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=its, stderr=its) as process:
        os.close(its)
        told = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not chunk:
                break
            told += chunk
    os.close(ours)
    return process.returncode, told.decode().replace("\r\n", "\n")


class ModeTable(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, "result.json")
        versions = {mode: f"{mode} 1.2.3, " + "as durable as can be, " * 6 for mode in MODES}
        path.write_text(json.dumps({
            "context": {"deliveries": versions},
            "benchmarks": [row(mode, rate) for mode in MODES for rate in (0, 1000)],
        }), encoding="utf-8")  # fmt: skip
        self.command = (sys.executable, "-B", str(CI / "mode_table.py"), str(path))

    def test_a_terminal_has_a_line_for_each_mode_of_a_cell(self):
        code, told = on_terminal(*self.command)
        self.assertEqual(code, 0, told)
        self.assertNotIn("|", told)
        # The name of a profile may have 64 signs.
        lines = [line for line in told.splitlines() if "p" * 64 not in line]
        self.assertLessEqual(max(map(len, lines)), 80, told)
        for mode in MODES:
            self.assertRegex(told, rf"(?m)^  {mode} +123,457/s, p50 1.23 ms, p99 –, 1,234,567 rejected")

    def test_elsewhere_it_is_markdown(self):
        told = subprocess.run(self.command, capture_output=True, text=True, check=True).stdout
        table = [line for line in told.splitlines() if line.startswith("|")]
        self.assertEqual(table[0], f"| cell | {' | '.join(MODES)} |")
        self.assertEqual(table[1], "|" + "---|" * (len(MODES) + 1))
        self.assertEqual(len(table), 4)
        self.assertEqual({line.count("|") for line in table}, {len(MODES) + 2})


if __name__ == "__main__":
    unittest.main()
