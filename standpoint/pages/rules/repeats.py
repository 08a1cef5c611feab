"""Blocks shown twice. The first copy stays, however the copies are cut; a cut copy yields to the whole one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from standpoint.pages.blocks import Block, Layout
from standpoint.pages.signs import count_sentences

_SHINGLE = 5  # words in a row that two texts share by chance only rarely
_CONTAINED = 8  # words below which a text within another is an echo and no copy
_HEADLINE = 20  # words that a copy may have in front: the headline
_COPIED = 12  # words that must be copied behind a headline

_MARKED_UP = re.compile(r"\*\*\w|__\w|\]\(https?:")  # Markdown as messengers export it

Shingle = tuple[str, ...]


def find_repeats(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop second copies, then cut or shorter copies of what comes whole later on. Linear in the page's words."""
    kept = layout.kept()
    seen: set[Shingle] = set()
    whole: dict[Shingle, int] = {}
    tail: list[str] = []
    copies: set[int] = set()
    for i in kept:
        block = layout.blocks[i]
        tokens = tuple(block.tokens)
        first = whole.get(tokens)
        if first is not None and _is_marked_up(layout.blocks[first]) and not _is_marked_up(block):
            whole[tokens] = i
            copies.add(first)
            yield first, "repeat"
            continue
        if first is not None or _is_copy(block, seen):
            copies.add(i)
            yield i, "repeat"
            continue
        whole[tokens] = i
        # Shingles run on from the block before: a paragraph cut in two is covered where its whole copy comes later.
        seen.update(_shingles(tail + block.tokens))
        tail = (tail + block.tokens)[-_SHINGLE + 1 :]
    yield from ((i, "repeat") for i in _find_cut(layout.blocks, [i for i in kept if i not in copies]))


def _is_marked_up(block: Block) -> bool:
    return bool(_MARKED_UP.search(block.text))


def _find_cut(blocks: Sequence[Block], kept: Sequence[int]) -> Iterator[int]:
    """Yield blocks whose words all come again within one later block."""
    later: set[Shingle] = set()
    for i in reversed(kept):
        tokens = blocks[i].tokens
        # The last word of a cut copy may itself be cut.
        body = tokens[:-1] if blocks[i].is_cut and len(tokens) > _CONTAINED else tokens
        if len(body) >= _CONTAINED and all(shingle in later for shingle in _shingles(body)):
            yield i
        else:
            later.update(_shingles(tokens))


def _shingles(tokens: Sequence[str]) -> list[Shingle]:
    return [tuple(tokens[i : i + _SHINGLE]) for i in range(len(tokens) - _SHINGLE + 1)]


def _is_copy(block: Block, seen: set[Shingle]) -> bool:
    """Tell a block all of whose words were read before, in this order; only a headline in front may be new."""
    tokens = block.tokens
    if len(tokens) < _SHINGLE:
        return False
    covered = [False] * len(tokens)
    for i, shingle in enumerate(_shingles(tokens)):
        if shingle in seen:
            covered[i : i + _SHINGLE] = [True] * _SHINGLE
    if not any(covered):
        return False
    head = covered.index(True)
    # A copy cut off by a length limit ends in half a word.
    end = len(tokens) - 1 if block.is_cut and len(tokens) >= _COPIED else len(tokens)
    if not all(covered[head:end]) or head > min(_HEADLINE, 0.4 * len(tokens)):
        return False
    return head == 0 or (len(tokens) - head >= _COPIED and not _is_statement(block, head))


def _is_statement(block: Block, head: int) -> bool:
    """Tell whether the first `head` words hold a sentence end: then they say something and are no headline."""
    position, text = 0, block.text.casefold()
    for token in block.tokens[:head]:
        position = text.index(token, position) + len(token)
    return count_sentences(text[:position]) > 0
