"""What a model learns from and is chosen on, read from a built dataset or from labelled lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.examples import Example, ExampleSet, read_examples, split_by_group

HELD_BACK = 0.15  # share of groups taken for validation where none is given


@dataclass(frozen=True)
class TrainingData:
    """What a model learns from and is chosen on. `passages` feed sampled negatives."""

    train: ExampleSet
    validation: ExampleSet
    passages: tuple[Example, ...] = ()


def read_training_data(
    task: str, data: Path, validation: Path | None = None, seed: int = 0, limit: int | None = None
) -> TrainingData:
    """Read a built dataset, or labelled lines with a validation file or with a share of their groups held back."""
    kind = "topic" if task == "topic" else "stance"
    if data.is_dir():
        train = read_examples(data, kind, "train", limit)
        chosen_on = read_examples(validation, kind) if validation else read_examples(data, kind, "validation", limit)
        passages = read_examples(data, "topic", "train", limit).examples if kind == "stance" else ()
        return TrainingData(train, chosen_on, passages)
    train = read_examples(data, kind, None, limit)
    if validation is not None:
        return TrainingData(train, read_examples(validation, kind, None, limit))
    return TrainingData(*split_by_group(train, HELD_BACK, seed))
