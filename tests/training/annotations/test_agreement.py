"""Alpha against published examples, the package krippendorff, and cases worked out by hand."""

import math
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.annotations.agreement import bootstrap_alpha, masi_distance, measure_agreement, nominal_distance
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


def test_published_nominal_example() -> None:
    units = [(str(i), tuple(v for v in column if v)) for i, column in enumerate(zip(*OBSERVERS, strict=True))]
    alpha, low, high = bootstrap_alpha([unit for unit in units if len(unit[1]) > 1], nominal_distance)
    assert alpha == pytest.approx(0.743, abs=5e-4)
    assert low < alpha < high


def test_masi_distances_by_hand() -> None:
    a, ab, bc, c = (frozenset(name) for name in ("a", "ab", "bc", "c"))
    assert masi_distance(ab, ab) == 0
    assert masi_distance(a, ab) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi_distance(ab, bc) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(a, c) == 1
    # Passonneau 2006: {a, b, c} against {a, b} overlap by 2/3 and one holds the other.
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
