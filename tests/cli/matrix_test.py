"""A small matrix from end to end: what its file says, and what the seed fixes."""

import math
import tempfile

import support

DURATION_SECONDS = 0.05
MATRIX = (
    "--modes=mock,queue", "--chaos=off,on", "--rates=1000,0", "--agents=2,9",
    f"--duration={DURATION_SECONDS}s", "--spike-max=20ms", "--benchmark_filter=^delivery/",
)  # fmt: skip
OPEN = (
    "--modes=mock,queue", "--chaos=off,on", "--rates=20000", "--agents=9", "--duration=0.1s",
    "--spike-max=20ms", "--benchmark_filter=^delivery/",
)  # fmt: skip
# Of an open loop, where the schedule says how many messages there are.
SEEDED = "sent expected delivered failed crashed rejected unknown lost spiked shed".split()
SIGNIFICANCE = 1e-6


def coordinates(row):
    cell = row["spate"]["cell"]
    return cell["chaos"]["profile"], cell["rate"], cell["agents"]


def digests(result):
    return {(r["spate"]["cell"]["mode"], *coordinates(r)): r["spate"]["digest"]
            for r in support.iteration_rows(result)}  # fmt: skip


def what_the_seed_fixes(result):
    return [
        (row["name"], row["spate"]["digest"], row["spate"]["mock_digest"],
         {name: row[name] for name in SEEDED},
         [(t["name"], t["sent"], t["expected"]) for t in row["spate"]["types"]])
        for row in result["benchmarks"]
    ]  # fmt: skip


class SmallMatrix(support.CliTest):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/result.json"
            cls.done = support.run(support.BENCH, *MATRIX, f"--benchmark_out={path}")
            if cls.done.returncode != 0:
                raise AssertionError(f"exit {cls.done.returncode}: {cls.done.stderr}")
            cls.result = support.load(path)
        cls.rows = cls.result["benchmarks"]

    def open_rows(self):
        return [row for row in self.rows if row["rate_asked"] > 0]

    def test_every_cell_is_a_row(self):
        cells = {(row["spate"]["cell"]["mode"], *coordinates(row)) for row in self.rows}
        expected = {(m, c, r, a) for m in ("mock", "queue") for c in ("off", "on")
                    for r in (1000, 0) for a in (2, 9)}  # fmt: skip
        self.assertEqual(cells, expected)
        self.assertEqual(len(self.rows), len(expected))

    def test_the_console_has_a_line_for_each_row(self):
        lines = self.done.stdout.splitlines()
        self.assertEqual(len(lines), 2 + len(self.rows))
        self.assertEqual(lines[0], f"queue: {self.result['context']['deliveries']['queue']}")
        self.assertTrue(lines[-1].lstrip().startswith("16/16 "), lines[-1])
        self.assertEqual(self.done.stderr, "")

    def test_context(self):
        context = self.result["context"]
        for key in support.CONTEXT:
            self.assertIn(key, context)
        self.assertIs(context["interrupted"], False)
        self.assertEqual(context["seed"], 1)
        self.assertIn("queue", context["deliveries"])

    def test_rows_have_every_counter(self):
        for row in self.rows:
            for name in support.COUNTERS:
                self.assertIsInstance(row.get(name), (int, float), f"{row['name']}: {name}")
                self.assertGreaterEqual(row[name], 0, f"{row['name']}: {name}")
            self.assertEqual(row["run_type"], "iteration")
            self.assertEqual(row["time_unit"], "ns")

    def test_rows_have_the_spate_object(self):
        for row in self.rows:
            spate = row["spate"]
            for key in support.SPATE_KEYS:
                self.assertIn(key, spate)
            for key in support.CELL_KEYS:
                self.assertIn(key, spate["cell"])
            self.assertRegex(spate["digest"], "^[0-9a-f]{16}$")
            self.assertTrue(spate["response_histogram"].startswith("HISTFAAA"))
            self.assertEqual(len(spate["agents"]), spate["cell"]["agents"])
            self.assertEqual(len(spate["types"]), 4)
            self.assertEqual(len(spate["windows"]), 10)

    def test_every_message_is_accounted_for(self):
        for row in self.rows:
            self.assert_identity(row)
            self.assertEqual(row["sent"], row["iterations"], row["name"])
            for name in "lost duplicated aliens anomalies corrupted".split():
                self.assertEqual(row[name], 0, f"{row['name']}: {name}")

    def test_an_open_loop_sends_what_the_schedule_says(self):
        for row in self.open_rows():
            self.assertEqual(row["iterations"], row["rate_asked"] * DURATION_SECONDS)

    def test_time_of_an_open_loop_is_the_mean_response_time(self):
        for row in self.open_rows():
            self.assertTrue(
                math.isclose(row["real_time"], row["response_ns_mean"], rel_tol=1e-6),
                f"{row['name']}: {row['real_time']} and {row['response_ns_mean']}",
            )

    def test_modes_agree_on_what_the_seed_fixes(self):
        found = digests(self.result)
        for row in self.open_rows():
            place = coordinates(row)
            self.assertEqual(found[("mock", *place)], found[("queue", *place)], place)

    def test_the_digest_tells_chaos_from_none(self):
        found = digests(self.result)
        disturbed = [row for row in self.open_rows() if row["crashed"] + row["spiked"] > 0]
        self.assertTrue(disturbed)
        for row in disturbed:
            cell = row["spate"]["cell"]
            place = (cell["mode"], "off", cell["rate"], cell["agents"])
            self.assertNotEqual(row["spate"]["digest"], found[place], row["name"])

    def test_only_the_mock_draws_a_mock_digest(self):
        for row in self.rows:
            mocked = row["spate"]["cell"]["mode"] == "mock"
            self.assertEqual(row["spate"]["mock_digest"] != "0" * 16, mocked, row["name"])

    def test_success_is_plausible(self):
        for row in self.rows:
            cell = row["spate"]["cell"]
            success = 1 - cell["chaos"]["crash_rate"]
            if cell["mode"] == "mock":
                success *= cell["mock"]["success_rate"]
            tail = support.binomial_tail(row["delivered"], row["expected"], success)
            self.assertGreater(tail, SIGNIFICANCE, f"{row['name']}: {row['success_rate']}")


class Seed(support.CliTest):
    def test_the_same_seed_gives_the_same_run(self):
        first = what_the_seed_fixes(self.result(*OPEN, "--seed=7"))
        self.assertEqual(len(first), 4)
        self.assertEqual(what_the_seed_fixes(self.result(*OPEN, "--seed=7")), first)

    def test_another_seed_gives_another_run(self):
        first = self.result(*OPEN, "--seed=7")
        other = self.result(*OPEN, "--seed=8")
        for a, b in zip(what_the_seed_fixes(first), what_the_seed_fixes(other), strict=True):
            self.assertEqual(a[0], b[0])
            self.assertNotEqual(a[1], b[1], a[0])  # digest
            self.assertNotEqual(a[4], b[4], a[0])  # the types that were drawn
        self.assertEqual(other["context"]["seed"], 8)

    def test_the_number_of_workers_changes_nothing(self):
        first = what_the_seed_fixes(self.result(*OPEN, "--workers=1"))
        for workers in (2, 3):
            result = self.result(*OPEN, f"--workers={workers}")
            self.assertEqual(what_the_seed_fixes(result), first, f"{workers} workers")
            self.assertEqual(result["context"]["workers"], workers)

    def test_success_is_plausible_over_many_messages(self):
        for row in self.result(*OPEN, "--success-rate=0.8", "--crash-rate=0.1")["benchmarks"]:
            cell = row["spate"]["cell"]
            crash = 0.1 if cell["chaos"]["profile"] == "on" else 0.0
            success = (1 - crash) * (0.8 if cell["mode"] == "mock" else 1.0)
            self.assertGreater(row["expected"], 4000)
            self.assert_identity(row)
            for count, probability in (("delivered", success), ("crashed", crash)):
                tail = support.binomial_tail(row[count], row["expected"], probability)
                self.assertGreater(tail, SIGNIFICANCE, f"{row['name']}: {count} {row[count]}")


if __name__ == "__main__":
    support.main()
