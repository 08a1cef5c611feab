"""A line of a sheet, and what of the sheet is no text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from standpoint.pages.blocks import Line, split_lines
from standpoint.pages.shape import Span


@dataclass(frozen=True)
class Row:
    """A line, the number of the sheet it stands on, and of the column that it belongs to; 0 is the sheet's width."""

    line: Line
    sheet: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def right(self) -> int:
        """Characters from the margin to the line's end."""
        return self.line.indent + len(self.line.text)


@dataclass
class Sheets:
    """The rows of a page's text in reading order, and the spans that were taken out (marks), in any order."""

    rows: list[Row]
    marks: list[Span] = field(default_factory=list)
    fed: bool = False  # whether form feeds divide the sheets

    def drop(self, reasons: dict[int, str]) -> None:
        """Take rows out, index to reason. What follows them stands apart by a blank line more."""
        rows: list[Row] = []
        gap = 0
        for i, row in enumerate(self.rows):
            if i in reasons:
                self.marks.append(Span(row.line.start, row.line.end, reason=reasons[i]))
                gap += row.line.gap + 1
                continue
            rows.append(replace(row, line=replace(row.line, gap=row.line.gap + gap)) if gap else row)
            gap = 0
        self.rows = rows

    def group_sheets(self) -> list[range]:
        """Return the indices of the rows of each sheet that has some."""
        ranges: list[range] = []
        start = 0
        for i in range(1, len(self.rows) + 1):
            if i == len(self.rows) or self.rows[i].sheet != self.rows[start].sheet:
                ranges.append(range(start, i))
                start = i
        return ranges if self.rows else []


def split_rows(text: str) -> Sheets:
    """Return the lines of a page with their sheets; a form feed begins a new one."""
    feeds = [match.start() for match in re.finditer("\f", text)]
    rows: list[Row] = []
    sheet = 0
    for line in split_lines(text):
        while sheet < len(feeds) and feeds[sheet] < line.start:
            sheet += 1
        # A form feed is white space at the line's edge, and no indent.
        rows.append(Row(line, sheet))
    return Sheets(rows, fed=bool(feeds))


def shift_line(line: Line, cut: int) -> Line:
    """Return `line` without its first `cut` characters and the white space after them."""
    rest = line.text[cut:]
    left = cut + len(rest) - len(rest.lstrip())
    return Line(line.start + left, line.end, line.text[left:], line.gap, line.indent + left)


def join_texts(rows: Sequence[Row]) -> str:
    return " ".join(row.text for row in rows)
