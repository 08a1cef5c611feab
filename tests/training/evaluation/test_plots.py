"""Pictures and tables of an evaluation."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import cut, stance_examples, topic_examples, train_baseline
from training.evaluation.evaluator import Evaluation, evaluate_artifact
from training.evaluation.plots import draw_plots
from training.evaluation.tables import write_predictions
from training.examples import make_example_set
from training.scoring import gold_of


@pytest.fixture
def evaluations(stance_predictor: Predictor, topic_predictor: Predictor) -> dict[str, Evaluation]:
    return {
        "stance": evaluate_artifact(stance_predictor, cut(stance_examples())[1]),
        "topic": evaluate_artifact(topic_predictor, cut(topic_examples())[1]),
    }


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("stance", ["confusion.png", "reliability.png", "risk_coverage.png", "precision_recall.png"]),
        ("topic", ["topic_scores.png", "reliability.png", "risk_coverage.png", "precision_recall.png"]),
    ],
)
def test_plots_are_pictures(evaluations: dict[str, Evaluation], tmp_path: Path, task: str, names: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files = draw_plots(evaluations[task], tmp_path / "plots")
    assert [file.name for file in files] == names
    for file in files:
        content = file.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 5_000


def test_few_examples_are_drawn_without_complaint(stance_predictor: Predictor, tmp_path: Path) -> None:
    few = make_example_set("stance", stance_examples().examples[:2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(draw_plots(evaluate_artifact(stance_predictor, few), tmp_path)) == 4


def test_a_stance_that_the_model_does_not_know_is_drawn(tmp_path: Path) -> None:
    two = train_baseline(stance_examples(labels=("favor", "against")), tmp_path / "two")
    evaluation = evaluate_artifact(load_predictor(two.folder), cut(stance_examples())[1])
    assert "none" in evaluation.examples.labels
    assert len(draw_plots(evaluation, tmp_path / "plots")) == 4


@pytest.mark.parametrize("task", ["stance", "topic"])
def test_predictions_come_back_as_they_were_written(
    evaluations: dict[str, Evaluation], tmp_path: Path, task: str
) -> None:
    evaluation = evaluations[task]
    path = write_predictions(evaluation, tmp_path / "deep" / "predictions.parquet")
    write_predictions(evaluation, path)
    table = pq.read_table(path).to_pydict()
    assert list(table) == ["id", "gold", "decided", *evaluation.predictions.labels]
    assert table["id"] == [example.id for example in evaluation.examples.examples]
    assert [tuple(row) for row in table["gold"]] == list(gold_of(evaluation.examples))
    assert [tuple(row) for row in table["decided"]] == list(evaluation.predictions.decided)
    found = np.stack([table[label] for label in evaluation.predictions.labels], axis=1)
    assert (found == evaluation.predictions.probabilities).all()
    assert [file.name for file in path.parent.iterdir()] == ["predictions.parquet"]
