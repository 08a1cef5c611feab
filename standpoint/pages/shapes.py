"""Which reader a page needs, told by its content and never by its name. A new shape is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from standpoint.pages.channel import is_channel, read_channel
from standpoint.pages.feed import is_feed, read_feed
from standpoint.pages.plain import read_plain
from standpoint.pages.shape import Span
from standpoint.pages.web import is_web_page, read_web_page

Reader = Callable[[str], list[Span]]

# (how to tell the shape, how to read it), asked in order; plain text takes what nobody else takes.
_SHAPES: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (is_feed, read_feed),
    (is_web_page, read_web_page),
    (is_channel, read_channel),
)


def choose_reader(text: str) -> Reader:
    """Return the reader of the first shape that recognises the page."""
    return next((reader for recognises, reader in _SHAPES if recognises(text)), read_plain)
