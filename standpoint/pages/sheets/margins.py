"""Line numbers in the margin: on every line, or on every fifth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from standpoint.pages import signs
from standpoint.pages.blocks import Line
from standpoint.pages.shape import Span
from standpoint.pages.sheets.row import Row, Sheets, shift_line

_LEFT = re.compile(r"(\d{1,3})(?::?\s+|\s*\|\s*|$)(?=(.?))")
_RIGHT = re.compile(r"\s{3,}(\d{1,3})$")
_FEWEST = 8  # numbered lines in a row that make a numbered sheet
_FEWEST_FIFTHS = 3
_SKIPPED = 2  # lines without a number between two numbered ones
_STOPPED = 0.7  # share of numbered lines that end a sentence: above it they are numbered paragraphs

Found = tuple[int, int, int]  # row, number, and where the number begins in the row's text (0: at the left)


def take_line_numbers(sheets: Sheets) -> bool:
    """Take the margin's numbers out of the rows. Return whether there were any."""
    taken: dict[int, int] = {}
    for side in (_find_left(sheets.rows), _find_right(sheets.rows)):
        for chain in [*_find_every(sheets.rows, side), *_find_fifths(side)]:
            taken.update({row: place for row, _, place in chain})
    if not taken:
        return False
    rows: list[Row] = []
    gap = 0
    for i, row in enumerate(sheets.rows):
        line = replace(row.line, gap=row.line.gap + gap) if gap else row.line
        gap = 0
        if i in taken:
            kept = _cut_number(line, taken[i])
            number = (line.start, kept.start) if not taken[i] else (kept.end, line.end)
            sheets.marks.append(_mark(number, line))
            if not kept.text:
                gap = line.gap + 1
                continue
            line = kept
        rows.append(replace(row, line=line))
    sheets.rows = rows
    return True


def _cut_number(line: Line, place: int) -> Line:
    if place:
        text = line.text[:place].rstrip()
        return Line(line.start, line.start + len(text), text, line.gap, line.indent)
    match = _LEFT.match(line.text)
    return shift_line(line, match.end() if match else 0)


def _mark(place: tuple[int, int], line: Line) -> Span:
    """Return the dropped span of a number, without the white space beside it."""
    text = line.text[place[0] - line.start : place[1] - line.start]
    left = len(text) - len(text.lstrip())
    return Span(place[0] + left, place[0] + left + len(text.strip()), reason="line number")


def _find_left(rows: Sequence[Row]) -> list[Found]:
    found = []
    for i, row in enumerate(rows):
        match = _LEFT.match(row.text)
        if match:
            found.append((i, int(match[1]), 0))
    return found


def _find_right(rows: Sequence[Row]) -> list[Found]:
    found = []
    for i, row in enumerate(rows):
        match = _RIGHT.search(row.text[-12:])
        if match:
            found.append((i, int(match[1]), len(row.text) - len(row.text[-12:]) + match.start()))
    return found


def _find_every(rows: Sequence[Row], found: Sequence[Found]) -> list[list[Found]]:
    """Return chains of rows numbered one by one; a short chain counts where a long one is."""
    chains: list[list[Found]] = []
    for item in found:
        last = chains[-1][-1] if chains else None
        if last and item[1] == last[1] + 1 and item[0] - last[0] <= 1 + _SKIPPED:
            chains[-1].append(item)
        else:
            chains.append([item])
    long = [chain for chain in chains if len(chain) >= _FEWEST and _is_margin(rows, chain)]
    if not long:
        return []
    return [chain for chain in chains if chain[0][1] == 1 or any(chain is other for other in long)]


def _is_margin(rows: Sequence[Row], chain: Sequence[Found]) -> bool:
    """Tell numbered lines from numbered paragraphs and from a list: their text runs on from line to line."""
    texts = [rows[i].text for i, _, _ in chain]
    stopped = sum(signs.ends_sentence(text) for text in texts)
    return stopped <= _STOPPED * len(texts) and chain[-1][0] - chain[0][0] <= 1.5 * len(chain)


def _find_fifths(found: Sequence[Found]) -> list[list[Found]]:
    chains: list[list[Found]] = []
    for item in found:
        if item[1] % 5 or not item[1]:
            continue
        last = chains[-1][-1] if chains else None
        if last and item[1] == last[1] + 5 and 3 <= item[0] - last[0] <= 5:
            chains[-1].append(item)
        else:
            chains.append([item])
    if not any(len(chain) >= _FEWEST_FIFTHS for chain in chains):
        return []
    return [chain for chain in chains if len(chain) >= _FEWEST_FIFTHS or chain[0][1] == 5]
