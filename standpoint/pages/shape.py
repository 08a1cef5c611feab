"""What a reader of one shape of page hands over: spans of the decoded page, kept or dropped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A span that is kept (`text`, `speaker`) or dropped (`reason`). Offsets are those of the decoded page."""

    start: int
    end: int
    text: str = ""
    speaker: str | None = None
    reason: str = ""
