"""Champions mirrored into a folder of published models, and what is done when that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from standpoint.artifact import check_manifest
from standpoint.errors import BadInput
from standpoint.models_folder import publish_artifact
from tests.artifacts import stance_examples, train_baseline
from training.models.train import Trained
from training.tracking.mirror import publish_champions, watch_champions
from training.tracking.registry import register_artifact, set_champion

STANCE, TOPIC = "standpoint-stance", "standpoint-topic"


class Enough(Exception):
    """Raised by a test to end what goes on for ever."""


@pytest.fixture
def mirror(
    store: Path, trained_topic: Trained, trained_stance: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty folder of published models, beside a registry with a champion of each task."""
    for name, trained in ((TOPIC, trained_topic), (STANCE, trained_stance)):
        register_artifact(trained.folder)
        set_champion(name, "1", "first")
    folder = tmp_path / "elsewhere"
    monkeypatch.setenv("STANDPOINT_MODELS", str(folder))
    return folder


def test_champions_are_published_once(mirror: Path) -> None:
    assert publish_champions() == [mirror / TOPIC / "1", mirror / STANCE / "1"]
    assert publish_champions() == []


@pytest.fixture(scope="module")
def second_stance(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_baseline(stance_examples(), tmp_path_factory.mktemp("second") / "stance", seed=2)


def test_the_same_number_of_another_registry_is_another_version(mirror: Path, second_stance: Trained) -> None:
    publish_artifact(second_stance.folder, STANCE, "1", {}, mirror)
    with pytest.raises(BadInput, match="standpoint-stance/1 holds another artifact"):
        publish_champions()


def test_what_fails_is_said_once_and_tried_again(mirror: Path, trained_topic: Trained, second_stance: Trained) -> None:
    """The other model is published meanwhile, as often as its champion changes."""
    client = MlflowClient()
    register_artifact(second_stance.folder)
    client.set_model_version_tag(TOPIC, "1", "digest", "0" * 64)
    told: list[Path] = []
    warned: list[str] = []

    def tell(folder: Path) -> None:
        told.append(folder)
        if folder == mirror / STANCE / "1":
            client.set_registered_model_alias(STANCE, "champion", "2")
        elif folder == mirror / STANCE / "2":
            client.set_model_version_tag(TOPIC, "1", "digest", check_manifest(trained_topic.folder))
        else:
            raise Enough("all were told")

    with pytest.raises(Enough, match="all were told"):
        watch_champions(tell, warned.append, interval=0)
    assert told == [mirror / STANCE / "1", mirror / STANCE / "2", mirror / TOPIC / "1"]
    expected = "standpoint-topic: standpoint-topic version 1 in the store is not the artifact that was registered"
    assert warned == [f"{expected}; trying again every 0 s"]
