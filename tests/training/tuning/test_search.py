"""A search from the command line: its trials, its best artifact, and its runs in MLflow."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from standpoint.artifact import check_manifest, read_metadata
from standpoint.predictor import load_predictor
from tests.training.tuning.runs import read_runs
from training.cli import main
from training.tracking.searches import TABLE
from training.tuning import study as study_module
from training.tuning.search import Search, note_table, run_search

OPTIONS = ("--search", "max_features=100:2000", "min_documents=1:3")


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
    assert tracked.list_artifacts(parent.info.run_id)[0].path == TABLE
    table = mlflow.artifacts.load_text(f"{parent.info.artifact_uri}/{TABLE}")
    assert table.splitlines() == done.out.splitlines()[:5]
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


def test_the_note_of_a_long_search_names_its_first_trials_and_the_file_of_all() -> None:
    rows = ["trial", *(f"row {number}" for number in range(1, 13))]
    assert note_table(rows)[:2] == ["trial", "row 1"]
    assert note_table(rows)[-2:] == ["row 10", f"(the first 10 of 12; all of them: {TABLE}, under Artifacts)"]
    assert note_table(rows[:11]) == rows[:11]


def test_a_best_artifact_that_is_gone_is_not_offered(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["tune", "stance", "--data", str(lines), "--out", str(tmp_path / "a"), "--no-track", "--trials", "1"]
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "a" / "best")
    shutil.rmtree(tmp_path / "a" / "best")
    assert main(command) == 0
    done = capsys.readouterr()
    assert done.out.splitlines()[-1].startswith("the best of 1 was picked")
    assert "does not hold the artifact of trial 1 any more" in done.err
    assert done.err.splitlines()[-1].startswith("next: standpoint train stance")


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
