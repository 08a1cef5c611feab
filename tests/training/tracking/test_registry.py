"""Registered versions, the champion, its publication and history, and the model as MLflow loads it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from standpoint.artifact import check_manifest
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.models_folder import models_folder, read_champion
from standpoint.predictor import load_predictor
from tests.artifacts import LEVY, TREATY, make_request, stance_examples, topic_examples, train_baseline
from training.models.train import Trained, train_model
from training.tracking import registry
from training.tracking.registry import Version, register_artifact, set_champion
from training.tracking.runs import open_run

STANCE, TOPIC = "standpoint-stance", "standpoint-topic"
TEXT = f"The envoy praised {LEVY} and condemned {TREATY}."


@pytest.fixture(scope="module")
def second_stance(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_baseline(stance_examples(), tmp_path_factory.mktemp("second") / "stance", seed=2)


def test_the_same_artifact_keeps_its_version(
    store: Path, trained_stance: Trained, second_stance: Trained, copy_artifact: Callable[[Trained], Path]
) -> None:
    first = register_artifact(trained_stance.folder)
    assert first == Version(STANCE, "1", check_manifest(trained_stance.folder), created=True)
    assert register_artifact(copy_artifact(trained_stance)) == Version(STANCE, "1", first.digest, created=False)
    assert register_artifact(second_stance.folder).version == "2"
    tags = registry.describe_version(STANCE, "1")
    assert (tags["digest"], tags["seed"], tags["model"]) == (first.digest, "1", "baseline")
    assert str(MlflowClient().get_model_version_by_alias(STANCE, "challenger").version) == "2"
    description = MlflowClient().get_model_version(STANCE, "1").description
    assert description.startswith("# Baseline for stance")


def test_a_registered_artifact_comes_back_whole(store: Path, trained_topic: Trained, tmp_path: Path) -> None:
    version = register_artifact(trained_topic.folder)
    found = registry.fetch_artifact(TOPIC, version.version, tmp_path / "fetched")
    assert check_manifest(found) == version.digest
    assert load_predictor(found).metadata == trained_topic.metadata


def test_an_artifact_that_changed_in_the_store_is_refused(store: Path, trained_topic: Trained, tmp_path: Path) -> None:
    version = register_artifact(trained_topic.folder)
    MlflowClient().set_model_version_tag(TOPIC, version.version, "digest", "0" * 64)
    with pytest.raises(CorruptArtifact, match=f"{TOPIC} version 1 .* is not the artifact that was registered"):
        registry.fetch_artifact(TOPIC, "1", tmp_path / "fetched")


def test_a_version_of_an_older_format_is_named_where_it_lasts(
    template_store: Path, store: Path, trained_topic: Trained, tmp_path: Path
) -> None:
    register_artifact(trained_topic.folder)
    set_champion(TOPIC, "1", "first")
    model = str(MlflowClient().get_model_version(TOPIC, "1").source).rpartition("/")[2]
    manifests = [path for home in (store, template_store) for path in home.rglob(f"{model}/**/manifest.json")]
    for manifest in manifests:  # the store's database names the template's folder
        manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 1'))
    lasting = models_folder() / TOPIC / "1"
    with pytest.raises(CorruptArtifact, match=f"run: standpoint migrate-artifact {lasting} --out NEW"):
        registry.fetch_artifact(TOPIC, "1", tmp_path / "fetched")
    shutil.rmtree(lasting)
    with pytest.raises(CorruptArtifact, match=f"download --artifact-uri models:/{TOPIC}/1 --dst-path COPY"):
        registry.fetch_artifact(TOPIC, "1", tmp_path / "again")


def test_a_tracked_run_holds_its_model_once(store: Path, tmp_path: Path) -> None:
    with open_run("stance", "tracked", {}, {}) as run:
        trained = train_model(make_request(stance_examples(), run=run.id), tmp_path / "tracked")
        logged = run.log_model(trained.folder)
    version = register_artifact(trained.folder)
    outputs = MlflowClient().get_run(run.id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [logged]
    found = registry.fetch_artifact(STANCE, version.version, tmp_path / "fetched")
    assert check_manifest(found) == check_manifest(trained.folder)


def test_an_untracked_artifact_of_a_run_is_logged_into_it(store: Path, tmp_path: Path) -> None:
    with open_run("stance", "tracked", {}, {}) as run:
        trained = train_model(make_request(stance_examples(), run=run.id), tmp_path / "tracked")
    register_artifact(trained.folder)
    assert len(MlflowClient().get_run(run.id).outputs.model_outputs) == 1


def test_a_run_with_another_model_does_not_lend_it(store: Path, tmp_path: Path) -> None:
    with open_run("stance", "two models", {}, {}) as run:
        first = train_model(make_request(stance_examples(), run=run.id), tmp_path / "first")
        run.log_model(first.folder)
        second = train_model(make_request(stance_examples(), run=run.id, seed=2), tmp_path / "second")
    version = register_artifact(second.folder)
    found = registry.fetch_artifact(STANCE, version.version, tmp_path / "fetched")
    assert check_manifest(found) == check_manifest(second.folder)


def test_promotion_publishes_and_is_written_down(store: Path, trained_stance: Trained, second_stance: Trained) -> None:
    register_artifact(trained_stance.folder)
    register_artifact(second_stance.folder)
    assert registry.find_champion(STANCE) is None
    folder = set_champion(STANCE, "1", "the first")
    assert folder == store / "mlruns" / "serving" / STANCE / "1"
    assert load_predictor(folder).digest == check_manifest(trained_stance.folder)
    set_champion(STANCE, "2", "better", forced=True)
    champion = read_champion(models_folder(), STANCE)
    assert champion is not None
    assert (champion.version, champion.digest) == ("2", check_manifest(second_stance.folder))
    assert champion.metrics == second_stance.metadata.metrics
    assert registry.find_champion(STANCE) == "2"
    with pytest.raises(MlflowException, match="challenger not found"):
        MlflowClient().get_model_version_by_alias(STANCE, "challenger")
    history = registry.read_history(STANCE)
    assert [(e["from"], e["to"], e["reason"], e["forced"]) for e in history] == [
        (None, "1", "the first", False),
        ("1", "2", "better", True),
    ]
    assert registry.describe_version(STANCE, "2")["promoted.reason"] == "better"


def test_going_back_and_forth(store: Path, trained_stance: Trained, second_stance: Trained) -> None:
    register_artifact(trained_stance.folder)
    register_artifact(second_stance.folder)
    with pytest.raises(BadInput, match=f"{STANCE} has no earlier champion to go back to; see: standpoint history"):
        registry.previous_champion(STANCE)
    set_champion(STANCE, "1", "first")
    with pytest.raises(BadInput, match="has no earlier champion"):
        registry.previous_champion(STANCE)
    set_champion(STANCE, "2", "better")
    set_champion(STANCE, "2", "again")
    assert registry.previous_champion(STANCE) == "1"
    set_champion(STANCE, registry.previous_champion(STANCE), "rollback", rollback=True)
    assert registry.find_champion(STANCE) == "1"
    with pytest.raises(BadInput, match="has no earlier champion"):  # not forward again
        registry.previous_champion(STANCE)
    published = json.loads((store / "mlruns" / "serving" / STANCE / "champion.json").read_text())
    assert published["version"] == "1"


def test_each_rollback_goes_further_back() -> None:
    history: list[dict[str, Any]] = [{"to": version} for version in ("1", "2", "3")]
    assert registry.find_previous(history, "3") == "2"
    history.append({"to": "2", "rollback": True})
    assert registry.find_previous(history, "2") == "1"
    history.append({"to": "1", "rollback": True})
    assert registry.find_previous(history, "1") is None
    history.append({"to": "3"})
    assert registry.find_previous(history, "3") == "1"
    assert registry.find_previous([], "1") is None


def test_a_version_that_cannot_be_published_is_no_champion(
    store: Path, trained_stance: Trained, second_stance: Trained
) -> None:
    register_artifact(trained_stance.folder)
    register_artifact(second_stance.folder)
    set_champion(STANCE, "1", "first")
    shutil.copytree(trained_stance.folder, models_folder() / STANCE / "2")
    with pytest.raises(BadInput, match="holds another artifact"):
        set_champion(STANCE, "2", "better")
    assert registry.find_champion(STANCE) == "1"
    assert len(registry.read_history(STANCE)) == 1


def test_unknown_names_and_versions_are_refused(store: Path, trained_stance: Trained, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"{STANCE} has no version '1'; there is none; run standpoint register ARTIFACT"):
        set_champion(STANCE, "1", "why")
    register_artifact(trained_stance.folder)
    with pytest.raises(BadInput, match=f"{STANCE} has no version '9'; there is 1"):
        registry.fetch_artifact(STANCE, "9", tmp_path)
    with pytest.raises(BadInput, match="expected one of the models standpoint-topic, standpoint-stance, found 'mood'"):
        registry.read_history("mood")
    assert registry.read_history(TOPIC) == []


def test_a_spoilt_artifact_is_not_registered(
    store: Path, trained_stance: Trained, copy_artifact: Callable[[Trained], Path]
) -> None:
    folder = copy_artifact(trained_stance)
    (folder / "README.md").write_text("another card")
    with pytest.raises(CorruptArtifact, match=r"README\.md differs from its sha256"):
        register_artifact(folder)
    assert MlflowClient().search_registered_models() == []


@pytest.fixture
def no_pickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")


@pytest.mark.usefixtures("no_pickles")
def test_mlflow_loads_and_answers_as_the_predictor_does(store: Path, trained_stance: Trained) -> None:
    register_artifact(trained_stance.folder)
    set_champion(STANCE, "1", "first")
    model = mlflow.pyfunc.load_model(f"models:/{STANCE}@champion")
    frame = pd.DataFrame({"text": [TEXT, TEXT, ""], "target": [LEVY, TREATY, "an unseen target"]})
    found = model.predict(frame)
    expected = load_predictor(trained_stance.folder).stances(list(frame["text"]), [[t] for t in frame["target"]])
    assert list(found.columns) == ["stance", *trained_stance.metadata.labels]
    assert list(found["stance"]) == [answer.stance for [answer] in expected]
    for (_, row), [answer] in zip(found.iterrows(), expected, strict=True):
        assert {label: row[label] for label in answer.probabilities} == pytest.approx(answer.probabilities)
    with pytest.raises(MlflowException, match="Model is missing inputs \\['target'\\]"):
        model.predict(pd.DataFrame({"text": [TEXT]}))


@pytest.mark.usefixtures("no_pickles")
def test_mlflow_answers_topics(store: Path, trained_topic: Trained) -> None:
    version = register_artifact(trained_topic.folder)
    model = mlflow.pyfunc.load_model(f"models:/{TOPIC}/{version.version}")
    texts = [example.text for example in topic_examples().examples[:4]]
    found = model.predict(pd.DataFrame({"text": texts}))
    expected = load_predictor(trained_topic.folder).topics(texts)
    assert list(found["topics"]) == [", ".join(answer.decided) for answer in expected]
    assert {", ".join(topics) for topics in (("economy", "diplomacy"), ("diplomacy", "economy"))} & set(found["topics"])
    for (_, row), answer in zip(found.iterrows(), expected, strict=True):
        assert {label: row[label] for label in answer.probabilities} == pytest.approx(answer.probabilities)


def test_a_logged_model_holds_no_pickle(store: Path, trained_stance: Trained, tmp_path: Path) -> None:
    register_artifact(trained_stance.folder)
    home = Path(mlflow.artifacts.download_artifacts(f"models:/{STANCE}/1", dst_path=str(tmp_path / "model")))
    names = [path.name for path in home.rglob("*") if path.is_file()]
    assert "pyfunc_model.py" in names
    assert not [name for name in names if name.endswith((".pkl", ".pickle"))]
