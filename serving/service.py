"""The thin BentoML adapter: `bentoml serve serving.service:Standpoint`, which `standpoint serve` starts.

BentoML keeps the workers, their shared socket, restarts and the graceful end; the answers are those of ServiceCore.

`bentoml serve` listens on 127.0.0.1 as long as it is not told otherwise. That an address others can reach needs keys,
or a word that something in front asks for them, is seen to by `standpoint serve` alone: what `bentoml serve --host`
was given is not known here. STANDPOINT_KEYS holds in both. What never gets to our routes goes without our headers and
our shape of errors: bytes that are no HTTP, and BentoML's own timeout.
"""

from __future__ import annotations

import os
from typing import Any, cast

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import find_keys
from serving.cors import read_origins
from serving.limits import read_limits
from serving.metrics import Metrics
from serving.routes import STUCK_SECONDS, Routes, make_app
from serving.worker import WORKERS, Worker, read_count

LIMITS = read_limits(os.environ)
ROUTES = Routes(LIMITS, Metrics(), find_keys(os.environ))
WORKER = Worker(LIMITS, ROUTES.metrics, os.environ)
APP = make_app(ROUTES, WORKER.start, WORKER.stop, read_origins(os.environ))


class OwnRoutes:
    """Answer before BentoML's own health and schema routes do, which know neither our reasons nor our error shape."""

    def __init__(self, app: ASGIApp, own: ASGIApp) -> None:
        self.app = app
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.own if scope["type"] == "http" else self.app)(scope, receive, send)


@bentoml.asgi_app(APP, path="/")  # mounted for its lifespan too, which BentoML runs
@bentoml.service(
    name="Standpoint",
    workers=read_count(os.environ, WORKERS),
    # Ours ends first, with our error; BentoML's is the last resort.
    traffic={"timeout": float(LIMITS.body_seconds + LIMITS.request_seconds + STUCK_SECONDS + 10)},
    http={"host": "127.0.0.1"},  # BentoML alone would listen everywhere
    metrics={"enabled": False},  # their labels are raw paths, without bound
    logging={"access": {"enabled": False}},  # raw paths again
)
class Standpoint:
    """Topics and stances of news and diplomatic passages; see /openapi.json."""


cast(Any, Standpoint).add_asgi_middleware(OwnRoutes, own=APP)  # the decorators made a bentoml.Service of it
