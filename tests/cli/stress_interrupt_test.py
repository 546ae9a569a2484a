"""A signal in the middle of spate_stress: it stops, says what there is, and keeps whole runs only."""

import os
import signal
import subprocess

import support

# Of each the first run lasts for long.
LONG_RUNS = {
    "open loop": ("--rate=1000", "--duration=1h", "--chaos", "--spike-max=5ms"),
    "open loop of the queue": ("--rate=1000", "--duration=1h", "--real"),
    "closed loop": ("--rate=0", "--messages=100000000"),
    "closed loop of the queue": ("--rate=0", "--messages=100000000", "--real"),
    "comparison, first run": ("--rate=1000", "--duration=1h", "--compare"),
    "events": ("--rate=1000", "--duration=1h", "--chaos", "--spike-rate=1", "--verbose"),
}  # fmt: skip
# Its second run has to carry 60 GB; the mock, in the first one, carries none of them.
LONG_SECOND_RUN = (
    "--compare", "--rate=0", "--messages=1000000", "--types=text", "--payload-bytes=65536",
    "--min-latency=0", "--max-latency=0",
)  # fmt: skip


def has_pending_signal(process):
    """Else the kernel would take two signals for one."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        (pending,) = [line.split()[1] for line in file if line.startswith("ShdPnd:")]
    return int(pending, 16) != 0


class Interrupt(support.StressTest, support.InterruptTest):
    def start_run(self, *flags):
        """Started, with workers at work."""
        process = self.start(*flags, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        support.wait_for(lambda: support.thread_count(process) > 1, "the workers", process)
        return process

    def start_second_run(self):
        process = self.start_run(*LONG_SECOND_RUN)
        support.wait_for(lambda: support.finished_rows(self.path()), "the first row", process)
        support.wait_for(lambda: support.thread_count(process) > 1, "the workers", process)
        return process

    def assert_kept(self, modes):
        result = support.load(self.path())
        self.assertIs(result["context"]["interrupted"], True)
        rows = result["benchmarks"]
        self.assertEqual([row["spate"]["cell"]["mode"] for row in rows], modes)
        for row in rows:
            self.assertNotIn("error_occurred", row)
            self.assert_identity(row)
        self.assertEqual(os.listdir(self.folder), ["result.json"])

    def assert_told(self, told, mode):
        """Of the run that was stopped, and of nothing after it."""
        _, marked, report = told.partition("INTERRUPTED: ")
        self.assertTrue(marked, told)
        self.assertRegex(report, rf"\A[^\n]+\n{mode}, chaos ")
        for heading in ("Totals", "Agents", "Types", "Generator"):
            self.assertEqual(report.count(f"\n{heading} ") + report.count(f"\n{heading}\n"), 1)
        for nothing_repeats_it in ("Digest", "Repeat", "matched"):
            self.assertNotIn(nothing_repeats_it, report)

    def test_in_the_first_run(self):
        for what, flags in LONG_RUNS.items():
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(f"{what}, {number.name}"):
                    told = self.assert_stops(self.start_run(*flags), number, what)
                    self.assert_told(told, "queue" if "--real" in flags else "mock")
                    self.assert_kept([])
                    os.remove(self.path())

    # timeout(1) signals a process, and then its group.
    def test_a_signal_with_an_echo(self):
        process = self.start_run(*LONG_RUNS["open loop"])
        process.send_signal(signal.SIGTERM)
        support.wait_for(lambda: not has_pending_signal(process), "its handler")
        told = self.assert_stops(process, signal.SIGTERM, "a signal with an echo")
        self.assert_told(told, "mock")

    def test_in_the_second_run_of_a_comparison(self):
        told = self.assert_stops(self.start_second_run(), signal.SIGINT, "second run")
        self.assertEqual(told.partition("INTERRUPTED: ")[0].count("\nRepeat "), 1)
        self.assert_told(told, "queue")
        self.assert_kept(["mock"])

    # They may come between two trials too, when there is no run to be reported.
    def test_among_the_trials_of_a_closed_loop(self):
        process = self.start_run("--rate=0", "--duration=1h", "--real")
        self.assert_stops(process, signal.SIGTERM, "trials")
        self.assert_kept([])

    def test_what_was_interrupted_is_what_was_run(self):
        process = self.start_run("--rate=1000", "--duration=1h", "--chaos", "--spike-max=5ms")
        told = self.assert_stops(process, signal.SIGINT, "open loop")
        (sent,) = [int(line.split()[1].replace(",", ""))
                   for line in told.splitlines() if line.startswith("  messages ")]  # fmt: skip
        self.assertLess(sent, 1000 * support.DEADLINE_SECONDS)  # of 3.6 million
        self.assertNotIn("saturated", told)

    def test_a_kill_leaves_a_valid_file(self):
        self.write("result.json", '{"context": {}, "benchmarks": [{"name": "yesterday"}]}')
        for start, modes in (
            (lambda: self.start_run(*LONG_RUNS["open loop"]), []),
            (self.start_second_run, ["mock"]),
        ):
            process = start()
            process.kill()
            self.assertEqual(process.wait(self.limit_seconds), -signal.SIGKILL)
            self.assert_kept(modes)


if __name__ == "__main__":
    support.main()
