"""What the tests of a search share: labelled lines, a store, a tiny search, and the runs of one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from tests.artifacts import TRANSFORMER, make_request, stance_examples
from training.tuning.search import Search
from training.tuning.space import Range


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return labelled lines whose labels are hard enough for settings to matter."""
    rows = []
    for place, example in enumerate(stance_examples(120).examples):
        stance = "none" if place % 7 == 0 else example.stance
        rows.append({"text": example.text, "target": example.target, "stance": stance, "group": example.group})
    path = tmp_path_factory.mktemp("lines") / "stance.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowClient]:
    """Name a store of this file's own to MLflow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db")
        yield MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    mlflow.set_tracking_uri(None)


@pytest.fixture
def fine_tuning(tiny_encoder: Path, tmp_path: Path) -> Search:
    """Return a search of a tiny transformer, between a learning rate that learns and ones that cannot."""
    settings = replace(TRANSFORMER, epochs=4, checkpoint_every=1)
    request = make_request(stance_examples(48), settings=settings, encoder=str(tiny_encoder))
    return Search(request, {"learning_rate": Range(1e-8, 3e-3, log=True)}, tmp_path / "found")
