"""What a search found, in words: a table of its trials, the best of them, and how far to believe it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from training.models.settings import BaselineSettings, TransformerSettings
from training.tuning.space import Space
from training.tuning.study import Tried, find_best

Settings = BaselineSettings | TransformerSettings


def describe_trial(tried: Tried, settings: Settings, space: Space) -> str:
    """Return one line about a trial that ended."""
    value = f"{tried.score['value']:.3f}" if tried.score else "     "
    changed = ", ".join(list_changes(tried.settings, settings, list(space))) or "(nothing)"
    return " ".join([f"{tried.state:8}", f"{value}", f"{tried.seconds:7.1f} s ", tried.error or changed])


def format_trials(metric: str, trials: Sequence[Tried], settings: Settings, space: Space) -> list[str]:
    """Return the table of trials; a setting is named where it is not as at the start of the search."""
    head = f"trial  state    value  seconds   changed (value: {metric} on validation)"
    return [head, *(f"{tried.number:5}  {describe_trial(tried, settings, space)}" for tried in trials)]


def describe_best(metric: str, trials: Sequence[Tried], examples: int) -> list[str]:
    """Return what to make of the best trial, chosen on so many validation examples; nothing where none is complete."""
    best = find_best(trials)
    if best is None or best.score is None:
        return []
    low, high = best.score["low"], best.score["high"]
    lines = [f"best: trial {best.number}, {metric} {best.score['value']:.3f} [{low:.3f}, {high:.3f}] on validation"]
    first = trials[0]
    if first.score is not None and best is not first:
        inside = "inside that interval: perhaps no worse" if first.score["value"] >= low else "below that interval"
        lines.append(f"trial 1, where the search started, has {first.score['value']:.3f}, {inside}")
    complete = sum(trial.state == "complete" for trial in trials)
    lines.append(
        f"the best of {complete} was picked on the very {examples} examples that score it, and looks better than it is"
    )
    return lines


def list_changes(settings: Settings, start: Settings, keys: Sequence[str]) -> list[str]:
    """Return `key=value` of the keys whose values are not those of `start`."""
    values: dict[str, Any] = dataclasses.asdict(settings)
    return [f"{key}={values[key]}" for key in keys if values[key] != getattr(start, key)]
