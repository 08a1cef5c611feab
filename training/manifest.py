"""Read a built dataset through its manifest: the only list of its files, each checked against its sha256."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.files import digest_bytes

MANIFEST = "manifest.json"
FORMAT = 1


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a built dataset; raises BadInput where there is none or it is of another format."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("is no built dataset (it has no manifest.json); run: standpoint dataset", str(folder)) from None
    except ValueError:
        raise BadInput("is not JSON; build the dataset again", str(path)) from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise BadInput(f"expected a dataset of format {FORMAT}, found {found!r}; build the dataset again", str(path))
    return dict(manifest)


def read_rows(folder: Path, part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of one part as the manifest describes it (`file`, `sha256`, `rows`)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / part["file"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput("is named in the manifest and missing; build the dataset again", str(path)) from None
    if digest_bytes(content) != part["sha256"]:
        raise BadInput("differs from what the manifest names; build the dataset again", str(path))
    rows: list[dict[str, Any]] = pq.read_table(pa.BufferReader(content)).to_pylist()
    return rows
