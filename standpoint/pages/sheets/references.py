"""Raised numbers that refer to a footnote of the sheets: they are taken out of the text, the note is dropped anyway."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from standpoint.pages.blocks import Block
from standpoint.pages.shape import Span

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# Several notes may be referred to at one place: «¹² ¹³», «¹²,¹³».
_REFERENCE = re.compile(r"\s?[⁰¹²³⁴-⁹]{1,3}(?:[\s,⁾⁽]{0,2}[⁰¹²³⁴-⁹]{1,3}){0,3}")
_NUMBER = re.compile(r"[⁰¹²³⁴-⁹]{1,3}")
_NOTE = re.compile(r"[\[(]?(\d{1,3}|[⁰¹²³⁴-⁹]{1,3})[\]).]?\s*[^\W\d]")
_WORD = re.compile(r"[^\W\d_]{3,}[.,;:!?”\"’')»\]]{0,3}$")


def cut_references(blocks: Sequence[Block], marks: Sequence[Span], page: str) -> list[Block]:
    """Return blocks without the raised numbers of notes that stand among `marks`. A power or an area keeps its own."""
    notes = {
        match[1].translate(_RAISED)
        for mark in marks
        if mark.reason == "footnote" and (match := _NOTE.match(page, mark.start, mark.end))
    }
    return [_cut_block(block, notes) for block in blocks] if notes else list(blocks)


def _cut_block(block: Block, notes: set[str]) -> Block:
    found = [
        match.span()
        for match in _REFERENCE.finditer(block.text)
        if _WORD.search(block.text[max(0, match.start() - 8) : match.start()])
        and all(number.translate(_RAISED) in notes for number in _NUMBER.findall(match[0]))
    ]
    if not found:
        return block
    trimmed = [_trim(block.text, *piece) for piece in _cut_parts(block, found)]
    kept = [(start, end) for start, end in trimmed if start < end]
    places = block.map_places()
    texts = [block.text[slice(*kept[0])]]
    for before, piece in pairwise(kept):
        spaced = any(character.isspace() for character in block.text[before[1] : piece[0]])
        texts.append((" " if spaced else "") + block.text[slice(*piece)])
    return replace(block, parts=tuple((places[start], places[end - 1] + 1) for start, end in kept), text="".join(texts))


def _cut_parts(block: Block, found: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of the block's text, each within one part and between references; those are in order."""
    at, next_found = 0, 0
    for part in block.parts:
        at += block.text[at : at + 1] == " "  # what joins two parts
        end = at + part[1] - part[0]
        while next_found < len(found) and found[next_found][0] < end:
            left, right = found[next_found]
            yield at, max(at, left)
            at = min(end, right)
            if right > end:
                break
            next_found += 1
        yield at, end
        at = end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
