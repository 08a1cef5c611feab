"""Who speaks: the name before a colon at the start of a turn."""

from __future__ import annotations

import re

from standpoint.pages.signs import EMOJI

_SPOKEN = "💬🗣🎙🎤📢🔊❓"  # emoji that channels put before a speaker's name
_NAME = r"[^\W\d_a-z][\w.'’-]*"
_TITLED = rf"{_NAME}(?:,? (?:{_NAME}|of|the|for|de|von|van|der|al|bin)){{0,7}}(?: \([^()]{{2,60}}\))?"
# Words that open a line before a colon and name nobody.
LABEL = re.compile(
    r"(?:about|on|from|to|for|in|at|with|by|option|note|update|breaking|urgent|fact|myth|fake|reality|faq|caption|correction"
    r"|photo|video|source|question|answer|q|a|key|live|read|watch|see|also)\b",
    re.IGNORECASE,
)
# What opens a question or an answer in the place of a name.
_TURN = re.compile(
    r"(?:Q|A|question|answer|frage|antwort|réponse|pregunta|respuesta|вопрос|ответ)(?: ?\d{1,2})?(?:\s*[.:)]\s+|\s{2,})"
    r"|>+\s*|[-–—]\s+",
    re.IGNORECASE,
)
# A name of one word is one where it comes again and takes turns with another.
NAMED = re.compile(rf"(?P<name>{_NAME}(?: {_NAME}){{0,3}})\s?:\s+(?=\S)")
_PREFIX = re.compile(rf"(?P<mark>[{EMOJI}\s]*)(?P<name>{_TITLED})\s?:\s+(?=\S)")


def split_speaker(text: str) -> tuple[str | None, str]:
    """Return (speaker, what is said), or (None, text) where no name stands before a colon.

    A name has two capitalised words or more, is in capitals, or follows an emoji of speech: «Parking:» is no speaker.
    """
    match = _PREFIX.match(text[:200])
    if not match:
        return None, text
    name = match["name"]
    if LABEL.match(name):
        return None, text
    words = name.split()
    capital = sum(word[:1].isupper() for word in words)
    if any(mark in match["mark"] for mark in _SPOKEN) or name.isupper() or (capital >= 2 and capital >= len(words) - 2):
        return name, text[match.end() :]
    return None, text


def strip_label(text: str) -> str:
    """Return what is said, without a speaker's name or the mark of a question or an answer before it."""
    said = split_speaker(text)[1]
    turn = _TURN.match(said) or NAMED.match(said)
    return said[turn.end() :] if turn else said
