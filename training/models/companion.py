"""The linear model that stands beside a transformer in one artifact; see standpoint/backends/stacked.py."""

from __future__ import annotations

import shutil
from pathlib import Path

from standpoint.backends.linear_model import TERMS, WEIGHTS
from standpoint.metadata import Stack
from training.models.baseline import fit_baseline, write_baseline
from training.models.lesson import Lesson
from training.models.request import Request
from training.models.settings import BaselineSettings, TransformerSettings


def add_companion(folder: Path, request: Request, lesson: Lesson) -> Stack | None:
    """Write a linear model beside the transformer; return the weights that count at first, None without it.

    What goes on from an artifact and is too small to fit weights on keeps the artifact's linear model and its weights.
    None is made where training lacks an example of some label: it would never give that label, and could not be heard
    on it.
    """
    if request.init is not None and lesson.kept is not None and lesson.is_settled:
        if lesson.kept.stack is not None:
            for name in (TERMS, WEIGHTS):
                shutil.copyfile(request.init / name, folder / name)
        return lesson.kept.stack
    draft, examples = lesson.fitting.draft, lesson.examples
    taught = {label for example in examples for label in example.labels}
    settings = request.settings
    if not isinstance(settings, TransformerSettings) or not settings.companion or taught != set(draft.labels):
        return None
    parts = fit_baseline(examples, request.task, draft.labels, draft.targets, BaselineSettings(), request.seed)
    write_baseline(folder, parts)
    return Stack(targets=draft.targets)
