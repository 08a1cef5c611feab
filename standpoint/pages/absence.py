"""Pages that hold no article: walls, errors, listings, search results, placeholders. They say so themselves."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import pairwise

from standpoint.encoding import normalise
from standpoint.pages import notices, signs, walls
from standpoint.pages.shape import Span

MARKUP = "markup"  # the reason of what is no text in a page of markup
ABSENT = "error"  # the reason of what stands where an article should be
_HEADS = 12  # lines at the top that can say what a page is
_HEAD_LENGTH = 200  # characters of such a line
_LONGEST = 800  # characters of prose that an error page or a login page may have
_FORM = 160  # characters of such sentences around a form to log in
_STUB = 420  # characters of an article that a paywall shows, when it shows next to none of it
_HEADLINE = 80  # characters of a headline that is a question
_ITEM = re.compile(r"\(?\d{1,2}[.)]?\s+\S|[-•*–]\s+\S")
_FEWEST = 3  # such lines of an agenda
_LINES = 3000  # lines that are looked at; a page with more has something else to say


def drop_absent(spans: Sequence[Span], page: str) -> list[Span]:
    """Return `spans` with all text dropped where the page says that it has no article, else as they are."""
    kept = [span for span in spans if not span.reason]
    if not kept or len(spans) > _LINES or sum(len(span.text) for span in kept) > 6 * _LONGEST:
        return list(spans)
    lines = [normalise(html.unescape(walls.TAG.sub(" ", page[span.start : span.end]))) for span in spans]
    if _says_absent(page, spans, [line for line in lines if line], [span.text for span in kept]):
        return [span if span.reason == MARKUP else Span(span.start, span.end, reason=ABSENT) for span in spans]
    return list(spans)


def _says_absent(page: str, spans: Sequence[Span], lines: Sequence[str], kept: Sequence[str]) -> bool:
    titles = [normalise(html.unescape(match[1])) for match in list(walls.TITLE.finditer(page))[:3]]
    heads = [*titles, *(line for line in lines[:_HEADS] if len(line) <= _HEAD_LENGTH)]
    walled = any(walls.WALL.search(line) for line in lines if len(line) <= 2 * _HEAD_LENGTH)
    prose = sum(len(text) for text in kept if not walls.WALL.search(text))
    refused = any(walls.REFUSAL.match(head) for head in titles) or (
        any(walls.REFUSAL.match(head) and not walls.LOGIN.match(head) for head in heads[:6])
    )
    form = any(walls.LOGIN.match(head) for head in heads[:3]) and any(walls.ACCOUNT.search(line) for line in lines)
    if form and prose <= _FORM:
        return True
    if prose <= _LONGEST and (walls.PASSWORD.search(page) or refused):
        return True
    return (
        (walled and prose <= _STUB)
        or _is_consent(heads, kept)
        or _is_listing(heads, lines)
        or _is_results(heads, spans, kept)
        or _is_placeholder(kept)
        or _is_index(spans, kept)
        or _is_agenda(heads, lines, kept)
    )


def _is_agenda(heads: Sequence[str], lines: Sequence[str], kept: Sequence[str]) -> bool:
    """Tell a day's agenda: it says so, its lines are numbered and no sentences, and it has next to none."""
    named = any(notices.AGENDA.match(head) and not signs.ends_sentence(head) for head in heads[:6])
    items = sum(bool(_ITEM.match(line)) and not signs.ends_sentence(line) for line in lines)
    short = sum(map(len, kept)) <= _STUB and len(kept) <= items and all(len(text) <= _HEAD_LENGTH for text in kept)
    return named and items >= _FEWEST and short


def _is_consent(heads: Sequence[str], kept: Sequence[str]) -> bool:
    asked = sum(len(text) for text in kept if walls.CONSENT.search(text))
    return any(walls.CONSENT_HEAD.match(head) for head in heads) and asked * 2 > sum(map(len, kept))


def _is_listing(heads: Sequence[str], lines: Sequence[str]) -> bool:
    files = sum(bool(walls.FILE.match(line)) for line in lines)
    return files >= 3 and (files * 2 > len(lines) or any(walls.LISTING.match(head) for head in heads))


def _is_results(heads: Sequence[str], spans: Sequence[Span], kept: Sequence[str]) -> bool:
    """Tell a list of what a search found: it says so, and its texts are cut, or each stands alone among other lines."""
    if not any(walls.RESULTS.match(head) for head in heads):
        return False
    cut = sum(bool(re.search(r"(?:^|\s|\w)(?:\.\.\.|…)", text)) or not signs.ends_sentence(text) for text in kept)
    texts = [not span.reason and not (len(span.text) <= _HEADLINE and span.text[-1] in "?!") for span in spans]
    return cut * 2 > len(kept) or (not any(a and b for a, b in pairwise(texts)) and len(spans) >= 2 * sum(texts))


def _is_placeholder(kept: Sequence[str]) -> bool:
    words = [word.casefold() for text in kept for word in signs.find_words(text)]
    return sum(word in walls.PLACEHOLDER for word in words) * 5 > 2 * len(words) and len(words) >= 5


def _is_index(spans: Sequence[Span], kept: Sequence[str]) -> bool:
    """Tell a front page of headlines: many lines, and the few that are kept are headlines that end with a mark."""
    others = sum(span.reason in ("heading", "navigation", "teaser", "date") for span in spans)
    headlines = all(len(text) <= 120 and signs.count_sentences(text) <= 1 and text[-1] not in "." for text in kept)
    return headlines and others >= 10 and others >= 4 * len(kept)
