"""A store with runs of many kinds, and what the command says of each."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlparse

from training.tracking.cleaning import find_store, list_tracked
from training.tracking.runs import open_run
from training.upkeep.item import DAY

STANCE = "standpoint-stance"
CLEAN = ["clean", "--remove", "--older-than", "0"]


def make_run(task: str = "stance", name: str = "a run", artifact: Path | None = None, file: bool = True) -> str:
    """Return a finished run with a file, and a model where an artifact is given."""
    with open_run(task, name, {"seed": 1}, {}) as run:
        run.log_values({"loss": 0.5})
        if file:
            Path("note.txt").write_text("x" * 5000)
            run.log_files([Path("note.txt")], "validation")
            Path("note.txt").unlink()
        if artifact:
            run.log_model(artifact)
    return run.id


def verdicts(days: float = 30, later: float = 0, needed: dict[str, str] | None = None) -> dict[str, tuple[bool, str]]:
    """Return run, or model, -> (whether it may go, why), as of `later` days from now."""
    store = find_store()
    assert store is not None
    found = {}
    for item in list_tracked(store, needed or {}, days, time.time() + later * DAY):
        key = next((r for r in every_run() if r[:8] in item.where), item.where)
        found[key] = (item.remove is not None, item.why)
    return found


def every_run() -> list[str]:
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        return [row[0] for row in database.execute("SELECT run_uuid FROM runs")]


def home_of(uri: str) -> Path:
    return Path(urlparse(uri).path)


def keep_files_here(store: Path, template: Path) -> None:
    """Let a copied store keep its files in its own folder, as one that was made there does."""
    with closing(sqlite3.connect(store / "mlruns" / "mlflow.db")) as database:
        database.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)", (str(template), str(store))
        )
        database.commit()
