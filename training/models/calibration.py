"""Fitted on validation: a temperature, a threshold per topic, the thresholds of `unrelated`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from standpoint.codebook import OTHER

Array = NDArray[np.float64]

SCREEN_LOSS = 0.005  # of detection.micro_f1
SCREEN_BOUNDS = np.round(np.arange(-4.0, 4.01, 0.1), 1)  # log odds tried; at the first, 2% likely, nearly all are kept

COLDEST, HOTTEST = 0.25, 10.0  # temperatures tried


def fit_temperature(logits: Array, gold: NDArray[np.int64]) -> float:
    """Return the temperature that minimises the log loss of softmax(logits / T) (Guo et al. 2017).

    `logits` (N, L), `gold` (N,) label numbers. 1.0 where there is nothing to fit on.
    """
    if len(gold) < 10:
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        return float((log_sum - scaled[np.arange(len(gold)), gold]).mean())

    best = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return round(float(np.exp(best.x)), 4)


def fit_sigmoid_temperature(logits: Array, gold: Array) -> float:
    """Return the temperature that minimises the log loss of sigmoid(logits / T). Both are (N, L), gold 0 or 1."""
    if len(gold) < 10:
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float((np.logaddexp(0, scaled) - gold * scaled).mean())

    best = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return round(float(np.exp(best.x)), 4)


def fit_thresholds(probabilities: Array, gold: Array, labels: Sequence[str]) -> dict[str, float]:
    """Return a threshold per topic: one shared value that maximises micro F1, moved a little per topic where it pays.

    `probabilities` and `gold` are (N, L). A topic's own optimum is noisy on a few dozen positives, so it is drawn
    half way towards the shared value, and a topic with fewer than 10 positives keeps that.
    """
    grid = np.round(np.arange(0.10, 0.80, 0.01), 2)
    usual = [i for i, label in enumerate(labels) if label != OTHER] or list(range(len(labels)))
    shared = float(max(grid, key=lambda t: _f1(probabilities[:, usual] >= t, gold[:, usual])))
    thresholds = {}
    for column, label in enumerate(labels):
        if gold[:, column].sum() < 10:
            thresholds[label] = shared
            continue
        own = float(max(grid, key=lambda t: (_f1(probabilities[:, column] >= t, gold[:, column]), -abs(t - shared))))
        thresholds[label] = round((own + shared) / 2, 3)
    return thresholds


def fit_unrelated(
    probabilities: Array, gold: NDArray[np.int64], sampled: Array, unmentioned: float
) -> tuple[float, float]:
    """Return the probabilities of `unrelated` (last column) from which it is the answer: named, and merely tried.

    `probabilities` (N, L) and `gold` (N,) are annotated pairs, `sampled` (M, L) pairs that are unrelated. For a named
    target, macro F1 of all labels is maximised with as many unrelated pairs as annotated ones; for a tried one, micro
    F1 of the favor and against found, when the M pairs stand for `unmentioned` ones.
    """
    sides = probabilities[:, :-1].argmax(axis=1)
    false_sides = sampled[:, :-1].argmax(axis=1)
    grid = np.round(np.arange(0.02, 1.0, 0.02), 2)

    def named(threshold: float) -> float:
        weight = len(gold) / max(len(sampled), 1)
        last = probabilities.shape[1] - 1
        said = np.where(probabilities[:, -1] >= threshold, last, sides)
        false = np.where(sampled[:, -1] >= threshold, last, false_sides)
        scores = []
        for label in range(last + 1):
            hits = float((said[gold == label] == label).sum()) + weight * float((false == last).sum()) * (label == last)
            total = float((gold == label).sum()) + weight * len(sampled) * (label == last)
            total += float((said == label).sum()) + weight * float((false == label).sum())
            scores.append(2 * hits / total if total else 0.0)
        return float(np.mean(scores))

    def tried(threshold: float) -> float:
        weight = unmentioned / max(len(sampled), 1)
        found = (probabilities[:, -1] < threshold) & (sides < 2)
        hits = float((found & (sides == gold)).sum())
        said = float(found.sum()) + weight * float(((sampled[:, -1] < threshold) & (false_sides < 2)).sum())
        total = said + float((gold < 2).sum())
        return 2 * hits / total if total else 0.0

    return float(max(grid, key=named)), float(max(grid, key=tried))


def fit_screen(odds: Array, right: NDArray[np.bool_], sided: int, false_odds: Array, weight: float) -> float | None:
    """Return the highest log odds under which a tried target may be left out, None where every one is missed.

    Of the pairs that get favor or against, `odds` (P,) are those of annotated ones, `right` (P,) of them correctly, and
    `false_odds` (Q,) those of unrelated ones, which count `weight` each; `sided` annotated pairs have a side. Micro F1
    of the pairs found may lie SCREEN_LOSS below the best of all bounds.
    """

    def score(bound: float) -> float:
        kept = odds >= bound
        said = float(kept.sum()) + weight * float((false_odds >= bound).sum())
        return 2 * float((kept & right).sum()) / (said + sided) if said + sided else 0.0

    enough = max(score(bound) for bound in (-np.inf, *SCREEN_BOUNDS)) - SCREEN_LOSS
    if enough <= 0:  # nothing is found, with or without a bound
        return None
    passing = [float(bound) for bound in SCREEN_BOUNDS if score(bound) >= enough]
    return max(passing, default=None)


def at_bound(temperature: float) -> bool:
    """Whether a temperature is the lowest or the highest tried, as far as the search goes."""
    return temperature < COLDEST * 1.001 or temperature > HOTTEST * 0.999


def _f1(said: NDArray[np.bool_], gold: Array) -> float:
    hits = float((said * gold).sum())
    total = float(said.sum() + gold.sum())
    return 2 * hits / total if total else 0.0
