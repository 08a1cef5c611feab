"""Ten thousand small requests of every kind leave nothing behind."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess
from tests.serving.faults.load import PATIENCE, make_body, read_memory
from tests.serving.faults.running import STARTING, run_service, worker_pids

WARM_UP, REQUESTS, CLIENTS = 2_000, 10_000, 6
# Megabytes from the one to the other: 0.2 and 2.6 were measured. One kilobyte kept of each request would be 8; the 5
# that were kept once, in timers, 40.
GROWTH = 7.0


@pytest.fixture(scope="module")
def service(models: Path, log: Path) -> Iterator[ServiceProcess]:
    with run_service(models, log) as service:
        service.wait_ready(STARTING)
        yield service


def make_request(number: int) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Return method, path, body and headers of one of many kinds; no two are the same."""
    page = f"<p>The envoy of district {number} praised the river treaty before the whole council.</p>".encode()
    kinds: tuple[tuple[str, str, bytes | None], ...] = (
        ("POST", "/v1/predict", make_body(number)),
        ("POST", "/v1/predict", make_body(number, targets=2)),
        ("POST", f"/v1/pages?target=plan%20{number}&document=page-{number}", page),
        ("POST", "/v1/predict", json.dumps({"passages": [{"text": [number]}]}).encode()),
        ("POST", "/v1/predict", f'{{"passages": [{number}'.encode()),
        ("GET", f"/nothing/{number}", None),
        ("GET", "/readyz", None),
        (f"VERB{number}", "/v1/predict", None),
    )
    return *kinds[number % len(kinds)], {"X-Request-ID": f"request-{number}", "X-Note": str(number)}


@pytest.mark.slow
def test_memory_does_not_grow_with_requests(
    service: ServiceProcess, record_property: Callable[[str, object], None]
) -> None:
    numbers = itertools.count()
    statuses: list[int] = []

    def ask(until: int) -> None:
        connection = http.client.HTTPConnection(service.host, service.port, timeout=PATIENCE)
        while (number := next(numbers)) < until:
            connection.request(*make_request(number))
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()

    def ask_until(count: int) -> float:
        threads = [threading.Thread(target=ask, args=(count,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [worker] = worker_pids(service)
        return read_memory(worker)

    warm, after = ask_until(WARM_UP), ask_until(REQUESTS)
    record_property("grown_megabytes", round(after - warm, 1))
    assert len(statuses) >= REQUESTS - 2 * CLIENTS
    assert set(statuses) == {200, 400, 404, 405, 422}
    assert after - warm < GROWTH
