"""Two models in one artifact: what their weighted logits are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from standpoint.backends import linear
from standpoint.backends.stacked import relation_odds, stack_logits
from standpoint.encoding import compose
from standpoint.metadata import Stack
from standpoint.predictor import Predictor
from tests.artifacts import stance_examples

STANCES = ["favor", "against", "none", "unrelated"]
ROWS = st.lists(st.lists(st.floats(-30, 30), min_size=8, max_size=8), min_size=1, max_size=5)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


@given(ROWS)
def test_a_linear_model_without_weight_changes_nothing(rows: list[list[float]]) -> None:
    logits = np.array(rows)
    alone = Stack(transformer=1, linear=0, relation=(1, 0))
    assert np.allclose(softmax(stack_logits(logits, alone, STANCES)), softmax(logits[:, :4]))
    assert np.allclose(stack_logits(logits, alone, ["economy", "diplomacy", "society", "other"]), logits[:, :4])


@given(ROWS)
def test_the_relation_decides_about_unrelated_alone(rows: list[list[float]]) -> None:
    logits = np.array(rows)
    one, other = (Stack(relation=relation, bias=bias) for relation, bias in (((1, 0), 0.0), ((0, 1), 2.0)))
    first, second = (softmax(stack_logits(logits, stack, STANCES)) for stack in (one, other))
    shares = [found[:, :3] / found[:, :3].sum(axis=1, keepdims=True) for found in (first, second)]
    assert np.allclose(*shares)
    assert np.allclose(first[:, 3], softmax(logits[:, :4])[:, 3])
    odds = relation_odds(logits)[:, 1] + 2
    assert np.allclose(second[:, 3], 1 / (1 + np.exp(odds)))


def test_no_question_has_no_answer(relation_predictor: Predictor, stacked_predictor: Predictor) -> None:
    """A page may hold no passage to be judged: the shapes are those of any other."""
    for predictor in (relation_predictor, stacked_predictor):
        logits, truncated = predictor.logits([])
        assert logits.shape == (0, len(predictor.metadata.labels))
        assert truncated.shape == (0,)
        assert predictor.stances_of([]) == []
    # Side by side, as in an artifact whose transformer knows `unrelated` too.
    both = np.concatenate([np.empty((0, 4)), relation_predictor.logits([])[0]], axis=1)
    assert stack_logits(both, Stack(), relation_predictor.metadata.labels).shape == (0, 4)


def test_a_list_of_many_targets_is_answered_as_a_short_one(
    relation_predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [compose(e.text, e.target) for e in stance_examples(20).examples]
    whole, _ = relation_predictor.logits(questions)
    monkeypatch.setattr(linear, "PANEL_TARGETS", 0)
    parts, truncated = relation_predictor.logits(questions)
    np.testing.assert_allclose(parts, whole, atol=1e-12)
    assert truncated.shape == (20,)


def test_without_unrelated_the_logits_are_added() -> None:
    logits = np.array([[1.0, 2.0, 3.0, 10.0, 20.0, 30.0]])
    stack = Stack(transformer=2, linear=0.5, bias=1)
    assert stack_logits(logits, stack, STANCES[:3]).tolist() == [[8.0, 15.0, 22.0]]


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_a_weight_is_a_number_from_nought(weight: float) -> None:
    with pytest.raises(ValidationError, match="linear"):
        Stack(linear=weight)
