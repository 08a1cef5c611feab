"""Let splits.yaml name its unseen targets as the new codebook does; the rest of the file stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from standpoint.errors import BadInput
from training.migrations.changes import Change, Merge
from training.migrations.codebook_text import apply_edits
from training.migrations.labels import change_names
from training.migrations.reading import Migration

KEY = "unseen_targets"


def change_splits_text(text: str, migrations: Iterable[Migration], path: Path) -> str:
    """Return the text of splits.yaml after some migrations.

    Raises BadInput where an unseen target would become one with a target that is learnt from: only the owner of the
    data can say which of the two it then is.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    node = next((value for key, value in pairs if key.value == KEY), None)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return text
    before = tuple(str(item.value) for item in node.value)
    after = change_unseen(before, [change for migration in migrations for change in migration.changes], path)
    if after == before:
        return text
    if len(after) == len(before):
        items = zip(node.value, after, strict=True)
        return apply_edits(text, [(item.start_mark.index, item.end_mark.index, new) for item, new in items])
    flow = "[" + ", ".join(after) + "]"
    if node.flow_style:
        return apply_edits(text, [(node.start_mark.index, node.end_mark.index, flow)])
    start, end = node.start_mark.index, node.value[-1].end_mark.index
    break_ = ("\r\n" if "\r\n" in text else "\n") + " " * node.start_mark.column
    return apply_edits(text, [(start, end, break_.join(f"- {name}" for name in after) or "[]")])


def change_unseen(names: tuple[str, ...], changes: Iterable[Change], path: Path) -> tuple[str, ...]:
    """Return the unseen targets after some changes."""
    for change in changes:
        if change.what != "target":
            continue
        if isinstance(change, Merge):
            learnt = [name for name in change.from_ if name not in names]
            if learnt and len(learnt) < len(change.from_):
                unseen = [name for name in change.from_ if name in names]
                raise BadInput(
                    f"{', '.join(unseen)} unseen, {', '.join(learnt)} learnt from, and a migration merges them into "
                    f"{change.to}; list all of them or none, then migrate",
                    f"{path}: {KEY}",
                )
        names = change_names(names, change)
    return names
