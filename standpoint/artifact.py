"""The artifact: a folder with everything that a prediction needs, sealed by a manifest.

`metadata.json` says what the model is, `manifest.json` (written last) holds the sha256 of every other file. The loader
trusts nothing: not a link, not a file that the manifest does not name, not an unknown format.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from standpoint.encoding import TEXT_FORMAT
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Metadata

FORMAT = 2
METADATA, MANIFEST, GOLDEN, CARD = "metadata.json", "manifest.json", "golden.jsonl", "README.md"


def sha256(path: Path) -> str:
    """Return the hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_artifact(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write an artifact into; seal it and move it to `folder` when the block ends well.

    An artifact that stands at `folder` is replaced; one that fails half way leaves no trace.
    """
    folder = folder.resolve()  # where a link stands, what it points to is replaced
    if folder.is_file():
        raise BadInput(f"{folder} is a file; name another --out")
    # A built dataset has a manifest too: only both files make an artifact, which may be replaced.
    if (
        folder.exists()
        and any(folder.iterdir())
        and not all((folder / name).is_file() for name in (METADATA, MANIFEST))
    ):
        raise BadInput(f"{folder} is not empty and holds no artifact; name another --out")
    for parent in folder.parents:
        if all((parent / name).is_file() for name in (METADATA, MANIFEST)):
            raise BadInput(f"{parent} is an artifact, which a folder inside would spoil; name another --out")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.{os.getpid()}.", suffix=".tmp", dir=folder.parent))
    try:
        draft.chmod(0o755)
        yield draft
        _write_manifest(draft)
        _replace_folder(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_manifest(folder: Path) -> None:
    files = {name: sha256(folder / name) for name in _files(folder) if name != MANIFEST}
    content = {"format": FORMAT, "files": files}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _replace_folder(draft: Path, folder: Path) -> None:
    if folder.exists():
        # A folder cannot be renamed over a full one: step aside first, so that the gap is one rename long.
        aside = draft.with_suffix(".old")
        folder.rename(aside)
        draft.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        draft.rename(folder)


def _files(folder: Path) -> list[str]:
    """Return the relative names of all files, sorted. Raises CorruptArtifact on a link."""
    names = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise CorruptArtifact(f"{path} is a link; an artifact holds plain files only")
        if path.is_file():
            names.append(path.relative_to(folder).as_posix())
    return names


def write_metadata(folder: Path, metadata: Metadata) -> None:
    """Write metadata.json into an artifact that is being made."""
    (folder / METADATA).write_text(metadata.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_metadata(folder: Path) -> Metadata:
    """Read metadata.json. Raises CorruptArtifact where format or text format are not this version's."""
    content = read_content(folder)
    _check_number(folder / METADATA, content, "format", FORMAT)
    check_text_format(folder, content)
    return parse_metadata(folder, content)


def read_content(folder: Path) -> dict[str, Any]:
    """Read metadata.json of whatever format, as it stands. Raises CorruptArtifact where it is no JSON object."""
    path = folder / METADATA
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorruptArtifact(
            f"{folder} holds no {METADATA}; expected the folder that `standpoint train` wrote"
        ) from None
    except (ValueError, RecursionError) as error:
        raise CorruptArtifact(f"{path} is not JSON ({error}); train the model again") from None
    return _require_object(path, content)


def parse_metadata(folder: Path, content: dict[str, Any]) -> Metadata:
    """Return metadata of this version's format. Raises CorruptArtifact naming the first key that does not fit."""
    try:
        metadata = Metadata.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CorruptArtifact(f"{folder / METADATA}: {key}: {first['msg']}; train the model again") from None
    if metadata.abstain.low_confidence is not None and metadata.abstain.certainty is None:
        # Its bound was one on another confidence, and would withhold other answers now.
        raise CorruptArtifact(f"{folder / METADATA}: abstain is of an older kind; {describe_training(content)}")
    return metadata


def check_text_format(folder: Path, content: Mapping[str, Any]) -> None:
    """Raise CorruptArtifact where the model learnt from texts that another version composed."""
    _check_number(folder / METADATA, content, "text_format", TEXT_FORMAT)


def _require_object(path: Path, content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise CorruptArtifact(f"{path}: expected an object, found {type(content).__name__}; train the model again")
    return content


def _check_number(path: Path, content: Mapping[str, Any], key: str, known: int, oldest: int | None = None) -> None:
    found = content.get(key)
    number = found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
    if number is not None and (known if oldest is None else oldest) <= number <= known:
        return
    if number is not None and number > known:
        way_out = "use a newer standpoint"
    elif key == "text_format":
        way_out = describe_training(content)
    else:
        way_out = "train the model again" if number is None else describe_upgrade(path.parent)
    raise CorruptArtifact(f"{path}: {key} is {found!r}, this version reads {known}; {way_out}")


def describe_upgrade(folder: Path) -> str:
    """Return the words that end the refusal of an artifact of an older format."""
    command = f"standpoint migrate-artifact {shlex.quote(str(folder))} --out NEW"
    return f"run: {command}; where it was the champion, register and promote NEW"


def describe_training(content: Mapping[str, Any]) -> str:
    """Return the words that end the refusal of an artifact that only training makes anew: how it was trained.

    Of metadata that says less, as much as it says.
    """
    if content.get("task") not in ("topic", "stance"):
        return "train the model again"
    words = ["standpoint", "train", str(content["task"])]
    for option in ("model", "encoder", "seed"):
        if isinstance(content.get(option), str | int):
            words += [f"--{option}", str(content[option])]
    settings = content.get("settings")
    plain = settings.items() if isinstance(settings, dict) else ()
    changes = [f"{key}={value}" for key, value in plain if isinstance(value, str | int | float)]
    words += ["--set", *changes] if changes else []
    words += ["--init", f"ARTIFACT_{content['init'][:12]}"] if isinstance(content.get("init"), str) else []
    data = f" on its data ({content['data'][:12]})" if isinstance(content.get("data"), str) else ""
    return f"train it again{data}: {shlex.join(words)} --out NEW"


def check_manifest(folder: Path, oldest: int = FORMAT) -> str:
    """Check every file against the manifest; return the artifact's digest (sha256 of manifest.json).

    Formats before `oldest` are refused, as are those after this version's.
    Raises CorruptArtifact naming the first file that is missing, changed or unknown to the manifest.
    """
    if not folder.is_dir():
        raise CorruptArtifact(f"{folder} is no folder; expected an artifact, as `standpoint train` writes it")
    path = folder / MANIFEST
    try:
        content = _require_object(path, json.loads(path.read_text(encoding="utf-8")))
        _check_number(path, content, "format", FORMAT, oldest)
        expected = content["files"]
        if not isinstance(expected, dict):
            raise TypeError("files is no object")
    except FileNotFoundError:
        raise CorruptArtifact(f"{folder} holds no {MANIFEST}: not an artifact, or one half copied") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptArtifact(f"{path} cannot be read ({error}); copy or train the artifact again") from None
    found = set(_files(folder)) - {MANIFEST}
    for name in sorted(found ^ set(expected)):
        fault = "is not in the manifest" if name in found else "is missing"
        raise CorruptArtifact(f"{folder / name} {fault}; copy or train the artifact again")
    for name, digest in sorted(expected.items()):
        if sha256(folder / name) != digest:
            raise CorruptArtifact(f"{folder / name} differs from its sha256 in the manifest; copy or train it again")
    return sha256(path)
