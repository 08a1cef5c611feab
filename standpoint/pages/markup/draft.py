"""The lines that markup is turned into, each character with its place in the page, and what the markup says of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from standpoint.pages.markup.layer import Layer

BETWEEN_BLOCKS = 3  # line ends: more than a page of plain lines has between two paragraphs, so that none are joined
_LONG_LINE = 60  # characters of a line that may have been broken inside a paragraph
HEADING, ITEM, PROSE = "heading", "item", "prose"
NOWHERE = -1  # the region, scope or link of text that is in none


@dataclass(frozen=True)
class Region:
    """A part of a page that its markup says is no article. `sure` where a tag says so and not only a class."""

    reason: str
    parent: int
    sure: bool


@dataclass(frozen=True)
class Place:
    """What the markup says of a stretch of lines; `region`, `scope` and `box` are numbers, NOWHERE for none."""

    document: int = 0
    region: int = NOWHERE
    scope: int = NOWHERE
    box: int = NOWHERE  # the innermost element around it that begins lines
    kind: str = PROSE


@dataclass(frozen=True)
class Stretch:
    """Characters [start, end) of the draft that stand in one place."""

    start: int
    end: int
    place: Place


class Draft:
    """Collects text in the page's order. Line ends are written when text follows them."""

    def __init__(self) -> None:
        self.starts = array("q")
        self.ends = array("q")
        self.regions: list[Region] = []
        self.scopes: list[int] = []  # number of the scope around each
        self.boxes: list[int] = []  # number of the box around each
        self.links: list[tuple[int, int]] = []
        self.place = Place()
        self._pieces: list[str] = []
        self._marks: list[tuple[int, Place]] = []
        self._breaks = 0
        self._line = 0  # where the last line begins
        self._space: tuple[int, int] | None = None
        self._document = 0

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def stretches(self) -> Iterator[Stretch]:
        marks = [*self._marks, (len(self), Place())]
        for (start, place), (end, _) in pairwise(marks):
            yield Stretch(start, end, place)

    def begin_document(self) -> int:
        """Return the number of a new document: a message, an entry of a feed."""
        self.break_block()
        self._document += 1
        return self._document

    def add_region(self, reason: str, parent: int = NOWHERE, sure: bool = True) -> int:
        self.regions.append(Region(reason, parent, sure))
        return len(self.regions) - 1

    def add_scope(self, parent: int) -> int:
        self.scopes.append(parent)
        return len(self.scopes) - 1

    def add_box(self, parent: int) -> int:
        self.boxes.append(parent)
        return len(self.boxes) - 1

    @property
    def is_open(self) -> bool:
        """Tell whether a long line was begun and stopped inside a sentence, at a comma, a semicolon or a dash."""
        begun = not self._breaks and len(self) - self._line >= _LONG_LINE
        return begun and self._pieces[-1].endswith((",", ";", "–", "—"))

    def break_line(self) -> None:
        self._breaks += 1

    def break_block(self) -> None:
        self._breaks = max(self._breaks, BETWEEN_BLOCKS)

    def space(self, start: int, end: int) -> None:
        """Note white space; it is written only between two words of a line."""
        if self._space is None:
            self._space = (start, end)

    def write(self, layer: Layer, start: int, end: int) -> None:
        """Write characters [start, end) of `layer`, all in one line unless they hold line ends themselves."""
        if self._breaks and len(self):
            last = self.ends[-1]
            count = min(self._breaks, BETWEEN_BLOCKS)
            self._append("\n" * count, [last] * count, [last] * count)
            self._line = len(self)
        elif self._space and len(self):
            self._append(" ", [self._space[0]], [self._space[1]])
        self._breaks, self._space = 0, None
        if not self._marks or self._marks[-1][1] != self.place:
            self._marks.append((len(self), self.place))
        self._append(layer.text[start:end], list(layer.starts[start:end]), list(layer.ends[start:end]))

    def write_lines(self, layer: Layer, place: Place) -> None:
        """Write a text that has lines and no markup, as a block of its own."""
        before, self.place = self.place, place
        self.break_block()
        if layer.text:
            self.write(layer, 0, len(layer.text))
        self.break_block()
        self.place = before

    def drop(self, layer: Layer, reason: str) -> None:
        """Write a text that is no passage."""
        if layer.text.strip():
            self.write_lines(layer, Place(self.place.document, self.add_region(reason)))

    def _append(self, text: str, starts: list[int], ends: list[int]) -> None:
        self._pieces.append(text)
        self.starts.extend(starts)
        self.ends.extend(ends)
