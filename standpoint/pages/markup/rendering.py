"""From tags to lines: which elements begin a line, and in which region, scope, list or heading each line stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from standpoint.pages.markup import tokens
from standpoint.pages.markup.classes import is_scope, judge_class, judge_tag
from standpoint.pages.markup.draft import HEADING, ITEM, NOWHERE, PROSE, Draft, Place
from standpoint.pages.markup.layer import Layer, join_pieces, split_entities
from standpoint.pages.markup.tokens import Token, read_attributes, scan_tokens

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "keygen",
        "frame",
    ]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "nobr",
        "o:p",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "tg-emoji",
        "tg-spoiler",
    ]
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# An element that begins ends these, where they are the innermost ones: their end tags may be left out.
_ENDED = {
    "li": frozenset(("li", "p")),
    "td": frozenset(("td", "th", "p")),
    "th": frozenset(("td", "th", "p")),
    "tr": frozenset(("tr", "td", "th", "p")),
    "dt": frozenset(("dt", "dd", "p")),
    "dd": frozenset(("dt", "dd", "p")),
    "option": frozenset(("option",)),
}
_P = frozenset(("p",))
_FOOTNOTE_MARK = re.compile(
    r"<sup\b[^<>]{0,100}>(?:<[^<>]{0,200}>){0,3}\W{0,2}(?:\d{1,3}|[*†‡a-z])\W{0,2}(?:</?[^<>]{0,40}>){0,3}?</sup>", re.I
)
# Classes of an inline element whose text stands in a paragraph and is none of it.
_INLINE_DROPPED = frozenset(("share", "reactions", "advert", "hidden", "comment", "subscription", "credit"))
_INLINE_LENGTH = 300  # characters of such an element, tags included
_BREAK = re.compile(r"\s*(?:&nbsp;\s*)?<br\b", re.IGNORECASE)
_WHITE = re.compile(r"\s+")

Judge = Callable[[Draft, str, Mapping[str, str]], Place | None]


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    before: Place  # where its text's surroundings stand


def judge_article(draft: Draft, name: str, attributes: Mapping[str, str]) -> Place | None:
    """Return the place that an element of an ordinary page makes, None where it makes none."""
    place = draft.place
    if name == "blockquote" and place.region != NOWHERE:
        around = draft.regions[place.region]
        if around.reason == "caption" and not around.sure:  # a post that a figure holds is quoted, and no caption
            return replace(place, region=around.parent)
    judged = judge_tag(name, attributes)
    if judged:
        return replace(place, region=draft.add_region(judged[0], place.region, judged[1]))
    if is_scope(name, attributes):
        return replace(place, scope=draft.add_scope(place.scope))
    return None


def render_html(draft: Draft, layer: Layer, judge: Judge = judge_article) -> None:
    """Write the text of `layer`, HTML, as lines into `draft`."""
    before = draft.place
    draft.break_block()
    renderer = _Renderer(draft, layer, judge)
    for token in scan_tokens(layer.text):
        renderer.take(token)
    renderer.finish()
    draft.break_block()
    draft.place = before


class _Renderer:
    def __init__(self, draft: Draft, layer: Layer, judge: Judge) -> None:
        self.draft = draft
        self.layer = layer
        self.judge = judge
        self.stack: list[_Element] = []
        self.open: Counter[str] = Counter()
        self.link: tuple[int, int] | None = None  # (start in the draft, depth of the stack) of the open link
        self.skipped = 0  # tokens before this offset are not written

    def take(self, token: Token) -> None:
        if token.start < self.skipped:
            return
        if token.kind == tokens.TEXT:
            self._write(token)
        elif token.kind == tokens.OPEN:
            self._open(token)
        elif token.kind == tokens.CLOSE:
            self._close(token.name)

    def finish(self) -> None:
        self._end_link()

    def _write(self, token: Token) -> None:
        text = self.layer.text
        if self.open["pre"] or "&" in text[token.start : token.end]:
            layer = join_pieces(split_entities(text, token.start, token.end), self.layer)
            start, end = 0, len(layer.text)
        else:
            layer, start, end = self.layer, token.start, token.end
        if self.open["pre"]:
            self.draft.write(layer, start, end)
            return
        position = start
        for white in _WHITE.finditer(layer.text, start, end):
            if white.start() > position:
                self.draft.write(layer, position, white.start())
            self.draft.space(layer.starts[white.start()], layer.ends[white.end() - 1])
            position = white.end()
        if position < end:
            self.draft.write(layer, position, end)

    def _open(self, token: Token) -> None:
        name = token.name
        if name == "br":
            self._break_line(token)
        elif name == "hr":
            self.draft.break_block()
        elif name == "a":
            self._end_link()
            self.link = (len(self.draft), len(self.stack))
        elif name in _INLINE:
            self._skip_inline(token)
        elif name not in _VOID:
            self._push(token)

    def _break_line(self, token: Token) -> None:
        """End a line, but for a lone `br` in a paragraph that broke the line inside a sentence."""
        inside = bool(self.stack) and self.stack[-1].name == "p"
        if inside and self.draft.is_open and not _BREAK.match(self.layer.text, token.end):
            self.draft.space(self.layer.starts[token.start], self.layer.ends[token.end - 1])
        else:
            self.draft.break_line()

    def _push(self, token: Token) -> None:
        name = token.name
        ended = _ENDED.get(name, _P)
        while self.stack and self.stack[-1].name in ended:
            self._pop()
        self.draft.break_block()
        element = _Element(name, self.draft.place)
        if self.layer.text.startswith("/>", token.end - 2) and ":" in name:
            return
        place = self.judge(self.draft, name, read_attributes(self.layer.text, token)) or self.draft.place
        if name in _HEADINGS:
            place = replace(place, kind=HEADING)
        elif name in ("li", "dd", "dt"):
            place = replace(place, kind=ITEM)
        elif name in ("ul", "ol", "table", "section", "article") and place.kind == ITEM:
            place = replace(place, kind=PROSE)
        place = replace(place, box=self.draft.add_box(element.before.box))
        self.stack.append(element)
        self.open[name] += 1
        self.draft.place = place

    def _close(self, name: str) -> None:
        if name == "a":
            self._end_link()
        elif name == "p" and not self.open["p"]:
            self.draft.break_block()
        elif name not in _INLINE and self.open[name]:
            while self._pop() != name:
                pass

    def _pop(self) -> str:
        element = self.stack.pop()
        self.open[element.name] -= 1
        self.draft.place = element.before
        self.draft.break_block()
        if self.link and len(self.stack) < self.link[1]:
            self._end_link()
        return element.name

    def _end_link(self) -> None:
        if self.link and len(self.draft) > self.link[0]:
            self.draft.links.append((self.link[0], len(self.draft)))
        self.link = None

    def _skip_inline(self, token: Token) -> None:
        """Skip footnote marks, and buttons or counts that stand inside a paragraph."""
        text = self.layer.text
        if token.name == "sup":
            mark = _FOOTNOTE_MARK.match(text, token.start)
            if mark:
                self.skipped = mark.end()
        elif token.end - token.start > len(token.name) + 2:
            attributes = read_attributes(text, token)
            hidden = "display:none" in attributes.get("style", "").replace(" ", "")
            if hidden or judge_class(attributes) in _INLINE_DROPPED:
                end = text.find(f"</{token.name}>", token.end, token.end + _INLINE_LENGTH)
                self.skipped = max(end, 0)
