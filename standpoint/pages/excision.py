"""Taking marks out of a block's text (timestamps, cue tags, line marks) while its offsets stay true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from standpoint.pages.blocks import Block

Piece = tuple[int, int]  # [start, end) of the page


def build_block(page: str, pieces: Sequence[Piece], gap: int) -> Block | None:
    """Return the block of pieces of the page, joined as they stand there; None where they hold only white space.

    Two pieces get one space between them where either ends or begins with white space or a line end lies between.
    """
    parts: list[Piece] = []
    texts: list[str] = []
    spaced = False
    for start, end in pieces:
        raw = page[start:end]
        text = raw.strip()
        if parts and not spaced:
            spaced = "\n" in page[parts[-1][1] : start] or "\r" in page[parts[-1][1] : start]
        if not text:
            spaced = spaced or bool(raw)
            continue
        left = start + len(raw) - len(raw.lstrip())
        if parts:
            texts.append(" " if spaced or left > start else "")
        parts.append((left, left + len(text)))
        texts.append(text)
        spaced = left + len(text) < end
    return Block(tuple(parts), "".join(texts), gap) if parts else None


def cut_marks(block: Block, marks: re.Pattern[str]) -> tuple[Block, list[Piece]]:
    """Return `block` without what `marks` finds in its text, and where that stood; a block of marks alone stays.

    A mark that stands before other text is expected to take the white space behind it along.
    """
    found = [match.span() for match in marks.finditer(block.text)]
    if not found:
        return block, []
    places = block.map_places()
    kept = [i for piece in keep_between(0, len(block.text), found) for i in range(*piece)]
    solid = [i for i in kept if not block.text[i].isspace()]
    if not solid:
        return block, []
    kept = [i for i in kept if solid[0] <= i <= solid[-1]]
    parts: list[list[int]] = []
    for place in (places[i] for i in kept):
        if parts and place == parts[-1][1]:
            parts[-1][1] += 1
        elif not parts or place != parts[-1][1] - 1:  # a joining space has the place before it
            parts.append([place, place + 1])
    text = "".join(block.text[i] for i in kept)
    taken = [(places[left], places[left + len(block.text[left:right].rstrip()) - 1] + 1) for left, right in found]
    return Block(tuple((start, end) for start, end in parts), text, block.gap), taken


def keep_between(start: int, end: int, marks: Iterable[Piece]) -> list[Piece]:
    """Return what is left of [start, end) between `marks`, which are in order and do not overlap."""
    pieces: list[Piece] = []
    for left, right in marks:
        if left > start:
            pieces.append((start, left))
        start = max(start, right)
    return [*pieces, (start, end)] if end > start else pieces
