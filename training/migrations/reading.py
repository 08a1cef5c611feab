"""Read written migrations: `migrations/1.2.0-to-2.0.0.yaml` of a corpus folder, and the way from one to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from standpoint.codebook import Version, explain_fault, load_yaml
from standpoint.errors import BadInput
from standpoint.versions import LEVELS, Level, level_between, parse_version, raise_version, same_major
from training.migrations.changes import KINDS, Change, describe_change, needed_level
from training.migrations.draft import Draft, change_draft

FOLDER = "migrations"
_NAME = re.compile(r"(\d+\.\d+\.\d+)-to-(\d+\.\d+\.\d+)\.yaml", re.ASCII)
_SHAPE = "expected a mapping with from, to, why and changes"


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: Annotated[Version, Field(alias="from")]
    to: Version
    why: Annotated[str, Field(min_length=1)]
    changes: Annotated[list[dict[str, Any]], Field(min_length=1)]


@dataclass(frozen=True)
class Migration:
    """One written step from a codebook version to a later one."""

    start: str
    to: str
    why: str
    changes: tuple[Change, ...]
    path: Path

    def where(self, place: int) -> str:
        """Return where a change stands, for an error."""
        return f"{self.path}: changes.{place}"


Steps = dict[str, Migration]  # start -> the one step from there


def read_migrations(folder: Path) -> Steps:
    """Read the migrations in `folder`; none where there is no such folder. Raises BadInput with file and key.

    Each version has one step on: two that start from the same one would leave open which holds.
    """
    found: Steps = {}
    for path in sorted(folder.glob("*.yaml")):
        migration = read_migration(path)
        if migration.start in found:
            raise BadInput(
                f"starts from {migration.start} as {found[migration.start].path.name} does; keep one", str(path)
            )
        found[migration.start] = migration
    return found


def read_migration(path: Path) -> Migration:
    """Read and check one migration file."""
    text, content = load_yaml(path, "a migration is written as FROM-to-TO.yaml")
    if not isinstance(content, dict):
        raise BadInput(f"{_SHAPE}, found {type(content).__name__}", str(path))
    try:
        header = _Header.model_validate(content)
    except ValidationError as error:
        raise explain_fault(error, path, text) from None
    if level_between(header.from_, header.to) is None:
        raise BadInput(f"goes from {header.from_} to {header.to}; a migration leads to a higher version", str(path))
    named = _NAME.fullmatch(path.name)
    if named is None or named.groups() != (header.from_, header.to):
        raise BadInput(f"is named otherwise than {header.from_}-to-{header.to}.yaml, as its content says", str(path))
    changes = tuple(_read_change(item, path, text, place) for place, item in enumerate(header.changes))
    return Migration(header.from_, header.to, header.why, changes, path)


def _read_change(item: dict[str, Any], path: Path, text: str, place: int) -> Change:
    if len(item) != 1 or next(iter(item)) not in KINDS:
        found = ", ".join(map(str, item)) or "nothing"
        raise BadInput(f"expected one of {', '.join(KINDS)} with its fields, found {found}", f"{path}: changes.{place}")
    kind, fields = next(iter(item.items()))
    try:
        return KINDS[kind].model_validate(fields)
    except ValidationError as error:
        raise explain_fault(error, path, text, ("changes", place, kind)) from None


def find_way(steps: Steps, start: str, to: str | None = None, exact: bool = False) -> list[Migration] | None:
    """Return the steps from version `start` to `to`, or as far as they lead; None where they do not lead there.

    What was made by an older version without a step of its own is read by later ones of the same major version, so it
    takes their step, unless `exact`: a codebook file is of one version.
    """
    way: list[Migration] = []
    here = start
    while here != to:
        step = steps.get(here) if exact else _next_step(steps, here)
        if step is None or (to is not None and parse_version(step.to) > parse_version(to)):
            break
        way.append(step)
        here = step.to
    if to is None or here == to:
        return way
    reads = not exact and same_major(here, to) and parse_version(here) < parse_version(to)
    return way if reads else None


def _next_step(steps: Steps, here: str) -> Migration | None:
    later = [v for v in steps if same_major(v, here) and parse_version(v) >= parse_version(here)]
    return steps[min(later, key=parse_version)] if later else None


def apply_migration(draft: Draft, migration: Migration) -> None:
    """Change a draft by all changes of a migration, and check that its version says how much they change."""
    needed: Level = "patch"
    for place, change in enumerate(migration.changes):
        level = needed_level(change, draft.wordings)
        change_draft(draft, change, migration.where(place))
        if LEVELS.index(level) > LEVELS.index(needed):
            needed, reason = level, describe_change(change)
    declared = level_between(migration.start, migration.to)
    if declared is None or LEVELS.index(declared) < LEVELS.index(needed):
        raise BadInput(
            f"raises the version to {migration.to}, a {declared} step; {reason}: that is a {needed} one, so `to` "
            f"should be {raise_version(migration.start, needed)}",
            str(migration.path),
        )
    draft.version = migration.to
