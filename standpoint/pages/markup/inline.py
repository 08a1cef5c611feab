"""What stands within a paragraph of Markdown: emphasis, links, images, code, notes, tags, entities, escapes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from standpoint.pages.markup.draft import Draft
from standpoint.pages.markup.layer import Layer, Piece, join_pieces, split_entities

_TOKEN = re.compile(
    r"(?P<escape>\\(?=[!-/:-@\[-`{-~]))"
    r"|(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`]{1,2000}(?P=ticks)(?!`))"
    r"|(?P<comment><!--(?:(?!-->).){0,3000}-->)"
    r"|(?P<auto><(?=(?:https?://|mailto:)?[^\s<>]{1,500}>)(?:https?://|mailto:|[^\s<>@]{1,100}@)[^\s<>]{1,500}>)"
    r"|(?P<tag></?[A-Za-z][\w-]{0,30}(?:\s[^<>]{0,1000})?/?>)"
    r"|(?P<note>\[\^[^\[\]\s]{1,60}\])"
    r"|(?P<image>!\[[^\[\]]{0,500}\](?:\([^()]{0,1000}(?:\([^()]{0,200}\)[^()]{0,500})?\)|\[[^\[\]]{0,200}\]))"
    r"|(?P<open>\[)"
    r"|(?P<target>\](?:\([^()]{0,1000}(?:\([^()]{0,200}\)[^()]{0,500})?\)|\[(?P<name>[^\[\]^]{0,200})\]))"
    r"|(?P<close>\])"
    r"|(?P<mark>\*{1,3}|_{1,3}|~~|==)"
    r"|(?P<attributes>\{[#.:][^{}\n]{1,100}\})",
    re.DOTALL,
)


@dataclass
class _Mark:
    """A run of marks of emphasis: [start, end), and how many of them are still unpaired at its inner side."""

    start: int
    end: int
    left: int


def render_inline(draft: Draft, page: str, lines: Sequence[tuple[int, int]], names: Collection[str]) -> None:
    """Write the text of a paragraph. `names` are those of links that are defined elsewhere in the page."""
    layer = join_pieces(_join_lines(page, lines))
    hidden, linked = _find_markup(layer.text, names)
    written = _write(draft, layer, hidden)
    places = [at for at, _, _ in written]
    for start, end in sorted(linked):
        first, last = bisect_left(places, start), bisect_left(places, end) - 1
        # Every link's text begins a piece, since its bracket is hidden; one within another is no link of its own.
        if first <= last and (not draft.links or draft.links[-1][1] <= written[first][1]):
            draft.links.append((written[first][1], written[last][1] + written[last][2]))


def _join_lines(page: str, lines: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    before = None
    for start, end in lines:
        if before is not None:
            yield " ", before, start
        yield page[start:end].rstrip("\\"), start, start + len(page[start:end].rstrip("\\"))
        before = end


def _find_markup(text: str, names: Collection[str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the stretches that are markup, in order, and those that are the text of links."""
    hidden: list[tuple[int, int]] = []
    linked: list[tuple[int, int]] = []
    opened: list[int] = []  # where brackets were opened
    marks: dict[str, list[_Mark]] = {"*": [], "_": [], "~": [], "=": []}
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        start, end = token.span()
        if kind == "code" or token["code"]:
            size = len(token["ticks"])
            hidden += [(start, start + size), (end - size, end)]
        elif kind == "auto":
            hidden += [(start, start + 1), (end - 1, end)]
            linked.append((start + 1, end - 1))
        elif kind == "open":
            opened.append(start)
        elif token["target"]:
            if opened:
                before = opened.pop()
                hidden += [(before, before + 1), (start, end)]
                linked.append((before + 1, start))
        elif kind == "close":
            before = opened.pop() if opened else -1
            if before >= 0 and " ".join(text[before + 1 : start].casefold().split()) in names:
                hidden += [(before, before + 1), (start, end)]
                linked.append((before + 1, start))
        elif kind == "mark":
            hidden += _pair(text, token, marks[token[0][0]])
        else:
            hidden.append((start, end))
    return _merge(sorted(hidden)), linked


def _pair(text: str, token: re.Match[str], waiting: list[_Mark]) -> list[tuple[int, int]]:
    """Return the marks that this run closes, itself among them; a run that closes nothing waits for one that does."""
    start, end = token.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    closes = bool(before.strip()) and not (token[0][0] == "_" and after.isalnum())
    opens = bool(after.strip()) and not (token[0][0] == "_" and before.isalnum())
    hidden: list[tuple[int, int]] = []
    while closes and waiting and start < end:
        mark = waiting[-1]
        size = min(mark.left, end - start)
        hidden += [(mark.start + mark.left - size, mark.start + mark.left), (start, start + size)]
        mark.left -= size
        start += size
        if not mark.left:
            waiting.pop()
    if opens and start < end:
        waiting.append(_Mark(start, end, end - start))
    return hidden


def _merge(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in stretches:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _write(draft: Draft, layer: Layer, hidden: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Write what is not hidden. Return (place in the paragraph, place in the draft, length) of each piece."""
    written: list[tuple[int, int, int]] = []
    position = 0
    for start, end in [*hidden, (len(layer.text), len(layer.text))]:
        if start > position:
            piece = join_pieces(split_entities(layer.text, position, start), layer)
            draft.write(piece, 0, len(piece.text))
            written.append((position, len(draft) - len(piece.text), len(piece.text)))
        position = max(position, end)
    return written
