"""Which labels are doubted most: cross-validated confidence in what was given.

For a stance the confidence is the probability of the label given (self-confidence, Northcutt, Jiang and Chuang,
"Confident Learning", JAIR 2021). For topics it is the probability of the weakest topic given times that of the
strongest one not given being absent: of the rankings tried, cleanlab's among them, this one found most topics that had
been put in another's place, and stayed useful for topics added and left out. cleanlab says how many labels are likely
wrong; that many are flagged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.count import num_label_issues
from cleanlab.multilabel_classification.filter import find_label_issues
from numpy.typing import NDArray

from standpoint.predictor import decide_topics
from training.doubts.folds import Array, cross_validate, gold_matrix
from training.examples import Example, ExampleSet
from training.models.calibration import fit_thresholds


@dataclass(frozen=True)
class Doubt:
    """An example whose labels are doubted: rank 1 is doubted most.

    `confidence` in the labels given and `probabilities` of all labels come from models that saw nothing of its group.
    """

    rank: int
    example: Example
    given: tuple[str, ...]
    suggested: tuple[str, ...]
    confidence: float
    probabilities: dict[str, float]
    flagged: bool


@dataclass(frozen=True)
class Search:
    """Confidence in each example's labels, (N,), how many are likely wrong, and what the models say, (N, L)."""

    examples: ExampleSet
    confidence: Array
    flagged: int
    probabilities: Array

    @property
    def order(self) -> NDArray[np.int64]:
        """Rows by rising confidence, ties in the order of the set."""
        return np.argsort(self.confidence, kind="stable")

    def doubts(self, top: int) -> list[Doubt]:
        """Return the `top` most doubted examples."""
        labels = self.examples.labels
        suggested = self._suggest()
        found = []
        for rank, row in enumerate(self.order[:top], start=1):
            example = self.examples.examples[row]
            probabilities = {label: float(p) for label, p in zip(labels, self.probabilities[row], strict=True)}
            confidence = float(self.confidence[row])
            flagged = rank <= self.flagged
            found.append(Doubt(rank, example, example.labels, suggested[row], confidence, probabilities, flagged))
        return found

    def _suggest(self) -> list[tuple[str, ...]]:
        labels, gold = self.examples.labels, gold_matrix(self.examples).astype(np.float64)
        if self.examples.task == "stance":
            return [(labels[column],) for column in self.probabilities.argmax(axis=1)]
        thresholds = fit_thresholds(self.probabilities, gold, labels)
        rows = [dict(zip(labels, map(float, row), strict=True)) for row in self.probabilities]
        decided = [set(decide_topics(row, thresholds)) for row in rows]
        return [tuple(label for label in labels if label in topics) for topics in decided]


def search_labels(examples: ExampleSet, vectors: Array | None, seed: int) -> Search:
    """Cross-validate and measure the confidence in every label; labels stay as they are."""
    probabilities = cross_validate(examples, vectors, seed)
    gold = gold_matrix(examples)
    confidence = measure_confidence(probabilities, gold, examples.task)
    return Search(examples, confidence, count_likely_errors(probabilities, gold, examples.task), probabilities)


def measure_confidence(probabilities: Array, gold: NDArray[np.bool_], task: str) -> Array:
    """Return the confidence in the labels given, (N,), from probabilities and labels given (N, L)."""
    weakest = np.where(gold, probabilities, 1.0).min(axis=1)
    if task == "stance":
        return weakest
    return weakest * np.where(gold, 1.0, 1 - probabilities).min(axis=1)


def count_likely_errors(probabilities: Array, gold: NDArray[np.bool_], task: str) -> int:
    """Return cleanlab's estimate by confident learning of how many examples are labelled wrongly."""
    if task == "stance":
        return int(num_label_issues(labels=gold.argmax(axis=1), pred_probs=probabilities))
    given: Sequence[list[int]] = [np.flatnonzero(row).tolist() for row in gold]
    found = find_label_issues(given, probabilities, filter_by="confident_learning", n_jobs=1)
    return int(np.sum(found))
