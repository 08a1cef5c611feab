"""Krippendorff's alpha with bootstrap intervals.

alpha = 1 - D_o / D_e (Krippendorff, "Content Analysis", 2004, chapter 11), with the nominal distance for stances,
mentions and single topics, and the MASI distance for sets of topics (Passonneau, "Measuring Agreement on Set-valued
Items (MASI) for Semantic and Pragmatic Annotation", LREC 2006).

The package krippendorff computes every nominal value. Its array of units by values by values does not fit a hundred
different sets of topics, and it draws no samples: MASI values and intervals come from sums per document, and a test
holds both ways to the same values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations

import krippendorff
import numpy as np
from numpy.typing import NDArray

Distance = Callable[[Hashable, Hashable], float]
Unit = tuple[str, tuple[Hashable, ...]]  # document, the values that its annotators gave


def nominal_distance(one: Hashable, other: Hashable) -> float:
    """Return 0 for equal values, else 1."""
    return float(one != other)


def masi_distance(one: Hashable, other: Hashable) -> float:
    """Return 1 - J * M of two sets: J their Jaccard overlap; M 1 for equal sets, 2/3 where one holds the other, 1/3
    where they only overlap, 0 where they do not (Passonneau 2006)."""
    if not isinstance(one, frozenset) or not isinstance(other, frozenset):
        raise TypeError("the MASI distance compares frozensets")
    if one == other:
        return 0.0
    shared = len(one & other)
    monotonic = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - shared / len(one | other) * monotonic if shared else 1.0


def bootstrap_alpha(
    units: Sequence[Unit], distance: Distance, draws: int = 1000, seed: int = 13
) -> tuple[float, float, float]:
    """Return alpha and its 95% percentile interval over documents drawn with replacement.

    Each unit has two values or more; NaN where there is none, or where all values are the same.
    """
    if not units:
        return float("nan"), float("nan"), float("nan")
    observed, counts, distances = _sum_documents(units, distance)
    documents = len(observed)
    weights = np.random.default_rng(seed).multinomial(documents, np.full(documents, 1 / documents), size=draws)
    if distance is nominal_distance:
        alpha = _nominal_alpha(units)
    else:
        alpha = float(_alphas(np.ones((1, documents)), observed, counts, distances)[0])
    drawn = _alphas(weights.astype(float), observed, counts, distances)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (np.nan, np.nan)
    return alpha, float(low), float(high)


def _nominal_alpha(units: Sequence[Unit]) -> float:
    place = {value: index for index, value in enumerate(dict.fromkeys(value for _, given in units for value in given))}
    if len(place) < 2:  # the package refuses values that do not vary
        return float("nan")
    counts = np.zeros((len(units), len(place)), dtype=np.int64)
    for row, (_, given) in enumerate(units):
        for value in given:
            counts[row, place[value]] += 1
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _sum_documents(
    units: Sequence[Unit], distance: Distance
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the observed disagreement of each document (D,), how often it has each value (D, V), distances (V, V)."""
    values = list(dict.fromkeys(value for _, given in units for value in given))
    place = {value: index for index, value in enumerate(values)}
    rows = {document: index for index, document in enumerate(dict.fromkeys(document for document, _ in units))}
    distances = np.array([[distance(one, other) for other in values] for one in values])
    observed, counts = np.zeros(len(rows)), np.zeros((len(rows), len(values)))
    for document, given in units:
        row = rows[document]
        for value, count in Counter(given).items():
            counts[row, place[value]] += count
        pairs = sum(distances[place[one], place[other]] for one, other in combinations(given, 2))
        observed[row] += 2 * pairs / (len(given) - 1)
    return observed, counts, distances


def _alphas(
    weights: NDArray[np.float64],  # (B, D): how often each document is drawn
    observed: NDArray[np.float64],
    counts: NDArray[np.float64],
    distances: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return alpha of each draw, (B,): 1 - (n - 1) sum(o_ck d_ck) / sum(n_c n_k d_ck); NaN without variation."""
    totals = weights @ counts  # (B, V)
    expected = np.einsum("bc,ck,bk->b", totals, distances, totals, optimize=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (totals.sum(axis=1) - 1) * (weights @ observed) / expected, np.nan)
