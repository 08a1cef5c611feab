"""Confidence fitted on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from training.models import calibration


def softmax(logits: np.ndarray) -> np.ndarray:
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found(temperature: float) -> None:
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(4000, 3)) * 2
    gold = np.array([generator.choice(3, p=row) for row in softmax(logits)])
    assert calibration.fit_temperature(logits * temperature, gold) == pytest.approx(temperature, rel=0.1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_sigmoid_temperature_is_found(temperature: float) -> None:
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(3000, 2)) * 2
    gold = (generator.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(float)
    assert calibration.fit_sigmoid_temperature(logits * temperature, gold) == pytest.approx(temperature, rel=0.1)


def test_too_few_examples_leave_the_temperature_at_one() -> None:
    assert calibration.fit_temperature(np.ones((9, 3)), np.zeros(9, dtype=int)) == 1.0
    assert calibration.fit_sigmoid_temperature(np.ones((9, 3)), np.ones((9, 3))) == 1.0


def test_extreme_logits_stay_in_bounds() -> None:
    logits = np.full((20, 2), -1e6)
    logits[:, 0] = 1e6
    for gold in (np.zeros(20, dtype=int), np.ones(20, dtype=int)):
        assert 0.249 <= calibration.fit_temperature(logits, gold) <= 10.1


def test_a_fit_that_ends_at_a_bound_is_known() -> None:
    """Answers that are never wrong want the lowest temperature, answers that are right by chance the highest."""
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(400, 3))
    sure = calibration.fit_temperature(logits, logits.argmax(axis=1))
    blind = calibration.fit_temperature(logits * 5, generator.integers(0, 3, 400))
    assert calibration.at_bound(sure)
    assert calibration.at_bound(blind)
    assert sure < 1 < blind
    assert not calibration.at_bound(1.0)


def test_thresholds_meet_half_way() -> None:
    """Topic a is right from 0.30 on, topic b from 0.60 on; `rare` is too rare to have a threshold of its own."""
    generator = np.random.default_rng(1)
    probabilities = generator.random((400, 4))
    gold = np.zeros((400, 4))
    gold[:, 0] = probabilities[:, 0] >= 0.30
    gold[:, 1] = probabilities[:, 1] >= 0.60
    gold[:5, 2] = 1
    probabilities[:, 2] = gold[:, 2]
    gold[:, 3] = probabilities[:, 3] >= 0.75
    found = calibration.fit_thresholds(probabilities, gold, ["a", "b", "rare", "other"])
    shared = found["rare"]
    assert 0.30 <= shared <= 0.60
    assert found["a"] == pytest.approx((0.30 + shared) / 2, abs=0.011)
    assert found["b"] == pytest.approx((0.60 + shared) / 2, abs=0.011)
    # `other` has no say in the shared value, and one of its own.
    assert found["other"] == pytest.approx((0.75 + shared) / 2, abs=0.011)


def test_thresholds_of_two_topics_one_of_them_other() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.7]] * 20)
    found = calibration.fit_thresholds(probabilities, (probabilities > 0.5).astype(float), ["other", "a"])
    assert all(0.1 <= value <= 0.9 for value in found.values())


def test_thresholds_of_unrelated_by_hand() -> None:
    """Annotated pairs have 0.3 of `unrelated` at most, sampled ones 0.5 at least, but for a doubtful one of each."""
    annotated = np.array([[0.8, 0.1, 0.1]] * 5 + [[0.1, 0.6, 0.3]] * 4 + [[0.3, 0.0, 0.7]])
    gold = np.array([0] * 5 + [1] * 4 + [0])
    sampled = np.array([[0.3, 0.2, 0.5]] * 9 + [[0.8, 0.0, 0.2]])
    named, tried = calibration.fit_unrelated(annotated, gold, sampled, unmentioned=100.0)
    assert 0.3 < named <= 0.5
    # A tried target is ten times likelier to be beside the point: the doubtful 0.2 is worth more than the sides found.
    assert tried <= 0.2
    # Without any unmentioned pair, nothing is gained by calling a pair unrelated.
    assert calibration.fit_unrelated(annotated, gold, sampled, unmentioned=0.0)[1] > 0.7
