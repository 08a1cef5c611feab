"""What is fitted on validation after the weights: temperature, thresholds, abstention; and the score of an epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint.artifact import Abstention, Metadata
from standpoint.codebook import UNRELATED
from standpoint.predictor import UNNAMED, decide_stance, to_probabilities
from training.examples import Example, ExampleSet
from training.models import calibration
from training.models.pairs import sample_unrelated
from training.scoring import Predictions, choice_metric, score_predictions

SAMPLED = 4  # unrelated targets a validation passage: enough to place a threshold


@dataclass(frozen=True)
class Fitting:
    """Validation examples, and sampled unrelated pairs after them where the model has that label."""

    draft: Metadata
    validation: ExampleSet
    sampled: tuple[Example, ...]
    unmentioned: float  # pairs of a validation passage and a target that is not in it
    abstain_error: float

    @property
    def examples(self) -> list[Example]:
        """All pairs whose logits `fit` and `score` expect, in order."""
        return [*self.validation.examples, *self.sampled]

    def fit(self, logits: NDArray[np.float64]) -> dict[str, Any]:
        """Return the metadata fields fitted on logits (N, L) of `examples`."""
        if self.draft.task == "topic":
            return self._fit_topics(logits)
        count, labels = len(self.validation.examples), self.draft.labels
        gold = np.array([labels.index(str(e.stance)) for e in self.validation.examples])
        temperature = calibration.fit_temperature(logits[:count], gold)
        probabilities = to_probabilities(logits, self.draft.model_copy(update={"temperature": temperature}))
        annotated, sampled = probabilities[:count], probabilities[count:]
        thresholds: dict[str, float] = {}
        if len(sampled):
            named, tried = calibration.fit_unrelated(annotated, gold, sampled, self.unmentioned)
            thresholds = {UNRELATED: named, UNNAMED: min(named, tried)}
        # The bound is on the answers that are given: those decided with the thresholds, not the most probable ones.
        said = np.array([labels.index(decide_stance(dict(zip(labels, r, strict=True)), thresholds)) for r in annotated])
        bound = calibration.fit_abstention(annotated[np.arange(count), said], (said == gold) * 1.0, self.abstain_error)
        abstain = Abstention(low_confidence=bound, error=self.abstain_error or None)
        return {"temperature": temperature, "thresholds": thresholds, "abstain": abstain}

    def score(self, logits: NDArray[np.float64]) -> float:
        """Return the number that chooses an epoch, from logits (N, L) of `examples`."""
        metadata = self.draft.model_copy(update=self.fit(logits))
        probabilities = to_probabilities(logits[: len(self.validation.examples)], metadata)
        predictions = Predictions.from_probabilities(probabilities, metadata, self.validation)
        scores = score_predictions(predictions, self.validation)
        return scores[choice_metric(self.draft.task, self.draft.labels)].value

    def _fit_topics(self, logits: NDArray[np.float64]) -> dict[str, Any]:
        labels = self.draft.labels
        gold = np.array([[float(label in e.topics) for label in labels] for e in self.validation.examples])
        temperature = calibration.fit_sigmoid_temperature(logits, gold)
        probabilities = to_probabilities(logits, self.draft.model_copy(update={"temperature": temperature}))
        return {"temperature": temperature, "thresholds": calibration.fit_thresholds(probabilities, gold, labels)}


def prepare_fitting(draft: Metadata, validation: ExampleSet, seed: int, abstain_error: float) -> Fitting:
    """Return what is fitted on; unrelated pairs are sampled from the validation passages and the training targets."""
    sampled: list[Example] = []
    unmentioned = 0.0
    if UNRELATED in draft.labels:
        sampled = sample_unrelated(validation.examples, draft.targets, SAMPLED, seed)
        passages = {e.text: len(draft.targets) - len(e.mentioned) for e in validation.examples}
        unmentioned = float(sum(passages.values()))
    return Fitting(draft, validation, tuple(sampled), unmentioned, abstain_error)
