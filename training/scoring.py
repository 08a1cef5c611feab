"""Predictions of an artifact on labelled examples, and their scores: what training, evaluation and the job share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standpoint.codebook import STANCES, UNRELATED
from standpoint.encoding import ModelInput, compose, target_key
from standpoint.metadata import Abstention, Metadata
from standpoint.predictor import Predictor, decide_stance, decide_topics, withholds_stance
from training import metrics
from training.examples import ExampleSet
from training.metrics import Score, Tally

TWO_LABELS = STANCES[:2]


@dataclass(frozen=True)
class Withheld:
    """Which stances (N,) a predictor withholds, so that of those it gives a share of at most `error` is wrong."""

    rows: NDArray[np.bool_]
    error: float | None


@dataclass(frozen=True)
class Predictions:
    """Probabilities (N, L) and decisions of a model for the examples of a set, in its order.

    `decided` holds one stance, or the topics, of each example; abstention plays no part in it, nor in any metric.
    `withheld` is None where the model never abstains.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    decided: tuple[tuple[str, ...], ...]
    withheld: Withheld | None = None

    @classmethod
    def from_probabilities(
        cls, probabilities: NDArray[np.float64], metadata: Metadata, examples: ExampleSet
    ) -> Predictions:
        """Decide as a predictor decides."""
        labels = metadata.labels
        rows = [dict(zip(labels, (float(p) for p in row), strict=True)) for row in probabilities]
        decided: list[tuple[str, ...]]
        if metadata.task == "stance":
            decided = [(decide_stance(row, metadata.thresholds),) for row in rows]
        else:
            decided = [decide_topics(row, metadata.thresholds) for row in rows]
        withheld = None
        if metadata.task == "stance" and metadata.abstain != Abstention():
            unsure = [withholds_stance(row, said, metadata.abstain) for row, (said,) in zip(rows, decided, strict=True)]
            withheld = Withheld(np.array(unsure, dtype=bool), metadata.abstain.error)
        return cls(tuple(e.id for e in examples.examples), tuple(labels), probabilities, tuple(decided), withheld)


def predict_examples(predictor: Predictor, examples: ExampleSet) -> Predictions:
    """Predict each example's topics, or its stance toward its own target."""
    inputs = [compose(e.text, e.target, e.mention) for e in examples.examples]
    probabilities, _ = predictor.probabilities(inputs)
    return Predictions.from_probabilities(probabilities, predictor.metadata, examples)


def decide_pairs(predictor: Predictor, pairs: Sequence[ModelInput], named: bool = True) -> list[str]:
    """Return the stance decided for each (target, passage) pair; abstention plays no part, as in every metric.

    Targets that nobody named are screened, as the service screens them.
    """
    kept = np.ones(len(pairs), dtype=bool) if named else predictor.screen(pairs)
    probabilities, _ = predictor.probabilities([pair for pair, keep in zip(pairs, kept, strict=True) if keep])
    labels, thresholds = predictor.metadata.labels, predictor.metadata.thresholds
    rows = iter(probabilities)
    return [
        decide_stance(dict(zip(labels, map(float, next(rows)), strict=True)), thresholds, named) if keep else UNRELATED
        for keep in kept
    ]


def score_predictions(predictions: Predictions, examples: ExampleSet, seed: int = 0) -> dict[str, Score]:
    """Return every metric of the task by its id, intervals over groups."""
    return {name: tally.score(seed) for name, tally in tally_predictions(predictions, examples).items()}


def tally_together(models: Sequence[Predictions], examples: ExampleSet) -> list[dict[str, Tally]]:
    """Return the tallies of models that answered the same examples, over the labels of all of them.

    A topic that only some of them know counts for all, as missed by the others. The mean over topics is left out where
    their labels differ: it would be one over other topics than each was made for.
    """
    labels = tuple(dict.fromkeys(label for model in models for label in model.labels))
    tallies = [tally_predictions(model, examples, labels) for model in models]
    if any(set(model.labels) != set(labels) for model in models):
        for found in tallies:
            found.pop("topic.macro_f1", None)
    return tallies


def tally_predictions(
    predictions: Predictions, examples: ExampleSet, labels: Sequence[str] | None = None
) -> dict[str, Tally]:
    """Return the tally of every metric of the task by its id; topics count over `labels`, and those annotated.

    A set or a model that knows `none` is scored over all three stances, so that a model of two labels misses there;
    `stance.macro_f1_two` is for sets of two labels and models that know both.
    """
    groups = [e.group for e in examples.examples]
    if examples.task == "topic":
        gold = [e.topics for e in examples.examples]
        known = tuple(dict.fromkeys([*(labels or predictions.labels), *examples.labels]))
        return metrics.topic_tallies(gold, predictions.decided, known, groups)
    stances = [str(e.stance) for e in examples.examples]
    targets = [target_key(str(e.target)) for e in examples.examples]
    decided = [answer[0] for answer in predictions.decided]
    tallies: dict[str, Tally] = {}
    if "none" in {*predictions.labels, *stances}:
        tallies |= metrics.stance_tallies(stances, decided, targets, groups)
    if "none" not in stances and set(TWO_LABELS) <= set(predictions.labels):
        tallies["stance.macro_f1_two"] = metrics.two_label_tally(stances, _two_labels(predictions), groups)
    rows = metrics.contrast_rows([e.text for e in examples.examples], stances)
    if rows:
        tallies["stance.contrast_accuracy"] = metrics.contrast_tally(
            [stances[i] for i in rows], [decided[i] for i in rows], [groups[i] for i in rows]
        )
    return tallies


def count_confusion(predictions: Predictions, examples: ExampleSet) -> dict[str, dict[str, int]]:
    """Return the answers to stance pairs, counted by annotated stance; empty for topics."""
    found: dict[str, dict[str, int]] = {}
    for example, decided in zip(examples.examples, predictions.decided, strict=True):
        if example.stance is not None:
            row = found.setdefault(example.stance, {})
            row[decided[0]] = row.get(decided[0], 0) + 1
    return found


def choice_metric(task: str, labels: Sequence[str]) -> str:
    """Return the id of the metric that models of a task are chosen by, on validation."""
    if task == "topic":
        return "topic.micro_f1"
    return "stance.macro_f1" if "none" in labels else "stance.macro_f1_two"


def shared_metric(
    models: Sequence[Predictions], tallies: Sequence[dict[str, Tally]], examples: ExampleSet
) -> str | None:
    """Return the metric to compare models by: that of all their labels, or that of the examples' alone."""
    known = [label for model in models for label in model.labels]
    wanted = [choice_metric(examples.task, labels) for labels in ([*known, *examples.labels], examples.labels)]
    return next((metric for metric in wanted if all(metric in found for found in tallies)), None)


def _two_labels(predictions: Predictions) -> list[str]:
    """Return the more probable of favor and against: other labels are removed before the choice."""
    columns = [predictions.labels.index(label) for label in TWO_LABELS]
    return [TWO_LABELS[int(i)] for i in predictions.probabilities[:, columns].argmax(axis=1)]


def gold_of(examples: ExampleSet) -> Sequence[tuple[str, ...]]:
    """Return the gold labels of each example, one for stance."""
    return [e.topics if examples.task == "topic" else (str(e.stance),) for e in examples.examples]
