"""Every flag of spate_stress that describes the run, by what it does to the run."""

import os

import support

# 200 messages in a tenth of a second, which the mock delivers within ten milliseconds.
SHORT = ("--rate=2000", "--duration=0.1s")
# Here chance is as good as impossible; and with a fixed seed it cannot strike by the hour.
SIGNIFICANCE = 1e-9
MILLISECOND = 1_000_000


def spate(row):
    return row["spate"]


def cell(row):
    return row["spate"]["cell"]


def events(row):
    return row["spate"]["chaos_events"]["events"]


def last_activity_ns(row):
    return max(agent["last_activity_ns"] for agent in spate(row)["agents"])


class Length(support.StressTest):
    def test_rate_and_duration_make_the_number_of_messages(self):
        durations = ("0.1s", "100ms", "0.1")
        for row in self.rows(*(("--rate=2000", f"--duration={text}") for text in durations)):
            self.assertEqual(row["sent"], 200)
            self.assertEqual(row["rate_asked"], 2000)
            self.assertEqual(cell(row)["duration_ns"], 100 * MILLISECOND)

    def test_messages_are_sent_to_the_number(self):
        row = self.row("--rate=5000", "--messages=37")
        self.assertEqual((row["sent"], cell(row)["rate"]), (37, 5000))
        row = self.row("--rate=0", "--messages=37")
        self.assertEqual((row["sent"], cell(row)["messages"]), (37, 37))
        self.assertIsNone(cell(row)["duration_ns"])

    def test_a_closed_loop_goes_on_for_about_the_duration(self):
        row = self.row("--rate=0", "--duration=0.1s", "--real")
        self.assertEqual(row["rate_asked"], 0)
        # Google Benchmark is content with a run once it is as long as that. (A nanosecond is for
        # the rounding of a quotient.)
        self.assertGreaterEqual(row["real_time"] * row["iterations"], 100 * MILLISECOND - 1)

    def test_poisson_arrivals_are_not_even(self):
        # With the default seed the last of them is due at 0.305 s, in place of 0.19 s.
        row = self.row("--arrivals=poisson", "--messages=20")
        self.assertEqual(cell(row)["arrivals"], "poisson")
        self.assertEqual(row["sent"], 20)
        self.assertGreaterEqual(last_activity_ns(row), 300 * MILLISECOND)
        self.assertNotIn("arrivals", cell(self.row(*SHORT, "--arrivals=constant")))


class Load(support.StressTest):
    def test_agents(self):
        row = self.row(*SHORT, "--agents=3")
        self.assertEqual(
            [(agent["name"], agent["sent"]) for agent in spate(row)["agents"]],
            [("Agent-1", 67), ("Agent-2", 67), ("Agent-3", 66)],
        )

    def test_types(self):
        row = self.row(*SHORT, "--types=urgent")
        sent = {kind["name"]: kind["sent"] for kind in spate(row)["types"]}
        self.assertEqual(sent, {"text": 0, "broadcast": 0, "system": 0, "urgent": 200})
        row = self.row(*SHORT, "--types=text=3,system=1")
        sent = {kind["name"]: kind["sent"] for kind in spate(row)["types"]}
        self.assertEqual(sent["text"] + sent["system"], 200)
        tail = support.binomial_tail(sent["text"], 200, 0.75)
        self.assertGreater(tail, SIGNIFICANCE, sent)

    def test_content(self):
        templates = self.write("says.txt", "text: {sender} greets {recipient}, {sequence}\n")
        row = self.row(*SHORT, "--real", "--payload-bytes=256", f"--templates={templates}")
        self.assertEqual(cell(row)["payload_bytes"], 256)
        self.assertRegex(cell(row)["templates"], r"\A[0-9a-f]{16}\Z")
        self.assertEqual((row["corrupted"], row["delivered"]), (0, row["expected"]))
        row = self.row(*SHORT)
        self.assertEqual((cell(row)["payload_bytes"], cell(row)["templates"]), (None, "built-in"))

    def test_the_seed_and_nothing_else_decides_the_digest(self):
        runs = [], ["--seed=1"], ["--workers=1"], ["--workers=2"], ["--real"], ["--seed=2"]
        chaos = (*SHORT, "--chaos", "--spike-max=5ms")
        *same, other = self.rows(*((*chaos, *flags) for flags in runs))
        self.assertEqual(cell(same[0])["seed"], 1)
        self.assertEqual(len({spate(row)["digest"] for row in same}), 1)
        self.assertNotEqual(spate(other)["digest"], spate(same[0])["digest"])
        self.assertNotEqual(spate(other)["mock_digest"], spate(same[0])["mock_digest"])

    def test_workers(self):
        for workers in (1, 3):
            self.assertEqual(cell(self.row(*SHORT, f"--workers={workers}"))["workers"], workers)

    def test_a_window_of_one_waits_for_each_delivery(self):
        flags = ("--rate=0", "--messages=40", "--agents=2", "--types=text")
        latency = ("--min-latency=2ms", "--max-latency=2ms")
        row = self.row(*flags, *latency, "--window=1")
        self.assertEqual(cell(row)["window"], 1)
        # Each agent has 20 messages to send, one after the other.
        self.assertGreaterEqual(last_activity_ns(row), 20 * 2 * MILLISECOND)

    def test_an_in_flight_limit_sheds_what_is_due_beyond(self):
        row = self.row(
            "--rate=10000", "--messages=500", "--types=text", "--workers=1", "--in-flight-limit=1",
            "--min-latency=50ms", "--max-latency=50ms",
        )  # fmt: skip
        # While one is under way, 499 others become due in 50 ms; on a slow machine some are later.
        self.assertGreater(row["shed"], 0)
        self.assertEqual(row["expected"] + row["shed"], 500)
        self.assertEqual(row["saturated"], 1)


class Mock(support.StressTest):
    def test_success_rate(self):
        row = self.row(*SHORT, "--success-rate=0")
        self.assertEqual((row["delivered"], row["failed"]), (0, row["expected"]))
        self.assertIsNone(row["response_ns_mean"])
        row = self.row(*SHORT, "--success-rate=1")
        self.assertEqual(row["delivered"], row["expected"])
        row = self.row(*SHORT, "--success-rate=0.5")
        tail = support.binomial_tail(row["delivered"], row["expected"], 0.5)
        self.assertGreater(tail, SIGNIFICANCE, row["success_rate"])

    def test_latency(self):
        row = self.row(*SHORT, "--min-latency=20", "--max-latency=21ms")
        mock = cell(row)["mock"]
        self.assertEqual(mock["latency_min_ns"], 20 * MILLISECOND)
        self.assertEqual(mock["latency_max_ns"], 21 * MILLISECOND)
        for time in ("service_ns_p50", "service_ns_mean", "response_ns_p50", "response_ns_mean"):
            self.assertGreaterEqual(row[time], 20 * MILLISECOND, time)
        for window in spate(row)["windows"]:
            self.assertGreaterEqual(window["response_ns_p50"], 20 * MILLISECOND)

    def test_both_ends_of_the_latency_are_drawn_from(self):
        base = self.row(*SHORT, "--min-latency=1ms", "--max-latency=3ms")
        for flags in (["--min-latency=2ms", "--max-latency=3ms"],
                      ["--min-latency=1ms", "--max-latency=4ms"]):  # fmt: skip
            row = self.row(*SHORT, *flags)
            self.assertEqual(spate(row)["digest"], spate(base)["digest"])
            self.assertNotEqual(spate(row)["mock_digest"], spate(base)["mock_digest"])

    def test_a_model(self):
        row = self.row(*SHORT, "--latency=constant:20ms", "--success-rate=1")
        self.assertEqual(cell(row)["mock"]["latency_min_ns"], 20 * MILLISECOND)
        self.assertGreaterEqual(row["service_ns_p50"], 20 * MILLISECOND)
        row = self.row(*SHORT, "--latency=pareto:min=20ms,max=40ms,alpha=1")
        self.assertEqual(cell(row)["mock"]["latency"], "pareto:min=20ms,max=40ms,alpha=1")
        self.assertGreaterEqual(row["service_ns_p50"], 20 * MILLISECOND)

    def test_the_latencies_of_another_run(self):
        base = self.row(*SHORT, "--latency=constant:20ms")
        latency = f"--latency=from:{self.path()}#{base['name']}"
        self.assert_refused([latency, self.output()], self.path(), "--latency reads")
        row = self.row(*SHORT, latency, name="modelled.json")
        self.assertRegex(cell(row)["mock"]["latency"], r"\Afrom:[0-9a-f]{16}\Z")
        # Nothing recorded was below 20 ms; a bucket begins at most 1/128 below what is in it.
        self.assertGreaterEqual(row["service_ns_mean"], 20 * MILLISECOND * 127 / 128)

    def test_slow_agents(self):
        flags = (*SHORT, "--types=text", "--success-rate=1", "--agents=2", "--latency=constant:10ms")
        row = self.row(*flags, "--slow-agents=1", "--slow-factor=2.5")
        mock = cell(row)["mock"]
        self.assertEqual((mock["slow_agents"], mock["slow_factor"]), (1, 2.5))
        # All that the first agent sends goes to the second, and the other way round.
        first, second = (agent["response_ns_mean"] for agent in spate(row)["agents"])
        self.assertGreaterEqual(first, 10 * MILLISECOND)
        self.assertGreaterEqual(second, 25 * MILLISECOND)
        self.assertLess(first, second)


class Chaos(support.StressTest):
    def test_the_profile_may_be_left_out(self):
        on = (["--chaos"], ["--chaos", "on"], ["--chaos=on"], ["--chaos", "--seed=3"])
        off = ([], ["--chaos", "off"], ["--chaos=off"])
        rows = self.rows(*((*SHORT, *flags) for flags in (*on, *off)))
        profiles = [cell(row)["chaos"]["profile"] for row in rows]
        self.assertEqual(profiles, ["on"] * len(on) + ["off"] * len(off))

    def test_a_flag_may_follow_a_bare_one(self):
        row = self.row("--real", "--chaos", "--rate", "5", "--duration", "0.4")
        self.assertEqual(cell(row)["rate"], 5)
        self.assertEqual(cell(row)["chaos"]["profile"], "on")
        self.assertEqual(cell(row)["mode"], "queue")

    def test_flags_that_would_do_nothing_are_refused(self):
        for flags, why in (
            (("--sim", "--broker-timeout=2s"), "no run is over a broker"),
            (("--real=queue", "--start-brokers"), "no run is over a broker"),
            (("--sim", "--recover-within=2s"), "no run has real faults"),
            (("--window=3",), "no run is a closed loop"),
            (("--rate=0", "--arrivals=poisson"), "no run has a schedule"),
            (("--real", "--success-rate=1"), "no run is over the mock"),
        ):
            self.assert_refused(flags, "it would change nothing", why)

    def test_numbers_that_would_do_nothing_are_refused(self):
        for flag in ("--crash-rate=1", "--spike-rate=1", "--spike-max=5ms", "--crash-downtime=1s"):
            for off in ([], ["--chaos=off"]):
                self.assert_refused([flag, *off], f"{flag.split('=')[0]}: ", "add --chaos")
            self.assert_refused([flag, "--chaos=storm"], f"{flag.split('=')[0]}: ", "profile on")

    def test_crash_rate(self):
        row = self.row(*SHORT, "--chaos", "--crash-rate=1", "--spike-rate=0")
        self.assertEqual((row["crashed"], row["delivered"]), (row["expected"], 0))
        row = self.row(*SHORT, "--chaos", "--crash-rate=0.3", "--spike-rate=0")
        tail = support.binomial_tail(row["crashed"], row["expected"], 0.3)
        self.assertGreater(tail, SIGNIFICANCE, row["crashed"])

    def test_spike_rate_and_spike_max(self):
        row = self.row(
            *SHORT, "--chaos", "--crash-rate=0", "--spike-rate=1", "--spike-max=20ms", "--real"
        )
        self.assertEqual((row["crashed"], row["spiked"]), (0, row["expected"]))
        extra = [event["extra_ns"] for event in events(row)]
        self.assertEqual(len(extra), row["expected"])
        self.assertLessEqual(max(extra), 20 * MILLISECOND)
        # Each is below three quarters of the most with probability 3/4.
        self.assertLess(0.75 ** len(extra), SIGNIFICANCE)
        self.assertGreater(max(extra), 15 * MILLISECOND)
        self.assertGreaterEqual(row["service_ns_max"], max(extra))

    def test_crash_downtime(self):
        flags = ("--chaos", "--crash-rate=0.05", "--spike-rate=0")
        up = self.row(*SHORT, *flags)
        down = self.row(*SHORT, *flags, "--crash-downtime=1h")
        self.assertEqual(len(events(up)), up["crashed"])
        # Who has crashed once is down for the rest of the run.
        crashed = [event["agent"] for event in events(down)]
        self.assertEqual(len(crashed), len(set(crashed)))
        self.assertGreater(down["crashed"], up["crashed"])


    def test_a_storm_has_every_fault_the_same_on_mock_and_queue(self):
        flags = ("--rate=20000", "--duration=0.3s", "--chaos=storm")
        mock, queue = self.rows((*flags, "--success-rate=1"), (*flags, "--real"))
        for name in (
            "crashed spiked burst_failures reorders_injected duplicates_injected acks_dropped"
        ).split():
            self.assertGreater(mock[name], 0, name)
            self.assertEqual(mock[name], queue[name], name)
        self.assertEqual(spate(mock)["digest"], spate(queue)["digest"])
        for row in (mock, queue):
            self.assertEqual(row["recovered"], row["acks_dropped"])
            self.assertEqual(row["duplicated"] + row["lost"] + row["unknown"], 0)

    def test_a_profile_from_a_file(self):
        path = self.write("gale.json", '{"duplicate": {"rate": 1}, "spike": {"max": "3ms"}}')
        row = self.row(*SHORT, "--success-rate=1", f"--chaos=file:{path}")
        self.assertEqual(cell(row)["chaos"]["profile"], "gale")
        self.assertEqual(cell(row)["chaos"]["spike_max_ns"], 3 * MILLISECOND)
        self.assertEqual(row["duplicates_injected"], row["expected"])
        self.assertEqual((row["duplicated"], row["delivered"]), (0, row["expected"]))
        self.assertNotIn("acks_dropped", row)
        self.assertEqual({event["kind"] for event in events(row)}, {"duplicate"})


class Program(support.StressTest):
    def test_the_mode_may_be_left_out(self):
        real = (["--real"], ["--real=queue"], ["--real", "queue"], ["--real", "--seed=3"])
        rows = self.rows(*((*SHORT, *flags) for flags in ([], *real)))
        modes = [cell(row)["mode"] for row in rows]
        self.assertEqual(modes, ["mock"] + ["queue"] * len(real))

    def test_without_output_there_is_no_file(self):
        self.ok(*SHORT, cwd=self.folder)
        self.assertEqual(os.listdir(self.folder), [])

    def test_output_is_a_file_of_that_name_and_nothing_else(self):
        self.ok(*SHORT, "--output", "kept.json", cwd=self.folder)
        self.assertEqual(os.listdir(self.folder), ["kept.json"])

    def test_google_benchmarks_environment_changes_nothing(self):
        env = support.environment(
            BENCHMARK_FILTER="nothing", BENCHMARK_REPETITIONS="3", BENCHMARK_FORMAT="json",
            BENCHMARK_OUT=self.path("other.json"), BENCHMARK_LIST_TESTS="true",
            BENCHMARK_MIN_TIME="9", BENCHMARK_TIME_UNIT="s", BENCHMARK_REPORT_AGGREGATES_ONLY="true",
        )  # fmt: skip
        for flags in (SHORT, ("--rate=0", "--duration=0.05s")):
            self.assertIn("Digest", self.ok(*flags, self.output(), env=env).stdout)
            self.assertEqual(len(support.load(self.path())["benchmarks"]), 1)
            self.assertEqual(os.listdir(self.folder), ["result.json"])


if __name__ == "__main__":
    support.main()
