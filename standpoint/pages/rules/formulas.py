"""Set phrases that say nothing of their own: last clauses of resolutions and notes, last lines of letters, sponsors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages import formulas, signs
from standpoint.pages.blocks import Block, Layout

_CLAUSE = 400  # characters of a clause
_ASSURANCE = 420
_LETTER = 120
_PASS_ON = 160
_SPONSORED = 600  # characters of what a sponsor says
_TITLE = 240  # characters of a figure's title
_ADDRESS = re.compile(signs.URL)


def find_formulas(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop clauses of procedure, assurances of esteem, and a letter's lines that only ask to be answered."""
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped or block.sentences > 1:
            continue
        if block.size <= _CLAUSE and formulas.CLAUSE.match(block.core):
            yield i, "procedure"
        elif (block.size <= _ASSURANCE and formulas.ASSURANCE.match(block.core)) or (
            block.size <= _LETTER and formulas.LETTER.match(block.core)
        ):
            yield i, "courtesy"


def find_sponsors(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop what is labelled as paid for, and calls to pass a letter on; below a bare label, the text with a link."""
    labelled = False
    for i, block in enumerate(layout.blocks):
        bare, labelled = labelled, False
        if i in layout.dropped:
            continue
        match = formulas.SPONSOR.match(block.text) if block.size <= _SPONSORED else None
        if match and _is_label(block, match):
            labelled = not any(character.isalnum() for character in block.text[match.end() :])
            yield i, "subscription"
        elif bare and block.size <= _SPONSORED and _leads_away(layout, i):
            yield i, "subscription"
        elif block.size <= _PASS_ON and block.sentences <= 3 and formulas.PASS_ON.match(block.core):
            yield i, "share"


def _is_label(block: Block, match: re.Match[str]) -> bool:
    """Tell a label from a sentence that begins with the same word: capitals, a mark before it, or one behind it."""
    return match["label"].isupper() or match.start("label") > 0 or match["mark"] in ("", ":", "|")


def _leads_away(layout: Layout, i: int) -> bool:
    following = layout.neighbour(i, 1)
    return any(block is not None and _ADDRESS.search(block.text) for block in (layout.blocks[i], following))


def find_figures(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop the titles of figures and tables, and lines that say what they were drawn from."""
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped:
            continue
        if block.size <= _TITLE and block.sentences <= 2 and formulas.FIGURE.match(block.core):
            yield i, "caption"
        elif block.size <= _TITLE and block.sentences <= 1 and formulas.SOURCE.match(block.core):
            yield i, "byline"
