"""What a model must beat: answers that need no reading. Counted from training labels, nothing is fitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from standpoint.encoding import target_key
from training.examples import Example, ExampleSet
from training.metrics import Score
from training.scoring import Predictions, score_predictions


def score_floors(train: ExampleSet, examples: ExampleSet) -> dict[str, dict[str, Score]]:
    """Return the scores of `majority` (and for stance `target_only`) on `examples`, from the labels of `train`."""
    labels = train.labels
    common = _most_common(train.examples, labels)
    floors = {"majority": [common] * len(examples.examples)}
    if examples.task == "stance":
        by_target: dict[str, list[Example]] = {}
        for example in train.examples:
            by_target.setdefault(target_key(str(example.target)), []).append(example)
        answers = {key: _most_common(found, labels) for key, found in by_target.items()}
        floors["target_only"] = [answers.get(target_key(str(e.target)), common) for e in examples.examples]
    return {name: score_predictions(_certain(examples, labels, answers), examples) for name, answers in floors.items()}


def _most_common(examples: Sequence[Example], labels: Sequence[str]) -> str:
    """Return the most frequent label, the earlier one on a tie."""
    counts = Counter(label for example in examples for label in example.labels)
    return max(labels, key=lambda label: counts[label])


def _certain(examples: ExampleSet, labels: Sequence[str], answers: Sequence[str]) -> Predictions:
    probabilities = np.array([[float(label == answer) for label in labels] for answer in answers])
    ids = tuple(e.id for e in examples.examples)
    return Predictions(ids, tuple(labels), probabilities, tuple((answer,) for answer in answers))
