"""The blocks of Markdown: which lines make a paragraph, an item, a heading, a table, and what is no text at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.blocks import EDGE
from standpoint.pages.speakers import split_speaker

TEXT, HEAD, LIST, QUOTE, TABLE, CODE = "text", "head", "list", "quote", "table", "code"
FRONT, DEFINITION, FOOTNOTE, CAPTION, RULE = "front", "definition", "footnote", "caption", "rule"

_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_ATX = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]+|$)")
_SETEXT = re.compile(r"[ \t]{0,3}(?:={2,}|-{2,})[ \t]*$")
_RULE = re.compile(r"[ \t]{0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"[ \t]{0,3}(?P<fence>`{3,}|~{3,})")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_DEFINITION = re.compile(r"[ \t]{0,3}\[(?P<name>[^\[\]^][^\[\]]{0,200})\]:[ \t]*\S")
_FOOTNOTE = re.compile(r"[ \t]{0,3}\[\^[^\[\]\s]{1,60}\]:[ \t]*")
_ABBREVIATION = re.compile(r"[ \t]{0,3}\*\[[^\[\]]{1,60}\]:")
_IMAGES = re.compile(
    r"(?:\s|<[^<>]{1,1000}>|\[?!\[[^\[\]]{0,500}\](?:\([^()]{0,1000}\)|\[[^\[\]]{0,200}\])\]?(?:\([^()]{0,1000}\))?)+"
)
_EMPHASISED = re.compile(r"(?:\*[^*\s].*[^*\s]\*|_[^_\s].*[^_\s]_|<(?:em|i|small)>.*</(?:em|i|small)>)", re.DOTALL)
_STANDS_ALONE = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?![\s*_])[^*_]+(?P=mark)")
_WIDE = 130  # characters of a line past which it is a paragraph of its own, where it ends a sentence
_WRAPPED = 0.25  # share of line ends inside a sentence that tells hard-wrapped text
_HEADING = 160  # characters of a heading that is underlined
_CAPTION = 320  # characters


@dataclass
class Paragraph:
    """Lines, each [start, end) of the page without the marks of its block. `name` is that of a defined link."""

    kind: str
    lines: list[tuple[int, int]] = field(default_factory=list)
    name: str = ""


@dataclass(frozen=True)
class _MarkedLine:
    start: int
    text: str  # without white space at the right
    quoted: int  # marks of quotation before it
    indent: int


def split_paragraphs(page: str) -> Iterator[Paragraph]:
    """Yield the blocks of a page. Linear in its length."""
    lines = list(_split_lines(page))
    wrapped = _is_wrapped(lines)
    current: Paragraph | None = None
    before: Paragraph | None = None  # what was yielded last
    for paragraph, closed in _scan(lines):
        if paragraph is None:  # a blank line
            if current is not None:
                yield _finish(page, current, before)
                before, current = current, None
            continue
        if current is not None and _joins(page, current, paragraph, wrapped):
            current.lines += paragraph.lines
            if paragraph.kind == HEAD:
                current.kind = HEAD
        else:
            if current is not None:
                yield _finish(page, current, before)
                before = current
            current = paragraph
        if closed:
            yield _finish(page, current, before)
            before, current = current, None
    if current is not None:
        yield _finish(page, current, before)


def _split_lines(page: str) -> Iterator[_MarkedLine]:
    position = 0
    for raw in page.splitlines(keepends=True):
        text = raw.rstrip(EDGE)
        if position == 0:
            text = text.lstrip("\ufeff")
        offset = position + (len(raw.rstrip(EDGE)) - len(text) if text else 0)
        quote = _QUOTE.match(text)
        cut = quote.end() if quote else 0
        content = text[cut:]
        indent = len(content) - len(content.lstrip())
        yield _MarkedLine(offset + cut, content, quote[0].count(">") if quote else 0, indent)
        position += len(raw)


def _is_wrapped(lines: Sequence[_MarkedLine]) -> bool:
    pairs = [
        (a.text, b.text) for a, b in pairwise(lines) if len(a.text) >= 40 and b.text.strip() and not _ITEM.match(b.text)
    ]
    inside = sum(not signs.ends_sentence(a) and b.strip()[:1].islower() for a, b in pairs)
    return inside >= max(2, _WRAPPED * len(pairs))


def _scan(lines: Sequence[_MarkedLine]) -> Iterator[tuple[Paragraph | None, bool]]:
    """Yield (block of one or more lines, None for a blank line; whether nothing can follow in it)."""
    at = _find_front(lines)
    if at:
        yield Paragraph(FRONT, [_span(line) for line in lines[:at] if line.text.strip()]), True
    quoted = 0
    while at < len(lines):
        line = lines[at]
        if not line.text.strip() or line.quoted != quoted:
            quoted = line.quoted
            yield None, True
        if not line.text.strip():
            at += 1
            continue
        end = _find_code(lines, at) or _find_comment(lines, at)
        if end:
            yield Paragraph(CODE, [_span(x) for x in lines[at:end] if x.text.strip()]), True
        else:
            end = _find_table(lines, at)
            if end:
                for x in lines[at:end]:
                    yield Paragraph(TABLE, [_span(x)]), True
        if end:
            at = end
            continue
        following = lines[at + 1] if at + 1 < len(lines) else None
        paragraph, closed = _read_line(line, following)
        at += 1
        yield paragraph, closed


def _read_line(line: _MarkedLine, following: _MarkedLine | None) -> tuple[Paragraph, bool]:
    """Return the block that a line is or begins, and whether nothing can follow in it."""
    text = line.text
    if _RULE.match(text) or _SETEXT.match(text):
        return Paragraph(RULE if not _SETEXT.match(text) else HEAD + RULE, [_span(line)]), True
    for kind, pattern in ((HEAD, _ATX), (FOOTNOTE, _FOOTNOTE)):
        match = pattern.match(text)
        if match:
            return Paragraph(kind, [_span(line, match.end())]), kind == HEAD
    definition = _DEFINITION.match(text)
    if definition or _ABBREVIATION.match(text):
        name = definition["name"].casefold() if definition else ""
        return Paragraph(DEFINITION, [_span(line)], " ".join(name.split())), True
    item = _ITEM.match(text)
    if item:
        return Paragraph(LIST, [_span(line, item.end())]), False
    return Paragraph(QUOTE if line.quoted else TEXT, [_span(line)]), False


def _span(line: _MarkedLine, cut: int = 0) -> tuple[int, int]:
    """Return a line's text without white space at the left and its first `cut` characters."""
    rest = line.text[cut:]
    return line.start + cut + len(rest) - len(rest.lstrip()), line.start + len(line.text)


def _joins(page: str, current: Paragraph, paragraph: Paragraph, wrapped: bool) -> bool:
    """Tell whether a line goes on with the block above it, with no blank line between."""
    if paragraph.kind == HEAD + RULE:
        above = page[current.lines[0][0] : current.lines[-1][1]]
        heading = current.kind in (TEXT, QUOTE) and len(above) <= _HEADING and not above.endswith((".", ":", ";", ","))
        paragraph.kind = HEAD if heading else RULE
        return heading
    if paragraph.kind not in (TEXT, QUOTE) or current.kind not in (TEXT, QUOTE, LIST, FOOTNOTE):
        return False
    start, end = current.lines[-1]
    before, after = page[start:end], page[slice(*paragraph.lines[0])]
    if split_speaker(after.lstrip("*_ "))[0] is not None and signs.ends_sentence(before):
        return False
    if _STANDS_ALONE.fullmatch(before) or _STANDS_ALONE.fullmatch(after):
        return False
    if _IMAGES.fullmatch(before[:4000]) or _IMAGES.fullmatch(after[:4000]):
        return False
    if current.kind == QUOTE and after[:1] not in "—–-":  # who marks every line marks a blank one too
        return True
    stopped = signs.ends_sentence(before.rstrip("*_`")) and not after.lstrip('*_"“«')[:1].islower()
    return not (stopped and (len(before) >= _WIDE or not wrapped))


def _finish(page: str, paragraph: Paragraph, before: Paragraph | None) -> Paragraph:
    """Name a caption: emphasised as a whole, below an image."""
    if paragraph.kind == HEAD + RULE:
        paragraph.kind = RULE
    if paragraph.kind == TEXT and before is not None and before.kind in (TEXT, CAPTION):
        text = page[paragraph.lines[0][0] : paragraph.lines[-1][1]]
        above = page[before.lines[0][0] : before.lines[-1][1]][:4000]
        if len(text) <= _CAPTION and _EMPHASISED.fullmatch(text) and _IMAGES.fullmatch(above):
            paragraph.kind = CAPTION
    return paragraph


def _find_front(lines: Sequence[_MarkedLine]) -> int:
    """Return where the front matter ends, 0 where there is none."""
    first = next((i for i, line in enumerate(lines[:5]) if line.text.strip()), None)
    if first is None or lines[first].text.strip() not in ("---", "+++"):
        return 0
    mark = lines[first].text.strip()
    for i in range(first + 1, min(len(lines), first + 200)):
        text = lines[i].text
        if text.strip() in (mark, "..."):
            return i + 1
        if text.strip() and not re.match(r"\s|-\s|#|[\w\"'-]{1,60}\s*[:=]", text):
            return 0
    return 0


def _find_code(lines: Sequence[_MarkedLine], at: int) -> int:
    """Return where fenced code ends, 0 where none begins; a fence that nothing closes encloses nothing."""
    match = _FENCE.match(lines[at].text)
    if not match:
        return 0
    for i in range(at + 1, min(len(lines), at + 2000)):
        if lines[i].text.strip().startswith(match["fence"]) and not lines[i].text.strip().strip(match["fence"][0]):
            return i + 1
    return at + 1


def _find_comment(lines: Sequence[_MarkedLine], at: int) -> int:
    """Return where a comment that begins a line ends, 0 where none does or something follows it."""
    if not lines[at].text.lstrip().startswith("<!--"):
        return 0
    for i in range(at, min(len(lines), at + 2000)):
        _, mark, rest = lines[i].text.partition("-->")
        if mark:
            return 0 if rest.strip() else i + 1
    return 0


def _find_table(lines: Sequence[_MarkedLine], at: int) -> int:
    """Return where a table ends, 0 where none begins: a row, a row of dashes, and rows with bars."""
    if "|" not in lines[at].text or at + 1 >= len(lines):
        return 0
    below = lines[at + 1].text
    if "|" not in below or not _DELIMITER.match(below):
        return 0
    end = at + 2
    while end < len(lines) and "|" in lines[end].text:
        end += 1
    return end
