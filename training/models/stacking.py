"""How much a transformer and the linear model beside it count: weights of their logits, fitted on validation.

Neither model has learned from validation, so no folds of training need be held out for it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from standpoint.backends.stacked import relation_odds
from standpoint.metadata import Stack

Array = NDArray[np.float64]

EVEN = 0.5  # the weight of each model before anything was seen; it counts as much as one answer
HEAVIEST = 10.0


def fit_topic_stack(logits: Array, gold: Array) -> Stack:
    """Return the weights that minimise the log loss of each topic; `logits` (N, 2L), `gold` (N, L) of 0 and 1."""
    transformer, linear = np.split(logits, 2, axis=1)

    def loss(w: Array) -> float:
        joined = w[0] * transformer + w[1] * linear + w[2]
        return float((np.logaddexp(0, joined) - gold * joined).mean())

    weights = _minimise(loss, gold.size, bias=True)
    return Stack(transformer=weights[0], linear=weights[1], bias=weights[2])


def fit_stance_stack(annotated: Array, gold: NDArray[np.int64], sampled: Array, sides: int) -> Stack:
    """Return the weights that minimise the log loss of the sides, and that of being related to the target.

    `annotated` (N, 2L) with `gold` (N,), `sampled` (M, 2L) unrelated pairs, which count as much as the annotated ones;
    M is 0 where `unrelated` is no label. `sides` counts the labels beside it.
    """
    transformer, linear = (part[:, :sides] for part in np.split(annotated, 2, axis=1))

    def loss(w: Array) -> float:
        joined = w[0] * transformer + w[1] * linear
        return float((np.logaddexp.reduce(joined, axis=1) - joined[np.arange(len(gold)), gold]).mean())

    weights = _minimise(loss, len(gold))
    stack = Stack(transformer=weights[0], linear=weights[1])
    if not len(sampled):
        return stack
    related, apart = relation_odds(annotated), relation_odds(sampled)

    def relation_loss(w: Array) -> float:
        missed = np.logaddexp(0, -(related @ w[:2] + w[2])).mean()
        invented = np.logaddexp(0, apart @ w[:2] + w[2]).mean()
        return float(missed + invented) / 2

    weights = _minimise(relation_loss, len(gold), bias=True)
    return stack.model_copy(update={"relation": (weights[0], weights[1]), "bias": weights[2]})


def _minimise(loss: Callable[[Array], float], answers: int, bias: bool = False) -> list[float]:
    """Return the weights, and a bias where there is one, with the least loss; a few answers move them little."""

    def held(w: Array) -> float:
        return loss(w) + float(((w[:2] - EVEN) ** 2).sum()) / answers

    start = [EVEN, EVEN, 0.0] if bias else [EVEN, EVEN]
    bounds = [(0.0, HEAVIEST), (0.0, HEAVIEST), (-HEAVIEST, HEAVIEST)][: len(start)]
    return [round(float(w), 4) for w in minimize(held, start, method="L-BFGS-B", bounds=bounds).x]
