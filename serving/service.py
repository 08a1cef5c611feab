"""The thin BentoML adapter: `bentoml serve serving.service:Standpoint`, which `standpoint serve` starts.

BentoML keeps the workers, their shared socket, restarts and the graceful end; the answers are those of ServiceCore.

`bentoml serve` listens on 127.0.0.1 as long as it is not told otherwise. That an address others can reach needs keys,
or a word that something in front asks for them, is seen to by `standpoint serve` alone: what `bentoml serve --host`
was given is not known here. STANDPOINT_KEYS holds in both. What never gets to our routes goes without our headers, but
not without our shape of errors: bytes that are no HTTP, and those that are sent too slowly.
"""

from __future__ import annotations

import os
import sys
from typing import Any, cast

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import find_keys
from serving.connections import serve_connections
from serving.metrics import Metrics
from serving.routes import STUCK_SECONDS, Routes, make_app
from serving.settings import Settings, read_settings
from serving.tracing import Tracing
from serving.worker import Worker
from standpoint.errors import StandpointError


def read_or_end() -> Settings:
    """Return the settings, or end in one line: `bentoml serve` would show a traceback, and end as for a fault."""
    try:
        return read_settings(os.environ)
    except StandpointError as error:
        sys.stderr.write(f"standpoint: {error}\n")
        raise SystemExit(error.exit_code) from None


SETTINGS = read_or_end()
ROUTES = Routes(SETTINGS.limits, Metrics(), find_keys(os.environ))
WORKER = Worker(SETTINGS, ROUTES.metrics, os.environ)
APP = make_app(ROUTES, WORKER.start, WORKER.stop, SETTINGS.origins, Tracing() if SETTINGS.tracing else None)


class OwnRoutes:
    """Answer before BentoML's own health and schema routes do, which know neither our reasons nor our error shape.

    For whoever serves `Standpoint.to_asgi()`: the workers' connections go to our application without a detour.
    """

    def __init__(self, app: ASGIApp, own: ASGIApp) -> None:
        self.app = app
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.own if scope["type"] == "http" else self.app)(scope, receive, send)


@bentoml.asgi_app(APP, path="/")  # mounted for its lifespan too, which BentoML runs
@bentoml.service(
    name="Standpoint",
    workers=SETTINGS.workers,
    # Ours ends first, with our error; BentoML's is the last resort.
    traffic={"timeout": float(SETTINGS.limits.body_seconds + SETTINGS.limits.request_seconds + STUCK_SECONDS + 10)},
    http={"host": "127.0.0.1"},  # BentoML alone would listen everywhere
    metrics={"enabled": False},  # their labels are raw paths, without bound
    logging={"access": {"enabled": False}},  # raw paths again
    tracing={"excluded_urls": ".*"},  # spans that go nowhere; serving/tracing.py makes those that are asked for
)
class Standpoint:
    """Topics and stances of news and diplomatic passages; see /openapi.json."""


serve_connections(APP, SETTINGS.limits)
cast(Any, Standpoint).add_asgi_middleware(OwnRoutes, own=APP)  # the decorators made a bentoml.Service of it
