"""Joining lines that belong to one paragraph: hard-wrapped text, hyphenation, sentences broken around a link.

A dump that has one paragraph a line is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from standpoint.pages import signs
from standpoint.pages.blocks import Block, Line
from standpoint.pages.rules.marks import is_date

_WIDEST = 100  # characters of the widest hard-wrapped line
_MANY = 0.4  # share of line breaks that must fall inside a sentence before lines count as wrapped
_FORCED = 2  # breaks without room that make lines of one width
_NEARLY_ALL = 0.7  # share of such breaks
_RAGGED = 8  # characters that a full line may fall short of the width
_LONG_ENOUGH = 60  # characters of a line that can have been broken by a link or a length limit
_FRAGMENT = 15  # characters of the text before a link that stands on a line of its own
_PUNCTUATION = re.compile(r"[,;.:)\]»”’!?%](?![.:)\w])")
_OPEN_END = re.compile(r"(?:,|[^\W\d_]|[„“«(])$")
_FUNCTION_WORD = re.compile(
    r"(?:,|\b(?:a|an|the|of|to|in|on|at|for|with|by|from|and|or|but|that|which|as|than|der|die|das|und|von|mit|de|la|le"
    r"|les|du|des|et|el|los|las|en|y|в|на|и|с|по|о|от|для|что))$",
    re.IGNORECASE,
)
_HYPHEN = re.compile(r"[^\W\d_][-‐\u00ad]$")
_LINKED = re.compile(r"(?:^|\s)https?://\S+$")
_COMPOUND = re.compile(r"\w+-\w+")
# Words that always keep the hyphen at which a line broke: numbers, «self-» and the like.
_UNIT = r"(?:one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
_FIXED = re.compile(
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-{_UNIT}(?:s|fold)?"
    r"|(?:vingt|trente|quarante|cinquante|soixante|quatre)-(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze"
    r"|treize|quatorze|quinze|seize|vingts?)\w*|dix-(?:sept|huit|neuf)\w*|(?:segunda|terça|quarta|quinta|sexta)-feira"
    r"|vice-(?:president|chair|minister|chancellor|premier|mayor|governor)\w*"
    r"|self-(?!(?:ish|less|hood|same|ie)\b)\w{4,})",
    re.IGNORECASE,
)


def join_lines(lines: Sequence[Line], wrapped: bool = False) -> list[Block]:
    """Return the page's blocks. Linear in the number of lines. `wrapped` where the page's other lines surely are."""
    lines = _undo_double_spacing(lines)
    wrapped_page = wrapped or is_wrapped_page(lines)
    groups = [group for run in _split_runs(lines) for group in _split_paragraphs(run, wrapped_page)]
    return build_blocks(_join_interrupted(groups))


def build_blocks(groups: Sequence[Sequence[Line]]) -> list[Block]:
    """Return a block for each group of lines, hyphens that only divided a word taken out."""
    compounds = _find_compounds(groups)
    return [_build_block(group, compounds) for group in groups]


def _undo_double_spacing(lines: Sequence[Line]) -> list[Line]:
    """Take one blank line away before each line where every second line is blank, in the middle of sentences too."""
    single = [Line(x.start, x.end, x.text, 0, x.indent) if x.gap == 1 else x for x in lines]
    tight = sum(x.gap == 0 for x in lines[1:])
    if tight > 0.05 * len(lines) or not _is_wrapped(single, 5):
        return list(lines)
    return [Line(x.start, x.end, x.text, max(0, x.gap - 1), x.indent) for x in lines]


def is_wrapped_page(lines: Sequence[Line]) -> bool:
    """Tell a page of hard-wrapped lines, by all of them together."""
    return _is_wrapped(lines, 3) or is_set_to_width(lines)


def breaks_sentence(lines: Sequence[Line]) -> bool:
    """Tell whether a line end falls inside a sentence."""
    return any(not b.gap and _is_inside_sentence(a.text, b.text) for a, b in pairwise(lines))


def _is_wrapped(lines: Sequence[Line], pairs_needed: int) -> bool:
    """Tell hard-wrapped lines: none wide, and many line breaks in the middle of a sentence."""
    pairs = [(a, b) for a, b in pairwise(lines) if b.gap == 0 and len(a.text) >= 30]
    if len(pairs) < pairs_needed or max(len(x.text) for x in lines) > _WIDEST:
        return False
    broken = sum(_is_inside_sentence(a.text, b.text) for a, b in pairs)
    return broken >= max(2, _MANY * len(pairs))


def is_set_to_width(lines: Sequence[Line]) -> bool:
    """Tell hard-wrapped lines where few breaks fall inside a sentence: between blank lines, hardly a break has room.

    No break between long lines leaves room for the next line's first word, and one at least is inside a sentence.
    """
    runs = [run for run in _split_runs([line for line in lines if _has_letters(line.text)]) if len(run) > 1]
    pairs = [(a, b) for run in runs for a, b in pairwise(run) if len(a.text) >= _LONG_ENOUGH - _RAGGED]
    width = max((len(line.text) for run in runs for line in run), default=0)
    if width > _WIDEST or len(runs) < 2 or len(pairs) < _FORCED:
        return False
    forced = sum(_has_no_room(a.text, b.text, width) for a, b in pairs)
    return forced >= _NEARLY_ALL * len(pairs) and any(_is_inside_sentence(a.text, b.text) for a, b in pairs)


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _has_no_room(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width - 2


def _is_inside_sentence(line: str, following: str) -> bool:
    if _HYPHEN.search(line):
        return True
    return not signs.ends_sentence(line) and following.lstrip(signs.OPENERS)[:1].islower()


def _split_runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the runs of lines without a blank line between."""
    runs: list[list[Line]] = []
    for line in lines:
        if line.gap or not runs:
            runs.append([])
        runs[-1].append(line)
    return runs


def _split_paragraphs(run: list[Line], wrapped_page: bool) -> list[list[Line]]:
    """Cut a run of adjacent lines into paragraphs: by width where it is hard-wrapped, else a line each."""
    wrapped = len(run) > 1 and (wrapped_page or _is_wrapped(run, 2))
    width = max(len(line.text) for line in run)
    margin = min(line.indent for line in run)
    groups = [[run[0]]]
    for before, line in pairwise(run):
        begun = groups[-1][0]
        joins = _continues(begun, before, line, width, margin) if wrapped else _repairs(before, line)
        if joins:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups if wrapped else _join_fragments(groups)


def _continues(begun: Line, before: Line, line: Line, width: int, margin: int) -> bool:
    """Tell whether a hard-wrapped paragraph goes on: the next line's first word would not have fitted."""
    # The lines of a list's item hang behind its number; elsewhere an indented line begins a paragraph.
    indented = line.indent > margin + 1 and not signs.has_bullet(begun.text)
    if signs.has_bullet(line.text) or (indented and (margin + 1 >= before.indent or signs.ends_sentence(before.text))):
        return False
    if _LINKED.search(before.text[-200:]) and not line.text[0].islower():  # each line a title and its address
        return False
    if is_date(before.text) or not (_has_letters(before.text) and _has_letters(line.text)):
        return False
    if _is_inside_sentence(before.text, line.text):
        return True
    first = line.text.split(maxsplit=1)[0]
    return len(before.text) + 1 + len(first) > width - _RAGGED and len(before.text) >= 0.6 * width


def _repairs(before: Line, line: Line) -> bool:
    """Tell whether a line is the rest of the one before it: punctuation that a link pushed down, or a cut sentence."""
    if signs.ends_sentence(before.text) or signs.has_bullet(line.text):
        return False
    if _PUNCTUATION.match(line.text):
        return True
    cut = len(before.text) >= _LONG_ENOUGH and bool(_OPEN_END.search(before.text))
    return cut and line.text[0].islower()


def _join_fragments(groups: list[list[Line]]) -> list[list[Line]]:
    """Join «the text before a link», «the link», «and the text after it», each on a line of its own."""
    joined: list[list[Line]] = []
    i = 0
    while i < len(groups):
        joined.append(list(groups[i]))
        while (taken := _count_fragments(joined[-1][-1].text, groups[i + 1 : i + 3])) > 0:
            for group in groups[i + 1 : i + 1 + taken]:
                joined[-1].extend(group)
            i += taken
        i += 1
    return joined


def _count_fragments(before: str, following: Sequence[Sequence[Line]]) -> int:
    """Return how many of the next two groups continue a line that stops inside a sentence: 0, 1 or 2."""
    if len(before) < _FRAGMENT or signs.ends_sentence(before) or not following:
        return 0
    link = following[0][0].text
    if len(link) >= _LONG_ENOUGH or signs.has_bullet(link) or signs.ends_sentence(link):
        return 0
    if len(following[0]) > 1:  # punctuation already joined the link to what follows it
        return int(bool(_OPEN_END.search(before) and _PUNCTUATION.match(following[0][1].text)))
    resumed = len(following) > 1 and following[1][0].text[:1].islower()
    return 2 if resumed and _FUNCTION_WORD.search(before[-12:]) else 0


def _join_interrupted(groups: list[list[Line]]) -> list[list[Line]]:
    """Join two blocks with blank lines between where the first stops at a function word or comma inside a sentence."""
    joined: list[list[Line]] = []
    for group in groups:
        before = joined[-1][-1].text if joined else ""
        following = group[0].text
        if len(before) >= _LONG_ENOUGH and following[0].islower() and _FUNCTION_WORD.search(before[-12:]):
            joined[-1].extend(group)
        else:
            joined.append(group)
    return joined


def _find_compounds(groups: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the hyphenated words of a page that has hyphens at line ends: those keep theirs when joined."""
    if not any(_HYPHEN.search(line.text) for group in groups for line in group[:-1]):
        return frozenset()
    return frozenset(w.casefold() for group in groups for line in group for w in _COMPOUND.findall(line.text))


def _build_block(group: Sequence[Line], compounds: frozenset[str]) -> Block:
    parts = [(group[0].start, group[0].end)]
    pieces = [group[0].text]
    for line in group[1:]:
        pieces[-1], glue = _glue(pieces[-1], line.text, compounds)
        parts[-1] = (parts[-1][0], parts[-1][0] + len(pieces[-1]))
        pieces += [glue, line.text]
        parts.append((line.start, line.end))
    return Block(tuple(parts), "".join(pieces), group[0].gap)


def _glue(before: str, line: str, compounds: frozenset[str]) -> tuple[str, str]:
    """Return the line before (without a hyphen that only divides a word) and what stands between it and `line`."""
    if _HYPHEN.search(before) and line[0].islower():
        last, first = re.findall(r"\w+", before)[-1], re.findall(r"\w+", line)[0]
        whole = f"{last}-{first}".casefold()
        return (before, "") if whole in compounds or _FIXED.fullmatch(whole) else (before[:-1], "")
    if _HYPHEN.search(before) or _PUNCTUATION.match(line) or before[-1] in "„“«(":
        return before, ""
    return before, " "
