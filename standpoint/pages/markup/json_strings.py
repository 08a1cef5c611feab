"""The strings of a JSON file with their offsets and the names above them. Takes broken and cut files too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\"(?P<string>(?:[^\"\\]|\\.)*+)(?P<close>\"|$|\\$)|(?P<mark>[{}\[\]:,])|[^\s{}\[\]:,\"]+", re.DOTALL
)
_DEEPEST = 12  # names of a path that are kept; what lies deeper has those of its twelfth ancestor


@dataclass(frozen=True)
class JsonString:
    """A string's content [start, end), without quotes and as it stands.

    `path` holds the names above it in small letters, "" for a place in a list; `owners` the number of the object or
    list that has each of them. `kind` is the «type» of the object around it, where it comes first.
    """

    start: int
    end: int
    path: tuple[str, ...]
    owners: tuple[int, ...]
    kind: str = ""

    @property
    def key_of_type(self) -> bool:
        """Whether the string is no text but names a kind or an address."""
        return self.path[-1:] in (("type",), ("@type",), ("href",), ("url",), ("id",), ("language",))


@dataclass
class _Container:
    number: int
    is_object: bool
    path: tuple[str, ...]
    owners: tuple[int, ...]
    key: str = ""
    kind: str = ""
    waits: bool = field(default=True)  # for a key, in an object


def scan_strings(text: str) -> Iterator[JsonString]:
    """Yield the strings that are values, in order. Never fails, linear in the length of `text`."""
    stack: list[_Container] = []
    count = 0
    for match in _TOKEN.finditer(text):
        mark = match["mark"]
        top = stack[-1] if stack else None
        if mark in ("{", "["):
            path, owners = _extend(top)
            stack.append(_Container(count, mark == "{", path, owners))
            count += 1
        elif mark in ("}", "]"):
            if stack:
                stack.pop()
        elif mark == ",":
            if top:
                top.waits = True
        elif mark is None and match["string"] is not None:
            start, end = match.span("string")
            if top and top.is_object and top.waits:
                top.key, top.waits = text[start : min(end, start + 60)].lower(), False
            else:
                path, owners = _extend(top)
                if top and top.key in ("type", "@type"):
                    top.kind = text[start : min(end, start + 40)].lower()
                yield JsonString(start, end, path, owners, top.kind if top else "")


def _extend(top: _Container | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if top is None:
        return (), ()
    if len(top.path) >= _DEEPEST:
        return top.path, top.owners
    return (*top.path, top.key if top.is_object else ""), (*top.owners, top.number)
