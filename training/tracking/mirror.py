"""Mirror the champions of a registry into the folder that a service watches, for a registry on another machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from standpoint.artifact import read_metadata
from standpoint.errors import StandpointError
from standpoint.models_folder import NAMES, models_folder, publish_artifact, read_champion
from training.tracking.registry import describe_version, fetch_artifact, find_champion

INTERVAL = 10.0  # seconds between two looks at the registry


def publish_champions() -> list[Path]:
    """Publish each champion that is not yet the published one; returns the folders written."""
    return [folder for name in NAMES.values() if (folder := _publish_champion(name))]


def watch_champions(tell: Callable[[Path], None], warn: Callable[[str], None], interval: float = INTERVAL) -> None:
    """Publish champions for ever, as they change.

    What fails, a server that restarts above all, is said once and tried again; the other model is published meanwhile.
    """
    from mlflow.exceptions import MlflowException

    failures: dict[str, str] = {}
    while True:
        for name in NAMES.values():
            try:
                folder = _publish_champion(name)
            except (StandpointError, MlflowException, OSError) as error:
                said = f"{name}: {error}"
                if failures.get(name) != said:
                    warn(f"{said}; trying again every {interval:g} s")
                failures[name] = said
                continue
            failures.pop(name, None)
            if folder:
                tell(folder)
        time.sleep(interval)


def _publish_champion(name: str) -> Path | None:
    version = find_champion(name)
    if version is None:
        return None
    published = read_champion(models_folder(), name)
    # Another registry has another version of the same number.
    if published and (published.version, published.digest) == (version, describe_version(name, version).get("digest")):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        artifact = fetch_artifact(name, version, Path(scratch))
        return publish_artifact(artifact, name, version, read_metadata(artifact).metrics, models_folder())
