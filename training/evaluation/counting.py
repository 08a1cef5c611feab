"""Does a model count right? Shares of stances as a monitor would report them, beside the annotated ones.

Counting answers is biased wherever the mix differs from that of validation, since mistakes do not cancel out. The
adjusted count undoes the mistakes that the model makes on validation: it is the mix that would have given these answers
if it errs here as there (adjusted classify and count for several labels; Forman 2008, Firat 2016), which kinds and
targets need not. The error of a count is the mean over labels
of its distance from the annotated share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from standpoint.codebook import STANCES, UNRELATED
from standpoint.metadata import Metadata
from training.evaluation.slices import DECISIVE, Slice, list_slices
from training.examples import ExampleSet
from training.scoring import Predictions, gold_of

DIMENSIONS = ("kind", "target")  # what monitors report by
Shares = dict[str, float]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Count:
    """Shares of stances over a slice: annotated, as answered, and adjusted where the artifact knows its mistakes."""

    slice: Slice
    gold: Shares
    counted: Shares
    adjusted: Shares | None

    @property
    def error(self) -> float:
        return count_error(self.gold, self.counted)

    @property
    def adjusted_error(self) -> float | None:
        return None if self.adjusted is None else count_error(self.gold, self.adjusted)


def count_stances(
    predictions: Predictions, examples: ExampleSet, confusion: Mapping[str, Mapping[str, int]] | None = None
) -> list[Count]:
    """Return the counts of the whole set, then by kind of outlet and by target, where there are enough examples.

    `confusion` counts answers on validation by annotated stance, as an artifact carries them. Answers `unrelated` are
    left out of what is counted: a monitor does not report them as a side.
    """
    whole = Slice("all", "", tuple(range(len(examples))))
    parts = [part for part in list_slices(examples) if part.dimension in DIMENSIONS and len(part.rows) >= DECISIVE]
    gold = [labels[0] for labels in gold_of(examples)]
    said = [labels[0] for labels in predictions.decided]
    labels = [label for label in STANCES if label in {*predictions.labels, *gold}]
    found = []
    for part in [whole, *parts]:
        answers = [said[row] for row in part.rows]
        adjusted = adjust_shares(answers, labels, confusion) if confusion else None
        counted = take_shares([answer for answer in answers if answer != UNRELATED], labels)
        found.append(Count(part, take_shares([gold[row] for row in part.rows], labels), counted, adjusted))
    return found


def known_mistakes(metadata: Metadata, examples: ExampleSet) -> Mapping[str, Mapping[str, int]] | None:
    """Return an artifact's counts of its mistakes; None for the examples that they were counted on.

    There, adjusted counts would be right by construction.
    """
    return None if metadata.validation in ("", examples.digest) else metadata.confusion


def take_shares(found: Sequence[str], labels: Sequence[str]) -> Shares:
    """Return the share of each label; zeros where nothing was found."""
    return {label: found.count(label) / max(len(found), 1) for label in labels}


def count_error(gold: Shares, found: Shares) -> float:
    """Return the mean distance of two lists of shares over their labels."""
    return float(np.mean([abs(gold[label] - found[label]) for label in gold]))


def adjust_shares(
    answers: Sequence[str], labels: Sequence[str], confusion: Mapping[str, Mapping[str, int]]
) -> Shares | None:
    """Return the shares that would have given these answers; None where a label was never annotated on validation.

    Solves C'p = q for p of no negative share, with the sum of one as a heavy equation of its own.
    """
    if not answers or any(not sum(confusion.get(label, {}).values()) for label in labels):
        return None
    said = [*labels, UNRELATED]
    rates: Array = np.array([[confusion[label].get(answer, 0) for answer in said] for label in labels], dtype=float)
    rates /= rates.sum(axis=1, keepdims=True)  # (L, L + 1): P(answered | annotated)
    counted = np.array([answers.count(answer) / len(answers) for answer in said])
    weight = 1e3
    shares, _ = nnls(np.vstack([rates.T, np.full(len(labels), weight)]), np.append(counted, weight))
    return dict(zip(labels, map(float, shares / shares.sum()), strict=True))
