"""Cutting at sentence ends: for articles that come as one line without paragraph breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standpoint.pages.signs import CLOSERS, OPENERS

LONGEST = 1600  # characters; longer blocks are cut. The longest paragraphs of news and statements stay below
_AIM = 600  # characters of a piece, about a paragraph
_QUOTED = 1200  # characters of a piece that may be cut within a quotation too
_UNCLOSED = 1500  # characters after which an opening mark was never closed
_BOUNDARY = re.compile(
    rf"(?:[.!?…؟۔।։][{CLOSERS}]*(?:\[\d{{1,3}}\])*\s+(?=(?:[{OPENERS}#@]*|© ?)[^\W_])|[。！？][{CLOSERS}]*)"
)
# Words whose full stop ends no sentence. A cut that is missed does no harm, one inside a sentence does.
_ABBREVIATION = re.compile(
    r"(?:(?<!\w)(?:[^\W\d_]|\d{1,2}|Mr|Mrs|Ms|Dr|St|Gen|Brig|Maj|Capt|Cmdr|Adm|Col|Sen|Rep|Pres|Amb|Prof|Rev|No|Nos|Art"
    r"|Gov|Lt|Sgt|Hon|Messrs|Mt|Inc|Ltd|Corp|Co|Dept|Fig|Vol|pp|eds?|al|cf|ca|approx|vs|etc|Jr|Sr|Mon|Tues?|Wed|Thurs?|Fri"
    r"|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Okt|Dez|Abs|Nr|Hr|Fr|bzw|usw|vgl|geb|gest|Mio|Mrd|Str|Abb"
    r"|Mme|Mlle|MM|Mgr|av|env|chap|Sra|Srta|Dña|Ud|Uds|núm|pág|EE|UU|гг|ул|им|др|пр|руб|тыс|млн|млрд|стр|рис|см|ст|обл"
    r"|акад|проф|тов|ред|напр|св)|(?<!\w)(?:[^\W\d_]\.[ -]?)+[^\W\d_])\.$"
)
_PAIRS = {"“": "”", "„": "“”", "«": "»", '"': '"', "(": ")", "「": "」", "[": "]"}


def cut_sentences(text: str, longest: int = LONGEST) -> list[tuple[int, int]]:
    """Return (start, end) of pieces of about paragraph size, cut at sentence ends, without outer white space.

    A text of at most `longest` characters is one piece. One without any sentence end is cut at white space, so that no
    piece grows past what a reader would judge.
    """
    if len(text) <= longest:
        return [(0, len(text))]
    pieces: list[tuple[int, int]] = []
    start = 0
    for end, quoted in [*scan_ends(text), (len(text), False)]:
        if end - start >= (_QUOTED if quoted else _AIM) or end == len(text):
            pieces += _cut_spaces(text, start, end)
            start = end
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < _AIM // 3:  # a short rest goes with what it follows
        pieces[-2:] = [(pieces[-2][0], pieces[-1][1])]
    return [_tighten(text, *piece) for piece in pieces if text[slice(*piece)].strip()]


def find_ends(text: str) -> list[int]:
    """Return where each sentence ends, its white space included."""
    return [end for end, _ in scan_ends(text)]


def scan_ends(text: str) -> Iterator[tuple[int, bool]]:
    """Yield where each sentence ends, its white space included, and whether that is in a quotation or brackets."""
    opened: list[tuple[str, int]] = []
    position = 0
    for match in _BOUNDARY.finditer(text):
        position = _track_marks(text, position, match.end(), opened)
        following = text[match.end() : match.end() + 3].lstrip(OPENERS)[:1]
        before = text[max(0, match.start() - 12) : match.start() + 1]
        if not following.islower() and not _ABBREVIATION.search(before):
            yield match.end(), bool(opened)


def _track_marks(text: str, start: int, end: int, opened: list[tuple[str, int]]) -> int:
    """Note in `opened` which marks of quotations and brackets are open after [start, end). Returns `end`."""
    for i in range(start, end):
        character = text[i]
        if opened and character in _PAIRS[opened[-1][0]]:
            opened.pop()
        elif character in _PAIRS:
            opened.append((character, i))
    while opened and end - opened[0][1] > _UNCLOSED:
        opened.pop(0)
    return end


def _cut_spaces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces = []
    while end - start > LONGEST:
        space = text.rfind(" ", start + _AIM, start + LONGEST)
        middle = space if space > 0 else start + LONGEST
        pieces.append((start, middle))
        start = middle
    return [*pieces, (start, end)]


def _tighten(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
