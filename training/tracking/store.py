"""The MLflow store: where it is, and how it is created safely when several processes want it at once."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

EXPERIMENTS = ("standpoint-topic", "standpoint-stance", "standpoint-compare")


def open_store(folder: Path | None = None) -> str:
    """Point MLflow to its store and return the tracking URI.

    `MLFLOW_TRACKING_URI` is honoured; else `mlflow.db` in `folder` (default: mlruns under the current folder), created
    under a file lock (a fresh database that two processes migrate at once is left broken) and switched to
    write-ahead logging, with which several writers are several times faster.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_DISABLE_AGENT_HINT", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import mlflow

    named = os.environ.get("MLFLOW_TRACKING_URI")
    local = folder is not None or not named
    if local:
        folder = (folder or Path("mlruns")).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder / ".store.lock"):
            mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
            # MLflow writes its choice into the environment, where the next call would take it for the user's.
            os.environ.pop("MLFLOW_TRACKING_URI", None)
            if named:
                os.environ["MLFLOW_TRACKING_URI"] = named
            _create_experiments(folder / "artifacts")
            with closing(sqlite3.connect(folder / "mlflow.db")) as database:
                database.execute("PRAGMA journal_mode=wal")
    else:
        mlflow.set_tracking_uri(str(named))
        _create_experiments(None)
    return str(mlflow.get_tracking_uri())


def _create_experiments(artifacts: Path | None) -> None:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    for name in EXPERIMENTS:
        if client.get_experiment_by_name(name) is None:
            location = (artifacts / name).as_uri() if artifacts else None
            try:
                client.create_experiment(name, artifact_location=location)
            except MlflowException:  # a server's other client was faster
                if client.get_experiment_by_name(name) is None:
                    raise


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
