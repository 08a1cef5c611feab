"""Footnotes at the bottom of a sheet, and notes at the end of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from standpoint.pages import signs
from standpoint.pages.sheets.row import Row, Sheets

_RULE = re.compile(r"(?:[_\-–—=─━]\s?){5,}")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARKED = re.compile(
    r"[\[(]?(?:(?P<number>\d{1,3})|(?P<high>[⁰¹²³⁴-⁹]{1,3})|(?P<star>[*†‡]{1,3}))(?P<close>[\]).]?)\s*(?=[^\W\d_]"
    r"|[«“\"'(„])"
)
# A number that is set against the word or the stop before it.
_ATTACHED = re.compile(r"(?:[^\W\d_]|[^\W\d_][.,;:!?”\"’')»]{1,3})[\[(]?(\d{1,3})(?![\w%°]|[.,:/]\d)")
_HIGH = re.compile(r"([⁰¹²³⁴-⁹]{1,3})")
_STAR = re.compile(r"\w[.,;:!?”\"’')»]{0,3}([*†‡]{1,3})")
_HEADING = re.compile(
    r"(?:\d{0,2}\.?\s*)?(?:end|foot)?notes?(?: and references)?|references|bibliography|anmerkungen|fu(?:ß|ss)noten"
    r"|endnoten|literatur"
    r"|notes de bas de page|références|bibliographie|notas|referencias|bibliografía|примечания|сноски|литература"
    r"|ссылки",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[\[(]?(?:\d{1,3}|[⁰¹²³⁴-⁹]{1,3}|[*†])[\]).:]?\s*\S")
_BARE = re.compile(r"(\d{1,3})\s+(?=[^\W\d_a-z])")
_LOW = 0.5  # share of a sheet in which notes stand whose references were lost
_WORK = re.compile(r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)*,? [^\W\d_a-z](?:\.|[\w'’-]+[,.])")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_SKIPPED = 3  # numbers by which notes may count on: those between stand where a sheet's foot was taken
_LAST = 0.35  # share of a document's rows in which the notes at its end begin
_MOST = 0.7  # share of a sheet that its footnotes can take


def take_notes(sheets: Sheets) -> int:
    """Take the notes out of the rows. Return how many rows were taken."""
    found: dict[int, str] = {}
    last = 0
    bare = _find_bare(sheets)
    for group in sheets.group_sheets():
        start, last = _find_start(sheets.rows, group, last)
        start = min(start, next((i for i in group if i in bare), start))
        found.update(dict.fromkeys(range(start, group.stop), "footnote"))
    end = _find_end_notes(sheets.rows)
    found.update(dict.fromkeys(range(end, len(sheets.rows)), "footnote"))
    sheets.drop(found)
    return len(found)


def _find_bare(sheets: Sheets) -> set[int]:
    """Return where notes begin whose references were lost: «1 A sentence.» set apart at the bottom of sheets.

    They count on from sheet to sheet, and no other row begins with a bare number.
    """
    rows = sheets.rows
    numbers = [i for i, row in enumerate(rows) if _BARE.match(row.text)]
    last, begun = 0, set()
    groups = {i: group for group in sheets.group_sheets() for i in group}
    for i in numbers:
        match, group = _BARE.match(rows[i].text), groups[i]
        # A heading is no sentence, and what a sheet's text begins with is no note.
        low = i > group.start and i >= group.stop - max(1, round(_LOW * len(group)))
        number = int(match[1]) if match else 0
        if not 0 < number - last <= _SKIPPED or not low or not signs.ends_sentence(rows[group.stop - 1].text):
            return set()
        if rows[i].line.gap:
            begun.add(i)
        elif i - 1 not in groups or not (begun and max(begun) in group):
            return set()
        last = number
    return begun if len(sheets.group_sheets()) > 1 else set()


def _find_start(rows: Sequence[Row], group: range, last: int) -> tuple[int, int]:
    """Return (row at which the notes of a sheet begin, its end where there are none; number of its last note)."""
    referred = _find_references(rows[i] for i in group)
    floor = group.stop - int(_MOST * len(group))
    for i in range(max(floor, group.start + 1), group.stop):
        ruled = bool(_RULE.fullmatch(rows[i].text))
        first = i + 1 if ruled else i
        if first >= group.stop or not _begins_note(rows[first], last, referred, ruled):
            continue
        numbers = _count_notes(rows, range(first, group.stop))
        if numbers is not None:
            return i, numbers or last
    return group.stop, last


def _find_references(rows: Iterator[Row]) -> set[str]:
    """Return the numbers and signs that are set against a word."""
    found: set[str] = set()
    for row in rows:
        text = row.text
        found.update(_ATTACHED.findall(text))
        found.update(number.translate(_SUPERSCRIPTS) for number in _HIGH.findall(text[1:]))
        found.update(_STAR.findall(text))
    return found


def _begins_note(row: Row, last: int, referred: set[str], ruled: bool) -> bool:
    match = _MARKED.match(row.text)
    if not match:
        return False
    if match["star"]:
        return ruled or match["star"] in referred
    number = int((match["number"] or match["high"]).translate(_SUPERSCRIPTS))
    expected = number in (1, last + 1)
    if ruled or match["high"]:
        return True
    return expected and str(number) in referred


def _count_notes(rows: Sequence[Row], notes: range) -> int | None:
    """Return the last note's number, None where numbers that begin rows do not count on from each to the next."""
    number = 0
    for i in notes:
        match = _MARKED.match(rows[i].text)
        if match and not match["star"]:
            found = int((match["number"] or match["high"]).translate(_SUPERSCRIPTS))
            if number and found != number + 1:
                if rows[i].line.gap:
                    return None
                continue  # a number that begins a row by chance
            number = found
    return number


def _is_listed(rows: Sequence[Row]) -> bool:
    """Tell the first rows of a list of notes or of works: a number, or an author's name and initial, and a year."""
    works = " ".join(row.text for row in rows)
    return bool(_ITEM.match(rows[0].text)) or bool(_WORK.match(works) and _YEAR.search(works[:200]))


def _find_end_notes(rows: Sequence[Row]) -> int:
    """Return the row of a heading «Notes» near the end, below which numbered notes stand; the end where none is."""
    for i in range(int((1 - _LAST) * len(rows)), len(rows) - 1):
        if _HEADING.fullmatch(rows[i].text.strip(" :.")) and _is_listed(rows[i + 1 : i + 3]):
            return i
    return len(rows)
