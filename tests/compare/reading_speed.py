"""How fast spate_compare is beside what any tool in Python has to do first: json.load.

Usage: reading_speed.py PATH_OF_SPATE_COMPARE [ROWS [REPETITIONS]]

Writes two files of ROWS benchmarks (10,000) with REPETITIONS each (10), as Google Benchmark would, and
times both on them in turn, five times. Prints the best of each and their ratio; asserts nothing, since a
time is no test.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

TURNS = 5


def row(index, repetition, repetitions, draw):
    name = f"BM_something/{index}/threads:1"
    base = 10 * (1 + index % 977) * draw.lognormvariate(0, 0.03)
    return {
        "name": name, "family_index": index, "per_family_instance_index": 0, "run_name": name,
        "run_type": "iteration", "repetitions": repetitions, "repetition_index": repetition,
        "threads": 1, "iterations": draw.randint(1000, 100000), "real_time": base,
        "cpu_time": base * 0.99, "time_unit": "ns",
    }  # fmt: skip


def write(path, rows, repetitions, seed):
    draw = random.Random(seed)
    benchmarks = [row(i, r, repetitions, draw) for i in range(rows) for r in range(repetitions)]
    context = {"num_cpus": 2, "library_build_type": "release"}
    path.write_text(json.dumps({"context": context, "benchmarks": benchmarks}, indent=2), encoding="utf-8")


def load(paths):
    loaded = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            loaded.append(json.load(file))
    return loaded


def seconds(work):
    began = time.perf_counter()
    kept = work()
    took = time.perf_counter() - began
    del kept  # what it costs to free is not counted
    return took


def main():
    program = sys.argv[1]
    given = [int(text) for text in sys.argv[2:4]]
    rows, repetitions = [*given, *(10000, 10)[len(given):]]
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"{side}.json") for side in ("base", "new")]
        for seed, path in enumerate(paths):
            write(path, rows, repetitions, seed)
        in_python, compared = [], []
        for _ in range(TURNS):
            in_python.append(seconds(lambda: load(paths)))
            compared.append(seconds(lambda: subprocess.run([program, *paths], capture_output=True, check=True)))
    print(f"2 files of {rows} benchmarks, {repetitions} repetitions each, best of {TURNS}")
    print(f"json.load alone    {min(in_python):.3f} s")
    print(f"spate_compare, all {min(compared):.3f} s, {min(in_python) / min(compared):.1f} times as fast")


if __name__ == "__main__":
    main()
