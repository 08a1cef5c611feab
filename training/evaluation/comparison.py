"""Models on the same examples, pair by pair: scores, verdict, examples that flipped, who wins where."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from standpoint.errors import BadInput
from training.evaluation.paired import (
    ALPHA,
    SMALLEST,
    Difference,
    adjust_holm,
    compare_tallies,
    describe_p,
    mcnemar_p,
    needed_examples,
)
from training.evaluation.slices import Slice, list_slices, take_rows
from training.examples import ExampleSet
from training.scoring import Predictions, gold_of, shared_metric, tally_together


@dataclass(frozen=True)
class Flip:
    """An example that one of two models got right and the other wrong."""

    row: int
    gold: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    first_right: bool


@dataclass(frozen=True)
class Duel:
    """Two models, by their places among those compared. `p` is that of the metric that chooses, adjusted by Holm.

    `mcnemar` is the p of the counts in `flips`; `slices` has the metric of both on every slice.
    """

    first: int
    second: int
    metric: str
    differences: dict[str, Difference]
    p: float
    mcnemar: float
    alike: bool  # whether they gave the same answers
    flips: tuple[Flip, ...]
    slices: tuple[tuple[Slice, float, float], ...]
    count: int

    @property
    def main(self) -> Difference:
        return self.differences[self.metric]

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `too close to call`, said of the first; interval and adjusted test must agree."""
        if self.p < ALPHA and self.main.low > 0:
            return "better"
        if self.p < ALPHA and self.main.high < 0:
            return "worse"
        return "too close to call"

    def sentence(self, names: Sequence[str]) -> str:
        """Return the verdict in words."""
        first, second, main = names[self.first], names[self.second], self.main
        found = (
            f"{self.metric} {main.first:.3f} and {main.second:.3f}, "
            f"difference {main.value:+.3f} [{main.low:+.3f}, {main.high:+.3f}], p {describe_p(self.p)}"
        )
        if self.verdict != "too close to call":
            little = ", by less than a point" if abs(main.value) < SMALLEST else ""
            return f"{first} is {self.verdict} than {second}{little}: {found}"
        if self.alike:
            return f"{first} and {second} answer alike on all {self.count} examples"
        distance = max(abs(main.value), SMALLEST)
        more = needed_examples(main.error, self.count, distance)
        size = "this" if distance == abs(main.value) else f"{distance:.2f}"
        advice = (
            f"; about {more:,} more would be needed to see a difference of {size} four times in five" if more else ""
        )
        return f"{first} and {second} are too close to call at this size: {found}{advice}"


def compare_models(models: Sequence[Predictions], examples: ExampleSet, seed: int = 0) -> list[Duel]:
    """Compare every pair of models that answered the same examples; ids are those of `examples`, in order.

    Raises BadInput where one lacks the metric that chooses: it was made for other labels.
    """
    tallies = tally_together(models, examples)
    metric = shared_metric(models, tallies, examples)
    if metric is None:
        raise BadInput("the models have no metric in common on these examples", examples.source)
    pairs = list(itertools.combinations(range(len(models)), 2))
    found = [
        {
            name: compare_tallies(name, tallies[a][name], tallies[b][name], seed)
            for name in tallies[a]
            if name in tallies[b]
        }
        for a, b in pairs
    ]
    adjusted = adjust_holm([differences[metric].p for differences in found])
    duels = []
    for (a, b), differences, p in zip(pairs, found, adjusted, strict=True):
        flips = find_flips(models[a], models[b], examples)
        wins = sum(flip.first_right for flip in flips)
        mcnemar = mcnemar_p(wins, len(flips) - wins)
        slices = compare_slices(models[a], models[b], examples, metric)
        alike = models[a].decided == models[b].decided
        duels.append(Duel(a, b, metric, differences, p, mcnemar, alike, tuple(flips), tuple(slices), len(examples)))
    return duels


def find_flips(first: Predictions, second: Predictions, examples: ExampleSet) -> list[Flip]:
    """Return the examples that one model got wholly right and the other did not, in their order."""
    flips = []
    for row, (gold, one, other) in enumerate(zip(gold_of(examples), first.decided, second.decided, strict=True)):
        right = set(one) == set(gold)
        if right != (set(other) == set(gold)):
            flips.append(Flip(row, gold, one, other, right))
    return flips


def compare_slices(
    first: Predictions, second: Predictions, examples: ExampleSet, metric: str
) -> list[tuple[Slice, float, float]]:
    """Return the metric of both models on every slice."""
    found = []
    for part in list_slices(examples):
        taken = [take_rows(model, examples, part.rows) for model in (first, second)]
        one, other = tally_together([predictions for predictions, _ in taken], taken[0][1])
        if metric in one and metric in other:
            found.append((part, one[metric].value, other[metric].value))
    return found
