"""The MLflow store: where it is, and how it is created safely when several processes want it at once."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput

# What the page of each says above its runs.
EXPERIMENTS = {
    "standpoint-topic": "Topics of passages. Scores on `validation` choose; those on `test` are reported.",
    "standpoint-stance": "Stances toward a target. Scores on `validation` choose; those on `test` are reported.",
    "standpoint-compare": "Runs compared on the examples that all of them answered.",
}
# Without it the page takes what it finds for a chat application, and shows traces instead of runs.
KIND = {"mlflow.experimentKind": "custom_model_development"}
# How long a server that does not answer is waited for when the store is opened; MLflow itself goes on for four minutes,
# or, at an address that swallows what is sent there, for a quarter of an hour. An open run keeps that patience.
SOON = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


def open_store(folder: Path | None = None) -> str:
    """Point MLflow to its store and return the tracking URI.

    `MLFLOW_TRACKING_URI` is honoured; else `mlflow.db` in `folder` (default: mlruns under the current folder), created
    under a file lock (a fresh database that two processes migrate at once is left broken) and switched to
    write-ahead logging, with which several writers are several times faster. Raises BadInput where no store answers at
    the address named.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_DISABLE_AGENT_HINT", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    # Of a run on a server MLflow prints the address to standard output, where our results go.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
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
        with _expect_answer(str(named)):
            _create_experiments(None)
    return str(mlflow.get_tracking_uri())


def _create_experiments(artifacts: Path | None) -> None:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    for name, purpose in EXPERIMENTS.items():
        tags = {**KIND, "mlflow.note.content": purpose}
        found = client.get_experiment_by_name(name)
        if found is None:
            location = (artifacts / name).as_uri() if artifacts else None
            try:
                client.create_experiment(name, artifact_location=location, tags=tags)
            except MlflowException:  # a server's other client was faster
                if client.get_experiment_by_name(name) is None:
                    raise
        elif found.lifecycle_stage == "active":
            for key in tags.keys() - found.tags.keys():  # it was made before there were any
                client.set_experiment_tag(found.experiment_id, key, tags[key])


def try_twice(call: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """Call MLflow, and once more where that fails.

    What it makes unless it is there, PostgreSQL refuses to one of two processes that make it at the same moment; at the
    second try it is there.
    """
    from mlflow.exceptions import MlflowException

    try:
        call(*arguments, **options)
    except MlflowException:
        call(*arguments, **options)


@contextmanager
def _expect_answer(uri: str) -> Iterator[None]:
    """Give up soon on a store that does not answer, and raise what it said as BadInput."""
    from mlflow.exceptions import MlflowException

    brief = {name: value for name, value in SOON.items() if name not in os.environ}
    os.environ.update(brief)
    try:
        yield
    except MlflowException as error:
        way_out = "start the server or mend its address; without MLFLOW_TRACKING_URI runs are kept in mlruns"
        raise BadInput(f"no MLflow store answers: {error.message.strip()[:400]}; {way_out}", uri) from error
    finally:
        for name in brief:
            os.environ.pop(name, None)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
