"""Who wrote it and how to reach them: bylines, profiles, disclaimers, press contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages import afterwords, lexicon, notices
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.rules.portraits import find_portraits

_LONGEST = 260  # characters of a byline or a disclaimer
_PROFILE = 420  # characters of an author's profile
_NEAR = 6  # blocks between a name on its own line and the profile that begins with it
_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]+(?: (?:[^\W\d_a-z][\w.'’-]*|de|van|von|bin|al|der)){1,3}")
_MAILBOX = re.compile(r"\S+@\S+\.\w")
_NUMBER = re.compile(r"\+\d[\d ()-]{6,}|\b(?i:tel|tél|phone|fax|mobile?|тел)\b\.?:?\s?[\d(][\d ()/-]{5,}")
_ABOUT = re.compile(
    r"(?:(?:the (?:author|writer)|about the author:?) (?:is|was|are|works|(?-i:[A-Z]))"
    r"|l['’]auteure?\s+(?:est|était|enseigne)|(?:der autor|die autorin)\s+(?:ist|war|lehrt|arbeitet)"
    r"|(?:el autor|la autora)\s+(?:es|fue|trabaja)|автор\s*[–—-])",
    re.IGNORECASE,
)
_LIVES = re.compile(r"\s+(?:is|was|lives|works|teaches|has (?:written|worked|been)|studied|joined)\b")
_TOP = 8  # blocks in which authors are named
_TRADE = 120  # characters in which a profile names the trade
_AND = re.compile(r",? (?:and|und|et|y|e|и|&) |, ")
_BY = re.compile(r"(?:written |reported )?(?:by|von|par|por)\s+", re.IGNORECASE)


def find_bylines(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop lines that name who wrote, edited, sent or first published the text."""
    for i, block in enumerate(layout.blocks):
        if block.size > _LONGEST:
            continue
        if lexicon.BYLINE.match(block.core) or _is_glued(block):
            yield i, "byline"
        elif block.sentences <= 1 and afterwords.CONTRIBUTION.match(block.core):
            yield i, "credit"


def _is_glued(block: Block) -> bool:
    """Tell a byline whose parts were scraped without the spaces between: «...June 2, 2025No Comments3 Mins Read»."""
    return not block.is_sentence and bool(re.search(r"(?i)\d ?mins? read|no comments\d?", block.core))


def find_profiles(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop an author's profile: it begins with a name that stands on a line of its own, or in a byline, and a trade.

    That of whoever was interviewed stands below its own heading.
    """
    yield from find_portraits(layout)
    seen: dict[str, int] = {}  # name -> last block that was nothing but this name
    signed: set[str] = set()  # names of bylines, anywhere above
    named: set[str] = set()  # names of a line of several
    for i, block in enumerate(layout.blocks):
        if block.size <= 80 and not block.is_sentence:
            bare = _BY.sub("", block.core).split(",")[0].strip()
            if i < _TOP or _BY.match(block.core):  # several names near the top are those of its authors
                several = [name.strip() for name in _AND.split(_BY.sub("", block.core))]
                if len(several) > 1 and all(_NAME.fullmatch(name) for name in several):
                    named.update(name.casefold() for name in several)
            if _NAME.fullmatch(bare):
                seen[bare.casefold()] = i
                if _BY.match(block.core):
                    signed.add(bare.casefold())
            continue
        if block.size <= _PROFILE and (_begins_profile(block, i, seen, signed) or _begins_named(block, named)):
            yield i, "profile"


def _begins_profile(block: Block, i: int, seen: dict[str, int], signed: set[str]) -> bool:
    trade = bool(lexicon.PROFESSION.search(block.core))
    if _ABOUT.match(block.core):
        return trade
    name = _NAME.match(block.core)
    if not name:
        return False
    key = name[0].casefold()
    # Who signed the text above it is no part of the news in it; a name that merely stands alone may be.
    if key in signed:
        return trade or bool(_LIVES.match(block.core[name.end() :]))
    return trade and key in seen and i - seen[key] <= _NEAR


def _begins_named(block: Block, named: set[str]) -> bool:
    """Tell the profile of one of several authors, or of all: a name, and soon behind it a trade."""
    name = _NAME.match(block.core)
    known = name is not None and any(name[0].casefold().startswith(one) for one in named)
    return known and bool(lexicon.PROFESSION.search(block.core[:_TRADE]))


def find_disclaimers(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop the sentence that says whose views these are."""
    for i, block in enumerate(layout.blocks):
        if block.size > _LONGEST or block.sentences > 2:
            continue
        if lexicon.DISCLAIMER.search(block.core) or notices.TERMS.match(block.core):
            yield i, "disclaimer"


def find_contacts(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop press contacts: such a heading, or such a line with an address or a number in it."""
    for i, block in enumerate(layout.blocks):
        if len(block.text) > _LONGEST:
            continue
        if afterwords.REACH.match(block.core) and lexicon.REACHED.search(block.text):
            yield i, "contact"
        elif lexicon.CONTACT.match(block.core):
            if not block.is_sentence or lexicon.REACHED.search(block.text):
                yield i, "contact"
        elif _is_address(block) or (block.sentences <= 2 and notices.HELP.search(block.core)):
            yield i, "contact"


def _is_address(block: Block) -> bool:
    """Tell a postal or electronic address: both a number to call and a mailbox, or one of them and few words."""
    mailbox, number = _MAILBOX.search(block.text), _NUMBER.search(block.text)
    return bool(mailbox and number) or bool((mailbox or number) and len(block.words) <= 8 and not block.is_sentence)
