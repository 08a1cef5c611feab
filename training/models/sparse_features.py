"""The features that a linear model is fitted on, as sparse rows; standpoint/backends/linear.py weighs the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from standpoint.encoding import ModelInput, target_key


def text_features(parts: dict[str, Any], texts: Sequence[str]) -> sp.csr_array:
    """Return TF-IDF of words and characters, (N, words + characters)."""
    return _join([parts["words"].transform(texts), parts["chars"].transform(texts)])


def stance_features(parts: dict[str, Any], inputs: Sequence[ModelInput], targets: dict[str, int]) -> sp.csr_array:
    """Return (N, F) features of (target, text) pairs; `targets` numbers the known targets by key."""
    texts = [item.text for item in inputs]
    wordings = [item.target or "" for item in inputs]
    # A passage is paired with many targets: transform each text and each wording once.
    text_rows, text_index = np.unique(np.array(texts, dtype=object), return_inverse=True)
    target_rows, target_index = np.unique(np.array(wordings, dtype=object), return_inverse=True)
    words = sp.csr_array(parts["words"].transform(text_rows))[text_index]
    chars = sp.csr_array(parts["chars"].transform(text_rows))[text_index]
    target_words = sp.csr_array(parts["words"].transform(target_rows))[target_index]
    target_chars = sp.csr_array(parts["chars"].transform(target_rows))[target_index]
    slots = np.array([targets.get(target_key(wording), -1) for wording in wordings])
    overlap = np.stack(
        [
            words.multiply(target_words).sum(axis=1),
            chars.multiply(target_chars).sum(axis=1),
            (words.multiply(target_words) > 0).sum(axis=1) > 0,
        ],
        axis=1,
    ).astype(np.float64)
    blocks = [
        words,
        chars,
        place_in_slots(words, slots, len(targets)),
        place_in_slots(sp.csr_array(np.ones((len(inputs), 1))), slots, len(targets)),
        target_words,
        sp.csr_array(overlap),
    ]
    return _join(blocks)


def _join(blocks: Sequence[Any]) -> sp.csr_array:
    """Stack blocks side by side; liblinear takes 32-bit indices only, and no dataset of ours needs more."""
    joined = sp.csr_array(sp.hstack(blocks, format="csr"))
    joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)
    return joined


def place_in_slots(rows: sp.csr_array, slots: NDArray[np.int64], count: int) -> sp.csr_array:
    """Move row i of (N, V) into block slots[i] of (N, V * count); a row whose slot is -1 becomes empty."""
    width = rows.shape[1]
    lengths = np.diff(rows.indptr)
    kept = np.repeat(slots >= 0, lengths)
    indices = (rows.indices.astype(np.int64) + np.repeat(slots, lengths) * width)[kept]
    indptr = np.concatenate([[0], np.cumsum(np.where(slots >= 0, lengths, 0))])
    return sp.csr_array((rows.data[kept], indices, indptr), shape=(rows.shape[0], width * count))
