"""The application without sockets, as the tests of its routes start it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from serving import schema
from serving.access import Keys
from serving.core import ServiceCore
from serving.limits import Limits
from serving.metrics import Metrics
from serving.models import ModelStore
from serving.routes import Routes, make_app

ONE = {"passages": [{"text": "Shipowners condemned the port levy."}]}
Scenario = Callable[[httpx.AsyncClient], Awaitable[Any]]


def run(
    store: ModelStore,
    scenario: Scenario,
    limits: Limits | None = None,
    keys: Keys | None = None,
    origins: tuple[str, ...] = (),
    make_core: Callable[[ModelStore, Limits, Metrics], ServiceCore] = ServiceCore,
) -> Any:
    """Run a scenario against the application, started and stopped as a worker does it."""
    kept = limits or Limits()
    routes = Routes(kept, Metrics(), keys)
    app = make_app(routes, lambda: make_core(store, kept, routes.metrics), lambda: None, origins)

    async def inside() -> Any:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await scenario(client)

    return asyncio.run(inside())


def check_error(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    assert schema.ErrorOut.model_validate(response.json()).error.code == code


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for what a watching thread will do; give up after a minute."""
    pause = threading.Event()
    for _ in range(600):
        if done():
            return
        pause.wait(0.1)
    raise TimeoutError("did not happen within a minute")
