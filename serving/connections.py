"""The connections of a worker: what uvicorn leaves without bound, before a request is there and after its answer.

uvicorn waits for ever for a request's head, and for an answer to be taken; and it closes a connection that is kept open
in the very moment in which the next request may be on its way.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.types import ASGIApp
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.http.h11_impl import H11Protocol

from serving.failures import error_body
from serving.limits import Limits

LINGER_SECONDS = 0.5  # after SIGTERM, for a request that is on its way on a connection that was kept open
PROGRESS_BYTES = 65_536  # of an answer that is too big for the system's buffers: how much of it has to be taken in time

_CLOSE = (b"connection", b"close")
_Base: Any = H11Protocol  # wherever httptools is installed too: one parser, of which it is known what it refuses


class Connection(_Base):  # type: ignore[misc]
    """uvicorn's connection, with an end to every wait, and with our shape of errors for what is no HTTP."""

    limits: ClassVar[Limits] = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._head_timer: asyncio.TimerHandle | None = None
        self._answer_timer: asyncio.TimerHandle | None = None
        self._left = 0  # bytes of an answer that were still to be taken when its timer was set
        self._ending = False
        self._answered = False  # what came in last belongs to a request that was refused: it has its answer
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_answer_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        rest_of_body = self.cycle is not None and self.cycle.more_body  # of one that was refused before it ended
        super().data_received(data)
        if self._is_answering():
            self._stop_head_timer()
            if self._ending:
                self._announce_end()
        elif not self.transport.is_closing():
            self._answered = rest_of_body
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_answer_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_reader()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; an answer that has begun is cut off instead, nothing fits into the middle of it."""
        if self._is_answering() and self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "malformed_http", "this is no request of HTTP/1.1")

    def shutdown(self) -> None:
        """Answer what is there or on its way, then close; uvicorn asks for it when the worker is to end."""
        self._ending = True
        if self._is_answering():
            self._announce_end()
        else:
            self.loop.call_later(LINGER_SECONDS, self._end_idle)

    def _end_idle(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _announce_end(self) -> None:
        """Let the answer say that the connection ends with it; where it has begun, the connection just ends."""
        self.cycle.keep_alive = False
        if not self.cycle.response_started and _CLOSE not in self.cycle.default_headers:
            self.cycle.default_headers = [*self.cycle.default_headers, _CLOSE]

    def _await_head(self) -> None:
        """Give up a request whose head is not complete so many seconds after its first byte, or the connection's."""
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.head_seconds, self._give_up_head)

    def _give_up_head(self) -> None:
        self._head_timer = None
        if self._answered:
            self.transport.close()
        elif not self.transport.is_closing():
            message = f"the head of the request did not arrive within {self.limits.head_seconds} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "slow_head", message)

    def _await_reader(self) -> None:
        """Give the client time to take what was written and is not on its way yet."""
        self._stop_answer_timer()
        self._left = self.transport.get_write_buffer_size()
        if self._left:
            self._answer_timer = self.loop.call_later(self.limits.answer_seconds, self._check_reader)

    def _check_reader(self) -> None:
        """Cut off a client that has taken next to nothing of its answer since the timer was set."""
        if self.transport.get_write_buffer_size() > max(0, self._left - PROGRESS_BYTES):
            # Its bytes wait in the system too, which would keep them for minutes after a mere close.
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self._await_reader()

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        body = json.dumps({"error": error_body(code, message)}, separators=(",", ":")).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
        self._await_reader()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_answer_timer(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None


def serve_connections(app: ASGIApp, limits: Limits) -> None:
    """Have the uvicorn of this process, which BentoML starts without a word of ours, make such connections to `app`.

    What BentoML puts around an app is left out with it: its timer holds on to something of every request for as long as
    the longest one may take. With these layers a worker grew by 5 kB a request, without them by none.
    """

    class Bound(Connection):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self.app = app
            self.ws_protocol_class = None  # nothing here speaks WebSocket

    Bound.limits = limits
    protocols: dict[str, Any] = HTTP_PROTOCOLS  # a class will do, where uvicorn itself has its name
    protocols["auto"] = Bound
