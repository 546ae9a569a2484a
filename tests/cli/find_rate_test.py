"""spate_stress --find-rate: the highest rate that holds, from outside."""

import math
import os
import re
import signal
import subprocess

import support

# One server with exponential times, and independent users: M/M/1.
STATION = ("--sim", "--servers=1", "--latency=exponential:mean=1ms", "--success-rate=1",
           "--types=text", "--arrivals=poisson")  # fmt: skip
# Over the mock: too slow whatever the rate, and never too slow. In virtual time no machine decides.
NEVER = ("--sim", "--find-rate=p99<1ms", "--rate=100")
ALWAYS = ("--sim", "--find-rate=p99<20ms", "--max-rate=4000", "--duration=0.2s")


def is_step(row):
    return "step" in row["spate"]


class FindRate(support.StressTest):
    def found(self, *flags, code=0, name="result.json"):
        """Table and answer, steps and answer's row."""
        done = support.run(self.program, *flags, self.output(name))
        self.assertEqual((done.returncode, done.stderr), (code, ""), done.stdout)
        *steps, answer = support.load(self.path(name))["benchmarks"]
        for row in steps:
            self.assertTrue(is_step(row), row["name"])
        self.assertFalse(is_step(answer))
        return done.stdout, steps, answer

    def test_one_server_gives_what_queueing_theory_says(self):
        # Of M/M/1 the response time is exponential with mean 1 / (mu - lambda), so that its p99 is
        # ln(100) / (mu - lambda) (Harchol-Balter, "Performance Modeling and Design of Computer
        # Systems", 2013, 14).
        for limit_ms in (50, 20):
            theory = 1000 - math.log(100) / (limit_ms / 1000)
            _, _, answer = self.found(*STATION, "--duration=200s", f"--find-rate=p99<{limit_ms}ms")
            found = answer["spate"]["answer"]
            # Its neighbours are 2 % apart, and so much more is the noise of 200 s.
            self.assertAlmostEqual(found["rate"], theory, delta=0.04 * theory)
            self.assertAlmostEqual(found["fails"], theory, delta=0.04 * theory)
            self.assertLess(found["rate"], found["fails"])
            self.assertRegex(found["why_fails"], r"\Ap99 [0-9.]+ ms\Z")

    def test_the_seed_fixes_everything_with_any_number_of_workers(self):
        results = []
        for workers in (1, 2):
            told, steps, answer = self.found(*STATION, "--duration=5s", "--find-rate=p99<50ms", f"--workers={workers}")
            for row in (*steps, answer):
                for key in ("cpu_time",):
                    del row[key]
                del row["spate"]["cell"]["workers"]
            results.append((told.replace(f"--workers={workers}", ""), steps, answer))
        self.assertEqual(*results)
        told, _, _ = self.found(*STATION, "--duration=5s", "--find-rate=p99<50ms", "--seed=2")
        self.assertNotEqual(told, results[0][0])

    def test_its_repeat_line_ends_the_same(self):
        done = self.ok(*STATION, "--duration=5s", "--find-rate=p99<50ms,lost=0")
        (command,) = re.findall(r"(?m)^Repeat spate_stress (.+)$", done.stdout)
        again = subprocess.run(
            ["/bin/sh", "-c", f"'{self.program}' {command}"], env=support.environment(),
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=True,
        )  # fmt: skip
        self.assertEqual(again.stdout, done.stdout)

    def test_each_step_is_a_row_and_can_be_had_by_itself(self):
        _, steps, answer = self.found(*STATION, "--duration=2s", "--find-rate=p99<50ms")
        self.assertEqual(answer["spate"]["answer"]["steps"], len(steps))
        for row in steps:
            self.assert_identity(row)
            rate = row["spate"]["cell"]["rate"]
            self.assertIn(f"/rate:{rate}/", row["name"])
            step = row["spate"]["step"]
            self.assertEqual(step["holds"], not step["reasons"])
            self.assertEqual(step["values"]["p99"], row["response_ns_p99"])
        cells = [(row["spate"]["cell"]["rate"], row["spate"]["cell"]["seed"]) for row in steps]
        self.assertEqual(len(set(cells)), len(cells), "steps at one rate have different seeds")
        first = {}
        for row in steps:
            first.setdefault(row["spate"]["cell"]["rate"], row)
        row = first[answer["spate"]["answer"]["rate"]]
        flags = (*STATION, "--duration=2s", f"--rate={answer['spate']['answer']['rate']}")
        alone = self.row(*flags, name="alone.json")
        self.assertEqual(alone["spate"]["digest"], row["spate"]["digest"])
        self.assertEqual(alone["response_ns_p99"], row["response_ns_p99"])

    def test_the_answer_is_a_row_of_google_benchmarks(self):
        _, steps, answer = self.found(*STATION, "--duration=2s", "--find-rate=p99<50ms")
        rate = answer["messages_per_second"]
        self.assertEqual(answer["name"], "highest_rate/mode:sim/chaos:off/agents:9/p99<50ms")
        self.assertAlmostEqual(answer["real_time"] * rate, 1e9, delta=1)
        at_rate = [row for row in steps if row["spate"]["cell"]["rate"] == rate]
        self.assertEqual(answer["iterations"], sum(row["iterations"] for row in at_rate))
        self.assertIn(answer["cpu_time"], [row["cpu_time"] for row in at_rate])
        self.assertEqual(answer["spate"]["cell"]["objective"], "p99<50ms")
        self.assertNotIn("rate", answer["spate"]["cell"])

    def test_the_table_fits_a_terminal(self):
        told, steps, _ = self.found(*STATION, "--duration=2s", "--find-rate=p99<50ms,max<1s")
        table = told.split("\n\n")[1].splitlines()
        self.assertEqual(len(table), 1 + len(steps))
        self.assertLessEqual(max(len(line) for line in told.split("\nRepeat ")[0].splitlines()), 80)
        self.assertRegex(told, r"\nHighest rate with p99<50ms,max<1s: [0-9,]+/s \(interval ")

    def test_what_holds_at_no_rate_is_a_finding_and_a_row_that_failed(self):
        told, steps, answer = self.found(*NEVER, code=1)
        self.assertIn("\nNo rate with p99<1ms was found\n", told)
        self.assertEqual(steps[-1]["spate"]["cell"]["rate"], 1)
        self.assertTrue(answer["error_occurred"])

    def test_what_holds_up_to_the_limit_is_a_lower_bound(self):
        told, _, answer = self.found(*ALWAYS)
        self.assertIn(": at least 4,000/s\n", told)
        self.assertEqual((answer["spate"]["answer"]["rate"], answer["spate"]["answer"]["fails"]), (4000, None))
        self.assertTrue(answer["spate"]["answer"]["at_least"])

    def test_a_limit_that_nobody_gave_leaves_it_open(self):
        self.found("--sim", "--find-rate=p99<20ms", "--rate=9000000", "--duration=0.01s", code=3)

    def test_few_samples_are_told(self):
        told, _, answer = self.found(*STATION, "--duration=2s", "--find-rate=p99.9<100ms")
        self.assertIn("\n  Few samples: a step had ", told)
        self.assertTrue(answer["spate"]["answer"]["few_samples"])
        told, _, answer = self.found(*STATION, "--duration=20s", "--find-rate=p99<100ms")
        self.assertNotIn("Few samples", told)
        self.assertFalse(answer["spate"]["answer"]["few_samples"])

    def test_a_step_is_as_long_as_its_quantile_needs_unless_told(self):
        _, steps, _ = self.found(*STATION, "--find-rate=p99<50ms")
        for row in steps:
            seconds = row["spate"]["cell"]["duration_ns"] / 1e9
            self.assertGreaterEqual(seconds, 2)
            self.assertTrue(seconds == 20 or row["delivered"] >= 10_000, row["name"])
        _, steps, _ = self.found(*STATION, "--find-rate=p99<50ms", "--duration=3s")
        self.assertEqual({row["spate"]["cell"]["duration_ns"] for row in steps}, {3 * 10**9})

    # Two of five steps fail at the rate that was the highest asked for, by chance alone.
    def test_what_is_undecided_below_the_highest_is_no_answer(self):
        done = support.run(self.program, "--sim", "--find-rate=success>=99.999%", "--success-rate=0.99999",
                           "--rate=100000", "--max-rate=200000", "--duration=2s")  # fmt: skip
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertNotIn("machine", done.stdout, "which has no part in it")

    def test_on_a_terminal_the_line_says_which_step_is_under_way(self):
        _, told = support.run_on_terminal(
            self.program, "--find-rate=p50<30s", "--rate=100", "--max-rate=200", "--duration=0.5s"
        )
        self.assertRegex(told, r"\x1b\[Kstep 1, 100/s  [0-9.]+ s \(")
        # On a machine that is too busy for 100/s it goes down.
        self.assertRegex(told, r"\x1b\[Kstep 2, (200|50)/s  [0-9.]+ s \(")
        self.assertFalse([line for line in support.lines_left(told) if line.startswith("step 1,")])

    # What it finds is the machine's; that it says so, not.
    def test_real_runs_have_a_control_run_over_the_mock(self):
        done = support.run(self.program, "--find-rate=p99<1ms,success>=0.5", "--rate=100", "--duration=0.2s", self.output())
        self.assertIn(done.returncode, (1, 3), done.stdout)
        *steps, answer = support.load(self.path())["benchmarks"]
        controls = [row for row in steps if row["spate"]["step"]["control"]]
        self.assertIn(len(controls), (2, 3), done.stdout)
        for row in controls:
            self.assertEqual(row["spate"]["cell"]["mock"]["latency_max_ns"], 0)
        self.assertRegex(done.stdout, r"\nself +1 ")

    # Half of the messages are late, whatever the rate and the machine; that is no limit of Spate's.
    def test_what_chaos_does_is_not_blamed_on_spate(self):
        profile = self.write("late.json", '{"name": "late", "spike": {"rate": 0.99, "max": "600ms"}}')
        done = support.run(self.program, f"--chaos=file:{profile}", "--find-rate=p50<100ms", "--rate=10000",
                           "--duration=0.5s", self.output())  # fmt: skip
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        *steps, _ = support.load(self.path())["benchmarks"]
        controls = [row for row in steps if row["spate"]["step"]["control"]]
        self.assertEqual({row["spate"]["cell"]["chaos"]["profile"] for row in controls}, {"off"})

    def test_a_queue_has_a_rate_too(self):
        done = support.run(self.program, "--real", "--find-rate=p50<2s,lost=0", "--max-rate=1000", "--duration=0.2s", self.output())
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\nHighest rate with p50<2s,lost=0: (at least )?[1-9][0-9,]+/s")


class Compare(support.StressTest):
    def file(self, name, *flags):
        self.ok(*STATION, "--duration=5s", "--find-rate=p99<50ms", *flags, self.output(name))
        return self.path(name)

    def compared(self, *flags):
        done = support.run(support.COMPARE, *flags)
        return done.returncode, done.stdout + done.stderr

    def changed(self, path, name, rate, at_least=False):
        result = support.load(path)
        result["benchmarks"][-1].update(messages_per_second=rate, real_time=1e9 / rate)
        result["benchmarks"][-1]["spate"]["answer"]["at_least"] = at_least
        return self.write(name, support.json.dumps(result))

    def test_the_same_search_is_the_same(self):
        files = self.file("base.json"), self.file("new.json")
        code, told = self.compared(*files)
        self.assertEqual(code, 0, told)
        self.assertIn("left out, being steps of a search for the highest rate: ", told)
        self.assertIn("1 cell matched, 0 unmatched", told)
        code, told = self.compared("--exact", *files)
        self.assertEqual(code, 0, told)

    def test_a_lower_rate_is_a_regression_and_a_higher_one_is_better(self):
        base = self.file("base.json")
        rate = support.load(base)["benchmarks"][-1]["messages_per_second"]
        code, told = self.compared(base, self.changed(base, "worse.json", rate * 0.8))
        self.assertEqual(code, 1, told)
        self.assertIn("highest_rate:p99<50ms", told)
        code, told = self.compared("--all", base, self.changed(base, "better.json", rate * 1.3))
        self.assertEqual(code, 0, told)
        self.assertIn("better", told)
        code, told = self.compared("--exact", base, self.changed(base, "other.json", rate + 1))
        self.assertEqual(code, 1, told)

    def test_what_is_at_least_so_much_is_worse_than_nothing(self):
        base = self.file("base.json")
        bound = self.changed(base, "bound.json", 500, at_least=True)
        for files, code, phrase in (
            ((base, bound), 3, "cannot tell: only a bound"),
            ((bound, base), 3, "cannot tell: only a bound"),
            ((bound, self.changed(base, "worse.json", 400)), 1, "worse"),
            ((self.changed(base, "less.json", 400), bound), 0, "better"),
        ):
            with self.subTest(files):
                self.assertEqual((code, True), ((told := self.compared("--all", *files))[0], phrase in " ".join(told[1].split())), told[1])

    def test_the_same_objective_in_other_words_is_the_same_cell(self):
        files = [self.path(name) for name in ("base.json", "new.json")]
        for path, objective in zip(files, ("p99<20ms,lost=0", "lost=0, response_p99 < 20"), strict=True):
            self.ok(*STATION, "--duration=1s", f"--find-rate={objective}", f"--output={path}")
        self.assertEqual(self.compared(*files)[0], 0)

    def test_another_mock_is_another_cell(self):
        code, told = self.compared(self.file("base.json"), self.file("new.json", "--slow-agents=1"))
        self.assertEqual(code, 5, told)

    def test_modes_stand_side_by_side_by_their_highest_rates(self):
        sim = self.file("sim.json")
        result = support.load(sim)
        for row in result["benchmarks"]:
            row["spate"]["cell"]["mode"] = "mock"
            row["name"] = row["run_name"] = row["name"].replace("mode:sim", "mode:mock")
        mock = self.write("mock.json", support.json.dumps(result))
        code, told = self.compared("--modes=sim,mock", sim, mock)
        self.assertEqual(code, 0, told)
        self.assertIn("highest_rate:p99<50ms", told)
        self.assertRegex(told, r"throughput +[0-9.]+/s +[0-9.]+/s +1\.00x")

    def test_a_search_without_an_answer_is_a_break(self):
        found = self.file("base.json")
        result = support.load(found)
        answer = result["benchmarks"][-1]
        answer.update(error_occurred=True, error_message="there is no rate")
        code, told = self.compared(found, self.write("none.json", support.json.dumps(result)))
        self.assertEqual(code, 4, told)
        self.assertIn("there is no rate", told)


class Interrupt(support.StressTest, support.InterruptTest):
    def test_ctrl_c_ends_with_what_is_known(self):
        # Half a second a step, and it holds at them all: there is time to interrupt it.
        process = self.start("--find-rate=p50<30s,success>=0", "--duration=0.5s", "--rate=10", stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        support.wait_for(lambda: len(support.finished_rows(self.path())) >= 2, "two steps", process)
        told = self.assert_stops(process, signal.SIGINT, "search")
        self.assertNotIn("Repeat", told)
        self.assertRegex(told, r"\n(Highest rate|No rate) with p50<30s,success>=0% so far")
        result = support.load(self.path())
        self.assertIs(result["context"]["interrupted"], True)
        self.assertGreaterEqual(len(result["benchmarks"]), 2)
        self.assertTrue(all(is_step(row) for row in result["benchmarks"]), "no answer")
        self.assertEqual(os.listdir(self.folder), ["result.json"])

    # It holds nowhere, so that two control runs of a second come at the end, at a hundredth of the first rate.
    def test_ctrl_c_in_the_control_run_leaves_it_open_whose_limit_it_is(self):
        process = self.start("--find-rate=p99<1ms,success>=0.5", "--duration=1s", "--rate=10000", stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        support.wait_for(
            lambda: any(row["spate"]["step"]["control"] for row in support.finished_rows(self.path())),
            "a control run", process,
        )  # fmt: skip
        told = self.assert_stops(process, signal.SIGINT, "search")
        self.assertIn("\nNo rate with p99<1ms,success>=50% was found\n", told)
        self.assertIn("over the mock without latency is not known", told)


class Refused(support.StressTest):
    def test_what_makes_no_sense_together(self):
        find = "--find-rate=p99<20ms"
        for flags, pieces in (
            ((find, "--compare"), ("--find-rate and --compare",)),
            ((find, "--messages=5"), ("--find-rate and --messages",)),
            ((find, "--fault=1s:kill-broker"), ("--find-rate and --fault",)),
            ((find, "--trace=t.json"), ("--find-rate and --trace",)),
            ((find, "--expect-digest=0123456789abcdef"), ("--find-rate and --expect-digest",)),
            ((find, "--verbose"), ("--find-rate and --verbose",)),
            ((find, "--rate=0"), ("--find-rate and --rate 0",)),
            ((find, "--rate=11", "--max-rate=10"), ("--rate 11", "--max-rate 10")),
            ((find, "--max-rate=0"), ("--max-rate '0'",)),
            ((find, "--rate-resolution=0.05%"), ("--rate-resolution '0.05%'", "0.1% to 50%")),
            ((find, "--rate-resolution=2"), ("--rate-resolution '2'",)),
            ((find, "--duration=1000h"), ("--max-rate", "lower one")),
            (("--max-rate=5",), ("--max-rate", "--find-rate")),
            (("--rate-resolution=5%",), ("--rate-resolution", "--find-rate")),
            (("--find-rate=",), ("--find-rate", "give an objective")),
            (("--find-rate=p98<1ms",), ("'p98'", "p99.9")),
        ):  # fmt: skip
            with self.subTest(flags):
                self.assert_refused(flags, *pieces)

    def test_a_chaos_file_with_real_faults(self):
        self.write("gale.json", '{"faults": ["500ms:slice,for=100ms"]}')
        self.assert_refused(["--find-rate=p99<20ms", "--chaos=file:gale.json"], "fault")


if __name__ == "__main__":
    support.main()
