"""Two columns (or more) that stand side by side: their rows are read one column after the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.blocks import Line
from standpoint.pages.sheets.row import Row, Sheets

_GUTTER = re.compile(r"\s{2,}(?=\S)")
_FEWEST = 4  # rows with text on both sides of a gutter
_SHARE = 0.3  # share of a region's rows that have both
_RAGGED = 6  # characters by which the right side may begin later than its margin: a paragraph's indent
_NARROWEST = 15  # characters of the left side
_INSIDE = 0.2  # share of line ends that fall inside a sentence, on either side
_WORDS = 2.5  # words in a line of either side, on average
_DEEPEST = 3  # columns that are looked for at each side of the first gutter


def split_columns(sheets: Sheets) -> bool:
    """Put columns that stand side by side one after the other. Return whether there were any."""
    rows: list[Row] = []
    for group in sheets.group_sheets():
        rows += _split_rows([sheets.rows[i] for i in group], _DEEPEST)
    # Each region's columns are numbered on their own; what matters is that neighbours differ.
    split = len(rows) != len(sheets.rows)
    sheets.rows = rows
    return split


def _split_rows(rows: list[Row], depth: int) -> list[Row]:
    """Return the rows in reading order."""
    if not depth or len(rows) < _FEWEST:
        return rows
    gutter = _find_gutter(rows)
    if gutter is None:
        return rows
    ordered: list[Row] = []
    start = 0
    for first, last in _find_regions(rows, gutter):
        left, right = _cut_region(rows[first:last], gutter)
        if not (_is_prose(left) and _is_prose(right)):
            continue
        ordered += rows[start:first]
        ordered += [replace(row, column=2 * row.column + 1) for row in _split_rows(left, depth - 1)]
        ordered += [replace(row, column=2 * row.column + 2) for row in _split_rows(right, depth - 1)]
        start = last
    return ordered + rows[start:]


def _find_gutter(rows: Sequence[Row]) -> int | None:
    """Return the place at which most rows go on after a wide space, None where too few do."""
    counts: Counter[int] = Counter()
    for row in rows:
        counts.update({row.line.indent + match.end() for match in _GUTTER.finditer(row.text)})
    places = [(sum(counts[place + i] for i in range(_RAGGED)), -place) for place in counts if place >= _NARROWEST]
    if not places:
        return None
    best, place = max(places)
    return -place if best >= _FEWEST else None


def _cut_place(row: Row, gutter: int) -> int | None:
    """Return where the right side of a row begins in its text: 0 where all of it is on the right, None where it
    crosses the gutter; its length where all of it is on the left.
    """
    place = gutter - row.line.indent
    if place <= 1:
        return 0
    if place >= len(row.text) + 1:
        return len(row.text)
    if row.text[place - 2 : place].strip():
        # The left side may reach into a gutter that is one space wide there.
        return None
    rest = row.text[place:]
    return place + len(rest) - len(rest.lstrip())


def _find_regions(rows: Sequence[Row], gutter: int) -> list[tuple[int, int]]:
    """Return [start, end) of stretches of rows that leave the gutter free and have enough text on both sides."""
    cuts = [_cut_place(row, gutter) for row in rows]
    both = [cut is not None and 0 < cut < len(row.text) for cut, row in zip(cuts, rows, strict=True)]
    regions: list[tuple[int, int]] = []
    start = 0
    for i in range(len(rows) + 1):
        if i == len(rows) or cuts[i] is None:
            region = _trim_region(rows, both, start, i)
            if region is not None:
                regions.append(region)
            start = i + 1
    return regions


def _trim_region(rows: Sequence[Row], both: Sequence[bool], start: int, end: int) -> tuple[int, int] | None:
    """Cut away what stands above the first row with two sides, and a paragraph's rest that touches wide rows below."""
    shared = [i for i in range(start, end) if both[i]]
    if len(shared) < _FEWEST:
        return None
    first, last = shared[0], shared[-1] + 1
    # A head or a foot with parts set far apart looks like a row of columns, two blank lines away from them.
    last = next((i for i in range(max(first + 1, last - _FEWEST), last) if rows[i].line.gap > 1), last)
    first = next((i for i in range(min(first + _FEWEST, last - 1), first, -1) if rows[i].line.gap > 1), first)
    while first > start and not rows[first].line.gap:
        first -= 1
    if end < len(rows):  # wide rows follow: only what stands tight below the columns is theirs
        while last < end and not rows[last].line.gap:
            last += 1
    else:
        while last < end and rows[last].line.gap <= 1:
            last += 1
    return (first, last) if len(shared) >= _SHARE * (last - first) else None


def _cut_region(rows: Sequence[Row], gutter: int) -> tuple[list[Row], list[Row]]:
    left: list[Row] = []
    right: list[Row] = []
    gaps = [0, 0]  # rows that each side left blank
    for row in rows:
        cut = _cut_place(row, gutter) or 0
        line = row.line
        text = line.text[:cut].rstrip()
        gaps = [gap + line.gap for gap in gaps]
        if text:
            left.append(replace(row, line=Line(line.start, line.start + len(text), text, gaps[0], line.indent)))
        if cut < len(line.text):
            indent = max(0, line.indent + cut - gutter)
            right.append(replace(row, line=Line(line.start + cut, line.end, line.text[cut:], gaps[1], indent)))
        gaps = [0 if text else gaps[0] + 1, 0 if cut < len(line.text) else gaps[1] + 1]
    return left, right


def _is_prose(rows: Sequence[Row]) -> bool:
    """Tell a column of running text from a table's: several words a line, and sentences that run on."""
    if len(rows) < _FEWEST or sum(len(row.text.split()) for row in rows) < _WORDS * len(rows):
        return False
    pairs = list(pairwise(rows))
    inside = sum(_runs_on(a.text, b.text) for a, b in pairs if not b.line.gap)
    return inside >= _INSIDE * len(pairs)


def _runs_on(before: str, after: str) -> bool:
    return not signs.ends_sentence(before) and after.lstrip(signs.OPENERS)[:1].islower()
