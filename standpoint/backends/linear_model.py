"""The linear model in its two files, and what is checked of them before anything is built.

`linear.json` holds the n-grams in the order of their columns and the sizes; `linear.safetensors` the numbers, float32
and int32. The files of a model that reads a target have the blocks of `Pairs` beside the others. Of the weights of
n-grams in a target's own block only the rows that are not all zero are kept, one in three of our champion.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file

from standpoint.backends.ngrams import Vector, Vocabulary, know_characters, know_words
from standpoint.errors import CorruptArtifact

TERMS, WEIGHTS = "linear.json", "linear.safetensors"
VERSION = 1

Size = Annotated[int, Field(ge=1, le=10)]  # of an n-gram: more would make a long text a file of its own
Floats = NDArray[np.float32]
Array = NDArray[np.float64]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Terms(_Strict):
    """N-grams of one unit: how many units each has, and all of them in the order of their columns."""

    shortest: Size
    longest: Size
    terms: list[str]


class Description(_Strict):
    """The content of linear.json. `targets` counts those with weights of their own; None: no target is read."""

    version: Literal[1]
    words: Terms
    characters: Terms
    decisions: Annotated[int, Field(ge=1)]  # `relation` among them
    relation: bool
    targets: Annotated[int, Field(ge=0)] | None


@dataclass(frozen=True)
class Pairs:
    """Weights of what a target adds: its own block, its words and their overlap with the passage.

    Entry i of the own blocks is the row of one n-gram of words in the block of `targets[i]`; those of column c stand
    from `first[c]` to `first[c + 1]`.
    """

    first: NDArray[np.int64]  # (words + 1,)
    targets: NDArray[np.int32]  # (entries,)
    weights: Floats  # (entries, D)
    intercepts: Floats  # (targets, D)
    wording: Floats  # (words, D)
    overlap: Array  # (3, D): of words, of characters, whether any word is shared

    def find_entries(self, words: Vector, asked: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the entries of a passage's words in the blocks asked for, and the place of each in the vector."""
        starts = self.first[words.columns]
        counts = self.first[words.columns + 1] - starts
        entries = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        wanted = np.zeros(len(self.intercepts), dtype=bool)
        wanted[asked] = True
        kept = wanted[self.targets[entries]]
        return entries[kept], np.repeat(np.arange(len(counts)), counts)[kept]


@dataclass(frozen=True)
class LinearModel:
    """All that a linear model consists of; D decisions, the one on `relation` last."""

    words: Vocabulary
    characters: Vocabulary
    word_weights: Floats  # (words, D)
    character_weights: Floats  # (characters, D)
    intercepts: Array  # (D,)
    relation: bool  # whether the last decision is if the passage refers to the target at all
    pairs: Pairs | None


def load_linear(folder: Path) -> LinearModel:
    """Read and check both files, then build. Raises CorruptArtifact, which names the file and what is wrong in it."""
    described = _read_description(folder / TERMS)
    path = folder / WEIGHTS
    arrays = _read_arrays(path, described)
    return LinearModel(
        words=_build_vocabulary(folder, "words", described.words, arrays["word_idf"]),
        characters=_build_vocabulary(folder, "characters", described.characters, arrays["character_idf"]),
        word_weights=arrays["word_weights"],
        character_weights=arrays["character_weights"],
        intercepts=arrays["intercepts"].astype(np.float64),
        relation=described.relation,
        pairs=None if described.targets is None else _build_pairs(path, described, arrays),
    )


def shapes(described: Description) -> dict[str, tuple[str, tuple[int | None, ...]]]:
    """Return dtype and shape of every array of the file; None is a length that only the file knows."""
    words, characters, width = len(described.words.terms), len(described.characters.terms), described.decisions
    alone: dict[str, tuple[str, tuple[int | None, ...]]] = {
        "word_idf": ("float32", (words,)),
        "word_weights": ("float32", (words, width)),
        "character_idf": ("float32", (characters,)),
        "character_weights": ("float32", (characters, width)),
        "intercepts": ("float32", (width,)),
    }
    if described.targets is None:
        return alone
    return alone | {
        "own_words": ("int32", (None,)),
        "own_targets": ("int32", (None,)),
        "own_weights": ("float32", (None, width)),
        "own_intercepts": ("float32", (described.targets, width)),
        "wording_words": ("int32", (None,)),
        "wording_weights": ("float32", (None, width)),
        "overlap": ("float32", (3, width)),
    }


def _read_description(path: Path) -> Description:
    try:
        described = Description.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _spoilt(path, f"cannot be read ({type(error).__name__})") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise _spoilt(path, f"{key or 'the file'}: {first['msg']}") from None
    for unit, terms in (("words", described.words), ("characters", described.characters)):
        if terms.longest < terms.shortest:
            raise _spoilt(path, f"{unit}: expected longest to be {terms.shortest} or more, found {terms.longest}")
    return described


def _read_arrays(path: Path, described: Description) -> dict[str, NDArray[Any]]:
    try:
        arrays = load_file(path)
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise _spoilt(path, f"cannot be read ({type(error).__name__}: {reason})") from None
    expected = shapes(described)
    for name in sorted(set(expected) ^ set(arrays)):
        raise _spoilt(path, f"{name} " + ("is missing" if name in expected else "is no array of a linear model"))
    for name, (dtype, shape) in expected.items():
        array = arrays[name]
        sizes = [long for long, size in zip(array.shape, shape, strict=False) if size is not None and long != size]
        if array.dtype != dtype or array.ndim != len(shape) or sizes:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise _spoilt(path, f"{name}: expected {dtype} ({wanted}), found {array.dtype} {array.shape}")
        if dtype == "float32" and not np.isfinite(array).all():
            raise _spoilt(path, f"{name} holds what is no number")
    return arrays


def _build_vocabulary(folder: Path, unit: str, terms: Terms, idf: NDArray[Any]) -> Vocabulary:
    columns = {term: column for column, term in enumerate(terms.terms)}
    if len(columns) != len(terms.terms):
        twice = next(term for column, term in enumerate(terms.terms) if columns[term] != column)
        raise _spoilt(folder / TERMS, f"{unit}: the n-gram {twice!r} stands there twice")
    weights = idf.astype(np.float64)
    if len(weights) and weights.min() <= 0:
        raise _spoilt(folder / WEIGHTS, f"the idf of {unit} is not above 0 everywhere")
    know = know_words if unit == "words" else know_characters
    return know(terms.shortest, terms.longest, columns, weights)


def _build_pairs(path: Path, described: Description, arrays: dict[str, NDArray[Any]]) -> Pairs:
    words, targets = len(described.words.terms), described.targets or 0
    own_words, own_targets = arrays["own_words"].astype(np.int64), arrays["own_targets"].astype(np.int64)
    _check_rows(path, "own_words", own_words, words, len(arrays["own_weights"]))
    _check_rows(path, "own_targets", own_targets, targets, len(arrays["own_weights"]))
    _check_rising(path, "own_words with own_targets", own_words * max(1, targets) + own_targets)
    wording = arrays["wording_words"].astype(np.int64)
    _check_rows(path, "wording_words", wording, words, len(arrays["wording_weights"]))
    _check_rising(path, "wording_words", wording)
    spread = np.zeros((words, described.decisions), dtype=np.float32)
    spread[wording] = arrays["wording_weights"]
    return Pairs(
        first=np.searchsorted(own_words, np.arange(words + 1)),
        targets=own_targets.astype(np.int32),
        weights=arrays["own_weights"],
        intercepts=arrays["own_intercepts"],
        wording=spread,
        overlap=arrays["overlap"].astype(np.float64),
    )


def _check_rows(path: Path, name: str, rows: NDArray[np.int64], below: int, count: int) -> None:
    if len(rows) != count:
        raise _spoilt(path, f"{name}: expected {count} numbers, one for each row of weights, found {len(rows)}")
    if count and not (rows.min() >= 0 and rows.max() < below):
        raise _spoilt(path, f"{name}: expected numbers from 0 to below {below}, found {rows.min()} to {rows.max()}")


def _check_rising(path: Path, name: str, numbers: NDArray[np.int64]) -> None:
    if (np.diff(numbers) <= 0).any():
        raise _spoilt(path, f"{name}: expected rising numbers, each once")


def _spoilt(path: Path, fault: str) -> CorruptArtifact:
    return CorruptArtifact(f"{path}: {fault}; copy the artifact again, or train the model again")
