"""What readers say below an article: all below a heading, single comments by how they are signed."""

from __future__ import annotations

from collections.abc import Iterator

from standpoint.pages import afterwords, lexicon
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.rules.teasers import is_heading, measure_run, resumes

_SECOND_ARTICLE = 600  # characters of prose after readers' comments that are no comment
_BODY = 400  # characters of prose above a heading that make it that of comments
_BUTTONS = 3  # such headings; where there are more they are buttons
_SIGNED = 400  # characters of a comment without a heading above it


def find_comments(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop readers' comments: all below their heading once prose has been seen, unless a whole article follows.

    A heading that occurs again and again is a button below each of many posts, and begins nothing.
    """
    headings = [i for i, block in enumerate(layout.blocks) if _names_readers(block)]
    for i in headings:
        yield i, "comment"
    first = next((i for i in headings[: _BUTTONS + 1] if _has_body(layout, i)), None)
    if first is None or len(headings) > _BUTTONS:
        yield from _find_signed(layout)
        return
    for i in range(first + 1, len(layout.blocks)):
        count, size, _, _ = measure_run(layout, i)
        if count >= 3 and size >= _SECOND_ARTICLE:
            return
        yield i, "comment"


def _names_readers(block: Block) -> bool:
    return is_heading(block, lexicon.COMMENTS) or is_heading(block, afterwords.READERS)


def _has_body(layout: Layout, end: int) -> bool:
    """Tell whether an article stands above block `end`, be it broken up by captions and quotations."""
    prose = sum(layout.blocks[i].size for i in range(end) if i not in layout.dropped and layout.blocks[i].is_sentence)
    return prose >= _BODY or any(resumes(layout, i) for i in range(end))


def _find_signed(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop, below the last stretch of prose, comments signed with a nickname and a time, or with buttons below them."""
    last = next((i for i in reversed(layout.kept()) if resumes(layout, i)), len(layout.blocks))
    for i in range(last + 1, len(layout.blocks)):
        block = layout.blocks[i]
        if i in layout.dropped or block.size > _SIGNED:
            continue
        below = layout.neighbour(i, 1)
        if afterwords.STAMPED.match(block.core) or (below is not None and afterwords.BUTTONS.match(below.core)):
            yield i, "comment"
        elif afterwords.BUTTONS.match(block.core):
            yield i, "reactions"
