"""The scripts of ci/, as the documents call them, in the source tree: they build and run what is tested here.

Each is given fewer cells, or shorter ones, and a file of the test's own to write to.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import commands
from commands import ROOT

sys.path.insert(0, str(ROOT / "tests" / "cli"))
import support  # noqa: E402

SCRIPT = r"^ci/(bench|brokers|faults|peers)\b"
SECONDS_FOR_ONE = 500

# What is added to which script, and which exit codes are right.
FEWER = (
    (r"^ci/bench --brokers", " --rates=1000 --chaos=off --duration=100ms --benchmark_out={}/result.json", {0}),
    (r"^ci/bench", " --rates=1000,0 --agents=2 --duration=20ms --benchmark_out={}/result.json", {0}),
    (r"^ci/brokers", " --only=redis -- true", {0}),
    (r"^ci/faults", " --only=redis-off --faults=latency", {0}),
    # 1: a figure is not as it should be, which is for a quiet machine to say.
    (r"^ci/peers", " --rounds=1 --only=redis", {0, 1}),
)


@unittest.skipUnless(pathlib.Path(support.STRESS).parent == ROOT / "build" / "release" / "bin",
                     "the scripts build and run build/release, which is not what is tested here")  # fmt: skip
class Scripts(unittest.TestCase):
    def test_each_works(self):
        called = sorted({c.text for c in commands.all_commands() if re.search(SCRIPT, c.text)})
        self.assertGreater(len(called), 3)
        for text in called:
            with self.subTest(text), tempfile.TemporaryDirectory() as folder:
                added, codes = next((a, c) for pattern, a, c in FEWER if re.search(pattern, text))
                line = text + added.format(folder)
                done = subprocess.run(["bash", "-c", line], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                                      text=True, timeout=SECONDS_FOR_ONE, check=False, env=os.environ)  # fmt: skip
                self.assertIn(done.returncode, codes, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


if __name__ == "__main__":
    unittest.main()
