"""From the rows of sheets to paragraphs: what was broken at a line's, a column's or a sheet's end is joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.blocks import Block, Line
from standpoint.pages.sheets.row import Row
from standpoint.pages.wraps import build_blocks

_WIDEST = 150  # characters of a hard-wrapped line; a page of wider ones has a paragraph on each line
_FULL = 0.78  # share of the width past which an unfinished line was broken for want of room
_STOPPED = 0.86  # the same of a line that ends a sentence
_SLACK = 8  # characters that a full line may fall short, where paragraphs are not set apart
_LONG = 0.55  # share of the width of a line that a sheet's end can have broken
_INSIDE = 0.15  # share of long lines that end inside a sentence, where lines are wrapped
_SPACED = 0.08  # share of rows with a blank line above them from which on paragraphs are set apart
_FEWEST = 3  # paragraphs whose indent makes a style
_HYPHEN = re.compile(r"[^\W\d_][-‐\u00ad]$")
_OPEN = re.compile(r"[,;:]$")
_NUMBERED = re.compile(r"\(?(?P<number>\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s+\S")
_RECITAL = re.compile(r"\(?[A-ZА-Я]{1,2}[.)]\s+(?P<lower>[^\W\d_A-ZА-Я])?")
_HANGS = re.compile(r"[\W_]{1,3}\s|\(?\w{1,5}[.)]\s|[QA]\b|[^\W\d_a-z][^:\n]{0,60}:")
_LABELLED = 5  # paragraphs that begin with labels, and no other does
_MARGIN = 0.2  # share of a column's lines that stand at its margin, at least
_WIDTH_SHARE = 0.9  # share of the rows that are no longer than the width

Begins = Callable[[str], bool]


def build_paragraphs(rows: Sequence[Row], begins: Begins) -> list[Block]:
    """Return the blocks of the rows. `begins` tells a line that begins a turn or another block of its own kind."""
    if not rows:
        return []
    widths = _measure_widths(rows)
    margins = _measure_margins(rows)
    rows = _undo_double_spacing(rows, widths)
    spaced = sum(row.line.gap > 0 for row in rows) >= _SPACED * len(rows)
    wrapped = _is_wrapped(rows, widths)
    indented = not spaced and _is_indented_style(rows, margins)
    headings = _find_lone_headings(rows, widths, begins)
    labelled = not indented and _is_labelled(rows, widths, begins)
    groups: list[list[Line]] = [[rows[0].line]]
    for i, (before, row) in enumerate(pairwise(rows), 1):
        width = widths[before.column]
        wide = bool(before.column) != bool(row.column)  # above or below columns, and no part of them
        apart = not wide and (before.sheet != row.sheet or before.column != row.column)
        if width > _WIDEST or not wrapped:
            joins = _repairs(before, row, begins)
        elif i in headings or _starts_block(before, row, begins, width):
            joins = False
        elif apart:
            margin = margins[row.sheet, row.column]
            goes_on = labelled and row.right > _LONG * width and row.line.indent <= margin + 1
            joins = (goes_on and not row.text.isupper()) or _goes_over(before, row, width, margin, indented)
        elif row.line.gap or wide:
            joins = not wide and _bridges(before, row, width)
        else:
            margin = margins[row.sheet, row.column]
            joins = not _is_indented(groups[-1][0], before, row, margin) and _continues(before, row, width, spaced)
        if joins:
            groups[-1].append(row.line)
        else:
            groups.append([row.line])
    return build_blocks(groups)


def _is_labelled(rows: Sequence[Row], widths: dict[int, int], begins: Begins) -> bool:
    """Tell sheets on which each paragraph begins with a label or a bracket: none is begun by a short line above it."""
    below = [
        begins(b.text) or b.text[0] in "(["
        for a, b in pairwise(rows)
        if a.sheet == b.sheet and signs.ends_sentence(a.text) and a.right < _STOPPED * widths[a.column]
    ]
    return len(below) >= _LABELLED and all(below)


def _measure_widths(rows: Sequence[Row]) -> dict[int, int]:
    """Return, for each column, how far from the margin its long lines reach."""
    rights: dict[int, list[int]] = {}
    for row in rows:
        rights.setdefault(row.column, []).append(row.right)
    return {column: sorted(found)[int(_WIDTH_SHARE * (len(found) - 1))] for column, found in rights.items()}


def _measure_margins(rows: Sequence[Row]) -> dict[tuple[int, int], int]:
    """Return the least indent that a fair share of the lines of each column of each sheet has."""
    indents: dict[tuple[int, int], Counter[int]] = {}
    for row in rows:
        indents.setdefault((row.sheet, row.column), Counter())[row.line.indent] += 1
    return {
        place: min(
            indent for indent, count in counts.items() if count >= min(_MARGIN * counts.total(), max(counts.values()))
        )
        for place, counts in indents.items()
    }


def _undo_double_spacing(rows: Sequence[Row], widths: dict[int, int]) -> list[Row]:
    """Take one blank line away before each row where nearly every line has one, in the middle of sentences too."""
    pairs = list(pairwise(rows))
    tight = sum(not b.line.gap for _, b in pairs)
    inside = sum(_is_inside(a.text, b.text) for a, b in pairs)
    if len(pairs) < 5 or tight > 0.1 * len(pairs) or inside < 0.3 * len(pairs):
        return list(rows)
    return [
        Row(Line(x.start, x.end, x.text, max(0, x.gap - 1), x.indent), row.sheet, row.column)
        for row, x in ((row, row.line) for row in rows)
    ]


def _is_wrapped(rows: Sequence[Row], widths: dict[int, int]) -> bool:
    """Tell lines that were broken for want of room from lines that are paragraphs: many end inside a sentence."""
    pairs = [(a, b) for a, b in pairwise(rows) if not b.line.gap and a.right >= _LONG * widths[a.column]]
    return sum(_is_inside(a.text, b.text) for a, b in pairs) >= max(1, _INSIDE * len(pairs))


def _is_inside(before: str, after: str) -> bool:
    if _HYPHEN.search(before):
        return True
    return not signs.ends_sentence(before) and after.lstrip(signs.OPENERS)[:1].islower()


def _repairs(before: Row, row: Row, begins: Begins) -> bool:
    """Tell the rest of a paragraph that a page's end broke, where each paragraph is one line."""
    long = len(before.text) >= 60 and not _OPEN.search(before.text)
    return long and _is_inside(before.text, row.text) and not signs.has_bullet(row.text) and not begins(row.text)


def _starts_block(before: Row, row: Row, begins: Begins, width: int) -> bool:
    """Tell an item of a list, a numbered paragraph or a turn; a line that begins like one by chance follows a full,
    unfinished line.
    """
    stopped = signs.ends_sentence(before.text) or before.text[-1] in ":;,—–-)]"
    full = before.right >= _FULL * width
    if begins(row.text):
        return stopped or not full or bool(row.line.gap) or row.line.indent > before.line.indent + 1
    recital = _RECITAL.match(row.text)
    if recital and (before.text[-1] == ";" or (stopped and recital["lower"])):
        return True
    numbered = _NUMBERED.match(row.text)
    if not (numbered or signs.has_bullet(row.text)):
        return False
    return stopped or not full or bool(row.line.gap) or (not numbered and not before.text[-1].isalnum())


def _find_lone_headings(rows: Sequence[Row], widths: dict[int, int], begins: Begins) -> set[int]:
    """Return headings between items with no blank line around: short, no sentence, below a stop, above a number."""
    found: set[int] = set()
    for i in range(1, len(rows) - 1):
        before, row, after = rows[i - 1], rows[i], rows[i + 1]
        short = row.right < _LONG * widths[row.column] and row.text[0].isupper()
        stopped = before.text[-1] == ";" or signs.ends_sentence(before.text)
        titled = short and stopped and not signs.ends_sentence(row.text) and row.text[-1] not in ",;:-‐"
        if titled and (_NUMBERED.match(after.text) or signs.has_bullet(after.text) or begins(after.text)):
            found.add(i)
    return found


def _is_indented_style(rows: Sequence[Row], margins: dict[tuple[int, int], int]) -> bool:
    """Tell sheets whose paragraphs begin further in and have no blank line between."""
    begun = sum(
        signs.ends_sentence(a.text) and a.line.indent <= b.line.indent - 2 and not b.line.gap for a, b in pairwise(rows)
    )
    flush = sum(row.line.indent <= margins[row.sheet, row.column] + 1 for row in rows)
    return begun >= _FEWEST and flush * 2 >= len(rows)


def _goes_over(before: Row, row: Row, width: int, margin: int, indented: bool) -> bool:
    """Tell a paragraph that goes on in the next column or on the next sheet.

    Where a full stop ends the last line it does if the next word had no room, or if only an indent begins paragraphs.
    """
    if signs.ends_sentence(before.text):
        flush = row.line.indent <= margin + 1 and row.text[0].isalpha()
        full = before.right + 1 + len(row.text.split(maxsplit=1)[0]) > width
        return flush and (full or (indented and len(row.text) > _LONG * width))
    if _HYPHEN.search(before.text):
        return True
    lower = row.text.lstrip(signs.OPENERS)[:1].islower()
    return lower or (before.right >= _LONG * width and len(before.text) >= 20 and not before.text.isupper())


def _bridges(before: Row, row: Row, width: int) -> bool:
    """Tell a blank line in the middle of a sentence."""
    full = before.right >= _FULL * width
    return full and not _OPEN.search(before.text) and _is_inside(before.text, row.text)


def _is_indented(first: Line, before: Row, row: Row, margin: int) -> bool:
    """Tell the first line of a paragraph by its indent; `first` is that of the paragraph before.

    The lines below a bullet, a number or a label stand further in than it, and begin nothing.
    """
    indent = row.line.indent
    if indent <= before.line.indent + 1 and (indent <= margin + 1 or indent < before.line.indent - 1):
        return False
    if indent > first.indent and _HANGS.match(first.text):
        return False
    return signs.ends_sentence(before.text) or not _is_inside(before.text, row.text)


def _continues(before: Row, row: Row, width: int, spaced: bool) -> bool:
    """Tell whether the next line belongs to the same paragraph: no room was left for its first word."""
    if _is_inside(before.text, row.text):
        return True
    if before.text.isupper() != row.text.isupper() and len(row.text) > 20:
        return False
    reach = before.right + 1 + len(row.text.split(maxsplit=1)[0])
    if not signs.ends_sentence(before.text):
        return reach > _FULL * width
    return reach > (_STOPPED * width if spaced else width - _SLACK)
