"""Where the main job finds and leaves things, beside its own folder."""

from __future__ import annotations

import os
from pathlib import Path

from standpoint.artifact import read_metadata
from standpoint.models_folder import models_folder
from training.scoring import choice_metric


def champion_file(task: str) -> Path:
    """Return the file that says which version of a task answers."""
    return models_folder() / f"standpoint-{task}" / "champion.json"


def tracking_server() -> dict[str, str]:
    """Return the address of the server that keeps the runs, which the stages depend on that write to it."""
    named = os.environ.get("MLFLOW_TRACKING_URI")
    return {"tracking": named} if named else {}


def store_files() -> list[Path]:
    """Return the local MLflow database, or nothing where a server keeps the runs."""
    return [] if os.environ.get("MLFLOW_TRACKING_URI") else [Path("mlruns", "mlflow.db")]


def validation_score(folder: Path) -> float:
    """Return an artifact's own validation score by the metric that chooses."""
    metadata = read_metadata(folder)
    return float(metadata.metrics[choice_metric(metadata.task, metadata.labels)]["value"])


def processes() -> int:
    """Return how many processes read and sketch passages: one for each core."""
    return os.cpu_count() or 1
