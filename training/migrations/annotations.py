"""Carry annotation lines, and the marks on them, from one codebook version to a later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from standpoint.encoding import target_key
from standpoint.errors import BadInput
from training.files import describe, require_text
from training.migrations.changes import Change
from training.migrations.labels import Resolve, change_labels, change_names
from training.migrations.reading import Migration
from training.migrations.rereads import FIELDS, Mark

WHATS = {"topic": "topic", "stance": "target"}  # task -> what a change of it names


@dataclass
class Tally:
    """Counts of a migration. Labels before = labels after + folded (two became one) + dropped + withdrawn."""

    lines: int = 0
    stamped: int = 0  # carried to another version
    rewritten: int = 0  # of those, with other labels
    before: int = 0
    after: int = 0
    folded: int = 0
    dropped: int = 0
    withdrawn: int = 0
    marks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    kept: int = 0  # of the marks, those whose labels hold until they are read again

    def add(self, other: Tally) -> None:
        """Add the counts of another one."""
        for item in fields(self):
            if item.name != "marks":
                setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))
        for task, count in other.marks.items():
            self.marks[task] += count


@dataclass(frozen=True)
class Step:
    """A migration and the wordings by which lines of its first version may name targets (key -> id)."""

    migration: Migration
    ids: dict[str, str]
    known: frozenset[str]

    def resolve(self, target: str) -> str:
        """Return the id of a target given by id or wording; anything else comes back as it is."""
        return target if target in self.known else self.ids.get(target_key(target), target)


def make_step(migration: Migration, wordings: dict[str, str]) -> Step:
    """Return a step; `wordings` are the targets of its first version, empty where nobody knows them any more."""
    ids = {target_key(wording): identifier for identifier, wording in wordings.items()}
    return Step(migration, ids, frozenset(wordings))


def migrate_annotation(
    content: dict[str, Any], steps: Sequence[Step], to: str, where: str
) -> tuple[dict[str, Any], list[Mark], Tally]:
    """Return an annotation in version `to`, the marks that it leaves, and its counts. Raises BadInput."""
    check_annotation(content, where)
    tally = Tally(lines=1, stamped=1, before=_count(content))
    found, marks = dict(content), list[Mark]()
    for step in steps:
        for change in step.migration.changes:
            marks = [change_mark(mark, change) for mark in marks]
            marks += _change_annotation(found, change, step, where, tally)
    found["codebook"] = to
    tally.after = _count(found)
    tally.rewritten = int(any(found[name] != content[name] for name in FIELDS.values()))
    for mark in marks:
        tally.marks[mark.task] += 1
        tally.kept += int(mark.kept)
    marks = [replace(mark, now=found[FIELDS[mark.task]]) if mark.kept else mark for mark in marks]
    return found, marks, tally


def check_annotation(content: dict[str, Any], where: str) -> None:
    """Raise BadInput where a line is not of the shape that its labels can be found in."""
    for name in ("document", "annotator"):
        require_text(content, name, where)
    for name, kind in (("topics", str), ("stances", dict)):
        labels = content.get(name)
        sound = labels is None or (isinstance(labels, list) and all(isinstance(label, kind) for label in labels))
        if name not in content or not sound:
            raise BadInput(f"expected a list {name!r} (null: not judged), found {describe(content, name)}", where)
    for label in content["stances"] or ():
        require_text(label, "target", where)


def change_mark(mark: Mark, change: Change) -> Mark:
    """Return a mark in the names after a change."""
    if change.what != WHATS[mark.task]:
        return mark
    mark = replace(mark, labels=change_names(mark.labels, change))
    if not mark.kept or not isinstance(mark.now, list):
        return mark
    outcome = change_labels(mark.now, change, _as_it_is)
    return replace(mark, now=outcome.labels, kept=outcome.labels is not None)


def _change_annotation(content: dict[str, Any], change: Change, step: Step, where: str, tally: Tally) -> Iterator[Mark]:
    task = "topic" if change.what == "topic" else "stance"
    labels = content[FIELDS[task]]
    if labels is None:
        return
    resolve: Resolve = step.resolve if task == "stance" else _as_it_is
    outcome = change_labels(labels, change, resolve)
    content[FIELDS[task]] = outcome.labels
    tally.folded += outcome.folded
    tally.dropped += outcome.dropped
    tally.withdrawn += outcome.withdrawn
    if outcome.why:
        names = [resolve(label["target"]) if isinstance(label, dict) else label for label in labels]
        yield Mark(
            content["document"],
            _whole_number(content, "start", where),
            _whole_number(content, "end", where),
            content["annotator"],
            task,
            f"{outcome.why} (codebook {step.migration.to})",
            step.migration.to,
            change_names(names, change),
            labels,
            outcome.kept,
        )


def _whole_number(content: dict[str, Any], name: str, where: str) -> int:
    value = content.get(name)
    if type(value) is int:
        return value
    raise BadInput(f"expected a whole number {name!r}, found {describe(content, name)}", where)


def _as_it_is(name: str) -> str:
    return name


def _count(content: dict[str, Any]) -> int:
    return sum(len(content[name] or ()) for name in FIELDS.values())
