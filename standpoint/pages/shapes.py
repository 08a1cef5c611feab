"""Which reader a page needs, told by its content and never by its name. A new shape is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from standpoint.pages.bulletin import is_bulletin, read_bulletin
from standpoint.pages.channel import is_channel, read_channel
from standpoint.pages.cues import is_subtitles, read_subtitles
from standpoint.pages.feed import is_feed, read_feed
from standpoint.pages.mail import is_mail, read_mail
from standpoint.pages.markdown import is_markdown, read_markdown
from standpoint.pages.oneline import is_one_line, read_one_line
from standpoint.pages.pdf import is_pdf, read_pdf
from standpoint.pages.plain import read_plain
from standpoint.pages.posts import is_posts, read_posts
from standpoint.pages.record import is_record, read_record
from standpoint.pages.shape import Span
from standpoint.pages.stamped import is_stamped, read_stamped
from standpoint.pages.web import is_web_page, read_web_page

Reader = Callable[[str], list[Span]]

# (how to tell the shape, how to read it), asked in order; plain text takes what nobody else takes.
_SHAPES: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (is_feed, read_feed),
    (is_web_page, read_web_page),
    (is_channel, read_channel),
    (is_mail, read_mail),
    (is_posts, read_posts),
    (is_subtitles, read_subtitles),
    (is_stamped, read_stamped),
    (is_record, read_record),
    (is_bulletin, read_bulletin),
    (is_one_line, read_one_line),
    (is_markdown, read_markdown),
    (is_pdf, read_pdf),
)

MARKUP_READERS: frozenset[Reader] = frozenset(
    (read_feed, read_web_page, read_channel, read_mail, read_markdown)
)  # they decode entities themselves


def choose_reader(text: str) -> Reader:
    """Return the reader of the first shape that recognises the page."""
    return next((reader for recognises, reader in _SHAPES if recognises(text)), read_plain)
