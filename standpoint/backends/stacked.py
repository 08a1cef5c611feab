"""A transformer and a linear model that answer together: their logits, weighted (stacked generalisation, Wolpert 1992).

The n-grams know the words that give a side away, the transformer how a sentence turns them; their errors differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from standpoint.backends import REFERENCE
from standpoint.backends.linear import LinearBackend, join_decisions
from standpoint.backends.onnx import OnnxBackend
from standpoint.codebook import UNRELATED
from standpoint.encoding import ModelInput
from standpoint.metadata import Metadata, Stack

Array = NDArray[np.float64]


class StackedBackend:
    """Both engines of an artifact whose metadata has a `stack`."""

    def __init__(self, folder: Path, metadata: Metadata, threads: int | None = None, variant: str = REFERENCE) -> None:
        if metadata.stack is None:
            raise ValueError(f"{folder} says nothing of how its two models are weighed")
        self._stack, self._labels = metadata.stack, metadata.labels
        self._transformer = OnnxBackend(folder, metadata, threads, variant)
        # A model that goes on from an artifact may know more targets than the linear model that it has from there.
        self._linear = LinearBackend(folder, metadata.model_copy(update={"targets": metadata.stack.targets}))

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[Array, NDArray[np.bool_]]:
        """Return logits (N, L) of both together and truncated (N,), which only the transformer's input can be."""
        logits, truncated = self.both_logits(inputs)
        return stack_logits(logits, self._stack, self._labels), truncated

    def both_logits(self, inputs: Sequence[ModelInput]) -> tuple[Array, NDArray[np.bool_]]:
        """Return logits (N, 2L), the transformer's before the linear model's, and truncated (N,)."""
        transformer, truncated = self._transformer.logits(inputs)
        linear, _ = self._linear.logits(inputs)
        return np.concatenate([transformer, linear], axis=1), truncated

    def linear_relation(self, inputs: Sequence[ModelInput]) -> Array | None:
        """Return the linear model's log odds (N,) that each passage refers to its target; None where it has none.

        A fraction of what the transformer takes: enough to leave out most targets that nobody named.
        """
        return self._linear.relation(inputs)


def stack_logits(logits: Array, stack: Stack, labels: Sequence[str]) -> Array:
    """Return logits (N, L) of the two models' (N, 2L).

    `unrelated` is a decision of its own with weights of its own: how well a model tells the sides apart says little of
    how well it tells whether a passage refers to the target.
    """
    transformer, linear = np.split(logits, 2, axis=1)
    if UNRELATED not in labels:
        return stack.transformer * transformer + stack.linear * linear + stack.bias
    sides = stack.transformer * transformer[:, :-1] + stack.linear * linear[:, :-1]
    return join_decisions(sides, relation_odds(logits) @ np.array(stack.relation) + stack.bias)


def relation_odds(logits: Array) -> Array:
    """Return (N, 2): the log odds of both models that the passage refers to the target, from their logits (N, 2L)."""
    return np.stack(
        [np.logaddexp.reduce(part[:, :-1], axis=1) - part[:, -1] for part in np.split(logits, 2, axis=1)], axis=1
    )
