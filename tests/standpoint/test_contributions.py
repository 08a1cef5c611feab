"""A baseline's parts: where its n-grams are, and that what they add is the answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from standpoint.artifact import FORMAT
from standpoint.backends.linear import LinearBackend
from standpoint.backends.ngrams import know_characters, know_words
from standpoint.contributions import (
    decision_shares,
    locate_characters,
    locate_words,
    lower_characters,
    own_characters,
    word_contributions,
)
from standpoint.encoding import ModelInput, compose, normalise, target_key
from standpoint.explanation import explain, find_words
from standpoint.metadata import Metadata
from standpoint.predictor import Predictor, to_log_odds
from tests.artifacts import LEVY, TREATY, stance_examples
from training.models.baseline import write_baseline
from training.models.sparse_features import text_features

PAIRS = [(example.text, example.target) for example in stance_examples().examples[:12]]

# Words that the models know, others, and what changes its length in lower case or is no word at all.
PIECES = [
    *["The", "envoy", "praised", "the", "port", "levy", "and", "rejected", "the", "river", "treaty."],
    "condemned",
    "İstanbul'da",
    "STRASSE",
    "Straße",
    "ΟΔΟΣ",
    "—",
    "“unjust”,",
    "港口税",
    "😀",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=12).map(" ".join)
ANY_TEXT = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def linear_backend(predictor: Predictor) -> LinearBackend:
    assert isinstance(predictor.backend, LinearBackend)
    return predictor.backend


def test_punctuation_belongs_to_the_word_that_it_is_attached_to() -> None:
    text = "(a-b), — 税、法"
    assert own_characters(text, find_words(text)).tolist() == [0, 0, 0, 0, 0, 0, 3, 3, 3, 1, 1, 2]


# Where its n-grams are


PATTERN = r"(?u)\b\w+\b"


@given(text=TEXTS | st.text(), sizes=st.sampled_from([(1, 1), (1, 3), (2, 2)]))
def test_the_n_grams_of_words_are_those_that_are_counted(text: str, sizes: tuple[int, int]) -> None:
    lowered, origins = lower_characters(normalise(text))
    assert len(lowered) == len(origins)
    terms = TfidfVectorizer(ngram_range=sizes, token_pattern=PATTERN).build_analyzer()(normalise(text))
    known = list(dict.fromkeys(terms))[::2]  # not all: others are passed over
    vocabulary = know_words(*sizes, {term: column for column, term in enumerate(known)}, np.ones(len(known)))
    found = list(locate_words(vocabulary, lowered))
    assert Counter(known[column] for column, _ in found) == Counter(term for term in terms if term in known)
    assert all(" ".join(lowered[start:end] for start, end in spans) == known[column] for column, spans in found)


@given(text=TEXTS | st.text(), sizes=st.sampled_from([(2, 5), (1, 3), (4, 4)]))
def test_the_n_grams_of_characters_are_those_that_are_counted(text: str, sizes: tuple[int, int]) -> None:
    lowered, _ = lower_characters(normalise(text))
    terms = TfidfVectorizer(ngram_range=sizes, analyzer="char_wb").build_analyzer()(normalise(text))
    known = list(dict.fromkeys(terms))[::2]
    vocabulary = know_characters(*sizes, {term: column for column, term in enumerate(known)}, np.ones(len(known)))
    found = list(locate_characters(vocabulary, lowered))
    assert Counter(known[column] for column, _ in found) == Counter(term for term in terms if term in known)
    assert all(lowered[start:end] == known[column].strip() for column, ((start, end),) in found)


def test_a_letter_that_grows_in_lower_case_keeps_its_place() -> None:
    lowered, origins = lower_characters("İß Σ")
    assert (lowered, origins.tolist()) == ("i̇ß σ", [0, 0, 1, 2, 3])


# What they add


def check_exact(predictor: Predictor, text: str, target: str | None) -> None:
    """The words' weights and the bias are the log odds of the answer."""
    backend, item = linear_backend(predictor), compose(text, target)
    words = find_words(item.text)
    weights, bias = word_contributions(backend, predictor.metadata, item, words, predictor.metadata.labels)
    logits, _ = predictor.logits([item])
    probabilities, _ = predictor.probabilities([item])
    for column in range(len(predictor.metadata.labels)):
        whole = weights[column].sum() + bias[column]
        p = probabilities[0, column]
        assert whole == pytest.approx(np.log(p) - np.log1p(-p), rel=1e-6, abs=1e-6)
        if target is None:
            assert whole == pytest.approx(logits[0, column] / predictor.metadata.temperature, abs=1e-6)


@ANY_TEXT
@given(text=TEXTS)
def test_the_parts_of_a_topic_sum_to_its_logit_over_the_temperature(topic_predictor: Predictor, text: str) -> None:
    assert topic_predictor.metadata.temperature != 1
    check_exact(topic_predictor, text, None)


@ANY_TEXT
@given(text=TEXTS, target=st.sampled_from([LEVY, TREATY, "an unseen target"]))
def test_the_parts_of_a_stance_sum_to_its_log_odds(stance_predictor: Predictor, text: str, target: str) -> None:
    check_exact(stance_predictor, text, target)


@ANY_TEXT
@given(text=TEXTS, target=st.sampled_from([LEVY, TREATY, "an unseen target"]))
def test_so_do_those_of_a_stance_with_a_relation(relation_predictor: Predictor, text: str, target: str) -> None:
    assert linear_backend(relation_predictor).model.relation
    check_exact(relation_predictor, text, target)


@ANY_TEXT
@given(scale=st.floats(0.1, 20), text=TEXTS)
def test_they_do_so_however_sure_the_model_is(relation_predictor: Predictor, scale: float, text: str) -> None:
    metadata = relation_predictor.metadata.model_copy(update={"temperature": scale})
    item, backend = compose(text, LEVY), linear_backend(relation_predictor)
    weights, bias = word_contributions(backend, metadata, item, find_words(item.text), metadata.labels)
    logits, _ = relation_predictor.logits([item])
    expected = [to_log_odds(logits, metadata, label)[0] for label in metadata.labels]
    assert np.allclose(weights.sum(axis=1) + bias, expected, rtol=0, atol=1e-6)


def decide_without_words(backend: LinearBackend, item: ModelInput) -> np.ndarray:
    """Return the decisions (D,) about features without the passage's own n-grams: see `stance_features`."""
    model = backend.model
    if model.pairs is None or item.target is None:
        return model.intercepts
    products = []
    for vocabulary in (model.words, model.characters):
        both = np.zeros((2, len(vocabulary)))
        for row, text in zip(both, (item.text, item.target), strict=True):
            vector = vocabulary.vectorise(text)
            row[vector.columns] = vector.values
        products.append(both[0] @ both[1])
    wording = model.words.vectorise(item.target)
    slots = {target_key(LEVY): 0, target_key(TREATY): 1}
    own = model.pairs.intercepts[slots[target_key(item.target)]]
    overlap = np.array([*products, products[0] > 0]) @ model.pairs.overlap
    return model.intercepts + wording.values @ model.pairs.wording[wording.columns] + own + overlap


@pytest.mark.parametrize("name", ["topic_predictor", "stance_predictor", "relation_predictor"])
def test_all_that_counts_words_is_dealt_out_to_them(name: str, request: pytest.FixtureRequest) -> None:
    """What is left is the decision about features without the passage's own n-grams."""
    predictor = request.getfixturevalue(name)
    backend = linear_backend(predictor)
    for text, target in PAIRS:
        item = compose(text, None if predictor.metadata.task == "topic" else target)
        shares, rest = decision_shares(backend, item, find_words(item.text))
        assert np.allclose(rest, decide_without_words(backend, item), rtol=0, atol=1e-6)
        assert np.abs(shares).max() > 0.1


def test_an_n_gram_is_shared_by_its_words(tmp_path: Path) -> None:
    """By hand: `toll` adds its own part and half of that of `toll rises`, `Ports!` that of `s!` and its blank."""
    texts = ["the toll rises", "ports! toll", "rises the ports!"]
    common: dict[str, Any] = {"sublinear_tf": True, "dtype": np.float32}
    parts: dict[str, Any] = {
        "words": TfidfVectorizer(ngram_range=(1, 2), token_pattern=PATTERN, **common).fit(texts),
        "chars": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 2), **common).fit(texts),
        "relation": None,
    }
    gold = [[1, 0], [0, 1], [1, 1]]
    classifier = OneVsRestClassifier(LogisticRegression()).fit(text_features(parts, texts), gold)
    model = classifier.estimators_[0]
    model.coef_[:], model.intercept_[:] = 0, 0.5
    words, chars = parts["words"].vocabulary_, parts["chars"].vocabulary_
    features = text_features(parts, ["toll rises, the ports! toll"]).toarray()[0]
    value = {}
    for column, term, weight in [
        (words["toll"], "toll", 2),
        (words["toll rises"], "toll rises", 3),
        (len(words) + chars["! "], "! ", -1),
    ]:
        model.coef_[0, column] = weight
        value[term] = weight * features[column]
    write_baseline(tmp_path, {**parts, "classifier": classifier})
    metadata = Metadata(format=FORMAT, task="topic", model="baseline", labels=["a", "b"], data="d", temperature=2)
    predictor = Predictor(metadata, LinearBackend(tmp_path, metadata))

    found = explain(predictor, "  Toll rises,\n the Ports! Toll", None, "a")
    assert [(word.start, word.end, word.text) for word in found] == [
        (0, 4, "Toll"),
        (5, 10, "rises"),
        (12, 15, "the"),
        (16, 21, "Ports"),
        (23, 27, "Toll"),
    ]
    toll, both = value["toll"] / 2, value["toll rises"] / 2  # it stands there twice
    expected = [(toll + both) / 2, both / 2, 0, value["! "] / 2, toll / 2]
    assert [word.weight for word in found] == pytest.approx(expected, abs=1e-6)
