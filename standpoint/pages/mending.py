"""Mends what befell a page's characters on the way: read in a wrong charset, strange spaces, invisible marks, entities.

Every step gives a layer, so that offsets stay those of the page as it was decoded. Sound text is left as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from standpoint.encoding import normalise
from standpoint.pages.charsets import guess_cyrillic
from standpoint.pages.markup.layer import Layer, Piece, build_layer, join_pieces, split_entities
from standpoint.pages.shape import Span

BROKEN = "broken"  # the reason of characters that stand for nothing, once mended
# White space that patterns of furniture write as a simple space. The same length, so that no offset moves.
_SPACES = dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
# C1 controls that Windows-1252 has a character for; where a page was read as Latin-1, they are its quotation marks.
_CONTROLS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_NEXT_LINE = 0x85  # a line end of its own where the page has no other, else an ellipsis
_C1 = re.compile("[\x80-\x9f]")
# Soft hyphens at line ends divide words, and joining lines undoes them.
_INVISIBLE = re.compile("[\u200b\u2060\u2063\ufeff]|\u00ad(?![ \t]*[\r\n])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_LINE = re.compile(r"[^\r\n]+")
_ASCII_SPACED = re.compile(r"[^ \t\r\n\f\v]+")  # a no-break space is a byte of a broken character
_HIGH = re.compile("[\u0080-\u2265]")
# What a byte that leads in UTF-8, and one that follows it, become in a Western, Cyrillic or Macintosh charset.
_SUSPECT = re.compile(
    "[\u00c2-\u00f4\u0102-\u0163\u0410-\u0444\u221a\u00ac\u201a\u2248]"
    "[\u0080-\u00bf\u0102-\u017e\u0192\u02c6-\u02dd\u0401-\u040f\u0451-\u045f\u0490\u0491\u2013-\u2265\u00c0-\u00ff]"
)
_SPACED = re.compile(r"[^ \t\r\n\f\v]+")  # a no-break space is a byte of a broken character
_HIGH = re.compile("[\u0080-\u2265]")
# What a byte that leads in UTF-8, and one that follows, become in some charset: two characters beyond ASCII in a row.
_SUSPECT = re.compile("[\u0080-\u2265][\u0080-\u2265]")
_SPACED = re.compile("[ÃÂ] ")
_LOST = re.compile(r"â€(?=[ \t.,;:!?)]|$)")  # a closing quotation mark whose last byte no character stood for
_LETTERS = re.compile("[\u00b8\u00a8\u00c0-\u00ff]")
_FOREIGN = 0.7  # share of accented Latin letters in a line that no language written in Latin has
_ENOUGH = 8  # such letters
_ROUNDS = 3  # times that a text can have been encoded once too often
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def mend_page(text: str) -> Layer | None:
    """Return the mended text with its places in `text`; None where nothing was to mend. Linear in its length."""
    if text.isascii():
        return None
    layer = build_layer(text, 0, len(text))
    mended = _join(_mend_lines(text), layer)
    text = mended.text.translate(_SPACES | _name_controls(mended.text))
    mended = Layer(text, mended.starts, mended.ends)
    if _INVISIBLE.search(text):
        mended = join_pieces(_leave_out(text), mended)
    return None if mended.text == layer.text else mended


def decode_entities(layer: Layer) -> Layer | None:
    """Return a layer of plain text with its entities decoded, those escaped twice too; None where it has none."""
    if not _ENTITY.search(layer.text):
        return None
    for _ in range(_ROUNDS):
        if not _ENTITY.search(layer.text):
            break
        layer = join_pieces(_decode(layer.text), layer)
    return Layer(layer.text.translate(_SPACES), layer.starts, layer.ends)


def mend_text(text: str) -> str:
    """Return a piece of text without the traces of a wrong charset, for text whose places are known already."""
    return text if text.isascii() else "".join(piece for piece, _, _ in _mend_lines(text))


def find_source(spans: Sequence[Span], layer: Layer, page: str, reason: str = BROKEN) -> list[Span]:
    """Return spans of a layer as spans of the page: tight, and what no character of the layer stands for dropped.

    What one piece of the page stands for stays in one span.
    """
    if isinstance(layer.starts, range):
        return [_tighten(span, page) for span in spans]  # a mended mark may have been white space
    found: list[Span] = []
    position = 0
    for span in [*spans, Span(len(layer.text), len(layer.text))]:
        start = len(page) if span.start == len(layer.text) else layer.starts[span.start]
        start = max(start, position)
        if normalise(page[position:start]):
            found.append(_tighten(Span(position, start, reason=reason), page))
        if span.end > span.start and (end := layer.ends[span.end - 1]) > start:
            found.append(_tighten(replace(span, start=start, end=end), page))
            position = end
        else:
            position = start
    return found


def _tighten(span: Span, page: str) -> Span:
    text = page[span.start : span.end]
    left, right = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    return replace(span, start=span.start + left, end=span.end - right) if left + right < len(text) else span


def _join(pieces: Iterator[Piece], layer: Layer) -> Layer:
    found = list(pieces)
    return layer if len(found) == 1 and found[0][0] == layer.text else join_pieces(found, layer)


def _mend_lines(text: str) -> Iterator[Piece]:
    """Yield the text with UTF-8 that was read as another charset, and Cyrillic read as Latin, put right."""
    if not _HIGH.search(text):
        yield text, 0, len(text)
        return
    fixes, codecs = _fix_lines(text)
    table = _build_table(text)
    position = 0
    for line in _LINE.finditer(text):
        if not _HIGH.search(line[0]):
            continue
        fixed = fixes.get(line.start())
        if fixed is not None:
            pieces = list(_align(line[0], fixed, line.start()))
        elif table and _is_foreign(line[0]):
            pieces = [(line[0].translate(table), line.start(), line.end())]
        else:
            pieces = list(_mend_tokens(line, codecs))
        for piece in pieces:
            if piece[1] > position:
                yield text[position : piece[1]], position, piece[1]
            yield piece
            position = piece[2]
    if position < len(text):
        yield text[position:], position, len(text)


def _fix_lines(text: str) -> tuple[dict[int, str], list[str]]:
    """Return the lines that are broken for certain, by their start, and the charsets that they were read in."""
    import ftfy  # a tenth of a second, which pages of plain ASCII do not pay

    fixes: dict[int, str] = {}
    codecs: Counter[str] = Counter()
    for line in _LINE.finditer(text):
        if _SUSPECT.search(line[0]):
            # «Ã» before a space may be a broken «à»: that is believed only beside other broken letters.
            fixed, steps = ftfy.fix_encoding_and_explain(_LOST.sub("â€\x9d", _SPACED.sub("A ", line[0])))
            if fixed not in ((plain := _SPACED.sub("A ", line[0])), plain.translate(_CONTROLS)):
                if _CONTROL.search(fixed) and not _CONTROL.search(line[0]):
                    continue
                fixes[line.start()] = fixed
                codecs.update(step[1] for step in steps or () if step[0] == "encode" and step[1] != "latin-1")
    if fixes:
        for line in _LINE.finditer(text):
            broken = line.start() in fixes or _SPACED.sub("", line[0]).isascii()
            if broken and _SPACED.search(line[0]):
                fixes[line.start()] = ftfy.fix_encoding(_LOST.sub("â€\x9d", line[0]))
    return fixes, [codec for codec, _ in codecs.most_common()] or ["sloppy-windows-1252"] * bool(fixes)


def _align(line: str, fixed: str, offset: int) -> Iterator[Piece]:
    """Yield `fixed` word by word with the places of the broken words, or whole where the words do not pair up."""
    before = list(_ASCII_SPACED.finditer(line))
    after = list(_ASCII_SPACED.finditer(fixed))
    if len(before) != len(after):
        yield fixed, offset, offset + len(line)
        return
    for a, b in zip(before, after, strict=True):
        if a[0] != b[0]:
            yield b[0], offset + a.start(), offset + a.end()


def _mend_tokens(line: re.Match[str], codecs: list[str]) -> Iterator[Piece]:
    """Yield the words of a line that are UTF-8 throughout in a charset that other lines of the page were read in."""
    if not codecs:
        return
    for token in _ASCII_SPACED.finditer(line[0]):
        fixed = token[0]
        for codec in codecs * _ROUNDS:
            try:
                fixed = fixed.encode(codec).decode("utf-8")
            except UnicodeError:
                continue
        if fixed != token[0]:
            yield fixed, line.start() + token.start(), line.start() + token.end()


def _is_foreign(line: str) -> bool:
    letters = sum(c.isalpha() for c in line)
    accented = len(_LETTERS.findall(line))
    return accented >= _ENOUGH and accented >= _FOREIGN * letters


def _build_table(text: str) -> dict[int, str]:
    """Return the letters that stand for Cyrillic ones where a page's lines are Cyrillic read as Latin-1 or cp1252."""
    sample = "\n".join(line[0] for line in _LINE.finditer(text) if _is_foreign(line[0]))
    if not sample:
        return {}
    codec = guess_cyrillic(sample.encode("sloppy-windows-1252", "ignore"))
    if codec is None:
        return {}
    table = {}
    for code in range(0x80, 0x100):
        right = bytes([code]).decode(codec, "replace")
        table[ord(bytes([code]).decode("sloppy-windows-1252"))] = right
        table.setdefault(code, right)
    return table


def _name_controls(text: str) -> dict[int, str]:
    if not _C1.search(text):
        return {}
    lines = "\n" in text or "\r" in text
    return {code: mark for code, mark in _CONTROLS.items() if lines or code != _NEXT_LINE}


def _leave_out(text: str) -> Iterator[Piece]:
    position = 0
    for match in _INVISIBLE.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], position, match.start()
        position = match.end()
    if position < len(text):
        yield text[position:], position, len(text)


def _decode(text: str) -> Iterator[Piece]:
    return split_entities(text, 0, len(text))
