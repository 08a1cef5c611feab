"""Is a difference between two models real? Statistics of metrics on the same examples.

Both answered the same examples, so everything is paired. The interval of a difference is the percentile bootstrap over
groups, both models on the same resamples. Its test is approximate randomisation (Noreen 1989; Yeh 2000), which suits
F-measures: the answers of the two are exchanged group by group at random, and p is the share of exchanges that make as
large a difference. McNemar's test, exact, stands beside it for the share of right answers; it takes examples for
independent, which passages of a document are not. Of more than two models every pair is compared, p by Holm (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from training.metrics import Counts, Tally, draw_groups, resample

EXCHANGES = 9999
ALPHA = 0.05
POWER = 0.8416  # standard normal quantile of 80%: the chance to see the difference with that many examples
NORMAL = 1.96
SMALLEST = 0.01  # of differences that examples are counted for: whoever needs less has other worries


@dataclass(frozen=True)
class Difference:
    """A metric of two models, and the first one's lead with its 95% interval; `error` is the bootstrap's deviation."""

    metric: str
    first: float
    second: float
    low: float
    high: float
    error: float
    p: float

    @property
    def value(self) -> float:
        return self.first - self.second


def compare_tallies(name: str, first: Tally, second: Tally, seed: int = 0) -> Difference:
    """Return the difference of a metric between two models on the same groups."""
    draws = draw_groups(len(first.table), seed)
    leads = first.metric(resample(first.table, draws)) - second.metric(resample(second.table, draws))
    low, high = np.percentile(leads, [2.5, 97.5])
    p = exchange_p(first, second, seed)
    return Difference(name, first.value, second.value, float(low), float(high), float(leads.std()), p)


def exchange_p(first: Tally, second: Tally, seed: int = 0, exchanges: int = EXCHANGES) -> float:
    """Return the two-sided p of approximate randomisation over groups."""
    apart = [row for row in range(len(first.table)) if not np.array_equal(first.table[row], second.table[row])]
    if not apart:
        return 1.0
    change = (second.table - first.table)[apart]
    one, other = first.table.sum(axis=0), second.table.sum(axis=0)
    lead = abs(first.value - second.value)
    generator = np.random.default_rng(seed)
    as_large = 0
    for start in range(0, exchanges, 1000):  # a thousand at once: tables by target are wide
        size = min(1000, exchanges - start)
        moved: Counts = resample(change, generator.integers(0, 2, (size, len(apart))).astype(np.float64))
        leads = np.abs(first.metric(one + moved) - first.metric(other - moved))
        as_large += int((leads >= lead - 1e-12).sum())
    return (as_large + 1) / (exchanges + 1)


def mcnemar_p(wins: int, losses: int) -> float:
    """Return the two-sided p of McNemar's exact test of two counts of disagreement."""
    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def adjust_holm(found: Sequence[float]) -> list[float]:
    """Return the p values of a family, each adjusted by Holm's step-down rule."""
    order = np.argsort(found, kind="stable")
    adjusted, highest = [0.0] * len(found), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(found) - rank) * found[place]))
        adjusted[place] = highest
    return adjusted


def needed_examples(error: float, count: int, distance: float) -> int:
    """Return how many more examples than `count` would show what lies `distance` from the value tested for.

    `error` is its deviation at `count`, and shrinks with the root of the count; 80% power is asked for at the 5% level
    (Cohen 1988), as if the examples to come were like these. Two figures: it is no better known. 0 where these do.
    """
    more = count * ((NORMAL + POWER) * error / distance) ** 2 - count
    if more <= 0:
        return 0
    places = max(0, int(math.log10(max(more, 1))) - 1)
    return math.ceil(more / 10**places) * 10**places


def describe_p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
