"""A steady mix of requests to all routes of the service, and what was answered when."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NONE = "none"  # the status where no answer came
PAGE_PASSAGES = 4


@dataclass(frozen=True)
class Kind:
    """A kind of request: how often it is drawn, and the statuses that answer it."""

    name: str
    weight: int
    method: str
    path: str
    expected: tuple[int, ...] = (200,)


KINDS = (
    Kind("one target", 40, "POST", "/v1/predict"),
    Kind("topics and stance", 20, "POST", "/v1/predict"),
    Kind("ten targets", 4, "POST", "/v1/predict"),
    Kind("no target named", 2, "POST", "/v1/predict"),
    Kind("five passages", 4, "POST", "/v1/predict"),
    Kind("explained", 1, "POST", "/v1/predict"),
    Kind("page", 4, "POST", "/v1/pages?target=sanctions-on-russia"),
    Kind("model", 5, "GET", "/v1/model"),
    Kind("health", 10, "GET", "/readyz"),
    Kind("metrics", 2, "GET", "/metrics"),
    Kind("no JSON", 3, "POST", "/v1/predict", (400,)),
    Kind("no text", 3, "POST", "/v1/predict", (422,)),
    Kind("no such route", 2, "GET", "/v1/nothing", (404,)),
    Kind("too large", 1, "POST", "/v1/predict", (413,)),
)
TOO_LARGE = 2_000_000  # bytes


@dataclass(frozen=True)
class Answered:
    """A request: its kind, when it was over, its seconds, its status (NONE: no answer), the stance version it named."""

    kind: Kind
    at: float
    seconds: float
    status: int | str
    version: str | None

    @property
    def wrong(self) -> bool:
        return self.status not in self.kind.expected


class Clients:
    """Threads that ask one request after the other until they are stopped, each on a connection that it keeps."""

    def __init__(self, port: int, count: int, passages: Sequence[str], targets: Sequence[str]) -> None:
        self._port, self._passages, self._targets = port, passages, targets
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(count)]
        self.answers: list[Answered] = []  # grows by append alone, which threads may share

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, seed: int) -> None:
        draw = random.Random(seed)
        connection = self._connect()
        while not self._ended.is_set():
            kind = draw.choices(KINDS, [kind.weight for kind in KINDS])[0]
            body = make_request(kind, draw, self._passages, self._targets)
            begun = time.monotonic()
            try:
                connection.request(kind.method, kind.path, body)
                response = connection.getresponse()
                content = response.read()
                status: int | str = response.status
                if response.will_close:
                    connection.close()
            except (OSError, http.client.HTTPException):
                status, content = NONE, b""
                connection.close()
                self._ended.wait(0.05)  # a port that nobody listens on would be asked thousands of times a second
            now = time.monotonic()
            self.answers.append(Answered(kind, now, now - begun, status, read_version(status, content)))
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=90)


def make_request(kind: Kind, draw: random.Random, passages: Sequence[str], targets: Sequence[str]) -> bytes | None:
    """Return the body of a request of a kind; None where it has none."""
    if kind.method == "GET":
        return None
    if kind.name == "page":
        return "\n\n".join(draw.sample(list(passages), PAGE_PASSAGES)).encode()
    if kind.name == "no JSON":
        return b'{"passages": [{"text": '
    if kind.name == "too large":
        return b" " * TOO_LARGE
    item: dict[str, Any] = {"text": " " if kind.name == "no text" else draw.choice(passages)}
    if kind.name != "no target named":
        item["targets"] = draw.sample(list(targets), 10 if kind.name == "ten targets" else 1)
    items = (
        [item] if kind.name != "five passages" else [{**item, "text": text} for text in draw.sample(list(passages), 5)]
    )
    body: dict[str, Any] = {"passages": items, "explain": kind.name == "explained"}
    if kind.name != "topics and stance":
        body["tasks"] = ["stance"]
    return json.dumps(body).encode()


def read_version(status: int | str, content: bytes) -> str | None:
    """Return the version of the stance model that an answer names, None where it names none."""
    if status != 200 or b'"model"' not in content:
        return None
    try:
        return str(json.loads(content)["model"]["stance"]["version"])
    except (ValueError, KeyError, TypeError):
        return None  # of another route
