"""What the gate decides from verdicts: which cells to run again, in which order, what noise amounts to."""

import random
import re
import unittest

import gate_support  # makes the next one importable  # noqa: F401
import gate_flags


def metric(change, effect=0.1, kind="time", better="lower", verdict="cannot-tell", suspect=False):
    return {"class": kind, "better": better, "change": change, "effect": effect, "verdict": verdict, "suspect": suspect}


def verdict(**metrics):
    return {"cells": [{"cell": "rate:0", "names": ["delivery/rate:0"], "metrics": metrics}]}


class Flags(unittest.TestCase):
    def test_a_cell_without_suspicion_is_not_flagged(self):
        self.assertEqual(gate_flags.flagged(verdict(cpu_time=metric(0.5))), [])
        self.assertEqual(gate_flags.flagged(verdict(real_time={"class": "information"})), [])

    def test_only_the_suspicious_metrics_of_a_cell_are_named(self):
        ((_, metrics),) = gate_flags.flagged(verdict(cpu_time=metric(0.5, suspect=True), real_time=metric(0)))
        self.assertEqual(list(metrics), ["cpu_time"])

    def test_a_change_from_zero_has_no_size(self):
        self.assertEqual(gate_flags.change_phrase(metric(None)), "from 0")
        self.assertEqual(gate_flags.change_phrase(metric(0.125)), "+12.5%")

    def test_any_number_of_suspects_of_a_cell_can_be_confirmed(self):
        def rounds(*numbers):
            return gate_flags.rounds_for([(None, dict.fromkeys(range(n))) for n in numbers], 12, 0.0025)

        self.assertEqual([rounds(1), rounds(5, 1), rounds(6, 2), rounds(10), rounds(11)], [12, 12, 13, 13, 14])

    def test_the_filter_matches_the_names_and_no_other(self):
        names = ["delivery/a.b/rate:0", "BM_<int>(x)+[1]|{2}^$*?\\"]
        found = re.compile(gate_flags.filter_of([{"names": names}, {"names": names[:1]}]))
        self.assertEqual(found.pattern.count("rate:0"), 1)
        for name in names:
            self.assertTrue(found.search(name), name)
        for other in ("delivery/a-b/rate:0", "delivery/a.b/rate:01", "xdelivery/a.b/rate:0"):
            self.assertFalse(found.search(other), other)


class Rounds(unittest.TestCase):
    def test_the_order_is_a_b_b_a(self):
        first = "".join(side[0] for number in range(1, 5) for side in gate_flags.order(number))
        self.assertEqual(first, "bhhbbhhb")

    def test_labels_change_sides_within_a_round_alone(self):
        rounds = [(number, -number) for number in range(1, 13)]
        seen = set()
        draw = random.Random(1)
        for _ in range(100):
            pairs = gate_flags.relabelled(rounds, 6, draw)
            self.assertEqual(len({abs(base) for base, _ in pairs}), 6)
            self.assertTrue(all(base == -head for base, head in pairs))
            seen.update(pairs)
        self.assertEqual(len(seen), 24)


class Noise(unittest.TestCase):
    def setUp(self):
        self.noise = gate_flags.Noise()

    def test_alarms_are_counted_by_cell(self):
        suspect = metric(0.2, suspect=True)
        self.noise.add_screening(verdict(cpu_time=suspect, real_time=suspect))
        self.noise.add_screening(verdict(cpu_time=metric(0)))
        worse = metric(0.2, verdict="worse")
        self.noise.add_confirmation(verdict(cpu_time=worse, real_time=worse))
        self.noise.add_confirmation(verdict(cpu_time=metric(-0.2, verdict="better")))
        self.assertEqual((self.noise.alarms, self.noise.flagged, self.noise.cells), (1, 1, 2))

    def test_an_effect_is_written_beyond_what_noise_reaches(self):
        for change in (0.02, -0.4, 0.151):
            rate = metric(1 / (1 + change) - 1, kind="throughput", better="higher")
            small, huge = metric(change / 2), metric(change * 100)
            self.noise.add_losses(verdict(cpu=metric(change), p50=small, p99=huge, rate=rate))
        effects = {rule["metric"]: rule["effect"] for rule in self.noise.rules()}
        self.assertEqual(effects, {"cpu": 0.16, "p99": 10, "rate": 0.16})
        self.assertEqual({rule["cell"] for rule in self.noise.rules()}, {"rate:0"})

    def test_a_rate_that_fell_to_zero_lost_all_that_an_effect_can_say(self):
        self.assertEqual(gate_flags.loss(metric(-1, kind="throughput", better="higher")), gate_flags.EFFECT_MAX)

    def test_the_typical_change_has_no_direction(self):
        for change in (0.02, -0.04, 0.03):
            self.noise.add_losses(verdict(cpu_time=metric(change)))
        self.assertEqual(list(self.noise.rows()), [("rate:0", "cpu_time", 0.1, 0.03, 0.03)])


if __name__ == "__main__":
    unittest.main()
