"""What people see: the progress line on a terminal, plain text elsewhere, --help and --version; and what nobody sees."""

import os
import re
import signal
import subprocess

import support

THREE_CELLS = (
    "--modes=queue", "--chaos=off", "--rates=1000", "--agents=2,3,4", "--duration=0.05s",
    "--benchmark_filter=^delivery/",
)  # fmt: skip
OUR_FLAGS = (
    "--modes --chaos --rates --agents --duration --messages --arrivals --success-rate --min-latency --max-latency "
    "--latency --slow-agents --slow-factor --servers --fifo "
    "--crash-rate --spike-rate --spike-max --crash-downtime --types --templates --payload-bytes "
    "--seed --window --workers --in-flight-limit --help --version "
    "--redis --nats --rabbitmq --kafka --start-brokers --server-settings --broker-timeout --fault --recover-within"
).split()


class Terminal(support.CliTest):
    def test_a_terminal_sees_how_far_the_run_is(self):
        code, told = support.run_on_terminal(support.BENCH, *THREE_CELLS)
        self.assertEqual(code, 0, told)
        for k in (1, 2, 3):
            self.assertIn(f"cell {k} of 3", told)
        self.assertNotIn("cell 4 of", told)
        first = told.index("cell 1 of 3")
        second = told.index("cell 2 of 3")
        self.assertNotRegex(told[first:second], r"\d s left")  # nothing to go by yet
        self.assertRegex(told[second:], r"cell 2 of 3 [^\r\n]*\d s left")

    def test_the_progress_line_is_gone_at_the_end(self):
        _, told = support.run_on_terminal(support.BENCH, *THREE_CELLS)
        lines = support.lines_left(told)
        self.assertFalse([line for line in lines if "is running" in line], lines)
        self.assertEqual(sum("/3 queue off" in line for line in lines), 3, lines)

    def test_elsewhere_the_output_is_plain(self):
        done = self.ok(*THREE_CELLS)
        self.assertNotRegex(done.stdout + done.stderr, r"[\r\x1b]")
        self.assertNotIn("is running", done.stdout)
        self.assertEqual(done.stdout.count("\n"), 1 + 1 + 3)  # the queue's version, headings, cells


class Help(support.CliTest):
    def test_help_mentions_every_flag_and_shows_examples(self):
        done = self.ok("--help")
        for flag in OUR_FLAGS:
            self.assertRegex(done.stdout, rf"(?m)^ .*{flag}\b", flag)
        for piece in ("Examples:", "--benchmark_filter", "--benchmark_out", "Exit codes:"):
            self.assertIn(piece, done.stdout)

    def test_no_flag_is_missing_here(self):
        flags = set(re.findall(r"(?m)^  (?:-h,)?(--[a-z_-]+)", self.ok("--help").stdout))
        googles = {flag for flag in flags if flag.startswith("--benchmark_") or flag == "--v"}
        self.assertGreaterEqual(len(googles), 15)
        self.assertEqual(flags - googles, set(OUR_FLAGS))

    def test_examples_are_accepted(self):
        examples = re.findall(r"(?m)^  spate_bench (.+)$", self.ok("--help").stdout)
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            flags = [flag.strip("'") for flag in example.replace("='", "=").split()]
            self.ok(*flags, "--benchmark_list_tests")

    def test_version(self):
        self.assertRegex(self.ok("--version").stdout, r"\A[0-9]+\.[0-9]+\.[0-9]+\n\Z")


class Readers(support.StressTest):
    """Of a pipe that nobody reads any more."""

    def started(self, *command, both=False):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as out:
            process = subprocess.Popen(
                command, env=support.environment(), stdin=subprocess.DEVNULL, stdout=out,
                stderr=out if both else subprocess.PIPE, text=True,
            )  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        if not both:
            self.addCleanup(process.stderr.close)
        return process

    def commands(self):
        cell = ("--modes=queue", "--chaos=off", "--rates=1000", "--agents=2", "--duration=0.05s", "--benchmark_filter=^delivery/")
        lively = ("--duration=0.3s", "--chaos", "--spike-rate=1", "--spike-max=1ms", "--rate=5000", "--verbose")
        files = [self.path(name) for name in ("one.json", "two.json")]
        for seed, path in enumerate(files):
            self.ok("--sim", "--duration=1s", "--agents=60", f"--seed={seed}", f"--output={path}")
        for program in support.PROGRAMS.values():
            yield program, "--help"
            yield program, "--version"
        yield support.BENCH, *cell
        yield support.BENCH, *cell, "--benchmark_format=json"
        yield support.BENCH, "--benchmark_list_tests"
        yield support.STRESS, *lively
        yield support.STRESS, "--sim", "--duration=1s", "--agents=60"  # more than a buffer holds
        yield support.STRESS, "--sim", "--duration=1s", "--agents=60", "--expect-digest=0123456789abcdef"
        yield support.STRESS, "--sim", "--find-rate=p99<1ms", "--rate=100"
        yield support.PROGRAMS["spate_conformance"], "--modes=queue"
        yield support.COMPARE, *files
        yield support.COMPARE, "--format=html", files[0]

    def test_who_reads_less_than_all_changes_no_exit_code_and_hears_nothing(self):
        codes = set()
        for command in self.commands():
            wanted = support.run(*command)
            codes.add(wanted.returncode)
            for both in (False, True):
                with self.subTest(command, both=both):
                    process = self.started(*command, both=both)
                    _, told = process.communicate(timeout=support.DEADLINE_SECONDS)
                    self.assertEqual(process.returncode, wanted.returncode, told)
                    self.assertEqual(told, None if both else wanted.stderr)
        self.assertEqual(codes, {0, 1, 3}, "where all end alike, this shows nothing")

    def test_the_run_goes_on_and_its_files_are_whole(self):
        process = self.started(support.STRESS, "--duration=0.3s", "--rate=1000", "--agents=60", self.output(), both=True)
        self.assertEqual(process.wait(support.DEADLINE_SECONDS), 0)
        result = support.load(self.path())
        self.assertFalse(result["context"]["interrupted"])
        self.assertEqual(len(result["benchmarks"]), 1)

    def test_a_search_that_is_stopped_says_so_by_its_code_alone(self):
        process = self.started(support.STRESS, "--find-rate=p50<30s,success>=0", "--duration=0.5s", "--rate=10", self.output(), both=True)
        support.wait_for(lambda: support.finished_rows(self.path()), "a step", process)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(support.DEADLINE_SECONDS), 3)

    def test_a_proxy_that_nobody_listens_to_stands_all_the_same(self):
        process = self.started(support.PROGRAMS["spate_proxy"], "--to=127.0.0.1:9", both=True)
        support.wait_for(lambda: support.thread_count(process) > 1, "its threads", process)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(support.DEADLINE_SECONDS), 0)

    def test_a_report_besides_may_be_read_in_part(self):
        path = self.path("run.json")
        self.ok("--sim", "--duration=1s", f"--output={path}")
        for reader, told in (("exec true", ""), (f"exec tail -c 8 >'{self.path('end')}'", "</html>\n")):
            done = subprocess.run(
                ["bash", "-c", f'"$0" --exact --html >({reader}) "$1" "$1" >/dev/null; code=$?; wait $!; exit $code', support.COMPARE, path],
                env=support.environment(), capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
            )  # fmt: skip
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            if told:
                with open(self.path("end"), encoding="utf-8") as file:
                    self.assertEqual(file.read(), told)


if __name__ == "__main__":
    support.main()
