"""The confidence below which a stance is withheld, so that of the stances given at most a stated share is wrong.

The plain estimate, the lowest confidence whose answers on validation keep the error, is exceeded on new text about
every second time. So confidences are tested from the surest answers down, each against the hypothesis that more than
the stated share is wrong, and the first one that cannot be refuted ends the search: fixed sequence testing, where no
test has to pay for the others (Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then Test", 2021). The test is the
exact binomial one, whose bound is Clopper and Pearson's.

What is promised: with a certainty of 90% over the drawing of validation, at most the stated share of the stances given
is wrong, of (passage, target) pairs drawn as validation was, whose passages refer to their target. Pairs of a document
are drawn together; the test counts them as fewer (Kish's design effect; Korn and Graubard, Survey Methodology 24, 1998,
for the binomial test of so many).
What is not: anything of single topics, targets, labels or documents, of targets that training or validation did not
have, of other outlets or later years, or of passages that do not refer to the target. Validation has chosen the weights
and the threshold of `unrelated` too, which no test here makes up for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

Array = NDArray[np.float64]

CERTAINTY = 0.9
NOTHING = 1.0  # the bound that no confidence reaches: every stance is withheld
FIRST = 0.2  # share of the answers, the surest, that is tested first: of fewer, one wrong answer would end the search
STEP = 0.05  # share of the answers that each further test adds


def fit_abstention(confidence: Array, right: Array, groups: NDArray[np.str_], error: float) -> float | None:
    """Return the confidence from which a stance is given, so that at most a share `error` of those given is wrong.

    `confidence` (N,) is of stances, `right` (N,) 0 or 1, `groups` (N,) says which are not independent. Equal
    confidences are given together or not at all. None where all may be given, or `error` is 0 (never abstain) or 1;
    NOTHING where the surest answers are too few or too often wrong.
    """
    if not 0 < error < 1:
        return None
    order = np.argsort(-confidence, kind="stable")
    falling, members = confidence[order], groups[order]
    wrong = np.cumsum(1 - right[order])
    ends = np.flatnonzero(np.append(np.diff(falling) < 0, True)) + 1  # counts at which a run of equal confidences ends
    alike = intraclass_correlation(right, groups)
    passed = 0
    for count in _tested_counts(len(right), error):
        given = int(ends[np.searchsorted(ends, count)])
        size = effective_size(members[:given], alike)
        if chance_of_fewer(size, float(wrong[given - 1]) * size / given, error) > 1 - CERTAINTY:
            break
        passed = given
    if passed == 0:
        return NOTHING
    if passed == len(right):
        return None
    # Half way to the next answer: neither stands on the bound, where the last digit would decide.
    return min(float(falling[passed - 1] + falling[passed]) / 2, math.nextafter(1.0, 0.0))


def fewest_answers(error: float) -> int:
    """Return the answers that it takes at least: of fewer, not even a faultless row shows that the error is kept."""
    return math.ceil(math.log(1 - CERTAINTY) / math.log(1 - error)) if 0 < error < 1 else 0


def _tested_counts(answers: int, error: float) -> Iterator[int]:
    """Yield how many of the surest answers are tested, in order."""
    fewest = fewest_answers(error)
    count = max(math.ceil(FIRST * answers), fewest)
    while count < answers:
        yield count
        count += math.ceil(STEP * answers)
    if answers >= fewest:
        yield answers


def chance_of_fewer(count: float, wrong: float, error: float) -> float:
    """Return the probability of at most `wrong` of `count` independent answers being wrong, each with `error`.

    Both may be fractions, as effective sizes are: the binomial distribution as an incomplete beta function.
    """
    return 1.0 if wrong >= count else float(betainc(count - wrong, wrong + 1, 1 - error))


def effective_size(groups: NDArray[np.str_], alike: float) -> float:
    """Return how many independent answers those of `groups` (N,) are worth, `alike` being their correlation."""
    sizes = np.unique(groups, return_counts=True)[1].astype(np.float64)
    return float(sizes.sum() / (1 + alike * ((sizes**2).sum() / sizes.sum() - 1)))


def intraclass_correlation(right: Array, groups: NDArray[np.str_]) -> float:
    """Return how alike the answers of a group are in being right: 0 independent, 1 all the same.

    The estimate by analysis of variance (Donner, International Statistical Review 54, 1986), never below 0.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    count, kinds = len(right), len(sizes)
    if not 1 < kinds < count:
        return 0.0
    means = np.bincount(group, weights=right) / sizes
    between = float((sizes * (means - right.mean()) ** 2).sum()) / (kinds - 1)
    within = float(((right - means[group]) ** 2).sum()) / (count - kinds)
    usual = (count - float((sizes**2).sum()) / count) / (kinds - 1)
    total = between + (usual - 1) * within
    return max(0.0, (between - within) / total) if total > 0 else 0.0
