"""The input of a batch: which shape a file has, its digest, its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from standpoint.artifact import sha256
from standpoint.batch.csv_table import count_csv, read_csv
from standpoint.batch.json_lines import count_lines, read_json_lines
from standpoint.batch.parquet_table import count_parquet, read_parquet
from standpoint.batch.record import Record
from standpoint.errors import BadInput

Shape = Literal["jsonl", "csv", "parquet"]

SUFFIXES: dict[str, Shape] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_PARQUET = b"PAR1"
_HEAD = 65_536  # bytes looked at to tell a shape
_FOREIGN = {
    b"\xff\xfe": "is UTF-16; save it as UTF-8",
    b"\xfe\xff": "is UTF-16; save it as UTF-8",
    b"\x1f\x8b": "is compressed; unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed; unpack it first",
    b"PK\x03\x04": "is an archive or a spreadsheet; unpack it, or save the sheet as CSV",
}


@dataclass(frozen=True)
class Source:
    """An input file that was looked at once: `digest` is the sha256 of its bytes, `total` its rows."""

    path: Path
    shape: Shape
    digest: str
    total: int
    stamp: tuple[int, int]  # size in bytes, time of change in nanoseconds

    def records(self) -> Iterator[Record]:
        """Yield every row, in order. Raises BadInput where the file cannot be read on."""
        read = {"jsonl": read_json_lines, "csv": read_csv, "parquet": read_parquet}[self.shape]
        return read(self.path)

    def check_unchanged(self) -> None:
        """Raise BadInput where the file was written to since it was opened."""
        if _stamp(self.path) != self.stamp:
            raise BadInput("changed while it was read; run the command again", str(self.path))


def open_source(path: Path) -> Source:
    """Tell a file's shape by its suffix, else by its content; take its digest and count its rows.

    Raises BadInput where it is no file, empty, of no known shape, or has no column `text`.
    """
    if not path.exists():
        raise BadInput("no such file", str(path))
    if not path.is_file():
        raise BadInput("expected a plain file, found a folder or a pipe; write the rows to a file first", str(path))
    stamp = _stamp(path)
    try:
        shape = _tell_shape(path)
        digest = sha256(path)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror or error})", str(path)) from None
    total = {"jsonl": count_lines, "csv": count_csv, "parquet": count_parquet}[shape](path)
    if not total:
        raise BadInput("holds no rows; expected at least one with a text", str(path))
    return Source(path, shape, digest, total, stamp)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _tell_shape(path: Path) -> Shape:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise BadInput("is empty; expected rows with a text", str(path))
    for mark, fault in _FOREIGN.items():
        if head.startswith(mark):
            raise BadInput(fault, str(path))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    shape = SUFFIXES.get(path.suffix.lower()) or _tell_content(start, path)
    if shape == "jsonl" and start.startswith(b"["):
        raise BadInput(
            "is one JSON list; expected an object a line (jq -c '.[]' FILE > FILE.jsonl makes them)", f"{path}:1"
        )
    if shape != "parquet" and start.startswith(_PARQUET):
        raise BadInput(f"is Parquet, its name says {path.suffix}; rename it to .parquet", str(path))
    return shape


def _tell_content(start: bytes, path: Path) -> Shape:
    if start.startswith(_PARQUET):
        return "parquet"
    if start[:1] in (b"{", b"["):
        return "jsonl"
    if b"text" in start.split(b"\n", 1)[0]:
        return "csv"
    raise BadInput("is neither JSON Lines, CSV with a column 'text', nor Parquet; name it by its suffix", str(path))
