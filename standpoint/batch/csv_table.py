"""Rows of a CSV file: RFC 4180 in UTF-8, with a header; semicolons and tabs between columns are taken too."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from standpoint.batch.record import FIELDS, ROW_LIMIT, Record, name_place, parse_cell
from standpoint.errors import BadInput

_DELIMITERS = ",;\t"


def read_csv(path: Path) -> Iterator[Record]:
    """Yield the rows below the header; an empty cell is no field at all. `where` has the line that a row starts on.

    Raises BadInput where the header has no column `text`, or a quote is opened and never closed.
    """
    usual = csv.field_size_limit(ROW_LIMIT)
    try:
        # What is not UTF-8 becomes half a surrogate pair, so that one bad row does not end the file.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            delimiter = _tell_delimiter(file)
            reader = csv.reader(iter(lambda: file.readline(ROW_LIMIT), ""), delimiter=delimiter, strict=True)
            columns, width = _read_header(reader, path)
            yield from _read_rows(reader, path, columns, width)
    finally:
        csv.field_size_limit(usual)


def count_csv(path: Path) -> int:
    """Return how many rows `read_csv` yields."""
    return sum(1 for _ in read_csv(path))


def _tell_delimiter(file: IO[str]) -> str:
    header = file.readline(ROW_LIMIT)
    file.seek(0)
    for delimiter in _DELIMITERS:
        if "text" in _clean_names(header.rstrip("\r\n").split(delimiter)):
            return delimiter
    return ","


def _read_header(reader: Iterator[list[str]], path: Path) -> tuple[dict[str, int], int]:
    """Return the places of our columns and the number of all columns."""
    where = f"{path}:1"
    try:
        names = _clean_names(next(reader, []))
    except csv.Error as error:
        raise BadInput(f"the header cannot be read ({error}); expected column names", where) from None
    if "text" not in names:
        found = ", ".join(repr(name[:40]) for name in names[:12]) or "none"
        raise BadInput(f"expected a column 'text', found the columns {found}; rename the one with the passages", where)
    twice = next((name for name in FIELDS if names.count(name) > 1), None)
    if twice:
        raise BadInput(f"the column {twice!r} stands twice; rename one of them", where)
    return {name: names.index(name) for name in FIELDS if name in names}, len(names)


def _clean_names(names: list[str]) -> list[str]:
    return [name.strip(" \"'") for name in names]


def _read_rows(reader: Any, path: Path, columns: dict[str, int], width: int) -> Iterator[Record]:
    while True:
        line = reader.line_num + 1
        where = name_place(path, line)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error) == "unexpected end of data" or "field limit" in str(error):
                raise BadInput("a quote is opened and never closed; close it or write it twice", where) from None
            yield Record(where, None, f"is not CSV ({error}); write a quote inside a cell twice")
            continue
        if cells:
            yield _read_cells(cells, where, columns, width)


def _read_cells(cells: list[str], where: str, columns: dict[str, int], width: int) -> Record:
    if len(cells) != width:
        return Record(where, None, f"expected {width} cells, found {len(cells)}; quote a text with commas or newlines")
    found = {name: cells[place] for name, place in columns.items() if cells[place]}
    if any("\udc80" <= character <= "\udcff" for cell in found.values() for character in cell):
        return Record(where, None, "is not UTF-8; save the file as UTF-8")
    return Record(where, {name: parse_cell(cell) if name == "targets" else cell for name, cell in found.items()})
