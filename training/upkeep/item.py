"""One thing that takes disk: how much, since when, and why it may go or why it stays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HOUR, DAY = 3600.0, 86400.0  # seconds


@dataclass(frozen=True)
class Item:
    """`size` in bytes (None: not known from here), `age` in seconds since it last changed or ended.

    `remove` takes it away; None says that it stays, for the reason `why`.
    """

    what: str
    where: str
    size: int | None
    age: float
    why: str
    remove: Callable[[], None] | None = None


@dataclass(frozen=True)
class Extent:
    """Bytes of the files of a tree, and when the last of them was written (seconds since 1970)."""

    size: int
    written: float


def measure(path: Path) -> Extent:
    """Measure a file or a folder with all below it. Links are not followed; what vanishes meanwhile counts nothing."""
    size, written = 0, 0.0
    for each in _walk(path):
        try:
            stat = each.lstat()
        except OSError:
            continue
        written = max(written, stat.st_mtime)
        size += stat.st_size if not each.is_dir() or each.is_symlink() else 0
    return Extent(size, written)


def _walk(path: Path) -> Iterator[Path]:
    yield path
    for folder, folders, files in os.walk(path):  # links to folders are listed, not entered
        for name in (*folders, *files):
            yield Path(folder, name)


def show_path(path: Path) -> str:
    """Return a path below the current folder as seen from there, and others whole."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def total_size(items: Iterable[Item]) -> int:
    return sum(item.size or 0 for item in items)


def list_items(items: Sequence[Item]) -> list[str]:
    """Return a table: what may go, then what stays, each by falling size; what stays for one reason is one row."""
    going = sorted((item for item in items if item.remove), key=_order)
    lines = [_row("", "what", "size", "age", "where: why")]
    lines += [_row("goes", i.what, show_size(i.size), show_age(i.age), f"{i.where}: {i.why}") for i in going]
    kept: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        if item.remove is None:
            kept.setdefault((item.what, item.why), []).append(item)
    for (what, why), group in sorted(kept.items(), key=lambda pair: -total_size(pair[1])):
        first = min(group, key=_order)
        where = first.where if len(group) == 1 else f"{first.where} and {len(group) - 1} more"
        known = [item for item in group if item.size is not None]
        size = show_size(total_size(known) if known else None)
        lines.append(_row("stays", what, size, show_age(first.age), f"{where}: {why}"))
    return lines


def _order(item: Item) -> tuple[int, str]:
    return (-(item.size or 0), item.where)


def _row(verdict: str, what: str, size: str, age: str, rest: str) -> str:
    return f"{verdict:6s} {what:18s} {size:>9s} {age:>6s}  {rest}"


def show_size(size: int | None) -> str:
    """Return bytes as people read them: powers of 1000, as disks are sold."""
    if size is None:
        return "?"
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if size >= 10**power:
            return f"{size / 10**power:.1f} {unit}"
    return f"{size} B"


def show_age(seconds: float) -> str:
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.0f} d"
    return f"{seconds / HOUR:.0f} h" if seconds >= 2 * HOUR else f"{max(seconds, 0) / 60:.0f} min"
