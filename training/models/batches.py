"""From tokenised rows to the batches that a network reads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch

from standpoint.encoding import pad

# Widths of batches go in steps: each new shape costs a new kernel, in time to build it and in memory to keep it.
WIDTH_STEP = 8
WINDOW = 32  # batches sorted by length together: 8% of what is computed is padding then, and passes still differ
Row = tuple[list[int], list[int], bool]


def shuffle_batches(rows: Sequence[Row], size: int, generator: random.Random) -> list[list[int]]:
    """Return row numbers in batches of similar length, batches in random order: padding costs as much as text."""
    order = list(range(len(rows)))
    generator.shuffle(order)
    batches = []
    for start in range(0, len(order), size * WINDOW):
        part = sorted(order[start : start + size * WINDOW], key=lambda i: len(rows[i][0]))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    generator.shuffle(batches)
    return batches


def to_tensors(rows: Sequence[Row], pad_id: int, model: Any) -> dict[str, torch.Tensor]:
    """Return the inputs of a network, each (B, T)."""
    longest = max(len(ids) for ids, _, _ in rows)
    fits = longest + WIDTH_STEP <= getattr(model.config, "max_position_embeddings", 0)
    encoded = pad(rows, pad_id, WIDTH_STEP if fits else 1)
    inputs = {
        "input_ids": torch.from_numpy(encoded.input_ids),
        "attention_mask": torch.from_numpy(encoded.attention_mask),
    }
    if model.reads_types:
        inputs["token_type_ids"] = torch.from_numpy(encoded.token_type_ids)
    return inputs
