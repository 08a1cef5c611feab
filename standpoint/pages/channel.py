"""The JSON shape: a messenger's channel exported as JSON, and articles with their text in a field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from standpoint.pages.markup.draft import Draft, Place
from standpoint.pages.markup.json_strings import JsonString, scan_strings
from standpoint.pages.markup.layer import Layer, Piece, join_pieces, split_escapes
from standpoint.pages.markup.reading import read_draft
from standpoint.pages.markup.rendering import render_html
from standpoint.pages.shape import Span

_BEGINS = re.compile(r"[\s\ufeff]*(?:\[\s*)?\{\s*(?:\"[^\"\\\n]{0,200}\"\s*:|\}\s*[\],]?\s*$)")
_MARKUP = re.compile(r"</?(?:p|br|div|b|i|em|strong|a|span|figure|h[1-6]|ul|ol|li|blockquote)\b[^<>]*>", re.IGNORECASE)
# Fields that hold a text, the fullest first; an object's other ones are left out.
_BODIES = (
    "articlebody",
    "body_html",
    "content_html",
    "bodyhtml",
    "body",
    "content",
    "full_text",
    "fulltext",
    "text",
    "message",
    "paragraphs",
    "html",
    "blocks",
)
# Fields within a body that hold its text, and the steps of a path that say nothing.
_WITHIN = frozenset((*_BODIES, "rendered", "value", "items", "children", "")) - {"message"}
_REASONS = {
    "comment": "comment",
    "comments": "comment",
    "replies": "comment",
    "reply_to": "quote",
    "reply_to_message": "quote",
    "quoted": "quote",
    "quote_text": "quote",
    "related": "teaser",
    "recommended": "teaser",
    "teaser": "teaser",
    "teasers": "teaser",
    "excerpt": "teaser",
    "summary": "teaser",
    "lead": "teaser",
    "description": "teaser",
    "title": "heading",
    "headline": "heading",
    "heading": "heading",
    "subtitle": "heading",
    "caption": "caption",
    "captions": "caption",
    "alt": "caption",
    "credit": "credit",
    "author": "byline",
    "authors": "byline",
    "byline": "byline",
    "from": "byline",
    "name": "byline",
    "bio": "profile",
    "tags": "tags",
    "keywords": "tags",
    "error": "error",
    "errors": "error",
}
# Steps of a path that make everything below them no article.
_ASIDE = frozenset(
    [
        "comment",
        "comments",
        "replies",
        "reply_to",
        "reply_to_message",
        "quoted",
        "related",
        "recommended",
        "teaser",
        "teasers",
        "author",
        "authors",
        "caption",
        "captions",
        "credit",
        "bio",
        "excerpt",
        "media",
        "image",
        "images",
        "photo",
        "video",
    ]
)
# Values of «type» beside a text that say what it is.
_TYPES = {
    "heading": "heading",
    "header": "heading",
    "subheading": "heading",
    "related": "teaser",
    "teaser": "teaser",
    "image": "caption",
    "figure": "caption",
    "caption": "caption",
    "embed": "teaser",
    "advert": "advert",
    "ad": "advert",
    "newsletter": "subscription",
    "comment": "comment",
}
# Values of «type» of the pieces that messengers divide a text into.
_FORMATS = frozenset(
    (
        *("plain", "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "link", "text_link"),
        *("mention", "mention_name", "hashtag", "cashtag", "email", "phone", "blockquote", "custom_emoji"),
        *("bot_command", "bank_card"),
    )
)
_PARAGRAPHS = frozenset(("paragraph", "p", "text-block", "unstyled"))
_REPEATED = frozenset(("text_entities", "caption_entities", "entities"))  # the same text again, in pieces


def is_channel(text: str) -> bool:
    """Tell JSON by how its first object begins."""
    return bool(_BEGINS.match(text))


def read_channel(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a JSON page, kept and dropped. `without` names rules that are left out."""
    strings = list(scan_strings(text))
    best = _choose_bodies(strings)
    draft = Draft()
    for owner, group in _group_strings(strings, best):
        if owner is None:
            _drop_string(draft, text, group[0])
        else:
            draft.place = Place(draft.begin_document())
            _write_body(draft, text, group)
    return read_draft(draft, text, without)


def _find_body(string: JsonString) -> int | None:
    """Return how many steps of the path lead to the field that holds the text, None where there is none."""
    path = string.path
    if any(step in _ASIDE or step in _REPEATED for step in path):
        return None
    at = next((i for i, step in enumerate(path) if step in _BODIES and all(x in _WITHIN for x in path[i:])), None)
    return None if at is None or string.key_of_type else at + 1


def _choose_bodies(strings: Sequence[JsonString]) -> dict[int, str]:
    """Return, for each object that has a text, the name of the field that it is read from."""
    best: dict[int, str] = {}
    for string in strings:
        at = _find_body(string)
        if at is not None and string.end > string.start:
            owner, name = string.owners[at - 1], string.path[at - 1]
            if owner not in best or _BODIES.index(name) < _BODIES.index(best[owner]):
                best[owner] = name
    return best


def _group_strings(
    strings: Sequence[JsonString], best: dict[int, str]
) -> Iterator[tuple[int | None, list[JsonString]]]:
    """Yield the strings of each text together, and every other string alone."""
    owner: int | None = None
    group: list[JsonString] = []
    for string in strings:
        at = _find_body(string)
        found = (
            string.owners[at - 1] if at is not None and best.get(string.owners[at - 1]) == string.path[at - 1] else None
        )
        if found is not None and found == owner:
            group.append(string)
            continue
        if found is None and owner in string.owners and _is_detail(string):
            continue
        if group:
            yield owner, group
        owner, group = found, [string] if found is not None else []
        if found is None:
            yield None, [string]
    if group:
        yield owner, group


def _is_detail(string: JsonString) -> bool:
    """Tell a kind or a link among the pieces of a text from what has a reason of its own."""
    named = string.path[-1] in _REASONS and not string.key_of_type
    return not named and not any(step in _ASIDE for step in string.path)


def _write_body(draft: Draft, text: str, group: Sequence[JsonString]) -> None:
    """Write a text: one string, pieces of a line each after each, or paragraphs of a kind each."""
    paragraphs = any(string.kind in _TYPES or string.kind in _PARAGRAPHS for string in group)
    if not paragraphs and not _is_mixed(group):
        paragraphs = len(group) > 1
    for part in [[string] for string in group] if paragraphs else [list(group)]:
        layer = join_pieces(piece for string in part for piece in _decode(text, string))
        if part[0].kind in _TYPES and paragraphs:
            draft.drop(layer, _TYPES[part[0].kind])
        elif _MARKUP.search(layer.text):
            render_html(draft, layer)
        else:
            draft.write_lines(layer, replace(draft.place))


def _is_mixed(group: Sequence[JsonString]) -> bool:
    """Tell pieces of one running text, as messengers divide it by format, from a list of paragraphs."""
    bare = {string.path[-1] == "" for string in group}
    return len(bare) > 1 or any(string.kind in _FORMATS for string in group)


def _drop_string(draft: Draft, text: str, string: JsonString) -> None:
    reason = _TYPES.get(string.kind) if string.path[-1:] == ("text",) else None
    if not any(step in _REPEATED for step in string.path):
        reason = next((_REASONS[step] for step in string.path if step in _ASIDE and step in _REASONS), reason)
        reason = reason or next((_REASONS[step] for step in reversed(string.path) if step in _REASONS), None)
        if reason:
            draft.drop(_layer(text, string), reason)


def _layer(text: str, string: JsonString) -> Layer:
    return join_pieces(_decode(text, string))


def _decode(text: str, string: JsonString) -> Iterator[Piece]:
    return split_escapes(text, string.start, string.end)
