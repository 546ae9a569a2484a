"""What spate_stress tells its reader to run: the line that repeats a run, and the examples of --help."""

import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import support
from brokers_test import need

FLAGS = (
    "--rate --agents --chaos --real --sim --compare --expect-digest --trace --report --verbose --output --duration --messages --arrivals "
    "--success-rate --min-latency --max-latency --latency --slow-agents --slow-factor --servers --fifo --crash-rate --spike-rate --spike-max "
    "--crash-downtime --types --templates --payload-bytes --seed --window --workers "
    "--in-flight-limit --help --version --redis --nats --rabbitmq --kafka --start-brokers "
    "--server-settings --broker-timeout --fault --recover-within "
    "--find-rate --max-rate --rate-resolution"
).split()
DEFAULTS = {
    "--rate": "100", "--agents": "9", "--chaos": "off", "--duration": "10s",
    "--arrivals": "constant", "--success-rate": "0.95", "--min-latency": "1ms",
    "--max-latency": "10ms", "--slow-agents": "0", "--slow-factor": "10", "--servers": "unlimited", "--crash-rate": "0.01", "--spike-rate": "0.05",
    "--spike-max": "500ms", "--crash-downtime": "0ms", "--templates": "built-in",
    "--types": "text,broadcast,system,urgent",
    "--payload-bytes": "natural", "--seed": "1", "--window": "64", "--in-flight-limit": "1048576",
    "--recover-within": "5s", "--server-settings": "default",
}  # without those of the search, which are refused where there is none
SEARCH_DEFAULTS = {"--max-rate": "10000000", "--rate-resolution": "2%"}  # fmt: skip


class CommandTest(support.StressTest):
    def shell(self, command):
        """A command line as it is written, but for where the program is; in the test's folder."""
        program, rest = command[: len("spate_stress")], command[len("spate_stress") :]
        self.assertEqual(program, "spate_stress")
        done = subprocess.run(
            ["/bin/sh", "-c", shlex.quote(self.program) + rest],
            env=support.environment(), cwd=self.folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout


class Repeat(CommandTest):
    def assert_repeats(self, *flags):
        """Runs it, then the line that it prints; for --compare each of its two."""
        done = self.ok(*flags, self.output(), cwd=self.folder)
        rows = support.load(self.path())["benchmarks"]
        commands = re.findall(r"(?m)^Repeat (.+)$", done.stdout)
        self.assertEqual(len(commands), len(rows))
        for row, command in zip(rows, commands, strict=True):
            told = self.shell(command + " --output=again.json")
            (again,) = support.load(self.path("again.json"))["benchmarks"]
            for same in ("sent", "expected", "crashed", "spiked", "failed"):
                self.assertEqual(again[same], row[same], f"{same}: {command}")
            for same in ("digest", "mock_digest"):
                self.assertEqual(again["spate"][same], row["spate"][same], command)
            first, cell = row["spate"]["cell"], again["spate"]["cell"]
            if first["rate"] > 0:  # else the number of messages stands for the duration
                self.assertEqual(cell, first, command)
            self.assertIn(f"Repeat {command}", told, "the repetition repeats itself")
        return commands

    def test_messages_that_were_given_also_where_some_were_shed(self):
        done = self.ok("--rate=1000000", "--messages=50000", "--in-flight-limit=10", "--workers=1",
                       self.output())  # fmt: skip
        (row,) = support.load(self.path())["benchmarks"]
        self.assertGreater(row["shed"], 0)
        (command,) = re.findall(r"(?m)^Repeat (.+)$", done.stdout)
        self.shell(command + " --output=again.json")
        (again,) = support.load(self.path("again.json"))["benchmarks"]
        self.assertEqual(again["spate"]["digest"], row["spate"]["digest"])

    def test_an_open_loop(self):
        self.assert_repeats("--duration=0.1s")

    def test_an_open_loop_with_every_flag(self):
        self.assert_repeats(
            "--rate=3000", "--duration=0.1", "--agents=5", "--chaos", "--crash-rate=.2",
            "--spike-rate=0.3", "--spike-max=3", "--crash-downtime=2ms", "--arrivals=poisson",
            "--success-rate=0.7", "--min-latency=100us", "--max-latency=1.5",
            "--types=text=3,urgent", "--payload-bytes=64", "--seed=18446744073709551615",
            "--workers=3", "--in-flight-limit=5000", "--verbose",
        )  # fmt: skip

    def test_a_mock_with_a_model_of_its_own(self):
        self.assert_repeats("--duration=0.1s", "--latency=lognormal:p50=2ms,p99=9ms",
                            "--slow-agents=3", "--slow-factor=1.5")  # fmt: skip

    def test_a_mock_with_the_latencies_of_another_run(self):
        self.ok("--real", "--duration=0.1s", "--output=it's real.json", cwd=self.folder)
        (row,) = support.load(self.path("it's real.json"))["benchmarks"]
        self.assert_repeats("--duration=0.1s", f"--latency=from:it's real.json#{row['name']}")

    def test_a_station_with_inboxes_in_order(self):
        for mode in ((), ("--sim",)):
            (command,) = self.assert_repeats(
                *mode, "--duration=0.1s", "--rate=1000", "--servers=50", "--fifo",
                "--slow-agents=2", "--arrivals=poisson", "--chaos=storm",
            )  # fmt: skip
            self.assertIn(" --fifo ", command)

    def test_an_open_loop_of_so_many_messages(self):
        self.assert_repeats("--messages=77", "--rate", "1000", "--real", "--chaos", "on",
                            "--spike-max=2ms")  # fmt: skip

    def test_a_closed_loop(self):
        for flags in (["--window=3", "--chaos", "--spike-max=2ms"], ["--real", "--agents=2"]):
            (command,) = self.assert_repeats("--rate=0", "--duration=0.05s", *flags)
            self.assertIn("--messages=", command)

    def test_both_runs_of_a_comparison(self):
        for flags in (["--rate=2000"], ["--rate=0"]):
            commands = self.assert_repeats("--compare", "--duration=0.05s", *flags)
            self.assertNotIn("--real", commands[0])
            self.assertIn("--real=queue", commands[1])

    def test_a_comparison_with_real_faults_each_run_by_what_it_takes(self):
        need(self, "redis")
        self.write("gale.json", '{"spike": {"rate": 0.1, "max": "2ms"}, "faults": ["500ms:slice,for=100ms"]}')
        mock, redis = self.assert_repeats(
            "--compare", "--real=redis", "--start-brokers", "--rate=1000", "--duration=4s", "--chaos=file:gale.json",
            "--server-settings=redis.appendonly=always", "--fault=800ms:latency,add=1ms,for=100ms", "--recover-within=2s",
        )  # fmt: skip
        self.assertNotIn("--fault", mock)
        self.assertIn("--fault", redis)

    def test_a_file_with_a_name_that_a_shell_would_not_leave_alone(self):
        name = "it's $HOME & \"all\" of it.txt"
        self.write(name, "text: {sender} says hello\n")
        (command,) = self.assert_repeats("--messages=20", f"--templates={name}")
        self.assertIn("'\\''", command)


class Help(CommandTest):
    def test_it_mentions_every_flag_and_no_other(self):
        text = self.ok("--help").stdout
        self.assertEqual(
            sorted(re.findall(r"(?m)^  (?:-h,)?(--[a-z-]+)", text)), sorted(FLAGS)
        )
        for piece in ("Examples:", "Exit codes:", "NO_COLOR"):
            self.assertIn(piece, text)

    def test_it_shows_the_defaults(self):
        text = self.ok("--help").stdout
        for flag, value in (DEFAULTS | SEARCH_DEFAULTS).items():
            self.assertRegex(text, rf"(?m)^  {flag} \S*={re.escape(value)}( |$)")

    def test_the_defaults_are_true(self):
        (row,) = self.result("--messages=50")["benchmarks"]
        given = {**DEFAULTS, "--chaos": "on", "--spike-max": "2ms"}
        for flag in ("--templates", "--payload-bytes", "--duration"):  # words that stand for no value
            del given[flag]
        for flag in ("--window", "--recover-within", "--server-settings"):  # idle here
            del given[flag]
        flags = [f"{flag}={value}" for flag, value in given.items()]
        (spelled_out,) = self.result("--messages=50", *flags)["benchmarks"]
        first, second = row["spate"]["cell"], spelled_out["spate"]["cell"]
        del first["chaos"], second["chaos"]
        self.assertEqual(second, first)
        (row,), (spelled_out,) = (
            self.result("--rate=0", "--messages=50", *flags)["benchmarks"]
            for flags in ((), (f"--window={DEFAULTS['--window']}",))
        )
        self.assertEqual(spelled_out["spate"]["cell"], row["spate"]["cell"])

    def test_its_examples_run_as_they_are_written(self):
        lines = re.findall(r"(?m)^  (spate_stress(?: \S+)*)(?:  |$)", self.ok("--help").stdout)
        self.assertGreaterEqual(len(lines), 8)
        shortened = [re.sub(r"--duration \S+", "--duration 0.1s", line) for line in lines]
        commands = [line if "--duration" in line else f"{line} --duration 0.1s"
                    for line in shortened]  # fmt: skip
        with ThreadPoolExecutor(len(commands)) as pool:
            for told in pool.map(self.shell, commands):
                self.assertIn("\nRepeat ", told)
        self.assertEqual(sorted(os.listdir(self.folder)), ["stress.html", "stress.json"])

    def test_version(self):
        self.assertRegex(self.ok("--version").stdout, r"\A[0-9]+\.[0-9]+\.[0-9]+\n\Z")


if __name__ == "__main__":
    support.main()
