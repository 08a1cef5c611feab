"""The timed-transcript shape: «[00:12:31] HOST: ...», «12:31 Speaker Name», and captions copied from a player."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.blocks import Block, Layout, Line, split_lines
from standpoint.pages.cues import FORMLESS, Cue, build_cue_layout
from standpoint.pages.excision import build_block, keep_between
from standpoint.pages.filling import fill_gaps
from standpoint.pages.plain import cut_layout
from standpoint.pages.rules import apply_rules
from standpoint.pages.shape import Span
from standpoint.pages.speakers import split_speaker
from standpoint.pages.wraps import join_lines

_CLOCK = r"(?:(?P<{0}h>\d{{1,3}}):)?(?P<{0}m>\d{{1,3}}):(?P<{0}s>[0-5]\d)(?:[.,:;]\d{{1,3}})?"
_TO = r"(?:\s*(?:-+>?|[–—]|to)\s*(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,:;]\d{1,3})?)?"
_LEADING = re.compile(
    rf"(?P<open>[\[(<{{])?\s*{_CLOCK.format('')}{_TO}\s*(?P<close>[\])>}}])?(?![\w:.,])(?:\s*[-–—|:]\s+|[-–—|:]?\s*)"
)
_TRAILING = re.compile(rf"\s*[|,·•–—-]?\s*(?P<open>[\[(])?{_CLOCK.format('')}{_TO}(?P<close>[\])])?\s*:?$")
_INNER = re.compile(r"\s?[\[(](?:\d{1,3}:)?\d{1,2}:[0-5]\d(?:[.,:]\d{1,3})?[\])](?=\W)")
_NAME = re.compile(r"(?:[^\W\d_a-z][\w.'’()-]*|\d{1,2}|de|van|von|bin|al|der|of|the|for|,|&|-)(?: |$|,)")
# What a reader's software is told beside a stamp: «1 minute, 12 seconds».
_SPELLED = re.compile(
    r"(?:\d{1,3} ?(?:seconds?|minutes?|hours?|sekunden?|minuten?|stunden?|secondes?|heures?|segundos?|minutos?|horas?"
    r"|секунд\w?|минут\w?|час\w{0,2})(?:,? (?:and |und |et |y |e |и )?|$)){1,3}",
    re.IGNORECASE,
)
# A field of the card above a recording's log.
_FIELD = re.compile(r"(?:^|\s{2,}|\s[|;•·]\s)[^\W\d_][\w./ ]{0,24}:\s*\S")
_FIELDS = 2
_ONE_LINE = 0.7  # share of stamps with one line below, from which on a second one is the title of what follows
_FEWEST = 3  # stamps that make a transcript
_SHARE = 0.15  # of a page's lines that carry one
_RISING = 0.8  # share of stamps that are no earlier than the one before
_OPENING = 180  # seconds: where a recording's first stamp lies, and a day's hardly does
_SHORT = 110  # characters of a caption's line
_HEADER = 80  # characters of a line that names a speaker
_APART = 3  # blank lines between paragraphs of which none may be joined
_FORMLESS = frozenset(("find_navigation", "find_endings", "find_dated_teasers"))


@dataclass(frozen=True)
class _Stamped:
    """A line, what is left of it without its stamp (None where nothing is), the seconds, and how it was written."""

    line: Line
    rest: Line | None
    seconds: int | None
    bracketed: bool
    header: bool  # names a speaker, and stands above what is said


def is_stamped(text: str) -> bool:
    """Tell a timed transcript: many lines with a stamp, never falling, and written as no time of the day would be."""
    lines = _read_lines(text[:40_000])
    stamps = [item for item in lines if item.seconds is not None]
    if len(stamps) < _FEWEST or len(stamps) < _SHARE * len(lines):
        return False
    times = [item.seconds or 0 for item in stamps]
    rising = sum(a <= b for a, b in pairwise(times)) >= _RISING * (len(times) - 1)
    marked = sum(item.bracketed or item.header for item in stamps) * 2 > len(stamps)
    return rising and times[0] != times[-1] and (marked or times[0] <= _OPENING)


def read_stamped(text: str, without: Collection[str] = ()) -> list[Span]:
    """Return the spans of a timed transcript, kept and dropped. `without` names rules that are left out."""
    lines = _read_lines(text)
    if _are_captions(lines):
        spans = _read_captions(text, lines, without)
    else:
        layout = _build_layout(text, lines)
        first = next((item.line.start for item in lines if item.seconds is not None), 0)
        for i, block in enumerate(layout.blocks):
            if block.end <= first and len(_FIELD.findall(block.text)) >= _FIELDS:
                layout.dropped[i] = "navigation"
        apply_rules(layout, {*without, *_FORMLESS})
        spans = cut_layout(layout)
    return fill_gaps(spans, text, "timestamp")


def _read_lines(text: str) -> list[_Stamped]:
    lines = split_lines(text)
    following: list[Line | None] = [*lines[1:], None]
    items = [_read_line(line, after) for line, after in zip(lines, following, strict=False)]
    for i in range(1, len(items)):
        if items[i - 1].seconds is not None and items[i - 1].rest is None and _SPELLED.fullmatch(items[i].line.text):
            items[i] = replace(items[i], rest=None, header=False)
    return items


def _read_line(line: Line, after: Line | None) -> _Stamped:
    match = _LEADING.match(line.text)
    if match and bool(match["open"]) == bool(match["close"]):
        return _build_line(line, match.end(), len(line.text), match, after)
    match = _TRAILING.search(line.text[-40:]) if len(line.text) <= _HEADER else None
    if match and bool(match["open"]) == bool(match["close"]):
        cut = max(0, len(line.text) - 40) + match.start()
        if _is_name(line.text[:cut]):
            return _build_line(line, 0, cut, match, after)
    return _Stamped(line, line, None, False, False)


def _build_line(line: Line, start: int, end: int, match: re.Match[str], after: Line | None) -> _Stamped:
    text = line.text[start:end].strip()
    seconds = int(match["h"] or 0) * 3600 + int(match["m"]) * 60 + int(match["s"])
    left = line.start + line.text.index(text, start) if text else line.start
    rest = Line(left, left + len(text), text, line.gap, line.indent) if text else None
    # A name above what is said: not the last line, and not itself above another stamp.
    header = bool(text) and _is_name(text) and after is not None and not _LEADING.match(after.text)
    return _Stamped(line, rest, seconds, bool(match["open"]), header)


def _is_name(text: str) -> bool:
    """Tell a speaker's name, with a number or a title at most: few words, each with a capital."""
    bare = text.strip().rstrip(":")
    if not bare or len(bare) > _HEADER - 20 or signs.ends_sentence(bare) or not bare[0].isupper():
        return False
    words = bare.split()
    return len(words) <= 8 and all(_NAME.match(word) for word in words)


def _build_layout(page: str, lines: Sequence[_Stamped]) -> Layout:
    """Return the paragraphs below and beside stamps, with who begins where; speakers' names are dropped."""
    plain: list[Line] = []
    named: dict[int, str] = {}
    headers: set[int] = set()
    name, apart = "", False
    for item in lines:
        line = item.rest
        if line is None:
            apart = True
            continue
        gap = _APART if item.seconds is not None or apart else line.gap
        apart = item.header
        plain.append(Line(line.start, line.end, line.text, gap, line.indent))
        if item.header:
            headers.add(line.start)
            name = line.text.rstrip(": ")
        elif name:
            named[line.start] = name
            name = ""
    blocks = [_excise(page, block) for block in join_lines(plain)]
    return Layout(
        blocks,
        {i: "speaker" for i, block in enumerate(blocks) if block.start in headers},
        {i: named[block.start] for i, block in enumerate(blocks) if block.start in named},
        spoken=True,
    )


def _excise(page: str, block: Block) -> Block:
    """Take stamps in brackets out of a block's text."""
    pieces = []
    for start, end in block.parts:
        marks = [(start + m.start(), start + m.end()) for m in _INNER.finditer(page[start:end])]
        pieces += keep_between(start, end, marks)
    if len(pieces) == len(block.parts):
        return block
    return build_block(page, pieces, block.gap) or block


def _are_captions(lines: Sequence[_Stamped]) -> bool:
    """Tell captions copied from a player: short lines, few of which end a sentence or name a speaker."""
    said = [item.rest for item in lines if item.rest is not None and not item.header]
    if not said or any(item.header for item in lines):
        return False
    open_lines = sum(len(line.text) <= _SHORT and not signs.ends_sentence(line.text) for line in said)
    long_lines = sum(len(line.text) > _SHORT for line in said)
    turns = sum(split_speaker(line.text)[0] is not None for line in said)
    return open_lines * 2 > len(said) and long_lines * 5 <= len(said) and turns * 5 <= len(said)


def _read_captions(page: str, lines: Sequence[_Stamped], without: Collection[str]) -> list[Span]:
    """Return the spans of captions copied from a player, and of what stands above them."""
    first = next(i for i, item in enumerate(lines) if item.seconds is not None)
    above = Layout(join_lines([item.line for item in lines[:first]]))
    apply_rules(above, without)
    layout = _build_chapters(page, lines[first:])
    apply_rules(layout, {*without, *FORMLESS})
    return [*cut_layout(above), *cut_layout(layout)]


def _build_chapters(page: str, lines: Sequence[_Stamped]) -> Layout:
    """Return the utterances of captions; the titles of a recording's chapters stand between them and are dropped."""
    titles = _find_titles(lines)
    blocks: list[Block] = []
    chapters = Layout(blocks, spoken=True)
    position = 0
    for at in [*titles, len(lines)]:
        part = build_cue_layout(page, _build_cues(lines[position:at]))
        chapters.dropped.update({len(blocks) + i: reason for i, reason in part.dropped.items()})
        chapters.speakers.update({len(blocks) + i: name for i, name in part.speakers.items()})
        blocks.extend(part.blocks)
        if at < len(lines):
            line = lines[at].line
            chapters.dropped[len(blocks)] = "heading"
            blocks.append(Block(((line.start, line.end),), line.text, line.gap))
        position = at + 1
    return chapters


def _find_titles(lines: Sequence[_Stamped]) -> list[int]:
    """Return the lines that are a second one between two stamps, or below the last, where nearly no stamp has two."""
    groups: list[list[int]] = []
    for i, item in enumerate(lines):
        if item.seconds is not None:
            groups.append([])
        if item.rest is not None and groups:
            groups[-1].append(i)
    single = sum(len(group) == 1 for group in groups)
    if single < _ONE_LINE * sum(bool(group) for group in groups):
        return []
    seconds = [group[1] for group in groups if len(group) == 2]
    return [i for i in seconds if _is_title(lines[i].line.text)]


def _is_title(text: str) -> bool:
    return text[0].isalnum() and not text[0].islower() and len(text) <= _SHORT and not text.endswith((".", ",", ";"))


def _build_cues(lines: Sequence[_Stamped]) -> Iterator[Cue]:
    """Yield lines as cues. Nothing says how long they stood, so that there are no pauses."""
    time = 0.0
    for item in lines:
        time = time if item.seconds is None else float(item.seconds)
        if item.rest is not None:
            yield Cue(item.rest, time, float("inf"), None)
