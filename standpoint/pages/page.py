"""What reading a page gives: passages that are kept, spans that are dropped, and nothing in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BLANK = "blank"  # the reason of white space between lines


@dataclass(frozen=True)
class Passage:
    """A span that is judged.

    `start`, `end` count code points of the decoded page; `text` is cleaned and may differ from the slice. `language` is
    ISO 639-1, `und` where unclear; `encoding` is what the page's bytes were decoded with.
    """

    document: str
    start: int
    end: int
    text: str
    language: str
    encoding: str
    speaker: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the line that `standpoint pages` writes; `speaker` only where there is one."""
        line = {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "language": self.language,
            "encoding": self.encoding,
        }
        return line | ({"speaker": self.speaker} if self.speaker else {})


@dataclass(frozen=True)
class Dropped:
    """A span that no passage covers, with the rule's reason; `blank` for white space between lines."""

    document: str
    start: int
    end: int
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return the line that `--report-json` writes."""
        return {"document": self.document, "start": self.start, "end": self.end, "reason": self.reason}


@dataclass(frozen=True)
class Page:
    """A page that was read. Passages and dropped spans, each in order, together cover [0, len(characters))."""

    document: str
    passages: tuple[Passage, ...]
    dropped: tuple[Dropped, ...]
    encoding: str
    characters: str
