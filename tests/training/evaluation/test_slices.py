"""Slices: every example where it belongs, scores as of the slice alone, a table that can be read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.artifacts import LEVY, TREATY, stance_examples, topic_examples
from training.evaluation.slices import describe_length, list_slices, score_slices, take_rows, write_slices
from training.examples import ExampleSet, make_example_set
from training.scoring import Predictions, score_predictions

LABELS = ("favor", "against", "none")


@pytest.fixture
def examples() -> ExampleSet:
    found = [
        replace(
            e, kind="wire" if i % 4 < 2 else "speech", date=f"20{20 + i % 2}-01-01", holder="author", status="agreed"
        )
        for i, e in enumerate(stance_examples(80).examples)
    ]
    return make_example_set("stance", found, source="stance.jsonl")


def answer(examples: ExampleSet, wrong: int) -> Predictions:
    """Right answers but every `wrong`-th."""
    said = [LABELS[(LABELS.index(str(e.stance)) + (i % wrong == 0)) % 3] for i, e in enumerate(examples.examples)]
    probabilities = np.eye(3)[[LABELS.index(label) for label in said]]
    return Predictions(tuple(e.id for e in examples.examples), LABELS, probabilities, tuple((s,) for s in said))


def test_each_example_lies_in_one_slice_of_a_dimension(examples: ExampleSet) -> None:
    slices = list_slices(examples, [LEVY])
    dimensions = {part.dimension for part in slices}
    # One holder, one status, one language, one length, two targets everywhere: nothing to compare.
    assert dimensions == {"kind", "year", "target", "target in training"}
    for dimension in dimensions:
        rows = sorted(row for part in slices if part.dimension == dimension for row in part.rows)
        assert rows == list(range(len(examples)))
    [seen] = [part for part in slices if part.value == "seen"]
    assert {examples.examples[row].target for row in seen.rows} == {LEVY}
    [unseen] = [part for part in slices if part.value == "unseen"]
    assert {examples.examples[row].target for row in unseen.rows} == {TREATY}


def test_what_training_knew_is_not_guessed(examples: ExampleSet) -> None:
    assert "target in training" not in {part.dimension for part in list_slices(examples)}


def test_a_slice_scores_as_if_it_were_alone(examples: ExampleSet) -> None:
    predictions = answer(examples, wrong=3)
    for found in score_slices(predictions, examples):
        kept, alone = take_rows(predictions, examples, found.slice.rows)
        assert kept.ids == tuple(e.id for e in alone.examples)
        assert found.scores["stance.macro_f1"] == score_predictions(kept, alone)["stance.macro_f1"]
        right = [e.stance == said[0] for e, said in zip(alone.examples, kept.decided, strict=True)]
        assert found.scores["stance.accuracy"].value == pytest.approx(np.mean(right))


def test_small_slices_are_marked(examples: ExampleSet, tmp_path: Path) -> None:
    few = make_example_set("stance", examples.examples[:58], like=examples)
    path = write_slices(score_slices(answer(few, 3), few), tmp_path / "slices.parquet")
    rows = pq.read_table(path).to_pylist()
    assert {row["decisive"] for row in rows if row["examples"] < 30} == {False}
    assert {row["decisive"] for row in rows if row["examples"] >= 30} == {True}
    assert all(row["low"] <= row["score"] <= row["high"] for row in rows)
    assert [file.name for file in tmp_path.iterdir()] == ["slices.parquet"]


def test_topics_lie_in_every_slice_that_they_have() -> None:
    examples = topic_examples()
    slices = {part.value: part for part in list_slices(examples) if part.dimension == "topic"}
    both = [row for row, e in enumerate(examples.examples) if len(e.topics) == 2]
    assert set(both) <= set(slices["economy"].rows) & set(slices["diplomacy"].rows)
    assert {p.value for p in list_slices(examples) if p.dimension == "topics of the passage"} == {"1", "2"}


def test_lengths_are_counted_in_words() -> None:
    assert describe_length("word " * 30) == "to 30 words"
    assert describe_length("word " * 31) == "31 to 60 words"
    assert describe_length("word " * 121) == "over 120 words"
