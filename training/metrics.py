"""Metrics by definition id, each from counts, each with a bootstrap interval.

Every metric is a function of a table of counts with any leading dimensions, so that the point estimate and its 1,000
resamples are one call; a tally holds the two, so that models can be compared on the same resamples. Resampling draws
groups (documents), not examples: passages of one document are alike.
A label that is absent from gold and predictions scores 0 and stays in the mean: the definition never changes.

Sources: `stance.f_avg` is SemEval-2016 Task 6's score (Mohammad et al. 2016); `stance.macro_f1` is used by VAST
(Allaway and McKeown 2020) and NewsMTSC (Hamborg and Donnay 2021); the interval is the percentile bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standpoint.codebook import STANCES, UNRELATED

Counts = NDArray[np.float64]
ANSWERS = (*STANCES, UNRELATED)  # what a model may say; gold holds the first three
RESAMPLES = 1000


@dataclass(frozen=True)
class Score:
    """A metric's value with its 95% interval, shares of one, over `count` examples."""

    value: float
    low: float
    high: float
    count: int

    def as_dict(self) -> dict[str, float]:
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


@dataclass(frozen=True)
class Tally:
    """A metric, and the table (G, ...) of counts by group that it is a function of; groups are sorted by name."""

    table: Counts
    metric: Callable[[Counts], Counts]
    count: int  # examples

    @property
    def value(self) -> float:
        return float(self.metric(self.table.sum(axis=0))) if len(self.table) else 0.0

    def score(self, seed: int = 0) -> Score:
        """Return the value with its interval."""
        return bootstrap(self.table, self.metric, self.count, seed)


def f1(hits: Counts, gold: Counts, predicted: Counts) -> Counts:
    """Return 2·TP / (gold + predicted), and 0 where there is neither."""
    total = gold + predicted
    return np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)


def label_f1(confusion: Counts) -> Counts:
    """Return F1 of favor, against, none (..., 3) from confusion (..., 3 gold, 4 answers)."""
    hits = np.diagonal(confusion[..., :3], axis1=-2, axis2=-1)
    return f1(hits, confusion.sum(axis=-1), confusion.sum(axis=-2)[..., :3])


def f_avg(confusion: Counts) -> Counts:
    """Return the mean F1 of favor and against over all pairs pooled."""
    return label_f1(confusion)[..., :2].mean(axis=-1)


def macro_f1(confusion: Counts) -> Counts:
    """Return the mean F1 of favor, against and none."""
    return label_f1(confusion).mean(axis=-1)


def accuracy(confusion: Counts) -> Counts:
    """Return the share of pairs whose stance is right."""
    total = confusion.sum(axis=(-2, -1))
    hits = np.trace(confusion[..., :3], axis1=-2, axis2=-1)
    return np.divide(hits, total, out=np.zeros_like(total), where=total > 0)


def f_avg_per_target(confusions: Counts) -> Counts:
    """Return the mean over targets of each target's f_avg, from (..., T, 3, 4).

    A resample that holds no pair of some target averages over the others.
    """
    present = confusions.sum(axis=(-2, -1)) > 0
    scores = np.where(present, f_avg(confusions), 0).sum(axis=-1)
    return scores / np.maximum(present.sum(axis=-1), 1)


def stance_tallies(
    gold: Sequence[str], predicted: Sequence[str], targets: Sequence[str], groups: Sequence[str]
) -> dict[str, Tally]:
    """Return the stance metrics of annotated pairs, over favor, against and none; an `unrelated` answer is wrong."""
    _, group = np.unique(np.array(groups, dtype=object), return_inverse=True)
    names, target = np.unique(np.array(targets, dtype=object), return_inverse=True)
    table = np.zeros((int(group.max(initial=-1)) + 1, len(names), 3, 4))
    rows = [ANSWERS.index(label) for label in gold]
    columns = [ANSWERS.index(label) for label in predicted]
    np.add.at(table, (group, target, rows, columns), 1)
    pooled = table.sum(axis=1)
    n = len(gold)
    return {
        "stance.macro_f1": Tally(pooled, macro_f1, n),
        "stance.f_avg": Tally(pooled, f_avg, n),
        "stance.f_avg_per_target": Tally(table, f_avg_per_target, n),
        "stance.accuracy": Tally(pooled, accuracy, n),
    }


def two_label_tally(gold: Sequence[str], predicted: Sequence[str], groups: Sequence[str]) -> Tally:
    """Return `stance.macro_f1_two` of a set that knows favor and against only, both sides holding only these two."""
    pairs = np.array([[g == label, p == label] for g, p in zip(gold, predicted, strict=True) for label in STANCES[:2]])
    pairs = pairs.reshape(-1, 2, 2).astype(np.float64)  # (N, label, gold or predicted)
    counts = np.concatenate([pairs.prod(axis=-1, keepdims=True), pairs], axis=-1)  # hits, gold, predicted
    return Tally(_by_group(counts, groups), lambda t: f1(t[..., 0], t[..., 1], t[..., 2]).mean(axis=-1), len(gold))


def contrast_rows(passages: Sequence[str], gold: Sequence[str]) -> list[int]:
    """Return the rows of passages that carry two or more different stances."""
    stances: dict[str, set[str]] = {}
    for passage, label in zip(passages, gold, strict=True):
        stances.setdefault(passage, set()).add(label)
    return [row for row, passage in enumerate(passages) if len(stances[passage]) > 1]


def contrast_tally(gold: Sequence[str], predicted: Sequence[str], groups: Sequence[str]) -> Tally:
    """Return `stance.contrast_accuracy` of the rows given (see `contrast_rows`): the share of pairs that are right.

    A model that does not read the target gives a passage one answer, so it cannot be right on all of its pairs.
    """
    right = [float(g == p) for g, p in zip(gold, predicted, strict=True)]
    return Tally(_by_group(np.stack([right, np.ones(len(right))], axis=1), groups), _ratio, len(right))


def topic_tallies(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], labels: Sequence[str], groups: Sequence[str]
) -> dict[str, Tally]:
    """Return micro and macro F1 over `labels` and the mean Jaccard index per passage."""
    truth, said = _membership(gold, labels), _membership(predicted, labels)
    table = _by_group(np.stack([truth * said, truth, said], axis=1), groups)  # (G, 3, L)
    union = np.maximum(np.maximum(truth, said).sum(axis=1), 1)
    jaccard = np.stack([(truth * said).sum(axis=1) / union, np.ones(len(gold))], axis=1)
    n = len(gold)
    return {
        "topic.micro_f1": Tally(table, _topic_micro, n),
        "topic.macro_f1": Tally(table, _topic_macro, n),
        "topic.jaccard": Tally(_by_group(jaccard, groups), _ratio, n),
    }


def detection_score(
    gold: Sequence[set[tuple[str, str]]], found: Sequence[set[tuple[str, str]]], groups: Sequence[str], seed: int = 0
) -> Score:
    """Return `detection.micro_f1`: F1 over (target, stance) pairs of whole passages, favor and against only."""
    counts = [
        [len(_judged(truth) & _judged(said)), len(_judged(truth)), len(_judged(said))]
        for truth, said in zip(gold, found, strict=True)
    ]
    table = _by_group(np.array(counts, dtype=np.float64).reshape(-1, 3), groups)
    return bootstrap(table, lambda t: f1(t[..., 0], t[..., 1], t[..., 2]), len(gold), seed)


def bootstrap(
    table: Counts, metric: Callable[[Counts], Counts], count: int, seed: int = 0, resamples: int = RESAMPLES
) -> Score:
    """Return a metric of a table (G, ...) of counts by group, with its 95% percentile interval over drawn groups."""
    if len(table) == 0:
        return Score(0.0, 0.0, 0.0, 0)
    value = float(metric(table.sum(axis=0)))
    low, high = np.percentile(metric(resample(table, draw_groups(len(table), seed, resamples))), [2.5, 97.5])
    return Score(value, float(low), float(high), count)


def draw_groups(groups: int, seed: int = 0, resamples: int = RESAMPLES) -> Counts:
    """Return (R, G): how often each group is drawn, with replacement, in each resample."""
    drawn = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    return drawn.astype(np.float64)


def resample(table: Counts, draws: Counts) -> Counts:
    """Return (R, ...): the sums of a table (G, ...) with its groups counted as often as `draws` (R, G) says."""
    return (draws @ table.reshape(len(table), -1)).reshape(len(draws), *table.shape[1:])


def _judged(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {pair for pair in pairs if pair[1] in ("favor", "against")}


def _ratio(table: Counts) -> Counts:
    return np.divide(table[..., 0], table[..., 1], out=np.zeros_like(table[..., 0]), where=table[..., 1] > 0)


def _topic_micro(table: Counts) -> Counts:
    hits, gold, said = np.moveaxis(table.sum(axis=-1), -1, 0)
    return f1(hits, gold, said)


def _topic_macro(table: Counts) -> Counts:
    hits, gold, said = np.moveaxis(table, -2, 0)
    return f1(hits, gold, said).mean(axis=-1)


def _membership(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> Counts:
    """Return (N, L) of 0 and 1."""
    return np.array([[float(label in row) for label in labels] for row in rows]).reshape(len(rows), len(labels))


def _by_group(values: Counts, groups: Sequence[str]) -> Counts:
    """Sum (N, ...) over the rows of each group: (G, ...)."""
    names, index = np.unique(np.array(groups, dtype=object), return_inverse=True)
    table = np.zeros((len(names), *values.shape[1:]))
    np.add.at(table, index, values)
    return table
