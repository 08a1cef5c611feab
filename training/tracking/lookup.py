"""Runs found by what people call them: an id, the beginning of one, a name, a registered version or its alias."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.tracking.runs import ABSENT, run_exists
from training.tracking.store import EXPERIMENTS, open_store

MODEL = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>.+)|/(?P<version>\d+))")
WAYS = "a run's id, the beginning of one, its name, or models:/NAME@ALIAS"
SHOWN = 5  # of the runs that a reference may mean


@dataclass(frozen=True)
class TrackedRun:
    """A run as the store has it. Parameters and tags are texts; `models` are the ids of the models logged by it."""

    id: str
    name: str
    experiment: str
    experiment_id: str
    status: str
    started: float  # seconds since 1970
    ended: float | None
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    models: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name with the beginning of the id, which tells two runs of one name apart."""
        return f"{self.name} ({self.id[:8]})"


def list_runs() -> list[TrackedRun]:
    """Return the runs of our experiments, newest first; deleted ones are left out."""
    return list(_search())


def find_tracked(reference: str) -> TrackedRun:
    """Return the run that `reference` means. Raises BadInput where it means none, or several."""
    open_store()
    versioned = MODEL.fullmatch(reference)
    if reference.startswith("models:") and not versioned:
        raise BadInput("expected models:/NAME@ALIAS or models:/NAME/VERSION", reference)
    if versioned:
        return _find_versioned(reference, **versioned.groupdict())
    if re.fullmatch(r"[0-9a-f]{32}", reference) and run_exists(reference):
        return _read_run(reference)
    runs = list_runs()
    found = []
    if re.fullmatch(r"[0-9a-f]{4,31}", reference):
        found = [run for run in runs if run.id.startswith(reference)]
    found = found or [run for run in runs if run.name == reference]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(f"no run of this store is called so; expected {WAYS}; see: standpoint runs", reference)
    known = ", ".join(run.id[:8] for run in found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
    raise BadInput(f"{len(found)} runs are called so ({known}); give the id of one", reference)


@contextmanager
def open_file(run: TrackedRun, path: str) -> Iterator[Path | None]:
    """Yield a copy of a file of a run for the time of the block, or None where the run has no such file."""
    import mlflow
    from mlflow import MlflowClient

    folder = path.rpartition("/")[0]
    present = {entry.path for entry in MlflowClient().list_artifacts(run.id, folder or None)}
    if path not in present:
        yield None
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(mlflow.artifacts.download_artifacts(run_id=run.id, artifact_path=path, dst_path=scratch))


def _find_versioned(reference: str, name: str, alias: str | None, version: str | None) -> TrackedRun:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    try:
        found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
    except MlflowException as error:
        if error.error_code not in ABSENT:
            raise
        raise BadInput("no such registered version; see: standpoint history NAME", reference) from None
    run = found.run_id or (client.get_logged_model(found.model_id).source_run_id if found.model_id else None)
    if not run:
        raise BadInput("this version was not registered from a run; compare runs by their ids", reference)
    if not run_exists(run):
        raise BadInput(f"its run {run} was removed from this store", reference)
    return _read_run(run)


def _read_run(identifier: str) -> TrackedRun:
    from mlflow import MlflowClient

    found = MlflowClient().get_run(identifier)
    return _read(found, MlflowClient().get_experiment(found.info.experiment_id).name)


def _search() -> Iterator[TrackedRun]:
    from mlflow import MlflowClient

    open_store()
    client = MlflowClient()
    experiments = [client.get_experiment_by_name(name) for name in EXPERIMENTS]
    places = {experiment.experiment_id: experiment.name for experiment in experiments if experiment is not None}
    token = None
    while True:
        page = client.search_runs(list(places), page_token=token, order_by=["attributes.start_time DESC"])
        yield from (_read(run, places[run.info.experiment_id]) for run in page)
        token = page.token
        if not token:
            return


def _read(run: Any, experiment: str) -> TrackedRun:
    info = run.info
    outputs = run.outputs.model_outputs if run.outputs else []
    return TrackedRun(
        info.run_id,
        info.run_name or "",
        experiment,
        info.experiment_id,
        info.status,
        info.start_time / 1000,
        info.end_time / 1000 if info.end_time else None,
        dict(run.data.params),
        dict(run.data.tags),
        dict(run.data.metrics),
        tuple(output.model_id for output in outputs),
    )
