"""Workers and services that end while they are asked."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess
from tests.serving.application import wait_until
from tests.serving.faults.load import Load, Outcome, ask_alone, fetch, make_body, open_raw, read_log
from tests.serving.faults.running import STARTING, run_service, worker_pids


@pytest.fixture(scope="module")
def pair(models: Path, log: Path) -> Iterator[ServiceProcess]:
    """A service of two workers; the last test of this module ends it."""
    with run_service(models, log, workers=2) as service:
        service.wait_ready(STARTING)
        yield service


def test_a_killed_worker_takes_nobody_elses_requests_with_it_and_comes_back(
    pair: ServiceProcess, record_property: Callable[[str, object], None]
) -> None:
    killed, other = worker_pids(pair)
    threads = 8
    with Load(pair, threads) as load:
        _wait_for_more(load, 50)
        os.kill(killed, signal.SIGKILL)
        _wait_for_more(load, 50)
        wait_until(lambda: len(worker_pids(pair)) == 2 and killed not in worker_pids(pair))
        _wait_for_more(load, 50)
    lost = load.faults()
    # Of each client at most the one that the killed worker had: 1 to 8 where it was measured, with 8 clients.
    record_property("lost_by_kill", len(lost))
    assert len(lost) <= threads
    assert {outcome.status for outcome in lost} <= {None}
    assert other in worker_pids(pair)
    assert [ask_alone(pair, f"after-{n}").status for n in range(20)] == [200] * 20


def test_sigterm_answers_all_that_was_admitted_and_refuses_what_comes_later(
    pair: ServiceProcess, log: Path, record_property: Callable[[str, object], None]
) -> None:
    """What was admitted is what the log has: it must be what the clients have, one by one."""
    long: list[Outcome] = []
    body = make_body("long", copies=100, targets=10)
    longer = [threading.Thread(target=lambda n=n: long.append(ask_alone(pair, f"long-{n}", body))) for n in range(4)]
    before = {line["request_id"] for line in read_log(log) if "request_id" in line}
    with Load(pair, 4) as kept, Load(pair, 4, keep_open=False) as fresh:
        _wait_for_more(kept, 20)
        for thread in longer:
            thread.start()
        _wait_for_more(fresh, 20)
        pair.stop()
    for thread in longer:
        thread.join()
    assert pair._process.returncode == 0  # it is killed, and the code another, where it takes longer than the drain
    with pytest.raises(ConnectionRefusedError), open_raw(pair):
        pass
    outcomes = [*kept.outcomes, *fresh.outcomes, *long]
    answered = {outcome.id: outcome.status for outcome in outcomes if outcome.status is not None}
    lines = [line for line in read_log(log) if line.get("route") == "/v1/predict"]
    logged = {line["request_id"]: line["status"] for line in lines if line["request_id"] not in before}
    assert set(answered.values()) == {200}
    assert answered.items() >= logged.items()
    assert len(long) == 4
    record_property("not_admitted_on_kept_connections", sum(o.status is None and o.reused for o in kept.outcomes))
    record_property("not_admitted_on_new_connections", sum(o.status is None and not o.reused for o in outcomes))


def test_what_is_not_done_in_the_time_to_finish_is_told_so(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standpoint.service_process.DRAIN_SECONDS", 4.0)  # two of them for the requests
    long: list[Outcome] = []
    body = make_body("long", copies=900, targets=40)
    with run_service(models, tmp_path / "service.log") as service:
        service.wait_ready(STARTING)
        threads = [
            threading.Thread(target=lambda n=n: long.append(ask_alone(service, f"l{n}", body))) for n in range(8)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: "standpoint_turns_waiting 7.0" in fetch(service, "/metrics")[1])
        service.stop()
        for thread in threads:
            thread.join()
        assert service._process.returncode == 0
    ended = [outcome for outcome in long if outcome.status == 503]
    assert len(ended) > 0
    assert {outcome.answer["error"]["code"] for outcome in ended} == {"ending"}
    assert {outcome.headers["retry-after"] for outcome in ended} == {"1"}
    assert {outcome.status for outcome in long} <= {200, 503}


def _wait_for_more(load: Load, count: int) -> None:
    goal = len(load.outcomes) + count
    wait_until(lambda: len(load.outcomes) >= goal)
