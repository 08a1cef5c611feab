"""The real service with keys, a list of origins and a log in JSON, on two workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from standpoint.access_keys import make_key
from standpoint.models_folder import NAMES, publish_artifact
from standpoint.service_process import ServiceProcess, start_service
from tests.serving.application import ONE, wait_until

KEY, LINE = make_key("first")
APP = "https://app.example.org"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guarded")


@pytest.fixture(scope="module")
def guarded(home: Path, topic_artifact: Path, stance_artifact: Path) -> Iterator[ServiceProcess]:
    publish_artifact(topic_artifact, NAMES["topic"], "1", {}, home / "models")
    publish_artifact(stance_artifact, NAMES["stance"], "1", {}, home / "models")
    (home / "keys.txt").write_text(LINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("STANDPOINT_MODELS", str(home / "models"))
        patch.setenv("STANDPOINT_KEYS", "keys.txt")  # as a user names it, from where the user is
        patch.setenv("STANDPOINT_CORS", APP)
        patch.setenv("STANDPOINT_LOG", "json")
        started = start_service(port=0, workers=2, log=home / "service.log")
    with started:
        started.wait_ready(120)
        yield started


def ask(service: ServiceProcess, key: str | None, **headers: str) -> httpx.Response:
    """Ask on a connection of its own, which any of the workers may take."""
    known = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.post(f"{service.url}/v1/predict", json=ONE, headers={**known, **headers}, timeout=60, trust_env=False)


def test_a_key_lets_in_and_is_taken_away_without_a_restart(guarded: ServiceProcess, home: Path) -> None:
    assert ask(guarded, KEY).status_code == 200
    refused = ask(guarded, None, Origin=APP)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["access-control-allow-origin"] == APP
    assert refused.headers["x-frame-options"] == "DENY"
    newer, line = make_key("second")
    (home / "keys.txt").write_text(line)
    try:
        wait_until(lambda: {ask(guarded, newer).status_code for _ in range(8)} == {200})
        wait_until(lambda: {ask(guarded, KEY).status_code for _ in range(8)} == {401})
    finally:
        (home / "keys.txt").write_text(LINE)
    wait_until(lambda: {ask(guarded, KEY).status_code for _ in range(8)} == {200})


def test_a_log_line_is_an_object_with_the_id_of_its_request(guarded: ServiceProcess, home: Path) -> None:
    answer = ask(guarded, KEY, **{"X-Request-ID": "a-known-id"})
    assert answer.headers["x-request-id"] == "a-known-id"
    log = (home / "service.log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    [line] = [line for line in lines if line.get("request_id") == "a-known-id"]
    assert (line["route"], line["status"], line["logger"]) == ("/v1/predict", 200, "serving.middleware")
    assert any(line["logger"] == "serving.models" for line in lines)
    assert log.count("a-known-id") == 1  # once, and not by BentoML's handlers too
    assert KEY not in log
    assert "levy" not in log


def test_the_metrics_of_both_workers_show_one_version(
    guarded: ServiceProcess, home: Path, make_artifact: Callable[..., Path]
) -> None:
    def shown() -> set[str]:
        text = httpx.get(f"{guarded.url}/metrics", trust_env=False).text
        assert 'standpoint_predictions_total{label="against",task="stance"}' in text
        return {line for line in text.splitlines() if line.startswith("standpoint_model_info{")}

    ask(guarded, KEY)
    assert [line.endswith('version="1"} 1.0') for line in shown()] == [True, True]
    publish_artifact(make_artifact("stance", 2), NAMES["stance"], "2", {}, home / "models")
    wait_until(lambda: sum('task="stance",version="2"} 1.0' in line for line in shown()) == len(shown()) - 1 == 1)
