"""The HTTP routes: what arrives is handed to the core in a thread, so that health checks never wait for a model."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from email.message import Message as HeaderParser
from functools import cached_property
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from serving.accept import wants_lines
from serving.access import Keys, check_key
from serving.core import ServiceCore
from serving.cors import Cors
from serving.failures import Failure
from serving.limits import BodyLimit, Limits
from serving.metrics import CONTENT_TYPE, Metrics
from serving.middleware import PRIVATE, CatchAll, Measure, Stamp, answer_failure, answer_json
from serving.openapi import describe_api
from serving.page import PAGE_POLICY, render_page
from serving.streams import LineStream
from serving.tracing import Trace, Tracing

Endpoint = Callable[[Request], Awaitable[Response]]
STUCK_SECONDS = 10  # beyond the time of a request, for a model that does not come back
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Routes:
    """The endpoints of one worker. `core` is None until the worker starts; `keys` is None where none are asked for."""

    def __init__(self, limits: Limits, metrics: Metrics, keys: Keys | None = None) -> None:
        self.limits = limits
        self.metrics = metrics
        self.keys = keys
        self.core: ServiceCore | None = None
        # One thread for each admitted request: they wait in `Turns`, first come, first served, and not in the pool.
        self._threads = ThreadPoolExecutor(limits.requests + 1, thread_name_prefix="request")
        self._held = 0

    def table(self) -> list[tuple[str, str, Endpoint]]:
        """Return (path, method, endpoint) of every route."""
        return [
            ("/", "GET", self.show_page),
            ("/healthz", "GET", self.live),
            ("/livez", "GET", self.live),
            ("/metrics", "GET", self.show_metrics),
            ("/openapi.json", "GET", self.show_openapi),
            ("/readyz", "GET", self.ready),
            ("/v1/model", "GET", self.model),
            ("/v1/pages", "POST", self.pages),
            ("/v1/predict", "POST", self.predict),
        ]

    async def predict(self, request: Request) -> Response:
        # The body is judged by what it is: clients that name no type, or a form's by default, are many.
        data = await self._read_body(request)
        with self._admit():
            return await self._answer(lambda: self._core().predict(data))

    async def pages(self, request: Request) -> Response:
        with ExitStack() as place:
            query = request.query_params
            for name in query:
                if name not in ("target", "document"):
                    raise Failure(422, "unknown_field", "unknown parameter; expected target or document", name[:60])
            charset = _content_type(request).get_content_charset()
            document, targets = query.get("document", "page"), query.getlist("target")
            data = await self._read_body(request)
            place.enter_context(self._admit())
            core = self._core()
            if not wants_lines(",".join(request.headers.getlist("accept"))):
                return await self._answer(lambda: core.pages(data, document, targets, charset))
            parts = core.page_lines(data, document, targets, charset)
            stream = LineStream(parts, self._run, self.limits.request_seconds + STUCK_SECONDS)
            await stream.begin()
            stream.hold(place.pop_all())
            return stream

    async def model(self, _request: Request) -> Response:
        return answer_json(self._core().describe())

    async def ready(self, _request: Request) -> Response:
        return answer_json(self._core().readiness())

    async def live(self, _request: Request) -> Response:
        return answer_json({"live": True})

    async def show_metrics(self, _request: Request) -> Response:
        return PlainTextResponse(await self._run(self.metrics.expose), headers={"Content-Type": CONTENT_TYPE})

    async def show_openapi(self, _request: Request) -> Response:
        return answer_json(self._api)

    async def show_page(self, _request: Request) -> Response:
        return HTMLResponse(self._page, headers={"Content-Security-Policy": PAGE_POLICY})

    @cached_property
    def _api(self) -> dict[str, Any]:
        return describe_api(self.limits, with_keys=self.keys is not None)

    @cached_property
    def _page(self) -> str:
        return render_page(self._api)

    def check_key(self, request: Request) -> None:
        """Raise Failure 401 where keys are asked for and the request carries none of them."""
        if self.keys:
            check_key(request.headers, self.keys)

    def close(self) -> None:
        if self.core:
            self.core.end()  # the process ends with its last thread
        self._threads.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _admit(self) -> Iterator[None]:
        """Hold one of the worker's places from when the body is there until the answer is made."""
        self._check_places()
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def _check_places(self) -> None:
        if self._held >= self.limits.requests:
            raise Failure(503, "overloaded", "the service is busy; ask again in a moment", retry_after=1)

    async def _read_body(self, request: Request) -> bytes:
        """Return the body. It takes no place: those who send slowly would keep all others out.

        Where no place is free it is not read at all.
        """
        _check_encoding(request)
        self._check_places()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                return await request.body()
        except TimeoutError:
            message = f"the body did not arrive within {self.limits.body_seconds} seconds"
            raise Failure(408, "slow_body", message) from None

    async def _answer(self, work: Callable[[], Any]) -> Response:
        # The core keeps the time between passages; this is for a model that hangs in the middle of one.
        try:
            async with asyncio.timeout(self.limits.request_seconds + STUCK_SECONDS):
                return cast(Response, await self._run(lambda: answer_json(work())))
        except TimeoutError:
            raise Failure(504, "timeout", f"not done within {self.limits.request_seconds} seconds") from None

    async def _run(self, work: Callable[[], Any]) -> Any:
        context = contextvars.copy_context()  # the thread's log lines name the request too
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work))

    def _core(self) -> ServiceCore:
        if self.core is None:
            raise Failure(503, "not_ready", "the service is starting", retry_after=1)
        return self.core


def make_app(
    routes: Routes,
    start: Callable[[], ServiceCore],
    stop: Callable[[], None],
    origins: tuple[str, ...] = (),
    tracing: Tracing | None = None,
) -> Starlette:
    """Return the ASGI application; `start` makes the core when the worker starts, before it takes requests.

    Pages of `origins` may ask from a browser; requests are traced where `tracing` is given.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        routes.core = await asyncio.to_thread(start)
        if tracing:
            await asyncio.to_thread(tracing.start)
        if routes.keys:
            routes.keys.refresh()  # what is wrong with the file is said now, not in a first request
        yield
        stop()
        routes.close()
        if tracing:
            await asyncio.to_thread(tracing.stop)

    table = routes.table()
    paths = [path for path, _, _ in table]
    return Starlette(
        routes=[*(_route(*row, guard=routes.check_key) for row in table), *_refusals(routes.check_key)],
        middleware=[
            Middleware(Stamp),
            *([Middleware(Trace, tracing=tracing, routes=paths)] if tracing else []),
            Middleware(Measure, metrics=routes.metrics, routes=paths),
            *([Middleware(Cors, origins=origins)] if origins else []),
            Middleware(CatchAll),
            Middleware(BodyLimit, limits=routes.limits),
        ],
        exception_handlers={Failure: answer_failure, HTTPException: answer_failure},
        lifespan=lifespan,
    )


def _route(path: str, method: str, endpoint: Endpoint, guard: Callable[[Request], None]) -> Route:
    allowed = ("GET", "HEAD") if method == "GET" else (method,)

    async def check(request: Request) -> Response:
        # Here, by the path of the route: the request's own is spelled in more ways than one.
        if path.startswith(PRIVATE):
            guard(request)
        if request.method not in allowed:
            allow = ", ".join(allowed)
            raise Failure(405, "method_not_allowed", f"this route takes {allow}", allow=allow)
        return await endpoint(request)

    return Route(path, check, methods=METHODS)


def _refusals(guard: Callable[[Request], None]) -> list[Route]:
    async def refuse(_request: Request) -> Response:
        raise Failure(404, "not_found", "no such route; GET /openapi.json lists them")

    async def refuse_private(request: Request) -> Response:
        guard(request)
        return await refuse(request)

    return [
        Route(PRIVATE + "{path:path}", refuse_private, methods=METHODS),
        Route("/{path:path}", refuse, methods=METHODS),
    ]


def _content_type(request: Request) -> HeaderParser:
    header = HeaderParser()
    header["Content-Type"] = request.headers.get("content-type", "application/octet-stream")
    return header


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Failure(415, "unsupported_encoding", "compressed bodies are not read; send the body as it is")
