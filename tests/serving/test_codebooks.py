"""A topic and a stance model of different codebook versions: each answers by its own, and nobody is told otherwise."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from serving import schema
from serving.core import ServiceCore
from serving.limits import Limits
from serving.models import ModelStore
from tests.artifacts import change_json, reseal

TEXT = "The minister praised the port levy as a fair share for the harbour towns."
NEWER = {
    "version": "2.0.0",
    "digest": "e" * 64,
    "topics": {"trade": "Trade", "other": "Other"},
    "targets": {"harbour-dues": "the port levy", "port-levy": "the river treaty"},
}


@pytest.fixture
def mixed(tmp_path: Path, topic_artifact: Path, stance_artifact: Path) -> ServiceCore:
    """A service whose stance model knows a later major version, in which an id means another target."""
    folder = Path(shutil.copytree(stance_artifact, tmp_path / "stance"))
    change_json(folder / "metadata.json", codebook=NEWER)
    reseal(folder)
    store = ModelStore(tmp_path / "none", {"topic": topic_artifact, "stance": folder}, 1)
    store.poll()
    assert not store.problems
    return ServiceCore(store, Limits())


def ask(core: ServiceCore, *targets: str) -> Any:
    body = {"passages": [{"text": TEXT, **({"targets": targets} if targets else {})}]}
    return core.predict(json.dumps(body).encode())["predictions"][0]


def test_the_description_claims_no_version_for_both(mixed: ServiceCore) -> None:
    answer = mixed.describe()
    assert schema.ModelOut.model_validate(answer).model_dump() == answer
    assert (answer["codebook"]["version"], answer["codebook"]["digest"]) == (None, None)
    assert list(answer["codebook"]["topics"]) == ["economy", "diplomacy", "other"]  # what the topic model answers
    assert answer["codebook"]["targets"] == NEWER["targets"]  # what the stance model tries
    assert [answer["models"][task]["codebook"]["version"] for task in ("topic", "stance")] == ["1.0.0", "2.0.0"]
    assert set(answer["labels"]["topic"]) == {"economy", "diplomacy", "other"}


def test_each_model_answers_by_its_own_codebook(mixed: ServiceCore) -> None:
    by_wording = ask(mixed, "the port levy", "the river treaty")["stances"]
    by_id = ask(mixed, "harbour-dues", "port-levy")["stances"]
    assert [row["target"] for row in by_id] == ["harbour-dues", "port-levy"]
    assert [row["probabilities"] for row in by_id] == [row["probabilities"] for row in by_wording]
    assert by_id[0]["stance"] != by_id[1]["stance"]
    assert {row["topic"] for row in ask(mixed)["topics"]} == {"economy", "diplomacy", "other"}


def test_models_of_one_codebook_share_its_version(core: ServiceCore) -> None:
    book = core.describe()["codebook"]
    assert (book["version"], book["digest"]) == ("1.0.0", "c" * 64)
