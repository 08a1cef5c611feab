"""How well the search works: wrong labels are planted, and it is counted how many of them it finds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from standpoint.codebook import OTHER
from standpoint.errors import BadInput
from training.doubts.folds import Array
from training.doubts.ranking import search_labels
from training.examples import Example, ExampleSet, make_example_set

SEEDS = 3


@dataclass(frozen=True)
class Planting:
    """What one search found of the `planted` wrong labels among `examples`.

    `first` counts those among as many doubts as were planted (there precision and recall are the same number),
    `found` those among the `flagged` ones.
    """

    seed: int
    examples: int
    planted: int
    first: int
    flagged: int
    found: int

    @property
    def floor(self) -> float:
        """The precision of a random ranking, at any length."""
        return self.planted / self.examples


def plant_errors(examples: ExampleSet, share: float, seed: int) -> tuple[ExampleSet, NDArray[np.bool_]]:
    """Return the examples with a share of their labels made wrong, and which ones, (N,).

    A stance becomes another one, a topic gives way to one that the passage does not have, each drawn at random.
    Raises BadInput where the share gives no example or there are fewer than two labels.
    """
    count = round(share * len(examples))
    if not 0 < count < len(examples):
        raise BadInput(f"a share of {share:g} of {len(examples)} examples plants {count}; expected some", "--plant")
    if len(examples.labels) < 2:
        raise BadInput("expected at least two labels to mistake for one another", examples.source)
    generator = random.Random(seed)
    rows = set(generator.sample(range(len(examples)), count))
    changed = [
        _mislabel(example, examples.labels, generator) if row in rows else example
        for row, example in enumerate(examples.examples)
    ]
    wrong = np.array([row in rows for row in range(len(examples))])
    return make_example_set(examples.task, changed, like=examples), wrong


def _mislabel(example: Example, labels: Sequence[str], generator: random.Random) -> Example:
    if example.stance is not None:
        return replace(example, stance=generator.choice([label for label in labels if label != example.stance]))
    lost = generator.choice(example.topics)
    alone = len(example.topics) == 1
    free = [label for label in labels if label not in example.topics and (alone or label != OTHER)]
    if not free:  # no other topic may stand beside the rest: one is left out instead
        return replace(example, topics=tuple(topic for topic in example.topics if topic != lost))
    kept = {*example.topics, generator.choice(free)} - {lost}
    return replace(example, topics=tuple(label for label in labels if label in kept))


def measure_search(
    examples: ExampleSet, vectors: Array | None, share: float, seed: int, seeds: int = SEEDS
) -> Iterator[Planting]:
    """Plant and search once for each of `seeds` seeds from `seed` on; `vectors` are those of the examples' texts."""
    for number in range(seed, seed + seeds):
        planted, wrong = plant_errors(examples, share, number)
        search = search_labels(planted, vectors, number)
        hits = wrong[search.order]
        count = int(wrong.sum())
        first, found = int(hits[:count].sum()), int(hits[: search.flagged].sum())
        yield Planting(number, len(examples), count, first, search.flagged, found)


def format_plantings(plantings: Sequence[Planting]) -> Iterator[str]:
    """Yield a line a seed, their means and the floor, for a terminal."""
    yield f"{'seed':>6}  {'planted':>7}  {'found in as many':>16}  {'flagged':>7}  {'precision':>9}  {'recall':>6}"
    for row in plantings:
        yield (
            f"{row.seed:6}  {row.planted:7}  {row.first / row.planted:16.3f}  {row.flagged:7}  "
            f"{row.found / max(row.flagged, 1):9.3f}  {row.found / row.planted:6.3f}"
        )
    means = [
        np.mean([row.planted for row in plantings]),
        np.mean([row.first / row.planted for row in plantings]),
        np.mean([row.flagged for row in plantings]),
        np.mean([row.found / max(row.flagged, 1) for row in plantings]),
        np.mean([row.found / row.planted for row in plantings]),
    ]
    yield f"  mean  {means[0]:7.0f}  {means[1]:16.3f}  {means[2]:7.0f}  {means[3]:9.3f}  {means[4]:6.3f}"
    floor = float(np.mean([row.floor for row in plantings]))
    share = float(np.mean([row.flagged / row.examples for row in plantings]))
    yield f"chance  {means[0]:7.0f}  {floor:16.3f}  {means[2]:7.0f}  {floor:9.3f}  {share:6.3f}"
