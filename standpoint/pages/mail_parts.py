"""Raw messages: headers, parts and transfer encodings (RFC 5322, RFC 2045), every character with its source."""

from __future__ import annotations

import binascii
import codecs
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from standpoint.pages import mail_words as words
from standpoint.pages.markup.layer import Layer, build_layer

_HEADER = re.compile(r"(?P<name>[!-9;-~]{1,76}):[ \t]*(?P<value>[^\r\n]*)(?:\r\n|\n|\r|$)")
_FOLD = re.compile(r"(?P<value>[ \t][^\r\n]*)(?:\r\n|\n|\r|$)")
_BEGINS = re.compile(r"[\s\ufeff]*(?:From \S[^\r\n]{0,200}(?:\r\n|\n|\r))?")
_MESSAGE = re.compile(
    r"(?:^|(?<=\n\n)|(?<=\n\r\n))From [^\s]+ [^\r\n]{0,100}\d{4}[^\r\n]{0,20}\r?\n(?=[!-9;-~]{1,76}:)"
)
_BLANK = re.compile(r"(?:\r\n|\n|\r)")
_PARAMETER = r";\s*{}\s*=\s*(?:\"([^\"]{{1,200}})\"|([^\s;\"]{{1,200}}))"
_BOUNDARY = re.compile(_PARAMETER.format("boundary"), re.IGNORECASE)
_CHARSET = re.compile(_PARAMETER.format("charset"), re.IGNORECASE)
_ESCAPED = re.compile(r"=([0-9A-Fa-f]{2})|=[ \t]*(?:\r\n|\n|\r|$)")
_TRAILING = re.compile(r"[ \t]+(?=\r?\n|$)")
_DEPTH = 8  # parts within parts
_HEADERS = 3  # header lines that a raw message has
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


@dataclass(frozen=True)
class Part:
    """A text of a message, decoded. `begins` where it is the first of a message."""

    layer: Layer
    reason: str = ""
    html: bool = False
    begins: bool = False


@dataclass(frozen=True)
class _Entity:
    """A message or a part of one: its header's fields, and where its body is."""

    fields: dict[str, str]
    start: int
    body: int
    end: int

    @property
    def kind(self) -> str:
        return self.fields.get("content-type", "text/plain").split(";")[0].strip().lower()


def has_machine_header(text: str) -> bool:
    """Tell a raw message: header lines at the very top, one of them written by a machine."""
    begins = _BEGINS.match(text)
    fields = _read_entity(text, begins.end() if begins else 0, min(len(text), 20_000)).fields
    return len(fields) >= _HEADERS and not words.MACHINE.isdisjoint(fields)


def split_messages(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each message of a mailbox begins, at its header, and ends."""
    starts = [match.span() for match in _MESSAGE.finditer(text)]
    begins = _BEGINS.match(text)
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, begins.end() if begins else 0))
    for i, (_, start) in enumerate(starts):
        yield start, starts[i + 1][0] if i + 1 < len(starts) else len(text)


def find_parts(text: str, start: int, end: int) -> Iterator[Part]:
    """Yield the header and the texts of one message; attachments and other versions of a text are left out."""
    entity = _read_entity(text, start, end)
    yield Part(build_layer(text, start, entity.body), reason="header", begins=True)
    yield from _read_body(text, entity, 0)


def _read_entity(text: str, start: int, end: int) -> _Entity:
    fields: dict[str, str] = {}
    position, name = start, ""
    while position < end:
        match = _FOLD.match(text, position, end) if name else None
        if match and match["value"].strip():
            fields[name] = (fields[name] + match["value"])[:2000]
            position = match.end()
            continue
        match = _HEADER.match(text, position, end)
        if not match:
            break
        name = match["name"].lower()
        fields[name] = match["value"][:2000]
        position = match.end()
    blank = _BLANK.match(text, position, end)
    return _Entity(fields, start, blank.end() if blank else position, end)


def _read_body(text: str, entity: _Entity, depth: int) -> Iterator[Part]:
    kind = entity.kind
    attached = entity.fields.get("content-disposition", "").lower().startswith("attachment")
    if depth > _DEPTH or (attached and kind != "message/rfc822"):
        return
    if kind.startswith("multipart/"):
        parts = _split_parts(text, entity)
        for part in _choose(parts) if kind == "multipart/alternative" else parts:
            yield from _read_body(text, part, depth + 1)
    elif kind == "message/rfc822":
        inner = _read_entity(text, entity.body, entity.end)
        yield Part(build_layer(text, inner.start, inner.body), reason="header")
        yield from _read_body(text, inner, depth + 1)
    elif kind.startswith("text/") and kind not in ("text/calendar", "text/css", "text/rtf", "text/csv", "text/x-vcard"):
        yield Part(_decode_body(text, entity), html=kind == "text/html")


def _split_parts(text: str, entity: _Entity) -> list[_Entity]:
    match = _BOUNDARY.search(";" + entity.fields["content-type"].partition(";")[2])
    if not match:
        return [_Entity({}, entity.body, entity.body, entity.end)]
    name = re.escape((match[1] or match[2]).strip())
    line = re.compile(rf"(?:^|(?<=\n)|(?<=\r))--{name}(?P<last>--)?[ \t]*(?:\r\n|\n|\r|$)", re.MULTILINE)
    parts: list[_Entity] = []
    start: int | None = None
    for boundary in line.finditer(text, entity.body, entity.end):
        if start is not None:
            parts.append(_read_entity(text, start, boundary.start()))
        start = None if boundary["last"] else boundary.end()
    if start is not None:  # cut off before its last boundary
        parts.append(_read_entity(text, start, entity.end))
    return parts


def _choose(parts: Sequence[_Entity]) -> list[_Entity]:
    """Return one of several versions of a text: the plain one, unless it is empty, else the richest."""
    plain = [part for part in parts if part.kind == "text/plain" and part.end - part.body > 40]
    return plain[:1] or list(parts[-1:])


def _decode_body(text: str, entity: _Entity) -> Layer:
    encoding = entity.fields.get("content-transfer-encoding", "").strip().lower()
    if encoding not in ("quoted-printable", "base64"):
        return build_layer(text, entity.body, entity.end)
    match = _CHARSET.search(";" + entity.fields.get("content-type", "").partition(";")[2])
    codec = _find_codec(match[1] or match[2] if match else "utf-8")
    if encoding == "base64":
        return _decode_bytes(*_read_base64(text, entity.body, entity.end), codec)
    return _decode_bytes(*_read_quoted(text, entity.body, entity.end, codec), codec)


def _find_codec(label: str) -> str:
    try:
        codec = codecs.lookup(label.strip())
        "".encode(codec.name)  # refuses what is no charset: base64, rot13
    except (LookupError, ValueError, TypeError):
        return "utf-8"
    return "cp1252" if codec.name in ("iso8859-1", "ascii") else codec.name


def _read_quoted(text: str, start: int, end: int, codec: str) -> tuple[bytes, array[int], array[int]]:
    """Return the bytes of a quoted-printable text, and the [start, end) that each was read from."""
    data = bytearray()
    starts, ends = array("q"), array("q")
    position = start

    def copy(until: int) -> None:
        for i in range(position, until):
            encoded = text[i].encode("ascii") if text[i] < "\x80" else text[i].encode(codec, "replace")
            data.extend(encoded)
            starts.extend([i] * len(encoded))
            ends.extend([i + 1] * len(encoded))

    for match in _ESCAPED.finditer(text, start, end):
        copy(match.start())
        if match[1]:
            data.append(int(match[1], 16))
            starts.append(match.start())
            ends.append(match.end())
        position = match.end()
    copy(end)
    return bytes(data), starts, ends


def _read_base64(text: str, start: int, end: int) -> tuple[bytes, array[int], array[int]]:
    """Return the bytes of a base64 text, and the [start, end) of the characters that hold bits of each."""
    places = array("q", (i for i in range(start, end) if text[i] in _ALPHABET))
    if len(places) % 4 == 1:
        places.pop()
    code = "".join(text[i] for i in places)
    data = binascii.a2b_base64(code + "=" * (-len(code) % 4))
    starts = array("q", (places[k * 8 // 6] for k in range(len(data))))
    ends = array("q", (places[(k * 8 + 7) // 6] + 1 for k in range(len(data))))
    return data, starts, ends


def _decode_bytes(data: bytes, starts: array[int], ends: array[int], codec: str) -> Layer:
    """Decode byte by byte, so that each character knows the bytes that it was made of."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    pieces: list[str] = []
    left, right = array("q"), array("q")
    first = 0
    for i in range(len(data)):
        made = decoder.decode(data[i : i + 1], i + 1 == len(data))
        if made:
            pieces.append(made)
            left.extend([starts[first]] * len(made))
            right.extend([ends[i]] * len(made))
            first = i + 1
    return Layer("".join(pieces), left, right)
