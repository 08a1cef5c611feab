"""Lines that hold marks instead of statements: counts, hashtags, links, dates, ornaments, courtesies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from standpoint.pages import lexicon, signs
from standpoint.pages.blocks import Layout
from standpoint.pages.rules.formulas import find_formulas
from standpoint.pages.rules.hosts import judge_formulas
from standpoint.pages.speakers import strip_label

_HASHTAGS = re.compile(rf"(?:[{signs.EMOJI}\s,|·•]|{signs.HASHTAG})+")
_URL = re.compile(signs.URL)
_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 160  # characters of a line that can be a mark


def find_ornaments(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop rules, asterisks and other lines without a letter or digit."""
    for i, block in enumerate(layout.blocks):
        if not any(c.isalnum() for c in block.text):
            yield i, "ornament"


def find_reactions(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop reaction, view and comment counts: numbers and emoji with at most the name of what is counted."""
    for i, block in enumerate(layout.blocks):
        if len(block.text) <= _SHORT and any(c.isdigit() for c in block.text):
            rest = re.sub(r"\d+(?:[.,]\d+)?[kKmMкК]?\b", " ", block.text)
            if not _WORD.search(lexicon.COUNTED.sub(" ", rest)):
                emoji = re.search(f"[{signs.EMOJI}]", block.text)
                if emoji or lexicon.COUNTED.search(rest) or re.fullmatch(r"[\d.,]+[kKmMкК]", block.text):
                    yield i, "reactions"


def find_hashtags(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop lines of hashtags only."""
    for i, block in enumerate(layout.blocks):
        if "#" in block.text and _HASHTAGS.fullmatch(block.text):
            yield i, "hashtags"


def find_links(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop lines that are a link, alone or with a few words that call to follow it."""
    for i, block in enumerate(layout.blocks):
        if len(block.text) > 400 or not (_URL.search(block.text)):
            continue
        rest = signs.strip_marks(_URL.sub(" ", block.text))
        words = signs.find_words(rest)
        if len(words) <= 3 or (len(words) <= 8 and lexicon.LINK_CALL.match(rest)):
            yield i, "link"


def find_dates(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop lines that are nothing but a date or a time."""
    for i, block in enumerate(layout.blocks):
        if is_date(block.text):
            yield i, "date"


def is_date(text: str) -> bool:
    """Tell a line whose every word belongs to dates and times, with a number or a day among them."""
    if len(text) > 80:
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    if any(word not in lexicon.DATE_WORDS and word not in ("t", "z", "p", "a", "m") for word in words):
        return False
    numbers = re.findall(r"\d+", text)
    dated = bool(re.search(r"\d[.:/-]\d", text)) or any(re.fullmatch(r"(?:19|20)\d\d", n) for n in numbers)
    return (bool(numbers) and (bool(words) or dated)) or words[:1] in (["today"], ["yesterday"])


def find_courtesies(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop greetings, salutations and thanks that say nothing else, a speaker's too, and what hosts say of a show."""
    yield from find_formulas(layout)
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped:
            continue
        if reason := judge_formulas(layout, i):
            yield i, reason
            continue
        if block.size > 120:
            continue
        words = _leave_names(signs.find_words(strip_label(block.text)))
        polite = 0 < len(words) <= 14 and all(word in lexicon.COURTESY for word in words)
        if polite and any(word in lexicon.COURTESY_CORE for word in words):
            yield i, "courtesy"


def _leave_names(words: Sequence[str]) -> list[str]:
    """Return `words` casefolded, without one name of one or two words, whom it greets or thanks."""
    names = [i for i, word in enumerate(words) if word[0].isupper() and word.casefold() not in lexicon.COURTESY]
    apart = len(names) == 2 and names[1] != names[0] + 1
    greets = any(word.casefold() in lexicon.GREETING for word in (*words[:1], *words[-1:]))
    said = len(words) - len(names) >= 2 or greets
    if len(names) > 2 or apart or not said:
        names = []
    return [word.casefold() for i, word in enumerate(words) if i not in names]
