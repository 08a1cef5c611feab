"""A run says whether its model is calibrated, and how many stances it gives, judged on groups that fitted nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mlflow

from standpoint.artifact import read_metadata
from tests.artifacts import BASELINE, make_request, stance_examples
from training.evaluation.confidence import measure_confidence
from training.examples import make_example_set
from training.experiment import run_experiment


def test_a_run_says_whether_its_model_is_calibrated(store: Path) -> None:
    noisy = [
        replace(e, stance="against") if i % 9 == 0 else e for i, e in enumerate(stance_examples(count=480).examples)
    ]
    request = make_request(make_example_set("stance", noisy), settings=replace(BASELINE, abstain_error=0.2))
    trained = run_experiment(request, store / "careful")
    assert trained.crossed is not None
    honest = measure_confidence(trained.crossed, request.validation)
    run = mlflow.get_run(read_metadata(trained.folder).run)
    assert run.data.tags["calibrated"] == str(honest.passes).lower()
    coverage, error = (honest.scores()[f"abstention.{name}"] for name in ("coverage", "error"))
    logged = run.data.metrics
    assert logged["validation.cross_fitted.abstention.coverage"] == coverage.value
    assert logged["validation.cross_fitted.abstention.error.high"] == error.high
    assert logged["validation.cross_fitted.calibration.error"] == honest.error
    assert logged["validation.abstention.coverage"] == trained.metadata.abstain.coverage
    assert "at most 20% of the stances given wrong" in run.data.tags["mlflow.note.content"]
