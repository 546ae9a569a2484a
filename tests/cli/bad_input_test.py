"""Whatever is wrong with the input: exit code 2, one line that helps, and nothing touched."""

import os
import re

import support

# A run of a few milliseconds, should the program start one. A case replaces the flags it is about.
BASE = {
    "--modes": "mock", "--chaos": "on", "--rates": "1000", "--agents": "2", "--duration": "0.02s",
    "--spike-max": "2ms", "--benchmark_filter": "^delivery/",
}  # fmt: skip

# Flags with their value, and what the one line on stderr must contain.
RANGES = [
    ({"--agents": "1"}, "'1'", "from 2"),
    ({"--agents": "0"}, "'0'", "from 2"),
    ({"--agents": "-3"}, "'-3'", "from 2"),
    ({"--agents": "99999999999"}, "'99999999999'", "from 2 to"),
    ({"--agents": "2,,3"}, "2,,3", "empty"),
    ({"--rates": "-1"}, "'-1'", "from 0 to"),
    ({"--rates": "nan"}, "'nan'", "whole number"),
    ({"--rates": "1e99"}, "'1e99'", "whole number"),
    ({"--rates": "99999999999999999999"}, "'99999999999999999999'", "from 0 to"),
    ({"--rates": "1000,1000"}, "1000", "twice"),
    ({"--success-rate": "1.5"}, "'1.5'", "0 to 1"),
    ({"--success-rate": "-0.1"}, "'-0.1'", "0 to 1"),
    ({"--success-rate": "nan"}, "'nan'", "0 to 1"),
    ({"--crash-rate": "2"}, "'2'", "0 to 1"),
    ({"--spike-rate": "inf"}, "'inf'", "0 to 1"),
    ({"--crash-rate": "2", "--chaos": "off"}, "'2'", "0 to 1"),
    ({"--spike-max": "2h"}, "'2h'", "0 to 1h"),
    ({"--spike-max": "0"}, "--spike-max '0'", "raise it"),
    ({"--crash-downtime": "-1ms"}, "'-1ms'", "0 to 1h"),
    ({"--min-latency": "20ms"}, "--min-latency '20ms'", "--max-latency '10ms'", "lower"),
    ({"--payload-bytes": "-1"}, "'-1'", "from 0 to"),
    ({"--payload-bytes": "99999999999"}, "'99999999999'", "from 0 to"),
    ({"--workers": "0"}, "'0'", "from 1 to"),
    ({"--workers": ""}, "--workers"),
    ({"--window": "0"}, "'0'", "from 1 to"),
    ({"--in-flight-limit": "0"}, "'0'", "from 1 to"),
    ({"--duration": "0"}, "'0'", "more than 0"),
    ({"--duration": "1h", "--rates": "1000000000"}, "--rates 1000000000", "'1h'", "lower"),
    ({"--duration": "-1s"}, "'-1s'", "duration"),
    ({"--duration": "nan"}, "'nan'", "duration"),
    ({"--duration": "5parsecs"}, "'5parsecs'", "duration"),
    ({"--seed": "-1"}, "'-1'", "from 0 to"),
    ({"--seed": "abc"}, "'abc'", "whole number"),
]
NAMES = [
    ({"--modes": "foo"}, "'foo'", "mock, queue"),
    ({"--chaos": "foo"}, "'foo'", "off or on"),
    ({"--types": "foo"}, "'foo'", "text, broadcast, system, urgent"),
    ({"--types": "text=-1"}, "'-1'", "weight"),
    ({"--types": "text=0"}, "0", "positive"),
    ({"--types": ""}, "--types"),
    ({"--modes": ""}, "--modes"),
    ({"--benchmark_format": "csv"}, "'csv'", "console or json"),
    ({"--benchmark_out_format": "csv"}, "'csv'", "json"),
    ({"--benchmark_context": "alone"}, "'alone'", "key=value"),
    ({"--benchmark_context": "seed=2"}, "'seed=2'", "another key"),
    ({"--benchmark_context": "date=today"}, "'date=today'", "another key"),
    ({"--benchmark_filter": "nothing_has_this_name"}, "nothing_has_this_name", "list_tests"),
    ({"--benchmark_filter": "("}, "'('", "regular expression"),
    ({"--benchmark_filter": "*"}, "'*'", "regular expression"),
    ({"--no-such-flag": "1"}, "--no-such-flag", "--help"),
    ({"--benchmark_no_such_flag": "1"}, "--benchmark_no_such_flag", "--help"),
]
# Values that Google Benchmark itself reads.
FOREIGN = [
    ({"--benchmark_repetitions": "abc"}, "abc", "number"),
    ({"--benchmark_repetitions": "-1"}, "-1", "--benchmark_repetitions"),
    ({"--benchmark_min_time": "abc"}, "abc", "number"),
    ({"--benchmark_min_time": "nan"}, "nan", "--benchmark_min_time"),
    ({"--benchmark_min_warmup_time": "-5"}, "'-5'", "--benchmark_min_warmup_time"),
    ({"--benchmark_time_unit": "foo"}, "foo", "--benchmark_time_unit"),
    ({"--benchmark_color": "foo"}, "'foo'", "auto"),
    ({"--benchmark_counters_tabular": "foo"}, "'foo'", "true or false"),
    ({"--benchmark_list_tests": "foo"}, "'foo'", "true or false"),
]


class BadInput(support.CliTest):
    def assert_refused(self, arguments, *pieces):
        before = sorted(os.listdir(self.folder))
        done = support.bench(*arguments, cwd=self.folder)
        told = f"{arguments}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, 2, told)
        self.assertRegex(done.stderr, r"\Aspate_bench: [^\n]+\n\Z", told)
        for piece in pieces:
            self.assertIn(piece, done.stderr, told)
        self.assertEqual(done.stdout, "", told)
        self.assertEqual(sorted(os.listdir(self.folder)), before, told)

    def check(self, cases):
        existing = self.write("existing.json", "kept")
        for changes, *pieces in cases:
            flags = [f"{flag}={value}" for flag, value in {**BASE, **changes}.items()]
            with self.subTest(changes):
                self.assert_refused([*flags, "--benchmark_out=new.json"], *pieces)
                self.assert_refused([*flags, "--benchmark_out=existing.json"], *pieces)
                with open(existing, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "kept")

    def test_numbers_out_of_range(self):
        self.check(RANGES)

    def test_unknown_names(self):
        self.check(NAMES)

    def test_values_of_google_benchmarks_flags(self):
        self.check(FOREIGN)

    def test_templates(self):
        self.write("unknown.txt", "# fine\ntext: to {nobody}\n")
        self.write("brace.txt", "text: }\n")
        self.write("line.txt", "text: fine\nletter: not a type\n")
        self.check(
            [
                ({"--templates": "unknown.txt"}, "unknown.txt:2", "{nobody}", "{sender}"),
                ({"--templates": "brace.txt"}, "brace.txt:1", "}"),
                ({"--templates": "line.txt"}, "line.txt:2", "letter", "text: "),
                ({"--templates": "missing.txt"}, "'missing.txt'", "readable"),
                ({"--templates": "."}, "'.'", "readable"),
            ]
        )

    def test_a_value_apart_from_its_flag(self):
        for flag, value in (
            ("--agents", "1"), ("--duration", "-1s"), ("--types", ""), ("--modes", ""),
            ("--workers", ""),
        ):  # fmt: skip
            with self.subTest(flag):
                rest = [f"{name}={text}" for name, text in BASE.items() if name != flag]
                self.assert_refused([*rest, flag, value], f"'{value}'")

    def test_stray_arguments(self):
        self.assert_refused(["stray"], "stray", "--help")
        self.assert_refused(["--rates"], "--rates", "--help")
        self.assert_refused(["--agents=2", "--agents=9"], "--agents")

    def test_unwritable_output(self):
        self.write("plain", "kept")
        os.mkdir(self.path("folder"))
        os.symlink("nowhere", self.path("link"))
        flags = [f"{flag}={value}" for flag, value in BASE.items()]
        for path in ("nowhere/result.json", "folder", "folder/", "plain/result.json", "link"):
            with self.subTest(path):
                self.assert_refused(
                    [*flags, f"--benchmark_out={path}"], f"'{path}'", "writable folder"
                )
        self.assertEqual(os.listdir(self.path("folder")), [])

    def test_a_bad_value_in_the_environment(self):
        env = support.environment(BENCHMARK_FILTER="nothing_has_this_name")
        done = support.bench("--modes=mock", env=env)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertTrue(re.match(r"spate_bench: [^\n]+\n\Z", done.stderr), done.stderr)


if __name__ == "__main__":
    support.main()
