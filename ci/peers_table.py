"""Usage: ci/peers_table.py ROUNDS MODES

Measures and prints the table of ci/peers, which starts the servers and passes their addresses in the environment.
"""
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys

from tables import Table

BIN = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "bin"
PAYLOAD_BYTES = 128
AGENTS = 9
PIPELINE = 16
RATES = [1000, 10_000, 30_000]
SECONDS = 3  # of each open loop


class Failed(Exception):
    """A program did not do what it should."""


def output_of(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def spate_bench(mode, pattern, *flags):
    """The rows by their name, without Google Benchmark's suffixes."""
    text = output_of([str(BIN / "spate_bench"), f"--modes={mode}", f"--benchmark_filter={pattern}", "--start-brokers",
                      "--benchmark_format=json", *flags])
    rows = json.loads(text)["benchmarks"]
    return {row["name"].split("/iterations:")[0].split("/process_time")[0]: row for row in rows}


def per_second(row):
    return 1e9 / row["real_time"]


def redis_benchmark():
    """XADD as redis-benchmark sends it: as many connections as agents, each with a pipeline."""
    url = os.environ["SPATE_REDIS_URL"]
    text = output_of(["redis-benchmark", "-p", url.rsplit(":", 1)[1], "-c", str(AGENTS), "-P", str(PIPELINE),
                      "-n", "500000", "--csv", "XADD", "spate-redis-benchmark", "*", "m", "x" * PAYLOAD_BYTES])
    output_of(["redis-cli", "-u", url, "UNLINK", "spate-redis-benchmark"])
    rows = [row for row in csv.reader(text.splitlines()) if len(row) > 1 and row[1] != "rps"]
    return float(rows[-1][1])


def response_p50(row):
    return row["response_ns_p50"]


def bounds(mode, rounds):
    """Rates a second, and latencies, by what was measured, a list over the rounds."""
    figures = {}
    for _ in range(rounds):
        if mode == "redis":
            figures.setdefault("redis-benchmark", []).append(redis_benchmark())
        for what, figure in (("publish", per_second), ("deliver", per_second), ("paced", response_p50)):
            rows = spate_bench(mode, f"^({what}/mode:{mode}|reference/{what}_{mode})/", "--duration=1")
            figures.setdefault(what, []).append(figure(rows[f"{what}/mode:{mode}"]))
            figures.setdefault("bare " + what, []).append(figure(rows[f"reference/{what}_{mode}"]))
    return figures


def open_loop(mode, rate):
    rows = spate_bench(mode, "^delivery/", "--chaos=off", f"--rates={rate}", f"--agents={AGENTS}", "--types=text",
                       f"--payload-bytes={PAYLOAD_BYTES}", "--workers=1", f"--duration={SECONDS}")
    return next(iter(rows.values()))


class Figures:
    def __init__(self):
        self.missed = 0
        self.table = Table(["broker", "what", "measured", "wanted", "reached"])

    def line(self, mode, what, figure, wanted, fine):
        self.missed += not fine
        self.table.row(mode, what, figure, wanted, "yes" if fine else "**no**")

    def throughput(self, mode, what, own, reference, least):
        ratio = statistics.median(a / b for a, b in zip(own, reference))
        figure = f"{ratio:.2f} × ({statistics.median(own):,.0f}/s, {statistics.median(reference):,.0f}/s)"
        self.line(mode, what, figure, f"≥ {least} ×", ratio >= least)

    def latency(self, mode, what, own, reference, most):
        ratio = statistics.median(a / b for a, b in zip(own, reference))
        figure = f"{ratio:.2f} × ({microseconds(statistics.median(own))}, {microseconds(statistics.median(reference))})"
        self.line(mode, what, figure, f"≤ {most} ×", ratio <= most)


def microseconds(ns):
    return f"{ns / 1000:,.0f} µs"


def measure(mode, rounds, table):
    figures = bounds(mode, rounds)
    if "redis-benchmark" in figures:
        table.throughput(mode, "publish, by redis-benchmark", figures["publish"], figures["redis-benchmark"], 1.0)
    table.throughput(mode, "publish, by the bare loop", figures["publish"], figures["bare publish"], 0.9)
    table.throughput(mode, "whole way, by the bare loop", figures["deliver"], figures["bare deliver"], 0.9)
    for rate in RATES:
        row = open_loop(mode, rate)
        achieved = row["rate_achieved"] / rate
        table.line(mode, f"open loop, {rate:,}/s", f"{100 * achieved:.2f} %, p50 {microseconds(response_p50(row))}",
                   "≥ 99.9 %", achieved >= 0.999)
    table.latency(mode, "p50 at 1,000/s, by the bare loop", figures["paced"], figures["bare paced"], 1.1)
    tenth = round(statistics.median(figures["deliver"]) / 10)
    pairs = [[response_p50(open_loop(mode, rate)) for rate in (1000, tenth)] for _ in range(rounds)]
    table.latency(mode, f"p50 at 1,000/s, by that at a tenth of saturation ({tenth:,}/s)", *zip(*pairs), 1.0)


def main():
    rounds, modes = int(sys.argv[1]), sys.argv[2].split(",")
    table = Figures()
    try:
        for mode in modes:
            measure(mode, rounds, table)
    except Failed as failure:
        print(f"peers: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("peers: interrupted; what was measured stands above", file=sys.stderr)
        return 3
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
