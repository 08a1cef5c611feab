"""From the blocks of sheets to spans of the page, marks and all.

A passage begins with its first character and ends with its last, and what a sheet's edge put in between is covered by
it. Columns that stand side by side lie interleaved in the page: there a passage ends with its last piece of a line
before the next passage begins, so that no two overlap, and its later lines are dropped for the reason «column»
although its text has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from standpoint.pages.blocks import Block, Layout
from standpoint.pages.filling import fill_gaps
from standpoint.pages.plain import cut_layout
from standpoint.pages.shape import Span

_COLUMN = "column"

Part = tuple[int, int]


@dataclass(frozen=True)
class _Unit:
    """A span that is kept or dropped, with the pieces of the page that it consists of."""

    span: Span
    parts: tuple[Part, ...]


def cut_sheets(layout: Layout, marks: Sequence[Span], page: str) -> list[Span]:
    """Return the spans of a layout and the marks between them, in order; none overlap."""
    units = sorted(_build_units(layout), key=lambda unit: unit.span.start)
    limits = [*(unit.span.start for unit in units[1:]), len(page)]
    spans = [_end_span(unit, limit) for unit, limit in zip(units, limits, strict=False)]
    return fill_gaps(_fill_marks(spans, sorted(marks, key=lambda mark: mark.start)), page, _COLUMN)


def _build_units(layout: Layout) -> Iterator[_Unit]:
    for i, block in enumerate(layout.blocks):
        alone = Layout([block], {k: layout.dropped[i] for k in (0,) if i in layout.dropped})
        if i in layout.speakers:
            alone.speakers[0] = layout.speakers[i]
        spans = cut_layout(alone)
        if len(spans) == 1:
            yield _Unit(replace(spans[0], start=block.start), block.parts)
        else:
            yield from _divide(block, spans)


def _divide(block: Block, spans: Sequence[Span]) -> Iterator[_Unit]:
    """Give each span of a block that was cut the parts that are its own."""
    at, part = 0, block.parts[0] if block.parts else (0, 0)
    for span in spans:
        own: list[Part] = []
        while at < len(block.parts):
            start, end = part
            if start <= span.end - 1 < end:
                own.append((start, span.end))
                part = (span.end, end)
                break
            if end > start:
                own.append(part)
            at += 1
            part = block.parts[at] if at < len(block.parts) else part
        if own:
            begins = span.start if own[0][0] <= span.start < own[0][1] else own[0][0]
            own[0] = (begins, own[0][1])
            yield _Unit(replace(span, start=begins), tuple(own))


def _end_span(unit: _Unit, limit: int) -> Span:
    ends = [end for start, end in unit.parts if unit.span.start <= start < limit]
    return replace(unit.span, end=max(ends))


def _fill_marks(spans: Sequence[Span], marks: Sequence[Span]) -> Iterator[Span]:
    """Yield spans and, between them, the marks that no span covers."""
    at, position = 0, 0
    for span in spans:
        while at < len(marks) and marks[at].start < span.start:
            if marks[at].start >= position:
                yield marks[at]
            at += 1
        yield span
        position = span.end
    yield from (mark for mark in marks[at:] if mark.start >= position)
