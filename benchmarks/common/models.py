"""Which artifacts a benchmark of the service takes."""

from __future__ import annotations

from pathlib import Path

from common.systems import Models

from standpoint.errors import BadInput
from standpoint.metadata import Task
from standpoint.models_folder import NAMES, models_folder, read_champion


def find_models(topic: Path | None, stance: Path | None) -> Models:
    """Return the artifacts named, else the champions. Raises BadInput where there are none."""
    if topic and stance:
        return Models(topic.resolve(), stance.resolve(), named=True)
    found: dict[Task, Path] = {}
    for task, name in NAMES.items():
        champion = read_champion(models_folder(), name)
        if champion is None:
            raise BadInput(f"{models_folder()} holds no {name}; promote one, or name --topic and --stance")
        found[task] = champion.folder
    return Models(found["topic"], found["stance"], named=False)
