"""What ci/gate_rounds decides, from the JSON verdicts of spate_compare --paired and from nothing else."""

import itertools
import math
import re

# The largest effect that spate_compare takes.
EFFECT_MAX = 10


def judged(cell):
    """Name and judgement of each metric of a cell that has a verdict; the others are for information."""
    return [(name, metric) for name, metric in cell["metrics"].items() if "verdict" in metric]


def loss(metric):
    """How much worse the new side is, in the terms of the metric's effect: half the throughput is as bad
    as twice the time. Below 0 it is better."""
    change = metric["change"] or 0.0  # null where values have no ratio
    if metric["better"] == "lower":
        return change
    if metric["class"] == "proportion":
        return -change
    return 1 / (1 + change) - 1 if change > -1 else EFFECT_MAX


def change_phrase(metric):
    """For people. The change of a suspect has no size where it was zero."""
    return "from 0" if metric["change"] is None else f"{metric['change']:+.1%}"


def flagged(verdict):
    """What to look at again: cells of the verdict that may be worse, each with its suspicious metrics."""
    found = []
    for cell in verdict["cells"]:
        metrics = {name: metric for name, metric in judged(cell) if metric["suspect"]}
        if metrics:
            found.append((cell, metrics))
    return found


def rounds_for(suspects, at_least, alpha):
    """How many rounds can confirm any one of a cell's suspects: their smallest p is 2 / 2^n, and Holm's
    correction makes as many times that of it as there are."""
    most = max(len(metrics) for _, metrics in suspects)
    return next(n for n in itertools.count(at_least) if most * 2 / 2**n <= alpha)


def filter_of(cells):
    """The --benchmark_filter that matches the benchmarks of these cells and no other."""
    names = dict.fromkeys(name for cell in cells for name in cell["names"])
    escaped = (re.sub(r"[][.*+?(){}^$|\\]", r"\\\g<0>", name) for name in names)
    return f"^({'|'.join(escaped)})$"


def order(number):
    """Which side goes first in round 1, 2, …: A B B A, so that a slow drift of the host hits both alike."""
    return ("base", "head") if number % 2 == 1 else ("head", "base")


def relabelled(rounds, count, draw):
    """`count` of the rounds, in each of which either file may be the base. Where one program made both
    files, each such choice is as good an A/A comparison as the one that was run."""
    return [pair[::-1] if draw.random() < 0.5 else pair for pair in draw.sample(rounds, count)]


class Noise:
    """What comparisons of a program with itself come to, by cell and metric, over many labellings."""

    def __init__(self):
        self.cells = self.flagged = self.alarms = 0
        self._losses = {}
        self._effects = {}

    def add_screening(self, verdict):
        self.cells += len(verdict["cells"])
        self.flagged += len(flagged(verdict))

    def add_confirmation(self, verdict):
        """Of what the screening before it suspected."""
        self.alarms += sum(any(metric["verdict"] == "worse" for _, metric in judged(cell)) for cell in verdict["cells"])

    def add_losses(self, verdict):
        for cell in verdict["cells"]:
            for name, metric in judged(cell):
                key = cell["cell"], name
                self._losses.setdefault(key, []).append(loss(metric))
                self._effects[key] = metric["effect"]

    def rows(self):
        """(cell, metric, effect, median of |loss|, largest loss) of all that is judged."""
        for (cell, metric), losses in self._losses.items():
            sizes = sorted(abs(one) for one in losses)
            yield cell, metric, self._effects[cell, metric], sizes[len(sizes) // 2], max(0.0, *losses)

    def rules(self):
        """For spate_compare --rules: an effect of its own where noise alone reaches the metric's."""
        return [
            {
                "metric": metric,
                "cell": cell,
                "effect": min(EFFECT_MAX, math.floor(largest * 100 + 1) / 100),
                "comment": f"compared with itself, it lost up to {largest:.1%}",
            }
            for cell, metric, effect, _, largest in self.rows()
            if largest >= effect
        ]
