"""Who speaks and what is not said: speakers' names on lines of their own, stage directions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from standpoint.pages import lexicon
from standpoint.pages.blocks import Block, Layout
from standpoint.pages.rules.chairs import find_chairs
from standpoint.pages.speakers import LABEL, NAMED

_BRACKETED = re.compile(r"(?:\(\(|\[\[|[(\[（*])[^()\[\]（）]{1,200}(?:\)\)|\]\]|[)\]）*])[.:]?")
_DIRECTION_WORDS = 6  # words in brackets that are a direction whatever they say
_LABEL_SIZE = 60  # characters of a speaker's name on its own line
_LABEL_WORDS = 7
_LABELS = 4  # such lines in a page, of two speakers at least
_TURNS = 2  # times that a name stands before a colon, and names that do
_FOLLOWED = 0.75  # share of them that stand above prose


def find_directions(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop what happens between turns: lines in brackets, chairs' formulas, and notes on how a transcript was made."""
    yield from find_chairs(layout)
    for i, block in enumerate(layout.blocks):
        if i in layout.dropped or block.size > 320:
            continue
        inner = block.text.strip("()[]（）*.: ")
        if _BRACKETED.fullmatch(block.text):
            short = len(block.words) <= _DIRECTION_WORDS and not re.search(r"[.!?]$", inner)
            if short or lexicon.DIRECTION.search(inner):
                yield i, "procedure"
        elif lexicon.TRANSCRIPT.match(block.core):
            yield i, "procedure"


def find_labels(layout: Layout) -> Iterator[tuple[int, str]]:
    """Drop speakers' names that stand above their turns, and note in the layout who speaks below them.

    They come again and again, two or more of them in turn, and prose stands below.
    """
    keys = {i: key for i in layout.kept() if (key := _read_label(layout.blocks[i]))}
    counts = Counter(keys.values())
    labels = [i for i, key in keys.items() if counts[key] >= 2]
    if len(labels) < _LABELS or len({keys[i] for i in labels}) < 2:
        return
    followed = sum(_stands_above(layout, i) for i in labels)
    if followed < _FOLLOWED * len(labels):
        return
    for i in labels:
        if i + 1 < len(layout.blocks) and i + 1 not in layout.dropped and not LABEL.match(layout.blocks[i].core):
            layout.speakers[i + 1] = layout.blocks[i].core.rstrip(": ").strip()
        yield i, "speaker"


def _read_label(block: Block) -> str:
    """Return the form by which a speaker's name is known again, empty where the line is none."""
    text = block.core.rstrip(": ").strip()
    bare = not text or len(text) > _LABEL_SIZE or not text[0].isupper() or block.core[-1] in ".!?,;"
    return "" if bare or len(block.words) > _LABEL_WORDS or block.has_bullet else text.casefold()


def _stands_above(layout: Layout, i: int) -> bool:
    following = layout.neighbour(i, 1)
    if following is None:
        return False
    return layout.dropped.get(i + 1) == "courtesy" or (following.is_sentence and i + 1 not in layout.dropped)


def note_speakers(layout: Layout) -> None:
    """Note in the layout who speaks where blocks begin with a name and a colon, and two names take turns."""
    names: dict[int, str] = {}
    for i in layout.kept():
        match = NAMED.match(layout.blocks[i].core[:80])
        if match and not LABEL.match(match["name"]):
            names[i] = match["name"]
    counts = Counter(names.values())
    if sum(count >= _TURNS for count in counts.values()) >= _TURNS:
        for i, name in names.items():
            if counts[name] >= _TURNS:
                layout.speakers.setdefault(i, name)
