"""Every test runs away from the checkout, offline, and on one thread; artifacts are made once a session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from standpoint.predictor import Predictor, load_predictor
from tests import artifacts
from training.models.train import Trained

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "BENTOML_DO_NOT_TRACK": "true",
    "DO_NOT_TRACK": "1",
    "TQDM_DISABLE": "1",
    # A model this small is slower on many threads than on one.
    "OMP_NUM_THREADS": "1",
}
REMOVED = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_RUN_ID", "STANDPOINT_MODELS")


def pytest_configure() -> None:
    """Set the environment before any test module, or library, reads it."""
    os.environ.update(ENVIRONMENT)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(Path(tempfile.gettempdir(), "hypothesis"))
    for name in REMOVED:
        os.environ.pop(name, None)
    # No deadline: a busy machine is no bug. No database: it would be written into the checkout.
    settings.register_profile("tests", deadline=None, database=None, print_blob=True)
    settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def _away_from_the_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Work in an empty folder, so that what is written under the current folder never lands in the checkout."""
    home = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("current"))
    yield
    os.chdir(home)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT, saved as an encoder's folder."""
    return artifacts.make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(scope="session")
def trained_topic(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return artifacts.train_baseline(artifacts.topic_examples(), tmp_path_factory.mktemp("trained") / "topic")


@pytest.fixture(scope="session")
def trained_stance(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return artifacts.train_baseline(artifacts.stance_examples(), tmp_path_factory.mktemp("trained") / "stance")


@pytest.fixture(scope="session")
def trained_transformer(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Trained:
    folder = tmp_path_factory.mktemp("trained") / "transformer"
    return artifacts.train_transformer(artifacts.stance_examples(), folder, tiny_encoder)


@pytest.fixture(scope="session")
def topic_predictor(trained_topic: Trained) -> Predictor:
    return load_predictor(trained_topic.folder)


@pytest.fixture(scope="session")
def stance_predictor(trained_stance: Trained) -> Predictor:
    return load_predictor(trained_stance.folder)


@pytest.fixture(scope="session")
def onnx_predictor(trained_transformer: Trained) -> Predictor:
    return load_predictor(trained_transformer.folder)


@pytest.fixture
def copy_artifact(tmp_path: Path) -> Callable[[Trained], Path]:
    """Return a function that copies an artifact, to be spoilt."""

    def copy(trained: Trained) -> Path:
        return Path(shutil.copytree(trained.folder, tmp_path / f"copy-of-{trained.folder.name}"))

    return copy
