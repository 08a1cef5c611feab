"""A store made once and copied: migrating a fresh database takes seconds, copying it none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pytest

ROOT = Path(__file__).resolve().parents[3]


def start_python(code: str, folder: Path) -> subprocess.Popen[str]:
    """Start a Python process with the checkout's packages, working in `folder`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def template_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where three processes opened the store at once, and the exit code and errors of each."""
    folder = tmp_path_factory.mktemp("template")
    code = "from training.tracking.store import open_store; print(open_store())"
    processes = [start_python(code, folder) for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert out.strip() == f"sqlite:///{folder}/mlruns/mlflow.db"
    return folder


@contextmanager
def store_in(home: Path, template: Path) -> Iterator[Path]:
    """Copy the template's database into `home`, and work there for the time of the block."""
    (home / "mlruns").mkdir(parents=True)
    for file in (template / "mlruns").glob("mlflow.db*"):
        shutil.copy(file, home / "mlruns")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        yield home
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.set_tracking_uri(None)


@pytest.fixture
def store(template_store: Path, tmp_path: Path) -> Iterator[Path]:
    """A fresh store under a current folder of the test's own."""
    with store_in(tmp_path / "home", template_store) as home:
        yield home
