"""Runs as a table for the terminal: newest first, what is below a run indented."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from training.tracking.lookup import TrackedRun
from training.tracking.registry import CHALLENGER, CHAMPION, alias_digests
from training.tracking.states import describe_state
from training.upkeep.item import show_age

PARENT = "mlflow.parentRunId"
CHOOSING = ("stance.macro_f1", "stance.macro_f1_two", "topic.micro_f1")  # of a task, that by which models are chosen


def format_runs(runs: Sequence[TrackedRun]) -> Iterator[str]:
    """Yield a head and a line a run: id, age, state, score on validation with its interval, marks, name."""
    if not runs:
        yield "no run yet; make one with: standpoint train stance"
        return
    named = {alias: alias_digests(alias) for alias in (CHAMPION, CHALLENGER)}
    now = time.time()
    yield f"{'run':8s}  {'started':>8s}  {'state':22s}  {'on validation':34s}  {'marks':20s}  name"
    for depth, run in _order(runs):
        below = "  " * depth
        marks = ", ".join(_marks(run, named))
        state = describe_state(run)
        yield (
            f"{run.id[:8]}  {show_age(now - run.started):>8s}  {state:22.22s}  {describe_score(run.metrics):34s}  "
            f"{marks:20s}  {below}{run.name}"
        )


def describe_score(metrics: Mapping[str, float]) -> str:
    """Return the score on validation by which a model is chosen, or nothing where there is none."""
    for name in CHOOSING:
        value = metrics.get(f"validation.{name}")
        if value is not None:
            low, high = (metrics.get(f"validation.{name}.{side}") for side in ("low", "high"))
            interval = f" [{low:.3f}, {high:.3f}]" if low is not None and high is not None else ""
            spread = metrics.get(f"validation.{name}.spread")
            return f"{name} {value:.3f}{interval}" + (f" ± {spread:.3f}" if spread is not None else "")
    return ""


def _order(runs: Sequence[TrackedRun]) -> Iterator[tuple[int, TrackedRun]]:
    """Yield runs newest first, each with how deep it lies and followed by those below it."""
    known = {run.id for run in runs}

    def descend(run: TrackedRun, depth: int) -> Iterator[tuple[int, TrackedRun]]:
        yield depth, run
        for child in reversed(runs):
            if child.tags.get(PARENT) == run.id:
                yield from descend(child, depth + 1)

    for run in runs:
        if run.tags.get(PARENT) not in known:
            yield from descend(run, 0)


def _marks(run: TrackedRun, named: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield from (alias for alias, digests in named.items() if run.tags.get("artifact") in digests)
    if run.tags.get("target_blind") == "true":
        yield "target_blind"
    if run.tags.get("role") == "floor":
        yield "floor"
    if run.tags.get("quick") == "true":
        yield "quick"
