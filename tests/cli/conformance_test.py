"""spate_conformance says of each delivery what it breaks, in plain words; and of right ones nothing."""

import concurrent.futures
import os
import re
import subprocess
import time
import unittest

import support

CONFORMANCE = os.environ.get("SPATE_CONFORMANCE", "")
WRONG = os.environ.get("SPATE_WRONG_DELIVERIES", "")

RETURNS = "every call returns at once"
SURVIVES = "no call throws or crashes"
COUNTS = "no call says that it did more than it was asked for"
COPIES = "what it takes it copies: the batch is only lent"
ARRIVES = "what it acked arrives"
ONCE = "nothing arrives twice"
SENT = "nothing arrives that was not sent, or with another identity"
ORDER = "what one sender sends to one recipient keeps its order, in each lane"
BYTES = "bytes and checksums arrive as they were sent, and stay until the next call"
SETTLES = "each message that it took is settled, once, and as the one that it is"
REFUSES = "what it says it refused does not arrive"
URGENT = "urgent messages come before normal ones that wait with them"
BOUND = "it takes no more when it is full, and goes on when there is room"
ENDS = "it can be stopped and destroyed with messages in it, and the next one begins empty"
CLAUSES = [RETURNS, SURVIVES, COUNTS, COPIES, ARRIVES, ONCE, SENT, ORDER, BYTES, SETTLES, REFUSES, URGENT, BOUND, ENDS]

# By mode: the clauses that must be told as broken, each with what is said of it, by hand and of runs; and
# those that may be, since one thing leads to another.
WRONGS = {
    "lose": ({ARRIVES: [r"to and fro: \d+ of 5000 were acked and had not arrived", r"two workers, as fast as it goes: \d+ of \d+ were acked and did not arrive"]}, {SETTLES}),
    "duplicate": ({ONCE: [r"to and fro: \d+ of 5000 arrived again", r"two workers, as fast as it goes: \d+ of \d+ arrived again"]}, set()),
    "swap_neighbours": ({ORDER: [r"\d+ of \d+ arrived after a later one", r"two workers, as fast as it goes: \d+ of \d+ arrived after a later one"]}, set()),
    "invent": ({SENT: [r"to and fro: \d+ of 5000 arrived and were never sent", r"two workers, as fast as it goes: \d+ of \d+ arrived and were never sent"]}, set()),
    "flip_bit": ({BYTES: [r"to and fro: \d+ of 5000 had other bytes", r"two workers, as fast as it goes: \d+ of \d+ had bytes that do not match"]}, set()),
    "ack_twice": ({SETTLES: [r"to and fro: \d+ of 5000 were settled again", r"two workers, as fast as it goes: \d+ of \d+ settlements were of what was settled"]}, set()),
    "refuse_but_send": ({REFUSES: [r"to and fro: \d+ of 5000 were settled as refused, and arrived", r"two workers, as fast as it goes: \d+ of \d+ were settled as refused, and arrived"]}, set()),
    "forget_to_settle": ({SETTLES: [r"to and fro: \d+ of 5000 were taken and not settled", r"two workers, as fast as it goes: \d+ of \d+ were taken and not settled"]}, set()),
    "waits_when_empty": (
        {RETURNS: r"with nothing in it: a call has not returned after 3 s: try_receive, on the consumer of worker 0"},
        set(),
    ),
    "sleeps_when_empty": ({RETURNS: r"with nothing in it: try_receive waits instead of returning 0: 3 of 3 calls"}, set()),
    "spins_when_empty": ({RETURNS: r"with nothing in it: try_receive waits instead of returning 0: \d+ of \d+ calls"}, set()),
    "crawls": ({RETURNS: r"with nothing in it: try_receive waits instead of returning 0: 3 of 3 calls"}, set()),
    "waits_when_full": ({RETURNS: r"until it is full: a call has not returned after 3 s: try_send, on the producer of worker 0"}, set()),
    "hangs_at_the_end": ({RETURNS: r"a call has not returned after 3 s: its destructor$"}, set()),
    "throws_at_first": ({SURVIVES: r"it threw: no server at all"}, set()),
    "throws_in_between": ({SURVIVES: r"an exception came out of a call: a thousand is too many"}, set()),
    "aborts": ({SURVIVES: r"to and fro: the process crashed \(Aborted\) in try_receive, on the consumer of worker 0"}, set()),
    "exits": ({SURVIVES: r"to and fro: the process ended with exit code 7 in try_receive, on the consumer of worker 0"}, set()),
    "exits_with_0": ({SURVIVES: r"to and fro: the process ended with exit code 0 in try_receive, on the consumer of worker 0"}, set()),
    "handle_hangs": ({RETURNS: r"a call has not returned after 3 s: its destructor, on the producer of worker 0"}, set()),
    "cuts_what_is_long": ({BYTES: r"two workers, contents of 64 KiB: \d+ of \d+ had bytes that do not match their checksum"}, set()),
    "repeats_later": ({ONCE: r"by hand, one worker to and fro: \d+ of 5000 arrived again"}, set()),
    "receives_too_many": ({COUNTS: r"\d+ times try_receive wrote more messages than there were places"}, {SENT, ONCE, BYTES, ORDER, SURVIVES, URGENT}),
    "takes_too_many": ({COUNTS: r"\d+ times try_send took more messages than it was offered"}, {ARRIVES, SETTLES}),
    "keeps_the_span": ({COPIES: r"\d+ of \d+ came out as what the batch held after try_send had returned"}, {SENT, BYTES, ONCE, ARRIVES, ORDER, URGENT, SURVIVES, COUNTS}),
    "one_lane": ({URGENT: r"\d+ normal messages came before the last urgent one"}, set()),
    "has_no_bound": ({BOUND: r"it took 524288 messages that nobody received"}, set()),
    "full_for_good": ({BOUND: r"after it held \d+ messages and all of them were received, it took no more"}, {ARRIVES, SETTLES}),
    "forgets_marks": ({SETTLES: r"to and fro: \d+ of 5000 were settled with another ordinal, sender or type"}, set()),
    "swaps_recipient": ({SENT: r"to and fro: \d+ of 5000 arrived with another sender, recipient"}, {BYTES, ARRIVES, ORDER}),
    "bytes_of_another": ({BYTES: r"to and fro: \d+ of 5000 had other bytes"}, set()),
    "leaves_messages": ({ENDS: r"the next delivery hands out \d+ messages of the one before, which is destroyed"}, set()),
}  # fmt: skip
RIGHT = ["right", "refuse", "say_unknown", "plain"]


def run(program, *flags, environment=None):
    return subprocess.run(
        [program, *flags], env={**support.environment(), **(environment or {})}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=support.DEADLINE_SECONDS, check=False,
    )  # fmt: skip


def timed(mode):
    begin = time.monotonic()
    done = run(WRONG, "--modes", mode)
    return done, time.monotonic() - begin


def verdicts(text):
    """The word of each clause, and what was found of it."""
    words, found, clause = {}, {}, ""
    for line in text.splitlines()[1:]:
        match = re.fullmatch(r"  (ok|BROKEN|\?) +(.*)", line)
        if match and match[2] in CLAUSES:
            clause = match[2]
            words[clause] = match[1]
            found[clause] = []
        elif line.startswith(" " * 12):
            found[clause].append(line.strip())
    return words, found


class Conformance(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        # They mostly wait.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            cls.done = dict(zip(WRONGS, pool.map(timed, WRONGS)))

    def test_each_wrong_one_is_told_in_its_words_and_others_are_not_accused(self):
        for mode, (must, may) in WRONGS.items():
            with self.subTest(mode=mode):
                done, _ = self.done[mode]
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                words, found = verdicts(done.stdout)
                self.assertEqual(list(words), CLAUSES)
                broken = {clause for clause, word in words.items() if word == "BROKEN"}
                for clause, what in must.items():
                    for pattern in [what] if isinstance(what, str) else what:
                        self.assertTrue(any(re.search(pattern, line) for line in found[clause]), f"{pattern}: {done.stdout}")
                self.assertLessEqual(broken, set(must) | may, done.stdout)

    def test_a_clause_that_was_not_looked_at_is_not_said_to_hold(self):
        done, _ = self.done["waits_when_empty"]
        words, _ = verdicts(done.stdout)
        self.assertEqual({word for clause, word in words.items() if clause != RETURNS}, {"?"}, done.stdout)
        self.assertIn("is not known", done.stdout)

    def test_one_that_is_too_slow_to_be_looked_at_is_told_so(self):
        done, _ = self.done["crawls"]
        words, _ = verdicts(done.stdout)
        self.assertEqual(words[BOUND], "?", done.stdout)
        self.assertIn("\n  ? is not known: the 30 s were over\n", done.stdout)

    def test_none_takes_longer_than_its_time(self):
        for mode, (_, seconds) in self.done.items():
            with self.subTest(mode=mode):
                self.assertLess(seconds, 45)  # 30, and what a busy machine adds at both ends

    def test_a_right_one_is_found_right(self):
        for mode in RIGHT:
            with self.subTest(mode=mode):
                done = run(WRONG, "--modes", mode)
                words, _ = verdicts(done.stdout)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertEqual(words, dict.fromkeys(CLAUSES, "ok"))

    def test_the_queues_that_spate_has_are_right(self):
        for mode in ("mock", "queue", "mutex", "boost", "tbb", "atomic_queue"):
            with self.subTest(mode=mode):
                done = run(CONFORMANCE, "--modes", mode)
                if done.returncode == 2 and "this build is without it" in done.stderr:
                    self.skipTest(done.stderr)
                words, _ = verdicts(done.stdout)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertEqual(words, dict.fromkeys(CLAUSES, "ok"))
                self.assertEqual("without latency" in done.stdout, mode == "mock")

    def test_who_promises_no_order_is_not_asked_for_it(self):
        done = run(WRONG, "--modes", "swap_neighbours", "--unordered")
        words, _ = verdicts(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(words, dict.fromkeys([clause for clause in CLAUSES if clause != ORDER], "ok"))

    def test_usage_is_told_in_a_line(self):
        for flags, line in (
            ([], "--modes is missing; give some of mock, queue"),
            (["--modes", "foo"], "unknown mode 'foo'; use mock, queue"),
            (["--modes", "sim"], "--modes 'sim': it has no delivery to look at"),
            (["--modes", "redis"], "--modes 'redis': only what is in this process can be looked at"),
        ):
            with self.subTest(flags=flags):
                done = run(CONFORMANCE, *flags)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertTrue(done.stderr.startswith(f"spate_conformance: {line}"), done.stderr)

    def test_a_name_that_cannot_be_had_is_told_in_a_line(self):
        for name, line in (
            ("queue", "mode 'queue' is there already; choose another name"),
            ("lose", "mode 'lose' is there already; choose another name"),
            ("a/b", "mode 'a/b': a name is of letters, digits, '_' and '-'"),
            ("", "mode '': a name is of letters, digits, '_' and '-'"),
        ):
            with self.subTest(name=name):
                done = run(WRONG, "--modes", "right", environment={"SPATE_TEST_NAME": name})
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr, f"wrong_deliveries: {line}\n")


if __name__ == "__main__":
    support.main()
