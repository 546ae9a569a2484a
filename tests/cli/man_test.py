"""The man pages: sound to mandoc, shown by man, and with all that --help has."""

import os
import re
import shutil
import subprocess
import unittest

import support

SHARE = os.environ["SPATE_SHARE"]
PROGRAMS = support.PROGRAMS
MANPATH = os.path.join(SHARE, "man")


def page_of(program):
    return os.path.join(MANPATH, "man1", f"{program}.1")


def without_breaks(text):
    return re.sub(r"\s+", " ", text)


class Pages(unittest.TestCase):
    def shown(self, program):
        done = subprocess.run(
            ["mandoc", "-T", "utf8", "-O", "width=300", page_of(program)],
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=True,
        )  # fmt: skip
        return re.sub(".\b", "", done.stdout)  # it prints bold and underlined as a typewriter does

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_mandoc_has_nothing_to_say_against_them(self):
        for program in PROGRAMS:
            done = subprocess.run(
                ["mandoc", "-T", "lint", page_of(program)],
                capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
            )  # fmt: skip
            said = done.stdout.splitlines() + done.stderr.splitlines()
            # It looks for the pages that this one names among those that are installed.
            unknown = [line for line in said if re.search("referenced manual not found: Xr spate_", line)]
            self.assertEqual([line for line in said if line not in unknown], [], program)
            self.assertLessEqual(len(unknown), len(PROGRAMS) - 1)

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_they_have_every_flag_and_all_that_help_says_of_it(self):
        for program, path in PROGRAMS.items():
            help_text = support.run(path, "--help").stdout
            page = self.shown(program)
            flags = re.findall(r"(?m)^  (?:-h,)?(--[\w-]+)", help_text)
            self.assertGreaterEqual(len(flags), 4, help_text)
            for flag in flags:
                self.assertRegex(page, rf"(?m)^ +(-h, )?{flag}\b", f"{program}: {flag}")
            # Each example, and each exit code.
            for example in re.findall(rf"(?m)^  ({program}(?: \S+)*)", help_text):
                self.assertIn(example, page)
            codes = re.findall(r"(?m)^  ([0-9])  ", help_text.partition("Exit codes")[2])
            self.assertGreaterEqual(len(codes), 2, help_text)
            for code in codes:
                self.assertRegex(page, rf"(?m)^ +{code}(  |$)", program)
            for variable in re.findall(r"(?m)^  ([A-Z][A-Z_]+[A-Z])  ", help_text):
                self.assertRegex(page, rf"(?m)^ +{variable}\b", program)

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_what_a_flag_does_is_said_in_the_words_of_help(self):
        page = without_breaks(self.shown("spate_stress"))
        for piece in ("Messages per second over all agents; 0 is a closed loop, as fast as it goes. Default: 100.",
                      "Default: cores.", "file:PATH", "'type: template'"):
            self.assertIn(piece, page)

    @unittest.skipUnless(shutil.which("man"), "needs man")
    def test_man_shows_them(self):
        for program in PROGRAMS:
            done = subprocess.run(
                ["man", "-l", page_of(program)], env={**os.environ, "MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"},
                capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
            )  # fmt: skip
            self.assertEqual((done.returncode, done.stderr), (0, ""), program)
            headings = re.findall(r"(?m)^([A-Z][A-Z ]+[A-Z])$", re.sub(".\b", "", done.stdout))
            wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
            self.assertEqual([heading for heading in headings if heading != "ENVIRONMENT"], wanted, program)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)


if __name__ == "__main__":
    support.main()
