"""An answer that leaves in parts, as they are made, to a client that may read slowly, or leave."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import ExitStack, suppress
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from serving.accept import LINES
from serving.failures import Failure, describe_fault, error_body
from serving.middleware import write_json

logger = logging.getLogger(__name__)

LAST_SECONDS = 1.0  # for a last line to be sent that says that the time is over

Parts = Generator[list[dict[str, Any]], None, None]
Run = Callable[[Callable[[], Any]], Awaitable[Any]]  # of something that blocks, in a thread


class LineStream(StreamingResponse):
    """A JSON object a line, sent as soon as its part is made.

    `begin` makes the first part, so that what is refused still has its status; a fault after that is the last line,
    {"error": ...}. All has to be made and read within `seconds`, since the request keeps its place until the end: a
    client that does not read is cut off then, and one that leaves as soon as the part that is being made is done.
    """

    def __init__(self, parts: Parts, run: Run, seconds: float) -> None:
        super().__init__((), media_type=LINES, headers={"X-Accel-Buffering": "no"})  # nginx would gather the lines
        self._parts = parts
        self._run = run
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._place = ExitStack()
        self._first: bytes | None = None
        self._stuck = False

    async def begin(self) -> None:
        """Make the first part. Raises Failure."""
        self._first = await self._make_part()

    def hold(self, place: ExitStack) -> None:
        """Take over what is to be given back at the end."""
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_wait_gone(receive))
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        with self._place:
            try:
                delivered = await self._deliver(start, send, gone)
                async for body in self._bodies():
                    delivered = delivered and await self._deliver(_body(body, more=True), send, gone)
                    if not delivered:
                        logger.info("a stream was cut off: its client %s", "left" if gone.done() else "does not read")
                        return
                await self._deliver(_body(b"", more=False), send, gone)
            finally:
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
                if not self._stuck:
                    self._parts.close()

    async def _bodies(self) -> AsyncIterator[bytes]:
        body = self._first
        while body is not None:
            yield body
            try:
                body = await self._make_part()
            except Failure as failure:
                logger.warning("a stream ended early: %s", failure.error["code"])
                yield write_json({"error": failure.error}) + b"\n"
                return
            except Exception as error:  # noqa: BLE001  (the status is sent: this is the only place to say it)
                logger.error("a stream ended early, unexpected fault: %s", describe_fault(error))
                message = "the service failed; the fault is its own, and is in its log"
                yield write_json({"error": error_body("internal", message)}) + b"\n"
                return

    async def _make_part(self) -> bytes | None:
        """Return the lines of the next part, None after the last. Raises Failure."""
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                made: bytes | None = await self._run(self._write_part)
                return made
        except asyncio.CancelledError:
            self._stuck = True  # in its thread, for as long as it takes
            raise
        except TimeoutError:
            self._stuck = True
            raise Failure(504, "timeout", f"not done within {self._seconds:g} seconds") from None

    def _write_part(self) -> bytes | None:
        part = next(self._parts, None)
        return None if part is None else b"".join(write_json(line) + b"\n" for line in part)

    async def _deliver(self, message: Message, send: Send, gone: asyncio.Task[None]) -> bool:
        """Send a message; return False where the client left, or did not take it in time."""
        sending = asyncio.ensure_future(_send(send, message))
        try:
            left = max(LAST_SECONDS, self._deadline - time.monotonic())
            await asyncio.wait((sending, gone), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                return False
            await sending
            return not gone.done()
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending


async def _send(send: Send, message: Message) -> None:
    await send(message)


async def _wait_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _body(body: bytes, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
