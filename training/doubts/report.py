"""Doubts as lines for a terminal, as a file to judge again, and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from training.doubts.data import Votes
from training.doubts.ranking import Doubt
from training.files import replace_file, to_line
from training.page import write_page

EXCERPT = 160  # characters of a passage in the terminal


def format_doubts(doubts: Sequence[Doubt], votes: Votes) -> Iterator[str]:
    """Yield two lines a doubt, and one with the annotators' labels where they are known."""
    for doubt in doubts:
        target = f" toward {doubt.example.target}" if doubt.example.target else ""
        mark = "" if doubt.flagged else "  (not flagged)"
        yield (
            f"{doubt.rank:4}  {doubt.confidence:.3f}  {doubt.example.id}: {', '.join(doubt.given)}{target}; "
            f"suggested {', '.join(doubt.suggested)}{mark}"
        )
        yield f"      {textwrap.shorten(doubt.example.text, EXCERPT, placeholder=' ...')}"
        if said := votes.get(doubt.example.id):
            yield "      " + "; ".join(f"{name}: {', '.join(labels)}" for name, labels in sorted(said.items()))


def write_doubts(doubts: Sequence[Doubt], votes: Votes, path: Path) -> None:
    """Write a doubt a line, in labelled lines that can be corrected in place; replaces `path` by rename."""
    replace_file(path, "".join(to_line(to_record(doubt, votes)) + "\n" for doubt in doubts).encode())


def to_record(doubt: Doubt, votes: Votes) -> dict[str, Any]:
    """Return a doubt as a labelled line.

    `passage` is its place as `document:start:end` where the id gives one, so that a judgement comes back as standoff.
    It is no `start` and `end` of their own: in labelled lines these are the mention of the target.
    """
    example = doubt.example
    record: dict[str, Any] = {"id": example.id, "text": example.text}
    if example.stance is None:
        record |= {"topics": list(doubt.given), "suggested": list(doubt.suggested)}
    else:
        record |= {"target": example.target, "stance": doubt.given[0], "suggested": doubt.suggested[0]}
        if example.mention:
            record |= {"start": example.mention[0], "end": example.mention[1]}
    record |= {
        "rank": doubt.rank,
        "confidence": round(doubt.confidence, 4),
        "flagged": doubt.flagged,
        "probabilities": {label: round(value, 4) for label, value in doubt.probabilities.items()},
    }
    if passage := find_passage(example.id, example.document):
        record["passage"] = passage
    for name in ("document", "group", "outlet", "kind", "date", "language", "holder", "status"):
        if value := getattr(example, name):
            record[name] = value
    if said := votes.get(example.id):
        record["votes"] = {name: list(labels) for name, labels in sorted(said.items())}
    return record


def find_passage(identifier: str, document: str) -> str | None:
    """Return `document:start:end` of a built dataset's id, `document:start-end` with the target after `#`."""
    place = identifier.partition("#")[0].removeprefix(f"{document}:")
    start, separator, end = place.partition("-")
    if not document or not separator or not (start.isdecimal() and end.isdecimal()):
        return None
    return f"{document}:{start}:{end}"


def write_doubts_page(doubts: Sequence[Doubt], votes: Votes, facts: Sequence[str], path: Path) -> None:
    """Write the page, `facts` at its head; replaces `path` by rename."""
    write_page(path, "Doubted labels", _write_body(doubts, votes, facts))


def _write_body(doubts: Sequence[Doubt], votes: Votes, facts: Sequence[str]) -> Iterator[str]:
    yield "<h1>Doubted labels</h1>"
    yield f"<p>{escape(' '.join(facts))}</p>"
    yield (
        '<p class="soft">Confidence is what models that saw nothing of the same group give to the label that stands. A '
        "doubt is a reason to read again, no verdict: the models are often wrong where people are not.</p>"
    )
    for doubt in doubts:
        yield _card(doubt, votes.get(doubt.example.id, {}))


def _card(doubt: Doubt, said: Mapping[str, tuple[str, ...]]) -> str:
    example = doubt.example
    flag = "" if doubt.flagged else " · not flagged"
    target = f" · toward <strong>{escape(example.target)}</strong>" if example.target else ""
    rows = [("given", _tags(doubt.given, doubt.suggested)), ("suggested", _tags(doubt.suggested, doubt.given))]
    rows += [(name, _tags(labels, labels)) for name, labels in sorted(said.items())]
    likely = sorted(doubt.probabilities.items(), key=lambda item: -item[1])[:4]
    rows.append(("probabilities", escape(", ".join(f"{label} {value:.2f}" for label, value in likely))))
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{cells}</dd>" for name, cells in rows)
    return (
        f'<article class="card"><p><strong>{doubt.rank}</strong> · confidence {doubt.confidence:.3f} · '
        f"<code>{escape(example.id)}</code>{target}{flag}</p>"
        f"<blockquote>{escape(example.text)}</blockquote><dl>{lines}</dl></article>"
    )


def _tags(labels: Sequence[str], others: Sequence[str]) -> str:
    """Return labels as tags; those that `others` lack are marked."""
    return "".join(
        f'<span class="tag{"" if label in others else " differs"}">{escape(label)}</span>' for label in labels
    )
