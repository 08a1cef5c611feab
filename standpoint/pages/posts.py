"""The shape of a messenger's channel copied as plain text: posts among view counts, reactions, dates and headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from standpoint.pages import signs
from standpoint.pages.blocks import Layout, split_lines
from standpoint.pages.markup.layer import Piece, build_layer, join_pieces
from standpoint.pages.mending import find_source
from standpoint.pages.plain import cut_layout, keep_lone_statement
from standpoint.pages.rules import apply_rules
from standpoint.pages.shape import Span
from standpoint.pages.wraps import join_lines

MARKUP = "markup"
_HEAD = 60_000  # characters in which a channel shows what it is
_FEWEST = 3  # lines of a channel's furniture
_SHARE = 0.04  # of a page's lines
_SHORT = 120  # characters of such a line
_COUNTED = re.compile(
    rf"(?:👁\ufe0f?\s*[\d.,]+\s?[KkMmКкТт]?|(?:[{signs.EMOJI}]+\s?[\d.,]+\s?[KkMmКк]?\s*)+$"
    r"|\[?(?:\d[\d., ]*[KkMm]? )?(?:views?|просмотр\w*|aufrufe|vues|vistas"
    r"|visualizzazioni)\b\W*[\d.,]*[KkMm]?(?:\W|$))",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(
    r"(?:forwarded|reposted) (?:from|message)|переслан\w+ (?:из|от|сообщ)|weitergeleitet (?:aus|von)|transféré"
    r" (?:de|depuis)"
    r"|reenviado de|inoltrato da|(?:📌\s*)?(?:pinned (?:a )?(?:message|post)|angeheftete nachricht|закреплённое"
    r" сообщение)"
    r"|.{1,60} pinned (?:a |«|\")",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? (?:at )?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?"
# «Mission of Orra, [12.05.24 10:02]» and «[2024-10-02 18:05:11] Mission of Orra:», as messengers copy messages.
_HEADER = re.compile(
    rf"(?:[^\[\]]{{1,80}},? )?\[{_CLOCK}\](?: ?[^:]{{1,60}}:)?$|(?:{_CLOCK}) [–-] [^:]{{1,60}}:$", re.IGNORECASE
)
_MARKS = re.compile(
    r"\*\*|__(?=\w)|(?<=[\w.,!?)»”])__|~~|\]\((?:https?|tg)://[^()\s]{1,500}\)"
    r"|\[(?=[^\[\]\n]{1,300}\]\((?:https?|tg)://)"
)


def is_posts(text: str) -> bool:
    """Tell a channel's dump: counts of views and reactions, and headers of messages, again and again."""
    lines = [line.text for line in split_lines(text[:_HEAD])]
    short = [line for line in lines if len(line) <= _SHORT]
    counted = sum(bool(_COUNTED.match(line)) for line in short)
    passed = sum(bool(_PASSED_ON.match(line)) for line in short)
    headed = sum(bool(_HEADER.match(line)) for line in short)
    found = counted + passed + headed
    return found >= _FEWEST and counted + passed >= 2 and found >= _SHARE * len(lines)


def read_posts(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a channel's dump, kept and dropped. `without` names rules that are left out."""
    layer = join_pieces(_leave_marks(text)) if _MARKS.search(text) else build_layer(text, 0, len(text))
    layout = Layout(join_lines(split_lines(layer.text)))
    for i, block in enumerate(layout.blocks):
        passed = len(block.text) <= _SHORT and _PASSED_ON.match(block.core)
        if passed or _HEADER.match(block.text):
            layout.dropped[i] = "byline"
    apply_rules(layout, without)
    keep_lone_statement(layout)
    return _prefer_clean(find_source(cut_layout(layout), layer, text, MARKUP), text)


def _leave_marks(text: str) -> Iterator[Piece]:
    """Yield the text without the signs with which messengers export bold text and links."""
    position = 0
    for match in _MARKS.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], position, match.start()
        position = match.end()
    if position < len(text):
        yield text[position:], position, len(text)


def _prefer_clean(spans: Sequence[Span], page: str) -> list[Span]:
    """Keep, of two copies with the same words, the one without such signs."""
    marked = {span.text: i for i, span in enumerate(spans) if span.text and _MARKS.search(page[span.start : span.end])}
    chosen = list(spans)
    for i, span in enumerate(spans):
        copy = " ".join(page[span.start : span.end].split())
        first = marked.get(copy) if span.reason == "repeat" else None
        if first is not None and not chosen[first].reason:
            chosen[i] = replace(chosen[first], start=span.start, end=span.end)
            chosen[first] = Span(chosen[first].start, chosen[first].end, reason="repeat")
    return chosen
