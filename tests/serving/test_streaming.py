"""POST /v1/pages as lines: the same answer, as it is made, to clients that read, dawdle or leave."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Message

from serving import schema
from serving.accept import LINES, wants_lines
from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits
from serving.metrics import Metrics
from serving.models import ModelStore
from serving.routes import Routes, make_app
from serving.streams import LineStream
from standpoint.service_process import ServiceProcess
from tests.serving.application import ONE, check_error, run, wait_until

SENTENCE = "Shipowners condemned the port levy as a burden that ruins trade, day {}."
TURNS = 3  # of the page below: three pairs a passage, 85 passages a turn
PAGE = "\n\n".join(SENTENCE.format(row) for row in range(2 * 85 + 1))
TARGETS = {"target": ["the port levy", "the river treaty"]}
AS_LINES = {"Accept": LINES}


# Which form is wanted


@pytest.mark.parametrize(
    "accept",
    [
        LINES,
        "Application/X-NDJSON",
        f"{LINES}, application/json;q=0.9",
        f"application/json;q=0.5,{LINES};q=0.6",
        f"{LINES}, */*",
        f"application/*;q=1.0, {LINES}",
        f"{LINES}; charset=utf-8 ; q=0.2",
        f"{LINES}, application/json;q=0",
    ],
)
def test_lines_are_wanted(accept: str) -> None:
    assert wants_lines(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/*",
        "text/html, application/xml;q=0.9, */*;q=0.8",
        f"application/json, {LINES}",
        f"{LINES};q=0.5, application/json",
        f"{LINES};q=0.5, */*",
        f"{LINES};q=0",
        f"{LINES};q=0, */*;q=0",
        f"{LINES};q=much",
        "text/x-ndjson",
        ",;=,;q",
    ],
)
def test_an_object_is_wanted(accept: str) -> None:
    assert not wants_lines(accept)


# The same answer


def read_lines(text: str) -> dict[str, list[Any]]:
    """Return what the lines say, by their one field, in order."""
    found: dict[str, list[Any]] = {"passage": [], "dropped": [], "model": [], "error": []}
    assert text.endswith("\n")
    for line in text.splitlines():
        [(kind, value)] = json.loads(line).items()
        schema.PageLine.model_validate({kind: value})
        found[kind].append(value)
    return found


def test_the_lines_are_the_object(service: ServiceProcess) -> None:
    page = f"{PAGE}\n\n{'x' * 25_000}\n\nLast words of the page."
    with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        whole = client.post("/v1/pages", content=page, params=TARGETS)
        lines = client.post("/v1/pages", content=page, params=TARGETS, headers=AS_LINES)
    assert (whole.status_code, lines.status_code) == (200, 200)
    assert lines.headers["content-type"] == LINES
    assert "content-length" not in lines.headers
    found = read_lines(lines.text)
    answer = whole.json()
    assert len(answer["passages"]) > 171
    assert (found["passage"], found["dropped"]) == (answer["passages"], answer["dropped"])
    assert (found["model"], found["error"]) == ([answer["model"]], [])
    assert "model" in json.loads(lines.text.splitlines()[-1])


def test_a_passage_that_cannot_be_judged_stands_in_its_place(store: ModelStore) -> None:
    core = ServiceCore(store, Limits(passage_characters=100))
    days = ([1], [2, 3], [4], [5, 6, 7])
    page = "\n\n".join(" ".join(SENTENCE.format(day) for day in passage) for passage in days)
    lines = [line for part in core.page_lines(page.encode()) for line in part]
    errors = ["error" in line["passage"] for line in lines if "passage" in line]
    assert errors == [False, True, False, True]


def test_what_is_refused_has_its_status(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        for content, params, status, code in (
            (b"", {}, 400, "empty_body"),
            (b"A page.", {"nothing": "a"}, 422, "unknown_field"),
            (b"A page.", {"target": " "}, 422, "invalid"),
            (PAGE.encode(), {}, 413, "too_many_passages"),
            (b"a" * 20_000, {}, 413, "too_large"),
        ):
            check_error(await client.post("/v1/pages", content=content, params=params, headers=AS_LINES), status, code)

    run(store, scenario, Limits(passages=3, body_bytes=len(PAGE)))


class Faulty(ServiceCore):
    """Fails from a turn on."""

    fails_from = 0

    def _answer_chunk(self, chunk: Any, models: Any) -> list[dict[str, Any]]:
        self.fails_from -= 1
        if self.fails_from < 0:
            raise self.fault()
        return super()._answer_chunk(chunk, models)

    @staticmethod
    def fault() -> Exception:
        return Failure(504, "timeout", "not done")


class Broken(Faulty):
    @staticmethod
    def fault() -> Exception:
        return RuntimeError(f"cannot read {SENTENCE!r}")


async def ask_for_lines(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/v1/pages", content=PAGE, params=TARGETS, headers=AS_LINES)


@pytest.mark.parametrize(("kind", "code"), [(Faulty, "timeout"), (Broken, "internal")])
def test_a_fault_midway_is_the_last_line(
    store: ModelStore, kind: type[Faulty], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    def make(*parts: Any) -> ServiceCore:
        core = kind(*parts)
        core.fails_from = 1
        return core

    answer = run(store, ask_for_lines, make_core=make)
    assert answer.status_code == 200
    found = read_lines(answer.text)
    assert (len(found["passage"]), found["model"]) == (85, [])
    assert found["error"][0]["code"] == code
    assert "error" in json.loads(answer.text.splitlines()[-1])
    assert f"ended early: {code}" in caplog.text or "ended early, unexpected fault: RuntimeError" in caplog.text
    assert "Shipowners" not in caplog.text + answer.text.splitlines()[-1]


def test_a_fault_before_the_first_line_has_its_status(store: ModelStore) -> None:
    check_error(run(store, ask_for_lines, make_core=Faulty), 504, "timeout")


def test_a_model_that_answers_nothing_has_its_status(store: ModelStore) -> None:
    class Silent(ServiceCore):
        def _answer_chunk(self, chunk: Any, models: Any) -> list[dict[str, Any]]:
            return [{"error": {"code": "internal", "message": "failed"}} for _ in chunk]

    check_error(run(store, ask_for_lines, make_core=Silent), 500, "internal")


def test_lines_are_counted_as_the_object_is(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> list[str]:
        texts = []
        for headers in ({}, AS_LINES):
            await client.post("/v1/pages", content=PAGE, params=TARGETS, headers=headers)
            texts.append((await client.get("/metrics")).text)
        return texts

    def count(text: str, name: str) -> list[float]:
        return [float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)]

    first, second = run(store, scenario)
    for name in ("standpoint_predictions_total", "standpoint_request_passages_sum", "standpoint_passages_total"):
        assert count(first, name)
        assert count(second, name) == [2 * value for value in count(first, name)]


# As it is made, over a real connection


class Gated(ServiceCore):
    """Waits before each turn but the first until the gate is open."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.gate = threading.Event()
        self.turns = 0

    def _answer_chunk(self, chunk: Any, models: Any) -> list[dict[str, Any]]:
        self.turns += 1
        if self.turns > 1:
            assert self.gate.wait(60)
        return super()._answer_chunk(chunk, models)


@contextmanager
def serve(core: ServiceCore) -> Iterator[tuple[str, int]]:
    """Run the application in uvicorn, in a thread, and give its address."""
    app = make_app(Routes(core.limits, Metrics()), lambda: core, lambda: None)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture
def gated(store: ModelStore) -> Iterator[tuple[Gated, httpx.Client]]:
    core = Gated(store, Limits(requests=1))
    with serve(core) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=60, trust_env=False) as c:
        try:
            yield core, c
        finally:
            core.gate.set()


def test_lines_arrive_before_the_last_is_made(gated: tuple[Gated, httpx.Client]) -> None:
    core, client = gated
    with client.stream("POST", "/v1/pages", content=PAGE, params=TARGETS, headers=AS_LINES) as answer:
        lines = answer.iter_lines()
        early = [next(lines) for _ in range(85)]
        assert "day 84" in early[-1]
        assert not core.gate.is_set()
        # The place is held as long as lines are to come: there is but one.
        refused = httpx.post(client.base_url.join("/v1/predict"), json=ONE, trust_env=False)
        check_error(refused, 503, "overloaded")
        assert refused.headers["retry-after"] == "1"
        core.gate.set()
        late = list(lines)
    assert core.turns == TURNS
    assert "model" in json.loads(late[-1])


def test_a_client_that_leaves_gives_its_place_back(gated: tuple[Gated, httpx.Client]) -> None:
    core, client = gated
    with client.stream("POST", "/v1/pages", content=PAGE, params=TARGETS, headers=AS_LINES) as answer:
        assert "day 0" in next(answer.iter_lines())
    wait_until(lambda: core.turns == 2)  # it is gone, and the second turn was begun for it
    core.gate.set()
    answers = []

    def ask() -> bool:
        answers.append(client.post("/v1/predict", json=ONE).status_code)
        return answers[-1] == 200

    wait_until(ask)
    assert set(answers) <= {200, 503}
    assert core.turns == TURNS  # the third one is that of the other request


# A client that does not read


def test_a_client_that_does_not_read_is_cut_off_and_gives_its_place_back(store: ModelStore) -> None:
    sent: list[Message] = []
    ended = threading.Event()

    def make_parts() -> Iterator[list[dict[str, Any]]]:
        try:
            while True:
                yield [{"passage": {}}]
        finally:
            ended.set()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) > 3:
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def inside() -> bool:
        place = ExitStack()
        freed = asyncio.Event()
        place.callback(freed.set)
        stream = LineStream(make_parts(), asyncio.to_thread, 0.3)  # type: ignore[arg-type]
        await stream.begin()
        stream.hold(place)
        await stream({"type": "http"}, receive, send)
        return freed.is_set()

    assert asyncio.run(inside())
    assert ended.is_set()
    assert [message["type"] for message in sent] == ["http.response.start", *["http.response.body"] * 3]
    assert sent[-1]["more_body"]


def test_a_part_that_never_comes_is_given_up(store: ModelStore) -> None:
    go_on = threading.Event()
    sent: list[Message] = []

    def make_parts() -> Iterator[list[dict[str, Any]]]:
        yield [{"passage": {}}]
        go_on.wait(60)
        yield []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def inside() -> None:
        stream = LineStream(make_parts(), asyncio.to_thread, 0.3)  # type: ignore[arg-type]
        await stream.begin()
        await stream({"type": "http"}, receive, send)
        go_on.set()

    asyncio.run(inside())
    assert json.loads(sent[-2]["body"])["error"]["code"] == "timeout"
    assert not sent[-1]["more_body"]


def test_many_that_leave_at_once_leave_the_service_as_it_was(service: ServiceProcess) -> None:
    body = PAGE.encode() * 5
    head = f"POST /v1/pages?target=levy HTTP/1.1\r\nHost: a\r\nAccept: {LINES}\r\nContent-Length: {len(body)}\r\n\r\n"
    for _ in range(20):
        with socket.create_connection((service.host, service.port), timeout=60) as connection:
            connection.sendall(head.encode() + body)
            connection.recv(100)

    def answers() -> bool:
        url = f"{service.url}/v1/predict"
        return all(httpx.post(url, json=ONE, timeout=60, trust_env=False).status_code == 200 for _ in range(5))

    wait_until(answers)
