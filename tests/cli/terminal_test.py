"""What people see: the progress line on a terminal, plain text elsewhere, --help and --version."""

import re

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


if __name__ == "__main__":
    support.main()
