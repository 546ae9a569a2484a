"""bench/result_file.md names what is in result files, and nothing else."""

import os
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import support  # noqa: E402

PAGE = ROOT / "bench" / "result_file.md"
HEADING = re.compile(r"^## (`.*)$")
PATH = re.compile(r"`([^`]+)`")
MEMBER = re.compile(r"`([^`]+)`(†?)")
RARE = "†"

# What writes files with all that may be in one.
RUNS = (
    (support.BENCH, "--modes=sim", "--chaos=on,storm", "--rates=1000", "--agents=3", "--duration=0.1s",
     "--benchmark_filter=^delivery/", "--benchmark_repetitions=2", "--benchmark_out={}"),
    (support.BENCH, "--benchmark_filter=^(scale/mode:mock/|scale/sim/agents:10/deliveries:10000/|micro/tcp_stream/)",
     "--benchmark_min_time=0.01", "--benchmark_out={}"),
    (support.STRESS, "--sim", "--duration=0.1s", "--rate=1000", "--arrivals=poisson", "--servers=3", "--fifo",
     "--latency=exponential:mean=1ms", "--slow-agents=1", "--payload-bytes=64", "--output={}"),
    (support.STRESS, "--sim", "--servers=3", "--types=text", "--duration=1s", "--find-rate=p99<20ms", "--output={}"),
    (support.STRESS, "--real", "--rate=0", "--messages=1000", "--output={}"),
    (support.STRESS, "--real=redis", "--start-brokers", "--rate=500", "--duration=3s", "--recover-within=1s",
     "--fault=500ms:latency,add=1ms,for=100ms", "--workers=1", "--output={}"),
)  # fmt: skip


def documented():
    """By path of each member: whether it is rare."""
    members = {}
    prefixes = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            prefixes = PATH.findall(heading[1])
        elif line.startswith("| `"):
            for name, rare in MEMBER.findall(line.split("|")[1]):
                for prefix in prefixes:
                    members[f"{prefix}.{name}"] = rare == RARE
    return members


def paths(value, path=""):
    """Of each member, with [] for any place in an array: also of those that have members themselves."""
    if isinstance(value, dict):
        for name, inner in value.items():
            inner_path = f"{path}.{name}" if path else name
            yield inner_path
            yield from paths(inner, inner_path)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, path + "[]")


def stands_in(path, members):
    """Whether it is documented, or inside of what is as a whole, or leads to what is."""
    return any(path == known or path.startswith((known + ".", known + "[]")) or known.startswith((path + ".", path + "[]"))
               for known in members)  # fmt: skip


class ResultFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.real = set()
        with tempfile.TemporaryDirectory() as folder:
            for number, (program, *flags) in enumerate(RUNS):
                path = os.path.join(folder, f"{number}.json")
                done = support.run(program, *(flag.format(path) for flag in flags))
                if not os.path.exists(path):
                    raise AssertionError(f"{program} {flags}: {done.stderr}")
                cls.real.update(paths(support.load(path)))
        cls.members = documented()

    def test_all_that_is_in_a_file_stands_in_the_page(self):
        self.assertGreater(len(self.real), 100)
        self.assertEqual([], sorted(p for p in self.real if not stands_in(p, self.members)))

    def test_all_that_stands_in_the_page_is_in_a_file(self):
        self.assertGreater(len(self.members), 100)
        self.assertEqual([], sorted(m for m, rare in self.members.items() if not rare and m not in self.real))

    def test_what_is_called_rare_is(self):
        self.assertEqual([], sorted(m for m, rare in self.members.items() if rare and m in self.real))


if __name__ == "__main__":
    unittest.main()
