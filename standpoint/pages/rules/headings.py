"""Headlines, subheadings, buttons: short lines that are no sentence and no item of a list that says something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from standpoint.pages.blocks import Block, Layout
from standpoint.pages.signs import OPENERS, count_size
from standpoint.pages.speakers import split_speaker

_HEADING = 100  # characters below which a line without a sentence end is no paragraph
_UNSTOPPED_HEADING = 50  # the same on pages whose paragraphs mostly lack a full stop
_WITH_SENTENCE = 60  # characters of a block whose last words follow a whole sentence
_TITLE = 110  # characters of a headline that is a question or an exclamation
_TITLE_WORDS = 20
_CLAUSE_END = re.compile(r"[;,](?:\s(?:and|or|und|oder|et|ou|y|o|и|или|e))?$", re.IGNORECASE)
_LEAD_WORDS = 4  # words of a line with a colon that introduces what follows
_SHORT_LEAD = 3  # words of one whose sentence goes on in a list


def find_headings(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop short lines without a sentence end, but for list items, quotations, turns, and lines that introduce them."""
    blocks = layout.blocks
    limit = _find_limit(layout)
    title = next((i for i in layout.kept()), None)
    led = False  # whether the line before introduces, or belongs to, a list that says something
    for i, block in enumerate(blocks):
        if i in layout.dropped:
            led = False
        elif i == title and i + 1 < len(blocks) and _is_title(block):
            yield i, "heading"
        elif (
            block.is_sentence
            or _is_clause(blocks, i)
            or _is_long(block, limit)
            or _says_something(block, led and _is_item(blocks, i))
        ):
            led = block.core.endswith((":", ";")) or (led and _is_item(blocks, i))
        elif block.core.endswith((":", ",")) and _is_lead(layout, i) and _introduces(layout, i):
            led = True
        else:
            led = False
            yield i, "heading"


def _find_limit(layout: Layout) -> float:
    """Return the length below which a line without a full stop is a heading: lower where full stops are rare."""
    long = [layout.blocks[i] for i in layout.kept() if layout.blocks[i].size >= _HEADING]
    stopped = sum(block.is_sentence for block in long)
    return _UNSTOPPED_HEADING if len(long) >= 3 and stopped * 3 < len(long) else _HEADING


def _is_long(block: Block, limit: float) -> bool:
    """Tell a paragraph without a full stop at its end: long, or with whole sentences before its last words."""
    return block.size >= limit or (block.sentences > 0 and block.size >= _WITH_SENTENCE)


def _is_clause(blocks: Sequence[Block], i: int) -> bool:
    """Tell a clause of a sentence that runs over paragraphs, as in resolutions: it and one beside it end in a comma."""
    around = [blocks[j] for j in (i - 1, i + 1) if 0 <= j < len(blocks)]
    return _is_open(blocks[i]) and any(_is_open(block) for block in around)


def _is_open(block: Block) -> bool:
    return block.core.endswith((",", ";")) and len(block.words) > _LEAD_WORDS


def _is_title(block: Block) -> bool:
    """Tell a headline: the first block that is kept, short, without a full stop."""
    stopped = block.is_sentence and block.core[-1] not in "?!"
    return not stopped and block.size <= _TITLE and len(block.words) <= _TITLE_WORDS and not _is_turn(block)


def _is_item(blocks: Sequence[Block], i: int) -> bool:
    """Tell an item of the list that the block before introduces or belongs to: no mark, or the same mark."""
    before, block = blocks[i - 1], blocks[i]
    return before.core.endswith(":") or not block.has_bullet or before.text[0] == block.text[0]


def _says_something(block: Block, led: bool) -> bool:
    """Tell a list item, a quotation or a speaker's turn from a heading."""
    if block.has_bullet and led and block.words:
        return True
    if len(block.words) < 3:
        return False
    if block.has_bullet and block.core.endswith((";", ",")):
        return True
    if led and block.core[0].islower():
        return True
    if block.core[0] in OPENERS and block.core[-1] in "\"'”’»“" and len(block.words) >= 5:
        return True
    return _is_turn(block)


def _is_turn(block: Block) -> bool:
    """Tell a speaker's turn, of more than a few words, from a headline with a colon: it is marked as speech or ends."""
    speaker, said = split_speaker(block.text)
    spoken = block.is_sentence or not block.text[:1].isalnum()
    return speaker is not None and spoken and len(said.split()) >= 4 and count_size(said) >= 20


def _is_lead(layout: Layout, i: int) -> bool:
    """Tell words enough for a lead-in; fewer do where the items that follow finish its sentence."""
    block, following = layout.blocks[i], layout.neighbour(i, 1)
    if len(block.words) >= _LEAD_WORDS or following is None:
        return len(block.words) >= _LEAD_WORDS
    goes_on = following.core[:1].islower() and bool(_CLAUSE_END.search(following.core[-8:]))
    return len(block.words) >= _SHORT_LEAD and block.core.endswith(":") and goes_on


def _introduces(layout: Layout, i: int) -> bool:
    """Tell a lead-in from a label: what comes next is kept, and is a list item, a quotation or prose."""
    following = layout.neighbour(i, 1)
    if following is None or i + 1 in layout.dropped:
        return False
    if layout.blocks[i].core.endswith(","):
        return following.has_bullet and following.core[:1].islower()
    quoted = following.core[:1] != "" and following.core[0] in OPENERS
    listed = following.has_bullet or bool(_CLAUSE_END.search(following.core[-8:]))
    return listed or quoted or following.is_sentence or following.core[:1].islower()
