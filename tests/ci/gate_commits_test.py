"""ci/gate from outside, in a repository whose commits say what cmake is to build of them."""

import os
import shutil
import signal
import subprocess

import gate_support
import support
from gate_support import CELLS

# Asked to build, it does what the commit says.
CMAKE = """#!/bin/sh
[ "$1" = --build ] || exit 0
mkdir -p "$2/bin"
exec sh "$2/../../recipe" "$2/bin"
"""


class Commits(gate_support.GateTest):
    def setUp(self):
        super().setUp()
        for name in ("repository/ci", "programs", "temporary"):
            os.makedirs(self.path(name))
        for name in ("gate", "gate_rounds", "gate_flags.py", "steps.sh"):
            shutil.copy(os.path.join(gate_support.CI, name), self.path("repository/ci"))
        self.program_of("repository/ci/deps", "#!/bin/sh\n")
        self.program_of("programs/cmake", CMAKE)
        self.environment = support.environment(
            PATH=self.path("programs") + os.pathsep + os.environ["PATH"],
            TMPDIR=self.path("temporary"),
            GIT_CONFIG_GLOBAL=os.devnull,
            GIT_CONFIG_SYSTEM=os.devnull,
        )
        self.git("init", "--quiet")

    def git(self, *arguments):
        identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
        done = support.run("git", *identity, *arguments, env=self.environment, cwd=self.path("repository"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def commit(self, recipe):
        """A commit that is built by this shell script, whose $1 is the folder for the programs."""
        self.write("repository/recipe", recipe)
        self.git("add", "recipe")
        self.git("commit", "--quiet", "--message=Another recipe")

    def commit_scaled(self, factor):
        bench = self.scaled(f"programs/bench_{factor}", factor)
        self.commit(f'cp "{bench}" "$1/spate_bench"\nln -s "{support.COMPARE}" "$1/spate_compare"\n')

    def gate(self, *options):
        command = (self.path("repository/ci/gate"), *options)
        done = support.run(*command, env=self.environment, cwd=self.folder)
        self.assert_nothing_left()
        return done

    def assert_nothing_left(self):
        self.assertEqual(os.listdir(self.path("temporary")), [])
        self.assertEqual(len(self.git("worktree", "list").splitlines()), 1)

    def test_a_slower_head_is_found_and_nothing_but_results_is_left(self):
        self.commit_scaled(1)
        self.commit_scaled(1.5)
        done = self.gate("HEAD~1", "--", *CELLS)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        hashes = self.git("log", "--format=%h").split()
        report = self.read("repository/results/gate/report.md")
        self.assertTrue(report.startswith(f"# Gate: {hashes[0]} against {hashes[1]}\n"), report)
        self.assertEqual(len(self.runs()), 12 + 24)

    def test_a_history_gets_what_was_measured_under_the_names_of_the_commits(self):
        self.commit_scaled(1)
        self.commit_scaled(0.5)
        done = self.gate("HEAD~1", "--history", "kept", "--", *CELLS)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        names = "".join(os.listdir(self.path("kept")))
        for commit in self.git("log", "--format=%H").split():
            self.assertEqual(names.count(f"-{commit[:12]}-"), 6, names)

    def test_what_is_not_committed_is_left_out_and_said(self):
        self.commit_scaled(1)
        self.write("repository/recipe", "exit 1\n")
        done = self.gate("HEAD", "--", *CELLS)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("Left out: what is not committed.\n", done.stdout)

    def test_given_flags_stand_in_for_defaults_of_the_same_name(self):
        self.commit_scaled(1)
        self.assertEqual(self.gate("HEAD", "--", *CELLS).returncode, 0)
        flags = self.runs()[0][1]
        self.assertEqual(tuple(flags[: len(CELLS)]), CELLS)
        self.assertEqual([flag.partition("=")[0] for flag in flags[len(CELLS) :]], ["--workers", "--latency"])

    def test_a_side_that_does_not_build_is_named_with_what_was_said(self):
        self.commit("echo no such header\nexit 1\n")
        self.commit_scaled(1)
        done = self.gate("HEAD~1", "--", *CELLS)
        base = self.git("rev-parse", "--short", "HEAD~1").strip()
        self.assert_line(done, 2, f"base ({base}) does not build; all that was said: ", "build-base.log")
        self.assertIn("no such header\n", done.stdout)

    def test_with_itself_it_builds_once_and_writes_rules_where_it_is_told_to(self):
        bench = self.scaled("programs/bench")
        built = self.path("built")
        self.commit(f'echo x >>"{built}"\ncp "{bench}" "$1/spate_bench"\n'
                    f'ln -s "{support.COMPARE}" "$1/spate_compare"\n')  # fmt: skip
        done = self.gate("--self", "--calibrate", "mine.json", "--", *CELLS)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(self.read("built"), "x\n")
        self.assertEqual(len(self.runs()), 48)
        self.assertIn('"rules"', self.read("mine.json"))

    def test_an_interrupt_ends_what_it_builds_or_runs(self):
        waiting = self.waiting("programs/waiting", "pid")
        for what, recipe in (("build", f'"{waiting}"'), ("run", f'cp "{waiting}" "$1/spate_bench"')):
            self.commit(recipe + "\n")
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(f"{what}, {number.name}"):
                    self.interrupt(number)
                    self.assert_nothing_left()

    def interrupt(self, number):
        command = (self.path("repository/ci/gate"), "--self")
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            pid = self.wait_for_process("pid", process)
            os.remove(self.path("pid"))
            process.send_signal(number)
            told = process.communicate(timeout=support.DEADLINE_SECONDS)[1]
            self.assertEqual(process.returncode, 3, told)
            self.assertIn("gate: interrupted\n", told)
            self.assert_ended(pid)

    def test_bad_usage_is_told_before_anything_is_built(self):
        self.commit("exit 1\n")
        self.write("file", "")
        for options, piece in {
            (): "expected BASE_REF or --self",
            ("--nosuch",): "unknown flag '--nosuch'",
            ("HEAD", "HEAD~1"): "two commits given",
            ("nosuch",): "'nosuch' is no commit",
            ("--self", "HEAD"): "--self compares HEAD with itself; leave out 'HEAD'",
            ("HEAD", "--calibrate"): "--calibrate needs --self",
            ("HEAD", "--rules", "nosuch"): "--rules needs a file that is there, got 'nosuch'",
            ("HEAD", "--acknowledge"): "--acknowledge needs a file",
            ("HEAD", "--history"): "--history needs a folder",
            ("HEAD", "--history", "file"): "--history needs a folder, got 'file'",
            ("--self", "--history", "kept"): "--history keeps the results of two commits",
        }.items():
            done = self.gate(*options)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)
            self.assertIn(f"gate: {piece}", done.stderr)
        self.assertFalse(os.path.exists(self.path("repository/results")))


if __name__ == "__main__":
    support.main()
