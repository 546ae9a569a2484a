"""What the tests of the programs share. SPATE_BENCH, SPATE_STRESS and SPATE_COMPARE name them."""

import fcntl
import json
import math
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

BENCH = os.environ.get("SPATE_BENCH", "")
STRESS = os.environ.get("SPATE_STRESS", "")
COMPARE = os.environ.get("SPATE_COMPARE", "")
# All that are installed, by name.
PROGRAMS = {
    "spate_bench": BENCH,
    "spate_brokers": os.environ.get("SPATE_BROKERS", ""),
    "spate_compare": COMPARE,
    "spate_conformance": os.environ.get("SPATE_CONFORMANCE", ""),
    "spate_proxy": os.environ.get("SPATE_PROXY", ""),
    "spate_stress": STRESS,
}
# Under sanitizers, on a machine with other work: far beyond what any test here needs.
DEADLINE_SECONDS = 120

COUNTERS = (
    "sent expected delivered failed crashed rejected unknown lost spiked recovered duplicated "
    "reordered aliens anomalies shed success_rate messages_per_second rate_asked rate_achieved "
    "response_ns_mean response_ns_p50 response_ns_p90 response_ns_p99 response_ns_p999 "
    "response_ns_max service_ns_mean service_ns_p50 service_ns_p90 service_ns_p99 "
    "service_ns_p999 service_ns_max send_lateness_ns_p50 send_lateness_ns_p99 "
    "send_lateness_ns_max"
).split()
CONTEXT = (
    "date host_name executable num_cpus mhz_per_cpu caches load_avg spate_version git_commit seed "
    "compiler build_type cpu_model kernel workers host_idle_percent interrupted"
).split()
SPATE_KEYS = (
    "cell agents types response_histogram windows digest mock_digest chaos_events"
).split()
CELL_KEYS = (
    "mode chaos rate agents seed duration_ns window payload_bytes types workers".split()
)


def environment(**extra):
    """The environment without what the programs would read from it, plus `extra`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BENCHMARK_", "NO_COLOR"))}
    kept.update(extra)
    return kept


def run(program, *flags, env=None, cwd=None):
    """Runs a program to its end."""
    return subprocess.run(
        [program, *flags],
        env=env or environment(),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def run_on_terminal(program, *flags, columns=80, **variables):
    """Exit code and everything that a terminal of that width was told."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    process = subprocess.Popen(
        [program, *flags],
        env=environment(**{"TERM": "xterm", **variables}),
        stdin=its, stdout=its, stderr=its,
    )  # fmt: skip
    os.close(its)
    chunks = []
    end = time.monotonic() + DEADLINE_SECONDS
    try:
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
        return process.wait(10), b"".join(chunks).decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def lines_left(told):
    """What can still be read on a terminal, with its colours."""
    lines = told.replace("\r\n", "\n").split("\n")
    # Of each line what comes after the last return, which cleared it.
    return [line.rsplit("\r", 1)[-1].replace("\x1b[K", "") for line in lines]


def parse_json(text):
    """JSON by the letter: no NaN, no Infinity, no key twice."""

    def refuse_constant(name):
        raise ValueError(f"{name} is no JSON")

    def refuse_twice(pairs):
        keys = [key for key, _ in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"key '{key}' is there twice")
        return dict(pairs)

    return json.loads(text, parse_constant=refuse_constant, object_pairs_hook=refuse_twice)


def load(path):
    with open(path, encoding="utf-8") as file:
        return parse_json(file.read())


def iteration_rows(result):
    return [row for row in result["benchmarks"] if row["run_type"] == "iteration"]


def wait_for(condition, what, process=None, seconds=DEADLINE_SECONDS):
    """Waits until condition() gives something true, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            value = condition()
            if value:
                return value
            raise AssertionError(f"{what}: the process ended with {process.returncode} before")
        time.sleep(0.005)  # between two looks
    raise AssertionError(f"{what}: not within {seconds} s")


def finished_rows(path):
    """The rows of a result file that is being written; empty while there is none."""
    try:
        return load(path)["benchmarks"]
    except FileNotFoundError:
        return []


def binomial_tail(successes, trials, probability):
    """The exact probability of a count at least as far out on its side as `successes`."""
    if probability in (0.0, 1.0):
        return 1.0 if successes == trials * probability else 0.0

    def log_term(k):
        return (
            math.lgamma(trials + 1)
            - math.lgamma(k + 1)
            - math.lgamma(trials - k + 1)
            + k * math.log(probability)
            + (trials - k) * math.log1p(-probability)
        )

    below = math.fsum(math.exp(log_term(k)) for k in range(0, successes + 1))
    above = math.fsum(math.exp(log_term(k)) for k in range(successes, trials + 1))
    return min(below, above)


class CliTest(unittest.TestCase):
    """Each test has a folder of its own; nothing may be left in it but result files."""

    program = BENCH
    output_flag = "--benchmark_out"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name="result.json"):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def output(self, name="result.json"):
        """The flag that writes a result file of that name."""
        return f"{self.output_flag}={self.path(name)}"

    def ok(self, *flags, **options):
        """Runs the program, which must succeed without a word on stderr."""
        done = run(self.program, *flags, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done

    def result(self, *flags, **options):
        """Runs the program, which must succeed, and returns its result file."""
        self.ok(*flags, self.output(), **options)
        return load(self.path())

    def assert_identity(self, row):
        parts = "delivered failed crashed rejected unknown lost".split()
        self.assertEqual(row["expected"], sum(row[part] for part in parts), row["name"])

    def assert_refused(self, arguments, *pieces):
        """Exit code 2, one line on stderr with all of `pieces`, and nothing touched."""
        before = sorted(os.listdir(self.folder))
        done = run(self.program, *arguments, cwd=self.folder)
        told = f"{arguments}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, 2, told)
        name = os.path.basename(self.program)
        self.assertRegex(done.stderr, rf"\A{name}: [^\n]+\n\Z", told)
        for piece in pieces:
            self.assertIn(piece, done.stderr, told)
        self.assertEqual(done.stdout, "", told)
        self.assertEqual(sorted(os.listdir(self.folder)), before, told)


class InterruptTest(CliTest):
    """Starts the program, to stop it in the middle."""

    limit_seconds = DEADLINE_SECONDS  # it ends within a second; more is for a busy machine

    def start(self, *flags, stdout=subprocess.DEVNULL):
        process = subprocess.Popen(
            [self.program, *flags, self.output()],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_stops(self, process, number, what):
        """Returns what standard output was told, where that is a pipe."""
        begin = time.monotonic()
        process.send_signal(number)
        try:
            stdout, stderr = process.communicate(timeout=self.limit_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            self.fail(f"{what}: still there {self.limit_seconds} s after {number.name}")
        took = time.monotonic() - begin
        print(f"{what}: ended {took:.3f} s after {number.name}", file=sys.stderr)
        self.assertEqual(process.returncode, 3)
        name = os.path.basename(self.program)
        self.assertRegex(stderr, rf"\A{name}: interrupted[^\n]*\n\Z")
        return stdout


def thread_count(process):
    try:
        return len(os.listdir(f"/proc/{process.pid}/task"))
    except FileNotFoundError:
        return 0


class StressTest(CliTest):
    """Of spate_stress."""

    program = STRESS
    output_flag = "--output"

    def row(self, *flags, name="result.json"):
        """Runs the program, which must succeed, and returns the one row of its file."""
        self.ok(*flags, self.output(name))
        (row,) = load(self.path(name))["benchmarks"]
        self.assert_identity(row)
        return row

    def rows(self, *runs):
        """The same for several runs, each with its flags, at the same time: most of it is waiting."""
        names = [f"{number}.json" for number in range(len(runs))]
        with ThreadPoolExecutor(len(runs)) as pool:
            return list(pool.map(lambda flags, name: self.row(*flags, name=name), runs, names))


def main():
    unittest.main(verbosity=1)
