"""What bash, zsh and fish complete, as somebody at the keyboard gets it: each shell is asked on a terminal. SPATE_SHARE
is the folder of the generated files."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time

import support

SHARE = os.environ["SPATE_SHARE"]
PROGRAMS = support.PROGRAMS


# The programs, to say what they were given: in pieces, for the line itself is shown too.
FUNCTIONS = [f"{name}() {{ printf GIV; printf EN; printf '<%s>' \"$@\"; echo END; }}" for name in PROGRAMS]


def flags_of(program):
    """All the flags that its --help has, with the short ones."""
    text = support.run(PROGRAMS[program], "--help").stdout
    lines = re.findall(r"(?m)^  (-\S+)", text)
    return {re.split("[=[]", flag)[0] for line in lines for flag in line.split(",")}


def last_words(found):
    """Candidates without what a shell puts behind them: blanks, `=`, `/`."""
    return sorted({word.rstrip("=/ ") for word in found if word})


class Shell:
    """A shell on a terminal, in which a key inserts all that it would offer. The program is a function that says what
    it was given."""

    prompt = "READY>"

    def __init__(self, folder, command, setup):
        self.folder = folder
        ours, its = pty.openpty()
        # Wide: a line that is broken would be written differently.
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("4H", 50, 20000, 0, 0))
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=its, stdout=its, stderr=its, start_new_session=True,
            env=support.environment(TERM="dumb", HOME=folder, PS1=self.prompt, ZDOTDIR=folder, INPUTRC="/dev/null"),
        )  # fmt: skip
        os.close(its)
        self.terminal = ours
        for line in setup:
            self.send(line + "\n")
        self.send("echo BE''GINS\n")
        self.read_until(r"BEGINS\r?\n")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, pattern):
        told = ""
        end = time.monotonic() + support.DEADLINE_SECONDS
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 1)[0]:
                told += os.read(self.terminal, 65536).decode(errors="replace")
            found = re.search(pattern, told)
            if found:
                return found
        raise AssertionError(f"'{pattern}' was not said: {told!r}")

    def offers(self, line, key):
        """What takes the place of the line's last word."""
        self.send(line + key + "\n")
        given = self.read_until(r"GIVEN((?:<[^>]*>)*)END").group(1)
        before = len(line.split()) - (0 if line.endswith(" ") else 1)
        return re.findall("<([^>]*)>", given)[before - 1:]


class Bash(Shell):
    def __init__(self, folder):
        path = os.path.join(SHARE, "bash-completion", "completions")
        super().__init__(folder, ["bash", "--norc", "--noprofile", "-i"],
                         [f"source {path}/{name}" for name in PROGRAMS] + FUNCTIONS)  # fmt: skip

    def complete(self, line):
        return self.offers(line, "\x1b*")  # readline's insert-completions


class Zsh(Shell):
    def __init__(self, folder):
        path = os.path.join(SHARE, "zsh", "site-functions")
        setup = [
            f"fpath=({path} $fpath)", "autoload -U compinit", "compinit -D -u",
            "zle -C every complete-word _generic", "bindkey '^Xa' every",
            "zstyle ':completion:every:*' completer _all_matches _complete",
            "zstyle ':completion:every:*' insert true", "unsetopt zle_bracketed_paste; unset zle_bracketed_paste",
        ]  # fmt: skip
        super().__init__(folder, ["zsh", "-f", "-i"], setup + FUNCTIONS)

    def complete(self, line):
        return self.offers(line, "\x18a")


class Fish:
    """It tells by itself."""

    def __init__(self, folder):
        self.folder = folder

    def complete(self, line):
        (program,) = re.findall(r"^spate_\w+", line)
        path = os.path.join(SHARE, "fish", "vendor_completions.d", f"{program}.fish")
        done = subprocess.run(
            ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', "--", path, line],
            cwd=self.folder, env=support.environment(HOME=self.folder), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=True,
        )  # fmt: skip
        return [found.split("\t")[0] for found in done.stdout.splitlines()]

    def close(self):
        pass


class Completion:
    """What each shell has to do, by the words that it offers."""

    def setUp(self):
        super().setUp()
        if shutil.which(self.shell.__name__.lower()) is None:
            self.skipTest("the shell is not installed")
        for name in ("mine.json", "minor.json"):
            self.write(name, "{}")
        self.at_keyboard = self.shell(self.folder)
        self.addCleanup(self.at_keyboard.close)

    def offered(self, line):
        return last_words(self.at_keyboard.complete(line))

    def test_it_knows_every_flag_of_every_program(self):
        for program in PROGRAMS:
            with self.subTest(program):
                flags = flags_of(program)
                self.assertIn("--help", flags)
                offered = self.offered(f"{program} --")
                self.assertEqual(set(offered), {flag for flag in flags if flag.startswith("--")})

    def test_it_completes_what_is_begun(self):
        self.assertEqual(self.offered("spate_stress --cha"), ["--chaos"])
        self.assertEqual(self.offered("spate_bench --benchmark_fi"), ["--benchmark_filter"])
        self.assertEqual(self.offered("spate_stress --sim --verb"), ["--verbose"])

    def assert_values(self, program, flag, typed, expected):
        """Of both spellings."""
        for between in (" ", "="):
            line = f"{program} {flag}{between}{typed}"
            with self.subTest(line):
                found = self.offered(line)
                given = [value.removeprefix(f"{flag}=") for value in found]
                self.assertEqual(given, sorted(expected))

    def test_it_offers_the_values_that_there_are(self):
        self.assert_values("spate_stress", "--chaos", "", ["file:", "off", "on", "storm"])
        self.assert_values("spate_stress", "--chaos", "s", ["storm"])
        self.assert_values("spate_stress", "--real", "r", ["rabbitmq", "redis"])
        self.assert_values("spate_stress", "--arrivals", "", ["constant", "poisson"])
        self.assert_values("spate_compare", "--format", "j", ["json", "junit"])
        self.assert_values("spate_brokers", "--only", "na", ["nats"])
        found = self.offered("spate_bench --benchmark_time_unit=")
        self.assertEqual([value.split("=")[-1] for value in found], ["ms", "ns", "s", "us"])

    def test_a_list_goes_on_behind_a_comma(self):
        self.assert_values("spate_bench", "--modes", "q", ["queue"])
        self.assert_values("spate_bench", "--modes", "mock,q", ["mock,queue"])
        self.assert_values("spate_bench", "--chaos", "off,st", ["off,storm"])

    def test_files_are_offered_where_there_is_a_file_to_give(self):
        both = ["mine.json", "minor.json"]
        self.assert_values("spate_stress", "--output", "mi", both)
        self.assert_values("spate_stress", "--chaos", "file:mine", ["file:mine.json"])
        self.assertEqual(self.offered("spate_compare mi"), both)
        self.assert_values("spate_compare", "--base", "mine", ["mine.json"])
        found = self.offered("spate_bench --benchmark_out=mine")
        self.assertEqual([value.split("=")[-1] for value in found], ["mine.json"])


class OfBash(Completion, support.CliTest):
    shell = Bash


class OfZsh(Completion, support.CliTest):
    shell = Zsh


class OfFish(Completion, support.CliTest):
    shell = Fish


if __name__ == "__main__":
    support.main()
