"""From bytes to code points, without touching a line break or a byte-order mark, so that offsets stay true."""

from __future__ import annotations

import codecs
import re

from standpoint.pages.charsets import WESTERN, find_escaped, guess_charset

# Longest first: the mark of UTF-32 LE begins with that of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that a page may name; Python's others (punycode, unicode_escape...) are no character sets of pages.
_CHARSET = re.compile(
    r"(ascii|utf-?(8|16|32)|cp\d+|windows-?\d+|iso-?8859|latin|l\d$|koi8|gb|hz|big5|euc|shift|s-?jis|iso-?2022|johab|mac"
    r"|tis-?620|ptcp|hkscs)"
)
_SAMPLE = 64 * 1024  # bytes that detection looks at
_HEAD = 4096  # bytes in which a page declares its charset
_DECLARED = re.compile(rb"(?:charset|<\?xml[^<>]{0,100}encoding)\s*=\s*[\"']?([\w-]{2,40})", re.IGNORECASE | re.ASCII)
_BROKEN_SHARE = 0.02  # of a UTF-8 page's non-ASCII characters may be broken bytes before it counts as another charset


def decode_page(data: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return (text, encoding). Never fails: what cannot be decoded becomes U+FFFD.

    Tried in turn: a byte-order mark (kept as a character), `charset` as the sender named it unless the page is sound
    UTF-8, UTF-16 without a mark, UTF-8, what an HTML or XML page declares in its head, its letters, Windows-1252.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    named = _known_codec(charset)
    # What is sound UTF-8 beyond ASCII is nothing else by chance, whatever a careless server calls it.
    utf_8 = "utf-8" if named and not named.startswith("utf") and not data.isascii() else None
    for codec in (utf_8, named, _find_wide(data[:_SAMPLE]), find_escaped(data[:_SAMPLE]), "utf-8"):
        if codec:
            try:
                return data.decode(codec), codec
            except UnicodeDecodeError:
                continue
    if _is_broken_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    encoding = _find_declared(data[:_SAMPLE]) or guess_charset(data[:_SAMPLE])
    return data.decode(encoding, "replace"), encoding


def _known_codec(charset: str | None) -> str | None:
    """Return Python's name of a charset label, or None where it is unknown or no page's charset."""
    label = (charset or "").strip().strip("\"'").lower().replace("_", "-")
    if not _CHARSET.match(label):
        return None
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    # As browsers do: pages that call themselves Latin-1 or ASCII use the quotation marks of Windows-1252.
    return WESTERN if name in ("iso8859-1", "ascii") else name


def _find_declared(sample: bytes) -> str | None:
    """Return the charset that a page of markup declares; UTF-8 has been tried by then, and is not believed."""
    match = _DECLARED.search(sample[:_HEAD]) if sample.lstrip().startswith(b"<") else None
    codec = _known_codec(match[1].decode("ascii")) if match else None
    return None if codec is None or codec.startswith("utf") else codec


def _is_broken_utf8(data: bytes) -> bool:
    """Tell a UTF-8 page with a few broken bytes, or cut in the middle of a character, from another charset."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(c > "\x7f" for c in text) - broken
    return (broken == 1 and sound > 2) or broken <= _BROKEN_SHARE * sound


def _find_wide(sample: bytes) -> str | None:
    """Tell UTF-16 without a mark: zero bytes, and far fewer different high bytes than low ones.

    A stray zero byte in other text falls on both kinds of positions alike.
    """
    if sample.count(0) < max(1, len(sample) // 50):
        return None
    even, odd = len(set(sample[0::2])), len(set(sample[1::2]))
    if min(even, odd) * 3 > max(even, odd):
        return None
    return "utf-16-be" if even < odd else "utf-16-le"
