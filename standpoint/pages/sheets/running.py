"""Running heads, feet and page numbers: what is printed on sheet after sheet, or numbers them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.sheets.numbers import (
    is_code,
    is_composed,
    is_mark,
    is_motto,
    is_numbering,
    is_page_number,
    is_set_apart,
    numbers_sheet,
)
from standpoint.pages.sheets.row import Row, Sheets

_EDGE = 4  # lines at the top and at the bottom of a sheet that can be running ones
_SHARE = 0.2  # share of the sheets on which a running line stands
_LONGEST = 160  # characters of a running line, the spaces between its parts not counted
_NUMBERS = 12  # numbers of a running line that are compared with the next sheet's
_APART = 4  # lines between two page numbers, at least
_PRINTED = re.compile(r"\S\s{3,}\S|\d$")  # parts set far apart, or a number at the end
# A number set far apart at one end, as on facing pages.
_FACING = re.compile(r"(?P<left>\d{1,6})\s{3,}\S.*|\S.*\s{3,}(?P<right>\d{1,6})")
_TOKEN = re.compile(r"\S+")
_DIGITS = re.compile(r"\d+")

Signature = tuple[str, ...]
Edge = tuple[list[int], list[int]]  # rows at a sheet's top, downwards, and at its bottom, upwards


def take_running_lines(sheets: Sheets) -> int:
    """Take running lines out and number the sheets anew where no form feed did. Return how many were taken."""
    found = _find_at_edges(sheets) if sheets.fed else {}
    if not found:
        found = _find_in_text(sheets.rows)
    if not found:
        return 0
    _number_sheets(sheets, found)
    sheets.drop(found)
    return len(found)


def _sign(text: str) -> Signature:
    """Return what stays the same from sheet to sheet: the words in any order (left and right change), no digits."""
    return tuple(sorted(_DIGITS.sub("#", token.casefold()) for token in _TOKEN.findall(text)))


def _can_run(text: str) -> bool:
    short = len(" ".join(text.split())) <= _LONGEST
    prose = signs.ends_sentence(text) and len(text.split()) >= 8 and not re.search(r"\s{3,}", text)
    runs_on = text[:1].islower() and not re.search(r"\s{3,}", text) and not is_numbering(text[:40])
    return short and not prose and not runs_on


def _name_reason(text: str, bottom: bool) -> str:
    if is_mark(text):
        return "page number"
    return "footer" if bottom else "header"


def _find_at_edges(sheets: Sheets) -> dict[int, str]:
    """Return running lines at the edges of sheets that form feeds divide."""
    groups = sheets.group_sheets()
    lines = {row.text.strip() for row in sheets.rows}
    edges = [(list(group)[:_EDGE], list(group)[-_EDGE:][::-1]) for group in groups]
    numbered = {i for edge in edges for side in edge for i in side if numbers_sheet(sheets.rows[i].text)}
    counts: Counter[Signature] = Counter()
    for top, bottom in edges:
        counts.update({_sign(sheets.rows[i].text) for i in {*top, *bottom} if _can_run(sheets.rows[i].text)})
    needed = max(2, _SHARE * len(groups))
    found: dict[int, str] = {}
    for top, bottom in edges:
        for side in (top, bottom):
            for i in side:
                text = sheets.rows[i].text
                runs = is_page_number(text) or (_can_run(text) and counts[_sign(text)] >= needed)
                named = is_mark(text) or is_composed(text, lines)
                runs = runs or i in numbered or _stands_beside(sheets.rows, i, numbered)
                runs = runs or (side is bottom and i - 1 in numbered and is_motto(text))
                if not (runs or (named and _stands_apart(sheets.rows, i, side is bottom))):
                    break
                found[i] = _name_reason(text, side is bottom)
    found.update(_find_misplaced(sheets.rows, edges, found))
    found.update(_find_between(sheets, groups, found))
    return found


def _find_misplaced(rows: Sequence[Row], edges: Sequence[Edge], found: dict[int, str]) -> dict[int, str]:
    """Return running lines behind which a line of the sheet's text stands, with the page number beside them.

    Programs that write out a sheet's texts in the order in which they were drawn may put a foot above the last line.
    """
    known = {sign: found[i] for i in found if len(sign := _sign(rows[i].text)) > 1}
    misplaced: dict[int, str] = {}
    for i in (i for edge in edges for side in edge for i in side if i not in found):
        reason = known.get(_sign(rows[i].text))
        if reason is not None and _can_run(rows[i].text):
            misplaced[i] = reason
            beside = [j for j in (i - 1, i + 1) if 0 <= j < len(rows) and j not in found]
            misplaced.update({j: "page number" for j in beside if is_page_number(rows[j].text)})
    return misplaced


def _stands_beside(rows: Sequence[Row], i: int, numbered: Collection[int]) -> bool:
    """Tell a language's code or words set far apart (a motto between two codes) beside a line that numbers a sheet."""
    text = rows[i].text
    apart = is_set_apart(text) and _can_run(text) and not signs.ends_sentence(text)
    if not is_code(text) and not apart:
        return False
    return any(j in numbered for j in (i - 1, i + 1))


def _stands_apart(rows: Sequence[Row], i: int, bottom: bool) -> bool:
    """Tell a line with a blank line between it and the sheet's text."""
    if bottom:
        return rows[i].line.gap > 0
    return i + 1 < len(rows) and rows[i + 1].line.gap > 0


def _find_between(sheets: Sheets, groups: Sequence[range], found: dict[int, str]) -> dict[int, str]:
    """Return a few lines, set apart, at the end of a sheet and at the beginning of the next that part a sentence."""
    parting: dict[int, str] = {}
    for above, below in pairwise(groups):
        left = [i for i in above if i not in found]
        right = [i for i in below if i not in found]
        feet, heads = _cut_edge(sheets.rows, left, True), _cut_edge(sheets.rows, right, False)
        choices = [(0, 0), (0, heads), (feet, 0), (feet, heads)]
        # What looks like a foot or a head is taken for one before it is taken for the sentence itself.
        printed = any(i < len(sheets.rows) and _PRINTED.search(sheets.rows[i].text) for i in [*left[-1:], *right[:1]])
        for foot, head in reversed(choices) if printed else choices:
            before, after = left[: len(left) - foot], right[head:]
            if before and after and _runs_over(sheets.rows[before[-1]].text, sheets.rows[after[0]].text):
                parting.update({i: _name_reason(sheets.rows[i].text, True) for i in left[len(left) - foot :]})
                parting.update({i: _name_reason(sheets.rows[i].text, False) for i in right[:head]})
                break
    return parting


def _cut_edge(rows: Sequence[Row], side: Sequence[int], bottom: bool) -> int:
    """Return how many lines at a sheet's edge a blank line sets apart, 0 where they are many."""
    last = side[-_EDGE:] if bottom else side[:_EDGE]
    if bottom:
        return next((len(last) - n for n in range(len(last) - 1, -1, -1) if rows[last[n]].line.gap), 0)
    return next((n for n in range(1, len(last)) if rows[last[n]].line.gap), 0)


def _runs_over(before: str, after: str) -> bool:
    lower = after.lstrip(signs.OPENERS)[:1].islower()
    return len(before) >= 30 and not signs.ends_sentence(before) and lower and before[-1] not in ";:"


def _find_in_text(rows: Sequence[Row]) -> dict[int, str]:
    """Return page numbers in a text without form feeds, and the lines beside them that come again and again."""
    places: dict[Signature, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if _can_run(row.text):
            places[_sign(row.text)].append(i)
    numbered = {i for i, row in enumerate(rows) if is_numbering(row.text)}
    composed = {i for i, row in enumerate(rows) if numbers_sheet(row.text)}
    numbered |= composed | {i for i in range(len(rows)) if _stands_beside(rows, i, composed)}
    for sign, found in places.items():
        if any("#" in part for part in sign) and not _is_list(sign):
            numbered.update(_find_counted(rows, found))
    running = set(numbered)
    for i in sorted(numbered):
        for step in (-1, 1):
            j = i + step
            while 0 <= j < len(rows) and abs(j - i) < _EDGE and _comes_again(rows, j, places, numbered):
                running.add(j)
                j += step
    running |= _find_interrupting(rows, places) | _find_paired(rows)
    return {i: _name_reason(rows[i].text, i + 1 < len(rows) and i + 1 in running) for i in running}


def _is_list(sign: Signature) -> bool:
    """Tell «Article 5», «12.», «(3)»: a heading or an item that is counted on, and not a sheet."""
    return len(sign) <= 2 and any(part.rstrip(".:)") in _COUNTED or part in ("#.", "#)", "(#)") for part in sign)


_COUNTED = frozenset(
    re.findall(
        r"\S+",
        "article chapter section part item annex appendix table figure question resolution day step no no. nr nr."
        " artikel abschnitt kapitel chapitre partie artículo capítulo sección статья глава раздел",
    )
)


def _find_counted(rows: Sequence[Row], found: Sequence[int]) -> set[int]:
    """Return the rows of one signature in which one of the numbers grows by one or two from each to the next."""
    counted: set[int] = set()
    for a, b in pairwise(found):
        # Sorted, since left and right change from sheet to sheet.
        first, second = (sorted(map(int, _DIGITS.findall(rows[i].text)[:_NUMBERS])) for i in (a, b))
        changed = [y - x for x, y in zip(first, second, strict=True) if x != y] if len(first) == len(second) else []
        if len(changed) == 1 and 1 <= changed[0] <= 2 and b - a > _APART:
            counted |= {a, b}
    return counted


def _comes_again(rows: Sequence[Row], i: int, places: dict[Signature, list[int]], numbered: set[int]) -> bool:
    """Tell a line beside a page number that stands beside others too."""
    sign = _sign(rows[i].text)
    near = [
        j
        for j in places.get(sign, [])[:50]
        if j < _EDGE
        or any(k in numbered for k in range(j - _EDGE, j + _EDGE + 1))  # the first sheet may have no number
    ]
    return len(near) >= 2


def _find_interrupting(rows: Sequence[Row], places: dict[Signature, list[int]]) -> set[int]:
    """Return lines that come three times and stand, twice at least, in the middle of a sentence."""
    found: set[int] = set()
    for sign, where in places.items():
        if len(where) < 3 or len("".join(sign)) < 6 or len(sign) < 2:
            continue
        inside = sum(
            0 < i < len(rows) - 1
            and len(rows[i - 1].text) >= 40
            and not signs.ends_sentence(rows[i - 1].text)
            and rows[i + 1].text[:1].islower()
            for i in where
        )
        if inside >= 2 and not any(rows[where[0]].text.startswith(bracket) for bracket in "(["):
            found.update(where)
    return found


def _find_paired(rows: Sequence[Row]) -> set[int]:
    """Return heads of facing pages: a number set far apart, left on one and right on the other, and shared words."""
    found: set[int] = set()
    heads = [(i, match) for i, row in enumerate(rows) if (match := _FACING.fullmatch(row.text)) and _can_run(row.text)]
    for (i, a), (j, b) in pairwise(heads):
        counted = 1 <= int(b["left"] or b["right"]) - int(a["left"] or a["right"]) <= 2
        words = [set(re.findall(r"[^\W\d_]{3,}", match[0].casefold())) for match in (a, b)]
        fewer, more = sorted(words, key=len)
        if counted and j - i > _APART and len(fewer) >= 2 and fewer <= more:
            found |= {i, j}
    return found


def _number_sheets(sheets: Sheets, found: dict[int, str]) -> None:
    """Begin a sheet after each run of running lines, where form feeds begin none."""
    if sheets.fed and max((row.sheet for row in sheets.rows), default=0) > 0:
        return
    sheet, rows = 0, []
    for i, row in enumerate(sheets.rows):
        if i and i not in found and i - 1 in found:
            sheet += 1
        rows.append(replace(row, sheet=sheet))
    sheets.rows = rows
