"""The runs of a search, read back from MLflow."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from mlflow import MlflowClient


def read_runs(client: MlflowClient, out: Path) -> tuple[Any, list[Any]]:
    """Return the one run of the search in a folder, and those of its trials in their order."""
    with sqlite3.connect(out / "study.db") as database:
        [(name,)] = database.execute("select value_json from study_user_attributes where key = 'search'")
    experiment = client.get_experiment_by_name("standpoint-stance").experiment_id
    [parent] = client.search_runs([experiment], f"tags.search = '{json.loads(name)}'")
    children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    return parent, sorted(children, key=lambda run: int(run.data.tags["trial"]))
