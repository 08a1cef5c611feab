"""A training that is killed goes on and ends in the same weights, in the same MLflow run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
import torch
from mlflow import MlflowClient
from safetensors.torch import load_file

from standpoint.artifact import sha256
from tests.artifacts import TRANSFORMER, cut, make_request, stance_examples
from training.commands.models import _say_resumed
from training.models.checkpoint import Checkpoint, Place
from training.models.optimiser import make_optimiser
from training.models.train import find_checkpoint, train_model
from training.models.weights import new_model

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = ("epochs=6", "least_steps=0", "batch=4", "max_length=48", "learning_rate=0.003", "checkpoint_every=3")


@pytest.fixture
def lines(tmp_path: Path) -> tuple[Path, Path]:
    """Return labelled lines to train and to validate on."""
    files = tmp_path / "train.jsonl", tmp_path / "validation.jsonl"
    for file, part in zip(files, cut(stance_examples()), strict=True):
        rows = ({"text": e.text, "target": e.target, "stance": e.stance, "group": e.group} for e in part.examples)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return files


@pytest.fixture
def start(tiny_encoder: Path, lines: tuple[Path, Path], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start `standpoint train` as a process of its own."""
    running = []

    def start_training(out: str, *more: str) -> subprocess.Popen[str]:
        data = ["--data", str(lines[0]), "--validation", str(lines[1]), "--encoder", str(tiny_encoder)]
        command = [sys.executable, "-m", "training.cli", "train", "stance", "--model", "transformer", *data]
        process = subprocess.Popen(
            [*command, "--out", out, "--set", *SETTINGS, *more],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start_training
    for process in running:
        process.kill()
        process.communicate()
    mlflow.set_tracking_uri(None)


def kill_after(process: subprocess.Popen[str], checkpoint: Checkpoint, step: int) -> None:
    """Kill a training once its checkpoint is past a step."""
    for _ in range(2400):
        header = checkpoint.read()
        if header and header["place"]["step"] >= step:
            break
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_and_resumed_ends_in_the_same_weights_and_one_run(start: Callable[..., Any], tmp_path: Path) -> None:
    whole = start("runs/whole", "--no-track")
    cut_off = start("runs/cut")
    checkpoint = Checkpoint(tmp_path / "runs" / ".cut.checkpoint", "")
    for step in (9, 60):
        kill_after(cut_off, checkpoint, step)
        assert not (tmp_path / "runs" / "cut").exists()
        cut_off = start("runs/cut", "--resume")
    said = cut_off.communicate(timeout=300)[1]
    assert cut_off.returncode == 0, said
    assert "resuming after step" in said
    assert whole.wait(timeout=300) == 0
    assert sha256(tmp_path / "runs/cut/model.safetensors") == sha256(tmp_path / "runs/whole/model.safetensors")
    assert not list((tmp_path / "runs").glob(".*checkpoint*"))

    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    [run] = client.search_runs([client.get_experiment_by_name("standpoint-stance").experiment_id])
    assert run.info.status == "FINISHED"
    for metric in ("loss", "learning_rate", "validation"):
        steps = [point.step for point in client.get_metric_history(run.info.run_id, metric)]
        assert len(steps) == len(set(steps)) > 3


def test_without_resume_training_starts_anew(tiny_encoder: Path, tmp_path: Path) -> None:
    request = make_request(
        stance_examples(24), settings=replace(TRANSFORMER, epochs=2, checkpoint_every=1), encoder=str(tiny_encoder)
    )
    checkpoint = find_checkpoint(request, tmp_path / "model")

    class StopError(Exception):
        pass

    def stop(step: int, metrics: dict[str, float]) -> None:
        if "validation" in metrics:
            raise StopError

    with pytest.raises(StopError, match=r"^$"):
        train_model(request, tmp_path / "model", stop)
    standing = checkpoint.read()
    assert standing is not None
    assert standing["place"]["step"] == 2
    train_model(request, tmp_path / "model")
    train_model(request, tmp_path / "again")
    weights = [load_file(tmp_path / name / "model.safetensors") for name in ("model", "again")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert checkpoint.read() is None


def test_what_decides_about_the_weights_is_in_the_key(tiny_encoder: Path, tmp_path: Path) -> None:
    request = make_request(stance_examples(24), settings=TRANSFORMER, encoder=str(tiny_encoder))
    keys = {
        find_checkpoint(changed, tmp_path / "model").key
        for changed in (
            request,
            replace(request, seed=2),
            replace(request, settings=replace(TRANSFORMER, batch=3)),
            replace(request, train=cut(stance_examples(30))[0]),
        )
    }
    assert len(keys) == 4
    often = replace(request, settings=replace(TRANSFORMER, checkpoint_every=7), run="another")
    assert find_checkpoint(often, tmp_path / "model").key in keys


def test_another_training_is_not_gone_on_from(tiny_encoder: Path, tmp_path: Path) -> None:
    model = new_model(str(tiny_encoder), 3, TRANSFORMER)
    optimiser = make_optimiser(model, TRANSFORMER)
    place = Place(step=3, passes=1, done=1)
    Checkpoint(tmp_path / "c", "mine").save(model, optimiser, place, {})
    assert Checkpoint(tmp_path / "c", "other").restore(model, optimiser) is None
    standing = Checkpoint(tmp_path / "c", "mine").restore(model, optimiser)
    assert standing is not None
    assert standing[0] == place
    with pytest.raises(Exception, match="was left by a training on other data, settings, seed or versions"):
        _say_resumed(Checkpoint(tmp_path / "c", "other"))


@pytest.mark.parametrize("content", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", b"no checkpoint"])
def test_a_broken_checkpoint_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c").write_bytes(content)
    assert Checkpoint(tmp_path / "c", "key").read() is None
