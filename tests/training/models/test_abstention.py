"""The bound below which a stance is withheld keeps what it promises, on draws whose true error is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from training.models.abstention import (
    CERTAINTY,
    NOTHING,
    chance_of_fewer,
    effective_size,
    fit_abstention,
    intraclass_correlation,
)


def apart(count: int) -> np.ndarray:
    """Return a group of its own for every answer."""
    return np.array([str(i) for i in range(count)])


def plain_bound(confidence: np.ndarray, right: np.ndarray, error: float) -> float:
    """Return the lowest confidence whose answers keep the error on the very answers that it is chosen on."""
    order = np.argsort(-confidence)
    risk = np.cumsum(1 - right[order]) / np.arange(1, len(right) + 1)
    return float(confidence[order][np.flatnonzero(risk <= error)[-1]])


def true_error(bound: float) -> float:
    """Return the share of wrong answers where confidence is uniform on 0.4 to 1 and means what it says."""
    return 1 - (1 + max(bound, 0.4)) / 2


@pytest.mark.parametrize("alike", [False, True])
def test_the_promise_is_kept_as_often_as_stated(alike: bool) -> None:
    """Documents of six pairs; `alike` has all pairs of a document right or wrong together."""
    generator = np.random.default_rng(11)
    error, draws, kept, plain_kept, given = 0.2, 200, 0, 0, 0
    groups = np.repeat([str(i) for i in range(60)], 6)
    for _ in range(draws):
        confidence = generator.uniform(0.4, 1, len(groups))
        chance = np.repeat(generator.random(60), 6) if alike else generator.random(len(groups))
        right = (chance < confidence).astype(float)
        bound = fit_abstention(confidence, right, groups, error)
        kept += bound == NOTHING or true_error(bound or 0.0) <= error
        given += bound != NOTHING
        plain_kept += true_error(plain_bound(confidence, right, error)) <= error
    assert kept >= CERTAINTY * draws
    assert plain_kept < 0.7 * draws, "what the bound is for: the plain estimate breaks its word too often"
    assert given >= 0.6 * draws, "a bound that always withholds would keep every promise"


@given(
    rows=st.lists(st.tuples(st.integers(34, 99), st.booleans()), max_size=120),
    error=st.sampled_from([0.05, 0.1, 0.2, 0.3]),
)
def test_what_is_given_passes_the_test(rows: list[tuple[int, bool]], error: float) -> None:
    """Many confidences are equal here: all of equal confidence are given, or none."""
    confidence = np.array([value / 100 for value, _ in rows])
    right = np.array([float(is_right) for _, is_right in rows])
    bound = fit_abstention(confidence, right, apart(len(rows)), error)
    taken = np.full(len(rows), bound is None) if bound in (None, NOTHING) else confidence >= bound
    assert not (bound is None and len(rows) == 0)
    if taken.any():
        assert binom.cdf((1 - right[taken]).sum(), taken.sum(), error) <= 1 - CERTAINTY + 1e-12
    assert bound not in confidence, "no answer stands on the bound"


def test_the_bound_by_hand() -> None:
    """Of 11 faultless answers P(X = 0) is 0.8^11 = 0.086, of 10 it is 0.107."""
    confidence = np.linspace(0.9, 0.5, 11)
    assert fit_abstention(confidence, np.ones(11), apart(11), 0.2) is None
    assert fit_abstention(confidence[:10], np.ones(10), apart(10), 0.2) == NOTHING
    # The surest 40 of 100 are right and all others wrong: 0.2 is kept up to 46, refuted up to 45 (tests: 20, 25, ...).
    confidence = np.linspace(0.99, 0.5, 100)
    bound = fit_abstention(confidence, (np.arange(100) < 40) * 1.0, apart(100), 0.2)
    assert bound == pytest.approx((confidence[44] + confidence[45]) / 2)
    assert fit_abstention(confidence, np.zeros(100), apart(100), 0.2) == NOTHING
    for never in (0.0, 1.0):
        assert fit_abstention(confidence, np.zeros(100), apart(100), never) is None
    assert fit_abstention(confidence[:0], confidence[:0], apart(0), 0.2) == NOTHING


def test_answers_that_are_certain_can_be_given() -> None:
    """Probabilities of 1.0 are below no bound but NOTHING."""
    confidence = np.append(np.ones(50), np.full(50, 0.5))
    bound = fit_abstention(confidence, (np.arange(100) < 50) * 1.0, apart(100), 0.1)
    assert bound is not None
    assert 0.5 < bound < NOTHING


def test_the_chance_is_the_binomial_one_and_takes_fractions() -> None:
    for count, wrong, error in ((50, 3, 0.1), (20, 0, 0.2), (7, 6, 0.5)):
        assert chance_of_fewer(count, wrong, error) == pytest.approx(binom.cdf(wrong, count, error))
    assert chance_of_fewer(5, 5, 0.5) == 1.0
    assert chance_of_fewer(50, 3, 0.1) < chance_of_fewer(40, 2.4, 0.1) < chance_of_fewer(30, 1.8, 0.1)


def test_groups_count_for_less_the_more_alike_they_are() -> None:
    groups = np.repeat(["a", "b", "c", "d"], 5)
    assert effective_size(groups, 0.0) == 20
    assert effective_size(groups, 1.0) == pytest.approx(4)
    same = np.repeat([1.0, 0.0, 1.0, 0.0], 5)
    assert intraclass_correlation(same, groups) == pytest.approx(1.0)
    assert intraclass_correlation(np.tile([1.0, 0.0], 10), np.repeat(["a", "b"], 10)) == 0.0
    assert intraclass_correlation(same, apart(20)) == 0.0
    assert intraclass_correlation(np.ones(20), groups) == 0.0
    assert intraclass_correlation(same, np.full(20, "a")) == 0.0
