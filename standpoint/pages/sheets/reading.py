"""From a page of sheets to its rows in reading order, and what the sheets themselves say of their shape."""

from __future__ import annotations

from dataclasses import dataclass

from standpoint.pages.sheets.columns import split_columns
from standpoint.pages.sheets.lists import take_contents, take_tables
from standpoint.pages.sheets.margins import take_line_numbers
from standpoint.pages.sheets.notes import take_notes
from standpoint.pages.sheets.row import Sheets, split_rows
from standpoint.pages.sheets.running import take_running_lines


@dataclass(frozen=True)
class Signs:
    """What was found on the sheets: signs that a page was printed before it was text."""

    numbered: bool  # line numbers in the margin
    running: int  # running heads, feet, page numbers
    contents: int  # entries of a table of contents
    columns: bool
    notes: int  # rows of footnotes


def read_sheets(text: str) -> tuple[Sheets, Signs]:
    """Return the rows of a page without what belongs to its sheets, and what that was."""
    sheets = split_rows(text)
    numbered = take_line_numbers(sheets)
    running = take_running_lines(sheets)
    contents = take_contents(sheets)
    columns = split_columns(sheets)
    take_tables(sheets)
    notes = take_notes(sheets)
    return sheets, Signs(numbered, running, contents, columns, notes)
