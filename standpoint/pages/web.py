"""The HTML shape: articles, ministries' pages, blogs, AMP pages, and a messenger's channel exported as HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from standpoint.pages.markup.draft import NOWHERE, Draft, Place
from standpoint.pages.markup.layer import build_layer
from standpoint.pages.markup.reading import read_draft
from standpoint.pages.markup.rendering import judge_article, render_html
from standpoint.pages.shape import Span

_BEFORE = r"[\s\ufeff]*(?:<\?xml[^<>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,3000}-->\s*){0,5}"
_WHOLE = re.compile(rf"{_BEFORE}<(?:!doctype\s+html|(?:html|head|body)(?=[\s>]))", re.IGNORECASE | re.DOTALL)
_FRAGMENT = re.compile(
    _BEFORE + r"<(?:title|meta|link|script|style|base|div|p|article|section|main|header|nav|table|center|h[1-6]|ul|ol"
    r"|blockquote|figure|span|font|br|b|strong|em|i|a|img)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_CLOSES = re.compile(r"</(?:p|div|title|article|section|span|h[1-6]|table|ul|a)\s*>|<br\s*/?>", re.IGNORECASE)
_EXPORT = re.compile(r"class=[\"'][^\"'<>]{0,200}(?:\bmessage default\b|\btgme_widget_message_text\b)")

# Classes of an exported message's parts -> reason; the text itself is kept.
_PARTS = (
    ("reply", "quote"),
    ("link_preview", "teaser"),
    ("forwarded_from", "byline"),
    ("from_name", "byline"),
    ("owner_name", "byline"),
    ("initials", "byline"),
    ("author", "byline"),
    ("media", "caption"),
    ("photo", "caption"),
    ("video", "caption"),
    ("reactions", "reactions"),
    ("views", "reactions"),
    ("signature", "byline"),
    ("page_header", "heading"),
    ("date", "date"),
    ("service", "service"),
)


def is_web_page(text: str) -> bool:
    """Tell HTML: it begins as a whole page does, or with a tag, and has another that plain text has not."""
    return bool(_WHOLE.match(text)) or (bool(_FRAGMENT.match(text)) and bool(_CLOSES.search(text)))


def read_web_page(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of an HTML page, kept and dropped. `without` names rules that are left out."""
    draft = Draft()
    export = bool(_EXPORT.search(text))
    if export:
        draft.place = Place(region=draft.add_region("outside"))
    render_html(draft, build_layer(text, 0, len(text)), _judge_message if export else judge_article)
    return read_draft(draft, text, without)


def _judge_message(draft: Draft, name: str, attributes: Mapping[str, str]) -> Place | None:
    """Return the place of a message, of its text or of another part of it; the innermost element decides."""
    classes = attributes.get("class", "")[:400]
    names = classes.split()
    place = draft.place
    if "message" in names or "tgme_widget_message" in names:
        reason = "service" if "service" in names else "outside"
        return Place(draft.begin_document(), draft.add_region(reason))
    if "tgme_widget_message_text" in names or ("text" in names and place.document and "reply" not in classes):
        return replace(place, region=NOWHERE)
    reason = next((reason for part, reason in _PARTS if part in classes), "")
    if reason and place.region != NOWHERE:
        return replace(place, region=draft.add_region(reason))
    return None
