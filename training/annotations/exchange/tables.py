"""Tables in files: CSV, TSV, JSON Lines and Parquet, written from rows and read with the place of each row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.mapping import COLUMNS, Row, Shape, Table
from training.annotations.exchange.rows import make_rows
from training.annotations.exchange.tasks import TaskSet
from training.files import open_replacing, read_lines, to_line

_CELL = 2**27  # characters of one cell; the module's own limit is shorter than a long document


def write_csv(tasks: TaskSet, out: Path, shape: Shape, delimiter: str = ",") -> list[Path]:
    """Write rows as CSV (RFC 4180, UTF-8): topics between semicolons, stances as JSON."""
    with open_replacing(out) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.DictWriter(text, COLUMNS[shape], delimiter=delimiter)
        writer.writeheader()
        for row in make_rows(tasks, shape):
            writer.writerow({name: _make_cell(value) for name, value in row.items()})
        text.detach()
    return [out]


def _make_cell(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return json.dumps(value, ensure_ascii=False) if not value or isinstance(value[0], dict) else ";".join(value)


def write_tsv(tasks: TaskSet, out: Path, shape: Shape) -> list[Path]:
    """Write rows as CSV with tabs between the cells."""
    return write_csv(tasks, out, shape, "\t")


def write_json_lines(tasks: TaskSet, out: Path, shape: Shape) -> list[Path]:
    """Write rows as one JSON object a line."""
    with open_replacing(out) as file:
        for row in make_rows(tasks, shape):
            file.write(to_line(row).encode() + b"\n")
    return [out]


def write_parquet(tasks: TaskSet, out: Path, shape: Shape) -> list[Path]:
    """Write rows as Parquet: topics a list of strings, stances a list of structs, positions 64-bit integers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    string = pa.string()
    pair = pa.struct([(name, string) for name in ("target", "stance", "holder")])
    types = {"start": pa.int64(), "end": pa.int64(), "topics": pa.list_(string), "stances": pa.list_(pair)}
    schema = pa.schema([(name, types.get(name, string)) for name in COLUMNS[shape]])
    with open_replacing(out) as file:
        pq.write_table(pa.Table.from_pylist(list(make_rows(tasks, shape)), schema=schema), file, compression="zstd")
    return [out]


def read_csv(source: Path) -> Table:
    """Read CSV with commas, semicolons or tabs between the cells, whichever the header has most of."""
    return _read_separated(source, ",;\t")


def read_tsv(source: Path) -> Table:
    """Read a table with tabs between the cells, quoted as in CSV."""
    return _read_separated(source, "\t")


def _read_separated(source: Path, delimiters: str) -> Table:
    text = _decode(source)
    header = text.partition("\n")[0]
    delimiter = max(delimiters, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _split_cells(reader, source)
    _, columns = next(rows, ("", []))
    if not any(columns):
        raise BadInput("is empty; expected a header with the names of the columns", str(source))
    names = tuple(name.strip() for name in columns)
    return Table(str(source), names, _name_cells(rows, names))


def _decode(source: Path) -> str:
    try:
        content = source.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(source)) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)", str(source))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        advice = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        raise BadInput(f"is not UTF-8 (byte {error.start + 1} of the file); {advice}", f"{source}:{line}") from None


def _split_cells(reader: Any, source: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (file:line, cells) of each row, the line being the one that it starts on."""
    usual = csv.field_size_limit(_CELL)
    try:
        while True:
            where = f"{source}:{reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                advice = "close every quote, and write a quote inside a cell twice"
                raise BadInput(f"is not CSV ({error}); {advice}", where) from None
            if cells:
                yield where, cells
    finally:
        csv.field_size_limit(usual)


def _name_cells(rows: Iterator[tuple[str, list[str]]], columns: Sequence[str]) -> Iterator[tuple[str, Row]]:
    for where, cells in rows:
        if len(cells) != len(columns):
            message = f"expected {len(columns)} cells, found {len(cells)}"
            raise BadInput(f"{message}; quote a text that holds the separator or a line break", where)
        yield where, dict(zip(columns, cells, strict=True))


def read_json_lines(source: Path) -> Table:
    """Read one JSON object a line; the columns are the fields of all of them."""
    columns = dict.fromkeys(name for line in read_lines(source) for name in line.content or ())

    def rows() -> Iterator[tuple[str, Row]]:
        for line in read_lines(source):
            if line.content is None:
                raise BadInput(line.problem, line.where)
            yield line.where, line.content

    return Table(str(source), tuple(columns), rows())


def read_parquet(source: Path) -> Table:
    """Read a Parquet file; days become text."""
    import pyarrow
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(source)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadInput(f"is no Parquet file that can be read ({reason})", str(source)) from None

    def rows() -> Iterator[tuple[str, Row]]:
        number = 0
        for batch in file.iter_batches(batch_size=1024):
            for row in batch.to_pylist():
                number += 1
                yield f"{source}: row {number}", row

    return Table(str(source), tuple(file.schema_arrow.names), rows())
