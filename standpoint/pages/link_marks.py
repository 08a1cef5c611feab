"""The numbers that text browsers set before links, with the list of addresses at the end: «[7]the minister»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages.markup.layer import Layer, Piece, join_pieces

_MARK = re.compile(r"(?<![\w\])])\[\d{1,4}\](?=[^\s.,;:!?)\]])")
_ADDRESS = re.compile(
    r"^[ \t]*(?:Visible links:?[ \t]*)?\d{1,4}\.[ \t]+(?:https?|file|mailto|ftp|javascript):", re.MULTILINE
)
_FEWEST = 3  # such marks in a dump
_LISTED = 2  # numbered addresses in it


def strip_link_marks(layer: Layer) -> Layer | None:
    """Return the page without the marks of its links; None where it lists no addresses by number."""
    text = layer.text
    if len(_ADDRESS.findall(text)) < _LISTED or len(_MARK.findall(text)) < _FEWEST:
        return None
    return join_pieces(_leave_out(text), layer)


def _leave_out(text: str) -> Iterator[Piece]:
    position = 0
    for match in _MARK.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], position, match.start()
        position = match.end()
    if position < len(text):
        yield text[position:], position, len(text)
