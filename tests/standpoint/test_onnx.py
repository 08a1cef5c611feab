"""The transformer's engine: grouped by length, answered in the order asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from standpoint.backends.onnx import BATCH_ROWS, BATCH_TOKENS, OnnxBackend, _batches
from standpoint.encoding import ModelInput, compose
from tests import artifacts
from training.models.train import Trained


@given(st.lists(st.integers(1, 600), max_size=200))
def test_batches_hold_every_row_once_and_stay_small(lengths: list[int]) -> None:
    batches = list(_batches(lengths))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= BATCH_ROWS
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= BATCH_TOKENS


def test_many_rows_come_back_in_their_order(trained_transformer: Trained) -> None:
    backend = OnnxBackend(trained_transformer.folder, trained_transformer.metadata, threads=1)
    examples = artifacts.stance_examples().examples
    inputs = [compose(" ".join([e.text] * (i % 4 + 1)), e.target) for i, e in enumerate(examples)]
    logits, truncated = backend.logits(inputs)
    alone = np.concatenate([backend.logits([item])[0] for item in inputs])
    assert len(inputs) > 2 * BATCH_ROWS
    assert np.allclose(logits, alone, atol=1e-4)
    assert logits.dtype == np.float64
    assert truncated.tolist() == [i % 4 == 3 for i in range(len(inputs))]


def test_no_inputs_give_no_rows(trained_transformer: Trained) -> None:
    logits, truncated = OnnxBackend(trained_transformer.folder, trained_transformer.metadata).logits([])
    assert logits.shape == (0, 3)
    assert truncated.shape == (0,)


def test_the_engine_needs_nothing_but_model_and_tokenizer(trained_transformer: Trained, tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((trained_transformer.folder / name).read_bytes())
    found, _ = OnnxBackend(tmp_path, trained_transformer.metadata).logits([ModelInput("a", "b")])
    assert found.shape == (1, 3)
