"""What a model must beat: answers that need no reading, as its artifact carries them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from standpoint.encoding import target_key
from standpoint.metadata import Metadata
from training.examples import ExampleSet
from training.metrics import Score
from training.scoring import Predictions, score_predictions


def score_floors(metadata: Metadata, examples: ExampleSet) -> dict[str, dict[str, Score]]:
    """Return the scores of `majority` (and for stance `target_only`) on `examples`."""
    if metadata.floors is None:
        return {}
    common = metadata.floors.majority
    floors = {"majority": [common] * len(examples.examples)}
    if examples.task == "stance":
        answers = metadata.floors.target_only
        floors["target_only"] = [answers.get(target_key(str(e.target)), common) for e in examples.examples]
    return {
        name: score_predictions(_certain(examples, metadata.labels, answers), examples)
        for name, answers in floors.items()
    }


def _certain(examples: ExampleSet, labels: Sequence[str], answers: Sequence[str]) -> Predictions:
    probabilities = np.array([[float(label == answer) for label in labels] for answer in answers])
    ids = tuple(e.id for e in examples.examples)
    return Predictions(ids, tuple(labels), probabilities, tuple((answer,) for answer in answers))
