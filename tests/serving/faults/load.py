"""Load on a real service, by clients that note what became of each of their requests."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.service_process import ServiceProcess

PATIENCE = 60.0  # seconds: a hang fails the test, and a busy machine does not


@dataclass(frozen=True)
class Outcome:
    """What became of one request: a status and an answer, or a fault; `reused` tells of a connection kept open."""

    id: str
    status: int | None
    answer: dict[str, Any]
    headers: dict[str, str]
    fault: str = ""
    reused: bool = False


class Load:
    """Threads that ask without a pause, each on a connection of its own, until `stop`; what they saw is `outcomes`."""

    def __init__(
        self, service: ServiceProcess, threads: int, keep_open: bool = True, body: bytes | None = None
    ) -> None:
        """Ask with `body`, or with another text each time where it is None."""
        self.outcomes: list[Outcome] = []
        self._service = service
        self._keep_open = keep_open
        self._body = body
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,), daemon=True) for n in range(threads)]

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            if thread.is_alive():
                raise TimeoutError("a request was not answered, and its connection not closed")

    def faults(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status != 200]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _ask(self, thread: int) -> None:
        connection = http.client.HTTPConnection(self._service.host, self._service.port, timeout=PATIENCE)
        reused = False
        number = 0
        while not self._ended.is_set():
            number += 1
            outcome = ask(connection, f"{id(self)}-{thread}-{number}", self._body, reused)
            self.outcomes.append(outcome)
            closes = outcome.status is None or outcome.headers.get("connection") == "close"
            reused = self._keep_open and not closes
            if not reused:
                connection.close()
            if outcome.fault.startswith("ConnectionRefusedError"):
                return  # nobody listens any more


def make_body(number: object = 0, copies: int = 1, targets: int = 1) -> bytes:
    """Return a request of `copies` passages; its number makes each text another."""
    text = f"Shipowners condemned the port levy as a burden, said speaker {number}."
    names = ["the port levy", *(f"plan {n}" for n in range(1, targets))]
    return json.dumps({"passages": [{"text": f"{text} {copy}", "targets": names} for copy in range(copies)]}).encode()


def ask(
    connection: http.client.HTTPConnection, identifier: str, body: bytes | None = None, reused: bool = False
) -> Outcome:
    """Ask for a prediction; never raises for what the network or the service does."""
    headers = {"Content-Type": "application/json", "X-Request-ID": identifier}
    try:
        connection.request("POST", "/v1/predict", body or make_body(identifier), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return Outcome(identifier, None, {}, {}, f"{type(error).__name__}: {error}", reused)
    found = {name.lower(): value for name, value in response.getheaders()}
    return Outcome(identifier, response.status, answer, found, "", reused)


def ask_alone(service: ServiceProcess, identifier: str = "alone", body: bytes | None = None) -> Outcome:
    """Ask on a connection of its own."""
    connection = http.client.HTTPConnection(service.host, service.port, timeout=PATIENCE)
    try:
        return ask(connection, identifier, body)
    finally:
        connection.close()


def fetch(service: ServiceProcess, path: str) -> tuple[int, Any]:
    """Return status and content of a GET, of JSON where it is JSON."""
    connection = http.client.HTTPConnection(service.host, service.port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        is_json = response.getheader("Content-Type") == "application/json"
        return response.status, json.loads(body) if is_json else body.decode()
    finally:
        connection.close()


def send_raw(service: ServiceProcess, sent: bytes, patience: float = PATIENCE) -> bytes:
    """Send bytes and return all that comes back until the service closes. Raises TimeoutError where it does not."""
    with open_raw(service, sent, patience) as connection:
        return read_all(connection)


@contextmanager
def open_raw(service: ServiceProcess, sent: bytes = b"", patience: float = PATIENCE) -> Iterator[socket.socket]:
    with socket.create_connection((service.host, service.port), timeout=patience) as connection:
        connection.sendall(sent)
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes; a reset ends it too."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def status_of(answer: bytes) -> int | None:
    """Return the status of raw bytes; None where nothing came."""
    return int(answer.split(b" ", 2)[1]) if answer else None


def ask_at_once(service: ServiceProcess, bodies: Sequence[bytes]) -> list[tuple[int | None, dict[str, str]]]:
    """Open a connection for each body, then send all of them, and return status and headers of each.

    None stands for one that was reset or closed without an answer. Raises TimeoutError on a hang.
    """

    async def one(body: bytes, opened: Callable[[], None], go_on: asyncio.Event) -> tuple[int | None, dict[str, str]]:
        try:
            reader, writer = await asyncio.open_connection(service.host, service.port)
        finally:
            opened()
        await go_on.wait()
        try:
            head = f"POST /v1/predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            answer = await reader.read()
        except ConnectionError:
            return None, {}
        finally:
            writer.close()
        rows = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return status_of(answer), {row.partition(":")[0].lower(): row.partition(":")[2].strip() for row in rows}

    async def everyone() -> list[tuple[int | None, dict[str, str]]]:
        go_on = asyncio.Event()
        opened = 0

        def count() -> None:
            nonlocal opened
            opened += 1
            if opened == len(bodies):
                go_on.set()

        async with asyncio.timeout(PATIENCE):
            return list(await asyncio.gather(*(one(body, count, go_on) for body in bodies)))

    return asyncio.run(everyone())


def read_memory(pid: int) -> float:
    """Return the resident memory of a process, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def read_log(log: Path) -> list[dict[str, Any]]:
    """Return the lines of a log in JSON that are ours."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
