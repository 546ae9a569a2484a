"""spate_compare --history from outside: a folder that grows, its trend, and what it refuses.

Usage: history_cli_test.py PATH_OF_SPATE_COMPARE
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
DEADLINE_SECONDS = 120


def result(commit, time, second=0, **context):
    """One process that measured one benchmark."""
    minutes, seconds = divmod(second, 60)
    return {
        "context": {
            "date": f"2026-01-01T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}+00:00",
            "num_cpus": 2,
            **({"git_commit": commit} if commit else {}),
            **context,
        },
        "benchmarks": [{"name": "BM_a", "real_time": time, "cpu_time": 50, "time_unit": "ns"}],
    }


def noise(number):
    """Within 2 % of 1, and no neighbours alike."""
    return 0.98 + 0.04 * (number * 7 % 11) / 10


class HistoryCli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.history = os.path.join(self.folder, "history")

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def run_program(self, *arguments, **variables):
        done = subprocess.run(
            [PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_SECONDS,
            check=False,
            env={**os.environ, **variables},
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def add(self, *contents, flags=()):
        paths = [self.write(f"result{number}.json", each) for number, each in enumerate(contents)]
        done = self.run_program("--history", self.history, *flags, "--add", *paths)
        self.assertEqual((done[0], done[2]), (0, ""))
        return done[1]

    def trend(self, *flags, **variables):
        return self.run_program("--history", self.history, *flags, **variables)

    def add_step(self, points, at, factor=1.3):
        """A commit a minute, of which that one got slower by that factor."""
        self.add(*(
            result(f"{number:012x}", 100 * noise(number) * (factor if number >= at else 1), 60 * number)
            for number in range(points)
        ))  # fmt: skip

    def expect_refused(self, *arguments):
        code, out, err = self.run_program(*arguments)
        self.assertEqual(code, 2, out + err)
        self.assertEqual(out, "")
        self.assertRegex(err, r"\Aspate_compare: [^\n]+\n\Z")
        return err

    def test_a_step_is_shown_with_its_commit_and_fails_only_a_gate(self):
        self.add_step(40, 33)
        code, out, err = self.trend()
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"worse \+\d\d\.\d% \(.* \.\. .*\) since 000000000021 of 2026-01-01\n")
        self.assertEqual(self.trend("--fail-on", "worse")[0], 1)
        self.assertEqual(self.trend("--fail-on", "worse", "--recent", "6")[0], 0)
        self.assertEqual(self.trend("--fail-on", "better")[0], 0)
        self.assertEqual(self.trend("--fail-on", "worse", "--metric", "cpu*")[0], 0)
        self.assertEqual(self.trend("--fail-on", "worse", "--effect", "real_time=50")[0], 0)

    def test_a_known_step_does_not_fail(self):
        self.add_step(40, 33)
        known = {"cell": "BM_*", "metric": "real_time", "reason": "agreed", "expires": "2027-01-01"}
        file = self.write("known", {"acknowledgements": [known]})
        flags = ("--fail-on", "worse", "--acknowledge", file)
        code, out, _ = self.trend(*flags, "--date", "2026-12-31")
        self.assertEqual(code, 0)
        self.assertIn("acknowledged +", out)
        self.assertEqual(self.trend(*flags, "--date", "2027-01-02")[0], 1)

    def test_nothing_changed_is_fine(self):
        self.add_step(40, 40)
        code, out, _ = self.trend("--fail-on", "worse")
        self.assertEqual(code, 0)
        self.assertIn("0 steps for the worse", out)

    def test_a_report_in_its_folder_is_refused(self):
        self.add_step(5, 5)
        before = sorted(os.listdir(self.history))
        for path in (self.history, self.history + "/.", os.path.join(self.history, "..", os.path.basename(self.history))):
            code, _, error = self.trend("--json", os.path.join(path, "trend.json"))
            self.assertEqual((code, error.count("\n")), (2, 1))
            self.assertIn("is in the history's folder", error)
        self.assertEqual(sorted(os.listdir(self.history)), before)
        self.assertEqual(self.trend("--json", self.history + ".json")[0], 0)

    def test_too_few_points_exit_3_for_a_gate_and_0_for_people(self):
        self.add_step(5, 5)
        code, out, _ = self.trend()
        self.assertEqual(code, 0)
        self.assertIn("15 are needed", " ".join(out.split()))
        self.assertNotIn("real time", out)
        self.assertIn("real time", self.trend("--all")[1])
        self.assertEqual(self.trend("--fail-on", "worse")[0], 3)

    def test_what_was_added_is_said_and_the_same_twice_is_one(self):
        content = result("a" * 40, 5)
        self.assertRegex(self.add(content), r"\Akept .*/20260101T000000Z-aaaaaaaaaaaa-[0-9a-f]{16}\.json\n\Z")
        self.assertRegex(self.add(content), r"\Ahas  ")
        self.assertEqual(len(os.listdir(self.history)), 1)

    def test_a_result_without_a_commit_takes_the_given_one(self):
        self.add(result(None, 5), flags=("--commit", "c" * 40))
        self.assertIn("-cccccccccccc-", os.listdir(self.history)[0])
        self.assertIn("commit", self.expect_refused(
            "--history", self.history, "--add", self.write("x", result("a", 5)), "--commit", "b"))  # fmt: skip
        undated = result("a", 5)
        del undated["context"]["date"]
        path = self.write("undated.json", undated)
        self.assertIn("undated.json", self.expect_refused("--history", self.history, "--add", path))
        self.add(undated, flags=("--date", "2026-02-03"))
        self.assertIn("20260203T000000Z-a-", " ".join(os.listdir(self.history)))

    def test_entries_are_files_that_the_program_itself_compares(self):
        self.add(*(result("a", 100 * noise(number), number) for number in range(8)))
        flags = [each for name in os.listdir(self.history) for each in ("--base", os.path.join(self.history, name))]
        flags += [flag.replace("--base", "--new") for flag in flags]
        self.assertEqual(self.run_program(*flags)[0], 0)

    def test_adding_at_the_same_time_keeps_all(self):
        paths = [self.write(f"{number}", result("a", number + 1, number)) for number in range(12)]
        adders = [subprocess.Popen([PROGRAM, "--history", self.history, "--add", path, paths[0]],
                                   stdout=subprocess.DEVNULL) for path in paths]  # fmt: skip
        self.assertEqual([adder.wait(DEADLINE_SECONDS) for adder in adders], [0] * 12)
        self.assertEqual(len(os.listdir(self.history)), 12)
        self.assertEqual(json.loads(self.trend("--format", "json")[1])["points"][0]["results"], 12)

    def test_a_damaged_entry_is_named_and_makes_it_inconclusive(self):
        self.add_step(20, 20)
        name = sorted(os.listdir(self.history))[3]
        path = os.path.join(self.history, name)
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) - 4)
        code, out, err = self.trend("--all")
        self.assertEqual((code, err), (3, ""))
        self.assertRegex(" ".join(out.split()), rf" note left out: \S*{name} ends too early")
        self.assertIn("19 points", out)
        self.assertIn("1 file left out", out)

    def test_ascii_alone_where_the_locale_has_no_more(self):
        self.add_step(20, 20)
        self.assertIn("\u2192", self.trend(LC_ALL="C.UTF-8")[1])
        self.assertTrue(self.trend(LC_ALL="C")[1].isascii())
        self.assertTrue(self.trend("--ascii", LC_ALL="C.UTF-8")[1].isascii())

    def test_reports_agree(self):
        self.add_step(40, 33)
        path = os.path.join(self.folder, "trend.json")
        code, out, _ = self.trend("--format", "markdown", "--json", path, "--fail-on", "worse")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        self.assertEqual((code, found["exit_code"], found["verdict"]), (1, 1, "regression"))
        self.assertTrue(out.startswith(f"**{found['summary'].replace('_', '')}**"), out)
        (step,) = found["series"][0]["metrics"]["real_time"]["steps"]
        self.assertEqual((step["point"], step["new"]), (33, True))

    def test_flags_that_do_not_go_together_are_refused(self):
        self.add(result("a", 5))
        path = self.write("run.json", result("a", 5))
        for arguments, piece in {
            ("--history", self.history, path): "--add",
            ("--history", self.history, "--exact"): "--exact does not go with --history",
            ("--history", self.history, "--base", path): "--base does not go",
            ("--history", self.history, "--modes", "a,b"): "--modes does not go",
            ("--history", self.history, "--format", "junit"): "--format junit does not go",
            ("--history", self.history, "--junit", "x"): "--junit does not go",
            ("--history", self.history, "--fail-on", "new"): "--fail-on new does not go",
            ("--history", self.history, "--commit", "a"): "--commit without --add",
            ("--history", self.history, "--add", path, "--fail-on", "worse"): "--fail-on with --add",
            ("--history", self.history, "--add", path, "--commit", "a b"): "--commit is 'a b'",
            ("--history", self.history, "--recent", "0"): "--recent is '0'; expected",
            ("--history", self.history, "--recent", "abc"): "--recent is 'abc'; expected a number of points",
            ("--history", self.history, "--recent", "-1"): "--recent is '-1'; expected",
            ("--history", self.history, "--recent", "3.5"): "--recent is '3.5'; expected",
            ("--history", self.history, "--alpha", "abc"): "--alpha is 'abc'; expected more than 0",
            ("--history", self.history, "--alpha", "0.00001"): "--alpha is",
            ("--add", path): "--add goes with --history",
            ("--cell", "*", path, path): "--cell goes with --history",
            ("--metric", "cpu*", path, path): "--metric",
            ("--history",): "--history",
        }.items():
            with self.subTest(arguments[1:]):
                self.assertIn(piece, self.expect_refused(*arguments))

    def test_folders_that_are_none_are_refused(self):
        path = self.write("run.json", result("a", 5))
        self.assertIn("is not there", self.expect_refused("--history", self.history))
        self.assertIn(path, self.expect_refused("--history", path))
        self.assertIn("is no folder", self.expect_refused("--history", path, "--add", path))
        self.assertIn("cannot make", self.expect_refused("--history", os.path.join(path, "x"), "--add", path))
        bad = self.write("bad.json", b"[]")
        self.assertIn("bad.json", self.expect_refused("--history", self.history, "--add", path, bad))
        self.assertFalse(os.path.exists(self.history))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_without_permission_is_refused(self):
        os.mkdir(self.history, 0o500)
        path = self.write("run.json", result("a", 5))
        self.assertIn("ermission", self.expect_refused("--history", self.history, "--add", path))

    def test_an_empty_history_says_so(self):
        os.mkdir(self.history)
        code, out, _ = self.trend()
        self.assertEqual(code, 0)
        self.assertIn("0 lines over 0 points", out)
        self.assertEqual(self.trend("--fail-on", "worse")[0], 3)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
