"""What a change does to one judgement: the labels of one annotator, for one task, of one passage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from standpoint.codebook import OTHER
from training.migrations.changes import Add, Change, Merge, Remove, Rename, Reread, Split

Resolve = Callable[[str], str]  # a target as it stands in a line -> its id where it has one


@dataclass(frozen=True)
class Outcome:
    """A judgement after a change: `labels` is None where it is withdrawn, to be read again.

    The labels there were are those there are, and `folded`, `dropped` and `withdrawn` ones. `why` asks for the
    passage to be read again; `kept` says that the labels hold until then.
    """

    labels: list[Any] | None
    folded: int = 0
    dropped: int = 0
    withdrawn: int = 0
    why: str = ""
    kept: bool = False


def change_labels(labels: Sequence[Any], change: Change, resolve: Resolve) -> Outcome:
    """Return what a change makes of topics (texts) or stances (objects with `target`)."""
    names = [_name(label, resolve) for label in labels]
    if isinstance(change, Reread):
        touched = change.label is None or change.label in names
        return Outcome(None, withdrawn=len(labels), why=change.why) if touched else Outcome(list(labels))
    if isinstance(change, Rename):
        return _map(labels, names, {change.from_: change.new})
    if isinstance(change, Merge):
        return _map(labels, names, dict.fromkeys(change.from_, change.to))
    if isinstance(change, Split) and change.from_ in names:
        why = f"{change.what} {change.from_} is now one of {', '.join(change.names)}"
        if change.default is None:
            return Outcome(None, withdrawn=len(labels), why=why)
        found = _map(labels, names, {change.from_: change.default})
        return Outcome(found.labels, found.folded, found.dropped, why=f"{why}; held as {change.default}", kept=True)
    if isinstance(change, Remove) and change.id in names:
        left = [label for label, name in zip(labels, names, strict=True) if name != change.id]
        dropped = len(labels) - len(left)
        if change.what == "topic" and not left:
            return Outcome(None, dropped=dropped, why=f"its only topic {change.id} is no longer one")
        return Outcome(left, dropped=dropped)
    return Outcome(list(labels))


def change_names(names: Iterable[str], change: Change) -> tuple[str, ...]:
    """Return what a change makes of names that a passage may mean: each part of a split, nothing that is removed."""
    if isinstance(change, Add | Reread):
        return tuple(dict.fromkeys(names))
    moved: dict[str, tuple[str, ...]]
    if isinstance(change, Rename):
        moved = {change.from_: (change.new,)}
    elif isinstance(change, Merge):
        moved = dict.fromkeys(change.from_, (change.to,))
    else:
        moved = {change.from_: change.names} if isinstance(change, Split) else {change.id: ()}
    return tuple(dict.fromkeys(new for name in names for new in moved.get(name, (name,))))


def _map(labels: Sequence[Any], names: Sequence[str], moved: dict[str, str]) -> Outcome:
    """Give labels other names, and make those one that then are the same."""
    if not any(name in moved for name in names):
        return Outcome(list(labels))
    kept: dict[str, Any] = {}
    for label, name in zip(labels, names, strict=True):
        new = moved.get(name, name)
        renamed = _rename(label, new) if name in moved else label
        if new in kept and isinstance(label, dict) and kept[new].get("stance") != label.get("stance"):
            return Outcome(None, withdrawn=len(labels), why=f"takes different sides toward what is now {new}")
        kept.setdefault(new, renamed)
    folded = len(labels) - len(kept)
    # A merge into `other` can put it beside another topic; it stands alone, or not at all.
    alone = len(kept) > 1 and isinstance(kept.get(OTHER), str)
    if alone:
        del kept[OTHER]
    return Outcome(list(kept.values()), folded=folded, dropped=int(alone))


def _name(label: Any, resolve: Resolve) -> str:
    return resolve(label["target"]) if isinstance(label, dict) else str(label)


def _rename(label: Any, name: str) -> Any:
    return {**label, "target": name} if isinstance(label, dict) else name
