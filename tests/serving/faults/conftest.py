"""Models to be swapped and spoilt: each module has a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from standpoint.models_folder import NAMES, publish_artifact


@pytest.fixture(scope="module")
def models(topic_artifact: Path, stance_artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of published models: version 1 of both."""
    root = tmp_path_factory.mktemp("faults") / "models"
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, root)
    publish_artifact(stance_artifact, NAMES["stance"], "1", {}, root)
    return root


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "service.log"
