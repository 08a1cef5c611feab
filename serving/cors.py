"""Which pages of other origins may ask from a browser: those of a list, none by default."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.failures import error_body
from serving.middleware import PRIVATE, answer_json

_OF_BODY = ("content-length", "content-type")
_ALLOWED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Traceparent",
    "Tracestate",
    "X-API-Key",
    "X-Request-ID",
)


class Cors(CORSMiddleware):
    """Starlette's, for the routes under /v1/ alone, and with refusals in our shape.

    A preflight ends here, before any key is asked for: browsers send none with it.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=_ALLOWED,
            expose_headers=("Retry-After", "X-Request-ID"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["type"] == "http" and scope["path"].startswith(PRIVATE)
        await (super().__call__ if inside else self.app)(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        kept = {name: value for name, value in answer.headers.items() if name not in _OF_BODY}
        message = "the origin, the method or a header of the request that a browser asks about is not on the list"
        return answer_json({"error": error_body("cors_refused", message)}, answer.status_code, kept)
