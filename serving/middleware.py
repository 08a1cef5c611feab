"""What stands around every route: its headers, measuring, and that nothing but our own errors leaves the house."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Collection
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.failures import Failure, describe_fault, ending
from serving.logs import REQUEST_ID
from serving.metrics import METHODS, OTHER, Metrics

logger = logging.getLogger(__name__)

UNANSWERED = 499  # what is counted where nothing was sent
PRIVATE = "/v1/"  # what is under it takes and gives texts, and asks for a key where there are keys

_REQUEST_ID = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class Stamp:
    """Give every answer its request's id, and the headers that keep browsers from guessing, framing and storing.

    A request brings an id of its own, or gets one; every line that is logged for it names it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_REQUEST_ID, "")
        identifier = given if _WELL_FORMED.fullmatch(given) else uuid4().hex
        stamps = {**_HEADERS, _REQUEST_ID: identifier}
        if scope["path"].startswith(PRIVATE):
            stamps["Cache-Control"] = "no-store"

        async def send_stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                MutableHeaders(scope=message).update(stamps)
            await send(message)

        token = REQUEST_ID.set(identifier)
        try:
            await self.app(scope, receive, send_stamped)
        finally:
            REQUEST_ID.reset(token)


class Measure:
    """Count and time requests by route. A path that is no route counts as `other`."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Collection[str]) -> None:
        self.app = app
        self.metrics = metrics
        self.routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = UNANSWERED

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.metrics.start_request()
        try:
            await self.app(scope, receive, send_noted)
        finally:
            route = scope["path"] if scope["path"] in self.routes else OTHER
            method = scope["method"] if scope["method"] in METHODS else OTHER
            seconds = time.perf_counter() - started
            self.metrics.end_request(route, method, status, seconds)
            if route.startswith(PRIVATE) or route == OTHER:  # probes and scrapes would drown the rest
                _log_request(method, route, status, round(seconds * 1000, 1))


class CatchAll:
    """Turn what no handler expected into a plain 500, and log where it came from, not what it said.

    Messages of exceptions quote the values that they stumbled over, which here are texts of users.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except ClientDisconnect:
            # Nobody reads this, but BentoML waits for some answer, and would hold up the end of the worker.
            failure = Failure(400, "incomplete_body", "the body ended before it was complete")
            await answer_failure(Request(scope), failure)(scope, receive, send)
        except asyncio.CancelledError:  # by uvicorn, once, where SIGTERM came and the time to finish is over
            if not begun:
                await answer_failure(Request(scope), ending())(scope, receive, send)
            raise
        except Exception as error:  # noqa: BLE001  (this is the place that catches everything)
            logger.error("unexpected fault: %s", describe_fault(error))
            if not begun:
                failure = Failure(500, "internal", "the service failed; the fault is its own, and is in its log")
                await answer_failure(Request(scope), failure)(scope, receive, send)


def _log_request(method: str, route: str, status: int, ms: float) -> None:
    fields = {"method": method, "route": route, "status": status, "ms": ms}
    logger.info("%s %s %d %.1f ms", method, route, status, ms, extra={"request": fields})


def write_json(content: Any) -> bytes:
    """Return one line of JSON; half surrogates, which UTF-8 cannot write, become question marks."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def answer_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(write_json(content), status, headers, media_type="application/json")


def answer_failure(_request: Request, failure: Exception) -> Response:
    """Return the answer to a Failure, or to an HTTPException of the framework, in the one shape."""
    if isinstance(failure, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(failure.status_code, "http_error")
        failure = Failure(failure.status_code, code, failure.detail, allow=(failure.headers or {}).get("Allow"))
    if not isinstance(failure, Failure):
        raise TypeError(f"expected a Failure, found {type(failure).__name__}")
    return answer_json({"error": failure.error}, failure.status, failure.headers)
