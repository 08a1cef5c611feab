"""The features that a linear model is fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from standpoint.encoding import compose
from tests.artifacts import BASELINE, LEVY, TREATY, stance_examples
from training.models.baseline import fit_baseline
from training.models.sparse_features import place_in_slots, stance_features, text_features


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    return fit_baseline(
        stance_examples(48).examples, "stance", ["favor", "against", "none"], [LEVY, TREATY], BASELINE, 1
    )


def test_features_of_unknown_targets_have_the_same_width(parts: dict[str, Any]) -> None:
    targets = {LEVY: 0, TREATY: 1}
    inputs = [compose("The envoy praised it.", target) for target in ("The Port Levy", "an unseen target", "")]
    features = stance_features(parts, inputs, targets)
    width = len(parts["words"].vocabulary_)
    base = width + len(parts["chars"].vocabulary_)
    assert features.shape == (3, base + 2 * width + 2 + width + 3)
    slots = features[:, base : base + 2 * width + 2]
    assert (slots.count_nonzero(axis=1) > 0).tolist() == [True, False, False]
    assert features.indices.dtype == np.int32


def test_text_features_do_not_see_the_target(parts: dict[str, Any]) -> None:
    assert text_features(parts, ["a", ""]).shape == (
        2,
        len(parts["words"].vocabulary_) + len(parts["chars"].vocabulary_),
    )


@given(rows=st.integers(1, 6), width=st.integers(1, 5), count=st.integers(1, 4), data=st.data())
def test_rows_move_into_their_slots(rows: int, width: int, count: int, data: st.DataObject) -> None:
    slots = np.array(data.draw(st.lists(st.integers(-1, count - 1), min_size=rows, max_size=rows)))
    dense = np.random.default_rng(rows * width).integers(0, 3, (rows, width)).astype(float)
    expected = np.zeros((rows, width * count))
    for row, slot in enumerate(slots):
        if slot >= 0:
            expected[row, slot * width : (slot + 1) * width] = dense[row]
    assert (place_in_slots(sp.csr_array(dense), slots, count).toarray() == expected).all()
