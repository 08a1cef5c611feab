"""What a site says of itself: menus, share buttons, subscription calls, footers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages import afterwords, lexicon, portraits
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.rules.formulas import find_sponsors

_SEPARATOR = re.compile(r"\s*[|»›>•·●/→]\s*|\s+[-–—]\s+")
_TICKER = re.compile(r"\s[|●•]\s")
_LONGEST = 320  # characters of a sentence that can be furniture
_LOG_END = 200  # characters of the line that ends a log
_NOTE = 160  # characters of the note that says when a piece was broadcast
_MENU = 100  # characters of a line of capitalised words that is too long for a headline
_VERSION = 70  # characters of a line that says where the text stands in another language
_RUN = 3  # short lines in a row that make a menu

_TONGUE = (
    r"(?:english|german|french|spanish|russian|italian|portuguese|polish|chinese|arabic|ukrainian|deutsch\w*"
    r"|englisch\w*"
    r"|französisch\w*|spanisch\w*|russisch\w*|français\w*|anglais\w*|allemand\w*|espagnol\w*|russe|español\w*"
    r"|ingl[eé]s\w*"
    r"|francés\w*|alem[aá]n\w*|русск\w+|английск\w+|немецк\w+|французск\w+|испанск\w+|italian[oa]|inglese"
    r"|portugu[eê]s\w*)"
)
# Where the same text stands in another language.
_VERSIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:(?:the|die|la|scroll (?:down )?for(?: the)?|for(?: the)?|see(?: the)?|read(?: this)?(?: in)?|auf|en"
        rf"|in) )?{_TONGUE}"
        r"(?: (?:text|version|translation|fassung|übersetzung|versión|traducción|traduction|версия|перевод|ниже"
        r"|unten|below"
        r"|follows?|folgt|suit|sigue|ci-dessous|ci-après|más|abajo|scroll|down|see|siehe|voir|ver|figura|figure|a|à|la|is"
        r"|continuación|suite|далее|следует|смотри|см))*\W*$",
        rf"(?:version|versión|fassung|übersetzung|traduction|traducción|версия|перевод|texte|texto|text)"
        rf"(?: (?:auf|en|in|на|in der|in die))? {_TONGUE}(?: \w+){{0,4}}\W*$",
        rf"(?:la |die |the )?(?:versión|version|fassung) (?:en |in |auf )?{_TONGUE}(?: \w+){{0,5}}\W*$",
    )
)


def find_navigation(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop menus: runs of lines of a few words, lines of separated entries, lines of capitalised words."""
    run: list[int] = []
    for i, block in enumerate(layout.blocks):
        if i not in layout.dropped and _is_entry(block):
            run.append(i)
            continue
        if len(run) >= _RUN:
            yield from ((j, "navigation") for j in run)
        run = []
        if _is_menu(block) or (block.size <= _VERSION and _names_version(block)):
            yield i, "navigation"
    if len(run) >= _RUN:
        yield from ((j, "navigation") for j in run)


def _names_version(block: Block) -> bool:
    core = block.core.lstrip("([*_ ")
    return any(pattern.match(core) for pattern in _VERSIONS)


def _is_entry(block: Block) -> bool:
    return len(block.words) <= 3 and not block.is_sentence and block.size <= 36 and block.text[-1] not in ":;,"


def _is_menu(block: Block) -> bool:
    if block.size > 1000:
        return False
    if block.is_sentence:  # only a strip of headlines, the last of which is a question
        return block.sentences == 1 and block.size <= 160 and len(_TICKER.findall(block.core)) >= 2
    entries = [entry for entry in _SEPARATOR.split(block.core) if entry]
    if len(entries) >= 4 and all(len(entry.split()) <= 4 for entry in entries):
        return True
    words = block.core.split()
    return (
        block.size >= _MENU
        and len(words) >= 8
        and all(word[:1].isupper() or word in "&|-–/" for word in words)
        and not block.core.isupper()
    )


def find_shares(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop share buttons and lists of networks."""
    for i, block in enumerate(layout.blocks):
        if block.size > 200 or (block.is_sentence and block.size > 80):
            continue
        named = lexicon.NETWORKS.findall(block.core)
        if lexicon.SHARE.match(block.core) or (len(named) >= 2 and len(named) * 3 >= len(block.words)):
            yield i, "share"


def find_subscriptions(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop calls to subscribe, follow, install or donate."""
    yield from find_sponsors(layout)
    for i, block in enumerate(layout.blocks):
        if block.size <= _LONGEST and lexicon.SUBSCRIPTION.match(block.core):
            yield i, "subscription"


def find_footers(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop copyright, cookie and browser notices, and what says where the text was filed or broadcast."""
    for i, block in enumerate(layout.blocks):
        if block.size > _LONGEST:
            continue
        noted = afterwords.FILED.match(block.core) or (block.size <= _NOTE and afterwords.BROADCAST.match(block.core))
        ended = block.size <= _LOG_END and portraits.LOG_END.match(block.core)
        if noted or ended or lexicon.FOOTER.match(block.core):
            yield i, "footer"
