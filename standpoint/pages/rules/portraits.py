"""Who was interviewed: the lines below «Zur Person», and what they have published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from standpoint.pages import portraits
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.speakers import NAMED, split_speaker

_HEADING = 60  # characters of the heading above a portrait
_PORTRAIT = 900  # characters of a paragraph of it
_WORK = 240  # characters of the line that names a book
_TURNS = 2  # turns of whoever is portrayed
_LAST = 8  # blocks at a page's end among which that line stands


def find_portraits(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop the lines on who was interviewed, whose name they begin with, and on the book that is to be sold."""
    below = False
    speaking = _find_surnames(layout)
    for i, block in enumerate(layout.blocks):
        heading = portraits.HEADING.match(block.core)
        inline = heading is not None and bool(portraits.BEGINS.match(block.core[heading.end() :]))
        told = (below and bool(portraits.BEGINS.match(block.core)) and not _is_turn(block)) or inline
        below = heading is not None and block.size <= _HEADING and not block.is_sentence and not inline
        if i in layout.dropped:
            continue
        told = told or (bool(speaking) and _tells_life(layout, i, speaking))
        if (told and block.size <= _PORTRAIT) or (_stands_last(layout, i) and portraits.WORK.match(block.core)):
            yield i, "profile"


def _stands_last(layout: Layout, i: int) -> bool:
    """Tell a line below the last prose of a page."""
    block, after = layout.blocks[i], range(i + 1, len(layout.blocks))
    short = len(after) < _LAST and block.sentences <= 2 and block.size <= _WORK
    return short and i > 0 and not any(layout.is_prose(j) for j in after)


def _find_surnames(layout: Layout) -> frozenset[str]:
    """Return the last words of names that stand before a colon twice or more."""
    names: Counter[str] = Counter()
    for block in layout.blocks:
        match = NAMED.match(block.text[:80])
        name = match["name"] if match else split_speaker(block.text)[0]
        if name:
            names[name.split()[-1].casefold()] += 1
    return frozenset(name for name, count in names.items() if count >= _TURNS)


def _tells_life(layout: Layout, i: int, speaking: frozenset[str]) -> bool:
    """Tell who was interviewed, below the last answer: the whole name of somebody who spoke, and what a life is."""
    match = portraits.LIFE.match(layout.blocks[i].core)
    if match is None or _is_turn(layout.blocks[i]) or match["name"].split()[-1].casefold() not in speaking:
        return False
    last = max((j for j, block in enumerate(layout.blocks) if _is_turn(block)), default=i)
    return last < i and not any(layout.is_prose(j) for j in range(i + 1, len(layout.blocks)))


def _is_turn(block: Block) -> bool:
    return split_speaker(block.text)[0] is not None or NAMED.match(block.text[:80]) is not None
