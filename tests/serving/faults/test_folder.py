"""The folder of models changes, breaks and goes away while the service answers from it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.models import POLL_SECONDS
from standpoint.models_folder import NAMES, publish_artifact, read_champion
from standpoint.service_process import ServiceProcess
from tests.artifacts import reseal
from tests.serving.application import wait_until
from tests.serving.faults.load import Load, ask_alone, fetch, make_body
from tests.serving.faults.running import STARTING, run_service

STANCE = NAMES["stance"]
BODY = make_body("of the folder")
LOOKS = 12  # connections, so that both workers are asked: all by one of them has a chance of 1 in 2,000


@pytest.fixture(scope="module")
def pair(models: Path, log: Path) -> Iterator[ServiceProcess]:
    with run_service(models, log, workers=2) as service:
        service.wait_ready(STARTING)
        yield service


@pytest.fixture(scope="module")
def other(make_artifact: Callable[..., Path]) -> Path:
    """Another stance model."""
    return make_artifact("stance", 2)


def answers(service: ServiceProcess) -> list[dict[str, Any]]:
    outcomes = [ask_alone(service, body=BODY) for _ in range(LOOKS)]
    assert [outcome.status for outcome in outcomes] == [200] * LOOKS
    return [outcome.answer for outcome in outcomes]


def versions(service: ServiceProcess) -> set[str]:
    return {answer["model"]["stance"]["version"] for answer in answers(service)}


def problems(service: ServiceProcess) -> list[str | None]:
    """Return what each of LOOKS workers says of the stance model; each goes on being ready."""
    looks = [fetch(service, "/readyz") for _ in range(LOOKS)]
    assert [status for status, _ in looks] == [200] * LOOKS
    return [content["problems"].get("stance") for _, content in looks]


def test_no_request_is_lost_from_version_to_version_and_back(
    pair: ServiceProcess, models: Path, stance_artifact: Path, other: Path
) -> None:
    def swap(artifact: Path, version: str) -> dict[str, Any]:
        publish_artifact(artifact, STANCE, version, {}, models)
        wait_until(lambda: versions(pair) == {version})
        return answers(pair)[0]

    with Load(pair, 4, body=BODY) as load:
        expected = {"1": answers(pair)[0], "2": swap(other, "2")}
        assert swap(stance_artifact, "1") == expected["1"]
        wait_until(lambda: len(load.outcomes) >= 300)
    assert expected["1"]["predictions"] != expected["2"]["predictions"]
    digests = {read_champion(models, STANCE).digest, expected["2"]["model"]["stance"]["digest"]}  # type: ignore[union-attr]
    assert {answer["model"]["stance"]["digest"] for answer in expected.values()} == digests
    assert load.faults() == []
    # Label, digest and probabilities are all of one version, whichever it was.
    assert all(outcome.answer == expected[outcome.answer["model"]["stance"]["version"]] for outcome in load.outcomes)
    assert {outcome.answer["model"]["stance"]["version"] for outcome in load.outcomes} == {"1", "2"}


def test_a_corrupt_new_champion_is_refused_until_a_good_one_comes(
    pair: ServiceProcess, models: Path, log: Path, other: Path
) -> None:
    before = answers(pair)[0]
    champion = models / STANCE / "champion.json"
    content = json.loads(champion.read_text())
    shutil.copytree(models / STANCE / content["folder"], models / STANCE / "9")
    (models / STANCE / "9" / "golden.jsonl").write_bytes(b"not what the manifest says")
    draft = champion.with_suffix(".new")
    draft.write_text(json.dumps({**content, "version": "9", "folder": "9"}))
    draft.replace(champion)
    wait_until(lambda: all(problem and "differs from its sha256" in problem for problem in problems(pair)))
    assert all(answer == before for answer in answers(pair))
    assert "standpoint-stance: refused, the version that is loaded goes on answering" in log.read_text()
    publish_artifact(other, STANCE, "2", {}, models)
    wait_until(lambda: versions(pair) == {"2"})
    assert problems(pair) == [None] * LOOKS


def test_the_folder_may_go_away_and_come_back(
    pair: ServiceProcess, models: Path, topic_artifact: Path, other: Path
) -> None:
    before = versions(pair)
    shutil.rmtree(models)
    threading.Event().wait(2 * POLL_SECONDS)  # until every worker has seen it
    assert versions(pair) == before
    assert problems(pair) == [None] * LOOKS
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, models)
    publish_artifact(other, STANCE, "3", {}, models)
    wait_until(lambda: versions(pair) == {"3"})


def test_a_model_that_answers_otherwise_than_when_it_was_made_is_not_served(
    tmp_path: Path, topic_artifact: Path, stance_artifact: Path
) -> None:
    """Every file is as its manifest says, but the golden inputs get other probabilities."""
    drifted = shutil.copytree(stance_artifact, tmp_path / "drifted")
    golden = drifted / "golden.jsonl"
    golden.write_text(golden.read_text().replace('"probabilities": [0.', '"probabilities": [1.', 1))
    reseal(drifted)
    models, log = tmp_path / "models", tmp_path / "service.log"
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, models)
    publish_artifact(drifted, STANCE, "1", {}, models)
    with run_service(models, log) as service:
        wait_until(lambda: answers_at_all(service))
        status, content = fetch(service, "/readyz")
        assert (status, content["error"]["code"]) == (503, "not_ready")
        assert content["error"]["message"].startswith("standpoint-stance: ")
        assert "differ by" in content["error"]["message"]
        assert fetch(service, "/livez") == (200, {"live": True})
        asked = ask_alone(service)
        assert (asked.status, asked.answer["error"]["code"]) == (503, "model_not_loaded")
        assert asked.headers["retry-after"] == "10"
        assert "standpoint-stance: refused, no model answers: " in log.read_text()
        publish_artifact(stance_artifact, STANCE, "2", {}, models)
        wait_until(lambda: fetch(service, "/readyz")[0] == 200)
        assert ask_alone(service).status == 200


def answers_at_all(service: ServiceProcess) -> bool:
    try:
        fetch(service, "/livez")
    except OSError:
        return False
    return True
