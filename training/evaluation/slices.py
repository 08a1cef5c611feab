"""Scores of parts of a set: by kind of outlet, target, holder, length and the like, as one long table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from standpoint.encoding import target_key
from training.examples import Example, ExampleSet
from training.metrics import Score
from training.scoring import Predictions, score_predictions

SLICES = "slices.parquet"
DECISIVE = 30  # examples; a smaller slice is shown in grey, and nothing is decided by it
LENGTHS = ((30, "to 30 words"), (60, "31 to 60 words"), (120, "61 to 120 words"))
LONGEST = "over 120 words"
METRICS = {
    "topic": ("topic.micro_f1", "topic.jaccard"),
    "stance": ("stance.macro_f1", "stance.accuracy", "stance.macro_f1_two", "stance.contrast_accuracy"),
}


@dataclass(frozen=True)
class Slice:
    """The rows of a set that share a property, such as `kind` = `wire`."""

    dimension: str
    value: str
    rows: tuple[int, ...]

    @property
    def is_decisive(self) -> bool:
        return len(self.rows) >= DECISIVE


@dataclass(frozen=True)
class SliceScores:
    """A slice and its scores, each over the slice's examples alone."""

    slice: Slice
    scores: dict[str, Score]


def list_slices(examples: ExampleSet, targets: Collection[str] | None = None) -> list[Slice]:
    """Return the slices of a set, dimension by dimension, values sorted; a dimension of one value is left out.

    `targets` are those that the model has learned from, None where that is not known. Slices of one dimension overlap
    only where an example has several values: topics.
    """
    seen = None if targets is None else {target_key(target) for target in targets}
    several = _count_pairs(examples)
    dimensions: dict[str, Callable[[Example], Sequence[str]]] = {
        "kind": lambda e: [e.kind],
        "language": lambda e: [e.language],
        "year": lambda e: [e.date[:4]],
        "length": lambda e: [describe_length(e.text)],
        "status": lambda e: [e.status],
    }
    if examples.task == "stance":
        dimensions["target"] = lambda e: [str(e.target)]
        dimensions["holder"] = lambda e: [e.holder]
        dimensions["targets in the passage"] = lambda e: [several[e.text]]
        if seen is not None:
            dimensions["target in training"] = lambda e: ["seen" if target_key(str(e.target)) in seen else "unseen"]
    else:
        dimensions["topic"] = lambda e: e.topics
        dimensions["topics of the passage"] = lambda e: [str(len(e.topics))]
    slices = []
    for dimension, values in dimensions.items():
        rows: dict[str, list[int]] = {}
        for row, example in enumerate(examples.examples):
            for value in values(example):
                if value:
                    rows.setdefault(value, []).append(row)
        if len(rows) > 1:
            slices += [Slice(dimension, value, tuple(found)) for value, found in sorted(rows.items())]
    return slices


def score_slices(
    predictions: Predictions, examples: ExampleSet, targets: Collection[str] | None = None, seed: int = 0
) -> list[SliceScores]:
    """Return the scores of every slice of a set."""
    found = []
    for part in list_slices(examples, targets):
        scores = score_predictions(*take_rows(predictions, examples, part.rows), seed)
        kept = {name: scores[name] for name in METRICS[examples.task] if name in scores}
        found.append(SliceScores(part, kept))
    return found


def take_rows(predictions: Predictions, examples: ExampleSet, rows: Sequence[int]) -> tuple[Predictions, ExampleSet]:
    """Return predictions and examples of these rows; the set keeps the digest of the whole."""
    chosen = [examples.examples[row] for row in rows]
    withheld = predictions.withheld
    return (
        Predictions(
            tuple(predictions.ids[row] for row in rows),
            predictions.labels,
            predictions.probabilities[np.array(rows, dtype=int)],
            tuple(predictions.decided[row] for row in rows),
            withheld and replace(withheld, rows=withheld.rows[np.array(rows, dtype=int)]),
        ),
        replace(examples, examples=tuple(chosen)),
    )


def write_slices(found: Sequence[SliceScores], path: Path) -> Path:
    """Write a row a slice and metric: dimension, value, examples, decisive, metric, score, low, high."""
    rows = [
        {
            "dimension": part.slice.dimension,
            "value": part.slice.value,
            "examples": len(part.slice.rows),
            "decisive": part.slice.is_decisive,
            "metric": name,
            "score": score.value,
            "low": score.low,
            "high": score.high,
        }
        for part in found
        for name, score in part.scores.items()
    ]
    draft = path.with_suffix(".tmp")
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), draft)
    draft.replace(path)
    return path


SCHEMA = pa.schema(
    [
        ("dimension", pa.string()),
        ("value", pa.string()),
        ("examples", pa.int64()),
        ("decisive", pa.bool_()),
        ("metric", pa.string()),
        ("score", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def describe_length(text: str) -> str:
    """Return the class of length of a text, by its words."""
    words = len(text.split())
    return next((name for most, name in LENGTHS if words <= most), LONGEST)


def _count_pairs(examples: ExampleSet) -> dict[str, str]:
    """Return, by text, how many pairs of the set ask about it: 1, 2, or 3 and more."""
    targets: dict[str, set[str]] = {}
    for example in examples.examples:
        targets.setdefault(example.text, set()).add(target_key(str(example.target)))
    return {text: str(len(found)) if len(found) < 3 else "3 and more" for text, found in targets.items()}
