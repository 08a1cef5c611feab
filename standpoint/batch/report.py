"""What a batch did: counted while it runs, kept over interruptions, told at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

_EXAMPLES = 3  # rows with an error that are named


class Tally(BaseModel):
    """The counts of the rows written so far."""

    model_config = ConfigDict(extra="forbid")

    rows: int = 0
    errors: int = 0
    unasked: int = 0  # rows that name targets while no stance model was given
    truncated: int = 0
    languages: dict[str, int] = {}
    abstentions: dict[str, int] = {}  # reason -> passages with a label withheld for it
    examples: list[str] = []

    def add(self, answer: Mapping[str, Any], is_foreign: Callable[[str], bool]) -> None:
        """Count one answer; `is_foreign` says of a language whether any of the models was not trained on it."""
        self.rows += 1
        if error := answer.get("error"):
            self.errors += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append(f"{error['where']}: {error['message']}")
            return
        language = answer["language"]
        self.truncated += answer["truncated"]
        _count(self.languages, language)
        reasons = {row["abstain"] for row in answer.get("stances", ()) if row["abstain"]}
        for reason in sorted(reasons | ({"language"} if is_foreign(language) else set())):
            _count(self.abstentions, reason)


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


@dataclass(frozen=True)
class BatchReport:
    """What was read, written and withheld, in rows of the input; `seconds` are those of this call alone.

    `resumed_at` is how many rows an interrupted call had left; `restarted` says why such rows were not used.
    `duplicates` are rows whose id an earlier row has, `first_duplicate` the number of the first of them.
    """

    source: Path
    out: Path
    rows: int
    errors: int
    resumed_at: int
    seconds: float
    languages: dict[str, int]
    abstentions: dict[str, int]
    unasked: int = 0
    truncated: int = 0
    duplicates: int = 0
    first_duplicate: int | None = None
    restarted: str | None = None
    examples: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the report as lines for people."""
        fresh = self.rows - self.resumed_at
        speed = f" ({fresh / self.seconds:,.0f} a second)" if self.seconds > 0 else ""
        lines = [f"{self.source}: {fresh:,} rows predicted in {self.seconds:,.1f} s{speed}"]
        if self.resumed_at:
            lines.append(f"went on after {self.resumed_at:,} rows that an interrupted call had written")
        if self.restarted:
            lines.append(f"started over: {self.restarted}")
        if self.errors:
            lines.append(f"{self.errors:,} rows hold an error in the place of a prediction; the first:")
            lines += [f"  {example}" for example in self.examples]
        if self.duplicates:
            lines.append(f"{self.duplicates:,} rows repeat an earlier id, first row {self.first_duplicate:,}")
        if self.unasked:
            lines.append(f"{self.unasked:,} rows name targets and have no stances; name a model with --stance")
        if self.truncated:
            lines.append(f"{self.truncated:,} passages are longer than the model reads; their end was left out")
        if self.languages:
            lines.append(f"languages: {_list_counts(self.languages)}")
        if self.abstentions:
            lines.append(f"passages with a label withheld: {_list_counts(self.abstentions)}")
        return [*lines, f"wrote {self.rows:,} lines to {self.out}"]


def _list_counts(counts: Mapping[str, int]) -> str:
    ranked = Counter(counts).most_common()
    shown = ", ".join(f"{key} {count:,}" for key, count in ranked[:8])
    return shown + (f" and {len(ranked) - 8} more" if len(ranked) > 8 else "")
