"""The transformer's engine: one text a pass, answered in the order asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from standpoint.backends.onnx import OnnxBackend
from standpoint.encoding import ModelInput, compose
from tests import artifacts
from training.models.quantisation import quantise_model
from training.models.train import Trained


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_many_rows_come_back_in_their_order(
    trained_transformer: Trained, tmp_path: Path, threads: int, variant: str
) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((trained_transformer.folder / name).read_bytes())
    quantise_model(tmp_path / "model.onnx", tmp_path / "variants" / "int8.onnx")
    backend = OnnxBackend(tmp_path, trained_transformer.metadata, threads, variant)
    examples = artifacts.stance_examples().examples
    inputs = [compose(" ".join([e.text] * (i % 4 + 1)), e.target) for i, e in enumerate(examples)]
    logits, truncated = backend.logits(inputs)
    alone = np.concatenate([backend.logits([item])[0] for item in inputs])
    assert np.array_equal(logits, alone)
    assert len(np.unique(logits, axis=0)) > len(inputs) / 4  # their order could not be told otherwise
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
