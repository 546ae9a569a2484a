"""Whatever the programs print fits 80 columns, where the output is no terminal or one of that width."""

import os
import re
import unicodedata

import support

COLUMNS = 80
# What may be longer, and why.
LONGER = (
    r"Repeat spate_",  # a command, to be copied as it is
    r"(base|new|run) +/",  # a path, likewise
    r" *\S+\Z",  # one name alone: it would be found and copied no more
    r" +(- )?spate_\w+ ",  # an example in --help, to be copied
)
LONG_NAME = "a-name-that-leaves-no-room-for-figures-".ljust(64, "x")  # no longer one is allowed
CELLS = ("--benchmark_filter=^delivery/", "--messages=200")
MANY = ("--sim", "--messages=1000000", "--rate=0")


def columns_of(text):
    """As a terminal counts them."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in plain)
    return len(plain) + wide - sum(unicodedata.combining(c) > 0 for c in plain)


class Columns(support.CliTest):
    def assert_fits(self, text, columns=COLUMNS, what=""):
        self.assertTrue(text.strip(), what)
        for line in text.splitlines():
            if not any(re.match(pattern, line) for pattern in LONGER):
                self.assertLessEqual(columns_of(line), columns, f"{what}\n{line}\n{text}")

    def told(self, program, *flags, codes=(0, 1)):
        done = support.run(program, *flags)
        self.assertIn(done.returncode, codes, done.stderr)
        return done.stdout

    def assert_output_fits(self, program, *flags, codes=(0, 1)):
        told = self.told(program, *flags, codes=codes)
        self.assert_fits(told, what=f"{program} {flags}")
        return told

    def long_profile(self):
        return "file:" + self.write(
            "long.json",
            '{"name": "%s", "crash": {"rate": 0.1, "downtime": "1ms"}, "burst": {"enter": 0.002, "leave": 0.05,'
            ' "fail": 0.8}, "spike": {"rate": 0.05, "max": "5ms"}, "reorder": {"rate": 0.02, "max": "2ms"}}'
            % LONG_NAME,
        )


class Matrix(Columns):
    def test_a_row_fits_and_its_figures_stand_below_each_other(self):
        told = self.assert_output_fits(
            support.BENCH, *CELLS, "--modes=sim,mock,queue", "--chaos=off,storm", "--rates=0,1000,123457",
            "--agents=2,100",
        )  # fmt: skip
        rows = [line for line in told.splitlines() if re.match(r" *\d+/36 ", line)]
        self.assertEqual(len(rows), 36, told)
        self.assertEqual({len(row) for row in rows}, {COLUMNS}, told)
        self.assertTrue([row for row in rows if re.search(r"/36 queue storm +1000 +100 ", row)], told)
        self.assertEqual(len({row.index("%") for row in rows}), 1, told)

    def test_a_name_that_is_too_long_stands_above_its_figures(self):
        told = self.assert_output_fits(
            support.BENCH, *CELLS, "--modes=sim", f"--chaos=off,{self.long_profile()}", "--rates=1000", "--agents=9"
        )
        short, name, figures = told.splitlines()[-3:]
        self.assertIn(f"sim {LONG_NAME} 1000 9", name)
        self.assertRegex(figures, r"\A +[0-9.]+k? +[0-9.]+% ")
        self.assertEqual(short.index("%"), figures.index("%"))

    def test_the_parts_and_the_claims_fit(self):
        told = self.assert_output_fits(
            support.BENCH, "--benchmark_filter=^(micro/(decide|simulate/closed/heap/agents:2000/window:1$)|reference/decide)",
            "--benchmark_min_time=0.001", "--benchmark_repetitions=2",
        )  # fmt: skip
        for piece in ("each,", "of the mean", "(wanted:"):
            self.assertIn(piece, told)

    def test_a_wide_terminal_has_all_columns(self):
        for columns, wide in ((132, False), (133, True), (80, False)):
            _, told = support.run_on_terminal(
                support.BENCH, *CELLS, "--modes=sim", "--chaos=off", "--rates=1000", "--agents=9", columns=columns
            )
            lines = support.lines_left(told)
            self.assertEqual(any("reorder" in line for line in lines), wide, lines)
            self.assertEqual(any("sim chaos:off rate:1000 agents:9" in line for line in lines), wide, lines)
            self.assert_fits("\n".join(lines), columns)

    def test_the_line_that_tells_how_far_it_is_fits_a_narrow_terminal(self):
        _, told = support.run_on_terminal(
            support.BENCH, *CELLS, "--modes=mock", "--chaos=off", "--rates=1000", "--agents=2,3", columns=20
        )
        shown = [piece for piece in re.split(r"[\r\n]+|\x1b\[K", told) if piece.startswith("cell ")]
        self.assertTrue(shown, told)
        self.assertLess(max(map(len, shown)), 21, shown)


class Stress(Columns):
    def test_reports_fit(self):
        for flags in (
            ("--messages=50",),
            ("--sim", "--chaos=storm", "--rate=100000", "--agents=50", "--duration=0.5s"),
            ("--sim", "--chaos", "--crash-downtime=3s", "--rate=1000", "--duration=20s", "--arrivals=poisson"),
            ("--sim", "--servers=2", "--fifo", "--slow-agents=7", "--rate=100000", "--duration=1s",
             "--latency=lognormal:p50=1234567ns,p99=23456789ns"),
            (*MANY, "--agents=2"),
            (*MANY, "--agents=100000", "--types=text"),
            ("--rate=0", "--messages=20000", "--verbose", "--chaos=storm"),
            ("--compare", "--messages=500", "--chaos"),
        ):  # fmt: skip
            self.assert_output_fits(support.STRESS, *flags)

    def test_a_long_name_of_a_profile_fits_too(self):
        told = self.assert_output_fits(
            support.STRESS, "--sim", f"--chaos={self.long_profile()}", "--duration=2s", "--rate=1000"
        )
        self.assertIn(LONG_NAME, told)

    def test_what_is_said_of_a_broker_fits(self):
        done = support.run(support.STRESS, "--real=kafka", "--start-brokers", "--messages=20")
        if "no driver" in done.stderr:
            self.skipTest("built without Kafka's driver")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\nTotals", done.stdout)
        self.assert_fits(done.stdout)


class Compare(Columns):
    def setUp(self):
        super().setUp()
        for name, seed in (("base.json", 1), ("new.json", 1), ("other.json", 2)):
            self.told(
                support.BENCH, *CELLS, "--modes=sim,mock,queue", f"--chaos=on,{self.long_profile()}",
                "--rates=50000,0", "--agents=9", "--crash-rate=0", "--spike-rate=0", "--types=text",
                f"--seed={seed}", f"--benchmark_out={self.path(name)}",
            )  # fmt: skip

    def test_reports_fit(self):
        base, new, other = map(self.path, ("base.json", "new.json", "other.json"))
        codes = (0, 1, 3, 4, 5)
        for flags in (
            (base, new),
            ("--all", base, new),
            ("--all", "--advisory", base, other),
            ("--base", base, "--base", other, "--new", new, "--new", other, "--all", "--advisory"),
            (base, other),
            ("--exact", base, new),
            ("--exact", "--advisory", base, other),
            ("--modes=mock,queue", base),
            ("--modes=mock,queue", "--quantiles=0.5,0.999999", base, new),
        ):  # fmt: skip
            self.assert_output_fits(support.COMPARE, *flags, codes=codes)

    def test_a_wide_terminal_has_verdicts_in_one_line(self):
        base, new = map(self.path, ("base.json", "new.json"))
        for columns, whole in ((80, False), (120, True)):
            _, told = support.run_on_terminal(support.COMPARE, "--all", base, new, columns=columns)
            told = re.sub(r"\x1b\[[0-9]*m", "", told).replace("\r\n", "\n")
            self.assert_fits(told, columns)
            titles = r"(?m)^  (throughput|success|p50 resp|p99 resp|cpu/message) "
            in_one_line = re.findall(titles + r".*  (same|better|worse|cannot tell: needs [0-9]+ runs)$", told)
            self.assertEqual(len(in_one_line), len(re.findall(titles, told)), told)
            self.assertEqual("change  95 % interval" in told, whole, told)


class Help(Columns):
    def test_it_is_as_wide_as_the_terminal(self):
        for program in (support.BENCH, support.STRESS, support.COMPARE,
                        os.environ["SPATE_BROKERS"], os.environ["SPATE_PROXY"]):  # fmt: skip
            self.assert_fits(self.told(program, "--help"))
            widths = []
            for columns in (40, 80, 110, 300):
                _, told = support.run_on_terminal(program, "--help", columns=columns)
                text = told.replace("\r\n", "\n")
                self.assert_fits(text, columns, what=f"{program} {columns}")
                widths.append(max(columns_of(line) for line in text.splitlines()
                                  if not any(re.match(pattern, line) for pattern in LONGER)))  # fmt: skip
            self.assertLessEqual(widths[3], 120)
            if program == support.STRESS:
                self.assertGreater(widths[2], 100)


if __name__ == "__main__":
    support.main()
