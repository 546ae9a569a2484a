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
STEADY = "#!/bin/sh\nexec sleep 1\n"  # another Python would grow while it starts


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

    def soak_of(self, text, *flags):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.format(python=sys.executable))
            os.chmod(path, 0o755)
            return self.soak(f"--program={path}", *(flags or ["--sample=0.1", "--settle=0.3"]))

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
        done = self.soak_of("#!/bin/sh\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("before there were two looks", done.stderr)

    def test_the_programs_own_exit_code_is_told(self):
        done = self.soak_of("#!/bin/sh\nexit 7\n")
        self.assertEqual(done.returncode, 7)

    def test_what_cannot_be_started_is_told_in_a_line(self):
        done = self.soak("--program=/nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^soak: /nowhere cannot be started .*\n$")

    def test_it_waits_for_the_window_of_each_worker(self):
        for flags, seconds in (
            (["--rate=100000", "--workers=1"], 60),
            (["--rate=10000", "--workers", "2"], 839),
            (["--rate=10000", "--workers=16", "--agents=2"], 839),
            (["--rate=0", "--workers=8"], 60),
            (["--rate=1000", "--workers=8", "--mode=sim"], 60),
        ):
            done = self.soak_of("#!/bin/sh\n", "--duration=20min", *flags)
            self.assertIn(f"two looks after {seconds:g} s", done.stderr)

    def test_what_must_be_too_short_is_not_begun(self):
        done = self.soak_of("#!/bin/sh\n", "--rate=10000", "--workers=2", "--duration=14min")
        self.assertEqual(done.returncode, 2)
        self.assertIn("give 859s or more", done.stderr)
        self.assertEqual(done.stdout, "")

    # 3 bits for each of 40 million deliveries and more would be 15 MiB.
    def test_a_simulation_is_flat(self):
        self.assert_flat("--mode=sim", "--messages=20000000", "--rate=1000000", "--chaos=storm",
                         "--settle=2", "--sample=0.2")  # fmt: skip

    # A closed loop is faster than any rate that is safe to ask for: the window is full after a
    # fortieth of it. 3 bits for half of its 82 million deliveries would be 14 MiB.
    def test_a_queue_is_flat(self):
        self.assert_flat("--mode=queue", "--rate=0", "--messages=30000000", "--workers=1",
                         "--growth=1", "--settle=3", "--sample=0.3")  # fmt: skip


if __name__ == "__main__":
    unittest.main()
