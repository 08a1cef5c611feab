"""The artifacts as MLflow models, in a store of their own."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

from common.systems import PEERS, Models

from training.tracking.runs import open_run
from training.tracking.store import open_store


def log_models(models: Models, folder: Path) -> Models:
    """Log the stance artifact as `standpoint train` does, and both as one model, into a sqlite store in `folder`."""
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
    store = open_store(folder / "mlruns")
    os.environ["MLFLOW_TRACKING_URI"] = store  # a run opens the store again, which would be that of the current folder
    logging.getLogger("mlflow").setLevel(logging.ERROR)  # it misses examples of the input; set by its import, so now
    with open_run("stance", "benchmark", {}, {}) as run:
        stance = run.log_model(models.stance)
        both = _log_both(models)
    return replace(models, store=store, logged=(f"models:/{stance}", f"models:/{both}"))


def _log_both(models: Models) -> str:
    import mlflow

    info = mlflow.pyfunc.log_model(
        name="both",
        python_model=str(PEERS / "mlflow_both.py"),
        artifacts={"topic": str(models.topic), "stance": str(models.stance)},
        pip_requirements=[],  # it is served in this environment
    )
    return str(info.model_id)
