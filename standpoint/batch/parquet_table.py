"""Rows of a Parquet file; `targets` are a list column, or JSON in a text column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standpoint.batch.record import FIELDS, Record, name_place, parse_cell
from standpoint.errors import BadInput, MissingExtra

_BATCH = 256  # rows decoded at a time
_BUFFER = 2**20  # bytes read at a time of each column: without it a row group comes into memory whole


def read_parquet(path: Path) -> Iterator[Record]:
    """Yield the rows; a null is no field at all. `where` numbers the rows from 1.

    Raises BadInput where the file is damaged or has no column `text`, MissingExtra without pyarrow.
    """
    file = _open_parquet(path)
    columns = [name for name in FIELDS if name in file.schema_arrow.names]
    number = 0
    batches = file.iter_batches(batch_size=_BATCH, columns=columns, use_threads=False)
    while (batch := _next_batch(batches, path, number)) is not None:
        for row in range(batch.num_rows):
            number += 1
            yield _read_row(batch, row, columns, name_place(path, number))


def count_parquet(path: Path) -> int:
    """Return how many rows `read_parquet` yields."""
    return int(_open_parquet(path).metadata.num_rows)


def _open_parquet(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ModuleNotFoundError:
        raise MissingExtra(f"predict {path.name}", "tables", "pyarrow") from None
    try:
        file = parquet.ParquetFile(path, buffer_size=_BUFFER)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"is no Parquet file that can be read ({_first_line(error)})", str(path)) from None
    names = file.schema_arrow.names
    if "text" not in names:
        found = ", ".join(repr(name[:40]) for name in names[:12]) or "none"
        raise BadInput(f"expected a column 'text', found {found}; rename the one with the passages", str(path))
    return file


def _next_batch(batches: Iterator[Any], path: Path, number: int) -> Any | None:
    import pyarrow

    try:
        return next(batches, None)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"is damaged after row {number} ({_first_line(error)}); copy it again", str(path)) from None


def _read_row(batch: Any, row: int, columns: list[str], where: str) -> Record:
    try:
        cells = {name: batch.column(name)[row].as_py() for name in columns}
    except UnicodeDecodeError:
        return Record(where, None, "is not UTF-8; write the column as UTF-8 text")
    found = {name: cell for name, cell in cells.items() if cell is not None}
    return Record(where, {name: parse_cell(cell) if name == "targets" else cell for name, cell in found.items()})


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
