"""What lies in runs/, in the data folder and beside published models: drafts, checkpoints, unfinished work, caches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from standpoint.artifact import MANIFEST, METADATA, read_content
from standpoint.errors import CorruptArtifact
from training.dataset.work import WORK
from training.models.checkpoint import Checkpoint
from training.tuning.study import STORAGE
from training.upkeep.drafts import find_draft, find_writer, match_draft, remove_path
from training.upkeep.item import DAY, Item, measure

RUNS, VECTORS, DATA = Path("runs"), Path("runs/vectors"), Path("data")
CHECKPOINT = ".checkpoint"
LEAST = 1.0  # days that work and caches stay, whatever was asked for: of younger ones a process may be at work


def list_runs_folder(now: float, days: float, runs: Path = RUNS) -> list[Item]:
    """Return what takes disk in `runs`; what a person could go on with is given up after `days`, one at least."""
    items, rest, written, days = [], 0, 0.0, max(days, LEAST)
    for path in _walk(runs):
        item = find_draft(path, now) or _judge(path, now, days)
        if item is not None:
            items.append(item)
        elif not path.is_dir():
            extent = measure(path)
            rest, written = rest + extent.size, max(written, extent.written)
    if rest:
        why = "reports, predictions and stamps of stages; `make clean` removes the whole folder"
        items.append(Item("other files", str(runs), rest, now - written, why))
    return items


def _walk(folder: Path, searches: bool = False) -> Iterator[Path]:
    """Yield what lies in a folder and below; nothing that lies inside of an artifact or a draft, and what lies inside
    of a search, which looks after its folder itself, only where `searches` says so."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # no such folder
        return
    for entry in entries:
        path = folder / entry.name
        yield path
        closed = is_artifact(path) or match_draft(path) is not None or (is_search(path) and not searches)
        if entry.is_dir(follow_symlinks=False) and not closed and path != VECTORS:
            yield from _walk(path, searches)


def is_artifact(path: Path) -> bool:
    return (path / METADATA).is_file() and (path / MANIFEST).is_file()


def is_search(path: Path) -> bool:
    return (path / STORAGE).is_file()


def _judge(path: Path, now: float, days: float) -> Item | None:
    """Return an artifact, a checkpoint, a search or a cache with its verdict; None for all else."""
    if is_search(path):
        extent = measure(path)
        return Item("search", str(path), extent.size, now - extent.written, "a search for settings; delete it by hand")
    if path.is_dir() and is_artifact(path):
        extent = measure(path)
        why = "an artifact that somebody trained; delete it by hand"
        return Item("artifact", str(path), extent.size, now - extent.written, why)
    if path == VECTORS or path.name.endswith(CHECKPOINT):
        extent = measure(path)
        judge = _judge_cache if path == VECTORS else _judge_checkpoint
        why, goes = judge(path, extent.written, now - extent.written > days * DAY)
        what = "cache" if path == VECTORS else "checkpoint"
        return Item(
            what, str(path), extent.size, now - extent.written, why, partial(remove_path, path) if goes else None
        )
    return None


def _judge_cache(path: Path, written: float, old: bool) -> tuple[str, bool]:
    made = "vectors of passages, made again when they are needed"
    return (f"{made}; no new ones of late", True) if old else (f"{made}; written lately", False)


def _judge_checkpoint(path: Path, written: float, old: bool) -> tuple[str, bool]:
    artifact = path.with_name(path.name.removeprefix(".").removesuffix(CHECKPOINT))
    manifest = artifact / MANIFEST
    if process := find_writer(artifact):
        return f"process {process}, which trains {artifact}, is alive", False
    if manifest.is_file() and manifest.stat().st_mtime >= written:
        return f"{artifact} was finished after it", True
    if old:
        return "a training that was interrupted, and that nobody has gone on with", True
    return "a training that was interrupted or is under way: standpoint train ... --resume goes on with it", False


def list_data_folder(now: float, days: float, data: Path = DATA) -> list[Item]:
    """Return drafts anywhere in the corpus folder, and work of killed builds, given up after `days` (at least one)."""
    items, days = [], max(days, LEAST)
    for folder, folders, files in os.walk(data):
        if WORK in folders:
            folders.remove(WORK)
            items += [_judge_work(path, now, days) for path in sorted(Path(folder, WORK).iterdir())]
        drafts = (find_draft(Path(folder, name), now) for name in files if name.startswith("."))
        items += [item for item in drafts if item is not None]
    built = data / "build"
    if (built / MANIFEST).is_file():
        extent = measure(built)
        why = "the built dataset; `make clean` removes it, `standpoint dataset` makes it again"
        items.append(Item("dataset", str(built), extent.size, now - extent.written, why))
    return items


def _judge_work(path: Path, now: float, days: float) -> Item:
    extent = measure(path)
    age = now - extent.written
    if age <= days * DAY:
        why = "a build that was interrupted or is under way: standpoint dataset goes on with it"
        return Item("unfinished build", str(path), extent.size, age, why)
    why = "a build that was interrupted, and that nobody has gone on with"
    return Item("unfinished build", str(path), extent.size, age, why, partial(_remove_work, path))


def _remove_work(path: Path) -> None:
    remove_path(path)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def find_needed_runs(*roots: Path) -> dict[str, str]:
    """Return MLflow run -> why it is needed: an artifact that lies here, in a search too, is of it, or a checkpoint."""
    needed = {}
    for root in roots:
        for path in _walk(root, searches=True):
            run = None
            if path.name.endswith(CHECKPOINT):
                run, why = (Checkpoint(path, key="").read() or {}).get("run"), f"{path} goes on with it"
            elif is_artifact(path):
                run, why = _read_run(path), f"{path} is of it"
            if run:
                needed[str(run)] = why
    return needed


def _read_run(artifact: Path) -> object:
    try:
        return read_content(artifact).get("run")
    except CorruptArtifact:
        return None
