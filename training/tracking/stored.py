"""Runs and models of a store, with their files: found, deleted, purged for good."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from standpoint.errors import BadInput


@dataclass(frozen=True)
class Store:
    """An open store. `folder` is where a local one keeps its database and files, None for a server's."""

    uri: str
    folder: Path | None
    client: Any

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

    Raises BadInput where a version was registered meanwhile.
    """
    _refuse_registered(store, run, models)
    for model in models:
        store.client.delete_logged_model(model)
    store.client.delete_run(run)


def purge_run(store: Store, run: str, models: Sequence[str]) -> None:
    """Remove a run with its models for good: their files, then their rows.

    The run is marked as deleted first, so that one whose removal is interrupted is removed by the next. Raises BadInput
    where a version was registered meanwhile.
    """
    _refuse_registered(store, run, models)
    found = store.client.get_run(run)
    if found.info.lifecycle_stage == "active":
        store.client.delete_run(run)
    for model in models:
        purge_model(store, model)
    _remove_files(store, found.info.artifact_uri)
    store.backend()._hard_delete_run(run)


def purge_model(store: Store, model: str) -> None:
    """Remove a model for good: its files, then its rows."""
    backend = store.backend()
    found = backend.get_logged_model(model, allow_deleted=True)
    _refuse_registered(store, "", [model])
    if model not in backend._get_deleted_logged_models():
        store.client.delete_logged_model(model)
    _remove_files(store, found.artifact_location)
    backend._hard_delete_logged_model(model)


def _refuse_registered(store: Store, run: str, models: Sequence[str]) -> None:
    sources = {f"models:/{model}" for model in models}
    for version in store.client.search_model_versions():
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


def compact_database(store: Store) -> int | None:
    """Give the pages of removed rows back to the disk; returns the bytes, or None where another process is writing."""
    if store.folder is None:
        return 0
    database = store.folder / "mlflow.db"
    before = _size(database)
    try:
        with closing(sqlite3.connect(database, timeout=5, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:
        return None
    return max(before - _size(database), 0)


def _size(database: Path) -> int:
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
