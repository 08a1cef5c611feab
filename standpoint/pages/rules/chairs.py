"""Chairs and clerks at work, in pages of any shape: what they say to keep a meeting going, and what the room shouts."""

from __future__ import annotations

from collections.abc import Iterator

from standpoint.pages import orders
from standpoint.pages.blocks import Layout
from standpoint.pages.chairs import judge_turn
from standpoint.pages.speakers import split_speaker

_LONGEST = (
    100  # characters of a chair's turn that can be nothing but formulas; more may be news where no record is kept
)
_SHOUT = 45  # characters of a shout, its label too


def find_chairs(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop turns of a chair or a clerk whose every sentence is a formula, and interjections without a speaker."""
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped or block.size > _LONGEST:
            continue
        if block.size <= _SHOUT and orders.INTERJECTION.match(block.core):
            yield i, "procedure"
            continue
        name, said = split_speaker(block.text)
        speaker = layout.speakers.get(i) or name or ""
        if speaker and orders.CHAIR.match(speaker) and (reason := judge_turn(said, speaker)):
            yield i, reason
