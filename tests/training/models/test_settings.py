"""Settings are changed by key, checked for type and range, and listed with where they came from."""

from __future__ import annotations

import dataclasses

import pytest

from standpoint.errors import BadInput
from training.models.settings import BaselineSettings, TransformerSettings, change_settings, describe_settings


def test_values_take_the_type_of_their_setting() -> None:
    changes = ["epochs=3", "learning_rate=2e-5", "freeze_embeddings=False", "epochs=4"]
    changed = change_settings(TransformerSettings(), changes)
    assert changed == dataclasses.replace(TransformerSettings(), epochs=4, learning_rate=2e-5, freeze_embeddings=False)
    assert change_settings(BaselineSettings(), ["features=text"]).features == "text"
    assert change_settings(BaselineSettings(), []) == BaselineSettings()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("epoch=3", "--set: expected key=value with a key of epochs, .*; found 'epoch=3'"),
        ("epochs", "--set: expected key=value .*; found 'epochs'"),
        ("=3", "--set: expected key=value .*; found '=3'"),
        ("epochs=3.5", "--set: epochs is int, found '3.5'"),
        ("epochs=many", "--set: epochs is int, found 'many'"),
        ("learning_rate=", "--set: learning_rate is float, found ''"),
        ("freeze_embeddings=yes", "--set: freeze_embeddings is bool, found 'yes'"),
        ("epochs=0", "--set: epochs: expected 1 or more, found 0"),
        ("batch=0", "--set: batch: expected 1 or more, found 0"),
        ("max_steps=-1", "--set: max_steps: expected 0 or more, found -1"),
        ("learning_rate=nan", "--set: learning_rate: expected .*, found nan"),
        ("learning_rate=inf", "--set: learning_rate: expected .*, found inf"),
        ("abstain_error=1.5", "--set: abstain_error: expected 0 to 1, found 1.5"),
        ("warmup=2", "--set: warmup: expected 0 to 1, found 2"),
        ("max_length=4", "--set: max_length: expected 8 or more, found 4"),
    ],
)
def test_a_wrong_change_says_what_was_expected(change: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        change_settings(TransformerSettings(), [change])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("features=words", "--set: features: expected one of pair, text, found 'words'"),
        ("words=0", "--set: words: expected 1 to 10, found 0"),
        ("characters=1", "--set: characters: expected 2 to 10, found 1"),
        ("strength=-1", "--set: strength: expected .*, found -1"),
        ("unrelated=-1", "--set: unrelated: expected 0 or more, found -1"),
        ("epochs=3", "--set: expected key=value with a key of features, words, .*; found 'epochs=3'"),
    ],
)
def test_a_baseline_checks_its_own(change: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        change_settings(BaselineSettings(), [change])


def test_a_description_says_where_each_value_came_from() -> None:
    settings = change_settings(BaselineSettings(), ["words=3"])
    lines = describe_settings(settings, ["words=3"])
    assert "  words = 3  (--set)" in lines
    assert "  characters = 5  (default)" in lines
    assert len(lines) == len(dataclasses.fields(BaselineSettings))
