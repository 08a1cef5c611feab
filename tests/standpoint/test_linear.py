"""The baseline's engine: what it answers, and what it refuses before building it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from standpoint.backends.linear import LinearBackend, join_decisions
from standpoint.backends.linear_model import TERMS, WEIGHTS, load_linear
from standpoint.encoding import compose
from standpoint.errors import CorruptArtifact
from standpoint.metadata import Metadata
from standpoint.predictor import Predictor, to_probabilities
from tests.artifacts import LEVY, TREATY, change_json
from training.models.train import Trained

Copy = Callable[[Trained], Path]


@pytest.fixture
def folder(trained_stance: Trained, copy_artifact: Copy) -> Path:
    return copy_artifact(trained_stance)


def change_arrays(folder: Path, **changes: Any) -> None:
    """Replace arrays, or remove those that are None."""
    arrays = {**load_file(folder / WEIGHTS), **changes}
    save_file({name: array for name, array in arrays.items() if array is not None}, folder / WEIGHTS)


# What it answers


def test_an_answer_does_not_depend_on_what_else_is_asked(relation_predictor: Predictor) -> None:
    texts = [
        "The envoy praised the port levy.",
        "",
        "Visitors leave their coats.",
        "a",
        "The envoy praised the port levy.",
    ]
    targets = [LEVY, TREATY, "an unseen target", "", LEVY]
    inputs = [compose(text, target) for text in texts for target in targets]
    together, truncated = relation_predictor.logits(inputs)
    alone = np.concatenate([relation_predictor.logits([item])[0] for item in inputs])
    assert together == pytest.approx(alone, abs=1e-9)
    assert not truncated.any()
    assert relation_predictor.logits([])[0].shape == (0, 4)


def test_the_log_odds_of_the_relation_are_those_of_the_answer(
    relation_predictor: Predictor, stance_predictor: Predictor
) -> None:
    backend = relation_predictor.backend
    assert isinstance(backend, LinearBackend)
    inputs = [compose("The envoy praised the port levy.", target) for target in (LEVY, TREATY, "another")]
    odds = backend.relation(inputs)
    assert odds is not None
    unrelated = to_probabilities(backend.logits(inputs)[0], Metadata(**{**PLAIN, "labels": list("abcu")}))[:, 3]
    assert 1 / (1 + np.exp(odds)) == pytest.approx(unrelated, abs=1e-9)
    assert isinstance(stance_predictor.backend, LinearBackend)
    assert stance_predictor.backend.relation(inputs) is None


PLAIN: dict[str, Any] = {"format": 2, "task": "stance", "model": "baseline", "data": "d"}


@given(
    stances=st.lists(st.lists(st.floats(-400, 400), min_size=3, max_size=3), min_size=1, max_size=5),
    relation=st.floats(-30, 30),
)
def test_relation_and_side_are_one_distribution(stances: list[list[float]], relation: float) -> None:
    """P(unrelated) is that of the relation, and what is left is shared as the stances share it."""
    logits = join_decisions(np.array(stances), np.full(len(stances), relation))
    metadata = Metadata(**{**PLAIN, "labels": list("abcu")})
    found = to_probabilities(logits, metadata)
    related = 1 / (1 + np.exp(-relation))
    shares = to_probabilities(np.array(stances), metadata)
    assert found[:, 3] == pytest.approx(1 - related, abs=1e-9)
    assert found[:, :3] == pytest.approx(shares * related, abs=1e-9)


# What it refuses


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version": 2}, "version: Input should be 1"),
        ({"decisions": 0}, "decisions: Input should be greater than or equal to 1"),
        ({"targets": -1}, "targets: Input should be greater than or equal to 0"),
        ({"targets": "2"}, "targets: Input should be a valid integer"),
        ({"code": "x"}, "code: Extra inputs are not permitted"),
        (
            {"words": {"shortest": 1, "longest": 11, "terms": []}},
            "words.longest: Input should be less than or equal to",
        ),
        ({"words": {"shortest": 3, "longest": 2, "terms": []}}, "words: expected longest to be 3 or more, found 2"),
        ({"words": {"shortest": 1, "longest": 2, "terms": [1]}}, r"words.terms.0: Input should be a valid string"),
        ({"words": {"shortest": 1, "longest": 2, "terms": ["a"]}}, r"word_idf: expected float32 \(1\), found float32"),
        ({"decisions": 9}, r"word_weights: expected float32 \(\d+, 9\), found float32"),
        ({"targets": 3}, r"own_intercepts: expected float32 \(3, 3\), found float32 \(2, 3\)"),
        ({"targets": None}, "overlap is no array of a linear model"),
    ],
)
def test_a_wrong_description_is_refused(folder: Path, changes: dict[str, Any], fault: str) -> None:
    change_json(folder / TERMS, **changes)
    with pytest.raises(CorruptArtifact, match=rf"linear\.(json|safetensors): {fault}.*; copy the artifact again, or"):
        load_linear(folder)


def test_an_n_gram_that_stands_there_twice_is_refused(folder: Path) -> None:
    content = json.loads((folder / TERMS).read_text(encoding="utf-8"))
    content["characters"]["terms"][5] = content["characters"]["terms"][2]
    (folder / TERMS).write_text(json.dumps(content))
    with pytest.raises(CorruptArtifact, match=r"linear\.json: characters: the n-gram '.+' stands there twice; copy"):
        load_linear(folder)


def spoil_arrays(arrays: dict[str, Any], fault: str) -> dict[str, Any]:
    """Return what of a model's arrays to change for a fault."""
    words, targets, weights = arrays["own_words"], arrays["own_targets"], arrays["own_weights"]
    wrong = words.copy()
    wrong[-1] = len(arrays["word_idf"])
    negative = targets.copy()
    negative[0] = -1
    nan = weights.copy()
    nan[0, 0] = np.nan
    idf = arrays["word_idf"].copy()
    idf[0] = 0
    found: dict[str, dict[str, Any]] = {
        "missing": {"overlap": None},
        "unknown": {"code": np.zeros(1, dtype=np.float32)},
        "type": {"intercepts": arrays["intercepts"].astype(np.float64)},
        "shape": {"overlap": arrays["overlap"][:2]},
        "rank": {"intercepts": arrays["intercepts"][:, np.newaxis]},
        "no number": {"own_weights": nan},
        "endless": {"word_weights": np.full_like(arrays["word_weights"], np.inf)},
        "idf": {"word_idf": idf},
        "count": {"own_words": words[:-1]},
        "word": {"own_words": wrong},
        "target": {"own_targets": negative},
        "order": {"own_words": words[::-1].copy(), "own_targets": targets[::-1].copy()},
        "twice": {"wording_words": np.zeros_like(arrays["wording_words"])},
    }
    return found[fault]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("missing", "overlap is missing"),
        ("unknown", "code is no array of a linear model"),
        ("type", r"intercepts: expected float32 \(3\), found float64 \(3,\)"),
        ("shape", r"overlap: expected float32 \(3, 3\), found float32 \(2, 3\)"),
        ("rank", r"intercepts: expected float32 \(3\), found float32 \(3, 1\)"),
        ("no number", "own_weights holds what is no number"),
        ("endless", "word_weights holds what is no number"),
        ("idf", "the idf of words is not above 0 everywhere"),
        ("count", r"own_words: expected \d+ numbers, one for each row of weights, found \d+"),
        ("word", r"own_words: expected numbers from 0 to below \d+, found 0 to \d+"),
        ("target", "own_targets: expected numbers from 0 to below 2, found -1 to 1"),
        ("order", "own_words with own_targets: expected rising numbers, each once"),
        ("twice", "wording_words: expected rising numbers, each once"),
    ],
)
def test_wrong_arrays_are_refused(folder: Path, fault: str, message: str) -> None:
    change_arrays(folder, **spoil_arrays(load_file(folder / WEIGHTS), fault))
    with pytest.raises(CorruptArtifact, match=rf"linear\.safetensors: {message}; copy the artifact again, or train"):
        load_linear(folder)


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\xff" * 64, b"\x80\x04K\x01."], ids=repr)
def test_files_of_another_kind_are_refused(folder: Path, content: bytes) -> None:
    for name in (WEIGHTS, TERMS):
        (folder / name).write_bytes(content)
        with pytest.raises(CorruptArtifact, match=rf"{name}: (cannot be read|the file: Invalid JSON)"):
            load_linear(folder)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"labels": ["favor", "against"]}, "decides on 3 labels, expected the 2 of metadata.json"),
        ({"targets": [LEVY]}, "has the weights of 2 targets, by metadata.json 1 targets"),
        ({"settings": {"features": "text"}}, "has the weights of 2 targets, by metadata.json no target is read"),
    ],
)
def test_a_model_of_other_metadata_is_refused(trained_stance: Trained, changes: dict[str, Any], fault: str) -> None:
    metadata = trained_stance.metadata.model_copy(update=changes)
    with pytest.raises(CorruptArtifact, match=rf"linear\.json: the model {fault}; copy the artifact again"):
        LinearBackend(trained_stance.folder, metadata)
