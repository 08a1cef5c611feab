"""The lines that our own loggers write to standard error, and the request that each belongs to."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO, cast, get_args

from standpoint.errors import BadInput

FORM = "STANDPOINT_LOG"
OWN = ("serving", "standpoint")

Form = Literal["text", "json"]

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
TRACE_ID: ContextVar[str | None] = ContextVar("trace_id", default=None)  # where requests are traced


def read_form(environment: Mapping[str, str]) -> Form:
    """Return the form of STANDPOINT_LOG, `text` where it is not set. Raises BadInput."""
    form = environment.get(FORM) or "text"
    if form not in get_args(Form):
        raise BadInput(f"expected {' or '.join(get_args(Form))}, found {form!r}", FORM)
    return cast(Form, form)


def set_up_logs(form: Form, stream: TextIO | None = None) -> None:
    """Send what our loggers say to `stream`, standard error by default, and nowhere else.

    BentoML has its handlers on the root logger, so ours do not propagate: each line would be there twice, once without
    its request. Call it after BentoML has set up its own.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    for name in OWN:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


class TextLines(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        identifier = REQUEST_ID.get()
        request = f" (request {identifier})" if identifier else ""
        return f"{_time(record)} [{record.levelname}] {record.name}: {record.getMessage()}{request}"


class JsonLines(logging.Formatter):
    """One JSON object a line; what `extra` gives as `request` (method, route, status, ms) becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        identifier, trace = REQUEST_ID.get(), TRACE_ID.get()
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({"request_id": identifier} if identifier else {}),
            **({"trace_id": trace} if trace else {}),
            **getattr(record, "request", {}),
        }
        return json.dumps(line)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
