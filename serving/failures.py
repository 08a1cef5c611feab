"""What the service refuses, and the one shape in which it says so."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """An answer of 4xx or 5xx.

    `where` names the field of the request, as `passages[3].text`. `retry_after` is in seconds; `allow` lists the
    methods of a route that was asked by another one; `authenticate` names the scheme of the key that is missing.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        where: str | None = None,
        retry_after: int | None = None,
        allow: str | None = None,
        authenticate: str | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.error = error_body(code, message, where)
        self.retry_after = retry_after
        self.allow = allow
        self.authenticate = authenticate

    @property
    def headers(self) -> dict[str, str]:
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.allow is not None:
            headers["Allow"] = self.allow
        if self.authenticate is not None:
            headers["WWW-Authenticate"] = self.authenticate
        return headers


def ending() -> Failure:
    """Return what those are told whose request is not done when the time of a service that ends is over."""
    return Failure(503, "ending", "the service ends, and did not get to this request; ask again", retry_after=1)


def error_body(code: str, message: str, where: str | None = None) -> dict[str, Any]:
    """Return the object under `error`, of a whole answer or of one item."""
    return {"code": code, "message": message, **({"where": where} if where else {})}


def describe_fault(error: BaseException) -> str:
    """Return type and places of an unexpected exception, without its message, which may quote a user's text."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places)) or 'an unknown place'}"
