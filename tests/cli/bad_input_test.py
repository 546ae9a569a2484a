"""Whatever is wrong with the input: exit code 2, one line that helps, and nothing touched."""

import os
import re

import support

# Of both programs: flags with their value, and what the one line on stderr must contain.
RANGES = [
    ({"--agents": "1"}, "'1'", "from 2"),
    ({"--agents": "0"}, "'0'", "from 2"),
    ({"--agents": "-3"}, "'-3'", "from 2"),
    ({"--agents": "99999999999"}, "'99999999999'", "from 2 to"),
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
    ({"--latency": "gamma:mean=1ms"}, "--latency 'gamma:mean=1ms'", "exponential:mean=TIME"),
    ({"--latency": "lognormal:p50=2ms,p99=2ms"}, "p99 latency 2ms", "not above p50"),
    ({"--latency": "from:no/such.json#x"}, "--latency 'from:no/such.json#x'", "cannot open"),
    ({"--latency": "from:.#x"}, "'.' is a folder", "result file"),
    ({"--latency": "constant:1ms", "--min-latency": "1ms"}, "--latency", "excludes"),
    ({"--slow-agents": "-1"}, "'-1'", "from 0 to"),
    ({"--slow-agents": "900"}, "--slow-agents 900", "agents"),
    ({"--slow-agents": "1", "--slow-factor": "0.5"}, "'0.5'", "from 1 to 1000"),
    ({"--slow-factor": "2"}, "--slow-factor", "--slow-agents"),
    ({"--payload-bytes": "-1"}, "'-1'", "from 0 to"),
    ({"--payload-bytes": "99999999999"}, "'99999999999'", "from 0 to"),
    ({"--workers": "0"}, "'0'", "from 1 to"),
    ({"--workers": ""}, "--workers", "or 'cores'"),
    ({"--window": "0"}, "'0'", "from 1 to"),
    ({"--in-flight-limit": "0"}, "'0'", "from 1 to"),
    ({"--duration": "0"}, "'0'", "1ns to 1000h"),
    ({"--duration": "-1s"}, "'-1s'", "duration"),
    ({"--duration": "nan"}, "'nan'", "duration"),
    ({"--duration": "5parsecs"}, "'5parsecs'", "duration"),
    ({"--duration": "1001h"}, "'1001h'", "ns, us, ms, s, min or h"),
    ({"--messages": "10"}, "--messages", "--duration"),
    ({"--seed": "-1"}, "'-1'", "from 0 to"),
    ({"--seed": "abc"}, "'abc'", "whole number"),
]
NAMES = [
    ({"--chaos": "foo"}, "'foo'", "off, on, storm, file:PATH"),
    ({"--arrivals": "foo"}, "--arrivals 'foo'", "constant or poisson"),
    ({"--types": "foo"}, "'foo'", "text, broadcast, system, urgent"),
    ({"--types": "text=-1"}, "'-1'", "weight"),
    ({"--types": "text=0"}, "0", "positive"),
    ({"--types": ""}, "--types"),
    ({"--no-such-flag": "1"}, "--no-such-flag", "--help"),
]
# What a flag with the rate may not be, whether it takes a list of them or one.
RATES = [
    ("-1", "'-1'", "from 0 to"),
    ("nan", "'nan'", "whole number"),
    ("1e99", "'1e99'", "whole number"),
    ("99999999999999999999", "'99999999999999999999'", "from 0 to"),
]

BENCH_ONLY = [
    ({"--agents": "2,,3"}, "2,,3", "empty"),
    ({"--rates": "1000,1000"}, "1000", "twice", "give it once"),
    ({"--chaos": "off,off"}, "'off'", "twice", "give it once"),
    ({"--modes": "foo"}, "'foo'", "mock, queue"),
    ({"--modes": ""}, "--modes"),
    ({"--benchmark_format": "csv"}, "'csv'", "console or json"),
    ({"--benchmark_out_format": "csv"}, "'csv'", "json"),
    ({"--benchmark_context": "alone"}, "'alone'", "key=value"),
    ({"--benchmark_context": "seed=2"}, "'seed=2'", "another key"),
    ({"--benchmark_context": "date=today"}, "'date=today'", "another key"),
    ({"--benchmark_filter": "nothing_has_this_name"}, "nothing_has_this_name", "list_tests"),
    ({"--benchmark_filter": "("}, "'('", "regular expression"),
    ({"--benchmark_filter": "*"}, "'*'", "regular expression"),
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

STRESS_ONLY = [
    ({"--agents": "2,3"}, "'2,3'", "whole number"),
    ({"--chaos": ""}, "''", "off, on, storm"),
    ({"--chaos": "off,on"}, "'off,on'", "off, on, storm"),
    ({"--real": "mock"}, "--real 'mock'", "use queue"),
    ({"--real": "foo"}, "--real 'foo'", "use queue"),
    ({"--real": ""}, "--real ''", "use queue"),
    ({"--verbose": "yes"}, "yes", "--help"),
    ({"--compare": "queue"}, "queue", "--help"),
    ({"--modes": "mock"}, "--modes", "--help"),
    ({"--benchmark_filter": "x"}, "--benchmark_filter", "--help"),
]


class BadInput:
    """What holds for both programs; `base` is a run of a few milliseconds, should one start."""

    base = {}
    rate_flag = ""
    values_apart = ()

    def flags_without(self, *names):
        return [f"{flag}={value}" for flag, value in self.base.items() if flag not in names]

    def check(self, cases):
        existing = self.write("existing.json", "kept")
        for changes, *pieces in cases:
            flags = self.flags_without(*changes)
            flags += [f"{flag}={value}" for flag, value in changes.items()]
            with self.subTest(changes):
                self.assert_refused([*flags, f"{self.output_flag}=new.json"], *pieces)
                self.assert_refused([*flags, f"{self.output_flag}=existing.json"], *pieces)
                with open(existing, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "kept")

    def test_numbers_out_of_range(self):
        self.check(RANGES)
        self.check([({self.rate_flag: rate}, self.rate_flag, *pieces) for rate, *pieces in RATES])

    def test_unknown_names(self):
        self.check(NAMES)

    def test_more_messages_than_a_ledger_holds(self):
        many = {"--duration": "1h", self.rate_flag: "1000000000"}
        self.check([(many, f"{self.rate_flag} 1000000000", "'1h'", "lower")])

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

    def test_chaos_files(self):
        files = {
            "key": ('{"burst": {"lave": 1}}', "burst.lave: unknown key", "enter, leave, fail"),
            "twice": ('{"crash": {"rate": 1, "rate": 1}}', "crash.rate: ", "twice"),
            "type": ('{"crash": {"rate": "1"}}', 'crash.rate: "1"', "0 to 1"),
            "range": ('{"duplicate": {"rate": 2}}', "duplicate.rate: 2", "0 to 1"),
            "nan": ('{"crash": {"rate": NaN}}', "not JSON at line 1, column"),
            "unit": ('{"crash": {"downtime": 20}}', "crash.downtime: 20", '"10ms"'),
            "endless": ('{"burst": {"enter": 1}}', "burst.leave: 0", "never end"),
            "array": ("[]", "an array", "object"),
            "cut": ('{"crash"', "not JSON at line 1, column 9"),
            "name": ('{"name": "a/b"}', 'name: "a/b"', "letters"),
            "storm": ("{}", "'storm'", "another name"),
        }
        for name, (text, *_) in files.items():
            self.write(f"{name}.json", text)
        self.check(
            [
                ({"--chaos": f"file:{name}.json"}, f"{name}.json", *pieces)
                for name, (_, *pieces) in files.items()
            ]
            + [
                ({"--chaos": "file:missing.json"}, "'missing.json'", "readable"),
                ({"--chaos": "file:."}, "'.'", "readable"),
                ({"--chaos": "file:"}, "''", "readable"),
            ]
        )

    def test_an_output_that_would_replace_an_input(self):
        self.write("says.txt", "text: kept\n")
        self.write("mine.json", "{}")
        os.symlink("mine.json", self.path("link.json"))
        for changes, output, reads in (
            ({"--templates": "says.txt"}, "./says.txt", "--templates reads"),
            ({"--chaos": "file:mine.json"}, "link.json", "--chaos reads"),
        ):
            flags = self.flags_without("--chaos", "--spike-max")  # which go together
            flags += [f"{flag}={value}" for flag, value in changes.items()]
            with self.subTest(changes):
                self.assert_refused([*flags, f"{self.output_flag}={output}"], output, reads)
        with open(self.path("says.txt"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "text: kept\n")

    def test_a_value_apart_from_its_flag(self):
        for flag, value in (
            ("--agents", "1"), ("--duration", "-1s"), ("--types", ""), ("--workers", ""),
            *self.values_apart,
        ):  # fmt: skip
            with self.subTest(flag):
                self.assert_refused([*self.flags_without(flag), flag, value], f"'{value}'")

    def test_stray_arguments(self):
        self.assert_refused(["stray"], "stray", "--help")
        self.assert_refused([self.rate_flag], self.rate_flag, "--help")
        self.assert_refused(["--agents=2", "--agents=9"], "--agents")

    def test_unwritable_output(self):
        self.write("plain", "kept")
        os.mkdir(self.path("folder"))
        os.symlink("nowhere", self.path("link"))
        for path in ("nowhere/result.json", "folder", "folder/", "plain/result.json", "link"):
            with self.subTest(path):
                flags = [*self.flags_without(), f"{self.output_flag}={path}"]
                self.assert_refused(flags, f"'{path}'", "writable folder")
        self.assertEqual(os.listdir(self.path("folder")), [])


class Bench(BadInput, support.CliTest):
    base = {
        "--modes": "mock", "--chaos": "on", "--rates": "1000", "--agents": "2",
        "--duration": "0.02s", "--spike-max": "2ms", "--benchmark_filter": "^delivery/",
    }  # fmt: skip
    rate_flag = "--rates"
    values_apart = (("--modes", ""),)

    def test_what_only_this_program_takes(self):
        self.check(BENCH_ONLY)

    def test_profiles_of_one_name(self):
        for name in ("a", "b"):
            self.write(f"{name}.json", '{"name": "mine"}')
        self.check(
            [({"--chaos": "file:a.json,file:b.json"}, "'file:b.json'", "'mine'", "twice")]
        )

    def test_values_of_google_benchmarks_flags(self):
        self.check(FOREIGN)

    def test_a_bad_value_in_the_environment(self):
        env = support.environment(BENCHMARK_FILTER="nothing_has_this_name")
        done = support.run(self.program, "--modes=mock", env=env)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertTrue(re.match(r"spate_bench: [^\n]+\n\Z", done.stderr), done.stderr)


class Stress(BadInput, support.StressTest):
    base = {
        "--chaos": "on", "--rate": "1000", "--agents": "2", "--duration": "0.02s",
        "--spike-max": "2ms",
    }  # fmt: skip
    rate_flag = "--rate"
    values_apart = (("--real", "foo"), ("--real", "mock"), ("--chaos", "foo"), ("--output", ""))

    def test_what_only_this_program_takes(self):
        self.check(STRESS_ONLY)

    def test_an_empty_name_of_the_output(self):
        self.assert_refused([*self.flags_without(), "--output="], "--output ''", "writable folder")

    def test_a_flag_that_stands_alone_takes_no_second_value(self):
        self.assert_refused(["--chaos", "on", "off"], "off", "--help")
        self.assert_refused(["--real", "queue", "mock"], "mock", "--help")


if __name__ == "__main__":
    support.main()
