"""Read a built dataset through its manifest, the only list of its files, each checked against its sha256; and only
where its leak certificate is there and holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput, Refused
from training.files import digest_bytes

MANIFEST = "manifest.json"
FORMAT = 1
CERTIFICATE = "certificate.json"
CERTIFICATE_FORMAT = 2  # the first had no measured power
PASSED = "passed"
_BUILD_AGAIN = "nothing is learnt from it; build the dataset again: standpoint dataset"


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


def find_certificate(folder: Path, dataset: str) -> dict[str, Any]:
    """Return the leak certificate of the dataset with the digest `dataset` in a folder.

    While a build replaces another, certificate.json holds the certificate of the earlier dataset as well, under
    `previous`. Raises Refused where there is none, or one of another dataset.
    """
    path = folder / CERTIFICATE
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Refused(f"{folder}: the dataset has no leak certificate ({CERTIFICATE}); {_BUILD_AGAIN}") from None
    except ValueError:
        raise Refused(f"{path}: is not JSON; {_BUILD_AGAIN}") from None
    held = [content, content.get("previous")] if isinstance(content, dict) else []
    for certificate in held:
        if isinstance(certificate, dict) and certificate.get("dataset") == dataset:
            return {name: value for name, value in certificate.items() if name != "previous"}
    found = str(content.get("dataset"))[:12] if isinstance(content, dict) else type(content).__name__
    raise Refused(f"{path}: is stale: it is of dataset {found}, the manifest of {dataset[:12]}; {_BUILD_AGAIN}")


def check_certificate(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise Refused where the leak certificate is missing, stale, of an older format or failed."""
    certificate, path = find_certificate(folder, manifest["digest"]), folder / CERTIFICATE
    if certificate.get("format") != CERTIFICATE_FORMAT:
        found = certificate.get("format")
        raise Refused(f"{path}: expected a certificate of format {CERTIFICATE_FORMAT}, found {found!r}; {_BUILD_AGAIN}")
    overlaps = certificate.get("overlaps")
    sound = isinstance(overlaps, dict) and not any(overlaps.values())
    if certificate.get("verdict") != PASSED or not sound:
        raise Refused(f"{path}: the certificate failed (verdict {certificate.get('verdict')!r}); {_BUILD_AGAIN}")


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
