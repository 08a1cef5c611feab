"""The steps of a request, as spans of its trace where it has one, and as nothing at all elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

# OpenTelemetry's, of a request that is traced; a thread that works for the request gets it with the context.
TRACER: ContextVar[Any | None] = ContextVar("tracer", default=None)

# An exception's message may quote a text, and a span leaves the house.
SILENT = {"record_exception": False, "set_status_on_exception": False}


def trace_step(name: str) -> AbstractContextManager[Any]:
    """Return a context that is a span of the request's trace, if it is traced."""
    tracer = TRACER.get()
    return nullcontext() if tracer is None else tracer.start_as_current_span(name, **SILENT)
