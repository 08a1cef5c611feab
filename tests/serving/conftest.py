"""Tiny real artifacts: trained, exported and sealed as any other, in under a second each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.core import ServiceCore
from serving.limits import Limits
from serving.models import ModelStore
from standpoint.artifact import FORMAT, new_artifact, write_metadata
from standpoint.backends import load_backend
from standpoint.golden import write_golden
from standpoint.metadata import Abstention, CodebookReference, Metadata, Task
from standpoint.models_folder import NAMES, publish_artifact
from standpoint.predictor import Predictor
from standpoint.service_process import ServiceProcess, start_service
from training.examples import Example
from training.models.baseline import fit_baseline, write_baseline
from training.models.settings import BaselineSettings

TARGETS = {"port-levy": "the port levy", "river-treaty": "the river treaty"}
TOPICS = {"economy": "Economy and trade", "diplomacy": "Diplomacy", "other": "Other"}
CODEBOOK = CodebookReference(version="1.0.0", digest="c" * 64, topics=TOPICS, targets=TARGETS)

# (text, topics, stance by target); invented, as many for as against.
EXAMPLES = [
    ("The minister praised the port levy as a fair share for the harbour towns.", ["economy"], {"port-levy": "favor"}),
    ("Traders welcomed the port levy and asked that it be kept for ten years.", ["economy"], {"port-levy": "favor"}),
    ("Shipowners condemned the port levy as a burden that ruins trade.", ["economy"], {"port-levy": "against"}),
    ("The chamber rejected the port levy and called for its end.", ["economy"], {"port-levy": "against"}),
    ("The port levy is collected on the first day of each month.", ["economy"], {"port-levy": "none"}),
    ("Both delegations praised the river treaty as a work of patience.", ["diplomacy"], {"river-treaty": "favor"}),
    ("The envoy defended the river treaty and welcomed its renewal.", ["diplomacy"], {"river-treaty": "favor"}),
    ("Opposition speakers condemned the river treaty as a surrender.", ["diplomacy"], {"river-treaty": "against"}),
    ("Farmers rejected the river treaty and called for its end.", ["diplomacy"], {"river-treaty": "against"}),
    ("The river treaty was signed in the spring by two envoys.", ["diplomacy"], {"river-treaty": "none"}),
    ("The choir sang in the old hall until late in the evening.", ["other"], {}),
    ("Visitors are asked to leave their coats at the door.", ["other"], {}),
]


@pytest.fixture(scope="session")
def make_artifact(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that trains an artifact of a task; the same seed gives the same digest."""

    def make(task: Task, seed: int = 1) -> Path:
        folder = tmp_path_factory.mktemp("artifacts") / task
        with new_artifact(folder) as draft:
            labels = list(TOPICS) if task == "topic" else ["favor", "against", "none", "unrelated"]
            metadata = Metadata(
                format=FORMAT,
                task=task,
                model="baseline",
                labels=sorted(labels),
                languages=["en"],
                thresholds=dict.fromkeys(TOPICS, 0.4) if task == "topic" else {},
                abstain=Abstention(),
                codebook=CODEBOOK,
                targets=sorted(TARGETS.values()),
                data="d" * 64,
                seed=seed,
                metrics={f"{task}.macro_f1": {"value": 0.5, "low": 0.4, "high": 0.6}},
            )
            write_baseline(draft, fit_parts(metadata, seed))
            write_metadata(draft, metadata)
            golden = [{"text": text} for text, _, _ in EXAMPLES]
            if task == "stance":
                golden = [{**item, "target": "the port levy"} for item in golden]
            write_golden(draft, Predictor(metadata, load_backend(draft, metadata)), golden)
        return folder

    return make


def fit_parts(metadata: Metadata, seed: int) -> dict[str, Any]:
    """Fit vectorizers and classifiers; `seed` moves the regularisation, so that each seed is a model of its own."""
    if metadata.task == "topic":
        examples = [Example(text, text, topics=tuple(topics)) for text, topics, _ in EXAMPLES]
    else:
        examples = [
            Example(text, text, wording, stance=sides.get(name, "unrelated"))
            for text, _, sides in EXAMPLES
            for name, wording in TARGETS.items()
        ]
    settings = BaselineSettings(words=1, characters=3, min_documents=1, strength=10.0 + seed)
    return fit_baseline(examples, metadata.task, metadata.labels, metadata.targets, settings, seed)


@pytest.fixture(scope="session")
def topic_artifact(make_artifact: Callable[..., Path]) -> Path:
    return make_artifact("topic")


@pytest.fixture(scope="session")
def stance_artifact(make_artifact: Callable[..., Path]) -> Path:
    return make_artifact("stance")


@pytest.fixture(scope="session")
def store(
    topic_artifact: Path, stance_artifact: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModelStore]:
    """Both models, loaded from their folders."""
    store = ModelStore(tmp_path_factory.mktemp("no-models"), {"topic": topic_artifact, "stance": stance_artifact}, 1)
    store.poll()
    assert not store.problems
    yield store
    store.close()


@pytest.fixture(scope="session")
def core(store: ModelStore) -> ServiceCore:
    return ServiceCore(store, Limits())


@pytest.fixture(scope="session")
def published(topic_artifact: Path, stance_artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of published models: version 1 of both."""
    root = tmp_path_factory.mktemp("published")
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, root)
    publish_artifact(stance_artifact, NAMES["stance"], "1", {"stance.f_avg": {"value": 0.5}}, root)
    return root


@pytest.fixture(scope="session")
def service_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "service.log"


@pytest.fixture(scope="session")
def service(published: Path, service_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The real service on a free port, with the published models, started from a folder that is not the checkout."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "serving").mkdir()  # a folder of the user's that must not be taken for the package
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(elsewhere)
        patch.setenv("STANDPOINT_MODELS", str(published))
        started = start_service(port=0, log=service_log)
    with started:
        started.wait_ready(120)
        yield started
