"""The routes without sockets: bounds of bodies and load, faults, and the OpenAPI document."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits, read_limits
from serving.metrics import Metrics
from serving.models import ModelStore
from serving.routes import Routes, make_app
from standpoint.errors import BadInput
from tests.serving.application import ONE, check_error, run


@pytest.mark.parametrize("size", [1000, 1001])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("route", ["/v1/predict", "/v1/pages"])
def test_the_body_limit_is_exact(store: ModelStore, route: str, size: int, chunked: bool) -> None:
    body = json.dumps(ONE).encode().ljust(size)

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, size, 100):
            yield body[start : start + 100]

    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(route, content=parts() if chunked else body)

    # The transport sends no Content-Type of its own, which predict takes as JSON.
    response = run(store, scenario, Limits(body_bytes=1000))
    if size > 1000:
        check_error(response, 413, "too_large")
    else:
        assert response.status_code == 200


def test_a_body_that_never_ends_is_not_read_for_ever(store: ModelStore) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1000
            yield b" " * 1000

    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/v1/predict", content=endless())

    check_error(run(store, scenario, Limits(body_bytes=10_000)), 413, "too_large")
    assert read <= 100_000


def test_a_body_that_does_not_arrive_is_given_up(store: ModelStore) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/v1/predict", content=stuck())

    check_error(run(store, scenario, Limits(body_seconds=0)), 408, "slow_body")


def test_beyond_the_bound_requests_are_sent_away_and_health_answers(store: ModelStore) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Held(ServiceCore):
        def predict(self, data: bytes) -> dict[str, Any]:
            begun.set()
            go_on.wait()
            return super().predict(data)

    async def scenario(client: httpx.AsyncClient) -> None:
        first = asyncio.create_task(client.post("/v1/predict", json=ONE))
        await asyncio.to_thread(begun.wait)
        second = await client.post("/v1/predict", json=ONE)
        check_error(second, 503, "overloaded")
        assert second.headers["retry-after"] == "1"
        for path in ("/livez", "/readyz", "/metrics", "/v1/model"):
            assert (await client.get(path)).status_code == 200
        go_on.set()
        assert (await first).status_code == 200
        assert (await client.post("/v1/predict", json=ONE)).status_code == 200

    run(store, scenario, Limits(requests=1), make_core=Held)


def test_a_body_that_is_on_its_way_takes_no_place_but_its_bytes_are_counted(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()
        body = json.dumps(ONE).encode()

        async def slow() -> AsyncIterator[bytes]:
            yield body.rjust(900)
            begun.set()
            await go_on.wait()
            yield b" "

        first = asyncio.create_task(client.post("/v1/predict", content=slow()))
        await begun.wait()
        assert (await client.post("/v1/predict", content=body.rjust(600))).status_code == 200
        second = await client.post("/v1/pages", content=b"a" * 601)
        check_error(second, 503, "overloaded")
        assert second.headers["retry-after"] == "1"
        go_on.set()
        assert (await first).status_code == 200
        assert (await client.post("/v1/predict", content=body.rjust(1000))).status_code == 200

    run(store, scenario, Limits(requests=1, body_bytes=1000, held_bytes=1500))


def test_an_unexpected_fault_is_a_plain_500_and_its_message_stays_inside(
    store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(ServiceCore):
        def predict(self, data: bytes) -> dict[str, Any]:
            raise RuntimeError(f"cannot read {data!r}")

    routes = Routes(Limits(), Metrics())
    app = make_app(routes, lambda: Faulty(store, Limits()), lambda: None)

    async def inside() -> httpx.Response:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
        ):
            return await client.post("/v1/predict", json={"passages": [{"text": "zeppelin"}]})

    response = asyncio.run(inside())
    check_error(response, 500, "internal")
    assert "zeppelin" not in response.text
    assert "RuntimeError" in caplog.text
    assert "zeppelin" not in caplog.text


def test_without_a_model_health_answers_and_predictions_say_why_not(tmp_path: Path) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        assert (await client.get("/livez")).status_code == 200
        for response in (
            await client.get("/readyz"),
            await client.get("/v1/model"),
            await client.post("/v1/predict", json=ONE),
            await client.post("/v1/pages", content=b"A page."),
        ):
            check_error(response, 503, "not_ready")
            assert int(response.headers["retry-after"]) > 0

    run(ModelStore(tmp_path), scenario)


def test_metrics_are_bounded(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> str:
        for number in range(30):
            await client.get(f"/nothing/{number}")
            await client.request(f"VERB{number}", "/v1/predict")
        await client.post("/v1/predict", json={"passages": [{"text": "Words of a passage."}, {"text": " "}]})
        return (await client.get("/metrics")).text

    lines = [line for line in run(store, scenario).splitlines() if line.startswith("standpoint_http_requests_total")]
    assert 'standpoint_http_requests_total{method="GET",route="other",status="404"} 30.0' in lines
    assert 'standpoint_http_requests_total{method="other",route="/v1/predict",status="405"} 30.0' in lines
    assert len(lines) == 3


def test_passages_are_counted(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> str:
        await client.post("/v1/predict", json={"passages": [{"text": "Words of a passage."}, {"text": " "}]})
        return (await client.get("/metrics")).text

    text = run(store, scenario)
    assert 'standpoint_passages_total{outcome="answered"} 1.0' in text
    assert 'standpoint_passages_total{outcome="refused"} 1.0' in text


# Limits


def test_limits_come_from_the_environment() -> None:
    assert read_limits({"STANDPOINT_LIMIT_PASSAGES": "7", "HOME": "/"}) == Limits(passages=7)


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "many", "²", "9" * 5000])
def test_a_limit_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="STANDPOINT_LIMIT_PASSAGES: expected a positive whole number"):
        read_limits({"STANDPOINT_LIMIT_PASSAGES": value})


def test_an_unknown_limit_is_refused() -> None:
    with pytest.raises(BadInput, match="STANDPOINT_LIMIT_PASSAGE: no such limit; expected one of answer_seconds"):
        read_limits({"STANDPOINT_LIMIT_PASSAGE": "7"})


def test_a_failure_carries_its_headers() -> None:
    failure = Failure(503, "busy", "later", retry_after=3)
    assert failure.headers == {"Retry-After": "3"}
    assert failure.error == {"code": "busy", "message": "later"}
