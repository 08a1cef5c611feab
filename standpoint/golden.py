"""The golden inputs of an artifact: asked again when it is loaded, with the answers of when it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from standpoint import artifact
from standpoint.backends import REFERENCE
from standpoint.encoding import ModelInput, compose
from standpoint.errors import CorruptArtifact
from standpoint.metadata import Metadata

GOLDEN_TOLERANCE = 1e-3  # of a probability: another CPU or library version than that of training
BATCH_TOLERANCE = 1e-4  # of a probability: the same text alone and among others
ALONE_EVERY = 8  # every eighth golden input is asked alone too: all of them would double the time to load


class Asked(Protocol):
    """A predictor, as far as golden inputs go."""

    metadata: Metadata
    variant: str

    def probabilities(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return probabilities (N, L) and truncated (N,)."""
        ...


def write_golden(
    folder: Path, predictor: Asked, inputs: Sequence[dict[str, Any]], variants: Mapping[str, Asked] | None = None
) -> None:
    """Write golden.jsonl: raw inputs (`text`, `target`?), what they were composed to, and their probabilities.

    `predictor` is the reference; each of the `variants` has probabilities of its own, by its name.
    """
    composed = [compose(item["text"], item.get("target")) for item in inputs]
    asked = {REFERENCE: predictor, **(variants or {})}
    found = {name: other.probabilities(composed)[0].round(6).tolist() for name, other in asked.items()}
    with (folder / artifact.GOLDEN).open("w", encoding="utf-8") as file:
        for row, (raw, item) in enumerate(zip(inputs, composed, strict=True)):
            expected = {name: rows[row] for name, rows in found.items()}
            record = {**raw, "composed": [item.target, item.text], "probabilities": expected.pop(REFERENCE)}
            record |= {"variants": expected} if expected else {}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def replay_golden(folder: Path, predictor: Asked) -> None:
    """Predict the golden inputs again, together and some alone. Raises CorruptArtifact where an answer differs.

    Labels may change places where they were equally probable, within the tolerance of a batch.
    """
    path = folder / artifact.GOLDEN
    composed, expected = _read_golden(path, len(predictor.metadata.labels), predictor.variant)
    found, _ = predictor.probabilities(composed)
    if found.shape != expected.shape:
        raise CorruptArtifact(f"{path}: the model gives {found.shape[1]} probabilities, expected {expected.shape[1]}")
    worst = np.abs(found - expected).max(axis=1)
    chosen = np.take_along_axis(expected, found.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    metadata = predictor.metadata
    _compare(path, metadata, worst, GOLDEN_TOLERANCE, "predicted probabilities differ by {:.4f} from those of training")
    below = expected.max(axis=1) - chosen
    _compare(path, metadata, below, BATCH_TOLERANCE, "another label is most probable, {:.4f} below")
    alone = np.concatenate([predictor.probabilities([item])[0] for item in composed[::ALONE_EVERY]])
    drift = np.zeros(len(composed))
    drift[::ALONE_EVERY] = np.abs(alone - found[::ALONE_EVERY]).max(axis=1)
    _compare(
        path, metadata, drift, BATCH_TOLERANCE, "the same text alone gives probabilities {:.4f} from those in a batch"
    )


def _read_golden(path: Path, labels: int, variant: str) -> tuple[list[ModelInput], NDArray[np.float64]]:
    """Return the inputs, composed as this version does it, and their expected probabilities (N, labels)."""

    def expected_of(record: dict[str, Any]) -> Any:
        return record["probabilities"] if variant == REFERENCE else record["variants"][variant]

    try:
        # Not splitlines(): the texts hold line separators of their own.
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").strip("\n").split("\n")]
        expected = np.array([expected_of(record) for record in records], dtype=np.float64)
        composed = [compose(record["text"], record.get("target")) for record in records]
        kept = [ModelInput(record["composed"][1], record["composed"][0]) for record in records]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise CorruptArtifact(
            f"{path} cannot be read ({type(error).__name__}: {error}); train the model again"
        ) from None
    if expected.shape != (len(records), labels):
        raise CorruptArtifact(f"{path}: expected {labels} probabilities in every line; train the model again")
    for line, (now, then) in enumerate(zip(composed, kept, strict=True), start=1):
        if now != then:
            raise CorruptArtifact(f"{path}:{line}: this version composes the text differently; train the model again")
    return composed, expected


def _compare(path: Path, metadata: Metadata, differences: NDArray[np.float64], allowed: float, fault: str) -> None:
    """Raise CorruptArtifact at the line of the largest difference (N,) where it is above `allowed`, or no number."""
    line = int(np.argmax(differences))
    if not differences[line] <= allowed:
        raise CorruptArtifact(
            f"{path}:{line + 1}: {fault.format(differences[line])} (allowed {allowed}); "
            f"model, tokenizer or library version changed; {artifact.describe_training(metadata.model_dump())}"
        )
