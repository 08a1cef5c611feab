"""Captions and credits of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages import lexicon, notices
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.rules.formulas import find_figures

_SIGNED = re.compile(r"\S\s*\|\s*(?:[A-Z][\w.'’-]+ ){0,2}[A-Z][\w.'’-]+$")  # a sentence, a bar, a name
_LETTER = r"[^\W\d_a-zß-ÿа-яё]"
# A sentence, then an agency's or a photographer's name in capitals, as French and Spanish papers set it.
_CAPITAL = re.compile(
    rf"[.!?»”\")](?: [–—-])? (?P<name>(?:{_LETTER}(?:{_LETTER}|[.'’-])*[ /]+){{1,4}}"
    rf"(?:[«“\"][^«»“”\"]{{2,60}}[»”\"]|\(?{_LETTER}{{2,}}\)?))$"
)
_LONGEST = 320  # characters of a caption
_NEXT_TO_CREDIT = 200  # characters of a caption whose credit stands on the next line


def find_captions(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop credits, lines that end in a credit, lines that describe a picture, and the line before a bare credit."""
    yield from find_figures(layout)
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped or block.size > _LONGEST:
            continue
        if _is_credit(block):
            yield i, "credit"
            above = layout.neighbour(i, -1)
            if above is not None and i - 1 not in layout.dropped and _is_above_credit(layout, above, block):
                yield i - 1, "caption"
        elif _has_credit(block) or (block.sentences <= 2 and block.size <= 250 and lexicon.POSED.search(block.core)):
            yield i, "caption"


def _is_credit(block: Block) -> bool:
    """Tell a line that holds a credit and nothing else."""
    if block.size <= 90 and block.core.startswith("(") and lexicon.AGENCY_SLASH.match(block.core):
        return True
    match = lexicon.CREDIT.search(block.core)
    return bool(match) and match is not None and match.start() <= 1 and block.size <= 90 and block.sentences <= 1


def _has_credit(block: Block) -> bool:
    if block.sentences <= 2 and block.size <= _NEXT_TO_CREDIT and notices.SOURCE.search(block.core):
        return True
    match = lexicon.CREDIT.search(block.core)
    if match:
        # In a caption the credit comes first or last; in a sentence about photographs it stands anywhere.
        last = len(block.core) - match.start() <= 80 and _starts_apart(block.core, match.start())
        return match.start() <= 1 or last
    signed = lexicon.AGENCY_SLASH.search(block.core) or _SIGNED.search(block.core)
    return block.size <= _NEXT_TO_CREDIT and (bool(signed) or _is_signed_in_capitals(block))


def _is_signed_in_capitals(block: Block) -> bool:
    match = _CAPITAL.search(block.core)
    return match is not None and match["name"].isupper() and not block.core[: match.start()].isupper()


def _starts_apart(text: str, position: int) -> bool:
    """Tell whether something else than a running sentence stands before `position`."""
    before = text[:position].rstrip()
    return not before or before[-1] in ".!?…([|/–—-:;\"'”’»" or text[position] == "©"


def _is_above_credit(layout: Layout, above: Block, credit: Block) -> bool:
    """Tell a caption from an article's paragraph above a credit: one sentence, and closer than paragraphs stand."""
    if above.sentences > 1 or above.size > _NEXT_TO_CREDIT:
        return False
    spaced = sum(block.gap > 0 for block in layout.blocks[1:]) * 2 > len(layout.blocks)
    return credit.gap == 0 or not above.is_sentence or not spaced
