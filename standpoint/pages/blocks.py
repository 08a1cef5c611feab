"""The lines of a page, and the blocks that they form: what the rules keep or drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from standpoint.encoding import normalise
from standpoint.pages import signs


@dataclass(frozen=True)
class Line:
    """A line without outer white space. `gap` counts the blank lines before it, `indent` the spaces."""

    start: int
    end: int
    text: str
    gap: int
    indent: int


@dataclass(frozen=True)
class Block:
    """One or several joined lines.

    `parts` are the (start, end) in the page that `text` consists of, joined by nothing or by one space; a hyphen that
    only divided a word belongs to no part.
    """

    parts: tuple[tuple[int, int], ...]
    text: str
    gap: int

    @property
    def start(self) -> int:
        return self.parts[0][0]

    @property
    def end(self) -> int:
        return self.parts[-1][1]

    def map_places(self) -> list[int]:
        """Return the page's offset of each character of `text`; a joining space has that of the character before."""
        places: list[int] = []
        for start, end in self.parts:
            if places and self.text[len(places)] == " ":
                places.append(places[-1])
            places.extend(range(start, end))
        return places

    @cached_property
    def core(self) -> str:
        """The text without bullets, emoji, trailing hashtags and links."""
        return signs.strip_marks(self.text)

    @cached_property
    def words(self) -> list[str]:
        return signs.find_words(self.core)

    @cached_property
    def tokens(self) -> list[str]:
        return signs.find_tokens(signs.strip_addresses(self.text))

    @cached_property
    def size(self) -> float:
        return signs.count_size(self.core)

    @cached_property
    def is_sentence(self) -> bool:
        return signs.ends_sentence(self.core)

    @cached_property
    def sentences(self) -> int:
        return signs.count_sentences(self.core)

    @cached_property
    def has_bullet(self) -> bool:
        return signs.has_bullet(self.text)

    @property
    def is_cut(self) -> bool:
        """Ends in the middle of a sentence or in an ellipsis."""
        return not self.is_sentence or signs.has_ellipsis(self.core)


@dataclass
class Layout:
    """The blocks of a page, what was dropped so far, index to reason, and who a line of its own says speaks.

    `spoken`: every block was said, as in the transcript of a recording.
    """

    blocks: Sequence[Block]
    dropped: dict[int, str] = field(default_factory=dict)
    speakers: dict[int, str] = field(default_factory=dict)
    spoken: bool = False

    def kept(self) -> list[int]:
        return [i for i in range(len(self.blocks)) if i not in self.dropped]

    def is_prose(self, i: int) -> bool:
        """Tell a block that reads as part of an article: not dropped, a whole sentence, not only a few words."""
        block = self.blocks[i]
        return i not in self.dropped and block.is_sentence and block.size >= 40 and not signs.has_ellipsis(block.core)

    def neighbour(self, i: int, step: int) -> Block | None:
        j = i + step
        return self.blocks[j] if 0 <= j < len(self.blocks) else None


def split_lines(text: str) -> list[Line]:
    """Return the lines that hold more than white space and invisible characters, with their offsets."""
    lines: list[Line] = []
    position, gap = 0, 0
    for raw in text.splitlines(keepends=True):
        # A byte-order mark or a zero-width space at the edge belongs to the white space, not to the passage.
        left = len(raw) - len(raw.lstrip(EDGE))
        content = raw.strip(EDGE)
        if content and (content[0].isalnum() or normalise(content)):
            lines.append(Line(position + left, position + left + len(content), content, gap, left))
            gap = 0
        else:
            gap += 1
        position += len(raw)
    return lines


# What `str.strip` takes for white space, control characters, and the invisible ones that `normalise` removes.
EDGE = "".join(c for c in map(chr, range(0x3001)) if c.isspace() or c < " ") + "\x7f\u200b\u200e\u200f\u2060\ufeff"
