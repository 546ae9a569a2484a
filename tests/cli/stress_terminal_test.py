"""The live line of spate_stress: on a terminal, as wide as that is, and nowhere else."""

import re

import support

# Long enough for a few looks at it, which are a fifth of a second apart.
RUN = ("--rate=2000", "--duration=1s", "--chaos", "--crash-rate=0.1", "--spike-max=5ms")
TIME = r"(-|[0-9.]+ (ns|us|ms|s))"
COUNT = r"[0-9.]+[kMG]?"
LEFT = r"[0-9.]+ s \([0-9.]+ s left\)"
WHOLE_LINE = re.compile(
    rf"{LEFT}  {COUNT}/s  success [0-9.]+%  p50 {TIME}  p99 {TIME}"
    rf"  in flight {COUNT}  chaos {COUNT}  sent {COUNT}"
)
ANY_LINE = re.compile(r"[0-9.]+ s \(([0-9.]+ s left|draining|overrun)\)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def live_lines(told):
    """All that were ever shown, by what followed when each was cleared."""
    pieces = re.split(r"\r\x1b\[K|\n", told)
    return [piece for piece in pieces if ANY_LINE.match(piece)]


class LiveLine(support.StressTest):
    def told(self, *flags, **options):
        code, told = support.run_on_terminal(self.program, *RUN, *flags, **options)
        self.assertEqual(code, 0, told)
        return told

    def assert_gone(self, told):
        self.assertTrue(live_lines(told))
        left = support.lines_left(told)
        self.assertFalse([line for line in left if ANY_LINE.search(line)], left)
        self.assertTrue([line for line in left if "Repeat" in line], left)

    def test_it_has_all_figures_on_a_wide_terminal_and_is_gone_at_the_end(self):
        told = self.told(columns=200)
        lines = live_lines(told)
        self.assertTrue([line for line in lines if WHOLE_LINE.fullmatch(line)], lines)
        elapsed = [float(line.split()[0]) for line in lines]
        self.assertEqual(elapsed, sorted(set(elapsed)), "it goes on")
        self.assert_gone(told)

    def test_it_is_never_wider_than_the_terminal(self):
        for columns in (40, 20):
            lines = live_lines(self.told(columns=columns))
            self.assertTrue(lines, columns)
            self.assertLessEqual(max(map(len, lines)), columns)
            # Whole figures: no line ends in the middle of one.
            for line in lines:
                self.assertRegex(line, rf"({TIME}|%|/s|left\)|draining\)|overrun\)| -)\Z")

    def test_a_terminal_too_narrow_for_any_figure_shows_none(self):
        self.assertEqual(live_lines(self.told(columns=5)), [])

    def test_events_are_said_above_it(self):
        told = self.told("--compare", "--verbose", self.output(), columns=200)
        rows = support.load(self.path())["benchmarks"]
        said = [line for line in support.lines_left(told)
                if re.fullmatch(r" *[0-9.]+ s  Agent-\d+ +message \d+: [^\r]+", line)]  # fmt: skip
        self.assertEqual(len(said), sum(row["crashed"] + row["spiked"] for row in rows))
        self.assert_gone(told)

    def test_a_closed_loop_has_one_too(self):
        code, told = support.run_on_terminal(
            self.program, "--rate=0", "--duration=1s", "--success-rate=1", columns=200
        )
        self.assertEqual(code, 0, told)
        self.assertTrue([line for line in live_lines(told) if WHOLE_LINE.fullmatch(line)], told)

    def test_elsewhere_there_is_none(self):
        done = self.ok(*RUN)
        self.assertNotRegex(done.stdout, r"[\r\x1b]")
        self.assertEqual(live_lines(done.stdout), [])

    def test_a_dumb_terminal_gets_plain_text(self):
        told = self.told(TERM="dumb").replace("\r\n", "\n")
        self.assertNotRegex(told, r"[\r\x1b]")
        self.assertEqual(live_lines(told), [])
        self.assertIn("Totals", told)


class Colours(support.StressTest):
    def test_a_terminal_has_colours_unless_it_is_told_otherwise(self):
        for variables, coloured in (
            ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "0"}, False), ({"TERM": "dumb"}, False),
        ):  # fmt: skip
            with self.subTest(variables):
                code, told = support.run_on_terminal(self.program, "--messages=5", **variables)
                self.assertEqual(code, 0, told)
                self.assertEqual(COLOUR.search(told) is not None, coloured)

    def test_without_colours_the_live_line_is_there(self):
        _, told = support.run_on_terminal(self.program, *RUN, NO_COLOR="1")
        self.assertIsNone(COLOUR.search(told))
        self.assertTrue(live_lines(told))

    def test_elsewhere_there_are_none(self):
        done = self.ok("--messages=5", env=support.environment(TERM="xterm"))
        self.assertIsNone(COLOUR.search(done.stdout))


if __name__ == "__main__":
    support.main()
