"""What drove an answer: exact for a baseline, by leaving words out for any other model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from standpoint.encoding import ModelInput, compose, normalise
from standpoint.errors import BadInput
from standpoint.explanation import MAX_VARIANTS, Word, explain, explain_labels, find_words, strongest
from standpoint.predictor import Predictor, to_log_odds
from tests.artifacts import LEVY, stance_examples

PAIRS = [(example.text, example.target or "") for example in stance_examples().examples[:12]]


def odds_of(predictor: Predictor, item: ModelInput, label: str) -> float:
    return float(to_log_odds(predictor.logits([item])[0], predictor.metadata, label)[0])


def cut_words(text: str, words: Sequence[Word]) -> str:
    for word in sorted(words, key=lambda word: -word.start):
        text = text[: word.start] + text[word.end :]
    return text


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The port-levy, they said, isn't “unjust”.", ["The", "port-levy", "they", "said", "isn't", "unjust"]),
        ("«Нет» — сказал посол…", ["Нет", "сказал", "посол"]),
        ("対露制裁を、 EU「支持」ABC", ["対", "露", "制", "裁", "を", "EU", "支", "持", "ABC"]),
        ("คว่ำบาตรรัสเซีย ใหม่", ["คว่ำบาตรรัสเซีย", "ใหม่"]),
        ("$5 and 3% 😀", ["$5", "and", "3", "😀"]),
        ("— ... !", []),
        ("", []),
    ],
)
def test_words_stand_without_the_punctuation_around_them(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in find_words(text)] == words


@given(st.text())
def test_words_are_in_order_and_hold_no_space(text: str) -> None:
    spans = find_words(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert not any(character.isspace() for start, end in spans for character in text[start:end])


def test_the_strongest_are_in_the_order_of_the_text() -> None:
    words = [Word(i, i + 1, "x", weight) for i, weight in enumerate([0.1, -3.0, 0.0, 2.0])]
    assert [word.weight for word in strongest(words, 2)] == [-3.0, 2.0]
    assert strongest(words) == words


# A baseline


def test_a_baseline_loses_odds_with_its_best_word(stance_predictor: Predictor, relation_predictor: Predictor) -> None:
    for predictor in (stance_predictor, relation_predictor):
        for text, target in PAIRS:
            item = compose(text, target)
            label = predictor.stances([text], [[target]])[0][0].stance
            assert label is not None
            best = max(explain(predictor, text, target, label), key=lambda word: word.weight)
            assert best.weight > 0
            assert odds_of(predictor, compose(cut_words(text, [best]), target), label) < odds_of(predictor, item, label)


def test_offsets_hold_where_lower_case_is_longer(topic_predictor: Predictor) -> None:
    text = "İİ İSTANBUL: straße STRASSE, trade\u00adand\u200b prices e\u0301lite"
    for word in explain(topic_predictor, text, None, "economy"):
        assert normalise(text)[word.start : word.end] == word.text
    plain = {word.text: word.weight for word in explain(topic_predictor, "İİİİ trade", None, "economy")}
    assert plain["trade"] > abs(plain["İİİİ"])


# Any other model


@pytest.mark.parametrize("name", ["onnx_predictor", "stacked_predictor", "stance_predictor", "relation_predictor"])
def test_the_words_that_are_named_drive_the_answer(name: str, request: pytest.FixtureRequest) -> None:
    """Without its two strongest words the answer loses more than without the two weakest, or any two."""
    predictor = request.getfixturevalue(name)
    generator = np.random.default_rng(5)
    losses = []
    for text, target in PAIRS:
        [[answer]] = predictor.stances([text], [[target]])
        words = sorted(explain(predictor, text, target, answer.stance), key=lambda word: -word.weight)
        drawn = [words[i] for i in generator.choice(len(words), 2, replace=False)]
        cut = [cut_words(text, chosen) for chosen in (words[:2], words[-2:], drawn)]
        column = predictor.metadata.labels.index(answer.stance)
        found, _ = predictor.probabilities([compose(text, target) for text in cut])
        losses.append(answer.probabilities[answer.stance] - found[:, column])
    strongest_two, weakest_two, any_two = np.mean(losses, axis=0)
    assert strongest_two > any_two + 0.1
    assert strongest_two > weakest_two + 0.1


def test_a_weight_is_what_the_label_loses_without_the_word(onnx_predictor: Predictor) -> None:
    text, target = PAIRS[0]
    whole = odds_of(onnx_predictor, compose(text, target), "favor")
    for word in explain(onnx_predictor, text, target, "favor"):
        without = odds_of(onnx_predictor, compose(cut_words(text, [word]), target), "favor")
        assert word.weight == pytest.approx(whole - without, abs=1e-3)


class CountingBackend:
    """A real engine that keeps how much it was asked at once."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self.calls: list[int] = []

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        self.calls.append(len(inputs))
        return self._predictor.logits(inputs)


@pytest.mark.parametrize(("count", "size"), [(1, 1), (MAX_VARIANTS, 1), (MAX_VARIANTS + 1, 2), (905, 5)])
def test_a_long_passage_is_left_out_in_runs_of_words(onnx_predictor: Predictor, count: int, size: int) -> None:
    backend = CountingBackend(onnx_predictor)
    text = " ".join(f"w{n}," for n in range(count))
    words = explain(Predictor(onnx_predictor.metadata, backend), text, LEVY, "favor")
    assert backend.calls == [1 + len(words)]
    assert len(words) == -(-count // size) <= MAX_VARIANTS
    assert " ".join(word.text for word in words).replace(",", "") == text.replace(",", "")
    assert [len(word.text.split()) for word in words[:-1]] == [size] * (len(words) - 1)
    if count > 200:
        assert words[-1].weight == pytest.approx(0, abs=1e-3)  # the model has stopped reading long before


def test_words_that_it_cannot_do_without_are_all(onnx_predictor: Predictor, stance_predictor: Predictor) -> None:
    for predictor in (onnx_predictor, stance_predictor):
        [word] = explain(predictor, "“Praised!”", LEVY, "favor")
        assert (word.start, word.end, word.text) == (1, 8, "Praised")
        assert explain(predictor, " — \u200b!", LEVY, "favor") == []


# Several labels, and none


@pytest.mark.parametrize("name", ["onnx_predictor", "stance_predictor"])
def test_several_labels_are_explained_as_each_alone(name: str, request: pytest.FixtureRequest) -> None:
    predictor = request.getfixturevalue(name)
    text, target = PAIRS[0]
    together = explain_labels(predictor, text, target, ["favor", "against"])
    assert together == [explain(predictor, text, target, label) for label in ("favor", "against")]
    assert together[0] != together[1]


def test_a_label_that_is_unknown_is_refused(stance_predictor: Predictor) -> None:
    with pytest.raises(BadInput, match=r"label: expected one of the artifact's labels, .*favor.*; found 'unrelated'"):
        explain(stance_predictor, PAIRS[0][0], LEVY, "unrelated")
