"""What is counted of predictions and models, in how few series."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from serving.core import ServiceCore
from serving.limits import Limits
from serving.metrics import Metrics, _forget_dead
from serving.models import ModelStore
from tests.serving.application import run

AGAINST = "Shipowners condemned the port levy as a burden that ruins trade."
FOREIGN = "Судовладельцы осудили портовый сбор как бремя для всей торговли."


def read_series(text: str, name: str) -> dict[str, float]:
    """Return the values of one metric by labels."""
    rows = [line.rpartition(" ") for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    return {series.removeprefix(name): float(value) for series, _, value in rows}


def test_what_was_given_and_withheld_is_counted(store: ModelStore) -> None:
    passages = [
        {"text": AGAINST, "targets": ["the port levy", "whale watching"]},
        {"text": FOREIGN, "targets": ["the port levy"]},
        {"text": " "},
    ]

    async def scenario(client: httpx.AsyncClient) -> str:
        await client.post("/v1/predict", json={"passages": passages})
        await client.post("/v1/predict", json={"passages": [{"text": AGAINST, "targets": []}], "tasks": ["stance"]})
        await client.post("/v1/predict", json={"passages": [{"text": " "}]})  # answered with 422
        return (await client.get("/metrics")).text

    text = run(store, scenario)
    given = read_series(text, "standpoint_predictions_total")
    assert given['{label="against",task="stance"}'] == 1
    assert given['{label="economy",task="topic"}'] == 1
    assert {series.split('"')[1] for series in given} <= {
        label for model in store.loaded.values() for label in model.predictor.metadata.labels
    }
    assert read_series(text, "standpoint_abstentions_total") == {
        '{reason="language",task="stance"}': 1,
        '{reason="language",task="topic"}': 1,
    }
    sizes = read_series(text, "standpoint_request_passages_bucket")
    assert (sizes['{le="1.0"}'], sizes['{le="2.0"}'], sizes['{le="5.0"}']) == (1, 1, 2)
    assert read_series(text, "standpoint_request_passages_sum") == {"": 4}
    assert read_series(text, "standpoint_passages_total") == {'{outcome="answered"}': 3, '{outcome="refused"}': 1}
    assert read_series(text, "standpoint_turns_waiting") == {"": 0}


def test_who_waits_for_a_turn_is_seen(store: ModelStore) -> None:
    metrics = Metrics()
    core = ServiceCore(store, Limits(), metrics)

    def waiting() -> float:
        return read_series(metrics.expose().decode(), "standpoint_turns_waiting")[""]

    with core._turns.take():
        thread = threading.Thread(target=core.predict, args=(b'{"passages": [{"text": "a"}]}',))
        thread.start()
        while waiting() != 1:
            threading.Event().wait(0.001)
    thread.join()
    assert waiting() == 0


def test_a_model_that_was_replaced_is_no_longer_shown() -> None:
    metrics = Metrics()

    def shown() -> dict[str, float]:
        return read_series(metrics.expose().decode(), "standpoint_model_info")

    assert shown() == {}
    topic = {"name": "standpoint-topic", "version": "1", "digest": "a"}
    metrics.show_models({"topic": topic, "stance": {**topic, "version": "4", "digest": "b"}})
    metrics.show_models({"topic": topic, "stance": {**topic, "version": "5", "digest": "c"}})
    expected = {'{digest="a",task="topic",version="1"}': 1.0, '{digest="c",task="stance",version="5"}': 1.0}
    assert shown() == expected
    metrics.show_models({"topic": topic, "stance": {**topic, "version": "4", "digest": "b"}})  # rolled back
    assert '{digest="b",task="stance",version="4"}' in shown()
    assert len(shown()) == 2


def test_gauges_of_workers_that_died_are_dropped(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in ("gauge_livesum", "gauge_livemax", "counter"):
        for pid in (dead.pid, os.getpid()):
            (tmp_path / f"{name}_{pid}.db").touch()
    _forget_dead(tmp_path)
    left = {f"{name}_{os.getpid()}.db" for name in ("gauge_livesum", "gauge_livemax", "counter")}
    assert {file.name for file in tmp_path.iterdir()} == left | {f"counter_{dead.pid}.db"}
