"""What was kept, what was dropped and why, for a person to look over."""

from __future__ import annotations

from collections import Counter

from standpoint.encoding import normalise
from standpoint.pages.page import BLANK, Page

_SHOWN = 70  # characters shown of a dropped span


def summarise(page: Page) -> list[str]:
    """Return the lines of a page's report: counts and characters by reason, then the start of each dropped span."""
    kept = sum(passage.end - passage.start for passage in page.passages)
    languages = Counter(passage.language for passage in page.passages)
    spans = [span for span in page.dropped if span.reason != BLANK]
    characters: Counter[str] = Counter()
    for span in spans:
        characters[span.reason] += span.end - span.start
    counts = Counter(span.reason for span in spans)
    lines = [
        f"{page.document}: {len(page.characters)} characters, {page.encoding}",
        f"  kept     {len(page.passages):5d} passages {kept:8d} characters  "
        + ", ".join(f"{language} {count}" for language, count in languages.most_common()),
        f"  dropped  {len(spans):5d} spans    {sum(characters.values()):8d} characters",
    ]
    lines += [f"    {reason:14s} {counts[reason]:5d} {size:8d}" for reason, size in characters.most_common()]
    shown = ((span, _show(page.characters[span.start : span.end])) for span in spans)
    return lines + [f"  {span.start:8d} {span.reason:14s} {text}" for span, text in shown]


def _show(text: str) -> str:
    clean = normalise(text)
    return clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + "…"
