"""A search in MLflow: one run for the whole of it, and below it one for each trial.

Tags name them from their first moment on, so that a search that goes on finds them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from training.tracking.process import process_tags
from training.tracking.runs import Run, commit_tags, note_ending, reopen_run
from training.tracking.store import open_store

SEARCH, TRIAL, STATE = "search", "trial", "state"
TABLE = "trials.txt"
# Whoever asks MLflow for FINISHED runs compares whole trainings, and FAILED stays for what went wrong.
STATUSES = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}


@contextmanager
def open_search(
    search: str, task: str, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[Run]:
    """Open the run of the search named `search`, or go on with it."""
    with _open(f"standpoint-{task}", {SEARCH: search}, name, parameters, tags) as run:
        yield run


@contextmanager
def open_trial(
    parent: Run, number: int, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[Run]:
    """Open the run of a trial below the open run of its search, or go on with it where the trial was interrupted."""
    identity = {"mlflow.parentRunId": parent.id, TRIAL: str(number)}
    with _open(parent.experiment, identity, name, parameters, tags) as run:
        yield run


def log_table(run: Run, lines: Sequence[str]) -> None:
    """Store the table of a search's trials as a file of its run, in place of the one before."""
    import mlflow

    mlflow.log_text("\n".join(lines) + "\n", TABLE, run_id=run.id)


def close_trial(run: Run, state: str) -> None:
    """Give a trial's run, which has ended, the status and the tag of how it ended."""
    from mlflow import MlflowClient

    client = MlflowClient()
    client.set_tag(run.id, STATE, state)
    client.set_terminated(run.id, STATUSES[state])


@contextmanager
def _open(
    experiment: str, identity: Mapping[str, str], name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[Run]:
    """Go on with the run that carries the tags `identity`, or open one."""
    import mlflow
    from mlflow import MlflowClient

    open_store()
    place = mlflow.get_experiment_by_name(experiment).experiment_id
    query = " and ".join(f"tags.`{key}` = '{value}'" for key, value in identity.items())
    found = MlflowClient().search_runs([place], query, max_results=1)
    if found:
        with reopen_run(found[0].info.run_id, resumed=True) as run:
            yield run
        return
    named = {**tags, **commit_tags(), **process_tags(), **identity}
    opened = mlflow.start_run(experiment_id=place, run_name=name, nested=True, tags=named)
    with opened as active, note_ending(active.info.run_id):
        mlflow.log_params(dict(parameters))
        yield Run(active.info.run_id, experiment)
