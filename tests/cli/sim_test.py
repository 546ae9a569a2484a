"""Runs in virtual time, from outside: repeatable to the bit, and of one piece with the other modes."""

import os
import pty
import re
import time
import tty
from concurrent.futures import ThreadPoolExecutor

import support


def cells(chaos="on,storm", rates="1000,5000,0", agents="2,9", duration="0.2s"):
    return (
        "--modes=sim", f"--chaos={chaos}", f"--rates={rates}", f"--agents={agents}",
        f"--duration={duration}", "--benchmark_filter=^delivery/",
    )  # fmt: skip


# Of the file's context: where the machine stood.
TIMES_OF_DAY = ("date", "load_avg", "host_idle_percent")


def without_times(result):
    for key in TIMES_OF_DAY:
        del result["context"][key]
    for row in result["benchmarks"]:
        del row["cpu_time"]
    return result


class SimMatrix(support.CliTest):
    def test_two_runs_give_the_same_file_but_for_times_of_day_and_cpu(self):
        one = without_times(self.result(*cells()))
        other = without_times(self.result(*cells()))
        self.assertEqual(one, other)
        self.assertEqual(len(one["benchmarks"]), 12)

    def test_workers_change_nothing_but_their_number(self):
        results = [without_times(self.result(*cells(), f"--workers={n}")) for n in (1, 2)]
        for result in results:
            del result["context"]["workers"]
            for row in result["benchmarks"]:
                del row["spate"]["cell"]["workers"]
        self.assertEqual(results[0], results[1])

    def test_time_is_virtual(self):
        result = self.result(*cells(chaos="off", rates="100", agents="9", duration="10s"))
        (row,) = result["benchmarks"]
        self.assertEqual(row["messages_per_second"], 100)
        self.assertAlmostEqual(row["real_time"], row["response_ns_mean"], delta=1)
        self.assertEqual(row["send_lateness_ns_max"], 0)

    def test_repetitions_have_no_spread_but_in_cpu_time(self):
        result = self.result(*cells(chaos="off,on", rates="1000,5000"), "--benchmark_repetitions=3")
        spreads = [row for row in result["benchmarks"] if row.get("aggregate_name") in ("stddev", "cv")]
        self.assertEqual(len(spreads), 2 * 8)
        for row in spreads:
            self.assertEqual((row["real_time"], row["response_ns_mean"], row["success_rate"]), (0, 0, 0))

    def test_a_closed_loop_lasts_about_as_long_as_it_was_told(self):
        result = self.result(*cells(chaos="off", rates="0", agents="9", duration="1s"))
        (row,) = result["benchmarks"]
        self.assertAlmostEqual(row["iterations"] * row["real_time"], 1e9, delta=0.1e9)

    def test_it_goes_with_the_mock_in_a_comparison(self):
        self.ok("--modes=sim,mock", "--chaos=off,on", "--rates=2000", "--agents=9",
                "--duration=0.3s", "--spike-max=20ms", "--benchmark_filter=^delivery/",
                self.output())  # fmt: skip
        compared = support.run(support.COMPARE, "--modes=sim,mock", self.path())
        self.assertEqual(compared.returncode, 0, compared.stdout + compared.stderr)
        sim, mock = (
            [r for r in support.load(self.path())["benchmarks"] if f"mode:{m}/" in r["name"]]
            for m in ("sim", "mock")
        )
        for one, other in zip(sim, mock, strict=True):
            for key in "sent expected delivered failed crashed rejected unknown lost spiked".split():
                self.assertEqual(one[key], other[key], key)
            for key in ("digest", "mock_digest"):
                self.assertEqual(one["spate"][key], other["spate"][key])


class SimStress(support.StressTest):
    def test_a_long_run_takes_no_time_to_speak_of(self):
        began = time.monotonic()
        row = self.row("--sim", "--duration=1h", "--chaos")
        self.assertEqual(row["sent"], 360_000)
        # It takes less than a second; the rest is for sanitizers and a busy machine.
        self.assertLess(time.monotonic() - began, 10)

    def test_how_idle_the_machine_is_nobody_asks(self):
        idle = [self.result(*mode, "--duration=0.1s")["context"]["host_idle_percent"] for mode in (["--sim"], [])]
        self.assertIsNone(idle[0])
        self.assertIsInstance(idle[1], (int, float))

    def test_a_station_that_never_drains_is_bounded_and_says_so(self):
        flags = ("--sim", "--servers=2", "--rate=1000", "--types=text", "--in-flight-limit=500")
        told = self.ok(*flags, self.output()).stdout
        (row,) = support.load(self.path())["benchmarks"]
        self.assertGreater(row["shed"], 0)
        self.assertAlmostEqual(row["offered_load"], 2.75)
        self.assertIn("load        275.00% of what the mock's servers can serve", told)
        self.assertIn("never catch up", told)
        self.assertIn("--in-flight-limit", told)

    def test_waiting_rises_with_the_load(self):
        means = [
            self.row("--sim", "--servers=1", "--latency=exponential:mean=1ms", "--types=text",
                     "--arrivals=poisson", "--duration=100s", f"--rate={rate}")["response_ns_mean"]
            for rate in (100, 500, 900)
        ]  # fmt: skip
        # M/M/1: 1 / (1 - load) times the service time.
        for mean, load in zip(means, (0.1, 0.5, 0.9), strict=True):
            self.assertAlmostEqual(mean * (1 - load) / 1e6, 1, delta=0.25)

    def test_inboxes_in_order_reorder_nothing(self):
        flags = ("--rate=2000", "--duration=0.5s", "--types=text,urgent")
        for mode in ((), ("--sim",)):
            self.assertGreater(self.row(*flags, *mode)["reordered"], 0)
            self.assertEqual(self.row(*flags, *mode, "--fifo")["reordered"], 0)

    def test_slow_consumers_are_slow(self):
        row = self.row("--sim", "--slow-agents=3", "--slow-factor=4", "--latency=constant:1ms")
        self.assertAlmostEqual(row["response_ns_p50"], 1_000_000, delta=1_000_000 / 128)
        self.assertEqual(row["response_ns_max"], 4_000_000)

    def test_it_excludes_the_real_thing_but_in_a_comparison(self):
        self.assert_refused(["--sim", "--real"], "--sim and --real", "--compare")
        told = self.ok("--sim", "--compare", "--duration=0.2s", "--rate=1000").stdout
        self.assertIn("sim, chaos off", told)
        self.assertIn("queue, chaos off", told)

    def test_bad_expectations_are_refused(self):
        for bad in ("", "12", "0123456789abcdeg", "0123456789abcdef:"):
            self.assert_refused([f"--expect-digest={bad}"], "--expect-digest", "16 hexadecimal")

    def test_the_mocks_digest_is_expected_of_the_mock_alone(self):
        flags = ("--compare", "--duration=0.2s")
        told = self.ok(*flags).stdout
        both = re.search(r"--expect-digest=([0-9a-f]{16}:[0-9a-f]{16})", told)[1]
        self.ok(*flags, f"--expect-digest={both.upper()}")
        self.assert_refused(["--real", f"--expect-digest={both}"], both, "first half alone")
        digest = both.split(":")[0]
        done = support.run(self.program, *flags, f"--expect-digest={digest}:{digest}")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Aspate_stress: the mock's digest [^\n]+\n\Z")


def read_all(terminal):
    """What a terminal is told until its other side is closed."""
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so then
            return b"".join(chunks)
        chunks.append(chunk)


class Trace(support.StressTest):
    def traced(self, *flags):
        row = self.row(*flags, f"--trace={self.path('trace.json')}")
        return row, support.load(self.path("trace.json"))

    def assert_tells_of(self, row, trace):
        events = trace["traceEvents"]
        begins = {e["id"]: e for e in events if e["ph"] == "b"}
        ends = {e["id"]: e for e in events if e["ph"] == "e"}
        self.assertEqual(len(begins), row["delivered"])
        self.assertEqual(begins.keys(), ends.keys())
        times = [ends[i]["ts"] - begins[i]["ts"] for i in begins]
        self.assertAlmostEqual(max(times) * 1000, row["response_ns_max"], delta=2)
        self.assertAlmostEqual(
            sum(times) / len(times) * 1000, row["response_ns_mean"], delta=row["response_ns_mean"] / 1e6
        )
        instants = [e for e in events if e["ph"] == "i"]
        spikes = [e for e in instants if e["name"] == "spike"]
        self.assertEqual(len(spikes), row["spiked"])
        names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
        self.assertTrue({e["pid"] for e in events} <= names.keys())
        self.assertEqual(names[3], "Agent-3")
        times = [e["ts"] for e in events if "ts" in e]
        self.assertEqual(times, sorted(times))
        nothing = {"deliveries_left_out": 0, "chaos_events_left_out": 0}
        self.assertEqual(trace["otherData"], nothing)

    def test_every_delivery_and_fault_is_in_it(self):
        flags = ("--chaos", "--rate=2000", "--duration=0.5s", "--spike-max=20ms")
        for mode in ("--sim",), ("--real",), ():
            row, trace = self.traced(*mode, *flags)
            self.assert_tells_of(row, trace)

    def test_it_changes_nothing(self):
        flags = ("--sim", "--chaos=storm", "--duration=5s")
        plain = self.row(*flags)
        traced, _ = self.traced(*flags)
        for row in (plain, traced):
            del row["cpu_time"]
        self.assertEqual(plain, traced)

    def test_it_is_bounded_and_keeps_the_latest(self):
        row, trace = self.traced("--sim", "--rate=100000", "--duration=2s", "--types=text")
        left_out = trace["otherData"]["deliveries_left_out"]
        self.assertGreater(left_out, 0)
        begins = [e for e in trace["traceEvents"] if e["ph"] == "b"]
        self.assertEqual(len(begins) + left_out, row["delivered"])
        self.assertGreater(min(e["ts"] for e in begins), 0.9e6, "of the second half")

    def test_a_closed_loop_has_one_of_the_run_that_counts(self):
        row, trace = self.traced("--rate=0", "--duration=0.3s", "--types=text")
        begins = [e for e in trace["traceEvents"] if e["ph"] == "b"]
        left_out = trace["otherData"]["deliveries_left_out"]
        self.assertEqual(len(begins) + left_out, row["delivered"])

    def test_it_is_written_once_whatever_trials_a_closed_loop_needs(self):
        ours, its = pty.openpty()  # a device that tells what it was given
        self.addCleanup(os.close, ours)
        tty.setraw(its)
        with ThreadPoolExecutor(1) as pool:
            told = pool.submit(read_all, ours)
            self.ok("--rate=0", "--duration=0.1s", "--latency=constant:20ms", "--window=1",
                    f"--trace={os.ttyname(its)}")  # fmt: skip
            os.close(its)
            self.assertEqual(told.result().count(b"traceEvents"), 1)

    def test_one_that_cannot_be_written_costs_nothing_else(self):
        done = support.run(self.program, "--rate=0", "--duration=0.2s", "--trace=/dev/full",
                           self.output())  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aspate_stress: --trace '/dev/full' cannot [^\n]+\n\Z")
        self.assertIn("\nRepeat ", done.stdout)
        result = support.load(self.path())
        self.assertNotIn("error_occurred", result["benchmarks"][0])
        self.assertFalse(result["context"]["interrupted"])

    def test_bad_places_are_refused(self):
        self.assert_refused(["--trace="], "--trace ''")
        self.assert_refused(["--trace=none/t.json"], "none/t.json", "cannot be written")
        self.assert_refused(["--trace=t.json", "--compare"], "--trace and --compare")
        self.assert_refused(["--trace=./t.json", "--output=t.json"], "'t.json'", "two files")
        os.mkfifo(self.path("pipe"))
        self.assert_refused(["--trace=pipe"], "--trace 'pipe'", "trace.json")
        self.assert_refused(["--trace=/dev/stdout"], "'/dev/stdout'", "goes there", "trace.json")


if __name__ == "__main__":
    support.main()
