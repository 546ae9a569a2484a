"""What spate_stress prints is what its file says, and the file is like those of spate_bench."""

import re
import subprocess

import support

EVENTS = ("--chaos", "--crash-rate=0.1", "--spike-rate=0.2", "--spike-max=5ms")
CHAOS = ("--rate=2000", "--duration=0.1s", *EVENTS)
# The same for spate_bench.
BENCH_CELL = (
    "--rates=2000", "--duration=0.1s", "--chaos=on", "--crash-rate=0.1", "--spike-rate=0.2",
    "--spike-max=5ms", "--modes=mock", "--agents=9", "--benchmark_filter=^delivery/",
)  # fmt: skip
ENDS = "delivered failed crashed rejected unknown lost".split()


def shown_ns(ns):
    """To three digits, in the unit in which they are 1 to 999."""
    if ns is None:
        return "-"
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0)):
        if ns >= 0.9995 * factor or unit == "ns":
            value = ns / factor
            return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {unit}"
    raise AssertionError(ns)


def shown_percent(share):
    return f"{100 * share:.2f}%"


def sections(text):
    """The tables of one report by their headings; a line is its columns."""
    found = {}
    for block in text.strip().split("\n\n"):
        lines = [re.split(r" {2,}", line.strip()) for line in block.splitlines()]
        found[lines[0][0]] = lines[1:]
    return found


def shown_group(group):
    expected = group["expected"]
    last_ns = group["last_activity_ns"]
    return [
        group["name"], f"{group['sent']:,}", f"{expected:,}", f"{group['delivered']:,}",
        shown_percent(group["delivered"] / expected) if expected else "-",
        shown_ns(group["response_ns_mean"]), shown_ns(group["response_ns_p99"]),
        f"{last_ns / 1e9:.3f} s" if last_ns >= 0 else "-",
    ]  # fmt: skip


def shown_event(event):
    extra = shown_ns(event["extra_ns"])
    end = {
        "crash": f"crash, down for {extra}" if event["extra_ns"] else "crash",
        "spike": f"spike of {extra}",
        "burst": "a burst of failures begins",
        "reorder": f"held back for {extra}, to be overtaken",
        "duplicate": "sent twice",
        "dropped_ack": "its ack is dropped",
    }[event["kind"]]
    agent = f"Agent-{event['agent']}"
    return f"{event['t_ns'] / 1e9:9.3f} s  {agent:<9} message {event['sequence']}: {end}"


def event_lines(text):
    return [line for line in text.splitlines() if re.search(r"message \d+: ", line)]


class ReportTest(support.StressTest):
    def report(self, *flags):
        """The row of a run, and its report by sections."""
        done = self.ok(*flags, self.output())
        (row,) = support.load(self.path())["benchmarks"]
        return row, sections(done.stdout)


class Printed(ReportTest):
    def test_the_title_says_what_was_run(self):
        for flags, title in (
            (CHAOS, "mock, chaos on, 9 agents, 2,000 messages/s for 100 ms"),
            (("--real", "--rate=50", "--messages=5", "--agents=1200", "--arrivals=poisson"),
             "queue, chaos off, 1,200 agents, 50 messages/s (poisson) for 100 ms"),
            (("--rate=0", "--messages=50", "--window=3"),
             "mock, chaos off, 9 agents, a closed loop with 3 in flight an agent"),
        ):  # fmt: skip
            self.assertIn(title, self.ok(*flags).stdout.splitlines())

    def test_totals(self):
        row, report = self.report(*EVENTS, "--rate=20000", "--duration=0.1s")
        lines = [["messages", f"{row['sent']:,}"], ["expected", f"{row['expected']:,}"]]
        for end in ENDS:
            lines.append([end, f"{row[end]:,}", shown_percent(row[end] / row["expected"])])
        self.assertEqual(report["Totals"][:-1], lines)
        self.assertEqual(report["Totals"][-1][0], "besides")

    def test_what_else_was_seen(self):
        row, report = self.report(
            "--rate=10000", "--messages=500", "--types=text", "--workers=1", "--in-flight-limit=1",
            "--min-latency=50ms", "--max-latency=50ms",
        )  # fmt: skip
        self.assertEqual(report["Totals"][-1], ["besides", f"shed {row['shed']:,}"])
        self.assertIn("saturated: ", report["Generator"][-1][0])

    def test_latencies(self):
        row, report = self.report(*CHAOS)
        for line, kind in zip(report["Latency"], ("response", "service"), strict=True):
            times = [row[f"{kind}_ns_{s}"] for s in "mean p50 p90 p99 p999 max".split()]
            self.assertEqual(line, [kind, *(shown_ns(time) for time in times)])

    def test_agents_and_types(self):
        row, report = self.report(*CHAOS, "--types=text,broadcast,urgent")
        for heading in ("Agents", "Types"):
            groups = row["spate"][heading.lower()]
            self.assertEqual(report[heading], [shown_group(group) for group in groups])
        self.assertEqual(report["Types"][2], ["system", "0", "0", "0", "-", "-", "-", "-"])

    def test_chaos(self):
        row, report = self.report(*CHAOS)
        self.assertEqual(
            report["Chaos"],
            [["crashed", f"{row['crashed']:,} (asked for: 10.00%)"],
             ["delayed", f"{row['spiked']:,} (asked for: 20.00%, each by up to 5.00 ms)"]],
        )  # fmt: skip
        self.assertGreater(row["crashed"] * row["spiked"], 0)
        _, report = self.report("--messages=5")
        self.assertEqual(report["Chaos"], [["off"]])

    def test_the_generators_audit(self):
        row, report = self.report(*CHAOS)
        achieved = f"{int(row['rate_achieved'] + 0.5):,}"
        lateness = ", ".join(
            f"{s} {shown_ns(row[f'send_lateness_ns_{s}'])}" for s in ("p50", "p99", "max")
        )
        self.assertEqual(report["Generator"][0], ["rate", f"asked 2,000/s, achieved {achieved}/s"])
        self.assertEqual(report["Generator"][1], ["lateness", lateness])
        _, report = self.report("--rate=0", "--messages=50")
        self.assertRegex(report["Generator"][0][1], r"\Aasked max, achieved [0-9,]+/s\Z")

    def test_the_digests(self):
        for flags in ((), ("--real",)):
            done = self.ok(*CHAOS, *flags, self.output())
            spate = support.load(self.path())["benchmarks"][0]["spate"]
            line = f"Digest {spate['digest']}"
            if not flags:
                line += f", mock's own draws {spate['mock_digest']}"
            self.assertIn(line, done.stdout.splitlines())

    def test_more_agents_than_anybody_reads_are_counted(self):
        _, report = self.report("--agents=60", "--messages=60")
        self.assertEqual(len(report["Agents"]), 51)
        self.assertRegex(report["Agents"][-1][0], r"\A… and 10 more")


class File(support.StressTest):
    def bench_result(self):
        flags = (*BENCH_CELL, f"--benchmark_out={self.path('bench.json')}")
        done = support.run(support.BENCH, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return support.load(self.path("bench.json"))

    def test_it_has_the_schema_of_spate_bench(self):
        ours = self.result(*CHAOS)
        theirs = self.bench_result()
        self.assertEqual(list(ours["context"]), list(theirs["context"]))
        (row,) = ours["benchmarks"]
        (other,) = theirs["benchmarks"]
        self.assertEqual(list(row), list(other))
        self.assertEqual(row["name"], other["name"])
        self.assertEqual(list(row["spate"]), list(other["spate"]))
        self.assertEqual(row["spate"]["cell"], other["spate"]["cell"])
        for list_of in ("agents", "types", "windows"):
            self.assertEqual(
                [list(entry) for entry in row["spate"][list_of]],
                [list(entry) for entry in other["spate"][list_of]],
            )
        for digest in ("digest", "mock_digest"):
            self.assertEqual(row["spate"][digest], other["spate"][digest])

    def test_spate_compare_reads_both(self):
        self.result(*CHAOS)
        self.bench_result()
        done = support.run(support.COMPARE, self.path("bench.json"), self.path())
        # One run a side: the cell is the same one, and nothing can be said of its times.
        self.assertEqual((done.returncode, done.stderr), (3, ""), done.stdout)
        self.assertIn("inconclusive: 1 cell matched, 0 unmatched, 0 broken", done.stdout)

    def test_the_executable_is_this_one(self):
        self.assertRegex(self.result(*CHAOS)["context"]["executable"], r"(\A|/)spate_stress\Z")


class Verbose(support.StressTest):
    def test_each_chaos_event_is_a_line(self):
        for flags in (CHAOS, (*CHAOS, "--real"), (*EVENTS, "--rate=0", "--messages=300"),
                      (*CHAOS, "--crash-downtime=7ms")):  # fmt: skip
            done = self.ok(*flags, "--verbose", self.output())
            (row,) = support.load(self.path())["benchmarks"]
            chaos = row["spate"]["chaos_events"]
            self.assertEqual(chaos["left_out"], 0)
            if "--crash-downtime=7ms" not in flags:  # of which one event crashes many deliveries
                self.assertEqual(len(chaos["events"]), row["crashed"] + row["spiked"])
            lines = event_lines(done.stdout)
            self.assertEqual(sorted(lines), sorted(map(shown_event, chaos["events"])))

    def test_each_fault_of_a_storm_is_a_line(self):
        done = self.ok("--rate=2000", "--duration=0.2s", "--chaos=storm", "--verbose", self.output())
        (row,) = support.load(self.path())["benchmarks"]
        chaos = row["spate"]["chaos_events"]["events"]
        self.assertGreater(len({event["kind"] for event in chaos}), 4)
        self.assertEqual(sorted(event_lines(done.stdout)), sorted(map(shown_event, chaos)))

    def test_in_virtual_time_they_are_said_after_the_run(self):
        done = self.ok("--sim", *CHAOS, "--verbose", self.output())
        (row,) = support.load(self.path())["benchmarks"]
        events = row["spate"]["chaos_events"]["events"]
        self.assertEqual(event_lines(done.stdout), [shown_event(event) for event in events])
        self.assertEqual(len(events), row["crashed"] + row["spiked"])
        self.assertTrue(done.stdout.startswith(shown_event(events[0])), "before the report")

    def test_in_virtual_time_only_the_latest_are_said_and_the_others_counted(self):
        done = self.ok("--sim", *EVENTS, "--rate=50000", "--duration=1s", "--verbose", self.output())
        (row,) = support.load(self.path())["benchmarks"]
        before = re.match(r" *…  (\d+) chaos events came before these", done.stdout)
        said = len(event_lines(done.stdout))
        self.assertEqual(said + int(before[1]), row["crashed"] + row["spiked"])
        self.assertLessEqual(said, 4096)

    def test_otherwise_nothing_is_said_before_the_report(self):
        done = self.ok(*CHAOS)
        self.assertEqual(event_lines(done.stdout), [])
        self.assertRegex(done.stdout, r"\A(This [^\n]+\n((?!mock,)[^\n]+\n)*)?mock, chaos on")

    def test_events_are_said_as_they_happen(self):
        process = subprocess.Popen(
            [self.program, "--chaos", "--crash-rate=0", "--spike-rate=1", "--types=text",
             "--rate=1", "--messages=30", "--verbose"],
            env=support.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        next(line for line in process.stdout if event_lines(line))
        process.kill()
        later = event_lines(process.stdout.read())
        self.assertLess(1 + len(later), 30, "all that there are, half a minute later")


class Compare(support.StressTest):
    MODES = re.compile(r"(?m)^(mock|queue), chaos on, 9 agents, 2,000 messages/s for 100 ms$")

    def test_both_reports_and_then_both_side_by_side(self):
        for flags in ([], ["--real"], ["--real=queue"]):
            done = self.ok("--compare", *CHAOS, *flags, self.output())
            reports = list(self.MODES.finditer(done.stdout))
            self.assertEqual([found[1] for found in reports], ["mock", "queue"])
            for heading in ("Totals", "Agents", "Types", "Generator", "Digest", "Repeat"):
                self.assertEqual(len(re.findall(rf"(?m)^{heading}\b", done.stdout)), 2, heading)
            comparison = done.stdout.index("fine: 1 cell matched, 0 unmatched, 0 broken")
            self.assertGreater(comparison, done.stdout.rindex("Repeat"))

    def test_the_file_has_both_rows(self):
        rows = self.result("--compare", *CHAOS)["benchmarks"]
        self.assertEqual([row["spate"]["cell"]["mode"] for row in rows], ["mock", "queue"])
        self.assertEqual(len({row["spate"]["digest"] for row in rows}), 1)
        for row in rows:
            self.assert_identity(row)

    def test_the_comparison_is_spate_compares(self):
        printed = self.ok("--compare", *CHAOS, self.output()).stdout
        done = support.run(support.COMPARE, "--modes=mock,queue", self.path())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertTrue(printed.endswith(done.stdout), f"{printed}\n{done.stdout}")

    def test_no_file_is_needed(self):
        done = self.ok("--compare", *CHAOS, cwd=self.folder)
        self.assertIn("this one; --output FILE would keep it", done.stdout)
        self.assertIn("fine: 1 cell matched", done.stdout)


class FullDisk(support.StressTest):
    def test_output_that_cannot_be_written_is_an_error(self):
        # So many events that they are written while the run goes on.
        lively = ("--chaos", "--spike-rate=1", "--spike-max=1ms", "--rate=5000", "--verbose")
        for flags in ((), ("--compare",), lively, ("--sim", *lively)):
            with self.subTest(flags), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run(
                    [self.program, "--duration=0.5s", *flags],
                    env=support.environment(), stdin=subprocess.DEVNULL, stdout=full,
                    stderr=subprocess.PIPE, text=True, timeout=support.DEADLINE_SECONDS,
                    check=False,
                )  # fmt: skip
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, r"\Aspate_stress: standard output [^\n]+\n\Z")

    def test_what_is_finished_is_kept_all_the_same(self):
        with open("/dev/full", "w", encoding="utf-8") as full:  # more than a buffer holds
            done = subprocess.run(
                [self.program, "--duration=0.1s", "--rate=1000", "--agents=60", self.output()],
                env=support.environment(), stdin=subprocess.DEVNULL, stdout=full,
                stderr=subprocess.DEVNULL, timeout=support.DEADLINE_SECONDS, check=False,
            )  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(support.load(self.path())["benchmarks"]), 1)

    def test_a_result_that_cannot_be_written_is_an_error(self):
        done = support.run(self.program, "--duration=0.1s", "--output=/dev/full")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertRegex(done.stderr, r"\Aspate_stress: output '/dev/full' [^\n]+\n\Z")


if __name__ == "__main__":
    support.main()
