"""Runs that crashed, were killed, interrupted, resumed, or still run are told apart; the stale are swept."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from tests.training.tracking.conftest import start_python
from training.cli import main
from training.tracking.lookup import find_tracked
from training.tracking.process import PROCESS, is_alive, process_tags
from training.tracking.runs import open_run, reopen_run
from training.tracking.states import STALE, describe_state, sweep_runs

HANGS = """
import sys, time
from training.tracking.runs import open_run
with open_run("stance", "hangs", {}, {"task": "stance"}) as run:
    print(run.id, flush=True)
    time.sleep(600)
"""


def test_a_killed_run_is_told_from_one_that_goes_on(store: Path) -> None:
    process = start_python(HANGS, store)
    try:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        assert describe_state(find_tracked(run)) == "running"
        assert sweep_runs() == []
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
    assert MlflowClient().get_run(run).info.status == "RUNNING"
    assert describe_state(find_tracked(run)) == STALE
    assert [found.id for found in sweep_runs()] == [run]
    assert describe_state(find_tracked(run)) == "killed"
    assert find_tracked(run).tags["error"] == "swept: its process was gone"
    assert sweep_runs() == []


def test_a_crash_says_its_error_and_ctrl_c_is_none(store: Path) -> None:
    with pytest.raises(ValueError, match="out of ink"), open_run("topic", "crashes", {}, {}):
        raise ValueError("out of ink")
    assert describe_state(find_tracked("crashes")) == "crashed: ValueError: out of ink"
    with pytest.raises(KeyboardInterrupt), open_run("topic", "stopped", {}, {}):
        raise KeyboardInterrupt
    assert describe_state(find_tracked("stopped")) == "killed"
    assert mlflow.active_run() is None


def test_a_resumed_run_says_so(store: Path) -> None:
    with pytest.raises(ValueError, match="half way"), open_run("topic", "twice", {}, {}) as run:
        raise ValueError("half way")
    with reopen_run(run.id, resumed=True):
        assert describe_state(find_tracked(run.id)) == "running, resumed 1 x"
    assert describe_state(find_tracked(run.id)) == "finished, resumed 1 x"
    with reopen_run(run.id):
        pass
    assert describe_state(find_tracked(run.id)) == "finished, resumed 1 x", "a model was added, nothing was resumed"


def test_another_machine_is_not_judged(store: Path) -> None:
    with open_run("stance", "far", {}, {}) as run:
        mlflow.set_tag(PROCESS, "elsewhere 0 1 2")
        assert describe_state(find_tracked(run.id)) == "running on elsewhere"
        assert sweep_runs() == []


def test_a_process_is_known_by_its_start_too() -> None:
    tag = process_tags()[PROCESS]
    assert is_alive(tag) is True
    assert is_alive(tag + "9") is False
    host, machine, process, started = tag.split(" ")
    assert is_alive(f"{host} {machine[::-1]}x {process} {started}") is None, "a container of the same name"
    assert is_alive("") is None


def test_runs_are_listed_with_what_is_below_them(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert "no run yet" in capsys.readouterr().out
    with open_run("stance", "above", {}, {"task": "stance"}) as above, open_run("stance", "below", {}, {}) as below:
        below.log_values({"validation.stance.macro_f1": 0.5})
    with open_run("topic", "other", {}, {"task": "topic", "quick": "true"}):
        pass
    assert main(["runs"]) == 0
    _, other, first, second = capsys.readouterr().out.splitlines()
    assert other.split()[0] == find_tracked("other").id[:8]
    assert "quick" in other
    assert first.endswith("  above")
    assert first.startswith(above.id[:8])
    assert second.endswith("    below")
    assert "stance.macro_f1 0.500" in second
    assert main(["runs", "--task", "topic", "--last", "1", "--sweep"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert captured.err == "0 swept\n"
