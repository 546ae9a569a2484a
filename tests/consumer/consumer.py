"""What the tests of those who use Spate share: projects of their own, built from nothing and run.

SPATE_SOURCE and SPATE_BUILD are Spate's folders, SPATE_VERSION what it is to be, SPATE_CXX the compiler, and
SPATE_LAUNCHER what stands before it, if anything does.
"""

import json
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ["SPATE_SOURCE"]
BUILD = os.environ["SPATE_BUILD"]
VERSION = os.environ["SPATE_VERSION"]
CXX = os.environ["SPATE_CXX"]
LAUNCHER = os.environ.get("SPATE_LAUNCHER", "")
DEADLINE_SECONDS = 1500  # the whole library, on a machine with other work


def environment(**extra):
    """Without what would lead to another Spate, or to flags of the caller's."""
    kept = {
        k: v for k, v in os.environ.items()
        if not k.startswith(("CMAKE_PREFIX_PATH", "PKG_CONFIG", "CXXFLAGS", "LDFLAGS", "DESTDIR", "BENCHMARK_"))
    }  # fmt: skip
    kept.update(extra)
    return kept


def run(*command, cwd=None, env=None):
    return subprocess.run(
        command, cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False,
    )  # fmt: skip


class ConsumerTest(unittest.TestCase):
    """One folder for all tests of a class, since what is in it takes long to make."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.folder, *names)

    @staticmethod
    def ok(*command, **options):
        """Runs a command, which must succeed, and returns what it printed."""
        done = run(*command, **options)
        if done.returncode != 0:
            told = "\n".join((done.stdout + done.stderr).splitlines()[-60:])
            raise AssertionError(f"exit {done.returncode} of {command}\n{told}")
        return done.stdout

    @classmethod
    def configure(cls, project, name, *flags, env=None):
        """The finished call of cmake for a project of this folder; the build folder is path(name)."""
        launcher = [f"-DCMAKE_CXX_COMPILER_LAUNCHER={LAUNCHER}"] if LAUNCHER else []
        return run(
            "cmake", "-G", "Ninja", "-S", os.path.join(HERE, project), "-B", cls.path(name),
            f"-DCMAKE_CXX_COMPILER={CXX}", "-DSPATE_FETCH_DEPENDENCIES=OFF", *launcher, *flags,
            env=env,
        )  # fmt: skip

    @classmethod
    def build(cls, project, name, *flags):
        """The same, which must succeed, and everything built; returns what cmake said."""
        done = cls.configure(project, name, *flags)
        told = done.stdout + done.stderr
        if done.returncode != 0:
            raise AssertionError(told)
        cls.ok("cmake", "--build", cls.path(name))
        return told

    def assert_library_works(self, program):
        told = self.ok(program)
        self.assertRegex(told, rf"\A{VERSION} = {VERSION}: [1-9][0-9]{{2,}} deliveries\n\Z")

    def assert_clean(self, path, mode):
        """One row of that mode in a result file, in which every delivery is accounted for."""
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        (row,) = result["benchmarks"]
        self.assertIn(f"/mode:{mode}/", row["name"])
        self.assertEqual(row["spate"]["cell"]["mode"], mode)
        self.assertGreater(row["delivered"], 50)
        self.assertEqual(row["expected"], row["delivered"])
        self.assertEqual(row["duplicated"] + row["corrupted"] + row["anomalies"] + row["aliens"], 0)
        self.assertEqual(result["context"]["spate_version"], VERSION)
        self.assertFalse(result["context"]["interrupted"])

    def assert_programs_work(self, folder):
        """Those of programs.cmake that bring a mode of their own: a cell of the matrix, and a run."""
        cell, stress = self.path("cell.json"), self.path("stress.json")
        self.ok(
            os.path.join(folder, "own_bench"), "--modes=mine", "--chaos=off", "--rates=1000", "--agents=3",
            "--duration=0.1", "--benchmark_filter=^delivery/", f"--benchmark_out={cell}",
        )  # fmt: skip
        self.assert_clean(cell, "mine")
        self.ok(
            os.path.join(folder, "own_stress"), "--real=mine", "--rate=1000", "--duration=0.1s",
            f"--output={stress}",
        )  # fmt: skip
        self.assert_clean(stress, "mine")
        told = self.ok(os.path.join(folder, "own_conformance"))
        self.assertRegex(told, r"(?m)^mine\b")
        self.assertNotIn("BROKEN", told)


def main():
    unittest.main(verbosity=1)
