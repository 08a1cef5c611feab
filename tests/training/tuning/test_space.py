"""What is searched lies within what settings may be, and what a user changes about it is checked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.errors import BadInput
from training.models.settings import LIMITS, BaselineSettings, TransformerSettings, change_settings
from training.tuning.space import (
    BASELINE,
    REASONS,
    STANCE_ONLY,
    TRANSFORMER,
    Choices,
    Range,
    apply_values,
    build_space,
    describe_space,
    start_values,
    to_distributions,
)

TABLES = [(BASELINE, BaselineSettings()), (TRANSFORMER, TransformerSettings())]


@pytest.mark.parametrize(("table", "settings"), TABLES)
def test_spaces_lie_within_the_limits(table: Any, settings: Any) -> None:
    assert table.keys() <= {field.name for field in fields(settings)}
    for key, span in table.items():
        ends = (span.low, span.high) if isinstance(span, Range) else span.values
        for value in ends:
            assert getattr(change_settings(settings, [f"{key}={value}"]), key) == value
        if isinstance(span, Range):
            low, high = LIMITS[key]
            assert low <= span.low < span.high <= (high or span.high)
            assert not span.log or span.low > 0


@pytest.mark.parametrize(("table", "settings"), TABLES)
def test_a_search_starts_from_the_defaults(table: Any, settings: Any) -> None:
    start = start_values(settings, table)
    assert apply_values(settings, table, start) == settings
    distributions = to_distributions(settings, table)
    assert all(distributions[key]._contains(distributions[key].to_internal_repr(v)) for key, v in start.items())


def test_what_is_not_searched_for_a_reason_exists_and_is_not_searched() -> None:
    names = {field.name for table in TABLES for field in fields(table[1])}
    assert {*REASONS, *STANCE_ONLY} <= names
    assert not REASONS.keys() & {*BASELINE, *TRANSFORMER}


@given(st.floats(2e-5, 5e-4), st.integers(10_000, 200_000))
def test_values_are_short_enough_to_be_typed_and_stay_inside(rate: float, count: int) -> None:
    space = {"learning_rate": TRANSFORMER["learning_rate"]}
    found = apply_values(TransformerSettings(), space, {"learning_rate": rate}).learning_rate
    assert 2e-5 <= found <= 5e-4
    assert found == pytest.approx(rate, rel=0.005)
    assert change_settings(TransformerSettings(), [f"learning_rate={found}"]).learning_rate == found
    features = apply_values(BaselineSettings(), {"max_features": BASELINE["max_features"]}, {"max_features": count})
    assert isinstance(features.max_features, int)
    assert len(str(features.max_features).rstrip("0")) <= 3


def test_a_rounded_value_does_not_leave_a_narrow_range() -> None:
    space = build_space("stance", BaselineSettings(), (), ["strength=1.2345:1.2349"])
    assert apply_values(BaselineSettings(), {"strength": space["strength"]}, {"strength": 1.2347}).strength == 1.2345


def test_a_fixed_setting_leaves_the_space() -> None:
    space = build_space("stance", BaselineSettings(words=3), ["words=3"])
    assert space.keys() == BASELINE.keys() - {"words"}
    every = [f"{key}={getattr(BaselineSettings(), key)}" for key in BASELINE]
    with pytest.raises(BadInput, match="--set: every setting is fixed, nothing is left to search"):
        build_space("stance", BaselineSettings(), every)


def test_changes_narrow_and_add() -> None:
    space = build_space(
        "stance", TransformerSettings(), (), ["learning_rate=1e-5:3e-5", "unrelated=0,1,2,2", "batch=8:64:log"]
    )
    assert space["learning_rate"] == Range(1e-5, 3e-5, log=True)
    assert space["unrelated"] == Choices((0, 1, 2))
    assert space["batch"] == Range(8, 64, log=True)
    assert space["warmup"] == TRANSFORMER["warmup"]
    start = start_values(TransformerSettings(), space)
    assert (start["learning_rate"], start["unrelated"], start["batch"]) == (3e-5, 1, 32)
    assert start_values(TransformerSettings(), {"unrelated": Choices((2, 4))}) == {"unrelated": 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("strength", "expected key=low:high or key=a,b,c with a key of features, words"),
        ("depth=1:2", "expected key=low:high or key=a,b,c with a key of features, words"),
        ("words=1:20", "words: expected 1 to 10, found 20"),
        ("words=1.5:2", "words is int, found '1.5'"),
        ("words=3:1", "words: expected the lower value first, found '3:1'"),
        ("words=1:3:5", "words: expected low:high or low:high:log, found '1:3:5'"),
        ("unrelated=0:4:log", "unrelated is drawn by ratio, from a value above 0"),
        ("features=pair:text", "features is no number; list its values as features=a,b"),
        ("features=pair", "features: expected two values or more, found 'pair'; one value is fixed with --set"),
        ("features=pair,smell", "features: expected one of pair, text, found 'smell'"),
        ("characters=3:5", "characters is fixed by --set"),
    ],
)
def test_a_bad_change_says_what_was_expected(change: str, message: str) -> None:
    with pytest.raises(BadInput, match=f"--search: {message}"):
        build_space("stance", BaselineSettings(), ["characters=4"], [change])


@pytest.mark.parametrize("change", ["unrelated=1:2", "abstain_error=0.1,0.2", "features=pair,text"])
def test_topics_have_no_settings_of_stance(change: str) -> None:
    assert "label_smoothing" not in build_space("topic", TransformerSettings())
    with pytest.raises(BadInput, match=f"--search: {change.split('=')[0]} changes nothing for topics"):
        build_space("topic", BaselineSettings(), (), [change])


def test_every_setting_is_described_once() -> None:
    space = build_space("topic", TransformerSettings(), ["warmup=0.2"])
    lines = describe_space("topic", TransformerSettings(warmup=0.2), space, ["warmup=0.2"])
    named = [line.split(":")[0].split(" = ")[0].strip() for line in lines if line.startswith("  ")]
    assert sorted(named) == sorted(field.name for field in fields(TransformerSettings))
    assert "  learning_rate: 2e-05 to 0.0005, by ratio  (first 0.00015)" in lines
    assert "  warmup = 0.2  (--set)" in lines
    assert "  epochs = 4  (default; a budget: more of it nearly always wins)" in lines
    assert "  label_smoothing = 0.05  (changes nothing for topics)" in lines
