"""Runs and models of a store, with their files: found, deleted, purged for good."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from standpoint.errors import BadInput

MARK = "standpoint.clean"  # tag of a run whose removal has begun
GONE = "RESOURCE_DOES_NOT_EXIST"
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True)
class Store:
    """An open store. `folder` is where a local one keeps its database and files, None for a server's; of that only
    the runs of `user` may go."""

    uri: str
    folder: Path | None
    client: Any
    user: str

    def backend(self) -> Any:
        """Return the store below the client: only there can a row be removed for good."""
        from mlflow.tracking._tracking_service.utils import _get_store

        return _get_store(self.uri)


def find_files(store: Store, location: str) -> Path | None:
    """Return the folder of a run's or model's files, or None where it is not one below the local store's own folder.

    MLflow remembers absolute paths: in a copy of a project they are those of the original, whose files are not ours.
    """
    address = urlparse(location)
    if store.folder is None or address.scheme not in ("file", ""):
        return None
    path, home = Path(unquote(address.path)), store.folder.resolve()
    inside = path.is_absolute() and home in path.resolve().parents
    return path if inside else None


def mark_run(store: Store, run: str, models: Sequence[str]) -> None:
    """Mark a run and its models as deleted, for the `mlflow gc` of a server, which goes by the marks of each.

    What is gone already is fine. Raises BadInput where a version was registered meanwhile, or MLflow fails.
    """
    _refuse_registered(store, run, models)
    for model in models:
        with _report_errors(model):
            store.client.delete_logged_model(model)
    with _report_errors(run):
        _delete_run(store, run)


def purge_run(store: Store, run: str, models: Sequence[str]) -> None:
    """Remove a run with its models for good: their files, then their rows.

    The run is marked as deleted first, so that one whose removal is interrupted is removed by the next. What is gone
    already is fine. Raises BadInput where a version was registered meanwhile, or MLflow fails.
    """
    _refuse_registered(store, run, models)
    with _report_errors(run):
        found = _delete_run(store, run)
        for model in models:
            purge_model(store, model)
        _remove_files(store, found.info.artifact_uri)
        store.backend()._hard_delete_run(run)


def purge_model(store: Store, model: str) -> None:
    """Remove a model for good: its files, then its rows. What is gone already is fine. Raises as purge_run does."""
    _refuse_registered(store, "", [model])
    with _report_errors(model):
        backend = store.backend()
        found = backend.get_logged_model(model, allow_deleted=True)
        if model not in backend._get_deleted_logged_models():
            store.client.delete_logged_model(model)
        _remove_files(store, found.artifact_location)
        backend._hard_delete_logged_model(model)


def _delete_run(store: Store, run: str) -> Any:
    """Mark a run as deleted, and as deleted by us: what a person deleted may be wanted back."""
    found = store.client.get_run(run)
    if found.info.lifecycle_stage == "active":
        store.client.set_tag(run, MARK, "removal begun")
        store.client.delete_run(run)
    return found


@contextmanager
def _report_errors(where: str) -> Iterator[None]:
    """Raise MLflow's errors as BadInput, so that one of them ends one removal; that something is gone is none."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != GONE:
            raise BadInput(f"MLflow: {error.message.strip().splitlines()[0]}", where) from error


def _refuse_registered(store: Store, run: str, models: Sequence[str]) -> None:
    sources = {f"models:/{model}" for model in models}
    with _report_errors(run or models[0]):
        versions = store.client.search_model_versions()
    for version in versions:
        if version.model_id in models or version.source in sources or (run and version.run_id == run):
            raise BadInput(f"{version.name} {version.version} was registered meanwhile, and stays", run or models[0])


def _remove_files(store: Store, location: str) -> None:
    """Remove the folder of files, and the one above it that MLflow made for nothing else."""
    path = find_files(store, location)
    if path is None:
        raise BadInput("lies outside of this store; nothing was removed", location)
    if path.exists():
        shutil.rmtree(path)
    if path.name == "artifacts" and path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def compact_database(store: Store, patience: float = 5) -> int | None:
    """Give the pages of removed rows back to the disk; returns the bytes, or None where another process is writing.

    `patience` (seconds) is how long to wait for it. Raises BadInput where sqlite fails, for want of space above all: it
    writes the database anew beside the old one.
    """
    if store.folder is None:
        return 0
    database = store.folder / "mlflow.db"
    before = _size(database)
    try:
        with closing(sqlite3.connect(database, timeout=patience, isolation_level=None)) as connection:
            if connection.execute("PRAGMA freelist_count").fetchone() == (0,):
                return 0
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in BUSY:  # the lower byte; those above it tell the kinds of one error
            return None
        raise BadInput(f"could not be made smaller: {error}; free some space first", str(database)) from error
    return max(before - _size(database), 0)


def _size(database: Path) -> int:
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
