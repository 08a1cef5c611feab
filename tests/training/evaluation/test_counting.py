"""Counts of stances: shares by hand, mistakes undone where they are those of validation, nothing claimed elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.codebook import STANCES
from tests.artifacts import stance_examples
from training.evaluation.counting import adjust_shares, count_error, count_stances, take_shares
from training.examples import ExampleSet, make_example_set
from training.scoring import Predictions, count_confusion

# Of 100 annotated pairs each: how this model errs.
CONFUSION = {
    "favor": {"favor": 80, "against": 5, "none": 15},
    "against": {"favor": 10, "against": 70, "none": 10, "unrelated": 10},
    "none": {"favor": 20, "against": 20, "none": 60},
}


def predict(examples: ExampleSet, said: list[str]) -> Predictions:
    labels = (*STANCES, "unrelated")
    probabilities = np.eye(4)[[labels.index(label) for label in said]]
    return Predictions(tuple(e.id for e in examples.examples), labels, probabilities, tuple((s,) for s in said))


def test_counts_by_hand() -> None:
    examples = make_example_set("stance", stance_examples(8).examples[:4])
    gold = ["favor", "favor", "against", "none"]
    examples = make_example_set("stance", [replace(e, stance=g) for e, g in zip(examples.examples, gold, strict=True)])
    [whole] = count_stances(predict(examples, ["favor", "against", "against", "unrelated"]), examples)
    assert whole.gold == {"favor": 0.5, "against": 0.25, "none": 0.25}
    assert whole.counted == {"favor": pytest.approx(1 / 3), "against": pytest.approx(2 / 3), "none": 0}
    assert whole.error == pytest.approx((1 / 6 + 5 / 12 + 1 / 4) / 3)
    assert (whole.adjusted, whole.adjusted_error) == (None, None)


@given(st.tuples(*[st.integers(0, 20)] * 3).filter(lambda mix: sum(mix) > 0))
def test_adjusting_undoes_the_mistakes_of_validation(mix: tuple[int, int, int]) -> None:
    """A set of any mix whose answers err exactly as on validation is counted exactly."""
    answers = [
        said
        for label, times in zip(STANCES, mix, strict=True)
        for said, count in CONFUSION[label].items()
        for _ in range(count * times)
    ]
    found = adjust_shares(answers, list(STANCES), CONFUSION)
    assert found is not None
    for label, times in zip(STANCES, mix, strict=True):
        assert found[label] == pytest.approx(times / sum(mix), abs=1e-6)


def test_adjusted_shares_are_shares() -> None:
    found = adjust_shares(["unrelated"] * 5, list(STANCES), CONFUSION)
    assert found is not None
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


def test_an_unknown_label_is_not_adjusted() -> None:
    assert adjust_shares(["favor"], ["favor", "none"], {"favor": {"favor": 3}}) is None
    assert adjust_shares([], list(STANCES), CONFUSION) is None


def test_slices_are_counted_where_they_are_large_enough() -> None:
    examples = make_example_set(
        "stance",
        [replace(e, kind="wire" if i < 100 else "speech") for i, e in enumerate(stance_examples(120).examples)],
    )
    predictions = predict(examples, [str(e.stance) for e in examples.examples])
    found = count_stances(predictions, examples, count_confusion(predictions, examples))
    assert [(c.slice.dimension, c.slice.value) for c in found][:2] == [("all", ""), ("kind", "wire")]
    assert "speech" not in {c.slice.value for c in found}
    for count in found:
        assert count.error == 0
        assert count.adjusted_error == pytest.approx(0, abs=1e-6)


def test_shares_of_nothing_are_zero() -> None:
    assert take_shares([], ["favor", "none"]) == {"favor": 0, "none": 0}
    assert count_error({"favor": 0.5}, {"favor": 0.25}) == 0.25
