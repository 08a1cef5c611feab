"""Two small baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import stance_examples, topic_examples, train_baseline


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The artifacts by task."""
    root = tmp_path_factory.mktemp("artifacts")
    sets = {"topic": topic_examples(90), "stance": stance_examples()}
    return {task: train_baseline(examples, root / task).folder for task, examples in sets.items()}


@pytest.fixture(scope="session")
def topic(folders: dict[str, Path]) -> Predictor:
    return load_predictor(folders["topic"])


@pytest.fixture(scope="session")
def stance(folders: dict[str, Path]) -> Predictor:
    return load_predictor(folders["stance"])
