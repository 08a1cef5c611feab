"""Tables of contents and tables of figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from standpoint.pages import signs
from standpoint.pages.sheets.row import Row, Sheets

_LEADER = re.compile(r"(?:\.\s?){5,}|…{2,}|(?:_\s?){8,}|·{5,}")
_PAGE_END = re.compile(r"(?:\.\s?){3,}\s*(?:\d{1,4}|[ivxl]{1,6})$|…+\s*\d{1,4}$")
_CELL = re.compile(r"\s{3,}|\t+|\s*\|\s*")
_FIGURE = re.compile(r"[-–+(]?[\d.,  ]*\d[\d.,  ]*[)%€$]?|[-–—]|n/?a", re.IGNORECASE)
_CELL_SIZE = 36  # characters of a table's cell
_ROWS = 2  # rows with figures that make a table; twice as many without


def take_contents(sheets: Sheets) -> int:
    """Take lines with dotted leaders out of the rows. Return how many of them end in a page number."""
    found: dict[int, str] = {}
    for i, row in enumerate(sheets.rows):
        if _LEADER.search(row.text) and not _is_rule(row.text):
            found[i] = "contents" if _PAGE_END.search(row.text[-30:]) else "table"
    sheets.drop(found)
    return sum(reason == "contents" for reason in found.values())


def take_tables(sheets: Sheets) -> None:
    """Take tables out of the rows."""
    sheets.drop({i: "table" for start, end in _find_tables(sheets.rows) for i in range(start, end)})


def _is_rule(text: str) -> bool:
    return not any(character.isalnum() for character in text)


def _split_cells(row: Row) -> list[str]:
    return [cell for cell in _CELL.split(row.text) if cell]


def _find_tables(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Return [start, end) of runs of rows that consist of short cells."""
    tables: list[tuple[int, int]] = []
    start = 0
    cells = [_split_cells(row) for row in rows]
    for i in range(len(rows) + 1):
        if i < len(rows) and _is_table_row(cells[i]):
            continue
        if i > start:
            figures = any(_has_figures(cells[j]) for j in range(start, i))
            if i - start >= (_ROWS if figures else 2 * _ROWS):
                tables.append((start, i))
        start = i + 1
    return tables


def _is_table_row(cells: Sequence[str]) -> bool:
    """Tell a row of at least two short cells, none of which is a sentence, the first no mere mark or number."""
    if len(cells) < 2 or any(len(cell) > _CELL_SIZE for cell in cells):
        return False
    if signs.ends_sentence(cells[-1]) and len(cells[-1].split()) > 3:
        return False
    return len(cells[0]) > 3 or len(cells) > 2


def _has_figures(cells: Sequence[str]) -> bool:
    return sum(bool(_FIGURE.fullmatch(cell)) for cell in cells) * 2 >= len(cells)
