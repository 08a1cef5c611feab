"""One row of an input file, whatever the file's shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIELDS = ("text", "id", "targets")  # what is read of a row; other columns may stand there
ROW_LIMIT = 16 * 2**20  # bytes of a line or characters of a cell; more is no passage but a broken file


@dataclass(frozen=True, slots=True)
class Record:
    """`content` holds the fields that are there, or is None and `problem` says why. `where` is file:line."""

    where: str
    content: dict[str, Any] | None
    problem: str = ""


def name_place(path: Path, line: int) -> str:
    """Return `file:line`. The name alone: predictions are handed on, folders are nobody's business."""
    return f"{path.name}:{line}"


def parse_cell(cell: Any) -> Any:
    """Return the JSON that a cell of text holds; anything else as it is, for the row's own check to find."""
    if not isinstance(cell, str):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell
