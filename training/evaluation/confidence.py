"""Is a model as sure as it is right, and what does abstaining buy?

Confidence is that of the answer given: of a stance, its probability if the passage refers to the target, which is what
abstention goes by too; of topics, the probability of each decision for or against one. Annotated pairs do refer to
their target, so an answer `unrelated` is wrong there whatever its probability: it is counted, and left out of the rest.

Calibration error: over ten bins of equal mass, the mean distance between confidence and share of right answers,
weighted by the bins' sizes (Naeini, Cooper and Hauskrecht, AAAI 2015; equal mass as in Nixon et al., CVPR workshops
2019). It is above zero for a perfectly calibrated model too, since a bin holds few answers: what such a model would get
at this size is simulated, and its 95% limit is the mark to pass.

Risk and coverage: the share of wrong answers among the most confident share of all answers (El-Yaniv and Wiener, JMLR
2010); the area under that curve is the mean risk over all coverages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standpoint.codebook import UNRELATED
from standpoint.predictor import stance_confidence
from training.examples import ExampleSet
from training.metrics import Score, bootstrap
from training.scoring import Predictions, gold_of

Array = NDArray[np.float64]
BINS = 10
DRAWS = 1000


@dataclass(frozen=True)
class Confidence:
    """Answers with their confidence, both (N,), and what they say. `expected` and `limit` are the mean and the 95th
    percentile of the calibration error of a perfectly calibrated model with these confidences.

    `unrelated` is the share of examples left out of the answers. `coverage` is the share of examples that get a stance
    where the model abstains, `wrong` that of wrong ones among these; None where it never abstains, or always.
    """

    confidence: Array
    right: Array
    error: float
    expected: float
    limit: float
    risk_area: float
    unrelated: float = 0.0
    allowed: float | None = None
    coverage: Score | None = None
    wrong: Score | None = None

    @property
    def passes(self) -> bool:
        """Whether the calibration error is one that a perfectly calibrated model could well have; not of no answers."""
        return len(self.confidence) > 0 and self.error <= self.limit

    def values(self) -> dict[str, float]:
        """Return the plain numbers by the names under which they are logged."""
        return {
            "calibration.error": self.error,
            "calibration.perfect_model": self.expected,
            "calibration.limit": self.limit,
            "abstention.risk_area": self.risk_area,
        }

    def scores(self) -> dict[str, Score]:
        """Return the numbers that have an interval, by the names under which they are logged."""
        found = {"abstention.coverage": self.coverage, "abstention.error": self.wrong}
        return {name: score for name, score in found.items() if score is not None}

    def lines(self) -> list[str]:
        """Return the finding for a terminal."""
        verdict = "within" if self.passes else "above"
        lines = [
            f"calibration.error {self.error:.3f}, {verdict} the {self.limit:.3f} that a perfectly calibrated model "
            f"stays below in 95 of 100 such sets (mean {self.expected:.3f}); abstention.risk_area {self.risk_area:.3f}"
        ]
        if self.coverage is not None:
            found = [f"{name} {s.value:.3f} [{s.low:.3f}, {s.high:.3f}]" for name, s in self.scores().items()]
            asked = f" (allowed {self.allowed:g})" if self.wrong is not None and self.allowed is not None else ""
            withheld = max(0.0, 1 - self.coverage.value - self.unrelated)
            lines.append(
                f"{', '.join(found)}{asked}; withheld {withheld:.3f}, answered {UNRELATED} {self.unrelated:.3f}"
            )
        return lines


def measure_confidence(predictions: Predictions, examples: ExampleSet, seed: int = 0) -> Confidence:
    """Return what a model's confidence is worth: of stance, an answer each; of topics, a decision on a topic each."""
    confidence, right = list_answers(predictions, examples)
    generator = np.random.default_rng(seed)
    simulated = [calibration_error(confidence, generator.random(len(confidence)) < confidence) for _ in range(DRAWS)]
    _, risk = risk_coverage(confidence, right)
    coverage, wrong = score_given(predictions, examples, seed)
    return Confidence(
        confidence,
        right,
        calibration_error(confidence, right),
        float(np.mean(simulated)) if len(confidence) else 0.0,
        float(np.percentile(simulated, 95)) if len(confidence) else 0.0,
        float(risk.mean()) if len(risk) else 0.0,
        float(1 - takes_stance(predictions).mean()) if len(examples) else 0.0,
        predictions.withheld.error if predictions.withheld else None,
        coverage,
        wrong,
    )


def list_answers(predictions: Predictions, examples: ExampleSet) -> tuple[Array, Array]:
    """Return (confidence, right), both (N,). A topic decided against counts with the probability of its absence."""
    gold = gold_of(examples)
    labels = predictions.labels
    if examples.task == "stance":
        taken = takes_stance(predictions)
        rows = [dict(zip(labels, map(float, row), strict=True)) for row in predictions.probabilities]
        confidence = [stance_confidence(row, said) for row, (said,) in zip(rows, predictions.decided, strict=True)]
        right = [float(g == d) for g, d in zip(gold, predictions.decided, strict=True)]
        return np.array(confidence, dtype=np.float64)[taken], np.array(right, dtype=np.float64)[taken]
    said, truth = _membership(predictions.decided, labels), _membership(gold, labels)
    probabilities = np.where(said, predictions.probabilities, 1 - predictions.probabilities)
    return probabilities.ravel(), (said == truth).astype(np.float64).ravel()


def takes_stance(predictions: Predictions) -> NDArray[np.bool_]:
    """Return (N,): whether the answer to an example is anything but `unrelated`."""
    return np.array([UNRELATED not in answer for answer in predictions.decided], dtype=bool)


def score_given(predictions: Predictions, examples: ExampleSet, seed: int = 0) -> tuple[Score | None, Score | None]:
    """Return the share of examples that get a stance, and of these the share with a wrong one, intervals over groups.

    Both are None where the model never abstains, the second one where it always does.
    """
    if predictions.withheld is None:
        return None, None
    given = takes_stance(predictions) & ~predictions.withheld.rows
    right = np.array([g == d for g, d in zip(gold_of(examples), predictions.decided, strict=True)], dtype=bool)
    names, group = np.unique([e.group for e in examples.examples], return_inverse=True)
    cells = [np.bincount(group, row, len(names)) for row in (given & ~right, given, np.ones(len(given)))]
    table = np.stack(cells, axis=1)  # (G, 3): wrong stances, stances given, examples
    coverage = bootstrap(table, lambda t: t[..., 1] / t[..., 2], len(given), seed)
    if not given.any():
        return coverage, None
    return coverage, bootstrap(table, lambda t: t[..., 0] / np.maximum(t[..., 1], 1), int(given.sum()), seed)


def perfect_band(confidence: Array, parts: Sequence[NDArray[np.int64]], seed: int = 0) -> tuple[Array, Array]:
    """Return the lowest and the highest share of right answers, both (B,), that a perfectly calibrated model has.

    In 95 of 100 sets, for each of the bins `parts`, which hold places in `confidence` (N,).
    """
    generator = np.random.default_rng(seed)
    right = generator.random((DRAWS, len(confidence))) < confidence
    shares = np.stack([right[:, part].mean(axis=1) for part in parts], axis=1)  # (DRAWS, B)
    low, high = np.percentile(shares, [2.5, 97.5], axis=0)
    return low, high


def calibration_error(confidence: Array, right: Array | NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error over `bins` equal-mass bins. Both arguments are (N,)."""
    if len(confidence) == 0:
        return 0.0
    parts = equal_bins(confidence, bins)
    gaps = [len(part) * abs(float(confidence[part].mean()) - float(right[part].mean())) for part in parts]
    return float(sum(gaps) / len(confidence))


def equal_bins(confidence: Array, bins: int = BINS) -> list[NDArray[np.int64]]:
    """Return the places of the answers of each bin of equal mass, by rising confidence."""
    return np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(confidence)))


def risk_coverage(confidence: Array, right: Array) -> tuple[Array, Array]:
    """Return (coverage, risk), both (N,): the share of answers given, and of those wrong, from the surest on."""
    order = np.argsort(-confidence, kind="stable")
    given = np.arange(1, len(order) + 1)
    return given / max(len(order), 1), np.cumsum(1 - right[order]) / given


def _membership(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in row for label in labels] for row in rows], dtype=bool).reshape(len(rows), len(labels))
