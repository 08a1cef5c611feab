"""Carry an artifact of an older format to this version's: a chain of steps, each from one format to the next.

Whoever raises FORMAT writes the step from the format before, and keeps an artifact of that one under
tests/golden/artifacts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint import artifact
from standpoint.backends import load_backend
from standpoint.errors import BadInput
from standpoint.golden import replay_golden
from standpoint.metadata import Metadata
from standpoint.predictor import Predictor
from training.models.baseline import write_baseline
from training.models.skops_parts import FIRST_PARTS, MODEL, load_parts, read_parts, write_parts

Step = Callable[[Path, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Upgrade:
    """An artifact carried to this version's format, and the format that it had."""

    folder: Path
    metadata: Metadata
    found: int


def find_format(folder: Path) -> int:
    """Return the format that an artifact has. Raises CorruptArtifact where it is none, or of a newer format.

    That is what its metadata says, but for the first baselines: they say 1, which was kept when the part `relation`
    came, and are 0.
    """
    artifact.check_manifest(folder, oldest=0)
    content = artifact.read_content(folder)
    found = content.get("format")
    if found == 1 and content.get("model") == "baseline" and (folder / MODEL).is_file():
        found = 0 if set(read_parts(folder / MODEL)) == FIRST_PARTS else 1
    if isinstance(found, int) and not isinstance(found, bool) and found in STEPS:
        return found
    artifact.read_metadata(folder)  # says what is wrong with every other number
    return artifact.FORMAT


def upgrade_artifact(folder: Path, out: Path) -> Upgrade:
    """Write to `out` the artifact in `folder` in this version's format, answering as before.

    The golden inputs are asked again before anything is sealed. Raises BadInput where there is nothing to do, and
    CorruptArtifact where the artifact is spoilt or its texts were composed in another way; then nothing is written.
    """
    digest, found = artifact.check_manifest(folder, oldest=0), find_format(folder)
    if found == artifact.FORMAT:
        raise BadInput(f"{folder} is of format {found} already")
    if out.resolve() == folder.resolve():
        raise BadInput("names the artifact itself; a migrated one is another, with a digest of its own", "--out")
    content = artifact.read_content(folder)
    artifact.check_text_format(folder, content)  # no step mends what was learnt from other texts
    with artifact.new_artifact(out) as draft:
        shutil.copytree(folder, draft, dirs_exist_ok=True)
        (draft / artifact.MANIFEST).unlink()  # sealed anew when all is well
        for number in range(found, artifact.FORMAT):
            content = {**STEPS[number](draft, content), "format": number + 1}
        metadata = artifact.parse_metadata(draft, content)
        origin = {"from": found, "to": artifact.FORMAT, "artifact": digest}
        metadata = metadata.model_copy(update={"settings": {**metadata.settings, "upgraded": origin}})
        artifact.write_metadata(draft, metadata)
        replay_golden(draft, Predictor(metadata, load_backend(draft, metadata)))
    return Upgrade(out, metadata, found)


def add_relation(draft: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Take a baseline from 0 to 1: say that no part decides on relation alone. Its one decision stays as it was."""
    if content.get("model") == "baseline":
        write_parts(draft / MODEL, {"relation": None, **read_parts(draft / MODEL)})
    return content


def unpack_linear(draft: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Take an artifact from 1 to 2: its linear model, where it has one, leaves scikit-learn's objects."""
    if (draft / MODEL).is_file():
        write_baseline(draft, load_parts(draft / MODEL))
        (draft / MODEL).unlink()
    return content


STEPS: Mapping[int, Step] = {0: add_relation, 1: unpack_linear}  # format -> the step to the next one
