"""A search that crashes, is stopped or is killed goes on, and ends as one that was not."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from standpoint.errors import BadInput
from tests.training.tuning.runs import read_runs
from training.cli import main
from training.tuning import search as search_module
from training.tuning import study as study_module
from training.tuning.search import Search, run_search
from training.tuning.space import Choices
from training.tuning.study import PASSES, list_trials, open_study

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = ("--search", "max_features=100:2000", "min_documents=1:3")


def test_a_trial_that_crashes_twice_has_failed_and_the_search_goes_on(
    fine_tuning: Search, tracked: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = search_module.train_model

    def crash(request: Any, *rest: Any, **named: Any) -> Any:
        if request.settings.learning_rate == 3e-3:  # the first trial's
            raise MemoryError("no memory left")
        return original(request, *rest, **named)

    monkeypatch.setattr(search_module, "train_model", crash)
    for _ in range(2):
        with pytest.raises(MemoryError, match="no memory left"):
            run_search(fine_tuning, 2)
    trials = run_search(fine_tuning, 2)
    assert [trial.state for trial in trials] == ["failed", "complete"]
    parent, children = read_runs(tracked, fine_tuning.out)
    assert [run.data.tags["state"] for run in children] == ["failed", "complete"]
    assert children[0].info.status == "FAILED"
    assert children[0].data.tags["mlflow.note.content"].startswith("its process died twice after 0 passes")
    assert (parent.info.status, parent.data.metrics["trials.failed"]) == ("FINISHED", 1)


def test_what_is_wrong_for_every_trial_is_no_death_of_one(fine_tuning: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*rest: Any, **named: Any) -> Any:
        raise BadInput("no such encoder", "--encoder")

    with monkeypatch.context() as patch:
        patch.setattr(search_module, "train_model", refuse)
        for _ in range(3):
            with pytest.raises(BadInput, match="--encoder: no such encoder"):
                run_search(fine_tuning, 1, track=False)
    [trial] = run_search(fine_tuning, 1, track=False)
    assert trial.state == "complete"


def test_a_fine_tuning_that_was_interrupted_goes_on_from_its_checkpoint(
    fine_tuning: Search, tracked: MlflowClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine_tuning = replace(fine_tuning, space={"learning_rate": Choices((3e-3, 2e-3))})
    whole = run_search(replace(fine_tuning, out=tmp_path / "whole"), 1, track=False)
    seen: list[int] = []
    report = study_module.report_pass

    def interrupt(trial: Any, step: int, score: float) -> bool:
        seen.append(step)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return report(trial, step, score)

    with monkeypatch.context() as patch:
        patch.setattr(study_module, "report_pass", interrupt)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            run_search(fine_tuning, 1)
    resumed: list[int] = []
    original = search_module.train_model
    monkeypatch.setattr(
        search_module,
        "train_model",
        lambda request, out, observe, resume: original(request, out, watch(observe), resume),
    )

    def watch(observe: Any) -> Any:
        return lambda step, metrics: (resumed.append(step), observe(step, metrics))

    [trial] = run_search(fine_tuning, 1)
    assert trial.score == whole[0].score
    assert min(resumed) > seen[1]
    with open_study(fine_tuning.out, search_module.make_key(fine_tuning)) as study:
        [tried] = list_trials(study, fine_tuning.settings, fine_tuning.space)
        assert len(study.trials) == 2
        assert len(study.trials[-1].user_attrs[PASSES]) == len(study.trials[-1].intermediate_values) == 4
    assert tried == trial
    _, [child] = read_runs(tracked, fine_tuning.out)
    steps = [point.step for point in tracked.get_metric_history(child.info.run_id, "validation")]
    assert len(steps) == len(set(steps)) == 4
    assert child.info.status == "FINISHED"


def kill_within(process: subprocess.Popen[str], storage: Path, number: int) -> None:
    """Kill a search while its trial of a number (from 1) runs."""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # what is seen now is still so when the kill arrives
        if is_running(storage, number):
            process.kill()
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    assert process.returncode == -signal.SIGKILL, process.communicate()[1]
    assert is_running(storage, number)


def is_running(storage: Path, number: int) -> bool:
    try:
        with sqlite3.connect(f"file:{storage}?mode=ro", uri=True, timeout=0) as database:
            rows = database.execute("select state from trials order by number").fetchall()
    except sqlite3.OperationalError:  # not made yet, or being written to
        return False
    return len(rows) == number and rows[-1] == ("RUNNING",)


def test_a_killed_search_ends_as_an_uninterrupted_one(
    lines: Path, tracked: MlflowClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["tune", "stance", "--data", str(lines), "--trials", "3", *OPTIONS, "--out"]
    assert main([*command, str(tmp_path / "whole"), "--no-track"]) == 0
    whole = capsys.readouterr().out
    process = subprocess.Popen(
        [sys.executable, "-m", "training.cli", *command, str(tmp_path / "cut")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    kill_within(process, tmp_path / "cut" / "study.db", 2)
    assert main([*command, str(tmp_path / "cut")]) == 0
    cut = capsys.readouterr()
    assert "trial 1 of 3" not in cut.err

    def rows(table: str) -> list[str]:
        """Leave out the seconds."""
        return [line.partition(" s  ")[2] or line for line in table.splitlines()[:-1]]

    assert rows(cut.out) == rows(whole)
    found = [tmp_path / name / "best" / "golden.jsonl" for name in ("whole", "cut")]
    assert found[0].read_bytes() == found[1].read_bytes()
    with sqlite3.connect(tmp_path / "cut" / "study.db") as database:
        states = [state for (state,) in database.execute("select state from trials order by number")]
    assert states == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    parent, children = read_runs(tracked, tmp_path / "cut")
    assert (parent.info.status, parent.data.metrics["trials.complete"]) == ("FINISHED", 3)
    assert [run.data.tags["trial"] for run in children] == ["1", "2", "3"]
    assert {run.info.status for run in children} == {"FINISHED"}
