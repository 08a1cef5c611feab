"""Boxes that offer other articles: elements that begin with «Related» or «Read more» and hold links below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from standpoint.pages.blocks import Block, Line
from standpoint.pages.markup.draft import NOWHERE, Draft, Place
from standpoint.pages.rules.teasers import opens_list

_MOST_LINES = 40  # in such a box
_LEAD = 250  # characters of a lead in it
_LINKED = 0.5  # share of a line's characters in links that makes it an entry


def find_offers(draft: Draft, lines: Sequence[tuple[Line, Place, float]]) -> set[int]:
    """Return the offsets of the lines in such boxes. `lines`: each with its place and its share in links."""
    heads = [n for n, (line, _, _) in enumerate(lines) if opens_list(_make_block(line))]
    if not heads:
        return set()
    spans = _measure_boxes(draft, lines)
    return {lines[n][0].start for head in heads for n in _find_box(draft, lines, spans, head)}


def _make_block(line: Line) -> Block:
    return Block(((line.start, line.end),), line.text, line.gap)


def _measure_boxes(draft: Draft, lines: Sequence[tuple[Line, Place, float]]) -> list[tuple[int, int]]:
    """Return the first and the last line in each box."""
    spans = [(len(lines), -1)] * len(draft.boxes)
    for n, (_, place, _) in enumerate(lines):
        if place.box != NOWHERE:
            spans[place.box] = (min(spans[place.box][0], n), n)
    for box in range(len(spans) - 1, -1, -1):  # a box has a higher number than the one around it
        around = draft.boxes[box]
        if around != NOWHERE:
            spans[around] = (min(spans[around][0], spans[box][0]), max(spans[around][1], spans[box][1]))
    return spans


def _find_box(
    draft: Draft, lines: Sequence[tuple[Line, Place, float]], spans: Sequence[tuple[int, int]], head: int
) -> Iterator[int]:
    """Yield the lines of the smallest box that begins with this heading and has more, if it offers articles."""
    box = lines[head][1].box
    while box != NOWHERE and spans[box] == (head, head):
        box = draft.boxes[box]
    if box == NOWHERE or spans[box][0] != head or spans[box][1] - head > _MOST_LINES:
        return
    rows = lines[head + 1 : spans[box][1] + 1]
    links = sum(linked >= _LINKED for _, _, linked in rows)
    leads = [len(line.text) for line, _, linked in rows if linked < _LINKED]
    if links and max(leads, default=0) <= _LEAD and sum(lead > _LEAD // 2 for lead in leads) <= links:
        yield from range(head, spans[box][1] + 1)
