"""More is asked than can be answered: what is admitted is answered, the rest is sent away at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess
from tests.serving.application import wait_until
from tests.serving.faults.load import Load, ask_alone, fetch, make_body
from tests.serving.faults.running import STARTING, run_service

PLACES = 4


@pytest.fixture(scope="module")
def service(models: Path, log: Path) -> Iterator[ServiceProcess]:
    with run_service(models, log, STANDPOINT_LIMIT_REQUESTS=str(PLACES)) as service:
        service.wait_ready(STARTING)
        yield service


def test_overload_is_told_and_passes_by_itself(service: ServiceProcess) -> None:
    probes = []
    with Load(service, 6 * PLACES, body=make_body("many", copies=20)) as load:
        for _ in range(10):
            goal = len(load.outcomes) + 20
            wait_until(lambda goal=goal: len(load.outcomes) >= goal)
            probes += [fetch(service, path)[0] for path in ("/livez", "/readyz", "/metrics", "/v1/model")]
        wait_until(lambda: Counter(outcome.status for outcome in load.outcomes)[200] >= 3 * PLACES)
    assert probes == [200] * len(probes)
    counts = Counter(outcome.status for outcome in load.outcomes)
    assert set(counts) == {200, 503}  # none was reset, and none hung: that would raise in `stop`
    for outcome in load.faults():
        assert outcome.answer["error"]["code"] == "overloaded"
        assert outcome.headers["retry-after"] == "1"
    assert all(len(outcome.answer["predictions"]) == 20 for outcome in load.outcomes if outcome.status == 200)
    assert [ask_alone(service).status for _ in range(PLACES)] == [200] * PLACES
    metrics = fetch(service, "/metrics")[1]
    assert "\nstandpoint_turns_waiting 0.0\n" in metrics
    assert "\nstandpoint_http_requests_in_flight 1.0\n" in metrics  # the one for the metrics


def test_requests_that_take_too_long_are_ended_in_their_turn(models: Path, tmp_path: Path) -> None:
    """With more work queued than fits into the time of a request, everybody has an answer in about that time."""
    with run_service(models, tmp_path / "service.log", STANDPOINT_LIMIT_REQUEST_SECONDS="1") as service:
        service.wait_ready(STARTING)
        with Load(service, 16, body=make_body("long", copies=200, targets=20)) as load:
            wait_until(lambda: len(load.outcomes) >= 32)
        counts = Counter(outcome.status for outcome in load.outcomes)
        assert set(counts) <= {200, 504}
        assert counts[504] > 0
        assert ask_alone(service).status == 200
