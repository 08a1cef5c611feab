"""What a tool's file holds, before it is checked: judgements, and what was left undone or undecided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standpoint.errors import BadInput
from training.annotations.records import Passage, Problem

AUTHOR = "author"  # the holder where nobody else is named, by the codebook's rule


@dataclass(frozen=True, slots=True)
class Judgement:
    """One annotator's judgement as a tool's file has it.

    `annotator` is a name for the corpus where `named`, else the tool's own key of a user, or empty. `text` is the
    task's text where the file has it, `codebook` the version that the task was made by, `unchanged` says that somebody
    submitted a model's suggestion as it was.
    """

    where: str
    annotator: str
    named: bool
    passage: Passage
    topics: list[Any] | None
    stances: list[dict[str, Any]] | None
    text: str | None = None
    codebook: str | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a tool's file that is no judgement: an open task, one that was skipped, a draft."""

    where: str
    reason: str


@dataclass
class Findings:
    """Everything found in a file. `without_holder` counts the stances that name no holder, and are the author's."""

    judgements: list[Judgement] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without_holder: int = 0

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep a BadInput as a problem, so that all of them are told at once."""
        try:
            yield
        except BadInput as error:
            self.problems.append(Problem(error.where or "", error.message))

    def skip(self, where: str, reason: str) -> None:
        self.left_out.append(LeftOut(where, reason))

    def extend(self, other: Findings) -> None:
        self.judgements += other.judgements
        self.left_out += other.left_out
        self.problems += other.problems
        self.without_holder += other.without_holder

    def take_holder(self, holder: str | None) -> str:
        """Return a holder, the author where it is missing or blank, and count these."""
        if holder is not None and holder.strip():
            return holder
        self.without_holder += 1
        return AUTHOR

    def lines(self, most: int = 5) -> list[str]:
        """Return for a terminal what is no judgement, with the first `most` places of each kind."""
        lines = []
        for reason, count in Counter(item.reason for item in self.left_out).items():
            places = [item.where for item in self.left_out if item.reason == reason][:most]
            more = f" and {count - most} more" if count > most else ""
            lines.append(f"left out, {reason}: {count} ({', '.join(places)}{more})")
        if self.without_holder:
            lines.append(f"{self.without_holder} stances name no holder and are taken as the author's")
        if unchanged := sum(judgement.unchanged for judgement in self.judgements):
            lines.append(f"{unchanged} judgements are a model's suggestion, submitted unchanged")
        return lines
