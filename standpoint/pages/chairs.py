"""What chairs, clerks and the room say that is no statement: turns of nothing but formulas."""

from __future__ import annotations

import re

from standpoint.pages import orders, procedure
from standpoint.pages.speakers import split_speaker

BRACKETED = re.compile(r"[(\[*].{1,300}[)\]*][.:]?")


def judge_turn(said: str, speaker: str) -> str:
    """Return the reason to drop a turn whose every sentence is a formula, empty where one says something."""
    if orders.READING.match(said) or (speaker and orders.CLERK.match(speaker) and orders.TITLE.match(said)):
        return "procedure"
    sentences = [sentence for sentence in map(_strip_speaker, procedure.split_formulas(said)) if len(sentence) > 3]
    polite = [_matches(procedure.COURTESY, s) or bool(procedure.ADDRESS_ALONE.match(s)) for s in sentences]
    formal = [
        _matches(procedure.BUSINESS, s) or _matches(orders.ORDER, s) or bool(BRACKETED.fullmatch(s)) for s in sentences
    ]
    if not sentences or not all(a or b for a, b in zip(polite, formal, strict=True)):
        return ""
    return "courtesy" if any(polite) else "procedure"


def _matches(pattern: re.Pattern[str], sentence: str) -> bool:
    """Tell a formula, with whom it addresses before it or without."""
    address = procedure.ADDRESS.match(sentence)
    bare = sentence.rstrip(".!?:, ")
    return bool(pattern.match(bare) or pattern.match(sentence) or (address and pattern.match(bare[address.end() :])))


def _strip_speaker(sentence: str) -> str:
    """Return a sentence without the chair's label, which a record of two languages sets before the second too."""
    return split_speaker(sentence)[1]
