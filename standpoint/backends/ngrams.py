"""Texts as TF-IDF vectors of word and character n-grams, number for number those of scikit-learn's TfidfVectorizer.

Texts are in lower case. Words are what `token_pattern=r"(?u)\\b\\w+\\b"` finds; characters are those of its analyzer
`char_wb`: within what stands between two spaces, with a blank at both ends. An n-gram that occurs c times has the value
(1 + log c) idf, and a vector the length one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\b\w+\b")

# The n-grams of a word are looked up once: eight of ten words of a passage are among these. Ten million bytes at most.
REMEMBERED, REMEMBERED_LENGTH = 8192, 32

Columns = NDArray[np.int32]


@dataclass(frozen=True)
class Vector:
    """The columns of a text's n-grams, (n,), rising, and their values, (n,)."""

    columns: Columns
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of `shortest` to `longest` units that a model knows, and how a text's are found among them."""

    shortest: int
    longest: int
    columns: Mapping[str, int]
    idf: NDArray[np.float64]  # (V,)
    look_up: Callable[[str], Columns]  # of a text in lower case, with repeats

    def __len__(self) -> int:
        return len(self.columns)

    def vectorise(self, text: str) -> Vector:
        """Return the vector of a text; what is not in the vocabulary counts nothing, not in its length either."""
        found = self.look_up(text.lower())
        found.sort()
        first = np.flatnonzero(np.diff(found, prepend=-1))
        columns = found[first]
        values = (1 + np.log(np.diff(first, append=len(found)))) * self.idf[columns]
        return Vector(columns, values / np.sqrt(values @ values) if len(values) else values)


def know_words(shortest: int, longest: int, columns: Mapping[str, int], idf: NDArray[np.float64]) -> Vocabulary:
    """Return a vocabulary of n-grams of words."""

    def look_up(text: str) -> Columns:
        return _find_columns(columns, split_words(text, shortest, longest))

    return Vocabulary(shortest, longest, columns, idf, look_up)


def know_characters(shortest: int, longest: int, columns: Mapping[str, int], idf: NDArray[np.float64]) -> Vocabulary:
    """Return a vocabulary of n-grams of characters."""

    def look_up_word(word: str) -> Columns:
        return _find_columns(columns, [term for _, term in place_characters(word, shortest, longest)])

    remembered = lru_cache(REMEMBERED)(look_up_word)

    def look_up(text: str) -> Columns:
        words = text.split()
        parts = [remembered(word) if len(word) <= REMEMBERED_LENGTH else look_up_word(word) for word in words]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)

    return Vocabulary(shortest, longest, columns, idf, look_up)


def split_words(text: str, shortest: int, longest: int) -> list[str]:
    """Return the n-grams of words of a text in lower case, joined by blanks."""
    tokens = WORD.findall(text)
    found = tokens[:] if shortest == 1 else []
    for size in range(max(2, shortest), longest + 1):
        found += map(" ".join, zip(*(tokens[start:] for start in range(size)), strict=False))
    return found


def place_characters(word: str, shortest: int, longest: int) -> list[tuple[int, str]]:
    """Return the n-grams of characters of one word in lower case, a blank at both ends, and where each starts.

    A word that is shorter counts whole, and once.
    """
    padded = f" {word} "
    width = len(padded)
    sizes = range(min(shortest, width), min(longest, width) + 1)
    return [(start, padded[start : start + size]) for size in sizes for start in range(width - size + 1)]


def _find_columns(columns: Mapping[str, int], terms: list[str]) -> Columns:
    return np.array([column for column in map(columns.get, terms) if column is not None], dtype=np.int32)
