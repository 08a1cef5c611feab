"""How a stance model does on each target: what it gets right, and how it goes wrong where it does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from standpoint.codebook import STANCES
from standpoint.encoding import target_key
from training.examples import ExampleSet
from training.scoring import Predictions

SIDES = STANCES[:2]


@dataclass(frozen=True)
class TargetRow:
    """Counts of a target's pairs. `turned`: the opposite side was answered; `lost`: none or unrelated where there is a
    side; `invented`: a side where there is none, or unrelated in its place."""

    target: str
    seen: bool
    pairs: int
    right: int
    turned: int
    lost: int
    invented: int


def list_targets(predictions: Predictions, examples: ExampleSet, known: Collection[str]) -> list[TargetRow]:
    """Return a row a target, those with most pairs first; `known` are the targets of training."""
    seen = {target_key(target) for target in known}
    counts: dict[str, list[int]] = {}
    for example, (said,) in zip(examples.examples, predictions.decided, strict=True):
        gold = str(example.stance)
        row = counts.setdefault(str(example.target), [0, 0, 0, 0])
        row[0] += said == gold
        row[1] += gold in SIDES and said in SIDES and said != gold
        row[2] += gold in SIDES and said not in SIDES
        row[3] += gold not in SIDES and said != gold
    rows = [TargetRow(target, target_key(target) in seen, sum(found), *found) for target, found in counts.items()]
    return sorted(rows, key=lambda row: (-row.pairs, row.target))
