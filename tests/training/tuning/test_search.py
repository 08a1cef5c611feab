"""A search from the command line: its trials, its best artifact, its runs in MLflow, and what survives a kill."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient

from standpoint.artifact import check_manifest, read_metadata
from standpoint.predictor import load_predictor
from tests.artifacts import TRANSFORMER, make_request, stance_examples
from training.cli import main
from training.tuning import search as search_module
from training.tuning import study as study_module
from training.tuning.search import Search, run_search
from training.tuning.space import Choices, Range
from training.tuning.study import PASSES, list_trials, open_study

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = ("--search", "max_features=100:2000", "min_documents=1:3")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return labelled lines whose labels are hard enough for settings to matter."""
    rows = []
    for place, example in enumerate(stance_examples(120).examples):
        stance = "none" if place % 7 == 0 else example.stance
        rows.append({"text": example.text, "target": example.target, "stance": stance, "group": example.group})
    path = tmp_path_factory.mktemp("lines") / "stance.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowClient]:
    """Name a store of this file's own to MLflow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db")
        yield MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    mlflow.set_tracking_uri(None)


def read_runs(client: MlflowClient, out: Path) -> tuple[Any, list[Any]]:
    """Return the one run of the search in a folder, and those of its trials in their order."""
    with sqlite3.connect(out / "study.db") as database:
        [(name,)] = database.execute("select value_json from study_user_attributes where key = 'search'")
    experiment = client.get_experiment_by_name("standpoint-stance").experiment_id
    [parent] = client.search_runs([experiment], f"tags.search = '{json.loads(name)}'")
    children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    return parent, sorted(children, key=lambda run: int(run.data.tags["trial"]))


def test_a_search_ends_in_the_best_artifact_and_says_how_to_train_it_again(
    lines: Path,
    tracked: MlflowClient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["tune", "stance", "--data", str(lines), "--out", "found", "--set", "words=1", *OPTIONS]
    assert main([*command, "--trials", "2"]) == 0
    first = capsys.readouterr()
    assert first.out.splitlines()[0].endswith("changed (value: stance.macro_f1 on validation)")
    assert "words" not in first.err.split("not searched:")[0]
    assert main([*command, "--trials", "4"]) == 0
    done = capsys.readouterr()
    assert [line.split()[0] for line in done.out.splitlines()[1:5]] == ["1", "2", "3", "4"]
    assert "the best of 4 was picked on the very" in done.out
    assert done.out.splitlines()[-1] == "found/best"
    assert "trial 3 of 4" in done.err
    assert "trial 2 of 4" not in done.err

    best = load_predictor(tmp_path / "found" / "best")
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == [".lock", "best", "study.db"]
    again = next(line for line in done.err.splitlines() if line.startswith("next: ")).removeprefix("next: standpoint ")
    assert main([*shlex.split(again), "--no-track"]) == 0
    trained = read_metadata(tmp_path / "runs" / "stance-baseline-tuned")
    assert (trained.metrics, trained.settings) == (best.metadata.metrics, best.metadata.settings)

    parent, children = read_runs(tracked, tmp_path / "found")
    assert (parent.info.status, parent.info.run_name.endswith(" · search")) == ("FINISHED", True)
    assert parent.data.params["space.strength"] == "0.5 to 100, by ratio"
    assert parent.data.params["words"] == "1"
    assert parent.data.metrics["trials.complete"] == 4
    value = best.metadata.metrics["stance.macro_f1"]["value"]
    assert parent.data.metrics["best.validation.stance.macro_f1"] == value
    chosen = children[int(parent.data.tags["best.trial"]) - 1]
    assert chosen.info.run_id == best.metadata.run
    assert chosen.data.metrics["validation.stance.macro_f1"] == value
    assert parent.data.tags["best.strength"] == chosen.data.params["strength"]
    assert "the best of 4" in parent.data.tags["mlflow.note.content"]
    assert [run.data.tags["trial"] for run in children] == ["1", "2", "3", "4"]
    assert {run.info.status for run in children} == {"FINISHED"}
    assert {run.data.tags["state"] for run in children} == {"complete"}
    assert not any(run.outputs.model_outputs for run in children)


def test_the_same_number_of_trials_does_nothing_more(
    lines: Path, tracked: MlflowClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["tune", "stance", "--data", str(lines), "--out", str(tmp_path / "a"), "--trials", "2", *OPTIONS]
    assert main(command) == 0
    out, runs, digest = capsys.readouterr().out, read_runs(tracked, tmp_path / "a"), check_manifest(tmp_path / "a/best")
    assert main(command) == 0
    assert capsys.readouterr().out == out
    assert check_manifest(tmp_path / "a/best") == digest
    again = read_runs(tracked, tmp_path / "a")
    assert again[0].info.end_time == runs[0].info.end_time
    assert len(again[1]) == len(runs[1]) == 2


def test_a_search_on_other_data_is_refused(lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tune", "stance", "--data", str(lines), "--out", str(tmp_path / "a"), "--no-track", "--trials", "1"]
    assert main(command) == 0
    capsys.readouterr()
    assert main([*command, "--limit", "60", "--seed", "14", "--set", "strength=2"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "holds a search with another data, seed, fixed settings, space, and its trials" in last


def test_the_space_is_printed_without_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "topic", "--data", "nowhere", "--space", "--set", "words=1", "--search", "strength=1:2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "  strength: 1 to 2, by ratio  (first 2.0)" in shown
    assert "  words = 1  (--set)" in shown


def test_trials_that_their_settings_spoil_have_failed(
    lines: Path, tiny_encoder: Path, tracked: MlflowClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", str(lines), "--encoder", str(tiny_encoder), "--set", "max_length=4096", "--trials", "2"]
    assert main(["tune", "stance", "--model", "transformer", *options, "--out", str(tmp_path / "a")]) == 2
    done = capsys.readouterr()
    assert (
        "no trial was completed; the last one: max_length is 4096, the encoder reads 128" in done.err.splitlines()[-1]
    )
    parent, children = read_runs(tracked, tmp_path / "a")
    assert (parent.info.status, parent.data.metrics["trials.failed"]) == ("FINISHED", 2)
    assert [(run.info.status, run.data.tags["state"]) for run in children] == [("FAILED", "failed")] * 2
    assert not (tmp_path / "a" / "best").exists()


def test_bad_data_end_the_search(lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(lines.read_text().splitlines()[:6]))
    assert main(["tune", "stance", "--data", str(few), "--out", str(tmp_path / "a"), "--no-track"]) == 2
    assert "training examples; at least 8 are needed" in capsys.readouterr().err.splitlines()[-1]


@pytest.fixture
def fine_tuning(tiny_encoder: Path, tmp_path: Path) -> Search:
    """Return a search of a tiny transformer, between a learning rate that learns and ones that cannot."""
    settings = replace(TRANSFORMER, epochs=4, checkpoint_every=1)
    request = make_request(stance_examples(48), settings=settings, encoder=str(tiny_encoder))
    return Search(request, {"learning_rate": Range(1e-8, 3e-3, log=True)}, tmp_path / "found")


def test_a_pruned_trial_ends_early_and_keeps_nothing(
    fine_tuning: Search, tracked: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_module, "JUDGED_TRIALS", 1)
    trials = run_search(fine_tuning, 2)
    assert [trial.state for trial in trials] == ["complete", "pruned"]
    assert sorted(path.name for path in fine_tuning.out.iterdir()) == [".lock", "best", "study.db"]
    assert read_metadata(fine_tuning.best).settings["learning_rate"] == 3e-3
    parent, children = read_runs(tracked, fine_tuning.out)
    assert [(run.info.status, run.data.tags["state"]) for run in children] == [
        ("FINISHED", "complete"),
        ("KILLED", "pruned"),
    ]
    assert parent.data.metrics["trials.pruned"] == 1
    passes = [len(tracked.get_metric_history(run.info.run_id, "validation")) for run in children]
    assert passes == [4, 2]


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
