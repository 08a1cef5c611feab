"""The feed shape: RSS and Atom. Each entry is a document; its fullest text is read, as HTML where it is HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from standpoint.pages.markup.draft import Draft, Place
from standpoint.pages.markup.layer import Layer, Piece, build_layer, join_pieces, split_entities
from standpoint.pages.markup.reading import read_draft
from standpoint.pages.markup.rendering import render_html
from standpoint.pages.markup.tokens import CDATA, CLOSE, OPEN, TEXT, Token, scan_tokens
from standpoint.pages.shape import Span

_BEGINS = re.compile(
    r"[\s\ufeff]*(?:<\?[^<>]{0,300}\?>\s*|<!--(?:(?!-->).){0,3000}-->\s*|<!DOCTYPE[^<>]{0,300}>\s*){0,8}"
    r"<(?:\w{1,20}:)?(?:rss|feed|RDF)(?=[\s>])",
    re.DOTALL,
)
_TAG = re.compile(r"<[a-zA-Z/!]")
_BODIES = ("content:encoded", "content", "description", "summary")  # the fullest first
_REASONS = {
    "title": "heading",
    "subtitle": "footer",
    "name": "byline",
    "author": "byline",
    "dc:creator": "byline",
    "media:title": "heading",
    "media:description": "caption",
    "media:text": "caption",
    "media:credit": "credit",
    "itunes:summary": "teaser",
    "itunes:subtitle": "teaser",
    "category": "tags",
    "copyright": "footer",
    "rights": "footer",
}
_LEAVES = frozenset((*_BODIES, *_REASONS)) - {"author"}
_COMMENTS = re.compile(r"\s*(?:<!\[CDATA\[)?\s*comments (?:on|for)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Leaf:
    """An element that holds text: [start, end) between its tags. `entry` 0 is the feed itself."""

    name: str
    entry: int
    start: int
    end: int


def is_feed(text: str) -> bool:
    """Tell RSS and Atom by their first element."""
    return bool(_BEGINS.match(text))


def read_feed(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a feed, kept and dropped. `without` names rules that are left out."""
    leaves = list(_find_leaves(text))
    bodies: dict[int, str] = {}
    for name in reversed(_BODIES):
        bodies.update({leaf.entry: name for leaf in leaves if leaf.name == name and leaf.end > leaf.start})
    comments = any(not leaf.entry and leaf.name == "title" and _COMMENTS.match(text, leaf.start) for leaf in leaves)
    draft, entry = Draft(), 0
    for leaf in leaves:
        layer = _decode_leaf(text, leaf)
        if leaf.entry != entry:
            entry = leaf.entry
            draft.place = Place(draft.begin_document())
        if leaf.entry and leaf.name == bodies.get(leaf.entry) and not comments:
            _write_body(draft, layer)
        else:
            draft.drop(layer, _name_reason(leaf, comments))
    return read_draft(draft, text, without)


def _name_reason(leaf: _Leaf, comments: bool) -> str:
    if leaf.name in _BODIES:
        return "comment" if comments else "teaser" if leaf.entry else "footer"
    return _REASONS[leaf.name]


def _write_body(draft: Draft, layer: Layer) -> None:
    if _TAG.search(layer.text):
        # A feed's class names are those of its site, but the whole content is the article.
        render_html(draft, layer)
    else:
        draft.write_lines(layer, replace(draft.place))


def _find_leaves(text: str) -> Iterator[_Leaf]:
    """Yield the elements that hold a title, a text or a name, in order; none within another."""
    entry, count, depth = 0, 0, 0
    leaf: Token | None = None
    for token in scan_tokens(text, xml=True):
        if token.kind not in (OPEN, CLOSE):
            continue
        empty = token.kind == OPEN and text.startswith("/>", token.end - 2)
        if leaf is None:
            if token.name in ("item", "entry") and not empty:
                count += token.kind == OPEN
                entry = count if token.kind == OPEN else 0
            elif token.kind == OPEN and token.name in _LEAVES and not empty:
                leaf, depth = token, 1
        elif token.name == leaf.name and not empty:
            depth += 1 if token.kind == OPEN else -1
            if not depth:
                yield _Leaf(leaf.name, entry, leaf.end, token.start)
                leaf = None
    if leaf is not None:
        yield _Leaf(leaf.name, entry, leaf.end, len(text))


def _decode_leaf(text: str, leaf: _Leaf) -> Layer:
    """Return what an XML reader would make of an element's text; markup within it stays as it is."""
    inner = text[leaf.start : leaf.end]
    tokens = list(scan_tokens(inner, xml=True))
    if any(token.kind == OPEN for token in tokens):
        return build_layer(text, leaf.start, leaf.end)
    return join_pieces(_decode_tokens(inner, tokens), build_layer(text, leaf.start, leaf.end))


def _decode_tokens(inner: str, tokens: list[Token]) -> Iterator[Piece]:
    for token in tokens:
        if token.kind == CDATA and token.end > token.start:
            yield inner[token.start : token.end], token.start, token.end
        elif token.kind == TEXT:
            yield from split_entities(inner, token.start, token.end)
