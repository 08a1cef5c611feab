"""Clients that are slow, many, or do not speak HTTP: they get what is theirs, and take nothing from the others."""

from __future__ import annotations

import json
import resource
import select
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess
from tests.serving.faults.load import (
    PATIENCE,
    ask_alone,
    ask_at_once,
    fetch,
    make_body,
    open_raw,
    read_all,
    read_memory,
    send_raw,
    status_of,
)
from tests.serving.faults.running import STARTING, run_service, worker_pids

POST = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
BODY = make_body("a client")
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
SLOW_BODY = POST + LENGTH + b"\r\n" + BODY[:5]
HUNDRED_MEGABYTES = 100_000_000
GROWTH = 40.0  # megabytes: 1 to 4 were measured, and the bodies have 100


@pytest.fixture(scope="module")
def service(models: Path, log: Path) -> Iterator[ServiceProcess]:
    """A worker that waits for two seconds, where it would wait for 10, 20 and 30."""
    bounds = {f"STANDPOINT_LIMIT_{name}_SECONDS": "2" for name in ("HEAD", "BODY", "ANSWER")}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, hard), hard))  # as most systems have it, for the service
    try:
        with run_service(models, log, **bounds) as service:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            service.wait_ready(STARTING)
            yield service
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# No HTTP


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"quokka\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2, 400),  # how TLS begins
        (b"GET /li\x00vez HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Note: \x00\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\n\r\n", 400),  # no host
        (POST + b"Content-Length: -5\r\n\r\n", 400),
        (POST + b"Content-Length: many\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (POST + b"Content-Length: 3\r\n\r\n" + BODY, 400),  # the rest is no request
        (POST + b"Content-Length: 5000\r\n\r\n" + BODY, 408),  # the rest does not come
    ],
)
def test_what_is_no_http_is_refused_in_the_one_shape(service: ServiceProcess, sent: bytes, status: int) -> None:
    answer = send_raw(service, sent)
    assert status_of(answer) == status
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/json" in head.lower()
    error, _ = json.JSONDecoder().raw_decode(body.decode())
    assert set(error["error"]) <= {"code", "message", "where"}
    assert ask_alone(service).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /livez HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Note: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + b"X-Note: a\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X-Note: a\r\n" * 1_000_000,  # a head that does not end
        POST + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + BODY,
        POST + LENGTH + b"Expect: 100-continue\r\n\r\n",
        POST + b"Content-Length: 5000\r\n\r\n" + BODY,
    ],
)
@pytest.mark.parametrize("leaves", [False, True])
def test_what_is_hardly_http_does_no_harm(service: ServiceProcess, sent: bytes, leaves: bool) -> None:
    """Whether it is answered is another matter: it may be taken for HTTP, or cut off while it is sent."""
    try:
        with open_raw(service, sent) as connection:
            if leaves:
                with suppress(OSError):  # it may be cut off already
                    connection.shutdown(socket.SHUT_WR)
            read_all(connection)
    except ConnectionError:
        pass
    assert ask_alone(service).status == 200


def test_requests_in_one_piece_are_answered_in_their_order(service: ServiceProcess) -> None:
    paths = ["/livez", "/readyz", "/nothing", "/livez"]
    heads = [f"GET {path} HTTP/1.1\r\nHost: a\r\n".encode() for path in paths]
    answer = send_raw(service, b"\r\n".join([*heads[:-1], heads[-1] + b"Connection: close\r\n\r\n"]))
    assert [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]] == [200, 200, 404, 200]


# Slow


def test_a_slow_head_is_given_up(service: ServiceProcess) -> None:
    answer = send_raw(service, POST)
    assert status_of(answer) == 408
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "slow_head"
    with open_raw(service, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n") as kept, open_raw(service) as silent:
        assert status_of(kept.recv(65_536)) == 200
        kept.sendall(POST)  # on a connection that was answered already
        assert status_of(read_all(kept)) == 408
        assert status_of(read_all(silent)) == 408


def test_a_slow_body_is_given_up(service: ServiceProcess) -> None:
    answer = send_raw(service, SLOW_BODY)
    assert status_of(answer) == 408
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "slow_body"


def test_an_answer_that_nobody_takes_is_dropped(service: ServiceProcess) -> None:
    asked = 2_000
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        reader.settimeout(PATIENCE)
        reader.connect((service.host, service.port))
        reader.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * asked)
        cut_off = select.poll()
        cut_off.register(reader, 0)  # an error or the end, and not that there is something to read
        assert cut_off.poll(PATIENCE * 1_000)
    assert ask_alone(service).status == 200


def test_many_slow_clients_keep_nobody_from_being_answered(service: ServiceProcess) -> None:
    """More than the places of the worker: those who send slowly have none."""
    with ExitStack() as slow:
        for _ in range(100):
            slow.enter_context(open_raw(service, POST))
            slow.enter_context(open_raw(service, SLOW_BODY))
        assert [ask_alone(service).status for _ in range(20)] == [200] * 20
        assert fetch(service, "/readyz")[0] == 200


# Many and large


def test_a_thousand_connections_at_once_are_all_answered(service: ServiceProcess) -> None:
    with ExitStack() as idle:
        for _ in range(1_100):  # and more than 1,024
            idle.enter_context(open_raw(service))
        assert fetch(service, "/livez")[0] == 200
        assert ask_alone(service).status == 200
    found = ask_at_once(service, [make_body(number) for number in range(1_000)])
    counts = Counter(status for status, _ in found)
    assert set(counts) <= {200, 503}
    assert counts[200] >= 32  # as many as have a place
    assert all(headers["retry-after"] == "1" for status, headers in found if status == 503)
    assert ask_alone(service).status == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_hundred_megabytes_are_refused_and_not_kept(service: ServiceProcess, chunked: bool) -> None:
    [worker] = worker_pids(service)
    before = read_memory(worker)
    block = b" " * 1_000_000
    part = b"%x\r\n%s\r\n" % (len(block), block) if chunked else block
    length = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % HUNDRED_MEGABYTES
    most = before
    with open_raw(service, POST + length + b"\r\n") as connection:
        try:
            for _ in range(HUNDRED_MEGABYTES // len(block)):
                connection.sendall(part)
                most = max(most, read_memory(worker))
        except ConnectionError:
            pass  # it was refused, and is not listened to any more
        answer = read_all(connection)
    assert status_of(answer) in (413, None)  # None where the end of the connection overtook it
    assert most - before < GROWTH
    assert ask_alone(service).status == 200
