"""How runs ended, or did not: running, finished, resumed, crashed, killed. Stale ones are swept."""

from __future__ import annotations

from training.tracking.lookup import TrackedRun, list_runs
from training.tracking.process import PROCESS, is_alive
from training.tracking.runs import ERROR, RESUMED

UNENDED = ("RUNNING", "SCHEDULED")
STALE = "killed, not swept"


def describe_state(run: TrackedRun) -> str:
    """Return how a run stands, in words.

    `crashed` ended by an error, `killed` by a signal or Ctrl-C. One that still says it is running, and whose process on
    this machine is gone, was killed without a chance to say so.
    """
    resumed = f", resumed {run.tags[RESUMED]} x" if RESUMED in run.tags else ""
    if run.status in UNENDED:
        alive = is_alive(run.tags.get(PROCESS, ""))
        if alive is None:
            where = run.tags.get(PROCESS, "").partition(" ")[0]
            return f"running on {where}{resumed}" if where else f"running, by its own account{resumed}"
        return f"running{resumed}" if alive else STALE
    if run.status == "FAILED":
        return f"crashed{resumed}: {run.tags.get(ERROR, 'no error was written down')}"
    return f"{run.status.lower()}{resumed}"


def sweep_runs() -> list[TrackedRun]:
    """End the runs whose process on this machine is gone as KILLED; returns them as they were."""
    from mlflow import MlflowClient

    stale = [run for run in list_runs() if describe_state(run) == STALE]
    client = MlflowClient()
    for run in stale:
        client.set_tag(run.id, ERROR, "swept: its process was gone")
        client.set_terminated(run.id, "KILLED")
    return stale
