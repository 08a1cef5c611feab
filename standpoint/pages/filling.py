"""Accounting for what stands between spans: marks of the shape that belong to no block."""

from __future__ import annotations

from collections.abc import Iterable

from standpoint.pages.blocks import EDGE
from standpoint.pages.shape import Span


def fill_gaps(spans: Iterable[Span], page: str, reason: str) -> list[Span]:
    """Return `spans` with what stands between them, but for white space, dropped for `reason`."""
    filled: list[Span] = []
    position = 0
    for span in [*spans, Span(len(page), len(page))]:
        between = page[position : span.start]
        tight = between.strip(EDGE)
        if tight:
            start = position + len(between) - len(between.lstrip(EDGE))
            filled.append(Span(start, start + len(tight), reason=reason))
        if span.end > span.start:
            filled.append(span)
        position = span.end
    return filled
