"""Google Benchmark's own flags and environment, and what other tools make of our JSON."""

import os
import subprocess
import unittest

import support

ONE_CELL = (
    "--modes=mock", "--chaos=off", "--rates=1000", "--agents=2", "--duration=0.03s",
    "--max-latency=2ms", "--benchmark_filter=^delivery/",
)  # fmt: skip


class Repetitions(support.CliTest):
    def test_each_repetition_is_a_row_with_its_own_object(self):
        result = self.result(*ONE_CELL, "--benchmark_repetitions=3")
        rows = support.iteration_rows(result)
        self.assertEqual([row["repetition_index"] for row in rows], [0, 1, 2])
        self.assertEqual({row["repetitions"] for row in rows}, {3})
        self.assertEqual(len({row["name"] for row in rows}), 1)
        for row in rows:
            self.assertEqual(sum(agent["sent"] for agent in row["spate"]["agents"]), row["sent"])
            self.assert_identity(row)
        # Latencies are measured anew: objects of three runs, not one object three times.
        self.assertEqual(len({str(row["spate"]["agents"]) for row in rows}), 3)
        self.assertEqual(len({row["spate"]["digest"] for row in rows}), 1)

    def test_aggregates_follow(self):
        result = self.result(*ONE_CELL, "--benchmark_repetitions=3")
        aggregates = [r for r in result["benchmarks"] if r["run_type"] == "aggregate"]
        self.assertEqual(
            [row["aggregate_name"] for row in aggregates], ["mean", "median", "stddev", "cv"]
        )
        mean = aggregates[0]
        rows = support.iteration_rows(result)
        self.assertAlmostEqual(
            mean["response_ns_mean"] / (sum(r["response_ns_mean"] for r in rows) / 3), 1, 9
        )
        for row in aggregates:
            self.assertNotIn("spate", row)
            self.assertNotIn("spate_run", row)
            self.assertEqual(row["run_name"], rows[0]["run_name"])

    def test_repetitions_of_a_closed_loop(self):
        flags = [flag for flag in ONE_CELL if not flag.startswith("--rates")]
        rows = support.iteration_rows(
            self.result(*flags, "--rates=0", "--benchmark_repetitions=2")
        )
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertEqual(row["sent"], row["iterations"])
            self.assertEqual(sum(t["sent"] for t in row["spate"]["types"]), row["sent"])

    def test_interleaved_repetitions_keep_their_objects(self):
        flags = [flag for flag in ONE_CELL if not flag.startswith("--agents")]
        rows = support.iteration_rows(
            self.result(
                *flags, "--agents=2,3", "--benchmark_repetitions=2",
                "--benchmark_enable_random_interleaving=true",
            )  # fmt: skip
        )
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertIn(f"agents:{row['spate']['cell']['agents']}/", row["name"])

    def test_fewer_than_one_repetition_is_refused(self):
        for count in ("0", "-1"):
            with self.subTest(count):
                done = support.run(support.BENCH, *ONE_CELL, f"--benchmark_repetitions={count}")
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)


class Formats(support.CliTest):
    def test_json_on_stdout_is_the_file(self):
        done = self.ok(*ONE_CELL, "--benchmark_format=json", f"--benchmark_out={self.path()}")
        self.assertEqual(support.parse_json(done.stdout), support.load(self.path()))
        self.assertIs(support.parse_json(done.stdout)["context"]["interrupted"], False)

    def test_out_format_json_may_be_said(self):
        self.result(*ONE_CELL, "--benchmark_out_format=json")

    def test_the_file_is_all_that_is_left(self):
        self.result(*ONE_CELL)
        self.assertEqual(os.listdir(self.folder), ["result.json"])

    def test_an_existing_file_is_replaced(self):
        self.write("result.json", "x" * 1_000_000)
        self.assertEqual(len(self.result(*ONE_CELL)["benchmarks"]), 1)

    def test_a_device_takes_the_output_and_stays(self):
        self.ok(*ONE_CELL, "--benchmark_out=/dev/null")
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_context_of_the_user(self):
        context = self.result(*ONE_CELL, "--benchmark_context=ticket=S-1,note=a=b")["context"]
        self.assertEqual((context["ticket"], context["note"]), ("S-1", "a=b"))

    def test_a_full_disk_is_an_error(self):
        done = support.run(support.BENCH, *ONE_CELL, "--benchmark_out=/dev/full")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'/dev/full'", done.stderr)

    def test_standard_output_that_cannot_be_written_is_an_error(self):
        for flags in (ONE_CELL, (*ONE_CELL, "--benchmark_format=json"), ("--help",),
                      ("--benchmark_list_tests",)):  # fmt: skip
            with self.subTest(flags), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run(
                    [support.BENCH, *flags], env=support.environment(), stdout=full,
                    stderr=subprocess.PIPE, text=True, timeout=support.DEADLINE_SECONDS,
                    check=False,
                )  # fmt: skip
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr, r"\Aspate_bench: standard output [^\n]+\n\Z")


class Flags(support.CliTest):
    def test_min_time_lengthens_a_closed_loop(self):
        flags = ("--modes=queue", "--chaos=off", "--rates=0", "--agents=2", "--duration=10s",
                 "--benchmark_filter=^delivery/")  # fmt: skip
        row = self.result(*flags, "--benchmark_min_time=0.05")["benchmarks"][0]
        seconds = row["real_time"] * row["iterations"] * 1e-9
        self.assertGreaterEqual(seconds, 0.04)
        self.assertLess(seconds, 5)  # not the 10 s of --duration
        self.assertEqual(row["spate"]["cell"]["duration_ns"], 50_000_000)

    def test_a_negative_filter_takes_the_rest(self):
        everything = self.ok("--benchmark_list_tests").stdout.splitlines()
        listed = self.ok("--benchmark_list_tests", "--benchmark_filter=-^delivery/").stdout
        self.assertEqual(
            listed.splitlines(), [n for n in everything if not n.startswith("delivery/")]
        )
        self.assertIn("micro/draw", listed)

    def test_micro_benchmarks_are_rows_without_an_object(self):
        done = self.result("--benchmark_filter=^micro/draw$", "--benchmark_min_time=0.01")
        (row,) = done["benchmarks"]
        self.assertNotIn("spate", row)
        self.assertGreater(row["real_time"], 0)
        self.assertGreater(row["iterations"], 1)

    def test_environment_does_not_break_the_output(self):
        env = support.environment(
            BENCHMARK_OUT=self.path("other.json"), BENCHMARK_FORMAT="json",
            BENCHMARK_OUT_FORMAT="csv", BENCHMARK_COLOR="yes",
        )  # fmt: skip
        done = self.ok(*ONE_CELL, f"--benchmark_out={self.path()}", env=env)
        self.assertEqual(len(support.load(self.path())["benchmarks"]), 1)
        self.assertNotIn("\x1b", done.stdout)
        # Where the environment's file is taken at all, it is the same JSON.
        if os.path.exists(self.path("other.json")):
            support.load(self.path("other.json"))

    def test_environment_alone_is_no_error(self):
        env = support.environment(BENCHMARK_FORMAT="console", BENCHMARK_REPETITIONS="2")
        done = self.ok(*ONE_CELL, env=env)
        self.assertIn("1/1 mock  off ", done.stdout)

    def test_a_format_in_the_environment_does_not_count(self):
        done = self.ok(*ONE_CELL, env=support.environment(BENCHMARK_FORMAT="foo"))
        self.assertIn("mock  off ", done.stdout)


@unittest.skipUnless(support.COMPARE, "spate_compare is not built")
class Compare(support.CliTest):
    def test_it_reads_what_spate_bench_writes(self):
        self.result(*ONE_CELL, "--benchmark_repetitions=8")
        done = subprocess.run(
            [support.COMPARE, self.path(), self.path()],
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        self.assertIn("fine: 1 cell matched, 0 unmatched, 0 broken; of 5 metrics 0 worse", done.stdout)


if __name__ == "__main__":
    support.main()
