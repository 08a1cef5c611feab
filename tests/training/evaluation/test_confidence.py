"""Calibration error, its limit for a perfect model, risk and coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.artifacts import LEVY
from training.evaluation.confidence import (
    calibration_error,
    equal_bins,
    list_answers,
    measure_confidence,
    perfect_band,
    risk_coverage,
)
from training.examples import Example, make_example_set
from training.scoring import Predictions, Withheld

LABELS = ("favor", "against", "none")


def stance_set(confidence: np.ndarray, right: np.ndarray) -> tuple[Predictions, object]:
    """Return answers `favor` with these confidences, right or wrong."""
    pairs = [
        Example(str(i), f"Text {i}.", LEVY, stance="favor" if good else "against", group=str(i))
        for i, good in enumerate(right)
    ]
    rest = (1 - confidence) / 2
    predictions = Predictions(
        tuple(e.id for e in pairs), LABELS, np.stack([confidence, rest, rest], axis=1), (("favor",),) * len(pairs)
    )
    return predictions, make_example_set("stance", pairs, source="pairs")


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.6, 0.9, 0.8, 0.7])
    right = np.array([0.0, 1.0, 1.0, 1.0])
    # Bins of two: {0.6, 0.7} mean 0.65, half right; {0.8, 0.9} mean 0.85, all right.
    assert calibration_error(confidence, right, bins=2) == pytest.approx((0.15 + 0.15) / 2)
    assert calibration_error(confidence, right, bins=1) == pytest.approx(0.0)
    assert calibration_error(confidence, right, bins=10) == pytest.approx((0.6 + 0.3 + 0.2 + 0.1) / 4)
    assert calibration_error(confidence[:0], right[:0]) == 0.0


def test_risk_and_coverage_by_hand() -> None:
    coverage, risk = risk_coverage(np.array([0.6, 0.9, 0.8, 0.7]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_a_calibrated_model_passes_and_an_overconfident_one_does_not() -> None:
    generator = np.random.default_rng(5)
    confidence = generator.uniform(0.4, 1, 600)
    honest = measure_confidence(*stance_set(confidence, generator.random(600) < confidence))
    assert honest.passes
    assert 0 < honest.expected < honest.limit
    boasting = measure_confidence(*stance_set(confidence, generator.random(600) < confidence - 0.25))
    assert not boasting.passes
    assert "above" in boasting.lines()[0]
    assert len(boasting.lines()) == 1, "a model that never abstains has no coverage to tell"
    assert boasting.scores() == {}
    assert boasting.error == pytest.approx(0.25, abs=0.06)
    assert boasting.risk_area > honest.risk_area


def test_a_small_set_is_granted_more_error() -> None:
    generator = np.random.default_rng(5)
    limits = []
    for count in (50, 2000):
        confidence = generator.uniform(0.4, 1, count)
        limits.append(measure_confidence(*stance_set(confidence, generator.random(count) < confidence)).limit)
    assert limits[0] > 2 * limits[1]


def test_confidence_is_that_of_the_answer_given() -> None:
    """A threshold can decide against the most probable label, and a topic that is not given has confidence too."""
    predictions, examples = stance_set(np.array([0.3]), np.array([True]))
    assert list_answers(predictions, examples)[0] == pytest.approx([0.3])
    passages = [
        Example("1", "A text.", topics=("economy",), group="1"),
        Example("2", "B.", topics=("other",), group="2"),
    ]
    topics = make_example_set("topic", passages, source="passages")
    said = Predictions(("1", "2"), topics.labels, np.array([[0.9, 0.2], [0.6, 0.1]]), (("economy",), ("economy",)))
    confidence, right = list_answers(said, topics)
    assert dict(zip(topics.labels, confidence.reshape(2, 2).tolist()[0], strict=True)) == {"economy": 0.9, "other": 0.8}
    assert right.tolist() == [1, 1, 0, 0]


def test_unrelated_leaves_the_answers_and_is_counted() -> None:
    """The share of the side is that of what `unrelated` leaves: 0.45 of 0.5."""
    pairs = [Example(str(i), f"Text {i}.", LEVY, stance="favor", group=str(i)) for i in range(4)]
    rows = np.array([[0.45, 0.03, 0.02, 0.5]] * 3 + [[0.1, 0.0, 0.0, 0.9]])
    decided = (("favor",), ("favor",), ("against",), ("unrelated",))
    withheld = Withheld(np.array([False, True, False, False]), 0.2)
    said = Predictions(tuple("0123"), (*LABELS, "unrelated"), rows, decided, withheld)
    confidence, right = list_answers(said, make_example_set("stance", pairs))
    assert confidence == pytest.approx([0.9, 0.9, 0.06])
    assert right.tolist() == [1, 1, 0]
    found = measure_confidence(said, make_example_set("stance", pairs))
    scores = found.scores()
    assert found.unrelated == 0.25
    assert scores["abstention.coverage"].value == 0.5
    assert scores["abstention.error"].value == 0.5
    assert scores["abstention.error"].count == 2
    assert found.lines()[1].startswith("abstention.coverage 0.500 [")
    assert found.lines()[1].endswith("(allowed 0.2); withheld 0.250, answered unrelated 0.250")


def test_a_model_that_withholds_everything_has_no_error() -> None:
    predictions, examples = stance_set(np.full(6, 0.6), np.ones(6))
    always = replace(predictions, withheld=Withheld(np.ones(6, dtype=bool), 0.1))
    found = measure_confidence(always, examples)
    assert list(found.scores()) == ["abstention.coverage"]
    assert found.scores()["abstention.coverage"].value == 0
    assert found.lines()[1] == "abstention.coverage 0.000 [0.000, 0.000]; withheld 1.000, answered unrelated 0.000"


def test_a_perfect_model_stays_within_its_band() -> None:
    generator = np.random.default_rng(2)
    confidence = generator.uniform(0.4, 1, 400)
    parts = equal_bins(confidence)
    low, high = perfect_band(confidence, parts)
    means = np.array([confidence[part].mean() for part in parts])
    assert (low < means).all()
    assert (means < high).all()
    inside = 0
    for _ in range(50):
        right = generator.random(400) < confidence
        shares = np.array([right[part].mean() for part in parts])
        inside += int(((low <= shares) & (shares <= high)).sum())
    assert inside >= 0.92 * 500
