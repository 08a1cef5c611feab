"""8-bit copies: what they may change, and that no row of a product knows of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.models.quantisation import quantise_model, scale_columns

WIDTH, COLUMNS, ROWS = 64, 48, 1200
GENERATOR = np.random.default_rng(3)
WEIGHTS = GENERATOR.normal(size=(WIDTH, COLUMNS)).astype(np.float32)
HEAD = GENERATOR.normal(size=(WIDTH, 3)).astype(np.float32)
TABLE = GENERATOR.normal(size=(ROWS, WIDTH)).astype(np.float32)


def write_graph(folder: Path, kinds: list[str]) -> Path:
    """Write a model that looks up rows, where `kinds` says so passes them through GELU, and multiplies them."""
    nodes, x = [], "x"
    constants = {"weights": WEIGHTS, "head": HEAD, "table": TABLE}
    if "table" in kinds:
        nodes.append(helper.make_node("Gather", ["table", "ids"], ["x"]))
    if "gelu" in kinds:
        nodes.append(helper.make_node("Gelu", ["x"], ["active"]))
        x = "active"
    nodes += [helper.make_node("MatMul", [x, "weights"], ["y"]), helper.make_node("MatMul", [x, "head"], ["z"])]
    given = (
        helper.make_tensor_value_info("ids", TensorProto.INT64, [None, None])
        if "table" in kinds
        else helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, None, WIDTH])
    )
    answers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("y", "z")]
    graph = helper.make_graph(
        nodes, "g", [given], answers, [numpy_helper.from_array(a, n) for n, a in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    path = folder / "model.onnx"
    onnx.save(model, path)
    return path


def run(path: Path, **given: NDArray[np.generic]) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = onnxruntime.InferenceSession(str(path)).run(["y", "z"], given)
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    source = write_graph(tmp_path_factory.mktemp("plain"), [])
    target = source.parent / "variants" / "int8.onnx"
    quantise_model(source, target)
    return source, target


def share_of_error(found: NDArray[np.float32], expected: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the error of each row as a share of the row's own size."""
    return np.asarray(np.linalg.norm(found - expected, axis=-1) / np.linalg.norm(expected, axis=-1))


def test_a_product_keeps_its_value(plain: tuple[Path, Path]) -> None:
    x = GENERATOR.normal(size=(2, 9, WIDTH)).astype(np.float32)
    expected, found = run(plain[0], x=x), run(plain[1], x=x)
    assert share_of_error(found[0], expected[0]).max() < 0.02
    assert np.abs(found[0] - expected[0]).max() > 0  # it is another arithmetic
    assert np.array_equal(found[1], expected[1])  # the narrow head is left as it was


def test_a_large_value_costs_only_its_own_row(plain: tuple[Path, Path]) -> None:
    x = GENERATOR.normal(size=(1, 4, WIDTH)).astype(np.float32)
    spoilt = x.copy()
    spoilt[0, 2, 5] = 10_000
    found, calm = run(plain[1], x=spoilt)[0], run(plain[1], x=x)[0]
    assert np.array_equal(np.delete(found, 2, axis=1), np.delete(calm, 2, axis=1))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_a_row_is_the_same_alone_and_among_others(
    plain: tuple[Path, Path], length: int, seed: int, size: float
) -> None:
    x = (np.random.default_rng(seed).normal(size=(3, length, WIDTH)) * size).astype(np.float32)
    together = run(plain[1], x=x)[0]
    assert np.array_equal(run(plain[1], x=x[1:2])[0][0], together[1])
    assert np.array_equal(run(plain[1], x=x[:1, :1])[0][0, 0], together[0, 0])


def test_nothing_is_still_nothing(plain: tuple[Path, Path]) -> None:
    assert not run(plain[1], x=np.zeros((1, 3, WIDTH), dtype=np.float32))[0].any()


def test_what_follows_gelu_keeps_its_value(tmp_path: Path) -> None:
    source, target = write_graph(tmp_path, ["gelu"]), tmp_path / "int8.onnx"
    quantise_model(source, target)
    x = (GENERATOR.normal(size=(1, 30, WIDTH)) * 3).astype(np.float32)
    assert share_of_error(run(target, x=x)[0], run(source, x=x)[0]).max() < 0.02


def test_a_table_of_words_is_stored_in_a_quarter(tmp_path: Path) -> None:
    source, target = write_graph(tmp_path, ["table"]), tmp_path / "int8.onnx"
    quantise_model(source, target)
    assert target.stat().st_size < source.stat().st_size * 0.35
    ids = np.array([[0, 7, ROWS - 1]])
    assert share_of_error(run(target, ids=ids)[0], run(source, ids=ids)[0]).max() < 0.02


def test_each_column_has_its_own_scale() -> None:
    weights, scales = scale_columns(np.array([[1.0, 1000.0, 0.0], [-0.5, 250.0, 0.0]], dtype=np.float32))
    assert weights.tolist() == [[127, 127, 0], [-64, 32, 0]]
    assert scales == pytest.approx([1 / 127, 1000 / 127, 1.0])
