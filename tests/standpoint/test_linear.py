"""The baseline's engine: what it loads, what it refuses before building it, and its features."""

from __future__ import annotations

import functools
import json
import operator
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import scipy.sparse as sp
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from standpoint.artifact import Metadata
from standpoint.backends.linear import PARTS, join_decisions, load_parts, place_in_slots, stance_features, text_features
from standpoint.encoding import compose
from standpoint.errors import CorruptArtifact
from standpoint.predictor import to_probabilities
from training.models.train import Trained


class Foreign:
    """A type that skops can write and nobody should read; building it leaves a mark."""

    built = 0

    def __setstate__(self, state: dict[str, Any]) -> None:
        Foreign.built += 1


@pytest.fixture
def parts(trained_stance: Trained) -> dict[str, Any]:
    return load_parts(trained_stance.folder / "linear.skops")


def test_a_baseline_consists_of_its_parts(parts: dict[str, Any]) -> None:
    assert set(parts) == set(PARTS)
    assert parts["relation"] is None


def test_a_type_of_someones_own_is_refused_before_it_is_built(tmp_path: Path, parts: dict[str, Any]) -> None:
    foreign = Foreign()
    foreign.mark = 1  # type: ignore[attr-defined]
    skops.io.dump({**parts, "classifier": foreign}, tmp_path / "linear.skops")
    with pytest.raises(
        CorruptArtifact, match=r"holds types that a baseline does not consist of: .*test_linear\.Foreign"
    ):
        load_parts(tmp_path / "linear.skops")
    assert Foreign.built == 0


@pytest.mark.parametrize(
    "foreign",
    [functools.partial(print, "built"), operator.methodcaller("unlink"), shutil.rmtree, eval],
    ids=["partial", "methodcaller", "function", "builtin"],
)
def test_a_callable_is_refused_before_it_is_built(
    tmp_path: Path, parts: dict[str, Any], foreign: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    skops.io.dump({**parts, "classifier": foreign}, tmp_path / "linear.skops")
    with pytest.raises(CorruptArtifact, match="holds types that a baseline does not consist of"):
        load_parts(tmp_path / "linear.skops")
    assert capsys.readouterr().out == ""


def test_a_vectorizer_with_code_of_its_own_is_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    parts["words"].tokenizer = shutil.which
    skops.io.dump(parts, tmp_path / "linear.skops")
    with pytest.raises(CorruptArtifact, match=r"does not consist of: .*which"):
        load_parts(tmp_path / "linear.skops")


def test_other_parts_are_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    path = tmp_path / "linear.skops"
    skops.io.dump({"words": parts["words"]}, path)
    with pytest.raises(CorruptArtifact, match="expected the parts words, chars, classifier"):
        load_parts(path)
    skops.io.dump([1, 2], path)
    with pytest.raises(CorruptArtifact, match="expected the parts words, chars, classifier"):
        load_parts(path)
    skops.io.dump({**parts, "chars": CountVectorizer()}, path)
    with pytest.raises(CorruptArtifact, match="chars is a CountVectorizer, expected a TfidfVectorizer"):
        load_parts(path)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "linear.skops"
    path.write_bytes(b"no archive")
    with pytest.raises(CorruptArtifact, match=r"cannot be read \(BadZipFile\)"):
        load_parts(path)
    with ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({"__loader__": "NoSuchNode"}))
    with pytest.raises(CorruptArtifact, match="cannot be read"):
        load_parts(path)


def test_features_of_unknown_targets_have_the_same_width(parts: dict[str, Any]) -> None:
    targets = {"the port levy": 0, "the river treaty": 1}
    inputs = [compose("The envoy praised it.", target) for target in ("The Port Levy", "an unseen target", "")]
    features = stance_features(parts, inputs, targets)
    width = len(parts["words"].vocabulary_)
    base = width + len(parts["chars"].vocabulary_)
    assert features.shape == (3, base + 2 * width + 2 + width + 3)
    slots = features[:, base : base + 2 * width + 2]
    assert (slots.count_nonzero(axis=1) > 0).tolist() == [True, False, False]
    assert features.indices.dtype == np.int32


def test_text_features_do_not_see_the_target(parts: dict[str, Any]) -> None:
    assert text_features(parts, ["a", ""]).shape == (
        2,
        len(parts["words"].vocabulary_) + len(parts["chars"].vocabulary_),
    )


@given(rows=st.integers(1, 6), width=st.integers(1, 5), count=st.integers(1, 4), data=st.data())
def test_rows_move_into_their_slots(rows: int, width: int, count: int, data: st.DataObject) -> None:
    slots = np.array(data.draw(st.lists(st.integers(-1, count - 1), min_size=rows, max_size=rows)))
    dense = np.random.default_rng(rows * width).integers(0, 3, (rows, width)).astype(float)
    expected = np.zeros((rows, width * count))
    for row, slot in enumerate(slots):
        if slot >= 0:
            expected[row, slot * width : (slot + 1) * width] = dense[row]
    assert (place_in_slots(sp.csr_array(dense), slots, count).toarray() == expected).all()


@given(
    stances=st.lists(st.lists(st.floats(-400, 400), min_size=3, max_size=3), min_size=1, max_size=5),
    relation=st.floats(-30, 30),
)
def test_relation_and_side_are_one_distribution(stances: list[list[float]], relation: float) -> None:
    """P(unrelated) is that of the relation, and what is left is shared as the stances share it."""
    logits = join_decisions(np.array(stances), np.full(len(stances), relation))
    metadata = Metadata(format=1, task="stance", model="baseline", labels=list("abcu"), data="d")
    found = to_probabilities(logits, metadata)
    related = 1 / (1 + np.exp(-relation))
    shares = to_probabilities(np.array(stances), metadata)
    assert found[:, 3] == pytest.approx(1 - related, abs=1e-9)
    assert found[:, :3] == pytest.approx(shares * related, abs=1e-9)
