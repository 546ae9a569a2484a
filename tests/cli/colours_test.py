"""NO_COLOR and TERM=dumb, in every program, on a terminal: no-color.org's rule is that NO_COLOR counts where it is set
and not empty."""

import os
import re

import support

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ESCAPE = re.compile(r"[\x1b\x08]|\r(?!\n)")
CELL = ("--modes=mock,queue", "--chaos=off", "--rates=1000", "--agents=9", "--duration=0.05s", "--benchmark_filter=^delivery/")


class Colours(support.CliTest):
    def setUp(self):
        super().setUp()
        for name in ("base.json", "new.json"):
            self.ok(*CELL, self.output(name))
        self.pair = (self.path("base.json"), self.path("new.json"))

    def told(self, program, *flags, **variables):
        code, told = support.run_on_terminal(program, *flags, **variables)
        self.assertIn(code, (0, 3), told)  # 3: two runs are too few to tell
        return told

    def programs(self):
        """Of each program a command line that says something."""
        return (
            (support.STRESS, "--messages=5"),
            (support.STRESS, "--compare", "--messages=50"),
            (support.BENCH, *CELL),
            (support.BENCH, *CELL, "--benchmark_color=true"),
            (support.BENCH, *CELL, "--benchmark_repetitions=2", "--benchmark_color=auto"),
            (support.COMPARE, *self.pair),
            (support.COMPARE, "--modes=mock,queue", self.pair[0]),
            *((program, "--help") for program in (support.BENCH, support.STRESS, support.COMPARE,
                                                  os.environ["SPATE_BROKERS"], os.environ["SPATE_PROXY"])),
        )  # fmt: skip

    def test_no_program_colours_where_it_is_not_wanted(self):
        for program, *flags in self.programs():
            for variables in ({"NO_COLOR": "1"}, {"NO_COLOR": "0"}):
                with self.subTest(f"{program} {flags} {variables}"):
                    told = self.told(program, *flags, **variables)
                    self.assertIsNone(COLOUR.search(told), told)

    def test_a_dumb_terminal_gets_plain_lines(self):
        for program, *flags in self.programs():
            with self.subTest(f"{program} {flags}"):
                told = self.told(program, *flags, TERM="dumb")
                self.assertIsNone(ESCAPE.search(told), repr(told))

    def test_else_a_terminal_has_colours(self):
        for variables in ({}, {"NO_COLOR": ""}):
            for program, *flags in ((support.STRESS, "--messages=5"), (support.COMPARE, *self.pair)):
                with self.subTest(f"{program} {variables}"):
                    self.assertIsNotNone(COLOUR.search(self.told(program, *flags, **variables)))

    def test_a_flag_that_asks_for_colours_has_the_last_word(self):
        told = self.told(support.COMPARE, "--color=always", *self.pair, NO_COLOR="1")
        self.assertIsNotNone(COLOUR.search(told))
        told = self.told(support.COMPARE, "--color=never", *self.pair)
        self.assertIsNone(COLOUR.search(told))


if __name__ == "__main__":
    support.main()
