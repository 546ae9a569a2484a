"""A benchmark program whose times a test decides, for the tests of the gate."""

import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
CI = os.path.join(ROOT, "ci")
sys.path[:0] = [CI, os.path.join(ROOT, "tests", "cli")]
import support  # noqa: E402

# In virtual time all but CPU times is the same in every run.
CELLS = ("--modes=sim", "--chaos=off", "--rates=1000,20000", "--agents=2", "--duration=20ms",
         "--seed=1", "--benchmark_filter=^delivery/")  # fmt: skip

# Runs the real program once for each list of flags; what comes out then counts for all runs, but for the
# CPU times of the cell with 20000 messages a second: 1000 ns, give or take 2 %, times the factor. It does not
# say of which commit it is, and each run is a second after the one before.
SCALED = """#!{python} -B
import json, os, subprocess, sys, zlib
out = next(flag for flag in sys.argv if flag.startswith("--benchmark_out=")).partition("=")[2]
flags = [flag for flag in sys.argv[1:] if not flag.startswith("--benchmark_out=")]
with open({log!r}, "a+", encoding="utf-8") as log:
    log.write(json.dumps([os.path.basename(out), flags]) + "\\n")
    log.seek(0)
    number = len(log.readlines())
kept = os.path.join({folder!r}, "%08x.json" % zlib.crc32(repr(flags).encode()))
if not os.path.exists(kept):
    done = subprocess.run([{bench!r}, *flags, "--benchmark_out=" + kept], stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(done.returncode)
with open(kept, encoding="utf-8") as file:
    result = json.load(file)
date = "2026-01-01T00:%02d:%02d+00:00" % divmod(number, 60)
result["context"].update(git_commit="unknown", date=date)
for row in result["benchmarks"]:
    slower = {factor} if "rate:20000" in row["name"] else 1
    row["cpu_time"] = 1000 * slower * (1 + 0.02 * (number * 7 % 11 - 5) / 5)
with open(out, "w", encoding="utf-8") as file:
    json.dump(result, file)
"""


class GateTest(support.CliTest):
    def program_of(self, name, text):
        """A program of that name and text."""
        os.chmod(self.write(name, text), 0o755)
        return self.path(name)

    def scaled(self, name, factor=1):
        """A benchmark program that takes `factor` times the CPU in one of its cells."""
        places = {"log": self.path("log"), "folder": self.folder, "bench": support.BENCH}
        return self.program_of(name, SCALED.format(factor=factor, python=sys.executable, **places))

    def waiting(self, name, marker):
        """A program that writes its process id to a file and then does nothing for long."""
        new, there = self.path(f"{marker}.new"), self.path(marker)
        text = f'#!/bin/sh\necho $$ >"{new}"\nmv "{new}" "{there}"\nexec sleep 1000\n'
        return self.program_of(name, text)

    def wait_for_process(self, marker, process):
        """The id that a waiting program has written."""
        path = self.path(marker)
        support.wait_for(lambda: os.path.exists(path), f"the file {marker}", process)
        return int(self.read(marker))

    def runs(self):
        """Of all runs of scaled programs, the name of the result file and the flags."""
        return [json.loads(line) for line in self.read("log").splitlines()]

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def assert_ended(self, pid):
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def assert_line(self, done, code, *pieces):
        """Ended with that code, and one line that says all pieces."""
        told = f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, code, told)
        self.assertRegex(done.stderr, r"\Agate\w*: [^\n]+\n\Z", told)
        for piece in pieces:
            self.assertIn(piece, done.stderr, told)
