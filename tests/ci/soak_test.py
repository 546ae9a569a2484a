"""ci/soak, over runs that are short, and over a program that grows."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEADLINE_SECONDS = 240

# It takes any flags, and a MiB every 20 ms.
GROWS = """#!{python}
import time
kept = []
for _ in range(50):
    kept.append(bytearray(b"x") * (1 << 20))
    time.sleep(0.02)
"""
STEADY = """#!{python}
import time
time.sleep(1)
"""


class SoakTest(unittest.TestCase):
    def soak(self, *flags):
        return subprocess.run(
            [os.path.join(ROOT, "ci", "soak"), *flags],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )

    def soak_of(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.format(python=sys.executable))
            os.chmod(path, 0o755)
            return self.soak(f"--program={path}", "--sample=0.1", "--settle=0.3")

    def assert_flat(self, *flags):
        done = self.soak(f"--program={os.environ['SPATE_STRESS']}", *flags)
        told = f"{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, 0, told)
        self.assertRegex(done.stdout, r"soak: grew by \d+\.\d MiB", told)

    def test_what_grows_is_told(self):
        done = self.soak_of(GROWS)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("something grows", done.stderr)

    def test_what_does_not_is_fine(self):
        done = self.soak_of(STEADY)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_run_that_is_too_short_is_told(self):
        done = self.soak(f"--program={sys.executable}", "--mode=mock", "--settle=100")
        self.assertNotEqual(done.returncode, 0)
        done = self.soak_of("#!/bin/sh\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("before there were two looks", done.stderr)

    # 3 bits for each of 40 million deliveries and more would be 15 MiB.
    def test_a_simulation_is_flat(self):
        self.assert_flat("--mode=sim", "--messages=20000000", "--rate=1000000", "--chaos=storm",
                         "--settle=2", "--sample=0.2")  # fmt: skip

    def test_a_queue_is_flat(self):
        self.assert_flat("--mode=queue", "--rate=100000", "--duration=10s", "--chaos=storm",
                         "--settle=4", "--sample=0.5")  # fmt: skip


if __name__ == "__main__":
    unittest.main()
