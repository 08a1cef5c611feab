"""Tags, comments and text of HTML and XML with their offsets. Takes any soup, never fails, linear in its length."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

TEXT, OPEN, CLOSE, CDATA = "text", "open", "close", "cdata"

_MARK = re.compile(r"<(?=[a-zA-Z/!?])")
_NAME = re.compile(r"[a-zA-Z][^\s/>\"'<=]*")
_UNQUOTED = re.compile(r"[^\"'>]*")
_UP_TO_END = re.compile(r"[^<>]*>")
# Elements whose content is no markup; what a reader sees of them is nothing, or no part of an article.
_RAW = frozenset(("script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes", "svg", "math"))
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_LONGEST = 4000  # characters of a tag whose attributes are looked at


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is that of a tag, in small letters. `start`, `end` of CDATA are those of what it holds."""

    kind: str
    start: int
    end: int
    name: str = ""


def scan_tokens(text: str, xml: bool = False) -> Iterator[Token]:
    """Yield text, tags and CDATA sections in order. Comments, declarations and raw elements are left out."""
    scanner = _Scanner(text, xml)
    position = 0
    while (mark := _MARK.search(text, position)) is not None:
        if mark.start() > position:
            yield Token(TEXT, position, mark.start())
        found = scanner.read(mark.start())
        if found is None:  # a lone «<» is text
            yield Token(TEXT, mark.start(), mark.end())
            position = mark.end()
            continue
        token, position = found
        if token is not None:
            yield token
    if position < len(text):
        yield Token(TEXT, position, len(text))


def read_attributes(text: str, token: Token) -> dict[str, str]:
    """Return a tag's attributes, names in small letters; the first of two with one name counts."""
    attributes: dict[str, str] = {}
    source = text[token.start + 1 + len(token.name) : min(token.end - 1, token.start + _LONGEST)]
    for match in _ATTRIBUTE.finditer(source):
        value = match[2] or match[3] or match[4] or ""
        attributes.setdefault(match[1].lower(), html.unescape(value) if "&" in value else value)
    return attributes


class _Scanner:
    """Reads one tag at a time. `loose` and `missing` remember failed searches, so that none is made twice."""

    def __init__(self, text: str, xml: bool) -> None:
        self.text = text
        self.xml = xml
        self.loose = False
        self.missing: set[str] = set()

    def read(self, start: int) -> tuple[Token | None, int] | None:
        """Return (token, where to go on) of the markup at `start`, None where it is none."""
        text = self.text
        if text.startswith("<!--", start):
            return self._skip(start + 4, "-->")
        if self.xml and text.startswith("<![CDATA[", start):
            end = self._find("]]>", start + 9)
            return (None, len(text)) if end < 0 else (Token(CDATA, start + 9, end), end + 3)
        if text[start + 1] in "!?":
            return self._skip(start + 1, "?>" if self.xml and text[start + 1] == "?" else ">")
        closing = text[start + 1] == "/"
        name = _NAME.match(text, start + 1 + closing)
        if name is None:
            return self._skip(start + 1, ">")
        tag_end = self._find_tag_end(name.end())
        if tag_end is None:
            return None
        token = Token(CLOSE if closing else OPEN, start, tag_end, name[0].lower())
        if not closing and not self.xml and token.name in _RAW and not text.startswith("/>", tag_end - 2):
            return token, self._skip_raw(token)
        return token, tag_end

    def _skip(self, start: int, mark: str) -> tuple[None, int] | None:
        end = self._find(mark, start)
        if end < 0 and mark != ">":  # a comment that is never closed ends with its tag
            return self._skip(start, ">")
        return None if end < 0 else (None, end + len(mark))

    def _find(self, mark: str, start: int) -> int:
        if mark in self.missing:
            return -1
        end = self.text.find(mark, start)
        if end < 0:
            self.missing.add(mark)
        return end

    def _skip_raw(self, token: Token) -> int:
        if token.name in self.missing:
            return token.end
        match = re.compile(rf"</{re.escape(token.name)}(?=[\s/>])", re.IGNORECASE).search(self.text, token.end)
        if match is None:
            self.missing.add(token.name)
            # A browser would show nothing more; a page cut off by its scraper still has its text.
            return len(self.text) if token.name in ("script", "style") else token.end
        return match.start()

    def _find_tag_end(self, start: int) -> int | None:
        """Return where a tag ends, quoted values considered as long as their quotes close."""
        text, position = self.text, start
        while not self.loose:
            match = _UNQUOTED.match(text, position)
            position = match.end() if match else position
            if position >= len(text):
                self.loose = True
            elif text[position] == ">":
                return position + 1
            elif text[max(start, position - 8) : position].rstrip().endswith("="):
                close = text.find(text[position], position + 1)
                self.loose = close < 0
                position = close + 1
            else:
                position += 1
        match = _UP_TO_END.match(text, start)
        return match.end() if match else None
