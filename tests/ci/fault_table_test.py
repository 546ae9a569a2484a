"""ci/faults: over a real server, over a program that reports what a test wants, and what it refuses."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(ROOT, "ci", "fault_table.py")
DEADLINE_SECONDS = 240

# It takes any flags, writes the row that the environment has, and finds something.
REPORTS = """#!{python}
import os, sys
(output,) = [flag for flag in sys.argv if flag.startswith("--output=")]
with open(output[len("--output="):], "w") as file:
    file.write(os.environ["RESULT"])
print("spate_stress: what it found", file=sys.stderr)
sys.exit(1)
"""


def run(*command, **variables):
    return subprocess.run(
        command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=DEADLINE_SECONDS, check=False,
    )  # fmt: skip


def sound_row():
    fault = {"fault": "2s:slice", "kind": "slice", "begun_ns": 2_000_000_000, "recovered_after_ns": 100_000_000}
    counts = "lost duplicated unknown corrupted aliens anomalies misreported".split()
    return {**dict.fromkeys(counts, 0), "spate": {"faults": {"executed": [fault], "liveness": {"holds": True}}}}


class OverAServer(unittest.TestCase):
    def test_prints_a_row_for_each_fault_and_the_servers_version(self):
        if shutil.which("redis-server") is None and os.environ.get("CI") != "true":
            self.skipTest("redis-server is not installed")
        done = run(sys.executable, "-B", TABLE, f"--program={os.environ['SPATE_STRESS']}", "--only=redis-always",
                   "--faults=slice", "--rate=500")  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(
            done.stdout,
            r"\A\| fault \| redis-always \|\n\|---\|---\|\n\| slice \| 0 / 0 / 0, (\d+\.\d s|never) \|\n\n- redis-always: .*always.*\n\Z",
        )


class Verdict(unittest.TestCase):
    def verdict_on(self, row, fault="slice"):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            with open(program, "w", encoding="utf-8") as file:
                file.write(REPORTS.format(python=sys.executable))
            os.chmod(program, 0o755)
            result = {"context": {"deliveries": {"redis": "Redis"}}, "benchmarks": [row]}
            return run(sys.executable, "-B", TABLE, f"--program={program}", "--only=redis-off", f"--faults={fault}",
                       RESULT=json.dumps(result))  # fmt: skip

    def assert_wrong(self, row, why):
        done = self.verdict_on(row)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stderr, f"ci/faults: redis-off, slice: {why}\nci/faults:   spate_stress: what it found\n")

    def test_what_the_program_found_is_no_matter_where_it_was_to_be(self):
        row = sound_row()
        row["spate"]["faults"]["executed"][0]["kind"] = "kill-broker"
        row["lost"] = 7
        done = self.verdict_on(row, "kill-broker")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_nothing_excuses_is_wrong(self):
        for name in ("lost", "corrupted", "aliens", "anomalies", "misreported"):
            self.assert_wrong({**sound_row(), name: 3}, f"{name} 3")

    def test_a_fault_that_was_not_executed_is_wrong(self):
        for name, value in (("trouble", "no server"), ("begun_ns", None)):
            row = sound_row()
            row["spate"]["faults"]["executed"][0][name] = value
            self.assert_wrong(row, "2s:slice was not executed")

    def test_what_did_not_flow_again_or_gave_up_is_wrong(self):
        row = sound_row()
        row["spate"]["faults"]["liveness"]["holds"] = False
        row.update({"error_occurred": True, "error_message": "it gave up"})
        self.assert_wrong(row, "it did not show that it flows again; it gave up")


class Refusals(unittest.TestCase):
    def test_are_told_before_anything_is_installed_or_built(self):
        for flag, said in (
            ("--only=redis-sometimes", "there is no 'redis-sometimes'; give some of redis-off,"),
            ("--faults=slice,melt", "there is no 'melt'; give some of kill-broker,"),
            ("--rate=0", "give a whole number from 1 to"),
            ("--rate=999999999", "give a whole number from 1 to"),
        ):
            done = run(os.path.join(ROOT, "ci", "faults"), flag)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertRegex(done.stderr, r"\Aci/faults: [^\n]+\n\Z")
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
