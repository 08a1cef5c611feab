"""Mirror the champions of a registry into the folder that a service watches, for a registry on another machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from standpoint.artifact import read_metadata
from standpoint.models_folder import NAMES, models_folder, publish_artifact, read_champion
from training.tracking.registry import fetch_artifact, find_champion

INTERVAL = 10.0  # seconds between two looks at the registry


def publish_champions() -> list[Path]:
    """Publish each champion that is not yet the published one; returns the folders written."""
    written = []
    for name in NAMES.values():
        version = find_champion(name)
        published = read_champion(models_folder(), name)
        if version is None or (published and published.version == version):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            artifact = fetch_artifact(name, version, Path(scratch))
            metrics = read_metadata(artifact).metrics
            written.append(publish_artifact(artifact, name, version, metrics, models_folder()))
    return written


def watch_champions(tell: Callable[[Path], None]) -> None:
    """Publish champions for ever, as they change."""
    while True:
        for folder in publish_champions():
            tell(folder)
        time.sleep(INTERVAL)
