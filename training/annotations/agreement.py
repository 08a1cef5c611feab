"""How far independent annotators agree beyond chance: Krippendorff's alpha with bootstrap intervals.

alpha = 1 - D_o / D_e (Krippendorff, "Content Analysis", 2004, chapter 11), with the nominal distance for stances and
mentions and the MASI distance for sets of topics (Passonneau, "Measuring Agreement on Set-valued Items (MASI) for
Semantic and Pragmatic Annotation", LREC 2006). Computed from sums per document rather than by the package
krippendorff, whose array of units by values by values does not fit a hundred different topic sets; a test holds both
to the same values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from training.annotations.records import ADJUDICATOR, Annotation, Corpus

Distance = Callable[[Hashable, Hashable], float]
Unit = tuple[str, tuple[Hashable, ...]]  # document, the values that its annotators gave


@dataclass(frozen=True)
class Agreement:
    """Alpha of one question between `annotators`; NaN where the values do not vary or nothing was judged twice."""

    question: str
    annotators: tuple[str, ...]
    units: int  # judged by two annotators or more
    documents: int
    alpha: float
    low: float  # 95% interval, percentiles over documents drawn with replacement
    high: float

    def __str__(self) -> str:
        return (
            f"{self.question}: alpha {self.alpha:.3f} [{self.low:.3f}, {self.high:.3f}] between "
            f"{', '.join(self.annotators)}, {self.units} units in {self.documents} documents"
        )


def measure_agreement(corpus: Corpus, draws: int = 1000, seed: int = 13) -> list[Agreement]:
    """Return alpha for `stance` (targets that two annotators or more listed), `mention` (is a target listed) and
    `topics`, among all independent annotators and, where there are more than two, for each pair of them.

    The adjudicator saw the others' labels and is left out.
    """
    names = sorted({a.annotator for a in corpus.annotations} - {ADJUDICATOR})
    pairs = list(combinations(names, 2)) if len(names) > 2 else []
    return [
        measure_question(question, corpus, tuple(who), draws, seed)
        for question in ("stance", "mention", "topics")
        for who in [tuple(names), *pairs]
    ]


def measure_question(question: str, corpus: Corpus, annotators: Sequence[str], draws: int, seed: int) -> Agreement:
    """Return alpha of one question among the named annotators."""
    units: list[Unit] = []
    for (document, _, _), found in corpus.passages().items():
        judged = [annotation for annotation in found if annotation.annotator in annotators]
        units += [(document, values) for values in _QUESTIONS[question](judged, corpus) if len(values) > 1]
    distance = masi_distance if question == "topics" else nominal_distance
    alpha, low, high = bootstrap_alpha(units, distance, draws, seed)
    return Agreement(question, tuple(annotators), len(units), len({name for name, _ in units}), alpha, low, high)


def _stance_values(judged: Sequence[Annotation], corpus: Corpus) -> Iterable[tuple[Hashable, ...]]:
    lists = [{label.target: label.stance for label in a.stances} for a in judged if a.stances is not None]
    for target in corpus.codebook.targets:
        yield tuple(labels[target] for labels in lists if target in labels)


def _mention_values(judged: Sequence[Annotation], corpus: Corpus) -> Iterable[tuple[Hashable, ...]]:
    lists = [{label.target for label in a.stances} for a in judged if a.stances is not None]
    for target in corpus.codebook.targets:
        yield tuple(target in labels for labels in lists)


def _topic_values(judged: Sequence[Annotation], corpus: Corpus) -> Iterable[tuple[Hashable, ...]]:
    yield tuple(frozenset(a.topics) for a in judged if a.topics is not None)


_QUESTIONS: dict[str, Callable[[Sequence[Annotation], Corpus], Iterable[tuple[Hashable, ...]]]] = {
    "stance": _stance_values,
    "mention": _mention_values,
    "topics": _topic_values,
}


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
    """Return alpha and its 95% percentile interval over documents drawn with replacement."""
    if not units:
        return float("nan"), float("nan"), float("nan")
    observed, counts, distances = _sum_documents(units, distance)
    documents = len(observed)
    weights = np.random.default_rng(seed).multinomial(documents, np.full(documents, 1 / documents), size=draws)
    alpha = _alphas(np.ones((1, documents)), observed, counts, distances)[0]
    drawn = _alphas(weights.astype(float), observed, counts, distances)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (np.nan, np.nan)
    return float(alpha), float(low), float(high)


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
