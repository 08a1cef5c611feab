"""From bytes to a Page: decode, choose the shape, read it, and account for every character."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from standpoint.pages.decoding import decode_page
from standpoint.pages.language import UNKNOWN, detect_language
from standpoint.pages.page import BLANK, Dropped, Page, Passage
from standpoint.pages.shape import Span
from standpoint.pages.shapes import choose_reader


def read_page(data: bytes, document: str, charset: str | None = None) -> Page:
    """Read a raw page. `document` is the name that its passages carry, `charset` what its sender called its encoding.

    Never fails: an empty page has no passages, and bytes that are no text become U+FFFD.
    """
    text, encoding = decode_page(data, charset)
    return build_page(text, document, encoding, choose_reader(text)(text))


def build_page(text: str, document: str, encoding: str, spans: Sequence[Span]) -> Page:
    """Name languages and fill the white space between `spans` (in order, not overlapping) with blank spans."""
    kept = [span for span in spans if not span.reason]
    passages = tuple(
        Passage(document, span.start, span.end, span.text, language, encoding, span.speaker)
        for span, language in zip(kept, _name_languages([span.text for span in kept]), strict=True)
    )
    dropped, position = [], 0
    for span in [*spans, Span(len(text), len(text), reason=BLANK)]:
        if span.start > position:
            dropped.append(Dropped(document, position, span.start, BLANK))
        if span.reason and span.end > span.start:
            dropped.append(Dropped(document, span.start, span.end, span.reason))
        position = span.end
    return Page(document, passages, tuple(dropped), encoding, text)


def _name_languages(texts: Sequence[str]) -> list[str]:
    """Detect each text's language; a short one is lent the language of most of the page's text in its script."""
    languages = [detect_language(text) for text in texts]
    sizes: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for text, language in zip(texts, languages, strict=True):
        if language != UNKNOWN:
            sizes[_is_latin(text)][language] += len(text)
    for i, text in enumerate(texts):
        common = sizes[_is_latin(text)].most_common(1)
        if languages[i] == UNKNOWN and common and any(c.isalpha() for c in text):
            languages[i] = common[0][0]
    return languages


def _is_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(c < "\u0250" for c in letters) * 2 > len(letters)
