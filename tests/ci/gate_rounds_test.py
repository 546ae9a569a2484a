"""ci/gate_rounds from outside: its rounds, its two stages, its report and how it ends."""

import json
import os
import shutil
import signal
import subprocess

import gate_support
import support
from gate_support import CELLS

GATE_ROUNDS = os.path.join(gate_support.CI, "gate_rounds")


def names(stage_rounds):
    """Of the result files of so many rounds, in the order A B B A."""
    return [
        f"{number:02}-{side}.json"
        for number in range(1, stage_rounds + 1)
        for side in (("base", "head") if number % 2 else ("head", "base"))
    ]


class Rounds(gate_support.GateTest):
    def command(self, base, head, *options, flags=CELLS):
        programs = ("--base", base, "--head", head, "--compare", support.COMPARE)
        return (GATE_ROUNDS, *programs, "--out", self.path("out"), *options, "--", *flags)

    def gate(self, *arguments, **named):
        return support.run(*self.command(*arguments, **named))

    def test_nothing_flagged_is_fine_after_six_rounds(self):
        done = self.gate(self.scaled("base"), self.scaled("head"), "--title", "Gate of a test")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(self.runs(), [[name, list(CELLS)] for name in names(6)])
        report = self.read("out/report.md")
        self.assertTrue(report.startswith("# Gate of a test\n\n## Screening: 6 rounds\n"), report)
        self.assertIn("Nothing was flagged.", report)
        self.assertNotIn("Confirmation", report)

    def test_what_was_flagged_alone_runs_twelve_fresh_rounds_that_decide(self):
        done = self.gate(self.scaled("base"), self.scaled("head", 1.5))
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        runs = self.runs()
        self.assertEqual([name for name, _ in runs], names(6) + names(12))
        confirming = runs[-1][1]
        self.assertEqual(confirming[:-1], [flag for flag in CELLS if "filter" not in flag])
        self.assertRegex(confirming[-1], r"^--benchmark_filter=\^\(delivery/[^|]*/rate:20000/[^|]*\)\$$")
        report = self.read("out/report.md")
        self.assertRegex(report, r"(?m)^- .*rate:20000.*: cpu_time \+[45]\d\.\d%$")
        self.assertIn("## Confirmation: 12 rounds\n", report)
        confirmed = json.loads(self.read("out/confirmation.json"))
        self.assertEqual(confirmed["alpha"], 0.0025)
        self.assertEqual([cell["metrics"]["cpu_time"]["runs"] for cell in confirmed["cells"]], [[12, 12]])

    def test_a_flag_that_fresh_rounds_do_not_confirm_is_no_alarm(self):
        # As slow as that in the first twelve runs alone.
        head = self.scaled("head", 'number <= 12 and "head" in out and 1.5 or 1')
        done = self.gate(self.scaled("base"), head)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(len(self.runs()), 12 + 24)

    def test_what_got_faster_is_not_run_again(self):
        done = self.gate(self.scaled("base"), self.scaled("head", 0.5))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.runs()), 12)

    def test_rules_and_acknowledgements_reach_the_judge(self):
        rules = {"rules": [{"metric": "cpu_time", "cell": "*rate:20000*", "effect": 9}]}
        file = self.program_of("rules.json", json.dumps(rules))
        done = self.gate(self.scaled("base"), self.scaled("head", 1.5), "--rules", file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.runs()), 12)
        done = self.gate("base", "head", "--acknowledge", self.path("nosuch.json"))
        self.assertEqual(done.returncode, 2)

    def kept(self):
        """How many results of which commit the history has."""
        found = [name.split("-")[1] for name in os.listdir(self.path("history"))]
        return {commit: found.count(commit) for commit in sorted(found)}

    def test_history_keeps_both_sides_once_and_reports_the_trend(self):
        # Of a commit of which it has results already, those of the base are no news.
        base, head = "a" * 40, "b" * 40
        history = ("--history", self.path("history"), "--commits")
        done = self.gate(self.scaled("base"), self.scaled("head"), *history, base, head)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(self.kept(), {"a" * 12: 6, "b" * 12: 6})
        self.assertRegex(done.stdout, r"\nHistory, .*: fine: \d+ lines over 2 points of 12 results")
        self.assertRegex(self.read("out/report.md"), r"## History\n\n\*\*fine: .*\n\n\| cell \| metric \|")
        shutil.rmtree(self.path("out"))
        done = self.gate(self.scaled("base"), self.scaled("head", 1.5), *history, head, "c" * 40)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        self.assertEqual(self.kept(), {"a" * 12: 6, "b" * 12: 6, "c" * 12: 6 + 12})

    def test_history_of_programs_without_a_commit_goes_by_date(self):
        done = self.gate(self.scaled("base"), self.scaled("head"), "--history", self.path("history"))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("over 12 points of 12 results", done.stdout)

    def test_a_history_that_cannot_be_written_is_told(self):
        self.write("history", "")
        done = self.gate(self.scaled("base"), self.scaled("head"), "--history", self.path("history"))
        self.assert_line(done, 2, "history: ", self.path("history"), "is no folder")

    def test_a_program_that_fails_ends_it_with_its_line_and_code(self):
        failing = self.program_of("failing", "#!/bin/sh\necho before >&2\necho failing: the ledger >&2\nexit 7\n")
        done = self.gate(self.scaled("base"), failing)
        self.assert_line(done, 7, "head, 01-head.json: exit code 7: failing: the ledger")
        self.assertEqual(len(self.runs()), 1)
        self.assertIn("failing: the ledger", self.read("out/report.md"))

    def test_a_flag_that_the_base_lacks_is_said_in_its_words(self):
        done = self.gate(support.BENCH, self.scaled("head"), flags=("--nosuch",))
        self.assert_line(done, 2, "base, 01-base.json: exit code 2: spate_bench: ", "--nosuch")

    def test_a_program_that_a_signal_ends_is_a_finding(self):
        done = self.gate(self.scaled("base"), self.program_of("crash", "#!/bin/sh\nkill -SEGV $$\n"))
        self.assert_line(done, 1, "head, 01-head.json: ended by SIGSEGV")

    def test_a_cell_that_is_gone_ends_it_after_the_screening_whatever_else_is_flagged(self):
        script = '#!/bin/sh\nexec "{}" "$@" --benchmark_filter={}\n'
        wide = self.program_of("wide", script.format(self.scaled("base"), "^delivery/"))
        narrow = self.program_of("narrow", script.format(self.scaled("head", 1.5), "rate:20000/"))
        done = self.gate(wide, narrow, flags=CELLS[:-1])
        self.assertEqual((done.returncode, done.stderr), (5, ""), done.stdout)
        self.assertEqual(len(self.runs()), 12)

    def test_bad_usage_is_told_and_runs_nothing(self):
        base = self.scaled("base")
        for options in (("--nosuch",), ("--noise", "17"), ("--noise", "x"), ("--write-rules", "x"),
                        ("--commits", "a", "b"), ("--history", "h", "--noise", "18")):  # fmt: skip
            done = self.gate(base, base, *options)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)
            self.assertIn("gate_rounds: error: ", done.stderr)
        self.assertEqual(support.run(GATE_ROUNDS).returncode, 2)
        self.assertFalse(os.path.exists(self.path("log")))

    def test_a_program_that_is_not_there_is_named(self):
        self.assert_line(self.gate(self.path("nosuch"), "x"), 2, self.path("nosuch"))

    def test_results_of_another_gate_are_not_overwritten(self):
        os.makedirs(self.path("out/screening"))
        self.assert_line(self.gate(self.scaled("base"), self.scaled("head")), 2, "screening", "exists")
        self.assertEqual(os.listdir(self.path("out")), ["screening"])

    def test_an_interrupt_ends_the_program_that_runs(self):
        waiting = self.waiting("waiting", "pid")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name), subprocess.Popen(
                self.command(waiting, waiting), stderr=subprocess.PIPE, text=True
            ) as process:
                pid = self.wait_for_process("pid", process)
                process.send_signal(number)
                told = process.communicate(timeout=support.DEADLINE_SECONDS)[1]
                self.assertEqual(process.returncode, 3)
                self.assertEqual(told, f"gate_rounds: interrupted by {number.name}\n")
                self.assert_ended(pid)
            os.remove(self.path("pid"))
            os.rmdir(self.path("out/screening"))

    def test_a_program_without_noise_raises_no_alarm_and_needs_no_rules(self):
        program = self.scaled("same")
        rules = self.path("rules.json")
        done = self.gate(program, program, "--noise", "18", "--write-rules", rules)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual([name for name, _ in self.runs()], names(18))
        report = self.read("out/report.md")
        self.assertIn("0 of 400 cells flagged in 6 rounds, of which 0 were worse in 12 others; so false alarms are 0.000% of cells", report)
        self.assertRegex(report, r"\| .*rate:20000.* \| cpu_time \| 15\.0% \| \d\.\d% \| \d\.\d% \|")
        self.assertEqual(json.loads(self.read("rules.json")), {"rules": []})


if __name__ == "__main__":
    support.main()
