"""Runs end as what they were, and hold our own digests and metric ids."""

from __future__ import annotations

from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from training.metrics import Score
from training.tracking.runs import attach_dataset, commit_tags, open_run, reopen_run, run_exists


def test_a_run_holds_what_was_logged(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("a note")
    with open_run("stance", "a name", {"seed": 1, "encoder": None}, {"stage": "train"}, "why") as run:
        run.log_step(5, {"loss": 0.5})
        run.log_step(10, {"loss": 0.25})
        run.log_scores("validation", {"stance.f_avg": Score(0.6, 0.5, 0.7, 10)})
        run.log_values({"seconds": 2.0})
        run.log_files([file], "validation")
        run.set_tags({"artifact": "d" * 64})
        attach_dataset("e" * 64, "data/build#train", "stance-train", "training")
        run.log_data("training", "e" * 64, "data/build#train", 12)
    found = MlflowClient().get_run(run.id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "a name"
    assert run.experiment == "standpoint-stance"
    assert found.data.params == {"seed": "1", "encoder": "None"}
    assert found.data.metrics == {
        "loss": 0.25,
        "validation.stance.f_avg": 0.6,
        "validation.stance.f_avg.low": 0.5,
        "validation.stance.f_avg.high": 0.7,
        "seconds": 2.0,
    }
    steps = MlflowClient().get_metric_history(run.id, "loss")
    assert [(step.step, step.value) for step in steps] == [(5, 0.5), (10, 0.25)]
    tags = found.data.tags
    assert (tags["stage"], tags["artifact"], tags["mlflow.note.content"]) == ("train", "d" * 64, "why")
    assert (tags["data.training"], tags["data.training.rows"]) == ("e" * 64, "12")
    [dataset] = found.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.dataset.digest) == ("stance-train", "e" * 12)
    assert {tag.key: tag.value for tag in dataset.tags}["mlflow.data.context"] == "training"
    assert [item.path for item in MlflowClient().list_artifacts(run.id, "validation")] == ["validation/note.txt"]


def test_an_exception_ends_a_run_as_failed_and_goes_on(store: Path) -> None:
    with pytest.raises(ValueError, match="on purpose"), open_run("topic", "broken", {}, {}) as run:
        raise ValueError("on purpose")
    assert MlflowClient().get_run(run.id).info.status == "FAILED"
    assert mlflow.active_run() is None


def test_a_run_is_gone_on_with(store: Path) -> None:
    with open_run("topic", "first", {}, {}) as run:
        run.log_values({"a": 1.0})
    with reopen_run(run.id) as again:
        again.log_values({"b": 2.0})
    assert again.experiment == "standpoint-topic"
    found = MlflowClient().get_run(run.id)
    assert found.data.metrics == {"a": 1.0, "b": 2.0}
    assert found.info.status == "FINISHED"


def test_runs_exist_until_they_are_deleted(store: Path) -> None:
    with open_run("topic", "first", {}, {}) as run:
        pass
    assert run_exists(run.id)
    MlflowClient().delete_run(run.id)
    assert not run_exists(run.id)
    assert not run_exists("0" * 32)


def test_the_commit_is_twelve_digits() -> None:
    tags = commit_tags()
    if tags:  # an installed package has no checkout
        assert set(tags) == {"commit", "dirty"}
        assert len(tags["commit"]) == 12
        assert tags["dirty"] in ("true", "false")
