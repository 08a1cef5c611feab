"""Replace several files of a folder as one: all or, after a kill, all once the same command is run again.

New files are written beside the old ones. Then the journal is written, by a rename: from here on the change holds, and
only renames are left to do. Whoever reads the folder while the journal is there would see half of it, and is told so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from standpoint.artifact import sha256
from standpoint.errors import BadInput
from training.files import replace_file

JOURNAL = "migration-journal.json"
SUFFIX = ".migrated"


@dataclass(frozen=True)
class Replacement:
    """A new file beside the one that it will replace; `before` is the sha256 of what was read (None: no file)."""

    name: str  # relative to the folder
    before: str | None
    after: str


def open_draft(folder: Path, name: str) -> IO[bytes]:
    """Open the file beside `name` that is to replace it."""
    return draft_path(folder / name).open("wb")


def draft_path(path: Path) -> Path:
    """Return where the new content of a file waits."""
    return path.with_name(f".{path.name}{SUFFIX}")


def seal_draft(folder: Path, name: str, before: str | None) -> Replacement:
    """Return the replacement of a file whose draft is written."""
    with draft_path(folder / name).open("rb+") as file:
        os.fsync(file.fileno())
    return Replacement(name, before, sha256(draft_path(folder / name)))


def commit_drafts(folder: Path, replacements: Sequence[Replacement]) -> None:
    """Put all drafts in place. Raises BadInput, and changes nothing, where a file is no longer what was read."""
    for item in replacements:
        if _digest(folder / item.name) != item.before:
            raise BadInput("was changed while it was migrated; nothing was written, migrate again", item.name)
    files = [{"name": item.name, "before": item.before, "after": item.after} for item in replacements]
    replace_file(folder / JOURNAL, (json.dumps({"format": 1, "files": files}, indent=1) + "\n").encode())
    finish_commit(folder)


def finish_commit(folder: Path) -> bool:
    """Finish what a journal says was begun; return whether there was one."""
    path = folder / JOURNAL
    if not path.exists():
        return False
    for item in _read_journal(path):
        target = folder / item.name
        draft = draft_path(target)
        if _digest(draft) == item.after:
            if _digest(target) not in (item.before, item.after):
                raise BadInput(
                    f"was changed while a migration waited to replace it; take it out of the way, or take {draft.name} "
                    "in its place, and migrate again",
                    str(target),
                )
            draft.replace(target)
        elif _digest(target) != item.after:
            raise BadInput(
                f"is neither as before nor as after the migration that {JOURNAL} tells of; restore the folder",
                str(target),
            )
    path.unlink()
    return True


def discard_drafts(folder: Path) -> None:
    """Remove the drafts of a migration that never came to its journal."""
    for place in (folder, folder / "annotations"):
        for path in place.glob(f".*{SUFFIX}"):
            path.unlink()


def require_settled(folder: Path) -> None:
    """Raise BadInput where a migration of the folder was interrupted."""
    if (folder / JOURNAL).exists():
        raise BadInput(
            f"a migration was interrupted; run: standpoint migrate {folder}, which finishes it", str(folder / JOURNAL)
        )


def _read_journal(path: Path) -> list[Replacement]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        items = [Replacement(item["name"], item["before"], item["after"]) for item in content["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"cannot be read ({type(error).__name__}); restore the folder", str(path)) from None
    for item in items:
        if Path(item.name).is_absolute() or ".." in Path(item.name).parts:
            raise BadInput(f"names {item.name!r}, which is outside the folder; remove the journal", str(path))
    return items


def _digest(path: Path) -> str | None:
    return sha256(path) if path.exists() else None
