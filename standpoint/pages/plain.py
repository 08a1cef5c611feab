"""The plain-text shape: a page of lines, as scrapers and channel exports write them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator

from standpoint.encoding import normalise
from standpoint.pages.blocks import Block, Layout, split_lines
from standpoint.pages.end_marks import cut_end_marks
from standpoint.pages.mending import mend_text
from standpoint.pages.rules import apply_rules
from standpoint.pages.rules.repeats import find_repeats
from standpoint.pages.rules.speech import note_speakers
from standpoint.pages.sentences import LONGEST, cut_sentences
from standpoint.pages.shape import Span
from standpoint.pages.speakers import split_speaker
from standpoint.pages.wraps import join_lines

_ENTITY = re.compile(r"&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def read_plain(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a plain-text page, kept and dropped, in order; white space between them is left out.

    `without` names rules that are left out, for tests of what a rule does.
    """
    layout = Layout(join_lines(cut_end_marks(split_lines(text))))
    apply_rules(layout, without)
    keep_lone_statement(layout)
    return cut_layout(layout)


def cut_layout(layout: Layout) -> list[Span]:
    """Return the blocks of a layout as spans, the dropped ones too; a block that is too long becomes several."""
    note_speakers(layout)
    spans: list[Span] = []
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped:
            spans.append(Span(block.start, block.end, reason=layout.dropped[i]))
        else:
            spans.extend(_cut_block(block, layout.speakers.get(i)))
    return spans


def keep_lone_statement(layout: Layout) -> None:
    """Keep the headings of a page that has nothing else: somebody sent a statement without a full stop."""
    if not layout.kept():
        for i, reason in list(layout.dropped.items()):
            if reason == "heading" and len(layout.blocks[i].words) >= 4:
                del layout.dropped[i]
        layout.dropped.update(find_repeats(layout))


def _cut_block(block: Block, speaker: str | None) -> Iterator[Span]:
    """Yield the block as one span, or as several where it is too long to be one paragraph."""
    if len(block.text) <= LONGEST:
        yield _build_span(block.start, block.end, block.text, speaker)
        return
    places = block.map_places()
    for start, end in cut_sentences(block.text):
        yield _build_span(places[start], places[end - 1] + 1, block.text[start:end], speaker)
        speaker = None


def _build_span(start: int, end: int, text: str, speaker: str | None) -> Span:
    clean = normalise(mend_text(_ENTITY.sub(lambda match: html.unescape(match[0]), text)))
    return Span(start, end, text=clean, speaker=speaker or split_speaker(clean)[0])
