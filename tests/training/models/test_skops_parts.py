"""The linear model of older artifacts: what is refused before it is built."""

from __future__ import annotations

import functools
import json
import operator
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import skops.io
from sklearn.feature_extraction.text import CountVectorizer

from standpoint.errors import CorruptArtifact
from training.models.skops_parts import MODEL, PARTS, load_parts

SECOND = Path(__file__).resolve().parents[2] / "golden" / "artifacts" / "second-baseline" / MODEL


class Foreign:
    """A type that skops can write and nobody should read; building it leaves a mark."""

    built = 0

    def __setstate__(self, state: dict[str, Any]) -> None:
        Foreign.built += 1


@pytest.fixture
def parts() -> dict[str, Any]:
    return load_parts(SECOND)


def test_a_baseline_consists_of_its_parts(parts: dict[str, Any]) -> None:
    assert set(parts) == set(PARTS)


def test_a_type_of_someones_own_is_refused_before_it_is_built(tmp_path: Path, parts: dict[str, Any]) -> None:
    foreign = Foreign()
    foreign.mark = 1  # type: ignore[attr-defined]
    skops.io.dump({**parts, "classifier": foreign}, tmp_path / MODEL)
    with pytest.raises(
        CorruptArtifact, match=r"holds types that a baseline does not consist of: .*test_skops_parts\.Foreign"
    ):
        load_parts(tmp_path / MODEL)
    assert Foreign.built == 0


@pytest.mark.parametrize(
    "foreign",
    [functools.partial(print, "built"), operator.methodcaller("unlink"), shutil.rmtree, eval],
    ids=["partial", "methodcaller", "function", "builtin"],
)
def test_a_callable_is_refused_before_it_is_built(
    tmp_path: Path, parts: dict[str, Any], foreign: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    skops.io.dump({**parts, "classifier": foreign}, tmp_path / MODEL)
    with pytest.raises(CorruptArtifact, match="holds types that a baseline does not consist of"):
        load_parts(tmp_path / MODEL)
    assert capsys.readouterr().out == ""


def test_a_vectorizer_with_code_of_its_own_is_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    parts["words"].tokenizer = shutil.which
    skops.io.dump(parts, tmp_path / MODEL)
    with pytest.raises(CorruptArtifact, match=r"does not consist of: .*which"):
        load_parts(tmp_path / MODEL)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("words", "token_pattern", r"(?u)\b\w\w+\b"),
        ("words", "stop_words", ["the"]),
        ("chars", "analyzer", "char"),
        ("chars", "sublinear_tf", False),
        ("words", "norm", None),
        ("words", "lowercase", False),
        ("chars", "strip_accents", "unicode"),
    ],
)
def test_a_vectorizer_that_was_set_otherwise_is_refused(
    tmp_path: Path, parts: dict[str, Any], name: str, key: str, value: object
) -> None:
    setattr(parts[name], key, value)
    skops.io.dump(parts, tmp_path / MODEL)
    with pytest.raises(CorruptArtifact, match=rf"{name} was fitted with {key} .*, expected .*; train the model again"):
        load_parts(tmp_path / MODEL)


def test_columns_out_of_order_are_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    parts["words"].vocabulary_ = {term: column + 1 for term, column in parts["words"].vocabulary_.items()}
    skops.io.dump(parts, tmp_path / MODEL)
    with pytest.raises(CorruptArtifact, match="the columns of words are not numbered in order; train the model again"):
        load_parts(tmp_path / MODEL)


def test_other_parts_are_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    path = tmp_path / MODEL
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
    path = tmp_path / MODEL
    path.write_bytes(b"no archive")
    with pytest.raises(CorruptArtifact, match=r"cannot be read \(BadZipFile\)"):
        load_parts(path)
    with ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({"__loader__": "NoSuchNode"}))
    with pytest.raises(CorruptArtifact, match="cannot be read"):
        load_parts(path)
