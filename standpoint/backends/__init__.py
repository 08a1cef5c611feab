"""The engines behind a predictor: each turns model inputs into logits, and knows nothing of labels or thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from standpoint.encoding import ModelInput
from standpoint.metadata import Metadata


class Backend(Protocol):
    """What a predictor asks of an engine."""

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return logits (N, L) in the metadata's label order and truncated (N,). Independent of the batch."""
        ...


REFERENCE = "fp32"  # the model as it was trained; any other variant is a faster copy


def load_backend(folder: Path, metadata: Metadata, threads: int | None = None, variant: str = REFERENCE) -> Backend:
    """Load the engine of an artifact, a transformer in one of its variants.

    Imports only the packages that this engine needs.
    """
    if metadata.model == "baseline":
        from standpoint.backends.linear import LinearBackend

        return LinearBackend(folder, metadata)
    if metadata.stack is not None:
        from standpoint.backends.stacked import StackedBackend

        return StackedBackend(folder, metadata, threads, variant)
    from standpoint.backends.onnx import OnnxBackend

    return OnnxBackend(folder, metadata, threads, variant)
