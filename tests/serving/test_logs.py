"""Lines of the log: of one shape, each with its request, and without what was asked."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from serving.core import ServiceCore
from serving.failures import Failure
from serving.logs import OWN, Form, read_form, set_up_logs
from serving.models import ModelStore
from standpoint.errors import BadInput
from tests.serving.application import ONE, run

MARKER = "quokka-parliament"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in OWN]
    kept = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, kept, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


class Complaining(ServiceCore):
    """Says something in the thread that predicts."""

    def predict(self, data: bytes) -> dict[str, Any]:
        logging.getLogger("serving.core").error("said in a thread")
        raise Failure(500, "internal", "failed")


async def ask(client: httpx.AsyncClient) -> None:
    await client.post("/v1/predict", json=ONE, headers={"X-Request-ID": "first"})
    await client.request("VERB", f"/v1/{MARKER}", params={MARKER: MARKER}, headers={"X-Request-ID": "second"})
    await client.get("/livez")


def read_lines(store: ModelStore, form: Form, **options: Any) -> list[str]:
    stream = io.StringIO()
    set_up_logs(form, stream)
    run(store, ask, **options)
    assert MARKER not in stream.getvalue()
    return stream.getvalue().splitlines()


def test_json_lines_hold_the_request(store: ModelStore) -> None:
    first, second = [json.loads(line) for line in read_lines(store, "json")]
    assert re.fullmatch(TIME, first.pop("time"))
    ms = first.pop("ms")
    assert ms >= 0
    assert first == {
        "level": "info",
        "logger": "serving.middleware",
        "message": f"POST /v1/predict 200 {ms:.1f} ms",
        "request_id": "first",
        "method": "POST",
        "route": "/v1/predict",
        "status": 200,
    }
    assert (second["method"], second["route"], second["status"]) == ("other", "other", 405)
    assert second["request_id"] == "second"


def test_text_lines_name_the_request(store: ModelStore) -> None:
    first, second = read_lines(store, "text")
    assert re.fullmatch(
        rf"{TIME} \[INFO\] serving\.middleware: POST /v1/predict 200 \d+\.\d ms \(request first\)", first
    )
    assert second.endswith("(request second)")


def test_a_line_of_the_thread_that_predicts_names_the_request(store: ModelStore) -> None:
    lines = [json.loads(line) for line in read_lines(store, "json", make_core=Complaining)]
    assert [(line["message"], line["request_id"]) for line in lines[:1]] == [("said in a thread", "first")]


def test_a_line_outside_of_requests_names_none() -> None:
    stream = io.StringIO()
    set_up_logs("json", stream)
    logging.getLogger("serving.models").warning("one\ntwo %s", "ü")
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["message"] == "one\ntwo ü"
    assert "request_id" not in json.loads(line)


def test_setting_up_twice_writes_once() -> None:
    stream = io.StringIO()
    set_up_logs("text", stream)
    set_up_logs("text", stream)
    logging.getLogger("serving.models").info("once")
    assert stream.getvalue().count("once") == 1


def test_the_form_is_text_or_json() -> None:
    assert read_form({}) == read_form({"STANDPOINT_LOG": ""}) == "text"
    assert read_form({"STANDPOINT_LOG": "json"}) == "json"
    with pytest.raises(BadInput, match="STANDPOINT_LOG: expected text or json, found 'xml'"):
        read_form({"STANDPOINT_LOG": "xml"})
