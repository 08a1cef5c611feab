"""Alpha against published examples, the package krippendorff, and cases worked out by hand."""

import math
from collections.abc import Hashable, Sequence
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.annotations.agreement import bootstrap_alpha, masi_distance, measure_agreement, nominal_distance
from training.annotations.agreement.alpha import Unit
from training.annotations.reading import read_corpus

ROOT = Path(__file__).resolve().parents[3]

# Four observers, twelve units, 0 for missing: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011),
# section C, nominal alpha 0.743.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
SETS = st.frozensets(st.sampled_from("abcd"), min_size=1)


def _units(*observers: Sequence[Hashable]) -> list[Unit]:
    columns = (tuple(value for value in column if value) for column in zip(*observers, strict=True))
    return [(str(i), values) for i, values in enumerate(columns) if len(values) > 1]


PUBLISHED = {
    # Sections A to C: two observers and binary values, two observers and five values, four observers with gaps.
    "binary": (_units("0100000010", "1110010000"), 0.095),
    "nominal": (_units("aabbdcccedda", "babbbccceddd"), 0.692),
    "missing": (_units(*OBSERVERS), 0.743),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_examples(name: str) -> None:
    units, published = PUBLISHED[name]
    alpha, low, high = bootstrap_alpha(units, nominal_distance)
    assert alpha == pytest.approx(published, abs=5e-4)
    assert low < alpha < high


def test_masi_distances_by_hand() -> None:
    a, ab, bc, c = (frozenset(name) for name in ("a", "ab", "bc", "c"))
    assert masi_distance(ab, ab) == 0
    assert masi_distance(a, ab) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi_distance(ab, bc) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(a, c) == 1
    # Passonneau 2006: M is 2/3 where one set holds the other; the package nltk, which rounds it to 0.67, documents
    # 0.665 for {1, 2} against {1, 2, 3, 4}.
    assert masi_distance(frozenset({1, 2}), frozenset({1, 2, 3, 4})) == pytest.approx(0.665, abs=2e-3)
    assert masi_distance(frozenset("abc"), ab) == pytest.approx(1 - 4 / 9)


def test_masi_alpha_by_hand() -> None:
    """Two units, (ab, ab) and (ab, a): D_o = 2 * 2/3 / 4 = 1/3; D_e = 2 * 3 * 1 * 2/3 / (4 * 3) = 1/3; alpha 0."""
    ab, a = frozenset("ab"), frozenset("a")
    assert bootstrap_alpha([("1", (ab, ab)), ("2", (ab, a))], masi_distance)[0] == pytest.approx(0)


def test_masi_refuses_what_is_no_set() -> None:
    with pytest.raises(TypeError, match="frozensets"):
        masi_distance("ab", "ba")


@given(st.lists(st.lists(SETS, min_size=2, max_size=4), min_size=2, max_size=12))
def test_same_as_the_package(units: list[list[frozenset[str]]]) -> None:
    domain = sorted({value for unit in units for value in unit}, key=sorted)
    counts = np.array([[unit.count(value) for value in domain] for unit in units])
    mine = bootstrap_alpha([(str(i), tuple(unit)) for i, unit in enumerate(units)], masi_distance, draws=2)[0]
    if len(domain) == 1:
        assert math.isnan(mine)
        return

    def metric(v1, v2, i1, i2, n_v, dtype=np.float64):  # type: ignore[no-untyped-def]
        return np.array([[masi_distance(one, other) for other in domain] for one in domain])

    package = krippendorff.alpha(value_counts=counts, level_of_measurement=metric)
    assert mine == pytest.approx(package, abs=1e-9)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=4), min_size=1, max_size=12))
def test_intervals_rest_on_what_the_package_computes(units: list[list[str]]) -> None:
    """Nominal values are the package's; equal distances that are not the nominal function take our own way."""
    named = [(str(i), tuple(unit)) for i, unit in enumerate(units)]
    package = bootstrap_alpha(named, nominal_distance, draws=2)[0]
    sums = bootstrap_alpha(named, lambda one, other: float(one != other), draws=2)[0]
    assert sums == pytest.approx(package, abs=1e-9, nan_ok=True)


@given(SETS, SETS)
def test_masi_is_symmetric_and_bounded(one: frozenset[str], other: frozenset[str]) -> None:
    assert masi_distance(one, other) == masi_distance(other, one)
    assert 0 <= masi_distance(one, other) <= 1
    assert (masi_distance(one, other) == 0) == (one == other)


def test_interval_depends_on_the_seed_alone() -> None:
    units = [(str(i), (i % 2, i % 3 % 2)) for i in range(30)]
    assert bootstrap_alpha(units, nominal_distance, seed=1) == bootstrap_alpha(units, nominal_distance, seed=1)
    assert bootstrap_alpha(units, nominal_distance, seed=1) != bootstrap_alpha(units, nominal_distance, seed=2)


def test_agreement_of_our_corpus() -> None:
    """The numbers that the datasheet states; the adjudicator, who saw both, is not among the annotators."""
    found = {agreement.question: agreement for agreement in measure_agreement(read_corpus(ROOT / "data"))}
    assert {agreement.annotators for agreement in found.values()} == {("reader", "writer")}
    sheet = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for agreement in found.values():
        shown = f"{agreement.alpha:.3f} [{agreement.low:.3f}, {agreement.high:.3f}]"
        assert shown in sheet, f"{agreement}: the datasheet does not state {shown}"
        assert agreement.low <= agreement.alpha <= agreement.high
