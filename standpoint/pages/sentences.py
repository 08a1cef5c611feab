"""Cutting at sentence ends: for articles that come as one line without paragraph breaks."""

from __future__ import annotations

import re

from standpoint.pages.signs import CLOSERS, OPENERS

LONGEST = 1600  # characters; longer blocks are cut. The longest paragraphs of news and statements stay below
_AIM = 600  # characters of a piece, about a paragraph
_BOUNDARY = re.compile(rf"(?:[.!?…؟۔।։][{CLOSERS}]*\s+(?=[{OPENERS}]*[^\W_a-z])|[。！？][{CLOSERS}]*)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Gen|Col|Sen|Rep|Prof|No|Nos|Art|Gov|Lt|Sgt|Hon|vs|etc|e\.g|i\.e|Jan|Feb|Mar|Apr|Jun"
    r"|Jul|Aug|Sept?|Oct|Nov|Dec|г|ул|им|т\.е|z\.B|bzw|M|Mme|Sr|Sra)|(?:\b[A-Za-z]\.)+[A-Za-z])\.$"
)


def cut_sentences(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of pieces of about paragraph size, cut at sentence ends, without outer white space.

    A text without any sentence end is cut at white space, so that no piece grows past what a reader would judge.
    """
    if len(text) <= LONGEST:
        return [(0, len(text))]
    pieces: list[tuple[int, int]] = []
    start = 0
    for end in [*_find_ends(text), len(text)]:
        if end - start >= _AIM or end == len(text):
            pieces += _cut_spaces(text, start, end)
            start = end
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < _AIM // 3:  # a short rest goes with what it follows
        pieces[-2:] = [(pieces[-2][0], pieces[-1][1])]
    return [_tighten(text, *piece) for piece in pieces if text[slice(*piece)].strip()]


def _find_ends(text: str) -> list[int]:
    ends = []
    for match in _BOUNDARY.finditer(text):
        if not _ABBREVIATION.search(text[max(0, match.start() - 12) : match.start() + 1]):
            ends.append(match.end())
    return ends


def _cut_spaces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces = []
    while end - start > LONGEST:
        space = text.rfind(" ", start + _AIM, start + LONGEST)
        middle = space if space > 0 else start + LONGEST
        pieces.append((start, middle))
        start = middle
    return [*pieces, (start, end)]


def _tighten(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
