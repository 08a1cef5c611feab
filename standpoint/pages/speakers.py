"""Who speaks: the name before a colon at the start of a turn."""

from __future__ import annotations

import re

from standpoint.pages.signs import EMOJI

_SPOKEN = "💬🗣🎙🎤📢🔊❓"  # emoji that channels put before a speaker's name
_NAME = r"[^\W\d_a-z][\w.'’-]*"
_TITLED = rf"{_NAME}(?:,? (?:{_NAME}|of|the|for|de|von|van|der|al|bin)){{0,7}}(?: \([^()]{{2,60}}\))?"
# Words that open a line before a colon and name nobody.
_LABEL = re.compile(
    r"(?:about|on|from|to|for|in|at|with|by|option|note|update|breaking|urgent|fact|myth|fake|reality|faq|caption|correction"
    r"|photo|video|source|question|answer|q|a|key|live|read|watch|see|also)\b",
    re.IGNORECASE,
)
_PREFIX = re.compile(rf"(?P<mark>[{EMOJI}\s]*)(?P<name>{_TITLED})\s?:\s+(?=\S)")


def split_speaker(text: str) -> tuple[str | None, str]:
    """Return (speaker, what is said), or (None, text) where no name stands before a colon.

    A name has two capitalised words or more, is in capitals, or follows an emoji of speech: «Parking:» is no speaker.
    """
    match = _PREFIX.match(text[:200])
    if not match:
        return None, text
    name = match["name"]
    if _LABEL.match(name):
        return None, text
    words = name.split()
    capital = sum(word[:1].isupper() for word in words)
    if any(mark in match["mark"] for mark in _SPOKEN) or name.isupper() or (capital >= 2 and capital >= len(words) - 2):
        return name, text[match.end() :]
    return None, text
