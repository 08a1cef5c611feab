"""From bytes to a Page: decode, choose the shape, read it, and account for every character."""

from __future__ import annotations

from collections.abc import Sequence

from standpoint.pages.absence import drop_absent
from standpoint.pages.decoding import decode_page
from standpoint.pages.language import name_languages
from standpoint.pages.link_marks import strip_link_marks
from standpoint.pages.markup.layer import build_layer
from standpoint.pages.mending import decode_entities, find_source, mend_page
from standpoint.pages.page import BLANK, Dropped, Page, Passage
from standpoint.pages.shape import Span
from standpoint.pages.shapes import MARKUP_READERS, choose_reader


def read_page(data: bytes, document: str, charset: str | None = None) -> Page:
    """Read a raw page. `document` is the name that its passages carry, `charset` what its sender called its encoding.

    Never fails: an empty page has no passages, and bytes that are no text become U+FFFD.
    """
    text, encoding = decode_page(data, charset)
    return build_page(text, document, encoding, read_text(text))


def read_text(text: str) -> list[Span]:
    """Return the spans of a decoded page, in order, read in whatever shape it has and mended where it was broken."""
    layer = mend_page(text) or build_layer(text, 0, len(text))
    layer = strip_link_marks(layer) or layer
    reader = choose_reader(layer.text)
    if reader not in MARKUP_READERS:
        plain = decode_entities(layer)
        if plain is not None:  # what was escaped as a whole may be a page of markup
            layer, reader = plain, choose_reader(plain.text)
    return find_source(drop_absent(reader(layer.text), layer.text), layer, text)


def build_page(text: str, document: str, encoding: str, spans: Sequence[Span]) -> Page:
    """Name languages and fill the white space between `spans` (in order, not overlapping) with blank spans."""
    kept = [span for span in spans if not span.reason]
    passages = tuple(
        Passage(document, span.start, span.end, span.text, language, encoding, span.speaker)
        for span, language in zip(kept, name_languages([span.text for span in kept]), strict=True)
    )
    dropped, position = [], 0
    for span in [*spans, Span(len(text), len(text), reason=BLANK)]:
        if span.start > position:
            dropped.append(Dropped(document, position, span.start, BLANK))
        if span.reason and span.end > span.start:
            dropped.append(Dropped(document, span.start, span.end, span.reason))
        position = span.end
    return Page(document, passages, tuple(dropped), encoding, text)
