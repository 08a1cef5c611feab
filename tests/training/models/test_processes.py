"""Several processes, started by torchrun as a user starts them, train one model."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from safetensors.torch import load_file

from standpoint.artifact import sha256
from standpoint.predictor import load_predictor
from tests.artifacts import cut, stance_examples
from training.scoring import predict_examples, score_predictions

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = ("epochs=24", "least_steps=0", "batch=16", "max_length=48", "learning_rate=0.003", "freeze_embeddings=false")


def list_launcher(processes: int) -> list[str]:
    """Return the words that start so many processes, which meet at a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--master-port", str(port)]


def launch(folder: Path, encoder: Path, out: str, processes: int, *more: str) -> str:
    """Run `standpoint train` in so many processes; return what it said."""
    data = ["--data", str(folder / "train.jsonl"), "--validation", str(folder / "validation.jsonl")]
    train = ["train", "stance", "--model", "transformer", "--encoder", str(encoder), *data, "--out", out]
    launcher = list_launcher(processes) if processes > 1 else []
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "training.cli", *train, "--set", *SETTINGS, *more],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with labelled lines to train and to validate on."""
    for name, part in zip(("train", "validation"), cut(stance_examples(240), 0.6), strict=True):
        rows = ({"text": e.text, "target": e.target, "stance": e.stance, "group": e.group} for e in part.examples)
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_two_processes_train_what_one_trains(folder: Path, tiny_encoder: Path) -> None:
    said = launch(folder, tiny_encoder, "one", 1, "--no-track")
    said = launch(folder, tiny_encoder, "two", 2)
    assert said.count("validation stance.macro_f1") == 1  # the first process speaks for both
    held = cut(stance_examples(240), 0.6)[1]
    scores = {}
    for name in ("one", "two"):
        predictor = load_predictor(folder / name)
        scores[name] = score_predictions(predict_examples(predictor, held), held)["stance.macro_f1"]
    assert max(scores["one"].low, scores["two"].low) <= min(scores["one"].high, scores["two"].high)
    assert min(score.low for score in scores.values()) > 0.5  # both have learned: chance is a third
    weights = [load_file(folder / name / "model.safetensors") for name in ("one", "two")]
    assert any(not np.array_equal(weights[0][key].numpy(), weights[1][key].numpy()) for key in weights[0])

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    [run] = client.search_runs([client.get_experiment_by_name("standpoint-stance").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["processes"] == 2
    mlflow.set_tracking_uri(None)


def test_two_processes_repeat_themselves(folder: Path, tiny_encoder: Path) -> None:
    for name in ("first", "again"):
        launch(folder, tiny_encoder, name, 2, "epochs=2", "--no-track")
    assert sha256(folder / "first" / "model.safetensors") == sha256(folder / "again" / "model.safetensors")


SUMMED = """
import sys, torch
from standpoint.errors import BadInput
from training.models.processes import join_processes

with join_processes() as processes:
    both, last = torch.nn.Parameter(torch.zeros(2, 3)), torch.nn.Parameter(torch.zeros(4))
    both.grad = torch.full((2, 3), processes.rank + 1.0)
    if processes.rank == 1:  # the other one had no part in the batch
        last.grad = torch.arange(4.0)
    processes.sum_gradients([both, last])
    processes.agree(7)
    try:
        processes.agree(processes.rank)
    except BadInput as error:
        found = [both.grad.unique().tolist(), last.grad.tolist(), error.message]
        sys.stdout.write(f"{found}\\n")  # in one piece: both processes write
"""


def test_gradients_are_summed_in_all_processes_and_steps_compared(tmp_path: Path) -> None:
    (tmp_path / "summed.py").write_text(SUMMED)
    done = subprocess.run(
        [sys.executable, *list_launcher(2), "summed.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("[[3.0], [0.0, 1.0, 2.0, 3.0], 'the processes stand at steps 0, 1; to be resumed,") == 2
