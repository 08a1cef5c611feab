"""N-grams and their values: those of scikit-learn, for any text."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from standpoint.backends import ngrams
from standpoint.backends.ngrams import Vocabulary, know_characters, know_words, place_characters, split_words

PATTERN = r"(?u)\b\w+\b"
FITTED = [
    "The envoy praised the port levy.",
    "i̇stanbul’da ΟΔΟΣ straße 123 e\u0301lite",
    "港口税 👩‍👩‍👧 a b",
    "the the levy",
]
# Dotted I, a final sigma, marks that combine or join, digits of several scripts, what is no character of the plane.
UGLY = [
    "İ",
    "Σ",
    "ΟΔΟΣ",
    "e\u0301",
    "\u200d",
    "👩‍👩‍👧",
    "٣٤",
    "𝟙𝟚",
    "\u00a0",
    "\u2028",
    "\x1f",
    "ß",
    "_",
    "the",
    "levy",
    "x" * 99,
]
TEXTS = st.text() | st.lists(st.sampled_from(UGLY) | st.text(max_size=4), max_size=12).map(" ".join)
SIZES = st.sampled_from([(1, 1), (1, 2), (1, 3), (2, 5), (2, 2), (4, 6)])


def fit(unit: str, sizes: tuple[int, int]) -> tuple[TfidfVectorizer, Vocabulary]:
    """Return scikit-learn's vectorizer, as baselines have it, and ours with the same vocabulary."""
    words = unit == "words"
    vectorizer = TfidfVectorizer(
        analyzer="word" if words else "char_wb",
        ngram_range=sizes,
        sublinear_tf=True,
        dtype=np.float32,
        token_pattern=PATTERN if words else None,
    ).fit(FITTED)
    know = know_words if words else know_characters
    return vectorizer, know(*sizes, vectorizer.vocabulary_, vectorizer.idf_.astype(np.float64))


@given(text=TEXTS, sizes=SIZES)
def test_the_n_grams_of_words_are_scikit_learns(text: str, sizes: tuple[int, int]) -> None:
    expected = TfidfVectorizer(ngram_range=sizes, token_pattern=PATTERN).build_analyzer()(text)
    assert Counter(split_words(text.lower(), *sizes)) == Counter(expected)


@given(text=TEXTS, sizes=SIZES)
def test_the_n_grams_of_characters_are_scikit_learns(text: str, sizes: tuple[int, int]) -> None:
    expected = TfidfVectorizer(ngram_range=sizes, analyzer="char_wb").build_analyzer()(text)
    found = [term for word in text.lower().split() for _, term in place_characters(word, *sizes)]
    assert Counter(found) == Counter(expected)


@pytest.mark.parametrize("unit", ["words", "characters"])
@given(text=TEXTS, sizes=st.sampled_from([(1, 2), (2, 3), (2, 5)]))
def test_their_values_are_scikit_learns(unit: str, text: str, sizes: tuple[int, int]) -> None:
    vectorizer, vocabulary = fit(unit, sizes)
    vector = vocabulary.vectorise(text)
    found = np.zeros(len(vocabulary))
    found[vector.columns] = vector.values
    assert found == pytest.approx(vectorizer.transform([text]).toarray()[0], abs=1e-6)
    assert (np.diff(vector.columns) > 0).all()
    again = vocabulary.vectorise(text)  # from what is remembered now
    assert again.columns.tolist() == vector.columns.tolist()
    assert again.values.tolist() == vector.values.tolist()


def test_a_very_long_text_and_a_very_long_word() -> None:
    for unit in ("words", "characters"):
        vectorizer, vocabulary = fit(unit, (2, 3))
        for text in ("the port levy " * 20_000, "levy" * 20_000):
            vector = vocabulary.vectorise(text)
            expected = vectorizer.transform([text])
            expected.sort_indices()
            assert vector.columns.tolist() == expected.indices.tolist()
            assert vector.values == pytest.approx(expected.data, abs=1e-6)


def test_a_word_is_looked_up_once_unless_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def count(word: str, shortest: int, longest: int) -> list[tuple[int, str]]:
        asked.append(word)
        return place_characters(word, shortest, longest)

    monkeypatch.setattr(ngrams, "place_characters", count)
    _, vocabulary = fit("characters", (2, 3))
    long = "levy" * 20
    vocabulary.vectorise(f"the levy the {long}")
    vocabulary.vectorise(f"the levy {long}")
    assert Counter(asked) == {"the": 1, "levy": 1, long: 2}
