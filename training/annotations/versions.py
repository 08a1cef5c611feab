"""Judge the codebook version that an annotation names: what may be read, what is to be migrated, what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from standpoint.versions import parse_version, same_major
from training.annotations.records import Problem
from training.files import describe
from training.migrations.reading import Steps, find_way

_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


def judge_version(content: dict[str, Any], where: str, folder: Path, current: str, steps: Steps) -> Problem | None:
    """Return what is wrong with an annotation's codebook version, where the folder has `current`; None if nothing.

    Another major version is an error, since its labels may mean something else; another minor one is a warning.
    """
    version = content.get("codebook")
    if version is None or version == current:
        return None
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        return Problem(where, f"expected a version 'codebook' such as 1.0.0, found {describe(content, 'codebook')}")
    said = f"was annotated by codebook {version}, the folder has {current}"
    older = parse_version(version) < parse_version(current)
    way = find_way(steps, version, current) if older else None
    if way:
        way_out = f"; run: standpoint migrate {folder}"
    elif same_major(version, current):
        way_out = ""
    elif older:
        way_out = f"; no migration leads there: write one in {folder / 'migrations'}, or annotate again"
    else:
        way_out = f"; bring its codebook, or the migration to it, into {folder}"
    if same_major(version, current):
        return Problem(where, said + way_out, True, "codebook version")
    return Problem(where, f"{said}, another major version{way_out}")


def find_waiting(folder: Path, current: str, steps: Steps) -> Problem | None:
    """Return a warning where a written migration of the folder has not been made."""
    way = find_way(steps, current, exact=True)
    if not way:
        return None
    message = f"leads on from codebook {current}, which the folder has; run: standpoint migrate {folder}"
    return Problem(str(way[0].path), message, True, "migration")
