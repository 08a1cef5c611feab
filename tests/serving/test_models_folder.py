"""Publishing is all or nothing, and what was published never changes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.artifact import check_manifest
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.models_folder import NAMES, models_folder, publish_artifact, read_champion

STANCE = NAMES["stance"]


def test_a_published_artifact_is_the_champion(tmp_path: Path, stance_artifact: Path) -> None:
    folder = publish_artifact(stance_artifact, STANCE, "3", {"stance.f_avg": {"value": 0.5}}, tmp_path)
    champion = read_champion(tmp_path, STANCE)
    assert champion is not None
    assert champion.folder == folder == tmp_path / STANCE / "3"
    assert champion.digest == check_manifest(folder) == check_manifest(stance_artifact)
    assert champion.metrics == {"stance.f_avg": {"value": 0.5}}
    assert sorted(path.name for path in (tmp_path / STANCE).iterdir()) == ["3", "champion.json"]


def test_publishing_again_changes_nothing_but_the_champion(
    tmp_path: Path, stance_artifact: Path, make_artifact: Callable[..., Path]
) -> None:
    publish_artifact(stance_artifact, STANCE, "1", {}, tmp_path)
    publish_artifact(make_artifact("stance", 2), STANCE, "2", {}, tmp_path)
    publish_artifact(stance_artifact, STANCE, "1", {}, tmp_path)
    champion = read_champion(tmp_path, STANCE)
    assert champion is not None
    assert champion.version == "1"


def test_another_artifact_under_a_published_version_is_refused(
    tmp_path: Path, stance_artifact: Path, make_artifact: Callable[..., Path]
) -> None:
    publish_artifact(stance_artifact, STANCE, "1", {}, tmp_path)
    with pytest.raises(BadInput, match="a published version never changes"):
        publish_artifact(make_artifact("stance", 2), STANCE, "1", {}, tmp_path)


def test_a_model_of_the_other_task_is_refused(tmp_path: Path, topic_artifact: Path) -> None:
    with pytest.raises(BadInput, match="is a topic model, standpoint-stance takes stance models"):
        publish_artifact(topic_artifact, STANCE, "1", {}, tmp_path)


def test_a_corrupt_artifact_leaves_no_trace(tmp_path: Path, stance_artifact: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(stance_artifact, broken)
    with (broken / "linear.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(CorruptArtifact, match="differs from its sha256"):
        publish_artifact(broken, STANCE, "1", {}, tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_an_artifact_of_an_older_format_says_what_to_do(tmp_path: Path) -> None:
    older = Path(__file__).resolve().parents[1] / "golden" / "artifacts" / "second-baseline"
    with pytest.raises(CorruptArtifact, match=r"format is 1, .*run: standpoint migrate-artifact \S+-baseline --out"):
        publish_artifact(older, STANCE, "1", {}, tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_metrics_that_are_no_json_leave_the_champion_as_it_was(tmp_path: Path, stance_artifact: Path) -> None:
    publish_artifact(stance_artifact, STANCE, "1", {"old": 1}, tmp_path)
    with pytest.raises(BadInput, match="metrics of standpoint-stance version 1 cannot be written as JSON"):
        publish_artifact(stance_artifact, STANCE, "1", {"new": float("nan")}, tmp_path)
    champion = read_champion(tmp_path, STANCE)
    assert champion is not None
    assert champion.metrics == {"old": 1}


@given(version=st.text(max_size=80))
def test_a_version_never_leaves_its_folder(
    version: str, stance_artifact: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("root")
    try:
        folder = publish_artifact(stance_artifact, STANCE, version, {}, root)
    except BadInput:
        assert not any(root.iterdir())
    else:
        assert folder.resolve().parent == (root / STANCE).resolve()


def test_nothing_published_is_none(tmp_path: Path) -> None:
    assert read_champion(tmp_path, STANCE) is None


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected one of the models standpoint-topic, standpoint-stance"):
        read_champion(tmp_path, "standpoint-mood")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot be read"),
        ("[]", "expected an object, found list"),
        ("{}", "name: expected a string"),
        ('{"name": "standpoint-topic", "version": "1", "digest": "d", "folder": "1"}', "name is 'standpoint-topic'"),
        ('{"name": "standpoint-stance", "version": "1", "digest": "d", "folder": "../1"}', "folder is not the name"),
        (
            '{"name": "standpoint-stance", "version": "1", "digest": "d", "folder": "1", "metrics": 3}',
            "metrics: expected",
        ),
    ],
)
def test_a_broken_champion_says_so(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / STANCE).mkdir()
    (tmp_path / STANCE / "champion.json").write_text(content)
    with pytest.raises(CorruptArtifact, match=complaint):
        read_champion(tmp_path, STANCE)


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STANDPOINT_MODELS", raising=False)
    assert models_folder() == tmp_path / "mlruns" / "serving"
    monkeypatch.setenv("STANDPOINT_MODELS", "elsewhere")
    assert models_folder() == tmp_path / "elsewhere"


def test_champion_json_holds_the_documented_fields(tmp_path: Path, stance_artifact: Path) -> None:
    publish_artifact(stance_artifact, STANCE, "3", {}, tmp_path)
    content = json.loads((tmp_path / STANCE / "champion.json").read_text())
    assert set(content) == {"name", "version", "digest", "folder", "metrics", "published"}
    assert content["folder"] == "3"
