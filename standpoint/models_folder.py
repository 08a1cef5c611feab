"""The folder of published models: what `promote` writes, and what the service and batch prediction read and watch.

<root>/<name>/<version>/       an artifact, never changed once it stands there
<root>/<name>/champion.json    which version answers, replaced by rename
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standpoint.artifact import check_manifest, read_metadata
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Task

ENVIRONMENT = "STANDPOINT_MODELS"
CHAMPION = "champion.json"
NAMES: Mapping[Task, str] = {"topic": "standpoint-topic", "stance": "standpoint-stance"}

# One plain folder name: no separators, no leading dot, so that a version can never point out of its model's folder.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


@dataclass(frozen=True)
class Champion:
    """The content of champion.json. `folder` is the artifact's path; `published` an ISO 8601 time in UTC."""

    name: str
    version: str
    digest: str
    folder: Path
    metrics: dict[str, Any]
    published: str


def models_folder() -> Path:
    """Return the absolute folder of published models: STANDPOINT_MODELS, else mlruns/serving under the current one."""
    return Path(os.environ.get(ENVIRONMENT) or Path("mlruns", "serving")).absolute()


def publish_artifact(artifact: Path, name: str, version: str, metrics: Mapping[str, Any], root: Path) -> Path:
    """Copy an artifact to `root/name/version`, make it the champion, and return the copy's folder.

    The copy is checked before anyone can see it. Publishing the same version again is harmless; another artifact under
    a version that stands there is refused. Raises BadInput or CorruptArtifact.
    """
    task = _task_of(name)
    if not _VERSION.fullmatch(version):
        raise BadInput(f"version {version!r} cannot be a folder's name; use letters, digits, dots and dashes")
    digest = check_manifest(artifact)
    found = read_metadata(artifact).task
    if found != task:
        raise BadInput(f"{artifact} is a {found} model, {name} takes {task} models; name {NAMES[found]}")
    home = root.absolute() / name
    home.mkdir(parents=True, exist_ok=True)
    folder = home / version
    if not folder.exists():
        _copy_checked(artifact, folder, digest)
    standing = check_manifest(folder)
    if standing != digest:
        raise BadInput(
            f"{folder} holds another artifact (digest {standing[:12]}, expected {digest[:12]}); "
            "a published version never changes: register the model again and promote its new version"
        )
    _write_champion(home, name, version, digest, metrics)
    return folder


def read_champion(root: Path, name: str) -> Champion | None:
    """Read `root/name/champion.json`; None where nothing was published yet.

    Reads this one file only: loading the artifact and comparing its digest is the caller's part. Raises BadInput on an
    unknown name, CorruptArtifact on a file that cannot be what `publish_artifact` wrote.
    """
    _task_of(name)
    path = root / name / CHAMPION
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CorruptArtifact(f"{path} cannot be read ({type(error).__name__}); promote the model again") from None
    return _parse_champion(path, name, content)


def _parse_champion(path: Path, name: str, content: Any) -> Champion:
    if not isinstance(content, dict):
        raise CorruptArtifact(f"{path}: expected an object, found {type(content).__name__}; promote the model again")
    for key in ("name", "version", "digest", "folder"):
        if not isinstance(content.get(key), str):
            raise CorruptArtifact(f"{path}: {key}: expected a string; promote the model again")
    if content["name"] != name:
        raise CorruptArtifact(f"{path}: name is {content['name']!r}, expected {name!r}; promote the model again")
    if not _VERSION.fullmatch(content["folder"]):
        raise CorruptArtifact(f"{path}: folder is not the name of a folder beside it; promote the model again")
    metrics = content.get("metrics", {})
    if not isinstance(metrics, dict):
        raise CorruptArtifact(f"{path}: metrics: expected an object; promote the model again")
    return Champion(
        name=name,
        version=content["version"],
        digest=content["digest"],
        folder=path.parent / content["folder"],
        metrics=metrics,
        published=str(content.get("published", "")),
    )


def _task_of(name: str) -> Task:
    for task, known in NAMES.items():
        if name == known:
            return task
    raise BadInput(f"expected one of the models {', '.join(NAMES.values())}, found {name!r}")


def _copy_checked(artifact: Path, folder: Path, digest: str) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.{os.getpid()}.", suffix=".tmp", dir=folder.parent))
    try:
        shutil.copytree(artifact, draft, symlinks=True, dirs_exist_ok=True)
        draft.chmod(0o755)
        copied = check_manifest(draft)
        if copied != digest:
            raise CorruptArtifact(f"{artifact} changed while it was copied; publish it again")
        # Another process may have published the version meanwhile: theirs stays, and is compared by the caller.
        if not folder.exists():
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_champion(home: Path, name: str, version: str, digest: str, metrics: Mapping[str, Any]) -> None:
    content = {
        "name": name,
        "version": version,
        "digest": digest,
        "folder": version,
        "metrics": dict(metrics),
        "published": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise BadInput(f"metrics of {name} version {version} cannot be written as JSON: {error}") from None
    handle, draft = tempfile.mkstemp(prefix=f".{CHAMPION}.", suffix=".tmp", dir=home)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(home / CHAMPION)
    finally:
        Path(draft).unlink(missing_ok=True)
