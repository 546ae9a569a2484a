"""Signals in the middle of a run: what is finished is kept, and the file is valid at all times."""

import os
import signal
import subprocess

import support

COMMON = ("--modes=queue", "--agents=2", "--benchmark_filter=^delivery/")
# Each has a short first cell, and a second one that would last for long.
LONG_CELLS = {
    "open loop": (*COMMON, "--chaos=off", "--rates=0,1000", "--duration=30s",
                  "--benchmark_min_time=0.02"),
    "closed loop": (*COMMON, "--chaos=off", "--rates=1000,0", "--duration=0.05s",
                    "--benchmark_min_time=30"),
    "closed loop of the mock": ("--modes=mock", "--agents=9", "--benchmark_filter=^delivery/",
                                "--chaos=off", "--rates=1000,0", "--duration=0.05s",
                                "--benchmark_min_time=30"),
    "chaos spike": (*COMMON, "--chaos=off,on", "--rates=1000", "--duration=0.05s",
                    "--crash-rate=0", "--spike-rate=1", "--spike-max=1h"),
}  # fmt: skip
# A hundred thousand deliveries a message, nearly all of them to be shed: more with every second
# than can be shed in ten.
SHEDDING = ("--modes=mock", "--agents=100000", "--types=broadcast", "--chaos=off",
            "--rates=0,100000", "--duration=30s", "--benchmark_min_time=0.01",
            "--in-flight-limit=20000", "--benchmark_filter=^delivery/")  # fmt: skip
MICRO = ("--modes=queue", "--chaos=off", "--rates=1000", "--agents=2", "--duration=0.05s",
         "--benchmark_filter=^(delivery/|micro/payload$)")  # fmt: skip


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # proc(5): utime, stime


class Interrupt(support.InterruptTest):
    def start_long_cell(self, flags, own_threads=True):
        """Started, its first row finished, and in the middle of its second benchmark."""
        if os.path.exists(self.path()):
            os.remove(self.path())
        process = self.start(*flags)
        support.wait_for(lambda: support.finished_rows(self.path()), "the first row", process)
        if own_threads:  # and not between two cells, but with workers at work
            support.wait_for(lambda: support.thread_count(process) > 1, "the workers", process)
        return process

    def assert_kept(self, interrupted=True):
        result = support.load(self.path())
        self.assertIs(result["context"]["interrupted"], interrupted)
        self.assertEqual(len(result["benchmarks"]), 1)
        self.assertNotIn("error_occurred", result["benchmarks"][0])
        self.assertIn("spate", result["benchmarks"][0])
        self.assert_identity(result["benchmarks"][0])

    def test_a_long_cell(self):
        for what, flags in LONG_CELLS.items():
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(f"{what}, {number.name}"):
                    self.assert_stops(self.start_long_cell(flags), number, what)
                    self.assert_kept()
                    self.assertEqual(os.listdir(self.folder), ["result.json"])

    def test_a_micro_benchmark(self):
        process = self.start_long_cell((*MICRO, "--benchmark_min_time=30"), own_threads=False)
        self.assert_stops(process, signal.SIGTERM, "long micro-benchmark")
        self.assert_kept()

    def test_behind_a_backlog_that_is_shed(self):
        process = self.start_long_cell(SHEDDING)
        begin = cpu_seconds(process)
        support.wait_for(lambda: cpu_seconds(process) > begin + 3, "a backlog", process)
        self.assert_stops(process, signal.SIGINT, "shedding")
        self.assert_kept()

    def test_among_repetitions(self):
        process = self.start_long_cell(
            (*LONG_CELLS["open loop"], "--benchmark_repetitions=2")
        )
        self.assert_stops(process, signal.SIGINT, "repetitions")
        result = support.load(self.path())
        self.assertIs(result["context"]["interrupted"], True)
        self.assertEqual(len(support.iteration_rows(result)), 2)

    def test_json_on_stdout_is_whole(self):
        process = self.start(
            *LONG_CELLS["open loop"], "--benchmark_format=json", stdout=subprocess.PIPE
        )
        support.wait_for(lambda: support.finished_rows(self.path()), "the first row", process)
        stdout = self.assert_stops(process, signal.SIGTERM, "JSON on standard output")
        self.assertIs(support.parse_json(stdout)["context"]["interrupted"], True)

    def test_a_kill_in_the_first_cell_leaves_no_older_result(self):
        self.write("result.json", '{"context": {}, "benchmarks": [{"name": "yesterday"}]}')
        process = self.start(*COMMON, "--chaos=off", "--rates=1000", "--duration=30s")
        support.wait_for(lambda: support.thread_count(process) > 1, "the workers", process)
        process.kill()
        self.assertEqual(process.wait(self.limit_seconds), -signal.SIGKILL)
        result = support.load(self.path())
        self.assertEqual(result["benchmarks"], [])
        self.assertIs(result["context"]["interrupted"], True)

    def test_a_kill_leaves_the_finished_rows_and_the_mark(self):
        process = self.start_long_cell(LONG_CELLS["open loop"])
        process.kill()
        self.assertEqual(process.wait(self.limit_seconds), -signal.SIGKILL)
        self.assert_kept()


if __name__ == "__main__":
    support.main()
