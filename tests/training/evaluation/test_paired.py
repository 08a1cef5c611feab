"""Statistics of differences: against numbers worked out by hand, known properties, and models made to differ or not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from standpoint.codebook import STANCES
from training.evaluation.paired import (
    adjust_holm,
    compare_tallies,
    exchange_p,
    mcnemar_p,
    needed_examples,
)
from training.metrics import Tally, contrast_tally, stance_tallies

P = st.floats(0, 1)


def tally(right: list[bool], groups: list[str] | None = None) -> Tally:
    """Accuracy of answers, a group each unless given."""
    said = ["favor" if hit else "against" for hit in right]
    return contrast_tally(["favor"] * len(right), said, groups or [f"{i:04d}" for i in range(len(right))])


def noisy(share: float, count: int, seed: int) -> list[bool]:
    return (np.random.default_rng(seed).random(count) < share).tolist()


def test_a_difference_by_hand() -> None:
    found = compare_tallies("accuracy", tally([True] * 80 + [False] * 20), tally([True] * 60 + [False] * 40))
    assert found.value == pytest.approx(0.2)
    # 20 of 100 pairs differ, all to one side: the standard error is sqrt(0.2 * 0.8 / 100).
    assert found.error == pytest.approx(0.04, abs=0.004)
    assert (found.low, found.high) == (pytest.approx(0.12, abs=0.02), pytest.approx(0.28, abs=0.02))
    assert found.p == pytest.approx(1 / 10_000, abs=1e-6)


def test_the_pairs_make_it_narrow() -> None:
    """Two models that err on the same examples are told apart where two unpaired intervals would overlap."""
    base = noisy(0.7, 400, 1)
    better = [hit or i % 6 == 0 for i, hit in enumerate(base)]
    first, second = tally(better), tally(base)
    assert first.score().low < second.score().high
    found = compare_tallies("accuracy", first, second)
    assert found.low > 0
    assert found.p < 0.05


def test_equal_models_are_a_tie() -> None:
    found = compare_tallies("accuracy", tally(noisy(0.7, 200, 1)), tally(noisy(0.7, 200, 1)))
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_the_test_holds_its_level() -> None:
    """Of 200 pairs of models equally good, about one in twenty is called different at the 5% level, not more."""
    found = [
        exchange_p(tally(noisy(0.7, 120, seed)), tally(noisy(0.7, 120, seed + 1000)), exchanges=399)
        for seed in range(200)
    ]
    assert 0.005 <= np.mean([p < 0.05 for p in found]) <= 0.1


def test_groups_are_exchanged_whole() -> None:
    """Forty answers that differ in four documents are four observations, not forty."""
    first, second = [True] * 40 + [False] * 60, [False] * 40 + [False] * 60
    apart = exchange_p(tally(first), tally(second))
    together = exchange_p(*(tally(right, [str(i // 10) for i in range(100)]) for right in (first, second)))
    assert apart < 0.001
    assert together == pytest.approx(2 / 2**4, abs=0.02)


def test_an_f_measure_is_tested_as_such() -> None:
    gold = ["favor", "against", "none"] * 30
    groups = [str(i) for i in range(90)]
    right = stance_tallies(gold, gold, ["dam"] * 90, groups)["stance.macro_f1"]
    blind = stance_tallies(gold, ["favor"] * 90, ["dam"] * 90, groups)["stance.macro_f1"]
    found = compare_tallies("stance.macro_f1", right, blind)
    assert found.value == pytest.approx(1 - 0.5 / 3)
    assert found.p < 0.001


def test_mcnemar_is_the_binomial_test() -> None:
    assert mcnemar_p(0, 0) == 1
    assert mcnemar_p(5, 5) == 1
    # Ten of ten to one side: 2 / 2**10.
    assert mcnemar_p(10, 0) == pytest.approx(2 / 2**10)
    assert mcnemar_p(3, 9) == pytest.approx(binomtest(3, 12).pvalue)


def test_holm_by_hand() -> None:
    assert adjust_holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert adjust_holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert adjust_holm([]) == []


@given(st.lists(P, min_size=1, max_size=8))
def test_holm_lies_between_raw_and_bonferroni_and_keeps_the_order(found: list[float]) -> None:
    adjusted = adjust_holm(found)
    for raw, p in zip(found, adjusted, strict=True):
        assert raw - 1e-12 <= p <= min(1.0, raw * len(found)) + 1e-12
    order = np.argsort(found, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


def test_the_number_of_examples_that_would_tell() -> None:
    first, second = noisy(0.7, 100, 1), noisy(0.66, 100, 2)
    found = compare_tallies("accuracy", tally(first), tally(second))
    exact = 100 * (2.8016 * found.error / abs(found.value)) ** 2 - 100
    assert exact <= needed_examples(found.error, 100, abs(found.value)) <= exact * 1.11
    # By hand: (2.8016 * 0.03 / 0.05)^2 = 2.826 times as many as 600.
    assert needed_examples(0.03, 600, 0.05) == 1100
    assert needed_examples(0.01, 600, 0.05) == 0


@given(st.sampled_from(STANCES), st.integers(0, 50))
def test_a_difference_turns_its_sign_with_the_order(label: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    gold = generator.choice(STANCES, 30).tolist()
    groups = [str(i // 2) for i in range(30)]
    one, other = (
        stance_tallies(gold, answers, ["dam"] * 30, groups)["stance.f_avg"]
        for answers in (generator.choice(STANCES, 30).tolist(), [label] * 30)
    )
    there, back = compare_tallies("f", one, other, seed), compare_tallies("f", other, one, seed)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))
