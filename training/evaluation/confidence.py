"""Is a model as sure as it is right, and what would abstaining buy?

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

from training.examples import ExampleSet
from training.scoring import Predictions, gold_of

Array = NDArray[np.float64]
BINS = 10
DRAWS = 1000


@dataclass(frozen=True)
class Confidence:
    """Answers with their confidence, both (N,), and what they say. `expected` and `limit` are the mean and the 95th
    percentile of the calibration error of a perfectly calibrated model with these confidences."""

    confidence: Array
    right: Array
    error: float
    expected: float
    limit: float
    risk_area: float

    @property
    def passes(self) -> bool:
        """Whether the calibration error is one that a perfectly calibrated model could well have."""
        return self.error <= self.limit

    def values(self) -> dict[str, float]:
        """Return the numbers by the names under which they are logged."""
        return {
            "calibration.error": self.error,
            "calibration.perfect_model": self.expected,
            "calibration.limit": self.limit,
            "abstention.risk_area": self.risk_area,
        }

    def line(self) -> str:
        """Return the finding for a terminal."""
        verdict = "within" if self.passes else "above"
        return (
            f"calibration.error {self.error:.3f}, {verdict} the {self.limit:.3f} that a perfectly calibrated model "
            f"stays below in 95 of 100 such sets (mean {self.expected:.3f}); abstention.risk_area {self.risk_area:.3f}"
        )


def measure_confidence(predictions: Predictions, examples: ExampleSet, seed: int = 0) -> Confidence:
    """Return what a model's confidence is worth: of stance, an answer each; of topics, a decision on a topic each."""
    confidence, right = list_answers(predictions, examples)
    generator = np.random.default_rng(seed)
    simulated = [calibration_error(confidence, generator.random(len(confidence)) < confidence) for _ in range(DRAWS)]
    _, risk = risk_coverage(confidence, right)
    return Confidence(
        confidence,
        right,
        calibration_error(confidence, right),
        float(np.mean(simulated)) if len(confidence) else 0.0,
        float(np.percentile(simulated, 95)) if len(confidence) else 0.0,
        float(risk.mean()) if len(risk) else 0.0,
    )


def list_answers(predictions: Predictions, examples: ExampleSet) -> tuple[Array, Array]:
    """Return (confidence, right), both (N,). A topic decided against counts with the probability of its absence."""
    gold = gold_of(examples)
    labels = predictions.labels
    if examples.task == "stance":
        columns = [labels.index(answer) for (answer,) in predictions.decided]
        confidence = predictions.probabilities[np.arange(len(columns)), columns]
        return confidence, np.array([float(g == d) for g, d in zip(gold, predictions.decided, strict=True)])
    said, truth = _membership(predictions.decided, labels), _membership(gold, labels)
    probabilities = np.where(said, predictions.probabilities, 1 - predictions.probabilities)
    return probabilities.ravel(), (said == truth).astype(np.float64).ravel()


def calibration_error(confidence: Array, right: Array | NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error over `bins` equal-mass bins. Both arguments are (N,)."""
    if len(confidence) == 0:
        return 0.0
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(confidence)))
    gaps = [len(part) * abs(float(confidence[part].mean()) - float(right[part].mean())) for part in parts]
    return float(sum(gaps) / len(confidence))


def risk_coverage(confidence: Array, right: Array) -> tuple[Array, Array]:
    """Return (coverage, risk), both (N,): the share of answers given, and of those wrong, from the surest on."""
    order = np.argsort(-confidence, kind="stable")
    given = np.arange(1, len(order) + 1)
    return given / max(len(order), 1), np.cumsum(1 - right[order]) / given


def _membership(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in row for label in labels] for row in rows], dtype=bool).reshape(len(rows), len(labels))
