"""Published versions that no service can be asked for any more: neither champion nor what a rollback goes to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from standpoint.artifact import check_manifest
from standpoint.errors import CorruptArtifact
from standpoint.models_folder import CHAMPION, NAMES, models_folder, read_champion
from training.tracking.registry import find_previous, read_history
from training.upkeep.drafts import find_draft, remove_path
from training.upkeep.folders import is_artifact
from training.upkeep.item import HOUR, Item, measure, show_path

SETTLED = HOUR  # since the last promotion: by now every service has loaded the new champion


def list_published(registered: Mapping[str, Mapping[str, str]], now: float) -> list[Item]:
    """Return the versions in the folder of published models, and drafts there.

    `registered` has, by name and version, the digests of what the registry can publish again: the only copy of a model
    stays.
    """
    items = []
    for name in NAMES.values():
        home = models_folder() / name
        for path in sorted(home.iterdir()) if home.is_dir() else ():
            item = find_draft(path, now)
            if item is None and is_artifact(path):
                item = _judge_version(path, registered.get(name, {}), now)
            if item is not None:
                items.append(item)
    return items


def _judge_version(path: Path, registered: Mapping[str, str], now: float) -> Item:
    name, version = path.parent.name, path.name
    extent = measure(path)
    champion = read_champion(path.parent.parent, name)
    remove = None
    if champion is None:
        why = "no version is champion yet"
    elif version == champion.folder.name:
        why = "the champion"
    elif version == find_previous(read_history(name), champion.version):
        why = "the champion before, which a rollback goes to"
    elif version not in registered:
        why = "the registry has no such version: this is the only copy"
    elif now - (path.parent / CHAMPION).stat().st_mtime < SETTLED:
        why = "the champion changed a short while ago: a service may still answer from it"
    elif _read_digest(path) != registered[version]:  # it reads the whole folder
        why = "not the artifact that the registry has under this number: this is the only copy"
    else:
        why, remove = "superseded; promote publishes it again from the registry", partial(remove_path, path)
    return Item("published version", show_path(path), extent.size, now - extent.written, why, remove)


def _read_digest(path: Path) -> str | None:
    try:
        return check_manifest(path)
    except CorruptArtifact:
        return None
