"""ONNX Runtime over an exported transformer."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from standpoint.backends import REFERENCE
from standpoint.cores import count_cores
from standpoint.encoding import ModelInput, load_tokenizer, pad, tokenise
from standpoint.errors import CorruptArtifact
from standpoint.metadata import Metadata

MODEL, TOKENIZER, VARIANTS = "model.onnx", "tokenizer.json", "variants"

# Its kernel for a CPU is several times slower than the two that it stands for.
SLOW_FUSIONS = ["SkipLayerNormFusion"]


class OnnxBackend:
    """An exported transformer with its tokenizer, one text a forward pass: no text changes another's answer.

    On a CPU a pass of several takes as long as theirs one by one, and padding on top. `threads` passes run at once,
    each on a core of its own, which wait for nothing; one pass on several cores waits at every product.
    """

    def __init__(self, folder: Path, metadata: Metadata, threads: int | None = None, variant: str = REFERENCE) -> None:
        path = model_path(folder, variant)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(path),
                sess_options=options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=SLOW_FUSIONS,
            )
        except Exception as error:  # noqa: BLE001  (the runtime's errors have no common base but this)
            raise _unreadable(path, error) from None
        try:
            self._tokenizer = load_tokenizer(str(folder / TOKENIZER), metadata.max_length or 512)
        except Exception as error:  # noqa: BLE001  (tokenizers raises Exception itself)
            raise _unreadable(folder / TOKENIZER, error) from None
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._pad_id = self._tokenizer.token_to_id("[PAD]") or self._tokenizer.token_to_id("<pad>") or 0
        self._labels = len(metadata.labels)
        self._threads = threads or count_cores()
        # Its threads start when there is work for them, and end with the backend.
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="forward")
        width = self._session.get_outputs()[0].shape[-1]
        if width != self._labels:
            raise CorruptArtifact(f"{path} answers with {width} labels, expected the {self._labels} of metadata.json")

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return logits (N, L) and truncated (N,)."""
        rows = tokenise(self._tokenizer, inputs)
        if self._threads == 1 or len(rows) < 2:
            found = [self._run(row) for row in rows]
        else:
            found = list(self._pool.map(self._run, rows))
        truncated = np.array([cut for _, _, cut in rows], dtype=bool)
        return np.array(found, dtype=np.float64).reshape(len(rows), self._labels), truncated

    def _run(self, row: tuple[list[int], list[int], bool]) -> NDArray[np.float32]:
        """Return the logits (L,) of a tokenised text."""
        encoded = pad([row], self._pad_id)
        feed = {
            "input_ids": encoded.input_ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.token_type_ids,
        }
        feed = {name: array for name, array in feed.items() if name in self._inputs}
        logits: NDArray[np.float32] = self._session.run(["logits"], feed)[0][0]
        return logits


def model_path(folder: Path, variant: str) -> Path:
    """Return the file of a variant; the reference's is the model itself."""
    return folder / MODEL if variant == REFERENCE else folder / VARIANTS / f"{variant}.onnx"


def _unreadable(path: Path, error: Exception) -> CorruptArtifact:
    reason = (str(error).splitlines() or [""])[0]
    return CorruptArtifact(f"{path} cannot be read ({type(error).__name__}: {reason}); train the model again")
