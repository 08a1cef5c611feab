"""OpenTelemetry where it is configured: a span a request, with one for each of its steps.

A span says route, method, status and how long each step took: no text, no query, no raw path, nobody's name. It goes
by OTLP over HTTP to where the OTEL_ variables say, which the SDK and its exporter read; nothing of them is imported
before a worker starts to trace.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.description import service_version
from serving.logs import TRACE_ID
from serving.metrics import METHODS, OTHER
from serving.middleware import PRIVATE, UNANSWERED
from serving.spans import SILENT, TRACER

_CONTEXT_HEADERS = ("traceparent", "tracestate")  # W3C Trace Context; baggage, which holds anything, is left alone


class Tracing:
    """The tracer of one worker, None until `start`. What is not sent yet is sent by `stop`, or lost after a moment."""

    STOP_SECONDS = 3.0  # of the time that a worker has to end, for a collector that does not answer

    def __init__(self) -> None:
        self.tracer: Any | None = None
        self._processor: Any | None = None

    def start(self) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        own = Resource.create({"service.name": "standpoint", "service.version": service_version()})
        # Ours, and no global one: what BentoML's parts would report of themselves stays unreported.
        provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._processor = BatchSpanProcessor(OTLPSpanExporter())
        provider.add_span_processor(self._processor)
        self.tracer = provider.get_tracer("standpoint")

    def stop(self) -> None:
        """Send what waits. It blocks for STOP_SECONDS at most."""
        if self._processor:
            last = threading.Thread(target=self._processor.shutdown, name="last-spans", daemon=True)
            last.start()
            last.join(self.STOP_SECONDS)


class Trace:
    """Put every request under /v1/, and every one that fits no route, into a span: its caller's, if it names one.

    Probes and scrapes are left out, as in the log.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing, routes: Collection[str]) -> None:
        self.app = app
        self.tracing = tracing
        self.routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope["path"] if scope["type"] == "http" and scope["path"] in self.routes else OTHER
        if scope["type"] != "http" or self.tracing.tracer is None or not (route.startswith(PRIVATE) or route == OTHER):
            await self.app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        headers = Headers(scope=scope)
        carrier = {name: headers[name] for name in _CONTEXT_HEADERS if name in headers}
        method = scope["method"] if scope["method"] in METHODS else OTHER
        about = {"http.request.method": method if method != OTHER else "_OTHER"}  # as the conventions call it
        if route != OTHER:
            about["http.route"] = route
        status = UNANSWERED

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self.tracing.tracer.start_as_current_span(
            f"{method} {route}",
            context=TraceContextTextMapPropagator().extract(carrier),
            kind=SpanKind.SERVER,
            attributes=about,
            **SILENT,
        ) as span:
            tracer = TRACER.set(self.tracing.tracer if span.is_recording() else None)
            trace = TRACE_ID.set(f"{span.get_span_context().trace_id:032x}")
            try:
                await self.app(scope, receive, send_noted)
            finally:
                TRACE_ID.reset(trace)
                TRACER.reset(tracer)
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
