"""The weights of a transformer and a linear model, fitted on what neither has learned from."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from standpoint.backends.stacked import stack_logits
from standpoint.metadata import Stack
from training.models.stacking import EVEN, fit_stance_stack, fit_topic_stack

LABELS = ["favor", "against", "none", "unrelated"]
ROWS = 400


def draw_logits(gold: NDArray[np.int64], strength: float, seed: int) -> NDArray[np.float64]:
    """Return logits (N, 4) that know `gold` as well as `strength` says."""
    logits = np.random.default_rng(seed).normal(size=(len(gold), 4))
    logits[np.arange(len(gold)), gold] += strength
    return logits


def draw_both(gold: NDArray[np.int64], transformer: float, linear: float) -> NDArray[np.float64]:
    return np.concatenate([draw_logits(gold, transformer, 1), draw_logits(gold, linear, 2)], axis=1)


def log_loss(logits: NDArray[np.float64], stack: Stack, gold: NDArray[np.int64]) -> float:
    joined = stack_logits(logits, stack, LABELS)[:, :3]
    return float((np.logaddexp.reduce(joined, axis=1) - joined[np.arange(len(gold)), gold]).mean())


@pytest.fixture
def gold() -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, 3, ROWS)


def test_the_model_that_knows_more_counts_more(gold: NDArray[np.int64]) -> None:
    unrelated = np.full(ROWS, 3)
    stack = fit_stance_stack(draw_both(gold, 3.0, 0.5), gold, draw_both(unrelated, 0.5, 3.0), sides=3)
    assert stack.transformer > 2 * stack.linear
    assert stack.relation[1] > stack.relation[0]


def test_both_together_lose_less_than_either(gold: NDArray[np.int64]) -> None:
    fitted, fresh = draw_both(gold, 1.5, 1.2), draw_both(gold[::-1], 1.5, 1.2)
    stack = fit_stance_stack(fitted, gold, fitted[:0], sides=3)
    alone = [stack.model_copy(update={name: 0.0}) for name in ("transformer", "linear")]
    assert log_loss(fresh, stack, gold[::-1]) < min(log_loss(fresh, other, gold[::-1]) for other in alone)
    assert stack.relation == (EVEN, EVEN)  # nothing said what is unrelated


def test_a_few_examples_hardly_move_the_weights() -> None:
    gold = np.array([0, 1])
    sure = 50 * draw_both(gold, 3.0, 0.0)
    assert fit_stance_stack(sure, gold, sure[:0], sides=3).transformer < 1.5


def test_topics_get_a_bias() -> None:
    generator = np.random.default_rng(3)
    gold = (generator.random((ROWS, 3)) < 0.2).astype(float)
    logits = np.concatenate([gold * 3 + generator.normal(size=gold.shape) + 1 for _ in range(2)], axis=1)
    stack = fit_topic_stack(logits, gold)
    assert stack.bias < -1  # every logit is far too high for topics this rare
    joined = stack_logits(logits, stack, ["economy", "diplomacy", "other"])
    assert abs(float((1 / (1 + np.exp(-joined))).mean()) - float(gold.mean())) < 0.01
