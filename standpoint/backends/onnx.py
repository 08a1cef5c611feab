"""ONNX Runtime over an exported transformer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from standpoint.artifact import Metadata
from standpoint.encoding import ModelInput, load_tokenizer, pad, tokenise
from standpoint.errors import CorruptArtifact

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"

# Rows of similar length share a forward pass; more tokens than this in one pass gain nothing on a CPU.
BATCH_ROWS, BATCH_TOKENS = 32, 4096


class OnnxBackend:
    """An exported transformer with its tokenizer. Exact fp32: padding changes no row by more than 1e-4."""

    def __init__(self, folder: Path, metadata: Metadata, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.inter_op_num_threads = 1
        # Spinning threads take the cores that the other workers need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / MODEL), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001  (the runtime's errors have no common base but this)
            raise _unreadable(folder / MODEL, error) from None
        try:
            self._tokenizer = load_tokenizer(str(folder / TOKENIZER), metadata.max_length or 512)
        except Exception as error:  # noqa: BLE001  (tokenizers raises Exception itself)
            raise _unreadable(folder / TOKENIZER, error) from None
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._pad_id = self._tokenizer.token_to_id("[PAD]") or self._tokenizer.token_to_id("<pad>") or 0
        self._labels = len(metadata.labels)
        width = self._session.get_outputs()[0].shape[-1]
        if width != self._labels:
            raise CorruptArtifact(
                f"{folder / MODEL} answers with {width} labels, expected the {self._labels} of metadata.json"
            )

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return logits (N, L) and truncated (N,)."""
        rows = tokenise(self._tokenizer, inputs)
        result = np.empty((len(rows), self._labels), dtype=np.float64)
        for batch in _batches([len(ids) for ids, _, _ in rows]):
            encoded = pad([rows[i] for i in batch], self._pad_id)
            feed = {
                "input_ids": encoded.input_ids,
                "attention_mask": encoded.attention_mask,
                "token_type_ids": encoded.token_type_ids,
            }
            feed = {name: array for name, array in feed.items() if name in self._inputs}
            result[batch] = self._session.run(["logits"], feed)[0]
        return result, np.array([cut for _, _, cut in rows], dtype=bool)


def _unreadable(path: Path, error: Exception) -> CorruptArtifact:
    reason = (str(error).splitlines() or [""])[0]
    return CorruptArtifact(f"{path} cannot be read ({type(error).__name__}: {reason}); train the model again")


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield row numbers grouped by similar length."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) == BATCH_ROWS or (len(batch) + 1) * lengths[row] > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
