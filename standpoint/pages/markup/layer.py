"""Decoded text that knows its source: what stays exact when markup, entities and escapes lie over each other."""

from __future__ import annotations

import html
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# A number longer than seven digits is no character, and `int` would take long over it.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_ESCAPE = re.compile(
    r"[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|\\", re.DOTALL
)
_SHORT_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}

Piece = tuple[str, int, int]  # text, and the (start, end) it was read from; as long as its source, or decoded


@dataclass(frozen=True)
class Layer:
    """A text whose character `i` was read from [starts[i], ends[i]) of the page."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def build_layer(page: str, start: int, end: int) -> Layer:
    """Return a stretch of the page as it stands."""
    return Layer(page[start:end], range(start, end), range(start + 1, end + 1))


def join_pieces(pieces: Iterable[Piece], below: Layer | None = None) -> Layer:
    """Return the layer that `pieces` make; their offsets are those of `below`, or of the page where there is none."""
    texts: list[str] = []
    starts, ends = array("q"), array("q")
    for text, start, end in pieces:
        texts.append(text)
        if len(text) == end - start:
            starts.extend(range(start, end) if below is None else below.starts[start:end])
            ends.extend(range(start + 1, end + 1) if below is None else below.ends[start:end])
        else:
            starts.extend([start if below is None else below.starts[start]] * len(text))
            ends.extend([end if below is None else below.ends[end - 1]] * len(text))
    return Layer("".join(texts), starts, ends)


def split_entities(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield what stands between entities, and what each entity stands for."""
    position = start
    for match in _ENTITY.finditer(text, start, end):
        decoded = html.unescape(match[0])
        if decoded != match[0]:
            if match.start() > position:
                yield text[position : match.start()], position, match.start()
            yield decoded, match.start(), match.end()
            position = match.end()
    if end > position:
        yield text[position:end], position, end


def split_escapes(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield what stands between the escapes of a JSON string, and what each escape stands for."""
    for match in _ESCAPE.finditer(text, start, end):
        raw = match[0]
        if raw[0] != "\\" or len(raw) == 1:
            decoded = raw
        elif raw[1] == "u" and len(raw) >= 6:
            units = bytes.fromhex("".join(raw[i : i + 4] for i in range(2, len(raw), 6)))
            decoded = units.decode("utf-16-be", "replace")
        else:
            decoded = _SHORT_ESCAPES.get(raw[1], raw[1])
        yield decoded, match.start(), match.end()
