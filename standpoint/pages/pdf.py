"""The sheet shape: text taken out of a PDF, with form feeds, running heads, footnotes, columns, broken lines.

Passages of columns that stand side by side are read column by column; see `sheets.cutting` for their offsets.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from standpoint.pages import signs
from standpoint.pages.blocks import Layout
from standpoint.pages.plain import keep_lone_statement
from standpoint.pages.rules import apply_rules
from standpoint.pages.shape import Span
from standpoint.pages.sheets.cutting import cut_sheets
from standpoint.pages.sheets.paragraphs import build_paragraphs
from standpoint.pages.sheets.reading import Signs, read_sheets
from standpoint.pages.sheets.references import cut_references

_CONTENTS = 3  # entries that make a table of contents
_RUNNING = 2  # running lines of a printed page
_SAMPLE = 200_000  # characters by which the shape is told
_PRINTED = re.compile(r"\f\s*\S|\S\s*\f\s*$")
# Rules for what sites put around an article; in a report their words are a chapter's.
_SITES = frozenset(("find_endings", "find_dated_teasers"))


def is_pdf(text: str) -> bool:
    """Tell text that was printed: a form feed, or what only sheets have: page and line numbers, columns, leaders."""
    sample = text[:_SAMPLE]
    if "\f" in sample and _PRINTED.search(sample):
        return True
    return _is_printed(read_sheets(sample)[1])


def _is_printed(found: Signs) -> bool:
    return found.numbered or found.columns or found.contents >= _CONTENTS or found.running >= _RUNNING


def read_pdf(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a printed page, kept and dropped. `without` names rules that are left out."""
    sheets, _ = read_sheets(text)
    blocks = build_paragraphs(sheets.rows, _begins_nothing)
    layout = Layout(cut_references(blocks, sheets.marks, text))
    apply_rules(layout, {*without, *_SITES})
    keep_lone_statement(layout)
    return cut_sheets(layout, sheets.marks, text)


def _begins_nothing(text: str) -> bool:
    return signs.has_bullet(text)
