"""How much the service takes: every bound in one place, with the environment variable that moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.failures import Failure
from standpoint.errors import BadInput

PREFIX = "STANDPOINT_LIMIT_"  # STANDPOINT_LIMIT_BODY_BYTES=3000000


@dataclass(frozen=True)
class Limits:
    """Bounds of one request, and of one worker process."""

    body_bytes: int = 1_500_000  # of a request, as received; a long news page has about 500,000
    passages: int = 1_000  # of a request or a page
    passage_characters: int = 20_000
    targets: int = 64  # of a passage
    explanations: int = 16  # of a request: passages x targets, a passage that names none counting once
    target_characters: int = 200
    id_characters: int = 200
    document_characters: int = 200
    head_seconds: int = 10  # for a request's head to arrive
    body_seconds: int = 20  # for a request's body to arrive
    request_seconds: int = 60  # for the prediction, waiting included
    answer_seconds: int = 30  # for a client to take its answer, or the next 64 KiB of it
    held_bytes: int = 48_000_000  # of all bodies that a worker holds at once, complete or not: 32 of the largest
    requests: int = 32  # complete ones that a worker holds at once; one more is sent away with Retry-After
    parallel: int = 1  # predictions that run at once in a worker; more than its threads only slow each other down


def read_limits(environment: Mapping[str, str], threads: int = 1) -> Limits:
    """Return the defaults, as many predictions at once as there are threads, changed by STANDPOINT_LIMIT_... variables.

    Raises BadInput on an unknown name or a value that is no positive whole number.
    """
    known = {field.name for field in fields(Limits)}
    changed = {"parallel": threads}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in known:
            raise BadInput(f"no such limit; expected one of {', '.join(sorted(known))}", variable)
        changed[name] = read_positive(text, variable)
    return Limits(**changed)


def read_positive(text: str, variable: str) -> int:
    """Return the whole number of a variable. Raises BadInput on one that is not 1 to 999,999,999."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise BadInput(f"expected a positive whole number, found {text[:60]!r}", variable)
    return int(text)


class BodyLimit:
    """Count the bytes of a request's body as they arrive, chunked or not, and refuse one that passes the limit.

    Nothing beyond the limit is kept. What a client still sends after a refusal is read and thrown away for a moment:
    many clients look for the answer only when they are done sending. The bodies of all requests together have a bound
    too, so that any number of clients may take their time to send.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.held = 0  # bytes of the requests that are not answered yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _CountedBody(receive, dict(scope["headers"]), self)

        async def send_after_body(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 408:
                MutableHeaders(scope=message)["Connection"] = "close"  # the rest was waited for enough
            elif message["type"] == "http.response.start":
                await body.discard_rest()
            await send(message)

        try:
            await self.app(scope, body.receive, send_after_body)
        finally:
            self.held -= body.kept


class _CountedBody:
    """The body of one request on its way in."""

    DISCARD_TIMES, DISCARD_SECONDS = 8, 3.0  # how many limits' worth, and how long

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes], among: BodyLimit) -> None:
        length = headers.get(b"content-length", b"0")
        self.kept = 0
        self._receive = receive
        self._among = among
        self._limit = among.limits.body_bytes
        self._announced = int(length) if length.isdigit() and len(length) < 20 else 0
        # A client that waits for "100 Continue" has sent nothing yet, and should not be invited to.
        self._waits = b"expect" in headers
        self._received = 0
        self._complete = False

    async def receive(self) -> Message:
        """Return the next part. Raises Failure 413, before reading on, once the limit is or will be passed.

        Raises Failure 503 where it would fit, but not among the bodies of the others.
        """
        if max(self._announced, self._received) <= self._limit:
            message = await self._receive_next()
            if self._received <= self._limit:
                self._keep(len(message.get("body", b"")))
                return message
        raise Failure(413, "too_large", f"the body has more than {self._limit} bytes; send it in parts")

    def _keep(self, size: int) -> None:
        if self._among.held + size > self._among.limits.held_bytes:
            raise Failure(503, "overloaded", "the service is busy; ask again in a moment", retry_after=1)
        self._among.held += size
        self.kept += size

    async def discard_rest(self) -> None:
        """Read on for a moment and forget."""
        bound = self._limit * self.DISCARD_TIMES
        if self._waits or self._announced > bound:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.DISCARD_SECONDS):
                while not self._complete and self._received <= bound:
                    await self._receive_next()

    async def _receive_next(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        return message
